/* doc/kql.md lists what the tables of the language hold, and nothing else: a line for each operator, plugin, function and
 * aggregate, which begins as it is made here. `names --print` prints the lines. And documented-*.tsv have a case of each, but
 * for those of documented-left-out.tsv. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kql/aggregate.h"
#include "kql/names.h"
#include "kql/plugin.h"
#include "tests/tap.h"
#include "tests/unit/kql/data.h"

static const struct {
	const char *title;
	const struct kql_function *functions;
} groups[] = {
	{ "Text", kql_text_functions }, { "Patterns", kql_pattern_functions }, { "Characters", kql_unicode_functions },
	{ "Time", kql_time_functions }, { "Conversions", kql_convert_functions }, { "Numbers", kql_number_functions },
	{ "Chance and short hashes", kql_chance_functions }, { "Arrays and bags", kql_dynamic_functions },
	{ "More of arrays and bags", kql_array_functions }, { "Sets and order", kql_set_functions },
	{ "IPv4", kql_net_functions }, { "IPv6", kql_net6_functions }, { "Choice and emptiness", kql_choice_functions },
	{ "Encodings and hashes", kql_code_functions }, { "Paths, URLs, command lines", kql_path_functions },
	{ "Rows before and behind", kql_window_functions },
};

static const char *taken(char letter)
{
	static const struct {
		char letter;
		const char *name;
	} names[] = {
		{ 'a', "any" }, { 's', "string" }, { 'S', "string" }, { 'v', "string or array" }, { 'i', "long" }, { 'n', "number" },
		{ 'b', "bool" }, { 't', "datetime" }, { 'p', "timespan" }, { 'd', "array" }, { 'k', "bag" },
		{ 'u', "number, datetime or timespan" }, { 'g', "guid" }, { 'o', "not dynamic" }, { 'T', "typeof(...)" },
		{ 'f', "number, not decimal" }, { 'j', "long or array" }, { 'O', "not dynamic, not guid" },
	};

	for (size_t n = 0; n < G_N_ELEMENTS(names); n++)
		if (names[n].letter == letter)
			return names[n].name;
	return "?";
}

/* "string, long [, long]", from the letters of the parameters; '!' a constant, '...' any number more. */
static void append_taken(GString *out, const char *params)
{
	bool optional = false, first = true;

	for (; *params != '\0'; params++, first = false) {
		char letter = *params;
		bool constant = params[1] == '!';

		params += constant ? 1 : 0;
		g_string_append(out, params[1] == '?' && !optional ? (first ? "[" : " [, ") : first ? "" : ", ");
		optional |= params[1] == '?';
		params += params[1] == '?' ? 1 : 0;
		g_string_append_printf(out, "%s%s", constant ? "constant " : "", taken(letter));
		if (params[1] == '*') {
			g_string_append(out, ", ...");
			params++;
		}
	}
	g_string_append(out, optional ? "]" : first ? "nothing" : "");
}

static const char *given(char result)
{
	static const char letters[] = "blirmtpgsdABw1";
	static const char *const names[] = { "bool", "long", "int", "real", "decimal", "datetime", "timespan", "guid", "string",
		"dynamic", "array", "bag", "the widest number", "as the first" };
	const char *place = result != '\0' ? strchr(letters, result) : NULL;

	return place != NULL ? names[place - letters] : "as what it is given";
}

static char *function_line(const struct kql_function *function)
{
	AUTO(g_string) GString *line = g_string_new(NULL);

	g_string_append_printf(line, "| `%s(%s)` | ", function->name, function->usage);
	append_taken(line, function->params);
	g_string_append_printf(line, " | %s | ", given(function->result));
	return g_strdup(line->str);
}

static char *aggregate_line(const struct kql_aggregate *aggregate)
{
	AUTO(g_free) char *line = function_line(&aggregate->function);

	return aggregate->prefix == NULL ? g_strdup(line) : g_strdup_printf("%s`%s_` | ", line, aggregate->prefix);
}

static char *step_line(const char *name, const char *usage)
{
	return g_strdup_printf("| `%s%s%s` | ", name, *usage != '\0' ? " " : "", usage);
}

struct lists {
	GPtrArray *steps, *sources, *plugins, *functions, *aggregates; /* of char * */
};

static void lists_fill(struct lists *lists)
{
	AUTO(g_free) const char **steps = kql_tabular_names(), **sources = kql_source_names(),
		**aggregates = kql_aggregate_names(), **plugins = kql_plugin_names();

	lists->steps = g_ptr_array_new_with_free_func(g_free);
	lists->sources = g_ptr_array_new_with_free_func(g_free);
	lists->plugins = g_ptr_array_new_with_free_func(g_free);
	lists->functions = g_ptr_array_new_with_free_func(g_free);
	lists->aggregates = g_ptr_array_new_with_free_func(g_free);
	for (const char **name = steps; *name != NULL; name++)
		g_ptr_array_add(lists->steps, step_line(*name, kql_tabular_usage(*name)));
	for (const char **name = sources; *name != NULL; name++)
		g_ptr_array_add(lists->sources, step_line(*name, kql_source_usage(*name)));
	for (const char **name = plugins; *name != NULL; name++)
		g_ptr_array_add(lists->plugins, g_strdup_printf("| `evaluate %s(%s)` | ", *name, kql_plugin_find(*name)->usage));
	for (size_t n = 0; n < G_N_ELEMENTS(groups); n++)
		for (const struct kql_function *function = groups[n].functions; function->name != NULL; function++)
			g_ptr_array_add(lists->functions, function_line(function));
	for (const char **name = aggregates; *name != NULL; name++)
		g_ptr_array_add(lists->aggregates, aggregate_line(kql_aggregate_find(*name)));
}

static void lists_clear(struct lists *lists)
{
	g_ptr_array_unref(lists->steps);
	g_ptr_array_unref(lists->sources);
	g_ptr_array_unref(lists->plugins);
	g_ptr_array_unref(lists->functions);
	g_ptr_array_unref(lists->aggregates);
}

/* The lines of a table under a heading, up to the next heading of its level. */
static GPtrArray *documented(char **lines, const char *heading)
{
	GPtrArray *found = g_ptr_array_new();
	bool inside = false;

	for (char **line = lines; *line != NULL; line++) {
		if (strncmp(*line, "## ", 3) == 0)
			inside = strcmp(*line + 3, heading) == 0;
		else if (inside && strncmp(*line, "| `", 3) == 0)
			g_ptr_array_add(found, *line);
	}
	return found;
}

static void check_list(char **lines, const char *heading, const GPtrArray *wanted)
{
	AUTO(g_ptr_array_unref) GPtrArray *found = documented(lines, heading);
	AUTO(g_free) bool *used = g_new0(bool, found->len + 1);

	tap_ok(wanted->len != 0, "%s", heading);
	for (guint n = 0; n < wanted->len; n++) {
		guint m = 0;

		while (m < found->len && !g_str_has_prefix(found->pdata[m], wanted->pdata[n]))
			m++;
		used[m] = true;
		if (m == found->len)
			tap_ok(false, "doc/kql.md has a line '%s'", (const char *)wanted->pdata[n]);
	}
	for (guint m = 0; m < found->len; m++)
		if (!used[m])
			tap_ok(false, "the language has what the line '%s' tells of", (const char *)found->pdata[m]);
}

/* Whether a word stands in one of the queries; a function's with its bracket. */
static bool is_used(char **const *files, const char *word, char behind)
{
	size_t length = strlen(word);

	for (; *files != NULL; files++)
		for (char *const *line = *files; *line != NULL; line++) {
			const char *end = *line + strcspn(*line, "\t");

			for (const char *at = *line; (at = strstr(at, word)) != NULL && at < end; at++)
				if ((at == *line || (!g_ascii_isalnum(at[-1]) && at[-1] != '_' && at[-1] != '-')) &&
					(behind != '\0' ? at[length] == behind : !g_ascii_isalnum(at[length]) && at[length] != '_' &&
					at[length] != '-'))
					return true;
		}
	return false;
}

static void check_cases(const char **names, char behind, char **const *files, char **left_out)
{
	for (const char **name = names; *name != NULL; name++) {
		bool out = false;

		for (char **line = left_out; *line != NULL; line++)
			out |= strcspn(*line, "\t") == strlen(*name) && g_str_has_prefix(*line, *name);
		if (out == is_used(files, *name, behind))
			tap_ok(false, out ? "'%s' has a documented case, and is said to be left out" : "'%s' has a documented case", *name);
	}
	g_free(names);
}

static void check_documented(void)
{
	AUTO(g_strfreev) char **operators = data_lines("documented-operators.tsv"),
		**scalars = data_lines("documented-scalars.tsv"), **aggregates = data_lines("documented-aggregates.tsv"),
		**left_out = data_lines("documented-left-out.tsv");
	char **const files[] = { operators, scalars, aggregates, NULL };

	check_cases(kql_function_names(), '(', files, left_out);
	check_cases(kql_aggregate_names(), '(', files, left_out);
	check_cases(kql_tabular_names(), '\0', files, left_out);
	check_cases(kql_source_names(), '\0', files, left_out);
	check_cases(kql_plugin_names(), '(', files, left_out);
}

static void print_list(const char *heading, const GPtrArray *list)
{
	printf("## %s\n", heading);
	for (guint n = 0; n < list->len; n++)
		printf("%s|\n", (const char *)list->pdata[n]);
}

static void print_all(const struct lists *lists)
{
	print_list("Operators", lists->steps);
	print_list("Where a query begins", lists->sources);
	print_list("Plugins", lists->plugins);
	for (size_t n = 0; n < G_N_ELEMENTS(groups); n++) {
		printf("### %s\n", groups[n].title);
		for (const struct kql_function *function = groups[n].functions; function->name != NULL; function++) {
			AUTO(g_free) char *line = function_line(function);

			printf("%s|\n", line);
		}
	}
	print_list("Aggregates", lists->aggregates);
}

int main(int argc, char **argv)
{
	struct lists lists;
	AUTO(g_free) char *path = g_build_filename(getenv("srcdir") != NULL ? getenv("srcdir") : ".", "doc", "kql.md", NULL);
	AUTO(g_free) char *text = NULL;
	AUTO(g_strfreev) char **lines = NULL;

	lists_fill(&lists);
	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		print_all(&lists);
		lists_clear(&lists);
		return 0;
	}
	tap_ok(g_file_get_contents(path, &text, NULL, NULL), "doc/kql.md");
	lines = g_strsplit(text != NULL ? text : "", "\n", -1);
	check_list(lines, "Operators", lists.steps);
	check_list(lines, "Where a query begins", lists.sources);
	check_list(lines, "Plugins", lists.plugins);
	check_list(lines, "Functions", lists.functions);
	check_list(lines, "Aggregates", lists.aggregates);
	lists_clear(&lists);
	check_documented();
	return tap_done();
}
