#include "config.h"
#include "fleet/inventory_internal.h"

#include <string.h>

#include "core/isotime.h"
#include "core/text.h"

struct table *device_table_new(void)
{
	struct table *table = table_new("Devices");

	for (size_t i = 0; i < DEVICE_COLUMNS; i++)
		table_add(table, column_new(device_columns[i].name, device_columns[i].type));
	return table;
}

void device_table_append(struct table *table)
{
	for (size_t i = 0; i < DEVICE_COLUMNS; i++)
		column_append_null(table_column(table, i));
}

/* Ids are kept in lower case, so that they are found whatever the service or a person writes. */
static bool is_id_column(enum device_column_id column)
{
	return column == DEVICE_ID || column == DEVICE_MERGED_INTO || column == DEVICE_AAD_ID;
}

static void set_text(struct column *column, size_t row, enum device_column_id index, const struct row_value *value)
{
	AUTO(g_free) char *lower = NULL;
	AUTO(g_string) GString *marked = NULL;

	/* Numbers too: some members are documented as text and come as numbers. */
	if (value->kind != ROW_STRING && value->kind != ROW_INTEGER && value->kind != ROW_REAL) {
		column_set_null(column, row);
	} else if (index != DEVICE_ID && memchr(value->text, '\0', value->length) != NULL) {
		marked = g_string_new(NULL);
		text_append_marked(marked, value->text, value->length);
		column_set_text(column, row, marked->str, marked->len);
	} else if (is_id_column(index)) {
		lower = g_ascii_strdown(value->text, (gssize)value->length);
		column_set_text(column, row, lower, value->length);
	} else {
		column_set_text(column, row, value->text, value->length);
	}
}

static bool value_as_long(const struct row_value *value, int64_t *number)
{
	AUTO(g_free) char *text = NULL;

	if (value->kind == ROW_INTEGER) {
		*number = value->integer;
		return true;
	}
	if (value->kind != ROW_STRING || value->length > 20)
		return false;
	text = g_strndup(value->text, value->length);
	return g_ascii_string_to_signed(text, 10, INT64_MIN, INT64_MAX, number, NULL);
}

void device_table_set(struct table *table, size_t row, enum device_column_id index, const struct row_value *value)
{
	struct column *column = table_column(table, index);
	int64_t number;
	bool fits = false;

	switch (column_type(column)) {
	case COLUMN_BOOL:
		number = value->kind == ROW_BOOL ? value->boolean : value->integer != 0;
		fits = value->kind == ROW_BOOL || value->kind == ROW_INTEGER;
		break;
	case COLUMN_DATETIME:
		fits = value->kind == ROW_STRING && isotime_parse(value->text, value->length, &number);
		break;
	case COLUMN_DYNAMIC:
		if (value->kind == ROW_DYNAMIC)
			column_set_text(column, row, value->text, value->length);
		else
			column_set_null(column, row);
		return;
	case COLUMN_STRING:
		set_text(column, row, index, value);
		return;
	default:
		fits = value_as_long(value, &number);
	}
	if (fits)
		column_set_int(column, row, number);
	else
		column_set_null(column, row);
}

struct inventory_builder {
	struct table *table;
	struct bitset *seen; /* codes of ids */
	size_t page_start;   /* row where the present page began */
	size_t whole;        /* rows that have ended; the last may be torn */
	unsigned page;
	bool moved;
	/* Members of one service's records come in one order: what the member at a place was last time is tried first. */
	enum device_column_id order[2 * DEVICE_COLUMNS];
	size_t place;
};

struct inventory_builder *inventory_builder_new(struct inventory *inventory)
{
	struct inventory_builder *builder = g_new0(struct inventory_builder, 1);

	(void)inventory;
	builder->table = device_table_new();
	builder->seen = bitset_new();
	return builder;
}

void inventory_builder_free(struct inventory_builder *builder)
{
	if (builder == NULL)
		return;
	table_free(builder->table);
	bitset_free(builder->seen);
	g_free(builder);
}

static struct column *builder_ids(const struct inventory_builder *builder)
{
	return table_column(builder->table, DEVICE_ID);
}

void inventory_builder_page(struct inventory_builder *builder, unsigned page)
{
	size_t rows = table_rows(builder->table);

	if (page == builder->page && rows > builder->page_start) {
		for (size_t row = builder->page_start; row < builder->whole; row++)
			bitset_remove(builder->seen, column_code(builder_ids(builder), row));
		for (size_t i = 0; i < DEVICE_COLUMNS; i++)
			column_truncate(table_column(builder->table, i), builder->page_start);
	}
	builder->page = page;
	builder->page_start = builder->whole = table_rows(builder->table);
}

static bool on_begin(void *data, struct error *error)
{
	struct inventory_builder *builder = data;

	(void)error;
	device_table_append(builder->table);
	builder->place = 0;
	return true;
}

/* The column of a member; DEVICE_COLUMNS for one that is not kept. */
static enum device_column_id member_column(struct inventory_builder *builder, const char *name)
{
	size_t place = builder->place++;
	enum device_column_id column;

	if (place < G_N_ELEMENTS(builder->order) && builder->order[place] < DEVICE_COLUMNS &&
		strcmp(device_columns[builder->order[place]].name, name) == 0)
		return builder->order[place];
	for (column = 0; column < DEVICE_COLUMNS; column++)
		if (strcmp(device_columns[column].name, name) == 0)
			break;
	if (place < G_N_ELEMENTS(builder->order))
		builder->order[place] = column;
	return column;
}

static bool on_member(void *data, const char *name, const struct row_value *value, struct error *error)
{
	struct inventory_builder *builder = data;
	enum device_column_id column = member_column(builder, name);

	(void)error;
	if (column < DEVICE_COLUMNS)
		device_table_set(builder->table, table_rows(builder->table) - 1, column, value);
	return true;
}

static bool on_end(void *data, struct error *error)
{
	struct inventory_builder *builder = data;
	size_t row = table_rows(builder->table) - 1, length;
	const char *id = column_text(builder_ids(builder), row, &length);
	uint32_t code = column_code(builder_ids(builder), row);

	if (length == 0 || strlen(id) != length)
		return error_set(error, ERROR_FAILED, "a machine in the list has no id");
	if (bitset_has(builder->seen, code))
		builder->moved = true;
	bitset_add(builder->seen, code);
	builder->whole = row + 1;
	return true;
}

const struct row_handler inventory_row_handler = { .begin = on_begin, .member = on_member, .end = on_end };

size_t inventory_builder_rows(const struct inventory_builder *builder)
{
	return table_rows(builder->table);
}

bool inventory_builder_moved(const struct inventory_builder *builder)
{
	return builder->moved;
}

void inventory_replace(struct inventory *inventory, struct inventory_builder *builder, int64_t time)
{
	g_assert(!builder->moved);
	inventory_take_table(inventory, g_steal_pointer(&builder->table), time);
	inventory_builder_free(builder);
}
