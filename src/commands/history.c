/* What was ever done to a device. */
#include "config.h"
#include "commands/device_find.h"
#include "commands/entries.h"

#include <string.h>

#include "app/arguments.h"
#include "app/output.h"
#include "app/result.h"
#include "app/tenant.h"
#include "core/isotime.h"
#include "engine/history.h"
#include "engine/source.h"
#include "fleet/inventory.h"
#include "fleet/resolve.h"

/* A name that the inventory has no more may stand in a log or in the action list. */
static char *id_of_past(struct session *session, const char *name, const struct action_list *list,
	const struct error *unresolved, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *ids = history_ids_of_name(session->tenant->jobs, name, list, error);
	AUTO(g_string) GString *text = g_string_new(NULL);

	if (ids == NULL)
		return NULL;
	if (ids->len == 1) {
		session_say(session, "the inventory has no '%s'; device %s bore that name", name, (char *)ids->pdata[0]);
		return g_strdup(ids->pdata[0]);
	}
	error_copy(error, unresolved);
	if (ids->len == 0)
		return NULL;
	for (guint i = 0; i < ids->len && i < 8; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", (char *)ids->pdata[i]);
	error_hint(error, "devices that bore the name: %s", text->str);
	return NULL;
}

static void tell_merged(struct session *session, const char *id)
{
	const struct inventory *inventory = session->tenant->inventory;
	uint32_t number = inventory_find(inventory, id);
	const char *into = number != DEVICE_NONE && inventory_row(inventory, number) != INVENTORY_NO_ROW ?
		inventory_text(inventory, number, DEVICE_MERGED_INTO) : "";

	if (into[0] != '\0')
		session_say(session, "this record was merged into %s, which has a history of its own", into);
}

/* An id is taken as it is: the inventory need not have it. */
static char *device_id(struct session *session, const struct arguments *arguments, const struct action_list *list,
	struct error *error)
{
	const char *name = arguments_operand(arguments, 0);
	AUTO(g_free) char *plain = NULL;
	struct error fault = ERROR_INIT;
	uint32_t number;

	if (entry_classify(name, arguments_operand_quoted(arguments, 0), &plain, NULL) == ENTRY_DEVICE_ID) {
		tell_merged(session, plain);
		return g_steal_pointer(&plain);
	}
	if (device_find(session, arguments, &number, &fault))
		return g_strdup(inventory_id(session->tenant->inventory, number));
	if (fault.kind != ERROR_FAILED || fault.hint[0] != '\0' || plain == NULL) {
		error_copy(error, &fault);
		return NULL;
	}
	return id_of_past(session, plain, list, &fault, error);
}

static void history_row(struct result *result, const struct history_entry *entry, bool all)
{
	const struct action *action = entry->action;
	const char *why = entry->reason != NULL ? entry->reason : entry->message;
	char time[ISOTIME_SIZE];

	isotime_format_ms(entry->time, time);
	if (!all) {
		time[10] = ' ';
		time[19] = '\0';
	}
	result_cell(result, time);
	result_cellf(result, "%s%s%s", entry->what, entry->value != NULL ? " " : "", entry->value != NULL ? entry->value : "");
	result_cell(result, entry->outcome);
	result_cell(result, entry->status);
	result_cell(result, entry->user != NULL ? entry->user : action != NULL ? action->requestor : NULL);
	result_cell(result, entry->job);
	result_cell(result, history_from(entry));
	result_cell(result, entry->comment);
	result_cell(result, why);
	if (!all)
		return;
	result_cell(result, entry->case_id);
	result_cell(result, action != NULL ? action->requestor : NULL);
	result_cell(result, entry->action_id);
	result_cell(result, entry->file);
}

static void history_rows(struct result *result, const GPtrArray *entries, bool all)
{
	static const struct { const char *title; unsigned flags; } columns[] = {
		{ "TIME", 0 }, { "ACTION", RESULT_CUT }, { "OUTCOME", 0 }, { "STATUS", 0 }, { "WHO", RESULT_CUT }, { "JOB", 0 },
		{ "FROM", 0 }, { "COMMENT", RESULT_CUT }, { "REASON", RESULT_CUT }, { "CASE", 0 }, { "REQUESTOR", 0 },
		{ "ACTION ID", 0 }, { "FILE", 0 },
	};

	for (size_t i = 0; i < (all ? G_N_ELEMENTS(columns) : 9); i++)
		result_column(result, columns[i].title, columns[i].flags);
	for (guint i = 0; i < entries->len; i++)
		history_row(result, g_ptr_array_index(entries, i), all);
}

static bool history_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct error fault = ERROR_INIT;
	AUTO(action_list_free) struct action_list *list = actions_read(&session->tenant->engine, 0, &fault);
	AUTO(g_free) char *id = NULL;
	AUTO(g_ptr_array_unref) GPtrArray *entries = NULL;
	json_t *array = json_array();

	if (list == NULL && fault.kind == ERROR_INTERRUPTED) {
		json_decref(array);
		return error_copy(error, &fault);
	}
	if (session->journal != NULL && !journal_is_broken(session->journal))
		journal_commit(session->journal, NULL);
	id = device_id(session, arguments, list, error);
	entries = id != NULL ? history_read(session->tenant->jobs, id, list, error) : NULL;
	if (entries == NULL) {
		json_decref(array);
		return false;
	}
	history_rows(result, entries, output_result_format(session->output) == OUTPUT_CSV);
	for (guint i = 0; i < entries->len; i++)
		json_array_append_new(array, history_to_json(g_ptr_array_index(entries, i)));
	result_member(result, "id", json_string(id));
	result_member(result, "history", array);
	result_summary(result, "%u thing%s done to device %s%s", entries->len, entries->len == 1 ? "" : "s", id,
		list != NULL ? "" : ", by the logs here alone");
	if (list == NULL || !list->whole) {
		session_warn(session, "what others did may be missing: %s",
			list == NULL ? fault.text : "the list moved while it was read");
		result_partial(result);
	}
	return true;
}

static const struct command_option history_options[] = {
	{ "newest", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "of several records of the name the one last seen" },
	{ .name = NULL },
};
static const char *const history_help[] = {
	"From all logs here and the tenant's action list, merged by the action's id, oldest first. FROM tells which of the two "
	"knows of it. A device that has left the inventory is found by its id, or by the name that it bore.",
	NULL,
};
static const char *const history_examples[] = { "history fin-lt-014", "history fin-lt-014 > history.csv", NULL };
const struct command command_history = {
	.name = "history", .group = GROUP_LOOK, .summary = "print what was ever done to a device", .help = history_help,
	.examples = history_examples, .options = history_options,
	.operands = { { "NAME", VALUE_TEXT, 1, 1, COMPLETE_DEVICES, NULL, "its name, id or address" } },
	.flags = COMMAND_SIGN_IN, .run = history_run,
};
