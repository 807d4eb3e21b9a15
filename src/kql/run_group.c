/* Grouping, and summarize. */
#include "config.h"
#include "kql/relation.h"

#include <string.h>

#include "kql/aggregate.h"
#include "kql/fold.h"

/* A text column in which texts come twice gets codes of its own, by row; NULL for any other. */
static uint32_t *distinct_codes(const struct kql_vector *vector, size_t rows)
{
	AUTO(dictionary_free) struct dictionary *seen = NULL;
	uint32_t *codes;

	if (!column_type_is_text(column_type(vector->column)) || column_is_distinct(vector->column))
		return NULL;
	seen = dictionary_new();
	codes = g_new(uint32_t, rows + 1);
	for (size_t row = 0; row < rows; row++) {
		size_t place = vector->index != NULL ? vector->index[row] : row, length;
		const char *text;

		codes[row] = COLUMN_NULL_CODE;
		if (place == KQL_NO_ROW || column_is_null(vector->column, place))
			continue;
		text = column_text(vector->column, place, &length);
		codes[row] = dictionary_code(seen, text, length);
	}
	return codes;
}

/* One key of one row in nine bytes: whether there is a value, and the value or its code. Within one column a code stands
 * for one text. */
static void key_bytes(const struct kql_vector *vector, const uint32_t *codes, enum kql_type type, size_t row,
	unsigned char *out)
{
	size_t place = vector->index != NULL ? vector->index[row] : row;
	uint64_t word = 0;
	double real;

	memset(out, 0, 9);
	if (column_type_is_text(column_type(vector->column))) {
		uint32_t code = place == KQL_NO_ROW ? COLUMN_NULL_CODE :
			codes != NULL ? codes[row] : column_code(vector->column, place);

		/* An absent text is the empty one. */
		if (code != COLUMN_NULL_CODE && (type == KQL_STRING || type == KQL_DECIMAL) &&
			*column_text(vector->column, place, NULL) == '\0')
			code = COLUMN_NULL_CODE;
		word = code;
		out[0] = code != COLUMN_NULL_CODE;
	} else if (place != KQL_NO_ROW && !column_is_null(vector->column, place)) {
		out[0] = 1;
		if (type == KQL_REAL) {
			real = column_real(vector->column, place);
			real = real == 0 ? 0 : real;
			memcpy(&word, &real, sizeof word);
		} else {
			word = (uint64_t)column_int(vector->column, place);
		}
	}
	memcpy(out + 1, &word, sizeof word);
}

static uint64_t hash_bytes(const unsigned char *bytes, size_t length)
{
	uint64_t hash = 0x9e3779b97f4a7c15u;

	for (size_t n = 0; n < length; n++)
		hash = (hash ^ bytes[n]) * 0x100000001b3u;
	return hash ^ hash >> 29;
}

#define FEW_GROUPS 65536 /* that columns with dictionaries can make together, to be counted by a table of all of them */

/* A key column with a dictionary: what each code counts as. */
struct few_key {
	struct column_view view;
	const uint32_t *index;
	uint32_t *places; /* by code, and of null where kernel_codes has it */
	uint32_t size;    /* of the places */
};

/* False if the column has no dictionary, or too large a one. An absent string is the empty one. */
static bool few_key_init(struct few_key *key, const struct kql_vector *vector, enum kql_type type)
{
	uint32_t texts, null;

	*key = (struct few_key){ .index = vector->index };
	column_view(vector->column, &key->view);
	if (!key->view.distinct || key->view.texts->length >= FEW_GROUPS)
		return false;
	texts = key->view.texts->length;
	null = key->view.width == 1 ? UINT8_MAX : texts;
	key->size = texts + 1;
	key->places = g_new(uint32_t, MAX(texts + 1, (uint32_t)256));
	for (uint32_t code = 0; code < texts; code++) {
		bool absent = (type == KQL_STRING || type == KQL_DECIMAL) && *texts_get(key->view.texts, code, NULL) == '\0';

		key->places[code] = absent ? texts : code;
	}
	key->places[null] = texts;
	return true;
}

static uint32_t few_place(const struct few_key *key, size_t row)
{
	uint32_t code;

	if (key->index != NULL && key->index[row] == KQL_NO_ROW)
		return key->size - 1;
	code = column_view_code(&key->view, key->index != NULL ? key->index[row] : row);
	return code == COLUMN_NULL_CODE ? key->size - 1 : key->places[code];
}

/* Goes on with the numbers of length rows' groups, to which the key adds its part. */
static void few_add(const struct few_key *key, size_t start, size_t length, uint32_t *numbers)
{
	const uint8_t *codes = key->view.items;

	if (key->view.width == 1 && key->index == NULL)
		for (size_t n = 0; n < length; n++)
			numbers[n] = numbers[n] * key->size + key->places[codes[start + n]];
	else
		for (size_t n = 0; n < length; n++)
			numbers[n] = numbers[n] * key->size + few_place(key, start + n);
}

static size_t group_few(struct kql_runner *runner, const struct few_key *keys, size_t count, size_t total, size_t rows,
	uint32_t *ids, uint32_t *firsts)
{
	AUTO(g_free) uint32_t *groups = g_new0(uint32_t, total); /* group + 1; 0: none yet */
	uint32_t numbers[KQL_BATCH];
	size_t found = 0;

	for (size_t start = 0; start < rows && kql_runner_ask(runner); start += KQL_BATCH) {
		size_t length = MIN(rows - start, (size_t)KQL_BATCH);

		memset(numbers, 0, length * sizeof *numbers);
		for (size_t n = 0; n < count; n++)
			few_add(&keys[n], start, length, numbers);
		for (size_t n = 0; n < length; n++) {
			uint32_t *group = &groups[numbers[n]];

			if (*group == 0) {
				firsts[found] = (uint32_t)(start + n);
				*group = (uint32_t)++found;
			}
			if (ids != NULL)
				ids[start + n] = *group - 1;
		}
	}
	return found;
}

/* The rows by a table of all groups that there can be, if those are few: false if not. */
static bool group_by_codes(struct kql_runner *runner, const struct kql_vector *keys, const enum kql_type *types, size_t count,
	size_t rows, uint32_t *ids, uint32_t *firsts, size_t *groups)
{
	AUTO(g_free) struct few_key *few = g_new0(struct few_key, count + 1);
	size_t total = 1, made = 0;
	bool fits = count != 0;

	while (fits && made < count) {
		fits = few_key_init(&few[made], &keys[made], types[made]);
		total *= fits ? few[made++].size : 1;
		fits = fits && total <= FEW_GROUPS;
	}
	if (fits)
		*groups = group_few(runner, few, count, total, rows, ids, firsts);
	for (size_t n = 0; n < made; n++)
		g_free(few[n].places);
	return fits;
}

static size_t group_any(struct kql_runner *runner, const struct kql_vector *keys, const enum kql_type *types, size_t count,
	size_t rows, const uint32_t *within, uint32_t *ids, uint32_t *firsts)
{
	size_t width = count * 9 + (within != NULL ? sizeof *within : 0), groups = 0, mask = 1023;
	uint32_t *slots = g_new0(uint32_t, mask + 1);
	GByteArray *known = g_byte_array_new();
	unsigned char *key = kql_arena_alloc(&runner->arena, width + 1);
	uint32_t **codes = kql_arena_alloc(&runner->arena, (count + 1) * sizeof *codes);

	for (size_t n = 0; n < count; n++)
		codes[n] = distinct_codes(&keys[n], rows);
	for (size_t row = 0; row < rows && kql_runner_turn(runner); row++) {
		size_t slot;

		for (size_t n = 0; n < count; n++)
			key_bytes(&keys[n], codes[n], types[n], row, key + n * 9);
		if (within != NULL)
			memcpy(key + count * 9, &within[row], sizeof *within);
		for (slot = hash_bytes(key, width) & mask; slots[slot] != 0; slot = (slot + 1) & mask)
			if (width == 0 || memcmp(known->data + (slots[slot] - 1) * width, key, width) == 0)
				break;
		if (slots[slot] == 0) {
			g_byte_array_append(known, key, (guint)width);
			firsts[groups] = (uint32_t)row;
			slots[slot] = (uint32_t)++groups;
		}
		if (ids != NULL)
			ids[row] = slots[slot] - 1;
		if (groups <= mask / 2)
			continue;
		mask = mask * 2 + 1;
		g_free(slots);
		slots = g_new0(uint32_t, mask + 1);
		for (size_t n = 0; n < groups; n++) {
			for (slot = hash_bytes(known->data + n * width, width) & mask; slots[slot] != 0;)
				slot = (slot + 1) & mask;
			slots[slot] = (uint32_t)n + 1;
		}
	}
	for (size_t n = 0; n < count; n++)
		g_free(codes[n]);
	g_byte_array_unref(known);
	g_free(slots);
	return groups;
}

size_t kql_group_rows(struct kql_runner *runner, const struct kql_vector *keys, const enum kql_type *types, size_t count,
	size_t rows, const uint32_t *within, uint32_t *ids, uint32_t *firsts)
{
	size_t groups;

	if (within == NULL && group_by_codes(runner, keys, types, count, rows, ids, firsts, &groups))
		return groups;
	return group_any(runner, keys, types, count, rows, within, ids, firsts);
}

struct kql_relation *kql_run_distinct(struct kql_runner *runner, const struct kql_relation *from)
{
	enum kql_type *types = kql_arena_alloc(&runner->arena, (from->count + 1) * sizeof *types);
	uint32_t *firsts = kql_runner_index(runner, from->rows);
	size_t groups;

	for (size_t n = 0; n < from->count; n++)
		types[n] = from->fields[n].type;
	groups = kql_group_rows(runner, from->vectors, types, from->count, from->rows, NULL, NULL, firsts);
	return runner->stopped ? NULL : kql_relation_pick(runner, from, firsts, groups);
}

/* Folds the rows of every group by one call; its results become columns of the grouped relation. */
static bool run_call(struct kql_runner *runner, const struct kql_step *step, const struct kql_group_call *call,
	const struct kql_relation *from, const uint32_t *ids, struct kql_relation *grouped)
{
	struct kql_fold_input input = { .runner = runner, .call = call, .rows = from->rows, .ids = ids,
		.groups = grouped->rows };
	const struct kql_node *node = call->node;

	input.args = kql_arena_zero(&runner->arena, (node->count + 1) * sizeof *input.args);
	for (size_t n = 0; n < node->count; n++)
		if (!kql_relation_compute(runner, from, node->args[n], node->args[n]->type, "argument", &input.args[n]))
			return false;
	for (size_t n = 0; n < call->returned_count; n++)
		grouped->vectors[call->field + n].column = NULL;
	return kql_fold_rows(&input, step->grouped + call->field, grouped->vectors + call->field);
}

struct kql_relation *kql_run_summarize(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	size_t keys = step->by.count, groups;
	struct kql_vector *vectors = kql_arena_zero(&runner->arena, (keys + 1) * sizeof *vectors);
	enum kql_type *types = kql_arena_zero(&runner->arena, (keys + 1) * sizeof *types);
	uint32_t *ids = kql_runner_index(runner, from->rows), *firsts = kql_runner_index(runner, from->rows);
	struct kql_relation *grouped, *to;

	for (size_t n = 0; n < keys; n++) {
		types[n] = step->fields[n].type;
		if (!kql_relation_compute(runner, from, step->by.items[n].node, types[n], step->fields[n].name, &vectors[n]))
			return NULL;
	}
	groups = kql_group_rows(runner, vectors, types, keys, from->rows, NULL, ids, firsts);
	if (runner->stopped)
		return NULL;
	/* Without keys even no rows make a row. */
	if (keys == 0)
		groups = 1;
	grouped = kql_relation_new(runner, step->grouped, step->grouped_count, groups);
	for (size_t n = 0; n < step->call_count; n++)
		if (!run_call(runner, step, &step->calls[n], from, ids, grouped))
			return NULL;
	to = kql_relation_new(runner, step->fields, step->field_count, groups);
	for (size_t n = 0; n < keys; n++) {
		uint32_t *index = kql_runner_index(runner, groups);

		for (size_t group = 0; group < groups; group++)
			index[group] = vectors[n].index != NULL ? vectors[n].index[firsts[group]] : firsts[group];
		to->vectors[n] = (struct kql_vector){ vectors[n].column, index };
	}
	for (size_t n = 0; n < step->items.count; n++) {
		const struct kql_item *item = &step->items.items[n];
		const struct kql_field *field = &step->fields[item->column];
		struct kql_node *node = item->node;

		/* A bare result was not checked as an expression: find it by its name. */
		if (node->compute == NULL) {
			for (size_t m = 0; m < step->grouped_count; m++)
				if (strcmp(step->grouped[m].name, node->name) == 0)
					to->vectors[item->column] = grouped->vectors[m];
		} else if (!kql_relation_compute(runner, grouped, node, field->type, field->name, &to->vectors[item->column])) {
			return NULL;
		}
	}
	return to;
}
