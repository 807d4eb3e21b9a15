#include "config.h"
#include "core/sum.h"

#include <string.h>

/* Odd, so that a product loses nothing. */
#define FACTOR UINT64_C(0x9e3779b97f4a7c15)

/* Each step can be undone, so that one changed word always changes the lane. */
static inline uint64_t lane_add(uint64_t lane, uint64_t word)
{
	lane = (lane ^ word) * FACTOR;
	return lane ^ lane >> 29;
}

static inline uint64_t word_at(const unsigned char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
	return word;
}

uint64_t sum_bytes(const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	uint64_t lanes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, sum = length, last = 0;

	for (; length >= sizeof lanes; length -= sizeof lanes, at += sizeof lanes)
#pragma GCC unroll 8 /* keeps the lanes in registers */
		for (size_t n = 0; n < 8; n++)
			lanes[n] = lane_add(lanes[n], word_at(at + n * 8));
	for (; length >= 8; length -= 8, at += 8)
		lanes[0] = lane_add(lanes[0], word_at(at));
	if (length != 0)
		memcpy(&last, at, length);
	lanes[1] = lane_add(lanes[1], last);
	for (size_t n = 0; n < 8; n++)
		sum = lane_add(sum, lanes[n]);
	return sum;
}
