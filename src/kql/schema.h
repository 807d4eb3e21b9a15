/* The columns that a KQL text may name. A column can be known by two names: the machine resource's `osPlatform` is the
 * hunting table's `OSPlatform`. Names are case sensitive, as in KQL; a name in the wrong case is an error that names the
 * right one. */
#ifndef KQL_SCHEMA_H
#define KQL_SCHEMA_H

#include <stddef.h>

#include "table/column.h"

struct kql_column {
	const char *name;      /* of the table's column, too */
	const char *alias;     /* a second name, or NULL */
	enum column_type type;
};

struct kql_schema {
	const struct kql_column *columns;
	size_t count;
};

#define KQL_NO_COLUMN ((size_t)-1)

/* The index of the column with this name or alias, else KQL_NO_COLUMN. */
size_t kql_schema_find(const struct kql_schema *schema, const char *name);

/* The name (or alias) that differs in case only, else the nearest one that may be meant, else NULL. Borrowed. */
const char *kql_schema_nearest(const struct kql_schema *schema, const char *name);

/* A schema whose columns are the table's, names borrowed from it. The caller frees with g_free. */
struct kql_column *kql_schema_of_table(const struct table *table, struct kql_schema *schema);

#endif
