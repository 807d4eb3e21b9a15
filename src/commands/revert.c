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
#include "core/isotime.h"
#include "net/loop.h"

static bool needs_comment(const struct arguments *arguments, const struct check *check, struct error *error)
{
	const char *given = arguments_text(arguments, "comment");

	if (given != NULL ? given[strspn(given, " \t")] != '\0' : !check->session->batch || check->comment)
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

static void dry_cancelled(void *data, json_t *result)
{
	const char *status = json_string_value(json_object_get(result, "status"));

	(void)data;
	if (strcmp(json_string_value(json_object_get(result, "outcome")), "accepted") == 0 && status != NULL &&
	    (strcmp(status, "Pending") == 0 || strcmp(status, "InProgress") == 0))
		json_object_set_new(result, "outcome", json_string("planned"));
}

static bool cancel_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	AUTO(g_free) char *comment = NULL;
	struct error fault = ERROR_INIT;
	size_t cancelled = 0;
	struct act_run run;
	struct job *job;
	bool dry, ok;

	job = job_find(session, arguments, JOBS_LAST, result, &dry, error);
	if (job == NULL)
		return dry;
	act_run_from(session, arguments, &run);
	if (run.dry_run) {
		if (!job_look(session->tenant->jobs, job, &fault))
			session_warn(session, "the states are those last known: %s", fault.text);
		act_dry_account(job, dry_cancelled, NULL, result);
		result_summary(result, "dry run: nothing was cancelled; planned: still open, and would be");
		return true;
	}
	if (!act_allowed(session, false, error))
		return false;
	comment = comment_of(session, arguments, error);
	if (comment == NULL || !act_check_secret(session, comment, "comment", error) ||
	    !confirm_whole(session, &run, job, "cancel", error))
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

/* ---- revert */

#define ROUNDS_MOST 3 /* of sending the inverse: what was undone may take effect after the first */
#define WAIT_MS (15 * 60 * 1000)
#define WAIT_LEAST_MS (10 * 1000) /* however short a test makes the windows */
#define POLL_MS 2000
#define POLL_MOST_MS 30000

/* A revert under way. */
struct undoing {
	struct session *session;
	struct job *job;       /* undone */
	struct job *undo;      /* the last job that did so, or NULL */
	const char *comment;
	struct act_run run;
	int64_t deadline;      /* clock_ms until which it is waited for */
	unsigned rounds;
	GPtrArray *lefts;      /* struct revert_left, or NULL: not known */
};

static bool check_expect(const struct arguments *arguments, size_t count, struct error *error)
{
	uint64_t low, high;

	if (!arguments_range(arguments, "expect", &low, &high) || (count >= low && count <= high))
		return true;
	return error_set(error, ERROR_FAILED, "%zu devices would be sent to, not as many as expected", count);
}

static int64_t wait_limit(const struct session *session, const struct arguments *arguments)
{
	double scale = MIN(session->tenant->engine.window_scale, 1.0);

	return arguments_number(arguments, "for", MAX((int64_t)(WAIT_MS * scale), WAIT_LEAST_MS));
}

/* Plans, asks where it isolates again, sends, waits. */
static bool undo_round(struct undoing *undoing, const struct revert *revert, struct error *error)
{
	struct session *session = undoing->session;
	AUTO(plan_free) struct plan *plan = plan_new(&session->tenant->engine, &revert->act, revert->devices, error);
	AUTO(g_free) char *what = NULL;
	const char *confirmed = undoing->run.yes ? "-y" : "tty";
	struct act_run run = undoing->run;

	if (plan == NULL)
		return false;
	undoing->rounds++;
	/* Lifting was confirmed with the whole; isolating again asks for itself, as any disruptive act. */
	run.disruptive = act_is_disruptive(&revert->act);
	run.confirmed = !run.disruptive;
	act_show_plan(session, plan, false, NULL);
	if (!plan_is_allowed(plan, &session->tenant->engine, error))
		return false;
	what = g_strdup_printf("%s %zu device%s in %s", act_name(&revert->act), plan->send, plan->send == 1 ? "" : "s",
		session_tenant_name(session));
	if (plan->send > 0 && !act_confirm(session, &run, what, plan->send, &confirmed, error))
		return false;
	json_decref(session->dry_run_last);
	session->dry_run_last = NULL;
	undoing->undo = job_start(session->tenant->jobs, plan, confirmed, error);
	return undoing->undo != NULL && act_run_sending(session, undoing->undo, false, error) &&
		act_run_watch(session, undoing->undo, MAX(undoing->deadline - clock_ms(), 1), error);
}

static bool any_left(const GPtrArray *lefts, bool again)
{
	for (guint i = 0; i < lefts->len; i++) {
		const struct revert_left *left = g_ptr_array_index(lefts, i);

		if (again ? left->again : left->open)
			return true;
	}
	return false;
}

/* What was undone may have taken effect since: looked for, and undone again, a few times. */
static bool undo_rest(struct undoing *undoing, struct error *error)
{
	struct jobs *jobs = undoing->session->tenant->jobs;
	double scale = MIN(undoing->session->tenant->engine.window_scale, 1.0);
	int64_t poll = MAX((int64_t)(POLL_MS * scale), 100), most = MAX((int64_t)(POLL_MOST_MS * scale), 500);

	for (;;) {
		AUTO(revert_free) struct revert *revert = NULL;

		g_clear_pointer(&undoing->lefts, g_ptr_array_unref);
		undoing->lefts = job_revert_check(jobs, undoing->job, undoing->undo, error);
		if (undoing->lefts == NULL)
			return false;
		if (job_revert_is_disruptive(undoing->job) || clock_ms() >= undoing->deadline)
			return true;
		if (any_left(undoing->lefts, true) && undoing->rounds < ROUNDS_MOST) {
			revert = job_revert_plan(jobs, undoing->job, undoing->comment, error);
			if (revert == NULL || !undo_round(undoing, revert, error))
				return false;
		} else if (any_left(undoing->lefts, false)) {
			if (!loop_pause(undoing->session->loop, MIN(poll, undoing->deadline - clock_ms())))
				return error_set(error, ERROR_INTERRUPTED, "interrupted");
			poll = MIN(poll * 3 / 2, most);
		} else {
			return true;
		}
	}
}

/* Devices that are not back are named, whatever the account lists. */
static void name_not_back(struct undoing *undoing, struct result *result)
{
	struct session *session = undoing->session;
	json_t *array = json_array();

	for (guint i = 0; undoing->lefts != NULL && i < undoing->lefts->len; i++) {
		const struct revert_left *left = g_ptr_array_index(undoing->lefts, i);
		AUTO(g_free) char *name = g_utf8_make_valid(left->name, -1);
		AUTO(g_free) char *reason = g_utf8_make_valid(left->reason, -1);

		session_warn(session, "not back: %s (%s)", *name != '\0' ? name : left->id, reason);
		json_array_append_new(array, json_pack("{s:s, s:s, s:s}", "id", left->id, "name", name, "reason", reason));
	}
	if (json_array_size(array) > 0)
		result_partial(result);
	result_member(result, "reverts", json_string(undoing->job->id));
	result_member(result, "notBack", array);
}

static void account(struct undoing *undoing, struct result *result)
{
	struct job *undo = undoing->undo;

	act_account(undoing->session, undo != NULL ? undo : undoing->job, result);
	if (undo == NULL)
		return;
	if (!job_is_clean(undo))
		result_partial(result);
	name_not_back(undoing, result);
	if (undoing->lefts != NULL && undoing->lefts->len == 0)
		result_summary(result, "all devices of job %s are back", undoing->job->id);
	if (undoing->job->rebuilt)
		session_warn(undoing->session, "job %s is of another machine: should that still send, it is not stopped from here",
			undoing->job->id);
}

static bool undo_all(struct undoing *undoing, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct jobs *jobs = undoing->session->tenant->jobs;
	AUTO(revert_free) struct revert *revert = job_revert_plan(jobs, undoing->job, undoing->comment, error);
	struct error fault = ERROR_INIT;
	bool ok;

	/* Only what was cancelled in time leaves fewer than were confirmed. */
	if (revert == NULL || !check_expect(arguments, revert->send + revert->cancelled, error)) {
		account(undoing, result);
		return false;
	}
	ok = undo_round(undoing, revert, &fault);
	if (undoing->undo != NULL && (ok || fault.kind != ERROR_INTERRUPTED)) {
		struct error check = ERROR_INIT;

		if (!undo_rest(undoing, &check) && undoing->lefts == NULL)
			session_warn(undoing->session, "whether all are back is not known: %s", check.text);
		if (check.kind != ERROR_NONE) {
			result_partial(result);
			if (ok || fault.kind == ERROR_PARTIAL)
				fault = check;
			ok = false;
		}
	}
	if (undoing->lefts == NULL && undoing->undo != NULL)
		undoing->lefts = job_revert_guess(undoing->job, undoing->undo);
	account(undoing, result);
	if (!ok && fault.kind == ERROR_PARTIAL) {
		session_warn(undoing->session, "%s", fault.text);
		result_partial(result);
		return true;
	}
	return ok || error_copy(error, &fault);
}

static void tell_preview(struct session *session, const struct job *job, const struct revert *revert)
{
	session_say(session, "job %s of %s, %s%s%s: %zu to be undone, %zu still open and to be cancelled, %zu need nothing, %zu "
		"left alone", job->id, job->user, job->action, job->value != NULL ? " " : "", job->value != NULL ? job->value : "",
		revert->send, revert->cancel, revert->settled, revert->left);
}

static bool revert_dry(struct session *session, struct revert *revert, const struct act_run *run, struct result *result,
	struct error *error)
{
	revert->act.comment = "(dry run)";
	tell_preview(session, revert->job, revert);
	result_member(result, "reverts", json_string(revert->job->id));
	return act_carry_out(session, &revert->act, revert->devices, run, result, error);
}

static bool confirm_revert(struct session *session, const struct act_run *run, const struct revert *revert,
	struct error *error)
{
	const struct job *job = revert->job;
	size_t count = revert->send + revert->cancel;
	AUTO(g_free) char *what = g_strdup_printf("revert job %s of %s (%s) on %zu device%s in %s", job->id, job->user,
		job->action, count, count == 1 ? "" : "s", session_tenant_name(session));
	const char *confirmed;

	tell_preview(session, job, revert);
	return count == 0 || act_confirm(session, run, what, count, &confirmed, error);
}

static bool revert_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct undoing undoing = { .session = session };
	AUTO(g_free) char *comment = NULL;
	AUTO(revert_free) struct revert *preview = NULL;
	bool dry, ok;

	undoing.job = job_find(session, arguments, JOBS_NAMED, result, &dry, error);
	if (undoing.job == NULL)
		return false;
	act_run_from(session, arguments, &undoing.run);
	undoing.run.background = false;
	/* What will be refused is refused before anything is cancelled. */
	undoing.run.disruptive = job_revert_is_disruptive(undoing.job);
	if (!undoing.run.dry_run && !act_allowed(session, false, error))
		return false;
	preview = job_revert_preview(session->tenant->jobs, undoing.job, error);
	if (preview == NULL || !check_expect(arguments, preview->send + preview->cancel, error))
		return false;
	if (undoing.run.dry_run)
		return revert_dry(session, preview, &undoing.run, result, error);
	comment = comment_of(session, arguments, error);
	if (comment == NULL || !act_check_secret(session, comment, "comment", error) ||
	    !confirm_revert(session, &undoing.run, preview, error))
		return false;
	undoing.comment = comment;
	undoing.deadline = clock_ms() + wait_limit(session, arguments);
	ok = undo_all(&undoing, arguments, result, error);
	if (undoing.lefts != NULL)
		g_ptr_array_unref(undoing.lefts);
	return ok;
}

static const struct command_option revert_options[] = {
	{ "comment", 'c', VALUE_TEXT, "TEXT", COMPLETE_NOTHING, NULL, "why; kept in the customer's audit trail" },
	{ "yes", 'y', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "in batch: ask nothing" },
	{ "expect", '\0', VALUE_RANGE, "COUNT", COMPLETE_NOTHING, NULL, "in batch, for a revert that isolates again" },
	{ "for", '\0', VALUE_DURATION, "DURATION", COMPLETE_NOTHING, NULL,
		"wait no longer than 30s, 15m, 2h, ... for all to be back (15m)" },
	{ "dry-run", 'n', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "tell what would be done, send nothing" },
	{ .name = NULL },
};
static const char *const revert_help[] = {
	"Stops the job, cancels what is still open, settles what is unknown, then does the inverse on every device where the "
	"job itself did something, waits, and names each device that is not back. What was so before the job came, and what "
	"another has done anew since, is left alone and told.",
	"It may be given again: after one that was killed, that came too late or whose time was over.",
	NULL,
};
static const char *const revert_examples[] = { "revert a1f3 --comment 'false alarm'", NULL };
const struct command command_revert = {
	.name = "revert", .group = GROUP_JOBS, .summary = "undo what a job did", .options = revert_options,
	.help = revert_help, .examples = revert_examples,
	.operands = { { "ID", VALUE_TEXT, 1, 1, COMPLETE_JOBS, NULL, "a job's id, an ending of it, or %N" } },
	.flags = COMMAND_SIGN_IN | COMMAND_CHANGES_TENANT | COMMAND_CONFIRMS | COMMAND_TELLS_JOB, .check = comment_check, .run = revert_run,
};
