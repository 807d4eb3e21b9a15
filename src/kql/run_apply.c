/* mv-apply and partition: a pipe is run for one part of the rows after another. */
#include "config.h"
#include "kql/relation.h"

#include <string.h>

struct parts {
	struct kql_runner *runner;
	const struct kql_apply *apply;
	const struct kql_relation *from; /* of which the parts are */
	struct column **columns;         /* of the results, put together */
	size_t rows;
};

static void column_destroy(gpointer column)
{
	column_free(column);
}

static bool append_rows(struct parts *parts, const struct kql_relation *result)
{
	for (size_t n = 0; n < result->count; n++) {
		const struct kql_vector *vector = &result->vectors[n];

		for (size_t row = 0; row < result->rows; row++) {
			size_t place = vector->index != NULL ? vector->index[row] : row, length = 0;

			if (place == KQL_NO_ROW) {
				column_append_null(parts->columns[n]);
				continue;
			}
			column_append_from(parts->columns[n], vector->column, place);
			if (column_type_is_text(column_type(vector->column)))
				column_text(vector->column, place, &length);
			if (!kql_runner_turn(parts->runner) || !kql_runner_charge(parts->runner, 8 + length))
				return false;
		}
	}
	parts->rows += result->rows;
	return kql_runner_rows(parts->runner, parts->rows);
}

/* Runs the pipe over some rows. What it makes on the way is given back before the next part. */
static bool run_part(struct parts *parts, const uint32_t *rows, size_t count)
{
	struct kql_runner child = *parts->runner;
	const struct kql_relation *result;
	bool fine = false;

	child.parent = parts->runner;
	child.first_slot = parts->apply->pipe->inner->slot;
	child.last_slot = parts->apply->last_slot;
	child.arena = (struct kql_arena){ 0 };
	child.columns = g_ptr_array_new_with_free_func(column_destroy);
	child.indexes = g_ptr_array_new_with_free_func(g_free);
	for (size_t slot = parts->apply->first_slot; slot < parts->apply->last_slot; slot++)
		child.lets[slot] = NULL;
	child.lets[parts->apply->pipe->inner->slot] = kql_relation_pick(&child, parts->from, rows, count);
	result = child.lets[parts->apply->pipe->inner->slot] != NULL ? kql_run_pipe(&child, parts->apply->pipe) : NULL;
	parts->runner->work = child.work;
	parts->runner->stopped = child.stopped;
	if (result != NULL)
		fine = append_rows(parts, result);
	g_ptr_array_unref(child.columns);
	g_ptr_array_unref(child.indexes);
	kql_arena_clear(&child.arena);
	return fine;
}

static void parts_begin(struct parts *parts, struct kql_runner *runner, const struct kql_apply *apply)
{
	const struct kql_pipe *pipe = apply->pipe;

	parts->runner = runner;
	parts->apply = apply;
	parts->columns = kql_arena_zero(&runner->arena, (pipe->field_count + 1) * sizeof *parts->columns);
	for (size_t n = 0; n < pipe->field_count; n++)
		parts->columns[n] = kql_runner_column(runner, pipe->fields[n].name, pipe->fields[n].type);
}

struct kql_relation *kql_run_apply(struct kql_runner *runner, const struct kql_step *step, const struct kql_relation *from)
{
	struct parts parts = { .rows = 0 };
	AUTO(g_array_unref) GArray *of = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	const uint32_t *origins = NULL;
	uint32_t *rows, *index;
	const struct kql_relation *picked;
	struct kql_relation *to;

	parts_begin(&parts, runner, step->apply);
	parts.from = kql_run_expand(runner, step->apply->expand, from, &origins);
	if (parts.from == NULL)
		return NULL;
	rows = kql_runner_index(runner, parts.from->rows);
	for (size_t start = 0, end; start < parts.from->rows; start = end) {
		uint32_t origin = origins[start];
		size_t before = parts.rows;

		for (end = start; end < parts.from->rows && origins[end] == origin; end++)
			rows[end] = (uint32_t)end;
		if (!run_part(&parts, rows + start, end - start))
			return NULL;
		for (; before < parts.rows; before++)
			g_array_append_val(of, origin);
	}
	index = kql_runner_index(runner, of->len);
	if (of->len != 0)
		memcpy(index, of->data, of->len * sizeof *index);
	picked = kql_relation_pick(runner, from, index, of->len);
	if (picked == NULL)
		return NULL;
	to = kql_relation_new(runner, step->fields, step->field_count, of->len);
	for (size_t n = 0; n < step->field_count; n++)
		to->vectors[n] = step->columns[n] < from->count ? picked->vectors[step->columns[n]] :
			(struct kql_vector){ parts.columns[step->columns[n] - from->count], NULL };
	return to;
}

uint32_t *kql_group_order(struct kql_runner *runner, const uint32_t *ids, size_t rows, size_t groups, size_t **firsts)
{
	uint32_t *order = kql_runner_index(runner, rows);
	size_t *starts = *firsts = kql_arena_alloc(&runner->arena, (groups + 2) * sizeof *starts);

	memset(starts, 0, (groups + 1) * sizeof *starts);
	for (size_t row = 0; row < rows; row++)
		starts[ids[row] + 1]++;
	for (size_t group = 0; group < groups; group++)
		starts[group + 1] += starts[group];
	for (size_t row = 0; row < rows; row++)
		order[starts[ids[row]]++] = (uint32_t)row;
	for (size_t group = groups; group > 0; group--)
		starts[group] = starts[group - 1];
	starts[0] = 0;
	return order;
}

struct kql_relation *kql_run_partition(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	struct parts parts = { .rows = 0 };
	const struct kql_node *key = step->apply->key;
	uint32_t *ids = kql_runner_index(runner, from->rows), *firsts = kql_runner_index(runner, from->rows), *order;
	struct kql_vector vector = { NULL, NULL };
	struct kql_relation *to;
	size_t groups, *starts;

	parts_begin(&parts, runner, step->apply);
	parts.from = from;
	if (!kql_relation_compute(runner, from, key, key->type, "key", &vector))
		return NULL;
	groups = kql_group_rows(runner, &vector, &key->type, 1, from->rows, NULL, ids, firsts);
	if (runner->stopped)
		return NULL;
	order = kql_group_order(runner, ids, from->rows, groups, &starts);
	for (size_t group = 0; group < groups; group++)
		if (!run_part(&parts, order + starts[group], starts[group + 1] - starts[group]))
			return NULL;
	to = kql_relation_new(runner, step->fields, step->field_count, parts.rows);
	for (size_t n = 0; n < step->field_count; n++)
		to->vectors[n].column = parts.columns[n];
	return to;
}
