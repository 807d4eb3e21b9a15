#include "config.h"
#include "kql/match.h"

#include <stdint.h>
#include <string.h>

#include <glib.h>

/* Lower case of ASCII, everything else as it is. */
static const unsigned char lower[256] = {
#define HALF(n) n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7
#define ROW(n) HALF(n), HALF(n + 8)
	ROW(0), ROW(16), ROW(32), ROW(48),
	64, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111,
	112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 91, 92, 93, 94, 95,
	ROW(96), ROW(112), ROW(128), ROW(144), ROW(160), ROW(176), ROW(192), ROW(208), ROW(224), ROW(240),
#undef ROW
#undef HALF
};

/* Whether folding changes it, and whether it is all ASCII. */
static void survey(struct kql_slice text, bool *upper, bool *wide)
{
	unsigned char any = 0, changed = 0;

	for (size_t n = 0; n < text.length; n++) {
		unsigned char c = (unsigned char)text.text[n];

		any |= c;
		changed |= c ^ lower[c];
	}
	*upper = changed != 0;
	*wide = any >= 0x80;
}

static struct kql_slice fold_wide(struct kql_arena *arena, struct kql_slice text)
{
	/* Folding makes two bytes at most three (U+023A). */
	char *out = kql_arena_alloc(arena, text.length * 2 + 8), *place = out;
	const char *at = text.text, *end = text.text + text.length;

	while (at < end) {
		unsigned char byte = (unsigned char)*at;
		gunichar c;

		if (byte < 0x80) {
			*place++ = (char)lower[byte];
			at++;
			continue;
		}
		c = g_utf8_get_char_validated(at, end - at);
		if (c == (gunichar)-1 || c == (gunichar)-2) {
			*place++ = *at++;
			continue;
		}
		/* Through upper case, so that the two lower-case sigmas and the like meet. */
		place += g_unichar_to_utf8(g_unichar_tolower(g_unichar_toupper(c)), place);
		at += g_utf8_skip[byte];
	}
	return (struct kql_slice){ out, (size_t)(place - out) };
}

struct kql_slice kql_fold(struct kql_arena *arena, struct kql_slice text)
{
	bool upper, wide;
	char *out;

	survey(text, &upper, &wide);
	if (wide)
		return fold_wide(arena, text);
	if (!upper)
		return text;
	out = kql_arena_alloc(arena, text.length);
	for (size_t n = 0; n < text.length; n++)
		out[n] = (char)lower[(unsigned char)text.text[n]];
	return (struct kql_slice){ out, text.length };
}

const char *kql_find(struct kql_slice text, size_t from, struct kql_slice needle)
{
	if (from > text.length)
		return NULL;
	if (needle.length == 0)
		return text.text + from;
	return memmem(text.text + from, text.length - from, needle.text, needle.length);
}

static bool is_alnum(const char *at, const char *end)
{
	unsigned char byte = (unsigned char)*at;
	gunichar c;

	if (byte < 0x80)
		return g_ascii_isalnum(byte);
	c = g_utf8_get_char_validated(at, end - at);
	return c != (gunichar)-1 && c != (gunichar)-2 && g_unichar_isalnum(c);
}

bool kql_term_ends(struct kql_slice text, size_t at)
{
	return at >= text.length || !is_alnum(text.text + at, text.text + text.length);
}

bool kql_term_starts(struct kql_slice text, size_t at)
{
	size_t before = at;

	if (at == 0)
		return true;
	do
		before--;
	while (before > 0 && at - before < 4 && ((unsigned char)text.text[before] & 0xC0) == 0x80);
	return !is_alnum(text.text + before, text.text + text.length);
}

typedef const char *finder(struct kql_slice text, size_t from, struct kql_slice needle);

/* The needle somewhere in the text, with a term's boundary at the ends asked for, where the needle's own end is a letter
 * or digit. */
static bool matches_term(struct kql_slice text, struct kql_slice needle, bool start, bool end, finder *find)
{
	const char *found;

	if (needle.length == 0)
		return true;
	start = start && !kql_term_ends(needle, 0);
	end = end && !kql_term_starts(needle, needle.length);
	for (size_t from = 0; (found = find(text, from, needle)) != NULL; from++) {
		from = (size_t)(found - text.text);
		if ((!start || kql_term_starts(text, from)) && (!end || kql_term_ends(text, from + needle.length)))
			return true;
	}
	return false;
}

bool kql_matches(enum kql_match how, struct kql_slice text, struct kql_slice needle)
{
	switch (how) {
	case KQL_CONTAINS:
		return kql_find(text, 0, needle) != NULL;
	case KQL_HAS:
		return matches_term(text, needle, true, true, kql_find);
	case KQL_HAS_PREFIX:
		return matches_term(text, needle, true, false, kql_find);
	case KQL_HAS_SUFFIX:
		return matches_term(text, needle, false, true, kql_find);
	case KQL_STARTS_WITH:
		return text.length >= needle.length && memcmp(text.text, needle.text, needle.length) == 0;
	case KQL_ENDS_WITH:
		return text.length >= needle.length &&
			memcmp(text.text + text.length - needle.length, needle.text, needle.length) == 0;
	case KQL_SAME:
		return text.length == needle.length && memcmp(text.text, needle.text, needle.length) == 0;
	}
	return false;
}

static bool is_wide(struct kql_slice text)
{
	unsigned char any = 0;

	for (size_t n = 0; n < text.length; n++)
		any |= (unsigned char)text.text[n];
	return any >= 0x80;
}

static bool same_ascii(const char *text, struct kql_slice needle)
{
	size_t n = 0;

	while (n < needle.length && lower[(unsigned char)text[n]] == (unsigned char)needle.text[n])
		n++;
	return n == needle.length;
}

static const char *find_ascii(struct kql_slice text, size_t from, struct kql_slice needle)
{
	for (; from + needle.length <= text.length; from++)
		if (lower[(unsigned char)text.text[from]] == (unsigned char)needle.text[0] &&
			same_ascii(text.text + from, needle))
			return text.text + from;
	return NULL;
}

static bool matches_ascii(enum kql_match how, struct kql_slice text, struct kql_slice needle)
{
	switch (how) {
	case KQL_CONTAINS:
		return find_ascii(text, 0, needle) != NULL;
	case KQL_STARTS_WITH:
		return text.length >= needle.length && same_ascii(text.text, needle);
	case KQL_ENDS_WITH:
		return text.length >= needle.length && same_ascii(text.text + text.length - needle.length, needle);
	case KQL_SAME:
		return text.length == needle.length && same_ascii(text.text, needle);
	default:
		return matches_term(text, needle, how != KQL_HAS_SUFFIX, how != KQL_HAS_PREFIX, find_ascii);
	}
}

#define SHORT 512 /* bytes; on longer texts the simple search could take quadratic time */

bool kql_matches_folded(struct kql_arena *arena, enum kql_match how, struct kql_slice text, struct kql_slice needle)
{
	if (needle.length != 0 && text.length <= SHORT) {
		if (matches_ascii(how, text, needle))
			return true;
		/* Only other letters (the Kelvin sign, the long s) could still match once folded. */
		if (!is_wide(text))
			return false;
	}
	return kql_matches(how, kql_fold(arena, text), needle);
}
