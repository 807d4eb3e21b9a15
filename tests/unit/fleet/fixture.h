/* The inventory of tests/data/fleet/machines.json, and case files: blocks divided by a blank line, the first line of
 * each begins with "> ". */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "core/file.h"
#include "fleet/inventory.h"
#include "tests/tap.h"

__attribute__((unused))
static char *fixture_read(const char *file, size_t *length)
{
	AUTO(g_free) char *path = g_build_filename(g_getenv("srcdir"), "tests/data/fleet", file, NULL);
	struct error error = ERROR_INIT;
	char *bytes = NULL;

	if (!file_read(path, 1 << 24, &bytes, length, &error))
		g_error("%s", error.text);
	return bytes;
}

__attribute__((unused))
static struct inventory *fixture_inventory(void)
{
	static const char *const arrays[] = { "value", NULL };
	struct inventory *inventory = inventory_new();
	struct inventory_builder *builder = inventory_builder_new(inventory);
	AUTO(row_reader_free) struct row_reader *reader = row_reader_new(arrays, &inventory_row_handler, builder);
	struct error error = ERROR_INIT;
	size_t length;
	AUTO(g_free) char *bytes = fixture_read("machines.json", &length);

	inventory_builder_page(builder, 0);
	if (!row_reader_feed(reader, bytes, length, &error) || !row_reader_finish(reader, &error))
		g_error("%s", error.text);
	inventory_replace(inventory, builder, 42);
	return inventory;
}

/* The blocks of a case file. The caller frees with g_strfreev. */
__attribute__((unused))
static char **fixture_blocks(const char *file)
{
	size_t length;
	AUTO(g_free) char *text = fixture_read(file, &length);

	return g_strsplit(g_strchomp(text), "\n\n", -1);
}

/* Text with \n \r \t \\ \xNN as bytes. */
__attribute__((unused))
static GString *fixture_bytes(const char *line)
{
	GString *bytes = g_string_new(NULL);

	for (; *line != '\0'; line++) {
		if (*line != '\\' || line[1] == '\0') {
			g_string_append_c(bytes, *line);
			continue;
		}
		switch (*++line) {
		case 'n': g_string_append_c(bytes, '\n'); break;
		case 'r': g_string_append_c(bytes, '\r'); break;
		case 't': g_string_append_c(bytes, '\t'); break;
		case 'x':
			g_string_append_c(bytes, (char)(g_ascii_xdigit_value(line[1]) * 16 + g_ascii_xdigit_value(line[2])));
			line += 2;
			break;
		default: g_string_append_c(bytes, *line);
		}
	}
	return bytes;
}

#endif
