/* Calls to a service that wants a token and counts calls: joins http, tokens, limits and retries.
 *
 * A SAFE call waits for its limit, is repeated on 408, 429, 5xx, lost answers and lost connections with backing off
 * (Retry-After obeyed, never shortened), and gets one new token on a 401. An ONCE call is the caller's to time
 * (limit_wait says when it may leave; service_start takes its place in the limit before it returns) and is never repeated
 * here except after a 401, which the service surely did not perform; a 429 comes back as such, and holds the limit. */
#ifndef NET_SERVICE_H
#define NET_SERVICE_H

#include <jansson.h>

#include "net/http.h"
#include "net/limit.h"

/* How a client secret is had: exactly one of these. Files are refused when others can read them. */
struct service_secret {
	const char *value;   /* from the environment */
	const char *file;    /* path */
	const char *command; /* run by /bin/sh -c, first line of its output */
};

struct service_config {
	const char *tenant, *client;
	struct service_secret secret;
	const char *login_url; /* origin, no slash at the end */
	double window_scale;   /* 1 in earnest; 0: no limits */
};

enum service_fate {
	SERVICE_DONE,      /* 2xx */
	SERVICE_REFUSED,   /* the service said no: 3xx, 4xx but 401, 408, 429 */
	SERVICE_THROTTLED, /* 429 of an ONCE call, or a SAFE call whose wait is longer than its patience */
	SERVICE_LOST,      /* it may have been done: lost answer, 5xx, 408, unreadable */
	SERVICE_UNSENT,    /* surely not done: no connection, cancelled */
	SERVICE_SIGN_IN,   /* no token, 401 after renewal */
};

struct service_answer {
	enum service_fate fate;
	int status;
	const json_t *json;      /* the body if it was JSON and not streamed; borrowed */
	int64_t retry_after_ms;  /* -1 if none; from header or body text ("in 8 seconds") */
	int64_t sent_ms, answered_ms;
	const char *request_id;  /* the client request id that went out */
	struct error error;      /* code, message (text) and target of the service's error body, or a plain sentence;
	                            kind ERROR_SIGN_IN for 401/403 and no network */
};

struct service_call_spec {
	const char *method, *url;
	const char *audience;    /* "https://api.securitycenter.microsoft.com" ...: a token each (API contract, section 0) */
	struct limit *limit;     /* or NULL; owned by the caller */
	json_t *body;            /* or NULL; a new reference is taken over */
	enum http_kind kind;
	const char *client_request_id; /* or NULL */
	int64_t timeout_ms, patience_ms; /* patience: total time for repeats and waits of a SAFE call; 0: 15 min */
	size_t limit_bytes;
	bool (*on_body)(void *data, const char *bytes, size_t length, struct error *error);
	/* A 2xx body that is JSON and was not streamed; false as for on_end. */
	bool (*on_json)(const json_t *json, struct error *error);
	/* A streamed 2xx body has come whole; false if it cannot be what was asked for: as if the answer had been lost. */
	bool (*on_end)(void *data, struct error *error);
	void (*on_restart)(void *data); /* a streamed SAFE call begins again: forget what on_body got */
	void (*on_wait)(void *data, const char *why, int64_t ms); /* told when it has to wait: throttled, retrying */
	void (*on_done)(void *data, const struct service_answer *answer);
	void *data;
};

struct service;
struct service_call;

struct service *service_new(struct loop *loop, struct http *http, const struct service_config *config);
/* Calls that are open are dropped; their on_done is not called. Not from a callback. */
void service_free(struct service *service);
AUTO_DEFINE(service_free, struct service *)

/* Texts of spec are copied. on_done is called once, from the loop, never before this returns. */
struct service_call *service_start(struct service *service, const struct service_call_spec *spec);
/* on_done is still called, soon, from the loop: UNSENT if nothing had left, else LOST. */
void service_cancel(struct service *service, struct service_call *call);
/* Ends a call whose caller is going away: on_done is not called. Not from a callback of this call. */
void service_abandon(struct service *service, struct service_call *call);

/* Makes sure of a token for the audience; done gets NULL or the error (each sign-in fault of the API contract's section
 * 1.7 has its own plain sentence; kind ERROR_SIGN_IN). */
void service_sign_in(struct service *service, const char *audience, void (*done)(void *data, const struct error *error),
	void *data);
/* What the token of an audience says of itself, for display only: app name or id, tenant, expiry, roles. NULL if there
 * is no token. A new reference. Never the token. */
json_t *service_token_claims(const struct service *service, const char *audience);

#endif
