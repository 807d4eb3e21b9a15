#include "config.h"
#include "kql/literal.h"

#include <string.h>

#include "core/isotime.h"
#include "kql/lexer.h"
#include "kql/parser.h"

void kql_append_string_literal(GString *out, const char *text)
{
	const char *end = text + strlen(text);

	g_string_append_c(out, '"');
	while (text < end) {
		gunichar c = g_utf8_get_char_validated(text, end - text);

		if (c == (gunichar)-1 || c == (gunichar)-2) {
			g_string_append(out, "\357\277\275");
			text++;
			continue;
		}
		if (c == '"' || c == '\\')
			g_string_append_printf(out, "\\%c", (int)c);
		else if (c == '\n' || c == '\t' || c == '\r')
			g_string_append(out, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
		else if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029)
			g_string_append_printf(out, "\\u%04X", (unsigned)c);
		else
			g_string_append_len(out, text, g_utf8_skip[(unsigned char)*text]);
		text += g_utf8_skip[(unsigned char)*text];
	}
	g_string_append_c(out, '"');
}

void kql_append_name(GString *out, const char *name)
{
	struct kql_lexer lexer;
	struct kql_token token;

	kql_lexer_init(&lexer, name, strlen(name));
	token = kql_lexer_next(&lexer);
	if (token.kind == KQL_TOKEN_NAME && token.start == 0 && token.length == strlen(name) && name[0] != '$' &&
		!g_ascii_isdigit(name[0]) && !kql_word_is_reserved(name, strlen(name)) && strcmp(name, "true") != 0 &&
		strcmp(name, "false") != 0) {
		g_string_append(out, name);
		return;
	}
	g_string_append_c(out, '[');
	kql_append_string_literal(out, name);
	g_string_append_c(out, ']');
}

void kql_append_datetime(GString *out, int64_t ticks)
{
	char text[ISOTIME_SIZE];

	isotime_format(ticks, text);
	g_string_append_printf(out, "datetime(%s)", text);
}

static void append_code_point(GString *out, unsigned long c)
{
	if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		c = 0xFFFD;
	g_string_append_unichar(out, (gunichar)c);
}

static unsigned long read_digits(const char *text, size_t count, unsigned base)
{
	unsigned long value = 0;

	for (size_t n = 0; n < count; n++)
		value = value * base + (unsigned long)g_ascii_xdigit_value(text[n]);
	return value;
}

/* text is on a backslash; the lexer has checked the escape. Gives its length. */
static size_t append_escape(GString *out, const char *text, size_t length)
{
	static const char letters[] = "abfnrtv", values[] = "\a\b\f\n\r\t\v";
	const char *letter = strchr(letters, text[1]);
	size_t digits = text[1] == 'x' ? 2 : text[1] == 'u' ? 4 : text[1] == 'U' ? 8 : 0;
	unsigned long c, low;

	if (letter != NULL && text[1] != '\0') {
		g_string_append_c(out, values[letter - letters]);
		return 2;
	}
	if (digits == 4 && length >= 6) {
		c = read_digits(text + 2, 4, 16);
		if (c >= 0xD800 && c < 0xDC00 && length >= 12 && text[6] == '\\' && text[7] == 'u') {
			low = read_digits(text + 8, 4, 16);
			if (low >= 0xDC00 && low < 0xE000) {
				append_code_point(out, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
				return 12;
			}
		}
		append_code_point(out, c);
		return 6;
	}
	if (digits != 0) {
		append_code_point(out, read_digits(text + 2, digits, 16));
		return 2 + digits;
	}
	if (text[1] < '0' || text[1] > '7') {
		g_string_append_c(out, text[1]);
		return 2;
	}
	while (digits < 3 && 1 + digits < length && text[1 + digits] >= '0' && text[1 + digits] <= '7')
		digits++;
	if (digits == 3 && text[1] > '3')
		digits = 2;
	append_code_point(out, read_digits(text + 1, digits, 8));
	return 1 + digits;
}

static void append_unquoted(GString *out, const char *text, size_t length)
{
	bool verbatim;
	char quote;

	if (*text == 'h' || *text == 'H')
		text++, length--;
	verbatim = *text == '@';
	if (verbatim)
		text++, length--;
	quote = *text;
	if (quote == '`' || quote == '~') {
		g_string_append_len(out, text + 3, (gssize)length - 6);
		return;
	}
	for (size_t at = 1; at < length - 1;) {
		if (verbatim && text[at] == quote) {
			g_string_append_c(out, quote);
			at += 2;
		} else if (!verbatim && text[at] == '\\') {
			at += append_escape(out, text + at, length - 1 - at);
		} else {
			g_string_append_c(out, text[at++]);
		}
	}
}

bool kql_unquote(const char *literal, size_t length, GString *out, size_t *fault)
{
	struct kql_lexer lexer;
	struct kql_token token;
	bool any = false;

	kql_lexer_init(&lexer, literal, length);
	while ((token = kql_lexer_next(&lexer)).kind == KQL_TOKEN_STRING) {
		append_unquoted(out, literal + token.start, token.length);
		any = true;
	}
	if (token.kind == KQL_TOKEN_END && any)
		return true;
	if (fault != NULL)
		*fault = token.kind == KQL_TOKEN_BAD ? lexer.fault_at : token.start;
	return false;
}
