/* Runs pipelines. */
#include "config.h"
#include "kql/relation.h"

#include <string.h>

static struct kql_relation *run_where(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	uint32_t *kept = kql_runner_index(runner, from->rows), batch[KQL_BATCH];
	const struct kql_relation *seen = kql_run_windows(runner, step, from);
	struct kql_context context;
	struct kql_run *run;
	size_t count = 0, failed = 0;
	int8_t truth[KQL_BATCH];

	if (seen == NULL)
		return NULL;
	kql_relation_bind(runner, seen, &context);
	run = kql_run_new(&context, step->memos, from->rows);
	for (size_t start = 0; start < from->rows && kql_runner_ask(runner); start += KQL_BATCH) {
		size_t length = MIN(from->rows - start, (size_t)KQL_BATCH);

		for (size_t n = 0; n < length; n++)
			batch[n] = (uint32_t)(start + n);
		kql_run_judge(run, step->plan, batch, length, truth);
		for (size_t n = 0; n < length; n++) {
			kept[count] = batch[n];
			count += truth[n] == KQL_TRUE;
			failed += truth[n] == KQL_TRUTH_FAILED;
		}
	}
	/* A row that cannot be judged must not be left out silently. */
	if (failed != 0)
		error_set(runner->error, ERROR_FAILED, "%zu rows cannot be judged: %s", failed, kql_run_failure(run));
	kql_run_free(run);
	kql_relation_unbind(&context);
	return failed == 0 && !runner->stopped ? kql_relation_pick(runner, from, kept, count) : NULL;
}

struct kql_relation *kql_run_items(struct kql_runner *runner, const struct kql_step *step, const struct kql_relation *from)
{
	struct kql_relation *to = kql_relation_new(runner, step->fields, step->field_count, from->rows);
	const struct kql_relation *seen = kql_run_windows(runner, step, from);

	for (size_t n = 0; n < step->field_count; n++)
		if (step->columns[n] != SIZE_MAX)
			to->vectors[n] = from->vectors[step->columns[n]];
	for (size_t n = 0; n < step->items.count && seen != NULL; n++) {
		const struct kql_item *item = &step->items.items[n];

		if (item->node != NULL && !kql_relation_compute(runner, seen, item->node, step->fields[item->column].type,
			step->fields[item->column].name, &to->vectors[item->column]))
			return NULL;
	}
	return seen != NULL ? to : NULL;
}

/* The result's columns are the input's, chosen and named anew. */
static struct kql_relation *run_choose(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	struct kql_relation *to = kql_relation_new(runner, step->fields, step->field_count, from->rows);

	for (size_t n = 0; n < step->field_count; n++)
		to->vectors[n] = from->vectors[step->columns[n]];
	return to;
}

bool kql_run_number(struct kql_runner *runner, const struct kql_node *node, size_t *number)
{
	struct kql_context context = { .now_ticks = runner->now_ticks, .scalars = runner->scalars };
	struct kql_value value;

	kql_compute_node(&context, node, &value);
	kql_context_clear(&context);
	if (value.null || (value.type != KQL_INT && value.type != KQL_LONG) || value.integer < 0)
		return error_set(runner->error, ERROR_FAILED, "the number of rows to take is none");
	*number = (size_t)value.integer;
	return true;
}

static struct kql_relation *run_take(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	size_t number;
	uint32_t *rows;

	if (!kql_run_number(runner, step->node, &number))
		return NULL;
	number = MIN(number, from->rows);
	rows = kql_runner_index(runner, number);
	for (size_t n = 0; n < number; n++)
		rows[n] = (uint32_t)n;
	return kql_relation_pick(runner, from, rows, number);
}

static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* sample N: rows by chance, each as likely as another, in their order. The same instant gives the same ones. */
static struct kql_relation *run_sample(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	uint64_t state = (uint64_t)runner->now_ticks;
	size_t number, count = 0;
	uint32_t *rows;

	if (!kql_run_number(runner, step->node, &number))
		return NULL;
	number = MIN(number, from->rows);
	rows = kql_runner_index(runner, number);
	for (size_t row = 0; row < from->rows && count < number; row++)
		if (random_next(&state) % (from->rows - row) < number - count)
			rows[count++] = (uint32_t)row;
	return kql_relation_pick(runner, from, rows, count);
}

static struct kql_relation *run_count(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	struct kql_relation *to = kql_relation_new(runner, step->fields, step->field_count, 1);
	struct column *column = kql_runner_column(runner, step->fields[0].name, KQL_LONG);

	column_append_int(column, (int64_t)from->rows);
	to->vectors[0].column = column;
	return to;
}

static void append_string(struct column *column, const char *text)
{
	column_append_text(column, text, strlen(text));
}

static struct kql_relation *run_schema(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	static const char *const clr[] = {
		[KQL_BOOL] = "System.SByte", [KQL_INT] = "System.Int32", [KQL_LONG] = "System.Int64", [KQL_REAL] = "System.Double",
		[KQL_DECIMAL] = "System.Data.SqlTypes.SqlDecimal", [KQL_DATETIME] = "System.DateTime",
		[KQL_TIMESPAN] = "System.TimeSpan", [KQL_GUID] = "System.Guid", [KQL_STRING] = "System.String",
		[KQL_DYNAMIC] = "System.Object",
	};
	struct kql_relation *to = kql_relation_new(runner, step->fields, step->field_count, from->count);
	struct column *columns[4];

	for (size_t n = 0; n < 4; n++)
		to->vectors[n].column = columns[n] = kql_runner_column(runner, step->fields[n].name, step->fields[n].type);
	for (size_t n = 0; n < from->count; n++) {
		append_string(columns[0], from->fields[n].name);
		column_append_int(columns[1], (int64_t)n);
		append_string(columns[2], clr[from->fields[n].type]);
		append_string(columns[3], kql_type_name(from->fields[n].type));
	}
	return to;
}

static struct kql_relation *run_top(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	size_t number;

	return kql_run_number(runner, step->node, &number) ? kql_run_sort(runner, &step->by, from, number) : NULL;
}

static struct kql_relation *run_distinct(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	const struct kql_relation *chosen = kql_run_items(runner, step, from);

	return chosen != NULL ? kql_run_distinct(runner, chosen) : NULL;
}

static struct kql_relation *run_join(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	const struct kql_relation *right = kql_run_pipe(runner, step->pipes[0]);

	return right != NULL ? kql_run_join(runner, step, from, right) : NULL;
}

/* What a table is called in withsource: the name that `as` gave it before a step (the end, if that is NULL), or its own. */
static const char *pipe_name(const struct kql_pipe *pipe, const struct kql_step *before, char *made, size_t size,
	size_t number)
{
	for (const struct kql_pipe *named = pipe; named != NULL; named = named->inner, before = NULL) {
		const char *given = NULL;

		for (const struct kql_step *step = named->first; step != NULL && step != before; step = step->next)
			given = step->kind == KQL_STEP_AS ? step->name : given;
		if (given != NULL)
			return given;
		if (named->source != KQL_FROM_PIPE || named->name != NULL)
			break;
	}
	if (pipe != NULL && pipe->name != NULL && (before == NULL || pipe->first == before) &&
		(pipe->source == KQL_FROM_NAME || pipe->source == KQL_FROM_PIPE))
		return pipe->name;
	g_snprintf(made, size, "union_arg%zu", number);
	return made;
}

static struct kql_relation *run_union(struct kql_runner *runner, const struct kql_step *step, const struct kql_pipe *pipe,
	const struct kql_relation *from)
{
	size_t first = from != NULL ? 1 : 0, count = step->pipe_count + first;
	const struct kql_relation **inputs = kql_arena_alloc(&runner->arena, (count + 1) * sizeof *inputs);
	const char **names = kql_arena_alloc(&runner->arena, (count + 1) * sizeof *names);

	for (size_t n = 0; n < count; n++) {
		char made[32];
		const char *name = pipe_name(n < first ? pipe : step->pipes[n - first], n < first ? step : NULL, made, sizeof made, n);

		inputs[n] = n < first ? from : kql_run_pipe(runner, step->pipes[n - first]);
		if (inputs[n] == NULL)
			return NULL;
		names[n] = kql_arena_copy(&runner->arena, name, strlen(name));
	}
	return kql_run_union(runner, step, inputs, names, count);
}

static struct kql_relation *run_step(struct kql_runner *runner, const struct kql_pipe *pipe, const struct kql_step *step,
	struct kql_relation *from)
{
	switch (step->kind) {
	case KQL_STEP_WHERE:
		return run_where(runner, step, from);
	case KQL_STEP_PROJECT:
	case KQL_STEP_EXTEND:
	case KQL_STEP_SERIALIZE:
		return kql_run_items(runner, step, from);
	case KQL_STEP_AWAY:
	case KQL_STEP_KEEP:
	case KQL_STEP_REORDER:
	case KQL_STEP_RENAME:
		return run_choose(runner, step, from);
	case KQL_STEP_DISTINCT:
		return run_distinct(runner, step, from);
	case KQL_STEP_TAKE:
		return run_take(runner, step, from);
	case KQL_STEP_SORT:
		return kql_run_sort(runner, &step->by, from, SIZE_MAX);
	case KQL_STEP_TOP:
		return run_top(runner, step, from);
	case KQL_STEP_COUNT:
		return run_count(runner, step, from);
	case KQL_STEP_SCHEMA:
		return run_schema(runner, step, from);
	case KQL_STEP_SUMMARIZE:
		return kql_run_summarize(runner, step, from);
	case KQL_STEP_JOIN:
	case KQL_STEP_LOOKUP:
		return run_join(runner, step, from);
	case KQL_STEP_UNION:
		return run_union(runner, step, pipe, from);
	case KQL_STEP_EXPAND:
		return kql_run_expand(runner, step, from, NULL);
	case KQL_STEP_APPLY:
		return kql_run_apply(runner, step, from);
	case KQL_STEP_PARTITION:
		return kql_run_partition(runner, step, from);
	case KQL_STEP_PARSE:
		return kql_run_parse(runner, step, from);
	case KQL_STEP_PARSE_KV:
		return kql_run_parse_kv(runner, step, from);
	case KQL_STEP_EVALUATE:
		return kql_run_evaluate(runner, step, from);
	case KQL_STEP_SERIES:
		return kql_run_series(runner, step, from);
	case KQL_STEP_SAMPLE:
		return run_sample(runner, step, from);
	case KQL_STEP_SAMPLE_DISTINCT:
	case KQL_STEP_HITTERS:
	case KQL_STEP_SEARCH:
	case KQL_STEP_INVOKE:
		break; /* the checker has made other steps of them */
	case KQL_STEP_AS:
	case KQL_STEP_RENDER:
		return from;
	}
	return NULL;
}

/* One row with the values of print. */
static struct kql_relation *run_print(struct kql_runner *runner, const struct kql_pipe *pipe)
{
	const struct kql_relation *one = kql_relation_new(runner, NULL, 0, 1);
	struct kql_relation *to = kql_relation_new(runner, pipe->source_fields, pipe->source_count, 1);

	for (size_t n = 0; n < pipe->source_count; n++)
		if (!kql_relation_compute(runner, one, pipe->items.items[n].node, pipe->source_fields[n].type,
			pipe->source_fields[n].name, &to->vectors[n]))
			return NULL;
	return to;
}

static struct kql_relation *run_range(struct kql_runner *runner, const struct kql_pipe *pipe)
{
	enum kql_type type = pipe->source_fields[0].type;
	struct column *column = kql_runner_column(runner, pipe->source_fields[0].name, type);
	struct kql_context context = { .now_ticks = runner->now_ticks, .scalars = runner->scalars };
	struct kql_value at, to, step, zero = kql_integer(KQL_LONG, 0);
	struct kql_relation *relation = NULL;
	size_t rows = 0;
	int sign;

	kql_compute_node(&context, pipe->items.items[0].node, &at);
	kql_compute_node(&context, pipe->items.items[1].node, &to);
	kql_compute_node(&context, pipe->items.items[2].node, &step);
	if (step.type == KQL_TIMESPAN)
		zero.type = KQL_TIMESPAN;
	sign = at.null || to.null || step.null ? 0 : kql_value_compare(&context.arena, &step, &zero);
	while ((sign == 1 || sign == -1) && !at.null && kql_runner_rows(runner, rows)) {
		int order = kql_value_compare(&context.arena, &at, &to);
		struct kql_value cast;

		if (order == sign || order == 2)
			break;
		cast = kql_value_cast(&context.arena, &at, type);
		kql_value_store(column, &cast);
		rows++;
		if (!kql_runner_turn(runner))
			break;
		at = kql_arithmetic(&context, KQL_OP_ADD, &at, &step);
	}
	if (!runner->stopped && kql_runner_rows(runner, rows)) {
		relation = kql_relation_new(runner, pipe->source_fields, 1, rows);
		relation->vectors[0].column = column;
	}
	kql_context_clear(&context);
	return relation;
}

static struct kql_relation *run_datatable(struct kql_runner *runner, const struct kql_pipe *pipe)
{
	size_t rows = pipe->items.count / pipe->source_count;
	struct kql_relation *to = kql_relation_new(runner, pipe->source_fields, pipe->source_count, rows);

	for (size_t n = 0; n < pipe->source_count; n++) {
		struct column *column = kql_runner_column(runner, pipe->source_fields[n].name, pipe->source_fields[n].type);

		for (size_t row = 0; row < rows; row++) {
			const struct kql_node *node = pipe->items.items[row * pipe->source_count + n].node;
			struct kql_value cast = kql_value_cast(&runner->arena, &node->value, pipe->source_fields[n].type);

			kql_value_store(column, &cast);
		}
		to->vectors[n].column = column;
	}
	return to;
}

static struct kql_relation *run_source(struct kql_runner *runner, struct kql_pipe *pipe)
{
	switch (pipe->source) {
	case KQL_FROM_NAME:
	case KQL_FROM_DEFAULT:
		if (pipe->inner != NULL)
			return kql_run_pipe(runner, pipe->inner);
		return kql_relation_of_table(runner, pipe);
	case KQL_FROM_PIPE:
		return kql_run_pipe(runner, pipe->inner);
	case KQL_FROM_PRINT:
		return run_print(runner, pipe);
	case KQL_FROM_RANGE:
		return run_range(runner, pipe);
	case KQL_FROM_DATATABLE:
		return run_datatable(runner, pipe);
	case KQL_FROM_UNION:
		break;
	case KQL_FROM_CALL:
	case KQL_FROM_SEARCH:
	case KQL_FROM_INPUT:
		return NULL; /* the checker has put something else in their place; rows lie in the slot */
	}
	return run_union(runner, pipe->first, pipe, NULL);
}

struct kql_relation *kql_run_pipe(struct kql_runner *runner, struct kql_pipe *pipe)
{
	struct kql_relation *relation;
	struct kql_step *step = pipe->first;

	if (pipe->staged != NULL)
		return (struct kql_relation *)pipe->staged;
	if (pipe->slot != SIZE_MAX && runner->lets[pipe->slot] != NULL)
		return runner->lets[pipe->slot];
	if (pipe->slot != SIZE_MAX && runner->parent != NULL && (pipe->slot < runner->first_slot ||
		pipe->slot >= runner->last_slot)) {
		relation = kql_run_pipe(runner->parent, pipe);
		runner->stopped = runner->parent->stopped;
		return relation;
	}
	relation = run_source(runner, pipe);
	if (pipe->source == KQL_FROM_UNION)
		step = step->next;
	for (; step != NULL && relation != NULL; step = step->next) {
		relation = run_step(runner, pipe, step, relation);
		if (relation != NULL && (runner->stopped || !kql_runner_rows(runner, relation->rows)))
			return NULL;
	}
	if (pipe->slot != SIZE_MAX)
		runner->lets[pipe->slot] = relation;
	return relation;
}
