/* The turn of a running job, its start, its stops and its end. */
#include "config.h"
#include "engine/sender.h"

#include <string.h>
#include <unistd.h>

/* ---- records */
json_t *job_record(const struct job *job, const char *type, json_t *members)
{
	char now[ISOTIME_SIZE];
	json_t *record;

	isotime_format_ms(isotime_now(), now);
	record = json_pack("{s:s, s:s, s:s}", "type", type, "time", now, "job", job->id);
	if (members != NULL)
		json_object_update_missing(record, members);
	json_decref(members);
	return record;
}

bool run_record(struct job_run *run, const char *type, json_t *members)
{
	json_t *record = job_record(run->job, type, members);
	struct error error = ERROR_INIT;
	bool ok = journal_append(run->engine->journal, type, json_incref(record), &error) != 0;

	if (ok)
		job_apply(run->job, record);
	json_decref(record);
	if (!ok)
		run_stop(run, &error);
	run->dirty = true;
	return ok;
}

static json_t *run_ids(const GPtrArray *devices)
{
	json_t *ids = json_array();

	for (guint i = 0; i < devices->len; i++)
		json_array_append_new(ids, json_string(((const struct job_device *)devices->pdata[i])->id));
	return ids;
}

/* "device" or "devices", as the log has them. */
static void run_name_devices(json_t *members, const struct job *job, const GPtrArray *devices)
{
	if (job->verb == ACT_DEVICE && devices->len == 1)
		json_object_set_new(members, "device", json_string(((const struct job_device *)devices->pdata[0])->id));
	else
		json_object_set_new(members, "devices", run_ids(devices));
}

void run_result(struct job_run *run, const GPtrArray *devices, const char *outcome, json_t *extra)
{
	json_t *members = json_object();

	if (devices->len == 0) {
		json_decref(members);
		json_decref(extra);
		return;
	}
	run_name_devices(members, run->job, devices);
	json_object_set_new(members, "outcome", json_string(outcome));
	if (extra != NULL)
		json_object_update_missing(members, extra);
	json_decref(extra);
	run_record(run, "action.result", members);
	if (strcmp(outcome, "unsent") == 0)
		run->next = 0; /* one of them may be to be sent again */
}

void run_result_one(struct job_run *run, struct job_device *device, const char *outcome, json_t *extra)
{
	AUTO(g_ptr_array_unref) GPtrArray *devices = g_ptr_array_new();

	g_ptr_array_add(devices, device);
	run_result(run, devices, outcome, extra);
}

static json_t *json_made_valid(const char *text)
{
	AUTO(g_free) char *valid = g_utf8_make_valid(text, -1);

	return json_string(valid);
}

json_t *run_error_json(const struct error *error)
{
	return json_pack("{s:o, s:o, s:o}", "code", json_made_valid(error->code), "message",
		json_made_valid(error->text), "target", json_made_valid(error->target));
}

json_t *run_extra(const struct sending *sending)
{
	json_t *extra = json_object();

	if (sending->status != 0)
		json_object_set_new(extra, "http", json_integer(sending->status));
	if (sending->error.kind != ERROR_NONE)
		json_object_set_new(extra, "error", run_error_json(&sending->error));
	return extra;
}

/* ---- requests */
void sending_free(void *data)
{
	struct sending *sending = data;

	g_ptr_array_unref(sending->devices);
	json_decref(sending->json);
	g_free(sending);
}

void run_wake(struct job_run *run, int64_t at_ms)
{
	run->wake_ms = MIN(run->wake_ms, at_ms);
}

json_t *job_time_in(int64_t ms)
{
	char time[ISOTIME_SIZE];

	isotime_format(isotime_now() + ms * ISOTIME_TICKS_PER_MS, time);
	return json_string(time);
}

void run_pause(struct job_run *run, int64_t ms)
{
	AUTO(g_free) char *wait = duration_text(ms);
	struct error error = ERROR_INIT;

	error_set(&error, ERROR_FAILED, "the service asks to wait for %s: the job is paused", wait);
	error_code(&error, "429", "");
	error_hint(&error, "`resume %s` after that", run->job->id);
	run_stop(run, &error);
}

static void run_tell_wait(struct job_run *run, int64_t until_ms, bool by_hour)
{
	char time[ISOTIME_SIZE];
	AUTO(g_free) char *how_long = NULL;
	int64_t wait = until_ms - clock_ms();

	if (llabs(until_ms - run->told_wait) < SENDER_SAME_MS)
		return;
	run->told_wait = until_ms;
	how_long = duration_text(wait);
	isotime_format(isotime_now() + wait * ISOTIME_TICKS_PER_MS, time);
	run->engine->notice(run->engine->data, "%s: job %s sleeps until %.19sZ, %s", by_hour ? "the hour's calls are used up" :
		"the service asked to wait", run->job->id, time, how_long);
}

bool run_take_ticket(struct job_run *run)
{
	int64_t now = clock_ms();
	bool by_hour = false;
	int64_t wait = run->limit != NULL ? limit_wait(run->limit, now, &by_hour) : 0;
	uint64_t ticket;

	if (wait > 0) {
		run_wake(run, now + wait);
		if (!by_hour && wait > SENDER_PAUSE_MS)
			run_pause(run, wait); /* the service named it, maybe to an earlier session */
		else if (by_hour || wait > SENDER_TELL_MS)
			run_tell_wait(run, now + wait, by_hour);
		return false;
	}
	if (run->limit != NULL) {
		ticket = limit_take(run->limit, now);
		g_array_append_val(run->tickets, ticket);
	}
	return true;
}

static void run_return_tickets(struct job_run *run)
{
	for (guint i = 0; i < run->tickets->len; i++)
		limit_forget(run->limit, g_array_index(run->tickets, uint64_t, i));
	g_array_set_size(run->tickets, 0);
}

struct sending *run_intend(struct job_run *run, GPtrArray *devices)
{
	struct sending *sending = g_new0(struct sending, 1);
	json_t *members = json_pack("{s:s}", "kind", "act");

	sending->run = run;
	sending->devices = devices;
	for (guint i = 0; i < devices->len; i++)
		sending->number = MAX(sending->number, ((struct job_device *)devices->pdata[i])->tries + 1);
	uuid_make(sending->request);
	run_name_devices(members, run->job, devices);
	json_object_set_new(members, "try", json_integer(sending->number));
	json_object_set_new(members, "request", json_string(sending->request));
	if (!run_record(run, "action.intent", members)) {
		sending_free(sending);
		return NULL;
	}
	g_ptr_array_add(run->queued, sending);
	return sending;
}

void run_answered(void *data, const struct service_answer *answer)
{
	struct sending *sending = data;
	struct job_run *run = sending->run;

	sending->call = NULL;
	sending->fate = answer->fate;
	sending->status = answer->status;
	sending->json = json_incref((json_t *)answer->json);
	sending->retry_after_ms = answer->retry_after_ms;
	sending->error = answer->error;
	g_ptr_array_remove_fast(run->flying, sending);
	g_ptr_array_add(run->answered, sending);
}

/* ---- stops */
void run_stop(struct job_run *run, const struct error *error)
{
	if (run->stopping)
		return;
	run->stopping = true;
	error_clear(&run->job->stop);
	error_copy(&run->job->stop, error);
}

void run_breaker(struct job_run *run, const struct sending *sending)
{
	AUTO(g_free) char *answer = g_strdup_printf("%d %s", sending->status, sending->error.code);
	struct error error = ERROR_INIT;

	run->unsent = sending->fate == SERVICE_UNSENT ? run->unsent + 1 : 0;
	run->lost = sending->fate == SERVICE_LOST && sending->status == 0 ? run->lost + 1 : 0;
	if (sending->status == 0) {
		if (run->unsent >= SENDER_UNSENT || run->lost >= SENDER_LOST)
			run_stop(run, &sending->error);
		return;
	}
	/* The text may name a device or a request: status and code say whether two answers are alike. */
	run->equal = strcmp(answer, run->last_answer) == 0 ? run->equal + 1 : 1;
	g_strlcpy(run->last_answer, answer, sizeof run->last_answer);
	if (run->equal < SENDER_EQUAL)
		return;
	error_set(&error, ERROR_FAILED, "stopped after %d equal answers: HTTP %d %s", SENDER_EQUAL, sending->status,
		sending->error.text);
	error_code(&error, sending->error.code, sending->error.target);
	run_stop(run, &error);
}

static void run_abandon_flying(struct job_run *run)
{
	run->abandoned = true;
	for (guint i = 0; i < run->flying->len; i++) {
		struct sending *sending = run->flying->pdata[i];

		defender_call_cancel(run->engine->defender, sending->call);
	}
}

static void run_check_signals(struct job_run *run)
{
	struct loop *loop = run->engine->loop;
	int interrupts = run->background ? 0 : loop_interrupts(loop);
	struct error error = ERROR_INIT;

	if (interrupts == 0 && loop_ending(loop) == 0)
		return;
	error_set(&error, ERROR_INTERRUPTED, "interrupted");
	error_hint(&error, "`resume %s` sends the rest", run->job->id);
	run_stop(run, &error);
	if (interrupts >= 2 && !run->abandoned)
		run_abandon_flying(run);
}

/* ---- the turn */
static bool run_is_tags(const struct job_run *run)
{
	return run->job->verb != ACT_DEVICE;
}

static void run_take_answers(struct job_run *run)
{
	AUTO(g_ptr_array_unref) GPtrArray *answered = run->answered;

	run->answered = g_ptr_array_new_with_free_func(sending_free);
	for (guint i = 0; i < answered->len; i++)
		if (run_is_tags(run))
			tag_take(run, answered->pdata[i]);
		else
			act_take(run, answered->pdata[i]);
}

/* What was to be sent but could not be written down. */
static void run_drop_queued(struct job_run *run)
{
	for (guint i = 0; i < run->queued->len; i++) {
		struct sending *sending = run->queued->pdata[i];
		json_t *members = json_pack("{s:s, s:b, s:s}", "outcome", "unsent", "notTried", true,
			"reason", "it could not be written down");
		json_t *record;

		run_name_devices(members, run->job, sending->devices);
		record = job_record(run->job, "action.result", members);
		job_apply(run->job, record); /* for those who look now; the log has but an intent, and the tenant nothing */
		json_decref(record);
		sending_free(sending);
	}
	g_ptr_array_set_size(run->queued, 0);
	run_return_tickets(run);
}

static void run_send_queued(struct job_run *run)
{
	run_return_tickets(run); /* each request takes its own as it starts */
	for (guint i = 0; i < run->queued->len; i++) {
		struct sending *sending = run->queued->pdata[i];

		g_ptr_array_add(run->flying, sending);
		if (run_is_tags(run))
			tag_send(run, sending);
		else
			act_send(run, sending);
	}
	g_ptr_array_set_size(run->queued, 0);
}

static void run_commit(struct job_run *run)
{
	struct error error = ERROR_INIT;
	bool written = !run->dirty || journal_commit(run->engine->journal, &error);

	if (!written)
		run_stop(run, &error);
	if (run->stopping)
		run_drop_queued(run);
	if (run->dirty && written && run->hooks.progress != NULL)
		run->hooks.progress(run->hooks.data, run->job);
	run_send_queued(run);
}

static bool run_has_planned(const struct job_run *run)
{
	for (guint i = run->next; i < run->job->devices->len; i++)
		if (((const struct job_device *)run->job->devices->pdata[i])->state == JOB_PLANNED)
			return true;
	return false;
}

static bool run_is_done(const struct job_run *run)
{
	if (run->flying->len > 0 || run->answered->len > 0)
		return false;
	if (run->stopping)
		return true;
	if (!run->settling && (run_has_planned(run) || run->canary > 0))
		return false;
	return run_is_tags(run) ? !tag_is_busy(run) : !reconcile_is_needed(run);
}

static void run_free(struct job_run *run)
{
	loop_timer_cancel(run->engine->loop, run->timer);
	actions_abandon(run->reading);
	action_list_free(run->list);
	tag_end(run);
	g_ptr_array_unref(run->flying);
	g_ptr_array_unref(run->answered);
	g_ptr_array_unref(run->queued);
	g_array_unref(run->tickets);
	g_free(run->comment);
	g_free(run->marker);
	g_free(run);
}

static void sender_turn(void *data);

static void run_finish(struct job_run *run)
{
	struct job *job = run->job;
	struct job_hooks hooks = run->hooks;
	struct error error = ERROR_INIT;

	loop_topup_remove(run->engine->loop, sender_turn, run);
	job->run_now = NULL;
	if (!job_is_unfinished(job))
		job->stop.hint[0] = '\0'; /* there is no rest to be sent */
	if (!run->settling && !journal_is_broken(run->engine->journal) && !job_write_end(run->jobs, job, false, &error) &&
			job->stop.kind == ERROR_NONE)
		error_copy(&job->stop, &error);
	if (!run->settling)
		job_unlock(run->jobs, job);
	run_free(run);
	if (hooks.progress != NULL)
		hooks.progress(hooks.data, job);
	if (hooks.done != NULL)
		hooks.done(hooks.data, job);
}

static void sender_woken(void *data)
{
	struct job_run *run = data;

	run->timer = NULL;
}

/* With the intents in the log, other sessions know of them. */
static void run_top_up(struct job_run *run)
{
	if (run->stopping)
		return;
	share_begin(run->jobs->share);
	if (run_is_tags(run))
		tag_top_up(run);
	else if (!run->settling && !reconcile_holds(run))
		act_top_up(run);
	share_end(run->jobs->share);
}

static void sender_turn(void *data)
{
	struct job_run *run = data;

	run->dirty = false;
	run->wake_ms = SENDER_NO_TIME;
	run_take_answers(run);
	pace_note(run);
	run_check_signals(run);
	if (!run_is_tags(run))
		reconcile_turn(run);
	run_top_up(run);
	run_commit(run);
	if (run->stopping && run_is_tags(run))
		tag_abandon(run);
	if (run_is_done(run)) {
		run_finish(run);
		return;
	}
	loop_timer_cancel(run->engine->loop, run->timer);
	run->timer = run->wake_ms == SENDER_NO_TIME ? NULL :
		loop_timer_add(run->engine->loop, run->wake_ms, sender_woken, run);
}

/* ---- start */

/* Requests of an earlier run whose answers nobody took: what became of them is not known. */
static void run_take_over(struct job_run *run)
{
	AUTO(g_ptr_array_unref) GPtrArray *left = g_ptr_array_new();

	for (guint i = 0; i < run->job->devices->len; i++) {
		struct job_device *device = run->job->devices->pdata[i];

		if (device->state == JOB_INTENT)
			g_ptr_array_add(left, device);
		if (device->state == JOB_UNKNOWN)
			device->lost_ms = clock_ms(); /* how long ago it went out is not known */
	}
	for (guint i = 0; i < left->len; i++)
		run_result_one(run, left->pdata[i], "unknown",
			json_pack("{s:s}", "reason", "its run ended before the answer came"));
}

struct job_run *run_begin(struct jobs *jobs, struct job *job, const struct job_hooks *hooks, enum run_mode mode,
	struct error *error)
{
	struct job_run *run = g_new0(struct job_run, 1);

	run->jobs = jobs;
	run->engine = jobs->engine;
	run->job = job;
	run->background = mode == RUN_BACKGROUND;
	run->settling = mode == RUN_SETTLE;
	run->began_ms = clock_ms();
	if (hooks != NULL)
		run->hooks = *hooks;
	run->marker = job_marker(job);
	run->comment = job->comment != NULL ? g_strconcat(job->comment, run->marker, NULL) : NULL;
	run->limit = job->verb == ACT_DEVICE ? defender_limit_act(run->engine->defender, job->kind) :
		defender_limit_tag(run->engine->defender);
	run->flying = g_ptr_array_new();
	run->answered = g_ptr_array_new_with_free_func(sending_free);
	run->queued = g_ptr_array_new();
	run->tickets = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	run->canary = run->settling || canary_is_over(job) ? 0 : MIN(job->canary, job->devices->len);
	error_clear(&job->stop);
	run_take_over(run);
	if (run->stopping || !journal_commit(run->engine->journal, error)) {
		error_copy(error, &job->stop);
		run_free(run);
		return NULL;
	}
	if (job->verb != ACT_DEVICE)
		tag_begin(run);
	job->run_now = run;
	loop_topup_add(run->engine->loop, sender_turn, run);
	return run;
}
