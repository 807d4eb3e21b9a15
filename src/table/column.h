/* Columns of values and tables of columns: what the inventory, query results and local tables are made of.
 *
 * Types are KQL's. A string has no null: a missing string is "". A dynamic value is compact JSON text; its null is a null.
 * Values take as few bytes a row as the largest needs. Text lives once in a per-column list and a row holds its code; while
 * no text comes twice (a dictionary) equal texts have equal codes. A long column that is nearly all different gives that
 * up and is a plain list of texts, one a row. */
#ifndef TABLE_COLUMN_H
#define TABLE_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/auto.h"
#include "table/dictionary.h"

enum column_type {
	COLUMN_BOOL,     /* column_int: 0 or 1 */
	COLUMN_INT,      /* 32 bits; column_int */
	COLUMN_LONG,     /* column_int */
	COLUMN_REAL,     /* column_real */
	COLUMN_DATETIME, /* column_int: ticks, see core/isotime.h */
	COLUMN_TIMESPAN, /* column_int: ticks of 100 ns */
	COLUMN_GUID,     /* column_text, lower case */
	COLUMN_STRING,   /* column_text */
	COLUMN_DYNAMIC,  /* column_text: compact JSON */
};

struct column;

struct column *column_new(const char *name, enum column_type type);
/* A text column over a dictionary that others use, too; it never gives it up. */
struct column *column_new_shared(const char *name, enum column_type type, struct dictionary *dictionary);
/* Makes a list of texts, one a row, into such a column: no text must come twice. The dictionary, a new reference. */
struct dictionary *column_share(struct column *column);
/* A copy without what no row uses. */
struct column *column_copy(const struct column *column);
void column_free(struct column *column);
AUTO_DEFINE(column_free, struct column *)

const char *column_name(const struct column *column);
enum column_type column_type(const struct column *column);
/* "string", "long", ...: the name KQL gives a type. */
const char *column_type_name(enum column_type type);
bool column_type_is_text(enum column_type type); /* GUID, STRING, DYNAMIC */
size_t column_rows(const struct column *column);

/* Each appends one row; the kind must fit the type (asserted). Text is copied. */
void column_append_null(struct column *column);
void column_append_int(struct column *column, int64_t value);
void column_append_real(struct column *column, double value);
void column_append_text(struct column *column, const char *text, size_t length);

/* Change a row in place (a tag call's answer, a re-read machine). */
void column_set_null(struct column *column, size_t row);
void column_set_int(struct column *column, size_t row, int64_t value);
void column_set_real(struct column *column, size_t row, double value);
void column_set_text(struct column *column, size_t row, const char *text, size_t length);

bool column_is_null(const struct column *column, size_t row); /* never for a string */
int64_t column_int(const struct column *column, size_t row);  /* 0 for a null */
double column_real(const struct column *column, size_t row);
/* NUL-terminated, borrowed until the column changes; "" for a null. length may be NULL. */
const char *column_text(const struct column *column, size_t row, size_t *length);

/* The texts of a text column: codes run from 0 to column_codes - 1. A null row has code COLUMN_NULL_CODE. Texts may stand
 * there that no row uses any more. */
#define COLUMN_NULL_CODE UINT32_MAX
uint32_t column_code(const struct column *column, size_t row);
uint32_t column_codes(const struct column *column);
const char *column_code_text(const struct column *column, uint32_t code, size_t *length);
/* Whether the codes are a dictionary's: each a different text. */
bool column_is_distinct(const struct column *column);
/* The code of a text, or COLUMN_NULL_CODE if the dictionary lacks it. Only of a column that is distinct. */
uint32_t column_find_code(const struct column *column, const char *text, size_t length);

/* Appends a row with a code that the column's own list has, or COLUMN_NULL_CODE. */
void column_append_code(struct column *column, uint32_t code);

/* Keeps the first rows. */
void column_truncate(struct column *column, size_t rows);
/* Gives back room that is not used; after the last of many rows. */
void column_trim(struct column *column);

/* Appends row of from (same type) to to. */
void column_append_from(struct column *to, const struct column *from, size_t row);

/* ---- tables: a named list of columns with as many rows each (table.c) */

struct table;

struct table *table_new(const char *name);
void table_free(struct table *table);
AUTO_DEFINE(table_free, struct table *)

const char *table_name(const struct table *table);
/* Takes the column over. Its rows must be as many as the table's, unless the table has no columns. */
void table_add(struct table *table, struct column *column);
size_t table_columns(const struct table *table);
size_t table_rows(const struct table *table); /* rows of the first column */
struct column *table_column(const struct table *table, size_t index);
/* Exact name; NULL if there is none. */
struct column *table_find(const struct table *table, const char *name);
/* True once a column that came from a file has turned out to be damaged: columns from files are looked at when they are
 * first asked for, and a damaged one has nulls only. What was worked out of the table is then not to be used. */
bool table_is_damaged(const struct table *table);

/* ---- many rows at once */

/* How a column lies in memory, for those who go over many rows at once. Borrowed until the column changes. */
struct column_view {
	size_t rows;
	/* Of width bytes a row: codes (unsigned, the largest of the width is null), whole numbers (signed), doubles of 8
	 * bytes. NULL for a text column without codes: row n has text n. */
	const void *items;
	unsigned width;
	const uint64_t *nulls; /* bits by row, or NULL; not used by text that has codes */
	const struct texts *texts; /* of text */
	bool distinct;
};

void column_view(const struct column *column, struct column_view *view);

static inline bool column_view_is_null(const struct column_view *view, size_t row)
{
	return view->nulls != NULL && (view->nulls[row / 64] >> row % 64 & 1) != 0;
}

static inline uint32_t column_view_code(const struct column_view *view, size_t row)
{
	uint32_t code;

	switch (view->width) {
	case 1:
		code = ((const uint8_t *)view->items)[row];
		return code == UINT8_MAX ? COLUMN_NULL_CODE : code;
	case 2:
		code = ((const uint16_t *)view->items)[row];
		return code == UINT16_MAX ? COLUMN_NULL_CODE : code;
	case 4:
		return ((const uint32_t *)view->items)[row];
	default:
		return column_view_is_null(view, row) ? COLUMN_NULL_CODE : (uint32_t)row;
	}
}

static inline int64_t column_view_int(const struct column_view *view, size_t row)
{
	switch (view->width) {
	case 1:
		return ((const int8_t *)view->items)[row];
	case 2:
		return ((const int16_t *)view->items)[row];
	case 4:
		return ((const int32_t *)view->items)[row];
	default:
		return ((const int64_t *)view->items)[row];
	}
}

#endif
