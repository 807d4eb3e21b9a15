/* Secrets that a person may have typed: what goes into the log is masked. */
#include "config.h"
#include "app/session.h"

#include <string.h>

#include "app/tenant.h"

#define SECRET_LEAST 4 /* a shorter value would mask ordinary words */

static const char *const secret_variables[] = { "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PASSWORD" };

/* Words behind which a secret stands. */
static const char *const secret_marks[] = { "bearer ", "authorization: basic ", "client_secret=", "password=", "secret=" };

static void replace_all(GString *text, const char *secret)
{
	if (secret != NULL && strlen(secret) >= SECRET_LEAST)
		g_string_replace(text, secret, "***", 0);
}

/* The secret at text: the next word, or what stands in the quotes that begin there. *quote is their length. */
static size_t value_length(const char *text, size_t *quote)
{
	size_t escape = text[0] == '\\' ? 1 : 0; /* \" within "..." */
	const char marks[] = { text[escape], '\0' };

	*quote = marks[0] == '"' || marks[0] == '\'' ? escape + 1 : 0;
	return *quote != 0 ? strcspn(text + *quote, marks) : strcspn(text, " \t\r\n\"'&;|<>,");
}

static void mask_marked(GString *text, const char *mark)
{
	AUTO(g_free) char *folded = g_ascii_strdown(text->str, (gssize)text->len);
	AUTO(g_free) char *whole = g_strndup(text->str, text->len);
	size_t copied = 0, quote;
	const char *found = folded;

	g_string_truncate(text, 0);
	while ((found = strstr(found, mark)) != NULL) {
		size_t at = (size_t)(found - folded) + strlen(mark);
		size_t length = value_length(whole + at, &quote);

		found = folded + at;
		if (length < SECRET_LEAST)
			continue;
		g_string_append_len(text, whole + copied, (gssize)(at + quote - copied));
		g_string_append(text, "***");
		copied = at + quote + length;
		found = folded + copied;
	}
	g_string_append(text, whole + copied);
}

/* JSON Web Tokens: three runs of base64url with dots between, the first begins with {" in base64. */
static void mask_tokens(GString *text)
{
	AUTO(g_free) char *whole = g_strndup(text->str, text->len);
	const char *at = whole, *found;

	g_string_truncate(text, 0);
	while ((found = strstr(at, "eyJ")) != NULL) {
		size_t length = strspn(found, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

		g_string_append_len(text, at, found - at);
		if (length < 40 || memchr(found, '.', length) == NULL)
			g_string_append_len(text, found, (gssize)length); /* nor is any token within it */
		else
			g_string_append(text, "***");
		at = found + length;
	}
	g_string_append(text, at);
}

char *session_mask(const struct session *session, const char *text)
{
	GString *out = g_string_new(text);
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(secret_variables); i++)
		replace_all(out, g_getenv(secret_variables[i]));
	if (session != NULL && session->tenant != NULL)
		replace_all(out, session->tenant->profile->secret_value);
	for (i = 0; i < G_N_ELEMENTS(secret_marks); i++)
		mask_marked(out, secret_marks[i]);
	mask_tokens(out);
	return g_string_free(out, FALSE);
}
