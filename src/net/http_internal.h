/* Shared by http.c and http_fault.c. */
#ifndef NET_HTTP_INTERNAL_H
#define NET_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "net/http.h"

/* What is known of a transfer that failed. */
struct http_fault {
	CURLcode result;
	const char *detail;      /* libcurl's own text, or "" */
	const char *url;
	const char *proxy;       /* the configured one, or NULL */
	bool counted_nothing;    /* the counters prove that nothing of the request left */
	long connect_code;       /* the proxy's answer to CONNECT, 0 if none */
};

/* Sets the sentence and says whether the request surely never reached a server. */
enum http_fate http_fault_explain(const struct http_fault *fault, struct error *error);

/* "https://host:port" of a URL in lower case, port always there; NULL if it is no http(s) URL. The caller frees with
 * g_free. */
char *http_origin(const char *url);
/* The host of a URL; NULL if it has none. The caller frees with g_free. */
char *http_host(const char *url);
bool http_host_is_loopback(const char *host);
/* The proxy a URL goes through by configuration or environment, without its password; NULL if none. */
char *http_proxy_shown(const char *proxy, const char *url);

#endif
