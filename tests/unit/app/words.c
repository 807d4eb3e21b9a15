/* The lexer of command lines, from tests/data/app/words.txt. */
#include "config.h"

#include <stdlib.h>

#include "app/words.h"
#include "core/file.h"
#include "tests/tap.h"

static char *lex(const char *text, const struct variables *variables, struct error *error)
{
	GString *out = g_string_new(NULL);
	struct words words;
	struct word word;
	bool first = true, ok;

	words_init(&words, text, variables);
	for (;;) {
		ok = words_next(&words, &word, error);
		if (!ok || word.kind == WORD_END)
			break;
		if (!first)
			g_string_append_c(out, '\t');
		first = false;
		if (word.kind == WORD_TEXT)
			g_string_append(out, word.text);
		else
			g_string_append_printf(out, "<%.*s>", (int)(word.end - word.start), text + word.start);
		word_clear(&word);
	}
	word_clear(&word);
	return g_string_free(out, FALSE);
}

static void check(const char *line, const char *wanted, const struct variables *variables)
{
	AUTO(g_strfreev) char **parts = g_strsplit(line, "^J", -1);
	AUTO(g_free) char *text = g_strjoinv("\n", parts);
	struct error error = ERROR_INIT;
	AUTO(g_free) char *got = lex(text, variables, &error);

	if (wanted[0] == '=') {
		tap_str(error.kind == ERROR_NONE ? got : error.text, wanted + 2, line);
	} else {
		char *end;
		unsigned column = (unsigned)strtoul(wanted + 2, &end, 10);

		tap_ok(error.kind == ERROR_USAGE && error.column == column &&
			(strstr(error.text, end + 1) != NULL || strstr(error.hint, end + 1) != NULL), "%s", line);
	}
}

static void check_round_trip(void)
{
	static const char *const values[] = { "a", "", "a b", "it's", "a\"b", "it's \"$5\" \\ x", "$X", "a>b", "#a", "é" };
	AUTO(variables_free) struct variables *variables = variables_new();
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(values); i++) {
		AUTO(g_string) GString *line = g_string_new(NULL);
		struct error error = ERROR_INIT;

		words_append_quoted(line, values[i]);
		AUTO(g_free) char *got = lex(line->str, variables, &error);
		tap_str(error.kind == ERROR_NONE ? got : error.text, values[i], line->str);
	}
}

/* A line of very many words takes time of its length. */
static void check_many(void)
{
	AUTO(g_string) GString *text = g_string_new("add");
	struct error error = ERROR_INIT;
	struct words words;
	struct word word = { .kind = WORD_TEXT };
	unsigned column = 0;

	for (int i = 0; i < 500000; i++)
		g_string_append(text, " \xc3\xa9-x");
	words_init(&words, text->str, NULL);
	while (word.kind != WORD_END && words_next(&words, &word, &error)) {
		column = word.kind == WORD_TEXT ? word.column : column;
		if (word.kind != WORD_END)
			word_clear(&word), word.kind = WORD_TEXT;
	}
	tap_int(column, 5 + 499999 * 4, "the place of the last of many words");
}

int main(void)
{
	AUTO(variables_free) struct variables *variables = variables_new();
	AUTO(g_free) char *path = g_build_filename(getenv("srcdir"), "tests/data/app/words.txt", NULL);
	AUTO(g_free) char *bytes = NULL;
	AUTO(g_strfreev) char **lines = NULL;
	size_t length, i;

	variables_set(variables, "SET", "a b");
	variables_set(variables, "EMPTY", "");
	if (!tap_ok(file_read(path, 1 << 20, &bytes, &length, NULL), "the cases are there"))
		return tap_done();
	lines = g_strsplit(bytes, "\n", -1);
	for (i = 0; lines[i] != NULL; i++)
		if (lines[i][0] == '>' && lines[i + 1] != NULL)
			check(lines[i] + 2, lines[i + 1], variables);
	check_round_trip();
	check_many();
	tap_ok(!variables_name_ok("1a") && !variables_name_ok("") && !variables_name_ok("a-b") && variables_name_ok("_a1"),
		"names of variables");
	return tap_done();
}
