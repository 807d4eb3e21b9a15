/* sort and top. */
#include "config.h"
#include "kql/relation.h"

#include <stdlib.h>

struct sorter {
	const struct kql_items *keys;
	struct kql_vector *vectors;
	struct kql_arena arena;
};

/* Null is the smallest: last when falling, first when rising, unless said otherwise. */
static int compare_rows(const void *a, const void *b, void *data)
{
	struct sorter *sorter = data;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	kql_arena_reset(&sorter->arena);
	for (size_t n = 0; n < sorter->keys->count; n++) {
		const struct kql_item *key = &sorter->keys->items[n];
		struct kql_value left = kql_vector_value(&sorter->vectors[n], key->node->type, x, &sorter->arena);
		struct kql_value right = kql_vector_value(&sorter->vectors[n], key->node->type, y, &sorter->arena);
		int order;

		if (left.null && right.null)
			continue;
		if ((left.null || right.null) && key->nulls_given)
			return left.null == key->nulls_first ? -1 : 1;
		order = kql_value_order(&sorter->arena, &left, &right);
		if (order != 0)
			return key->ascending ? order : -order;
	}
	return x < y ? -1 : 1;
}

struct kql_relation *kql_run_sort(struct kql_runner *runner, const struct kql_items *keys, const struct kql_relation *from,
	size_t limit)
{
	struct sorter sorter = { .keys = keys };
	uint32_t *rows = kql_runner_index(runner, from->rows);

	sorter.vectors = kql_arena_zero(&runner->arena, (keys->count + 1) * sizeof *sorter.vectors);
	for (size_t n = 0; n < keys->count; n++)
		if (!kql_relation_compute(runner, from, keys->items[n].node, keys->items[n].node->type, "key", &sorter.vectors[n]))
			return NULL;
	for (size_t n = 0; n < from->rows; n++)
		rows[n] = (uint32_t)n;
	qsort_r(rows, from->rows, sizeof *rows, compare_rows, &sorter);
	kql_arena_clear(&sorter.arena);
	return kql_relation_pick(runner, from, rows, MIN(limit, from->rows));
}
