/* Taking back: cancel and revert. */
#include "config.h"
#include "commands/entries.h"
#include "commands/job_find.h"

#include <string.h>

#include "app/act.h"
#include "app/arguments.h"
#include "app/ask.h"
#include "app/check.h"
#include "app/result.h"
#include "app/settings.h"
#include "app/tenant.h"

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

	job = job_find(session, arguments, JOBS_LAST, result, &dry, error);
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
	.flags = COMMAND_SIGN_IN | COMMAND_CHANGES_TENANT | COMMAND_CONFIRMS | COMMAND_TELLS_JOB, .check = comment_check, .run = cancel_run,
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

	job = job_find(session, arguments, JOBS_NAMED, result, &dry, error);
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
	.flags = COMMAND_SIGN_IN | COMMAND_CHANGES_TENANT | COMMAND_CONFIRMS | COMMAND_TELLS_JOB, .check = comment_check, .run = revert_run,
};
