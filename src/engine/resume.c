/* Going on with a job that rested. */
#include "config.h"
#include "engine/jobs_internal.h"

#include <string.h>

#include "core/isotime.h"
#include "engine/sync.h"
#include "fleet/inventory.h"

#define CLOCK_DOUBT_TICKS (5 * 60 * ISOTIME_TICKS_PER_SECOND)
#define REST_MS (15 * 60 * 1000) /* a longer rest is planned again (contract, section 4) */

void resume_plan_free(struct resume_plan *plan)
{
	if (plan == NULL)
		return;
	json_decref(plan->skipped);
	plan_free(plan->plan);
	g_free(plan);
}

static bool resume_is_open(const struct job_device *device)
{
	return device->state == JOB_PLANNED || device->state == JOB_INTENT || device->state == JOB_UNKNOWN;
}

/* The tenant's time from which on others may have decided otherwise: that of the job's first action, else that of its start,
 * and then a clock that is somewhat wrong does not matter. */
static int64_t resume_began(const struct job *job)
{
	int64_t first = INT64_MAX, started;

	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];

		if (device->state == JOB_ACCEPTED && device->created > 0)
			first = MIN(first, device->created);
	}
	if (first != INT64_MAX)
		return first;
	if (job->started == NULL || !isotime_parse(job->started, strlen(job->started), &started))
		return 0;
	return started - CLOCK_DOUBT_TICKS;
}

static void resume_keep_value(GHashTable *known, const struct job_device *device)
{
	struct act_device *entry = g_new0(struct act_device, 1);

	entry->id = g_strdup(device->id);
	entry->name = g_strdup(device->name);
	entry->value = g_strdup(device->value);
	g_hash_table_insert(known, entry->id, entry);
}

static struct plan *resume_plan_again(struct jobs *jobs, const struct job *job, struct error *error)
{
	struct act act = {
		.verb = job->verb, .kind = job->kind, .value = job->value, .comment = job->comment, .composed = true,
		.force = job->force, .opposed_since = resume_began(job),
		.reverts = job->reverts,
	};
	AUTO(g_hash_table_unref) GHashTable *known = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, act_device_free);
	AUTO(plan_free) struct plan *plan = NULL;
	AUTO(bitset_free) struct bitset *devices = bitset_new();
	struct error fault = ERROR_INIT;

	/* Records are merged, devices leave. What is protected needs it and fails without; others go on with what is known. */
	if (!inventory_fresh(jobs->engine, REST_MS, &fault)) {
		if (fault.kind == ERROR_INTERRUPTED) {
			error_copy(error, &fault);
			return NULL;
		}
		jobs->engine->notice(jobs->engine->data, "the inventory is old: %s", fault.text);
	}

	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];

		if (!resume_is_open(device))
			continue;
		bitset_add(devices, inventory_number(jobs->engine->inventory, device->id));
		if (device->value != NULL)
			resume_keep_value(known, device);
	}
	act.known = known;
	share_recall(jobs->share);
	plan = plan_new(jobs->engine, &act, devices, error);
	return plan != NULL && plan_is_allowed(plan, jobs->engine, error) ? AUTO_STEAL(plan) : NULL;
}

/* What the new plan takes out; devices it would send are counted. */
static void resume_compare(struct resume_plan *resume, const struct job *job)
{
	for (guint i = 0; i < resume->plan->devices->len; i++) {
		const struct plan_device *planned = resume->plan->devices->pdata[i];
		const struct job_device *device = g_hash_table_lookup(job->by_id, planned->id);
		AUTO(g_free) char *reason = g_utf8_make_valid(planned->reason != NULL ? planned->reason : "", -1);
		json_t *entry;

		if (device == NULL || planned->outcome == PLAN_SEND)
			continue;
		if (device->state == JOB_PLANNED)
			resume->send--;
		entry = json_pack("{s:s, s:s, s:s, s:s}", "id", planned->id, "name", planned->name,
			"outcome", planned->outcome == PLAN_ALREADY ? "already" : "skipped", "reason", reason);
		if (planned->action_id != NULL)
			json_object_set_new(entry, "actionId", json_string(planned->action_id));
		json_array_append_new(resume->skipped, entry);
	}
}

static bool resume_is_allowed(const struct job *job, struct error *error)
{
	if (job->rebuilt) {
		error_set(error, ERROR_FAILED, "job %s is %s's, of another machine: what it has not sent is not known here", job->id,
			job->user);
		error_hint(error, "its log there resumes it; `wait`, `cancel` and `revert` work here, too");
		return false;
	}
	if (job_is_running(job))
		return error_set(error, ERROR_FAILED, "job %s is running", job->id);
	if (job->reverted_by != NULL)
		return error_set(error, ERROR_FAILED, "job %s was reverted by job %s", job->id, job->reverted_by);
	if (job->cancelled)
		return error_set(error, ERROR_FAILED, "job %s was cancelled", job->id);
	return job_is_unfinished(job) || error_set(error, ERROR_FAILED, "job %s has nothing left to send", job->id);
}

struct resume_plan *job_resume_plan(struct jobs *jobs, struct job *job, struct error *error)
{
	AUTO(resume_plan_free) struct resume_plan *resume = NULL;
	bool locked;

	/* The lock is not kept while a person thinks; job_resume takes it again and looks once more. */
	if (!job_is_running(job)) {
		locked = job_lock(jobs, job, error) && job_refresh(jobs, job, error);
		job_unlock(jobs, job);
		if (!locked)
			return NULL;
	}
	if (!resume_is_allowed(job, error) || !job_check_logs(jobs, job, error))
		return NULL;
	resume = g_new0(struct resume_plan, 1);
	resume->skipped = json_array();
	resume->made_ms = clock_ms();
	resume->rested_ms = (isotime_now() - job->last_sent) / ISOTIME_TICKS_PER_MS;
	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];

		resume->send += device->state == JOB_PLANNED;
		resume->unknown += device->state == JOB_INTENT || device->state == JOB_UNKNOWN;
	}
	/* A clock that was set back tells no age. */
	if (resume->rested_ms >= 0 && resume->rested_ms <= REST_MS)
		return AUTO_STEAL(resume);
	resume->plan = resume_plan_again(jobs, job, error);
	if (resume->plan == NULL)
		return NULL;
	resume_compare(resume, job);
	return AUTO_STEAL(resume);
}

bool job_resume(struct jobs *jobs, struct job *job, const struct resume_plan *resume, const char *confirmed,
	struct error *error)
{
	struct journal *journal = jobs_journal(jobs, error);
	unsigned run = job->run;
	json_t *members, *record;
	bool ok;

	if (journal == NULL || !job_is_timely(resume->made_ms, error) || !job_lock(jobs, job, error))
		return false;
	if (!job_refresh(jobs, job, error)) {
		job_unlock(jobs, job);
		return false;
	}
	if (job->run != run || !resume_is_allowed(job, error)) {
		job_unlock(jobs, job);
		return error_set(error, ERROR_FAILED, "another process went on with job %s meanwhile", job->id);
	}
	members = json_pack("{s:s?, s:O, s:i, s:s}", "from", job->file, "skipped", resume->skipped, "run", (int)run + 1,
		"confirmed", confirmed);
	record = job_record(job, "job.resume", members);
	ok = journal_append(journal, "job.resume", json_incref(record), error) != 0 && journal_commit(journal, error);
	if (ok) {
		job_apply(job, record);
		g_free(job->file);
		job->file = g_strdup(journal_path(journal));
		journal_announce(journal, "job resume");
		jobs_adopt(jobs, job);
	} else {
		job_unlock(jobs, job);
	}
	json_decref(record);
	return ok;
}
