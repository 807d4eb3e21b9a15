#include "config.h"
#include "sim/action.h"

#include <math.h>
#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "sim/jsonout.h"
#include "sim/rng.h"

#define ACTION_CONTEXT "https://api.securitycenter.microsoft.com/api/$metadata#MachineActions/$entity"
#define OFFLINE_QUEUE_MS (3.0 * 24 * 3600 * 1000) /* isolation and live response wait for three days (section 5.3) */
#define OFFLINE_GIVE_UP_MS (90.0 * 1000)          /* the rest time out; how soon is not documented */

static const char *const status_names[] = { "Pending", "InProgress", "Succeeded", "Failed", "TimeOut", "Cancelled" };

const char *action_status_name(enum action_status status)
{
	return status_names[status];
}

void action_free(struct action *action)
{
	g_free(action->type);
	g_free(action->scope);
	g_free(action->requestor);
	g_free(action->comment);
	g_free(action->source);
	g_free(action->file_sha1);
	g_free(action->commands);
	g_free(action->cancel_requestor);
	g_free(action->cancel_comment);
	g_free(action);
}

/* ---- life */

static bool waits_for_device(const struct action *action)
{
	return strcmp(action->type, "Isolate") == 0 || strcmp(action->type, "Unisolate") == 0 ||
		strcmp(action->type, "LiveResponse") == 0;
}

/* Active devices do as told in their typical time; silent ones wait or time out; half-deaf ones take longer and may
 * fail. */
static void plan_life(struct tenant *tenant, struct action *action)
{
	const struct sim_options *options = &tenant->sim->options;
	const char *health = action->machine->health != NULL ? action->machine->health : "Active";
	double factor = sim_factor(tenant->sim) * options->action_life, start = (double)action->created_ms, pending, running;
	struct rng rng;

	rng_init(&rng, options->seed, action->machine->id, tenant->actions->len);
	pending = action->kind->pending_ms * (0.5 + rng_below(&rng, 100) / 100.0);
	running = action->kind->running_ms * (0.5 + rng_below(&rng, 100) / 100.0);
	action->outcome = rng_percent(&rng, options->fail_percent) ? ACTION_FAILED : ACTION_SUCCEEDED;
	if (rng_percent(&rng, options->offline_percent) || strcmp(health, "Inactive") == 0) {
		pending = waits_for_device(action) ? OFFLINE_QUEUE_MS : OFFLINE_GIVE_UP_MS;
		running = 0;
		action->outcome = ACTION_TIMED_OUT;
	} else if (strcmp(health, "Active") != 0) {
		running *= 3;
		if (rng_percent(&rng, 50))
			action->outcome = ACTION_FAILED;
	}
	/* three days stay three days: whoever waits for them gives up first */
	action->starts_ms = start + (pending >= OFFLINE_QUEUE_MS ? pending : pending * factor);
	action->ends_ms = action->starts_ms + running * factor;
}

struct action *action_new(struct tenant *tenant, const struct action_kind *kind, struct machine *machine,
	const char *value, const char *comment)
{
	struct action *action = g_new0(struct action, 1);
	struct rng rng;

	rng_init(&rng, tenant->sim->options.seed, tenant->identity->tenant_id, tenant->actions->len);
	rng_guid(&rng, action->id);
	action->kind = kind;
	action->type = g_strdup(kind->type);
	if (kind == &action_quarantine)
		action->file_sha1 = g_strdup(value);
	else
		action->scope = g_strdup(value);
	action->comment = g_strdup(comment);
	action->requestor = g_strdup(tenant->identity->app_name);
	action->source = g_strdup("PublicApi");
	action->machine = machine;
	action->created = sim_now(tenant->sim);
	action->created_ms = sim_ms(tenant->sim);
	plan_life(tenant, action);
	if (machine->actions == NULL)
		machine->actions = g_ptr_array_new();
	g_ptr_array_add(machine->actions, action);
	g_ptr_array_add(tenant->actions, action);
	g_hash_table_insert(tenant->actions_by_id, action->id, action);
	return action;
}

enum action_status action_status(const struct tenant *tenant, const struct action *action)
{
	double now = (double)sim_ms(tenant->sim);

	if (action->cancelled != 0)
		return ACTION_CANCELLED;
	return now >= action->ends_ms ? action->outcome : now >= action->starts_ms ? ACTION_IN_PROGRESS : ACTION_PENDING;
}

bool action_is_open(const struct tenant *tenant, const struct action *action)
{
	return action_status(tenant, action) <= ACTION_IN_PROGRESS;
}

struct action *action_open(const struct tenant *tenant, const struct machine *machine, const char *type)
{
	for (guint i = machine->actions != NULL ? machine->actions->len : 0; i > 0; i--) {
		struct action *action = g_ptr_array_index(machine->actions, i - 1);

		if (strcmp(action->type, type) == 0 && action_is_open(tenant, action))
			return action;
	}
	return NULL;
}

const char *action_isolated(const struct tenant *tenant, const struct machine *machine)
{
	for (guint i = machine->actions != NULL ? machine->actions->len : 0; i > 0; i--) {
		const struct action *action = g_ptr_array_index(machine->actions, i - 1);

		if (action_status(tenant, action) != ACTION_SUCCEEDED)
			continue;
		if (strcmp(action->type, "Isolate") == 0)
			return action->scope != NULL ? action->scope : "Full";
		if (strcmp(action->type, "Unisolate") == 0)
			return NULL;
	}
	return NULL;
}

void action_finish(struct tenant *tenant, struct action *action, enum action_status status)
{
	double now = (double)sim_ms(tenant->sim);

	action->cancelled = status == ACTION_CANCELLED ? sim_now(tenant->sim) : 0;
	action->starts_ms = status == ACTION_PENDING ? HUGE_VAL : now;
	action->ends_ms = status <= ACTION_IN_PROGRESS ? HUGE_VAL : now;
	if (status > ACTION_IN_PROGRESS)
		action->outcome = status;
}

/* ---- printing */

static int64_t last_update(const struct tenant *tenant, const struct action *action)
{
	double at = (double)action->created_ms;

	switch (action_status(tenant, action)) {
	case ACTION_PENDING:
		break;
	case ACTION_CANCELLED:
		return action->cancelled;
	case ACTION_IN_PROGRESS:
		at = action->starts_ms;
		break;
	default:
		at = action->ends_ms;
	}
	return action->created + (int64_t)((at - (double)action->created_ms) * ISOTIME_TICKS_PER_MS) + 11;
}

static void member_time(GString *out, const char *name, int64_t ticks)
{
	g_string_append_printf(out, ",\"%s\":", name);
	if (ticks == 0)
		g_string_append(out, "null");
	else
		jsonout_time(out, ticks, 7);
}

static void print_file(GString *out, const struct action *action)
{
	g_string_append(out, ",\"relatedFileInfo\":");
	if (action->file_sha1 == NULL) {
		g_string_append(out, "null");
		return;
	}
	g_string_append(out, "{\"fileIdentifier\":");
	jsonout_text(out, action->file_sha1);
	g_string_append(out, ",\"fileIdentifierType\":\"Sha1\"}");
}

void action_print(GString *out, const struct tenant *tenant, const struct action *action, bool with_context, bool fresh)
{
	g_string_append_c(out, '{');
	if (with_context)
		jsonout_member(out, "@odata.context", ACTION_CONTEXT);
	jsonout_member(out, "id", action->id);
	jsonout_member(out, "type", action->type);
	jsonout_member(out, "title", NULL);
	jsonout_member(out, "requestor", action->requestor);
	jsonout_member(out, "requestorComment", action->comment);
	jsonout_member(out, "status", action_status_name(action_status(tenant, action)));
	jsonout_member(out, "machineId", fresh && action->kind == &action_offboard ? NULL : action->machine->id);
	jsonout_member(out, "computerDnsName", action->machine->name);
	member_time(out, "creationDateTimeUtc", action->created);
	member_time(out, "lastUpdateDateTimeUtc", last_update(tenant, action));
	jsonout_member(out, "cancellationRequestor", action->cancel_requestor);
	jsonout_member(out, "cancellationComment", action->cancel_comment);
	member_time(out, "cancellationDateTimeUtc", action->cancelled);
	g_string_append_printf(out, ",\"errorHResult\":%s",
		action_status(tenant, action) == ACTION_FAILED ? "-2147024891" : "0");
	jsonout_member(out, "scope", fresh ? NULL : action->scope);
	jsonout_member(out, "externalId", NULL);
	jsonout_member(out, "requestSource", action->source);
	print_file(out, action);
	g_string_append_printf(out, ",\"commands\":%s", action->commands != NULL ? action->commands : "[]");
	jsonout_member(out, "troubleshootInfo", NULL);
	g_string_append_c(out, '}');
}

/* ---- filtering */

const struct odata_property action_properties[] = {
	{ "id", ODATA_STRING }, { "status", ODATA_STRING }, { "machineId", ODATA_STRING }, { "type", ODATA_STRING },
	{ "requestor", ODATA_STRING }, { "creationDateTimeUtc", ODATA_TIME }, { NULL, ODATA_NULL },
};

void action_property(const void *object, size_t index, struct odata_value *value)
{
	const struct action_view *view = object;
	const struct action *action = view->action;

	value->type = action_properties[index].type;
	switch (index) {
	case 0:
		value->text = action->id;
		break;
	case 1:
		value->text = action_status_name(action_status(view->tenant, action));
		break;
	case 2:
		value->text = action->machine->id;
		break;
	case 3:
		value->text = action->type;
		break;
	case 4:
		value->text = action->requestor;
		break;
	default:
		value->time = action->created;
	}
}
