#include "config.h"
#include "sim/hunt.h"

#include <string.h>

#include "core/auto.h"
#include "kql/query.h"
#include "sim/hunt_functions.h"

/* One thread serves all: a query that would run away must not stop the tenant. */
#define QUERY_SECONDS 10
#define QUERY_ROWS 2000000
#define QUERY_BYTES ((size_t)512 << 20)

struct search {
	struct hunt *hunt;
	int64_t since;   /* ticks; 0: all */
	GPtrArray *cuts; /* of struct table *: tables cut to the time span */
};

/* The rows that are not older than since; the time is the column Timestamp, a table without it stays whole. */
static struct table *cut(const struct table *table, int64_t since)
{
	const struct column *time = table_find(table, "Timestamp");
	struct table *part = table_new(table_name(table));

	for (size_t i = 0; i < table_columns(table); i++) {
		const struct column *from = table_column(table, i);
		struct column *to = column_new(column_name(from), column_type(from));

		for (size_t row = 0; row < column_rows(from); row++)
			if (column_int(time, row) >= since)
				column_append_from(to, from, row);
		table_add(part, to);
	}
	return part;
}

static const struct table *find(void *data, const char *name)
{
	struct search *search = data;
	const struct table *table = hunt_table(search->hunt, name);

	if (table == NULL || search->since == 0 || table_find(table, "Timestamp") == NULL)
		return table;
	for (guint i = 0; i < search->cuts->len; i++)
		if (strcmp(table_name(g_ptr_array_index(search->cuts, i)), name) == 0)
			return g_ptr_array_index(search->cuts, i);
	g_ptr_array_add(search->cuts, cut(table, search->since));
	return g_ptr_array_index(search->cuts, search->cuts->len - 1);
}

static bool in_time(void *data)
{
	const gint64 *end = data;

	return g_get_monotonic_time() < *end;
}

struct table *hunt_query(struct hunt *hunt, const char *text, int64_t since, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *cuts = g_ptr_array_new_with_free_func((GDestroyNotify)table_free);
	struct search search = { .hunt = hunt, .since = since, .cuts = cuts };
	struct kql_source source = { .find = find, .names = hunt_names(hunt), .data = &search,
		.prelude = hunt_functions };
	gint64 end = g_get_monotonic_time() + QUERY_SECONDS * G_USEC_PER_SEC;
	struct kql_limits limits = { .rows = QUERY_ROWS, .bytes = QUERY_BYTES, .turn = in_time, .data = &end };
	source.limits = &limits;

	AUTO(kql_query_free) struct kql_query *query = kql_query_compile(text, &source, NULL, hunt_now(hunt), error);

	return query != NULL ? kql_query_run(query, &limits, error) : NULL;
}
