#include "config.h"
#include "defender/url.h"

#include <string.h>

void url_append_escaped(GString *url, const char *text)
{
	/* As a segment these lead to another path. */
	if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0) {
		g_string_append(url, text[1] == '\0' ? "%2E" : "%2E%2E");
		return;
	}
	g_string_append_uri_escaped(url, text, NULL, FALSE);
}

void odata_append_literal(GString *filter, const char *text)
{
	g_string_append_c(filter, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			g_string_append_c(filter, '\'');
		g_string_append_c(filter, *text);
	}
	g_string_append_c(filter, '\'');
}
