/* Finds what undoes a job, device by device, from what the tenant's list says now. What is found so can be found again: a
 * revert that was killed, came too late or was overtaken is simply given once more. */
#include "config.h"
#include "engine/revert_internal.h"

#include <string.h>

#include "core/isotime.h"
#include "fleet/inventory.h"

void revert_free(struct revert *revert)
{
	if (revert == NULL)
		return;
	g_hash_table_unref(revert->known);
	bitset_free(revert->devices);
	g_free(revert);
}

static void revert_left_free(void *data)
{
	struct revert_left *left = data;

	g_free(left->id);
	g_free(left->name);
	g_free(left->reason);
	g_free(left);
}

const struct defender_action_kind *revert_inverse(const struct job *job)
{
	return job->verb == ACT_DEVICE && job->kind->inverse != NULL ? defender_action_kind(job->kind->inverse) : NULL;
}

bool job_revert_is_disruptive(const struct job *job)
{
	const struct defender_action_kind *inverse = revert_inverse(job);

	return inverse != NULL && inverse->disruptive;
}

bool job_revert_is_possible(const struct job *job)
{
	return job->verb != ACT_DEVICE || revert_inverse(job) != NULL;
}

/* ---- the plan */
static void revert_add(struct revert *revert, struct inventory *inventory, const struct job_device *device,
	struct verdict *verdict)
{
	struct act_device *known = g_new0(struct act_device, 1);

	known->id = g_strdup(device->id);
	known->name = g_strdup(device->name);
	known->settled = verdict->kind != VERDICT_SEND && verdict->kind != VERDICT_CANCEL;
	known->left = verdict->kind == VERDICT_LEFT || verdict->kind == VERDICT_OVERTAKEN;
	known->reason = g_steal_pointer(&verdict->reason);
	if (verdict->kind == VERDICT_UNDERWAY)
		known->action_id = g_strdup(verdict->open->id);
	if (!known->settled) {
		known->had = revert->job->verb == ACT_DEVICE;
		known->value = g_strdup(verdict->value);
		known->before = revert->act.kind != NULL && !revert->act.kind->disruptive && verdict->before != NULL ?
			g_utf8_make_valid(verdict->before, -1) : NULL;
		bitset_add(revert->devices, inventory_number(inventory, device->id));
		revert->no_scope += revert->act.kind != NULL && revert->act.kind->values != NULL && verdict->value == NULL;
	}
	revert->send += verdict->kind == VERDICT_SEND;
	revert->cancel += verdict->kind == VERDICT_CANCEL;
	revert->left += known->left;
	revert->settled += known->settled && !known->left;
	g_hash_table_replace(revert->known, known->id, known);
}

static void revert_choose(struct revert *revert, const char *comment)
{
	const struct job *job = revert->job;
	struct act *act = &revert->act;

	if (job->verb != ACT_DEVICE) {
		act->verb = job->verb == ACT_TAG_ADD ? ACT_TAG_REMOVE : ACT_TAG_ADD;
		act->value = job->value;
	} else {
		act->verb = ACT_DEVICE;
		act->kind = revert_inverse(job);
		/* An isolation that is put back is whole, unless it is known how it was. */
		if (act->kind->parameter != NULL)
			act->value = act->kind->values != NULL ? act->kind->values[0] : NULL;
	}
	act->comment = comment;
	act->reverts = job->id;
	act->force = true; /* the plan must not leave out what an open action of ours makes look done */
	act->known = revert->known;
}

static struct revert *revert_judge(struct jobs *jobs, struct job *job, const char *comment, bool dry,
	struct error *error)
{
	AUTO(action_list_free) struct action_list *list = job->verb == ACT_DEVICE ?
		actions_read(jobs->engine, 0, error) : NULL;
	struct revert_view view = { .job = job, .inverse = revert_inverse(job), .list = list, .dry = dry };
	struct revert *revert;

	if (job->verb == ACT_DEVICE && (list == NULL || (job->rebuilt && !foreign_update(jobs, job, list, error))))
		return NULL;
	revert = g_new0(struct revert, 1);
	revert->job = job;
	revert->known = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, act_device_free);
	revert->devices = bitset_new();
	revert_choose(revert, comment);
	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];
		struct verdict verdict;

		verdict_make(&view, device, &verdict);
		revert_add(revert, jobs->engine->inventory, device, &verdict);
		g_free(verdict.reason);
	}
	return revert;
}

static bool revert_check_possible(const struct job *job, struct error *error)
{
	if (job_revert_is_possible(job))
		return true;
	error_set(error, ERROR_FAILED, "what '%s' did cannot be undone", job->action);
	error_hint(error, "`cancel %s` cancels what is still open", job->id);
	return false;
}

struct revert *job_revert_preview(struct jobs *jobs, struct job *job, struct error *error)
{
	if (!revert_check_possible(job, error))
		return NULL;
	return revert_judge(jobs, job, NULL, true, error);
}

/* A job that was to undo this one and did not come to its end sends no more: what it left is planned anew. */
static bool revert_end_earlier(struct jobs *jobs, const struct job *job, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *all = jobs_all(jobs, error);
	bool ok = all != NULL;

	for (guint i = 0; ok && i < all->len; i++) {
		struct job *undo = all->pdata[i];

		if (g_strcmp0(undo->reverts, job->id) == 0 && (job_is_running(undo) || job_is_unfinished(undo)))
			ok = job_give_up(jobs, undo, error);
	}
	return ok;
}

struct revert *job_revert_plan(struct jobs *jobs, struct job *job, const char *comment, struct error *error)
{
	struct error fault = ERROR_INIT;
	size_t cancelled = 0;
	struct revert *revert;

	if (!revert_end_earlier(jobs, job, error))
		return NULL;
	if (!job_cancel(jobs, job, comment, &cancelled, &fault)) {
		/* What cannot be cancelled is undone all the same. */
		if (fault.kind != ERROR_PARTIAL) {
			error_copy(error, &fault);
			return NULL;
		}
		jobs->engine->notice(jobs->engine->data, "%s", fault.text);
	}
	if (!revert_check_possible(job, error))
		return NULL;
	revert = revert_judge(jobs, job, comment, false, error);
	if (revert == NULL)
		return NULL;
	revert->cancelled = cancelled;
	if (revert->no_scope > 0)
		jobs->engine->notice(jobs->engine->data, "with which scope %zu device%s isolated before is not known: '%s %s'",
			revert->no_scope, revert->no_scope == 1 ? " was" : "s were", act_name(&revert->act), revert->act.value);
	return revert;
}

/* ---- is all back? */
static void revert_add_left(GPtrArray *lefts, const struct job_device *device, char *reason, bool again, bool open)
{
	struct revert_left *left = g_new0(struct revert_left, 1);

	left->id = g_strdup(device->id);
	left->name = g_strdup(device->name);
	left->reason = reason;
	left->again = again;
	left->open = open;
	g_ptr_array_add(lefts, left);
}

/* The inverse as the job that sent it knows it; NULL if it sent none to this device. */
static const struct job_device *revert_undone(const struct revert_view *view, const struct job_device *device)
{
	return view->undo != NULL ? g_hash_table_lookup(view->undo->by_id, device->id) : NULL;
}

static char *revert_why_not(const struct revert_view *view, const struct job_device *device)
{
	const struct job_device *undone = revert_undone(view, device);
	const char *reason;

	if (undone == NULL)
		return g_strdup_printf("'%s' is in force", view->job->action);
	reason = undone->reason != NULL ? undone->reason : undone->message;
	return g_strdup_printf("'%s': %s%s%s%s%s", view->undo->action, job_outcome(view->undo, undone),
		undone->status != NULL ? ", " : "", undone->status != NULL ? undone->status : "",
		reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

/* Pending since when, and until when. */
static char *revert_open_text(const struct action *action)
{
	AUTO(g_free) char *whose = action_whose(action);
	int64_t until = action_expiry(action->type, action->created);
	char end[ISOTIME_SIZE];

	isotime_format(until, end);
	return until == 0 ? g_strdup_printf("%s is %s, %s", action->type, action->status, whose) :
		g_strdup_printf("%s is %s, %s, and is tried until %.16sZ", action->type, action->status, whose, end);
}

static void revert_check_action(const struct revert_view *view, const struct job_device *device, GPtrArray *lefts)
{
	const struct job_device *undone = revert_undone(view, device);
	struct verdict verdict;
	bool hidden = undone != NULL && undone->state == JOB_ACCEPTED && g_strcmp0(undone->status, "Succeeded") == 0 &&
		undone->action_id != NULL && !g_hash_table_contains(view->list->by_id, undone->action_id);

	verdict_make(view, device, &verdict);
	switch (verdict.kind) {
	case VERDICT_SEND:
	case VERDICT_CANCEL:
		/* Hidden: it was done, and the list does not show it yet. What the tenant refused it refuses again. */
		if (!hidden)
			revert_add_left(lefts, device, revert_why_not(view, device),
				undone == NULL || undone->state != JOB_REFUSED, false);
		break;
	case VERDICT_UNDERWAY:
		revert_add_left(lefts, device, revert_open_text(verdict.open), false, true);
		break;
	case VERDICT_OVERTAKEN:
	case VERDICT_LEFT:
		revert_add_left(lefts, device, g_steal_pointer(&verdict.reason), false, verdict.kind == VERDICT_OVERTAKEN);
		break;
	case VERDICT_BACK:
		if (verdict.open != NULL && !view->inverse->disruptive) {
			AUTO(g_free) char *open = revert_open_text(verdict.open);

			revert_add_left(lefts, device, g_strconcat("it may be undone again: ", open, NULL), false, false);
		}
		break;
	}
	g_free(verdict.reason);
}

static void revert_check_tag(const struct revert_view *view, const struct job_device *device, GPtrArray *lefts)
{
	const struct job_device *undone = revert_undone(view, device);
	struct verdict verdict;

	verdict_make(view, device, &verdict);
	if (verdict.kind == VERDICT_SEND && (undone == NULL ||
			(undone->state != JOB_ACCEPTED && undone->state != JOB_ALREADY)))
		revert_add_left(lefts, device, revert_why_not(view, device), false, false);
	g_free(verdict.reason);
}

/* A list that lags shows the job's action and not yet what undid it. */
static bool revert_is_shown(const struct job *undo, const struct action_list *list)
{
	for (guint i = 0; undo != NULL && i < undo->devices->len; i++) {
		const struct job_device *device = undo->devices->pdata[i];

		if (device->state == JOB_ACCEPTED && device->action_id != NULL &&
				!g_hash_table_contains(list->by_id, device->action_id))
			return false;
	}
	return true;
}

static struct action_list *revert_read(struct jobs *jobs, struct job *job, const struct job *undo, struct error *error)
{
	int64_t settled = clock_ms() + jobs->engine->settle_ms;

	for (;;) {
		AUTO(action_list_free) struct action_list *list = actions_read(jobs->engine, 0, error);

		if (list == NULL || (job->rebuilt && !foreign_update(jobs, job, list, error)) ||
				!job_take_statuses(jobs, job, list, NULL, error) ||
				(jobs_can_write(jobs) && !journal_commit(jobs->engine->journal, error)))
			return NULL;
		if (revert_is_shown(undo, list) || clock_ms() >= settled)
			return AUTO_STEAL(list);
		if (!loop_pause(jobs->engine->loop, MAX(jobs->engine->settle_ms / 10, 100))) {
			error_set(error, ERROR_INTERRUPTED, "interrupted");
			return NULL;
		}
	}
}

GPtrArray *job_revert_check(struct jobs *jobs, struct job *job, const struct job *undo, struct error *error)
{
	struct revert_view view = { .job = job, .inverse = revert_inverse(job), .undo = undo };
	AUTO(action_list_free) struct action_list *list = NULL;
	GPtrArray *lefts;

	if (job->verb == ACT_DEVICE && (list = revert_read(jobs, job, undo, error)) == NULL)
		return NULL;
	view.list = list;
	lefts = g_ptr_array_new_with_free_func(revert_left_free);
	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];

		if (!verdict_is_touched(device))
			continue;
		if (job->verb == ACT_DEVICE)
			revert_check_action(&view, device, lefts);
		else
			revert_check_tag(&view, device, lefts);
	}
	return lefts;
}

GPtrArray *job_revert_guess(const struct job *job, const struct job *undo)
{
	GPtrArray *lefts = g_ptr_array_new_with_free_func(revert_left_free);
	const struct revert_view view = { .job = job, .undo = undo };

	for (guint i = 0; i < undo->devices->len; i++) {
		const struct job_device *device = undo->devices->pdata[i];
		bool done = device->state == JOB_ALREADY ? device->action_id == NULL : device->state == JOB_ACCEPTED &&
			g_strcmp0(device->status, "Succeeded") == 0;

		if (!done)
			revert_add_left(lefts, device, revert_why_not(&view, device), false, false);
	}
	return lefts;
}
