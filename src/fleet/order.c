#include "config.h"
#include "fleet/order.h"

#include <stdlib.h>
#include <string.h>

#include <glib.h>

#define FEW 32    /* slots that are sorted by insertion */
#define DEEP 256  /* bytes of common prefix after which comparing takes over: the recursion stays shallow */

/* The next eight bytes of an item's text, as a number that orders like them. */
struct slot {
	uint64_t key;
	uint32_t item;
};

struct order {
	order_text *text;
	const void *data;
	struct slot *spare;
};

static uint64_t key_at(const char *text)
{
	uint64_t key = 0;

	for (int n = 0; n < 8; n++) {
		key = key << 8 | (unsigned char)*text;
		text += *text != '\0';
	}
	return key;
}

static void insert_few(struct slot *slots, size_t count)
{
	for (size_t n = 1; n < count; n++) {
		struct slot slot = slots[n];
		size_t place = n;

		for (; place > 0 && slots[place - 1].key > slot.key; place--)
			slots[place] = slots[place - 1];
		slots[place] = slot;
	}
}

/* By one byte after the other, the last first; a byte that all share is passed over. */
static void sort_keys(struct slot *slots, struct slot *spare, size_t count)
{
	struct slot *from = slots, *to = spare;
	uint64_t every = ~UINT64_C(0), any = 0;

	if (count <= FEW) {
		insert_few(slots, count);
		return;
	}
	for (size_t n = 0; n < count; n++) {
		every &= slots[n].key;
		any |= slots[n].key;
	}
	for (unsigned shift = 0; shift < 64; shift += 8) {
		size_t places[256] = { 0 }, sum = 0;
		struct slot *swap;

		if (((any ^ every) >> shift & 255) == 0)
			continue;
		for (size_t n = 0; n < count; n++)
			places[from[n].key >> shift & 255]++;
		for (size_t byte = 0; byte < 256; byte++) {
			size_t here = places[byte];

			places[byte] = sum;
			sum += here;
		}
		for (size_t n = 0; n < count; n++)
			to[places[from[n].key >> shift & 255]++] = from[n];
		swap = from;
		from = to;
		to = swap;
	}
	if (from != slots)
		memcpy(slots, from, count * sizeof *slots);
}

static int compare_whole(const void *a, const void *b, void *data)
{
	const struct order *order = data;
	uint32_t first = ((const struct slot *)a)->item, second = ((const struct slot *)b)->item;
	int result = strcmp(order->text(order->data, first), order->text(order->data, second));

	return result != 0 ? result : (first > second) - (first < second);
}

/* The slots' texts are the same up to depth. */
static void sort_run(const struct order *order, struct slot *slots, size_t count, size_t depth)
{
	if (depth >= DEEP) {
		g_qsort_with_data(slots, (gint)count, sizeof *slots, compare_whole, (gpointer)(uintptr_t)order);
		return;
	}
	for (size_t n = 0; n < count; n++)
		slots[n].key = key_at(order->text(order->data, slots[n].item) + depth);
	sort_keys(slots, order->spare, count);
	for (size_t start = 0, end; start < count; start = end) {
		for (end = start + 1; end < count && slots[end].key == slots[start].key;)
			end++;
		/* A last byte of 0: the texts have ended. */
		if (end - start > 1 && (slots[start].key & 255) != 0)
			sort_run(order, slots + start, end - start, depth + 8);
	}
}

void order_sort(uint32_t *items, size_t count, order_text *text, const void *data)
{
	struct slot *slots = g_new(struct slot, count + 1);
	struct order order = { text, data, g_new(struct slot, count + 1) };

	for (size_t n = 0; n < count; n++)
		slots[n].item = items[n];
	sort_run(&order, slots, count, 0);
	for (size_t n = 0; n < count; n++)
		items[n] = slots[n].item;
	g_free(order.spare);
	g_free(slots);
}

void order_sort_words(uint64_t *words, size_t count)
{
	struct slot *slots = g_new(struct slot, count + 1), *spare = g_new(struct slot, count + 1);

	for (size_t n = 0; n < count; n++)
		slots[n] = (struct slot){ .key = words[n] };
	sort_keys(slots, spare, count);
	for (size_t n = 0; n < count; n++)
		words[n] = slots[n].key;
	g_free(spare);
	g_free(slots);
}
