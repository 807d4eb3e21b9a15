/* Computing checked trees, row by row. */
#ifndef KQL_EVAL_H
#define KQL_EVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kql/arena.h"
#include "kql/ast.h"
#include "kql/value.h"

/* What a run has found for toscalar(table), `in (table)`, `has_any (table)`. */
struct kql_scalar {
	struct kql_value value;
	GHashTable *set;   /* of kql_slice, for `in` */
	GArray *needles;   /* of kql_slice, for has_any and has_all */
};

#define KQL_NO_ROW UINT32_MAX

struct kql_context {
	const struct column *const *columns; /* by the index of the field */
	/* By field: where in the column each row lies, KQL_NO_ROW for a null; NULL (itself or an entry): in order. */
	const uint32_t *const *indexes;
	size_t row;
	const struct kql_scalar *scalars;
	struct kql_arena arena;       /* of the row's values; the caller resets it */
	struct kql_matcher *matcher;  /* made when first needed */
	GHashTable *patterns;         /* compiled at run time, by text; made when first needed */
	int64_t now_ticks;
	const char *failure;          /* set when the row cannot be judged; static text */
	size_t work;                  /* since turn was asked */
	unsigned given_up;            /* searches that took too many steps */
	bool (*turn)(void *data);     /* asked now and then within long work; false ends it. May be NULL */
	void *turn_data;
	bool stopped;                 /* turn said so: all that follows fails */
};

#define KQL_WORK (1 << 20)    /* bytes looked at or made, about, between two turns */
#define KQL_SEARCH_WORK 8192  /* a search counts as so many and its text */
#define KQL_GIVEN_UP_LIMIT 500 /* searches over the match limit; then no more are tried */

/* Books work; false, with the failure set, when it is to stop. */
bool kql_context_work(struct kql_context *context, size_t amount);

void kql_context_clear(struct kql_context *context);

static inline size_t kql_context_row(const struct kql_context *context, size_t field, size_t row)
{
	if (context->indexes == NULL || context->indexes[field] == NULL)
		return row;
	return context->indexes[field][row];
}

static inline void kql_compute_node(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	node->compute(context, node, result);
}

/* Three-valued: 1, 0, -1 for null. */
int kql_truth(const struct kql_value *value);

kql_compute kql_compute_literal, kql_compute_column, kql_compute_negate, kql_compute_plus, kql_compute_arithmetic,
	kql_compute_compare, kql_compute_compare_int, kql_compute_equal, kql_compute_logical, kql_compute_text,
	kql_compute_star, kql_compute_regex, kql_compute_in, kql_compute_in_set, kql_compute_has_list,
	kql_compute_between, kql_compute_member, kql_compute_index, kql_compute_call, kql_compute_scalar,
	kql_compute_in_table, kql_compute_has_table;

struct kql_value kql_arithmetic(struct kql_context *context, enum kql_op op, const struct kql_value *a,
	const struct kql_value *b);

/* The pattern of a node, or one compiled from text at run time; NULL sets the context's failure. */
const struct kql_regex *kql_context_regex(struct kql_context *context, const struct kql_node *node,
	struct kql_slice pattern);
/* A search that books its failure. */
bool kql_context_search(struct kql_context *context, const struct kql_regex *regex, struct kql_slice text, size_t start);
struct kql_matcher *kql_context_matcher(struct kql_context *context);

/* The text by which values of these two types are the same, and the value so written; for sets of values. */
enum kql_type kql_key_type(enum kql_type a, enum kql_type b);
struct kql_slice kql_key_text(struct kql_arena *arena, const struct kql_value *value, enum kql_type key);

guint kql_slice_hash(gconstpointer slice);
gboolean kql_slice_equal(gconstpointer a, gconstpointer b);

#endif
