/* Different texts, each with a code from 0 up, and the way back from a text to its code by a hash table. Shared by those
 * who hold a reference. */
#ifndef TABLE_DICTIONARY_H
#define TABLE_DICTIONARY_H

#include <stddef.h>
#include <stdint.h>

#include "core/auto.h"
#include "table/texts.h"

#define DICTIONARY_NONE UINT32_MAX

/* slots: code + 1 in the low bits, as many as it takes for slot_count, above them bits of the hash; 0 is free. NULL until
 * somebody asks for a code: it is made of the texts then. */
struct dictionary {
	struct texts texts;
	uint32_t *slots;
	uint32_t slot_count; /* a power of two, at most 3/4 in use */
	bool borrowed;       /* the slots are not ours to free */
	uint32_t recent[16]; /* code + 1 of texts that were asked for lately, by recent_place */
	uint64_t seed;       /* texts come from outside: nobody can choose some that all collide */
	unsigned references;
};

struct dictionary *dictionary_new(void);
struct dictionary *dictionary_hold(struct dictionary *dictionary);
void dictionary_free(struct dictionary *dictionary); /* gives up one reference */
AUTO_DEFINE(dictionary_free, struct dictionary *)

/* The code of a text, given if it has none. */
uint32_t dictionary_code(struct dictionary *dictionary, const char *text, size_t length);
/* The code of a text, or DICTIONARY_NONE. */
uint32_t dictionary_find(struct dictionary *dictionary, const char *text, size_t length);
/* Makes the hash table, if there is none. False if two texts are the same: only a borrowed list can have such. */
bool dictionary_index(struct dictionary *dictionary);
/* Takes in a table that was made for these very texts, borrowed; it is written to when texts are added. False if it cannot
 * be one. What else is wrong in it finds texts that are not the ones asked for to be absent, no more. */
bool dictionary_borrow_slots(struct dictionary *dictionary, uint32_t *slots, uint32_t count, uint64_t seed);

static inline uint32_t dictionary_codes(const struct dictionary *dictionary)
{
	return dictionary->texts.length;
}

static inline const char *dictionary_text(const struct dictionary *dictionary, uint32_t code, size_t *length)
{
	return texts_get(&dictionary->texts, code, length);
}

#endif
