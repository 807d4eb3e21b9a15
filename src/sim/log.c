#include "config.h"
#include "sim/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "sim/faults.h"
#include "sim/jsonout.h"

struct log {
	int fd;
};

struct log *log_new(const char *path, struct error *error)
{
	struct log *log = g_new0(struct log, 1);

	log->fd = -1;
	if (path == NULL)
		return log;
	log->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (log->fd < 0) {
		error_set_errno(error, ERROR_FAILED, errno, "cannot open log '%s'", path);
		g_free(log);
		return NULL;
	}
	return log;
}

void log_free(struct log *log)
{
	if (log == NULL)
		return;
	if (log->fd >= 0)
		close(log->fd);
	g_free(log);
}

/* One write a line, so that a reader never sees half of one. */
static void write_line(const struct log *log, json_t *tree)
{
	AUTO(g_string) GString *line = g_string_new(NULL);
	size_t done = 0;

	jsonout_tree(line, tree);
	g_string_append_c(line, '\n');
	while (done < line->len) {
		ssize_t wrote = write(log->fd, line->str + done, line->len - done);

		if (wrote < 0 && errno != EINTR)
			break;
		done += wrote > 0 ? (size_t)wrote : 0;
	}
	json_decref(tree);
}

static json_t *text_or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

static json_t *body_of(const struct request *request)
{
	AUTO(g_free) char *text = NULL;

	if (request->logged_body != NULL)
		return json_incref(request->logged_body);
	if (request->json != NULL)
		return json_incref(request->json);
	if (request->body->len == 0)
		return json_null();
	text = g_utf8_make_valid(request->body->str, (gssize)MIN(request->body->len, 4096));
	return json_string(text);
}

static json_t *token_of(const struct request *request)
{
	const struct token *token = request->token;

	if (token == NULL)
		return json_null();
	return json_pack("{s:s, s:s, s:s}", "id", token->id, "audience", token->audience, "tenant",
		sim_identities[token->tenant].tenant_id);
}

void log_request(struct request *request)
{
	const struct log *log = request->sim->log;
	const struct answer *answer = &request->answer;
	char time[ISOTIME_SIZE];
	json_t *tree;

	if (log->fd < 0)
		return;
	isotime_format_ms(request->received, time);
	tree = json_pack("{s:i, s:s, s:I, s:I, s:s, s:s, s:s, s:O, s:O, s:o, s:o}", "seq", (int)request->number, "time",
		time, "t_ms", (json_int_t)request->received_ms, "answered_ms", (json_int_t)sim_ms(request->sim), "method",
		request->method, "path", request->path, "uri", request->uri, "query", request->query, "headers",
		request->headers, "token", token_of(request), "body", body_of(request));
	json_object_set_new(tree, "client_request_id",
		text_or_null(json_string_value(json_object_get(request->headers, "client-request-id"))));
	json_object_set_new(tree, "connection", json_integer(request->connection));
	json_object_set_new(tree, "on_connection", json_integer(request->on_connection));
	json_object_set_new(tree, "status", json_integer(request->fault.drop ? 0 : answer->status));
	json_object_set_new(tree, "length", json_integer(answer->body != NULL ? (json_int_t)answer->body->len : 0));
	json_object_set_new(tree, "fault", text_or_null(faults_name(request->fault.fault)));
	json_object_set_new(tree, "performed", json_boolean(request->performed));
	json_object_set_new(tree, "limit_key", text_or_null(request->limit_key));
	write_line(log, tree);
}

void log_event_machine(const struct sim *sim, const char *event, const struct machine *machine)
{
	if (sim->log == NULL || sim->log->fd < 0)
		return;
	write_line(sim->log, json_pack("{s:s, s:I, s:s, s:o}", "event", event, "t_ms", (json_int_t)sim_ms(sim), "id",
		machine->id, "name", text_or_null(machine->name)));
}
