#include "config.h"
#include "engine/where.h"

#include <string.h>

#include "core/isotime.h"
#include "fleet/columns.h"
#include "fleet/inventory.h"

struct kql_column *where_schema(const struct table *rows, struct kql_schema *schema)
{
	const struct kql_schema *devices = device_schema();
	size_t more = rows != NULL ? table_columns(rows) : 0, count = devices->count;
	struct kql_column *columns = g_new0(struct kql_column, count + more + 1);

	memcpy(columns, devices->columns, count * sizeof *columns);
	for (size_t n = 0; n < more; n++) {
		const struct column *column = table_column(rows, n);

		if (device_column_find(column_name(column)) >= 0)
			continue;
		columns[count].name = column_name(column);
		columns[count++].type = column_type(column);
	}
	schema->columns = columns;
	schema->count = count;
	return columns;
}

struct kql_predicate *where_compile(const char *text, const struct table *rows, bool *joined, struct error *error)
{
	struct error fault = ERROR_INIT;
	struct kql_predicate *predicate = kql_predicate_compile(text, device_schema(), isotime_now(), &fault);
	AUTO(g_free) struct kql_column *columns = NULL;
	struct kql_schema schema;

	if (joined != NULL)
		*joined = false;
	if (predicate != NULL)
		return predicate;
	if (rows == NULL) {
		error_copy(error, &fault);
		return NULL;
	}
	columns = where_schema(rows, &schema);
	predicate = kql_predicate_compile(text, &schema, isotime_now(), error);
	if (joined != NULL)
		*joined = predicate != NULL;
	return predicate;
}

/* ---- judging */

/* A table with a row for each pair that can be judged, of the columns that the predicate reads. */
struct joint {
	struct table *table;
	GArray *pairs; /* struct where_pair */
	bool reads_devices;
};

static const struct where_pair *pair_at(const struct joint *joint, guint n)
{
	return &g_array_index(joint->pairs, struct where_pair, n);
}

static void device_part(struct joint *joint, const struct where_join *join, size_t index)
{
	const struct column *source = table_column(inventory_table(join->inventory), index);
	struct column *column = column_new(column_name(source), column_type(source));

	for (guint n = 0; n < joint->pairs->len; n++)
		column_append_from(column, source, inventory_row(join->inventory, pair_at(joint, n)->number));
	table_add(joint->table, column);
}

static void result_part(struct joint *joint, const struct column *source)
{
	struct column *column = column_new(column_name(source), column_type(source));

	for (guint n = 0; n < joint->pairs->len; n++)
		column_append_from(column, source, pair_at(joint, n)->row);
	table_add(joint->table, column);
}

/* What has no device columns is not judged by their absence, which would read as "" and so as no. */
static bool is_judged(const struct joint *joint, const struct where_join *join, const struct where_pair *pair)
{
	return !joint->reads_devices ||
		(pair->number != DEVICE_NONE && inventory_row(join->inventory, pair->number) != INVENTORY_NO_ROW);
}

static void joint_build(struct joint *joint, const struct kql_predicate *predicate, struct where_join *join)
{
	joint->pairs = g_array_new(FALSE, FALSE, sizeof(struct where_pair));
	joint->table = table_new("Results");
	joint->reads_devices = false;
	for (size_t n = 0; n < DEVICE_COLUMNS; n++)
		joint->reads_devices = joint->reads_devices || kql_predicate_uses(predicate, device_columns[n].name);
	for (size_t n = 0; n < join->count; n++) {
		if (is_judged(joint, join, &join->pairs[n]))
			g_array_append_val(joint->pairs, join->pairs[n]);
		else if (join->pairs[n].number == DEVICE_NONE)
			bitset_add(join->open, join->pairs[n].row);
		else
			bitset_add(join->doubtful, join->pairs[n].number);
	}
	join->failures.rows = bitset_count(join->doubtful);
	if (join->failures.rows != 0)
		g_strlcpy(join->failures.first, "not in the inventory", sizeof join->failures.first);
	for (size_t n = 0; n < DEVICE_COLUMNS; n++)
		if (kql_predicate_uses(predicate, device_columns[n].name))
			device_part(joint, join, n);
	for (size_t n = 0; n < table_columns(join->rows); n++) {
		const struct column *column = table_column(join->rows, n);

		if (device_column_find(column_name(column)) < 0 && table_find(joint->table, column_name(column)) == NULL &&
			kql_predicate_uses(predicate, column_name(column)))
			result_part(joint, column);
	}
}

/* Which of the null rows failed can be told one by one only. */
static size_t count_failed(const struct kql_predicate *predicate, const struct joint *joint,
	const struct where_join *join, const struct bitset *is_null)
{
	AUTO(bitset_free) struct bitset *one = bitset_new();
	AUTO(bitset_free) struct bitset *is_true = bitset_new();
	AUTO(bitset_free) struct bitset *failed = bitset_new();

	for (uint32_t n = bitset_next(is_null, 0); n != BITSET_END; n = bitset_next(is_null, n + 1)) {
		uint32_t number = pair_at(joint, n)->number;
		struct kql_failures failures = { .rows = 0 };

		if (number == DEVICE_NONE || !bitset_has(join->doubtful, number) || bitset_has(failed, number))
			continue;
		bitset_clear(one);
		bitset_add(one, n);
		if (kql_predicate_eval(predicate, joint->table, one, is_true, NULL, &failures, NULL) && failures.rows != 0)
			bitset_add(failed, number);
	}
	return bitset_count(failed);
}

static bool joint_judge(const struct kql_predicate *predicate, const struct joint *joint, struct where_join *join,
	struct error *error)
{
	AUTO(bitset_free) struct bitset *is_true = bitset_new();
	AUTO(bitset_free) struct bitset *is_null = bitset_new();
	struct kql_failures failures = { .rows = 0 };

	if (!kql_predicate_eval(predicate, joint->table, NULL, is_true, is_null, &failures, error))
		return false;
	for (guint n = 0; n < joint->pairs->len; n++) {
		const struct where_pair *pair = pair_at(joint, n);

		if (!bitset_has(is_true, n) && !bitset_has(is_null, n))
			continue;
		if (pair->number == DEVICE_NONE)
			bitset_add(join->open, pair->row);
		else
			bitset_add(bitset_has(is_true, n) ? join->passed : join->doubtful, pair->number);
	}
	bitset_and_not(join->doubtful, join->passed);
	if (failures.rows != 0) {
		join->failures.rows += count_failed(predicate, joint, join, is_null);
		if (join->failures.first[0] == '\0')
			g_strlcpy(join->failures.first, failures.first, sizeof join->failures.first);
	}
	return true;
}

bool where_judge(const struct kql_predicate *predicate, struct where_join *join, struct error *error)
{
	struct joint joint;
	bool fine = true;

	bitset_clear(join->passed);
	bitset_clear(join->doubtful);
	bitset_clear(join->open);
	join->failures = (struct kql_failures){ .rows = 0 };
	joint_build(&joint, predicate, join);
	if (joint.pairs->len != 0)
		fine = joint_judge(predicate, &joint, join, error);
	table_free(joint.table);
	g_array_unref(joint.pairs);
	return fine;
}
