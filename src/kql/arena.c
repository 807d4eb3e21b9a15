#include "config.h"
#include "kql/arena.h"

#include <stdint.h>
#include <string.h>

#include <glib.h>

#define BLOCK_SIZE (64 * 1024)

struct kql_block {
	struct kql_block *next;
	size_t size;
	char bytes[] __attribute__((aligned(16)));
};

static struct kql_block *block_new(size_t size)
{
	struct kql_block *block = g_malloc(sizeof *block + size);

	block->next = NULL;
	block->size = size;
	return block;
}

/* Moves on to a block with room for size bytes: the next one kept by a reset, or a new one put before it. */
static void arena_advance(struct kql_arena *arena, size_t size)
{
	struct kql_block *next = arena->current != NULL ? arena->current->next : arena->first;

	if (next == NULL || next->size < size) {
		struct kql_block *block = block_new(MAX(size, (size_t)BLOCK_SIZE));

		block->next = next;
		if (arena->current != NULL)
			arena->current->next = block;
		else
			arena->first = block;
		next = block;
	}
	arena->current = next;
	arena->used = 0;
}

void *kql_arena_alloc(struct kql_arena *arena, size_t size)
{
	void *place;

	g_assert(size < SIZE_MAX / 2);
	size = (size + 15) & ~(size_t)15;
	if (arena->current == NULL || arena->current->size - arena->used < size)
		arena_advance(arena, size);
	place = arena->current->bytes + arena->used;
	arena->used += size;
	return place;
}

void *kql_arena_zero(struct kql_arena *arena, size_t size)
{
	return memset(kql_arena_alloc(arena, size), 0, size);
}

char *kql_arena_copy(struct kql_arena *arena, const char *text, size_t length)
{
	char *copy = kql_arena_alloc(arena, length + 1);

	if (length != 0)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

void kql_arena_reset(struct kql_arena *arena)
{
	struct kql_block **place = &arena->first;

	while (*place != NULL) {
		struct kql_block *block = *place;

		if (block->size > BLOCK_SIZE) {
			*place = block->next;
			g_free(block);
		} else {
			place = &block->next;
		}
	}
	arena->current = NULL;
	arena->used = 0;
}

void kql_arena_clear(struct kql_arena *arena)
{
	while (arena->first != NULL) {
		struct kql_block *block = arena->first;

		arena->first = block->next;
		g_free(block);
	}
	arena->current = NULL;
	arena->used = 0;
}
