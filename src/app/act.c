#include "config.h"
#include "app/act.h"

#include <string.h>

#include "app/ask.h"
#include "app/output.h"
#include "app/settings.h"
#include "app/tenant.h"
#include "core/isotime.h"
#include "core/text.h"

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
		question = g_strdup_printf("%s?\nType %zu (their number) to go on: ", what, count);
	else
		question = g_strdup_printf("%s?\nType yes to go on: ", what);
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

bool act_check_secret(const struct session *session, const char *text, const char *what, struct error *error)
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
	AUTO(plan_free) struct plan *plan = NULL;
	AUTO(g_free) char *what = NULL;
	const char *confirmed = run.yes ? "-y" : "tty";
	struct job *job;
	bool allowed;

	jobs_recall_limits(session->tenant->jobs);
	plan = plan_new(&session->tenant->engine, act, devices, error);
	if (plan == NULL)
		return false;
	run.disruptive = act_is_disruptive(act);
	allowed = plan_is_allowed(plan, &session->tenant->engine, error);
	/* What is refused is shown as a message: a command that fails has no result to read it in. */
	act_show_plan(session, plan, run.dry_run && allowed, result);
	if (run.dry_run)
		dry_result(session, plan, result);
	if (run.dry_run || !allowed)
		return allowed;
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
	if (!act_check_secret(session, act.comment, "comment", error) || !act_check_secret(session, act.value, "tag", error) ||
	    !act_check_secret(session, session->case_id, "case", error))
		return false;
	return act_carry_out(session, &act, fleet_set_members(session->tenant->set), &run, result, error);
}
