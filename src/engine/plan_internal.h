/* Shared by plan.c, plan_judge.c and plan_order.c. */
#ifndef ENGINE_PLAN_INTERNAL_H
#define ENGINE_PLAN_INTERNAL_H

#include "engine/actions.h"
#include "engine/plan.h"
#include "fleet/inventory.h"

/* What a device is judged by. */
struct plan_view {
	struct engine *engine;
	const struct act *act;
	const struct bitset *is_protected; /* or NULL: the act is not held up by protection */
	GHashTable *reasons;               /* of protection */
	const struct action_list *actions; /* the tenant's, or NULL: tags, or it could not be read */
	bool tags_known;                   /* the inventory is fresh enough to say which device bears a tag */
	size_t opposite_open;              /* counted: devices with an open action of the opposite type */
};

/* Sets outcome, reason and what goes with it. */
void plan_judge(struct plan_view *view, struct plan_device *device);

/* The succeeded action that holds a device in the state that the act would bring about: the last of its type and the
 * opposite one, of the same scope, and no opposite one is open. NULL if there is none. of_device may be NULL. */
const struct action *plan_state(const struct act *act, const GPtrArray *of_device);

/* Sorts the devices to be sent by risk, exposure and last seen, or by a column; those not sent stand behind, by name. */
void plan_sort(const struct inventory *inventory, GPtrArray *devices, int column);
/* The column of --order, -1 for none; false if there is no such column. */
bool plan_order_column(const char *order, int *column, struct error *error);

#endif
