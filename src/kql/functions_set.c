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

struct sorted {
	struct kql_slice item;
	guint place;
};

struct order {
	struct kql_context *context;
	bool down, nulls_last;
};

/* Equal ones stay in their order. */
static int compare_items(const void *a, const void *b, void *data)
{
	const struct order *order = data;
	const struct sorted *first = a, *second = b;
	struct kql_value x = kql_dynamic(first->item), y = kql_dynamic(second->item);
	int result = 0;

	if (x.null != y.null)
		return x.null == order->nulls_last ? 1 : -1;
	if (!x.null)
		result = kql_value_order(&order->context->arena, &x, &y);
	if (result == 0)
		return first->place < second->place ? -1 : 1;
	return order->down ? -result : result;
}

/* The items of an array; NULL if it is none. */
static GArray *read_items(const struct kql_value *array)
{
	GArray *items;
	struct kql_json_walk walk;

	if (!kql_arg_is_array(array))
		return NULL;
	items = g_array_new(FALSE, FALSE, sizeof(struct sorted));
	for (walk = kql_json_walk(kql_slice_of(array)); kql_json_next(&walk);) {
		struct sorted item = { walk.value, items->len };

		g_array_append_val(items, item);
	}
	return items;
}

static void append_array(GString *out, const GArray *items, const GArray *order)
{
	size_t before = out->len;

	g_string_append_c(out, '[');
	for (guint n = 0; n < order->len; n++) {
		guint place = g_array_index(order, struct sorted, n).place;
		const struct kql_slice *item = &g_array_index(items, struct sorted, place).item;

		if (out->len > before + 1)
			g_string_append_c(out, ',');
		g_string_append_len(out, item->text, (gssize)item->length);
	}
	g_string_append_c(out, ']');
}

/* array_sort_asc(array, ... [, nulls_last]), array_sort_desc: further arrays go in the order of the first. Of several the
 * result is an array of arrays. */
CALL(call_array_sort)
{
	bool flag = node->count > 1 && node->args[node->count - 1]->type == KQL_BOOL;
	size_t arrays = node->count - (flag ? 1 : 0);
	struct order order = { context, strcmp(node->name, "array_sort_desc") == 0,
		!flag || kql_truth(&args[node->count - 1]) != 0 };
	AUTO(g_string) GString *out = g_string_new(NULL);
	AUTO(g_array_unref) GArray *items = read_items(&args[0]), *sorted = read_items(&args[0]);

	if (items == NULL)
		return;
	if (sorted->len > 1)
		qsort_r(sorted->data, sorted->len, sizeof(struct sorted), compare_items, &order);
	if (arrays > 1)
		g_string_append_c(out, '[');
	append_array(out, items, sorted);
	for (size_t n = 1; n < arrays; n++) {
		AUTO(g_array_unref) GArray *others = read_items(&args[n]);

		g_string_append_c(out, ',');
		if (others != NULL && others->len == sorted->len)
			append_array(out, others, sorted);
		else
			g_string_append(out, "null");
	}
	if (arrays > 1)
		g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

static bool check_array_sort(struct kql_scope *scope, struct kql_node *node)
{
	for (size_t n = 1; n < node->count; n++) {
		enum kql_type type = node->args[n]->type;

		if (type != KQL_DYNAMIC && (type != KQL_BOOL || n + 1 != node->count))
			return kql_node_fault(scope, node->args[n], "the arguments of %s() are arrays, and in the end true or false",
				node->name);
		if (type == KQL_DYNAMIC ? node->args[n]->shape == KQL_SHAPE_BAG : !kql_node_is_constant(node->args[n]))
			return kql_node_fault(scope, node->args[n], "argument %zu of %s() must be %s", n + 1, node->name,
				type == KQL_DYNAMIC ? "a dynamic array" : "a constant");
	}
	return true;
}

const struct kql_function kql_set_functions[] = {
	{ "set_union", "array, array, ...", "dd*", 'A', false, call_set_operation, NULL, NULL },
	{ "set_intersect", "array, array, ...", "dd*", 'A', false, call_set_operation, NULL, NULL },
	{ "set_difference", "array, array, ...", "dd*", 'A', false, call_set_operation, NULL, NULL },
	{ "set_equals", "array, array", "dd", 'b', false, call_set_equals, NULL, NULL },
	{ "array_sort_asc", "array, ... [, nulls_last]", "da?*", 'd', false, call_array_sort, NULL, check_array_sort },
	{ "array_sort_desc", "array, ... [, nulls_last]", "da?*", 'd', false, call_array_sort, NULL, check_array_sort },
	{ .name = NULL },
};
