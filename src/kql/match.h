/* Text operators: contains, has, startswith and their kin (dataexplorer-docs, datatypes-string-operators.md). */
#ifndef KQL_MATCH_H
#define KQL_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "kql/arena.h"
#include "kql/json.h"

enum kql_match { KQL_CONTAINS, KQL_HAS, KQL_HAS_PREFIX, KQL_HAS_SUFFIX, KQL_STARTS_WITH, KQL_ENDS_WITH, KQL_SAME };

/* Simple case folding, code point by code point, into the arena; the text itself where nothing changes. */
struct kql_slice kql_fold(struct kql_arena *arena, struct kql_slice text);

/* Whether text and needle match; for matching without case both are folded before. */
bool kql_matches(enum kql_match how, struct kql_slice text, struct kql_slice needle);

/* The same without case: the needle is folded, the text is not. Folds the text only where it has to. */
bool kql_matches_folded(struct kql_arena *arena, enum kql_match how, struct kql_slice text, struct kql_slice needle);

/* Finds needle in text from byte `from` on; NULL if it is not there. */
const char *kql_find(struct kql_slice text, size_t from, struct kql_slice needle);

/* Whether a term ends at this byte offset: no letter or digit before (or after) it. */
bool kql_term_starts(struct kql_slice text, size_t at);
bool kql_term_ends(struct kql_slice text, size_t at);

#endif
