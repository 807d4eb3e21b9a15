/* Cancels a job: stops its sending, settles what is unknown, cancels what is still open at the tenant. */
#include "config.h"
#include "engine/jobs_internal.h"

#include <string.h>

#include "core/isotime.h"
#include "engine/sender.h"

#define CANCEL_FLIGHT 8
#define CANCEL_ROUNDS 4 /* a cancel whose answer was lost, or that was refused, is looked up, and sent again */

struct cancel_call {
	struct cancel *cancel;
	struct job_device *device;
	char request[37];
	struct service_call *call;
	bool over;
	enum service_fate fate;
	int status;
	int64_t retry_after_ms;
	json_t *json;
	struct error error;
};

/* One round: a cancel call for each action of the job that is still open. */
struct cancel {
	struct jobs *jobs;
	struct job *job;
	char *comment;
	GQueue waiting;   /* struct job_device */
	GPtrArray *calls; /* struct cancel_call */
	size_t cancelled;
	bool stopping;
	bool dirty;
	struct error error;
	struct loop_timer *timer;
};

static void cancel_call_free(void *data)
{
	struct cancel_call *call = data;

	json_decref(call->json);
	g_free(call);
}

static bool cancel_write(struct cancel *cancel, const char *type, json_t *members)
{
	json_t *record = job_record(cancel->job, type, members);
	bool ok = journal_append(cancel->jobs->engine->journal, type, json_incref(record), &cancel->error) != 0;

	if (ok)
		job_apply(cancel->job, record);
	json_decref(record);
	cancel->stopping |= !ok;
	cancel->dirty = true;
	return ok;
}

static void cancel_answered(void *data, const struct service_answer *answer)
{
	struct cancel_call *call = data;

	call->over = true;
	call->call = NULL;
	call->fate = answer->fate;
	call->status = answer->status;
	call->retry_after_ms = answer->retry_after_ms;
	call->json = json_incref((json_t *)answer->json);
	call->error = answer->error;
}

static const char *cancel_outcome(const struct cancel_call *call)
{
	switch (call->fate) {
	case SERVICE_DONE:
		return "accepted";
	case SERVICE_REFUSED:
		return "refused";
	case SERVICE_LOST:
		return "unknown";
	default:
		return "unsent";
	}
}

/* One operation that is not allowed says nothing of the others. */
static bool cancel_is_of_one(const struct error *error)
{
	return strcmp(error->code, "DisallowedOperation") == 0 || strcmp(error->code, "DisabledFeature") == 0;
}

static void cancel_take(struct cancel *cancel, struct cancel_call *call)
{
	const char *status = json_string_value(json_object_get(call->json, "status"));
	json_t *members = json_pack("{s:s, s:s, s:s, s:s?}", "kind", "cancel", "device", call->device->id,
		"outcome", cancel_outcome(call), "actionId", call->device->action_id);

	if (call->status != 0)
		json_object_set_new(members, "http", json_integer(call->status));
	if (call->error.kind != ERROR_NONE)
		json_object_set_new(members, "error", run_error_json(&call->error));
	if (call->fate == SERVICE_THROTTLED && call->retry_after_ms > 0)
		json_object_set_new(members, "notBefore", job_time_in(call->retry_after_ms));
	cancel_write(cancel, "action.result", members);
	if (call->fate == SERVICE_DONE && status != NULL) {
		cancel->cancelled += strcmp(status, "Cancelled") == 0;
		cancel_write(cancel, "action.status", json_pack("{s:s, s:s, s:s}", "device", call->device->id,
			"actionId", call->device->action_id, "status", status));
	}
	/* An action that ended meanwhile is refused; what it came to, the list tells. */
	if (call->fate == SERVICE_SIGN_IN || call->fate == SERVICE_UNSENT ||
			(call->fate == SERVICE_REFUSED && call->status == 403 && !cancel_is_of_one(&call->error))) {
		error_copy(&cancel->error, &call->error);
		cancel->stopping = true;
	}
	if (call->fate == SERVICE_THROTTLED && call->retry_after_ms > SENDER_PAUSE_MS) {
		error_copy(&cancel->error, &call->error);
		cancel->stopping = true;
	} else if (call->fate == SERVICE_THROTTLED) {
		g_queue_push_tail(&cancel->waiting, call->device);
	}
}

static void cancel_woken(void *data)
{
	((struct cancel *)data)->timer = NULL;
}

/* Writes intents for as many as may go now and returns the first of them. */
static guint cancel_intend(struct cancel *cancel)
{
	struct engine *engine = cancel->jobs->engine;
	struct limit *limit = defender_limit_cancel(engine->defender);
	guint first = cancel->calls->len;
	AUTO(g_array_unref) GArray *tickets = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	int64_t wait = 0;

	share_begin(cancel->jobs->share);
	while (!cancel->stopping && cancel->calls->len < CANCEL_FLIGHT && !g_queue_is_empty(&cancel->waiting) &&
			(wait = limit_wait(limit, clock_ms(), NULL)) == 0) {
		struct cancel_call *call = g_new0(struct cancel_call, 1);
		uint64_t ticket = limit_take(limit, clock_ms());

		g_array_append_val(tickets, ticket);
		call->cancel = cancel;
		call->device = g_queue_pop_head(&cancel->waiting);
		uuid_make(call->request);
		if (!cancel_write(cancel, "action.intent", json_pack("{s:s, s:s, s:s?, s:s}", "kind", "cancel",
				"device", call->device->id, "actionId", call->device->action_id, "request", call->request))) {
			cancel_call_free(call);
			break;
		}
		g_ptr_array_add(cancel->calls, call);
	}
	share_end(cancel->jobs->share);
	for (guint i = 0; i < tickets->len; i++)
		limit_forget(limit, g_array_index(tickets, uint64_t, i));
	if (wait > 0 && cancel->timer == NULL)
		cancel->timer = loop_timer_add(engine->loop, clock_ms() + wait, cancel_woken, cancel);
	return first;
}

static void cancel_turn(void *data)
{
	struct cancel *cancel = data;
	struct engine *engine = cancel->jobs->engine;
	guint first;

	for (guint i = cancel->calls->len; i-- > 0;) {
		struct cancel_call *call = cancel->calls->pdata[i];

		if (!call->over)
			continue;
		g_ptr_array_remove_index_fast(cancel->calls, i);
		cancel_take(cancel, call);
		cancel_call_free(call);
	}
	if (loop_interrupted(engine->loop) && !cancel->stopping) {
		cancel->stopping = true;
		error_set(&cancel->error, ERROR_INTERRUPTED, "interrupted while cancelling");
	}
	first = cancel_intend(cancel);
	if (cancel->dirty && !journal_commit(engine->journal, &cancel->error)) {
		cancel->stopping = true;
		while (cancel->calls->len > first) {
			cancel_call_free(cancel->calls->pdata[cancel->calls->len - 1]);
			g_ptr_array_set_size(cancel->calls, (gint)cancel->calls->len - 1);
		}
	}
	cancel->dirty = false;
	for (guint i = first; i < cancel->calls->len; i++) {
		struct cancel_call *call = cancel->calls->pdata[i];

		call->call = defender_cancel(engine->defender, call->device->action_id, cancel->comment, call->request,
			cancel_answered, call);
	}
}

static bool cancel_is_over(void *data)
{
	const struct cancel *cancel = data;

	return cancel->calls->len == 0 && (cancel->stopping || g_queue_is_empty((GQueue *)&cancel->waiting));
}

static void cancel_round(struct cancel *cancel)
{
	struct loop *loop = cancel->jobs->engine->loop;

	loop_topup_add(loop, cancel_turn, cancel);
	loop_run(loop, cancel_is_over, cancel, false);
	loop_topup_remove(loop, cancel_turn, cancel);
	loop_timer_cancel(loop, g_steal_pointer(&cancel->timer));
}

/* Reads the list, takes statuses, and queues the job's own actions that are still open. */
static bool cancel_find_open(struct cancel *cancel)
{
	struct jobs *jobs = cancel->jobs;
	AUTO(action_list_free) struct action_list *list = actions_read(jobs->engine, 0, &cancel->error);

	if (list == NULL || (cancel->job->rebuilt && !foreign_update(jobs, cancel->job, list, &cancel->error)) ||
			!job_take_statuses(jobs, cancel->job, list, NULL, &cancel->error) ||
			!journal_commit(jobs->engine->journal, &cancel->error))
		return false;
	g_queue_clear(&cancel->waiting);
	for (guint i = 0; i < cancel->job->devices->len; i++) {
		struct job_device *device = cancel->job->devices->pdata[i];
		const struct action *action = device->state == JOB_ACCEPTED && device->action_id != NULL ?
			g_hash_table_lookup(list->by_id, device->action_id) : NULL;
		bool open = action != NULL ? action_is_open(action) :
			g_strcmp0(device->status, "Pending") == 0 || g_strcmp0(device->status, "InProgress") == 0;

		if (device->state == JOB_ACCEPTED && device->action_id != NULL && open)
			g_queue_push_tail(&cancel->waiting, device);
	}
	return true;
}

/* An action that runs already is refused and soon ends; a list may lag. */
static bool cancel_pause(struct cancel *cancel)
{
	const struct engine *engine = cancel->jobs->engine;

	return loop_pause(engine->loop, engine->settle_ms / CANCEL_ROUNDS) ||
		error_set(&cancel->error, ERROR_INTERRUPTED, "interrupted while cancelling");
}

static bool cancel_actions(struct cancel *cancel)
{
	for (unsigned round = 0; round <= CANCEL_ROUNDS; round++) {
		if (round > 0 && !cancel_pause(cancel))
			return false;
		if (!cancel_find_open(cancel))
			return false;
		if (g_queue_is_empty(&cancel->waiting))
			return true;
		if (round < CANCEL_ROUNDS)
			cancel_round(cancel);
		if (cancel->stopping)
			return false;
	}
	return error_set(&cancel->error, ERROR_PARTIAL, "%u actions of job %s could not be cancelled",
		g_queue_get_length(&cancel->waiting), cancel->job->id);
}

/* Records of this session about a job that an earlier one began are a run of their own. */
static bool job_take_up(struct jobs *jobs, struct job *job, struct error *error)
{
	struct journal *journal = jobs_journal(jobs, error);
	json_t *record;
	bool ok;

	if (journal == NULL)
		return false;
	if (g_strcmp0(job->file, journal_path(journal)) == 0)
		return true;
	if (job->rebuilt) {
		if (!foreign_write(jobs, job, error))
			return false;
		jobs_adopt(jobs, job);
		return true;
	}
	record = job_record(job, "job.resume", json_pack("{s:s?, s:[], s:i}", "from", job->file, "skipped",
		"run", (int)job->run + 1));
	ok = journal_append(journal, "job.resume", json_incref(record), error) != 0 && journal_commit(journal, error);
	if (ok) {
		job_apply(job, record);
		g_free(job->file);
		job->file = g_strdup(journal_path(journal));
		jobs_adopt(jobs, job);
	}
	json_decref(record);
	return ok;
}

static bool job_needs_settling(const struct job *job)
{
	struct job_counts counts;

	job_count(job, &counts);
	return job->verb == ACT_DEVICE && counts.states[JOB_INTENT] + counts.states[JOB_UNKNOWN] > 0;
}

static bool settle_is_over(void *data)
{
	return !job_is_running(data);
}

/* Settles what is unknown, sending nothing. */
static bool job_settle(struct jobs *jobs, struct job *job, struct error *error)
{
	if (!job_needs_settling(job))
		return true;
	if (run_begin(jobs, job, NULL, RUN_SETTLE, error) == NULL)
		return false;
	loop_run(jobs->engine->loop, settle_is_over, job, false);
	return job->stop.kind == ERROR_NONE || error_copy(error, &job->stop);
}

/* As an act's: with the case before it, and whose job it was. */
static char *cancel_compose(const struct jobs *jobs, const struct job *job, const char *comment)
{
	AUTO(g_free) char *marker = marker_text(job->id, jobs->engine->user);
	const char *case_id = jobs->engine->case_id;

	return g_strconcat(case_id != NULL ? case_id : "", case_id != NULL ? " " : "",
		comment != NULL ? comment : "cancelled", marker, NULL);
}

static bool cancel_check_comment(const struct jobs *jobs, const struct job *job, const char *comment,
	struct error *error)
{
	AUTO(g_free) char *whole = cancel_compose(jobs, job, comment);

	if (!g_utf8_validate(whole, -1, NULL))
		return error_set(error, ERROR_USAGE, "the comment is not UTF-8 text");
	if (g_utf8_strlen(whole, -1) <= ACT_COMMENT_MAX)
		return true;
	return error_set(error, ERROR_USAGE, "the comment is %ld characters too long: with case and marker it may have %d",
		g_utf8_strlen(whole, -1) - ACT_COMMENT_MAX, ACT_COMMENT_MAX);
}

/* What cannot be told to be this job's is left alone, and told. */
static bool cancel_tell_cut(const struct job *job, struct error *error)
{
	unsigned cut = 0;

	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];

		cut += device->state == JOB_UNKNOWN && device->cut;
	}
	return cut == 0 || error_set(error, ERROR_PARTIAL, "on %u device%s of job %s nothing was cancelled: the comment came back cut, "
		"so whose action it is cannot be told", cut, cut == 1 ? "" : "s", job->id);
}

static bool job_cancel_locked(struct jobs *jobs, struct job *job, const char *comment, size_t *cancelled,
	struct error *error)
{
	struct cancel cancel = { .jobs = jobs, .job = job };
	bool ok = true;

	if (!job_take_up(jobs, job, error) || !job_settle(jobs, job, error))
		return false;
	if (job->verb == ACT_DEVICE && job_pending_actions(job) > 0) {
		cancel.comment = cancel_compose(jobs, job, comment);
		cancel.calls = g_ptr_array_new();
		g_queue_init(&cancel.waiting);
		ok = cancel_actions(&cancel);
		g_queue_clear(&cancel.waiting);
		g_ptr_array_unref(cancel.calls);
		g_free(cancel.comment);
		*cancelled = cancel.cancelled;
		if (!ok && cancel.error.kind != ERROR_PARTIAL)
			return error_copy(error, &cancel.error);
	}
	if (!job->cancelled && !job_write_end(jobs, job, true, error))
		return false;
	return ok ? cancel_tell_cut(job, error) : error_copy(error, &cancel.error);
}

bool job_cancel(struct jobs *jobs, struct job *job, const char *comment, size_t *cancelled, struct error *error)
{
	bool ok;

	*cancelled = 0;
	if (!cancel_check_comment(jobs, job, comment, error))
		return false;
	job_stop(jobs, job);
	if (jobs_journal(jobs, error) == NULL || !job_lock(jobs, job, error))
		return false;
	ok = job_refresh(jobs, job, error) && job_cancel_locked(jobs, job, comment, cancelled, error);
	job_unlock(jobs, job);
	return ok;
}

static bool job_give_up_locked(struct jobs *jobs, struct job *job, struct error *error)
{
	return job_take_up(jobs, job, error) && job_settle(jobs, job, error) &&
		(job->cancelled || job_write_end(jobs, job, true, error));
}

bool job_give_up(struct jobs *jobs, struct job *job, struct error *error)
{
	bool ok;

	job_stop(jobs, job);
	if (jobs_journal(jobs, error) == NULL || !job_lock(jobs, job, error))
		return false;
	ok = job_refresh(jobs, job, error) && job_give_up_locked(jobs, job, error);
	job_unlock(jobs, job);
	return ok;
}
