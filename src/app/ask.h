/* Questions to the person at the terminal, always on /dev/tty, after throwing away what was typed ahead. They wait in the
 * loop, so that jobs go on and Ctrl-C works. */
#ifndef APP_ASK_H
#define APP_ASK_H

#include <stdbool.h>

#include "app/session.h"

/* Whether there is a terminal to ask on. */
bool ask_possible(void);

/* Asks until Enter; NULL with error set: no terminal (ERROR_USAGE), Ctrl-C or end of input (ERROR_INTERRUPTED). The caller
 * frees with g_free. question is printed as it is, no line feed. */
char *ask_line(struct session *session, const char *question, struct error *error);

/* True only if the answer is exactly wanted ("yes", "42"), blanks around it aside; else error is ERROR_FAILED "not
 * confirmed". */
bool ask_confirm(struct session *session, const char *question, const char *wanted, struct error *error);

#endif
