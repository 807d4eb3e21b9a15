/* The check of a whole batch before its first command runs: what will be known when a command comes to run, as far as the
 * text tells. */
#ifndef APP_CHECK_H
#define APP_CHECK_H

#include <stdbool.h>

#include <glib.h>

#include "app/session.h"
#include "app/words.h"

struct check {
	const struct session *session;
	struct variables *variables; /* let and param change them */
	bool whole;                  /* a batch is being checked; false: one command, just before it runs */
	bool comment;                /* `set comment` gave one */
	bool expected;               /* an `expect` since the set last changed */
	GPtrArray *files;            /* names of the `source` files being read, outermost first */
};

#endif
