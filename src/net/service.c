#include "config.h"
#include "net/service.h"

#include <string.h>

#include "core/file.h"
#include "core/isotime.h"
#include "core/text.h"
#include "net/fault.h"
#include "net/token.h"

#define PATIENCE_MS (15 * 60000)
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS 30000
#define UNREADABLE_TRIES 3 /* a proxy's page with status 200 does not get better */
#define WAIT_TOLD_MS 500   /* shorter waits are not worth a message */

struct service {
	struct loop *loop;
	struct http *http;
	struct tokens *tokens;
	double window_scale;
	GPtrArray *calls;    /* struct service_call */
	GPtrArray *sign_ins; /* struct sign_in */
};

struct service_call {
	struct service *service;
	struct service_call_spec spec; /* its texts are ours; body is NULL */
	char *method, *url, *audience, *request_id, *body;
	size_t body_length;
	struct http_call *http;
	struct loop_timer *timer;
	bool waits_token, renewed, cancelled, has_ticket, streamed;
	uint64_t ticket;
	char *token; /* that was sent last */
	int64_t started_ms, deadline_ms;
	int backoffs, unreadable;
	struct error last; /* why it is repeated */
};

struct sign_in {
	struct service *service;
	void (*done)(void *data, const struct error *error);
	void *data;
};

struct service *service_new(struct loop *loop, struct http *http, const struct service_config *config)
{
	struct service *service = g_new0(struct service, 1);

	service->loop = loop;
	service->http = http;
	service->tokens = tokens_new(loop, http, config);
	service->window_scale = config->window_scale;
	service->calls = g_ptr_array_new();
	service->sign_ins = g_ptr_array_new();
	return service;
}

static void call_forget_token(struct service_call *call)
{
	if (call->token != NULL)
		explicit_bzero(call->token, strlen(call->token));
	g_free(g_steal_pointer(&call->token));
}

static void call_free(struct service_call *call)
{
	struct service *service = call->service;

	if (call->http != NULL)
		http_abandon(service->http, call->http);
	loop_timer_cancel(service->loop, call->timer);
	if (call->waits_token)
		tokens_unwant(service->tokens, call);
	g_ptr_array_remove(service->calls, call);
	call_forget_token(call);
	g_free(call->method);
	g_free(call->url);
	g_free(call->audience);
	g_free(call->request_id);
	free(call->body);
	g_free(call);
}

void service_free(struct service *service)
{
	if (service == NULL)
		return;
	while (service->calls->len > 0)
		call_free(service->calls->pdata[service->calls->len - 1]);
	for (guint i = 0; i < service->sign_ins->len; i++)
		g_free(service->sign_ins->pdata[i]);
	tokens_free(service->tokens);
	g_ptr_array_unref(service->calls);
	g_ptr_array_unref(service->sign_ins);
	g_free(service);
}

/* The end of a call */

static void call_finish(struct service_call *call, struct service_answer *answer)
{
	answer->request_id = call->request_id;
	call->spec.on_done(call->spec.data, answer);
	call_free(call);
}

static void call_finish_error(struct service_call *call, enum service_fate fate, int status,
	const struct http_answer *http, const struct error *error)
{
	struct service_answer answer = { .fate = fate, .status = status, .retry_after_ms = -1, .error = *error };

	if (http != NULL) {
		answer.sent_ms = http->sent_ms;
		answer.answered_ms = http->answered_ms;
		answer.retry_after_ms = http->retry_after_ms;
	}
	call_finish(call, &answer);
}

static void call_finish_unsent(void *data)
{
	struct service_call *call = data;
	struct error error = ERROR_INIT;

	call->timer = NULL;
	error_set(&error, ERROR_INTERRUPTED, "cancelled before it was sent");
	error_code(&error, "Cancelled", NULL);
	if (call->has_ticket)
		limit_forget(call->spec.limit, call->ticket);
	call_finish_error(call, SERVICE_UNSENT, 0, NULL, &error);
}

/* Repeating */

static void call_step(void *data);

static void call_step_at(struct service_call *call, int64_t ms)
{
	call->timer = loop_timer_add(call->service->loop, clock_ms() + ms, call_step, call);
}

static void call_tell_wait(struct service_call *call, const char *why, int64_t ms)
{
	if (call->spec.on_wait != NULL && ms >= WAIT_TOLD_MS)
		call->spec.on_wait(call->spec.data, why, ms);
}

/* 1 s doubling to 30 s, each with up to a half more; shorter only in tests. */
static int64_t call_backoff(struct service_call *call)
{
	int64_t ms = MIN((int64_t)BACKOFF_FIRST_MS << MIN(call->backoffs, 5), BACKOFF_MAX_MS);

	call->backoffs++;
	ms += g_random_int_range(0, (gint32)(ms / 2) + 1);
	if (call->service->window_scale < 1)
		ms = (int64_t)((double)ms * call->service->window_scale) + 10;
	return ms;
}

/* What went wrong last, and how long it was tried: the next try would come after the caller's patience is over. */
static void call_give_up(struct service_call *call, enum service_fate fate, const struct http_answer *http, int64_t now,
	const struct error *error)
{
	AUTO(g_free) char *tried = duration_text(now - call->started_ms - 499); /* rounds up */
	struct error fault = *error;

	if (call->backoffs > 1 || now - call->started_ms >= WAIT_TOLD_MS)
		error_prefix(&fault, "given up after %s", tried);
	call_finish_error(call, fate, http->status, http, &fault);
}

/* Waits and repeats a SAFE call, or ends it if its patience would be over. */
static void call_repeat(struct service_call *call, enum service_fate fate, const struct http_answer *http,
	int64_t wait_ms, const struct error *error)
{
	int64_t now = clock_ms();

	if (wait_ms < 0)
		wait_ms = call_backoff(call);
	if (now + wait_ms > call->deadline_ms) {
		call_give_up(call, fate, http, now, error);
		return;
	}
	call->last = *error;
	if (call->streamed && call->spec.on_restart != NULL)
		call->spec.on_restart(call->spec.data);
	call->streamed = false;
	call_tell_wait(call, error->text, wait_ms);
	call_step_at(call, wait_ms);
}

/* Answers */

static void answered_unreadable(struct service_call *call, const struct http_answer *http, const struct error *error)
{
	if (call->spec.kind == HTTP_SAFE && ++call->unreadable < UNREADABLE_TRIES)
		call_repeat(call, SERVICE_LOST, http, -1, error);
	else
		call_finish_error(call, SERVICE_LOST, http->status, http, error);
}

static void answered_unreadable_text(struct service_call *call, const struct http_answer *http, const char *what)
{
	struct error error = ERROR_INIT;
	AUTO(g_string) GString *safe = g_string_new(NULL);

	text_append_safe(safe, http->body, MIN(http->length, 80));
	error_set(&error, ERROR_FAILED, "the service's answer (HTTP %d) %s%s%s%s", http->status, what,
		safe->len > 0 ? ": '" : "", safe->str, safe->len > 0 ? "'" : "");
	error_code(&error, "UnreadableAnswer", http->request_id);
	error_hint(&error, "does a proxy or a captive portal stand between?");
	answered_unreadable(call, http, &error);
}

static void answered_done(struct service_call *call, const struct http_answer *http)
{
	struct service_answer answer = {
		.fate = SERVICE_DONE,
		.status = http->status,
		.retry_after_ms = -1,
		.sent_ms = http->sent_ms,
		.answered_ms = http->answered_ms,
	};
	json_t *json = NULL;
	struct error error = ERROR_INIT;
	bool skip_bom = http->length >= 3 && memcmp(http->body, "\xef\xbb\xbf", 3) == 0;

	if (call->spec.on_body != NULL) {
		call->streamed = true;
		if (call->spec.on_end != NULL && !call->spec.on_end(call->spec.data, &error)) {
			error_set(&error, ERROR_FAILED, "the service's answer makes no sense");
			answered_unreadable(call, http, &error);
			return;
		}
	} else if (http->length > 0 || http->status != 204) {
		json = json_loadb(http->body + (skip_bom ? 3 : 0), http->length - (skip_bom ? 3 : 0),
			JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
		if (json == NULL) {
			answered_unreadable_text(call, http, http->length > 0 ? "is not JSON" : "is empty");
			return;
		}
		if (call->spec.on_json != NULL && !call->spec.on_json(json, &error)) {
			json_decref(json);
			answered_unreadable(call, http, &error);
			return;
		}
	}
	answer.json = json;
	call_finish(call, &answer);
	json_decref(json);
}

/* The service does not perform what it does not let in: the same request may go again, once, with a new token. */
static void answered_unauthorized(struct service_call *call, const struct http_answer *http)
{
	struct error error = ERROR_INIT;

	tokens_drop(call->service->tokens, call->audience, call->token);
	if (!call->renewed) {
		call->renewed = true;
		call_step_at(call, 0);
		return;
	}
	fault_read(http->status, http->body, http->length, &error);
	error_prefix(&error, "the service does not accept a fresh token");
	error_hint(&error, "is the audience right, and does the tenant have a licence?");
	call_finish_error(call, SERVICE_SIGN_IN, http->status, http, &error);
}

static void answered_throttled(struct service_call *call, struct http_answer *http, const struct error *error)
{
	int64_t wait = http->retry_after_ms;

	if (wait < 0)
		wait = http->retry_after_ms = fault_wait_ms(error->text);
	if (call->spec.limit != NULL)
		limit_block(call->spec.limit, clock_ms() + (wait >= 0 ? wait : call_backoff(call)));
	if (call->spec.kind == HTTP_ONCE)
		call_finish_error(call, SERVICE_THROTTLED, http->status, http, error);
	else
		call_repeat(call, SERVICE_THROTTLED, http, wait, error);
}

static void answered_fault(struct service_call *call, struct http_answer *http)
{
	struct error error = ERROR_INIT;
	bool passing = http->status == 408 || http->status >= 500;

	fault_read(http->status, http->body, http->length, &error);
	if (error.target[0] == '\0')
		g_strlcpy(error.target, http->request_id, sizeof error.target);
	if (http->status == 429)
		answered_throttled(call, http, &error);
	else if (passing && call->spec.kind == HTTP_SAFE)
		call_repeat(call, SERVICE_LOST, http, http->retry_after_ms, &error);
	else if (passing || (http->status < 400 && call->spec.kind == HTTP_ONCE))
		call_finish_error(call, SERVICE_LOST, http->status, http, &error);
	else
		call_finish_error(call, SERVICE_REFUSED, http->status, http, &error);
}

/* Not worth repeating: these do not pass by themselves. */
static bool unsent_for_good(const struct error *error)
{
	return strcmp(error->code, "NoTrust") == 0 || strcmp(error->code, "NotAllowed") == 0
		|| strcmp(error->code, "Cancelled") == 0 || strcmp(error->code, "ProxyRefused") == 0;
}

static void answered_not(struct service_call *call, const struct http_answer *http)
{
	enum service_fate fate = http->fate == HTTP_UNSENT ? SERVICE_UNSENT : SERVICE_LOST;

	if (call->spec.kind == HTTP_ONCE || call->cancelled || unsent_for_good(&http->error))
		call_finish_error(call, fate, http->status, http, &http->error);
	else if (strcmp(http->error.code, "LostAnswer") != 0 && http->fate == HTTP_LOST)
		answered_unreadable(call, http, &http->error);
	else
		call_repeat(call, fate, http, -1, &http->error);
}

static void call_answered(void *data, const struct http_answer *given)
{
	struct service_call *call = data;
	struct http_answer answer = *given;

	call->http = NULL;
	if (call->has_ticket) {
		call->has_ticket = false;
		if (answer.fate == HTTP_UNSENT)
			limit_forget(call->spec.limit, call->ticket);
		else
			limit_answered(call->spec.limit, call->ticket, answer.answered_ms);
	}
	if (answer.fate != HTTP_ANSWERED)
		answered_not(call, &answer);
	else if (answer.status >= 200 && answer.status <= 299)
		answered_done(call, &answer);
	else if (answer.status == 401)
		answered_unauthorized(call, &answer);
	else
		answered_fault(call, &answer);
}

/* Sending */

static bool call_body(void *data, const char *bytes, size_t length, struct error *error)
{
	struct service_call *call = data;

	call->streamed = true;
	return call->spec.on_body(call->spec.data, bytes, length, error);
}

static void call_send(struct service_call *call, const char *token)
{
	int64_t now = clock_ms();
	int64_t timeout = call->spec.timeout_ms > 0 ? call->spec.timeout_ms : 60000;
	struct http_request request = {
		.method = call->method,
		.url = call->url,
		.bearer = token,
		.content_type = call->body != NULL ? "application/json; charset=utf-8" : NULL,
		.body = call->body,
		.body_length = call->body_length,
		.client_request_id = call->request_id,
		.kind = call->spec.kind,
		.timeout_ms = timeout,
		.limit = call->spec.limit_bytes,
		.on_body = call->spec.on_body != NULL ? call_body : NULL,
		.on_done = call_answered,
		.data = call,
	};

	/* Patience is the whole time that a person waits, an answer included. */
	if (call->spec.kind == HTTP_SAFE)
		request.timeout_ms = CLAMP(call->deadline_ms - now, 1000, timeout);
	call_forget_token(call);
	call->token = g_strdup(token);
	if (call->spec.limit != NULL && !call->has_ticket) {
		call->ticket = limit_take(call->spec.limit, now);
		call->has_ticket = true;
	}
	call->http = http_start(call->service->http, &request);
}

static void call_token(void *data, const struct error *error)
{
	struct service_call *call = data;

	call->waits_token = false;
	if (error == NULL) {
		call_step(call);
		return;
	}
	if (call->has_ticket)
		limit_forget(call->spec.limit, call->ticket);
	call->has_ticket = false;
	call_finish_error(call, SERVICE_SIGN_IN, 0, NULL, error);
}

static void call_wait_limit(struct service_call *call, int64_t wait, bool by_hour)
{
	struct error error = ERROR_INIT;
	struct http_answer none = { .retry_after_ms = wait };

	if (call->spec.kind == HTTP_SAFE && clock_ms() + wait > call->deadline_ms) {
		AUTO(g_free) char *text = duration_text(wait);

		if (call->last.kind != ERROR_NONE)
			error_copy(&error, &call->last);
		error_set(&error, ERROR_FAILED, "the service lets the next call of this kind through in %s", text);
		error_code(&error, "TooManyRequests", NULL);
		call_finish_error(call, SERVICE_THROTTLED, 0, &none, &error);
		return;
	}
	call_tell_wait(call, by_hour ? "the hour's calls are used up" : "the minute's calls are used up", wait);
	call_step_at(call, wait);
}

/* Does what stands next before sending: a place in the limit, a token. */
static void call_step(void *data)
{
	struct service_call *call = data;
	struct service *service = call->service;
	const char *token = tokens_ready(service->tokens, call->audience);
	bool by_hour = false;
	int64_t wait = 0;

	call->timer = NULL;
	if (call->spec.limit != NULL && !call->has_ticket)
		wait = limit_wait(call->spec.limit, clock_ms(), &by_hour);
	if (wait > 0) {
		call_wait_limit(call, wait, by_hour);
		return;
	}
	if (token == NULL) {
		call->waits_token = true;
		tokens_want(service->tokens, call->audience, call_token, call);
		return;
	}
	call_send(call, token);
}

struct service_call *service_start(struct service *service, const struct service_call_spec *spec)
{
	struct service_call *call = g_new0(struct service_call, 1);
	char made[37];

	uuid_make(made);
	call->service = service;
	call->spec = *spec;
	call->method = g_strdup(spec->method);
	call->url = g_strdup(spec->url);
	call->audience = g_strdup(spec->audience);
	call->request_id = g_strdup(spec->client_request_id != NULL ? spec->client_request_id : made);
	if (spec->body != NULL) {
		call->body = json_dumps(spec->body, JSON_COMPACT);
		g_assert(call->body != NULL); /* jansson refuses texts that are not UTF-8 when they are made */
		call->body_length = strlen(call->body);
		json_decref(spec->body);
		call->spec.body = NULL;
	}
	call->started_ms = clock_ms();
	call->deadline_ms = call->started_ms + (spec->patience_ms > 0 ? spec->patience_ms : PATIENCE_MS);
	if (spec->kind == HTTP_ONCE && spec->limit != NULL) {
		call->ticket = limit_take(spec->limit, clock_ms());
		call->has_ticket = true;
	}
	g_ptr_array_add(service->calls, call);
	call_step_at(call, 0);
	return call;
}

void service_cancel(struct service *service, struct service_call *call)
{
	if (call->cancelled)
		return;
	call->cancelled = true;
	if (call->http != NULL) {
		http_cancel(service->http, call->http);
		return;
	}
	loop_timer_cancel(service->loop, g_steal_pointer(&call->timer));
	if (call->waits_token)
		tokens_unwant(service->tokens, call);
	call->waits_token = false;
	call->timer = loop_timer_add(service->loop, clock_ms(), call_finish_unsent, call);
}

void service_abandon(struct service *service, struct service_call *call)
{
	g_assert(call->service == service);
	if (call->has_ticket)
		limit_answered(call->spec.limit, call->ticket, clock_ms()); /* who knows */
	call_free(call);
}

/* Signing in on purpose */

static void sign_in_done(void *data, const struct error *error)
{
	struct sign_in *sign_in = data;

	g_ptr_array_remove(sign_in->service->sign_ins, sign_in);
	sign_in->done(sign_in->data, error);
	g_free(sign_in);
}

void service_sign_in(struct service *service, const char *audience, void (*done)(void *data, const struct error *error),
	void *data)
{
	struct sign_in *sign_in = g_new0(struct sign_in, 1);

	sign_in->service = service;
	sign_in->done = done;
	sign_in->data = data;
	g_ptr_array_add(service->sign_ins, sign_in);
	tokens_want(service->tokens, audience, sign_in_done, sign_in);
}

json_t *service_token_claims(const struct service *service, const char *audience)
{
	return tokens_claims(service->tokens, audience);
}
