/* Parsing command lines against a table of commands, from tests/data/app/arguments.txt; and where the cursor is. */
#include "config.h"

#include <stdlib.h>

#include "app/arguments.h"
#include "core/file.h"
#include "tests/tap.h"

static const char *const act_words[] = { "quick", "full", NULL };

static const struct command do_it = {
	.name = "do it", .operands = { { "NAME", VALUE_TEXT, 1, COMMAND_MANY, COMPLETE_DEVICES, NULL, "" } },
};
static const struct command do_that = { .name = "do that" };
static const struct command act = {
	.name = "act", .operands = { { "TYPE", VALUE_WORD, 1, 1, COMPLETE_WORDS, act_words, "" } }, .flags = COMMAND_ACTS,
};
static const struct command_option ask_options[] = {
	{ "show", 's', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "" }, { .name = NULL },
};
static const struct command ask = {
	.name = "ask", .options = ask_options, .operands = { { "KQL", VALUE_QUERY, 0, 1, COMPLETE_QUERY, NULL, "" } },
};
static const struct command_option pick_options[] = {
	{ "where", '\0', VALUE_PREDICATE, "PREDICATE", COMPLETE_PREDICATE, NULL, "" },
	{ "csv", '\0', VALUE_FILE, "FILE", COMPLETE_FILES, NULL, "" },
	{ "tag", '\0', VALUE_TEXT, "TAG", COMPLETE_TAGS, NULL, "" }, { .name = NULL },
};
static const struct command pick = {
	.name = "pick", .options = pick_options,
	.operands = { { "NAME", VALUE_TEXT, 0, COMMAND_MANY, COMPLETE_DEVICES, NULL, "" } },
};
static const struct command say = {
	.name = "say", .operands = { { "TEXT", VALUE_REST, 1, 1, COMPLETE_NOTHING, NULL, "" } },
};
static const struct command shell = {
	.name = "!", .operands = { { "COMMAND", VALUE_REST, 1, 1, COMPLETE_NOTHING, NULL, "" } }, .flags = COMMAND_SHELL,
};
static const struct command *const table[] = { &do_it, &do_that, &act, &ask, &pick, &say, &shell, NULL };

static void append_option(GString *out, const struct arguments *arguments, const struct command_option *option)
{
	uint64_t low, high;

	if (!arguments_has(arguments, option->name) || option->kind == VALUE_PREDICATE)
		return;
	g_string_append_printf(out, " | %s", option->name);
	if (option->kind == VALUE_RANGE && arguments_range(arguments, option->name, &low, &high))
		g_string_append_printf(out, "=%d..%d", (int)low, (int)high);
	else if (option->kind == VALUE_NUMBER)
		g_string_append_printf(out, "=%d", (int)arguments_number(arguments, option->name, -1));
	else if (option->kind != VALUE_NONE)
		g_string_append_printf(out, "=%s", arguments_text(arguments, option->name));
}

static char *show(const struct arguments *arguments)
{
	const struct command *command = arguments_command(arguments);
	GString *out = g_string_new(command->name);
	const struct command_option *option;
	const char *file;
	bool append;
	size_t i;

	for (i = 0; (option = command_option_nth(command, (unsigned)i)) != NULL; i++)
		append_option(out, arguments, option);
	for (i = 0; i < arguments_count(arguments); i++)
		g_string_append_printf(out, " | %s", arguments_operand(arguments, i));
	if (arguments_kql(arguments) != NULL)
		g_string_append_printf(out, " | kql:%s", arguments_kql(arguments));
	if (arguments_rest(arguments) != NULL)
		g_string_append_printf(out, " | rest:%s", arguments_rest(arguments));
	file = arguments_file(arguments, &append);
	if (file != NULL)
		g_string_append_printf(out, " | %s%s", append ? ">>" : ">", file);
	if (arguments_program(arguments) != NULL)
		g_string_append_printf(out, " | %s", arguments_program(arguments));
	if (arguments_background(arguments))
		g_string_append(out, " | &");
	if (arguments_wants_help(arguments))
		g_string_append(out, " | help");
	return g_string_free(out, FALSE);
}

static char *line_feeds(const char *text)
{
	AUTO(g_strfreev) char **parts = g_strsplit(text, "^J", -1);

	return g_strjoinv("\n", parts);
}

static void check(const char *line, const char *wanted_line, const struct variables *variables)
{
	AUTO(g_free) char *text = line_feeds(line), *wanted = line_feeds(wanted_line);
	struct error error = ERROR_INIT;
	AUTO(arguments_free) struct arguments *arguments = arguments_parse(table, text, variables, &error);
	AUTO(g_free) char *got = arguments != NULL ? show(arguments) : NULL;
	AUTO(g_free) char *place = g_strdup_printf("%u:%u", error.line, error.column);
	const char *part;

	if (wanted[0] == '=') {
		tap_str(got != NULL ? got : error.text, wanted + 2, line);
		return;
	}
	part = strchr(wanted + 2, ' ') + 1;
	if (!tap_ok(got == NULL && error.kind != ERROR_NONE && g_str_has_prefix(wanted + 2, place) &&
	            (strstr(error.text, part) != NULL || strstr(error.hint, part) != NULL), "%s", line))
		printf("# got %s %s (%s)\n", place, got != NULL ? got : error.text, error.hint);
}

static void check_places(void)
{
	AUTO(variables_free) struct variables *variables = variables_new();
	AUTO(arguments_free) struct arguments *arguments = NULL;
	struct error error = { .kind = ERROR_USAGE, .line = 1, .column = 1 };

	variables_set(variables, "N", "a long value");
	arguments = arguments_parse(table, "pick --where a == $N and b ==", variables, NULL);
	if (!tap_ok(arguments != NULL, "a predicate with a variable"))
		return;
	arguments_kql_error(arguments, &error);
	tap_int(error.column, 14, "the predicate's begin is found in the command");
	error.line = 1;
	error.column = (unsigned)(strstr(arguments_kql(arguments), "b ==") - arguments_kql(arguments)) + 1;
	arguments_kql_error(arguments, &error);
	tap_int(error.column, 26, "a place behind a variable");
	error.line = 1;
	error.column = (unsigned)(strstr(arguments_kql(arguments), "long") - arguments_kql(arguments)) + 1;
	arguments_kql_error(arguments, &error);
	tap_int(error.column, 19, "a place inside a value is that of its name");
}

static void check_context(const char *line, enum context_kind kind, enum completion completion, size_t start)
{
	struct context context;

	words_context(table, line, strlen(line), &context);
	if (!tap_ok(context.kind == kind && context.completion == completion && context.start == start, "at '%s_'", line))
		printf("# kind %d, completion %d, start %zu\n", (int)context.kind, (int)context.completion, context.start);
}

static void check_contexts(void)
{
	check_context("", CONTEXT_COMMAND, COMPLETE_COMMANDS, 0);
	check_context("pi", CONTEXT_COMMAND, COMPLETE_COMMANDS, 0);
	check_context("do ", CONTEXT_COMMAND, COMPLETE_COMMANDS, 3);
	check_context("do i", CONTEXT_COMMAND, COMPLETE_COMMANDS, 3);
	check_context("do it a", CONTEXT_OPERAND, COMPLETE_DEVICES, 6);
	check_context("do it a,b", CONTEXT_OPERAND, COMPLETE_DEVICES, 8);
	check_context("act ", CONTEXT_OPERAND, COMPLETE_WORDS, 4);
	check_context("act quick --co", CONTEXT_OPTION, COMPLETE_WORDS, 10);
	check_context("act quick --order ", CONTEXT_VALUE, COMPLETE_COLUMNS, 18);
	check_context("act quick --order=os", CONTEXT_VALUE, COMPLETE_COLUMNS, 18);
	check_context("pick --csv 'a b", CONTEXT_VALUE, COMPLETE_FILES, 12);
	check_context("pick --where osPl", CONTEXT_KQL, COMPLETE_PREDICATE, 13);
	check_context("pick --where a == 1 and os", CONTEXT_KQL, COMPLETE_PREDICATE, 24);
	check_context("ask ", CONTEXT_KQL, COMPLETE_QUERY, 4);
	check_context("ask @que", CONTEXT_FILE, COMPLETE_FILES, 5);
	check_context("pick a > fi", CONTEXT_FILE, COMPLETE_FILES, 9);
	check_context("pick $NA", CONTEXT_VARIABLE, COMPLETE_VARIABLES, 6);
	check_context("ask T | where a == $NA", CONTEXT_VARIABLE, COMPLETE_VARIABLES, 20);
}

static void check_starts(void)
{
	size_t start = 0;
	bool bare = false;

	tap_ok(words_kql_start(table, "ask T", &start, &bare) && start == 4 && !bare, "KQL begins behind the command");
	tap_ok(words_kql_start(table, "ask --show T", &start, &bare) && start == 11, "and behind options");
	tap_ok(words_kql_start(table, "ask", &start, &bare) && bare, "a bare command");
	tap_ok(words_kql_start(table, "ask --show ", &start, &bare) && bare, "a bare command with an option");
	tap_ok(words_kql_start(table, "pick x --where=a", &start, &bare) && start == 15 && !bare, "an option's KQL");
	tap_ok(!words_kql_start(table, "pick x", &start, &bare), "names are no KQL");
	tap_ok(!words_kql_start(table, "say ask T", &start, &bare), "nor is a remark");
}

int main(void)
{
	AUTO(variables_free) struct variables *variables = variables_new();
	AUTO(g_free) char *path = g_build_filename(getenv("srcdir"), "tests/data/app/arguments.txt", NULL);
	AUTO(g_free) char *bytes = NULL;
	AUTO(g_strfreev) char **lines = NULL;
	size_t length, i;

	variables_set(variables, "N", "x \"y\"");
	if (!tap_ok(file_read(path, 1 << 20, &bytes, &length, NULL), "the cases are there"))
		return tap_done();
	lines = g_strsplit(bytes, "\n", -1);
	for (i = 0; lines[i] != NULL; i++)
		if (lines[i][0] == '>' && lines[i + 1] != NULL)
			check(lines[i] + 2, lines[i + 1], variables);
	check_places();
	check_contexts();
	check_starts();
	return tap_done();
}
