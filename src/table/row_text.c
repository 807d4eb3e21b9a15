#include "config.h"
#include "table/row_text.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The next byte that is a quote, a backslash, a control character or not ASCII. */
static const char *next_special(const char *at, const char *end)
{
#ifdef __SSE2__
	__m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\'), blank = _mm_set1_epi8(' ');

	for (; end - at >= 16; at += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		/* Signed: what is not ASCII is below the blank, too. */
		__m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, back)),
			_mm_cmplt_epi8(bytes, blank));
		int mask = _mm_movemask_epi8(special);

		if (mask != 0)
			return at + __builtin_ctz((unsigned)mask);
	}
#endif
	for (; at < end; at++) {
		unsigned char c = (unsigned char)*at;

		if (c == '"' || c == '\\' || c < 0x20 || c >= 0x80)
			break;
	}
	return at;
}

const char *row_text_end(const char **at, const char *end, bool *plain, bool *fault)
{
	for (;;) {
		const char *special = next_special(*at, end);

		*at = special;
		if (special == end)
			return NULL;
		if (*special == '"')
			return special;
		*plain = false;
		if (*special == '\\') {
			if (end - special < 2)
				return NULL;
			*at = special + 2;
		} else if ((unsigned char)*special < 0x20) {
			*fault = true;
			return NULL;
		} else {
			*at = special + 1;
		}
	}
}

/* Four hex digits; -1 if they are not. */
static int hex4(const char *at, const char *end)
{
	int value = 0;

	if (end - at < 4)
		return -1;
	for (int n = 0; n < 4; n++) {
		int digit = g_ascii_xdigit_value(at[n]);

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* A code point as UTF-8, surrogates too: they are mended with the rest. */
static void append_code(GString *out, gunichar code)
{
	char bytes[6];

	if (code >= 0xd800 && code < 0xe000) {
		bytes[0] = (char)(0xe0 | code >> 12);
		bytes[1] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[2] = (char)(0x80 | (code & 0x3f));
		g_string_append_len(out, bytes, 3);
	} else {
		g_string_append_len(out, bytes, g_unichar_to_utf8(code, bytes));
	}
}

/* \uXXXX, at its first digit; NULL if it is none. A first half without its second is '?'. */
static const char *decode_code(const char *at, const char *end, GString *out)
{
	int code = hex4(at, end), low;

	if (code < 0)
		return NULL;
	at += 4;
	if (code < 0xd800 || code >= 0xdc00) {
		append_code(out, (gunichar)code);
		return at;
	}
	low = end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? hex4(at + 2, end) : -1;
	if (low < 0xdc00 || low >= 0xe000) {
		g_string_append_c(out, '?');
		return at;
	}
	append_code(out, 0x10000 + ((gunichar)(code - 0xd800) << 10) + (gunichar)(low - 0xdc00));
	return at + 6;
}

/* An escape, behind its backslash; NULL if there is no such. */
static const char *decode_escape(const char *at, const char *end, GString *out)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name;

	if (*at == 'u')
		return decode_code(at + 1, end, out);
	name = *at != '\0' ? strchr(names, *at) : NULL;
	if (name == NULL)
		return NULL;
	g_string_append_c(out, values[name - names]);
	return at + 1;
}

/* The bytes of one character by its form; 0 if it has none. */
static size_t form_length(const char *at, const char *end)
{
	unsigned char lead = (unsigned char)*at;
	size_t length = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 0;

	if (length > (size_t)(end - at))
		return 0;
	for (size_t n = 1; n < length; n++)
		if (((unsigned char)at[n] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* Each byte that is not of valid UTF-8 becomes U+FFFD; a NUL stays. */
static void mend(GString *text)
{
	const char *at = text->str, *end = at + text->len, *stop;
	GString *mended;

	if (g_utf8_validate_len(at, text->len, NULL))
		return;
	mended = g_string_sized_new(text->len + 16);
	while (!g_utf8_validate_len(at, (gsize)(end - at), &stop)) {
		g_string_append_len(mended, at, stop - at);
		if (*stop == '\0')
			g_string_append_c(mended, '\0');
		else
			g_string_append(mended, "\xef\xbf\xbd");
		at = stop + 1;
	}
	g_string_append_len(mended, at, end - at);
	g_string_truncate(text, 0);
	g_string_append_len(text, mended->str, (gssize)mended->len);
	g_string_free(mended, TRUE);
}

const char *row_text_decode(const char *at, const char *end, GString *out)
{
	g_string_truncate(out, 0);
	while (at < end) {
		const char *next = next_special(at, end);
		size_t length;

		g_string_append_len(out, at, next - at);
		at = next;
		if (at == end)
			break;
		if (*at == '\\') {
			next = end - at >= 2 ? decode_escape(at + 1, end, out) : NULL;
			if (next == NULL)
				return at;
			at = next;
			continue;
		}
		length = form_length(at, end);
		if (length == 0 || *at == '"' || (unsigned char)*at < 0x20)
			return at;
		g_string_append_len(out, at, (gssize)length);
		at += length;
	}
	mend(out);
	return NULL;
}

void row_text_append(GString *out, const char *text, size_t length)
{
	size_t plain = 0;

	g_string_append_c(out, '"');
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		g_string_append_len(out, text + plain, (gssize)(i - plain));
		plain = i + 1;
		switch (c) {
		case '"': g_string_append(out, "\\\""); break;
		case '\\': g_string_append(out, "\\\\"); break;
		case '\b': g_string_append(out, "\\b"); break;
		case '\f': g_string_append(out, "\\f"); break;
		case '\n': g_string_append(out, "\\n"); break;
		case '\r': g_string_append(out, "\\r"); break;
		case '\t': g_string_append(out, "\\t"); break;
		default: g_string_append_printf(out, "\\u%04x", c);
		}
	}
	g_string_append_len(out, text + plain, (gssize)(length - plain));
	g_string_append_c(out, '"');
}
