/* The numbers in the order of their ids, for lists of ids that are sorted: ids never change, so they are sorted once. */
#include "config.h"
#include "fleet/inventory_internal.h"

#include <string.h>

/* An id's first bytes as a number: nearly all pairs differ in them, and comparing is what sorting costs. */
struct order_item {
	uint64_t head;
	const char *id;
	uint32_t number;
};

static int order_compare(const void *a, const void *b)
{
	const struct order_item *left = a, *right = b;

	if (left->head != right->head)
		return left->head < right->head ? -1 : 1;
	return strcmp(left->id, right->id);
}

/* Sorts numbers by id. */
static void order_sort(const struct inventory *inventory, uint32_t *numbers, size_t count)
{
	struct order_item *items;

	if (count < 2)
		return;
	items = g_new(struct order_item, count);
	for (size_t i = 0; i < count; i++) {
		const char *id = inventory_id(inventory, numbers[i]);
		char head[sizeof items->head] = { 0 };

		memcpy(head, id, strnlen(id, sizeof head));
		memcpy(&items[i].head, head, sizeof head);
		items[i].head = GUINT64_FROM_BE(items[i].head);
		items[i].id = id;
		items[i].number = numbers[i];
	}
	qsort(items, count, sizeof *items, order_compare);
	for (size_t i = 0; i < count; i++)
		numbers[i] = items[i].number;
	g_free(items);
}

static const GArray *order_all(struct inventory *inventory)
{
	uint32_t count = dictionary_codes(inventory_ids(inventory));

	if (inventory->by_id == NULL)
		inventory->by_id = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	if (inventory->by_id->len == count)
		return inventory->by_id;
	g_array_set_size(inventory->by_id, count);
	for (uint32_t n = 0; n < count; n++)
		g_array_index(inventory->by_id, uint32_t, n) = n;
	order_sort(inventory, (uint32_t *)(void *)inventory->by_id->data, count);
	return inventory->by_id;
}

GArray *inventory_sorted(struct inventory *inventory, const struct bitset *set)
{
	size_t count = bitset_count(set);
	GArray *numbers = g_array_sized_new(FALSE, FALSE, sizeof(uint32_t), (guint)count);
	const GArray *all;

	if (count < inventory_numbers(inventory) / 16) {
		for (uint32_t n = bitset_next(set, 0); n != BITSET_END; n = bitset_next(set, n + 1))
			g_array_append_val(numbers, n);
		order_sort(inventory, (uint32_t *)(void *)numbers->data, numbers->len);
		return numbers;
	}
	all = order_all(inventory);
	for (guint i = 0; i < all->len && numbers->len < count; i++) {
		uint32_t n = g_array_index(all, uint32_t, i);

		if (bitset_has(set, n))
			g_array_append_val(numbers, n);
	}
	return numbers;
}
