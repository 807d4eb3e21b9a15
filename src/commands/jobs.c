#include "config.h"
#include "commands/entries.h"
#include "commands/job_find.h"

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

/* ---- jobs */

static void jobs_columns(struct result *result)
{
	result_column(result, "JOB", 0);
	result_column(result, "", 0);
	result_column(result, "ACTION", RESULT_CUT);
	result_column(result, "TOTAL", RESULT_RIGHT);
	result_column(result, "STATE", 0);
	result_column(result, "OUTCOMES", RESULT_CUT);
}

/* "open": resume has work; "pending": final states are not known; else closed. */
static const char *jobs_state(const struct job *job)
{
	if (job_is_running(job))
		return "running";
	if (job->reverted_by != NULL)
		return "reverted";
	if (job->cancelled)
		return "cancelled";
	return job_is_unfinished(job) ? "open" : job_open_actions(job, NULL) > 0 ? "pending" : "done";
}

static void jobs_row(struct result *result, const struct job *job, const json_t *listing)
{
	static const char *const outcomes[] = { "accepted", "already", "skipped", "refused", "unsent", "unknown", "pending" };
	AUTO(g_string) GString *text = g_string_new(NULL);
	char number[16] = "";

	for (size_t i = 0; i < G_N_ELEMENTS(outcomes); i++) {
		long long count = (long long)json_integer_value(json_object_get(listing, outcomes[i]));

		if (count > 0)
			g_string_append_printf(text, "%s%lld %s", text->len > 0 ? ", " : "", count, outcomes[i]);
	}
	if (job->number > 0)
		g_snprintf(number, sizeof number, "%%%u", job->number);
	result_cell(result, job->id);
	result_cell(result, number);
	result_cellf(result, "%s%s%s", job->action, job->value != NULL ? " " : "", job->value != NULL ? job->value : "");
	result_cellf(result, "%lld", (long long)json_integer_value(json_object_get(listing, "total")));
	result_cell(result, jobs_state(job));
	result_cell(result, text->str);
}

static char *statuses_text(const json_t *statuses)
{
	GString *text = g_string_new(NULL);
	const char *status;
	json_t *count;

	json_object_foreach((json_t *)statuses, status, count)
		g_string_append_printf(text, "%s%lld %s", text->len > 0 ? ", " : "", (long long)json_integer_value(count), status);
	return g_string_free(text, FALSE);
}

static bool is_among(const GPtrArray *all, const char *id)
{
	for (guint i = 0; all != NULL && i < all->len; i++)
		if (strcmp(((const struct job *)all->pdata[i])->id, id) == 0)
			return true;
	return false;
}

static void tenant_row(const GPtrArray *all, struct result *result, json_t *item)
{
	AUTO(g_free) char *statuses = statuses_text(json_object_get(item, "statuses"));
	const char *id = json_string_value(json_object_get(item, "job")), *started;
	bool here = is_among(all, id);
	char time[20] = "";

	json_object_set_new(item, "here", json_boolean(here));
	started = json_string_value(json_object_get(item, "started"));
	if (started != NULL) {
		g_snprintf(time, sizeof time, "%s", started);
		time[10] = ' ';
	}
	result_cell(result, id);
	result_cell(result, json_string_value(json_object_get(item, "user")));
	result_cell(result, json_string_value(json_object_get(item, "action")));
	result_cell(result, time);
	result_cellf(result, "%lld", (long long)json_integer_value(json_object_get(item, "total")));
	result_cell(result, statuses);
	result_cell(result, here ? "here" : "");
}

static bool jobs_of_tenant(struct session *session, struct result *result, struct error *error)
{
	static const char *const titles[] = { "JOB", "USER", "ACTION", "STARTED", "TOTAL", "STATUSES", "LOG" };
	AUTO(action_list_free) struct action_list *list = actions_read(&session->tenant->engine, 0, error);
	AUTO(g_ptr_array_unref) GPtrArray *all = list != NULL ? jobs_all(session->tenant->jobs, NULL) : NULL;
	json_t *jobs, *item;
	long long strays = 0;
	size_t i;

	if (list == NULL)
		return false;
	jobs = actions_jobs(list);
	jobs_note_told(session->tenant->jobs, jobs);
	for (i = 0; i < G_N_ELEMENTS(titles); i++)
		result_column(result, titles[i], i == 4 ? RESULT_RIGHT : i == 1 || i == 5 ? RESULT_CUT : 0);
	json_array_foreach(jobs, i, item) {
		tenant_row(all, result, item);
		strays += json_integer_value(json_object_get(item, "strays"));
	}
	result_summary(result, "%zu job%s in the tenant's action list; what was skipped, refused or not sent is not in it, nor are "
		"jobs of tags", json_array_size(jobs), json_array_size(jobs) == 1 ? "" : "s");
	if (strays > 0)
		session_warn(session, "%lld actions bear the marker of a job, but not its type and requestor: not counted", strays);
	if (!list->whole) {
		session_warn(session, "the list moved while it was read; something may be missing");
		result_partial(result);
	}
	result_member(result, "jobs", jobs);
	return true;
}

static bool jobs_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *all = NULL;
	size_t open = 0;
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
		const struct job *job = g_ptr_array_index(all, i);
		json_t *listing = job_listing(job);

		open += job_is_unfinished(job) && !job_is_running(job);
		jobs_row(result, job, listing);
		json_array_append_new(array, listing);
	}
	result_member(result, "jobs", array);
	result_summary(result, "%u job%s", all->len, all->len == 1 ? "" : "s");
	if (open > 0)
		result_summary(result, "open: something is not sent or not known; `resume ID` goes on");
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

/* With the states that the tenant tells now; if it tells none, with those last known. */
static bool job_run_command(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct error fault = ERROR_INIT;
	bool dry;
	struct job *job = job_find(session, arguments, JOBS_LAST, result, &dry, error);

	if (job == NULL)
		return dry;
	if (!job_look(session->tenant->jobs, job, &fault)) {
		if (fault.kind == ERROR_INTERRUPTED)
			return error_copy(error, &fault);
		session_warn(session, "the states are those last known: %s", fault.text);
	}
	act_account(session, job, result);
	return true;
}

const struct command command_job = {
	.name = "job", .group = GROUP_JOBS, .summary = "print a job, device by device",
	.operands = { JOB_OPERAND }, .flags = COMMAND_SIGN_IN | COMMAND_TELLS_JOB, .run = job_run_command,
};

static bool wait_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct error fault = ERROR_INIT;
	bool dry;
	struct job *job = job_find(session, arguments, JOBS_LAST, result, &dry, error);

	if (job == NULL)
		return dry;
	if (!act_run_watch(session, job, arguments_number(arguments, "for", 0), &fault) && fault.kind != ERROR_PARTIAL) {
		act_account(session, job, result);
		if (fault.kind == ERROR_INTERRUPTED)
			error_hint(&fault, job_is_running(job) ? "the job goes on sending; `wait %s` waits again" :
				"what was sent goes on at the tenant; `wait %s` waits again", job->id);
		return error_copy(error, &fault);
	}
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
	.options = wait_options, .examples = wait_examples, .operands = { JOB_OPERAND },
	.flags = COMMAND_SIGN_IN | COMMAND_TELLS_JOB, .run = wait_run,
};

/* ---- resume */

static bool resume_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct act_run run;
	struct job *job;
	bool dry;

	job = job_find(session, arguments, JOBS_UNFINISHED, result, &dry, error);
	if (job == NULL)
		return dry;
	act_run_from(session, arguments, &run);
	run.expected = true; /* its devices were frozen and confirmed when it was started */
	run.disruptive = job->kind != NULL && job->kind->disruptive;
	if (!run.dry_run && !act_allowed(session, false, error))
		return false;
	return act_resume(session, job, &run, result, error);
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
	.flags = COMMAND_SIGN_IN | COMMAND_CHANGES_TENANT | COMMAND_CONFIRMS | COMMAND_TELLS_JOB, .run = resume_run,
};
