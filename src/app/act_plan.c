/* The plan as people see it (contract, section 4, step 1): the same for a dry run and before the question. */
#include "config.h"
#include "app/act.h"

#include <string.h>

#include "app/output.h"
#include "app/tenant.h"
#include "core/isotime.h"
#include "core/text.h"
#include "fleet/inventory.h"

#define TOLD_GROUPS 6  /* lines of a kind; the last one sums up what else there is */
#define LISTED_ALL 20  /* up to so many devices are listed before the question */
#define KIND_WIDTH 10  /* "to be sent" */
#define COUNT_WIDTH 7  /* "DEVICES" */
#define NO_WIDTH 100000   /* where there is no terminal lines are not broken */
#define WHICH_COLUMN (KIND_WIDTH + 2 + COUNT_WIDTH + 2)

/* ---- lines of the table: what, how many, which */

/* Text of any origin from its column on, broken at blanks; further lines begin there, too. */
static void append_which(GString *out, const char *text, size_t width)
{
	AUTO(g_string) GString *padded = g_string_new(NULL);
	AUTO(g_free) char *wrapped = NULL;
	AUTO(g_strfreev) char **lines = NULL;

	/* text_wrap indents by two more than the line it breaks. */
	g_string_append_printf(padded, "%*s", WHICH_COLUMN - 2, "");
	text_append_safe(padded, text, strlen(text));
	wrapped = text_wrap(padded->str, MAX(width, WHICH_COLUMN + 22) - 2);
	lines = g_strsplit(wrapped, "\n", -1);
	for (size_t i = 0; lines[i] != NULL; i++)
		if (i == 0)
			g_string_append(out, lines[i] + WHICH_COLUMN - 2);
		else
			g_string_append_printf(out, "\n%s", lines[i]);
}

static void append_row(GString *out, const char *kind, size_t count, const char *which, size_t width)
{
	g_string_append_printf(out, "%-*s  %*zu", KIND_WIDTH, kind, COUNT_WIDTH, count);
	if (*which != '\0') {
		g_string_append(out, "  ");
		append_which(out, which, width);
	}
	g_string_append_c(out, '\n');
}

/* Counts, most first; those beyond the room are one line. what: "platforms". */
static void append_counts(GString *out, const char *kind, const GPtrArray *counts, const char *what, size_t width)
{
	guint told = counts->len <= TOLD_GROUPS ? counts->len : TOLD_GROUPS - 1;
	size_t others = 0;

	for (guint i = 0; i < counts->len; i++) {
		const struct plan_count *count = g_ptr_array_index(counts, i);

		if (i < told)
			append_row(out, i == 0 ? kind : "", count->count, *count->text != '\0' ? count->text : "(none)", width);
		else
			others += count->count;
	}
	if (told < counts->len) {
		AUTO(g_free) char *text = g_strdup_printf("%u more %s", counts->len - told, what);

		append_row(out, "", others, text, width);
	}
}

static int count_compare(const void *a, const void *b)
{
	const struct plan_count *const *left = a, *const *right = b;

	return (*left)->count < (*right)->count ? 1 : (*left)->count > (*right)->count ? -1 : 0;
}

static void plan_count_clear(void *data)
{
	struct plan_count *count = data;

	g_free(count->text);
	g_free(count);
}

/* How long the text of a reason is that other devices share: when it began is each device's own. */
static size_t shared_length(const char *reason)
{
	const char *since = g_strrstr(reason, " since ");

	return since != NULL ? (size_t)(since - reason) : strlen(reason);
}

/* Devices of one outcome by reason, most first; a new array of struct plan_count. */
static GPtrArray *count_reasons(const struct plan *plan, enum plan_outcome outcome)
{
	AUTO(g_hash_table_unref) GHashTable *by_text = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *counts = g_ptr_array_new_with_free_func(plan_count_clear);

	for (guint i = 0; i < plan->devices->len; i++) {
		const struct plan_device *device = g_ptr_array_index(plan->devices, i);
		const char *reason = device->reason != NULL ? device->reason : "";
		AUTO(g_free) char *shared = g_strndup(reason, shared_length(reason));
		struct plan_count *count;

		if (device->outcome != outcome)
			continue;
		count = g_hash_table_lookup(by_text, shared);
		if (count == NULL) {
			count = g_new0(struct plan_count, 1);
			count->text = g_strdup(reason);
			g_hash_table_insert(by_text, AUTO_STEAL(shared), count);
			g_ptr_array_add(counts, count);
		} else if (strcmp(reason, count->text) < 0) { /* times read in their order: the earliest is told */
			g_free(count->text);
			count->text = g_strdup(reason);
		}
		count->count++;
	}
	g_ptr_array_sort(counts, count_compare);
	return counts;
}

static void append_reasons(GString *out, const struct plan *plan, enum plan_outcome outcome, const char *kind,
	size_t width)
{
	AUTO(g_ptr_array_unref) GPtrArray *counts = count_reasons(plan, outcome);

	append_counts(out, kind, counts, "reasons", width);
}

/* ---- the plan */

static void append_title(GString *out, const struct session *session, const struct plan *plan, size_t width)
{
	AUTO(g_string) GString *line = g_string_new(act_name(&plan->act));
	const char *tenant = session_tenant_name(session);
	AUTO(g_free) char *wrapped = NULL;

	if (plan->act.value != NULL) {
		g_string_append_c(line, ' ');
		text_append_safe(line, plan->act.value, strlen(plan->act.value));
	}
	g_string_append(line, " in tenant ");
	text_append_safe(line, tenant, strlen(tenant));
	g_string_append_printf(line, ": %zu of %zu device%s to be sent", plan->send, plan->total, plan->total == 1 ? "" : "s");
	wrapped = text_wrap(line->str, width);
	g_string_append_printf(out, "%s\n", wrapped);
}

static void append_note(GString *out, const char *kind, const char *text, size_t width)
{
	g_string_append_printf(out, "%-*s", WHICH_COLUMN, kind);
	append_which(out, text, width);
	g_string_append_c(out, '\n');
}

static void append_calls(GString *out, const struct plan *plan, size_t width)
{
	AUTO(g_free) char *time = duration_text(plan->estimate_ms);
	AUTO(g_free) char *text = NULL;

	if (plan->send == 0)
		return;
	text = plan->estimate_ms < 1000 ? g_strdup("less than a second at the service's limits") :
		g_strdup_printf("about %s at the service's limits", time);
	append_row(out, "calls", plan->calls, text, width);
}

static void append_plan(GString *out, const struct session *session, const struct plan *plan, size_t width)
{
	append_title(out, session, plan, width);
	g_string_append_printf(out, "%-*s  %*s\n", KIND_WIDTH, "", COUNT_WIDTH, "DEVICES");
	append_row(out, "to be sent", plan->send, "", width);
	append_counts(out, "  platform", plan->platforms, "platforms", width);
	append_counts(out, "  group", plan->groups, "groups", width);
	append_reasons(out, plan, PLAN_ALREADY, "already", width);
	append_reasons(out, plan, PLAN_SKIPPED, "skipped", width);
	if (plan->outside > 0)
		append_row(out, "outside", plan->outside, "beyond --limit: not part of the job", width);
	append_calls(out, plan, width);
	if (plan->act.canary > 0 && plan->act.canary < plan->send)
		append_row(out, "canary", plan->act.canary, "first, to their final state; then it asks", width);
	if (plan->comment != NULL)
		append_note(out, "comment", plan->comment, width);
	for (guint i = 0; i < plan->warnings->len; i++)
		append_note(out, "note", g_ptr_array_index(plan->warnings, i), width);
}

/* ---- device by device */

static const char *outcome_name(enum plan_outcome outcome)
{
	static const char *const names[] = {
		[PLAN_SEND] = "planned", [PLAN_ALREADY] = "already", [PLAN_SKIPPED] = "skipped", [PLAN_OUTSIDE] = "outside",
	};

	return names[outcome];
}

static void plan_rows(const struct session *session, const struct plan *plan, bool all, struct result *result)
{
	const struct inventory *inventory = session->tenant->inventory;

	result_column(result, "DEVICE", RESULT_CUT | RESULT_NAME);
	result_column(result, "OUTCOME", 0);
	result_column(result, "PLATFORM", RESULT_CUT);
	result_column(result, "GROUP", RESULT_CUT);
	result_column(result, "REASON", RESULT_CUT);
	if (all) {
		result_column(result, "ID", 0);
		result_column(result, "ACTION ID", 0);
	}
	for (guint i = 0; i < plan->devices->len; i++) {
		const struct plan_device *device = g_ptr_array_index(plan->devices, i);

		if (device->outcome == PLAN_OUTSIDE)
			continue;
		result_cell(result, device->name[0] != '\0' ? device->name : device->id);
		result_cell(result, outcome_name(device->outcome));
		result_cell(result, inventory_text(inventory, device->number, DEVICE_OS_PLATFORM));
		result_cell(result, inventory_text(inventory, device->number, DEVICE_GROUP));
		result_cell(result, device->outcome == PLAN_SEND && !device->active ? "not active" : device->reason);
		if (all) {
			result_cell(result, device->id);
			result_cell(result, device->action_id);
		}
	}
}

void act_show_plan(struct session *session, const struct plan *plan, bool dry_run, struct result *result)
{
	bool message = !dry_run || output_result_format(session->output) != OUTPUT_TABLE;
	unsigned width = output_line_width(session->output, message);
	AUTO(result_free) struct result *shown = NULL;
	bool all = dry_run && output_result_format(session->output) == OUTPUT_CSV;

	if (dry_run && output_result_format(session->output) == OUTPUT_JSON) {
		shown = result_new();
		append_plan(result_text(shown), session, plan, width > 0 ? width : NO_WIDTH);
		output_say_result(session->output, false, shown);
		return;
	}
	if (dry_run) {
		append_plan(result_text(result), session, plan, width > 0 ? width : NO_WIDTH);
		plan_rows(session, plan, all, result);
		return;
	}
	shown = result_new();
	append_plan(result_text(shown), session, plan, width > 0 ? width : NO_WIDTH);
	if (plan->total <= LISTED_ALL)
		plan_rows(session, plan, false, shown);
	else
		result_summary(shown, "every device: the same with --dry-run, to a file with --dry-run > FILE.csv");
	/* A question without its plan is none, whatever -q says. */
	output_say_result(session->output, !(session->batch && session->options->yes), shown);
}
