#include "config.h"
#include "fleet/inventory_internal.h"

#include <string.h>

#include "core/isotime.h"
#include "core/text.h"

struct table *device_table_new(struct dictionary *ids)
{
	struct table *table = table_new("Devices");

	for (size_t i = 0; i < DEVICE_COLUMNS; i++)
		table_add(table, i == DEVICE_ID ? column_new_shared(device_columns[i].name, COLUMN_STRING, ids) :
			column_new(device_columns[i].name, device_columns[i].type));
	return table;
}

void device_table_append(struct table *table, const char *id)
{
	for (size_t i = 0; i < DEVICE_COLUMNS; i++)
		if (i == DEVICE_ID)
			column_append_text(table_column(table, i), id, strlen(id));
		else
			column_append_null(table_column(table, i));
}

/* Ids are kept in lower case, so that they are found whatever the service or a person writes. */
static bool is_id_column(enum device_column_id column)
{
	return column == DEVICE_ID || column == DEVICE_MERGED_INTO || column == DEVICE_AAD_ID;
}

/* These put a value into a row, or append it as the next one. */
static void put_null(struct column *column, size_t row)
{
	if (row == column_rows(column))
		column_append_null(column);
	else
		column_set_null(column, row);
}

static void put_int(struct column *column, size_t row, int64_t value)
{
	if (row == column_rows(column))
		column_append_int(column, value);
	else
		column_set_int(column, row, value);
}

static void put_text(struct column *column, size_t row, const char *text, size_t length)
{
	if (row == column_rows(column))
		column_append_text(column, text, length);
	else
		column_set_text(column, row, text, length);
}

static void put_lower(struct column *column, size_t row, const char *text, size_t length)
{
	AUTO(g_free) char *lower = NULL;

	for (size_t n = 0; n < length && lower == NULL; n++)
		if (text[n] >= 'A' && text[n] <= 'Z')
			lower = g_ascii_strdown(text, (gssize)length);
	put_text(column, row, lower != NULL ? lower : text, length);
}

static void set_text(struct column *column, size_t row, enum device_column_id index, const struct row_value *value)
{
	AUTO(g_string) GString *marked = NULL;

	/* What is no id gets no number. */
	if (index == DEVICE_ID && (value->kind < ROW_INTEGER || value->kind > ROW_STRING || value->length == 0)) {
		column_truncate(column, row);
		return;
	}
	/* Numbers too: some members are documented as text and come as numbers. */
	if (value->kind != ROW_STRING && value->kind != ROW_INTEGER && value->kind != ROW_REAL) {
		put_null(column, row);
	} else if (!value->plain && index != DEVICE_ID && memchr(value->text, '\0', value->length) != NULL) {
		marked = g_string_new(NULL);
		text_append_marked(marked, value->text, value->length);
		put_text(column, row, marked->str, marked->len);
	} else if (is_id_column(index)) {
		put_lower(column, row, value->text, value->length);
	} else {
		put_text(column, row, value->text, value->length);
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

/* Puts a value into a row of the column, or as its next one. */
static void put_value(struct column *column, size_t row, enum device_column_id index, const struct row_value *value)
{
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
			put_text(column, row, value->text, value->length);
		else
			put_null(column, row);
		return;
	case COLUMN_STRING:
		set_text(column, row, index, value);
		return;
	default:
		fits = value_as_long(value, &number);
	}
	if (fits)
		put_int(column, row, number);
	else
		put_null(column, row);
}

void device_table_set(struct table *table, size_t row, enum device_column_id index, const struct row_value *value)
{
	put_value(table_column(table, index), row, index, value);
}

struct inventory_builder {
	struct table *table;
	struct column *columns[DEVICE_COLUMNS]; /* the table's */
	struct bitset *seen; /* numbers of ids */
	size_t page_start;   /* row where the present page began */
	size_t rows;         /* that have ended; after them one may be torn, in some of the columns */
	bool in_row;
	unsigned page;
	bool moved;
	/* Members of one service's records come in one order: what the member at a place was last time. */
	enum device_column_id order[2 * DEVICE_COLUMNS];
	unsigned known[2 * DEVICE_COLUMNS]; /* and the number of its name, with the page's reader */
	size_t place;
};

struct inventory_builder *inventory_builder_new(struct inventory *inventory)
{
	struct inventory_builder *builder = g_new0(struct inventory_builder, 1);

	builder->table = device_table_new(inventory_ids(inventory));
	for (size_t i = 0; i < DEVICE_COLUMNS; i++)
		builder->columns[i] = table_column(builder->table, i);
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

void inventory_builder_page(struct inventory_builder *builder, unsigned page)
{
	if (page == builder->page) {
		for (size_t row = builder->page_start; row < builder->rows; row++)
			bitset_remove(builder->seen, column_code(builder->columns[DEVICE_ID], row));
		builder->rows = builder->page_start;
	}
	/* Also what is torn. */
	for (size_t i = 0; i < DEVICE_COLUMNS; i++)
		column_truncate(builder->columns[i], builder->rows);
	builder->in_row = false;
	builder->page = page;
	builder->page_start = builder->rows;
	memset(builder->known, 0, sizeof builder->known); /* another reader comes */
}

static bool on_begin(void *data, struct error *error)
{
	struct inventory_builder *builder = data;

	(void)error;
	builder->in_row = true;
	builder->place = 0;
	return true;
}

/* The column of a member; DEVICE_COLUMNS for one that is not kept. */
static enum device_column_id member_column(struct inventory_builder *builder, const char *name, unsigned known)
{
	size_t place = builder->place++;
	enum device_column_id column;

	if (place < G_N_ELEMENTS(builder->order) && known != 0 && builder->known[place] == known)
		return builder->order[place];
	for (column = 0; column < DEVICE_COLUMNS; column++)
		if (strcmp(device_columns[column].name, name) == 0)
			break;
	if (place < G_N_ELEMENTS(builder->order)) {
		builder->order[place] = column;
		builder->known[place] = known;
	}
	return column;
}

static bool on_member(void *data, const char *name, const struct row_value *value, struct error *error)
{
	struct inventory_builder *builder = data;
	enum device_column_id column = member_column(builder, name, value->known);

	(void)error;
	if (column < DEVICE_COLUMNS)
		put_value(builder->columns[column], builder->rows, column, value);
	return true;
}

static bool on_end(void *data, struct error *error)
{
	struct inventory_builder *builder = data;
	struct column *ids = builder->columns[DEVICE_ID];
	size_t row = builder->rows, length = 0;
	const char *id = column_rows(ids) > row ? column_text(ids, row, &length) : "";
	uint32_t number;

	if (length == 0 || strlen(id) != length)
		return error_set(error, ERROR_FAILED, "a machine in the list has no id");
	number = column_code(ids, row);
	if (bitset_has(builder->seen, number))
		builder->moved = true;
	bitset_add(builder->seen, number);
	for (size_t i = 0; i < DEVICE_COLUMNS; i++)
		if (column_rows(builder->columns[i]) == row)
			column_append_null(builder->columns[i]);
	builder->rows++;
	builder->in_row = false;
	return true;
}

const struct row_handler inventory_row_handler = { .begin = on_begin, .member = on_member, .end = on_end };

size_t inventory_builder_rows(const struct inventory_builder *builder)
{
	return builder->rows + builder->in_row;
}

bool inventory_builder_moved(const struct inventory_builder *builder)
{
	return builder->moved;
}

void inventory_replace(struct inventory *inventory, struct inventory_builder *builder, int64_t time)
{
	g_assert(!builder->moved && !builder->in_row);
	for (size_t i = 0; i < DEVICE_COLUMNS; i++)
		column_trim(builder->columns[i]);
	inventory_take_table(inventory, g_steal_pointer(&builder->table), time);
	inventory_builder_free(builder);
}
