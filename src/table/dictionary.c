#include "config.h"
#include "table/dictionary.h"

#include <string.h>
#include <sys/random.h>

#include "core/isotime.h"

#define SLOTS_LEAST 16

struct dictionary *dictionary_new(void)
{
	struct dictionary *dictionary = g_new0(struct dictionary, 1);

	if (getrandom(&dictionary->seed, sizeof dictionary->seed, GRND_NONBLOCK) != (ssize_t)sizeof dictionary->seed)
		dictionary->seed = (uint64_t)isotime_now() ^ (uintptr_t)dictionary;
	dictionary->references = 1;
	return dictionary;
}

struct dictionary *dictionary_hold(struct dictionary *dictionary)
{
	dictionary->references++;
	return dictionary;
}

void dictionary_free(struct dictionary *dictionary)
{
	if (dictionary == NULL || --dictionary->references != 0)
		return;
	if (!dictionary->borrowed)
		g_free(dictionary->slots);
	texts_clear(&dictionary->texts);
	g_free(dictionary);
}

static uint64_t hash_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t hash_text(uint64_t seed, const char *text, size_t length)
{
	uint64_t hash = seed ^ length, word;

	for (; length >= sizeof word; text += sizeof word, length -= sizeof word) {
		memcpy(&word, text, sizeof word);
		hash = hash_mix(hash ^ word, UINT64_C(0x9e3779b97f4a7c15) ^ seed);
	}
	word = 0;
	if (length != 0)
		memcpy(&word, text, length);
	hash = hash_mix(hash ^ word ^ UINT64_C(0xa0761d6478bd642f), UINT64_C(0xe7037ed1a0b428db));
	return (uint32_t)(hash ^ hash >> 32);
}

static bool code_is(const struct dictionary *dictionary, uint32_t code, const char *text, size_t length)
{
	size_t known_length;
	const char *known = dictionary_text(dictionary, code, &known_length);

	return known_length == length && memcmp(known, text, length) == 0;
}

/* The slot that holds the text, or the free one where it belongs. */
static uint32_t *slot_of(const struct dictionary *dictionary, uint32_t hash, const char *text, size_t length)
{
	uint32_t mask = dictionary->slot_count - 1, place = hash & mask;

	for (;; place = (place + 1) & mask) {
		uint32_t slot = dictionary->slots[place], code = (slot & mask) - 1;

		/* A code beyond the end comes from a file. */
		if (slot == 0 || (((slot ^ hash) & ~mask) == 0 && code < dictionary->texts.length &&
			code_is(dictionary, code, text, length)))
			break;
	}
	return &dictionary->slots[place];
}

/* An empty table for so many texts. */
static void slots_make(struct dictionary *dictionary, uint32_t texts)
{
	uint32_t count = SLOTS_LEAST;

	while (count / 4 * 3 <= texts)
		count *= 2;
	if (!dictionary->borrowed)
		g_free(dictionary->slots);
	dictionary->borrowed = false;
	dictionary->slots = g_new0(uint32_t, count);
	dictionary->slot_count = count;
}

static void slots_fill(struct dictionary *dictionary)
{
	uint32_t mask = dictionary->slot_count - 1;

	for (uint32_t code = 0; code < dictionary->texts.length; code++) {
		size_t length;
		const char *text = dictionary_text(dictionary, code, &length);
		uint32_t hash = hash_text(dictionary->seed, text, length), place = hash & mask;

		while (dictionary->slots[place] != 0)
			place = (place + 1) & mask;
		dictionary->slots[place] = (hash & ~mask) | (code + 1);
	}
}

bool dictionary_index(struct dictionary *dictionary)
{
	if (dictionary->slots != NULL)
		return true;
	slots_make(dictionary, dictionary->texts.length);
	for (uint32_t code = 0; code < dictionary->texts.length; code++) {
		size_t length;
		const char *text = dictionary_text(dictionary, code, &length);
		uint32_t hash = hash_text(dictionary->seed, text, length), *slot = slot_of(dictionary, hash, text, length);

		if (*slot != 0)
			return false;
		*slot = (hash & ~(dictionary->slot_count - 1)) | (code + 1);
	}
	return true;
}

bool dictionary_borrow_slots(struct dictionary *dictionary, uint32_t *slots, uint32_t count, uint64_t seed)
{
	uint32_t used = 0;

	g_assert(dictionary->slots == NULL);
	if (count < SLOTS_LEAST || (count & (count - 1)) != 0)
		return false;
	for (uint32_t n = 0; n < count; n++)
		used += slots[n] != 0;
	/* A search ends at a free slot. */
	if (used > count / 4 * 3)
		return false;
	dictionary->slots = slots;
	dictionary->slot_count = count;
	dictionary->seed = seed;
	dictionary->borrowed = true;
	return true;
}

uint32_t dictionary_find(struct dictionary *dictionary, const char *text, size_t length)
{
	uint32_t slot;

	if (dictionary->texts.length == 0)
		return DICTIONARY_NONE;
	dictionary_index(dictionary);
	slot = *slot_of(dictionary, hash_text(dictionary->seed, text, length), text, length);
	return slot == 0 ? DICTIONARY_NONE : (slot & (dictionary->slot_count - 1)) - 1;
}

/* Rows of a column mostly have one of a few texts. */
static uint32_t *recent_place(struct dictionary *dictionary, const char *text, size_t length)
{
	size_t place = length == 0 ? 0 : length * 5 + (unsigned char)text[0] + 3u * (unsigned char)text[length - 1];

	return &dictionary->recent[place % G_N_ELEMENTS(dictionary->recent)];
}

uint32_t dictionary_code(struct dictionary *dictionary, const char *text, size_t length)
{
	uint32_t *recent = recent_place(dictionary, text, length), *slot, hash;

	if (*recent != 0 && code_is(dictionary, *recent - 1, text, length))
		return *recent - 1;
	hash = hash_text(dictionary->seed, text, length);
	dictionary_index(dictionary);
	if (dictionary->texts.length >= dictionary->slot_count / 4 * 3) {
		slots_make(dictionary, dictionary->texts.length);
		slots_fill(dictionary);
	}
	slot = slot_of(dictionary, hash, text, length);
	if (*slot == 0) {
		g_assert(dictionary->texts.length < INT32_MAX);
		*slot = (hash & ~(dictionary->slot_count - 1)) | (dictionary->texts.length + 1);
		texts_append(&dictionary->texts, text, length);
	}
	*recent = *slot & (dictionary->slot_count - 1);
	return *recent - 1;
}
