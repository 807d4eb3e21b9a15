/* A table of columns as a command's result: members `schema` and `rows`, and rows to print. */
#ifndef COMMANDS_TABLE_RESULT_H
#define COMMANDS_TABLE_RESULT_H

#include "app/result.h"
#include "table/column.h"

/* table is borrowed until the result is printed. */
void result_table(struct result *result, const struct table *table);

#endif
