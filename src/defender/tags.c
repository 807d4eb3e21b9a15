/* POST /api/machines/AddOrRemoveTagForMultipleMachines (API contract, section 4.2). */
#include "config.h"
#include "defender/defender_internal.h"

struct service_call *defender_tag(struct defender *defender, const char *tag, bool add, const char *const *ids,
	size_t count, const char *request_id, defender_done *done, void *data)
{
	json_t *machines = json_array(), *body = json_object();

	g_assert(count > 0 && count <= DEFENDER_TAG_MAX);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(machines, json_text(ids[i]));
	json_object_set_new(body, "Value", json_text(tag));
	json_object_set_new(body, "Action", json_string(add ? "Add" : "Remove"));
	json_object_set_new(body, "MachineIds", machines);
	return defender_call(defender, "POST", "/api/machines/AddOrRemoveTagForMultipleMachines", body, HTTP_ONCE,
		defender->limits[LIMIT_TAG], request_id, NULL, done, data);
}
