#include "config.h"
#include "commands/entries.h"

#include "app/arguments.h"
#include "app/child.h"
#include "app/result.h"

static bool shell_run_command(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	const char *argv[] = { "/bin/sh", "-c", arguments_rest(arguments), NULL };
	int status;

	(void)result;
	if (!child_run(session, argv, -1, -1, &status, error))
		return false;
	if (status != 0)
		return error_set(error, ERROR_FAILED, "the command ended with status %d", status);
	return true;
}

static const char *const shell_examples[] = { "! ls *.csv", NULL };
const struct command command_shell = {
	.name = "!", .group = GROUP_SESSION, .summary = "run a command of the system's shell", .examples = shell_examples,
	.operands = { { "COMMAND", VALUE_REST, 1, 1, COMPLETE_NOTHING, NULL, "the rest of the line" } },
	.flags = COMMAND_SHELL, .run = shell_run_command,
};
