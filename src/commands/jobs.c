#include "config.h"
#include "commands/entries.h"

#include <string.h>

#include "app/act.h"
#include "app/arguments.h"
#include "app/ask.h"
#include "app/check.h"
#include "app/output.h"
#include "app/result.h"
#include "app/settings.h"
#include "app/tenant.h"
#include "core/isotime.h"
#include "core/text.h"
#include "engine/actions.h"

#define JOB_OPERAND { "ID", VALUE_TEXT, 0, 1, COMPLETE_JOBS, NULL, "a job's id, an ending of it, or %N; else the last" }

/* The job meant. *dry: none, as the last act was a dry run; that is told, and no failure. */
static struct job *find(struct session *session, const struct arguments *arguments, enum jobs_want want,
	struct result *result, bool *dry, struct error *error)
{
	const char *id = arguments_operand(arguments, 0), *name;
	json_t *value;

	*dry = id == NULL && want != JOBS_NAMED && session->dry_run_last != NULL;
	if (!*dry)
		return jobs_find(session->tenant->jobs, id, want, error);
	json_object_foreach(session->dry_run_last, name, value)
		result_member(result, name, json_incref(value));
	result_summary(result, "the last act was a dry run: nothing was sent");
	return NULL;
}

/* ---- jobs */

static void jobs_columns(struct result *result)
{
	result_column(result, "JOB", 0);
	result_column(result, "ACTION", 0);
	result_column(result, "TOTAL", RESULT_RIGHT);
	result_column(result, "OUTCOMES", RESULT_CUT);
	result_column(result, "OPEN", 0);
}

static void jobs_row(struct result *result, const json_t *listing)
{
	static const char *const outcomes[] = { "accepted", "already", "skipped", "refused", "unsent", "unknown", "pending" };
	AUTO(g_string) GString *text = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(outcomes); i++) {
		long long count = (long long)json_integer_value(json_object_get(listing, outcomes[i]));

		if (count > 0)
			g_string_append_printf(text, "%s%lld %s", text->len > 0 ? ", " : "", count, outcomes[i]);
	}
	result_cell(result, json_string_value(json_object_get(listing, "job")));
	result_cell(result, json_string_value(json_object_get(listing, "action")));
	result_cellf(result, "%lld", (long long)json_integer_value(json_object_get(listing, "total")));
	result_cell(result, text->str);
	result_cell(result, json_is_true(json_object_get(listing, "open")) ? "open" : "");
}

static bool jobs_of_tenant(struct session *session, struct result *result, struct error *error)
{
	AUTO(action_list_free) struct action_list *list = actions_read(&session->tenant->engine, 0, error);
	json_t *jobs, *item;
	size_t i;

	if (list == NULL)
		return false;
	jobs = actions_jobs(list);
	result_column(result, "JOB", 0);
	result_column(result, "USER", 0);
	result_column(result, "ACTION", 0);
	result_column(result, "STARTED", 0);
	result_column(result, "TOTAL", RESULT_RIGHT);
	json_array_foreach(jobs, i, item) {
		result_cell(result, json_string_value(json_object_get(item, "job")));
		result_cell(result, json_string_value(json_object_get(item, "user")));
		result_cell(result, json_string_value(json_object_get(item, "action")));
		result_cell(result, json_string_value(json_object_get(item, "started")));
		result_cellf(result, "%lld", (long long)json_integer_value(json_object_get(item, "total")));
	}
	result_summary(result, "%zu job%s in the tenant's action list", json_array_size(jobs),
		json_array_size(jobs) == 1 ? "" : "s");
	result_member(result, "jobs", jobs);
	return true;
}

static bool jobs_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *all = NULL;
	json_t *array;
	guint i;

	if (arguments_has(arguments, "tenant"))
		return jobs_of_tenant(session, result, error);
	all = jobs_all(session->tenant->jobs, error);
	if (all == NULL)
		return false;
	array = json_array();
	jobs_columns(result);
	for (i = 0; i < all->len; i++) {
		json_t *listing = job_listing(g_ptr_array_index(all, i));

		jobs_row(result, listing);
		json_array_append_new(array, listing);
	}
	result_member(result, "jobs", array);
	result_summary(result, "%u job%s", all->len, all->len == 1 ? "" : "s");
	return true;
}

static const struct command_option jobs_options[] = {
	{ "tenant", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "of all people and machines, from the action list" },
	{ .name = NULL },
};
const struct command command_jobs = {
	.name = "jobs", .group = GROUP_JOBS, .summary = "list the jobs of this tenant in the logs here",
	.options = jobs_options, .flags = COMMAND_SIGN_IN, .run = jobs_run,
};

/* ---- job, wait */

static bool job_run_command(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	bool dry;
	struct job *job = find(session, arguments, JOBS_LAST, result, &dry, error);

	if (job == NULL)
		return dry;
	act_account(session, job, result);
	return true;
}

const struct command command_job = {
	.name = "job", .group = GROUP_JOBS, .summary = "print a job, device by device",
	.operands = { JOB_OPERAND }, .flags = COMMAND_SIGN_IN, .run = job_run_command,
};

static bool wait_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct job_hooks hooks = act_hooks(session);
	struct error fault = ERROR_INIT;
	bool dry;
	struct job *job = find(session, arguments, JOBS_LAST, result, &dry, error);

	if (job == NULL)
		return dry;
	if (!job_watch(session->tenant->jobs, job, arguments_number(arguments, "for", 0), &hooks, &fault) &&
	    fault.kind != ERROR_PARTIAL) {
		act_account(session, job, result);
		return error_copy(error, &fault);
	}
	output_progress(session->output, NULL);
	act_account(session, job, result);
	if (fault.kind != ERROR_NONE)
		session_warn(session, "%s", fault.text);
	if (!job_is_succeeded(job))
		result_partial(result);
	return true;
}

static const struct command_option wait_options[] = {
	{ "for", '\0', VALUE_DURATION, "DURATION", COMPLETE_NOTHING, NULL, "no longer than 30s, 15m, 2h, ..." },
	{ .name = NULL },
};
static const char *const wait_examples[] = { "wait", "wait --for 10m", "wait %2", NULL };
const struct command command_wait = {
	.name = "wait", .group = GROUP_JOBS, .summary = "wait until every device of a job has its final state",
	.options = wait_options, .examples = wait_examples, .operands = { JOB_OPERAND }, .flags = COMMAND_SIGN_IN,
	.run = wait_run,
};

/* ---- resume */

static void tell_resume(struct session *session, const struct job *job, const struct resume_plan *plan)
{
	AUTO(g_free) char *rested = duration_text(plan->rested_ms);
	size_t taken_out = json_array_size(plan->skipped);

	session_say(session, "%s, job %s, rested %s: %zu to be sent, %zu unknown, %zu taken out", job->action, job->id, rested,
		plan->send, plan->unknown, taken_out);
	if (plan->plan != NULL)
		act_show_plan(session, plan->plan, false, NULL);
}

static bool resume_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	AUTO(resume_plan_free) struct resume_plan *plan = NULL;
	AUTO(g_free) char *what = NULL;
	const char *confirmed = "-y";
	struct act_run run;
	struct job *job;
	bool dry;

	job = find(session, arguments, JOBS_UNFINISHED, result, &dry, error);
	if (job == NULL)
		return dry;
	act_run_from(session, arguments, &run);
	run.expected = true; /* its devices were frozen and confirmed when it was started */
	run.disruptive = job->kind != NULL && job->kind->disruptive;
	if (!run.dry_run && !act_allowed(session, false, error))
		return false;
	plan = job_resume_plan(session->tenant->jobs, job, error);
	if (plan == NULL)
		return false;
	tell_resume(session, job, plan);
	if (run.dry_run) {
		act_account(session, job, result);
		result_summary(result, "dry run: nothing was sent");
		return true;
	}
	what = g_strdup_printf("resume %s on %zu device%s in %s", job->action, plan->send, plan->send == 1 ? "" : "s",
		session_tenant_name(session));
	if (plan->send > 0 && !act_confirm(session, &run, what, plan->send, &confirmed, error))
		return false;
	return job_resume(session->tenant->jobs, job, plan, confirmed, error) &&
		act_run_job(session, job, &run, result, error);
}

static const struct command_option resume_options[] = {
	{ "yes", 'y', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "in batch: ask nothing" },
	{ "dry-run", 'n', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "tell what would be sent, send nothing" },
	{ "wait", 'w', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "then wait for the final states" },
	{ .name = NULL },
};
const struct command command_resume = {
	.name = "resume", .group = GROUP_JOBS, .summary = "send what an interrupted job has not sent",
	.options = resume_options, .operands = { JOB_OPERAND },
	.flags = COMMAND_SIGN_IN | COMMAND_CHANGES_TENANT | COMMAND_CONFIRMS, .run = resume_run,
};

/* ---- cancel, revert */

static bool needs_comment(const struct arguments *arguments, const struct check *check, struct error *error)
{
	if (!check->session->batch || arguments_has(arguments, "comment") || check->comment)
		return true;
	error_set(error, ERROR_USAGE, "'%s' needs a comment", arguments_command(arguments)->name);
	error_hint(error, "--comment TEXT, or 'set comment TEXT' before");
	return false;
}

static bool comment_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	return needs_comment(arguments, check, error);
}

static char *comment_of(struct session *session, const struct arguments *arguments, struct error *error)
{
	const char *given = arguments_text(arguments, "comment");
	char *answer;

	if (given == NULL && *settings_text(session->settings, "comment") != '\0')
		given = settings_text(session->settings, "comment");
	if (given != NULL || session->batch)
		return g_strdup(given != NULL ? given : "");
	answer = ask_line(session, "Comment (kept in the customer's audit trail): ", error);
	if (answer != NULL && *answer == '\0') {
		g_free(answer);
		error_set(error, ERROR_FAILED, "no comment, so nothing was sent");
		return NULL;
	}
	return answer;
}

static bool confirm_whole(struct session *session, const struct act_run *run, const struct job *job, const char *verb,
	struct error *error)
{
	AUTO(g_free) char *what = g_strdup_printf("%s job %s (%s, %u device%s) in %s", verb, job->id, job->action,
		job->devices->len, job->devices->len == 1 ? "" : "s", session_tenant_name(session));
	const char *confirmed;

	return act_confirm(session, run, what, job->devices->len, &confirmed, error);
}

static bool cancel_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	AUTO(g_free) char *comment = NULL;
	size_t cancelled = 0;
	struct act_run run;
	struct job *job;
	bool dry, ok;

	job = find(session, arguments, JOBS_LAST, result, &dry, error);
	if (job == NULL)
		return dry;
	act_run_from(session, arguments, &run);
	if (run.dry_run) {
		act_account(session, job, result);
		result_summary(result, "dry run: nothing was cancelled");
		return true;
	}
	if (!act_allowed(session, false, error))
		return false;
	comment = comment_of(session, arguments, error);
	if (comment == NULL || !confirm_whole(session, &run, job, "cancel", error))
		return false;
	ok = job_cancel(session->tenant->jobs, job, comment, &cancelled, error);
	act_account(session, job, result);
	result_summary(result, "%zu pending action%s cancelled", cancelled, cancelled == 1 ? "" : "s");
	return ok;
}

static const struct command_option cancel_options[] = {
	{ "comment", 'c', VALUE_TEXT, "TEXT", COMPLETE_NOTHING, NULL, "why; kept in the customer's audit trail" },
	{ "yes", 'y', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "in batch: ask nothing" },
	{ "dry-run", 'n', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "send nothing" },
	{ .name = NULL },
};
const struct command command_cancel = {
	.name = "cancel", .group = GROUP_JOBS, .summary = "stop a job and cancel its pending actions at the tenant",
	.options = cancel_options, .operands = { JOB_OPERAND },
	.flags = COMMAND_SIGN_IN | COMMAND_CHANGES_TENANT | COMMAND_CONFIRMS, .check = comment_check, .run = cancel_run,
};

static void tell_not_back(struct session *session, const struct job *job, const struct job_device *device)
{
	session_warn(session, "not back: %s (%s%s%s)", *device->name != '\0' ? device->name : device->id,
		job_outcome(job, device), device->status != NULL ? ", " : "", device->status != NULL ? device->status : "");
}

/* Devices that are not back are named, whatever the account lists. */
static void name_not_back(struct session *session, const struct job *job, struct result *result)
{
	AUTO(g_ptr_array_unref) GPtrArray *not_back = g_ptr_array_new();
	struct error fault = ERROR_INIT;

	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = g_ptr_array_index(job->devices, i);

		if (device->state != JOB_ALREADY && (device->state != JOB_ACCEPTED ||
		    (device->status != NULL && strcmp(device->status, "Succeeded") != 0)))
			tell_not_back(session, job, device);
	}
	if (!job_revert_check(session->tenant->jobs, job, not_back, &fault)) {
		session_warn(session, "whether all are back is not known: %s", fault.text);
		result_partial(result);
	}
	for (guint i = 0; i < not_back->len; i++) {
		const struct job_device *device = g_ptr_array_index(not_back, i);

		session_warn(session, "not back: %s (what was undone is still open, or took effect later)",
			*device->name != '\0' ? device->name : device->id);
		result_partial(result);
	}
}

static bool check_expect(const struct arguments *arguments, size_t count, struct error *error)
{
	uint64_t low, high;

	if (!arguments_range(arguments, "expect", &low, &high) || (count >= low && count <= high))
		return true;
	return error_set(error, ERROR_FAILED, "%zu devices would be sent to, not as many as expected", count);
}

static bool revert_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	AUTO(g_free) char *comment = NULL;
	struct bitset *devices = NULL;
	struct act act = { 0 };
	struct act_run run;
	struct job *job;
	bool dry, ok;

	job = find(session, arguments, JOBS_NAMED, result, &dry, error);
	if (job == NULL)
		return false;
	act_run_from(session, arguments, &run);
	if (run.dry_run) {
		act_account(session, job, result);
		result_summary(result, "dry run: nothing was reverted");
		return true;
	}
	if (!act_allowed(session, false, error))
		return false;
	comment = comment_of(session, arguments, error);
	run.disruptive = job_revert_is_disruptive(job); /* what will be refused is refused before anything is cancelled */
	if (comment == NULL || !confirm_whole(session, &run, job, "revert", error) ||
	    !job_revert_plan(session->tenant->jobs, job, &act, &devices, error))
		return false;
	if (bitset_count(devices) == 0) {
		act_account(session, job, result);
		result_summary(result, "nothing is to be undone");
		bitset_free(devices);
		return true;
	}
	if (!check_expect(arguments, bitset_count(devices), error)) {
		bitset_free(devices);
		return false;
	}
	act.comment = comment;
	/* Lifting was confirmed above; isolating again asks for itself, as any disruptive act. */
	run.confirmed = !act_is_disruptive(&act);
	run.wait = true;
	run.background = false;
	ok = act_carry_out(session, &act, devices, &run, result, error);
	bitset_free(devices);
	job = jobs_find(session->tenant->jobs, NULL, JOBS_LAST, NULL);
	if (job != NULL && ok)
		name_not_back(session, job, result);
	return ok;
}

static const struct command_option revert_options[] = {
	{ "comment", 'c', VALUE_TEXT, "TEXT", COMPLETE_NOTHING, NULL, "why; kept in the customer's audit trail" },
	{ "yes", 'y', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "in batch: ask nothing" },
	{ "expect", '\0', VALUE_RANGE, "COUNT", COMPLETE_NOTHING, NULL, "in batch, for a revert that isolates again" },
	{ "dry-run", 'n', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "send nothing" },
	{ .name = NULL },
};
static const char *const revert_examples[] = { "revert a1f3 --comment 'false alarm'", NULL };
const struct command command_revert = {
	.name = "revert", .group = GROUP_JOBS, .summary = "undo what a job did", .options = revert_options,
	.examples = revert_examples,
	.operands = { { "ID", VALUE_TEXT, 1, 1, COMPLETE_JOBS, NULL, "a job's id, an ending of it, or %N" } },
	.flags = COMMAND_SIGN_IN | COMMAND_CHANGES_TENANT | COMMAND_CONFIRMS, .check = comment_check, .run = revert_run,
};
