/* Running a started job, and the account of it. */
#include "config.h"
#include "app/act.h"

#include <string.h>

#include "app/output.h"
#include "app/tenant.h"
#include "core/isotime.h"
#include "core/text.h"
#include "engine/actions.h"

#define LISTED_ALL 20 /* up to so many devices all are listed; above, those that are not accepted */

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

static void account_statuses(const struct job *job, struct result *result)
{
	AUTO(g_string) GString *text = g_string_new(NULL);
	json_t *members = json_object();
	const char *status;
	json_t *count;

	job_summary_to_json(job, members);
	json_object_foreach(json_object_get(members, "statuses"), status, count) {
		g_string_append_printf(text, "%s%lld ", text->len > 0 ? ", " : "", (long long)json_integer_value(count));
		text_append_safe(text, status, strlen(status));
	}
	if (text->len > 0 && job->verb == ACT_DEVICE)
		result_summary(result, "at the tenant: %s", text->str);
	json_decref(members);
}

/* Age and end of what is open; times are the tenant's, the age is by two clocks. */
static void account_pending(const struct job *job, struct result *result)
{
	int64_t oldest, now = isotime_now();
	size_t open = job_open_actions(job, &oldest);
	AUTO(g_free) char *age = duration_text((now - oldest) / ISOTIME_TICKS_PER_MS);
	char since[ISOTIME_SIZE], until[ISOTIME_SIZE];
	int64_t end = job->verb == ACT_DEVICE && oldest != 0 ? action_expiry(job->kind->type, oldest) : 0;

	if (open == 0 || oldest == 0)
		return;
	isotime_format(oldest, since);
	isotime_format(end, until);
	if (end == 0)
		result_summary(result, "%zu pending, the oldest for %s (since %.19sZ)", open, age, since);
	else
		result_summary(result, "%zu pending, the oldest for %s (since %.19sZ): an offline device is tried for three days, until %.16sZ",
			open, age, since, until);
}

static void account_summary(const struct job *job, struct result *result)
{
	AUTO(g_free) char *counts = act_job_counts(job);
	AUTO(g_free) char *next = act_job_next(job);

	result_summary(result, "job %s: %s, %u device%s: %s", job->id, job->action, job->devices->len,
		job->devices->len == 1 ? "" : "s", counts[0] != '\0' ? counts : "none");
	if (job->rebuilt)
		result_summary(result, "rebuilt from the tenant's action list, for it is of another machine: what %s's job skipped, was "
			"refused or has not sent is not known", job->user);
	account_statuses(job, result);
	account_pending(job, result);
	if (next != NULL)
		result_summary(result, "next: %s", next);
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
	account_rows(job, output_result_format(session->output) == OUTPUT_CSV, result);
	account_summary(job, result);
}

static bool run_in_background(struct session *session, struct job *job, struct result *result, struct error *error)
{
	struct job_hooks hooks = act_background_hooks(session);
	json_t *members = json_object(), *value;
	const char *name;

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

static bool can_ask(const struct session *session, const struct act_run *run)
{
	return !session->batch || !run->yes;
}

/* Sends; a canary that is over is asked about, and then the rest is sent, too. *declined: a person said no. */
static bool send_all(struct session *session, struct job *job, const struct act_run *run, bool *declined,
	struct error *error)
{
	struct error fault = ERROR_INIT;
	bool asks = can_ask(session, run);

	while (!act_run_sending(session, job, asks, &fault)) {
		if (!asks || strcmp(fault.code, "canary") != 0)
			return error_copy(error, &fault);
		if (!act_canary_goes_on(session, job, run, declined, error))
			return false;
		if (*declined)
			return true;
		error_clear(&fault);
	}
	return true;
}

bool act_run_job(struct session *session, struct job *job, const struct act_run *run, struct result *result,
	struct error *error)
{
	struct error fault = ERROR_INIT;
	bool ok, declined = false;

	if (run->background)
		return run_in_background(session, job, result, error);
	ok = send_all(session, job, run, &declined, &fault);
	if (ok && run->wait && !declined)
		ok = act_run_watch(session, job, 0, &fault);
	act_account(session, job, result);
	if (fault.kind != ERROR_INTERRUPTED && fault.kind != ERROR_SIGN_IN)
		act_tell_open(session, job, result);
	if (!job_is_clean(job) || (run->wait && !job_is_succeeded(job)))
		result_partial(result);
	if (!ok && fault.kind == ERROR_PARTIAL) {
		result_partial(result);
		session_warn(session, "%s", fault.text);
		return true;
	}
	return ok || error_copy(error, &fault);
}
