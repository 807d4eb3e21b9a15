/* Window functions over all rows, in their order. */
#include "config.h"
#include "kql/relation.h"

#include <string.h>

#include "kql/window.h"

struct window {
	struct kql_runner *runner;
	const struct kql_window *call;
	struct kql_vector args[4];
	size_t rows;
	struct column *out;
	struct kql_arena scratch;
};

static struct kql_value arg(struct window *window, size_t n, size_t row)
{
	return kql_vector_value(&window->args[n], window->call->node->args[n]->type, row, &window->scratch);
}

static bool restarts(struct window *window, size_t n, size_t row)
{
	struct kql_value value;

	if (window->call->node->count <= n)
		return false;
	value = arg(window, n, row);
	return kql_truth(&value) == 1;
}

static void store(struct window *window, const struct kql_value *value)
{
	struct kql_value cast = kql_value_cast(&window->scratch, value, window->call->node->type);

	kql_value_store(window->out, &cast);
}

static bool run_number(struct window *window)
{
	struct kql_value start = kql_integer(KQL_LONG, 1);
	int64_t number = 0;

	for (size_t row = 0; row < window->rows && kql_runner_turn(window->runner); row++) {
		kql_arena_reset(&window->scratch);
		if (window->call->node->count > 0)
			start = arg(window, 0, row);
		if (row == 0 || restarts(window, 1, row))
			number = start.null ? 1 : start.integer;
		else
			number++;
		column_append_int(window->out, number);
	}
	return true;
}

static bool run_cumsum(struct window *window)
{
	struct kql_arena keep = { 0 };
	struct kql_context context = { .now_ticks = window->runner->now_ticks };
	struct kql_value sum = kql_null(window->call->node->type);

	for (size_t row = 0; row < window->rows && kql_runner_turn(window->runner); row++) {
		struct kql_value term;

		kql_arena_reset(&window->scratch);
		term = arg(window, 0, row);
		if (row == 0 || restarts(window, 1, row))
			sum = kql_null(sum.type);
		if (!term.null && !sum.null)
			sum = kql_arithmetic(&context, KQL_OP_ADD, &sum, &term);
		else if (!term.null)
			sum = kql_value_cast(&keep, &term, window->call->node->type);
		/* A decimal lies in an arena that the next row may clear. */
		if (!sum.null && sum.type == KQL_DECIMAL)
			sum = kql_decimal_value(&keep, *sum.decimal);
		if (sum.null && term.null) {
			struct kql_value zero = kql_integer(KQL_LONG, 0);

			store(window, window->call->node->type == KQL_DATETIME ? &sum : &zero);
		} else {
			store(window, &sum);
		}
	}
	kql_context_clear(&context);
	kql_arena_clear(&keep);
	return true;
}

/* Equal neighbours share a rank; dense: the next one is one more, min: its place. */
static bool run_rank(struct window *window)
{
	bool dense = window->call->kind->what == KQL_ROW_RANK_DENSE;
	int64_t rank = 0, place = 0;

	for (size_t row = 0; row < window->rows && kql_runner_turn(window->runner); row++) {
		bool fresh = row == 0 || restarts(window, 1, row);

		kql_arena_reset(&window->scratch);
		place = fresh ? 1 : place + 1;
		if (fresh) {
			rank = 1;
		} else {
			struct kql_value value = arg(window, 0, row), before = arg(window, 0, row - 1);

			if (kql_value_order(&window->scratch, &value, &before) != 0)
				rank = dense ? rank + 1 : place;
		}
		column_append_int(window->out, rank);
	}
	return true;
}

/* The value some rows away. */
static bool run_neighbour(struct window *window)
{
	const struct kql_node *node = window->call->node;
	int64_t offset = node->count > 1 && !node->args[1]->value.null ? node->args[1]->value.integer : 1;

	if (window->call->kind->what == KQL_PREV)
		offset = -offset;
	for (size_t row = 0; row < window->rows && kql_runner_turn(window->runner); row++) {
		int64_t place = (int64_t)row + offset;
		struct kql_value value;

		kql_arena_reset(&window->scratch);
		if (place >= 0 && place < (int64_t)window->rows)
			value = arg(window, 0, (size_t)place);
		else
			value = node->count > 2 ? node->args[2]->value : kql_null(node->type);
		store(window, &value);
		if (!kql_runner_charge(window->runner, 8 + (column_type_is_text(column_type(window->out)) ? value.length : 0)))
			return false;
	}
	return true;
}

/* The time at which the row's session began. */
static bool run_session(struct window *window)
{
	struct kql_value start = kql_null(KQL_DATETIME), before = start;

	for (size_t row = 0; row < window->rows && kql_runner_turn(window->runner); row++) {
		struct kql_value time = arg(window, 0, row), most = arg(window, 1, row), between = arg(window, 2, row);

		if (time.null)
			start = time;
		else if (start.null || before.null || restarts(window, 3, row) ||
			(!most.null && time.integer - start.integer >= most.integer) ||
			(!between.null && time.integer - before.integer >= between.integer))
			start = time;
		before = time;
		store(window, &start);
	}
	return true;
}

static bool run_one(struct window *window)
{
	switch (window->call->kind->what) {
	case KQL_ROW_NUMBER:
		return run_number(window);
	case KQL_ROW_CUMSUM:
		return run_cumsum(window);
	case KQL_ROW_RANK_DENSE:
	case KQL_ROW_RANK_MIN:
		return run_rank(window);
	case KQL_PREV:
	case KQL_NEXT:
		return run_neighbour(window);
	case KQL_ROW_SESSION:
		return run_session(window);
	}
	return false;
}

const struct kql_relation *kql_run_windows(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	struct kql_relation *to;

	if (step->window_count == 0)
		return from;
	to = kql_relation_new(runner, step->window_fields, from->count, from->rows);
	to->vectors = kql_arena_zero(&runner->arena, (from->count + step->window_count + 1) * sizeof *to->vectors);
	if (from->count != 0)
		memcpy(to->vectors, from->vectors, from->count * sizeof *to->vectors);
	for (size_t n = 0; n < step->window_count; n++) {
		const struct kql_window *call = &step->windows[n];
		const struct kql_field *field = &step->window_fields[from->count + n];
		struct window window = { .runner = runner, .call = call, .rows = from->rows };
		bool fine = true;

		for (size_t m = 0; m < call->node->count && fine; m++)
			fine = kql_relation_compute(runner, to, call->node->args[m], call->node->args[m]->type, "argument",
				&window.args[m]);
		window.out = kql_runner_column(runner, field->name, field->type);
		fine = fine && kql_runner_charge(runner, from->rows * 8) && run_one(&window) && !runner->stopped;
		kql_arena_clear(&window.scratch);
		if (!fine)
			return NULL;
		to->vectors[to->count++] = (struct kql_vector){ window.out, NULL };
	}
	return to;
}
