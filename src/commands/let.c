#include "config.h"
#include "commands/entries.h"

#include <string.h>

#include "app/check.h"
#include "app/result.h"

static bool name_check(const char *name, struct error *error)
{
	if (variables_name_ok(name))
		return true;
	return error_set(error, ERROR_USAGE, "'%s' is no variable's name: letters, digits and _ only", name);
}

static bool let_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	const char *name = arguments_operand(arguments, 0), *value = arguments_operand(arguments, 1);

	if (name == NULL)
		return true;
	if (!name_check(name, error))
		return false;
	if (value != NULL)
		variables_set(check->variables, name, value);
	else if (variables_get(check->variables, name) == NULL)
		return error_set(error, ERROR_USAGE, "variable '%s' is not set", name);
	return true;
}

static bool let_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	const char *name = arguments_operand(arguments, 0), *value = arguments_operand(arguments, 1);
	AUTO(g_strfreev) char **names = NULL;
	size_t i;

	(void)error;
	if (value != NULL) {
		variables_set(session->variables, name, value);
		return true;
	}
	names = variables_names(session->variables);
	result_column(result, "NAME", 0);
	result_column(result, "VALUE", RESULT_CUT);
	for (i = 0; names[i] != NULL; i++) {
		if (name != NULL && strcmp(name, names[i]) != 0)
			continue;
		result_cell(result, names[i]);
		result_cell(result, variables_get(session->variables, names[i]));
	}
	return true;
}

static const char *const let_examples[] = { "let", "let TAG IR-2026-041", "tag add $TAG", NULL };
const struct command command_let = {
	.name = "let", .group = GROUP_SESSION, .summary = "set a variable, or list them", .examples = let_examples,
	.operands = { { "NAME", VALUE_TEXT, 0, 1, COMPLETE_VARIABLES, NULL, "the variable" },
		{ "VALUE", VALUE_TEXT, 0, 1, COMPLETE_NOTHING, NULL, "one word; quote it if it has blanks" } },
	.check = let_check, .run = let_run,
};

/* ---- param */

static bool param_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	const char *name = arguments_operand(arguments, 0), *fallback = arguments_operand(arguments, 1);

	if (!name_check(name, error))
		return false;
	if (variables_get(check->variables, name) != NULL)
		return true;
	if (fallback == NULL) {
		error_set(error, ERROR_USAGE, "this file needs a value for '%s'", name);
		error_hint(error, "--set %s=VALUE, 'let %s VALUE', or 'source FILE %s=VALUE'", name, name, name);
		return false;
	}
	variables_set_local(check->variables, name, fallback);
	return true;
}

static bool param_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	const char *name = arguments_operand(arguments, 0), *fallback = arguments_operand(arguments, 1);

	(void)result;
	(void)error;
	if (variables_get(session->variables, name) == NULL && fallback != NULL)
		variables_set_local(session->variables, name, fallback);
	return true;
}

const struct command command_param = {
	.name = "param", .group = GROUP_SESSION, .summary = "declare a variable that a command file needs",
	.operands = { { "NAME", VALUE_TEXT, 1, 1, COMPLETE_VARIABLES, NULL, "the variable" },
		{ "DEFAULT", VALUE_TEXT, 0, 1, COMPLETE_NOTHING, NULL, "its value where none is set" } },
	.check = param_check, .run = param_run,
};
