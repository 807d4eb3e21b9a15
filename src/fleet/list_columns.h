/* Which columns of a table file hold devices; used by device_list.c alone. */
#ifndef FLEET_LIST_COLUMNS_H
#define FLEET_LIST_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "table/sheet.h"

#define NO_COLUMN ((size_t)-1)

struct list_columns {
	size_t first;   /* row of the first data */
	size_t title;   /* row of the titles, or NO_COLUMN */
	size_t column;  /* the one that is read; NO_COLUMN: every cell of the only row */
	size_t name;    /* the name beside an id, or NO_COLUMN */
	size_t width;   /* cells of the title row up to the last that is not blank */
};

/* False with error set if it cannot be told. */
bool list_columns_find(const struct sheet *sheet, const char *file, const char *wanted, struct list_columns *columns,
	struct error *error);

/* The cell without what a person does not see or Excel adds: blanks of all kinds, zero-width and direction marks, the
 * apostrophe before a formula, ="...". The caller frees with g_free. */
char *list_cell(const struct sheet *sheet, size_t row, size_t cell);
bool list_row_is_blank(const struct sheet *sheet, size_t row);
/* Only where no title row stands before it. */
bool list_row_is_comment(const struct sheet *sheet, size_t row);

#endif
