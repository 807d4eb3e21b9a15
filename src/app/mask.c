/* Secrets that a person may have typed: what goes into the log is masked. */
#include "config.h"
#include "app/session.h"

#include <string.h>

#include "app/tenant.h"

#define SECRET_LEAST 4 /* a shorter value would mask ordinary words */

static const char *const secret_variables[] = { "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PASSWORD" };

/* Words behind which a secret stands. */
static const char *const secret_marks[] = { "bearer ", "client_secret=", "password=", "secret=" };

static void replace_all(GString *text, const char *secret)
{
	if (secret != NULL && strlen(secret) >= SECRET_LEAST)
		g_string_replace(text, secret, "***", 0);
}

static size_t value_length(const char *text)
{
	return strcspn(text, " \t\r\n\"'&;|<>,");
}

static void mask_marked(GString *text, const char *mark)
{
	size_t at = 0, length;
	AUTO(g_free) char *folded = g_ascii_strdown(text->str, -1);
	char *found = folded;

	/* From the end, so that the places found stay right. */
	while ((found = g_strrstr(folded, mark)) != NULL) {
		at = (size_t)(found - folded) + strlen(mark);
		length = value_length(text->str + at);
		if (length >= SECRET_LEAST) {
			g_string_erase(text, (gssize)at, (gssize)length);
			g_string_insert(text, (gssize)at, "***");
		}
		*found = '\0';
	}
}

/* JSON Web Tokens: three runs of base64url with dots between, the first begins with {" in base64. */
static void mask_tokens(GString *text)
{
	size_t from = 0, length;
	char *found;

	while ((found = strstr(text->str + from, "eyJ")) != NULL) {
		from = (size_t)(found - text->str);
		length = strspn(found, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
		if (length < 40 || memchr(found, '.', length) == NULL) {
			from += 3;
			continue;
		}
		g_string_erase(text, (gssize)from, (gssize)length);
		g_string_insert(text, (gssize)from, "***");
	}
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
