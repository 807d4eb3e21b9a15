#include "config.h"
#include "sim/rng.h"

/* splitmix64, which is good enough for names and faults and the same everywhere. */
uint64_t rng_next(struct rng *rng)
{
	uint64_t z = (rng->state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

void rng_init(struct rng *rng, uint64_t seed, const char *stream, uint64_t index)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (const char *c = stream; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3ULL;
	rng->state = seed;
	rng->state = rng_next(rng) ^ hash;
	rng->state = rng_next(rng) ^ index;
	rng->state = rng_next(rng);
}

unsigned rng_below(struct rng *rng, unsigned bound)
{
	return (unsigned)((rng_next(rng) >> 11) % bound);
}

bool rng_percent(struct rng *rng, double percent)
{
	return (double)(rng_next(rng) >> 11) / 9007199254740992.0 * 100 < percent;
}

void rng_hex(struct rng *rng, char *text, size_t digits)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < digits; i++) {
		if (i % 16 == 0)
			bits = rng_next(rng);
		text[i] = "0123456789abcdef"[bits & 15];
		bits >>= 4;
	}
	text[digits] = '\0';
}

void rng_guid(struct rng *rng, char text[37])
{
	rng_hex(rng, text, 36);
	text[8] = text[13] = text[18] = text[23] = '-';
	text[14] = '4';
	text[19] = "89ab"[rng_below(rng, 4)];
}
