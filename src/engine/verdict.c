/* What a revert finds of one device: from what the log knows of the job's own action and what the tenant's list says of all
 * others. Actions are put in the order in which they took effect, not in that of their asking (API contract, 5.3). */
#include "config.h"
#include "engine/revert_internal.h"

#include <string.h>

/* What the list says of a device. */
struct revert_past {
	const struct action *own;
	int64_t created;               /* of the job's action, as far as is known */
	int64_t effect;                /* of it */
	const char *status;            /* of it */
	const struct action *last;     /* the last of the type and its opposite that succeeded */
	const struct action *prior;    /* the same, before the job's own took effect */
	const struct action *open_inverse, *open_other; /* open: of the inverse's type; of the job's type, and not its own */
	const struct action *inverse_after; /* succeeded, and asked for after the job's action */
};

static bool past_is_own(const struct job_device *device, const struct action *action)
{
	return device->action_id != NULL && g_ascii_strcasecmp(action->id, device->action_id) == 0;
}

static bool past_is_later(const struct action *action, const struct action *than)
{
	return than == NULL || action_effect(action) > action_effect(than);
}

static void past_take(const struct revert_view *view, const struct job_device *device, const struct action *action,
	struct revert_past *past)
{
	bool inverse = strcmp(action->type, view->inverse->type) == 0, own = past_is_own(device, action);

	if (!inverse && strcmp(action->type, view->job->kind->type) != 0)
		return;
	if (action_is_open(action) && inverse && past->open_inverse == NULL)
		past->open_inverse = action;
	if (action_is_open(action) && !inverse && !own && past->open_other == NULL)
		past->open_other = action;
	if (strcmp(action->status, "Succeeded") != 0)
		return;
	if (past_is_later(action, past->last))
		past->last = action;
	if (!own && action_effect(action) <= past->effect && past_is_later(action, past->prior))
		past->prior = action;
	if (inverse && action->created > past->created && past_is_later(action, past->inverse_after))
		past->inverse_after = action;
}

static void past_read(const struct revert_view *view, const struct job_device *device, struct revert_past *past)
{
	const GPtrArray *of_device = g_hash_table_lookup(view->list->by_device, device->id);

	past->own = device->action_id != NULL ? g_hash_table_lookup(view->list->by_id, device->action_id) : NULL;
	past->status = past->own != NULL ? past->own->status : device->status != NULL ? device->status : "";
	past->created = past->own != NULL ? past->own->created : device->created;
	past->effect = past->own != NULL && strcmp(past->status, "Succeeded") == 0 ? action_effect(past->own) : INT64_MAX;
	for (guint i = 0; of_device != NULL && i < of_device->len; i++)
		past_take(view, device, of_device->pdata[i], past);
}

static void verdict_set(struct verdict *verdict, enum verdict_kind kind, char *reason)
{
	verdict->kind = kind;
	g_free(verdict->reason);
	verdict->reason = reason;
}

static char *verdict_whose(const char *what, const struct action *action)
{
	AUTO(g_free) char *whose = action_whose(action);

	return g_strconcat(what, " ", whose, NULL);
}

static bool verdict_is_inverse(const struct revert_view *view, const struct action *action)
{
	return action != NULL && strcmp(action->type, view->inverse->type) == 0;
}

/* Whether the state that the job's own action brought about is over, or never was. */
static bool verdict_of_end(const struct revert_view *view, const struct revert_past *past, struct verdict *verdict)
{
	const char *name = view->job->action;
	bool timed_out = strcmp(past->status, "TimeOut") == 0;

	if (strcmp(past->status, "Cancelled") == 0) {
		verdict_set(verdict, VERDICT_BACK, g_strdup_printf("its '%s' was cancelled in time", name));
	} else if (strcmp(past->status, "Failed") == 0) {
		verdict_set(verdict, VERDICT_BACK, g_strdup_printf("its '%s' failed: it did nothing", name));
	} else if (past->own == NULL || past->last == NULL || (!timed_out && strcmp(past->status, "Succeeded") != 0)) {
		return false; /* not in the list yet, or still open */
	} else if (verdict_is_inverse(view, past->last)) {
		if (action_effect(past->last) < past->created)
			return false;
		verdict_set(verdict, VERDICT_BACK, verdict_whose(view->inverse->name, past->last));
	} else if (timed_out) {
		verdict_set(verdict, VERDICT_BACK, verdict_whose("its own timed out, what holds is another's,", past->last));
	} else if (past->last != past->own) {
		verdict_set(verdict, VERDICT_LEFT, verdict_whose("left alone: it was done anew", past->last));
	} else {
		return false;
	}
	verdict->open = past->open_other;
	return true;
}

/* What was so before the job came is left so. */
static bool verdict_of_before(const struct revert_view *view, const struct job_device *device,
	const struct revert_past *past, struct verdict *verdict)
{
	const char *value = job_value(view->job, device);

	if (view->inverse->disruptive) {
		if (device->had || verdict_is_inverse(view, past->prior))
			return false;
		verdict_set(verdict, VERDICT_BACK, g_strdup_printf("left alone: the action list did not show that '%s' had "
			"anything to lift there", view->job->action));
		return true;
	}
	if (device->before == NULL)
		return false;
	if (value == NULL || g_ascii_strcasecmp(device->before, value) == 0)
		verdict_set(verdict, VERDICT_BACK, g_strdup_printf("left alone: it was so before '%s'", view->job->action));
	else
		verdict_set(verdict, VERDICT_LEFT, g_strdup_printf("left alone: it was so before '%s', with scope %s, which cannot be "
			"put back without lifting both", view->job->action, device->before[0] != '\0' ? device->before : "not known"));
	return true;
}

/* The scope that a lifted isolation had: as written down when it was lifted, else as the list tells. */
static const char *verdict_value(const struct revert_view *view, const struct job_device *device,
	const struct revert_past *past)
{
	const char *const *values = view->inverse->values;

	if (values == NULL)
		return NULL;
	for (size_t i = 0; values[i] != NULL; i++)
		if (device->before != NULL && g_ascii_strcasecmp(device->before, values[i]) == 0)
			return values[i];
	for (size_t i = 0; values[i] != NULL; i++)
		if (verdict_is_inverse(view, past->prior) && g_ascii_strcasecmp(past->prior->scope, values[i]) == 0)
			return values[i];
	return NULL;
}

static void verdict_of_action(const struct revert_view *view, const struct job_device *device, struct verdict *verdict)
{
	struct revert_past past = { .own = NULL };
	bool open;

	past_read(view, device, &past);
	open = strcmp(past.status, "Pending") == 0 || strcmp(past.status, "InProgress") == 0;
	if (verdict_of_end(view, &past, verdict))
		return;
	if (device->state == JOB_UNKNOWN && device->cut) {
		verdict_set(verdict, VERDICT_LEFT, g_strdup_printf("left alone: the comment of its '%s' came back cut, so whose it is "
			"cannot be told", view->job->action));
		return;
	}
	if (verdict_of_before(view, device, &past, verdict))
		return;
	if (view->dry && open) {
		verdict_set(verdict, VERDICT_CANCEL, g_strdup_printf("'%s' is %s: it is cancelled; if it is too late for that, '%s'",
			view->job->action, past.status, view->inverse->name));
	} else if (past.open_inverse != NULL) {
		verdict_set(verdict, VERDICT_UNDERWAY, verdict_whose("the same action is open", past.open_inverse));
		verdict->open = past.open_inverse;
	} else if (open && past.inverse_after != NULL) {
		verdict_set(verdict, VERDICT_OVERTAKEN, g_strdup_printf("its '%s' is still %s, and may take effect after the '%s'",
			view->job->action, past.status, view->inverse->name));
	} else {
		verdict_set(verdict, VERDICT_SEND, NULL);
		verdict->value = verdict_value(view, device, &past);
		verdict->before = past.own != NULL && past.own->scope[0] != '\0' ? past.own->scope : job_value(view->job, device);
	}
}

static void verdict_of_tag(const struct revert_view *view, const struct job_device *device, struct verdict *verdict)
{
	bool added = view->job->verb == ACT_TAG_ADD;

	if (device->had == added)
		verdict_set(verdict, VERDICT_BACK, g_strdup(added ? "left alone: it bore the tag before" :
			"left alone: it did not bear the tag before"));
	else
		verdict_set(verdict, VERDICT_SEND, NULL);
}

bool verdict_is_touched(const struct job_device *device)
{
	/* A tag call that was in flight when its run died may have been performed. */
	return device->state == JOB_ACCEPTED || device->state == JOB_UNKNOWN || device->state == JOB_INTENT;
}

void verdict_make(const struct revert_view *view, const struct job_device *device, struct verdict *verdict)
{
	*verdict = (struct verdict){ .kind = VERDICT_SEND };
	if (!verdict_is_touched(device))
		verdict_set(verdict, VERDICT_BACK, g_strdup_printf("nothing was done there by '%s': %s%s%s", view->job->action,
			job_outcome(view->job, device), device->reason != NULL ? ", " : "",
			device->reason != NULL ? device->reason : ""));
	else if (view->job->verb == ACT_DEVICE)
		verdict_of_action(view, device, verdict);
	else
		verdict_of_tag(view, device, verdict);
}
