/* What could stand at the cursor of a command line: found by the lexer and the command table that also run it, so that a
 * new command or option completes by itself. Pure but for file names; never asks the tenant. */
#ifndef SHELL_CANDIDATES_H
#define SHELL_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#include "app/command.h"
#include "core/auto.h"

#define CANDIDATES_LIMIT 1000 /* of one kind */

struct candidates {
	size_t start;     /* byte of the line from which a text takes the place of what is there up to the cursor */
	GPtrArray *texts; /* char *: sorted, each once, quoted as the lexer wants it */
	bool open;        /* no blank after a single one: a directory, a function */
	bool more;        /* there are more than the limit: what they have in common is not known */
};

/* Appends (g_strdup) values of a kind that begin with prefix, in any case; at most limit. */
typedef void candidates_fn(void *data, enum completion kind, const char *prefix, size_t limit, GPtrArray *values);

/* Appends what may stand at the end of a KQL text (see kql/complete.h); may be NULL. */
typedef void candidates_kql_fn(void *data, enum completion kind, const char *text, GPtrArray *texts, size_t *start);

struct candidates *candidates_find(const struct command *const *table, const char *line, size_t cursor,
	candidates_fn *values, candidates_kql_fn *kql, void *data);
void candidates_free(struct candidates *candidates);
AUTO_DEFINE(candidates_free, struct candidates *)

#endif
