#include "config.h"
#include "app/act.h"

#include <string.h>

#include "app/ask.h"
#include "app/output.h"
#include "app/settings.h"
#include "app/tenant.h"
#include "core/isotime.h"
#include "core/text.h"

#define TOLD_GROUPS 5

void act_run_from(const struct session *session, const struct arguments *arguments, struct act_run *run)
{
	uint64_t low, high;

	*run = (struct act_run){
		.yes = session->options->yes || arguments_has(arguments, "yes"),
		.dry_run = session->options->dry_run || arguments_has(arguments, "dry-run"),
		.background = arguments_background(arguments) || settings_bool(session->settings, "background"),
		.wait = arguments_has(arguments, "wait"),
		.expected = session->expected || arguments_range(arguments, "expect", &low, &high),
	};
	if (run->wait)
		run->background = false;
}

static bool act_not_barred(const struct session *session, struct error *error)
{
	const char *barred = session_barred(session);
	AUTO(g_free) char *safe = NULL;

	if (barred == NULL)
		return true;
	safe = text_safe(barred);
	error_set(error, ERROR_FAILED, "the working set may be wider than meant: '%.200s' failed", safe);
	error_hint(error, "select or query the set anew, undo to before that, or get that command to succeed");
	return false;
}

bool act_allowed(const struct session *session, bool needs_set, struct error *error)
{
	if (session->options->read_only)
		return error_set(error, ERROR_FAILED, "refused: --read-only");
	if (needs_set && !act_not_barred(session, error))
		return false;
	if (session->journal == NULL || journal_is_broken(session->journal))
		return error_set(error, ERROR_FAILED, "the session log cannot be written: what cannot be written down is not done");
	return true;
}

/* ---- the plan, for people */

static void append_counts(GString *out, const char *title, const GPtrArray *counts)
{
	guint i;

	if (counts->len == 0)
		return;
	g_string_append_printf(out, "  %-10s", title);
	for (i = 0; i < counts->len && i < TOLD_GROUPS; i++) {
		const struct plan_count *count = g_ptr_array_index(counts, i);

		g_string_append(out, i > 0 ? ", " : "");
		if (*count->text == '\0')
			g_string_append(out, "(none)");
		else
			text_append_safe(out, count->text, strlen(count->text));
		g_string_append_printf(out, " %zu", count->count);
	}
	if (counts->len > TOLD_GROUPS)
		g_string_append_printf(out, ", and %u more", counts->len - TOLD_GROUPS);
	g_string_append_c(out, '\n');
}

static int reason_compare(const void *a, const void *b)
{
	const struct plan_count *const *left = a, *const *right = b;

	return (*left)->count < (*right)->count ? 1 : (*left)->count > (*right)->count ? -1 : 0;
}

/* Devices of one outcome by reason, most first. */
static void append_reasons(GString *out, const struct plan *plan, enum plan_outcome outcome, size_t count,
	const char *title)
{
	AUTO(g_hash_table_unref) GHashTable *counts = g_hash_table_new(g_str_hash, g_str_equal);
	AUTO(g_ptr_array_unref) GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
	guint i;

	if (count == 0)
		return;
	for (i = 0; i < plan->devices->len; i++) {
		const struct plan_device *device = g_ptr_array_index(plan->devices, i);
		char *reason = device->reason != NULL ? device->reason : (char *)"";
		struct plan_count *entry;

		if (device->outcome != outcome)
			continue;
		entry = g_hash_table_lookup(counts, reason);
		if (entry == NULL) {
			entry = g_new0(struct plan_count, 1);
			entry->text = reason;
			g_hash_table_insert(counts, reason, entry);
			g_ptr_array_add(list, entry);
		}
		entry->count++;
	}
	g_ptr_array_sort(list, reason_compare);
	g_string_append_printf(out, "  %-10s%zu", title, count);
	for (i = 0; i < list->len && i < TOLD_GROUPS; i++) {
		const struct plan_count *entry = g_ptr_array_index(list, i);

		g_string_append(out, i == 0 ? ": " : "; ");
		if (list->len > 1)
			g_string_append_printf(out, "%zu ", entry->count);
		text_append_safe(out, entry->text, strlen(entry->text));
	}
	if (list->len > TOLD_GROUPS)
		g_string_append_printf(out, "; and %u more reasons", list->len - TOLD_GROUPS);
	g_string_append_c(out, '\n');
}

static void append_value(GString *out, const struct act *act)
{
	if (act->value == NULL)
		return;
	g_string_append_c(out, ' ');
	text_append_safe(out, act->value, strlen(act->value));
}

static void append_plan(GString *out, const struct session *session, const struct plan *plan)
{
	AUTO(g_free) char *time = duration_text(plan->estimate_ms);
	guint i;

	g_string_append_printf(out, "%s", act_name(&plan->act));
	append_value(out, &plan->act);
	g_string_append_printf(out, " in tenant %s: %zu of %zu device%s to be sent\n", session_tenant_name(session),
		plan->send, plan->total, plan->total == 1 ? "" : "s");
	append_counts(out, "platforms", plan->platforms);
	append_counts(out, "groups", plan->groups);
	append_reasons(out, plan, PLAN_ALREADY, plan->already, "already");
	append_reasons(out, plan, PLAN_SKIPPED, plan->skipped, "skipped");
	if (plan->outside > 0)
		g_string_append_printf(out, "  outside   %zu beyond --limit\n", plan->outside);
	if (plan->comment != NULL) {
		g_string_append(out, "  comment   ");
		text_append_safe(out, plan->comment, strlen(plan->comment));
		g_string_append_c(out, '\n');
	}
	if (plan->send > 0)
		g_string_append_printf(out, "  calls     %llu, %s%s at the service's limits\n", (unsigned long long)plan->calls,
			plan->estimate_ms < 1000 ? "" : "about ", plan->estimate_ms < 1000 ? "less than a second" : time);
	for (i = 0; i < plan->warnings->len; i++) {
		g_string_append(out, "  note      ");
		text_append_safe(out, g_ptr_array_index(plan->warnings, i), strlen(g_ptr_array_index(plan->warnings, i)));
		g_string_append_c(out, '\n');
	}
}

void act_show_plan(struct session *session, const struct plan *plan, bool dry_run, struct result *result)
{
	AUTO(g_string) GString *text = g_string_new(NULL);

	if (dry_run) {
		append_plan(result_text(result), session, plan);
		return;
	}
	append_plan(text, session, plan);
	output_say(session->output, false, text->str);
}

/* ---- asking */

bool act_confirm(struct session *session, const struct act_run *run, const char *what, size_t count,
	const char **confirmed, struct error *error)
{
	AUTO(g_free) char *number = g_strdup_printf("%zu", count);
	AUTO(g_free) char *question = NULL;
	bool by_number = count > session_confirm_above(session);

	if (run->confirmed) {
		*confirmed = session->batch && run->yes ? "-y" : "tty";
		return true;
	}
	if (session->batch && run->yes) {
		if (run->disruptive && !run->expected) {
			error_set(error, ERROR_USAGE, "a disruptive action without a question needs --expect, or 'expect' since "
				"the set last changed");
			return false;
		}
		*confirmed = "-y";
		return true;
	}
	*confirmed = "tty";
	if (by_number)
		question = g_strdup_printf("%s? Type %zu (their number) to go on: ", what, count);
	else
		question = g_strdup_printf("%s? Type yes to go on: ", what);
	return ask_confirm(session, question, by_number ? number : "yes", error);
}

static bool ask_protected(struct session *session, const struct act *act, struct error *error)
{
	if (!act->include_protected || !act_is_disruptive(act))
		return true;
	if (session->batch)
		return error_set(error, ERROR_USAGE, "'--include-protected' is never possible in batch mode");
	return ask_confirm(session, "Protected devices are included. Type include-protected to go on: ",
		"include-protected", error);
}

/* The comment from option or setting, else asked for; new. NULL with error set if there is none. */
static char *comment_of(struct session *session, const struct arguments *arguments, const struct act_run *run,
	struct error *error)
{
	const char *given = arguments_text(arguments, "comment");
	char *answer;

	if (given == NULL && *settings_text(session->settings, "comment") != '\0')
		given = settings_text(session->settings, "comment");
	if (given != NULL)
		return g_strdup(given);
	if (!command_needs_comment(arguments_command(arguments)))
		return g_strdup("");
	if (!session->batch && run->dry_run)
		return g_strdup("(dry run)");
	if (session->batch) {
		error_set(error, ERROR_USAGE, "'%s' needs a comment", arguments_command(arguments)->name);
		error_hint(error, "--comment TEXT");
		return NULL;
	}
	answer = ask_line(session, "Comment (kept in the customer's audit trail): ", error);
	if (answer != NULL && *answer == '\0') {
		g_free(answer);
		error_set(error, ERROR_FAILED, "no comment, so nothing was sent");
		return NULL;
	}
	return answer;
}

/* What goes to the tenant and into the log must not hold a secret. */
static bool check_secret(const struct session *session, const char *text, const char *what, struct error *error)
{
	AUTO(g_free) char *masked = text != NULL ? session_mask(session, text) : NULL;

	if (text == NULL || strcmp(masked, text) == 0)
		return true;
	return error_set(error, ERROR_FAILED, "the %s holds a secret: nothing was sent", what);
}

/* ---- the whole act */

static bool check_expect(const struct session *session, const struct arguments *arguments, struct error *error)
{
	uint64_t low, high, count = session_device_count(session);

	if (!arguments_range(arguments, "expect", &low, &high) || (count >= low && count <= high))
		return true;
	if (low == high)
		return error_set(error, ERROR_FAILED, "the working set has %" G_GUINT64_FORMAT " devices, not the %"
			G_GUINT64_FORMAT " expected; nothing was sent", count, low);
	return error_set(error, ERROR_FAILED, "the working set has %" G_GUINT64_FORMAT " devices, not %" G_GUINT64_FORMAT
		" to %" G_GUINT64_FORMAT " as expected; nothing was sent", count, low, high);
}

static void dry_result(struct session *session, struct plan *plan, struct result *result)
{
	json_t *members = json_object(), *value;
	const char *name;

	plan_to_json(plan, members);
	json_object_foreach(members, name, value)
		result_member(result, name, json_incref(value));
	json_decref(session->dry_run_last);
	session->dry_run_last = members;
	result_summary(result, "dry run: nothing was sent");
	jobs_note_dry_run(session->tenant->jobs);
}

bool act_carry_out(struct session *session, const struct act *act, const struct bitset *devices,
	const struct act_run *how, struct result *result, struct error *error)
{
	struct act_run run = *how;
	AUTO(plan_free) struct plan *plan = plan_new(&session->tenant->engine, act, devices, error);
	AUTO(g_free) char *what = NULL;
	const char *confirmed = run.yes ? "-y" : "tty";
	struct job *job;

	if (plan == NULL)
		return false;
	run.disruptive = act_is_disruptive(act);
	act_show_plan(session, plan, run.dry_run, result);
	if (run.dry_run) {
		dry_result(session, plan, result);
		return true;
	}
	what = g_strdup_printf("%s %zu device%s in %s", act_name(act), plan->send, plan->send == 1 ? "" : "s",
		session_tenant_name(session));
	if (plan->send > 0 && (!ask_protected(session, act, error) ||
	                       !act_confirm(session, &run, what, plan->send, &confirmed, error)))
		return false;
	json_decref(session->dry_run_last);
	session->dry_run_last = NULL;
	job = job_start(session->tenant->jobs, plan, confirmed, error);
	return job != NULL && act_run_job(session, job, &run, result, error);
}

bool act_command(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	const struct command *command = arguments_command(arguments);
	AUTO(g_free) char *comment = NULL;
	struct act act = { 0 };
	struct act_run run;

	act_run_from(session, arguments, &run);
	if (session_engine(session, error) == NULL || !check_expect(session, arguments, error))
		return false;
	if (session_device_count(session) == 0) {
		error_set(error, ERROR_FAILED, "the working set is empty: nothing was sent");
		error_hint(error, "an empty set never means all; 'add', 'select' or 'query' devices first");
		return false;
	}
	/* A plan of a set that is wider than meant would be believed, too. */
	if (!(run.dry_run ? act_not_barred(session, error) : act_allowed(session, true, error)))
		return false;
	if (command->action != NULL) {
		act.verb = ACT_DEVICE;
		act.kind = defender_action_kind(command->action);
	}
	act.limit = (size_t)arguments_number(arguments, "limit", 0);
	act.canary = (size_t)arguments_number(arguments, "canary", 0);
	act.order = arguments_text(arguments, "order");
	act.force = arguments_has(arguments, "force");
	act.include_protected = arguments_has(arguments, "include-protected");
	if (!command->act(session, arguments, &act, error))
		return false;
	comment = comment_of(session, arguments, &run, error);
	if (comment == NULL)
		return false;
	act.comment = *comment != '\0' ? comment : NULL;
	if (!check_secret(session, act.comment, "comment", error) || !check_secret(session, act.value, "tag", error) ||
	    !check_secret(session, session->case_id, "case", error))
		return false;
	return act_carry_out(session, &act, fleet_set_members(session->tenant->set), &run, result, error);
}
