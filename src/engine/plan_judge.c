/* Whether one device is sent, is so already, or is skipped, and why. */
#include "config.h"
#include "engine/plan_internal.h"

#include <string.h>

#include "defender/defender.h"

static void plan_set(struct plan_device *device, enum plan_outcome outcome, char *reason)
{
	device->outcome = outcome;
	g_free(device->reason);
	device->reason = reason;
}

/* The act as it is on one device. */
static struct act plan_act_of(const struct plan_view *view, const struct plan_device *device)
{
	struct act act = *view->act;

	if (device->value != NULL)
		act.value = device->value;
	return act;
}

/* Why the device cannot take any act, or NULL; the caller frees. */
static char *plan_unfit(const struct plan_view *view, const struct plan_device *device)
{
	const struct inventory *inventory = view->engine->inventory;
	const struct act act = plan_act_of(view, device);
	const char *merged, *status, *unsupported = NULL;

	if (inventory_row(inventory, device->number) == INVENTORY_NO_ROW)
		return g_strdup("not in the tenant's device list");
	merged = inventory_text(inventory, device->number, DEVICE_MERGED_INTO);
	if (merged[0] != '\0')
		return g_strdup_printf("merged into %s", merged);
	status = inventory_text(inventory, device->number, DEVICE_ONBOARDING);
	if (!inventory_is_onboarded(inventory, device->number))
		return g_strdup_printf("not onboarded (%s)", status[0] != '\0' ? status : "status not known");
	if (view->act->verb == ACT_DEVICE && view->act->kind->unsupported != NULL)
		unsupported = view->act->kind->unsupported(inventory_text(inventory, device->number, DEVICE_OS_PLATFORM),
			inventory_text(inventory, device->number, DEVICE_VERSION));
	if (unsupported == NULL && view->act->verb == ACT_DEVICE && view->act->kind->unsupported_value != NULL &&
			act.value != NULL)
		unsupported = act.kind->unsupported_value(act.value,
			inventory_text(inventory, device->number, DEVICE_OS_PLATFORM),
			inventory_text(inventory, device->number, DEVICE_VERSION));
	return g_strdup(unsupported);
}

static void plan_judge_tag(const struct plan_view *view, struct plan_device *device)
{
	bool adds = view->act->verb == ACT_TAG_ADD;

	device->had = inventory_has_tag(view->engine->inventory, device->number, view->act->value);
	if (view->tags_known && device->had == adds)
		plan_set(device, PLAN_ALREADY, g_strdup(adds ? "bears the tag" : "does not bear the tag"));
}

/* The same type and, where the action has one, the same scope. One that the tenant does not tell is not the same. */
static bool plan_is_same(const struct act *act, const struct action *action)
{
	if (strcmp(action->type, act->kind->type) != 0)
		return false;
	return act->value == NULL || g_ascii_strcasecmp(action->scope, act->value) == 0;
}

static bool plan_is_opposite(const struct act *act, const struct action *action)
{
	return act->kind->opposite != NULL && strcmp(action->type, act->kind->opposite) == 0;
}

/* What a device's actions say of an act. */
struct plan_history {
	const struct action *open;     /* the newest open one that is the same */
	const struct action *opposite; /* an open one of the opposite type */
	const struct action *last;     /* the last that succeeded of this type and its opposite */
	const struct action *opposed;  /* one of the opposite type, open or done, not older than act->opposed_since */
};

/* What somebody decided to the contrary since the job began; what the job itself is to undo is older. */
static bool plan_is_opposed(const struct act *act, const struct action *action)
{
	AUTO(g_free) char *job = NULL;
	AUTO(g_free) char *user = NULL;

	if (act->opposed_since == 0 || action->created < act->opposed_since || !plan_is_opposite(act, action) ||
			(!action_is_open(action) && strcmp(action->status, "Succeeded") != 0))
		return false;
	return act->reverts == NULL || !action_marker(action->comment, &job, &user) || strcmp(job, act->reverts) != 0;
}

static void plan_look_back(const struct act *act, const GPtrArray *of_device, struct plan_history *history)
{
	for (guint i = 0; i < of_device->len; i++) {
		const struct action *action = of_device->pdata[i];
		bool of_type = strcmp(action->type, act->kind->type) == 0;

		if (!of_type && !plan_is_opposite(act, action))
			continue;
		if (action_is_open(action) && plan_is_same(act, action) && history->open == NULL)
			history->open = action;
		if (action_is_open(action) && !of_type)
			history->opposite = action;
		if (history->opposed == NULL && plan_is_opposed(act, action))
			history->opposed = action;
		if (strcmp(action->status, "Succeeded") == 0 &&
				(history->last == NULL || action_effect(action) > action_effect(history->last)))
			history->last = action;
	}
}

static bool plan_holds(const struct act *act, const struct plan_history *history)
{
	return act->kind->opposite != NULL && history->last != NULL && history->opposite == NULL &&
		plan_is_same(act, history->last);
}

const struct action *plan_state(const struct act *act, const GPtrArray *of_device)
{
	struct plan_history history = { .open = NULL };

	if (of_device != NULL)
		plan_look_back(act, of_device, &history);
	return plan_holds(act, &history) ? history.last : NULL;
}

static void plan_already(struct plan_device *device, const struct action *action, const char *what)
{
	AUTO(g_free) char *whose = action_whose(action);
	const char *scope = action->scope;

	plan_set(device, PLAN_ALREADY, scope[0] != '\0' ? g_strdup_printf("%s (%s) %s", what, scope, whose) :
		g_strdup_printf("%s %s", what, whose));
	g_free(device->action_id);
	device->action_id = action_is_open(action) ? g_strdup(action->id) : NULL;
}

/* How the device was before, for a revert that puts it back. What another is about to lift is none that holds. */
static void plan_take_before(const struct act *act, struct plan_device *device, const struct plan_history *history)
{
	bool lifts = act->kind->opposite != NULL && !act->kind->disruptive;
	const struct action *before = history->last;

	device->had = history->opposite != NULL || (before != NULL && plan_is_opposite(act, before));
	if (act->kind->opposite == NULL || (!lifts && history->opposite != NULL))
		return;
	if (before == NULL || plan_is_opposite(act, before) != lifts)
		before = lifts ? history->opposite : NULL;
	if (before != NULL)
		device->before = g_utf8_make_valid(before->scope, -1);
}

static void plan_judge_action(struct plan_view *view, struct plan_device *device)
{
	const struct act mine = plan_act_of(view, device), *act = &mine;
	struct plan_history history = { .open = NULL };
	const GPtrArray *of_device;

	if (view->actions == NULL)
		return;
	of_device = g_hash_table_lookup(view->actions->by_device, device->id);
	if (of_device == NULL)
		return;
	plan_look_back(act, of_device, &history);
	plan_take_before(act, device, &history);
	if (history.opposed != NULL) {
		AUTO(g_free) char *whose = action_whose(history.opposed);

		plan_set(device, PLAN_SKIPPED, g_strdup_printf("%s since the job began, %s", history.opposed->type, whose));
		return;
	}
	if (history.opposite != NULL) {
		view->opposite_open++;
		return;
	}
	if (act->force)
		return;
	if (history.open != NULL)
		plan_already(device, history.open, "the same action is open");
	else if (plan_holds(act, &history))
		plan_already(device, history.last, "in that state");
}

void plan_judge(struct plan_view *view, struct plan_device *device)
{
	char *unfit = plan_unfit(view, device);
	const char *reason;

	device->outcome = PLAN_SEND;
	if (unfit != NULL) {
		plan_set(device, PLAN_SKIPPED, unfit);
		return;
	}
	if (view->is_protected != NULL && bitset_has(view->is_protected, device->number)) {
		reason = g_hash_table_lookup(view->reasons, GUINT_TO_POINTER(device->number));
		plan_set(device, PLAN_SKIPPED, g_strdup(reason != NULL ? reason : "protected"));
		return;
	}
	if (view->act->verb == ACT_DEVICE)
		plan_judge_action(view, device);
	else
		plan_judge_tag(view, device);
	if (device->outcome == PLAN_ALREADY && view->act->force)
		plan_set(device, PLAN_SEND, NULL);
}
