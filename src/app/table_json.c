/* Rows of JSON: one row at a time is checked and read; no tree of the file is ever built. */
#include "config.h"
#include "app/table_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>
#include <jansson.h>

#include "core/text.h"
#include "kql/json.h"

/* A value as it stands in the compact text of its row. */
struct json_cell {
	uint32_t row;
	struct kql_slice value;
};

struct json_column {
	char *name;
	GArray *cells;  /* struct json_cell, rising rows; absent and null ones are left out */
	unsigned kinds; /* bits of enum kql_json_kind */
	bool large;     /* a whole number that 64 bits do not hold */
};

struct json_rows {
	const char *path;
	const char *text, *end; /* the file */
	const char *at;
	unsigned line;          /* of at */
	const char *lined;      /* up to here lines are counted */
	GPtrArray *columns;     /* struct json_column */
	GHashTable *by_name;
	GPtrArray *chunks;      /* char *: compact text of the rows, never moved */
	size_t rows;
	struct error *error;
};

static void json_column_free(void *data)
{
	struct json_column *column = data;

	g_free(column->name);
	g_array_unref(column->cells);
	g_free(column);
}

static unsigned line_at(struct json_rows *rows, const char *place)
{
	for (; rows->lined < place; rows->lined++)
		rows->line += *rows->lined == '\n';
	return rows->line;
}

static bool fail(struct json_rows *rows, const char *place, const char *what)
{
	error_set(rows->error, ERROR_FAILED, "cannot load '%s': %s", rows->path, what);
	error_at(rows->error, rows->path, line_at(rows, MAX(place, rows->lined)), 0);
	return false;
}

static void skip_blanks(struct json_rows *rows)
{
	while (rows->at < rows->end && memchr(" \t\r\n", *rows->at, 4) != NULL)
		rows->at++;
}

/* The end of the value that begins at `at`, by its brackets and quotes alone; end if it does not close. */
static const char *value_end(const char *at, const char *end)
{
	size_t depth = 0;

	for (; at < end; at++) {
		if (*at == '"') {
			for (at++; at < end && *at != '"'; at++)
				at += *at == '\\';
			if (at >= end)
				return end;
		} else if (*at == '[' || *at == '{') {
			depth++;
		} else if (*at == ']' || *at == '}') {
			if (depth == 0)
				return at;
			depth--;
		} else if (depth > 0 || memchr(", \t\r\n:", *at, 6) == NULL) {
			continue;
		} else {
			return at;
		}
		if (depth == 0 && *at != ',')
			return at + 1;
	}
	return end;
}

/* ---- a row */

static struct json_column *column_for(struct json_rows *rows, const char *place, struct kql_slice key)
{
	struct kql_arena arena = { 0 };
	struct kql_slice bare = kql_json_string(&arena, key);
	AUTO(g_free) char *name = g_strndup(bare.text, bare.length);
	struct json_column *column = g_hash_table_lookup(rows->by_name, name);

	kql_arena_clear(&arena);
	if (column != NULL)
		return column;
	if (name[0] == '\0' || strlen(name) != bare.length || bare.length > TABLE_FILE_NAME_LIMIT) {
		fail(rows, place, "a member's name is empty, longer than 1,024 bytes, or has a NUL");
		return NULL;
	}
	if (rows->columns->len == TABLE_FILE_COLUMNS) {
		fail(rows, place, "it has more than 1,000 columns");
		return NULL;
	}
	column = g_new0(struct json_column, 1);
	column->name = g_strdup(name);
	column->cells = g_array_new(FALSE, FALSE, sizeof(struct json_cell));
	g_ptr_array_add(rows->columns, column);
	g_hash_table_insert(rows->by_name, column->name, column);
	return column;
}

static bool fits_long(struct kql_slice value)
{
	char text[32];

	if (value.length >= sizeof text)
		return false;
	memcpy(text, value.text, value.length);
	text[value.length] = '\0';
	errno = 0;
	strtoll(text, NULL, 10);
	return errno == 0;
}

static void store(struct json_rows *rows, struct json_column *column, struct kql_slice value)
{
	struct json_cell cell = { (uint32_t)(rows->rows - 1), value };
	enum kql_json_kind kind = kql_json_kind(value);
	struct json_cell *last = column->cells->len > 0 ?
		&g_array_index(column->cells, struct json_cell, column->cells->len - 1) : NULL;

	/* Of members with one name the last counts. */
	if (last != NULL && last->row == cell.row)
		g_array_set_size(column->cells, column->cells->len - 1);
	if (kind == KQL_JSON_NULL)
		return;
	column->kinds |= 1u << kind;
	column->large = column->large || (kind == KQL_JSON_LONG && !fits_long(value));
	g_array_append_val(column->cells, cell);
}

/* What is wrong with a row that is no JSON, in jansson's words. */
static bool fail_json(struct json_rows *rows, const char *start, size_t length)
{
	json_error_t fault;
	json_t *json = json_loadb(start, length, JSON_DECODE_ANY, &fault);
	AUTO(g_free) char *what = g_strdup_printf("it is not valid JSON: %s", json == NULL ? fault.text : "nested too deeply");
	unsigned line = line_at(rows, start) + (json == NULL && fault.line > 0 ? (unsigned)fault.line - 1 : 0);

	json_decref(json);
	error_set(rows->error, ERROR_FAILED, "cannot load '%s': %s", rows->path, what);
	error_at(rows->error, rows->path, line, 0);
	return false;
}

static bool take_row(struct json_rows *rows, const char *start, size_t length)
{
	AUTO(g_string) GString *compact = NULL;
	struct kql_json_walk walk;
	struct kql_slice row;

	if (length == 0 || *start != '{')
		return length > 0 && *start != '[' && *start != '"' && memchr("-0123456789tfn", *start, 14) == NULL ?
			fail_json(rows, start, length) : fail(rows, start, "a row is not an object");
	compact = g_string_sized_new(length);
	if (!kql_json_compact(start, length, compact))
		return fail_json(rows, start, length);
	if (rows->rows == TABLE_FILE_ROWS)
		return fail(rows, start, "it has more than 1,000,000 rows");
	rows->rows++;
	row.length = compact->len;
	row.text = g_string_free(AUTO_STEAL(compact), FALSE);
	g_ptr_array_add(rows->chunks, (char *)row.text);
	for (walk = kql_json_walk(row); kql_json_next(&walk);) {
		struct json_column *column = column_for(rows, start, walk.key);

		if (column == NULL)
			return false;
		store(rows, column, walk.value);
	}
	if (rows->rows * rows->columns->len > TABLE_FILE_CELLS)
		return fail(rows, start, "it has more than 20,000,000 cells");
	return true;
}

/* ---- where the rows are */

static bool take_value(struct json_rows *rows)
{
	const char *start = rows->at;

	rows->at = value_end(start, rows->end);
	return take_row(rows, start, (size_t)(rows->at - start));
}

/* at is behind the '['. */
static bool take_array(struct json_rows *rows)
{
	const char *open = rows->at - 1;

	skip_blanks(rows);
	if (rows->at < rows->end && *rows->at == ']') {
		rows->at++;
		return true;
	}
	for (;;) {
		if (!take_value(rows))
			return false;
		skip_blanks(rows);
		if (rows->at >= rows->end)
			return fail(rows, open, "the array that begins here does not end");
		if (*rows->at == ']') {
			rows->at++;
			return true;
		}
		if (*rows->at != ',')
			return fail(rows, rows->at, "it is not valid JSON: ',' or ']' is missing");
		rows->at++;
		skip_blanks(rows);
	}
}

/* The array of a wrapping object: {"value": [...], ...}; NULL if the text is none. */
static const char *wrapped_array(const struct json_rows *rows)
{
	static const char *const names[] = { "value", "results", "rows", "devices", "log", "actions" };
	const char *at = rows->at + 1, *end = value_end(rows->at, rows->end), *rest = end;
	struct json_rows scan = { .end = end };

	while (rest < rows->end && memchr(" \t\r\n", *rest, 4) != NULL)
		rest++;
	if (rest < rows->end) /* more objects follow: JSON lines */
		return NULL;
	while (at < end) {
		struct kql_slice key;

		scan.at = at;
		skip_blanks(&scan);
		key = (struct kql_slice){ scan.at, (size_t)(value_end(scan.at, end) - scan.at) };
		if (key.length < 2 || *key.text != '"')
			return NULL;
		scan.at = key.text + key.length;
		skip_blanks(&scan);
		if (scan.at >= end || *scan.at != ':')
			return NULL;
		scan.at++;
		skip_blanks(&scan);
		for (size_t n = 0; n < G_N_ELEMENTS(names) && scan.at < end && *scan.at == '['; n++)
			if (key.length - 2 == strlen(names[n]) && g_ascii_strncasecmp(key.text + 1, names[n], key.length - 2) == 0)
				return scan.at;
		scan.at = value_end(scan.at, end);
		skip_blanks(&scan);
		if (scan.at >= end || *scan.at != ',')
			return NULL;
		at = scan.at + 1;
	}
	return NULL;
}

static bool take_file(struct json_rows *rows)
{
	const char *array;

	skip_blanks(rows);
	if (rows->at >= rows->end)
		return fail(rows, rows->at, "it is empty");
	if (*rows->at == '[') {
		rows->at++;
		if (!take_array(rows))
			return false;
		skip_blanks(rows);
		return rows->at >= rows->end ? true : fail(rows, rows->at, "it is not valid JSON: text after the array");
	}
	array = *rows->at == '{' ? wrapped_array(rows) : NULL;
	if (array != NULL) {
		AUTO(g_string) GString *whole = g_string_new(NULL);

		/* What stands around the rows must be JSON, too. */
		if (!kql_json_compact(rows->at, (size_t)(rows->end - rows->at), whole))
			return fail_json(rows, rows->at, (size_t)(rows->end - rows->at));
		rows->at = array + 1;
		return take_array(rows);
	}
	for (; rows->at < rows->end; skip_blanks(rows))
		if (!take_value(rows))
			return false;
	return true;
}

/* ---- columns */

static enum column_type type_of(const struct json_column *column)
{
	const unsigned longs = 1u << KQL_JSON_LONG, numbers = longs | 1u << KQL_JSON_REAL;

	if (column->kinds == 1u << KQL_JSON_BOOL)
		return COLUMN_BOOL;
	if (column->kinds == longs && !column->large)
		return COLUMN_LONG;
	if (column->kinds != 0 && (column->kinds & ~numbers) == 0)
		return COLUMN_REAL;
	return column->kinds == 1u << KQL_JSON_STRING ? COLUMN_STRING : COLUMN_DYNAMIC;
}

static void append_cell(struct column *to, struct kql_slice value)
{
	struct kql_arena arena = { 0 };
	struct kql_slice text;
	AUTO(g_free) char *number = NULL;
	AUTO(g_string) GString *marked = g_string_new(NULL);

	switch (column_type(to)) {
	case COLUMN_BOOL:
		column_append_int(to, value.text[0] == 't');
		return;
	case COLUMN_LONG:
		number = g_strndup(value.text, value.length);
		column_append_int(to, strtoll(number, NULL, 10));
		return;
	case COLUMN_REAL:
		number = g_strndup(value.text, value.length);
		column_append_real(to, g_ascii_strtod(number, NULL));
		return;
	case COLUMN_STRING:
		text = kql_json_string(&arena, value);
		text_append_marked(marked, text.text, text.length);
		column_append_text(to, marked->str, marked->len);
		kql_arena_clear(&arena);
		return;
	default:
		column_append_text(to, value.text, value.length);
	}
}

static struct column *column_make(const struct json_rows *rows, const struct json_column *from)
{
	struct column *column = column_new(from->name, type_of(from));
	guint next = 0;

	for (size_t row = 0; row < rows->rows; row++) {
		const struct json_cell *cell = next < from->cells->len ? &g_array_index(from->cells, struct json_cell, next) :
			NULL;

		if (cell == NULL || cell->row != row) {
			column_append_null(column);
			continue;
		}
		append_cell(column, cell->value);
		next++;
	}
	return column;
}

struct table *table_json_parse(const char *name, const char *path, const char *text, size_t length, struct error *error)
{
	struct json_rows rows = { .path = path, .text = text, .end = text + length, .at = text, .line = 1, .lined = text,
		.error = error };
	struct table *table = NULL;

	rows.columns = g_ptr_array_new_with_free_func(json_column_free);
	rows.by_name = g_hash_table_new(g_str_hash, g_str_equal);
	rows.chunks = g_ptr_array_new_with_free_func(g_free);
	if (take_file(&rows) && rows.columns->len == 0)
		fail(&rows, text, "it has no rows with members");
	else if (rows.columns->len > 0 && (error == NULL || error->kind == ERROR_NONE)) {
		table = table_new(name);
		for (guint n = 0; n < rows.columns->len; n++)
			table_add(table, column_make(&rows, rows.columns->pdata[n]));
	}
	g_ptr_array_unref(rows.columns);
	g_hash_table_unref(rows.by_name);
	g_ptr_array_unref(rows.chunks);
	return table;
}
