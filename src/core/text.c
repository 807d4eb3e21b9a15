#include "config.h"
#include "core/text.h"

#include <string.h>

#include "core/auto.h"

static bool char_is_unsafe(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_FORMAT:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
	case G_UNICODE_SURROGATE:
	case G_UNICODE_PRIVATE_USE:
	case G_UNICODE_UNASSIGNED:
		return true;
	default:
		return false;
	}
}

static void append_unsafe(GString *out, gunichar c)
{
	if (c == '\n')
		g_string_append(out, "\\n");
	else if (c == '\t')
		g_string_append(out, "\\t");
	else if (c == '\r')
		g_string_append(out, "\\r");
	else if (c < 0x100)
		g_string_append_printf(out, "\\x%02x", c);
	else
		g_string_append_printf(out, "\\u{%04x}", c);
}

void text_append_safe(GString *out, const char *text, size_t length)
{
	const char *end = text + length;

	while (text < end) {
		gunichar c;

		if ((unsigned char)*text >= 0x20 && (unsigned char)*text < 0x7f) {
			g_string_append_c(out, *text++);
			continue;
		}
		c = g_utf8_get_char_validated(text, end - text);
		if (c == (gunichar)-1 || c == (gunichar)-2) {
			g_string_append_printf(out, "\\x%02x", (unsigned char)*text++);
		} else if (c == 0 || char_is_unsafe(c)) {
			append_unsafe(out, c);
			text += c == 0 ? 1 : g_utf8_skip[(unsigned char)*text];
		} else {
			size_t bytes = (size_t)g_utf8_skip[(unsigned char)*text];

			g_string_append_len(out, text, (gssize)bytes);
			text += bytes;
		}
	}
}

void text_append_marked(GString *out, const char *text, size_t length)
{
	const char *nul;

	while (length != 0 && (nul = memchr(text, '\0', length)) != NULL) {
		g_string_append_len(out, text, nul - text);
		g_string_append(out, "\xef\xbf\xbd");
		length -= (size_t)(nul + 1 - text);
		text = nul + 1;
	}
	g_string_append_len(out, text, (gssize)length);
}

char *text_safe(const char *text)
{
	GString *out = g_string_new(NULL);

	text_append_safe(out, text, strlen(text));
	return g_string_free(out, FALSE);
}

void text_append_json(GString *out, const char *text, size_t length)
{
	const char *end = text + length;

	while (text < end) {
		gunichar c = (unsigned char)*text < 0x80 ? (gunichar)*text : g_utf8_get_char_validated(text, end - text);
		size_t bytes = (unsigned char)*text < 0x80 || c >= (gunichar)-2 ? 1 : (size_t)g_utf8_skip[(unsigned char)*text];

		if (c >= 0x7f && c < (gunichar)-2 && char_is_unsafe(c)) {
			if (c > 0xffff)
				g_string_append_printf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
					0xdc00 + ((c - 0x10000) & 0x3ff));
			else
				g_string_append_printf(out, "\\u%04x", c);
		} else {
			g_string_append_len(out, text, (gssize)bytes);
		}
		text += bytes;
	}
}

/* One step along text that may hold invalid bytes; those count as one column each. */
static size_t char_step(const char *text, size_t *columns)
{
	gunichar c = g_utf8_get_char_validated(text, -1);

	if (c == (gunichar)-1 || c == (gunichar)-2) {
		*columns = 1;
		return 1;
	}
	*columns = g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
	return (size_t)g_utf8_skip[(unsigned char)*text];
}

size_t text_width(const char *text)
{
	size_t width = 0, columns;

	while (*text != '\0') {
		text += char_step(text, &columns);
		width += columns;
	}
	return width;
}

size_t text_fit(const char *text, size_t limit)
{
	const char *at = text;
	size_t width = 0, columns;

	while (*at != '\0') {
		size_t bytes = char_step(at, &columns);

		if (width + columns > limit)
			break;
		width += columns;
		at += bytes;
	}
	return (size_t)(at - text);
}

char *text_wrap(const char *line, size_t columns)
{
	GString *out = g_string_new(NULL);
	size_t indent = MIN(strspn(line, " ") + 2, columns / 2), column = 0;

	while (*line != '\0') {
		size_t blanks = strspn(line, " "), length = strcspn(line + blanks, " ");
		AUTO(g_free) char *word = g_strndup(line + blanks, length);
		size_t width = text_width(word);

		if (column > 0 && length > 0 && column + blanks + width > columns) {
			g_string_append_printf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else {
			g_string_append_len(out, line, (gssize)blanks);
			column += blanks;
		}
		g_string_append(out, word);
		column += width;
		line += blanks + length;
	}
	return g_string_free(out, FALSE);
}

char *text_fold(const char *text, size_t length)
{
	GString *out = g_string_sized_new(length + 1);
	const char *end = text + length;

	while (text < end) {
		unsigned char byte = (unsigned char)*text;
		gunichar c;

		if (byte < 0x80) {
			g_string_append_c(out, g_ascii_tolower(*text++));
			continue;
		}
		c = g_utf8_get_char_validated(text, end - text);
		if (c == (gunichar)-1 || c == (gunichar)-2) {
			g_string_append_c(out, *text++);
			continue;
		}
		/* Through upper case, so that the two lower-case sigmas and the like meet. */
		g_string_append_unichar(out, g_unichar_tolower(g_unichar_toupper(c)));
		text += g_utf8_skip[byte];
	}
	return g_string_free(out, FALSE);
}

#define DISTANCE_MAX 64

unsigned text_distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	unsigned row[DISTANCE_MAX + 1];

	if (n > DISTANCE_MAX || m > DISTANCE_MAX)
		return DISTANCE_MAX;
	for (size_t j = 0; j <= m; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned corner = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned above = row[j];
			bool same = g_ascii_tolower(a[i - 1]) == g_ascii_tolower(b[j - 1]);
			unsigned best = corner + (same ? 0 : 1);

			best = MIN(best, MIN(above + 1, row[j - 1] + 1));
			row[j] = best;
			corner = above;
		}
	}
	return row[m];
}

const char *text_nearest(const char *word, const char *const *list)
{
	const char *nearest = NULL;
	unsigned best = (unsigned)(strlen(word) / 3 + 1);

	for (; *list != NULL; list++) {
		unsigned distance = text_distance(word, *list);

		if (distance < best || (distance == best && nearest == NULL)) {
			best = distance;
			nearest = *list;
		}
	}
	return nearest;
}
