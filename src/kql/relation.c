#include "config.h"
#include "kql/relation.h"

#include <string.h>

bool kql_runner_ask(struct kql_runner *runner)
{
	if (!runner->stopped && runner->limits.turn != NULL && !runner->limits.turn(runner->limits.data)) {
		runner->stopped = true;
		error_set(runner->error, ERROR_INTERRUPTED, "interrupted");
	}
	return !runner->stopped;
}

bool kql_runner_charge(struct kql_runner *runner, size_t bytes)
{
	runner->bytes += bytes;
	if (runner->bytes <= runner->limits.bytes)
		return true;
	error_set(runner->error, ERROR_FAILED, "the query needs more than %zu MB of memory", runner->limits.bytes >> 20);
	error_hint(runner->error, "narrow it down earlier, with 'where' or 'project'");
	return false;
}

bool kql_runner_rows(struct kql_runner *runner, size_t rows)
{
	if (rows <= runner->limits.rows)
		return true;
	error_set(runner->error, ERROR_FAILED, "a result on the way has more than %zu rows", runner->limits.rows);
	error_hint(runner->error, "narrow it down earlier, with 'where' or another kind of join");
	return false;
}

uint32_t *kql_runner_index(struct kql_runner *runner, size_t rows)
{
	uint32_t *index = g_new(uint32_t, rows + 1);

	runner->bytes += rows * sizeof *index;
	g_ptr_array_add(runner->indexes, index);
	return index;
}

struct column *kql_runner_column(struct kql_runner *runner, const char *name, enum kql_type type)
{
	struct column *column = column_new(name, kql_type_column(type));

	g_ptr_array_add(runner->columns, column);
	return column;
}

struct kql_relation *kql_relation_new(struct kql_runner *runner, const struct kql_field *fields, size_t count, size_t rows)
{
	struct kql_relation *relation = kql_arena_zero(&runner->arena, sizeof *relation);

	relation->fields = fields;
	relation->count = count;
	relation->rows = rows;
	relation->vectors = kql_arena_zero(&runner->arena, (count + 1) * sizeof *relation->vectors);
	return relation;
}

struct kql_relation *kql_relation_of_table(struct kql_runner *runner, const struct kql_pipe *pipe)
{
	size_t rows = pipe->rows != NULL ? pipe->row_count : table_rows(pipe->table);
	struct kql_relation *relation = kql_relation_new(runner, pipe->source_fields, pipe->source_count, rows);

	for (size_t n = 0; n < pipe->source_count; n++)
		relation->vectors[n] = (struct kql_vector){ table_column(pipe->table, n), pipe->rows };
	return kql_runner_rows(runner, relation->rows) ? relation : NULL;
}

/* Columns that share an index share the new one, too. */
struct kql_relation *kql_relation_pick(struct kql_runner *runner, const struct kql_relation *from, const uint32_t *rows,
	size_t count)
{
	struct kql_relation *to = kql_relation_new(runner, from->fields, from->count, count);

	for (size_t n = 0; n < from->count; n++) {
		const uint32_t *old = from->vectors[n].index;
		uint32_t *index;

		to->vectors[n].column = from->vectors[n].column;
		if (old == NULL) {
			to->vectors[n].index = rows;
			continue;
		}
		for (size_t m = 0; m < n && to->vectors[n].index == NULL; m++)
			if (from->vectors[m].index == old)
				to->vectors[n].index = to->vectors[m].index;
		if (to->vectors[n].index != NULL)
			continue;
		index = kql_runner_index(runner, count);
		for (size_t row = 0; row < count; row++)
			index[row] = rows[row] == KQL_NO_ROW ? KQL_NO_ROW : old[rows[row]];
		to->vectors[n].index = index;
	}
	return kql_runner_charge(runner, 0) ? to : NULL;
}

static bool ask(void *runner)
{
	return kql_runner_ask(runner);
}

void kql_relation_bind(struct kql_runner *runner, const struct kql_relation *from, struct kql_context *context)
{
	const struct column **columns = g_new0(const struct column *, from->count + 1);
	const uint32_t **indexes = g_new0(const uint32_t *, from->count + 1);

	for (size_t n = 0; n < from->count; n++) {
		columns[n] = from->vectors[n].column;
		indexes[n] = from->vectors[n].index;
	}
	*context = (struct kql_context){ .columns = columns, .indexes = indexes, .now_ticks = runner->now_ticks,
		.scalars = runner->scalars, .turn = ask, .turn_data = runner };
}

void kql_relation_unbind(struct kql_context *context)
{
	g_free((void *)context->columns);
	g_free((void *)context->indexes);
	kql_context_clear(context);
}

static bool store(struct kql_runner *runner, struct kql_context *context, struct column *column, enum kql_type type,
	const struct kql_value *value)
{
	struct kql_value cast;

	if (context->failure != NULL)
		return error_set(runner->error, ERROR_FAILED, "the query cannot be computed: %s", context->failure);
	cast = kql_value_cast(&context->arena, value, type);
	kql_value_store(column, &cast);
	return kql_runner_charge(runner, 8 + (column_type_is_text(column_type(column)) ? cast.length : 0));
}

bool kql_relation_compute(struct kql_runner *runner, const struct kql_relation *from, const struct kql_node *node,
	enum kql_type type, const char *name, struct kql_vector *vector)
{
	struct column *column;
	struct kql_context context;
	bool fine = true;

	if (node->compute == kql_compute_column && from->fields[node->column].type == type) {
		*vector = from->vectors[node->column];
		return true;
	}
	column = kql_runner_column(runner, name, type);
	kql_relation_bind(runner, from, &context);
	for (size_t row = 0; row < from->rows && fine; row++) {
		struct kql_value value;

		context.row = row;
		kql_arena_reset(&context.arena);
		kql_compute_node(&context, node, &value);
		fine = store(runner, &context, column, type, &value) && kql_runner_turn(runner);
	}
	kql_relation_unbind(&context);
	*vector = (struct kql_vector){ column, NULL };
	return fine;
}

struct kql_value kql_vector_value(const struct kql_vector *vector, enum kql_type type, size_t row, struct kql_arena *arena)
{
	size_t place = vector->index != NULL ? vector->index[row] : row;

	return place == KQL_NO_ROW ? kql_null(type) : kql_value_read(vector->column, type, place, arena);
}

bool kql_vector_is_null(const struct kql_vector *vector, enum kql_type type, size_t row)
{
	size_t place = vector->index != NULL ? vector->index[row] : row;

	if (type == KQL_STRING)
		return false;
	if (place == KQL_NO_ROW)
		return true;
	if (type == KQL_DECIMAL)
		return *column_text(vector->column, place, NULL) == '\0';
	return column_is_null(vector->column, place);
}
