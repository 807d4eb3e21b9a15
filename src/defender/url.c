#include "config.h"
#include "defender/url.h"

void url_append_escaped(GString *url, const char *text)
{
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
