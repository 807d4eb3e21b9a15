/* The check of a whole batch before its first command runs: what will be known when a command comes to run, as far as the
 * text tells. The same checks run again for each command just before it runs. */
#ifndef APP_CHECK_H
#define APP_CHECK_H

#include <stdbool.h>

#include <glib.h>

#include "app/session.h"
#include "app/words.h"

struct check {
	struct session *session;
	struct variables *variables; /* let and param change them; owned */
	bool whole;                  /* a batch is being checked; false: one command, just before it runs */
	bool comment;                /* `set comment` gave one */
	bool expected;               /* an `expect` since the set last changed */
	GPtrArray *files;            /* names of the `source` files being read, outermost first */
	GHashTable *loads;           /* names of tables that a `load` before will have made */
	bool queried;                /* a hunting query before will have changed what `Results` is */
	struct table *results;       /* its columns then, as far as they can be told; or NULL */
};

void check_begin(struct check *check, struct session *session, bool whole);
void check_end(struct check *check);

/* Checks one parsed command. Errors point into its text. */
bool check_command(struct check *check, const struct arguments *arguments, struct error *error);

/* Checks a pipeline over local tables as far as its tables are known. */
bool check_pipeline(const struct check *check, const char *kql, struct error *error);

/* KQL that failed and ends in `> FILE`: hints at the way to write a file. */
void check_hint_file(const char *kql, struct error *error);

/* Checks a command file that `source` names, with its commands' effects on what is known. */
bool check_file(struct check *check, const char *path, struct error *error);

#endif
