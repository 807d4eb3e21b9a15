#include "config.h"
#include "sim/calls.h"

#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "sim/action.h"
#include "sim/jsonout.h"
#include "sim/route.h"

#define SESSIONS_LIMIT 25 /* live response sessions at once (API contract, section 5.6) */

/* ---- asking for an action */

static bool is_hash(const char *text)
{
	return strlen(text) == 40 && strspn(text, "0123456789abcdefABCDEF") == 40;
}

/* The parameter beside the comment, NULL if the kind has none; false after answering 400. */
static bool read_parameter(struct request *request, const struct action_kind *kind, const char **value)
{
	*value = NULL;
	if (kind->parameter == NULL)
		return true;
	/* the type of isolation is the only one not marked as required */
	if (kind == &action_isolate && json_object_get(request->json, kind->parameter) == NULL) {
		*value = "Full";
		return true;
	}
	*value = call_text(request, kind->parameter);
	if (*value == NULL)
		return false;
	if (kind == &action_quarantine && !is_hash(*value)) {
		answer_error(request, 400, "InvalidHashValue", "Value '%s' is not a valid hash value.", *value);
		return false;
	}
	if (kind->values == NULL || g_strv_contains(kind->values, *value))
		return true;
	answer_error(request, 400, "InvalidRequestBody", "Request body is incorrect");
	return false;
}

static bool read_commands(struct request *request, const struct action_kind *kind)
{
	const json_t *commands = json_object_get(request->json, "Commands");
	static const char *const types[] = { "PutFile", "RunScript", "GetFile", NULL };
	size_t i;
	json_t *command;

	if (kind != &action_live_response)
		return true;
	if (!json_is_array(commands) || json_array_size(commands) == 0) {
		answer_error(request, 400, "MissingRequiredParameter", "Parameter Commands is missing.");
		return false;
	}
	json_array_foreach(commands, i, command) {
		const char *type = json_string_value(json_object_get(command, "type"));

		if (type != NULL && g_strv_contains(types, type) && json_is_array(json_object_get(command, "params")))
			continue;
		answer_error(request, 400, "InvalidRequestBody", "Request body is incorrect");
		return false;
	}
	return true;
}

static bool check_device(struct request *request, const struct action_kind *kind, const struct machine *machine,
	const char *value)
{
	const char *code = NULL, *platform = machine->platform != NULL ? machine->platform : "Unknown";
	bool contain = value != NULL && strcmp(value, "UnManagedDevice") == 0;

	if (!machine_is_onboarded(machine) && !contain) {
		answer_error(request, 400, "BadRequest", "Machine %s is not onboarded.", machine->id);
		return false;
	}
	code = kind->refuse(machine, value);
	if (code == NULL)
		return true;
	if (strcmp(code, "OsPlatformNotSupported") == 0)
		answer_error(request, 400, code, "OS Platform %s isn't supported for this action.", platform);
	else if (strcmp(code, "ClientVersionNotSupported") == 0)
		answer_error(request, 400, code, "%s is supported on client version %s and above.", kind->type, "101.98.84");
	else
		answer_error(request, 400, code, "Machine %s is onboarded, it cannot be contained.", machine->id);
	return false;
}

static void answer_action(struct request *request, const struct action *action, unsigned status, bool fresh)
{
	action_print(answer_begin(request, status, JSON_TYPE), request->tenant, action, true, fresh);
	request->performed = true;
}

/* The same action is open already: 400, or the open one; both are documented (section 5.3). */
static bool check_open(struct request *request, const struct action_kind *kind, const struct machine *machine)
{
	const struct action *open = action_open(request->tenant, machine, kind->type);
	bool existing = request->sim->options.same_action_existing != request->fault.same_action;

	if (open == NULL)
		return true;
	if (existing && kind != &action_live_response) {
		answer_action(request, open, 201, false);
		request->performed = false;
	} else {
		answer_error(request, 400, "ActiveRequestAlreadyExists", "Action is already in progress");
	}
	return false;
}

static bool check_sessions(struct request *request, const struct action_kind *kind)
{
	unsigned sessions = 0;

	if (kind != &action_live_response)
		return true;
	for (guint i = 0; i < request->tenant->actions->len; i++) {
		const struct action *action = g_ptr_array_index(request->tenant->actions, i);

		sessions += action->kind == kind && action_is_open(request->tenant, action);
	}
	if (sessions < SESSIONS_LIMIT)
		return true;
	answer_error(request, 429, "429", "Maximum of %d concurrent live response sessions exceeded.", SESSIONS_LIMIT);
	request->answer.retry_after = 30;
	return false;
}

/* [{"index":0,"startTime":null,...,"command":{...}}] as section 5.6 has it. */
static char *list_commands(const json_t *commands)
{
	json_t *list = json_array(), *command;
	AUTO(g_string) GString *out = g_string_new(NULL);
	size_t i;

	json_array_foreach(commands, i, command)
		json_array_append_new(list, json_pack("{s:i, s:n, s:n, s:s, s:[], s:O}", "index", (int)i, "startTime", "endTime",
			"commandStatus", "Created", "errors", "command", command));
	jsonout_tree(out, list);
	json_decref(list);
	return g_string_free(AUTO_STEAL(out), FALSE);
}

void call_act(struct request *request)
{
	const struct action_kind *kind = request->route->data;
	const char *known[] = { "Comment", kind == &action_live_response ? "Commands" : kind->parameter, NULL };
	struct machine *machine = call_target(request);
	const char *comment = NULL, *value;
	struct action *action;

	if (machine != NULL && call_members(request, known))
		comment = call_text(request, "Comment");
	if (comment == NULL || !read_parameter(request, kind, &value) || !read_commands(request, kind) ||
			!check_device(request, kind, machine, value) || !check_open(request, kind, machine) ||
			!check_sessions(request, kind))
		return;
	AUTO(g_free) char *cut = g_strdup(comment);

	if (request->fault.cut_comment != 0 && strlen(cut) > request->fault.cut_comment)
		cut[request->fault.cut_comment] = '\0';
	action = action_new(request->tenant, kind, machine, value, cut);
	if (kind == &action_live_response)
		action->commands = list_commands(json_object_get(request->json, "Commands"));
	answer_action(request, action, kind->status, true);
}

void call_investigate(struct request *request)
{
	static const char *const known[] = { "Comment", NULL };
	const struct machine *machine = call_target(request);
	AUTO(g_free) char *id = g_strdup_printf("%u", 63000 + request->number);
	char now[ISOTIME_SIZE];

	if (machine == NULL || !call_members(request, known) || call_text(request, "Comment") == NULL)
		return;
	isotime_format(sim_now(request->sim), now);
	answer_json(request, 201, json_pack("{s:s, s:s, s:s, s:n, s:s, s:n, s:n, s:s, s:s?, s:n}", "@odata.context",
		"https://api.securitycenter.microsoft.com/api/$metadata#Investigations/$entity", "id", id, "startTime", now,
		"endTime", "state", "Running", "cancelledBy", "statusDetails", "machineId", machine->id, "computerDnsName",
		machine->name, "triggeringAlertId"));
	request->performed = true;
}

/* ---- reading */

static bool is_visible(const struct request *request, const struct action *action)
{
	double lag = request->sim->options.list_lag * 1000 * sim_factor(request->sim);

	return (double)sim_ms(request->sim) >= (double)action->created_ms + lag;
}

static void print_actions(struct request *request, const struct odata_filter *filter, size_t top, size_t skip)
{
	GString *out = answer_begin(request, 200, JSON_TYPE);
	GPtrArray *actions = request->tenant->actions;
	size_t matched = 0, printed = 0;
	bool more = false;

	g_string_append(out, "{\"@odata.context\":\"https://api.securitycenter.microsoft.com/api/$metadata#MachineActions\","
		"\"value\":[");
	for (guint i = actions->len; i > 0 && !more; i--) {
		struct action_view view = { request->tenant, g_ptr_array_index(actions, i - 1) };

		if (!is_visible(request, view.action) || (filter != NULL && !odata_match(filter, action_property, &view)))
			continue;
		if (matched++ < skip)
			continue;
		more = printed == top;
		if (more)
			break;
		if (printed++ > 0)
			g_string_append_c(out, ',');
		action_print(out, request->tenant, view.action, false, false);
	}
	g_string_append_c(out, ']');
	if (more && request_query(request, "$top") == NULL) {
		AUTO(g_free) char *url = g_strdup_printf("http://%s/api/machineactions?$skip=%zu", request->host, skip + top);

		if (filter == NULL)
			jsonout_member(out, "@odata.nextLink", url);
	}
	g_string_append_c(out, '}');
	request->performed = true;
}

void call_actions(struct request *request)
{
	static const char *const known[] = { "$filter", NULL };
	const char *text = request_query(request, "$filter");
	AUTO(odata_free) struct odata_filter *filter = NULL;
	AUTO(g_free) char *message = NULL;
	size_t top, skip;

	if (!call_page(request, known, &top, &skip))
		return;
	if (text != NULL) {
		filter = odata_parse(text, action_properties, &message);
		if (filter == NULL) {
			answer_odata_error(request, message);
			return;
		}
	}
	print_actions(request, filter, top != 0 ? top : PAGE_SIZE, skip);
}

static struct action *find_action(struct request *request)
{
	AUTO(g_free) char *id = g_ascii_strdown(request->id, -1);
	struct action *action = g_hash_table_lookup(request->tenant->actions_by_id, id);

	if (action == NULL)
		answer_error(request, 404, "ResourceNotFound", "MachineAction %s was not found", request->id);
	return action;
}

void call_action(struct request *request)
{
	const struct action *action = find_action(request);

	if (action != NULL)
		answer_action(request, action, 200, false);
}

static bool may_cancel(struct request *request, const struct action *action)
{
	if (token_has_role(request->token, action->kind->role))
		return true;
	answer_error(request, 403, "Forbidden", "Missing application roles. API required roles: %s, application roles: .",
		action->kind->role);
	return false;
}

void call_cancel(struct request *request)
{
	static const char *const known[] = { "Comment", NULL };
	struct action *action = find_action(request);
	const char *comment;

	if (action == NULL || !may_cancel(request, action) || !call_members(request, known))
		return;
	comment = call_text(request, "Comment");
	if (comment == NULL)
		return;
	if (!action_is_open(request->tenant, action)) {
		answer_error(request, 400, "BadRequest", "MachineAction %s is in status %s and cannot be cancelled.", action->id,
			action_status_name(action_status(request->tenant, action)));
		return;
	}
	action_finish(request->tenant, action, ACTION_CANCELLED);
	action->cancel_requestor = g_strdup(request->tenant->identity->app_name);
	action->cancel_comment = g_strdup(comment);
	answer_action(request, action, 200, false);
}

void call_package(struct request *request)
{
	const struct action *action = find_action(request);

	if (action == NULL)
		return;
	if (action->kind != &action_collect || action_status(request->tenant, action) != ACTION_SUCCEEDED) {
		answer_error(request, 404, "ResourceNotFound", "The package of MachineAction %s is not available", action->id);
		return;
	}
	/* the value really begins and ends with a quote character (section 5.5) */
	AUTO(g_free) char *value = g_strdup_printf("\"https://userrequests-us.securitycenter.windows.com:443/safedownload/"
		"WDATP_Investigation_Package.zip?token=%.8s\"", action->id);

	answer_json(request, 200, json_pack("{s:s, s:s}", "@odata.context",
		"https://api.securitycenter.microsoft.com/api/$metadata#Edm.String", "value", value));
	request->performed = true;
}
