/* What the token endpoint says (API contract, sections 1.1, 1.7, 1.8). Pure. */
#ifndef NET_SIGN_IN_H
#define NET_SIGN_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/error.h"

/* An error body as a plain sentence, kind ERROR_SIGN_IN, code "AADSTS7000215", target the correlation id. tenant and
 * client are named in the text. */
void sign_in_fault(int status, const char *body, size_t length, const char *tenant, const char *client,
	struct error *error);

/* What a JWT says of itself: only aud, appid, app_displayname, tid, exp, roles, scp. A new reference; an empty object if
 * it is no JWT. */
json_t *sign_in_claims(const char *token);

/* False, with the sentence, if the clocks are more than five minutes apart. Times in ticks; server 0: unknown. */
bool sign_in_clock(int64_t server, int64_t here, struct error *error);

/* A number, or a text of digits (the v1 endpoint); -1 if it is neither. */
int64_t sign_in_number(const json_t *value);

#endif
