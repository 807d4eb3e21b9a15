#include "config.h"
#include "fleet/resolve.h"

#include <string.h>

#include "fleet/address.h"

/* Portal hosts of all clouds (API contract, section 2); a host below one of them counts too. */
static const char *const portal_hosts[] = {
	"security.microsoft.com", "securitycenter.microsoft.com", "securitycenter.windows.com", "security.microsoft.us",
	"securitycenter.microsoft.us", "securitycenter.windows.us", "security.apps.mil", "security.microsoft.scloud",
	"security.eaglex.ic.gov",
};

static size_t hex_digits(const char *text)
{
	size_t count = 0;

	while (g_ascii_isxdigit(text[count]))
		count++;
	return count;
}

static bool is_device_id(const char *text)
{
	return hex_digits(text) == 40 && text[40] == '\0';
}

/* 8-4-4-4-12 hex digits. */
static bool is_guid(const char *text)
{
	static const size_t groups[] = { 8, 4, 4, 4, 12 };

	for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
		if (hex_digits(text) != groups[i])
			return false;
		text += groups[i];
		if (i + 1 < G_N_ELEMENTS(groups) && *text++ != '-')
			return false;
	}
	return *text == '\0';
}

static bool is_portal_host(const char *host, size_t length)
{
	for (size_t i = 0; i < G_N_ELEMENTS(portal_hosts); i++) {
		size_t size = strlen(portal_hosts[i]);

		if (length >= size && g_ascii_strncasecmp(host + length - size, portal_hosts[i], size) == 0 &&
			(length == size || host[length - size - 1] == '.'))
			return true;
	}
	return false;
}

static bool looks_like_link(const char *text)
{
	size_t length = strcspn(text, "/");

	return strstr(text, "://") != NULL || (text[length] == '/' && is_portal_host(text, length));
}

/* The device id in a portal link: https://security.microsoft.com/machines/v2/ID/overview?tid=..., or NULL. */
static char *link_id(const char *text)
{
	const char *scheme = strstr(text, "://");
	const char *host = scheme != NULL ? scheme + 3 : text;
	size_t length = strcspn(host, "/:?#");
	AUTO(g_strfreev) char **parts = NULL;

	if (!is_portal_host(host, length) || (scheme != NULL && g_ascii_strncasecmp(text, "http", 4) != 0))
		return NULL;
	host += length;
	host += strcspn(host, "/?#");
	AUTO(g_free) char *path = g_strndup(host, strcspn(host, "?#"));
	parts = g_strsplit(path, "/", 16);
	for (size_t i = 0; parts[i] != NULL; i++) {
		size_t id = i + 1;

		if (g_ascii_strcasecmp(parts[i], "machines") != 0 && g_ascii_strcasecmp(parts[i], "machine") != 0)
			continue;
		if (parts[id] != NULL && g_ascii_strcasecmp(parts[id], "v2") == 0)
			id++;
		if (parts[id] != NULL && hex_digits(parts[id]) >= 32 && parts[id][hex_digits(parts[id])] == '\0')
			return g_ascii_strdown(parts[id], -1);
	}
	return NULL;
}

/* A name without DOMAIN\, trailing dot and the computer account's $; a domain that is a DNS name completes a bare one. */
static char *plain_name(const char *text)
{
	const char *slash = strrchr(text, '\\');
	AUTO(g_free) char *host = g_strdup(slash != NULL ? slash + 1 : text);
	size_t length = strlen(host);

	if (length > 1 && host[length - 1] == '.')
		host[--length] = '\0';
	if (length > 1 && host[length - 1] == '$')
		host[--length] = '\0';
	if (slash != NULL && memchr(text, '.', (size_t)(slash - text)) != NULL && strchr(host, '.') == NULL &&
		host[0] != '\0' && strchr(text, '\\') == slash)
		return g_strdup_printf("%s.%.*s", host, (int)(slash - text), text);
	return AUTO_STEAL(host);
}

static enum entry_kind classify_address(const struct address *address, char **out, const char **why)
{
	char text[ADDRESS_TEXT_SIZE];

	address_format(address, text);
	*out = g_strdup(text);
	*why = address_unfit(address);
	return *why != NULL ? ENTRY_INVALID : ENTRY_ADDRESS;
}

enum entry_kind entry_classify(const char *text, bool literal, char **text_out, const char **why)
{
	AUTO(g_free) char *word = g_strstrip(g_strdup(text));
	const char *unused;
	struct address address;
	size_t length = strlen(word);

	why = why != NULL ? why : &unused;
	*why = NULL;
	/* {GUID} and [v6 address] */
	if (length > 2 && ((word[0] == '{' && word[length - 1] == '}') || (word[0] == '[' && word[length - 1] == ']'))) {
		AUTO(g_free) char *inner = g_strndup(word + 1, length - 2);

		if (word[0] == '{' ? is_guid(inner) : address_parse(inner, &address)) {
			g_free(word);
			word = AUTO_STEAL(inner);
		}
	}
	if (is_device_id(word) || is_guid(word)) {
		*text_out = g_ascii_strdown(word, -1);
		return word[8] == '-' ? ENTRY_AAD_ID : ENTRY_DEVICE_ID;
	}
	if (address_parse(word, &address))
		return classify_address(&address, text_out, why);
	if (looks_like_link(word)) {
		*text_out = link_id(word);
		if (*text_out != NULL)
			return ENTRY_DEVICE_ID;
		*text_out = g_strdup(word);
		*why = "the link leads to no device of the portal";
		return ENTRY_INVALID;
	}
	*text_out = plain_name(word);
	if (**text_out == '\0') {
		*why = "there is no name";
		return ENTRY_INVALID;
	}
	return !literal && strpbrk(*text_out, "*?") != NULL ? ENTRY_PATTERN : ENTRY_NAME;
}
