/* A list of texts: end to end in an arena with a NUL after each, and where each begins. It only grows (and is cut); a text
 * once in it stays as it is. The arena is in pieces of at most 4 GiB, so that a start takes four bytes; the first piece may
 * lie in a mapped file. */
#ifndef TABLE_TEXTS_H
#define TABLE_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct texts_piece {
	const char *arena;
	const uint32_t *starts; /* of each text, and one past the last: count + 1 */
	uint32_t first, count;  /* number of its first text; how many it has */
	uint32_t room;          /* of starts; 0: the piece is borrowed */
	size_t used, size;      /* bytes of the arena, and those there is room for */
};

struct texts {
	struct texts_piece *pieces;
	size_t count;  /* of pieces */
	uint32_t length; /* texts in all */
	bool wide;     /* a text has bytes that are not ASCII */
};

#define TEXTS_MAX (UINT32_MAX - 2) /* texts of a list */

void texts_clear(struct texts *texts);

/* Takes a piece in, borrowed, as the first of an empty list. starts must rise from 0 to size, and the arena's last byte be
 * NUL: texts_piece_is_sound. */
void texts_borrow(struct texts *texts, const char *arena, size_t size, const uint32_t *starts, uint32_t count, bool wide);
bool texts_piece_is_sound(const char *arena, size_t size, const uint32_t *starts, uint32_t count);

/* Whether a text has bytes that are not ASCII. */
bool texts_is_wide(const char *text, size_t length);

/* The number of the new text. */
uint32_t texts_append(struct texts *texts, const char *text, size_t length);
/* Keeps the first texts. */
void texts_truncate(struct texts *texts, uint32_t length);
/* Gives back room that is not used. */
void texts_trim(struct texts *texts);

static inline const struct texts_piece *texts_piece(const struct texts *texts, uint32_t index)
{
	const struct texts_piece *piece = &texts->pieces[texts->count - 1];

	while (index < piece->first)
		piece--;
	return piece;
}

/* NUL-terminated, borrowed until the list changes. index must be below texts->length. */
static inline const char *texts_get(const struct texts *texts, uint32_t index, size_t *length)
{
	const struct texts_piece *piece = texts_piece(texts, index);
	uint32_t start = piece->starts[index - piece->first];

	if (length != NULL)
		*length = piece->starts[index - piece->first + 1] - start - 1;
	return piece->arena + start;
}

#endif
