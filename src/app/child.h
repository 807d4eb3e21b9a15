/* Programs that Cordon starts for the person at the terminal: editor, pager, `!`. A child gets a process group of its own
 * and the terminal, so that Ctrl-C and Ctrl-Z are its own; it is waited for in the loop, so that jobs go on. Messages wait
 * until the terminal is back. */
#ifndef APP_CHILD_H
#define APP_CHILD_H

#include <stdbool.h>

#include "app/session.h"

/* Runs argv (argv[0] is looked up in PATH) with input as its standard input and output as its standard output; -1 leaves
 * them as they are. *status (may be NULL) receives the exit status as a shell tells it: 128 + n for signal n. False if it
 * could not be started, or if Cordon was asked to end meanwhile (then it has been sent SIGHUP). */
bool child_run(struct session *session, const char *const *argv, int input, int output, int *status,
	struct error *error);

#endif
