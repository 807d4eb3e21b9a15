/* make-series: an array for every aggregate, an element for every bin of the axis. */
#include "config.h"
#include "kql/relation.h"

#include <math.h>
#include <string.h>

#define BINS_LIMIT 1048576 /* make-series-operator.md: 2^20 values in an array */

struct series {
	struct kql_runner *runner;
	const struct kql_step *step;
	enum kql_type type;      /* of the axis */
	bool real;               /* its bins are counted in real numbers */
	double real_origin, real_step;
	int64_t origin, width;
	bool has_first, has_end; /* bounds are given: bins first to end - 1 */
	int64_t first, end;
};

static struct kql_value constant(struct series *series, const struct kql_node *node, struct kql_arena *arena)
{
	struct kql_context context = { .now_ticks = series->runner->now_ticks, .scalars = series->runner->scalars };
	struct kql_value value;

	kql_compute_node(&context, node, &value);
	value = kql_value_cast(arena, &value, node->type == KQL_TIMESPAN || node->type == KQL_DATETIME ? node->type :
		series->real ? KQL_REAL : KQL_LONG);
	kql_context_clear(&context);
	return value;
}

/* The bin of a value. */
static int64_t bin_of(const struct series *series, const struct kql_value *value)
{
	int64_t offset;

	if (series->real) {
		double bin = floor((value->real - series->real_origin) / series->real_step);

		return bin > -9e15 && bin < 9e15 ? (int64_t)bin : INT64_MIN / 2; /* beyond: no whole number of bins away */
	}
	if (__builtin_sub_overflow(value->integer, series->origin, &offset))
		return INT64_MIN / 2;
	return offset / series->width - (offset % series->width < 0 ? 1 : 0);
}

static struct kql_value bin_value(const struct series *series, int64_t bin)
{
	if (series->real)
		return kql_real(series->real_origin + (double)bin * series->real_step);
	return kql_integer(series->type, series->origin + bin * series->width);
}

/* Reads from, to and step. */
static bool read_bounds(struct series *series)
{
	const struct kql_series *asked = series->step->series;
	struct kql_arena arena = { 0 };
	struct kql_value from = { .null = true }, to = from, width = constant(series, asked->step, &arena);
	bool fine = !width.null && (series->real ? width.real > 0 : width.integer > 0);

	if (!fine)
		error_set(series->runner->error, ERROR_FAILED, "the step of make-series must be larger than nothing");
	series->width = series->real ? 1 : width.integer;
	series->real_step = series->real ? width.real : 1;
	if (fine && asked->from != NULL)
		from = constant(series, asked->from, &arena);
	if (fine && asked->to != NULL)
		to = constant(series, asked->to, &arena);
	if (fine && !from.null && !asked->range) {
		series->origin = series->real ? 0 : from.integer;
		series->real_origin = series->real ? from.real : 0;
	}
	series->has_first = !from.null;
	series->first = from.null ? 0 : bin_of(series, &from);
	series->has_end = !to.null;
	if (!to.null) {
		/* Without range() the end is outside. */
		struct kql_value last = bin_value(series, bin_of(series, &to));
		bool exact = series->real ? last.real >= to.real : last.integer >= to.integer;

		series->end = bin_of(series, &to) + (asked->range || !exact ? 1 : 0);
	}
	kql_arena_clear(&arena);
	return fine;
}

/* The rows within the bounds, with their bins in a column behind the others. */
static const struct kql_relation *with_bins(struct series *series, const struct kql_relation *from)
{
	struct kql_runner *runner = series->runner;
	const struct kql_node *axis = series->step->series->axis;
	struct column *bins = kql_runner_column(runner, "bin", KQL_LONG);
	uint32_t *kept = kql_runner_index(runner, from->rows);
	struct kql_relation *wide = kql_relation_new(runner, from->fields, from->count, from->rows);
	struct kql_vector vector = { NULL, NULL };
	struct kql_arena scratch = { 0 };
	size_t count = 0;

	if (!kql_relation_compute(runner, from, axis, series->real ? KQL_REAL : axis->type, "axis", &vector))
		return NULL;
	for (size_t row = 0; row < from->rows && kql_runner_turn(runner); row++) {
		struct kql_value value;
		int64_t bin = 0;

		kql_arena_reset(&scratch);
		value = kql_vector_value(&vector, series->real ? KQL_REAL : axis->type, row, &scratch);
		if (!value.null)
			bin = bin_of(series, &value);
		column_append_int(bins, bin);
		if (!value.null && (!series->has_first || bin >= series->first) && (!series->has_end || bin < series->end))
			kept[count++] = (uint32_t)row;
	}
	kql_arena_clear(&scratch);
	wide->vectors = kql_arena_zero(&runner->arena, (from->count + 2) * sizeof *wide->vectors);
	memcpy(wide->vectors, from->vectors, from->count * sizeof *wide->vectors);
	wide->vectors[wide->count++] = (struct kql_vector){ bins, NULL };
	/* Only the number of the fields is looked at from here on. */
	return runner->stopped ? NULL : kql_relation_pick(runner, wide, kept, count);
}

struct group {
	const uint32_t *members; /* rows of the grouped relation */
	size_t count;
	int64_t first, end;
	uint32_t *rows; /* by bin: of the grouped relation, or KQL_NO_ROW */
};

static int64_t bin_at(const struct kql_relation *grouped, size_t column, uint32_t row)
{
	struct kql_arena arena = { 0 };

	return kql_vector_value(&grouped->vectors[column], KQL_LONG, row, &arena).integer;
}

static bool group_bounds(struct series *series, struct group *group, const struct kql_relation *grouped, size_t keys)
{
	int64_t low = INT64_MAX, high = INT64_MIN;

	for (size_t n = 0; n < group->count; n++) {
		int64_t bin = bin_at(grouped, keys, group->members[n]);

		low = MIN(low, bin);
		high = MAX(high, bin);
	}
	group->first = series->has_first || low == INT64_MAX ? series->first : low;
	group->end = series->has_end || high == INT64_MIN ? series->end : high + 1;
	if (group->end < group->first || (uint64_t)group->end - (uint64_t)group->first <= BINS_LIMIT)
		return true;
	error_set(series->runner->error, ERROR_FAILED, "make-series would make more than %d values", BINS_LIMIT);
	error_hint(series->runner->error, "take a larger step, or bounds that are nearer to each other");
	return false;
}

static struct kql_value default_of(struct series *series, size_t item, enum kql_type type, struct kql_arena *arena)
{
	const struct kql_node *node = item < series->step->items.count ? series->step->series->defaults[item] : NULL;
	struct kql_context context = { .now_ticks = series->runner->now_ticks, .scalars = series->runner->scalars };
	struct kql_value value = kql_integer(KQL_LONG, 0);

	if (node == NULL)
		return type == KQL_REAL ? kql_real(0) : value;
	kql_compute_node(&context, node, &value);
	if (kql_type_is_number(type) && !value.null)
		value = kql_value_cast(arena, &value, type == KQL_REAL || value.type == KQL_REAL ? KQL_REAL : type);
	else if (value.type == KQL_STRING || value.type == KQL_DYNAMIC)
		value.text = kql_arena_copy(arena, value.text, value.length);
	kql_context_clear(&context);
	return value;
}

static bool append_array(struct series *series, struct column *out, const GString *array)
{
	column_append_text(out, array->str, array->len);
	return kql_runner_charge(series->runner, array->len + 8);
}

static bool fill_group(struct series *series, const struct group *group, const struct kql_relation *grouped,
	struct column *const *out, size_t keys)
{
	AUTO(g_string) GString *array = g_string_new(NULL);
	struct kql_arena arena = { 0 };
	bool fine = true;

	for (size_t n = keys + 1; n <= grouped->count && fine; n++) {
		/* The last array is the axis'. */
		bool axis = n == grouped->count;
		enum kql_type type = axis ? series->type : grouped->fields[n].type;
		struct kql_value empty = default_of(series, n - keys - 1, type, &arena);

		g_string_assign(array, "[");
		for (int64_t bin = group->first; bin < group->end && kql_runner_turn(series->runner); bin++) {
			uint32_t row = group->rows[bin - group->first];
			struct kql_value value = axis ? bin_value(series, bin) : row == KQL_NO_ROW ? empty :
				kql_vector_value(&grouped->vectors[n], type, row, &arena);

			if (array->len > 1)
				g_string_append_c(array, ',');
			kql_value_append_json(array, &value);
		}
		g_string_append_c(array, ']');
		fine = !series->runner->stopped && append_array(series, out[n - 1], array);
	}
	kql_arena_clear(&arena);
	return fine;
}

/* The grouped rows of one key, by bin. */
static bool lay_out(struct series *series, const struct kql_relation *grouped, struct group *group,
	struct column *const *out, size_t keys)
{
	bool fine = group_bounds(series, group, grouped, keys);
	size_t bins = fine && group->end > group->first ? (size_t)(group->end - group->first) : 0;

	group->rows = g_new(uint32_t, bins + 1);
	for (size_t n = 0; n < bins; n++)
		group->rows[n] = KQL_NO_ROW;
	for (size_t n = 0; n < group->count && fine; n++) {
		int64_t bin = bin_at(grouped, keys, group->members[n]);

		if (bin >= group->first && bin < group->end)
			group->rows[bin - group->first] = group->members[n];
	}
	fine = fine && fill_group(series, group, grouped, out, keys);
	g_free(group->rows);
	return fine;
}

struct kql_relation *kql_run_series(struct kql_runner *runner, const struct kql_step *step, const struct kql_relation *from)
{
	struct series series = { .runner = runner, .step = step, .type = step->series->axis->type };
	size_t keys = step->by.count, groups;
	const struct kql_relation *binned, *grouped, *picked;
	enum kql_type *types = kql_arena_zero(&runner->arena, (keys + 1) * sizeof *types);
	struct column **out = kql_arena_zero(&runner->arena, (step->field_count + 1) * sizeof *out);
	struct kql_relation *to;
	uint32_t *ids, *firsts, *order;
	size_t *starts;

	series.real = series.type == KQL_REAL || series.type == KQL_DECIMAL || step->series->step->type == KQL_REAL ||
		(step->series->from != NULL && step->series->from->type == KQL_REAL);
	if (!read_bounds(&series) || (binned = with_bins(&series, from)) == NULL ||
		(grouped = kql_run_summarize(runner, step->series->grouping, binned)) == NULL)
		return NULL;
	ids = kql_runner_index(runner, grouped->rows);
	firsts = kql_runner_index(runner, grouped->rows);
	for (size_t n = 0; n < keys; n++)
		types[n] = grouped->fields[n].type;
	groups = kql_group_rows(runner, grouped->vectors, types, keys, grouped->rows, NULL, ids, firsts);
	order = kql_group_order(runner, ids, grouped->rows, groups, &starts);
	if (groups == 0 && keys == 0 && step->series->nonempty && series.has_first && series.has_end)
		groups = 1;
	picked = kql_relation_pick(runner, grouped, firsts, grouped->rows != 0 ? groups : 0);
	to = kql_relation_new(runner, step->fields, step->field_count, groups);
	for (size_t n = 0; n < step->field_count && picked != NULL; n++) {
		if (n < keys)
			to->vectors[n] = picked->vectors[n];
		else
			to->vectors[n].column = out[n] = kql_runner_column(runner, step->fields[n].name, KQL_DYNAMIC);
	}
	for (size_t n = 0; n < groups; n++) {
		struct group group = { .members = order, .count = 0 };

		if (grouped->rows != 0) {
			group.members = order + starts[n];
			group.count = starts[n + 1] - starts[n];
		}
		if (!lay_out(&series, grouped, &group, out, keys))
			return NULL;
	}
	return picked != NULL && !runner->stopped ? to : NULL;
}
