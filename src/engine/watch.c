/* Waits for the final states of a job's actions: one list call per interval for all of them. */
#include "config.h"
#include "engine/jobs_internal.h"

#include <string.h>

#include "core/isotime.h"

#define WINDOW_TICKS (60 * ISOTIME_TICKS_PER_SECOND)
#define FIRST_INTERVAL_MS 2000
#define LAST_INTERVAL_MS 30000

static bool status_is_final(const char *status)
{
	const struct action action = { .status = (char *)(status != NULL ? status : "") };

	return action_is_final(&action);
}

/* An action of ours, or the open one behind an `already`. */
static bool device_has_action(const struct job_device *device)
{
	return device->action_id != NULL && (device->state == JOB_ACCEPTED || device->state == JOB_ALREADY);
}

size_t job_pending_actions(const struct job *job)
{
	size_t pending = 0;

	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];

		pending += device_has_action(device) && !status_is_final(device->status);
	}
	return pending;
}

bool job_take_statuses(const struct jobs *jobs, struct job *job, const struct action_list *list, bool *changed,
	struct error *error)
{
	for (guint i = 0; i < job->devices->len; i++) {
		struct job_device *device = job->devices->pdata[i];
		const struct action *action = device_has_action(device) ?
			g_hash_table_lookup(list->by_id, device->action_id) : NULL;
		AUTO(g_free) char *status = NULL;
		json_t *record;
		bool ok;

		/* A list may lag behind an answer: a final state does not go back. */
		if (action == NULL || action->status[0] == '\0' || status_is_final(device->status) ||
				(device->status != NULL && strcmp(device->status, action->status) == 0))
			continue;
		status = g_utf8_make_valid(action->status, -1);
		record = job_record(job, "action.status", json_pack("{s:s, s:s, s:s}", "device", device->id,
			"actionId", device->action_id, "status", status));
		ok = journal_append(jobs->engine->journal, "action.status", json_incref(record), error) != 0;
		job_apply(job, record);
		json_decref(record);
		if (changed != NULL)
			*changed = true;
		if (!ok)
			return false;
	}
	return true;
}

/* ---- waiting */
struct watch {
	struct jobs *jobs;
	struct job *job;
	int64_t deadline;       /* clock_ms, INT64_MAX: none */
	bool expired;
	bool slept;
	struct action_list *list;
	struct error error;
	struct actions_reading *reading;
	struct loop_timer *expiry, *sleep;
};

static void watch_expire(void *data)
{
	struct watch *watch = data;

	watch->expiry = NULL;
	watch->expired = true;
}

static void watch_wake(void *data)
{
	struct watch *watch = data;

	watch->sleep = NULL;
	watch->slept = true;
}

static bool watch_is_sent(void *data)
{
	const struct watch *watch = data;

	return watch->expired || !job_is_running(watch->job);
}

static bool watch_is_slept(void *data)
{
	const struct watch *watch = data;

	return watch->expired || watch->slept;
}

static bool watch_is_read(void *data)
{
	const struct watch *watch = data;

	return watch->expired || watch->reading == NULL;
}

static void watch_read_done(void *data, struct action_list *list, const struct error *error)
{
	struct watch *watch = data;

	watch->reading = NULL;
	watch->list = list;
	if (error != NULL)
		error_copy(&watch->error, error);
}

/* The list may begin at the oldest action that is waited for, as the tenant dated it. */
static int64_t watch_since(const struct job *job)
{
	int64_t oldest = INT64_MAX;

	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];

		if (device_has_action(device) && !status_is_final(device->status))
			oldest = MIN(oldest, device->created);
	}
	return oldest != INT64_MAX && oldest > WINDOW_TICKS ? oldest - WINDOW_TICKS : 0;
}

/* Reads the list and takes it. False on a fault or Ctrl-C; true also if the time is over. */
static bool watch_read(struct watch *watch, const struct job_hooks *hooks, struct error *error)
{
	struct engine *engine = watch->jobs->engine;
	bool changed = false, whole;

	error_clear(&watch->error);
	watch->reading = actions_start(engine, watch_since(watch->job), watch_read_done, watch);
	whole = loop_run(engine->loop, watch_is_read, watch, true);
	if (watch->reading != NULL) {
		actions_abandon(g_steal_pointer(&watch->reading));
		return whole || error_set(error, ERROR_INTERRUPTED, "interrupted");
	}
	if (watch->list == NULL) {
		error_prefix(&watch->error, "cannot read the tenant's action list");
		return error_copy(error, &watch->error);
	}
	if (jobs_journal(watch->jobs, error) == NULL ||
			!job_take_statuses(watch->jobs, watch->job, watch->list, &changed, error) ||
			!journal_commit(engine->journal, error)) {
		g_clear_pointer(&watch->list, action_list_free);
		return false;
	}
	g_clear_pointer(&watch->list, action_list_free);
	if (changed && hooks != NULL && hooks->progress != NULL)
		hooks->progress(hooks->data, watch->job);
	return true;
}

static bool watch_sleep(struct watch *watch, int64_t ms, struct error *error)
{
	struct loop *loop = watch->jobs->engine->loop;

	watch->slept = false;
	watch->sleep = loop_timer_add(loop, clock_ms() + ms, watch_wake, watch);
	if (!loop_run(loop, watch_is_slept, watch, true) && !watch_is_slept(watch))
		return error_set(error, ERROR_INTERRUPTED, "interrupted");
	return true;
}

static bool watch_run(struct watch *watch, const struct job_hooks *hooks, struct error *error)
{
	double scale = MIN(watch->jobs->engine->window_scale, 1.0);
	int64_t interval = MAX((int64_t)(FIRST_INTERVAL_MS * scale), 100);
	int64_t longest = MAX((int64_t)(LAST_INTERVAL_MS * scale), 500);

	if (!loop_run(watch->jobs->engine->loop, watch_is_sent, watch, true) && !watch_is_sent(watch))
		return error_set(error, ERROR_INTERRUPTED, "interrupted");
	while (!watch->expired && job_pending_actions(watch->job) > 0) {
		if (!watch_read(watch, hooks, error))
			return false;
		if (watch->expired || job_pending_actions(watch->job) == 0)
			break;
		if (!watch_sleep(watch, interval, error))
			return false;
		interval = MIN(interval * 3 / 2, longest);
	}
	return true;
}

bool job_watch(struct jobs *jobs, struct job *job, int64_t for_ms, const struct job_hooks *hooks, struct error *error)
{
	struct watch watch = { .jobs = jobs, .job = job };
	struct loop *loop = jobs->engine->loop;
	AUTO(g_free) char *how_long = duration_text(for_ms);
	size_t pending;
	bool ok;

	if (for_ms > 0)
		watch.expiry = loop_timer_add(loop, clock_ms() + for_ms, watch_expire, &watch);
	ok = watch_run(&watch, hooks, error);
	loop_timer_cancel(loop, watch.expiry);
	loop_timer_cancel(loop, watch.sleep);
	pending = job_pending_actions(job);
	if (!ok || (pending == 0 && !job_is_running(job)))
		return ok;
	error_set(error, ERROR_PARTIAL, "%zu actions of job %s are still pending after %s", pending, job->id, how_long);
	error_hint(error, "`wait %s` waits on", job->id);
	return false;
}
