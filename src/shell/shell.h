/* The interactive shell: prompt, lines, pasted blocks, until `quit`. */
#ifndef SHELL_SHELL_H
#define SHELL_SHELL_H

#include "app/session.h"

/* Runs `cordonrc` of the configuration directory, unless -X: once, at the start of an interactive session, before -c and
 * -f. */
void shell_run_rc(struct session *session);

/* Reads and runs commands until `quit`, Ctrl-D, the end of the terminal, or SIGTERM or SIGHUP. Returns the program's exit
 * status: 0, or 128 + n after signal n. Standard input must be a terminal. */
int shell_run(struct session *session);

#endif
