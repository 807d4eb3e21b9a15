#include "config.h"
#include "kql/plan.h"

#include <string.h>

#include "kql/functions.h"
#include "kql/kernels.h"
#include "kql/search.h"

enum plan_kind { PLAN_CONSTANT, PLAN_AND, PLAN_OR, PLAN_NOT, PLAN_CODE, PLAN_ROW };

struct kql_plan {
	enum plan_kind kind;
	const struct kql_node *node;
	const struct kql_plan **parts;
	size_t count;
	size_t memo; /* of PLAN_CODE */
	int8_t truth; /* of PLAN_CONSTANT */
};

struct kql_run {
	struct kql_context *context;
	int8_t **memos; /* by plan: the truth of each code, and where kernel_codes wants it that of null */
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

static void judge_rows(struct kql_run *run, const struct kql_plan *plan, const uint32_t *rows, size_t count,
	int8_t *truth)
{
	for (size_t n = 0; n < count; n++)
		truth[n] = judge_row(run, plan->node, rows[n]);
}

/* Where the rows lie in the column of a field; room is for a batch. False if one is not there. */
static bool place_rows(const struct kql_run *run, size_t field, const uint32_t *rows, size_t count, uint32_t *room,
	struct kernel_rows *places)
{
	const uint32_t *index = run->context->indexes != NULL ? run->context->indexes[field] : NULL;
	bool there = true;

	*places = (struct kernel_rows){ .rows = rows, .count = count };
	if (index == NULL && rows[count - 1] - rows[0] == count - 1) {
		*places = (struct kernel_rows){ .first = rows[0], .count = count };
	} else if (index != NULL) {
		for (size_t n = 0; n < count; n++) {
			room[n] = index[rows[n]];
			there &= room[n] != KQL_NO_ROW;
		}
		places->rows = room;
	}
	return there;
}

/* A text operator or (not) equal with a constant on one column of strings: what is looked for. */
static bool is_search(const struct kql_node *node, enum kql_match *how, bool *folded, struct kql_slice *needle, bool *negated)
{
	const struct kql_node *left = node->count == 2 ? node->args[0] : NULL, *right = left != NULL ? node->args[1] : NULL;

	if (left == NULL || left->compute != kql_compute_column || left->type != KQL_STRING)
		return false;
	if (node->compute == kql_compute_text && node->needle_count == 1) {
		*how = node->operator->match;
		*folded = node->operator->folded;
		*needle = node->needles[0];
		*negated = node->operator->negated;
		return true;
	}
	if (node->compute != kql_compute_equal || right->kind != KQL_NODE_LITERAL || right->type != KQL_STRING)
		return false;
	*how = KQL_SAME;
	*folded = false;
	*needle = kql_slice_of(&right->value);
	*negated = node->operator->op == KQL_OP_NOT_EQUAL;
	return true;
}

/* The texts from first on, for a node that is a search. False if it is none. */
static bool judge_texts(struct kql_run *run, const struct kql_plan *plan, const struct texts *texts, uint32_t first,
	uint32_t count, int8_t *truth)
{
	enum kql_match how;
	bool folded, negated;
	struct kql_slice needle;

	if (!is_search(plan->node, &how, &folded, &needle, &negated))
		return false;
	kql_search(&run->context->arena, texts, first, count, how, folded, needle, truth);
	for (uint32_t n = 0; n < count && negated; n++)
		truth[n] ^= 1;
	return true;
}

#define SPREAD 4 /* a list of texts is searched whole if no more than so many times the rows that count lie there */

/* A column that is a plain list of texts. False if it has to be done row by row. */
static bool judge_list(struct kql_run *run, const struct kql_plan *plan, const struct column_view *view,
	const struct kernel_rows *places, int8_t *truth)
{
	int8_t found[SPREAD * KQL_BATCH];
	uint32_t first, length;

	if (view->items != NULL)
		return false;
	if (places->rows == NULL)
		return judge_texts(run, plan, view->texts, (uint32_t)places->first, (uint32_t)places->count, truth);
	first = places->rows[0];
	length = places->rows[places->count - 1] - first;
	if (places->rows[places->count - 1] < first || length >= sizeof found || length / SPREAD > places->count)
		return false;
	for (size_t n = 0; n < places->count; n++)
		if (places->rows[n] - first > length)
			return false; /* they do not rise */
	if (!judge_texts(run, plan, view->texts, first, length + 1, found))
		return false;
	for (size_t n = 0; n < places->count; n++)
		truth[n] = found[places->rows[n] - first];
	return true;
}

#define MANY_CODES 1024 /* of a dictionary that is searched as a whole */

static int8_t *memo_new(struct kql_run *run, const struct kql_plan *plan, const struct column_view *view)
{
	uint32_t codes = view->texts->length;
	int8_t *memo = g_malloc(MAX((size_t)codes + 1, (size_t)256));

	memset(memo, KERNEL_UNKNOWN, MAX((size_t)codes + 1, (size_t)256));
	if (codes >= MANY_CODES)
		judge_texts(run, plan, view->texts, 0, codes, memo);
	return memo;
}

/* A column with a dictionary: each code is judged once. */
static void judge_codes(struct kql_run *run, const struct kql_plan *plan, const struct column_view *view,
	const struct kernel_rows *places, const uint32_t *rows, int8_t *truth)
{
	int8_t *memo = run->memos[plan->memo];
	uint32_t texts = view->texts->length;

	if (memo == NULL && texts / 4 > run->rows) {
		judge_rows(run, plan, rows, places->count, truth);
		return;
	}
	if (memo == NULL)
		memo = run->memos[plan->memo] = memo_new(run, plan, view);
	if (kernel_codes(view, places, memo, truth))
		return;
	for (size_t n = 0; n < places->count; n++) {
		uint32_t code;
		int8_t *known;

		if (truth[n] != KERNEL_UNKNOWN)
			continue;
		code = column_view_code(view, kernel_row(places, n));
		known = &memo[code != COLUMN_NULL_CODE ? code : view->width == 1 ? UINT8_MAX : texts];
		if (*known == KERNEL_UNKNOWN)
			*known = judge_row(run, plan->node, rows[n]);
		truth[n] = *known;
	}
}

static void judge_column(struct kql_run *run, const struct kql_plan *plan, const uint32_t *rows, size_t count,
	int8_t *truth)
{
	const struct column *column = run->context->columns[plan->node->depends];
	struct kernel_rows places;
	struct column_view view;
	uint32_t room[KQL_BATCH];

	column_view(column, &view);
	if (!place_rows(run, (size_t)plan->node->depends, rows, count, room, &places))
		judge_rows(run, plan, rows, count, truth);
	else if (view.distinct)
		judge_codes(run, plan, &view, &places, rows, truth);
	else if (view.texts == NULL && plan->node->compute == kql_compute_compare_int)
		kernel_compare(&view, &places, plan->node->operator->op, plan->node->args[1]->value.integer, truth);
	else if (view.texts == NULL || !judge_list(run, plan, &view, &places, truth))
		judge_rows(run, plan, rows, count, truth);
}

/* Whether judging a row too many costs less than finding out which do not need it. */
static bool is_cheap(const struct kql_run *run, const struct kql_plan *plan)
{
	const struct column *column;

	if (plan->kind != PLAN_CODE)
		return plan->kind == PLAN_CONSTANT;
	column = run->context->columns[plan->node->depends];
	return column_is_distinct(column) ? column_codes(column) < MANY_CODES : plan->node->compute == kql_compute_compare_int;
}

/* and, or: a part sees only the rows that those before it left open, unless it is cheap. */
static void judge_logical(struct kql_run *run, const struct kql_plan *plan, const uint32_t *rows, size_t count,
	int8_t *truth)
{
	int8_t decides = plan->kind == PLAN_AND ? KQL_FALSE : KQL_TRUE;
	/* Not on the stack, where many levels of these could come together. */
	AUTO(g_free) int8_t *part = g_malloc(KQL_BATCH);
	AUTO(g_free) uint32_t *open = g_new(uint32_t, KQL_BATCH);
	AUTO(g_free) uint32_t *places = g_new(uint32_t, KQL_BATCH + 1);

	kql_run_judge(run, plan->parts[0], rows, count, truth);
	for (size_t p = 1; p < plan->count; p++) {
		size_t left = 0;

		for (size_t n = 0; n < count; n++) {
			places[left] = (uint32_t)n;
			left += truth[n] != decides && truth[n] != KQL_TRUTH_FAILED;
		}
		if (left == 0)
			return;
		if (left >= count / 8 && is_cheap(run, plan->parts[p])) {
			kql_run_judge(run, plan->parts[p], rows, count, part);
			(plan->kind == PLAN_AND ? kernel_and : kernel_or)(truth, part, count);
			continue;
		}
		for (size_t n = 0; n < left; n++)
			open[n] = rows[places[n]];
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
		judge_column(run, plan, rows, count, truth);
		break;
	case PLAN_ROW:
		judge_rows(run, plan, rows, count, truth);
		break;
	}
}
