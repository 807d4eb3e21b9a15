#include "config.h"
#include "commands/entries.h"

#include <string.h>

#include "app/check.h"
#include "app/result.h"
#include "app/script.h"

/* NAME=VALUE operands after the file, put into variables until its end. */
static bool take_variables(const struct arguments *arguments, struct variables *variables, struct error *error)
{
	size_t i;

	for (i = 1; i < arguments_count(arguments); i++) {
		const char *text = arguments_operand(arguments, i), *equals = strchr(text, '=');
		AUTO(g_free) char *name = g_strndup(text, equals != NULL ? (size_t)(equals - text) : 0);

		if (equals == NULL || !variables_name_ok(name))
			return error_set(error, ERROR_USAGE, "'%s' is not NAME=VALUE", text);
		variables_set_local(variables, name, equals + 1);
	}
	return true;
}

static bool source_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	const char *path = arguments_operand(arguments, 0);
	size_t scope;
	bool ok;

	if (strcmp(path, "-") == 0)
		return error_set(error, ERROR_USAGE, "'source' reads files, not standard input");
	scope = variables_scope(check->variables);
	ok = take_variables(arguments, check->variables, error) && check_file(check, path, error);
	variables_scope_end(check->variables, scope);
	return ok;
}

static bool source_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	AUTO(script_free) struct script *script = NULL;
	enum error_kind kind;
	size_t scope = variables_scope(session->variables);
	unsigned commands;

	script = script_read(session->commands, arguments_operand(arguments, 0), SOURCE_FILE, error);
	if (script == NULL)
		return false;
	commands = script->commands->len;
	session->depth++;
	kind = take_variables(arguments, session->variables, error) ? script_run(session, script) : ERROR_USAGE;
	session->depth--;
	variables_scope_end(session->variables, scope);
	if (kind == ERROR_PARTIAL)
		result_partial(result);
	if (kind == ERROR_NONE || kind == ERROR_PARTIAL)
		return true;
	error_set(error, kind, "'%s' (%u command%s) did not run to its end", arguments_operand(arguments, 0), commands,
		commands == 1 ? "" : "s");
	return false;
}

static const char *const source_examples[] = { "source contain.cordon", "source contain.cordon TAG=IR-41", NULL };
const struct command command_source = {
	.name = "source", .group = GROUP_SESSION, .summary = "run a command file; all of it is checked first",
	.examples = source_examples,
	.operands = { { "FILE", VALUE_FILE, 1, 1, COMPLETE_FILES, NULL, "the command file" },
		{ "NAME=VALUE", VALUE_TEXT, 0, COMMAND_MANY, COMPLETE_NOTHING, NULL, "variables, until the file's end" } },
	.check = source_check, .run = source_run,
};

/* ---- expect */

static bool expect_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	(void)arguments;
	(void)error;
	check->expected = true;
	return true;
}

static bool expect_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	uint64_t low = 0, high = 0, count = session_device_count(session);

	(void)result;
	arguments_operand_range(arguments, 0, &low, &high);
	if (count >= low && count <= high) {
		session->expected = true;
		session_bar_lift(session, "expect", NULL);
		return true;
	}
	/* Also under -k nothing acts on a set that is not the expected one. */
	session_bar_add(session, "expect", NULL);
	if (low == high)
		return error_set(error, ERROR_FAILED, "the working set has %" G_GUINT64_FORMAT " devices, expected %"
			G_GUINT64_FORMAT, count, low);
	return error_set(error, ERROR_FAILED, "the working set has %" G_GUINT64_FORMAT " devices, expected %"
		G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, count, low, high);
}

const struct command command_expect = {
	.name = "expect", .group = GROUP_SESSION, .summary = "stop unless the working set has COUNT devices",
	.operands = { { "COUNT", VALUE_RANGE, 1, 1, COMPLETE_NOTHING, NULL, "N or LOW..HIGH" } },
	.check = expect_check, .run = expect_run,
};
