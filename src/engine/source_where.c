/* --where: devices for which a predicate is true, over their own columns or with those of the last query's rows. */
#include "config.h"
#include "engine/source_internal.h"

#include <string.h>

#include "engine/where.h"
#include "fleet/inventory.h"

/* Ctrl-C ends a filter; nothing else may change the inventory meanwhile. */
static bool not_interrupted(void *data)
{
	return !loop_interrupted(data);
}

static void book_failures(struct fetch *fetch, const struct kql_failures *failures)
{
	fetch->result->failed = failures->rows;
	g_strlcpy(fetch->result->failure, failures->first, sizeof fetch->result->failure);
}

/* Over the devices' own columns. */
static bool fetch_devices(struct fetch *fetch, const struct kql_predicate *predicate, struct error *error)
{
	const struct inventory *inventory = fetch->engine->inventory;
	AUTO(bitset_free) struct bitset *scope = source_scope_of(fetch);
	AUTO(bitset_free) struct bitset *rows = inventory_rows_of(inventory, scope);
	AUTO(bitset_free) struct bitset *is_true = bitset_new();
	AUTO(bitset_free) struct bitset *is_null = bitset_new();
	AUTO(bitset_free) struct bitset *doubtful = NULL;
	AUTO(bitset_free) struct bitset *passed = NULL;
	struct kql_failures failures = { .rows = 0 };

	if (!kql_predicate_eval(predicate, inventory_table(inventory), rows, is_true, is_null, &failures, error))
		return false;
	passed = inventory_numbers_of(inventory, is_true);
	bitset_or(fetch->result->devices, passed);
	doubtful = inventory_numbers_of(inventory, is_null);
	bitset_or(fetch->result->doubtful, doubtful);
	book_failures(fetch, &failures);
	/* Members that the inventory has no row for cannot be judged at all. */
	if (bitset_count(rows) == bitset_count(scope))
		return true;
	for (uint32_t n = bitset_next(scope, 0); n != BITSET_END; n = bitset_next(scope, n + 1))
		if (inventory_row(inventory, n) == INVENTORY_NO_ROW) {
			bitset_add(fetch->result->doubtful, n);
			fetch->result->failed++;
			if (fetch->result->failure[0] == '\0')
				g_strlcpy(fetch->result->failure, "not in the inventory",
					sizeof fetch->result->failure);
		}
	return true;
}

/* ---- with the rows of the last query */

/* A device as rows name it. */
struct named {
	const char *text; /* of the row's column */
	struct resolution *resolution; /* NULL: the row names none */
	uint32_t row;     /* the first */
};

struct joining {
	struct fetch *fetch;
	const struct hunting_rows *rows;
	const struct column *ids, *names;
	struct bitset *scope;
	GPtrArray *named;   /* struct named */
	GArray *by_row;     /* guint: index into named */
	GArray *pairs;      /* struct where_pair */
	struct bitset *has_row; /* members of scope with a row */
};

static void named_free(void *data)
{
	struct named *named = data;

	resolution_free(named->resolution);
	g_free(named);
}

static guint named_add(struct joining *joining, const char *text, uint32_t row)
{
	const struct engine *engine = joining->fetch->engine;
	struct resolve_options options = source_options_of(joining->fetch->request, true);
	struct named *named = g_new0(struct named, 1);

	named->text = text;
	named->row = row;
	if (text[0] != '\0') {
		named->resolution = resolution_new();
		resolve_entry(engine->names, engine->inventory, text, &options, named->resolution);
	}
	g_ptr_array_add(joining->named, named);
	return joining->named->len - 1;
}

static void add_pairs(struct joining *joining, const struct named *named, uint32_t row)
{
	const struct resolution *resolution = named->resolution;
	bool known = resolution != NULL && (resolution->outcome == RESOLVED || resolution->outcome == RESOLVED_CHOSEN);
	struct where_pair pair = { row, DEVICE_NONE };

	if (!known)
		g_array_append_val(joining->pairs, pair);
	for (guint n = 0; known && n < resolution->numbers->len; n++) {
		pair.number = g_array_index(resolution->numbers, uint32_t, n);
		if (!bitset_has(joining->scope, pair.number))
			continue;
		g_array_append_val(joining->pairs, pair);
		bitset_add(joining->has_row, pair.number);
	}
}

static void pair_rows(struct joining *joining)
{
	AUTO(g_hash_table_unref) GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (uint32_t row = 0; row < table_rows(joining->rows->table); row++) {
		bool by_id;
		const char *text = source_row_device(joining->ids, joining->names, row, &by_id);
		guint index = GPOINTER_TO_UINT(g_hash_table_lookup(seen, text));

		if (index == 0) {
			index = named_add(joining, text, row) + 1;
			g_hash_table_insert(seen, (char *)text, GUINT_TO_POINTER(index));
		}
		index--;
		g_array_append_val(joining->by_row, index);
		add_pairs(joining, joining->named->pdata[index], row);
	}
}

/* Rows that could pass and whose device is not known are told as entries that cannot be resolved. */
static void book_open(struct joining *joining, const struct bitset *open)
{
	AUTO(bitset_free) struct bitset *booked = bitset_new();

	for (uint32_t row = bitset_next(open, 0); row != BITSET_END; row = bitset_next(open, row + 1)) {
		guint index = g_array_index(joining->by_row, guint, row);
		const struct named *named = joining->named->pdata[index];

		if (bitset_has(booked, index))
			continue;
		bitset_add(booked, index);
		if (named->resolution == NULL)
			source_add_unresolved(joining->fetch, "", NULL, row + 1, "the row names no device");
		else
			source_book(joining->fetch, named->text, NULL, row + 1, named->resolution);
	}
}

/* Where one of several records was taken and passed, it is told which. */
static void book_chosen(struct joining *joining, const struct bitset *passed)
{
	for (guint n = 0; n < joining->named->len; n++) {
		const struct named *named = joining->named->pdata[n];

		if (named->resolution != NULL && named->resolution->outcome == RESOLVED_CHOSEN &&
			bitset_has(passed, g_array_index(named->resolution->numbers, uint32_t, 0)))
			source_book(joining->fetch, named->text, NULL, named->row + 1, named->resolution);
	}
}

static bool judge_rows(struct joining *joining, const struct kql_predicate *predicate, struct error *error)
{
	struct source_result *result = joining->fetch->result;
	AUTO(bitset_free) struct bitset *passed = bitset_new();
	AUTO(bitset_free) struct bitset *doubtful = bitset_new();
	AUTO(bitset_free) struct bitset *open = bitset_new();
	struct where_join join = { .inventory = joining->fetch->engine->inventory, .rows = joining->rows->table,
		.pairs = (const struct where_pair *)joining->pairs->data, .count = joining->pairs->len, .passed = passed,
		.doubtful = doubtful, .open = open };

	if (!where_judge(predicate, &join, error))
		return false;
	bitset_or(result->devices, passed);
	bitset_or(result->doubtful, doubtful);
	book_failures(joining->fetch, &join.failures);
	book_open(joining, open);
	book_chosen(joining, passed);
	result->joined = true;
	result->rows = table_rows(joining->rows->table);
	result->truncated = joining->rows->truncated;
	bitset_and_not(joining->scope, joining->has_row);
	result->rowless = bitset_count(joining->scope);
	return true;
}

static bool find_device_columns(struct joining *joining, struct error *error)
{
	joining->ids = table_find(joining->rows->table, "DeviceId");
	joining->names = table_find(joining->rows->table, "DeviceName");
	if (joining->ids != NULL && !column_type_is_text(column_type(joining->ids)))
		joining->ids = NULL;
	if (joining->names != NULL && !column_type_is_text(column_type(joining->names)))
		joining->names = NULL;
	if (joining->ids != NULL || joining->names != NULL)
		return true;
	error_set(error, ERROR_FAILED, "the predicate reads the last query's rows, which name no device");
	error_hint(error, "a query whose rows have 'DeviceId' or 'DeviceName' can be filtered by");
	return false;
}

static bool fetch_joined(struct fetch *fetch, const struct kql_predicate *predicate, struct error *error)
{
	struct joining joining = { .fetch = fetch, .rows = fetch->request->rows };
	bool fine = find_device_columns(&joining, error);

	/* Whoever adds may mean a device that is new; members are known. */
	if (fine && !source_judges_members(fetch->request))
		fine = source_refresh_for_rows(fetch, joining.ids, table_rows(joining.rows->table), error);
	if (!fine)
		return false;
	joining.scope = source_scope_of(fetch);
	joining.has_row = bitset_new();
	joining.named = g_ptr_array_new_with_free_func(named_free);
	joining.by_row = g_array_new(FALSE, FALSE, sizeof(guint));
	joining.pairs = g_array_new(FALSE, FALSE, sizeof(struct where_pair));
	pair_rows(&joining);
	fine = judge_rows(&joining, predicate, error);
	bitset_free(joining.scope);
	bitset_free(joining.has_row);
	g_ptr_array_unref(joining.named);
	g_array_unref(joining.by_row);
	g_array_unref(joining.pairs);
	return fine;
}

bool source_fetch_where(struct fetch *fetch, struct error *error)
{
	const struct hunting_rows *rows = fetch->request->rows;
	bool joined;
	AUTO(kql_predicate_free) struct kql_predicate *predicate =
		where_compile(fetch->request->text, rows != NULL ? rows->table : NULL, &joined, error);

	if (predicate == NULL)
		return false;
	kql_predicate_set_turn(predicate, not_interrupted, fetch->engine->loop);
	return joined ? fetch_joined(fetch, predicate, error) : fetch_devices(fetch, predicate, error);
}
