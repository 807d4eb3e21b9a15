/* Escaping for URLs and OData, read back as the services do. */
#include "config.h"
#include "fuzz/fuzz.h"

#include "core/auto.h"
#include "defender/url.h"

FUZZ_TARGET(url)
{
	AUTO(g_free) char *text = g_strndup((const char *)data, size);
	AUTO(g_string) GString *url = g_string_new(NULL);
	AUTO(g_string) GString *literal = g_string_new(NULL);
	AUTO(g_string) GString *back = g_string_new(NULL);
	const char *at;

	url_append_escaped(url, text);
	for (at = url->str; *at != '\0'; at++) {
		fuzz_check(g_ascii_isalnum(*at) || strchr("-._~%", *at) != NULL, "'%c' in an escaped URL", *at);
		if (*at == '%') {
			fuzz_check(g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2]), "a bare percent sign");
			g_string_append_c(back, (char)(g_ascii_xdigit_value(at[1]) * 16 + g_ascii_xdigit_value(at[2])));
			at += 2;
		} else {
			g_string_append_c(back, *at);
		}
	}
	fuzz_check(strcmp(back->str, text) == 0, "the URL says another text");
	fuzz_check(strcmp(url->str, ".") != 0 && strcmp(url->str, "..") != 0, "a path segment that leads elsewhere");

	odata_append_literal(literal, text);
	g_string_truncate(back, 0);
	fuzz_check(literal->len >= 2 && literal->str[0] == '\'', "no literal");
	for (at = literal->str + 1; *at != '\0'; at++) {
		if (*at == '\'' && *++at != '\'')
			break;
		g_string_append_c(back, *at);
	}
	fuzz_check(at == literal->str + literal->len && strcmp(back->str, text) == 0, "the literal says another text");
	return 0;
}
