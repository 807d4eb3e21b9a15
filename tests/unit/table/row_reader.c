#include "config.h"
#include "table/row_reader.h"

#include "core/file.h"
#include "tests/tap.h"

/* Cases are blocks of tests/data/table/row_reader.txt: "> JSON" with what must come out below. "\xNN" in the JSON of
 * a case stands for that byte. Each is fed whole and byte by byte. */

static const char *const arrays[] = { "value", "results", "Results", NULL };

static void show(GString *out, const char *name, const struct row_value *value)
{
	g_string_append_printf(out, "%s=", name);
	switch (value->kind) {
	case ROW_NULL: g_string_append(out, "null"); break;
	case ROW_BOOL: g_string_append(out, value->boolean ? "true" : "false"); break;
	case ROW_INTEGER: g_string_append_printf(out, "int %lld", (long long)value->integer); break;
	case ROW_REAL: g_string_append_printf(out, "real %.17g", value->real); break;
	case ROW_STRING:
		g_string_append(out, "string ");
		for (size_t i = 0; i < value->length; i++)
			if (value->text[i] == '\0')
				g_string_append(out, "<NUL>");
			else
				g_string_append_c(out, value->text[i]);
		break;
	case ROW_DYNAMIC: g_string_append_printf(out, "dynamic %.*s", (int)value->length, value->text); break;
	}
	g_string_append_c(out, '\n');
}

static bool on_begin(void *data, struct error *error)
{
	(void)error;
	g_string_append(data, "row\n");
	return true;
}

static bool on_member(void *data, const char *name, const struct row_value *value, struct error *error)
{
	if (strcmp(name, "stop") == 0)
		return error_set(error, ERROR_FAILED, "stopped");
	show(data, name, value);
	return true;
}

static bool on_end(void *data, struct error *error)
{
	(void)error;
	g_string_append(data, "end\n");
	return true;
}

static bool on_top(void *data, const char *name, const struct row_value *value, struct error *error)
{
	(void)error;
	g_string_append(data, "top ");
	show(data, name, value);
	return true;
}

static const struct row_handler handler = { on_begin, on_member, on_end, on_top };

static char *run(const GString *json, size_t step)
{
	GString *out = g_string_new(NULL);
	struct error error = ERROR_INIT;
	AUTO(row_reader_free) struct row_reader *reader = row_reader_new(arrays, &handler, out);
	bool fine = true;

	for (size_t at = 0; fine && at < json->len; at += step)
		fine = row_reader_feed(reader, json->str + at, MIN(step, json->len - at), &error);
	if (fine)
		fine = row_reader_finish(reader, &error);
	if (!fine)
		g_string_append_printf(out, "! %s\n", error.text);
	return g_string_free(out, FALSE);
}

/* The bytes of a case: "\xNN" is one, all else stands for itself. */
static GString *case_bytes(const char *line)
{
	GString *bytes = g_string_new(NULL);

	while (*line != '\0') {
		if (line[0] == '\\' && line[1] == 'x') {
			g_string_append_c(bytes, (char)(g_ascii_xdigit_value(line[2]) * 16 + g_ascii_xdigit_value(line[3])));
			line += 4;
		} else {
			g_string_append_c(bytes, *line++);
		}
	}
	return bytes;
}

static void check_case(const char *block)
{
	const char *end = strchrnul(block, '\n');
	AUTO(g_free) char *title = g_strndup(block, (gsize)(end - block));
	AUTO(g_free) char *wanted = *end == '\n' ? g_strconcat(end + 1, "\n", NULL) : g_strdup("");
	AUTO(g_string) GString *json = case_bytes(title + 2);
	AUTO(g_free) char *whole = run(json, json->len + 1);
	size_t different = 0;

	tap_str(whole, wanted, title);
	for (size_t step = 1; step < 24; step++) {
		AUTO(g_free) char *pieces = run(json, step);

		if (strcmp(pieces, whole) != 0 && different++ == 0)
			tap_str(pieces, whole, "the same in pieces of any size");
	}
	tap_int((long long)different, 0, "the same in pieces");
}

static void check_data(void)
{
	AUTO(g_free) char *path = g_build_filename(g_getenv("srcdir"), "tests/data/table/row_reader.txt", NULL);
	AUTO(g_free) char *text = NULL;
	size_t length;

	if (!tap_ok(file_read(path, 1 << 20, &text, &length, NULL), "the cases are read"))
		return;
	for (char *block = text; block != NULL && *block != '\0';) {
		char *end = strstr(block, "\n\n");
		char *next = end != NULL ? end + 2 : NULL;

		if (end != NULL)
			*end = '\0';
		else
			g_strchomp(block);
		check_case(block);
		block = next;
	}
}

static void check_bounds(void)
{
	AUTO(g_string) GString *json = g_string_new("{\"value\":[{\"a\":");
	AUTO(g_free) char *out = NULL;

	for (int i = 0; i < ROW_READER_DEPTH - 3; i++)
		g_string_append_c(json, '[');
	g_string_append_c(json, '0');
	for (int i = 0; i < ROW_READER_DEPTH - 3; i++)
		g_string_append_c(json, ']');
	g_string_append(json, "}]}");
	out = run(json, json->len);
	tap_ok(g_str_has_suffix(out, "]\nend\n"), "nesting up to the bound");
	g_string_insert_c(json, 15, '[');
	g_free(out);
	out = run(json, json->len);
	tap_str(out, "row\n! unexpected JSON: values are nested too deeply\n", "nesting beyond it");

	g_string_assign(json, "{\"value\":[{\"a\":\"");
	g_string_set_size(json, ROW_READER_VALUE_LIMIT + 16);
	memset(json->str + 16, 'x', ROW_READER_VALUE_LIMIT);
	g_string_append(json, "\"}]}");
	g_free(out);
	out = run(json, json->len);
	tap_ok(g_str_has_suffix(out, "xx\nend\n"), "a value up to the bound");
	g_free(out);
	out = run(json, 1000);
	tap_ok(g_str_has_suffix(out, "xx\nend\n"), "the same in small pieces");
	g_string_insert_c(json, 20, 'x');
	g_free(out);
	out = run(json, json->len);
	tap_str(out, "row\n! unexpected JSON: a value is too large\n", "a value beyond it");

	g_string_assign(json, "{\"value\":[{\"a\":[1");
	while (json->len < ROW_READER_VALUE_LIMIT + 100)
		g_string_append(json, ",1");
	g_free(out);
	out = run(json, json->len);
	tap_str(out, "row\n! unexpected JSON: a value is too large\n", "a nested value beyond it");

	g_string_assign(json, "{\"value\":[{\"a\":\"");
	g_string_set_size(json, ROW_READER_VALUE_LIMIT + 200000);
	memset(json->str + 16, 'x', json->len - 16);
	g_free(out);
	out = run(json, 4096);
	tap_str(out, "row\n! unexpected JSON: a value is too large\n", "an endless value is not kept");
}

int main(void)
{
	check_data();
	check_bounds();
	return tap_done();
}
