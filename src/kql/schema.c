#include "config.h"
#include "kql/schema.h"

#include <string.h>

#include <glib.h>

#include "core/text.h"

size_t kql_schema_find(const struct kql_schema *schema, const char *name)
{
	for (size_t n = 0; n < schema->count; n++)
		if (strcmp(schema->columns[n].name, name) == 0)
			return n;
	for (size_t n = 0; n < schema->count; n++)
		if (schema->columns[n].alias != NULL && strcmp(schema->columns[n].alias, name) == 0)
			return n;
	return KQL_NO_COLUMN;
}

const char *kql_schema_nearest(const struct kql_schema *schema, const char *name)
{
	const char **names = g_new0(const char *, schema->count * 2 + 1), *near = NULL;
	size_t count = 0;

	for (size_t n = 0; n < schema->count; n++) {
		names[count++] = schema->columns[n].name;
		if (schema->columns[n].alias != NULL)
			names[count++] = schema->columns[n].alias;
	}
	for (size_t n = 0; n < count && near == NULL; n++)
		if (g_ascii_strcasecmp(names[n], name) == 0)
			near = names[n];
	if (near == NULL)
		near = text_nearest(name, (const char *const *)names);
	g_free(names);
	return near;
}

struct kql_column *kql_schema_of_table(const struct table *table, struct kql_schema *schema)
{
	size_t count = table_columns(table);
	struct kql_column *columns = g_new0(struct kql_column, count + 1);

	for (size_t n = 0; n < count; n++) {
		const struct column *column = table_column(table, n);

		columns[n].name = column_name(column);
		columns[n].type = column_type(column);
	}
	schema->columns = columns;
	schema->count = count;
	return columns;
}
