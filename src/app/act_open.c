/* After an act that lifts something: what is still open at the tenant may take effect later than it, and the device ends as
 * if nothing had been lifted (order of completion is not order of asking, API contract, section 5.3). */
#include "config.h"
#include "app/act.h"

#include <string.h>

#include "app/tenant.h"
#include "engine/actions.h"

#define TOLD_MOST 20 /* on standard error; JSON has all */

static const struct action *open_opposite(const struct action_list *list, const struct job *job,
	const struct job_device *device)
{
	const GPtrArray *of_device = g_hash_table_lookup(list->by_device, device->id);

	for (guint i = 0; of_device != NULL && i < of_device->len; i++) {
		const struct action *action = of_device->pdata[i];

		if (strcmp(action->type, job->kind->opposite) == 0 && action_is_open(action))
			return action;
	}
	return NULL;
}

static void tell(struct session *session, const struct job *job, const struct job_device *device,
	const struct action *action, size_t told)
{
	AUTO(g_free) char *whose = NULL;

	if (told >= TOLD_MOST)
		return;
	whose = action_whose(action);
	session_warn(session, "%s: an older '%s' is still %s, %s: it may take effect after this '%s'",
		*device->name != '\0' ? device->name : device->id, action->type, action->status, whose, job->action);
}

static json_t *find_open(struct session *session, const struct action_list *list, const struct job *job)
{
	json_t *array = json_array();

	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = g_ptr_array_index(job->devices, i);
		const struct action *action = device->state == JOB_ACCEPTED || device->state == JOB_ALREADY ?
			open_opposite(list, job, device) : NULL;

		if (action == NULL)
			continue;
		tell(session, job, device, action, json_array_size(array));
		json_array_append_new(array, action_to_json(action));
	}
	if (json_array_size(array) > TOLD_MOST)
		session_warn(session, "and on %zu more; `actions --type %s --status Pending` lists them",
			json_array_size(array) - TOLD_MOST, job->kind->opposite);
	return array;
}

void act_tell_open(struct session *session, const struct job *job, struct result *result)
{
	AUTO(action_list_free) struct action_list *list = NULL;
	struct engine *engine = &session->tenant->engine;
	struct error fault = ERROR_INIT;

	if (job->verb != ACT_DEVICE || job->kind->opposite == NULL || job->kind->disruptive || job->devices->len == 0)
		return;
	list = actions_read_within(engine, actions_patience(engine), &fault);
	if (list == NULL)
		session_warn(session, "whether older actions are open, which may take effect later, is not known: %s", fault.text);
	else
		result_member(result, "stillOpen", find_open(session, list, job));
}
