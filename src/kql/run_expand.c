/* mv-expand. */
#include "config.h"
#include "kql/relation.h"

#include <string.h>

#define LEGACY_LIMIT 128 /* rows that mvexpand, as it was spelt once, makes of one */

/* A member as a bag of its own, or as [key, value]. */
static struct kql_value pair(struct kql_arena *arena, const struct kql_json_walk *walk, bool array)
{
	AUTO(g_string) GString *bag = g_string_new(array ? "[" : "{");

	g_string_append_len(bag, walk->key.text, (gssize)walk->key.length);
	g_string_append_c(bag, array ? ',' : ':');
	g_string_append_len(bag, walk->value.text, (gssize)walk->value.length);
	g_string_append_c(bag, array ? ']' : '}');
	return kql_text(KQL_DYNAMIC, kql_arena_copy(arena, bag->str, bag->len), bag->len);
}

/* The pieces of a value one after another: the elements, the members; a scalar is its only piece. Then nulls. */
static struct kql_value next_piece(struct kql_arena *arena, const struct kql_value *value, struct kql_json_walk *walk,
	size_t n, bool array)
{
	enum kql_json_kind kind = value->null ? KQL_JSON_NULL : kql_json_kind(kql_slice_of(value));

	if (kind != KQL_JSON_ARRAY && kind != KQL_JSON_OBJECT)
		return n == 0 ? *value : kql_null(KQL_DYNAMIC);
	if (!kql_json_next(walk))
		return kql_null(KQL_DYNAMIC);
	return kind == KQL_JSON_ARRAY ? kql_dynamic(walk->value) : pair(arena, walk, array);
}

/* How many rows a row becomes: as many as its longest value has pieces. One without pieces to have gives one row, an
 * empty array or bag none. */
static size_t piece_count(const struct kql_vector *vectors, size_t count, size_t row, struct kql_arena *arena)
{
	size_t most = 0;

	for (size_t n = 0; n < count; n++) {
		struct kql_value value = kql_vector_value(&vectors[n], KQL_DYNAMIC, row, arena);
		enum kql_json_kind kind = value.null ? KQL_JSON_NULL : kql_json_kind(kql_slice_of(&value));

		if (kind == KQL_JSON_ARRAY || kind == KQL_JSON_OBJECT)
			most = MAX(most, kql_json_length(kql_slice_of(&value)));
		else
			most = MAX(most, 1);
	}
	return most;
}

/* to typeof(T): a number that is written as a text is none. */
static struct kql_value piece_as(struct kql_arena *arena, const struct kql_value *part, enum kql_type type)
{
	bool text = !part->null && kql_json_kind(kql_slice_of(part)) == KQL_JSON_STRING;

	if (text && (kql_type_is_number(type) || type == KQL_BOOL))
		return kql_null(type);
	return kql_value_cast(arena, part, type);
}

/* Appends the pieces of one row to the items' columns. */
static bool expand_row(struct kql_runner *runner, const struct kql_step *step, const struct kql_vector *vectors,
	struct column *const *columns, size_t row, size_t pieces)
{
	struct kql_arena arena = { 0 };
	bool fine = true;

	for (size_t n = 0; n < step->items.count && fine; n++) {
		struct kql_value value = kql_vector_value(&vectors[n], KQL_DYNAMIC, row, &arena);
		struct kql_json_walk walk = kql_json_walk(kql_slice_of(&value));

		for (size_t m = 0; m < pieces && fine; m++) {
			struct kql_value part = next_piece(&arena, &value, &walk, m, step->inner);

			part = piece_as(&arena, &part, step->fields[step->items.items[n].column].type);
			kql_value_store(columns[n], &part);
			fine = kql_runner_charge(runner, 8 + part.length) && kql_runner_turn(runner);
		}
	}
	kql_arena_clear(&arena);
	return fine;
}

struct expansion {
	struct kql_vector *vectors;
	struct column **columns;
	struct column *numbers;
	GArray *rows;
	size_t limit;
};

static bool expand_rows(struct kql_runner *runner, const struct kql_step *step, const struct kql_relation *from,
	struct expansion *expansion)
{
	struct kql_arena arena = { 0 };
	bool fine = true;

	for (size_t row = 0; row < from->rows && fine; row++) {
		size_t pieces = MIN(piece_count(expansion->vectors, step->items.count, row, &arena), expansion->limit);
		uint32_t number = (uint32_t)row;

		kql_arena_reset(&arena);
		for (size_t n = 0; n < pieces; n++) {
			g_array_append_val(expansion->rows, number);
			if (expansion->numbers != NULL)
				column_append_int(expansion->numbers, (int64_t)n);
		}
		fine = kql_runner_turn(runner) && kql_runner_rows(runner, expansion->rows->len) &&
			expand_row(runner, step, expansion->vectors, expansion->columns, row, pieces);
	}
	kql_arena_clear(&arena);
	return fine;
}

static struct kql_relation *expanded(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from, const struct expansion *expansion, const uint32_t **origins)
{
	size_t count = expansion->rows->len;
	uint32_t *index = kql_runner_index(runner, count);
	const struct kql_relation *spread;
	struct kql_relation *to;

	if (count != 0)
		memcpy(index, expansion->rows->data, count * sizeof *index);
	if (origins != NULL)
		*origins = index;
	spread = kql_relation_pick(runner, from, index, count);
	if (spread == NULL)
		return NULL;
	to = kql_relation_new(runner, step->fields, step->field_count, count);
	for (size_t n = 0; n < step->field_count; n++)
		if (step->columns[n] != SIZE_MAX)
			to->vectors[n] = spread->vectors[step->columns[n]];
	for (size_t n = 0; n < step->items.count; n++)
		to->vectors[step->items.items[n].column] = (struct kql_vector){ expansion->columns[n], NULL };
	if (expansion->numbers != NULL)
		to->vectors[step->field_count - 1] = (struct kql_vector){ expansion->numbers, NULL };
	return to;
}

struct kql_relation *kql_run_expand(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from, const uint32_t **origins)
{
	struct expansion expansion = { .limit = step->legacy ? LEGACY_LIMIT : SIZE_MAX };
	struct kql_relation *to = NULL;
	bool fine = step->node == NULL || kql_run_number(runner, step->node, &expansion.limit);

	expansion.vectors = kql_arena_zero(&runner->arena, (step->items.count + 1) * sizeof *expansion.vectors);
	expansion.columns = kql_arena_zero(&runner->arena, (step->items.count + 1) * sizeof *expansion.columns);
	expansion.numbers = step->name != NULL ? kql_runner_column(runner, step->name, KQL_LONG) : NULL;
	expansion.rows = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	for (size_t n = 0; n < step->items.count && fine; n++) {
		const struct kql_field *field = &step->fields[step->items.items[n].column];

		fine = kql_relation_compute(runner, from, step->items.items[n].node, KQL_DYNAMIC, field->name,
			&expansion.vectors[n]);
		expansion.columns[n] = kql_runner_column(runner, field->name, field->type);
	}
	if (fine && expand_rows(runner, step, from, &expansion))
		to = expanded(runner, step, from, &expansion, origins);
	g_array_unref(expansion.rows);
	return to;
}
