#include "config.h"

#include <string.h>

#include "app/arguments.h"
#include "app/check.h"
#include "app/editor.h"
#include "app/saved_sets.h"
#include "app/tenant.h"
#include "commands/select.h"
#include "commands/selection.h"
#include "core/isotime.h"
#include "core/text.h"
#include "engine/job.h"
#include "engine/sync.h"
#include "fleet/fleet_set.h"
#include "fleet/inventory.h"

/* ---- undo, redo */

/* After an act, undo changes the set alone: say which job did something, and what to type. */
static void tell_revert(struct session *session)
{
	const struct job *job = jobs_find(session->tenant->jobs, NULL, JOBS_LAST, NULL);

	if (job != NULL && job->reverted_by == NULL)
		session_say(session, "only the working set changed; what job %s did stays: `revert %s` undoes it", job->id,
			job->id);
}

static bool step_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	bool undo = strcmp(arguments_command(arguments)->name, "undo") == 0;
	struct tenant *tenant = selection_tenant(session, error);
	AUTO(bitset_free) struct bitset *before = NULL;
	const char *label;

	if (tenant == NULL)
		return false;
	before = bitset_copy(fleet_set_members(tenant->set));
	label = undo ? fleet_set_undo(tenant->set) : fleet_set_redo(tenant->set);
	if (label == NULL)
		return error_set(error, ERROR_FAILED, "there is nothing to %s", undo ? "undo" : "redo");
	session_say(session, "%s: %s", undo ? "undone" : "redone", label);
	selection_log(session, undo ? "undo" : "redo", json_pack("{s:s}", "kind", undo ? "undo" : "redo"), before);
	selection_counts(session, before, fleet_set_members(tenant->set), result);
	selection_nothing_told(result);
	session_bar_undo(session, fleet_set_undo_steps(tenant->set));
	session->expected = false;
	if (undo)
		tell_revert(session);
	return true;
}

const struct command command_undo = {
	.name = "undo", .group = GROUP_SELECT, .summary = "take back the last change of the working set",
	.flags = COMMAND_SIGN_IN, .run = step_run,
};
const struct command command_redo = {
	.name = "redo", .group = GROUP_SELECT, .summary = "do again what was undone",
	.flags = COMMAND_SIGN_IN, .run = step_run,
};

/* ---- saved sets */

static bool name_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	(void)check;
	return saved_set_name_check(arguments_operand(arguments, 0), error);
}

static bool save_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct tenant *tenant = selection_tenant(session, error);
	const char *name = arguments_operand(arguments, 0);
	AUTO(g_free) char *count = NULL;

	if (tenant == NULL || !saved_set_save(&tenant->engine, name, fleet_set_members(tenant->set), error))
		return false;
	fleet_set_saved(tenant->set);
	count = count_text(fleet_set_count(tenant->set));
	result_summary(result, "saved %s devices as '%s'", count, name);
	return true;
}

#define SET_OPERAND { { "NAME", VALUE_TEXT, 1, 1, COMPLETE_SETS, NULL, "the set's name" } }

const struct command command_save = {
	.name = "save", .group = GROUP_SELECT, .summary = "save the working set under a name",
	.operands = SET_OPERAND, .flags = COMMAND_SIGN_IN, .check = name_check, .run = save_run,
};

static bool drop_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct tenant *tenant = selection_tenant(session, error);
	const char *name = arguments_operand(arguments, 0);

	if (tenant == NULL || !saved_set_drop(&tenant->engine, name, error))
		return false;
	result_summary(result, "dropped '%s'", name);
	return true;
}

const struct command command_drop = {
	.name = "drop", .group = GROUP_SELECT, .summary = "forget a saved set",
	.operands = SET_OPERAND, .flags = COMMAND_SIGN_IN, .check = name_check, .run = drop_run,
};

static bool sets_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct tenant *tenant = selection_tenant(session, error);
	AUTO(g_ptr_array_unref) GPtrArray *sets = NULL;
	json_t *array = json_array();

	(void)arguments;
	result_member(result, "sets", array);
	if (tenant == NULL)
		return false;
	sets = saved_sets(&tenant->engine);
	result_column(result, "name", 0);
	result_column(result, "count", RESULT_RIGHT);
	for (guint i = 0; i < sets->len; i++) {
		const struct saved_set *set = g_ptr_array_index(sets, i);

		json_array_append_new(array, json_pack("{s:s,s:I}", "name", set->name, "count",
			(json_int_t)set->count));
		result_cell(result, set->name);
		result_cellf(result, "%zu", set->count);
	}
	if (sets->len == 0)
		result_summary(result, "no saved sets; `save NAME` makes one");
	return true;
}

const struct command command_sets = {
	.name = "sets", .group = GROUP_SELECT, .summary = "list the saved sets", .flags = COMMAND_SIGN_IN, .run = sets_run,
};

/* ---- count, unresolved, refresh */

static bool count_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	size_t count = session_device_count(session);

	(void)arguments;
	(void)error;
	result_member(result, "count", json_integer((json_int_t)count));
	result_summary(result, "%zu", count);
	return true;
}

const struct command command_count = {
	.name = "count", .group = GROUP_SELECT, .summary = "print how many devices are in the working set", .run = count_run,
};

static bool unresolved_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	GPtrArray *entries = session->tenant != NULL ? session->tenant->unresolved : NULL;
	json_t *array = json_array();

	(void)arguments;
	(void)error;
	result_column(result, "text", RESULT_CUT);
	result_column(result, "file", RESULT_CUT);
	result_column(result, "line", RESULT_RIGHT);
	result_column(result, "reason", RESULT_CUT);
	for (guint i = 0; entries != NULL && i < entries->len; i++) {
		const struct source_entry *entry = g_ptr_array_index(entries, i);
		AUTO(g_free) char *line = entry->line > 0 ? g_strdup_printf("%u", entry->line) : NULL;
		AUTO(g_free) char *text = g_utf8_make_valid(entry->text, -1);

		result_cell(result, text);
		result_cell(result, entry->file);
		result_cell(result, line);
		result_cell(result, entry->reason);
		json_array_append_new(array, json_pack("{s:s,s:s?,s:o,s:s}", "text", text, "file", entry->file, "line",
			entry->line > 0 ? json_integer(entry->line) : json_null(), "reason", entry->reason));
	}
	result_member(result, "unresolved", array);
	if (entries == NULL || entries->len == 0)
		result_summary(result, "nothing is unresolved");
	return true;
}

const struct command command_unresolved = {
	.name = "unresolved", .group = GROUP_SELECT,
	.summary = "print what the last selecting command could not resolve", .run = unresolved_run,
};

static bool refresh_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct tenant *tenant = selection_tenant(session, error);
	AUTO(g_free) char *count = NULL;

	(void)arguments;
	if (tenant == NULL || !inventory_refresh(&tenant->engine, error))
		return false;
	count = count_text(inventory_rows(tenant->inventory));
	result_summary(result, "%s devices in the inventory, read now", count);
	return true;
}

const struct command command_refresh = {
	.name = "refresh", .group = GROUP_SELECT, .summary = "read the inventory anew",
	.flags = COMMAND_SIGN_IN, .run = refresh_run,
};

/* ---- pick */

#define PICK_HEADER \
	"# Delete the lines of the devices to drop; the others stay. Lines must not be changed or added.\n" \
	"# To leave without a change, leave the file as it is.\n"

static char *pick_text(const struct inventory *inventory, const struct bitset *members)
{
	GString *text = g_string_new(PICK_HEADER);

	for (uint32_t n = bitset_next(members, 0); n != BITSET_END; n = bitset_next(members, n + 1)) {
		const char *name = inventory_name(inventory, n);
		const char *fields[] = { name, inventory_text(inventory, n, DEVICE_OS_PLATFORM),
			inventory_text(inventory, n, DEVICE_GROUP), inventory_text(inventory, n, DEVICE_HEALTH) };

		g_string_append(text, inventory_id(inventory, n));
		for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
			g_string_append(text, "  ");
			text_append_safe(text, fields[i], strlen(fields[i]));
		}
		g_string_append_c(text, '\n');
	}
	return g_string_free(text, FALSE);
}

/* The devices of the lines that are left; a line that is not one of the set's is an error and nothing changes. */
static struct bitset *pick_read(const struct inventory *inventory, const struct bitset *members, const char *text,
	struct error *error)
{
	AUTO(bitset_free) struct bitset *left = bitset_new();
	AUTO(g_strfreev) char **lines = g_strsplit(text, "\n", -1);

	for (unsigned i = 0; lines[i] != NULL; i++) {
		char *line = g_strstrip(lines[i]);
		AUTO(g_free) char *id = g_strndup(line, strcspn(line, " \t"));
		uint32_t number;

		if (line[0] == '\0' || line[0] == '#')
			continue;
		number = inventory_find(inventory, id);
		if (number == DEVICE_NONE || !bitset_has(members, number)) {
			error_set(error, ERROR_FAILED, "'%s' is not a device of the working set; nothing was changed", id);
			error_at(error, "pick", i + 1, 1);
			return NULL;
		}
		bitset_add(left, number);
	}
	return AUTO_STEAL(left);
}

static bool pick_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct tenant *tenant = selection_tenant(session, error);
	AUTO(g_free) char *text = NULL;
	struct bitset *left;

	(void)arguments;
	if (tenant == NULL)
		return false;
	text = pick_text(tenant->inventory, fleet_set_members(tenant->set));
	if (!editor_run(session, &text, error))
		return false;
	left = pick_read(tenant->inventory, fleet_set_members(tenant->set), text, error);
	if (left == NULL)
		return false;
	if (bitset_equal(left, fleet_set_members(tenant->set))) {
		selection_counts(session, left, left, result);
		bitset_free(left);
		return true;
	}
	selection_change(session, left, "keep", json_pack("{s:s}", "kind", "pick"), "pick", result);
	return true;
}

static const char *const pick_help[] = {
	"Opens the working set in $VISUAL or $EDITOR, a line a device; deleting a line drops the device. An empty file, but "
	"for comments, empties the set.", NULL,
};
const struct command command_pick = {
	.name = "pick", .group = GROUP_SELECT, .summary = "drop devices in your editor", .help = pick_help,
	.flags = COMMAND_SIGN_IN | COMMAND_CHANGES_SET | COMMAND_DEVICES | COMMAND_SHELL, .run = pick_run,
};
