/* sort and top. */
#include "config.h"
#include "kql/relation.h"

#include <stdlib.h>
#include <string.h>

struct sorter {
	const struct kql_items *keys;
	struct kql_vector *vectors;
	struct kql_arena arena;
	struct kql_runner *runner;
};

/* A row with a word that is in the order of its first key, as far as 64 bits can tell. */
struct sorted {
	uint64_t word;
	uint32_t row;
};

static uint64_t order_word(const struct kql_value *value)
{
	uint64_t word = 0;

	if (value->null)
		return 0;
	switch (value->type) {
	case KQL_REAL:
		if (value->real != value->real)
			return 0;
		memcpy(&word, &value->real, sizeof word);
		if (value->real == 0)
			word = 0;
		word = word >> 63 != 0 ? ~word : word | UINT64_C(1) << 63;
		break;
	case KQL_DECIMAL:
	case KQL_DYNAMIC:
		return 0;
	case KQL_STRING:
	case KQL_GUID:
		for (size_t n = 0; n < sizeof word; n++)
			word = word << 8 | (n < value->length ? (unsigned char)value->text[n] : 0);
		break;
	default:
		word = (uint64_t)value->integer ^ UINT64_C(1) << 63;
	}
	return MAX(word, 1);
}

/* Nulls stand at one end, and numbers that are none beside them. */
static int lack(const struct kql_value *value)
{
	return value->null ? 2 : value->type == KQL_REAL && value->real != value->real ? 1 : 0;
}

/* Null is the smallest: last when falling, first when rising, unless said otherwise. */
static int compare_rows(const void *a, const void *b, void *data)
{
	struct sorter *sorter = data;
	const struct sorted *first = a, *second = b;
	uint32_t x = first->row, y = second->row;

	if (!kql_runner_turn(sorter->runner))
		return 0;
	if (first->word != second->word)
		return (first->word < second->word) == sorter->keys->items[0].ascending ? -1 : 1;
	kql_arena_reset(&sorter->arena);
	for (size_t n = 0; n < sorter->keys->count; n++) {
		const struct kql_item *key = &sorter->keys->items[n];
		struct kql_value left = kql_vector_value(&sorter->vectors[n], key->node->type, x, &sorter->arena);
		struct kql_value right = kql_vector_value(&sorter->vectors[n], key->node->type, y, &sorter->arena);
		bool nulls_first = key->nulls_given ? key->nulls_first : key->ascending;
		int order;

		if (lack(&left) != lack(&right))
			return (lack(&left) > lack(&right)) == nulls_first ? -1 : 1;
		if (lack(&left) != 0)
			continue;
		order = kql_value_order(&sorter->arena, &left, &right);
		if (order != 0)
			return key->ascending ? order : -order;
	}
	return x < y ? -1 : 1;
}

struct kql_relation *kql_run_sort(struct kql_runner *runner, const struct kql_items *keys, const struct kql_relation *from,
	size_t limit)
{
	struct sorter sorter = { .keys = keys, .runner = runner };
	uint32_t *rows = kql_runner_index(runner, MIN(limit, from->rows));
	struct sorted *sorted;

	sorter.vectors = kql_arena_zero(&runner->arena, (keys->count + 1) * sizeof *sorter.vectors);
	for (size_t n = 0; n < keys->count; n++)
		if (!kql_relation_compute(runner, from, keys->items[n].node, keys->items[n].node->type, "key", &sorter.vectors[n]))
			return NULL;
	if (!kql_runner_charge(runner, from->rows * sizeof *sorted))
		return NULL;
	sorted = g_new0(struct sorted, from->rows + 1);
	for (size_t n = 0; n < from->rows; n++) {
		struct kql_value first;

		kql_arena_reset(&sorter.arena);
		first = kql_vector_value(&sorter.vectors[0], keys->items[0].node->type, n, &sorter.arena);
		sorted[n].row = (uint32_t)n;
		/* Where nulls are put elsewhere than their order says, rows are compared in full. */
		sorted[n].word = keys->items[0].nulls_given ? 0 : order_word(&first);
	}
	qsort_r(sorted, from->rows, sizeof *sorted, compare_rows, &sorter);
	kql_arena_clear(&sorter.arena);
	for (size_t n = 0; n < MIN(limit, from->rows); n++)
		rows[n] = sorted[n].row;
	g_free(sorted);
	return runner->stopped ? NULL : kql_relation_pick(runner, from, rows, MIN(limit, from->rows));
}
