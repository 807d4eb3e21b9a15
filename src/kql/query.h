/* A KQL query over tables in memory: `Devices | where ... | summarize count() by osPlatform`. Pure: tables come from a
 * callback, the clock is passed in. Compiling checks all names and types; running reads rows. */
#ifndef KQL_QUERY_H
#define KQL_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/auto.h"
#include "core/error.h"
#include "kql/schema.h"
#include "table/column.h"

/* 0 means the default. A query over a bound fails; it is never cut silently. */
struct kql_limits {
	size_t rows;  /* of any result between two operators; default 5,000,000 */
	size_t bytes; /* of text made while running, about; default 1 GiB */
	/* Asked every thousand rows or so; false stops the query, ERROR_INTERRUPTED. Must not change a table that is read.
	 * NULL: nobody wants to. */
	bool (*turn)(void *data);
	void *data;
};

struct kql_source {
	/* The table of that exact name or NULL. It must live until the query is freed and must not change meanwhile. */
	const struct table *(*find)(void *data, const char *name);
	/* Names of all tables for hints, NULL-terminated; may be NULL. */
	const char *const *names;
	void *data;
	/* `let` statements that every query of the source begins with, unseen: its own functions. What `invoke` hands a
	 * parameter of type string may be a column's bare name. Must outlive the query; may be NULL. */
	const char *prelude;
	/* A second name of a column of the table that was found by name, or NULL; may be NULL. Whoever names the column by it gets
	 * a result that is called so. */
	const char *(*alias)(void *data, const char *name, size_t column);
	/* The rows of the table that was found by name, if they are not all of it: places in it, as live as the table. NULL: all.
	 * May be NULL. */
	const uint32_t *(*rows)(void *data, const char *name, size_t *count);
	/* Of what has to be run while compiling, where columns depend on rows (`evaluate bag_unpack`). May be NULL. */
	const struct kql_limits *limits;
};

/* `render KIND with (name = value, ...)`. A value is the text of a literal, else the words as they stand. */
struct kql_render_property {
	const char *name;
	size_t at; /* byte in the text, for errors */
	const char *const *values; /* NULL-terminated: `ycolumns = a, b` has two */
};

struct kql_render {
	const char *kind; /* as written: "barchart" */
	size_t at;
	const struct kql_render_property *properties;
	size_t count;
};

struct kql_query;

/* default_table (may be NULL) is read by a query that begins with an operator: `where x == 1`, `| count`. Errors as in kql_predicate_compile; what is valid KQL
 * but not supported is an error that names it. */
struct kql_query *kql_query_compile(const char *text, const struct kql_source *source, const char *default_table,
	int64_t now_ticks, struct error *error);
void kql_query_free(struct kql_query *query);
/* The syntax alone, for a text whose tables are not known (yet): only kql_query_render may be asked of it. */
struct kql_query *kql_query_parse(const char *text, int64_t now_ticks, struct error *error);
AUTO_DEFINE(kql_query_free, struct kql_query *)

/* Names and types of the result's columns, known before running. Borrowed from the query. */
void kql_query_schema(const struct kql_query *query, struct kql_schema *schema);

/* The name of a result column's type: "decimal" is kept as a string column. */
const char *kql_query_type(const struct kql_query *query, size_t column);

/* A new table named after the query's first table. A row that cannot be computed (a regular expression over its match
 * limit) is an error, ERROR_FAILED. */
struct table *kql_query_run(const struct kql_query *query, const struct kql_limits *limits, struct error *error);

/* What the last `render` asks for, or NULL. Borrowed. */
const struct kql_render *kql_query_render(const struct kql_query *query);

#endif
