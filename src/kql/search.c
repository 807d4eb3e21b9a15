#include "config.h"
#include "kql/search.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <glib.h>

/* A needle as it is looked for in bytes: where case does not count, letters with the bit set that small ones have. */
struct search {
	enum kql_match how;
	bool folded;
	struct kql_slice needle;
	unsigned char first, last;           /* of the needle */
	unsigned char first_case, last_case; /* 0x20 where a letter may be large or small */
	size_t effort;                       /* bytes that may yet be compared */
};

/* Comparing at each place may take needle times text; what is beyond this many bytes a byte of text is done otherwise. */
#define EFFORT 16

static unsigned char case_bit(bool folded, unsigned char c)
{
	return folded && g_ascii_islower(c) ? 0x20 : 0;
}

static bool same(struct search *search, const char *text)
{
	const char *needle = search->needle.text;
	size_t n = 0;

	if (!search->folded) {
		search->effort -= MIN(search->effort, search->needle.length);
		return memcmp(text, needle, search->needle.length) == 0;
	}
	while (n < search->needle.length && g_ascii_tolower(text[n]) == needle[n])
		n++;
	search->effort -= MIN(search->effort, n);
	return n == search->needle.length;
}

/* A place where the needle's first and last byte are, from `at` on; NULL if there is none before end. The needle's length is
 * room behind end. */
static const char *next_place(const struct search *search, const char *at, const char *end)
{
	size_t far = search->needle.length - 1;

#ifdef __SSE2__
	__m128i first = _mm_set1_epi8((char)search->first), last = _mm_set1_epi8((char)search->last);
	__m128i first_case = _mm_set1_epi8((char)search->first_case), last_case = _mm_set1_epi8((char)search->last_case);

	for (; end - at >= 16; at += 16) {
		__m128i one = _mm_loadu_si128((const __m128i *)(const void *)at);
		__m128i two = _mm_loadu_si128((const __m128i *)(const void *)(at + far));
		__m128i both = _mm_and_si128(_mm_cmpeq_epi8(_mm_or_si128(one, first_case), first),
			_mm_cmpeq_epi8(_mm_or_si128(two, last_case), last));
		int mask = _mm_movemask_epi8(both);

		if (mask != 0)
			return at + __builtin_ctz((unsigned)mask);
	}
#endif
	for (; at < end; at++)
		if (((unsigned char)*at | search->first_case) == search->first &&
			((unsigned char)at[far] | search->last_case) == search->last)
			return at;
	return NULL;
}

/* Whether a place where the needle is makes the text match. */
static bool fits(const struct search *search, struct kql_slice text, size_t at)
{
	bool start = search->how == KQL_HAS || search->how == KQL_HAS_PREFIX;
	bool end = search->how == KQL_HAS || search->how == KQL_HAS_SUFFIX;

	start = start && !kql_term_ends(search->needle, 0);
	end = end && !kql_term_starts(search->needle, search->needle.length);
	return (!start || kql_term_starts(text, at)) && (!end || kql_term_ends(text, at + search->needle.length));
}

/* Goes through the texts of one piece as one. False if it took too long; what was found stays. */
static bool search_piece(struct search *search, const struct texts_piece *piece, uint32_t from, uint32_t count, int8_t *found)
{
	const uint32_t *starts = piece->starts + from;
	const char *at = piece->arena + starts[0];
	/* The last place where a needle has room before the last text's NUL. */
	size_t size = starts[count] - starts[0], length = search->needle.length;
	const char *end = size > length ? at + size - length : at;
	uint32_t text = 0;

	search->effort = size * EFFORT + 4096;
	while ((at = next_place(search, at, end)) != NULL) {
		size_t place = (size_t)(at - piece->arena);

		while (starts[text + 1] <= place)
			text++;
		if (same(search, at) && fits(search, (struct kql_slice){ piece->arena + starts[text],
			starts[text + 1] - starts[text] - 1 }, place - starts[text])) {
			found[text] = 1;
			at = piece->arena + starts[text + 1];
		} else {
			at++;
		}
		if (search->effort == 0)
			return false;
	}
	return true;
}

static bool matches(struct kql_arena *arena, const struct search *search, struct kql_slice text)
{
	kql_arena_reset(arena);
	return search->folded ? kql_matches_folded(arena, search->how, text, search->needle) :
		kql_matches(search->how, text, search->needle);
}

static struct kql_slice text_at(const struct texts *texts, uint32_t index)
{
	struct kql_slice text;

	text.text = texts_get(texts, index, &text.length);
	return text;
}

static bool matches_at_end(const struct search *search, struct kql_slice text)
{
	struct search copy = *search;
	size_t rest = text.length - search->needle.length;

	if (text.length < search->needle.length || (search->how == KQL_SAME && rest != 0))
		return false;
	copy.effort = SIZE_MAX;
	return same(&copy, text.text + (search->how == KQL_ENDS_WITH ? rest : 0));
}

/* Only one place in a text counts. */
static void search_ends(struct kql_arena *arena, const struct search *search, const struct texts *texts, uint32_t first,
	uint32_t count, int8_t *found)
{
	for (uint32_t n = 0; n < count; n++) {
		struct kql_slice text = text_at(texts, first + n);

		found[n] = matches_at_end(search, text) ||
			(search->folded && texts->wide && texts_is_wide(text.text, text.length) && matches(arena, search, text));
	}
}

static void search_through(struct kql_arena *arena, struct search *search, const struct texts *texts, uint32_t first,
	uint32_t count, int8_t *found)
{
	bool whole = true;

	memset(found, 0, count);
	for (uint32_t done = 0; done < count;) {
		const struct texts_piece *piece = texts_piece(texts, first + done);
		uint32_t from = first + done - piece->first, part = MIN(count - done, piece->count - from);

		whole = search_piece(search, piece, from, part, found + done) && whole;
		done += part;
	}
	/* Letters beyond ASCII may match once they are folded. */
	if (whole && !(search->folded && texts->wide))
		return;
	for (uint32_t n = 0; n < count; n++)
		if (found[n] == 0) {
			struct kql_slice text = text_at(texts, first + n);

			found[n] = (!whole || texts_is_wide(text.text, text.length)) && matches(arena, search, text);
		}
}

void kql_search(struct kql_arena *arena, const struct texts *texts, uint32_t first, uint32_t count, enum kql_match how,
	bool folded, struct kql_slice needle, int8_t *found)
{
	struct search search = { .how = how, .folded = folded, .needle = needle };

	/* An empty needle is a matter of its own, and one with a NUL might run over the end of a text. */
	if (needle.length == 0 || memchr(needle.text, '\0', needle.length) != NULL) {
		for (uint32_t n = 0; n < count; n++)
			found[n] = matches(arena, &search, text_at(texts, first + n));
		return;
	}
	search.first_case = case_bit(folded, (unsigned char)needle.text[0]);
	search.last_case = case_bit(folded, (unsigned char)needle.text[needle.length - 1]);
	search.first = (unsigned char)needle.text[0];
	search.last = (unsigned char)needle.text[needle.length - 1];
	if (how == KQL_STARTS_WITH || how == KQL_ENDS_WITH || how == KQL_SAME)
		search_ends(arena, &search, texts, first, count, found);
	else
		search_through(arena, &search, texts, first, count, found);
}
