#include "config.h"
#include "sim/calls.h"

#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "sim/action.h"
#include "sim/faults.h"
#include "sim/jsonout.h"

/* What tests do behind the tenant's back. Not part of any service, not logged, no sign-in: the port is on loopback. */

static void done(struct request *request)
{
	answer_json(request, 200, json_pack("{s:b}", "ok", 1));
}

static void print_machine_state(GString *out, const struct tenant *tenant, const struct machine *machine)
{
	jsonout_member(out, "id", machine->id);
	jsonout_member(out, "name", machine->name);
	jsonout_member(out, "isolated", action_isolated(tenant, machine));
	g_string_append_printf(out, ",\"gone\":%s,\"tags\":[", machine->gone || machine->unreachable ? "true" : "false");
	for (guint i = 0; machine->tags != NULL && i < machine->tags->len; i++) {
		if (i > 0)
			g_string_append_c(out, ',');
		jsonout_text(out, g_ptr_array_index(machine->tags, i));
	}
	g_string_append_c(out, ']');
}

static void print_state(struct request *request)
{
	const struct tenant *tenant = request->tenant;
	GString *out = answer_begin(request, 200, JSON_TYPE);

	g_string_append_printf(out, "{\"tenant\":\"%s\",\"requests\":%u,\"actions\":[", tenant->identity->tenant_id,
		request->sim->requests);
	for (guint i = 0; i < tenant->actions->len; i++) {
		if (i > 0)
			g_string_append_c(out, ',');
		action_print(out, tenant, g_ptr_array_index(tenant->actions, i), false, false);
	}
	g_string_append(out, "],\"machines\":[");
	for (size_t i = 0; i < tenant->count; i++) {
		g_string_append(out, i > 0 ? ",{" : "{");
		print_machine_state(out, tenant, &tenant->machines[i]);
		g_string_append_c(out, '}');
	}
	g_string_append(out, "]}");
}

static void vanish(struct request *request)
{
	const json_t *ids = json_object_get(request->json, "ids");
	size_t i;
	json_t *id;

	json_array_foreach(ids, i, id) {
		struct machine *machine = json_is_string(id) ? tenant_find(request->tenant, json_string_value(id)) : NULL;

		if (machine == NULL) {
			answer_error(request, 404, "ResourceNotFound", "no device %s", json_string_value(id));
			return;
		}
		tenant_vanish(request->tenant, machine);
	}
	done(request);
}

static void add_fault(struct request *request)
{
	const char *text = call_text(request, "fault");
	struct error error = ERROR_INIT;

	if (text == NULL)
		return;
	if (faults_add(request->sim->faults, text, &error))
		done(request);
	else
		answer_error(request, 400, "BadRequest", "%s", error.text);
}

static void end_faults(struct request *request)
{
	faults_end(request->sim->faults);
	done(request);
}

static void revoke_tokens(struct request *request)
{
	answer_json(request, 200, json_pack("{s:i}", "revoked", (int)token_revoke_all(request->sim)));
}

static const char *text_or(const struct request *request, const char *name, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(request->json, name));

	return text != NULL ? text : otherwise;
}

static void replace(char **place, const char *text)
{
	g_free(*place);
	*place = g_strdup(text);
}

/* {"seconds"}: so much time passes at the tenant. */
static void pass_time(struct request *request)
{
	double seconds = json_number_value(json_object_get(request->json, "seconds"));

	request->sim->clock_offset += (int64_t)(seconds * ISOTIME_TICKS_PER_SECOND);
	request->sim->started_ms -= (int64_t)(seconds * 1000);
	done(request);
}

/* Somebody else's action: {"machineId","type","scope","comment","requestor","source","status","ageSeconds"}. */
static void add_action(struct request *request)
{
	const char *id = call_text(request, "machineId"), *type = id != NULL ? call_text(request, "type") : NULL;
	const struct action_kind *kind = type != NULL ? action_kind_find(type) : NULL;
	const char *status = text_or(request, "status", NULL);
	double age = json_number_value(json_object_get(request->json, "ageSeconds"));
	struct machine *machine = kind != NULL ? tenant_find(request->tenant, id) : NULL;
	struct action *action;

	if (machine == NULL) {
		answer_error(request, 400, "BadRequest", "no such device or type");
		return;
	}
	action = action_new(request->tenant, kind, machine, text_or(request, "scope", NULL),
		text_or(request, "comment", ""));
	replace(&action->requestor, text_or(request, "requestor", "analyst@contoso.com"));
	replace(&action->source, text_or(request, "source", "Portal"));
	action->created -= (int64_t)(age * ISOTIME_TICKS_PER_SECOND);
	action->created_ms -= (int64_t)(age * 1000);
	for (int i = ACTION_PENDING; status != NULL && i <= ACTION_CANCELLED; i++)
		if (strcmp(status, action_status_name((enum action_status)i)) == 0)
			action_finish(request->tenant, action, (enum action_status)i);
	action_print(answer_begin(request, 200, JSON_TYPE), request->tenant, action, true, false);
}

/* Changes what the list says of a device: {"id", and any of the texts below}; null and "" are told apart. */
static void set_machine(struct request *request)
{
	struct machine *machine = tenant_find(request->tenant, text_or(request, "id", ""));
	const struct {
		const char *name;
		const char **place;
	} members[] = { { "computerDnsName", machine != NULL ? &machine->name : NULL },
		{ "healthStatus", machine != NULL ? &machine->health : NULL },
		{ "onboardingStatus", machine != NULL ? &machine->onboarding : NULL },
		{ "osPlatform", machine != NULL ? &machine->platform : NULL },
		{ "rbacGroupName", machine != NULL ? &machine->group : NULL },
		{ "riskScore", machine != NULL ? &machine->risk : NULL },
		{ "deviceValue", machine != NULL ? &machine->value : NULL },
		{ "mergedIntoMachineId", machine != NULL ? &machine->merged_into : NULL } };
	const json_t *tags = json_object_get(request->json, "machineTags");
	size_t i;
	json_t *tag;

	if (machine == NULL) {
		answer_error(request, 404, "ResourceNotFound", "no such device");
		return;
	}
	for (i = 0; i < G_N_ELEMENTS(members); i++) {
		const json_t *value = json_object_get(request->json, members[i].name);

		if (json_is_string(value))
			*members[i].place = g_string_chunk_insert_const(request->tenant->texts, json_string_value(value));
		else if (json_is_null(value))
			*members[i].place = NULL;
		if (value != NULL && machine->source != NULL)
			json_object_set(machine->source, members[i].name, (json_t *)value);
	}
	if (tags != NULL)
		g_clear_pointer(&machine->tags, g_ptr_array_unref);
	json_array_foreach(tags, i, tag)
		if (json_is_string(tag))
			machine_add_tag(machine, json_string_value(tag));
	done(request);
}

void control_request(struct request *request)
{
	static const struct {
		const char *method, *name;
		void (*run)(struct request *request);
	} calls[] = { { "GET", "state", print_state }, { "POST", "vanish", vanish }, { "POST", "fault", add_fault }, { "POST", "calm", end_faults },
		{ "POST", "revoke", revoke_tokens }, { "POST", "action", add_action }, { "POST", "machine", set_machine },
		{ "POST", "time", pass_time } };
	const char *name = request->segments->len == 2 ? g_ptr_array_index(request->segments, 1) : "";
	const char *tenant = request_query(request, "tenant");

	request->service = SERVICE_MDE;
	request->tenant = request->sim->tenants[tenant != NULL && strcmp(tenant, sim_identities[1].tenant_id) == 0];
	if (request->body->len > 0)
		request->json = json_loadb(request->body->str, request->body->len, 0, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
		if (strcmp(calls[i].name, name) == 0 && strcmp(calls[i].method, request->method) == 0) {
			calls[i].run(request);
			return;
		}
	}
	answer_error(request, 404, "NotFound", "no such control call");
}
