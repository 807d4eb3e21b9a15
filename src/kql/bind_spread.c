/* array_sort_asc() and array_sort_desc() of several arrays give a column for each: (a, b) = array_sort_asc(x, y), or
 * x_sorted and y_sorted without names. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

/* How many arrays a call sorts; 0 if it is of another function. */
static size_t sorted_arrays(const struct kql_binder *binder, const struct kql_node *node)
{
	const struct kql_node *last;

	if (node == NULL || node->kind != KQL_NODE_CALL || node->count == 0 || kql_bind_find(binder, node->name) != NULL ||
		(strcmp(node->name, "array_sort_asc") != 0 && strcmp(node->name, "array_sort_desc") != 0))
		return 0;
	last = node->args[node->count - 1];
	return node->count - (last->kind == KQL_NODE_LITERAL && last->value.type == KQL_BOOL ? 1 : 0);
}

static struct kql_node *result_node(struct kql_binder *binder, struct kql_node *call, size_t index)
{
	struct kql_node *node = kql_arena_zero(binder->arena, sizeof *node), *place = kql_arena_zero(binder->arena, sizeof *place);

	*place = (struct kql_node){ .kind = KQL_NODE_LITERAL, .at = call->at, .value = kql_integer(KQL_LONG, (int64_t)index) };
	*node = (struct kql_node){ .kind = KQL_NODE_INDEX, .at = call->at, .length = call->length, .count = 2 };
	node->args = kql_arena_alloc(binder->arena, 2 * sizeof *node->args);
	node->args[0] = call;
	node->args[1] = place;
	return node;
}

static const char *result_name(struct kql_binder *binder, const struct kql_item *item, size_t index)
{
	const struct kql_node *array = item->node->args[index];
	char *name;
	const char *made;

	if (item->name_count != 0)
		return item->names[index];
	name = g_strdup_printf("%s_sorted", array->kind == KQL_NODE_NAME ? array->name : "array");
	made = kql_arena_copy(binder->arena, name, strlen(name));
	g_free(name);
	return made;
}

bool kql_bind_spread(struct kql_binder *binder, struct kql_items *items)
{
	size_t count = 0, made = 0;
	struct kql_item *spread;

	for (size_t n = 0; n < items->count; n++)
		count += MAX(sorted_arrays(binder, items->items[n].node), 1);
	spread = kql_arena_zero(binder->arena, (count + 1) * sizeof *spread);
	for (size_t n = 0; n < items->count; n++) {
		const struct kql_item *item = &items->items[n];
		size_t arrays = sorted_arrays(binder, item->node);

		if (arrays < 2 || (item->name != NULL && item->name_count == 0)) {
			spread[made++] = *item;
			continue;
		}
		if (item->name_count > arrays)
			return kql_bind_fault(binder, item->at, "%s() of %zu arrays gives no more columns", item->node->name, arrays);
		for (size_t k = 0; k < (item->name_count != 0 ? item->name_count : arrays); k++)
			spread[made++] = (struct kql_item){ .name = result_name(binder, item, k), .at = item->at,
				.node = result_node(binder, item->node, k) };
	}
	items->items = spread;
	items->count = made;
	return true;
}
