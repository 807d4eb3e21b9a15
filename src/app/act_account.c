/* Running a started job, and the account of it. */
#include "config.h"
#include "app/act.h"

#include <string.h>

#include "app/output.h"
#include "app/tenant.h"
#include "core/text.h"

#define LISTED_ALL 20 /* up to so many devices all are listed; above, those that are not accepted */

static void show_progress(void *data, const struct job *job)
{
	struct session *session = data;
	AUTO(g_string) GString *text = g_string_new(NULL);
	struct job_counts counts;

	job_count(job, &counts);
	g_string_append_printf(text, "%s %s: %zu of %zu, %zu accepted", job->action, job->id, counts.total - counts.pending,
		counts.total, counts.accepted);
	if (counts.refused > 0)
		g_string_append_printf(text, ", %zu refused", counts.refused);
	if (counts.unknown > 0)
		g_string_append_printf(text, ", %zu unknown", counts.unknown);
	output_progress(session->output, text->str);
}

/* A job of the background is over. */
static void show_done(void *data, struct job *job)
{
	struct session *session = data;
	struct job_counts counts;

	job_count(job, &counts);
	session_say(session, "[%%%u] %s %s: %zu accepted, %zu already, %zu skipped, %zu refused, %zu unsent, %zu unknown",
		job->number, job->action, job->id, counts.accepted, counts.already, counts.skipped, counts.refused,
		counts.unsent, counts.unknown);
	if (job_stop_error(job)->kind != ERROR_NONE)
		session_warn(session, "job %s stopped: %s", job->id, job_stop_error(job)->text);
}

struct job_hooks act_hooks(struct session *session)
{
	return (struct job_hooks){ .progress = show_progress, .data = session };
}

/* ---- account */

static bool is_listed(const struct job *job, const struct job_device *device)
{
	return job->devices->len <= LISTED_ALL || (device->state != JOB_ACCEPTED && device->state != JOB_ALREADY) ||
		(device->status != NULL && strcmp(device->status, "Failed") == 0);
}

/* A job that stopped leaves thousands unsent for one reason: told once (contract, section 4). */
static bool is_told_once(const struct job *job, const struct job_device *device)
{
	return job->devices->len > LISTED_ALL && strcmp(job_outcome(job, device), "unsent") == 0;
}

static const char *reason_of(const struct job_device *device)
{
	const char *reason = device->reason != NULL ? device->reason : device->message;

	return reason != NULL ? reason : "";
}

static void account_unsent(const struct job *job, struct result *result)
{
	AUTO(g_hash_table_unref) GHashTable *counts = g_hash_table_new(g_str_hash, g_str_equal);
	guint i;

	for (i = 0; i < job->devices->len; i++) {
		const struct job_device *device = g_ptr_array_index(job->devices, i);

		if (is_told_once(job, device))
			g_hash_table_insert(counts, (void *)reason_of(device),
				GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(counts, reason_of(device))) + 1));
	}
	for (i = 0; i < job->devices->len; i++) {
		const struct job_device *device = g_ptr_array_index(job->devices, i);
		guint count = is_told_once(job, device) ?
			GPOINTER_TO_UINT(g_hash_table_lookup(counts, reason_of(device))) : 0;

		if (count == 0)
			continue;
		g_hash_table_insert(counts, (void *)reason_of(device), NULL);
		result_cellf(result, "(%u device%s)", count, count == 1 ? "" : "s");
		result_cell(result, job_outcome(job, device));
		result_cell(result, "");
		result_cell(result, reason_of(device));
	}
}

static void account_rows(const struct job *job, bool all, struct result *result)
{
	guint i;

	result_column(result, "DEVICE", RESULT_CUT);
	result_column(result, "OUTCOME", 0);
	result_column(result, "STATUS", 0);
	result_column(result, "REASON", RESULT_CUT);
	if (all) {
		result_column(result, "ID", 0);
		result_column(result, "ACTION ID", 0);
	}
	for (i = 0; i < job->devices->len; i++) {
		const struct job_device *device = g_ptr_array_index(job->devices, i);

		if (!all && (!is_listed(job, device) || is_told_once(job, device)))
			continue;
		result_cell(result, device->name != NULL && *device->name != '\0' ? device->name : device->id);
		result_cell(result, job_outcome(job, device));
		result_cell(result, device->status);
		result_cell(result, reason_of(device));
		if (all) {
			result_cell(result, device->id);
			result_cell(result, device->action_id);
		}
	}
	if (!all)
		account_unsent(job, result);
}

static void append_count(GString *out, size_t count, const char *what)
{
	if (count > 0)
		g_string_append_printf(out, "%s%zu %s", out->len > 0 ? ", " : "", count, what);
}

static void account_summary(const struct session *session, const struct job *job, struct result *result)
{
	AUTO(g_string) GString *text = g_string_new(NULL);
	struct job_counts counts;

	(void)session;
	job_count(job, &counts);
	append_count(text, counts.accepted, "accepted");
	append_count(text, counts.already, "already");
	append_count(text, counts.skipped, "skipped");
	append_count(text, counts.refused, "refused");
	append_count(text, counts.unsent, "unsent");
	append_count(text, counts.unknown, "unknown");
	append_count(text, counts.pending, "pending");
	result_summary(result, "job %s: %s, %zu device%s: %s", job->id, job->action, counts.total,
		counts.total == 1 ? "" : "s", text->len > 0 ? text->str : "none");
	if (job->rebuilt)
		result_summary(result, "rebuilt from the tenant's action list, for it is of another machine: what %s's job skipped, was "
			"refused or has not sent is not known", job->user);
	if (job_is_unfinished(job) && !job_is_running(job))
		result_summary(result, "go on with: resume %s", job->id);
}

static json_t *result_item(void *data, size_t index)
{
	return job_result(data, index);
}

void act_account(struct session *session, const struct job *job, struct result *result)
{
	json_t *members = json_object(), *value;
	const char *name;

	job_summary_to_json(job, members);
	json_object_foreach(members, name, value)
		result_member(result, name, json_incref(value));
	json_decref(members);
	result_member_lazy(result, "results", job->devices->len, result_item, (void *)job, NULL);
	account_rows(job, output_format(session->output) == OUTPUT_CSV, result);
	account_summary(session, job, result);
}

static bool run_in_background(struct session *session, struct job *job, struct result *result, struct error *error)
{
	struct job_hooks hooks = act_hooks(session);
	json_t *members = json_object(), *value;
	const char *name;

	hooks.progress = NULL;
	hooks.done = show_done;
	if (!job_run_background(session->tenant->jobs, job, &hooks, error)) {
		json_decref(members);
		act_account(session, job, result);
		return false;
	}
	job_to_json(job, members);
	json_object_foreach(members, name, value)
		result_member(result, name, json_incref(value));
	json_decref(members);
	result_summary(result, "job %s (%%%u) runs in the background; 'wait %%%u' waits for it", job->id, job->number,
		job->number);
	return true;
}

bool act_run_job(struct session *session, struct job *job, const struct act_run *run, struct result *result,
	struct error *error)
{
	struct job_hooks hooks = act_hooks(session);
	bool ok;

	if (run->background)
		return run_in_background(session, job, result, error);
	ok = job_run(session->tenant->jobs, job, &hooks, error);
	if (ok && run->wait)
		ok = job_watch(session->tenant->jobs, job, 0, &hooks, error);
	output_progress(session->output, NULL);
	act_account(session, job, result);
	if (!job_is_clean(job) || (run->wait && !job_is_succeeded(job)))
		result_partial(result);
	if (!ok && error != NULL && error->kind == ERROR_PARTIAL) {
		result_partial(result);
		session_warn(session, "%s", error->text);
		error_clear(error);
		return true;
	}
	return ok;
}
