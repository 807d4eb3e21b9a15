/* A set of small numbers as bits. Grows by itself; bits beyond its end are 0. */
#ifndef TABLE_BITSET_H
#define TABLE_BITSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/auto.h"

struct bitset {
	uint64_t *words;
	size_t count; /* of words */
};

struct bitset *bitset_new(void);
struct bitset *bitset_copy(const struct bitset *from);
void bitset_free(struct bitset *set);
AUTO_DEFINE(bitset_free, struct bitset *)

void bitset_add(struct bitset *set, uint32_t bit);
/* Adds first + n for each bit n; first is a multiple of 64. */
void bitset_add_word(struct bitset *set, size_t first, uint64_t bits);
void bitset_remove(struct bitset *set, uint32_t bit);
bool bitset_has(const struct bitset *set, uint32_t bit);
void bitset_clear(struct bitset *set);
void bitset_fill(struct bitset *set, uint32_t count); /* adds 0 .. count-1 */
void bitset_truncate(struct bitset *set, uint32_t count); /* removes count and all above */

void bitset_or(struct bitset *set, const struct bitset *with);
void bitset_and(struct bitset *set, const struct bitset *with);
void bitset_and_not(struct bitset *set, const struct bitset *without);
size_t bitset_count(const struct bitset *set);
bool bitset_equal(const struct bitset *a, const struct bitset *b);

/* The first member not below from, or BITSET_END:
 * for (uint32_t n = bitset_next(s, 0); n != BITSET_END; n = bitset_next(s, n + 1)) */
#define BITSET_END UINT32_MAX
uint32_t bitset_next(const struct bitset *set, uint32_t from);

#endif
