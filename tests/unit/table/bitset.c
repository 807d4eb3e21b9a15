#include "config.h"
#include "table/bitset.h"

#include "tests/tap.h"

static void check_words(void)
{
	AUTO(bitset_free) struct bitset *set = bitset_new();

	bitset_add(set, 130);
	bitset_add_word(set, 128, 0x8000000000000001);
	bitset_add_word(set, 1024, 0);
	tap_int((long long)bitset_count(set), 3, "a word of bits is added to those that are there");
	tap_ok(bitset_has(set, 128) && bitset_has(set, 130) && bitset_has(set, 191), "at its place");
}

int main(void)
{
	check_words();
	AUTO(bitset_free) struct bitset *a = bitset_new();
	AUTO(bitset_free) struct bitset *b = bitset_new();
	AUTO(bitset_free) struct bitset *copy = NULL;
	const uint32_t members[] = { 0, 63, 64, 1000000 };
	size_t i = 0;

	tap_int(bitset_next(a, 0), BITSET_END, "an empty set has no first member");
	tap_ok(bitset_equal(a, b), "two empty sets are equal");
	for (size_t m = 0; m < G_N_ELEMENTS(members); m++)
		bitset_add(a, members[m]);
	for (uint32_t n = bitset_next(a, 0); n != BITSET_END; n = bitset_next(a, n + 1))
		tap_int(n, members[i++], "members come in order");
	tap_int((long long)i, 4, "all members came");
	tap_int((long long)bitset_count(a), 4, "count");
	tap_ok(bitset_has(a, 63) && !bitset_has(a, 62) && !bitset_has(a, UINT32_MAX - 1), "has");

	bitset_fill(b, 65);
	tap_int((long long)bitset_count(b), 65, "fill");
	copy = bitset_copy(a);
	bitset_and(copy, b);
	tap_int((long long)bitset_count(copy), 3, "and with a shorter set drops what is beyond it");
	bitset_or(copy, a);
	tap_ok(bitset_equal(copy, a), "or, and equality of different lengths");
	bitset_and_not(copy, b);
	tap_ok(bitset_count(copy) == 1 && bitset_has(copy, 1000000), "and not");
	bitset_remove(copy, 1000000);
	bitset_remove(copy, 99999999);
	tap_int((long long)bitset_count(copy), 0, "remove");
	bitset_clear(a);
	tap_int(bitset_next(a, 0), BITSET_END, "clear");
	bitset_fill(a, 128);
	tap_ok(bitset_count(a) == 128 && bitset_next(a, 128) == BITSET_END, "fill to a word's edge");
	return tap_done();
}
