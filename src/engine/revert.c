/* Finds what undoes a job, and whether it did. */
#include "config.h"
#include "engine/jobs_internal.h"
#include "engine/plan_internal.h"

#include <string.h>

#include "fleet/inventory.h"

static bool revert_choose(const struct job *job, struct act *act, struct error *error)
{
	if (job->verb != ACT_DEVICE) {
		act->verb = job->verb == ACT_TAG_ADD ? ACT_TAG_REMOVE : ACT_TAG_ADD;
		act->value = job->value;
	} else if (job->kind->inverse == NULL) {
		error_set(error, ERROR_FAILED, "what '%s' did cannot be undone", job->action);
		error_hint(error, "what was still open has been cancelled");
		return false;
	} else {
		act->verb = ACT_DEVICE;
		act->kind = defender_action_kind(job->kind->inverse);
		/* An isolation that is put back is whole, unless the job says how it was. */
		if (act->kind->parameter != NULL)
			act->value = act->kind->values != NULL ? act->kind->values[0] : NULL;
	}
	act->reverts = job->id;
	act->force = true; /* the plan must not leave out what an open action of ours makes look done */
	return true;
}

bool job_revert_is_disruptive(const struct job *job)
{
	const struct defender_action_kind *inverse = job->verb == ACT_DEVICE && job->kind->inverse != NULL ?
		defender_action_kind(job->kind->inverse) : NULL;

	return inverse != NULL && inverse->disruptive;
}

/* What the job itself did: not a tag that was there before, not an action that was cancelled in time. */
static bool revert_is_due(const struct job *job, const struct job_device *device)
{
	/* A tag call that was in flight when its run died may have been performed. */
	if (device->state != JOB_ACCEPTED && device->state != JOB_UNKNOWN && device->state != JOB_INTENT)
		return false;
	if (job->verb == ACT_TAG_ADD)
		return !device->had;
	if (job->verb == ACT_TAG_REMOVE)
		return device->had;
	/* A release that lifted nothing is not turned into an isolation. */
	if (job_revert_is_disruptive(job) && !device->had)
		return false;
	/* One that failed did nothing; what isolates the device now is another's. */
	return g_strcmp0(device->status, "Cancelled") != 0 && g_strcmp0(device->status, "Failed") != 0;
}

bool job_revert_plan(struct jobs *jobs, struct job *job, struct act *act, struct bitset **devices, struct error *error)
{
	struct error fault = ERROR_INIT;
	size_t cancelled = 0, idle = 0;

	if (job->reverted_by != NULL)
		return error_set(error, ERROR_FAILED, "job %s was reverted by job %s", job->id, job->reverted_by);
	if (!job_cancel(jobs, job, act->comment, &cancelled, &fault)) {
		/* What cannot be cancelled is undone all the same. */
		if (fault.kind != ERROR_PARTIAL)
			return error_copy(error, &fault);
		jobs->engine->notice(jobs->engine->data, "%s", fault.text);
	}
	if (!revert_choose(job, act, error))
		return false;
	*devices = bitset_new();
	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];

		if (revert_is_due(job, device))
			bitset_add(*devices, inventory_number(jobs->engine->inventory, device->id));
		else
			idle += device->state == JOB_ACCEPTED && job_revert_is_disruptive(job) && !device->had;
	}
	if (idle > 0)
		jobs->engine->notice(jobs->engine->data, "%zu device%s left alone: the action list did not show that '%s' had "
			"anything to lift there", idle, idle == 1 ? " is" : "s are", job->action);
	return true;
}

bool job_revert_check(struct jobs *jobs, const struct job *undo, GPtrArray *not_back, struct error *error)
{
	const struct act act = { .verb = undo->verb, .kind = undo->kind, .value = undo->value };
	AUTO(action_list_free) struct action_list *list = NULL;

	if (undo->verb != ACT_DEVICE || undo->kind->opposite == NULL)
		return true;
	list = actions_read(jobs->engine, 0, error);
	if (list == NULL)
		return false;
	for (guint i = 0; i < undo->devices->len; i++) {
		struct job_device *device = undo->devices->pdata[i];

		if (device->state == JOB_ACCEPTED && g_strcmp0(device->status, "Succeeded") == 0 &&
				plan_state(&act, g_hash_table_lookup(list->by_device, device->id)) == NULL)
			g_ptr_array_add(not_back, device);
	}
	return true;
}
