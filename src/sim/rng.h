/* Repeatable random numbers: each use has its own stream, so that adding one does not change another. */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

void rng_init(struct rng *rng, uint64_t seed, const char *stream, uint64_t index);
uint64_t rng_next(struct rng *rng);
unsigned rng_below(struct rng *rng, unsigned bound); /* 0 .. bound-1; bound > 0 */
bool rng_percent(struct rng *rng, double percent);
/* digits lower-case hex digits and a NUL. */
void rng_hex(struct rng *rng, char *text, size_t digits);
/* A GUID in lower case: 36 characters and NUL. */
void rng_guid(struct rng *rng, char text[37]);

#endif
