/* Columns of values and tables of columns: what the inventory, query results and local tables are made of.
 *
 * Types are KQL's. Text lives once in a per-column dictionary (one arena); a row holds a 32-bit code. A string has no
 * null: a missing string is "". A dynamic value is compact JSON text; its null is a null. */
#ifndef TABLE_COLUMN_H
#define TABLE_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/auto.h"

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

/* The dictionary of a text column: codes run from 0 to column_codes - 1, each a different text. A null row has code
 * COLUMN_NULL_CODE. Codes may exist that no row uses any more. */
#define COLUMN_NULL_CODE UINT32_MAX
uint32_t column_code(const struct column *column, size_t row);
uint32_t column_codes(const struct column *column);
const char *column_code_text(const struct column *column, uint32_t code, size_t *length);
/* The code of a text, or COLUMN_NULL_CODE if the dictionary lacks it. */
uint32_t column_find_code(const struct column *column, const char *text, size_t length);

/* Appends a row with a code that the column's own dictionary has, or COLUMN_NULL_CODE. */
void column_append_code(struct column *column, uint32_t code);

/* Keeps the first rows. */
void column_truncate(struct column *column, size_t rows);

/* Appends row of from (same type) to to. */
void column_append_from(struct column *to, const struct column *from, size_t row);

/* A named list of columns with as many rows each. */
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

#endif
