/* Arrays as sets, and their order. */
#include "config.h"
#include "kql/functions.h"

#include <stdlib.h>
#include <string.h>

#define CALL(name) \
	static void name(struct kql_context *context, const struct kql_node *node, const struct kql_value *args, \
		struct kql_value *result)

/* The elements of an array as a set of JSON texts. */
static GHashTable *set_of(struct kql_context *context, const struct kql_value *array)
{
	GHashTable *set = g_hash_table_new(kql_slice_hash, kql_slice_equal);
	struct kql_json_walk walk = kql_json_walk(kql_slice_of(array));

	while (kql_json_next(&walk)) {
		struct kql_slice *item = kql_arena_alloc(&context->arena, sizeof *item);

		*item = walk.value;
		g_hash_table_add(set, item);
	}
	return set;
}

static void append_slice(GString *out, struct kql_slice slice)
{
	if (out->len > 1)
		g_string_append_c(out, ',');
	g_string_append_len(out, slice.text, (gssize)slice.length);
}

/* Walks all arrays in order; the elements that `keep` lets pass go out once each. */
CALL(call_set_operation)
{
	AUTO(g_hash_table_unref) GHashTable *seen = g_hash_table_new(kql_slice_hash, kql_slice_equal);
	AUTO(g_ptr_array_unref) GPtrArray *sets = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
	AUTO(g_string) GString *out = g_string_new("[");
	bool unite = strcmp(node->name, "set_union") == 0, intersect = strcmp(node->name, "set_intersect") == 0;
	struct kql_json_walk walk;

	for (size_t n = 0; n < node->count; n++) {
		if (!kql_arg_is_array(&args[n]))
			return;
		if (n > 0 && !unite)
			g_ptr_array_add(sets, set_of(context, &args[n]));
	}
	for (size_t n = 0; n < (unite ? node->count : 1); n++)
		for (walk = kql_json_walk(kql_slice_of(&args[n])); kql_json_next(&walk);) {
			struct kql_slice *item = kql_arena_alloc(&context->arena, sizeof *item);
			bool keep = true;

			*item = walk.value;
			for (guint m = 0; m < sets->len && keep; m++)
				keep = g_hash_table_contains(sets->pdata[m], item) == intersect;
			if (keep && g_hash_table_add(seen, item))
				append_slice(out, *item);
		}
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

CALL(call_set_equals)
{
	GHashTable *a, *b;
	GHashTableIter iter;
	gpointer key;
	bool same;

	(void)node;
	if (!kql_arg_is_array(&args[0]) || !kql_arg_is_array(&args[1]))
		return;
	a = set_of(context, &args[0]);
	b = set_of(context, &args[1]);
	same = g_hash_table_size(a) == g_hash_table_size(b);
	g_hash_table_iter_init(&iter, a);
	while (same && g_hash_table_iter_next(&iter, &key, NULL))
		same = g_hash_table_contains(b, key);
	g_hash_table_unref(a);
	g_hash_table_unref(b);
	*result = kql_bool(same);
}

static int compare_items(const void *a, const void *b, void *data)
{
	struct kql_context *context = data;
	struct kql_value x = kql_dynamic(*(const struct kql_slice *)a), y = kql_dynamic(*(const struct kql_slice *)b);

	return kql_value_order(&context->arena, &x, &y);
}

/* array_sort_asc, array_sort_desc of one array; nulls come last. */
CALL(call_array_sort)
{
	GArray *items;
	AUTO(g_string) GString *out = g_string_new("[");
	bool down = strcmp(node->name, "array_sort_desc") == 0;
	struct kql_json_walk walk;
	guint nulls = 0;

	if (!kql_arg_is_array(&args[0]))
		return;
	items = g_array_new(FALSE, FALSE, sizeof(struct kql_slice));
	for (walk = kql_json_walk(kql_slice_of(&args[0])); kql_json_next(&walk);) {
		if (kql_dynamic(walk.value).null)
			nulls++;
		else
			g_array_append_val(items, walk.value);
	}
	if (items->len > 1)
		qsort_r(items->data, items->len, sizeof(struct kql_slice), compare_items, context);
	for (guint n = 0; n < items->len; n++)
		append_slice(out, g_array_index(items, struct kql_slice, down ? items->len - 1 - n : n));
	while (nulls-- > 0)
		append_slice(out, (struct kql_slice){ "null", 4 });
	g_array_unref(items);
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

const struct kql_function kql_set_functions[] = {
	{ "set_union", "array, array, ...", "dd*", 'A', false, call_set_operation, NULL, NULL },
	{ "set_intersect", "array, array, ...", "dd*", 'A', false, call_set_operation, NULL, NULL },
	{ "set_difference", "array, array, ...", "dd*", 'A', false, call_set_operation, NULL, NULL },
	{ "set_equals", "array, array", "dd", 'b', false, call_set_equals, NULL, NULL },
	{ "array_sort_asc", "array", "d", 'd', false, call_array_sort, NULL, NULL },
	{ "array_sort_desc", "array", "d", 'd', false, call_array_sort, NULL, NULL },
	{ .name = NULL },
};
