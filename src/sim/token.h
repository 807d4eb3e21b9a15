/* Sign-in (API contract, section 1) and the tokens that were given out. Tokens are shaped as JWTs so that a client can
 * show what is in them; nothing but this program ever believes them. */
#ifndef SIM_TOKEN_H
#define SIM_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>
#include <jansson.h>

struct request;
struct sim;

struct token {
	char *id; /* "t1", "t2", ...: what the log shows instead of the token */
	char *text;
	unsigned tenant;  /* number */
	const char *audience;
	int service;      /* enum service */
	json_t *roles;    /* array of texts */
	int64_t expires;  /* ticks */
	bool revoked, expired;
};

struct tokens;

struct tokens *tokens_new(void);
void tokens_free(struct tokens *tokens);

/* POST /{tenant}/oauth2/token and /{tenant}/oauth2/v2.0/token. */
void token_request(struct request *request);
bool token_is_path(const GPtrArray *segments);

/* The token of an Authorization header, NULL if there is none or it is unknown. */
const struct token *token_find(const struct sim *sim, const char *authorization);
bool token_is_good(const struct sim *sim, const struct token *token);
bool token_has_role(const struct token *token, const char *role);
void token_revoke(const struct sim *sim, const struct token *token, bool expired);
/* All tokens given out so far; returns how many. */
unsigned token_revoke_all(const struct sim *sim);

/* Splits a form body or query: name -> text. The caller drops the reference. */
json_t *form_parse(const char *text, size_t length);

#endif
