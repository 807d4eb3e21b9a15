/* What may stand at the end of a half-typed text, by its position: tables, operators, the columns that the pipeline has
 * there, functions. Pure and quick: nothing is run. */
#ifndef KQL_COMPLETE_H
#define KQL_COMPLETE_H

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "kql/query.h"
#include "kql/schema.h"

struct kql_completion {
	const struct kql_source *source;    /* of a query; or */
	const struct kql_schema *predicate; /* the text is a predicate over these columns */
	int64_t now_ticks;
};

/* Appends (g_malloc) what may stand in the place of the word at the end of text, unsorted, each perhaps more than once; a
 * function ends in "(". What begins otherwise than the word, in any case, is left out; scalar operators and functions come
 * only once a letter is there, as there are too many to read. *start is the byte at which the word begins. Nothing within
 * strings and comments. */
void kql_complete(const char *text, const struct kql_completion *completion, GPtrArray *texts, size_t *start);

#endif
