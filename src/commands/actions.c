/* The tenant's action history, whoever asked for it. */
#include "config.h"
#include "commands/entries.h"

#include "app/arguments.h"
#include "app/result.h"
#include "app/session.h"
#include "app/tenant.h"
#include "core/isotime.h"
#include "engine/actions.h"

static json_t *action_item(void *data, size_t index)
{
	const struct action_list *list = data;

	return action_to_json(g_ptr_array_index(list->actions, index));
}

static void list_free(void *data)
{
	action_list_free(data);
}

static void time_cell(struct result *result, int64_t ticks)
{
	char time[ISOTIME_SIZE] = "";

	if (ticks != 0) {
		isotime_format_ms(ticks, time);
		time[10] = ' ';
		time[19] = '\0';
	}
	result_cell(result, time);
}

static bool actions_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	static const char *const titles[] = { "CREATED", "TYPE", "STATUS", "DEVICE", "REQUESTOR", "COMMENT" };
	int64_t since_ms = arguments_number(arguments, "since", 0);
	int64_t since = since_ms > 0 ? isotime_now() - since_ms * ISOTIME_TICKS_PER_MS : 0;
	struct action_list *list = actions_read(&session->tenant->engine, since, error);
	guint i;

	if (list == NULL)
		return false;
	for (i = 0; i < G_N_ELEMENTS(titles); i++)
		result_column(result, titles[i], i >= 3 ? RESULT_CUT | (i == 3 ? RESULT_NAME : 0) : 0);
	for (i = 0; i < list->actions->len; i++) {
		const struct action *action = g_ptr_array_index(list->actions, i);

		time_cell(result, action->created);
		result_cell(result, action->type);
		result_cell(result, action->status);
		result_cell(result, *action->name != '\0' ? action->name : action->device);
		result_cell(result, action->requestor);
		result_cell(result, action->comment);
	}
	result_summary(result, "%u action%s", list->actions->len, list->actions->len == 1 ? "" : "s");
	result_member_lazy(result, "actions", list->actions->len, action_item, list, list_free);
	return true;
}

static const struct command_option actions_options[] = {
	{ "since", '\0', VALUE_DURATION, "DURATION", COMPLETE_NOTHING, NULL, "only the last 30m, 2h, 7d, ..." },
	{ .name = NULL },
};
const struct command command_actions = {
	.name = "actions", .group = GROUP_JOBS, .summary = "list the tenant's action history", .options = actions_options,
	.flags = COMMAND_SIGN_IN, .run = actions_run,
};

static bool isolated_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	static const char *const names[] = { "name", "scope", "since", "requestor", "comment", "pending" };
	static const char *const titles[] = { "DEVICE", "SCOPE", "SINCE", "REQUESTOR", "COMMENT", "PENDING" };
	AUTO(action_list_free) struct action_list *list = actions_read(&session->tenant->engine, 0, error);
	json_t *isolated, *item;
	size_t i, k;

	(void)arguments;
	if (list == NULL)
		return false;
	isolated = actions_isolated(list);
	for (k = 0; k < G_N_ELEMENTS(titles); k++)
		result_column(result, titles[k], k == 0 || k == 3 || k == 4 ? RESULT_CUT : 0);
	json_array_foreach(isolated, i, item)
		for (k = 0; k < G_N_ELEMENTS(names); k++)
			result_cell(result, json_string_value(json_object_get(item, names[k])));
	result_summary(result, "%zu device%s isolated, as far as the action list tells", json_array_size(isolated),
		json_array_size(isolated) == 1 ? "" : "s");
	if (!list->whole) {
		session_warn(session, "the list moved while it was read; something may be missing");
		result_partial(result);
	}
	result_member(result, "isolated", isolated);
	return true;
}

const struct command command_isolated = {
	.name = "isolated", .group = GROUP_JOBS, .summary = "list the devices that are isolated now",
	.flags = COMMAND_SIGN_IN, .run = isolated_run,
};
