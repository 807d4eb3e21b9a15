/* Memory that is given back all at once: syntax trees, and the values of one batch of rows. */
#ifndef KQL_ARENA_H
#define KQL_ARENA_H

#include <stddef.h>

#include "core/auto.h"

struct kql_block;

struct kql_arena {
	struct kql_block *first, *current;
	size_t used; /* in current */
};

/* Zeroed memory is a valid empty arena. */
void *kql_arena_alloc(struct kql_arena *arena, size_t size); /* aligned, not cleared */
void *kql_arena_zero(struct kql_arena *arena, size_t size);
/* A copy with a NUL after it. */
char *kql_arena_copy(struct kql_arena *arena, const char *text, size_t length);

/* Makes all of it free for use again, keeping the blocks of ordinary size. */
void kql_arena_reset(struct kql_arena *arena);
void kql_arena_clear(struct kql_arena *arena);

static inline void auto_kql_arena(struct kql_arena *arena)
{
	kql_arena_clear(arena);
}

#endif
