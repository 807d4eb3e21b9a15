/* Text for a terminal: whatever goes in, what comes out holds no control character and is valid UTF-8. */
#include "config.h"
#include "fuzz/fuzz.h"

#include "core/auto.h"
#include "core/text.h"

static void check_safe(const char *text, size_t length)
{
	fuzz_check(g_utf8_validate_len(text, length, NULL), "not UTF-8, or with a NUL");
	for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		fuzz_check(c >= 0x20 && (c < 0x7f || c > 0x9f), "a control character: %x", c);
		fuzz_check(g_unichar_type(c) != G_UNICODE_FORMAT && c != 0x2028 && c != 0x2029, "an invisible one: %x", c);
		fuzz_check(!(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069), "a direction override");
	}
}

FUZZ_TARGET(text)
{
	AUTO(g_string) GString *safe = g_string_new(NULL);
	AUTO(g_free) char *terminated = g_strndup((const char *)data, size);
	AUTO(g_free) char *folded = text_fold((const char *)data, size);
	AUTO(g_free) char *again = NULL;
	AUTO(g_free) char *twice = text_fold(folded, strlen(folded));
	size_t columns = size != 0 ? data[0] % 100 : 0, bytes;

	text_append_safe(safe, (const char *)data, size);
	check_safe(safe->str, safe->len);
	again = text_safe(safe->str);
	fuzz_check(strcmp(again, safe->str) == 0, "safe text made safe is other text");
	bytes = text_fit(safe->str, columns);
	fuzz_check(bytes <= safe->len && g_utf8_validate(safe->str, (gssize)bytes, NULL), "cut within a character");
	fuzz_check(text_width(terminated) <= 2 * strlen(terminated), "wider than it can be");
	again[bytes] = '\0';
	fuzz_check(text_width(again) <= columns, "wider than it may be");
	fuzz_check(strlen(folded) != strlen(twice) || strcmp(folded, twice) == 0 || !g_utf8_validate(folded, -1, NULL),
		"folding folded text changes it: '%s' '%s'", folded, twice);
	fuzz_check(text_distance(terminated, folded) == text_distance(folded, terminated), "distances are lopsided");
	return 0;
}
