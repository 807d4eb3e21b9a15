#include "config.h"
#include "commands/selection.h"

#include <string.h>

#include "app/tenant.h"
#include "core/isotime.h"
#include "core/text.h"
#include "engine/sync.h"
#include "fleet/fleet_set.h"
#include "fleet/inventory.h"

#define TOLD_MAX 10       /* entries of a kind that are told one by one */
#define LOGGED_MAX 10000  /* ids written out; above: their count and sum (contract, section 5) */

char *count_text(size_t count)
{
	GString *text = g_string_new(NULL);

	g_string_printf(text, "%zu", count);
	for (gssize at = (gssize)text->len - 3; at > 0; at -= 3)
		g_string_insert_c(text, at, ',');
	return g_string_free(text, FALSE);
}

struct tenant *selection_tenant(struct session *session, struct error *error)
{
	return session_engine(session, error) != NULL ? session->tenant : NULL;
}

/* The ids of a set as the log wants them. */
static json_t *logged_ids(struct inventory *inventory, const struct bitset *set)
{
	AUTO(g_array_unref) GArray *numbers = inventory_sorted(inventory, set);
	char sum[SHA256_HEX_SIZE];
	json_t *array;

	if (numbers->len > LOGGED_MAX) {
		struct sha256 *state = sha256_new();

		for (guint i = 0; i < numbers->len; i++) {
			const char *id = inventory_id(inventory, g_array_index(numbers, uint32_t, i));

			sha256_add(state, id, strlen(id));
			sha256_add(state, "\n", 1);
		}
		sha256_end(state, sum);
		return json_pack("{s:I,s:s}", "count", (json_int_t)numbers->len, "sha256", sum);
	}
	array = json_array();
	for (guint i = 0; i < numbers->len; i++)
		json_array_append_new(array, json_string(inventory_id(inventory, g_array_index(numbers, uint32_t, i))));
	return array;
}

static json_t *text_json(const char *text)
{
	AUTO(g_free) char *valid = text != NULL ? g_utf8_make_valid(text, -1) : NULL;

	return valid != NULL ? json_string(valid) : json_null();
}

static json_t *line_json(unsigned line)
{
	return line > 0 ? json_integer(line) : json_null();
}

static json_t *unresolved_json(const GPtrArray *entries)
{
	json_t *array = json_array();

	for (guint i = 0; i < entries->len; i++) {
		const struct source_entry *entry = g_ptr_array_index(entries, i);

		json_array_append_new(array, json_pack("{s:o,s:o,s:o,s:o}", "text", text_json(entry->text),
			"file", text_json(entry->file), "line", line_json(entry->line),
			"reason", text_json(entry->reason)));
	}
	return array;
}

static json_t *device_text(const struct inventory *inventory, uint32_t number, enum device_column_id column)
{
	const char *text = inventory_text(inventory, number, column);

	return text[0] != '\0' ? text_json(text) : json_null();
}

static json_t *seen_json(const struct inventory *inventory, uint32_t number)
{
	char text[ISOTIME_SIZE];
	int64_t seen = inventory_last_seen(inventory, number);

	if (seen == 0)
		return json_null();
	isotime_format(seen, text);
	return json_string(text);
}

static json_t *ambiguous_json(const struct inventory *inventory, const GPtrArray *ambiguous)
{
	json_t *array = json_array();

	for (guint i = 0; i < ambiguous->len; i++) {
		const struct source_candidates *entry = g_ptr_array_index(ambiguous, i);
		json_t *candidates = json_array();

		for (guint k = 0; k < entry->numbers->len; k++) {
			uint32_t number = g_array_index(entry->numbers, uint32_t, k);

			json_array_append_new(candidates, json_pack("{s:s,s:o,s:o}", "id",
				inventory_id(inventory, number), "lastSeen", seen_json(inventory, number),
				"healthStatus", device_text(inventory, number, DEVICE_HEALTH)));
		}
		json_array_append_new(array, json_pack("{s:o,s:o,s:o,s:o,s:o}", "name", text_json(entry->text),
			"file", text_json(entry->file), "line", line_json(entry->line), "candidates", candidates,
			"reason", text_json(entry->reason)));
	}
	return array;
}

static json_t *chosen_json(const struct inventory *inventory, const GPtrArray *chosen)
{
	json_t *array = json_array();

	for (guint i = 0; i < chosen->len; i++) {
		const struct source_choice *choice = g_ptr_array_index(chosen, i);
		json_t *others = json_array();

		for (guint k = 0; k < choice->others->len; k++)
			json_array_append_new(others, json_string(inventory_id(inventory,
				g_array_index(choice->others, uint32_t, k))));
		json_array_append_new(array, json_pack("{s:o,s:o,s:o,s:s,s:o,s:o}", "name", text_json(choice->text),
			"file", text_json(choice->file), "line", line_json(choice->line), "id",
			inventory_id(inventory, choice->number), "others", others, "reason",
			text_json(choice->reason)));
	}
	return array;
}

void selection_nothing_told(struct result *result)
{
	result_member(result, "unresolved", json_array());
	result_member(result, "ambiguous", json_array());
	result_member(result, "chosen", json_array());
	result_member(result, "truncated", json_false());
}

void selection_counts(struct session *session, const struct bitset *before, const struct bitset *after,
	struct result *result)
{
	AUTO(bitset_free) struct bitset *added = bitset_copy(after);
	AUTO(bitset_free) struct bitset *removed = bitset_copy(before);
	AUTO(g_free) char *count = count_text(bitset_count(after));
	AUTO(g_free) char *plus = NULL;
	AUTO(g_free) char *minus = NULL;
	size_t gained, lost;

	(void)session;
	bitset_and_not(added, before);
	bitset_and_not(removed, after);
	gained = bitset_count(added);
	lost = bitset_count(removed);
	plus = count_text(gained);
	minus = count_text(lost);
	result_member(result, "count", json_integer((json_int_t)bitset_count(after)));
	result_member(result, "added", json_integer((json_int_t)gained));
	result_member(result, "removed", json_integer((json_int_t)lost));
	if (gained == 0 && lost == 0)
		result_summary(result, "%s device%s (unchanged)", count, bitset_count(after) == 1 ? "" : "s");
	else
		result_summary(result, "%s device%s (%s%s%s%s%s)", count, bitset_count(after) == 1 ? "" : "s",
			gained > 0 ? "+" : "", gained > 0 ? plus : "", gained > 0 && lost > 0 ? ", " : "",
			lost > 0 ? "-" : "", lost > 0 ? minus : "");
}

static void log_change(struct session *session, const char *verb, json_t *source, const struct bitset *before,
	const struct bitset *after, const struct source_result *fetched)
{
	struct inventory *inventory = session->tenant->inventory;
	AUTO(bitset_free) struct bitset *added = bitset_copy(after);
	AUTO(bitset_free) struct bitset *removed = bitset_copy(before);
	char read[ISOTIME_SIZE];
	json_t *members;

	bitset_and_not(added, before);
	bitset_and_not(removed, after);
	isotime_format_ms(inventory_time(inventory), read);
	members = json_pack("{s:s,s:o,s:I,s:I,s:o,s:o,s:o}", "verb", verb, "source", source,
		"before", (json_int_t)bitset_count(before), "after", (json_int_t)bitset_count(after),
		"added", logged_ids(inventory, added), "removed", logged_ids(inventory, removed),
		"inventory", inventory_time(inventory) != 0 ? json_string(read) : json_null());
	if (fetched != NULL) {
		json_object_set_new(members, "unresolved", unresolved_json(fetched->unresolved));
		json_object_set_new(members, "ambiguous", ambiguous_json(inventory, fetched->ambiguous));
		json_object_set_new(members, "chosen", chosen_json(inventory, fetched->chosen));
		json_object_set_new(members, "rows", json_integer((json_int_t)fetched->rows));
		json_object_set_new(members, "truncated", json_boolean(fetched->truncated));
	}
	session_log(session, "selection", members);
}

void selection_log(struct session *session, const char *verb, json_t *source, const struct bitset *before)
{
	log_change(session, verb, source, before, fleet_set_members(session->tenant->set), NULL);
}

void selection_change(struct session *session, struct bitset *members, const char *verb, json_t *source,
	const char *label, struct result *result)
{
	struct tenant *tenant = session->tenant;
	AUTO(bitset_free) struct bitset *before = bitset_copy(fleet_set_members(tenant->set));

	log_change(session, verb, source, before, members, NULL);
	selection_counts(session, before, members, result);
	selection_nothing_told(result);
	fleet_set_change(tenant->set, members, label);
}

/* ---- telling what was read and what could not be */

static void place(GString *text, const char *file, unsigned line)
{
	if (file != NULL && line > 0)
		g_string_append_printf(text, "%s:%u: ", file, line);
	else if (line > 0)
		g_string_append_printf(text, "row %u: ", line);
}

static void tell_more(struct session *session, guint count, const char *what)
{
	if (count > TOLD_MAX)
		session_say(session, "  ... and %u more %s; `unresolved` lists them all", count - TOLD_MAX, what);
}

static void tell_unresolved(struct session *session, const GPtrArray *entries)
{
	if (entries->len > 0)
		session_say(session, "%u unresolved:", entries->len);
	for (guint i = 0; i < entries->len && i < TOLD_MAX; i++) {
		const struct source_entry *entry = g_ptr_array_index(entries, i);
		AUTO(g_string) GString *text = g_string_new("  ");
		AUTO(g_free) char *name = text_safe(entry->text); /* a line break in a cell is no line of ours */

		place(text, entry->file, entry->line);
		session_say(session, "%s'%s': %s", text->str, name, entry->reason);
	}
	tell_more(session, entries->len, "unresolved");
}

static void append_candidate(GString *text, const struct inventory *inventory, uint32_t number)
{
	int64_t seen = inventory_last_seen(inventory, number);
	char when[ISOTIME_SIZE] = "never seen";

	if (seen != 0) {
		isotime_format_ms(seen, when);
		when[10] = '\0'; /* the date */
	}
	g_string_append_printf(text, "%s (%s, last seen %s)", inventory_id(inventory, number),
		inventory_text(inventory, number, DEVICE_HEALTH), when);
}

static void tell_ambiguous(struct session *session, const struct inventory *inventory, const GPtrArray *entries)
{
	if (entries->len > 0)
		session_say(session, "%u ambiguous:", entries->len);
	for (guint i = 0; i < entries->len && i < TOLD_MAX; i++) {
		const struct source_candidates *entry = g_ptr_array_index(entries, i);
		AUTO(g_string) GString *text = g_string_new("  ");
		AUTO(g_free) char *name = text_safe(entry->text);
		AUTO(g_free) char *reason = text_safe(entry->reason);

		place(text, entry->file, entry->line);
		session_say(session, "%s'%s': %s:", text->str, name, reason);
		for (guint k = 0; k < entry->numbers->len && k < TOLD_MAX; k++) {
			g_string_assign(text, "    ");
			append_candidate(text, inventory, g_array_index(entry->numbers, uint32_t, k));
			session_say(session, "%s", text->str);
		}
	}
	tell_more(session, entries->len, "ambiguous");
}

static void tell_chosen(struct session *session, const struct inventory *inventory, const GPtrArray *chosen)
{
	for (guint i = 0; i < chosen->len && i < TOLD_MAX; i++) {
		const struct source_choice *choice = g_ptr_array_index(chosen, i);
		AUTO(g_string) GString *text = g_string_new(NULL);
		AUTO(g_free) char *name = text_safe(choice->text);

		place(text, choice->file, choice->line);
		session_say(session, "%s'%s': took %s (%s)", text->str, name,
			inventory_id(inventory, choice->number), choice->reason);
	}
	if (chosen->len > TOLD_MAX)
		session_say(session, "... and %u more chosen; the log has them all", chosen->len - TOLD_MAX);
}

static void tell_reading(struct session *session, const struct source_request *request,
	const struct source_result *fetched)
{
	AUTO(g_string) GString *text = g_string_new(NULL);

	if (request->kind == SOURCE_CSV) {
		g_string_printf(text, "%s: ", request->text);
		if (fetched->column != NULL && fetched->column[0] != '\0')
			g_string_append_printf(text, "column '%s', ", fetched->column);
		else
			g_string_append(text, "no title row, ");
		g_string_append_printf(text, "%zu row%s, %zu duplicate%s, %u unresolved, %u ambiguous", fetched->rows,
			fetched->rows == 1 ? "" : "s", fetched->duplicates, fetched->duplicates == 1 ? "" : "s",
			fetched->unresolved->len, fetched->ambiguous->len);
		if (fetched->blanks > 0)
			g_string_append_printf(text, ", %zu without a cell there", fetched->blanks);
		session_say(session, "%s", text->str);
	} else if (request->kind == SOURCE_QUERY || request->kind == SOURCE_RESULTS) {
		session_say(session, "%zu row%s%s", fetched->rows, fetched->rows == 1 ? "" : "s",
			fetched->truncated ? ", cut at the service's limit: devices are missing" : "");
	}
}

static void tell_doubtful(struct session *session, const struct source_request *request,
	const struct source_result *fetched)
{
	size_t doubtful = bitset_count(fetched->doubtful);

	if (fetched->joined && request->verb != VERB_ADD && request->verb != VERB_SELECT && fetched->rowless > 0)
		session_say(session, "%zu device%s in no row of the last query, so that none passes", fetched->rowless,
			fetched->rowless == 1 ? " is" : "s are");
	if (fetched->joined && fetched->truncated)
		session_say(session, "the rows of the last query were cut at the service's limit: devices are missing");
	if (request->verb == VERB_REMOVE && doubtful > 0)
		session_say(session, "%zu device%s for which the predicate is null or fails %s removed, too", doubtful,
			doubtful == 1 ? "" : "s", doubtful == 1 ? "was" : "were");
	else if (fetched->failed > 0)
		session_warn(session, "%zu device%s could not be judged and %s left out: %s", fetched->failed,
			fetched->failed == 1 ? "" : "s", fetched->failed == 1 ? "is" : "are", fetched->failure);
}

/* ---- applying */

static const char *const verb_names[] = {
	[VERB_ADD] = "add", [VERB_REMOVE] = "remove", [VERB_KEEP] = "keep", [VERB_SELECT] = "select",
};

static const char *const kind_names[] = {
	[SOURCE_NAMES] = "names", [SOURCE_CSV] = "csv", [SOURCE_QUERY] = "query", [SOURCE_RESULTS] = "results",
	[SOURCE_WHERE] = "where", [SOURCE_TAG] = "tag", [SOURCE_GROUP] = "group", [SOURCE_IP] = "ip",
	[SOURCE_SET] = "set", [SOURCE_ALL] = "all", [SOURCE_NONE] = "none",
};

static json_t *source_json(const struct source_request *request, const struct source_result *fetched)
{
	json_t *source = json_pack("{s:s}", "kind", kind_names[request->kind]);

	if (request->kind == SOURCE_NAMES) {
		json_t *names = json_array();

		for (const char *const *name = request->names; *name != NULL; name++)
			json_array_append_new(names, text_json(*name));
		json_object_set_new(source, "names", names);
	} else if (request->text != NULL) {
		json_object_set_new(source, request->kind == SOURCE_CSV ? "file" : "text", text_json(request->text));
	}
	if (fetched->sha256 != NULL)
		json_object_set_new(source, "sha256", json_string(fetched->sha256));
	return source;
}

static struct bitset *apply(const struct source_request *request, const struct source_result *fetched,
	const struct bitset *before)
{
	struct bitset *after = bitset_copy(request->verb == VERB_SELECT ? fetched->devices : before);

	if (request->verb == VERB_ADD)
		bitset_or(after, fetched->devices);
	if (request->verb == VERB_KEEP)
		bitset_and(after, fetched->devices);
	if (request->verb == VERB_REMOVE) {
		bitset_and_not(after, fetched->devices);
		bitset_and_not(after, fetched->doubtful);
	}
	return after;
}

/* Whoever says "not these" must be able to rely on it (contract 2, rule 4). */
static bool removed_all(const struct source_request *request, const struct source_result *fetched, struct error *error)
{
	if (request->verb != VERB_REMOVE)
		return true;
	if (fetched->unresolved->len > 0) {
		const struct source_entry *first = g_ptr_array_index(fetched->unresolved, 0);
		AUTO(g_string) GString *more = g_string_new(NULL);

		if (fetched->unresolved->len > 1)
			g_string_printf(more, " and %u more", fetched->unresolved->len - 1);
		error_set(error, ERROR_FAILED, "could not remove '%s'%s: %s; the rest was removed", first->text,
			more->str, first->reason);
	} else if (fetched->truncated) {
		error_set(error, ERROR_FAILED, "the query was cut at the service's limit, so not all that it means was "
			"removed");
	} else if (fetched->stale) {
		error_set(error, ERROR_FAILED, "the inventory could not be read anew, so it is not sure that all was "
			"removed");
	} else {
		return true;
	}
	error_hint(error, "`undo` takes the removal back; a new `select` starts over");
	return false;
}

static void members_set(const struct inventory *inventory, const struct source_result *fetched, struct result *result)
{
	result_member(result, "unresolved", unresolved_json(fetched->unresolved));
	result_member(result, "ambiguous", ambiguous_json(inventory, fetched->ambiguous));
	result_member(result, "chosen", chosen_json(inventory, fetched->chosen));
	result_member(result, "truncated", json_boolean(fetched->truncated));
}

static void keep_rest(struct tenant *tenant, struct source_result *fetched)
{
	g_clear_pointer(&tenant->unresolved, g_ptr_array_unref);
	tenant->unresolved = g_ptr_array_ref(fetched->unresolved);
	for (guint i = 0; i < fetched->ambiguous->len; i++) {
		const struct source_candidates *from = g_ptr_array_index(fetched->ambiguous, i);
		struct source_entry *entry = g_new0(struct source_entry, 1);

		entry->text = g_strdup(from->text);
		entry->file = g_strdup(from->file);
		entry->line = from->line;
		entry->reason = g_strdup_printf("ambiguous: %u devices", from->numbers->len);
		g_ptr_array_add(tenant->unresolved, entry);
	}
	if (fetched->queried != NULL) {
		hunting_rows_free(tenant->rows);
		tenant->rows = AUTO_STEAL(fetched->queried);
	}
}

bool selection_run(struct session *session, struct source_request *request, const char *label, struct result *result,
	struct error *error)
{
	struct tenant *tenant = selection_tenant(session, error);
	AUTO(source_result_free) struct source_result *fetched = NULL;
	AUTO(bitset_free) struct bitset *before = NULL;
	struct bitset *after;
	bool removed;

	if (tenant == NULL)
		return false;
	before = bitset_copy(fleet_set_members(tenant->set));
	request->members = before;
	request->rows = tenant->rows;
	fetched = source_fetch(&tenant->engine, request, error);
	if (fetched == NULL)
		return false;
	after = apply(request, fetched, before);
	log_change(session, verb_names[request->verb], source_json(request, fetched), before, after, fetched);
	tell_reading(session, request, fetched);
	tell_chosen(session, tenant->inventory, fetched->chosen);
	tell_doubtful(session, request, fetched);
	tell_ambiguous(session, tenant->inventory, fetched->ambiguous);
	tell_unresolved(session, fetched->unresolved);
	selection_counts(session, before, after, result);
	members_set(tenant->inventory, fetched, result);
	fleet_set_change(tenant->set, after, label);
	if (fetched->unresolved->len > 0 || fetched->ambiguous->len > 0 || fetched->truncated || fetched->stale ||
	    fetched->failed > 0)
		result_partial(result);
	removed = removed_all(request, fetched, error);
	keep_rest(tenant, fetched);
	return removed;
}
