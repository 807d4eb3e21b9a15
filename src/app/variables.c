#include "config.h"
#include "app/words.h"

#include <stdlib.h>
#include <string.h>

/* What a variable was before a file's parameter took its name; value NULL: unset. */
struct hidden {
	char *name, *value;
};

struct variables {
	GHashTable *values;
	GArray *hidden; /* struct hidden, latest last */
};

static void hidden_clear(void *data)
{
	struct hidden *hidden = data;

	g_free(hidden->name);
	g_free(hidden->value);
}

struct variables *variables_new(void)
{
	struct variables *variables = g_new0(struct variables, 1);

	variables->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	variables->hidden = g_array_new(FALSE, FALSE, sizeof(struct hidden));
	g_array_set_clear_func(variables->hidden, hidden_clear);
	return variables;
}

struct variables *variables_copy(const struct variables *from)
{
	struct variables *variables = variables_new();
	GHashTableIter iter;
	void *name, *value;

	g_hash_table_iter_init(&iter, from->values);
	while (g_hash_table_iter_next(&iter, &name, &value))
		variables_set(variables, name, value);
	return variables;
}

void variables_free(struct variables *variables)
{
	if (variables == NULL)
		return;
	g_hash_table_unref(variables->values);
	g_array_unref(variables->hidden);
	g_free(variables);
}

bool variables_name_ok(const char *name)
{
	if (!g_ascii_isalpha(*name) && *name != '_')
		return false;
	for (name++; *name != '\0'; name++)
		if (!g_ascii_isalnum(*name) && *name != '_')
			return false;
	return true;
}

void variables_set(struct variables *variables, const char *name, const char *value)
{
	g_hash_table_replace(variables->values, g_strdup(name), g_strdup(value));
}

size_t variables_scope(const struct variables *variables)
{
	return variables->hidden->len;
}

void variables_set_local(struct variables *variables, const char *name, const char *value)
{
	struct hidden hidden = { .name = g_strdup(name), .value = g_strdup(variables_get(variables, name)) };

	g_array_append_val(variables->hidden, hidden);
	variables_set(variables, name, value);
}

void variables_scope_end(struct variables *variables, size_t scope)
{
	while (variables->hidden->len > scope) {
		struct hidden *hidden = &g_array_index(variables->hidden, struct hidden, variables->hidden->len - 1);

		if (hidden->value != NULL)
			variables_set(variables, hidden->name, hidden->value);
		else
			g_hash_table_remove(variables->values, hidden->name);
		g_array_set_size(variables->hidden, variables->hidden->len - 1);
	}
}

const char *variables_get(const struct variables *variables, const char *name)
{
	return g_hash_table_lookup(variables->values, name);
}

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **variables_names(const struct variables *variables)
{
	char **names = g_new0(char *, g_hash_table_size(variables->values) + 1);
	GHashTableIter iter;
	void *name;
	size_t count = 0;

	g_hash_table_iter_init(&iter, variables->values);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		names[count++] = g_strdup(name);
	qsort(names, count, sizeof *names, name_compare);
	return names;
}
