#include "config.h"
#include "sim/jsonout.h"

#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"

void jsonout_text(GString *out, const char *text)
{
	if (text == NULL) {
		g_string_append(out, "null");
		return;
	}
	AUTO(g_free) char *valid = g_utf8_validate(text, -1, NULL) ? NULL : g_utf8_make_valid(text, -1);

	g_string_append_c(out, '"');
	for (const char *c = valid != NULL ? valid : text; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			g_string_append_c(out, '\\');
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			g_string_append_printf(out, "\\u%04x", (unsigned)*c);
		else
			g_string_append_c(out, *c);
	}
	g_string_append_c(out, '"');
}

void jsonout_member(GString *out, const char *name, const char *text)
{
	if (out->len > 0 && out->str[out->len - 1] != '{')
		g_string_append_c(out, ',');
	g_string_append_c(out, '"');
	g_string_append(out, name);
	g_string_append(out, "\":");
	jsonout_text(out, text);
}

void jsonout_time(GString *out, int64_t ticks, unsigned digits)
{
	char text[ISOTIME_SIZE];

	isotime_format(ticks, text);
	/* 2026-11-25T07:19:03.1234567Z: 19 characters before the fraction */
	g_string_append_c(out, '"');
	g_string_append_len(out, text, digits == 0 ? 19 : 20 + (gssize)digits);
	g_string_append(out, "Z\"");
}

static int append_chunk(const char *bytes, size_t length, void *data)
{
	g_string_append_len(data, bytes, (gssize)length);
	return 0;
}

void jsonout_tree(GString *out, const json_t *tree)
{
	json_dump_callback(tree, append_chunk, out, JSON_COMPACT | JSON_ENCODE_ANY);
}
