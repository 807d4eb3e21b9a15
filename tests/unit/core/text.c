#include "config.h"
#include "core/text.h"

#include "core/auto.h"
#include "tests/tap.h"

static void check_safe(const char *text, const char *wanted, const char *name)
{
	AUTO(g_free) char *safe = text_safe(text);

	tap_str(safe, wanted, name);
}

static void check_json(const char *text, const char *wanted, const char *name)
{
	AUTO(g_string) GString *out = g_string_new(NULL);

	text_append_json(out, text, strlen(text));
	tap_str(out->str, wanted, name);
}

static void check_wrap(const char *line, size_t columns, const char *wanted, const char *name)
{
	AUTO(g_free) char *wrapped = text_wrap(line, columns);

	tap_str(wrapped, wanted, name);
}

int main(void)
{
	static const char *const words[] = { "isolate", "release", "list", NULL };
	AUTO(g_string) GString *marked = g_string_new(NULL);
	AUTO(g_free) char *a = text_fold("ÇEDILLA Σς", strlen("ÇEDILLA Σς"));
	AUTO(g_free) char *b = text_fold("çedilla σσ", strlen("çedilla σσ"));

	check_safe("plain", "plain", "plain text");
	check_safe("münchen-東京", "münchen-東京", "letters of all scripts stay");
	check_safe("\x1b[31mred", "\\x1b[31mred", "escape");
	check_safe("a\x9b" "b", "a\\x9bb", "a lone C1 byte");
	check_safe("a\xc2\x9b" "b", "a\\x9bb", "CSI as UTF-8");
	check_safe("x\xe2\x80\xaey", "x\\u{202e}y", "right-to-left override");
	check_safe("a\nb\tc\r", "a\\nb\\tc\\r", "line feed, tab, return");
	check_safe("a\xf0\x9f", "a\\xf0\\x9f", "cut UTF-8");
	check_json("\"m\xc3\xbcnchen\"", "\"m\xc3\xbcnchen\"", "JSON: letters stay");
	check_json("\"a\xc2\x9b" "b\x7f\"", "\"a\\u009bb\\u007f\"", "JSON: C1 and DEL");
	check_json("\"\xe2\x80\xae\xf3\xa0\x80\x81\"", "\"\\u202e\\udb40\\udc01\"", "JSON: format characters");
	check_wrap("  one two three", 9, "  one two\n    three", "wrapped at a blank, indented");
	check_wrap("fits", 4, "fits", "what fits stays");
	check_wrap("", 4, "", "an empty line");
	check_wrap("a verylongword b", 6, "a\n  verylongword\n  b", "a word that is too wide stays whole");
	check_wrap("東京 東京", 8, "東京\n  東京", "wide characters count twice");
	text_append_marked(marked, "\0a\0", 3);
	text_append_marked(marked, "", 0);
	tap_str(marked->str, "\xef\xbf\xbd" "a\xef\xbf\xbd", "each NUL shows");
	tap_int((long long)text_width("東京"), 4, "wide characters");
	tap_int((long long)text_fit("東京x", 3), 3, "a wide character is not split");
	tap_str(a, b, "folding meets both sigmas");
	tap_str(text_nearest("isolaet", words), "isolate", "nearest");
	tap_ok(text_nearest("xyzzy", words) == NULL, "nothing near");
	return tap_done();
}
