/* Tables in the middle of a query. Rows are not copied: each column is a column somewhere and the places of its rows. */
#ifndef KQL_RELATION_H
#define KQL_RELATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kql/eval.h"
#include "kql/pipe.h"

struct kql_vector {
	const struct column *column;
	const uint32_t *index; /* where each row lies, KQL_NO_ROW for a null; NULL: in order */
};

struct kql_relation {
	size_t rows, count;
	const struct kql_field *fields;
	struct kql_vector *vectors;
};

/* A run of a query. What it makes lives until its end. */
struct kql_runner {
	struct kql_limits limits;
	int64_t now_ticks;
	struct kql_arena arena;
	GPtrArray *columns; /* made on the way */
	GPtrArray *indexes;
	size_t bytes;
	struct kql_scalar *scalars;
	size_t scalar_count;
	struct kql_relation **lets; /* by slot, once they are run */
	/* A run of a part of another's rows: lets of slots outside of these are the other's. */
	struct kql_runner *parent;
	size_t first_slot, last_slot;
	unsigned work; /* since limits.turn was asked */
	bool stopped;  /* it said so */
	struct error *error;
};

/* A row's work was done: false once the query is to stop. */
bool kql_runner_ask(struct kql_runner *runner);
static inline bool kql_runner_turn(struct kql_runner *runner)
{
	return (++runner->work & 0x3ff) != 0 ? !runner->stopped : kql_runner_ask(runner);
}

bool kql_runner_charge(struct kql_runner *runner, size_t bytes);
bool kql_runner_rows(struct kql_runner *runner, size_t rows);
uint32_t *kql_runner_index(struct kql_runner *runner, size_t rows);
/* A column that the runner keeps. */
struct column *kql_runner_column(struct kql_runner *runner, const char *name, enum kql_type type);

struct kql_relation *kql_relation_new(struct kql_runner *runner, const struct kql_field *fields, size_t count, size_t rows);
struct kql_relation *kql_relation_of_table(struct kql_runner *runner, const struct kql_pipe *pipe);

/* The rows listed, in that order; the list must live as long as the runner. */
struct kql_relation *kql_relation_pick(struct kql_runner *runner, const struct kql_relation *from, const uint32_t *rows,
	size_t count);

/* Computes an expression for all rows; a column stands for itself. False if a row cannot be computed. */
bool kql_relation_compute(struct kql_runner *runner, const struct kql_relation *from, const struct kql_node *node,
	enum kql_type type, const char *name, struct kql_vector *vector);

struct kql_value kql_vector_value(const struct kql_vector *vector, enum kql_type type, size_t row, struct kql_arena *arena);
bool kql_vector_is_null(const struct kql_vector *vector, enum kql_type type, size_t row);

/* Binds a context to the relation; clear it with kql_relation_unbind. */
void kql_relation_bind(struct kql_runner *runner, const struct kql_relation *from, struct kql_context *context);
void kql_relation_unbind(struct kql_context *context);

/* run_*.c */
struct kql_relation *kql_run_pipe(struct kql_runner *runner, struct kql_pipe *pipe);
struct kql_relation *kql_run_summarize(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from);
struct kql_relation *kql_run_distinct(struct kql_runner *runner, const struct kql_relation *from);
struct kql_relation *kql_run_join(struct kql_runner *runner, const struct kql_step *step, const struct kql_relation *left,
	const struct kql_relation *right);
struct kql_relation *kql_run_union(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *const *inputs, const char *const *names, size_t count);
/* origins (may be NULL): by row of the result the row it was made of. */
struct kql_relation *kql_run_expand(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from, const uint32_t **origins);
struct kql_relation *kql_run_apply(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from);
struct kql_relation *kql_run_partition(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from);
struct kql_relation *kql_run_parse(struct kql_runner *runner, const struct kql_step *step, const struct kql_relation *from);
struct kql_relation *kql_run_parse_kv(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from);
struct kql_relation *kql_run_evaluate(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from);
struct kql_relation *kql_run_series(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from);
struct kql_relation *kql_run_sample(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from);
/* The relation with the results of the step's window functions behind its columns; itself if there are none. */
const struct kql_relation *kql_run_windows(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from);
struct kql_relation *kql_run_sort(struct kql_runner *runner, const struct kql_items *keys, const struct kql_relation *from,
	size_t limit);
/* Computes the items over `computed` into the result's columns that they belong to; the rest come from `from`. */
struct kql_relation *kql_run_items(struct kql_runner *runner, const struct kql_step *step, const struct kql_relation *from);
bool kql_run_number(struct kql_runner *runner, const struct kql_node *node, size_t *number);

/* Groups rows by the vectors, within groups there are already (NULL: none): ids[row] (may be NULL) is the group, numbered
 * as they first appear; firsts[group] is its first row. */
size_t kql_group_rows(struct kql_runner *runner, const struct kql_vector *keys, const enum kql_type *types, size_t count,
	size_t rows, const uint32_t *within, uint32_t *ids, uint32_t *firsts);

/* Rows in the order of their groups, each group's in the order they had; *starts[group] is where its rows begin, and
 * *starts[groups] the end. */
uint32_t *kql_group_order(struct kql_runner *runner, const uint32_t *ids, size_t rows, size_t groups, size_t **starts);

#endif
