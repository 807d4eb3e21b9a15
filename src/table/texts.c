#include "config.h"
#include "table/texts.h"

#include <string.h>

#include <glib.h>

#define PIECE_LIMIT ((size_t)UINT32_MAX) /* bytes */

void texts_clear(struct texts *texts)
{
	for (size_t n = 0; n < texts->count; n++) {
		if (texts->pieces[n].room == 0)
			continue;
		g_free((char *)texts->pieces[n].arena);
		g_free((uint32_t *)texts->pieces[n].starts);
	}
	g_free(texts->pieces);
	*texts = (struct texts){ .count = 0 };
}

void texts_borrow(struct texts *texts, const char *arena, size_t size, const uint32_t *starts, uint32_t count, bool wide)
{
	g_assert(texts->count == 0);
	texts->pieces = g_new0(struct texts_piece, 1);
	texts->pieces[0] = (struct texts_piece){ .arena = arena, .starts = starts, .count = count, .used = size, .size = size };
	texts->count = 1;
	texts->length = count;
	texts->wide = wide;
}

bool texts_piece_is_sound(const char *arena, size_t size, const uint32_t *starts, uint32_t count)
{
	unsigned falls = 0;

	if (size > PIECE_LIMIT || starts[0] != 0 || starts[count] != size)
		return false;
	/* Each text has at least its NUL. No branch, so that it is done several at a time. */
	for (uint32_t n = 0; n < count; n++)
		falls |= starts[n] >= starts[n + 1];
	return falls == 0 && (size == 0 || arena[size - 1] == '\0');
}

static struct texts_piece *piece_new(struct texts *texts)
{
	struct texts_piece *piece;

	texts->pieces = g_renew(struct texts_piece, texts->pieces, texts->count + 1);
	piece = &texts->pieces[texts->count++];
	*piece = (struct texts_piece){ .first = texts->length, .room = 16, .size = 64 };
	piece->arena = g_malloc(piece->size);
	piece->starts = g_new0(uint32_t, piece->room);
	return piece;
}

/* The piece that has room for so many more bytes and one more text. */
static struct texts_piece *piece_with_room(struct texts *texts, size_t bytes)
{
	struct texts_piece *piece = texts->count != 0 ? &texts->pieces[texts->count - 1] : NULL;

	g_assert(bytes <= PIECE_LIMIT && texts->length < TEXTS_MAX);
	if (piece == NULL || piece->room == 0 || piece->used + bytes > PIECE_LIMIT)
		piece = piece_new(texts);
	if (piece->used + bytes > piece->size) {
		piece->size = MIN(MAX(piece->used + bytes, piece->size + piece->size / 2), PIECE_LIMIT);
		piece->arena = g_realloc((char *)piece->arena, piece->size);
	}
	if (piece->count + 2 > piece->room) {
		piece->room = (uint32_t)MIN((size_t)piece->room + piece->room / 2, (size_t)UINT32_MAX);
		piece->starts = g_renew(uint32_t, (uint32_t *)piece->starts, piece->room);
	}
	return piece;
}

bool texts_is_wide(const char *text, size_t length)
{
	uint64_t any = 0, word;

	for (; length >= sizeof word; text += sizeof word, length -= sizeof word) {
		memcpy(&word, text, sizeof word);
		any |= word;
	}
	word = 0;
	if (length != 0)
		memcpy(&word, text, length);
	return ((any | word) & UINT64_C(0x8080808080808080)) != 0;
}

/* Where a text of the list itself lies in its piece, if it does: the arena may move under it. */
static bool own_place(const struct texts *texts, const char *text, size_t *place)
{
	const struct texts_piece *piece = texts->count != 0 ? &texts->pieces[texts->count - 1] : NULL;

	if (piece == NULL || text < piece->arena || text >= piece->arena + piece->used)
		return false;
	*place = (size_t)(text - piece->arena);
	return true;
}

uint32_t texts_append(struct texts *texts, const char *text, size_t length)
{
	size_t own = 0, pieces = texts->count;
	bool is_own = own_place(texts, text, &own);
	struct texts_piece *piece = piece_with_room(texts, length + 1);
	char *place = (char *)piece->arena + piece->used;

	if (is_own && texts->count == pieces)
		text = piece->arena + own;

	if (length != 0)
		memcpy(place, text, length);
	place[length] = '\0';
	texts->wide = texts->wide || texts_is_wide(text, length);
	piece->used += length + 1;
	((uint32_t *)piece->starts)[++piece->count] = (uint32_t)piece->used;
	return texts->length++;
}

void texts_truncate(struct texts *texts, uint32_t length)
{
	g_assert(length <= texts->length);
	texts->length = length;
	for (size_t n = texts->count; n-- > 0;) {
		struct texts_piece *piece = &texts->pieces[n];

		/* The first piece stays, even if it is empty. */
		if (length >= piece->first) {
			piece->count = length - piece->first;
			piece->used = piece->starts[piece->count];
			texts->count = n + 1;
			return;
		}
		if (piece->room != 0) {
			g_free((char *)piece->arena);
			g_free((uint32_t *)piece->starts);
		}
	}
}

void texts_trim(struct texts *texts)
{
	struct texts_piece *piece = texts->count != 0 ? &texts->pieces[texts->count - 1] : NULL;

	if (piece == NULL || piece->room == 0)
		return;
	piece->size = MAX(piece->used, (size_t)1);
	piece->arena = g_realloc((char *)piece->arena, piece->size);
	piece->room = piece->count + 1;
	piece->starts = g_renew(uint32_t, (uint32_t *)piece->starts, piece->room);
}
