/* Texts and their places: faults with column and hint (tests/data/kql/faults.tsv), expressions that must be true
 * (true.txt), tokens, literals, and whether a text is complete. */
#include "config.h"

#include "kql/lexer.h"
#include "kql/literal.h"
#include "kql/names.h"
#include "kql/predicate.h"
#include "kql/query.h"
#include "tests/tap.h"
#include "tests/unit/kql/data.h"

static const struct kql_column columns[] = {
	{ "osPlatform", "OSPlatform", COLUMN_STRING }, { "osBuild", "OSBuild", COLUMN_LONG },
	{ "lastSeen", "Timestamp", COLUMN_DATETIME }, { "isAadJoined", "IsAzureADJoined", COLUMN_BOOL },
	{ "machineTags", NULL, COLUMN_DYNAMIC }, { "exposureLevel", "ExposureLevel", COLUMN_STRING },
};
static const struct kql_schema schema = { columns, G_N_ELEMENTS(columns) };

static void check_faults(void)
{
	AUTO(g_strfreev) char **lines = data_lines("faults.tsv");

	for (char **line = lines; *line != NULL; line++) {
		AUTO(g_strfreev) char **cells = g_strsplit(*line, "\t", 4);
		struct error error = ERROR_INIT;
		struct kql_predicate *predicate = kql_predicate_compile(cells[0], &schema, data_now(), &error);
		bool fine = predicate == NULL && error.kind == ERROR_USAGE && error.line == 1 &&
			error.column == strtoul(cells[1], NULL, 10) && strstr(error.text, cells[2]) != NULL &&
			strstr(error.hint, cells[3]) != NULL;

		if (!tap_ok(fine, "fault: %s", cells[0]))
			printf("# got column %u: %s (%s)\n", error.column, error.text, error.hint);
		kql_predicate_free(predicate);
	}
}

static const struct table *no_table(void *data, const char *name)
{
	(void)data;
	(void)name;
	return NULL;
}

static void check_true(void)
{
	AUTO(g_strfreev) char **lines = data_lines("true.txt");
	struct kql_source source = { .find = no_table };

	for (char **line = lines; *line != NULL; line++) {
		struct error error = ERROR_INIT;
		char *text = g_strconcat("print x = ", *line, NULL);
		struct kql_query *query = kql_query_compile(text, &source, NULL, data_now(), &error);
		struct table *table = query != NULL ? kql_query_run(query, NULL, &error) : NULL;

		tap_ok(table != NULL && table_rows(table) == 1 && column_type(table_column(table, 0)) == COLUMN_BOOL &&
			column_int(table_column(table, 0), 0) == 1, "true: %s", *line);
		table_free(table);
		kql_query_free(query);
		g_free(text);
	}
}

static void check_complete(void)
{
	static const struct {
		const char *text;
		bool complete;
	} texts[] = {
		{ "a == 1", true }, { "a in (1,", false }, { "a in (1,\n2)", true }, { "", true }, { "a in (\"(\")", true },
		{ "a // (", true }, { "a // \" \n in (", false }, { "x == ```abc", false }, { "x == ```a\n(b```", true },
		{ "x == ~~~abc", false }, { "x == 'a", true }, { "f(x == 'a", false }, { "f('it''s')", true }, { "a)", true },
		{ "d[\"x\"", false }, { "datetime(2026", false }, { "dynamic({\"a\":", false }, { "h```x", false },
		{ "a == @'\\'", true }, { "f(@'\\'", false },
	};

	for (size_t n = 0; n < G_N_ELEMENTS(texts); n++)
		tap_ok(kql_text_is_complete(texts[n].text) == texts[n].complete, "complete: text %zu", n + 1);
}

static void check_literals(void)
{
	static const char *const texts[] = { "", "plain", "a\"b'c\\d", "line\nfeed\ttab\r", "\001\177", "caf\303\251 \342\200\250",
		"\"; drop", "$NAME", "C:\\Windows" };
	GString *out = g_string_new(NULL), *back = g_string_new(NULL);
	int64_t ticks = 0;

	for (size_t n = 0; n < G_N_ELEMENTS(texts); n++) {
		g_string_truncate(out, 0);
		g_string_truncate(back, 0);
		kql_append_string_literal(out, texts[n]);
		tap_ok(kql_unquote(out->str, out->len, back, NULL) && strcmp(back->str, texts[n]) == 0, "there and back: %s",
			out->str);
	}
	g_string_truncate(out, 0);
	kql_append_string_literal(out, "bad \377 byte");
	tap_str(out->str, "\"bad \357\277\275 byte\"", "bytes that are no text become U+FFFD");
	g_string_truncate(out, 0);
	kql_append_name(out, "osPlatform");
	kql_append_name(out, "a b");
	kql_append_name(out, "where");
	kql_append_name(out, "it's");
	tap_str(out->str, "osPlatform[\"a b\"][\"where\"][\"it's\"]", "names are bracketed where they must be");
	g_string_truncate(out, 0);
	kql_append_timespan(out, -864000000001);
	tap_str(out->str, "-1.00:00:00.0000001", "a timespan is written");
	tap_ok(kql_parse_timespan("-1.00:00:00.0000001", 19, &ticks) && ticks == -864000000001, "and read");
	tap_ok(!kql_parse_timespan("1 week", 6, &ticks) && !kql_parse_timespan("25:00:00", 8, &ticks), "what is none is refused");
	tap_ok(!kql_parse_datetime("2026-02-30", 10, &ticks) && !kql_parse_datetime("", 0, &ticks), "no such day");
	g_string_free(out, TRUE);
	g_string_free(back, TRUE);
}

static void check_underline(void)
{
	GString *out = g_string_new(NULL);

	kql_error_underline(out, "a == 1\n\tand b == 2", 2, 6);
	tap_str(out->str, " and b == 2\n     ^\n", "a fault is underlined");
	g_string_truncate(out, 0);
	kql_error_underline(out, "\346\227\245\346\234\254 x", 1, 4);
	tap_str(out->str, "\346\227\245\346\234\254 x\n     ^\n", "wide characters count double");
	g_string_truncate(out, 0);
	kql_error_underline(out, "s has_wrong(\"\346\227\245\") and x", 1, 3);
	tap_str(out->str, "s has_wrong(\"\346\227\245\") and x\n  ^~~~~~~~~\n", "the whole word");
	g_string_truncate(out, 0);
	kql_error_underline(out, "s == \"\346\227\245\" x", 1, 6);
	tap_str(out->str, "s == \"\346\227\245\" x\n     ^~~~\n", "a text, by its width on the screen");
	g_string_truncate(out, 0);
	kql_error_underline(out, "s ==", 1, 5);
	tap_str(out->str, "s ==\n    ^\n", "the end");
	g_string_truncate(out, 0);
	kql_error_underline(out, "a", 7, 1);
	tap_str(out->str, "", "a line that is not there is not shown");
	g_string_free(out, TRUE);
}

/* Bounds: nothing may overflow the stack or hang. */
static void check_bounds(void)
{
	GString *text = g_string_new(NULL);
	struct error error = ERROR_INIT;
	struct kql_predicate *predicate;

	for (int n = 0; n < 5000; n++)
		g_string_append_c(text, '(');
	tap_ok(kql_predicate_compile(text->str, &schema, 0, &error) == NULL && strstr(error.text, "nested") != NULL,
		"deep nesting is refused");
	error_clear(&error);
	g_string_assign(text, "osBuild == 1");
	for (int n = 0; n < 10000; n++)
		g_string_append(text, " or osBuild == 2");
	predicate = kql_predicate_compile(text->str, &schema, 0, &error);
	tap_ok(predicate != NULL, "a long chain of or is fine");
	kql_predicate_free(predicate);
	g_string_assign(text, "osBuild == 1");
	for (int n = 0; n < 10000; n++)
		g_string_append(text, " + 1");
	tap_ok(kql_predicate_compile(text->str, &schema, 0, &error) == NULL, "a long chain of + is refused");
	error_clear(&error);
	while (text->len <= KQL_TEXT_LIMIT)
		g_string_append(text, "                                                                ");
	tap_ok(kql_predicate_compile(text->str, &schema, 0, &error) == NULL && strstr(error.text, "longer") != NULL,
		"a text over the bound is refused");
	error_clear(&error);
	tap_ok(kql_predicate_compile("osPlatform == '\377'", &schema, 0, &error) == NULL && error.column == 16,
		"bytes that are no UTF-8 are refused");
	g_string_free(text, TRUE);
}

int main(void)
{
	const char **functions = kql_function_names(), **aggregates = kql_aggregate_names();

	check_faults();
	check_true();
	check_complete();
	check_literals();
	check_underline();
	check_bounds();
	tap_ok(functions[0] != NULL && aggregates[0] != NULL, "names are listed");
	tap_str(kql_function_usage("substring"), "text, start [, length]", "usage of a function");
	g_free(functions);
	g_free(aggregates);
	return tap_done();
}
