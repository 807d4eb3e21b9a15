#include "config.h"
#include "engine/source.h"

#include <string.h>

#include "core/isotime.h"
#include "engine/waiting.h"
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

struct hunt {
	struct waiting waiting;
	GPtrArray *columns;    /* struct raw_column */
	GHashTable *by_name;
	GString *arena;
	size_t rows;
	bool done;
	struct error error;
};

static void raw_column_free(void *data)
{
	struct raw_column *column = data;

	g_free(column->name);
	g_free(column->type);
	g_array_unref(column->cells);
	g_free(column);
}

static struct raw_column *hunt_column(struct hunt *hunt, const char *name)
{
	struct raw_column *column = g_hash_table_lookup(hunt->by_name, name);

	if (column == NULL) {
		column = g_new0(struct raw_column, 1);
		column->name = g_strdup(name);
		column->cells = g_array_new(FALSE, FALSE, sizeof(struct raw_cell));
		g_ptr_array_add(hunt->columns, column);
		g_hash_table_insert(hunt->by_name, column->name, column);
	}
	return column;
}

static bool hunt_row(void *data, struct error *error)
{
	struct hunt *hunt = data;

	(void)error;
	hunt->rows++;
	return true;
}

static bool hunt_member(void *data, const char *name, const struct row_value *value, struct error *error)
{
	struct hunt *hunt = data;
	struct raw_column *column;
	struct raw_cell cell = { .kind = value->kind, .integer = value->integer, .real = value->real };

	(void)error;
	/* OData annotations ("Name@odata.type") are no columns (API contract, section 6.3). */
	if (strchr(name, '@') != NULL)
		return true;
	column = hunt_column(hunt, name);
	if (value->kind == ROW_BOOL)
		cell.integer = value->boolean;
	if (value->kind == ROW_STRING || value->kind == ROW_DYNAMIC) {
		cell.at = hunt->arena->len;
		cell.length = value->length;
		g_string_append_len(hunt->arena, value->text, (gssize)value->length);
	}
	while (column->cells->len + 1 < hunt->rows)
		g_array_append_vals(column->cells, &(struct raw_cell){ .kind = ROW_NULL }, 1);
	if (column->cells->len + 1 == hunt->rows)
		g_array_append_val(column->cells, cell);
	else
		g_array_index(column->cells, struct raw_cell, hunt->rows - 1) = cell;
	return true;
}

static const struct row_handler hunt_rows = { .begin = hunt_row, .member = hunt_member };

static void hunt_restart(void *data)
{
	struct hunt *hunt = data;

	g_hash_table_remove_all(hunt->by_name);
	g_ptr_array_set_size(hunt->columns, 0);
	g_string_truncate(hunt->arena, 0);
	hunt->rows = 0;
}

static void hunt_schema(void *data, const char *name, const char *kql_type)
{
	struct raw_column *column = hunt_column(data, name);

	g_free(column->type);
	column->type = g_strdup(kql_type);
}

static void hunt_waits(void *data, const char *why, int64_t ms)
{
	struct hunt *hunt = data;

	waiting_tell(&hunt->waiting, why, ms);
}

static void hunt_done(void *data, const struct service_answer *answer)
{
	struct hunt *hunt = data;

	hunt->done = true;
	if (answer->fate != SERVICE_DONE)
		hunt->error = answer->error;
}

static bool hunt_is_done(void *data)
{
	const struct hunt *hunt = data;

	return hunt->done;
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

static void append_as_text(struct column *to, const struct raw_cell *cell, const char *text)
{
	AUTO(g_free) char *made = NULL;

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
	*value = g_ascii_strtoll(copy, &end, 10);
	return end != copy && *end == '\0';
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
		fits = cell_integer(cell, text, &integer);
		if (fits)
			column_append_int(to, integer);
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

static struct table *hunt_table(const struct hunt *hunt)
{
	struct table *table = table_new("Results");

	for (guint i = 0; i < hunt->columns->len; i++) {
		const struct raw_column *raw = g_ptr_array_index(hunt->columns, i);
		struct column *column = column_new(raw->name, type_of(raw));

		for (size_t row = 0; row < hunt->rows; row++) {
			static const struct raw_cell null = { .kind = ROW_NULL };

			append_cell(column, row < raw->cells->len ? &g_array_index(raw->cells, struct raw_cell, row) :
				&null, hunt->arena->str);
		}
		table_add(table, column);
	}
	return table;
}

void hunting_rows_free(struct hunting_rows *rows)
{
	if (rows == NULL)
		return;
	table_free(rows->table);
	g_free(rows);
}

struct hunting_rows *hunting_run(struct engine *engine, const char *kql, int via, int64_t patience_ms,
	struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *columns = g_ptr_array_new_with_free_func(raw_column_free);
	AUTO(g_hash_table_unref) GHashTable *by_name = g_hash_table_new(g_str_hash, g_str_equal);
	AUTO(g_string) GString *arena = g_string_new(NULL);
	struct hunt hunt = { .columns = columns, .by_name = by_name, .arena = arena };
	struct defender_hunt ask = {
		.kql = kql, .via = via, .patience_ms = patience_ms, .rows = &hunt_rows, .restart = hunt_restart,
		.schema = hunt_schema, .wait = hunt_waits, .done = hunt_done, .data = &hunt,
	};
	struct service_call *call;
	struct hunting_rows *rows;
	bool finished;

	waiting_begin(&hunt.waiting, engine, "hunting", patience_ms);
	call = defender_hunt(engine->defender, &ask);
	finished = loop_run(engine->loop, hunt_is_done, &hunt, true);
	if (!finished && !hunt.done) {
		defender_call_cancel(engine->defender, call);
		loop_run(engine->loop, hunt_is_done, &hunt, false);
	}
	waiting_end(&hunt.waiting);
	if (!finished) {
		error_set(error, ERROR_INTERRUPTED, "interrupted while waiting for the hunting query");
		return NULL;
	}
	if (hunt.error.kind != ERROR_NONE) {
		error_copy(error, &hunt.error);
		return NULL;
	}
	rows = g_new0(struct hunting_rows, 1);
	rows->table = hunt_table(&hunt);
	rows->truncated = hunt.rows >= DEFENDER_HUNTING_ROWS;
	return rows;
}
