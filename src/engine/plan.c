#include "config.h"
#include "engine/plan_internal.h"

#include <string.h>

#include "core/isotime.h"
#include "core/text.h"
#include "defender/defender.h"
#include "engine/job.h"
#include "engine/policy.h"
#include "engine/sync.h"

const char *act_name(const struct act *act)
{
	switch (act->verb) {
	case ACT_TAG_ADD:
		return "tag add";
	case ACT_TAG_REMOVE:
		return "tag remove";
	case ACT_DEVICE:
		break;
	}
	return act->kind->name;
}

bool act_is_disruptive(const struct act *act)
{
	return act->verb == ACT_DEVICE && act->kind->disruptive;
}

static void plan_device_free(void *data)
{
	struct plan_device *device = data;

	g_free(device->id);
	g_free(device->name);
	g_free(device->reason);
	g_free(device->action_id);
	g_free(device->value);
	g_free(device->before);
	g_free(device);
}

void act_device_free(void *data)
{
	struct act_device *device = data;

	g_free(device->id);
	g_free(device->name);
	g_free(device->reason);
	g_free(device->action_id);
	g_free(device->value);
	g_free(device->before);
	g_free(device);
}

static void plan_count_free(void *data)
{
	struct plan_count *count = data;

	g_free(count->text);
	g_free(count);
}

void plan_free(struct plan *plan)
{
	if (plan == NULL)
		return;
	g_free((char *)plan->act.value);
	g_free((char *)plan->act.comment);
	g_free((char *)plan->act.order);
	g_free((char *)plan->act.reverts);
	g_free(plan->comment);
	g_free(plan->case_id);
	g_ptr_array_unref(plan->devices);
	g_ptr_array_unref(plan->platforms);
	g_ptr_array_unref(plan->groups);
	g_ptr_array_unref(plan->warnings);
	g_free(plan);
}

static struct plan *plan_blank(const struct engine *engine, const struct act *act)
{
	struct plan *plan = g_new0(struct plan, 1);

	plan->act = *act;
	plan->act.value = g_strdup(act->value);
	plan->act.comment = g_strdup(act->comment);
	plan->act.order = g_strdup(act->order);
	plan->act.reverts = g_strdup(act->reverts);
	plan->case_id = g_strdup(engine->case_id);
	plan->devices = g_ptr_array_new_with_free_func(plan_device_free);
	plan->platforms = g_ptr_array_new_with_free_func(plan_count_free);
	plan->groups = g_ptr_array_new_with_free_func(plan_count_free);
	plan->warnings = g_ptr_array_new_with_free_func(g_free);
	return plan;
}

/* Case and comment; with a marker of this user they must fit into what the tenant is sure to keep. */
static bool plan_compose(struct plan *plan, const struct engine *engine, struct error *error)
{
	AUTO(g_free) char *marker = marker_text("00000000-000000-0000", engine->user);
	size_t length;

	if (plan->act.verb != ACT_DEVICE)
		return true;
	if (plan->act.comment == NULL || plan->act.comment[strspn(plan->act.comment, " \t")] == '\0')
		return error_set(error, ERROR_USAGE, "'%s' needs a comment", act_name(&plan->act));
	if (!g_utf8_validate(plan->act.comment, -1, NULL))
		return error_set(error, ERROR_USAGE, "the comment is not UTF-8 text");
	plan->comment = plan->case_id != NULL && !plan->act.composed ? g_strconcat(plan->case_id, " ", plan->act.comment, NULL) :
		g_strdup(plan->act.comment);
	length = (size_t)g_utf8_strlen(plan->comment, -1) + (size_t)g_utf8_strlen(marker, -1);
	if (length > ACT_COMMENT_MAX)
		return error_set(error, ERROR_USAGE, "the comment is %zu characters too long: with case and marker it may have %d",
			length - ACT_COMMENT_MAX, ACT_COMMENT_MAX);
	return true;
}

static bool plan_check_tag(const struct plan *plan, struct error *error)
{
	const char *tag = plan->act.value;

	if (plan->act.verb == ACT_DEVICE)
		return true;
	if (tag == NULL || tag[strspn(tag, " \t")] == '\0')
		return error_set(error, ERROR_USAGE, "a tag cannot be empty");
	if (!g_utf8_validate(tag, -1, NULL))
		return error_set(error, ERROR_USAGE, "the tag is not UTF-8 text");
	return true;
}

static void plan_warn(struct plan *plan, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void plan_warn(struct plan *plan, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_ptr_array_add(plan->warnings, g_strdup_vprintf(format, args));
	va_end(args);
}

static void plan_tally(GPtrArray *counts, const char *text)
{
	struct plan_count *count;

	for (guint i = 0; i < counts->len; i++) {
		count = counts->pdata[i];
		if (strcmp(count->text, text) == 0) {
			count->count++;
			return;
		}
	}
	count = g_new0(struct plan_count, 1);
	count->text = g_strdup(text);
	count->count = 1;
	g_ptr_array_add(counts, count);
}

static gint plan_most_first(gconstpointer a, gconstpointer b)
{
	const struct plan_count *x = *(struct plan_count *const *)a, *y = *(struct plan_count *const *)b;

	return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->text, y->text);
}

/* Counts outcomes; devices beyond the limit leave the job. Those to be sent stand first. */
static void plan_sum_up(struct plan *plan, const struct inventory *inventory)
{
	for (guint i = 0; i < plan->devices->len; i++) {
		struct plan_device *device = plan->devices->pdata[i];

		if (device->outcome == PLAN_SEND && plan->act.limit > 0 && plan->send == plan->act.limit)
			device->outcome = PLAN_OUTSIDE;
		switch (device->outcome) {
		case PLAN_SEND:
			plan->send++;
			plan->inactive += !device->active;
			plan_tally(plan->platforms, inventory_text(inventory, device->number, DEVICE_OS_PLATFORM));
			plan_tally(plan->groups, inventory_text(inventory, device->number, DEVICE_GROUP));
			break;
		case PLAN_ALREADY:
			plan->already++;
			break;
		case PLAN_SKIPPED:
			plan->skipped++;
			break;
		case PLAN_OUTSIDE:
			plan->outside++;
			break;
		}
	}
	plan->total = plan->send + plan->already + plan->skipped;
	g_ptr_array_sort(plan->platforms, plan_most_first);
	g_ptr_array_sort(plan->groups, plan_most_first);
}

static void plan_estimate(struct plan *plan, const struct engine *engine)
{
	bool tags = plan->act.verb != ACT_DEVICE;
	size_t first = MIN(plan->act.canary, plan->send); /* the canary goes in calls of its own */
	struct limit *limit = tags ? defender_limit_tag(engine->defender) :
		defender_limit_act(engine->defender, plan->act.kind);

	plan->calls = plan->send;
	if (tags)
		plan->calls = (first + DEFENDER_TAG_MAX - 1) / DEFENDER_TAG_MAX +
			(plan->send - first + DEFENDER_TAG_MAX - 1) / DEFENDER_TAG_MAX;
	plan->estimate_ms = limit != NULL ? limit_estimate(limit, plan->calls, clock_ms()) : 0;
}

static void plan_warn_all(struct plan *plan, const struct plan_view *view)
{
	const struct engine *engine = view->engine;

	if (act_is_disruptive(&plan->act) && !policy_has_protection(engine->policy))
		plan_warn(plan, "no protection is configured: no device is held back");
	if (act_is_disruptive(&plan->act) && plan->act.include_protected)
		plan_warn(plan, "protected devices are included");
	if (plan->inactive > 0)
		plan_warn(plan, "%zu of %zu not active: what is sent there may take days, or never happen", plan->inactive,
			plan->send);
	if (plan->act.verb != ACT_DEVICE && !view->tags_known)
		plan_warn(plan, "the inventory is older than 15 minutes: the tag is sent to devices that may bear it already");
	if (view->opposite_open > 0)
		plan_warn(plan, "on %zu device%s a '%s' is still open, which may take effect later than this", view->opposite_open,
			view->opposite_open == 1 ? "" : "s", plan->act.kind->opposite);
	if (plan->outside > 0)
		plan_warn(plan, "%zu more are beyond the limit and stay outside this job", plan->outside);
}

/* Reads the tenant's actions, so that what is so already is known. Without them everything is sent; the tenant's own
 * refusals still tell. */
static bool plan_read_actions(struct plan *plan, struct plan_view *view, struct action_list **actions,
	struct error *error)
{
	struct error fault = ERROR_INIT;

	if (plan->act.verb != ACT_DEVICE)
		return true;
	*actions = actions_read_within(view->engine, actions_patience(view->engine), &fault);
	if (*actions == NULL && fault.kind == ERROR_INTERRUPTED)
		return error_copy(error, &fault);
	if (*actions == NULL)
		plan_warn(plan, "which devices are so already is not known: %s", fault.text);
	view->actions = *actions;
	return true;
}

static struct act_device *plan_known(const struct plan *plan, const char *id)
{
	return plan->act.known != NULL ? g_hash_table_lookup(plan->act.known, id) : NULL;
}

/* What is known of a device beforehand is better than what the list says, which may lag. */
static void plan_take_known(const struct plan *plan, struct plan_device *device)
{
	const struct act_device *known = plan_known(plan, device->id);

	if (known == NULL || known->settled)
		return;
	device->had |= known->had;
	if (known->reason != NULL && device->outcome == PLAN_SEND) {
		g_free(device->reason);
		device->reason = g_strdup(known->reason);
	}
	if (known->before != NULL) {
		g_free(device->before);
		device->before = g_strdup(known->before);
	}
}

static void plan_add_settled(struct plan *plan, struct inventory *inventory)
{
	GHashTableIter iter;
	void *value;

	if (plan->act.known == NULL)
		return;
	g_hash_table_iter_init(&iter, plan->act.known);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct act_device *known = value;
		struct plan_device *device;

		if (!known->settled)
			continue;
		device = g_new0(struct plan_device, 1);
		device->number = inventory_number(inventory, known->id);
		device->id = g_strdup(known->id);
		device->name = g_utf8_make_valid(known->name, -1);
		device->outcome = known->left ? PLAN_SKIPPED : PLAN_ALREADY;
		device->reason = g_strdup(known->reason);
		device->action_id = g_strdup(known->action_id);
		g_ptr_array_add(plan->devices, device);
	}
}

static void plan_judge_all(struct plan *plan, struct plan_view *view, const struct bitset *devices)
{
	const struct inventory *inventory = view->engine->inventory;

	for (uint32_t n = bitset_next(devices, 0); n != BITSET_END; n = bitset_next(devices, n + 1)) {
		struct plan_device *device = g_new0(struct plan_device, 1);

		device->number = n;
		device->id = g_strdup(inventory_id(inventory, n));
		device->name = g_utf8_make_valid(inventory_name(inventory, n), -1);
		device->active = inventory_is_active(inventory, n);
		if (plan_known(plan, device->id) != NULL)
			device->value = g_strdup(plan_known(plan, device->id)->value);
		plan_judge(view, device);
		plan_take_known(plan, device);
		g_ptr_array_add(plan->devices, device);
	}
}

bool plan_is_allowed(const struct plan *plan, const struct engine *engine, struct error *error)
{
	uint64_t most = policy_max_devices(engine->policy);

	if (!act_is_disruptive(&plan->act) || plan->send <= most)
		return true;
	error_set(error, ERROR_FAILED, "'%s' would be sent to %zu devices; policy allows %" G_GUINT64_FORMAT " at a time",
		act_name(&plan->act), plan->send, most);
	error_code(error, "max-devices", "");
	error_hint(error, "narrow the set, or take the most at-risk ones with --limit");
	return false;
}

/* A device that the inventory lacks costs one refresh, unless it was read just now. */
static bool plan_know_devices(struct engine *engine, const struct bitset *devices, struct error *error)
{
	for (uint32_t n = bitset_next(devices, 0); n != BITSET_END; n = bitset_next(devices, n + 1))
		if (inventory_row(engine->inventory, n) == INVENTORY_NO_ROW)
			return inventory_fresh(engine, POLICY_INVENTORY_MS, error);
	return true;
}

struct plan *plan_new(struct engine *engine, const struct act *act, const struct bitset *devices, struct error *error)
{
	AUTO(plan_free) struct plan *plan = plan_blank(engine, act);
	AUTO(bitset_free) struct bitset *is_protected = bitset_new();
	AUTO(g_hash_table_unref) GHashTable *reasons = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	AUTO(action_list_free) struct action_list *actions = NULL;
	struct plan_view view = { .engine = engine, .act = &plan->act, .reasons = reasons };
	int column;

	if (bitset_count(devices) == 0 && (act->known == NULL || g_hash_table_size(act->known) == 0)) {
		error_set(error, ERROR_FAILED, "the working set is empty: '%s' has nothing to act on", act_name(act));
		return NULL;
	}
	if (!plan_compose(plan, engine, error) || !plan_check_tag(plan, error) ||
			!plan_order_column(act->order, &column, error))
		return NULL;
	if (!plan_know_devices(engine, devices, error))
		return NULL;
	if (act_is_disruptive(act)) {
		if (!policy_judge(engine->policy, engine, devices, is_protected, reasons, error))
			return NULL;
		view.is_protected = act->include_protected ? NULL : is_protected;
	}
	view.tags_known = inventory_age(engine) <= POLICY_INVENTORY_MS;
	if (!plan_read_actions(plan, &view, &actions, error))
		return NULL;
	plan_judge_all(plan, &view, devices);
	plan_add_settled(plan, engine->inventory);
	plan_sort(engine->inventory, plan->devices, column);
	plan_sum_up(plan, engine->inventory);
	plan_estimate(plan, engine);
	plan_warn_all(plan, &view);
	policy_sum(engine->policy, plan->policy);
	plan->inventory_time = inventory_time(engine->inventory);
	plan->made_ms = clock_ms();
	if (inventory_check_found(engine, devices)) {
		error_set(error, ERROR_FAILED, "cannot judge the devices: the inventory's cache is damaged");
		error_hint(error, "`refresh` reads the inventory anew");
		return NULL;
	}
	plan->act.known = NULL;
	return AUTO_STEAL(plan);
}

/* ---- JSON */
static const char *plan_outcome_name(const struct plan_device *device)
{
	switch (device->outcome) {
	case PLAN_SEND:
		return "planned";
	case PLAN_ALREADY:
		return "already";
	case PLAN_SKIPPED:
	case PLAN_OUTSIDE:
		break;
	}
	return "skipped";
}

json_t *plan_result(const struct plan *plan, size_t index)
{
	const struct plan_device *device = plan->devices->pdata[index];
	AUTO(g_free) char *reason = device->reason != NULL ? g_utf8_make_valid(device->reason, -1) : NULL;

	return json_pack("{s:s, s:s, s:s, s:s?, s:n, s:s?, s:n}", "id", device->id, "name", device->name,
		"outcome", plan_outcome_name(device), "actionId", device->action_id, "status", "reason", reason, "error");
}

void plan_to_json(const struct plan *plan, json_t *object)
{
	json_t *results = json_array(), *warnings = json_array();

	for (guint i = 0; i < plan->warnings->len; i++) {
		AUTO(g_free) char *valid = g_utf8_make_valid(plan->warnings->pdata[i], -1);

		json_array_append_new(warnings, json_string(valid));
	}
	for (guint i = 0; i < plan->devices->len; i++)
		if (((struct plan_device *)plan->devices->pdata[i])->outcome != PLAN_OUTSIDE)
			json_array_append_new(results, plan_result(plan, i));
	json_object_set_new(object, "job", json_null());
	json_object_set_new(object, "action", json_string(act_name(&plan->act)));
	json_object_set_new(object, "total", json_integer((json_int_t)plan->total));
	json_object_set_new(object, "planned", json_integer((json_int_t)plan->send));
	json_object_set_new(object, "accepted", json_integer(0));
	json_object_set_new(object, "already", json_integer((json_int_t)plan->already));
	json_object_set_new(object, "skipped", json_integer((json_int_t)plan->skipped));
	json_object_set_new(object, "refused", json_integer(0));
	json_object_set_new(object, "unsent", json_integer(0));
	json_object_set_new(object, "unknown", json_integer(0));
	json_object_set_new(object, "statuses", json_object());
	json_object_set_new(object, "calls", json_integer((json_int_t)plan->calls));
	json_object_set_new(object, "estimateMs", json_integer(plan->estimate_ms));
	json_object_set_new(object, "warnings", warnings);
	json_object_set_new(object, "results", results);
}
