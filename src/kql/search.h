/* Text operators over many texts that lie end to end: one search through them all instead of one in each. */
#ifndef KQL_SEARCH_H
#define KQL_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kql/arena.h"
#include "kql/match.h"
#include "table/texts.h"

/* found[n] becomes whether text first + n matches, 0 or 1. folded: without case, and the needle is folded. Gives the same as
 * kql_matches_folded or kql_matches for each. */
void kql_search(struct kql_arena *arena, const struct texts *texts, uint32_t first, uint32_t count, enum kql_match how,
	bool folded, struct kql_slice needle, int8_t *found);

#endif
