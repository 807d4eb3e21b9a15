/* How a checked predicate is judged over many rows: in batches, with selection vectors, and for a part that reads one
 * text column only once per dictionary code. */
#ifndef KQL_PLAN_H
#define KQL_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kql/ast.h"
#include "kql/eval.h"

#define KQL_BATCH 4096

enum kql_truth { KQL_FALSE = 0, KQL_TRUE = 1, KQL_TRUTH_NULL = -1, KQL_TRUTH_FAILED = -2 };

struct kql_plan;
struct kql_run; /* the working state of one pass over a table */

/* fast: false takes the plain row-by-row kernel for everything. The plan lies in the arena. */
const struct kql_plan *kql_plan_new(struct kql_arena *arena, const struct kql_node *node, bool fast, size_t *memos);

/* rows is about how many rows will be judged; it decides whether remembering codes is worth it. */
struct kql_run *kql_run_new(struct kql_context *context, size_t memos, size_t rows);
void kql_run_free(struct kql_run *run);

/* Judges count rows (at most KQL_BATCH). The first failure's text stays in the run. */
void kql_run_judge(struct kql_run *run, const struct kql_plan *plan, const uint32_t *rows, size_t count, int8_t *truth);
const char *kql_run_failure(const struct kql_run *run);

#endif
