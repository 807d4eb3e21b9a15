#include "config.h"
#include "table/sheet_decode.h"

#include <string.h>

#include "core/auto.h"

/* What a decoder was refused for; the place is the end of what it had put out. */
static bool decode_fail(const char *name, const GString *done, struct error *error, const char *what)
{
	unsigned line, column;

	sheet_position(done->str, done->len, &line, &column);
	error_set(error, ERROR_FAILED, "cannot read '%s': %s", name, what);
	error_at(error, name, line, column);
	return false;
}

void sheet_position(const char *text, size_t length, unsigned *line, unsigned *column)
{
	*line = 1;
	*column = 1;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == length || text[i + 1] != '\n'))) {
			++*line;
			*column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			++*column;
		}
	}
}

static bool decode_utf8(const char *name, const char *bytes, size_t length, GString *out, struct error *error)
{
	const char *end;
	char what[64];

	if (g_utf8_validate_len(bytes, length, &end)) {
		g_string_append_len(out, bytes, (gssize)length);
		return true;
	}
	g_string_append_len(out, bytes, end - bytes);
	if (*end == '\0')
		return decode_fail(name, out, error, "a NUL character");
	g_snprintf(what, sizeof what, "byte 0x%02x is not UTF-8, which the file claims to be", (unsigned char)*end);
	return decode_fail(name, out, error, what);
}

static bool decode_utf16(const char *name, const char *bytes, size_t length, bool big, GString *out,
	struct error *error)
{
	const unsigned char *units = (const unsigned char *)bytes;
	gunichar high = 0;

	for (size_t i = 0; i + 1 < length; i += 2) {
		gunichar unit = big ? (gunichar)units[i] << 8 | units[i + 1] : (gunichar)units[i + 1] << 8 | units[i];
		bool low = unit >= 0xdc00 && unit <= 0xdfff;

		if ((high != 0) != low)
			return decode_fail(name, out, error, "half a surrogate pair in UTF-16 text");
		if (unit == 0)
			return decode_fail(name, out, error, "a NUL character");
		if (unit >= 0xd800 && unit <= 0xdbff) {
			high = unit;
		} else if (low) {
			g_string_append_unichar(out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
			high = 0;
		} else {
			g_string_append_unichar(out, unit);
		}
	}
	if (high != 0)
		return decode_fail(name, out, error, "half a surrogate pair in UTF-16 text");
	if (length % 2 != 0)
		return decode_fail(name, out, error, "UTF-16 text ends with half a character");
	return true;
}

static bool decode_cp1252(const char *name, const char *bytes, size_t length, GString *out, struct error *error)
{
	/* 0x80 to 0x9f; 0 is not assigned (Microsoft's table cp1252). */
	static const gunichar table[32] = {
		0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
		0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e,
		0x0178,
	};

	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		gunichar c = byte >= 0x80 && byte <= 0x9f ? table[byte - 0x80] : byte;
		char what[64];

		if (byte == 0)
			return decode_fail(name, out, error, "a NUL character");
		if (c == 0) {
			g_snprintf(what, sizeof what, "byte 0x%02x is neither UTF-8 nor Windows-1252", byte);
			return decode_fail(name, out, error, what);
		}
		g_string_append_unichar(out, c);
	}
	return true;
}

GString *sheet_decode(const char *name, const char *bytes, size_t length, const char **encoding, struct error *error)
{
	AUTO(g_string) GString *out = g_string_sized_new(length + 1);
	bool fine, starts_le = length >= 2 && memcmp(bytes, "\xff\xfe", 2) == 0;

	if ((starts_le && length >= 4 && bytes[2] == 0 && bytes[3] == 0) ||
		(length >= 4 && memcmp(bytes, "\0\0\xfe\xff", 4) == 0)) {
		fine = decode_fail(name, out, error, "UTF-32 text is not supported");
	} else if (starts_le) {
		*encoding = "UTF-16LE";
		fine = decode_utf16(name, bytes + 2, length - 2, false, out, error);
	} else if (length >= 2 && memcmp(bytes, "\xfe\xff", 2) == 0) {
		*encoding = "UTF-16BE";
		fine = decode_utf16(name, bytes + 2, length - 2, true, out, error);
	} else if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		*encoding = "UTF-8";
		fine = decode_utf8(name, bytes + 3, length - 3, out, error);
	} else if (g_utf8_validate_len(bytes, length, NULL)) {
		*encoding = "UTF-8";
		g_string_append_len(out, bytes, (gssize)length);
		fine = true;
	} else {
		*encoding = "windows-1252";
		fine = decode_cp1252(name, bytes, length, out, error);
		if (!fine && length >= 2 && (bytes[0] == 0) != (bytes[1] == 0))
			error_hint(error, "is it UTF-16 without a byte order mark? save it as UTF-8");
	}
	/* Tools that add a mark to a text that has one leave two. */
	while (g_str_has_prefix(out->str, "\xef\xbb\xbf"))
		g_string_erase(out, 0, 3);
	return fine ? AUTO_STEAL(out) : NULL;
}
