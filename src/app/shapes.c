#include "config.h"
#include "app/shapes.h"

#include <glib.h>

#include "core/isotime.h"
#include "defender/hunting_schema.h"

struct shapes {
	struct kql_source source;
	GHashTable *tables; /* name -> struct table, made when first asked for */
	char **names;
};

static void shape_destroy(gpointer table)
{
	table_free(table);
}

static const struct table *shapes_find(void *data, const char *name)
{
	struct shapes *shapes = data;
	struct table *table = g_hash_table_lookup(shapes->tables, name);

	if (table == NULL) {
		table = hunting_schema_table(name);
		if (table != NULL)
			g_hash_table_insert(shapes->tables, g_strdup(name), table);
	}
	return table;
}

struct shapes *shapes_new(void)
{
	struct shapes *shapes = g_new0(struct shapes, 1);

	shapes->tables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, shape_destroy);
	shapes->names = hunting_schema_names();
	shapes->source = (struct kql_source){ .find = shapes_find, .names = (const char *const *)shapes->names,
		.data = shapes };
	return shapes;
}

void shapes_free(struct shapes *shapes)
{
	if (shapes == NULL)
		return;
	g_hash_table_unref(shapes->tables);
	g_strfreev(shapes->names);
	g_free(shapes);
}

const struct kql_source *shapes_source(const struct shapes *shapes)
{
	return &shapes->source;
}

struct table *shape_of_query(const char *kql)
{
	AUTO(shapes_free) struct shapes *shapes = shapes_new();
	AUTO(kql_query_free) struct kql_query *query = kql_query_compile(kql, shapes_source(shapes), NULL, isotime_now(), NULL);
	struct kql_schema schema;
	struct table *table;

	if (query == NULL)
		return NULL;
	kql_query_schema(query, &schema);
	table = table_new("Results");
	for (size_t n = 0; n < schema.count; n++)
		table_add(table, column_new(schema.columns[n].name, schema.columns[n].type));
	return table;
}
