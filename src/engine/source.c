#include "config.h"
#include "engine/source_internal.h"

#include <string.h>

#include "core/isotime.h"
#include "engine/sync.h"
#include "fleet/device_list.h"
#include "fleet/inventory.h"
#include "fleet/names.h"
#include "fleet/resolve.h"

static void entry_free(void *data)
{
	struct source_entry *entry = data;

	g_free(entry->text);
	g_free(entry->file);
	g_free(entry->reason);
	g_free(entry);
}

static void candidates_free(void *data)
{
	struct source_candidates *candidates = data;

	g_free(candidates->text);
	g_free(candidates->file);
	g_array_unref(candidates->numbers);
	g_free(candidates->reason);
	g_free(candidates);
}

static void choice_free(void *data)
{
	struct source_choice *choice = data;

	g_free(choice->text);
	g_free(choice->file);
	g_free(choice->reason);
	g_array_unref(choice->others);
	g_free(choice);
}

static struct source_result *source_result_new(void)
{
	struct source_result *result = g_new0(struct source_result, 1);

	result->devices = bitset_new();
	result->doubtful = bitset_new();
	result->unresolved = g_ptr_array_new_with_free_func(entry_free);
	result->ambiguous = g_ptr_array_new_with_free_func(candidates_free);
	result->chosen = g_ptr_array_new_with_free_func(choice_free);
	return result;
}

void source_result_free(struct source_result *result)
{
	if (result == NULL)
		return;
	bitset_free(result->devices);
	bitset_free(result->doubtful);
	g_ptr_array_unref(result->unresolved);
	g_ptr_array_unref(result->ambiguous);
	g_ptr_array_unref(result->chosen);
	hunting_rows_free(result->queried);
	g_free(result->column);
	g_free(result->sha256);
	g_free(result);
}

void source_add_unresolved(struct fetch *fetch, const char *text, const char *file, unsigned line, const char *reason)
{
	struct source_entry *entry = g_new0(struct source_entry, 1);

	entry->text = g_strdup(text);
	entry->file = g_strdup(file);
	entry->line = line;
	entry->reason = g_strdup(reason);
	g_ptr_array_add(fetch->result->unresolved, entry);
}

/* Books what became of one entry. For remove every candidate is taken. */
void source_book(struct fetch *fetch, const char *text, const char *file, unsigned line,
	const struct resolution *resolution)
{
	struct source_result *result = fetch->result;

	if (resolution->outcome == RESOLVED_NONE) {
		source_add_unresolved(fetch, text, file, line, resolution->reason);
		return;
	}
	if (resolution->outcome == RESOLVED_AMBIGUOUS) {
		struct source_candidates *candidates = g_new0(struct source_candidates, 1);

		candidates->text = g_strdup(text);
		candidates->file = g_strdup(file);
		candidates->line = line;
		candidates->numbers = g_array_copy(resolution->numbers);
		candidates->reason = g_strdup(resolution->reason);
		g_ptr_array_add(result->ambiguous, candidates);
		if (fetch->request->verb != VERB_REMOVE)
			return;
	}
	for (guint i = 0; i < resolution->numbers->len; i++)
		bitset_add(result->devices, g_array_index(resolution->numbers, uint32_t, i));
	if (resolution->outcome == RESOLVED_CHOSEN && resolution->numbers->len > 0) {
		struct source_choice *choice = g_new0(struct source_choice, 1);

		choice->text = g_strdup(text);
		choice->file = g_strdup(file);
		choice->line = line;
		choice->number = g_array_index(resolution->numbers, uint32_t, 0);
		choice->others = g_array_copy(resolution->others);
		choice->reason = g_strdup(resolution->reason);
		g_ptr_array_add(result->chosen, choice);
	}
}

bool source_judges_members(const struct source_request *request)
{
	return request->verb == VERB_REMOVE || request->verb == VERB_KEEP;
}

struct resolve_options source_options_of(const struct source_request *request, bool literal)
{
	return (struct resolve_options){
		.literal = literal, .newest = request->newest, .all_matches = request->all_matches,
		.unmanaged = request->unmanaged, .removing = request->verb == VERB_REMOVE,
		.members = source_judges_members(request) ? request->members : NULL,
	};
}

/* The devices that a general source looks at: the set's own members for remove and keep, else who counts. */
struct bitset *source_scope_of(const struct fetch *fetch)
{
	const struct source_request *request = fetch->request;

	if (source_judges_members(request))
		return bitset_copy(request->members);
	return inventory_scope(fetch->engine->inventory, request->unmanaged);
}

/* ---- sources. Each fills fetch->result; false with error set if nothing was fetched. */

static bool fetch_names(struct fetch *fetch, struct error *error)
{
	const struct source_request *request = fetch->request;

	(void)error;
	for (const char *const *name = request->names; *name != NULL; name++) {
		struct resolve_options options =
			source_options_of(request, request->literal != NULL && request->literal[name - request->names]);
		AUTO(resolution_free) struct resolution *resolution = resolution_new();

		resolve_entry(fetch->engine->names, fetch->engine->inventory, *name, &options, resolution);
		source_book(fetch, *name, request->file, request->line, resolution);
		fetch->result->rows++;
	}
	return true;
}

static bool fetch_csv(struct fetch *fetch, struct error *error)
{
	const struct source_request *request = fetch->request;
	struct resolve_options options = source_options_of(request, true);
	AUTO(sheet_free) struct sheet *sheet = sheet_read(request->text, error);
	AUTO(device_list_free) struct device_list *list = NULL;

	if (sheet == NULL)
		return false;
	list = device_list_read(sheet, request->text, request->column, error);
	if (list == NULL)
		return false;
	for (guint i = 0; i < list->entries->len; i++) {
		const struct device_entry *entry = g_ptr_array_index(list->entries, i);
		AUTO(resolution_free) struct resolution *resolution = resolution_new();

		resolve_listed(fetch->engine->names, fetch->engine->inventory, entry, &options, resolution);
		source_book(fetch, entry->text, request->text, entry->line, resolution);
	}
	fetch->result->rows = list->rows;
	fetch->result->duplicates = list->duplicates;
	fetch->result->blanks = list->blanks;
	fetch->result->column = g_strdup(list->titled ? list->column : "");
	fetch->result->sha256 = g_strdup(sheet_sha256(sheet));
	return true;
}

/* A row's device: by id, else by name. The key tells rows of one device apart from new ones. */
const char *source_row_device(const struct column *ids, const struct column *names, size_t row, bool *by_id)
{
	const char *id = ids != NULL ? column_text(ids, row, NULL) : "";

	*by_id = id[0] != '\0';
	return *by_id || names == NULL ? id : column_text(names, row, NULL);
}

/* A device that a query names and the inventory lacks costs one refresh (contract 2, rule 3). */
bool source_refresh_for_rows(struct fetch *fetch, const struct column *ids, size_t rows, struct error *error)
{
	struct inventory *inventory = fetch->engine->inventory;

	if (fetch->refreshed || ids == NULL)
		return true;
	for (size_t row = 0; row < rows; row++) {
		const char *id = column_text(ids, row, NULL);
		uint32_t number = id[0] != '\0' ? inventory_find(inventory, id) : DEVICE_NONE;

		if (id[0] == '\0' || (number != DEVICE_NONE && inventory_row(inventory, number) != INVENTORY_NO_ROW))
			continue;
		fetch->refreshed = true;
		if (inventory_refresh(fetch->engine, error))
			return true;
		if (error->kind == ERROR_INTERRUPTED || error->kind == ERROR_SIGN_IN)
			return false;
		fetch->engine->notice(fetch->engine->data, "%s", error->text);
		error_clear(error);
		fetch->result->stale = true;
		return true;
	}
	return true;
}

static bool fetch_rows(struct fetch *fetch, const struct hunting_rows *rows, struct error *error)
{
	const struct source_request *request = fetch->request;
	struct resolve_options options = source_options_of(request, true);
	const struct column *ids = table_find(rows->table, "DeviceId");
	const struct column *names = table_find(rows->table, "DeviceName");
	AUTO(g_hash_table_unref) GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	size_t count = table_rows(rows->table);

	fetch->result->rows = count;
	fetch->result->truncated = rows->truncated;
	/* Columns may be absent from an answer without rows. */
	if (ids == NULL && names == NULL && (count > 0 || table_columns(rows->table) > 0)) {
		error_set(error, ERROR_FAILED, "the query's result has neither 'DeviceId' nor 'DeviceName'");
		error_hint(error, "add it to the query, e.g. `| project DeviceId`; `query --show` prints any rows");
		return false;
	}
	if ((ids != NULL && !column_type_is_text(column_type(ids))) ||
	    (names != NULL && !column_type_is_text(column_type(names))))
		return error_set(error, ERROR_FAILED, "'DeviceId' and 'DeviceName' of the query's result must be strings");
	if (!source_refresh_for_rows(fetch, ids, count, error))
		return false;
	for (size_t row = 0; row < count; row++) {
		AUTO(resolution_free) struct resolution *resolution = NULL;
		bool by_id;
		const char *text = source_row_device(ids, names, row, &by_id);

		if (text[0] == '\0') {
			source_add_unresolved(fetch, "", NULL, (unsigned)(row + 1), "the row names no device");
			continue;
		}
		if (!g_hash_table_add(seen, g_strdup(text)))
			continue;
		resolution = resolution_new();
		resolve_entry(fetch->engine->names, fetch->engine->inventory, text, &options, resolution);
		source_book(fetch, text, NULL, (unsigned)(row + 1), resolution);
	}
	return true;
}

static bool fetch_query(struct fetch *fetch, struct error *error)
{
	const struct source_request *request = fetch->request;
	struct hunting_rows *rows = hunting_run(fetch->engine, request->text, request->via, request->patience_ms, error);

	if (rows == NULL)
		return false;
	fetch->result->queried = rows;
	return fetch_rows(fetch, rows, error);
}

static bool fetch_results(struct fetch *fetch, struct error *error)
{
	if (fetch->request->rows == NULL) {
		error_set(error, ERROR_FAILED, "there are no results: no query has run in this session");
		error_hint(error, "run `query KQL` or `query --show KQL` first");
		return false;
	}
	return fetch_rows(fetch, fetch->request->rows, error);
}

/* By tag, group, address: the devices in scope that bear it. One that no device bears is an unresolved entry. */
static bool fetch_borne(struct fetch *fetch, bool (*bears)(const struct inventory *, uint32_t, const char *),
	const char *what)
{
	const struct inventory *inventory = fetch->engine->inventory;
	AUTO(bitset_free) struct bitset *scope = source_scope_of(fetch);
	const char *text = fetch->request->text;
	bool any = false;

	for (uint32_t n = bitset_next(scope, 0); n != BITSET_END; n = bitset_next(scope, n + 1))
		if (bears(inventory, n, text)) {
			bitset_add(fetch->result->devices, n);
			any = true;
		}
	if (!any) {
		AUTO(g_free) char *reason = g_strdup_printf("no device %s bears this %s",
			source_judges_members(fetch->request) ? "in the working set" : "in the inventory", what);

		source_add_unresolved(fetch, text, fetch->request->file, fetch->request->line, reason);
	}
	return true;
}

static bool bears_group(const struct inventory *inventory, uint32_t number, const char *group)
{
	return strcmp(inventory_text(inventory, number, DEVICE_GROUP), group) == 0;
}

static bool fetch_tag(struct fetch *fetch, struct error *error)
{
	(void)error;
	return fetch_borne(fetch, inventory_has_tag, "tag");
}

static bool fetch_group(struct fetch *fetch, struct error *error)
{
	(void)error;
	return fetch_borne(fetch, bears_group, "device group");
}

static bool fetch_ip(struct fetch *fetch, struct error *error)
{
	AUTO(g_free) char *normal = NULL;
	const char *why = NULL;

	if (entry_classify(fetch->request->text, true, &normal, &why) != ENTRY_ADDRESS) {
		error_set(error, ERROR_USAGE, "'%s' is not a local IP address%s%s", fetch->request->text,
			why != NULL ? ": " : "", why != NULL ? why : "");
		return false;
	}
	return fetch_borne(fetch, inventory_has_address, "address");
}

static bool fetch_set(struct fetch *fetch, struct error *error)
{
	if (fetch->request->saved == NULL) {
		error_set(error, ERROR_FAILED, "there is no saved set '%s'", fetch->request->text);
		error_hint(error, "`sets` lists them");
		return false;
	}
	bitset_or(fetch->result->devices, fetch->request->saved);
	return true;
}

static bool fetch_all(struct fetch *fetch, struct error *error)
{
	AUTO(bitset_free) struct bitset *scope = source_scope_of(fetch);

	(void)error;
	bitset_or(fetch->result->devices, scope);
	return true;
}

static bool fetch_none(struct fetch *fetch, struct error *error)
{
	(void)fetch;
	(void)error;
	return true;
}

static const struct {
	bool (*fetch)(struct fetch *fetch, struct error *error);
	bool inventory; /* needs it */
} sources[] = {
	[SOURCE_NAMES] = { fetch_names, true },
	[SOURCE_CSV] = { fetch_csv, true },
	[SOURCE_QUERY] = { fetch_query, true },
	[SOURCE_RESULTS] = { fetch_results, true },
	[SOURCE_WHERE] = { source_fetch_where, true },
	[SOURCE_TAG] = { fetch_tag, true },
	[SOURCE_GROUP] = { fetch_group, true },
	[SOURCE_IP] = { fetch_ip, true },
	[SOURCE_SET] = { fetch_set, false },
	[SOURCE_ALL] = { fetch_all, true },
	[SOURCE_NONE] = { fetch_none, false },
};

/* An inventory young enough; an old one, when a new one cannot be had, with its age told and as partial. */
static bool inventory_ready(struct fetch *fetch, struct error *error)
{
	struct engine *engine = fetch->engine;
	struct error fault = ERROR_INIT;
	AUTO(g_free) char *age = NULL;

	if (inventory_age(engine) <= engine->inventory_age_ms)
		return true;
	if (inventory_refresh(engine, &fault)) {
		fetch->refreshed = true;
		return true;
	}
	if (fault.kind == ERROR_INTERRUPTED || fault.kind == ERROR_SIGN_IN || inventory_age(engine) == INT64_MAX)
		return error_copy(error, &fault);
	age = duration_text(inventory_age(engine));
	engine->notice(engine->data, "%s; using the one read %s ago", fault.text, age);
	fetch->result->stale = true;
	fetch->refreshed = true;
	return true;
}

static struct source_result *fetch_once(struct engine *engine, const struct source_request *request, struct error *error)
{
	AUTO(source_result_free) struct source_result *result = source_result_new();
	struct fetch fetch = { .engine = engine, .request = request, .result = result };

	if ((sources[request->kind].inventory && !inventory_ready(&fetch, error)) ||
		!sources[request->kind].fetch(&fetch, error))
		return NULL;
	return AUTO_STEAL(result);
}

struct source_result *source_fetch(struct engine *engine, const struct source_request *request, struct error *error)
{
	AUTO(source_result_free) struct source_result *result = NULL;
	struct error fault = ERROR_INIT;

	/* An inventory that must be read first is no reason to exceed `--timeout`. */
	engine->patience_ms = request->kind == SOURCE_QUERY ? request->patience_ms : 0;
	result = fetch_once(engine, request, &fault);
	if (inventory_check_found(engine, result != NULL ? result->devices : NULL)) {
		source_result_free(result);
		fault = (struct error)ERROR_INIT;
		result = fetch_once(engine, request, &fault);
	}
	engine->patience_ms = 0;
	if (result == NULL)
		error_copy(error, &fault);
	return AUTO_STEAL(result);
}
