/* KQL literals: any text comes back from the literal made of it, times and timespans too, and no text is read beyond its
 * end. */
#include "config.h"
#include "fuzz/fuzz.h"

#include "core/auto.h"
#include "core/isotime.h"
#include "kql/lexer.h"
#include "kql/literal.h"

static void check_string(const char *text)
{
	AUTO(g_string) GString *literal = g_string_new(NULL);
	AUTO(g_string) GString *back = g_string_new(NULL);
	AUTO(g_free) char *valid = g_utf8_make_valid(text, -1);
	struct kql_lexer lexer;
	struct kql_token token;
	size_t fault;

	kql_append_string_literal(literal, text);
	fuzz_check(kql_unquote(literal->str, literal->len, back, &fault), "'%s' is no literal", literal->str);
	fuzz_check(strcmp(back->str, valid) == 0, "'%s' says another text", literal->str);
	kql_lexer_init(&lexer, literal->str, literal->len);
	token = kql_lexer_next(&lexer);
	fuzz_check(token.kind == KQL_TOKEN_STRING && token.start == 0 && token.length == literal->len, "more than a literal");
	g_string_truncate(literal, 0);
	kql_append_name(literal, valid);
	fuzz_check(literal->len >= strlen(valid), "a name was cut");
}

static void check_times(const char *text, size_t size)
{
	AUTO(g_string) GString *out = g_string_new(NULL);
	int64_t ticks, again;

	if (kql_parse_datetime(text, size, &ticks)) {
		fuzz_check(ticks >= 0 && ticks <= ISOTIME_MAX, "a time out of range");
		kql_append_datetime(out, ticks);
		fuzz_check(g_str_has_prefix(out->str, "datetime(") && out->str[out->len - 1] == ')', "no literal of a time");
		fuzz_check(kql_parse_datetime(out->str + 9, out->len - 10, &again) && again == ticks, "'%s' is another time",
			out->str);
	}
	g_string_truncate(out, 0);
	if (kql_parse_timespan(text, size, &ticks)) {
		kql_append_timespan(out, ticks);
		fuzz_check(kql_parse_timespan(out->str, out->len, &again) && again == ticks, "'%s' is another timespan", out->str);
	}
}

static void check_tokens(const char *text, size_t size)
{
	struct kql_lexer lexer;
	struct kql_token token;
	size_t end = 0;

	kql_lexer_init(&lexer, text, size);
	do {
		token = kql_lexer_next_raw(&lexer);
		fuzz_check(token.start >= end && token.length <= size && token.start <= size - token.length, "tokens overlap");
		fuzz_check(token.kind == KQL_TOKEN_END || token.kind == KQL_TOKEN_BAD || token.length != 0, "an empty token");
		fuzz_check(token.kind != KQL_TOKEN_BAD || (lexer.fault != NULL && lexer.fault_at <= size), "bad without a word");
		end = token.start + token.length;
	} while (token.kind != KQL_TOKEN_END && token.kind != KQL_TOKEN_BAD);
}

FUZZ_TARGET(literal)
{
	AUTO(g_free) char *text = g_strndup((const char *)data, size);
	AUTO(g_string) GString *out = g_string_new(NULL);
	/* Of exactly its size, so that reading beyond it shows. */
	AUTO(g_free) char *bare = size != 0 ? g_memdup2(data, size) : NULL;
	size_t fault = 0;

	check_string(text);
	kql_text_is_complete(text);
	if (bare == NULL)
		return 0;
	if (!kql_unquote(bare, size, out, &fault))
		fuzz_check(fault <= size, "a fault beyond the end");
	check_times(bare, size);
	check_tokens(bare, size);
	return 0;
}
