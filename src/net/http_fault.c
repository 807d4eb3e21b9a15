/* What became of a transfer that libcurl gave up, as a plain sentence; and the little that is asked of URLs. */
#include "config.h"
#include "net/http_internal.h"

#include <string.h>

#include "core/text.h"

static char *url_part(const char *url, CURLUPart what, unsigned flags)
{
	CURLU *parsed = curl_url();
	char *part = NULL, *copy = NULL;

	if (parsed == NULL)
		g_error("out of memory");
	if (curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK
	    && curl_url_get(parsed, what, &part, flags) == CURLUE_OK)
		copy = g_ascii_strdown(part, -1);
	curl_free(part);
	curl_url_cleanup(parsed);
	return copy;
}

char *http_host(const char *url)
{
	return url_part(url, CURLUPART_HOST, 0);
}

char *http_origin(const char *url)
{
	AUTO(g_free) char *scheme = url_part(url, CURLUPART_SCHEME, 0);
	AUTO(g_free) char *host = http_host(url);
	AUTO(g_free) char *port = url_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	AUTO(g_free) char *user = url_part(url, CURLUPART_USER, 0);

	if (scheme == NULL || host == NULL || port == NULL || user != NULL)
		return NULL;
	if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
		return NULL;
	return g_strdup_printf("%s://%s:%s", scheme, host, port);
}

bool http_host_is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0
		|| (g_str_has_prefix(host, "127.") && strspn(host, "0123456789.") == strlen(host));
}

char *http_proxy_shown(const char *proxy, const char *url)
{
	static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };
	AUTO(g_free) char *host = http_host(url);
	char *shown;

	if (host != NULL && http_host_is_loopback(host))
		return NULL;
	for (size_t i = 0; proxy == NULL && i < G_N_ELEMENTS(names); i++)
		proxy = g_getenv(names[i]);
	if (proxy == NULL || *proxy == '\0')
		return NULL;
	shown = strrchr(proxy, '@') != NULL ? strrchr(proxy, '@') + 1 : (char *)(uintptr_t)proxy;
	return g_strdup(shown);
}

static bool fault_is_tls(CURLcode result)
{
	switch ((int)result) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_USE_SSL_FAILED:
		return true;
	default:
		return false;
	}
}

/* Results that libcurl gives before a request can leave. */
static bool fault_is_early(const struct http_fault *fault)
{
	switch ((int)fault->result) {
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_PROXY:
	case CURLE_OPERATION_TIMEDOUT: /* of the connection; the counters decide */
		return true;
	case CURLE_RECV_ERROR:
		return fault->connect_code >= 400; /* the proxy refused to connect */
	default:
		return fault_is_tls(fault->result);
	}
}

static void explain_tls(const struct http_fault *fault, const char *host, struct error *error)
{
	error_set(error, ERROR_SIGN_IN, "cannot trust the connection to '%s': %s", host, fault->detail);
	error_code(error, "NoTrust", NULL);
	if (strstr(fault->detail, "not yet valid") != NULL || strstr(fault->detail, "has expired") != NULL)
		error_hint(error, "is the clock of this computer right?");
	else
		error_hint(error, "if a TLS inspecting proxy stands between, name its root certificate: `ca-bundle` in the "
			"profile or CURL_CA_BUNDLE");
}

static void explain_early(const struct http_fault *fault, const char *host, struct error *error)
{
	AUTO(g_free) char *proxy = http_proxy_shown(fault->proxy, fault->url);

	if (fault->connect_code >= 400) {
		error_set(error, ERROR_SIGN_IN, "cannot reach '%s': the proxy '%s' answered %ld", host,
			proxy != NULL ? proxy : "", fault->connect_code);
		error_code(error, "ProxyRefused", NULL);
		error_hint(error, fault->connect_code == 407 ? "the proxy asks for a user name and password"
			: "ask whether the proxy lets this host through");
		return;
	}
	if (fault->result == CURLE_COULDNT_RESOLVE_PROXY)
		error_set(error, ERROR_SIGN_IN, "cannot reach '%s': the name of the proxy '%s' does not resolve", host,
			proxy != NULL ? proxy : "");
	else if (fault->result == CURLE_COULDNT_RESOLVE_HOST)
		error_set(error, ERROR_SIGN_IN, "cannot reach '%s': its name does not resolve", host);
	else if (proxy != NULL)
		error_set(error, ERROR_SIGN_IN, "cannot reach '%s' through the proxy '%s': %s", host, proxy, fault->detail);
	else
		error_set(error, ERROR_SIGN_IN, "cannot reach '%s': %s", host, fault->detail);
	error_code(error, "NoNetwork", NULL);
	error_hint(error, proxy != NULL ? "check the network and the proxy"
		: "check the network; behind a proxy set `proxy` in the profile or HTTPS_PROXY");
}

enum http_fate http_fault_explain(const struct http_fault *fault, struct error *error)
{
	AUTO(g_free) char *host = http_host(fault->url);
	const char *shown = host != NULL ? host : fault->url;
	struct http_fault told = *fault;
	/* libcurl quotes what a server sent, names in certificates too. */
	AUTO(g_free) char *safe = text_safe(*told.detail != '\0' ? told.detail : curl_easy_strerror(fault->result));

	told.detail = safe;
	if (fault->counted_nothing && fault_is_early(fault)) {
		if (fault_is_tls(fault->result))
			explain_tls(&told, shown, error);
		else
			explain_early(&told, shown, error);
		return HTTP_UNSENT;
	}
	if (fault->result == CURLE_OPERATION_TIMEDOUT)
		error_set(error, ERROR_FAILED, "no answer from '%s' in time: %s", shown, told.detail);
	else if (fault->result == CURLE_PARTIAL_FILE)
		error_set(error, ERROR_FAILED, "the answer of '%s' was cut short: %s", shown, told.detail);
	else
		error_set(error, ERROR_FAILED, "lost the answer of '%s': %s", shown, told.detail);
	error_code(error, "LostAnswer", NULL);
	return HTTP_LOST;
}
