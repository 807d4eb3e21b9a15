/* Access tokens of Microsoft Entra ID by client credentials (API contract, section 1.1): one for each audience, renewed in
 * time, asked for once however many calls wait, at most three times a minute. */
#ifndef NET_TOKEN_H
#define NET_TOKEN_H

#include "net/service.h"

struct tokens;

typedef void token_done(void *data, const struct error *error);

struct tokens *tokens_new(struct loop *loop, struct http *http, const struct service_config *config);
/* Who waits is not told. */
void tokens_free(struct tokens *tokens);
AUTO_DEFINE(tokens_free, struct tokens *)

/* The token if it is there and need not be renewed yet, else NULL. Borrowed until the next turn. */
const char *tokens_ready(struct tokens *tokens, const char *audience);
/* The same, yet one due for renewal will do while it lasts. */
const char *tokens_usable(struct tokens *tokens, const char *audience);
/* Calls done from the loop: NULL once a token is usable, or why there is none. */
void tokens_want(struct tokens *tokens, const char *audience, token_done *done, void *data);
/* Nobody waits with this data any more. */
void tokens_unwant(struct tokens *tokens, void *data);
/* The service refused this token: forgotten, unless a newer one is there already. */
void tokens_drop(struct tokens *tokens, const char *audience, const char *token);
/* See service_token_claims. */
json_t *tokens_claims(const struct tokens *tokens, const char *audience);

#endif
