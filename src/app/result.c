#include "config.h"
#include "app/result_internal.h"

#include <stdarg.h>
#include <string.h>

static void column_clear(void *data)
{
	g_free(((struct result_title *)data)->title);
}

static void lazy_clear(void *data)
{
	struct result_lazy *lazy = data;

	g_free(lazy->name);
	if (lazy->free != NULL)
		lazy->free(lazy->data);
}

struct result *result_new(void)
{
	struct result *result = g_new0(struct result, 1);

	result->members = json_object();
	result->lazy = g_array_new(FALSE, TRUE, sizeof(struct result_lazy));
	result->columns = g_array_new(FALSE, TRUE, sizeof(struct result_title));
	g_array_set_clear_func(result->lazy, lazy_clear);
	g_array_set_clear_func(result->columns, column_clear);
	result->cells = g_ptr_array_new();
	result->chunk = g_string_chunk_new(16 * 1024);
	result->text = g_string_new(NULL);
	result->made_text = g_string_new(NULL);
	result->summary = g_string_new(NULL);
	return result;
}

void result_free(struct result *result)
{
	if (result == NULL)
		return;
	json_decref(result->members);
	g_array_unref(result->lazy);
	g_array_unref(result->columns);
	g_ptr_array_unref(result->cells);
	g_string_chunk_free(result->chunk);
	g_string_free(result->text, TRUE);
	g_string_free(result->made_text, TRUE);
	g_string_free(result->summary, TRUE);
	g_free(result);
}

void result_partial(struct result *result)
{
	result->partial = true;
}

bool result_is_partial(const struct result *result)
{
	return result->partial;
}

void result_member(struct result *result, const char *name, json_t *value)
{
	json_object_set_new(result->members, name, value != NULL ? value : json_null());
}

bool result_has_member(const struct result *result, const char *name)
{
	for (guint i = 0; i < result->lazy->len; i++)
		if (strcmp(g_array_index(result->lazy, struct result_lazy, i).name, name) == 0)
			return true;
	return json_object_get(result->members, name) != NULL;
}

void result_member_lazy(struct result *result, const char *name, size_t count,
	json_t *(*item)(void *data, size_t index), void *data, void (*free)(void *data))
{
	struct result_lazy lazy = { .name = g_strdup(name), .count = count, .item = item, .data = data, .free = free };

	g_array_append_val(result->lazy, lazy);
}

void result_column(struct result *result, const char *title, unsigned flags)
{
	struct result_title column = { .title = g_strdup(title), .flags = flags };

	g_array_append_val(result->columns, column);
}

void result_cell(struct result *result, const char *text)
{
	g_ptr_array_add(result->cells, text != NULL && *text != '\0' ?
		g_string_chunk_insert(result->chunk, text) : (char *)"");
}

void result_cellf(struct result *result, const char *format, ...)
{
	AUTO(g_free) char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	result_cell(result, text);
}

size_t result_rows(const struct result *result)
{
	if (result->made != NULL)
		return result->made_rows;
	return result->columns->len > 0 ? result->cells->len / result->columns->len : 0;
}

void result_cells_lazy(struct result *result, size_t rows,
	void (*cell)(void *data, size_t row, size_t column, GString *out), void *data)
{
	result->made_rows = rows;
	result->made = cell;
	result->made_data = data;
}

const char *result_cell_text(const struct result *result, size_t row, size_t column)
{
	if (result->made == NULL)
		return g_ptr_array_index(result->cells, row * result->columns->len + column);
	g_string_truncate(result->made_text, 0);
	result->made(result->made_data, row, column, result->made_text);
	return result->made_text->str;
}

GString *result_text(struct result *result)
{
	return result->text;
}

void result_summary(struct result *result, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_string_append_vprintf(result->summary, format, args);
	va_end(args);
	g_string_append_c(result->summary, '\n');
}
