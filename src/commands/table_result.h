/* A table of columns as a command's result: members `schema` and `rows`, and rows or a chart to print. */
#ifndef COMMANDS_TABLE_RESULT_H
#define COMMANDS_TABLE_RESULT_H

#include "app/arguments.h"
#include "app/result.h"
#include "app/session.h"
#include "kql/query.h"
#include "table/column.h"

struct table_shown {
	const struct table *table;        /* borrowed until the result is printed, unless: */
	bool take;                        /* it is freed with the result */
	const struct kql_query *query;    /* that made it, for the names of its types; or NULL */
	const struct kql_render *render;  /* the chart to draw where people look; or NULL */
};

/* Where a table is wanted, a chart stands in the place of its rows; a chart that cannot be drawn is told. CSV, JSON and line
 * output have the rows. */
void result_table(struct session *session, const struct arguments *arguments, struct result *result,
	const struct table_shown *shown);

#endif
