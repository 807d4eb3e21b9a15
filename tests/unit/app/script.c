/* Splitting texts into commands (contract, section 2). */
#include "config.h"

#include "app/script.h"
#include "tests/tap.h"

static const struct command list = { .name = "list" };
static const struct command query = {
	.name = "query", .operands = { { "KQL", VALUE_QUERY, 0, 1, COMPLETE_QUERY, NULL, "" } },
};
static const struct command_option select_options[] = {
	{ "where", '\0', VALUE_PREDICATE, "PREDICATE", COMPLETE_PREDICATE, NULL, "" }, { .name = NULL },
};
static const struct command select_ = { .name = "select", .options = select_options,
	.operands = { { "NAME", VALUE_TEXT, 0, COMMAND_MANY, COMPLETE_DEVICES, NULL, "" } } };
static const struct command *const table[] = { &list, &query, &select_, NULL };

/* Commands as "LINE:TEXT" separated by " / ", line feeds as ^J. */
static void check(const char *text, const char *wanted)
{
	struct error error = ERROR_INIT;
	AUTO(script_free) struct script *script = script_split(table, text, SOURCE_FILE, "f", &error);
	AUTO(g_string) GString *got = g_string_new(NULL);
	guint i;

	for (i = 0; script != NULL && i < script->commands->len; i++) {
		const struct script_command *command = g_ptr_array_index(script->commands, i);

		g_string_append_printf(got, "%s%u:%s", i > 0 ? " / " : "", command->line, command->text);
	}
	if (script == NULL)
		g_string_append_printf(got, "! %u:%u %s", error.line, error.column, error.text);
	g_string_replace(got, "\n", "^J", 0);
	tap_str(got->str, wanted, wanted);
}

int main(void)
{
	check("", "");
	check("list\n\n# c\nlist", "1:list / 4:list");
	check("list\r\nlist\r\n", "1:list / 2:list");
	check("\xEF\xBB\xBFlist\n", "1:list");
	check("query T\n| take 5\n  | count\nlist\n", "1:query T^J| take 5^J  | count / 4:list");
	check("query T | where x in (1,\n2,\n3)\nlist", "1:query T | where x in (1,^J2,^J3) / 4:list");
	check("query T | extend a = ```x\nlist\n```\nlist", "1:query T | extend a = ```x^Jlist^J``` / 4:list");
	check("query T\n\n| take 5", "1:query T / 3:| take 5");
	check("query\nT\n\n| take 5\n ; \nlist", "1:query^JT^J^J| take 5 / 6:list");
	check("query\nT", "! 1:1 no line holding only ';' ends the KQL text");
	check("query T |> wc\n| take 5", "1:query T |> wc / 2:| take 5");
	check("query @f.kql\nlist", "1:query @f.kql / 2:list");
	check("select --where a in (1,\n2)\nlist", "1:select --where a in (1,^J2) / 3:list");
	check("select a (b\nlist", "1:select a (b / 2:list");
	check("list \xff", "! 1:6 the text is not UTF-8");
	tap_ok(script_wants_more(table, "query"), "a bare query wants more");
	tap_ok(script_wants_more(table, "query\nT\n| take 5"), "up to the ;");
	tap_ok(!script_wants_more(table, "query\nT\n;"), "but not behind it");
	tap_ok(script_wants_more(table, "query T | where x in ("), "an open bracket wants more");
	tap_ok(!script_wants_more(table, "query T"), "a whole query does not");
	tap_ok(!script_wants_more(table, "select a (b"), "nor does a bracket that is no KQL");
	return tap_done();
}
