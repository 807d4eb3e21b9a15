#include "config.h"
#include "table/column_internal.h"

#include <string.h>

#define PLAIN_LEAST 4096 /* rows from which on a column may give up its dictionary */

struct column *column_new(const char *name, enum column_type type)
{
	struct column *column = g_new0(struct column, 1);

	column->name = g_strdup(name);
	column->type = type;
	column->width = type == COLUMN_REAL || type == COLUMN_DATETIME || type == COLUMN_TIMESPAN ? 8 : 1;
	if (column_type_is_text(type))
		column->dictionary = dictionary_new();
	column->distinct = column->dictionary != NULL;
	return column;
}

struct column *column_new_shared(const char *name, enum column_type type, struct dictionary *dictionary)
{
	struct column *column = column_new(name, type);

	g_assert(column->dictionary != NULL);
	dictionary_free(column->dictionary);
	column->dictionary = dictionary_hold(dictionary);
	column->shared = true;
	column->width = 0; /* while row n has code n */
	return column;
}

struct dictionary *column_share(struct column *column)
{
	g_assert(column->width == 0 && column->dictionary->texts.length == column->rows && column->nulls == NULL);
	column->shared = column->distinct = true;
	return dictionary_hold(column->dictionary);
}

struct column *column_copy(const struct column *column)
{
	struct column *copy = column_new(column->name, column->type);

	for (size_t row = 0; row < column->rows; row++)
		column_append_from(copy, column, row);
	return copy;
}

void column_free(struct column *column)
{
	if (column == NULL)
		return;
	g_free(column->name);
	if (!column->items_borrowed)
		g_free(column->items);
	if (!column->nulls_borrowed)
		g_free(column->nulls);
	dictionary_free(column->dictionary);
	g_free(column);
}

const char *column_name(const struct column *column)
{
	return column->name;
}

enum column_type column_type(const struct column *column)
{
	return column->type;
}

const char *column_type_name(enum column_type type)
{
	static const char *const names[] = {
		[COLUMN_BOOL] = "bool", [COLUMN_INT] = "int", [COLUMN_LONG] = "long", [COLUMN_REAL] = "real",
		[COLUMN_DATETIME] = "datetime", [COLUMN_TIMESPAN] = "timespan", [COLUMN_GUID] = "guid",
		[COLUMN_STRING] = "string", [COLUMN_DYNAMIC] = "dynamic",
	};

	return names[type];
}

bool column_type_is_text(enum column_type type)
{
	return type == COLUMN_GUID || type == COLUMN_STRING || type == COLUMN_DYNAMIC;
}

size_t column_rows(const struct column *column)
{
	return column->rows;
}

bool column_is_distinct(const struct column *column)
{
	return column->distinct;
}

/* ---- room */

static bool column_is_int(const struct column *column)
{
	return column->dictionary == NULL && column->type != COLUMN_REAL;
}

static void items_grow(struct column *column, size_t room)
{
	size_t bytes = room * column->width;

	if (column->items_borrowed) {
		void *copy = g_malloc(bytes);

		memcpy(copy, column->items, column->rows * column->width);
		column->items = copy;
		column->items_borrowed = false;
	} else {
		column->items = g_realloc(column->items, bytes);
	}
	column->room = room;
}

/* Null bits for so many rows, the new ones clear. */
static void nulls_grow(struct column *column, size_t rows)
{
	size_t room = MAX((rows + 63) / 64, column->nulls_room + column->nulls_room / 2);
	uint64_t *nulls;

	if (rows <= column->nulls_room * 64)
		return;
	nulls = column->nulls_borrowed ? g_memdup2(column->nulls, column->nulls_room * sizeof *nulls) : column->nulls;
	column->nulls_borrowed = false;
	column->nulls = g_renew(uint64_t, nulls, room);
	memset(column->nulls + column->nulls_room, 0, (room - column->nulls_room) * sizeof *nulls);
	column->nulls_room = room;
}

/* Makes room for one more row and returns its number. */
static size_t column_add_row(struct column *column)
{
	size_t row = column->rows;

	if (column->width != 0 && row == column->room)
		items_grow(column, MAX((size_t)16, row + row / 2));
	if (column->nulls != NULL)
		nulls_grow(column, row + 1);
	column->rows++;
	return row;
}

static void column_mark_null(struct column *column, size_t row, bool null)
{
	uint64_t bit = UINT64_C(1) << row % 64;

	if (column->nulls == NULL) {
		if (!null)
			return;
		nulls_grow(column, column->rows);
	}
	if (null)
		column->nulls[row / 64] |= bit;
	else
		column->nulls[row / 64] &= ~bit;
}

/* ---- codes */

static uint32_t code_get(const struct column *column, size_t row)
{
	struct column_view view = { .items = column->items, .width = column->width, .nulls = column->nulls };

	return column_view_code(&view, row);
}

static void code_put(struct column *column, size_t row, uint32_t code)
{
	switch (column->width) {
	case 1:
		((uint8_t *)column->items)[row] = (uint8_t)code; /* of a null: the largest */
		break;
	case 2:
		((uint16_t *)column->items)[row] = (uint16_t)code;
		break;
	default:
		((uint32_t *)column->items)[row] = code;
	}
}

/* Codes or numbers of so many bytes; rows up to the last are taken along. */
static void column_widen(struct column *column, unsigned width, size_t rows)
{
	struct column old = *column;
	struct column_view view = { .items = old.items, .width = old.width };

	column->width = width;
	column->room = MAX(column->room, rows + 1);
	column->items = g_malloc(column->room * width);
	column->items_borrowed = false;
	for (size_t row = 0; row < rows; row++) {
		if (column->dictionary != NULL)
			code_put(column, row, code_get(&old, row));
		else if (width == 2)
			((int16_t *)column->items)[row] = (int16_t)column_view_int(&view, row);
		else if (width == 4)
			((int32_t *)column->items)[row] = (int32_t)column_view_int(&view, row);
		else
			((int64_t *)column->items)[row] = column_view_int(&view, row);
	}
	if (!old.items_borrowed)
		g_free(old.items);
}

static void code_set(struct column *column, size_t row, uint32_t code)
{
	if (code != COLUMN_NULL_CODE && column->width < 4 && code >= (column->width == 1 ? UINT8_MAX : UINT16_MAX))
		column_widen(column, code >= UINT16_MAX ? 4 : 2, column->rows);
	code_put(column, row, code);
}

void column_spread(struct column *column)
{
	struct column old = *column;

	if (column->width != 0)
		return;
	column->width = 4;
	column->room = column->rows + 1;
	column->items = g_new(uint32_t, column->room);
	for (size_t row = 0; row < column->rows; row++)
		code_put(column, row, code_get(&old, row));
	if (!column->nulls_borrowed)
		g_free(column->nulls);
	column->nulls = NULL;
	column->nulls_room = 0;
	column->nulls_borrowed = false;
}

/* Gives up the dictionary: each row gets a text of its own. */
static void column_make_plain(struct column *column)
{
	struct dictionary *list = dictionary_new();
	uint64_t *nulls = NULL;

	for (size_t row = 0; row < column->rows; row++) {
		uint32_t code = code_get(column, row);
		size_t length;
		const char *text = column_code_text(column, code, &length);

		texts_append(&list->texts, text, length);
		if (code != COLUMN_NULL_CODE || column->type == COLUMN_STRING)
			continue;
		if (nulls == NULL)
			nulls = g_new0(uint64_t, (column->rows + 63) / 64);
		nulls[row / 64] |= UINT64_C(1) << row % 64;
	}
	dictionary_free(column->dictionary);
	if (!column->items_borrowed)
		g_free(column->items);
	column->dictionary = list;
	column->items = NULL;
	column->items_borrowed = false;
	column->width = 0;
	column->room = 0;
	column->nulls = nulls;
	column->nulls_room = nulls != NULL ? (column->rows + 63) / 64 : 0;
	column->distinct = false;
}

/* ---- rows */

void column_append_null(struct column *column)
{
	size_t row;

	if (column->type == COLUMN_STRING) {
		column_append_text(column, "", 0);
		return;
	}
	if (column->width == 0 && column->distinct)
		column_spread(column);
	if (column->width == 0)
		texts_append(&column->dictionary->texts, "", 0);
	row = column_add_row(column);
	if (column->dictionary != NULL && column->width != 0)
		code_put(column, row, COLUMN_NULL_CODE);
	else
		column_set_null(column, row);
}

void column_append_int(struct column *column, int64_t value)
{
	g_assert(column_is_int(column));
	column_set_int(column, column_add_row(column), value);
}

void column_append_real(struct column *column, double value)
{
	g_assert(column->type == COLUMN_REAL);
	column_set_real(column, column_add_row(column), value);
}

/* The text's code, or its place in a list where texts come twice. */
static uint32_t text_code(struct column *column, const char *text, size_t length)
{
	return column->distinct ? dictionary_code(column->dictionary, text, length) :
		texts_append(&column->dictionary->texts, text, length);
}

void column_append_text(struct column *column, const char *text, size_t length)
{
	uint32_t code;
	size_t row;

	g_assert(column->dictionary != NULL);
	code = text_code(column, text, length);
	if (column->width == 0 && code == column->rows) {
		column_add_row(column);
		return;
	}
	column_spread(column);
	row = column_add_row(column);
	code_put(column, row, COLUMN_NULL_CODE); /* until it is wide enough */
	code_set(column, row, code);
	row++;
	if (row >= PLAIN_LEAST && (row & (row - 1)) == 0 && column->distinct && !column->shared &&
		column->dictionary->texts.length > row / 4 * 3)
		column_make_plain(column);
}

void column_set_null(struct column *column, size_t row)
{
	g_assert(row < column->rows);
	if (column->type == COLUMN_STRING) {
		column_set_text(column, row, "", 0);
	} else if (column->dictionary != NULL && column->width != 0) {
		code_put(column, row, COLUMN_NULL_CODE);
	} else {
		if (column->dictionary == NULL)
			memset((char *)column->items + row * column->width, 0, column->width);
		column_mark_null(column, row, true);
	}
}

void column_set_int(struct column *column, size_t row, int64_t value)
{
	unsigned width = (int8_t)value == value ? 1 : (int16_t)value == value ? 2 : (int32_t)value == value ? 4 : 8;

	g_assert(column_is_int(column) && row < column->rows);
	if (width > column->width)
		column_widen(column, width, column->rows);
	switch (column->width) {
	case 1:
		((int8_t *)column->items)[row] = (int8_t)value;
		break;
	case 2:
		((int16_t *)column->items)[row] = (int16_t)value;
		break;
	case 4:
		((int32_t *)column->items)[row] = (int32_t)value;
		break;
	default:
		((int64_t *)column->items)[row] = value;
	}
	column_mark_null(column, row, false);
}

void column_set_real(struct column *column, size_t row, double value)
{
	g_assert(column->type == COLUMN_REAL && row < column->rows);
	((double *)column->items)[row] = value;
	column_mark_null(column, row, false);
}

void column_set_text(struct column *column, size_t row, const char *text, size_t length)
{
	size_t known_length;
	const char *known;

	g_assert(column->dictionary != NULL && row < column->rows);
	known = column_text(column, row, &known_length);
	if (known_length == length && memcmp(known, text, length) == 0 && !column_is_null(column, row))
		return;
	column_spread(column);
	code_set(column, row, text_code(column, text, length));
}

bool column_is_null(const struct column *column, size_t row)
{
	g_assert(row < column->rows);
	if (column->dictionary != NULL && column->width != 0)
		return code_get(column, row) == COLUMN_NULL_CODE;
	return column->nulls != NULL && (column->nulls[row / 64] >> row % 64 & 1) != 0;
}

int64_t column_int(const struct column *column, size_t row)
{
	struct column_view view = { .items = column->items, .width = column->width };

	g_assert(column_is_int(column) && row < column->rows);
	return column_view_int(&view, row);
}

double column_real(const struct column *column, size_t row)
{
	g_assert(column->type == COLUMN_REAL && row < column->rows);
	return column_is_null(column, row) ? 0.0 : ((const double *)column->items)[row];
}

const char *column_text(const struct column *column, size_t row, size_t *length)
{
	return column_code_text(column, column_code(column, row), length);
}

uint32_t column_code(const struct column *column, size_t row)
{
	g_assert(column->dictionary != NULL && row < column->rows);
	return code_get(column, row);
}

uint32_t column_codes(const struct column *column)
{
	g_assert(column->dictionary != NULL);
	return column->dictionary->texts.length;
}

const char *column_code_text(const struct column *column, uint32_t code, size_t *length)
{
	if (code == COLUMN_NULL_CODE) {
		if (length != NULL)
			*length = 0;
		return "";
	}
	g_assert(column->dictionary != NULL && code < column->dictionary->texts.length);
	return dictionary_text(column->dictionary, code, length);
}

uint32_t column_find_code(const struct column *column, const char *text, size_t length)
{
	g_assert(column->distinct);
	return dictionary_find(column->dictionary, text, length);
}

void column_append_code(struct column *column, uint32_t code)
{
	size_t row;

	g_assert(column->dictionary != NULL &&
		(code < column->dictionary->texts.length || (code == COLUMN_NULL_CODE && column->type != COLUMN_STRING)));
	column_spread(column);
	row = column_add_row(column);
	code_put(column, row, COLUMN_NULL_CODE);
	code_set(column, row, code);
}

void column_truncate(struct column *column, size_t rows)
{
	g_assert(rows <= column->rows);
	if (column->width == 0 && !column->distinct)
		texts_truncate(&column->dictionary->texts, (uint32_t)rows);
	/* Rows that come again begin without nulls. */
	for (size_t row = rows; column->nulls != NULL && row < column->rows; row++)
		column_mark_null(column, row, false);
	column->rows = rows;
}

void column_trim(struct column *column)
{
	if (column->dictionary != NULL && !column->shared)
		texts_trim(&column->dictionary->texts);
	if (column->width != 0 && !column->items_borrowed && column->room > column->rows)
		items_grow(column, MAX(column->rows, (size_t)1));
}

void column_append_from(struct column *to, const struct column *from, size_t row)
{
	size_t length;
	const char *text;

	g_assert(to->type == from->type && row < from->rows);
	if (column_is_null(from, row)) {
		column_append_null(to);
	} else if (to->type == COLUMN_REAL) {
		column_append_real(to, column_real(from, row));
	} else if (to->dictionary == NULL) {
		column_append_int(to, column_int(from, row));
	} else {
		text = column_text(from, row, &length);
		column_append_text(to, text, length);
	}
}

void column_view(const struct column *column, struct column_view *view)
{
	*view = (struct column_view){ .rows = column->rows, .items = column->items, .width = column->width,
		.nulls = column->nulls, .distinct = column->distinct,
		.texts = column->dictionary != NULL ? &column->dictionary->texts : NULL };
}
