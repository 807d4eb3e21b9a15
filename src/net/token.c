#include "config.h"
#include "net/token.h"

#include <string.h>

#include "core/isotime.h"
#include "core/text.h"
#include "net/secret.h"
#include "net/sign_in.h"

#define TOKEN_LIMIT (64 * 1024)      /* bytes */
#define TOKEN_TIMEOUT_MS 30000
#define TOKEN_TRIES 3                /* of one asking, when the service does not answer or is busy */
#define TOKEN_EARLY_MS (5 * 60000)   /* before the end */
#define TOKEN_A_MINUTE 3
#define RENEW_AGAIN_MS 30000         /* after a renewal that failed */
#define RETRY_AFTER_MAX_MS 60000

struct waiter {
	token_done *done;
	void *data;
};

struct token {
	struct tokens *tokens;
	char *audience;
	char *value; /* NULL if there is none */
	int64_t renew_ms, end_ms;
	json_t *claims;
	GArray *waiters;
	bool asking;
	int tries;
	struct http_call *call;
	struct loop_timer *timer;
	int64_t asked_ms[TOKEN_A_MINUTE]; /* oldest first; 0 if none */
};

struct tokens {
	struct loop *loop;
	struct http *http;
	char *tenant, *client, *url;
	double window_scale;
	struct secret *secret;
	struct token *secret_for; /* whose asking waits for the secret */
	GPtrArray *all;           /* struct token */
};

struct tokens *tokens_new(struct loop *loop, struct http *http, const struct service_config *config)
{
	struct tokens *tokens = g_new0(struct tokens, 1);
	AUTO(g_free) char *tenant = g_uri_escape_string(config->tenant, NULL, FALSE);

	tokens->loop = loop;
	tokens->http = http;
	tokens->tenant = g_strdup(config->tenant);
	tokens->client = g_strdup(config->client);
	tokens->url = g_strdup_printf("%s/%s/oauth2/v2.0/token", config->login_url, tenant);
	tokens->window_scale = config->window_scale;
	tokens->secret = secret_new(loop, &config->secret);
	tokens->all = g_ptr_array_new();
	return tokens;
}

static void token_clear(struct token *token)
{
	if (token->value != NULL)
		explicit_bzero(token->value, strlen(token->value));
	g_free(g_steal_pointer(&token->value));
	json_decref(g_steal_pointer(&token->claims));
}

void tokens_free(struct tokens *tokens)
{
	if (tokens == NULL)
		return;
	secret_free(tokens->secret);
	for (guint i = 0; i < tokens->all->len; i++) {
		struct token *token = tokens->all->pdata[i];

		if (token->call != NULL)
			http_abandon(tokens->http, token->call);
		loop_timer_cancel(tokens->loop, token->timer);
		token_clear(token);
		g_array_unref(token->waiters);
		g_free(token->audience);
		g_free(token);
	}
	g_ptr_array_unref(tokens->all);
	g_free(tokens->tenant);
	g_free(tokens->client);
	g_free(tokens->url);
	g_free(tokens);
}

static struct token *token_find(const struct tokens *tokens, const char *audience)
{
	for (guint i = 0; i < tokens->all->len; i++)
		if (strcmp(((struct token *)tokens->all->pdata[i])->audience, audience) == 0)
			return tokens->all->pdata[i];
	return NULL;
}

static struct token *token_make(struct tokens *tokens, const char *audience)
{
	struct token *token = token_find(tokens, audience);

	if (token != NULL)
		return token;
	token = g_new0(struct token, 1);
	token->tokens = tokens;
	token->audience = g_strdup(audience);
	token->waiters = g_array_new(FALSE, FALSE, sizeof(struct waiter));
	g_ptr_array_add(tokens->all, token);
	return token;
}

const char *tokens_ready(struct tokens *tokens, const char *audience)
{
	struct token *token = token_find(tokens, audience);

	return token != NULL && token->value != NULL && clock_ms() < token->renew_ms ? token->value : NULL;
}

const char *tokens_usable(struct tokens *tokens, const char *audience)
{
	struct token *token = token_find(tokens, audience);

	return token != NULL && token->value != NULL && clock_ms() < token->end_ms ? token->value : NULL;
}

json_t *tokens_claims(const struct tokens *tokens, const char *audience)
{
	struct token *token = token_find(tokens, audience);

	return token != NULL && token->claims != NULL ? json_deep_copy(token->claims) : NULL;
}

void tokens_drop(struct tokens *tokens, const char *audience, const char *value)
{
	struct token *token = token_find(tokens, audience);

	if (token != NULL && token->value != NULL && strcmp(token->value, value) == 0)
		token_clear(token);
}

void tokens_unwant(struct tokens *tokens, void *data)
{
	for (guint i = 0; i < tokens->all->len; i++) {
		GArray *waiters = ((struct token *)tokens->all->pdata[i])->waiters;

		for (guint k = waiters->len; k > 0; k--)
			if (g_array_index(waiters, struct waiter, k - 1).data == data)
				g_array_remove_index(waiters, k - 1);
	}
}

/* Ends the asking: error is NULL if it succeeded. A waiter may want again at once, which is a new asking. */
static void token_deliver(struct token *token, const struct error *error)
{
	guint count = token->waiters->len;

	token->asking = false;
	if (error != NULL && tokens_usable(token->tokens, token->audience) != NULL) {
		token->renew_ms = MIN(token->end_ms, clock_ms() + RENEW_AGAIN_MS);
		error = NULL; /* the old one still lasts */
	}
	for (; count > 0 && token->waiters->len > 0; count--) {
		struct waiter waiter = g_array_index(token->waiters, struct waiter, 0);

		g_array_remove_index(token->waiters, 0);
		waiter.done(waiter.data, error);
	}
}

static void token_fail(struct token *token, const struct error *error)
{
	struct error told = *error;

	told.kind = ERROR_SIGN_IN;
	token_deliver(token, &told);
}

static bool token_text_fits(const char *text)
{
	size_t length = text != NULL ? strlen(text) : 0;

	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isgraph(text[i]))
			return false;
	return length > 0 && length <= TOKEN_LIMIT;
}

/* Takes the token of a 200 answer. */
static bool token_take(struct token *token, const json_t *root, int64_t server_time, struct error *error)
{
	const char *value = json_string_value(json_object_get(root, "access_token"));
	int64_t life_s = sign_in_number(json_object_get(root, "expires_in"));
	int64_t server = server_time != 0 ? server_time : isotime_now();
	int64_t now = clock_ms(), life_ms, end_s;

	if (!token_text_fits(value))
		return error_set(error, ERROR_SIGN_IN, "cannot sign in: the sign-in service's answer holds no token");
	if (!sign_in_clock(server_time, isotime_now(), error))
		return false;
	token_clear(token);
	token->claims = sign_in_claims(value);
	end_s = sign_in_number(json_object_get(token->claims, "exp"));
	if (life_s == 0 || (end_s > 0 && end_s <= (server - ISOTIME_UNIX_EPOCH) / ISOTIME_TICKS_PER_SECOND)) {
		token_clear(token);
		error_set(error, ERROR_SIGN_IN, "cannot sign in: the token had expired when it came");
		error_code(error, "WrongClock", NULL);
		error_hint(error, "is the clock of this computer right?");
		return false;
	}
	life_ms = CLAMP(life_s, 1, 86400) * 1000;
	token->value = g_strdup(value);
	token->end_ms = now + life_ms;
	token->renew_ms = now + MAX(life_ms - TOKEN_EARLY_MS, life_ms * 2 / 3);
	return true;
}

static void token_secret_get(void *data);

/* True if it will be tried again. */
static bool token_retry(struct token *token, const struct http_answer *answer)
{
	bool busy = answer->fate != HTTP_ANSWERED || answer->status == 429 || answer->status >= 500;
	int most = answer->fate == HTTP_UNSENT ? TOKEN_TRIES - 1 : TOKEN_TRIES;
	int64_t ms = 500LL << (2 * token->tries);

	if (!busy || ++token->tries >= most || strcmp(answer->error.code, "NoTrust") == 0)
		return false;
	if (token->tokens->window_scale < 1)
		ms = (int64_t)((double)ms * token->tokens->window_scale) + 10;
	if (answer->retry_after_ms > RETRY_AFTER_MAX_MS)
		return false;
	token->timer = loop_timer_add(token->tokens->loop, clock_ms() + MAX(ms, answer->retry_after_ms),
		token_secret_get, token);
	return true;
}

static void token_answered(void *data, const struct http_answer *answer)
{
	struct token *token = data;
	struct tokens *tokens = token->tokens;
	struct error error = ERROR_INIT;
	json_t *root;
	const char *secret;

	token->call = NULL;
	if (token_retry(token, answer))
		return;
	if (answer->fate != HTTP_ANSWERED) {
		error_copy(&error, &answer->error);
		error_prefix(&error, "cannot sign in");
		token_fail(token, &error);
		return;
	}
	root = answer->status == 200 ? json_loadb(answer->body, answer->length, 0, NULL) : NULL;
	if (!json_is_object(root)) {
		sign_in_fault(answer->status, answer->body, answer->length, tokens->tenant, tokens->client, &error);
		if (strcmp(error.code, "AADSTS7000215") == 0 || strcmp(error.code, "AADSTS7000222") == 0)
			secret_forget(tokens->secret);
	} else {
		token_take(token, root, answer->server_time, &error);
	}
	/* jansson's copy of the token. */
	secret = json_string_value(json_object_get(root, "access_token"));
	if (secret != NULL)
		explicit_bzero((char *)(uintptr_t)secret, strlen(secret));
	json_decref(root);
	if (error.kind != ERROR_NONE)
		token_fail(token, &error);
	else
		token_deliver(token, NULL);
}

static void form_append(GString *form, const char *name, const char *value)
{
	char *escaped = g_uri_escape_string(value, NULL, FALSE);

	g_string_append_printf(form, "%s%s=%s", form->len > 0 ? "&" : "", name, escaped);
	explicit_bzero(escaped, strlen(escaped));
	g_free(escaped);
}

static void token_ask(struct token *token, const char *secret)
{
	struct tokens *tokens = token->tokens;
	/* Sized for the largest secret, so that it never moves and leaves a copy behind. */
	GString *form = g_string_sized_new(16 * 1024);
	AUTO(g_free) char *scope = g_strdup_printf("%s/.default", token->audience);
	struct http_request request = {
		.method = "POST",
		.url = tokens->url,
		.content_type = "application/x-www-form-urlencoded",
		.secret = true,
		.timeout_ms = TOKEN_TIMEOUT_MS,
		.limit = 4 * TOKEN_LIMIT,
		.on_done = token_answered,
		.data = token,
	};

	form_append(form, "grant_type", "client_credentials");
	form_append(form, "client_id", tokens->client);
	form_append(form, "scope", scope);
	form_append(form, "client_secret", secret);
	request.body = form->str;
	request.body_length = form->len;
	token->call = http_start(tokens->http, &request);
	explicit_bzero(form->str, form->allocated_len);
	g_string_free(form, TRUE);
}

static void token_secret_got(void *data, const char *value, const struct error *error)
{
	struct token *token = data;

	token->tokens->secret_for = NULL;
	if (value != NULL)
		token_ask(token, value);
	else
		token_fail(token, error);
}

static void token_secret_get(void *data)
{
	struct token *token = data;
	struct tokens *tokens = token->tokens;

	token->timer = NULL;
	if (tokens->secret_for != NULL) { /* the command runs for another audience */
		token->timer = loop_timer_add(tokens->loop, clock_ms() + 20, token_secret_get, token);
		return;
	}
	tokens->secret_for = token;
	secret_get(tokens->secret, token_secret_got, token);
}

static void token_start(void *data)
{
	struct token *token = data;
	int64_t now = clock_ms();

	token->timer = NULL;
	if (tokens_ready(token->tokens, token->audience) != NULL) {
		token_deliver(token, NULL);
		return;
	}
	token->tries = 0;
	memmove(token->asked_ms, token->asked_ms + 1, sizeof token->asked_ms - sizeof token->asked_ms[0]);
	token->asked_ms[TOKEN_A_MINUTE - 1] = now;
	token_secret_get(token);
}

void tokens_want(struct tokens *tokens, const char *audience, token_done *done, void *data)
{
	struct token *token = token_make(tokens, audience);
	struct waiter waiter = { done, data };
	int64_t at = clock_ms();

	g_array_append_val(token->waiters, waiter);
	if (token->asking)
		return;
	token->asking = true;
	if (token->asked_ms[0] != 0 && tokens_ready(tokens, audience) == NULL)
		at = MAX(at, token->asked_ms[0] + (int64_t)(60000 * tokens->window_scale));
	token->timer = loop_timer_add(tokens->loop, at, token_start, token);
}
