/* Going on with a job: what is left, planned again if it rested, asked about, sent (contract, section 4). */
#include "config.h"
#include "app/act.h"

#include <string.h>

#include "app/output.h"
#include "app/tenant.h"
#include "core/isotime.h"
#include "core/text.h"

static char *age_text(const struct job *job)
{
	int64_t started;

	if (job->started == NULL || !isotime_parse(job->started, strlen(job->started), &started))
		return g_strdup("some time");
	return duration_text((isotime_now() - started) / ISOTIME_TICKS_PER_MS);
}

char *act_job_left(const struct job *job)
{
	AUTO(g_free) char *age = age_text(job);
	GString *text = g_string_new(NULL);
	struct job_counts counts;

	job_count(job, &counts);
	g_string_append_printf(text, "%s%s%s, begun %s ago, %zu of %zu device%s not sent", job->action,
		job->value != NULL ? " " : "", job->value != NULL ? job->value : "", age, counts.unsent, counts.total,
		counts.total == 1 ? "" : "s");
	if (counts.unknown > 0)
		g_string_append_printf(text, ", %zu unknown", counts.unknown);
	return g_string_free(text, FALSE);
}

static void tell_resume(struct session *session, const struct job *job, const struct resume_plan *plan)
{
	AUTO(g_free) char *left = act_job_left(job);
	AUTO(g_free) char *rested = duration_text(plan->rested_ms);

	session_say(session, "job %s: %s", job->id, left);
	if (plan->plan == NULL)
		return;
	session_say(session, "It rested for %s, so it is planned again: %zu to be sent, %zu taken out.", rested, plan->send,
		json_array_size(plan->skipped));
	act_show_plan(session, plan->plan, false, NULL);
}

/* ---- a dry run: the job's devices as they would be */

/* Counted anew from the results. */
static void dry_count(json_t *members, const json_t *results)
{
	static const char *const outcomes[] = { "planned", "accepted", "already", "skipped", "refused", "unsent", "unknown",
		"pending" };
	json_int_t counts[G_N_ELEMENTS(outcomes)] = { 0 };
	const json_t *result;
	size_t i, k;

	json_array_foreach(results, i, result)
		for (k = 0; k < G_N_ELEMENTS(outcomes); k++)
			counts[k] += strcmp(json_string_value(json_object_get(result, "outcome")), outcomes[k]) == 0;
	for (k = 0; k < G_N_ELEMENTS(outcomes); k++)
		json_object_set_new(members, outcomes[k], json_integer(counts[k]));
}

static void dry_rows(const json_t *results, struct result *result)
{
	static const char *const members[] = { "name", "outcome", "status", "reason" };
	const json_t *entry;
	size_t i, k;

	result_column(result, "DEVICE", RESULT_CUT | RESULT_NAME);
	result_column(result, "OUTCOME", 0);
	result_column(result, "STATUS", 0);
	result_column(result, "REASON", RESULT_CUT);
	json_array_foreach(results, i, entry)
		for (k = 0; k < G_N_ELEMENTS(members); k++)
			result_cell(result, json_string_value(json_object_get(entry, members[k])));
}

void act_dry_account(const struct job *job, void (*change)(void *data, json_t *result), void *data, struct result *result)
{
	json_t *members = json_object(), *value;
	const char *name;
	size_t i;

	job_to_json(job, members);
	json_object_set_new(members, "job", json_null());
	json_array_foreach(json_object_get(members, "results"), i, value)
		change(data, value);
	dry_count(members, json_object_get(members, "results"));
	dry_rows(json_object_get(members, "results"), result);
	json_object_foreach(members, name, value)
		result_member(result, name, json_incref(value));
	json_decref(members);
}

/* data: what the new plan takes out, by id. */
static void dry_resumed(void *data, json_t *result)
{
	const json_t *out = json_object_get(data, json_string_value(json_object_get(result, "id")));

	if (strcmp(json_string_value(json_object_get(result, "outcome")), "unsent") != 0)
		return;
	json_object_set_new(result, "outcome", json_string("planned"));
	if (out == NULL)
		return;
	json_object_set(result, "outcome", json_object_get(out, "outcome"));
	json_object_set(result, "reason", json_object_get(out, "reason"));
}

static void dry_result(const struct job *job, const struct resume_plan *plan, struct result *result)
{
	json_t *taken_out = json_object(), *value;
	size_t i;

	json_array_foreach(plan->skipped, i, value)
		json_object_set(taken_out, json_string_value(json_object_get(value, "id")), value);
	act_dry_account(job, dry_resumed, taken_out, result);
	json_decref(taken_out);
	result_summary(result, "dry run: nothing was sent");
}

/* ---- for real */

bool act_resume(struct session *session, struct job *job, const struct act_run *run, struct result *result,
	struct error *error)
{
	AUTO(resume_plan_free) struct resume_plan *plan = job_resume_plan(session->tenant->jobs, job, error);
	AUTO(g_free) char *what = NULL;
	const char *confirmed = session->batch && run->yes ? "-y" : "tty";

	if (plan == NULL)
		return false;
	tell_resume(session, job, plan);
	if (run->dry_run) {
		dry_result(job, plan, result);
		return true;
	}
	what = g_strdup_printf("resume %s on %zu device%s in %s", job->action, plan->send, plan->send == 1 ? "" : "s",
		session_tenant_name(session));
	if (plan->send > 0 && !act_confirm(session, run, what, plan->send, &confirmed, error))
		return false;
	return job_resume(session->tenant->jobs, job, plan, confirmed, error) &&
		act_run_job(session, job, run, result, error);
}

/* ---- the canary is over, and a person is there */

static void tell_canary(struct session *session, const struct job *job)
{
	size_t canary = MIN(job->canary, job->devices->len);

	session_say(session, "The canary, %zu device%s, is over:", canary, canary == 1 ? "" : "s");
	for (size_t i = 0; i < canary; i++) {
		const struct job_device *device = g_ptr_array_index(job->devices, i);
		AUTO(g_string) GString *line = g_string_new("  ");
		const char *name = device->name[0] != '\0' ? device->name : device->id;

		text_append_safe(line, name, strlen(name));
		g_string_append_printf(line, "  %s", job_outcome(job, device));
		if (device->status != NULL) {
			g_string_append(line, ", ");
			text_append_safe(line, device->status, strlen(device->status));
		}
		session_say(session, "%s", line->str);
	}
}

bool act_canary_goes_on(struct session *session, struct job *job, const struct act_run *run, bool *declined,
	struct error *error)
{
	AUTO(resume_plan_free) struct resume_plan *plan = NULL;
	struct error fault = ERROR_INIT;
	AUTO(g_free) char *what = NULL;
	const char *confirmed;

	tell_canary(session, job);
	plan = job_resume_plan(session->tenant->jobs, job, error);
	if (plan == NULL)
		return false;
	if (plan->plan != NULL)
		tell_resume(session, job, plan);
	what = g_strdup_printf("%s the other %zu device%s in %s", job->action, plan->send, plan->send == 1 ? "" : "s",
		session_tenant_name(session));
	if (plan->send > 0 && !act_confirm(session, run, what, plan->send, &confirmed, &fault)) {
		*declined = fault.kind != ERROR_INTERRUPTED;
		return *declined || error_copy(error, &fault);
	}
	return job_resume(session->tenant->jobs, job, plan, "tty", error);
}
