#include "config.h"
#include "app/table_file.h"

#include <string.h>

#include <glib.h>

#include "core/file.h"
#include "core/text.h"
#include "table/sheet_decode.h"

static bool is_called(const char *path, const char *const *endings)
{
	const char *dot = strrchr(path, '.');

	for (; dot != NULL && *endings != NULL; endings++)
		if (g_ascii_strcasecmp(dot + 1, *endings) == 0)
			return true;
	return false;
}

static bool is_json(const char *path, const char *text, size_t length)
{
	static const char *const json[] = { "json", "jsonl", "ndjson", NULL };
	static const char *const other[] = { "csv", "tsv", "tab", "txt", NULL };
	size_t at = 0;

	if (is_called(path, json))
		return true;
	while (at < length && strchr(" \t\r\n", text[at]) != NULL && text[at] != '\0')
		at++;
	return !is_called(path, other) && at < length && (text[at] == '[' || text[at] == '{');
}

/* ---- CSV */

static bool fail(const char *path, unsigned line, struct error *error, const char *what)
{
	error_set(error, ERROR_FAILED, "cannot load '%s': %s", path, what);
	error_at(error, path, line, 0);
	return false;
}

/* The title, or ColumnN for an empty one; a number behind it if it is there already, as KQL names columns. */
static char *title_name(const char *title, size_t index, GHashTable *names)
{
	AUTO(g_free) char *base = title[0] != '\0' ? g_strdup(title) : g_strdup_printf("Column%zu", index + 1);
	char *name = g_strdup(base);

	for (unsigned number = 1; g_hash_table_contains(names, name); number++) {
		g_free(name);
		name = g_strdup_printf("%s%u", base, number);
	}
	g_hash_table_add(names, g_strdup(name));
	return name;
}

/* Titles up to the last one that is not empty: a delimiter at each line's end makes no column. */
static size_t count_titles(const struct sheet *sheet)
{
	size_t count = sheet_cells(sheet, 0);

	while (count > 0 && sheet_cell(sheet, 0, count - 1)[0] == '\0')
		count--;
	return count;
}

static bool check_row(const struct sheet *sheet, const char *path, size_t row, size_t columns, struct error *error)
{
	for (size_t n = columns; n < sheet_cells(sheet, row); n++)
		if (sheet_cell(sheet, row, n)[0] != '\0')
			return fail(path, sheet_line(sheet, row), error, "this row has more cells than there are titles");
	return true;
}

static bool check_sheet(const struct sheet *sheet, const char *path, size_t columns, struct error *error)
{
	size_t rows = sheet_rows(sheet);

	if (columns == 0)
		return fail(path, rows > 0 ? sheet_line(sheet, 0) : 0, error, "it has no title row");
	if (columns > TABLE_FILE_COLUMNS)
		return fail(path, sheet_line(sheet, 0), error, "it has more than 1,000 columns");
	if (rows - 1 > TABLE_FILE_ROWS || (rows - 1) * columns > TABLE_FILE_CELLS)
		return fail(path, 0, error, "it has more than 1,000,000 rows or 20,000,000 cells");
	for (size_t n = 0; n < columns; n++)
		if (strlen(sheet_cell(sheet, 0, n)) > TABLE_FILE_NAME_LIMIT)
			return fail(path, sheet_line(sheet, 0), error, "a title is longer than 1,024 bytes");
	for (size_t row = 1; row < rows; row++)
		if (!check_row(sheet, path, row, columns, error))
			return false;
	return true;
}

static struct table *table_of_sheet(const char *name, const char *path, const struct sheet *sheet, struct error *error)
{
	AUTO(g_hash_table_unref) GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	size_t rows = sheet_rows(sheet), columns = rows > 0 ? count_titles(sheet) : 0;
	struct table *table;

	if (!check_sheet(sheet, path, columns, error))
		return NULL;
	table = table_new(name);
	for (size_t n = 0; n < columns; n++) {
		AUTO(g_free) char *title = title_name(sheet_cell(sheet, 0, n), n, names);
		struct column *column = column_new(title, COLUMN_STRING);

		for (size_t row = 1; row < rows; row++) {
			const char *cell = sheet_cell(sheet, row, n);

			column_append_text(column, cell, strlen(cell));
		}
		table_add(table, column);
	}
	return table;
}

/* ---- files */

/* PowerShell writes JSON in UTF-16, too; only what has a byte order mark is taken for it. */
static GString *json_text(const char *path, const char *bytes, size_t length, struct error *error)
{
	bool wide = length >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0);
	const char *bad, *encoding;
	unsigned line, column;

	if (wide)
		return sheet_decode(path, bytes, length, &encoding, error);
	if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		length -= 3;
	}
	if (g_utf8_validate_len(bytes, length, &bad))
		return g_string_new_len(bytes, (gssize)length);
	sheet_position(bytes, (size_t)(bad - bytes), &line, &column);
	error_set(error, ERROR_FAILED, "cannot load '%s': JSON must be UTF-8, and this byte is not", path);
	error_at(error, path, line, column);
	return NULL;
}

struct table *table_file_parse(const char *name, const char *path, const char *bytes, size_t length, struct error *error)
{
	AUTO(sheet_free) struct sheet *sheet = NULL;
	AUTO(g_string) GString *text = NULL;
	bool wide = length >= 2 && ((unsigned char)bytes[0] >= 0xfe && (unsigned char)bytes[1] >= 0xfe);
	bool marked = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0;
	size_t skip = marked ? 3 : 0;

	/* Of UTF-16 the first character tells: its other byte is 0. */
	if (is_json(path, bytes + skip, length - skip) ||
		(wide && length >= 4 && is_json(path, memchr("[{", bytes[2], 2) != NULL ? bytes + 2 : bytes + 3, 1))) {
		text = json_text(path, bytes, length, error);
		return text != NULL ? table_json_parse(name, path, text->str, text->len, error) : NULL;
	}
	sheet = sheet_parse(path, bytes, length, error);
	return sheet != NULL ? table_of_sheet(name, path, sheet, error) : NULL;
}

struct table *table_file_read(const char *name, const char *path, struct error *error)
{
	AUTO(g_free) char *bytes = NULL;
	size_t length;

	if (!file_read(path, TABLE_FILE_LIMIT, &bytes, &length, error))
		return NULL;
	return table_file_parse(name, strcmp(path, "-") == 0 ? "standard input" : path, bytes, length, error);
}
