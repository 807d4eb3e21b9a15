/* A KQL predicate: the argument of `where`, over one table. Compiled once (names and types are checked before any row is
 * read), evaluated often. Three-valued: true, false, null. */
#ifndef KQL_PREDICATE_H
#define KQL_PREDICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "core/auto.h"
#include "core/error.h"
#include "kql/schema.h"
#include "table/bitset.h"
#include "table/column.h"

#define KQL_TEXT_LIMIT (256 * 1024) /* bytes of one predicate or query; a longer one is refused */
#define KQL_DEPTH_LIMIT 200         /* nesting of expressions */

struct kql_predicate;

/* now_ticks is the one instant of now() and ago(), see core/isotime.h. Text and schema need not outlive the call.
 * Error: ERROR_USAGE, line and column of the fault in the text (characters, from 1), and where it helps a hint. */
struct kql_predicate *kql_predicate_compile(const char *text, const struct kql_schema *schema, int64_t now_ticks,
	struct error *error);
void kql_predicate_free(struct kql_predicate *predicate);
AUTO_DEFINE(kql_predicate_free, struct kql_predicate *)

/* Rows that could not be judged. They are in is_null too, never false: what to do with them is the caller's. */
struct kql_failures {
	size_t rows;
	char first[256]; /* why the first one failed; "" if none did */
};

/* Judges the rows in rows (NULL: all of the table). The table must have every column that the predicate names, with the
 * schema's type. is_true and is_null are emptied first, then receive the rows for which the predicate is true, and null or
 * not to be judged (a regular expression over its match limit); all other rows are false. is_null and failures may be
 * NULL. Bits of rows that the table does not have are ignored. False with error set if the table does not fit. */
bool kql_predicate_eval(const struct kql_predicate *predicate, const struct table *table, const struct bitset *rows,
	struct bitset *is_true, struct bitset *is_null, struct kql_failures *failures, struct error *error);

/* Asked every few thousand rows, and within long work on one; false stops the evaluation, ERROR_INTERRUPTED. */
void kql_predicate_set_turn(struct kql_predicate *predicate, bool (*turn)(void *data), void *data);

/* The same, always by the plain row-by-row kernel; the tests compare the two. */
bool kql_predicate_eval_plain(const struct kql_predicate *predicate, const struct table *table,
	const struct bitset *rows, struct bitset *is_true, struct bitset *is_null, struct kql_failures *failures,
	struct error *error);

/* The syntax alone: the names that the text uses as columns (or as functions without brackets), each as often as it stands
 * there, NULL-terminated; the caller frees with g_strfreev. NULL with error set if it does not parse. */
char **kql_predicate_names(const char *text, int64_t now_ticks, struct error *error);

/* Whether the predicate reads this column of its schema. */
bool kql_predicate_uses(const struct kql_predicate *predicate, const char *name);

/* Appends the source line of a fault and below it a line with a caret and a wave under its word: two lines, each ended by a line feed. Nothing if
 * line is 0 or not in the text. Control characters are made safe, tabs are blanks; a long line is cut around the fault.
 */
void kql_error_underline(GString *out, const char *text, unsigned line, unsigned column);

#endif
