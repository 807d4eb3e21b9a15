#include "config.h"
#include "kql/json.h"

#include <math.h>
#include <string.h>

/* The byte after the value that begins at `at`; end if it does not close. */
static const char *value_end(const char *at, const char *end)
{
	size_t depth = 0;

	if (at < end && *at != '"' && *at != '[' && *at != '{') {
		while (at < end && *at != ',' && *at != ']' && *at != '}' && *at != ':')
			at++;
		return at;
	}
	for (; at < end; at++) {
		if (*at == '"') {
			for (at++; at < end && *at != '"'; at++)
				if (*at == '\\')
					at++;
			if (at >= end)
				return end;
		} else if (*at == '[' || *at == '{') {
			depth++;
		} else if (*at == ']' || *at == '}') {
			depth--;
		}
		if (depth == 0)
			return at + 1;
	}
	return end;
}

enum kql_json_kind kql_json_kind(struct kql_slice json)
{
	if (json.length == 0)
		return KQL_JSON_NULL;
	switch (json.text[0]) {
	case '"':
		return KQL_JSON_STRING;
	case '[':
		return KQL_JSON_ARRAY;
	case '{':
		return KQL_JSON_OBJECT;
	case 't':
	case 'f':
		return KQL_JSON_BOOL;
	case 'n':
		return KQL_JSON_NULL;
	default:
		for (size_t n = 0; n < json.length; n++)
			if (json.text[n] == '.' || json.text[n] == 'e' || json.text[n] == 'E')
				return KQL_JSON_REAL;
		return KQL_JSON_LONG;
	}
}

struct kql_json_walk kql_json_walk(struct kql_slice json)
{
	struct kql_json_walk walk = { NULL, NULL, false, { NULL, 0 }, { NULL, 0 } };

	if (json.length >= 2 && (json.text[0] == '[' || json.text[0] == '{')) {
		walk.at = json.text + 1;
		walk.end = json.text + json.length - 1;
		walk.object = json.text[0] == '{';
	}
	return walk;
}

bool kql_json_next(struct kql_json_walk *walk)
{
	const char *end;

	if (walk->at >= walk->end)
		return false;
	if (walk->object) {
		end = value_end(walk->at, walk->end);
		walk->key = (struct kql_slice){ walk->at, (size_t)(end - walk->at) };
		walk->at = end < walk->end ? end + 1 : end;
	}
	end = value_end(walk->at, walk->end);
	walk->value = (struct kql_slice){ walk->at, (size_t)(end - walk->at) };
	walk->at = end < walk->end ? end + 1 : end;
	return true;
}

bool kql_json_key_is(struct kql_slice key, const char *name, size_t length)
{
	if (key.length >= 2 && memchr(key.text, '\\', key.length) == NULL)
		return key.length - 2 == length && memcmp(key.text + 1, name, length) == 0;

	struct kql_arena arena = { 0 };
	struct kql_slice bare = kql_json_string(&arena, key);
	bool same = bare.length == length && memcmp(bare.text, name, length) == 0;

	kql_arena_clear(&arena);
	return same;
}

struct kql_slice kql_json_member(struct kql_slice json, const char *key, size_t length)
{
	struct kql_slice found = { NULL, 0 };
	struct kql_json_walk walk = kql_json_walk(json);

	while (walk.object && kql_json_next(&walk))
		if (kql_json_key_is(walk.key, key, length))
			found = walk.value;
	return found;
}

size_t kql_json_length(struct kql_slice json)
{
	struct kql_json_walk walk = kql_json_walk(json);
	size_t count = 0;

	while (kql_json_next(&walk))
		count++;
	return count;
}

struct kql_slice kql_json_element(struct kql_slice json, int64_t index)
{
	struct kql_json_walk walk = kql_json_walk(json);

	if (walk.object)
		return (struct kql_slice){ NULL, 0 };
	if (index < 0)
		index += (int64_t)kql_json_length(json);
	if (index >= 0)
		while (kql_json_next(&walk))
			if (index-- == 0)
				return walk.value;
	return (struct kql_slice){ NULL, 0 };
}

static unsigned hex4(const char *text)
{
	unsigned value = 0;

	for (int n = 0; n < 4; n++)
		value = value * 16 + (unsigned)(g_ascii_xdigit_value(text[n]) & 15);
	return value;
}

/* Reads the escape at a backslash; gives the bytes read, 0 if it is none. */
static size_t read_escape(const char *at, const char *end, gunichar *c)
{
	static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *letter;

	if (end - at < 2 || at[1] == '\0')
		return 0;
	letter = strchr(letters, at[1]);
	if (letter != NULL) {
		*c = (gunichar)values[letter - letters];
		return 2;
	}
	if (at[1] != 'u' || end - at < 6)
		return 0;
	for (int n = 2; n < 6; n++)
		if (!g_ascii_isxdigit(at[n]))
			return 0;
	*c = hex4(at + 2);
	if (*c >= 0xD800 && *c < 0xDC00 && end - at >= 12 && at[6] == '\\' && at[7] == 'u') {
		unsigned low = hex4(at + 8);

		if (low >= 0xDC00 && low < 0xE000) {
			*c = 0x10000 + ((*c - 0xD800) << 10) + (low - 0xDC00);
			return 12;
		}
	}
	if (*c >= 0xD800 && *c < 0xE000)
		*c = 0xFFFD;
	return 6;
}

struct kql_slice kql_json_string(struct kql_arena *arena, struct kql_slice json)
{
	const char *at, *end;
	char *out, *place;

	if (json.length < 2 || json.text[0] != '"')
		return json;
	at = json.text + 1;
	end = json.text + json.length - 1;
	if (memchr(at, '\\', (size_t)(end - at)) == NULL)
		return (struct kql_slice){ at, (size_t)(end - at) };
	out = place = kql_arena_alloc(arena, json.length);
	while (at < end) {
		gunichar c;
		size_t length = *at == '\\' ? read_escape(at, end, &c) : 0;

		if (length == 0) {
			*place++ = *at++;
		} else {
			place += g_unichar_to_utf8(c, place);
			at += length;
		}
	}
	return (struct kql_slice){ out, (size_t)(place - out) };
}

static void append_json_char(GString *out, const char *bytes, size_t length, gunichar c)
{
	static const char letters[] = "bfnrt", values[] = "\b\f\n\r\t";
	const char *value = c != 0 && c < 0x80 ? strchr(values, (int)c) : NULL;

	if (c == '"' || c == '\\')
		g_string_append_printf(out, "\\%c", (int)c);
	else if (value != NULL)
		g_string_append_printf(out, "\\%c", letters[value - values]);
	else if (c < 0x20)
		g_string_append_printf(out, "\\u%04x", (unsigned)c);
	else if (bytes != NULL)
		g_string_append_len(out, bytes, (gssize)length);
	else
		g_string_append_unichar(out, c);
}

void kql_json_append_string(GString *out, const char *text, size_t length)
{
	const char *end = text + length;

	g_string_append_c(out, '"');
	while (text < end) {
		const char *plain = text;

		while (text < end && (unsigned char)*text >= 0x20 && *text != '"' && *text != '\\')
			text++;
		g_string_append_len(out, plain, text - plain);
		if (text < end) {
			append_json_char(out, text, 1, (unsigned char)*text);
			text++;
		}
	}
	g_string_append_c(out, '"');
}

void kql_json_append_real(GString *out, double value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	if (!isfinite(value)) {
		g_string_append(out, isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		char format[8];

		g_snprintf(format, sizeof format, "%%.%dg", digits);
		g_ascii_formatd(text, sizeof text, format, value);
		if (g_ascii_strtod(text, NULL) == value)
			break;
	}
	g_string_append(out, text);
	if (strpbrk(text, ".e") == NULL)
		g_string_append(out, ".0");
}

struct reader {
	const char *at, *end;
	GString *out;
};

static void skip_blanks(struct reader *reader)
{
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\n' ||
		*reader->at == '\r'))
		reader->at++;
}

static bool read_string(struct reader *reader)
{
	const char *at = reader->at + 1;

	g_string_append_c(reader->out, '"');
	while (at < reader->end && *at != '"') {
		gunichar c;
		size_t length = 0;

		if ((unsigned char)*at < 0x20)
			return false;
		if (*at == '\\') {
			length = read_escape(at, reader->end, &c);
			if (length == 0)
				return false;
			append_json_char(reader->out, NULL, 0, c);
		} else {
			while (at + length < reader->end && (unsigned char)at[length] >= 0x20 && at[length] != '"' &&
				at[length] != '\\')
				length++;
			g_string_append_len(reader->out, at, (gssize)length);
		}
		at += length;
	}
	if (at >= reader->end)
		return false;
	g_string_append_c(reader->out, '"');
	reader->at = at + 1;
	return true;
}

static const char *digits_end(const char *at, const char *end)
{
	while (at < end && g_ascii_isdigit(*at))
		at++;
	return at;
}

static bool read_number(struct reader *reader)
{
	const char *at = reader->at, *whole, *end = reader->end;

	if (at < end && *at == '-')
		at++;
	whole = at;
	at = digits_end(at, end);
	if (at == whole || (*whole == '0' && at - whole > 1))
		return false;
	if (at < end && *at == '.') {
		whole = ++at;
		at = digits_end(at, end);
		if (at == whole)
			return false;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		if (at < end && (*at == '+' || *at == '-'))
			at++;
		whole = at;
		at = digits_end(at, end);
		if (at == whole)
			return false;
	}
	g_string_append_len(reader->out, reader->at, at - reader->at);
	reader->at = at;
	return true;
}

static bool read_value(struct reader *reader, unsigned depth);

static bool read_members(struct reader *reader, unsigned depth, char close)
{
	bool object = close == '}';

	g_string_append_c(reader->out, *reader->at++);
	skip_blanks(reader);
	if (reader->at < reader->end && *reader->at == close) {
		g_string_append_c(reader->out, *reader->at++);
		return true;
	}
	for (;;) {
		skip_blanks(reader);
		if (object) {
			if (reader->at >= reader->end || *reader->at != '"' || !read_string(reader))
				return false;
			skip_blanks(reader);
			if (reader->at >= reader->end || *reader->at != ':')
				return false;
			g_string_append_c(reader->out, *reader->at++);
		}
		if (!read_value(reader, depth + 1))
			return false;
		skip_blanks(reader);
		if (reader->at >= reader->end || (*reader->at != ',' && *reader->at != close))
			return false;
		g_string_append_c(reader->out, *reader->at);
		if (*reader->at++ == close)
			return true;
	}
}

static bool read_value(struct reader *reader, unsigned depth)
{
	static const char *const words[] = { "true", "false", "null" };

	skip_blanks(reader);
	if (reader->at >= reader->end || depth > KQL_JSON_DEPTH)
		return false;
	if (*reader->at == '"')
		return read_string(reader);
	if (*reader->at == '[' || *reader->at == '{')
		return read_members(reader, depth, *reader->at == '[' ? ']' : '}');
	for (size_t n = 0; n < G_N_ELEMENTS(words); n++) {
		size_t length = strlen(words[n]);

		if ((size_t)(reader->end - reader->at) >= length && memcmp(reader->at, words[n], length) == 0) {
			g_string_append(reader->out, words[n]);
			reader->at += length;
			return true;
		}
	}
	return read_number(reader);
}

bool kql_json_compact(const char *text, size_t length, GString *out)
{
	struct reader reader = { text, text + length, out };
	size_t before = out->len;

	if (read_value(&reader, 0)) {
		skip_blanks(&reader);
		if (reader.at == reader.end)
			return true;
	}
	g_string_truncate(out, before);
	return false;
}
