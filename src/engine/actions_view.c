/* What is worked out from the action list: states, what is isolated. */
#include "config.h"
#include "engine/actions.h"

#include <string.h>

#include "core/isotime.h"

bool action_is_final(const struct action *action)
{
	static const char *const finals[] = { "Succeeded", "Failed", "TimeOut", "Cancelled", NULL };

	return g_strv_contains(finals, action->status);
}

bool action_is_open(const struct action *action)
{
	return strcmp(action->status, "Pending") == 0 || strcmp(action->status, "InProgress") == 0;
}

int64_t action_expiry(const char *type, int64_t created)
{
	static const char *const queued[] = { "Isolate", "Unisolate", "LiveResponse", NULL };

	return created != 0 && g_strv_contains(queued, type) ? created + 3 * ISOTIME_TICKS_PER_DAY : 0;
}

static json_t *action_json_text(const char *text)
{
	AUTO(g_free) char *valid = text != NULL && text[0] != '\0' ? g_utf8_make_valid(text, -1) : NULL;

	return valid != NULL ? json_string(valid) : json_null();
}

static json_t *action_json_time(int64_t ticks)
{
	char text[ISOTIME_SIZE];

	if (ticks == 0)
		return json_null();
	isotime_format(ticks, text);
	return json_string(text);
}

json_t *action_to_json(const struct action *action)
{
	static const struct action_cancel none;
	const struct action_cancel *cancel = action->cancel != NULL ? action->cancel : &none;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", action_json_text(action->id),
		"type", action_json_text(action->type), "scope", action_json_text(action->scope),
		"requestor", action_json_text(action->requestor), "requestorComment", action_json_text(action->comment),
		"status", action_json_text(action->status), "machineId", action_json_text(action->device),
		"computerDnsName", action_json_text(action->name), "creationDateTimeUtc", action_json_time(action->created),
		"lastUpdateDateTimeUtc", action_json_time(action->updated),
		"cancellationRequestor", action_json_text(cancel->requestor),
		"cancellationComment", action_json_text(cancel->comment),
		"cancellationDateTimeUtc", action_json_time(cancel->time));
}

static bool action_isolates(const struct action *action)
{
	return strcmp(action->type, "Isolate") == 0;
}

static bool action_is_of_isolation(const struct action *action)
{
	return action_isolates(action) || strcmp(action->type, "Unisolate") == 0;
}

int64_t action_effect(const struct action *action)
{
	return action->updated != 0 ? action->updated : action->created;
}

/* The device's last succeeded Isolate or Unisolate, and the newest open one; NULL where there is none. */
static const struct action *actions_last(const GPtrArray *of_device, const struct action **open)
{
	const struct action *last = NULL;

	*open = NULL;
	for (guint i = 0; i < of_device->len; i++) {
		const struct action *action = of_device->pdata[i];

		if (!action_is_of_isolation(action))
			continue;
		if (action_is_open(action) && *open == NULL)
			*open = action;
		if (strcmp(action->status, "Succeeded") == 0 &&
				(last == NULL || action_effect(action) > action_effect(last)))
			last = action;
	}
	return last;
}

static gint actions_by_effect(gconstpointer a, gconstpointer b)
{
	const struct action *x = *(struct action *const *)a, *y = *(struct action *const *)b;
	int64_t left = action_effect(x), right = action_effect(y);

	return left != right ? (left < right ? 1 : -1) : strcmp(x->device, y->device);
}

json_t *actions_isolated(const struct action_list *list)
{
	AUTO(g_ptr_array_unref) GPtrArray *isolated = g_ptr_array_new();
	json_t *result = json_array();
	const struct action *open;
	GHashTableIter iter;
	void *of_device;

	g_hash_table_iter_init(&iter, list->by_device);
	while (g_hash_table_iter_next(&iter, NULL, &of_device)) {
		const struct action *last = actions_last(of_device, &open);

		if (last != NULL && action_isolates(last) && last->device[0] != '\0')
			g_ptr_array_add(isolated, (void *)last);
	}
	g_ptr_array_sort(isolated, actions_by_effect);
	for (guint i = 0; i < isolated->len; i++) {
		const struct action *last = isolated->pdata[i];

		actions_last(g_hash_table_lookup(list->by_device, last->device), &open);
		json_array_append_new(result, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			"id", action_json_text(last->device), "name", action_json_text(last->name),
			"scope", action_json_text(last->scope), "since", action_json_time(action_effect(last)),
			"requestor", action_json_text(last->requestor), "comment", action_json_text(last->comment),
			"actionId", action_json_text(last->id),
			"pending", open != NULL ? action_json_text(open->type) : json_null()));
	}
	return result;
}

bool actions_hold(const struct action_list *list, const char *device, const char *type, const char *opposite)
{
	const GPtrArray *of_device = g_hash_table_lookup(list->by_device, device);
	const struct action *last = NULL;

	for (guint i = 0; of_device != NULL && i < of_device->len; i++) {
		const struct action *action = of_device->pdata[i];

		if ((strcmp(action->type, type) == 0 || strcmp(action->type, opposite) == 0) &&
				strcmp(action->status, "Succeeded") == 0 &&
				(last == NULL || action_effect(action) > action_effect(last)))
			last = action;
	}
	return last != NULL && strcmp(last->type, type) == 0;
}

char *actions_isolation(const struct action_list *list, const char *device)
{
	const GPtrArray *of_device = g_hash_table_lookup(list->by_device, device);
	const struct action *open = NULL, *last = of_device != NULL ? actions_last(of_device, &open) : NULL;
	GString *text = g_string_new(NULL);
	char since[ISOTIME_SIZE];

	if (last != NULL && action_isolates(last)) {
		isotime_format(action_effect(last), since);
		g_string_append_printf(text, "isolated%s%s%s since %.19sZ", last->scope[0] != '\0' ? " (" : "", last->scope,
			last->scope[0] != '\0' ? ")" : "", since);
	} else {
		g_string_append(text, "not isolated");
	}
	if (open != NULL)
		g_string_append_printf(text, ", %s is %s", open->type, open->status);
	return g_string_free(text, FALSE);
}
