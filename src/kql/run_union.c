/* union: the rows of several tables one behind the other. A column that only one of them has is not copied. */
#include "config.h"
#include "kql/relation.h"

#include <string.h>

struct join_up {
	struct kql_runner *runner;
	const struct kql_step *step;
	const struct kql_relation *const *inputs;
	size_t count, rows;
	struct kql_relation *to;
	size_t *soles;         /* by column of the result, the only input that has it, or SIZE_MAX */
	const uint32_t **olds; /* and the index there */
};

static size_t sole_input(const struct join_up *join, size_t out)
{
	size_t sole = SIZE_MAX;

	for (size_t n = 0; n < join->count; n++) {
		if (join->step->sources[n][out] == SIZE_MAX)
			continue;
		if (sole != SIZE_MAX)
			return SIZE_MAX;
		sole = n;
	}
	return sole;
}

/* The column as it is: an index finds its rows among those of all inputs. Columns of one input share it. */
static bool keep_column(struct join_up *join, size_t out, size_t sole)
{
	const struct kql_vector *vector = &join->inputs[sole]->vectors[join->step->sources[sole][out]];
	uint32_t *index;
	size_t at = 0;

	join->soles[out] = sole;
	join->olds[out] = vector->index;
	join->to->vectors[out].column = vector->column;
	for (size_t n = 0; n < out; n++)
		if (join->soles[n] == sole && join->olds[n] == vector->index) {
			join->to->vectors[out].index = join->to->vectors[n].index;
			return true;
		}
	index = kql_runner_index(join->runner, join->rows);
	for (size_t n = 0; n < join->count; n++)
		for (size_t row = 0; row < join->inputs[n]->rows; row++, at++) {
			index[at] = n != sole ? KQL_NO_ROW : vector->index != NULL ? vector->index[row] : (uint32_t)row;
			if (!kql_runner_turn(join->runner))
				return false;
		}
	join->to->vectors[out].index = index;
	return kql_runner_charge(join->runner, 0);
}

static bool copy_column(struct join_up *join, size_t out)
{
	const struct kql_field *field = &join->step->fields[out];
	struct column *column = kql_runner_column(join->runner, field->name, field->type);

	for (size_t n = 0; n < join->count; n++) {
		size_t source = join->step->sources[n][out];
		const struct kql_vector *vector = source != SIZE_MAX ? &join->inputs[n]->vectors[source] : NULL;

		for (size_t row = 0; row < join->inputs[n]->rows; row++) {
			size_t place = vector == NULL ? KQL_NO_ROW : vector->index != NULL ? vector->index[row] : row;

			if (!kql_runner_turn(join->runner))
				return false;
			if (place == KQL_NO_ROW)
				column_append_null(column);
			else
				column_append_from(column, vector->column, place);
		}
	}
	join->to->vectors[out].column = column;
	return kql_runner_charge(join->runner, join->rows * 8);
}

/* withsource: a text for each input, to which its rows lead. */
static bool name_rows(struct join_up *join, const char *const *names)
{
	struct column *column = kql_runner_column(join->runner, join->step->name, KQL_STRING);
	uint32_t *index = kql_runner_index(join->runner, join->rows);
	size_t at = 0;

	for (size_t n = 0; n < join->count; n++) {
		column_append_text(column, names[n], strlen(names[n]));
		for (size_t row = 0; row < join->inputs[n]->rows; row++)
			index[at++] = (uint32_t)n;
	}
	join->to->vectors[0] = (struct kql_vector){ column, index };
	return kql_runner_charge(join->runner, 0);
}

struct kql_relation *kql_run_union(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *const *inputs, const char *const *names, size_t count)
{
	struct join_up join = { .runner = runner, .step = step, .inputs = inputs, .count = count };
	size_t first = step->name != NULL ? 1 : 0;

	for (size_t n = 0; n < count; n++)
		join.rows += inputs[n]->rows;
	if (!kql_runner_rows(runner, join.rows))
		return NULL;
	join.to = kql_relation_new(runner, step->fields, step->field_count, join.rows);
	join.soles = kql_arena_alloc(&runner->arena, (step->field_count + 1) * sizeof *join.soles);
	join.olds = kql_arena_zero(&runner->arena, (step->field_count + 1) * sizeof *join.olds);
	for (size_t out = 0; out < step->field_count; out++) {
		size_t sole = out >= first ? sole_input(&join, out) : SIZE_MAX;

		join.soles[out] = SIZE_MAX;
		if (out < first ? !name_rows(&join, names) : sole != SIZE_MAX ? !keep_column(&join, out, sole) :
			!copy_column(&join, out))
			return NULL;
	}
	return join.to;
}
