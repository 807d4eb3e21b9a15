/* What became of requests whose answers were lost: the tenant's action list says. Only a reading that began at least
 * `settle` after the loss counts as "it did not happen"; an earlier one may only show that it did. */
#include "config.h"
#include "engine/plan_internal.h"
#include "engine/sender.h"

#include <string.h>

#define WINDOW_TICKS (3600 * ISOTIME_TICKS_PER_SECOND)
#define READING_FAILURES 3
#define ENDED_TRIES 3 /* sendings that a tenant may refuse for an action that its list does not show */

static void reconcile_done(void *data, struct action_list *list, const struct error *error)
{
	struct job_run *run = data;

	run->reading = NULL;
	action_list_free(run->list);
	run->list = list;
	run->list_failed = list == NULL;
	error_clear(&run->list_error);
	if (error != NULL)
		error_copy(&run->list_error, error);
}

/* ---- taking a list */

/* Which of other people's actions is in the way: the one that the tenant answered with, else an open one of the same
 * scope, else any open one. */
static int reconcile_rank(const struct job_run *run, const struct job_device *device, const struct action *action)
{
	const char *value;

	if (action == NULL)
		return 0;
	if (device->action_id != NULL && g_ascii_strcasecmp(action->id, device->action_id) == 0)
		return 3;
	if (!action_is_open(action))
		return 0;
	value = job_value(run->job, device);
	return value == NULL || g_ascii_strcasecmp(action->scope, value) == 0 ? 2 : 1;
}

/* The action of this job on a device, else the one that stands in its way; NULL if the list has neither. */
static const struct action *reconcile_find(const struct job_run *run, const struct action_list *list,
	const struct job_device *device, enum act_owner *owner)
{
	const GPtrArray *of_device = g_hash_table_lookup(list->by_device, device->id);
	const struct action *other = NULL;

	for (guint i = 0; of_device != NULL && i < of_device->len; i++) {
		const struct action *action = of_device->pdata[i];

		if (strcmp(action->type, run->job->kind->type) != 0)
			continue;
		*owner = act_owner(run, action->comment, action->requestor);
		if (*owner == OWNER_OURS || *owner == OWNER_CUT)
			return action;
		if (reconcile_rank(run, device, action) > reconcile_rank(run, device, other))
			other = action;
	}
	*owner = OWNER_OTHER;
	return other;
}

static json_t *reconcile_extra(const struct action *action, bool adopted)
{
	AUTO(g_free) char *id = g_utf8_make_valid(action->id, -1);
	AUTO(g_free) char *status = g_utf8_make_valid(action->status, -1);
	json_t *extra = json_pack("{s:s, s:s}", "actionId", id, "status", status);
	char created[ISOTIME_SIZE];

	isotime_format(action->created, created);
	if (action->created > 0)
		json_object_set_new(extra, "created", json_string(created));
	if (adopted)
		json_object_set_new(extra, "adopted", json_true());
	return extra;
}

static bool reconcile_is_of_other_scope(const struct job_run *run, const struct job_device *device,
	const struct action *action)
{
	const char *value = job_value(run->job, device);

	return value != NULL && action->scope[0] != '\0' && g_ascii_strcasecmp(action->scope, value) != 0;
}

/* Another's open action of another scope keeps ours from being taken: that is not the state that was asked for. */
static void reconcile_refused(struct job_run *run, struct job_device *device, const struct action *action)
{
	AUTO(g_free) char *whose = action_whose(action);
	AUTO(g_free) char *scope = g_utf8_make_valid(action->scope, -1);
	struct error error = ERROR_INIT;
	json_t *extra;

	error_set(&error, ERROR_FAILED, "an action of the same type with scope '%s' is open %s", scope, whose);
	error_code(&error, "ActiveRequestAlreadyExists", device->target);
	extra = json_pack("{s:o, s:s}", "error", run_error_json(&error), "reason", error.text);
	run_result_one(run, device, "refused", extra);
}

static void reconcile_other(struct job_run *run, struct job_device *device, const struct action *action)
{
	AUTO(g_free) char *whose = NULL;
	AUTO(g_free) char *reason = NULL;
	json_t *extra;

	if (action != NULL && reconcile_is_of_other_scope(run, device, action)) {
		reconcile_refused(run, device, action);
		return;
	}
	extra = action != NULL ? reconcile_extra(action, false) : json_object();
	if (action != NULL)
		whose = action_whose(action);
	reason = action != NULL ? g_strconcat("the same action is open ", whose, NULL) :
		g_strdup("the tenant says that the same action is open; its list does not show whose");
	json_object_set_new(extra, "reason", json_string(reason));
	run_result_one(run, device, "already", extra);
}

static void reconcile_not_done(struct job_run *run, struct job_device *device)
{
	const char *reason = "the answer was lost, and the tenant's action list says that it did not happen";

	run_result_one(run, device, "unsent", json_pack("{s:s}", "reason", reason));
}

/* The tenant said that an action is open, or answered with one that is not known to be ours. */
static bool reconcile_is_in_the_way(const struct job_device *device)
{
	return act_is_in_progress(device->code, device->message) || device->action_id != NULL;
}

/* The tenant said that an action is open, and late enough its list shows none, or that it has ended (then ended is that
 * action, another's). Nothing of ours was taken, so it may be sent again, a few times. */
static void reconcile_ended(struct job_run *run, const struct action_list *list, struct job_device *device,
	const struct action *ended)
{
	const struct act act = { .verb = ACT_DEVICE, .kind = run->job->kind, .value = job_value(run->job, device) };
	const struct action *state = plan_state(&act, g_hash_table_lookup(list->by_device, device->id));
	AUTO(g_free) char *whose = state != NULL ? action_whose(state) : NULL;
	AUTO(g_free) char *reason = whose != NULL ? g_strconcat("in that state ", whose, NULL) : NULL;

	if (state != NULL)
		run_result_one(run, device, "already", json_pack("{s:s}", "reason", reason));
	else if (device->tries < ENDED_TRIES && (device->action_id == NULL || ended != NULL))
		run_result_one(run, device, "unsent", json_pack("{s:s}", "reason", "the action that was open has ended"));
	else
		reconcile_other(run, device, NULL);
}

/* Whose it is cannot be told: it stays unknown. Where nothing is sent, that holds up nothing else. */
static void reconcile_cut(struct job_run *run, struct job_device *device, const struct action *action)
{
	if (!device->cut)
		run_result_one(run, device, "unknown", act_cut(reconcile_extra(action, false)));
	if (!run->settling)
		act_stop_cut(run);
}

static void reconcile_device(struct job_run *run, const struct action_list *list, struct job_device *device)
{
	bool in_the_way = reconcile_is_in_the_way(device);
	bool decisive = list->whole && list->started_ms >= device->lost_ms + run->engine->settle_ms;
	enum act_owner owner = OWNER_OTHER;
	const struct action *action = reconcile_find(run, list, device, &owner);
	bool open = action != NULL && action_is_open(action);

	if (action != NULL && owner == OWNER_OURS) {
		run_result_one(run, device, "accepted", reconcile_extra(action, true));
	} else if (action != NULL && owner == OWNER_CUT) {
		reconcile_cut(run, device, action);
	} else if (in_the_way && open && (decisive || device->tries <= 1)) {
		/* An earlier try of ours may not be in the list yet: after a try, another's is believed when settled only. */
		reconcile_other(run, device, action);
	} else if (in_the_way && !open && decisive) {
		reconcile_ended(run, list, device, action);
	} else if (!in_the_way && decisive) {
		reconcile_not_done(run, device);
	}
}

/* The log says that nothing was sent to it. But a log may have lost lines, or a whole file: the tenant's word counts. */
static void reconcile_planned(struct job_run *run, const struct action_list *list, struct job_device *device)
{
	enum act_owner owner = OWNER_OTHER;
	const struct action *action = reconcile_find(run, list, device, &owner);

	if (action != NULL && owner == OWNER_OURS)
		run_result_one(run, device, "accepted", reconcile_extra(action, true));
}

static void reconcile_take_list(struct job_run *run)
{
	AUTO(action_list_free) struct action_list *list = g_steal_pointer(&run->list);
	struct error error = ERROR_INIT;
	bool changed = false;

	run->looked = true;
	run->list_failures = 0;
	for (guint i = 0; i < run->job->devices->len; i++) {
		struct job_device *device = run->job->devices->pdata[i];

		if (device->state == JOB_UNKNOWN)
			reconcile_device(run, list, device);
		else if (device->state == JOB_PLANNED && run->job->run > 1)
			reconcile_planned(run, list, device);
	}
	if (!job_take_statuses(run->jobs, run->job, list, &changed, &error))
		run_stop(run, &error);
	run->dirty |= changed;
}

static void reconcile_take_failure(struct job_run *run)
{
	struct error error = run->list_error;

	run->list_failed = false;
	if (run->stopping)
		return;
	error_prefix(&error, "the tenant's action list cannot be read");
	run->looked = true; /* what was surely not sent need not wait for it */
	if (error.kind == ERROR_SIGN_IN || ++run->list_failures >= READING_FAILURES)
		run_stop(run, &error);
	else
		run->engine->notice(run->engine->data, "%s", error.text);
}

/* ---- when to read */
bool reconcile_is_needed(const struct job_run *run)
{
	for (guint i = 0; i < run->job->devices->len; i++) {
		const struct job_device *device = run->job->devices->pdata[i];

		if (device->state == JOB_UNKNOWN && !(run->settling && run->looked && device->cut))
			return true;
	}
	return false;
}

bool reconcile_holds(const struct job_run *run)
{
	return run->job->run > 1 && !run->settling && !run->looked;
}

/* What stands in the way is looked for soon, while it is open; that something did not happen, only a late reading says. */
static int64_t reconcile_device_due(const struct job_run *run, const struct job_device *device)
{
	int64_t soon = device->lost_ms + run->engine->settle_ms / 30;

	if (reconcile_is_in_the_way(device) && run->last_reading < soon)
		return soon;
	return device->lost_ms + run->engine->settle_ms;
}

/* When the next reading can settle something: at once after a restart, else when the earliest loss has settled. */
static int64_t reconcile_due(const struct job_run *run)
{
	int64_t due = SENDER_NO_TIME;

	for (guint i = 0; i < run->job->devices->len; i++) {
		const struct job_device *device = run->job->devices->pdata[i];

		if (device->state == JOB_UNKNOWN)
			due = MIN(due, reconcile_device_due(run, device));
	}
	return reconcile_holds(run) || (due != SENDER_NO_TIME && run->job->run > 1 && !run->looked) ? 0 : due;
}

/* Where the list may begin. An action of ours tells the tenant's clock at a time within this run, and how long the run
 * has lasted is known; so the list can be cut well before it. No clock of ours is compared with the tenant's. A job that
 * began in another session gets the whole list, and so does one that is held up by an action of others: that may be old. */
static int64_t reconcile_since(const struct job_run *run)
{
	int64_t lasted = (clock_ms() - run->began_ms) * ISOTIME_TICKS_PER_MS;
	int64_t oldest = INT64_MAX;

	if (run->job->run > 1)
		return 0;
	for (guint i = 0; i < run->job->devices->len; i++) {
		const struct job_device *device = run->job->devices->pdata[i];

		if (device->state == JOB_UNKNOWN && reconcile_is_in_the_way(device))
			return 0;
		if (device->state == JOB_ACCEPTED && device->created > 0)
			oldest = MIN(oldest, device->created);
	}
	return oldest != INT64_MAX && oldest > lasted + WINDOW_TICKS ? oldest - lasted - WINDOW_TICKS : 0;
}

/* ---- the canary: the first devices, until their actions have ended */
static bool canary_status_is_over(const struct job_device *device)
{
	return device->status != NULL && strcmp(device->status, "Pending") != 0 && strcmp(device->status, "InProgress") != 0;
}

static bool canary_is_bad(const struct job_device *device)
{
	return device->state == JOB_REFUSED || device->state == JOB_UNSENT || (device->state == JOB_ACCEPTED &&
		canary_status_is_over(device) && strcmp(device->status, "Succeeded") != 0);
}

static bool canary_is_good(const struct job_device *device)
{
	return device->state == JOB_ALREADY || device->state == JOB_SKIPPED || (device->state == JOB_ACCEPTED &&
		canary_status_is_over(device) && !canary_is_bad(device));
}

bool canary_is_over(const struct job *job)
{
	size_t canary = MIN(job->canary, job->devices->len), good = 0;

	for (size_t i = 0; i < canary; i++)
		if (canary_is_bad(job->devices->pdata[i]))
			return true;
		else if (canary_is_good(job->devices->pdata[i]))
			good++;
	return good == canary;
}

static void canary_stop(struct job_run *run, const struct job_device *bad)
{
	struct error error = ERROR_INIT;
	bool rest = false;

	for (guint i = 0; i < run->job->devices->len; i++)
		rest |= ((const struct job_device *)run->job->devices->pdata[i])->state == JOB_PLANNED;
	if (!rest)
		return;
	if (bad != NULL)
		error_set(&error, ERROR_FAILED, "the canary '%s' ended %s: the rest is not sent", bad->name,
			bad->state == JOB_ACCEPTED ? bad->status : job_outcome(run->job, bad));
	else
		error_set(&error, ERROR_FAILED, "the canary is over");
	error_code(&error, "canary", "");
	error_hint(&error, "`resume %s` sends the rest%s", run->job->id, bad != NULL ? " all the same" : "");
	run_stop(run, &error);
}

void canary_check(struct job_run *run)
{
	const struct job_device *bad = NULL;
	size_t ended = 0;

	for (size_t i = 0; i < run->canary; i++) {
		const struct job_device *device = run->job->devices->pdata[i];

		if (canary_is_bad(device))
			bad = device;
		ended += canary_is_bad(device) || canary_is_good(device);
	}
	/* One who is asked sees how all of them ended; with nobody to ask, one is enough. */
	if (ended < run->canary && (bad == NULL || run->hooks.canary_asks))
		return;
	run->canary = 0;
	if (bad != NULL || run->hooks.canary_asks)
		canary_stop(run, bad);
}

void reconcile_turn(struct job_run *run)
{
	int64_t now = clock_ms(), due;
	int64_t gap = MAX(run->engine->settle_ms / 5, 200);
	bool for_canary;

	if (run->list != NULL)
		reconcile_take_list(run);
	if (run->list_failed)
		reconcile_take_failure(run);
	if (run->canary > 0 && !run->stopping)
		canary_check(run);
	if (run->stopping || run->reading != NULL)
		return;
	due = reconcile_due(run);
	for_canary = due == SENDER_NO_TIME && run->canary > 0 && act_canary_is_sent(run);
	if (for_canary)
		due = run->next_reading;
	if (due == SENDER_NO_TIME)
		return;
	due = MAX(due, run->next_reading);
	if (now < due) {
		run_wake(run, due);
		return;
	}
	run->canary_gap = CLAMP(run->canary_gap * 3 / 2, gap, 10 * gap);
	run->last_reading = now;
	run->next_reading = now + (for_canary ? run->canary_gap : gap);
	run->reading = actions_start(run->engine, reconcile_since(run), reconcile_holds(run) ? actions_patience(run->engine) : 0,
		reconcile_done, run);
}
