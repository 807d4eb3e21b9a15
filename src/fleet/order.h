/* Sorting many numbers by a text that each has. */
#ifndef FLEET_ORDER_H
#define FLEET_ORDER_H

#include <stddef.h>
#include <stdint.h>

/* The text of an item: NUL-terminated, the same each time. */
typedef const char *order_text(const void *data, uint32_t item);

/* Sorts items, which rise, by the texts' bytes; items of one text still rise. */
void order_sort(uint32_t *items, size_t count, order_text *text, const void *data);

/* Sorts numbers. */
void order_sort_words(uint64_t *words, size_t count);

#endif
