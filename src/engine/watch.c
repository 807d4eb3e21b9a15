/* Waits for the final states of a job's actions: one list call per interval for all of them. */
#include "config.h"
#include "engine/jobs_internal.h"

#include <string.h>

#include "core/isotime.h"

#define WINDOW_TICKS (60 * ISOTIME_TICKS_PER_SECOND)
#define FIRST_INTERVAL_MS 2000
#define LAST_INTERVAL_MS 30000
#define SINGLES 8 /* actions that the list lacks, read by id in one go: each costs a call (API contract, section 5.4) */

static bool status_is_final(const char *status)
{
	const struct action action = { .status = (char *)(status != NULL ? status : "") };

	return action_is_final(&action);
}

/* An action of ours, the open one behind an `already`, or the one of an answer that does not tell whose it is: then the
 * outcome stays unknown, and what becomes of it is told. */
static bool device_has_action(const struct job_device *device)
{
	return device->action_id != NULL && (device->state == JOB_ACCEPTED || device->state == JOB_ALREADY ||
		device->state == JOB_UNKNOWN);
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

/* Writes what the tenant says of a device's action, if it is new. */
static bool job_take_status(const struct jobs *jobs, struct job *job, struct job_device *device, const char *said,
	bool *changed, struct error *error)
{
	AUTO(g_free) char *status = g_utf8_make_valid(said, -1);
	json_t *record;
	bool ok;

	/* A list may lag behind an answer: a final state does not go back. Another final one may be the truth. */
	if (said[0] == '\0' || (status_is_final(device->status) && !status_is_final(said)) ||
			g_strcmp0(device->status, said) == 0)
		return true;
	record = job_record(job, "action.status", json_pack("{s:s, s:s, s:s}", "device", device->id,
		"actionId", device->action_id, "status", status));
	/* Looking goes on where nothing can be written down. */
	ok = !jobs_can_write(jobs) || (job->rebuilt && !foreign_is_written(jobs, job)) ||
		journal_append(jobs->engine->journal, "action.status", json_incref(record), error) != 0;
	if (ok)
		job_apply(job, record);
	json_decref(record);
	if (changed != NULL)
		*changed = true;
	return ok;
}

bool job_take_statuses(const struct jobs *jobs, struct job *job, const struct action_list *list, bool *changed,
	struct error *error)
{
	for (guint i = 0; i < job->devices->len; i++) {
		struct job_device *device = job->devices->pdata[i];
		const struct action *action = device_has_action(device) ?
			g_hash_table_lookup(list->by_id, device->action_id) : NULL;

		if (action != NULL && !job_take_status(jobs, job, device, action->status, changed, error))
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
	bool once;              /* a single reading, by one who can do without it */
	bool slept;
	struct action_list *list;
	struct error error;
	struct actions_reading *reading;
	struct loop_timer *expiry, *sleep;
	int64_t began_ms;       /* clock_ms */
	guint next;             /* the device from which on the next are read singly */
	GPtrArray *singles;     /* struct watch_single: being read, or just read */
};

/* An action that the list does not show, read by its id. */
struct watch_single {
	struct job_device *device;
	struct service_call *call; /* while it is open */
	json_t *json;
};

static void watch_single_free(void *data)
{
	struct watch_single *single = data;

	json_decref(single->json);
	g_free(single);
}

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

static bool watch_reading_is_over(void *data)
{
	return ((const struct watch *)data)->reading == NULL;
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

/* ---- actions that the list does not show */
static void watch_single_done(void *data, const struct service_answer *answer)
{
	struct watch_single *single = data;

	single->call = NULL;
	if (answer->fate == SERVICE_DONE)
		single->json = json_incref((json_t *)answer->json);
}

static bool watch_singles_are_read(void *data)
{
	const struct watch *watch = data;

	for (guint i = 0; i < watch->singles->len; i++)
		if (((const struct watch_single *)watch->singles->pdata[i])->call != NULL)
			return false;
	return true;
}

static bool watch_singles_or_time(void *data)
{
	return ((const struct watch *)data)->expired || watch_singles_are_read(data);
}

/* Starts to read some of the open actions that the list should have shown by now. Those are taken in turn. */
static void watch_start_singles(struct watch *watch)
{
	const GPtrArray *devices = watch->job->devices;

	for (guint seen = 0; seen < devices->len && watch->singles->len < SINGLES; seen++) {
		struct job_device *device = devices->pdata[watch->next++ % devices->len];
		struct watch_single *single;

		if (!device_has_action(device) || status_is_final(device->status) ||
				g_hash_table_contains(watch->list->by_id, device->action_id))
			continue;
		single = g_new0(struct watch_single, 1);
		single->device = device;
		g_ptr_array_add(watch->singles, single);
		single->call = defender_action(watch->jobs->engine->defender, device->action_id, watch_single_done, single);
	}
	watch->next %= MAX(devices->len, 1);
}

/* A call that fails is none: the action's turn comes again. */
static bool watch_read_singles(struct watch *watch, bool *changed, struct error *error)
{
	struct engine *engine = watch->jobs->engine;
	bool ok;

	if (watch->once || watch->list->started_ms < watch->began_ms + engine->settle_ms)
		return true;
	watch_start_singles(watch);
	ok = loop_run(engine->loop, watch_singles_or_time, watch, true) || watch_singles_or_time(watch) ||
		error_set(error, ERROR_INTERRUPTED, "interrupted");
	for (guint i = 0; i < watch->singles->len; i++)
		if (((struct watch_single *)watch->singles->pdata[i])->call != NULL)
			defender_call_cancel(engine->defender, ((struct watch_single *)watch->singles->pdata[i])->call);
	loop_run(engine->loop, watch_singles_are_read, watch, false);
	for (guint i = 0; i < watch->singles->len; i++) {
		const struct watch_single *single = watch->singles->pdata[i];
		const char *status = json_string_value(json_object_get(single->json, "status"));

		if (ok && status != NULL)
			ok = job_take_status(watch->jobs, watch->job, single->device, status, changed, error);
	}
	g_ptr_array_set_size(watch->singles, 0);
	return ok;
}

/* ---- the list */

/* Reads the list and takes it. False on a fault or Ctrl-C; true also if the time is over. */
static bool watch_read(struct watch *watch, const struct job_hooks *hooks, struct error *error)
{
	struct engine *engine = watch->jobs->engine;
	bool changed = false, whole;

	error_clear(&watch->error);
	watch->reading = actions_start(engine, watch_since(watch->job), watch->once ? actions_patience(engine) : 0,
		watch_read_done, watch);
	whole = loop_run(engine->loop, watch_is_read, watch, true);
	if (watch->reading != NULL) {
		actions_stop(watch->reading);
		loop_run(engine->loop, watch_reading_is_over, watch, false);
		g_clear_pointer(&watch->list, action_list_free);
		return whole || error_set(error, ERROR_INTERRUPTED, "interrupted");
	}
	if (watch->list == NULL) {
		error_prefix(&watch->error, "cannot read the tenant's action list");
		return error_copy(error, &watch->error);
	}
	if ((watch->job->rebuilt && !foreign_update(watch->jobs, watch->job, watch->list, error)) ||
			!job_take_statuses(watch->jobs, watch->job, watch->list, &changed, error) ||
			!watch_read_singles(watch, &changed, error) ||
			(jobs_can_write(watch->jobs) && !journal_commit(engine->journal, error))) {
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
	AUTO(g_ptr_array_unref) GPtrArray *singles = g_ptr_array_new_with_free_func(watch_single_free);
	struct watch watch = { .jobs = jobs, .job = job, .began_ms = clock_ms(), .singles = singles };
	struct loop *loop = jobs->engine->loop;
	AUTO(g_free) char *how_long = duration_text(for_ms);
	struct job_counts counts;
	size_t pending;
	bool ok;

	/* Looking goes on where nothing can be written down. */
	if (job->rebuilt && jobs_can_write(jobs) && !foreign_write(jobs, job, error))
		return false;
	if (for_ms > 0)
		watch.expiry = loop_timer_add(loop, clock_ms() + for_ms, watch_expire, &watch);
	ok = watch_run(&watch, hooks, error);
	loop_timer_cancel(loop, watch.expiry);
	loop_timer_cancel(loop, watch.sleep);
	pending = job_pending_actions(job);
	if (!ok || (pending == 0 && !job_is_running(job)))
		return ok;
	job_count(job, &counts);
	if (counts.pending > 0)
		error_set(error, ERROR_PARTIAL, "job %s still sends after %s: %zu device%s to go, %zu action%s pending", job->id, how_long,
			counts.pending, counts.pending == 1 ? "" : "s", pending, pending == 1 ? "" : "s");
	else
		error_set(error, ERROR_PARTIAL, "%zu action%s of job %s %s still pending after %s", pending, pending == 1 ? "" : "s",
			job->id, pending == 1 ? "is" : "are", how_long);
	error_hint(error, "`wait %s` waits on", job->id);
	return false;
}

bool job_look(struct jobs *jobs, struct job *job, struct error *error)
{
	struct watch watch = { .jobs = jobs, .job = job, .began_ms = clock_ms(), .once = true };

	return job_pending_actions(job) == 0 || watch_read(&watch, NULL, error);
}

bool jobs_take_list(struct jobs *jobs, const GPtrArray *which, const struct action_list *list, struct error *error)
{
	for (guint i = 0; i < which->len; i++) {
		struct job *job = which->pdata[i];

		if ((job->rebuilt && !foreign_update(jobs, job, list, error)) ||
				!job_take_statuses(jobs, job, list, NULL, error))
			return false;
	}
	return !jobs_can_write(jobs) || journal_commit(jobs->engine->journal, error);
}
