#include "config.h"
#include "table/bitset.h"

#include <string.h>

#define WORD_BITS 64

struct bitset *bitset_new(void)
{
	return g_new0(struct bitset, 1);
}

struct bitset *bitset_copy(const struct bitset *from)
{
	struct bitset *copy = bitset_new();

	copy->words = g_memdup2(from->words, from->count * sizeof *from->words);
	copy->count = from->count;
	return copy;
}

void bitset_free(struct bitset *set)
{
	if (set == NULL)
		return;
	g_free(set->words);
	g_free(set);
}

static void bitset_grow(struct bitset *set, size_t count)
{
	size_t wanted;

	if (count <= set->count)
		return;
	wanted = MAX(count, set->count + set->count / 2);
	set->words = g_renew(uint64_t, set->words, wanted);
	memset(set->words + set->count, 0, (wanted - set->count) * sizeof *set->words);
	set->count = wanted;
}

void bitset_add(struct bitset *set, uint32_t bit)
{
	g_assert(bit != BITSET_END);
	bitset_grow(set, bit / WORD_BITS + 1);
	set->words[bit / WORD_BITS] |= UINT64_C(1) << bit % WORD_BITS;
}

void bitset_add_word(struct bitset *set, size_t first, uint64_t bits)
{
	g_assert(first % WORD_BITS == 0);
	if (bits == 0)
		return;
	bitset_grow(set, first / WORD_BITS + 1);
	set->words[first / WORD_BITS] |= bits;
}

void bitset_remove(struct bitset *set, uint32_t bit)
{
	if (bit / WORD_BITS < set->count)
		set->words[bit / WORD_BITS] &= ~(UINT64_C(1) << bit % WORD_BITS);
}

bool bitset_has(const struct bitset *set, uint32_t bit)
{
	return bit / WORD_BITS < set->count && (set->words[bit / WORD_BITS] >> bit % WORD_BITS & 1) != 0;
}

void bitset_clear(struct bitset *set)
{
	if (set->count != 0)
		memset(set->words, 0, set->count * sizeof *set->words);
}

void bitset_fill(struct bitset *set, uint32_t count)
{
	size_t whole = count / WORD_BITS;

	if (count == 0)
		return;
	bitset_grow(set, whole + (count % WORD_BITS != 0));
	memset(set->words, 0xff, whole * sizeof *set->words);
	if (count % WORD_BITS != 0)
		set->words[whole] |= (UINT64_C(1) << count % WORD_BITS) - 1;
}

void bitset_truncate(struct bitset *set, uint32_t count)
{
	size_t whole = count / WORD_BITS;

	if (whole >= set->count)
		return;
	set->words[whole] &= (UINT64_C(1) << count % WORD_BITS) - 1;
	memset(set->words + whole + 1, 0, (set->count - whole - 1) * sizeof *set->words);
}

void bitset_or(struct bitset *set, const struct bitset *with)
{
	bitset_grow(set, with->count);
	for (size_t i = 0; i < with->count; i++)
		set->words[i] |= with->words[i];
}

void bitset_and(struct bitset *set, const struct bitset *with)
{
	for (size_t i = 0; i < set->count; i++)
		set->words[i] &= i < with->count ? with->words[i] : 0;
}

void bitset_and_not(struct bitset *set, const struct bitset *without)
{
	for (size_t i = 0; i < MIN(set->count, without->count); i++)
		set->words[i] &= ~without->words[i];
}

size_t bitset_count(const struct bitset *set)
{
	size_t total = 0;

	for (size_t i = 0; i < set->count; i++)
		total += (size_t)__builtin_popcountll(set->words[i]);
	return total;
}

bool bitset_equal(const struct bitset *a, const struct bitset *b)
{
	for (size_t i = 0; i < MAX(a->count, b->count); i++)
		if ((i < a->count ? a->words[i] : 0) != (i < b->count ? b->words[i] : 0))
			return false;
	return true;
}

uint32_t bitset_next(const struct bitset *set, uint32_t from)
{
	size_t i = from / WORD_BITS;
	uint64_t word;

	if (i >= set->count)
		return BITSET_END;
	word = set->words[i] & ~UINT64_C(0) << from % WORD_BITS;
	while (word == 0) {
		if (++i == set->count)
			return BITSET_END;
		word = set->words[i];
	}
	return (uint32_t)(i * WORD_BITS + (size_t)__builtin_ctzll(word));
}
