/* Rows of a hunting answer as they arrive, and the table that they become. */
#include "config.h"
#include "engine/hunting_rows.h"

#include <errno.h>
#include <string.h>

#include "core/isotime.h"
#include "core/text.h"
#include "kql/json.h"
#include "kql/literal.h"

/* Rows may arrive before the schema that types them, so cells are kept raw until the end. */
struct raw_cell {
	enum row_kind kind;
	int64_t integer;
	double real;
	size_t at, length; /* text in the arena */
};

struct raw_column {
	char *name;
	char *type; /* KQL's name, or NULL until the schema told */
	GArray *cells; /* struct raw_cell; shorter than the rows: nulls follow */
};

struct hunting_cells {
	GPtrArray *columns;  /* struct raw_column */
	GHashTable *by_name; /* of columns */
	GString *arena;
	size_t rows;
};

static void raw_column_free(void *data)
{
	struct raw_column *column = data;

	g_free(column->name);
	g_free(column->type);
	g_array_unref(column->cells);
	g_free(column);
}

static struct raw_column *cells_column(struct hunting_cells *cells, const char *name)
{
	struct raw_column *column = g_hash_table_lookup(cells->by_name, name);

	if (column == NULL) {
		column = g_new0(struct raw_column, 1);
		column->name = g_strdup(name);
		column->cells = g_array_new(FALSE, FALSE, sizeof(struct raw_cell));
		g_ptr_array_add(cells->columns, column);
		g_hash_table_insert(cells->by_name, column->name, column);
	}
	return column;
}

/* A row may lack most of its columns, and each place costs as much as a value. */
static bool cells_fit(const struct hunting_cells *cells, struct error *error)
{
	return cells->rows * cells->columns->len <= HUNTING_CELLS_MOST ||
		error_set(error, ERROR_FAILED, "the hunting answer is too large: %zu rows of %u columns", cells->rows,
			cells->columns->len);
}

static bool on_row(void *data, struct error *error)
{
	struct hunting_cells *cells = data;

	cells->rows++;
	return cells_fit(cells, error);
}

static bool on_member(void *data, const char *name, const struct row_value *value, struct error *error)
{
	struct hunting_cells *cells = data;
	struct raw_column *column;
	struct raw_cell cell = { .kind = value->kind, .integer = value->integer, .real = value->real };

	/* OData annotations ("Name@odata.type") are no columns (API contract, section 6.3). */
	if (strchr(name, '@') != NULL)
		return true;
	column = cells_column(cells, name);
	if (!cells_fit(cells, error))
		return false;
	if (value->kind == ROW_BOOL)
		cell.integer = value->boolean;
	if (value->kind == ROW_STRING || value->kind == ROW_DYNAMIC) {
		cell.at = cells->arena->len;
		text_append_marked(cells->arena, value->text, value->length);
		cell.length = cells->arena->len - cell.at;
	}
	while (column->cells->len + 1 < cells->rows)
		g_array_append_vals(column->cells, &(struct raw_cell){ .kind = ROW_NULL }, 1);
	if (column->cells->len + 1 == cells->rows)
		g_array_append_val(column->cells, cell);
	else
		g_array_index(column->cells, struct raw_cell, cells->rows - 1) = cell;
	return true;
}

const struct row_handler hunting_cells_handler = { .begin = on_row, .member = on_member };

void hunting_cells_clear(void *data)
{
	struct hunting_cells *cells = data;

	g_hash_table_remove_all(cells->by_name);
	g_ptr_array_set_size(cells->columns, 0);
	g_string_truncate(cells->arena, 0);
	cells->rows = 0;
}

void hunting_cells_schema(void *data, const char *name, const char *kql_type)
{
	struct raw_column *column = cells_column(data, name);

	g_free(column->type);
	column->type = g_strdup(kql_type);
}

static enum column_type type_of(const struct raw_column *column)
{
	static const enum column_type all[] = {
		COLUMN_BOOL, COLUMN_INT, COLUMN_LONG, COLUMN_REAL, COLUMN_DATETIME, COLUMN_TIMESPAN, COLUMN_GUID,
		COLUMN_STRING, COLUMN_DYNAMIC,
	};

	for (size_t i = 0; column->type != NULL && i < G_N_ELEMENTS(all); i++)
		if (strcmp(column->type, column_type_name(all[i])) == 0)
			return all[i];
	return COLUMN_STRING;
}

/* JSON in a text, or the text itself as a dynamic string; the services write "" for null. */
static void append_dynamic(struct column *to, const char *text, size_t length)
{
	AUTO(g_string) GString *json = g_string_new(NULL);

	if (length == 0) {
		column_append_null(to);
		return;
	}
	if (!kql_json_compact(text, length, json))
		kql_json_append_string(json, text, length);
	column_append_text(to, json->str, json->len);
}

static void append_as_text(struct column *to, const struct raw_cell *cell, const char *text)
{
	AUTO(g_free) char *made = NULL;
	AUTO(g_string) GString *json = NULL;

	if (column_type(to) == COLUMN_DYNAMIC && cell->kind == ROW_REAL) {
		json = g_string_new(NULL);
		kql_json_append_real(json, cell->real);
		column_append_text(to, json->str, json->len);
		return;
	}
	if (column_type(to) == COLUMN_DYNAMIC && cell->kind == ROW_STRING) {
		append_dynamic(to, text, cell->length);
		return;
	}
	if (cell->kind == ROW_STRING || cell->kind == ROW_DYNAMIC) {
		column_append_text(to, text, cell->length);
		return;
	}
	if (cell->kind == ROW_BOOL)
		made = g_strdup(cell->integer != 0 ? "true" : "false");
	else if (cell->kind == ROW_INTEGER)
		made = g_strdup_printf("%" G_GINT64_FORMAT, (gint64)cell->integer);
	else
		made = g_strdup_printf("%.17g", cell->real);
	column_append_text(to, made, strlen(made));
}

/* A whole number from a number, a boolean or its text; false for anything else. */
static bool cell_integer(const struct raw_cell *cell, const char *text, int64_t *value)
{
	AUTO(g_free) char *copy = NULL;
	char *end = NULL;

	*value = cell->integer;
	if (cell->kind == ROW_INTEGER || cell->kind == ROW_BOOL)
		return true;
	if (cell->kind != ROW_STRING)
		return false;
	copy = g_strndup(text, cell->length);
	if (strcmp(copy, "true") == 0 || strcmp(copy, "false") == 0) {
		*value = copy[0] == 't';
		return true;
	}
	errno = 0;
	*value = g_ascii_strtoll(copy, &end, 10);
	return end != copy && *end == '\0' && errno == 0;
}

static bool cell_real(const struct raw_cell *cell, const char *text, double *value)
{
	AUTO(g_free) char *copy = NULL;
	char *end = NULL;

	*value = cell->kind == ROW_INTEGER ? (double)cell->integer : cell->real;
	if (cell->kind == ROW_INTEGER || cell->kind == ROW_REAL)
		return true;
	if (cell->kind != ROW_STRING)
		return false;
	copy = g_strndup(text, cell->length);
	*value = g_ascii_strtod(copy, &end);
	return end != copy && *end == '\0';
}

/* The services' cell forms are those of the API contract, section 6.5; one that does not fit its type is null. */
static void append_cell(struct column *to, const struct raw_cell *cell, const char *arena)
{
	const char *text = arena + cell->at;
	int64_t integer;
	double real;
	bool fits = false;

	switch (column_type(to)) {
	case COLUMN_BOOL:
	case COLUMN_INT:
	case COLUMN_LONG:
		fits = cell_integer(cell, text, &integer) &&
			(column_type(to) != COLUMN_INT || (integer >= INT32_MIN && integer <= INT32_MAX));
		if (fits)
			column_append_int(to, column_type(to) == COLUMN_BOOL ? integer != 0 : integer);
		break;
	case COLUMN_REAL:
		fits = cell_real(cell, text, &real);
		if (fits)
			column_append_real(to, real);
		break;
	case COLUMN_DATETIME:
		fits = cell->kind == ROW_STRING && isotime_parse(text, cell->length, &integer);
		if (fits)
			column_append_int(to, integer);
		break;
	case COLUMN_TIMESPAN:
		fits = cell->kind == ROW_STRING && kql_parse_timespan(text, cell->length, &integer);
		if (fits)
			column_append_int(to, integer);
		break;
	case COLUMN_GUID:
	case COLUMN_STRING:
	case COLUMN_DYNAMIC:
		fits = cell->kind != ROW_NULL;
		if (fits)
			append_as_text(to, cell, text);
		break;
	}
	if (!fits)
		column_append_null(to);
}

struct table *hunting_cells_table(const struct hunting_cells *cells)
{
	struct table *table = table_new("Results");

	for (guint i = 0; i < cells->columns->len; i++) {
		const struct raw_column *raw = g_ptr_array_index(cells->columns, i);
		struct column *column;

		if (raw->type == NULL) /* the schema does not know it: no column, but an annotation */
			continue;
		column = column_new(raw->name, type_of(raw));
		for (size_t row = 0; row < cells->rows; row++) {
			static const struct raw_cell null = { .kind = ROW_NULL };

			append_cell(column, row < raw->cells->len ? &g_array_index(raw->cells, struct raw_cell, row) :
				&null, cells->arena->str);
		}
		table_add(table, column);
	}
	return table;
}

struct hunting_cells *hunting_cells_new(void)
{
	struct hunting_cells *cells = g_new0(struct hunting_cells, 1);

	cells->columns = g_ptr_array_new_with_free_func(raw_column_free);
	cells->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	cells->arena = g_string_new(NULL);
	return cells;
}

void hunting_cells_free(struct hunting_cells *cells)
{
	if (cells == NULL)
		return;
	g_hash_table_unref(cells->by_name);
	g_ptr_array_unref(cells->columns);
	g_string_free(cells->arena, TRUE);
	g_free(cells);
}

size_t hunting_cells_rows(const struct hunting_cells *cells)
{
	return cells->rows;
}
