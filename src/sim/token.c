#include "config.h"
#include "sim/token.h"

#include <stdlib.h>
#include <string.h>

#include "core/auto.h"
#include "core/file.h"
#include "core/isotime.h"
#include "sim/assertion.h"
#include "sim/request.h"
#include "sim/rng.h"
#include "sim/route.h"

struct tokens {
	GHashTable *by_text; /* text -> struct token * */
	unsigned given;
};

static void token_free(struct token *token)
{
	g_free(token->id);
	g_free(token->text);
	json_decref(token->roles);
	g_free(token);
}

struct tokens *tokens_new(void)
{
	struct tokens *tokens = g_new0(struct tokens, 1);

	tokens->by_text = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)token_free);
	return tokens;
}

void tokens_free(struct tokens *tokens)
{
	if (tokens == NULL)
		return;
	g_hash_table_unref(tokens->by_text);
	g_free(tokens);
}

/* ---- forms */

static char *decode(const char *text, size_t length)
{
	AUTO(g_free) char *copy = g_strndup(text, length);
	char *plain;

	for (char *c = copy; *c != '\0'; c++)
		if (*c == '+')
			*c = ' ';
	plain = g_uri_unescape_string(copy, NULL);
	if (plain == NULL)
		plain = g_strdup(copy);
	if (!g_utf8_validate(plain, -1, NULL)) {
		char *valid = g_utf8_make_valid(plain, -1);

		g_free(plain);
		plain = valid;
	}
	return plain;
}

json_t *form_parse(const char *text, size_t length)
{
	json_t *form = json_object();
	const char *end = text + length;

	while (text < end) {
		const char *stop = memchr(text, '&', (size_t)(end - text));
		size_t part = (size_t)((stop != NULL ? stop : end) - text);
		const char *equals = memchr(text, '=', part);
		size_t name_length = equals != NULL ? (size_t)(equals - text) : part;
		AUTO(g_free) char *name = decode(text, name_length);
		AUTO(g_free) char *value = equals != NULL ? decode(equals + 1, part - name_length - 1) : g_strdup("");

		if (part > 0)
			json_object_set_new(form, name, json_string(value));
		text += part + 1;
	}
	return form;
}

static const char *field(const json_t *form, const char *name)
{
	return json_string_value(json_object_get(form, name));
}

/* ---- errors of the token endpoint (API contract, section 1.7) */

static void login_error(struct request *request, unsigned status, const char *error, unsigned code,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

static void login_error(struct request *request, unsigned status, const char *error, unsigned code,
	const char *format, ...)
{
	char trace[37], correlation[37], now[ISOTIME_SIZE];
	struct rng rng;
	va_list args;

	va_start(args, format);
	AUTO(g_free) char *text = g_strdup_vprintf(format, args);
	va_end(args);
	rng_init(&rng, request->sim->options.seed, "login", request->number);
	rng_guid(&rng, trace);
	rng_guid(&rng, correlation);
	isotime_format_ms(sim_told_now(request->sim), now);
	now[10] = ' ';
	now[19] = 'Z';
	now[20] = '\0';
	AUTO(g_free) char *description = g_strdup_printf("AADSTS%u: %s Trace ID: %s Correlation ID: %s Timestamp: %s", code,
		text, trace, correlation, now);
	AUTO(g_free) char *valid = g_utf8_make_valid(description, -1);
	AUTO(g_free) char *uri = g_strdup_printf("https://login.microsoftonline.com/error?code=%u", code);

	answer_json(request, status, json_pack("{s:s, s:s, s:[i], s:s, s:s, s:s, s:s}", "error", error,
		"error_description", valid, "error_codes", (int)code, "timestamp", now, "trace_id", trace,
		"correlation_id", correlation, "error_uri", uri));
	request->answer.type = "application/json; charset=utf-8";
}

/* ---- audiences and roles */

static const struct audience {
	const char *resource;
	enum service service;
} audiences[] = {
	{ "https://api.securitycenter.microsoft.com", SERVICE_MDE },
	{ "https://securitycenter.onmicrosoft.com/windowsatpservice", SERVICE_MDE },
	{ "https://api-gcc.securitycenter.microsoft.us", SERVICE_MDE },
	{ "https://api-gov.securitycenter.microsoft.us", SERVICE_MDE },
	{ "https://api.security.microsoft.com", SERVICE_XDR },
	{ "https://graph.microsoft.com", SERVICE_GRAPH },
};

static const struct audience *audience_find(const char *resource)
{
	size_t length = strlen(resource);

	if (length > 0 && resource[length - 1] == '/')
		length--;
	for (size_t i = 0; i < G_N_ELEMENTS(audiences); i++)
		if (strlen(audiences[i].resource) == length && g_ascii_strncasecmp(audiences[i].resource, resource, length) == 0)
			return &audiences[i];
	return NULL;
}

static json_t *held_roles(const struct sim *sim, enum service service)
{
	json_t *roles = json_array();
	const char *const *all = route_roles(service);
	AUTO(g_strfreev) char **given = sim->options.roles != NULL ? g_strsplit(sim->options.roles, ",", -1) : NULL;

	for (; *all != NULL; all++)
		if (given == NULL || g_strv_contains((const char *const *)given, *all))
			json_array_append_new(roles, json_string(*all));
	return roles;
}

/* ---- the token */

static char *base64url(const void *bytes, size_t length)
{
	char *text = g_base64_encode(bytes, length);

	for (char *c = text; *c != '\0'; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c == '=' ? '\0' : *c;
	return text;
}

static char *make_jwt(const struct token *token, const struct sim_identity *who, int64_t now, int64_t expires)
{
	static const char head[] = "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"cordon-sim\"}";
	AUTO(g_free) char *issuer = g_strdup_printf("https://sts.windows.net/%s/", who->tenant_id);
	json_t *tree = json_pack("{s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:O}", "aud", token->audience, "iss", issuer,
		"iat", (json_int_t)now, "nbf", (json_int_t)now, "exp", (json_int_t)expires, "appid", who->app_id,
		"app_displayname", who->app_name, "tid", who->tenant_id, "uti", token->id, "roles", token->roles);
	char *body = json_dumps(tree, JSON_COMPACT), sum[SHA256_HEX_SIZE];
	AUTO(g_free) char *first = base64url(head, strlen(head));
	AUTO(g_free) char *second = base64url(body, strlen(body));
	AUTO(g_free) char *signed_part = g_strdup_printf("%s.%s", first, second);

	sha256_hex(signed_part, strlen(signed_part), sum);
	AUTO(g_free) char *third = base64url(sum, 48);

	free(body);
	json_decref(tree);
	return g_strdup_printf("%s.%s", signed_part, third);
}

static int64_t unix_seconds(int64_t ticks)
{
	return (ticks - ISOTIME_UNIX_EPOCH) / ISOTIME_TICKS_PER_SECOND;
}

static const struct token *give(struct request *request, unsigned tenant, const struct audience *audience)
{
	struct sim *sim = request->sim;
	struct token *token = g_new0(struct token, 1);
	int64_t told = unix_seconds(sim_told_now(sim));

	token->id = g_strdup_printf("t%u", ++sim->tokens->given);
	token->tenant = tenant;
	token->audience = audience->resource;
	token->service = audience->service;
	token->roles = held_roles(sim, audience->service);
	token->expires = sim_now(sim) + sim->options.token_life * ISOTIME_TICKS_PER_SECOND;
	token->text = make_jwt(token, &sim_identities[tenant], told, told + sim->options.token_life);
	g_hash_table_insert(sim->tokens->by_text, token->text, token);
	return token;
}

static void answer_token(struct request *request, const struct token *token, bool v2)
{
	unsigned life = request->sim->options.token_life;
	int64_t now = unix_seconds(sim_told_now(request->sim));

	if (v2) {
		answer_json(request, 200, json_pack("{s:s, s:i, s:i, s:s}", "token_type", "Bearer", "expires_in", (int)life,
			"ext_expires_in", (int)life, "access_token", token->text));
	} else {
		AUTO(g_free) char *in = g_strdup_printf("%u", life);
		AUTO(g_free) char *on = g_strdup_printf("%lld", (long long)now + life);
		AUTO(g_free) char *from = g_strdup_printf("%lld", (long long)now - 300);

		answer_json(request, 200, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "token_type", "Bearer",
			"expires_in", in, "ext_expires_in", in, "expires_on", on, "not_before", from, "resource",
			token->audience, "access_token", token->text));
	}
	request->answer.type = "application/json; charset=utf-8";
	request->performed = true;
	json_object_set_new(request->headers, "token-given", json_string(token->id));
}

/* ---- the request */

bool token_is_path(const GPtrArray *segments)
{
	const char *second = segments->len >= 3 ? g_ptr_array_index(segments, 1) : "";
	bool v1 = segments->len == 3, v2 = segments->len == 4 && strcmp(g_ptr_array_index(segments, 2), "v2.0") == 0;

	return strcmp(second, "oauth2") == 0 && (v1 || v2) &&
		strcmp(g_ptr_array_index(segments, segments->len - 1), "token") == 0;
}

/* The body for the log: what is secret is masked, what is not helps. */
static json_t *mask(const json_t *form)
{
	static const char *const secrets[] = { "client_secret", "client_assertion", "refresh_token", "device_code",
		"password", "assertion" };
	json_t *copy = json_copy((json_t *)form);

	for (size_t i = 0; i < G_N_ELEMENTS(secrets); i++)
		if (json_object_get(copy, secrets[i]) != NULL)
			json_object_set_new(copy, secrets[i], json_string("***"));
	return copy;
}

/* HTTP Basic stands for client_id and client_secret. */
static void read_basic(const struct request *request, json_t *form)
{
	AUTO(g_free) char *plain = NULL;
	gsize length;
	char *colon;

	if (request->authorization == NULL || g_ascii_strncasecmp(request->authorization, "Basic ", 6) != 0)
		return;
	plain = (char *)g_base64_decode(request->authorization + 6, &length);
	plain = g_realloc(plain, length + 1);
	plain[length] = '\0';
	colon = strchr(plain, ':');
	if (colon == NULL)
		return;
	AUTO(g_free) char *id = decode(plain, (size_t)(colon - plain));
	AUTO(g_free) char *secret = decode(colon + 1, strlen(colon + 1));

	json_object_set_new(form, "client_id", json_string(id));
	json_object_set_new(form, "client_secret", json_string(secret));
}

static bool find_tenant(struct request *request, unsigned *number)
{
	const char *named = g_ptr_array_index(request->segments, 0);

	for (*number = 0; *number < SIM_TENANTS; (*number)++)
		if (g_ascii_strcasecmp(named, sim_identities[*number].tenant_id) == 0 ||
				g_ascii_strcasecmp(named, sim_identities[*number].domain) == 0)
			return true;
	if (strcmp(named, "common") == 0 || strcmp(named, "consumers") == 0)
		login_error(request, 400, "invalid_request", 9001023, "The grant type is not supported over the /common or "
			"/consumers endpoints. Please use the /organizations or tenant-specific endpoint.");
	else
		login_error(request, 400, "invalid_request", 90002, "Tenant '%s' not found. Check to make sure you have the "
			"correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this "
			"may happen if there are no active subscriptions for the tenant.", named);
	return false;
}

static bool check_client(struct request *request, const json_t *form, unsigned tenant)
{
	const struct sim_identity *who = &sim_identities[tenant];
	const char *client = field(form, "client_id"), *secret = field(form, "client_secret");

	if (g_ascii_strcasecmp(client, who->app_id) != 0) {
		login_error(request, 400, "unauthorized_client", 700016, "Application with identifier '%s' was not found in the "
			"directory '%s'. This can happen if the application has not been installed by the administrator of the "
			"tenant or consented to by any user in the tenant. You may have sent your authentication request to the "
			"wrong tenant.", client, who->name);
		return false;
	}
	if (field(form, "client_assertion") != NULL) {
		const char *why = assertion_fault(request->sim, form, who);

		if (why != NULL)
			login_error(request, 401, "invalid_client", 700027, "The certificate with identifier used to sign the "
				"client assertion is not registered on application. %s", why);
		return why == NULL;
	}
	if (secret == NULL)
		login_error(request, 401, "invalid_client", 7000218, "The request body must contain the following parameter: "
			"'client_assertion' or 'client_secret'.");
	else if (strcmp(secret, SIM_EXPIRED_SECRET) == 0)
		login_error(request, 401, "invalid_client", 7000222, "The provided client secret keys for app '%s' are expired.",
			who->app_id);
	else if (strcmp(secret, who->secret) != 0)
		login_error(request, 401, "invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being "
			"sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.",
			who->app_id);
	else
		return true;
	return false;
}

static const struct audience *audience_of_scope(struct request *request, const char *scope)
{
	AUTO(g_free) char *resource = g_strdup(scope);
	const struct audience *audience;

	if (strchr(scope, ' ') != NULL) {
		login_error(request, 400, "invalid_scope", 70011, "The provided value for the input parameter 'scope' is not "
			"valid. The scope %s is not valid.", scope);
		return NULL;
	}
	if (!g_str_has_suffix(resource, "/.default")) {
		login_error(request, 400, "invalid_scope", 70011, "The provided request must include a 'scope' input parameter. "
			"The provided value for the input parameter 'scope' is not valid. The scope %s is not valid.", scope);
		return NULL;
	}
	resource[strlen(resource) - strlen("/.default")] = '\0';
	audience = audience_find(resource);
	if (audience == NULL)
		login_error(request, 400, "invalid_resource", 500011, "The resource principal named %s was not found in the "
			"tenant. This can happen if the application has not been installed by the administrator of the tenant or consented "
			"to by any user in the tenant.", resource);
	return audience;
}

static const struct audience *find_audience(struct request *request, const json_t *form, bool v2)
{
	const char *name = v2 ? "scope" : "resource", *value = field(form, name);
	const struct audience *audience;

	if (v2 && field(form, "resource") != NULL) {
		login_error(request, 400, "invalid_request", 901002, "The 'resource' request parameter is not supported.");
		return NULL;
	}
	if (value == NULL) {
		login_error(request, 400, "invalid_request", 900144, "The request body must contain the following parameter: "
			"'%s'.", name);
		return NULL;
	}
	if (v2)
		return audience_of_scope(request, value);
	audience = audience_find(value);
	if (audience == NULL)
		login_error(request, 400, "invalid_resource", 500011, "The resource principal named %s was not found in the "
			"tenant.", value);
	return audience;
}

static bool check_form(struct request *request, const json_t *form)
{
	static const char *const needed[] = { "grant_type", "client_id" };

	for (size_t i = 0; i < G_N_ELEMENTS(needed); i++) {
		if (field(form, needed[i]) != NULL)
			continue;
		login_error(request, 400, "invalid_request", 900144, "The request body must contain the following parameter: "
			"'%s'.", needed[i]);
		return false;
	}
	if (strcmp(field(form, "grant_type"), "client_credentials") != 0) {
		login_error(request, 400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type '%s'.",
			field(form, "grant_type"));
		return false;
	}
	return true;
}

void token_request(struct request *request)
{
	bool v2 = request->segments->len == 4;
	json_t *form = form_parse(request->body->str, request->body->len);
	const struct audience *audience = NULL;
	unsigned tenant;

	read_basic(request, form);
	request->logged_body = mask(form);
	if (find_tenant(request, &tenant) && check_form(request, form) && check_client(request, form, tenant))
		audience = find_audience(request, form, v2);
	if (audience != NULL)
		answer_token(request, give(request, tenant, audience), v2);
	json_decref(form);
}

/* ---- tokens in use */

const struct token *token_find(const struct sim *sim, const char *authorization)
{
	if (authorization == NULL || g_ascii_strncasecmp(authorization, "Bearer ", 7) != 0)
		return NULL;
	return g_hash_table_lookup(sim->tokens->by_text, authorization + 7);
}

bool token_is_good(const struct sim *sim, const struct token *token)
{
	return token != NULL && !token->revoked && !token->expired && sim_now(sim) < token->expires;
}

bool token_has_role(const struct token *token, const char *role)
{
	size_t i;
	json_t *held;

	json_array_foreach(token->roles, i, held)
		if (strcmp(json_string_value(held), role) == 0)
			return true;
	return false;
}

void token_revoke(const struct sim *sim, const struct token *token, bool expired)
{
	struct token *own = g_hash_table_lookup(sim->tokens->by_text, token->text);

	*(expired ? &own->expired : &own->revoked) = true;
}

unsigned token_revoke_all(const struct sim *sim)
{
	GHashTableIter iter;
	void *token;
	unsigned count = 0;

	g_hash_table_iter_init(&iter, sim->tokens->by_text);
	while (g_hash_table_iter_next(&iter, NULL, &token)) {
		count += !((struct token *)token)->revoked;
		((struct token *)token)->revoked = true;
	}
	return count;
}
