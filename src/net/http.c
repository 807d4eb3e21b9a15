#include "config.h"
#include "net/http.h"

#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/isotime.h"
#include "net/http_internal.h"
#include "net/loop_internal.h"

#define TIMEOUT_MS 60000
#define CONNECT_TIMEOUT_MS 10000L
#define STALL_S 240L                    /* longer than hunting computes in silence (200 s, API contract, section 6.1) */
#define ANSWER_LIMIT (8 * 1024 * 1024)
#define IDLE_HANDLES 32

struct http {
	struct loop *loop;
	char **origins;
	char *ca_bundle, *ca_dir, *proxy;
	GPtrArray *idle;  /* CURL: a handle keeps buffers */
	GPtrArray *calls; /* struct http_call in flight */
};

struct http_call {
	struct loop_transfer transfer; /* first: the loop gives it back */
	struct http *http;
	CURL *easy;                    /* NULL once over, or if it was never added */
	struct curl_slist *headers;
	struct loop_timer *later;      /* ends the call from the loop */
	char *url, *bearer, *body;
	size_t body_length, body_taken; /* taken: given to libcurl */
	enum http_kind kind;
	bool secret, streaming, cancelled, failed;
	GString *text;                 /* the answer */
	size_t limit, got;
	char detail[CURL_ERROR_SIZE];
	struct http_answer answer;
	bool (*on_body)(void *data, const char *bytes, size_t length, struct error *error);
	void (*on_done)(void *data, const struct http_answer *answer);
	void *data;
};

static bool ca_readable(const char *path, const char *from, struct error *error)
{
	if (access(path, R_OK) == 0)
		return true;
	error_set(error, ERROR_USAGE, "cannot read the certificate file '%s' named by %s", path, from);
	return false;
}

/* libcurl ignores these variables; its command line tool reads them, in this order. */
static bool ca_find(struct http *http, const char *ca_bundle, struct error *error)
{
	const char *file = ca_bundle, *from = "ca-bundle", *dir = NULL;

	if (file == NULL || *file == '\0') {
		file = g_getenv(from = "CURL_CA_BUNDLE");
		if (file == NULL || *file == '\0') {
			dir = g_getenv("SSL_CERT_DIR");
			file = g_getenv(from = "SSL_CERT_FILE");
		}
	}
	if (dir != NULL && *dir != '\0')
		http->ca_dir = g_strdup(dir);
	if (file == NULL || *file == '\0')
		return true;
	http->ca_bundle = g_strdup(file);
	return ca_readable(file, from, error);
}

static bool origins_set(struct http *http, const char *const *hosts, struct error *error)
{
	GPtrArray *origins = g_ptr_array_new();
	bool ok = true;

	for (; hosts != NULL && *hosts != NULL; hosts++) {
		char *origin = http_origin(*hosts);

		if (origin != NULL)
			g_ptr_array_add(origins, origin);
		else
			ok = error_set(error, ERROR_USAGE, "'%s' is not an https address", *hosts);
	}
	g_ptr_array_add(origins, NULL);
	http->origins = (char **)g_ptr_array_free(origins, FALSE);
	return ok;
}

struct http *http_new(struct loop *loop, const char *const *hosts, const char *ca_bundle, const char *proxy,
	struct error *error)
{
	AUTO(http_free) struct http *http = g_new0(struct http, 1);

	http->loop = loop;
	http->idle = g_ptr_array_new();
	http->calls = g_ptr_array_new();
	http->proxy = proxy != NULL && *proxy != '\0' ? g_strdup(proxy) : NULL;
	if (!origins_set(http, hosts, error) || !ca_find(http, ca_bundle, error))
		return NULL;
	return AUTO_STEAL(http);
}

bool http_allows(const struct http *http, const char *url)
{
	AUTO(g_free) char *origin = http_origin(url);

	return origin != NULL && g_strv_contains((const char *const *)http->origins, origin);
}

unsigned http_in_flight(const struct http *http)
{
	return http->calls->len;
}

/* The life of a call */

static void text_wipe(char *text, size_t length)
{
	if (text != NULL)
		explicit_bzero(text, length);
	g_free(text);
}

/* Takes the handle out of the call, for the next one. */
static void call_drop_easy(struct http_call *call)
{
	struct http *http = call->http;

	if (call->easy == NULL)
		return;
	curl_multi_remove_handle(loop_multi(http->loop), call->easy); /* no harm if it is out already */
	curl_easy_reset(call->easy);
	if (http->idle->len < IDLE_HANDLES)
		g_ptr_array_add(http->idle, call->easy);
	else
		curl_easy_cleanup(call->easy);
	call->easy = NULL;
}

static void call_free(struct http_call *call)
{
	call_drop_easy(call);
	loop_timer_cancel(call->http->loop, call->later);
	g_ptr_array_remove(call->http->calls, call);
	curl_slist_free_all(call->headers);
	text_wipe(call->bearer, call->bearer != NULL ? strlen(call->bearer) : 0);
	text_wipe(call->body, call->secret ? call->body_length : 0);
	if (call->secret)
		explicit_bzero(call->text->str, call->text->allocated_len);
	g_string_free(call->text, TRUE);
	g_free(call->url);
	g_free(call);
}

void http_free(struct http *http)
{
	if (http == NULL)
		return;
	while (http->calls->len > 0)
		call_free(http->calls->pdata[http->calls->len - 1]);
	for (guint i = 0; i < http->idle->len; i++)
		curl_easy_cleanup(http->idle->pdata[i]);
	g_ptr_array_unref(http->idle);
	g_ptr_array_unref(http->calls);
	g_strfreev(http->origins);
	g_free(http->ca_bundle);
	g_free(http->ca_dir);
	g_free(http->proxy);
	g_free(http);
}

static void call_finish(struct http_call *call)
{
	struct http_answer *answer = &call->answer;

	answer->answered_ms = clock_ms();
	answer->body = call->text->str;
	answer->length = call->text->len;
	call_drop_easy(call);
	call->on_done(call->data, answer);
	call_free(call);
}

static void call_later(void *data)
{
	struct http_call *call = data;

	call->later = NULL;
	call_finish(call);
}

/* on_done must not be called before http_start returns. */
static void call_finish_later(struct http_call *call)
{
	if (call->later == NULL)
		call->later = loop_timer_add(call->http->loop, clock_ms(), call_later, call);
}

/* libcurl's callbacks */

static size_t body_read(char *buffer, size_t size, size_t count, void *data)
{
	struct http_call *call = data;
	size_t room = size * count, rest = call->body_length - call->body_taken;
	size_t take = MIN(room, rest);

	/* Once given out, it is never given out again: libcurl would be repeating the request. */
	if (rest == 0)
		return CURL_READFUNC_ABORT;
	memcpy(buffer, call->body + call->body_taken, take);
	call->body_taken += take;
	return take;
}

static size_t body_write(char *bytes, size_t size, size_t count, void *data)
{
	struct http_call *call = data;
	size_t length = size * count;
	long status = 0;

	if (call->cancelled)
		return 0;
	call->got += length;
	if (call->got > call->limit) {
		call->failed = true;
		error_set(&call->answer.error, ERROR_FAILED, "the answer of '%s' is larger than %zu bytes", call->url,
			call->limit);
		error_code(&call->answer.error, "AnswerTooLarge", NULL);
		return 0;
	}
	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	if (call->on_body == NULL || status < 200 || status > 299) {
		g_string_append_len(call->text, bytes, (gssize)length);
		return length;
	}
	call->streaming = true;
	if (call->on_body(call->data, bytes, length, &call->answer.error))
		return length;
	call->failed = true;
	error_set(&call->answer.error, ERROR_FAILED, "cannot read the answer of '%s'", call->url);
	return 0;
}

/* The end of a transfer */

static const char *header_get(CURL *easy, const char *name)
{
	struct curl_header *header;

	return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : NULL;
}

/* Seconds, or a date: that one is read against the service's own clock, never against ours. */
static int64_t retry_after_read(const char *text, time_t server_now)
{
	time_t date;

	if (text == NULL)
		return -1;
	if (*text != '\0' && strspn(text, "0123456789") == strlen(text))
		return MIN(g_ascii_strtoll(text, NULL, 10), INT64_MAX / 2000) * 1000;
	date = curl_getdate(text, NULL);
	if (date < 0)
		return -1;
	return MAX(0, date - (server_now > 0 ? server_now : time(NULL))) * 1000;
}

static void answer_read_headers(struct http_call *call)
{
	static const char *const ids[] = { "request-id", "x-ms-request-id", "x-correlation-id" };
	struct http_answer *answer = &call->answer;
	const char *date = header_get(call->easy, "Date");
	time_t server_now = date != NULL ? curl_getdate(date, NULL) : -1;
	const char *type = header_get(call->easy, "Content-Type");
	long status = 0;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	answer->status = (int)status;
	answer->retry_after_ms = retry_after_read(header_get(call->easy, "Retry-After"), server_now);
	if (server_now > 0)
		answer->server_time = ISOTIME_UNIX_EPOCH + server_now * ISOTIME_TICKS_PER_SECOND;
	g_strlcpy(answer->content_type, type != NULL ? type : "", sizeof answer->content_type);
	for (size_t i = 0; i < G_N_ELEMENTS(ids) && answer->request_id[0] == '\0'; i++) {
		const char *id = header_get(call->easy, ids[i]);

		if (id != NULL)
			g_strlcpy(answer->request_id, id, sizeof answer->request_id);
	}
}

/* True only if the counters prove that no whole request left. A body that libcurl never took is the best proof: it holds
 * however often libcurl connected anew. libcurl's own counter counts a proxy's CONNECT too. */
static bool call_sent_nothing(const struct http_call *call)
{
	curl_off_t uploaded = 0;
	long sent = 0;

	if (call->easy == NULL)
		return true;
	if (call->kind == HTTP_ONCE && call->body_length > 0)
		return call->body_taken == 0;
	curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &sent);
	curl_easy_getinfo(call->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
	return sent == 0 && uploaded == 0;
}

static void call_ended(struct loop_transfer *transfer, CURLcode result)
{
	struct http_call *call = (struct http_call *)transfer;
	struct http_answer *answer = &call->answer;
	struct http_fault fault = {
		.result = result,
		.detail = call->detail,
		.url = call->url,
		.proxy = call->http->proxy,
		.counted_nothing = call_sent_nothing(call),
	};

	if (call->later != NULL) /* cancelled a moment ago: the answer that came anyway is worth more */
		loop_timer_cancel(call->http->loop, g_steal_pointer(&call->later));
	curl_easy_getinfo(call->easy, CURLINFO_HTTP_CONNECTCODE, &fault.connect_code);
	if (call->kind == HTTP_SAFE && result != CURLE_OPERATION_TIMEDOUT)
		fault.counted_nothing = true; /* behind a proxy only the result tells, and repeating does no harm */
	answer_read_headers(call);
	if (result == CURLE_OK) {
		answer->fate = HTTP_ANSWERED;
		error_clear(&answer->error);
	} else if (call->failed) {
		answer->fate = HTTP_LOST;
	} else {
		answer->fate = http_fault_explain(&fault, &answer->error);
	}
	call_finish(call);
}

/* Starting */

static CURL *easy_take(struct http *http)
{
	CURL *easy = http->idle->len > 0 ? g_ptr_array_steal_index_fast(http->idle, http->idle->len - 1)
		: curl_easy_init();

	if (easy == NULL)
		g_error("out of memory");
	return easy;
}

static void call_set_headers(struct http_call *call, const struct http_request *request)
{
	char made[37];
	AUTO(g_free) char *type = request->content_type != NULL
		? g_strdup_printf("Content-Type: %s", request->content_type) : NULL;
	AUTO(g_free) char *id = NULL;

	if (request->client_request_id == NULL)
		uuid_make(made);
	id = g_strdup_printf("client-request-id: %s",
		request->client_request_id != NULL ? request->client_request_id : made);
	call->headers = curl_slist_append(NULL, "Accept: application/json");
	call->headers = curl_slist_append(call->headers, "Expect:");
	call->headers = curl_slist_append(call->headers, id);
	if (type != NULL)
		call->headers = curl_slist_append(call->headers, type);
	curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
}

static void call_set_body(struct http_call *call, const char *method)
{
	CURL *easy = call->easy;

	if (call->body == NULL && strcmp(method, "POST") != 0) {
		if (strcmp(method, "GET") == 0)
			curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
		else
			curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
	} else {
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		if (strcmp(method, "POST") != 0)
			curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_length);
		/* Without a seek function libcurl cannot rewind, so it cannot repeat. */
		if (call->kind == HTTP_ONCE && call->body_length > 0) {
			curl_easy_setopt(easy, CURLOPT_READFUNCTION, body_read);
			curl_easy_setopt(easy, CURLOPT_READDATA, call);
		} else {
			curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body != NULL ? call->body : "");
		}
	}
	/* A request without a body has nothing to rewind; only a new connection keeps libcurl from repeating it. */
	if (call->kind == HTTP_ONCE && call->body_length == 0)
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
}

static void call_set_connection(struct http_call *call, int64_t timeout_ms, bool loopback)
{
	struct http *http = call->http;
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, loopback ? "http,https" : "https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, STALL_S);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* Many calls share one HTTP/2 connection; a plain one has none to wait for. */
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, loopback ? 0L : 1L);
	if (http->ca_bundle != NULL)
		curl_easy_setopt(easy, CURLOPT_CAINFO, http->ca_bundle);
	if (http->ca_dir != NULL)
		curl_easy_setopt(easy, CURLOPT_CAPATH, http->ca_dir);
	if (loopback)
		curl_easy_setopt(easy, CURLOPT_PROXY, "");
	else if (http->proxy != NULL)
		curl_easy_setopt(easy, CURLOPT_PROXY, http->proxy);
}

static void call_set_rest(struct http_call *call)
{
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_URL, call->url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->detail);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "cordon/" PACKAGE_VERSION);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body_write);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	if (call->bearer != NULL) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
		curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, call->bearer);
	}
}

/* Plain http only to loopback; a token only where tokens may go. */
static bool call_check(struct http_call *call, bool loopback, struct error *error)
{
	if (g_ascii_strncasecmp(call->url, "https://", 8) != 0 && !loopback)
		return error_set(error, ERROR_USAGE, "'%s' is not https", call->url);
	if (call->bearer != NULL && !http_allows(call->http, call->url))
		return error_set(error, ERROR_FAILED, "refusing to send a token to '%s'", call->url);
	return true;
}

static struct http_call *call_new(struct http *http, const struct http_request *request)
{
	struct http_call *call = g_new0(struct http_call, 1);

	call->transfer.ended = call_ended;
	call->http = http;
	call->url = g_strdup(request->url);
	call->bearer = g_strdup(request->bearer);
	call->body_length = request->body != NULL ? request->body_length : 0;
	call->body = request->body != NULL ? g_strndup(request->body, request->body_length) : NULL;
	call->kind = request->kind;
	call->secret = request->secret;
	call->limit = request->limit > 0 ? request->limit : ANSWER_LIMIT;
	/* A buffer that grows leaves copies behind: a secret answer gets its room at once. */
	call->text = g_string_sized_new(call->secret ? 64 * 1024 : 256);
	call->on_body = request->on_body;
	call->on_done = request->on_done;
	call->data = request->data;
	call->answer.fate = HTTP_UNSENT;
	call->answer.retry_after_ms = -1;
	call->answer.sent_ms = clock_ms();
	g_ptr_array_add(http->calls, call);
	return call;
}

struct http_call *http_start(struct http *http, const struct http_request *request)
{
	struct http_call *call = call_new(http, request);
	AUTO(g_free) char *host = http_host(call->url);
	bool loopback = host != NULL && http_host_is_loopback(host);

	g_assert(loop_can_change(http->loop));
	if (!call_check(call, loopback, &call->answer.error)) {
		error_code(&call->answer.error, "NotAllowed", NULL);
		call_finish_later(call);
		return call;
	}
	call->easy = easy_take(http);
	call_set_headers(call, request);
	call_set_body(call, request->method);
	call_set_connection(call, request->timeout_ms > 0 ? request->timeout_ms : TIMEOUT_MS, loopback);
	call_set_rest(call);
	if (curl_multi_add_handle(loop_multi(http->loop), call->easy) != CURLM_OK)
		g_error("libcurl takes no more requests");
	return call;
}

void http_cancel(struct http *http, struct http_call *call)
{
	struct http_answer *answer = &call->answer;

	if (call->cancelled || call->later != NULL)
		return;
	call->cancelled = true;
	answer->fate = call_sent_nothing(call) ? HTTP_UNSENT : HTTP_LOST;
	error_set(&answer->error, ERROR_INTERRUPTED, answer->fate == HTTP_UNSENT ? "cancelled before it was sent"
		: "cancelled while its answer was awaited");
	error_code(&answer->error, "Cancelled", NULL);
	if (loop_can_change(http->loop))
		call_drop_easy(call);
	call_finish_later(call);
}

void http_abandon(struct http *http, struct http_call *call)
{
	g_assert(loop_can_change(http->loop));
	call_free(call);
}
