/* A driver for tests/cli/net_*.py: does what its arguments say against a server and prints one JSON line a result. By
 * itself it tests nothing. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/isotime.h"
#include "core/text.h"
#include "defender/defender.h"

struct client {
	struct loop *loop;
	struct http *http;
	struct service *service;
	struct defender *defender;
	const char *api_url;
	unsigned open;
	size_t rows, pages, restarts, waits;
	json_t *schema, *last_row;
	const struct defender_action_kind *pump_kind;
	char **pump_ids; /* the rest to send */
	char **pump_all;
	unsigned pump_open, pump_fates[6];
};

static const char audience[] = "https://api.securitycenter.microsoft.com";

static bool client_idle(void *data)
{
	struct client *client = data;

	return client->open == 0;
}

static json_t *error_json(const struct error *error)
{
	return json_pack("{s:i,s:s,s:s,s:s,s:s}", "kind", (int)error->kind, "text", error->text, "code", error->code,
		"target", error->target, "hint", error->hint);
}

static void print_json(json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	puts(text);
	fflush(stdout);
	free(text);
	json_decref(json);
}

static void service_done(void *data, const struct service_answer *answer)
{
	static const char *const fates[] = { "done", "refused", "throttled", "lost", "unsent", "sign-in" };
	struct client *client = data;
	json_t *out = json_object();

	client->open--;
	json_object_set_new(out, "fate", json_string(fates[answer->fate]));
	json_object_set_new(out, "status", json_integer(answer->status));
	json_object_set_new(out, "retryAfter", json_integer(answer->retry_after_ms));
	json_object_set_new(out, "rows", json_integer((json_int_t)client->rows));
	json_object_set_new(out, "pages", json_integer((json_int_t)client->pages));
	json_object_set_new(out, "restarts", json_integer((json_int_t)client->restarts));
	json_object_set_new(out, "waits", json_integer((json_int_t)client->waits));
	json_object_set(out, "schema", client->schema);
	json_object_set(out, "lastRow", client->last_row);
	if (answer->json != NULL)
		json_object_set_new(out, "json", json_deep_copy(answer->json));
	if (answer->error.kind != ERROR_NONE)
		json_object_set_new(out, "error", error_json(&answer->error));
	print_json(out);
}

static void http_done(void *data, const struct http_answer *answer)
{
	static const char *const fates[] = { "answered", "lost", "unsent" };
	struct client *client = data;
	json_t *out = json_object();

	client->open--;
	json_object_set_new(out, "fate", json_string(fates[answer->fate]));
	json_object_set_new(out, "status", json_integer(answer->status));
	json_object_set_new(out, "length", json_integer((json_int_t)answer->length));
	json_object_set_new(out, "retryAfter", json_integer(answer->retry_after_ms));
	if (answer->error.kind != ERROR_NONE)
		json_object_set_new(out, "error", error_json(&answer->error));
	print_json(out);
}

static void client_waits(void *data, const char *why, int64_t ms)
{
	struct client *client = data;

	(void)why;
	(void)ms;
	client->waits++;
}

static bool row_begin(void *data, struct error *error)
{
	struct client *client = data;

	(void)error;
	json_object_clear(client->last_row);
	return true;
}

static bool row_member(void *data, const char *name, const struct row_value *value, struct error *error)
{
	struct client *client = data;
	json_t *json = json_null();

	(void)error;
	if (value->kind == ROW_BOOL)
		json = json_boolean(value->boolean);
	else if (value->kind == ROW_INTEGER)
		json = json_integer(value->integer);
	else if (value->kind == ROW_REAL)
		json = json_sprintf("real %g", value->real);
	else if (value->kind == ROW_STRING)
		json = json_stringn(value->text, value->length);
	else if (value->kind == ROW_DYNAMIC)
		json = json_sprintf("dynamic %.*s", (int)value->length, value->text);
	json_object_set_new(client->last_row, name, json);
	return true;
}

static bool row_end(void *data, struct error *error)
{
	struct client *client = data;

	(void)error;
	client->rows++;
	return true;
}

static const struct row_handler rows = { .begin = row_begin, .member = row_member, .end = row_end };

static size_t page_rows_before;

static void page_begin(void *data, unsigned page)
{
	struct client *client = data;

	if (page + 1 == client->pages) { /* again */
		client->restarts++;
		client->rows = page_rows_before;
	}
	page_rows_before = client->rows;
	client->pages = page + 1;
}

static void hunt_restart(void *data)
{
	struct client *client = data;

	client->restarts++;
	client->rows = 0;
	json_object_clear(client->schema);
}

static void hunt_schema(void *data, const char *name, const char *kql_type)
{
	struct client *client = data;

	json_object_set_new(client->schema, name, json_string(kql_type));
}

static void sign_in_done(void *data, const struct error *error)
{
	struct client *client = data;
	json_t *out = json_object();
	json_t *claims = service_token_claims(client->service, audience);

	client->open--;
	json_object_set_new(out, "fate", json_string(error == NULL ? "done" : "sign-in"));
	if (error != NULL)
		json_object_set_new(out, "error", error_json(error));
	if (claims != NULL)
		json_object_set_new(out, "claims", claims);
	print_json(out);
}

/* Commands: each takes its words and says how many it took. */

static struct http_call *start_raw(struct client *client, char **words)
{
	AUTO(g_free) char *url = g_str_has_prefix(words[2], "http") ? g_strdup(words[2])
		: g_strconcat(client->api_url, words[2], NULL);
	struct http_request request = {
		.method = words[1],
		.url = url,
		.kind = strcmp(words[0], "raw-once") == 0 ? HTTP_ONCE : HTTP_SAFE,
		.body = *words[3] != '\0' ? words[3] : NULL,
		.body_length = strlen(words[3]),
		.content_type = "application/json",
		.timeout_ms = 5000,
		.on_done = http_done,
		.data = client,
	};

	if (strcmp(words[0], "raw-bearer") == 0)
		request.bearer = "sesame";
	return http_start(client->http, &request);
}

static void start_call(struct client *client, char **words)
{
	AUTO(g_free) char *url = g_strconcat(client->api_url, words[2], NULL);
	struct service_call_spec spec = {
		.method = words[1],
		.url = url,
		.audience = audience,
		.kind = strcmp(words[0], "once") == 0 ? HTTP_ONCE : HTTP_SAFE,
		.body = *words[3] != '\0' ? json_loads(words[3], 0, NULL) : NULL,
		.timeout_ms = 5000,
		.patience_ms = 20000,
		.on_wait = client_waits,
		.on_done = service_done,
		.data = client,
	};

	service_start(client->service, &spec);
}

static void start_read(struct client *client, const char *what, const char *filter)
{
	struct defender_pages pages = {
		.rows = &rows,
		.begin_page = page_begin,
		.wait = client_waits,
		.done = service_done,
		.data = client,
	};

	if (strcmp(what, "machines") == 0)
		defender_machines(client->defender, *filter != '\0' ? filter : NULL, &pages);
	else
		defender_actions(client->defender, *filter != '\0' ? isotime_now() - ISOTIME_TICKS_PER_DAY : 0, &pages);
}

static void start_hunt(struct client *client, const char *via, const char *kql)
{
	struct defender_hunt hunt = {
		.kql = kql,
		.via = strcmp(via, "graph") == 0 ? DEFENDER_GRAPH : strcmp(via, "xdr") == 0 ? DEFENDER_XDR : DEFENDER_MDE,
		.patience_ms = 20000,
		.rows = &rows,
		.restart = hunt_restart,
		.schema = hunt_schema,
		.wait = client_waits,
		.done = service_done,
		.data = client,
	};

	defender_hunt(client->defender, &hunt);
}

static void start_act(struct client *client, char **words)
{
	const struct defender_action_kind *kind = defender_action_kind(words[1]);

	defender_act(client->defender, kind, words[2], "a comment", *words[3] != '\0' ? words[3] : NULL, NULL, service_done,
		client);
}

static void start_tag(struct client *client, char **words)
{
	AUTO(g_strfreev) char **ids = g_strsplit(words[2], ",", 0);

	defender_tag(client->defender, words[1], true, (const char *const *)ids, g_strv_length(ids), NULL, service_done,
		client);
}

/* As many acts as the limit and eight in flight let, topped up in each turn. */

static void pump_top_up(void *data);

static void pump_done(void *data, const struct service_answer *answer)
{
	struct client *client = data;

	client->pump_open--;
	client->pump_fates[answer->fate]++;
}

static void pump_wake(void *data)
{
	(void)data; /* the turn tops up */
}

static void pump_top_up(void *data)
{
	struct client *client = data;
	struct limit *limit = defender_limit_act(client->defender, client->pump_kind);
	int64_t wait = 0;

	while (*client->pump_ids != NULL && client->pump_open < 8) {
		wait = limit_wait(limit, clock_ms(), NULL);
		if (wait > 0) {
			loop_timer_add(client->loop, clock_ms() + wait, pump_wake, NULL);
			break;
		}
		client->pump_open++;
		defender_act(client->defender, client->pump_kind, *client->pump_ids++, "a comment",
			client->pump_kind->values != NULL ? client->pump_kind->values[0] : NULL, NULL, pump_done, client);
	}
	if (*client->pump_ids == NULL && client->pump_open == 0) {
		client->open--;
		loop_topup_remove(client->loop, pump_top_up, client);
		print_json(json_pack("{s:i,s:i,s:i,s:i}", "done", client->pump_fates[SERVICE_DONE], "lost",
			client->pump_fates[SERVICE_LOST], "throttled", client->pump_fates[SERVICE_THROTTLED], "refused",
			client->pump_fates[SERVICE_REFUSED]));
	}
}

/* The ids: one a line in a file. */
static void start_pump(struct client *client, const char *kind, const char *path)
{
	char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		g_error("cannot read '%s'", path);
	g_strchomp(text);
	client->pump_kind = defender_action_kind(kind);
	client->pump_ids = client->pump_all = g_strsplit(text, "\n", 0);
	g_free(text);
	loop_topup_add(client->loop, pump_top_up, client);
}

static void client_wait(struct client *client)
{
	loop_run(client->loop, client_idle, client, false);
	client->rows = client->pages = client->restarts = client->waits = 0;
	json_object_clear(client->schema);
	json_object_clear(client->last_row);
}

/* Every command has four words, unused ones empty; "wait" has one. */
static void client_run(struct client *client, char **words)
{
	struct http_call *raw = NULL;

	while (words[0] != NULL) {
		if (strcmp(words[0], "wait") == 0) {
			client_wait(client);
			words++;
			continue;
		}
		if (strcmp(words[0], "cancel") == 0) {
			http_cancel(client->http, raw);
			words++;
			continue;
		}
		if (strcmp(words[0], "turn") == 0) {
			for (int i = 0; i < 20; i++)
				loop_turn(client->loop, 10);
			words++;
			continue;
		}
		client->open++;
		if (g_str_has_prefix(words[0], "raw"))
			raw = start_raw(client, words);
		else if (strcmp(words[0], "safe") == 0 || strcmp(words[0], "once") == 0)
			start_call(client, words);
		else if (strcmp(words[0], "read") == 0)
			start_read(client, words[1], words[2]);
		else if (strcmp(words[0], "hunt") == 0)
			start_hunt(client, words[1], words[2]);
		else if (strcmp(words[0], "act") == 0)
			start_act(client, words);
		else if (strcmp(words[0], "tag") == 0)
			start_tag(client, words);
		else if (strcmp(words[0], "machine") == 0)
			defender_machine(client->defender, words[1], service_done, client);
		else if (strcmp(words[0], "pump") == 0)
			start_pump(client, words[1], words[2]);
		else if (strcmp(words[0], "sign-in") == 0)
			service_sign_in(client->service, audience, sign_in_done, client);
		words += 4;
	}
	client_wait(client);
}

/* client LOGIN-URL API-URL TENANT APP SCALE WORDS...; the secret: environment SECRET, SECRET_FILE, SECRET_COMMAND. */
int main(int argc, char **argv)
{
	AUTO(loop_free) struct loop *loop = NULL;
	AUTO(http_free) struct http *http = NULL;
	AUTO(service_free) struct service *service = NULL;
	AUTO(defender_free) struct defender *defender = NULL;
	struct error error = ERROR_INIT;
	struct client client = { .schema = NULL };

	if (argc < 7) {
		puts("1..0 # SKIP driven by tests/cli/net_*.py");
		return 0;
	}
	client.schema = json_object();
	client.last_row = json_object();
	client.api_url = argv[2];
	client.loop = loop = loop_new(&error);
	client.http = http = http_new(loop, (const char *[]){ argv[2], NULL }, NULL, NULL, &error);
	if (http == NULL) {
		print_json(error_json(&error));
		json_decref(client.schema);
		json_decref(client.last_row);
		return 1;
	}
	client.service = service = service_new(loop, http, &(struct service_config){
		.tenant = argv[3], .client = argv[4], .login_url = argv[1], .window_scale = g_ascii_strtod(argv[5], NULL),
		.secret = { g_getenv("SECRET"), g_getenv("SECRET_FILE"), g_getenv("SECRET_COMMAND") },
	});
	client.defender = defender = defender_new(service, &(struct defender_config){
		.api_url = argv[2], .graph_url = argv[2], .api_audience = audience,
		.xdr_audience = "https://api.security.microsoft.com", .graph_audience = "https://graph.microsoft.com",
		.window_scale = g_ascii_strtod(argv[5], NULL),
	});
	client_run(&client, argv + 6);
	g_strfreev(client.pump_all);
	json_decref(client.schema);
	json_decref(client.last_row);
	return 0;
}
