#include "config.h"
#include "kql/fold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kql/plan.h"

/* What a group has come to; which members count depends on the aggregate. */
struct cell {
	uint64_t count;
	int64_t integer;
	double real, square, other; /* other: of the second argument, where there are two */
	bool overflow;
	uint32_t row;     /* of the best or first value; KQL_NO_ROW if there is none */
	GHashTable *seen; /* of kql_slice, for sets */
	GString *list;
	GArray *rows;     /* uint32_t, for percentiles */
};


struct fold {
	const struct kql_fold_input *input;
	const struct kql_node *node;
	enum kql_aggregate_kind kind;
	struct cell *cells;
	struct kql_arena scratch; /* of one row */
	int64_t limit;
};

static struct kql_value arg(struct fold *fold, size_t n, size_t row)
{
	return kql_vector_value(&fold->input->args[n], fold->node->args[n]->type, row, &fold->scratch);
}

static bool list_append(struct fold *fold, struct cell *cell, const char *text, size_t length)
{
	if ((int64_t)cell->count >= fold->limit)
		return true;
	if (cell->list == NULL)
		cell->list = g_string_new("[");
	if (cell->list->len > 1)
		g_string_append_c(cell->list, ',');
	g_string_append_len(cell->list, text, (gssize)length);
	cell->count++;
	return kql_runner_charge(fold->input->runner, length + 1);
}

/* Adds a JSON value to a set; an array adds its elements. */
static bool set_add(struct fold *fold, struct cell *cell, struct kql_slice json)
{
	struct kql_slice *key;

	if (kql_json_kind(json) == KQL_JSON_NULL)
		return true;
	if (cell->seen == NULL)
		cell->seen = g_hash_table_new(kql_slice_hash, kql_slice_equal);
	if (g_hash_table_contains(cell->seen, &json))
		return true;
	key = kql_arena_alloc(&fold->input->runner->arena, sizeof *key);
	key->text = kql_arena_copy(&fold->input->runner->arena, json.text, json.length);
	key->length = json.length;
	g_hash_table_add(cell->seen, key);
	return kql_runner_charge(fold->input->runner, json.length + 64) &&
		(fold->kind != KQL_AGG_SET || list_append(fold, cell, key->text, key->length));
}

static bool add_set(struct fold *fold, struct cell *cell, const struct kql_value *value)
{
	AUTO(g_string) GString *json = g_string_new(NULL);
	struct kql_json_walk walk;

	kql_value_append_json(json, value);
	if (fold->kind == KQL_AGG_SET && json->str[0] == '[') {
		for (walk = kql_json_walk((struct kql_slice){ json->str, json->len }); kql_json_next(&walk);)
			if (!set_add(fold, cell, walk.value))
				return false;
		return true;
	}
	return set_add(fold, cell, (struct kql_slice){ json->str, json->len });
}

static bool add_list(struct fold *fold, struct cell *cell, const struct kql_value *value)
{
	AUTO(g_string) GString *json = g_string_new(NULL);

	kql_value_append_json(json, value);
	return list_append(fold, cell, json->str, json->len);
}

/* A key keeps its first value. */
static bool add_bag(struct fold *fold, struct cell *cell, const struct kql_value *value)
{
	struct kql_json_walk walk;

	if (kql_json_kind(kql_slice_of(value)) != KQL_JSON_OBJECT)
		return true;
	if (cell->seen == NULL)
		cell->seen = g_hash_table_new(kql_slice_hash, kql_slice_equal);
	if (cell->list == NULL)
		cell->list = g_string_new("{");
	for (walk = kql_json_walk(kql_slice_of(value)); kql_json_next(&walk);) {
		struct kql_slice *key;

		if (g_hash_table_contains(cell->seen, &walk.key) || (int64_t)cell->count >= fold->limit)
			continue;
		key = kql_arena_alloc(&fold->input->runner->arena, sizeof *key);
		*key = (struct kql_slice){ kql_arena_copy(&fold->input->runner->arena, walk.key.text, walk.key.length),
			walk.key.length };
		g_hash_table_add(cell->seen, key);
		cell->count++;
		if (cell->list->len > 1)
			g_string_append_c(cell->list, ',');
		g_string_append_len(cell->list, walk.key.text, (gssize)walk.key.length);
		g_string_append_c(cell->list, ':');
		g_string_append_len(cell->list, walk.value.text, (gssize)walk.value.length);
		if (!kql_runner_charge(fold->input->runner, walk.key.length + walk.value.length + 64))
			return false;
	}
	return true;
}

static void add_number(struct fold *fold, struct cell *cell, const struct kql_value *value)
{
	struct kql_value real = kql_value_cast(&fold->scratch, value, KQL_REAL);
	bool whole = value->type != KQL_REAL && value->type != KQL_DECIMAL;

	/* Welford's way for the variance: no difference of large squares. */
	double mean = cell->count != 0 ? cell->real / (double)cell->count : 0, x = whole ? (double)value->integer : real.real;
	double delta = x - mean;

	cell->count++;
	cell->real += x;
	cell->square += delta * (x - cell->real / (double)cell->count);
	if (whole)
		cell->overflow |= __builtin_add_overflow(cell->integer, value->integer, &cell->integer);
}

static void add_bits(const struct fold *fold, struct cell *cell, const struct kql_value *value)
{
	if (cell->count++ == 0)
		cell->integer = value->integer;
	else if (fold->kind == KQL_AGG_AND)
		cell->integer &= value->integer;
	else if (fold->kind == KQL_AGG_OR)
		cell->integer |= value->integer;
	else
		cell->integer ^= value->integer;
}

/* Welford's way for two numbers at once: square is the sum of the products of their distances from the means. */
static void add_pair(struct fold *fold, struct cell *cell, const struct kql_value *value, size_t row)
{
	struct kql_value second = arg(fold, 1, row), x = kql_value_cast(&fold->scratch, value, KQL_REAL), y;
	double before;

	y = kql_value_cast(&fold->scratch, &second, KQL_REAL);
	if (y.null)
		return;
	before = cell->count != 0 ? cell->real / (double)cell->count : 0;
	cell->count++;
	cell->real += x.real;
	cell->other += y.real;
	cell->square += (x.real - before) * (y.real - cell->other / (double)cell->count);
}

static void add_best(struct fold *fold, struct cell *cell, const struct kql_value *value, size_t row, int wanted)
{
	struct kql_value best;

	/* arg_max and arg_min: a null is taken only where there is nothing else. */
	if (cell->row != KQL_NO_ROW) {
		best = arg(fold, 0, cell->row);
		if (value->null)
			return;
		if (!best.null && kql_value_order(&fold->scratch, value, &best) != wanted)
			return;
	}
	cell->row = (uint32_t)row;
}

static bool is_blank(const struct kql_value *value)
{
	return value->null || (value->type == KQL_STRING && value->length == 0);
}

/* Any value will do, one that is there the better. */
static void take_better(struct fold *fold, struct cell *cell, const struct kql_value *value, size_t row)
{
	struct kql_value taken;

	if (cell->row != KQL_NO_ROW) {
		if (is_blank(value))
			return;
		taken = arg(fold, 0, cell->row);
		if (!is_blank(&taken))
			return;
	}
	cell->row = (uint32_t)row;
}

/* Whether a row counts: the predicate of an ...if, a value that is no null. */
static bool counts(struct fold *fold, size_t row, struct kql_value *value)
{
	int condition = fold->input->call->aggregate->condition;
	struct kql_value truth;

	if (condition >= 0 && (size_t)condition < fold->node->count) {
		truth = arg(fold, (size_t)condition, row);
		if (kql_truth(&truth) != 1)
			return false;
	}
	if (fold->kind == KQL_AGG_COUNT)
		return true;
	*value = arg(fold, 0, row);
	return !value->null || fold->kind == KQL_AGG_LIST_NULLS || fold->kind == KQL_AGG_ANY ||
		fold->kind == KQL_AGG_TAKE_ANY || fold->kind == KQL_AGG_ARG_MAX || fold->kind == KQL_AGG_ARG_MIN;
}

static bool fold_row(struct fold *fold, size_t row)
{
	struct cell *cell = &fold->cells[fold->input->ids[row]];
	struct kql_value value = { .null = false };

	kql_arena_reset(&fold->scratch);
	if (!counts(fold, row, &value))
		return true;
	switch (fold->kind) {
	case KQL_AGG_COUNT:
		cell->count++;
		return true;
	case KQL_AGG_DCOUNT:
	case KQL_AGG_SET:
		return add_set(fold, cell, &value);
	case KQL_AGG_LIST:
	case KQL_AGG_LIST_NULLS:
		return add_list(fold, cell, &value);
	case KQL_AGG_BAG:
		return add_bag(fold, cell, &value);
	case KQL_AGG_MAX:
	case KQL_AGG_ARG_MAX:
		add_best(fold, cell, &value, row, 1);
		return true;
	case KQL_AGG_MIN:
	case KQL_AGG_ARG_MIN:
		add_best(fold, cell, &value, row, -1);
		return true;
	case KQL_AGG_ANY:
	case KQL_AGG_TAKE_ANY:
		take_better(fold, cell, &value, row);
		return true;
	case KQL_AGG_AND:
	case KQL_AGG_OR:
	case KQL_AGG_XOR:
		add_bits(fold, cell, &value);
		return true;
	case KQL_AGG_COVARIANCE:
	case KQL_AGG_COVARIANCEP:
		add_pair(fold, cell, &value, row);
		return true;
	case KQL_AGG_PERCENTILES:
	case KQL_AGG_PERCENTILE: {
		uint32_t number = (uint32_t)row;

		if (cell->rows == NULL)
			cell->rows = g_array_new(FALSE, FALSE, sizeof number);
		g_array_append_val(cell->rows, number);
		return kql_runner_charge(fold->input->runner, sizeof number);
	}
	default:
		add_number(fold, cell, &value);
		return true;
	}
}

static struct kql_value deviation(const struct fold *fold, const struct cell *cell)
{
	bool population = fold->kind == KQL_AGG_STDEVP || fold->kind == KQL_AGG_VARIANCEP ||
		fold->kind == KQL_AGG_COVARIANCEP;
	double divisor = (double)cell->count - (population ? 0 : 1), variance = divisor > 0 ? cell->square / divisor : 0;

	return kql_real(fold->kind == KQL_AGG_STDEV || fold->kind == KQL_AGG_STDEVP ? sqrt(variance) : variance);
}

static struct kql_value average(struct fold *fold, const struct cell *cell, enum kql_type type)
{
	struct kql_value mean = kql_real(cell->real / (double)cell->count);

	/* The service divides zero by zero. */
	if (cell->count == 0)
		return type == KQL_REAL ? kql_real(NAN) : kql_null(type);
	if (type == KQL_DATETIME || type == KQL_TIMESPAN)
		return kql_integer(type, cell->overflow ? (int64_t)mean.real : cell->integer / (int64_t)cell->count);
	return kql_value_cast(&fold->scratch, &mean, type);
}

static struct kql_value total(struct fold *fold, const struct cell *cell, enum kql_type type)
{
	struct kql_value sum = kql_real(cell->real);

	if (type == KQL_REAL || type == KQL_DECIMAL)
		return kql_value_cast(&fold->scratch, &sum, type);
	return cell->overflow ? kql_null(type) : kql_integer(type, cell->integer);
}

static struct kql_value json_list(const struct fold *fold, struct cell *cell)
{
	bool bag = fold->kind == KQL_AGG_BAG;

	if (cell->list == NULL)
		return kql_text(KQL_DYNAMIC, bag ? "{}" : "[]", 2);
	g_string_append_c(cell->list, bag ? '}' : ']');
	return kql_text(KQL_DYNAMIC, cell->list->str, cell->list->len);
}

static int compare_numbers(const void *a, const void *b, void *data)
{
	struct fold *fold = data;
	struct kql_value x, y;

	kql_arena_reset(&fold->scratch);
	x = arg(fold, 0, *(const uint32_t *)a);
	y = arg(fold, 0, *(const uint32_t *)b);
	return kql_value_order(&fold->scratch, &x, &y);
}

/* How often a value counts. */
static double weight(struct fold *fold, uint32_t row)
{
	struct kql_value value;

	if (!fold->input->call->aggregate->weighed)
		return 1;
	kql_arena_reset(&fold->scratch);
	value = arg(fold, 1, row);
	return value.null || value.integer < 0 ? 0 : (double)value.integer;
}

/* The nearest rank among the sorted rows. */
static struct kql_value at_percent(struct fold *fold, const struct cell *cell, double percent, enum kql_type type)
{
	double all = 0, rank, seen = 0;

	if (cell->rows == NULL || !(percent >= 0 && percent <= 100))
		return kql_null(type);
	if (!fold->input->call->aggregate->weighed) {
		rank = ceil(percent / 100 * cell->rows->len);
		return arg(fold, 0, g_array_index(cell->rows, uint32_t, rank < 1 ? 0 : (guint)rank - 1));
	}
	for (guint n = 0; n < cell->rows->len; n++)
		all += weight(fold, g_array_index(cell->rows, uint32_t, n));
	rank = MAX(ceil(percent / 100 * all), 1);
	for (guint n = 0; n < cell->rows->len; n++) {
		seen += weight(fold, g_array_index(cell->rows, uint32_t, n));
		if (seen >= rank)
			return arg(fold, 0, g_array_index(cell->rows, uint32_t, n));
	}
	return kql_null(type);
}

static void sort_rows(struct fold *fold, struct cell *cell)
{
	if (cell->rows != NULL)
		qsort_r(cell->rows->data, cell->rows->len, sizeof(uint32_t), compare_numbers, fold);
}

static struct kql_value percentile(struct fold *fold, struct cell *cell, size_t n, enum kql_type type)
{
	size_t first = fold->input->call->aggregate->weighed ? 2 : 1;
	struct kql_value percent = kql_value_cast(&fold->scratch, &fold->node->args[n + first]->value, KQL_REAL);

	if (n == 0)
		sort_rows(fold, cell);
	return percent.null ? kql_null(type) : at_percent(fold, cell, percent.real, type);
}

static void append_percent(struct fold *fold, const struct cell *cell, const struct kql_value *percent, GString *out)
{
	struct kql_value real = kql_value_cast(&fold->scratch, percent, KQL_REAL);
	struct kql_value value = real.null ? real : at_percent(fold, cell, real.real, fold->node->args[0]->type);

	if (out->len > 1)
		g_string_append_c(out, ',');
	kql_value_append_json(out, &value);
}

/* The percents stand one by one, or in an array. */
static struct kql_value percentile_array(struct fold *fold, struct cell *cell)
{
	AUTO(g_string) GString *out = g_string_new("[");

	sort_rows(fold, cell);
	for (size_t n = fold->input->call->aggregate->weighed ? 2 : 1; n < fold->node->count; n++) {
		const struct kql_value *percent = &fold->node->args[n]->value;
		struct kql_json_walk walk;

		if (!kql_arg_is_array(percent)) {
			append_percent(fold, cell, percent, out);
			continue;
		}
		for (walk = kql_json_walk(kql_slice_of(percent)); kql_json_next(&walk);) {
			struct kql_value item = kql_dynamic(walk.value);

			append_percent(fold, cell, &item, out);
		}
	}
	g_string_append_c(out, ']');
	return kql_text(KQL_DYNAMIC, kql_arena_copy(&fold->scratch, out->str, out->len), out->len);
}

static struct kql_value result(struct fold *fold, struct cell *cell, size_t n, enum kql_type type)
{
	switch (fold->kind) {
	case KQL_AGG_COUNT:
		return kql_integer(KQL_LONG, (int64_t)cell->count);
	case KQL_AGG_DCOUNT:
		return kql_integer(KQL_LONG, (int64_t)(cell->seen != NULL ? g_hash_table_size(cell->seen) : cell->count));
	case KQL_AGG_SUM:
		return total(fold, cell, type);
	case KQL_AGG_AVG:
		return average(fold, cell, type);
	case KQL_AGG_SET:
	case KQL_AGG_LIST:
	case KQL_AGG_LIST_NULLS:
	case KQL_AGG_BAG:
		return json_list(fold, cell);
	case KQL_AGG_PERCENTILE:
		return percentile(fold, cell, n, type);
	case KQL_AGG_PERCENTILES:
		return percentile_array(fold, cell);
	case KQL_AGG_AND:
	case KQL_AGG_OR:
	case KQL_AGG_XOR:
		return cell->count == 0 ? kql_null(KQL_LONG) : kql_integer(KQL_LONG, cell->integer);
	case KQL_AGG_COVARIANCE:
	case KQL_AGG_COVARIANCEP:
	case KQL_AGG_STDEV:
	case KQL_AGG_STDEVP:
	case KQL_AGG_VARIANCE:
	case KQL_AGG_VARIANCEP:
		return deviation(fold, cell);
	default:
		return cell->row == KQL_NO_ROW ? kql_null(type) : arg(fold, n, cell->row);
	}
}

static void cells_free(struct fold *fold)
{
	for (size_t n = 0; n < fold->input->groups; n++) {
		struct cell *cell = &fold->cells[n];

		if (cell->seen != NULL)
			g_hash_table_unref(cell->seen);
		if (cell->list != NULL)
			g_string_free(cell->list, TRUE);
		if (cell->rows != NULL)
			g_array_unref(cell->rows);
	}
	g_free(fold->cells);
	kql_arena_clear(&fold->scratch);
}

/* The limit of make_set and make_list stands behind the value, and the predicate. */
static int64_t list_limit(const struct fold *fold)
{
	size_t place = fold->input->call->aggregate->condition == 1 ? 2 : 1;
	const struct kql_node *node = fold->node->count > place ? fold->node->args[place] : NULL;

	if (node == NULL || node->kind != KQL_NODE_LITERAL || node->value.null || node->value.integer <= 0)
		return fold->input->call->aggregate->most != 0 ? fold->input->call->aggregate->most : KQL_LIST_LIMIT;
	return MIN(node->value.integer, KQL_LIST_LIMIT);
}

/* count() without a condition. */
static bool count_all(struct fold *fold)
{
	const struct kql_fold_input *input = fold->input;
	AUTO(g_free) uint32_t *counts = g_new0(uint32_t, input->groups + 1);

	for (size_t start = 0; start < input->rows; start += KQL_BATCH) {
		if (!kql_runner_ask(input->runner))
			return false;
		for (size_t row = start; row < MIN(start + KQL_BATCH, input->rows); row++)
			counts[input->ids[row]]++;
	}
	for (size_t group = 0; group < input->groups; group++)
		fold->cells[group].count = counts[group];
	return true;
}

/* For sets a value counts once a group: only the first row of each pair is looked at. */
static bool fold_all(struct fold *fold)
{
	const struct kql_fold_input *input = fold->input;
	bool once = (fold->kind == KQL_AGG_DCOUNT || fold->kind == KQL_AGG_SET) && input->call->aggregate->condition < 0;
	uint32_t *firsts;
	size_t pairs;

	if (fold->kind == KQL_AGG_COUNT && fold->node->count == 0)
		return count_all(fold);
	if (!once) {
		for (size_t row = 0; row < input->rows; row++)
			if (!kql_runner_turn(input->runner) || !fold_row(fold, row))
				return false;
		return true;
	}
	firsts = kql_runner_index(input->runner, input->rows);
	pairs = kql_group_rows(input->runner, input->args, &fold->node->args[0]->type, 1, input->rows, input->ids, NULL,
		firsts);
	for (size_t n = 0; n < pairs && !input->runner->stopped; n++) {
		if (fold->kind == KQL_AGG_DCOUNT)
			fold->cells[input->ids[firsts[n]]].count += !kql_vector_is_null(input->args, fold->node->args[0]->type,
				firsts[n]);
		else if (!fold_row(fold, firsts[n]))
			return false;
	}
	return !input->runner->stopped;
}

bool kql_fold_rows(const struct kql_fold_input *input, const struct kql_field *fields, struct kql_vector *results)
{
	struct fold fold = { .input = input, .node = input->call->node, .kind = input->call->aggregate->kind };
	bool fine = kql_runner_charge(input->runner, input->groups * sizeof *fold.cells);

	if (!fine)
		return false;
	fold.limit = list_limit(&fold);
	fold.cells = g_new0(struct cell, input->groups + 1);
	for (size_t n = 0; n < input->groups; n++)
		fold.cells[n].row = KQL_NO_ROW;
	fine = fold_all(&fold);
	for (size_t n = 0; n < input->call->returned_count && fine; n++) {
		struct column *column = kql_runner_column(input->runner, fields[n].name, fields[n].type);

		for (size_t group = 0; group < input->groups && fine; group++) {
			struct kql_value value;

			kql_arena_reset(&fold.scratch);
			value = result(&fold, &fold.cells[group], n, fields[n].type);
			value = kql_value_cast(&fold.scratch, &value, fields[n].type);
			kql_value_store(column, &value);
			fine = kql_runner_charge(input->runner, 8 + (column_type_is_text(column_type(column)) ? value.length : 0));
		}
		results[n] = (struct kql_vector){ column, NULL };
	}
	cells_free(&fold);
	return fine;
}
