/* Charts in text: what `render` draws in a terminal. Pure: a table goes in, lines come out. */
#ifndef KQL_CHART_H
#define KQL_CHART_H

#include <stdbool.h>

#include <glib.h>

#include "core/error.h"
#include "kql/query.h"
#include "kql/schema.h"
#include "table/column.h"

struct kql_chart_style {
	unsigned width; /* terminal columns; no line is wider, if it has at least 24 */
	bool ascii;     /* no Unicode blocks */
};

#define KQL_CHART_LABELS 200000 /* different values of the x column; with more the rows are to be printed */
#define KQL_CHART_BARS 200      /* bars and slices that are drawn, the rest is counted */
#define KQL_CHART_SERIES 12     /* drawn: the largest, the rest is counted */

/* Before any row is read: whether the kind is one, and the columns that the properties name are there. Error: ERROR_USAGE
 * with line and column in text. */
bool kql_chart_check(const char *text, const struct kql_render *render, const struct kql_schema *schema,
	struct error *error);

/* Appends the chart, lines that end with a line feed, made safe for a terminal. False: the rows are to be printed instead
 * (render table, or a kind or table that cannot be drawn); note then says why, or is left empty for `table`. */
bool kql_chart_draw(const struct kql_render *render, const struct table *table, const struct kql_chart_style *style,
	GString *out, GString *note);

#endif
