/* Service addresses: https anywhere, plain http to this machine only. */
#include "config.h"
#include "app/profile.h"

#include <string.h>

#include <glib.h>

/* The host and port of an origin: borrowed place and lengths. */
struct origin_parts {
	const char *host;
	size_t host_length;
	const char *port; /* after the colon, or NULL */
	size_t length;    /* of scheme, host and port */
};

static bool host_ok(const char *host, size_t length)
{
	size_t i;

	if (length == 0 || length > 253)
		return false;
	if (host[0] == '[') {
		for (i = 1; i + 1 < length; i++)
			if (!g_ascii_isxdigit(host[i]) && host[i] != ':' && host[i] != '.')
				return false;
		return length > 3 && host[length - 1] == ']';
	}
	for (i = 0; i < length; i++)
		if (!g_ascii_isalnum(host[i]) && host[i] != '.' && host[i] != '-')
			return false;
	return true;
}

static bool origin_split(const char *url, struct origin_parts *parts)
{
	const char *at = strstr(url, "://");
	size_t port_length = 0;

	if (at == NULL)
		return false;
	parts->host = at + 3;
	parts->host_length = parts->host[0] == '[' ? strcspn(parts->host, "]") + 1 : strcspn(parts->host, ":/");
	if (parts->host_length > strlen(parts->host) || !host_ok(parts->host, parts->host_length))
		return false;
	at = parts->host + parts->host_length;
	parts->port = NULL;
	if (*at == ':') {
		parts->port = at + 1;
		port_length = strspn(parts->port, "0123456789");
		if (port_length == 0 || port_length > 5)
			return false;
		at = parts->port + port_length;
	}
	parts->length = (size_t)(at - url);
	return at[strspn(at, "/")] == '\0';
}

static bool host_is_loopback(const char *host, size_t length)
{
	static const char *const names[] = { "localhost", "[::1]", NULL };
	size_t i, dots = 0;

	for (i = 0; names[i] != NULL; i++)
		if (strlen(names[i]) == length && g_ascii_strncasecmp(host, names[i], length) == 0)
			return true;
	if (length < 9 || strncmp(host, "127.", 4) != 0)
		return false;
	for (i = 0; i < length; i++) {
		if (host[i] == '.')
			dots++;
		else if (!g_ascii_isdigit(host[i]))
			return false;
	}
	return dots == 3;
}

bool origin_is_loopback(const char *origin)
{
	struct origin_parts parts;

	return origin_split(origin, &parts) && host_is_loopback(parts.host, parts.host_length);
}

char *origin_parse(const char *url, const char *what, struct error *error)
{
	struct origin_parts parts;
	bool plain = g_ascii_strncasecmp(url, "http://", 7) == 0;

	if ((!plain && g_ascii_strncasecmp(url, "https://", 8) != 0) || !origin_split(url, &parts)) {
		error_set(error, ERROR_USAGE, "%s '%s' is not an address such as https://host", what, url);
		return NULL;
	}
	if (plain && !host_is_loopback(parts.host, parts.host_length)) {
		error_set(error, ERROR_USAGE, "%s '%s' is plain http: only this machine itself may be spoken to like that",
			what, url);
		error_hint(error, "use https://");
		return NULL;
	}
	return g_ascii_strdown(url, (gssize)parts.length);
}
