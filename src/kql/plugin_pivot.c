/* pivot: the values of a column as columns, with an aggregate in each cell. */
#include "config.h"
#include "kql/aggregate.h"
#include "kql/plugin.h"

#include <string.h>

#define COLUMNS_LIMIT 1000

struct pivot {
	struct kql_binder *binder;
	struct kql_step *step;
	const struct kql_field *fields;
	size_t count;
	size_t column;   /* whose values become columns */
	size_t *keys;    /* the columns that stay */
	size_t key_count;
	struct kql_node *aggregate;
};

static bool names_column(const struct kql_node *node, const char *name)
{
	if (node->kind == KQL_NODE_NAME && strcmp(node->name, name) == 0)
		return true;
	for (size_t n = 0; n < node->count; n++)
		if (names_column(node->args[n], name))
			return true;
	return false;
}

static bool read_arguments(struct pivot *pivot)
{
	struct kql_node *call = pivot->step->evaluate->call;
	size_t first = 1;

	if (call->count == 0)
		return kql_bind_fault(pivot->binder, call->at, "write pivot(column [, aggregate(...) [, column, ...]])");
	if (!kql_plugin_column(pivot->binder, call->args[0], pivot->fields, pivot->count, &pivot->column))
		return false;
	if (call->count > 1 && call->args[1]->kind != KQL_NODE_CALL)
		return kql_bind_fault(pivot->binder, call->args[1]->at, "argument 2 of pivot() is an aggregate such as count()");
	if (call->count > 1)
		pivot->aggregate = call->args[first++];
	pivot->keys = kql_arena_alloc(pivot->binder->arena, (pivot->count + call->count + 1) * sizeof *pivot->keys);
	for (size_t n = first; n < call->count; n++)
		if (!kql_plugin_column(pivot->binder, call->args[n], pivot->fields, pivot->count,
			&pivot->keys[pivot->key_count++]))
			return false;
	for (size_t n = 0; n < pivot->count && first == call->count; n++)
		if (n != pivot->column && (pivot->aggregate == NULL || !names_column(pivot->aggregate, pivot->fields[n].name)))
			pivot->keys[pivot->key_count++] = n;
	return true;
}

static struct kql_node *name_node(struct pivot *pivot, const char *name)
{
	struct kql_node *node = kql_arena_zero(pivot->binder->arena, sizeof *node);

	*node = (struct kql_node){ .kind = KQL_NODE_NAME, .at = pivot->step->at, .name = name };
	return node;
}

/* summarize aggregate by the columns that stay, the pivot's */
static bool bind_grouping(struct pivot *pivot)
{
	struct kql_arena *arena = pivot->binder->arena;
	struct kql_step *grouping = kql_arena_zero(arena, sizeof *grouping);
	struct kql_item *by = kql_arena_zero(arena, (pivot->key_count + 2) * sizeof *by), *item;

	item = kql_arena_zero(arena, sizeof *item);
	if (pivot->aggregate == NULL) {
		pivot->aggregate = kql_arena_zero(arena, sizeof *pivot->aggregate);
		*pivot->aggregate = (struct kql_node){ .kind = KQL_NODE_CALL, .at = pivot->step->at, .name = "count" };
	}
	for (size_t n = 0; n <= pivot->key_count; n++)
		by[n] = (struct kql_item){ .at = pivot->step->at,
			.node = name_node(pivot, pivot->fields[n < pivot->key_count ? pivot->keys[n] : pivot->column].name) };
	*item = (struct kql_item){ .at = pivot->aggregate->at, .name = "\002cell", .node = pivot->aggregate };
	grouping->kind = KQL_STEP_SUMMARIZE;
	grouping->word = "pivot";
	grouping->at = pivot->step->at;
	grouping->by = (struct kql_items){ by, pivot->key_count + 1 };
	grouping->items = (struct kql_items){ item, 1 };
	pivot->step->evaluate->grouping = grouping;
	if (!kql_bind_summarize(pivot->binder, grouping, pivot->fields, pivot->count))
		return false;
	return grouping->field_count == pivot->key_count + 2 ||
		kql_bind_fault(pivot->binder, pivot->aggregate->at, "pivot() takes an aggregate of one value");
}

static int compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The different values of the pivot's column, as texts. */
static bool gather(struct pivot *pivot, const struct kql_relation *rows, GPtrArray *values)
{
	AUTO(g_hash_table_unref) GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
	struct kql_arena scratch = { 0 };

	for (size_t row = 0; row < rows->rows && values->len <= COLUMNS_LIMIT; row++) {
		struct kql_value value;
		struct kql_slice text;
		char *name;

		kql_arena_reset(&scratch);
		value = kql_vector_value(&rows->vectors[pivot->column], pivot->fields[pivot->column].type, row, &scratch);
		text = kql_value_text(&scratch, &value);
		name = kql_arena_copy(&scratch, text.text, text.length);
		if (g_hash_table_contains(seen, name))
			continue;
		name = kql_arena_copy(pivot->binder->arena, text.text, text.length);
		g_hash_table_add(seen, name);
		g_ptr_array_add(values, name);
	}
	kql_arena_clear(&scratch);
	g_ptr_array_sort(values, compare_texts);
	return values->len <= COLUMNS_LIMIT ||
		kql_bind_fault(pivot->binder, pivot->step->at, "pivot() would make more than %d columns", COLUMNS_LIMIT);
}

/* columns[]: of a key, its place among the grouping's columns. */
static bool make_fields(struct pivot *pivot, const struct kql_relation *rows)
{
	struct kql_step *step = pivot->step;
	const struct kql_step *grouping = step->evaluate->grouping;
	AUTO(g_ptr_array_unref) GPtrArray *values = g_ptr_array_new();
	struct kql_field_list list = { pivot->binder, g_array_new(FALSE, FALSE, sizeof(struct kql_field)), 0, NULL };
	bool fine = gather(pivot, rows, values);
	size_t most = pivot->key_count + values->len + 1;

	step->columns = kql_arena_zero(pivot->binder->arena, most * sizeof *step->columns);
	step->evaluate->names = kql_arena_zero(pivot->binder->arena, most * sizeof *step->evaluate->names);
	for (size_t n = 0; n < pivot->key_count && fine; n++) {
		step->columns[n] = n;
		fine = kql_fields_add(&list, step->at, grouping->fields[n].name, false, grouping->fields[n].type,
			KQL_SHAPE_UNKNOWN);
	}
	for (guint n = 0; n < values->len && fine; n++) {
		step->columns[list.fields->len] = SIZE_MAX;
		step->evaluate->names[list.fields->len] = values->pdata[n];
		fine = kql_fields_add(&list, step->at, *(const char *)values->pdata[n] != '\0' ? values->pdata[n] : "Column1", false,
			grouping->fields[pivot->key_count + 1].type, grouping->fields[pivot->key_count + 1].shape);
	}
	step->fields = kql_fields_take(&list, &step->field_count);
	return fine;
}

/* A given schema: its columns are keys by name, the others values. */
static void take_schema(struct pivot *pivot)
{
	struct kql_step *step = pivot->step;
	struct kql_evaluate *evaluate = step->evaluate;
	bool *taken = kql_arena_zero(pivot->binder->arena, pivot->count + 1);

	evaluate->star = false;
	kql_plugin_schema(pivot->binder, step, pivot->fields, pivot->count, taken);
	for (size_t n = 0; n < step->field_count; n++) {
		step->columns[n] = SIZE_MAX;
		for (size_t m = 0; m < pivot->key_count; m++)
			if (strcmp(step->fields[n].name, evaluate->grouping->fields[m].name) == 0)
				step->columns[n] = m;
	}
}

static bool bind_pivot(struct kql_binder *binder, struct kql_step *step, const struct kql_relation *rows,
	const struct kql_field *fields, size_t count)
{
	struct pivot pivot = { .binder = binder, .step = step, .fields = fields, .count = count };

	if (!read_arguments(&pivot) || !bind_grouping(&pivot))
		return false;
	if (step->evaluate->has_schema)
		take_schema(&pivot);
	else if (!make_fields(&pivot, rows))
		return false;
	return step->field_count != 0 || kql_bind_fault(binder, step->at, "the result would have no columns");
}

/* What the aggregate is of no rows. */
static struct kql_value empty_cell(const struct kql_step *grouping, enum kql_type type)
{
	enum kql_aggregate_kind kind = grouping->call_count == 1 ? grouping->calls[0].aggregate->kind : KQL_AGG_MAX;

	switch (kind) {
	case KQL_AGG_COUNT:
	case KQL_AGG_DCOUNT:
	case KQL_AGG_SUM:
		return type == KQL_REAL ? kql_real(0) : kql_type_is_number(type) && type != KQL_DECIMAL ?
			kql_integer(type, 0) : kql_null(type);
	case KQL_AGG_SET:
	case KQL_AGG_LIST:
	case KQL_AGG_LIST_NULLS:
		return kql_text(KQL_DYNAMIC, "[]", 2);
	case KQL_AGG_BAG:
		return kql_text(KQL_DYNAMIC, "{}", 2);
	default:
		return kql_null(type);
	}
}

/* One column of cells: by group of the keys, the grouped row that has the value. */
static bool run_cells(struct kql_runner *runner, const struct kql_step *step, const struct kql_relation *grouped,
	const uint32_t *ids, size_t groups, size_t column, struct kql_vector *result)
{
	const struct kql_step *grouping = step->evaluate->grouping;
	size_t value = grouped->count - 1, name = grouped->count - 2;
	struct column *out = kql_runner_column(runner, step->fields[column].name, step->fields[column].type);
	uint32_t *rows = kql_runner_index(runner, groups);
	struct kql_arena scratch = { 0 };
	const char *wanted = step->evaluate->names[column];

	for (size_t group = 0; group < groups; group++)
		rows[group] = KQL_NO_ROW;
	for (size_t row = 0; row < grouped->rows && kql_runner_turn(runner); row++) {
		struct kql_value cell;
		struct kql_slice text;

		kql_arena_reset(&scratch);
		cell = kql_vector_value(&grouped->vectors[name], grouped->fields[name].type, row, &scratch);
		text = kql_value_text(&scratch, &cell);
		if (strlen(wanted) == text.length && memcmp(wanted, text.text, text.length) == 0)
			rows[ids[row]] = (uint32_t)row;
	}
	for (size_t group = 0; group < groups; group++) {
		struct kql_value cell = rows[group] == KQL_NO_ROW ? empty_cell(grouping, grouped->fields[value].type) :
			kql_vector_value(&grouped->vectors[value], grouped->fields[value].type, rows[group], &scratch);

		cell = kql_value_cast(&scratch, &cell, step->fields[column].type);
		kql_value_store(out, &cell);
	}
	kql_arena_clear(&scratch);
	*result = (struct kql_vector){ out, NULL };
	return !runner->stopped && kql_runner_charge(runner, groups * 8);
}

static struct kql_relation *run_pivot(struct kql_runner *runner, const struct kql_step *step, const struct kql_relation *from)
{
	const struct kql_step *grouping = step->evaluate->grouping;
	struct kql_relation *grouped = kql_run_summarize(runner, grouping, from), *to;
	size_t keys = grouping->by.count - 1, groups;
	enum kql_type *types = kql_arena_zero(&runner->arena, (keys + 1) * sizeof *types);
	uint32_t *ids, *firsts;
	const struct kql_relation *picked;

	if (grouped == NULL)
		return NULL;
	ids = kql_runner_index(runner, grouped->rows);
	firsts = kql_runner_index(runner, grouped->rows);
	for (size_t n = 0; n < keys; n++)
		types[n] = grouped->fields[n].type;
	groups = kql_group_rows(runner, grouped->vectors, types, keys, grouped->rows, NULL, ids, firsts);
	picked = kql_relation_pick(runner, grouped, firsts, groups);
	if (runner->stopped || picked == NULL)
		return NULL;
	to = kql_relation_new(runner, step->fields, step->field_count, groups);
	for (size_t n = 0; n < step->field_count; n++) {
		if (step->columns[n] != SIZE_MAX)
			to->vectors[n] = picked->vectors[step->columns[n]];
		else if (!run_cells(runner, step, grouped, ids, groups, n, &to->vectors[n]))
			return NULL;
	}
	return to;
}

const struct kql_plugin kql_plugin_pivot = { "pivot", "column [, aggregate [, column, ...]]", bind_pivot, run_pivot, true };
