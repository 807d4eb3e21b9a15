#include "config.h"
#include "kql/plan.h"

#include <string.h>

#include "kql/functions.h"

enum plan_kind { PLAN_CONSTANT, PLAN_AND, PLAN_OR, PLAN_NOT, PLAN_CODE, PLAN_ROW };

struct kql_plan {
	enum plan_kind kind;
	const struct kql_node *node;
	const struct kql_plan **parts;
	size_t count;
	size_t memo; /* of PLAN_CODE */
	int8_t truth; /* of PLAN_CONSTANT */
};

#define UNKNOWN 2

struct kql_run {
	struct kql_context *context;
	int8_t **memos; /* by plan: the truth of each code, and behind the last that of null */
	size_t memo_count;
	size_t rows;
	const char *failure;
};

static struct kql_plan *plan_make(struct kql_arena *arena, enum plan_kind kind, const struct kql_node *node)
{
	struct kql_plan *plan = kql_arena_zero(arena, sizeof *plan);

	plan->kind = kind;
	plan->node = node;
	return plan;
}

const struct kql_plan *kql_plan_new(struct kql_arena *arena, const struct kql_node *node, bool fast, size_t *memos)
{
	struct kql_plan *plan;
	bool logical = node->kind == KQL_NODE_BINARY &&
		(node->operator->op == KQL_OP_AND || node->operator->op == KQL_OP_OR);
	bool negation = node->kind == KQL_NODE_CALL && strcmp(node->function->name, "not") == 0;

	if (fast && node->kind == KQL_NODE_LITERAL) {
		plan = plan_make(arena, PLAN_CONSTANT, node);
		plan->truth = (int8_t)kql_truth(&node->value);
		return plan;
	}
	/* Whether the one column is text, and so has codes, shows when the table is known. */
	if (fast && node->depends >= 0 && !node->unstable) {
		plan = plan_make(arena, PLAN_CODE, node);
		plan->memo = (*memos)++;
		if (!logical && !negation)
			return plan;
	} else if (fast && (logical || negation)) {
		plan = plan_make(arena, negation ? PLAN_NOT : node->operator->op == KQL_OP_AND ? PLAN_AND : PLAN_OR, node);
	} else {
		return plan_make(arena, PLAN_ROW, node);
	}
	if (plan->kind == PLAN_CODE)
		return plan;
	plan->parts = kql_arena_alloc(arena, node->count * sizeof *plan->parts);
	plan->count = node->count;
	for (size_t n = 0; n < node->count; n++)
		plan->parts[n] = kql_plan_new(arena, node->args[n], fast, memos);
	return plan;
}

struct kql_run *kql_run_new(struct kql_context *context, size_t memos, size_t rows)
{
	struct kql_run *run = g_new0(struct kql_run, 1);

	run->context = context;
	run->memos = g_new0(int8_t *, memos + 1);
	run->memo_count = memos;
	run->rows = rows;
	return run;
}

void kql_run_free(struct kql_run *run)
{
	if (run == NULL)
		return;
	for (size_t n = 0; n < run->memo_count; n++)
		g_free(run->memos[n]);
	g_free(run->memos);
	g_free(run);
}

const char *kql_run_failure(const struct kql_run *run)
{
	return run->failure;
}

static int8_t judge_row(struct kql_run *run, const struct kql_node *node, uint32_t row)
{
	struct kql_context *context = run->context;
	struct kql_value value;

	if (context->stopped)
		return KQL_TRUTH_FAILED;
	context->row = row;
	context->failure = NULL;
	kql_arena_reset(&context->arena);
	node->compute(context, node, &value);
	if (context->failure != NULL) {
		if (run->failure == NULL)
			run->failure = context->failure;
		return KQL_TRUTH_FAILED;
	}
	return (int8_t)kql_truth(&value);
}

/* A column of whole numbers against a constant needs no values in between. */
static void judge_int(const struct kql_run *run, const struct kql_plan *plan, const uint32_t *rows, size_t count,
	int8_t *truth)
{
	size_t field = plan->node->args[0]->column;
	const struct column *column = run->context->columns[field];
	int64_t b = plan->node->args[1]->value.integer;
	enum kql_op op = plan->node->operator->op;

	for (size_t n = 0; n < count; n++) {
		size_t row = kql_context_row(run->context, field, rows[n]);
		bool null = row == KQL_NO_ROW || column_is_null(column, row);
		int64_t a = null ? 0 : column_int(column, row);
		int order = (a > b) - (a < b);

		if (null)
			truth[n] = op == KQL_OP_EQUAL ? KQL_FALSE : op == KQL_OP_NOT_EQUAL ? KQL_TRUE : KQL_TRUTH_NULL;
		else
			truth[n] = (int8_t)(op == KQL_OP_LESS ? order < 0 : op == KQL_OP_LESS_EQUAL ? order <= 0 :
				op == KQL_OP_GREATER ? order > 0 : op == KQL_OP_GREATER_EQUAL ? order >= 0 :
				op == KQL_OP_EQUAL ? order == 0 : order != 0);
	}
}

static void judge_rows(struct kql_run *run, const struct kql_plan *plan, const uint32_t *rows, size_t count,
	int8_t *truth)
{
	if (plan->kind != PLAN_ROW && plan->node->compute == kql_compute_compare_int) {
		judge_int(run, plan, rows, count, truth);
		return;
	}
	for (size_t n = 0; n < count; n++)
		truth[n] = judge_row(run, plan->node, rows[n]);
}

static void judge_codes(struct kql_run *run, const struct kql_plan *plan, const uint32_t *rows, size_t count,
	int8_t *truth)
{
	const struct column *column = run->context->columns[plan->node->depends];
	int8_t *memo = run->memos[plan->memo];
	uint32_t codes;

	if (!column_is_distinct(column)) {
		judge_rows(run, plan, rows, count, truth);
		return;
	}
	codes = column_codes(column);
	if (memo == NULL) {
		if (codes / 4 > run->rows) {
			judge_rows(run, plan, rows, count, truth);
			return;
		}
		memo = run->memos[plan->memo] = g_malloc((size_t)codes + 1);
		memset(memo, UNKNOWN, (size_t)codes + 1);
	}
	for (size_t n = 0; n < count; n++) {
		size_t row = kql_context_row(run->context, (size_t)plan->node->depends, rows[n]);
		uint32_t code = row == KQL_NO_ROW ? COLUMN_NULL_CODE : column_code(column, row);
		int8_t *known = &memo[code == COLUMN_NULL_CODE ? codes : code];

		if (*known == UNKNOWN)
			*known = judge_row(run, plan->node, rows[n]);
		truth[n] = *known;
	}
}

/* and, or: a part sees only the rows that those before it left open. */
static void judge_logical(struct kql_run *run, const struct kql_plan *plan, const uint32_t *rows, size_t count,
	int8_t *truth)
{
	int8_t decides = plan->kind == PLAN_AND ? KQL_FALSE : KQL_TRUE, part[KQL_BATCH];
	uint32_t open[KQL_BATCH], places[KQL_BATCH];

	memset(truth, decides == KQL_FALSE ? KQL_TRUE : KQL_FALSE, count);
	for (size_t p = 0; p < plan->count; p++) {
		size_t left = 0;

		for (size_t n = 0; n < count; n++)
			if (truth[n] != decides && truth[n] != KQL_TRUTH_FAILED) {
				open[left] = rows[n];
				places[left++] = (uint32_t)n;
			}
		if (left == 0)
			return;
		kql_run_judge(run, plan->parts[p], open, left, part);
		for (size_t n = 0; n < left; n++)
			if (part[n] == decides || part[n] < 0)
				truth[places[n]] = part[n];
	}
}

void kql_run_judge(struct kql_run *run, const struct kql_plan *plan, const uint32_t *rows, size_t count, int8_t *truth)
{
	switch (plan->kind) {
	case PLAN_CONSTANT:
		memset(truth, plan->truth, count);
		break;
	case PLAN_AND:
	case PLAN_OR:
		judge_logical(run, plan, rows, count, truth);
		break;
	case PLAN_NOT:
		kql_run_judge(run, plan->parts[0], rows, count, truth);
		for (size_t n = 0; n < count; n++)
			truth[n] = truth[n] < 0 ? truth[n] : !truth[n];
		break;
	case PLAN_CODE:
		judge_codes(run, plan, rows, count, truth);
		break;
	case PLAN_ROW:
		judge_rows(run, plan, rows, count, truth);
		break;
	}
}
