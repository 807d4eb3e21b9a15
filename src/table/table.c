#include "config.h"
#include "table/column.h"

#include <string.h>

#include "table/column_file.h"

struct table {
	char *name;
	GPtrArray *columns;
	bool damaged;
};

static void column_free_item(gpointer column)
{
	column_free(column);
}

struct table *table_new(const char *name)
{
	struct table *table = g_new0(struct table, 1);

	table->name = g_strdup(name);
	table->columns = g_ptr_array_new_with_free_func(column_free_item);
	return table;
}

void table_free(struct table *table)
{
	if (table == NULL)
		return;
	g_free(table->name);
	g_ptr_array_unref(table->columns);
	g_free(table);
}

const char *table_name(const struct table *table)
{
	return table->name;
}

void table_add(struct table *table, struct column *column)
{
	g_assert(table->columns->len == 0 || column_rows(column) == table_rows(table));
	g_ptr_array_add(table->columns, column);
}

size_t table_columns(const struct table *table)
{
	return table->columns->len;
}

size_t table_rows(const struct table *table)
{
	return table->columns->len == 0 ? 0 : column_rows(g_ptr_array_index(table->columns, 0));
}

struct column *table_column(const struct table *table, size_t index)
{
	struct column *column;

	g_assert(index < table->columns->len);
	column = g_ptr_array_index(table->columns, index);
	/* The first look changes nothing that a caller could tell, but for damage. */
	if (!column_check(column))
		((struct table *)(uintptr_t)table)->damaged = true;
	return column;
}

struct column *table_find(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->columns->len; i++)
		if (strcmp(column_name(g_ptr_array_index(table->columns, i)), name) == 0)
			return table_column(table, i);
	return NULL;
}

bool table_is_damaged(const struct table *table)
{
	return table->damaged;
}
