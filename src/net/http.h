/* HTTP requests over libcurl's multi interface. Two kinds: SAFE ones may be repeated; an ONCE request is sent at most once,
 * whatever happens: its body goes by a read callback without a seek function, so that libcurl's own repeat on a dead
 * reused connection fails and is booked as a lost answer. Bearer tokens go only to URLs of the allowed hosts. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "core/error.h"
#include "net/loop.h"

enum http_kind { HTTP_SAFE, HTTP_ONCE };

/* What became of a request. */
enum http_fate {
	HTTP_ANSWERED, /* a whole answer, any status */
	HTTP_LOST,     /* sent or partly sent; the answer did not come, or not whole, or was unreadable: it may have been done */
	HTTP_UNSENT,   /* surely never reached a server: no name, no connection, no TLS, cancelled in time */
};

struct http_answer {
	enum http_fate fate;
	int status;              /* 0 if none */
	const char *body;        /* NUL-terminated; empty if on_body was given and status was 2xx */
	size_t length;
	char content_type[128];
	char request_id[128];    /* the server's, if it named one */
	int64_t retry_after_ms;  /* from the header, unclamped; -1 if none */
	int64_t server_time;     /* Date header in ticks, 0 if none */
	int64_t sent_ms, answered_ms;
	struct error error;      /* for HTTP_LOST and HTTP_UNSENT: a plain sentence, hint for TLS, proxy, name resolution */
};

struct http_request {
	const char *method, *url; /* copied, like all texts here */
	const char *bearer;       /* or NULL */
	const char *content_type; /* or NULL */
	const char *body;         /* or NULL */
	size_t body_length;
	const char *client_request_id; /* or NULL: one is made */
	enum http_kind kind;
	bool secret;              /* a token request: wipe the body after use */
	int64_t timeout_ms;       /* whole request, from when it was added; 0: 60 s */
	size_t limit;             /* bytes of answer; 0: 8 MiB */
	/* Streams a 2xx body as it arrives; false (error set) aborts: fate LOST. */
	bool (*on_body)(void *data, const char *bytes, size_t length, struct error *error);
	void (*on_done)(void *data, const struct http_answer *answer); /* exactly once */
	void *data;
};

struct http;
struct http_call;

/* hosts: NULL-terminated "https://host[:port]" origins that tokens may go to; copied. ca_bundle and proxy may be NULL
 * (then the environment's SSL_CERT_FILE, CURL_CA_BUNDLE and proxy variables). */
struct http *http_new(struct loop *loop, const char *const *hosts, const char *ca_bundle, const char *proxy,
	struct error *error);
/* Requests in flight are dropped; their on_done is not called. Not from a callback. */
void http_free(struct http *http);
AUTO_DEFINE(http_free, struct http *)

/* Starts a request; never calls on_done before it returns. */
struct http_call *http_start(struct http *http, const struct http_request *request);
/* Ends a call: on_done is called from the loop, soon, with UNSENT if nothing had left yet, else LOST. */
void http_cancel(struct http *http, struct http_call *call);
/* Ends a call whose caller is going away: on_done is not called. Not from on_body. */
void http_abandon(struct http *http, struct http_call *call);
unsigned http_in_flight(const struct http *http);
/* True if the URL's origin is one that tokens may go to. */
bool http_allows(const struct http *http, const char *url);

#endif
