/* Lets the person at the terminal edit a text in $VISUAL, $EDITOR or vi. */
#ifndef APP_EDITOR_H
#define APP_EDITOR_H

#include <stdbool.h>

#include "app/session.h"

#define EDITOR_LIMIT (256 * 1024 * 1024) /* bytes of a text that comes back */

/* *text goes in and is replaced (g_free, g_malloc) by what the editor left; unchanged text comes back as it was. False
 * with *text untouched if there is no terminal or the editor failed. It waits in a private file (0600 in a directory 0700
 * of its own), removed afterwards with whatever the editor left beside it. */
bool editor_run(struct session *session, char **text, struct error *error);

#endif
