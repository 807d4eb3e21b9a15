#include "config.h"
#include "sim/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <microhttpd.h>

#include "core/isotime.h"
#include "sim/log.h"
#include "sim/request.h"

#define SERVER_MEMORY (64 * 1024) /* bytes a connection, headers included */
#define SERVER_CHUNK 65536

struct peer {
	unsigned number;
	unsigned requests;
};

struct server {
	struct sim *sim;
	struct MHD_Daemon *daemon;
	int signals;
	unsigned connections;
	GPtrArray *delayed; /* of struct delay * */
};

struct delay {
	struct MHD_Connection *connection;
	int64_t due; /* ms since the start */
};

/* ---- answering */

struct cut_body {
	GString *bytes;
	size_t end; /* where the connection breaks, or the whole length */
};

static ssize_t read_cut(void *data, uint64_t position, char *into, size_t room)
{
	const struct cut_body *body = data;
	size_t left = body->end - (size_t)position;

	if (left == 0)
		return body->end < body->bytes->len ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
	memcpy(into, body->bytes->str + position, MIN(left, room));
	return (ssize_t)MIN(left, room);
}

static void free_cut(void *data)
{
	struct cut_body *body = data;

	g_string_free(body->bytes, TRUE);
	g_free(body);
}

static struct MHD_Response *make_response(struct request *request)
{
	struct answer *answer = &request->answer;
	GString *bytes = answer->body != NULL ? g_steal_pointer(&answer->body) : g_string_new(NULL);
	bool chunked = request->sim->options.chunked && bytes->len > 0;
	struct cut_body *body;

	if (!request->fault.truncate && !chunked) {
		gsize length = bytes->len;
		char *text = g_string_free(bytes, FALSE);

		return MHD_create_response_from_buffer_with_free_callback(length, text, g_free);
	}
	body = g_new0(struct cut_body, 1);
	body->bytes = bytes;
	body->end = request->fault.truncate ? bytes->len / 2 : bytes->len;
	return MHD_create_response_from_callback(chunked ? MHD_SIZE_UNKNOWN : bytes->len, SERVER_CHUNK, read_cut, body,
		free_cut);
}

/* "Wed, 25 Nov 2026 07:19:03 GMT" */
static void http_date(int64_t ticks, char text[40])
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
		"Dec" };
	struct isotime_parts parts;

	isotime_split(ticks, &parts);
	/* day 0, 0001-01-01, was a Monday */
	g_snprintf(text, 40, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[ticks / ISOTIME_TICKS_PER_DAY % 7], parts.day,
		months[parts.month - 1], parts.year, parts.hour, parts.minute, parts.second);
}

static void add_headers(struct request *request, struct MHD_Response *response)
{
	const struct answer *answer = &request->answer;
	char text[40], guid[37];

	http_date(sim_told_now(request->sim), text);
	MHD_add_response_header(response, "Date", text);
	request_guid(request, guid);
	MHD_add_response_header(response, "request-id", guid);
	if (answer->type != NULL)
		MHD_add_response_header(response, "Content-Type", answer->type);
	if (answer->retry_after != 0) {
		g_snprintf(text, sizeof text, "%u", answer->retry_after);
		MHD_add_response_header(response, "Retry-After", text);
	}
	if (answer->location != NULL)
		MHD_add_response_header(response, "Location", answer->location);
	if (answer->authenticate)
		MHD_add_response_header(response, "WWW-Authenticate", "Bearer error=\"invalid_token\"");
}

static enum MHD_Result respond(struct request *request, struct MHD_Connection *connection)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	request->answered = true;
	/* the line is there before the client has its answer; control calls have no number and no line */
	if (request->number != 0)
		log_request(request);
	if (request->fault.drop)
		return MHD_NO; /* closes the connection, nothing sent */
	response = make_response(request);
	add_headers(request, response);
	result = MHD_queue_response(connection, request->answer.status, response);
	MHD_destroy_response(response);
	return result;
}

/* ---- reading */

static enum MHD_Result read_header(void *data, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct request *request = data;
	char *lower = g_ascii_strdown(name, -1), *text = g_utf8_make_valid(value != NULL ? value : "", -1);

	(void)kind;
	if (strcmp(lower, "authorization") == 0) {
		g_free(request->authorization);
		request->authorization = g_strdup(value);
	} else {
		if (strcmp(lower, "host") == 0) {
			g_free(request->host);
			request->host = g_strdup(text);
		}
		json_object_set_new(request->headers, lower, json_string(text));
	}
	g_free(lower);
	g_free(text);
	return MHD_YES;
}

static void begin(struct request *request, struct MHD_Connection *connection, const char *method)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct peer *peer = info->socket_context;

	request->method = g_strdup(method);
	request->connection = peer->number;
	request->on_connection = ++peer->requests;
	MHD_get_connection_values(connection, MHD_HEADER_KIND, read_header, request);
	if (request->host == NULL)
		request->host = g_strdup("127.0.0.1");
}

static void add_delay(struct server *server, struct MHD_Connection *connection, unsigned ms)
{
	struct delay *delay = g_new(struct delay, 1);

	delay->connection = connection;
	delay->due = sim_ms(server->sim) + ms;
	g_ptr_array_add(server->delayed, delay);
	MHD_suspend_connection(connection);
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *url, const char *method,
	const char *version, const char *upload, size_t *upload_size, void **context)
{
	struct server *server = data;
	struct request *request = *context;

	(void)url;
	(void)version;
	if (request->method == NULL) {
		begin(request, connection, method);
		return MHD_YES;
	}
	if (*upload_size > 0) {
		if (request->body->len + *upload_size > REQUEST_BODY_LIMIT)
			request->too_large = true;
		else
			g_string_append_len(request->body, upload, (gssize)*upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	if (!request->handled) {
		request->received_ms = sim_ms(server->sim);
		request->received = sim_now(server->sim);
		request_handle(request);
		if (request->answer.delay_ms > 0) {
			add_delay(server, connection, request->answer.delay_ms);
			return MHD_YES;
		}
	}
	return request->answered ? MHD_YES : respond(request, connection);
}

static void *on_uri(void *data, const char *uri, struct MHD_Connection *connection)
{
	const struct server *server = data;

	(void)connection;
	return request_new(server->sim, uri);
}

static void on_completed(void *data, struct MHD_Connection *connection, void **context,
	enum MHD_RequestTerminationCode code)
{
	(void)data;
	(void)connection;
	(void)code;
	request_free(*context);
	*context = NULL;
}

static void on_connection(void *data, struct MHD_Connection *connection, void **context,
	enum MHD_ConnectionNotificationCode code)
{
	struct server *server = data;

	(void)connection;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		struct peer *peer = g_new0(struct peer, 1);

		peer->number = ++server->connections;
		*context = peer;
	} else {
		g_clear_pointer(context, g_free);
	}
}

/* ---- the loop */

static bool start_daemon(struct server *server, struct error *error)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	address.sin_port = htons((uint16_t)server->sim->options.port);
	server->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK, 0, NULL,
		NULL, on_request, server, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_URI_LOG_CALLBACK, on_uri, server,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVER_MEMORY, MHD_OPTION_END);
	if (server->daemon == NULL)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot listen on port %u", server->sim->options.port);
	return true;
}

struct server *server_start(struct sim *sim, struct error *error)
{
	struct server *server = g_new0(struct server, 1);
	sigset_t set;

	server->sim = sim;
	server->delayed = g_ptr_array_new_with_free_func(g_free);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	server->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (server->signals < 0)
		error_set_errno(error, ERROR_FAILED, errno, "cannot watch signals");
	if (server->signals < 0 || !start_daemon(server, error)) {
		server_free(server);
		return NULL;
	}
	return server;
}

unsigned server_port(const struct server *server)
{
	return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

/* Wakes the connections whose answer is due (all if everything), and returns the ms until the next one, -1 if none. */
static int resume_due(struct server *server, bool everything)
{
	int64_t now = sim_ms(server->sim), next = -1;

	for (guint i = server->delayed->len; i > 0; i--) {
		struct delay *delay = g_ptr_array_index(server->delayed, i - 1);

		if (everything || delay->due <= now) {
			MHD_resume_connection(delay->connection);
			g_ptr_array_remove_index(server->delayed, i - 1);
		} else if (next < 0 || delay->due - now < next) {
			next = delay->due - now;
		}
	}
	return (int)MIN(next, 1000000);
}

static bool stdin_ended(short events)
{
	char bytes[256];

	return events != 0 && read(STDIN_FILENO, bytes, sizeof bytes) <= 0;
}

bool server_run(struct server *server, struct error *error)
{
	struct pollfd fds[3] = { { .fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
		.events = POLLIN }, { .fd = server->signals, .events = POLLIN },
		{ .fd = server->sim->options.until_eof ? STDIN_FILENO : -1, .events = POLLIN } };

	for (;;) {
		MHD_UNSIGNED_LONG_LONG wanted;
		int wait = resume_due(server, false);

		if (MHD_run(server->daemon) != MHD_YES)
			return error_set(error, ERROR_FAILED, "the HTTP server failed");
		if (MHD_get_timeout(server->daemon, &wanted) == MHD_YES && (wait < 0 || wanted < (unsigned)wait))
			wait = (int)MIN(wanted, 1000000);
		/* what was suspended just now */
		if (server->delayed->len > 0) {
			int due = resume_due(server, false);

			wait = due < 0 ? 0 : wait < 0 ? due : MIN(wait, due);
		}
		if (poll(fds, G_N_ELEMENTS(fds), wait) < 0 && errno != EINTR)
			return error_set_errno(error, ERROR_FAILED, errno, "cannot wait");
		if (fds[1].revents != 0 || stdin_ended(fds[2].revents))
			return true;
	}
}

void server_free(struct server *server)
{
	if (server == NULL)
		return;
	if (server->daemon != NULL) {
		resume_due(server, true);
		MHD_run(server->daemon);
		MHD_stop_daemon(server->daemon);
	}
	if (server->signals >= 0)
		close(server->signals);
	g_ptr_array_unref(server->delayed);
	g_free(server);
}
