/* Collects the rows of a hunting answer, and makes them a table; used by hunting.c, and the fuzzer. */
#ifndef ENGINE_HUNTING_ROWS_H
#define ENGINE_HUNTING_ROWS_H

#include "table/column.h"
#include "table/row_reader.h"

/* Rows times columns; 100,000 rows (the service's limit) of 200 columns. */
#define HUNTING_CELLS_MOST 20000000

struct hunting_cells;

struct hunting_cells *hunting_cells_new(void);
void hunting_cells_free(struct hunting_cells *cells);
AUTO_DEFINE(hunting_cells_free, struct hunting_cells *)

/* Rows and columns go here, with the cells as data; the schema may come before or after the rows. */
extern const struct row_handler hunting_cells_handler;
void hunting_cells_schema(void *data, const char *name, const char *kql_type);
/* The answer begins again. */
void hunting_cells_clear(void *data);

size_t hunting_cells_rows(const struct hunting_cells *cells);
/* "Results": the schema's columns; a cell that does not fit its column's type is null. */
struct table *hunting_cells_table(const struct hunting_cells *cells);

#endif
