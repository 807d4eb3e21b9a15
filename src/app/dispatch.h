/* Runs one parsed command: what its entry asks for beforehand, then the command itself. */
#ifndef APP_DISPATCH_H
#define APP_DISPATCH_H

#include <stdbool.h>

#include "app/session.h"

/* What can be told before anything happens: usage, confirmation, policy. */
bool dispatch_check(struct session *session, const struct arguments *arguments, struct error *error);

/* Runs a command that was checked. False with error set if it failed; result is filled as far as it got. */
bool dispatch_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error);

/* The command that a text begins with, faulty or not; NULL if it is none. */
const struct command *dispatch_command_of(const struct session *session, const char *text);

/* Puts the members of contract section 7 into the result of a command that failed before it got to them. arguments may be
 * NULL. */
void dispatch_fill(const struct session *session, const struct command *command, const struct arguments *arguments,
	struct result *result);

/* The help text of one command (commands/help and --help). */
void dispatch_help(const struct command *command, GString *out);

#endif
