#include "config.h"
#include "sim/calls.h"

#include <string.h>

#include "core/auto.h"

#define BULK_LIMIT 500 /* ids a call (API contract, section 4.2) */

/* The tag and whether to add it; NULL after answering 400. */
static const char *read_tag(struct request *request, bool *add)
{
	const char *tag = call_text(request, "Value"), *action = tag != NULL ? call_text(request, "Action") : NULL;

	if (action == NULL)
		return NULL;
	*add = strcmp(action, "Add") == 0;
	if (*add || strcmp(action, "Remove") == 0)
		return tag;
	answer_error(request, 400, "InvalidRequestBody", "Request body is incorrect");
	return NULL;
}

static void change(struct machine *machine, const char *tag, bool add)
{
	if (add)
		machine_add_tag(machine, tag);
	else
		machine_remove_tag(machine, tag);
}

void call_tag(struct request *request)
{
	static const char *const known[] = { "Value", "Action", NULL };
	struct machine *machine = call_target(request);
	const char *tag;
	bool add;

	if (machine == NULL || !call_members(request, known))
		return;
	tag = read_tag(request, &add);
	if (tag == NULL)
		return;
	change(machine, tag, add);
	machine_print(answer_begin(request, 200, JSON_TYPE), machine, true);
	request->performed = true;
}

/* The machines meant, each once; NULL after answering. */
static GPtrArray *read_targets(struct request *request)
{
	const json_t *ids = json_object_get(request->json, "MachineIds");
	AUTO(g_ptr_array_unref) GPtrArray *machines = g_ptr_array_new();
	size_t i;
	json_t *id;

	if (ids == NULL || json_is_null(ids) || (json_is_array(ids) && json_array_size(ids) == 0)) {
		answer_error(request, 400, "MissingRequiredParameter", "Parameter MachineIds is missing.");
		return NULL;
	}
	if (!json_is_array(ids)) {
		answer_error(request, 400, "InvalidRequestBody", "Request body is incorrect");
		return NULL;
	}
	if (json_array_size(ids) > BULK_LIMIT) {
		answer_error(request, 400, "MaximumBatchSizeExceeded", "Maximum batch size exceeded. Received: %zu, allowed: "
			"%d.", json_array_size(ids), BULK_LIMIT);
		return NULL;
	}
	json_array_foreach(ids, i, id) {
		struct machine *machine = json_is_string(id) ? tenant_machine(request->tenant, json_string_value(id)) : NULL;

		if (!json_is_string(id)) {
			answer_error(request, 400, "InvalidRequestBody", "Request body is incorrect");
			return NULL;
		}
		if (machine != NULL && !g_ptr_array_find(machines, machine, NULL)) {
			g_ptr_array_add(machines, machine);
		} else if (machine == NULL && !request->sim->options.bulk_skip) {
			/* one unknown id refuses all (the safer of the two undocumented readings) */
			answer_error(request, 404, "ResourceNotFound", "Machine %s was not found", json_string_value(id));
			return NULL;
		}
	}
	return AUTO_STEAL(machines);
}

void call_tag_bulk(struct request *request)
{
	static const char *const known[] = { "Value", "Action", "MachineIds", NULL };
	AUTO(g_ptr_array_unref) GPtrArray *machines = NULL;
	const char *tag = NULL;
	GString *out;
	bool add;

	if (call_members(request, known))
		tag = read_tag(request, &add);
	if (tag == NULL || (machines = read_targets(request)) == NULL)
		return;
	for (guint i = request->fault.tag_ignored ? 1 : 0; i < machines->len; i++)
		change(g_ptr_array_index(machines, i), tag, add);
	out = answer_begin(request, 200, JSON_TYPE);
	g_string_append(out, "{\"@odata.context\":\"https://api.securitycenter.microsoft.com/api/$metadata#Machines\","
		"\"value\":[");
	for (guint i = request->fault.answer_lacks ? 1 : 0; i < machines->len; i++) {
		if (out->str[out->len - 1] != '[')
			g_string_append_c(out, ',');
		machine_print(out, g_ptr_array_index(machines, i), false);
	}
	g_string_append(out, "]}");
	request->performed = true;
}
