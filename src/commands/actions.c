/* The tenant's action history, whoever asked for it. */
#include "config.h"
#include "commands/entries.h"

#include <string.h>

#include "app/arguments.h"
#include "app/check.h"
#include "app/output.h"
#include "app/result.h"
#include "app/session.h"
#include "app/tenant.h"
#include "core/isotime.h"
#include "core/text.h"
#include "defender/defender.h"
#include "engine/actions.h"

static const char *const status_words[] = { "Pending", "InProgress", "Succeeded", "Failed", "TimeOut", "Cancelled", "open",
	NULL };
static const char *const type_words[] = { "Isolate", "Unisolate", "RunAntiVirusScan", "CollectInvestigationPackage",
	"RestrictCodeExecution", "UnrestrictCodeExecution", "StopAndQuarantineFile", "LiveResponse", "Offboard", NULL };

/* ---- which */
struct choice {
	char **types, **statuses; /* lower case, or NULL: all */
	char *requestor, *job;    /* folded text, ending of a job's id; or NULL */
	int64_t from, until;      /* ticks; 0: no bound */
};

static void choice_clear(struct choice *choice)
{
	g_strfreev(choice->types);
	g_strfreev(choice->statuses);
	g_free(choice->requestor);
	g_free(choice->job);
}

/* "a,b c" in lower case; NULL for none. */
static char **words_of(const char *text)
{
	AUTO(g_free) char *lower = text != NULL ? g_ascii_strdown(text, -1) : NULL;
	char **words, **to;

	if (lower == NULL)
		return NULL;
	words = to = g_strsplit_set(lower, ", ", -1);
	for (char **from = words; *from != NULL; from++)
		if (**from != '\0')
			*to++ = *from;
		else
			g_free(*from);
	*to = NULL;
	return words;
}

/* A duration counts back from now, anything else is a time. */
static bool read_time(const char *text, int64_t *ticks, struct error *error)
{
	int64_t ms;

	if (text == NULL)
		return true;
	if (isotime_parse(text, strlen(text), ticks))
		return true;
	if (!duration_parse(text, &ms))
		return error_set(error, ERROR_USAGE, "'%s' is neither a duration (30m, 7d) nor a time (2026-11-25T07:00)", text);
	*ticks = isotime_now() - ms * ISOTIME_TICKS_PER_MS;
	return true;
}

static bool check_statuses(char **statuses, struct error *error)
{
	for (; statuses != NULL && *statuses != NULL; statuses++) {
		bool known = false;

		for (size_t i = 0; status_words[i] != NULL; i++)
			known |= g_ascii_strcasecmp(*statuses, status_words[i]) == 0;
		if (known)
			continue;
		error_set(error, ERROR_USAGE, "there is no status '%s'", *statuses);
		error_hint(error, "Pending, InProgress, Succeeded, Failed, TimeOut, Cancelled, or open for the first two");
		return false;
	}
	return true;
}

static bool choice_read(const struct arguments *arguments, struct choice *choice, struct error *error)
{
	const char *requestor = arguments_text(arguments, "requestor");

	*choice = (struct choice){
		.types = words_of(arguments_text(arguments, "type")), .statuses = words_of(arguments_text(arguments, "status")),
		.requestor = requestor != NULL ? text_fold(requestor, strlen(requestor)) : NULL,
		.job = g_strdup(arguments_text(arguments, "job")),
	};
	return check_statuses(choice->statuses, error) && read_time(arguments_text(arguments, "since"), &choice->from, error) &&
		read_time(arguments_text(arguments, "until"), &choice->until, error);
}

static bool is_of_types(char **types, const struct action *action)
{
	const struct defender_action_kind *kind = defender_action_kind_of_type(action->type);

	for (; *types != NULL; types++) {
		const struct defender_action_kind *named = defender_action_kind(*types);

		if (g_ascii_strcasecmp(*types, action->type) == 0 || (named != NULL && named == kind))
			return true;
	}
	return false;
}

static bool is_of_statuses(char **statuses, const struct action *action)
{
	for (; *statuses != NULL; statuses++)
		if (g_ascii_strcasecmp(*statuses, action->status) == 0 ||
		    (strcmp(*statuses, "open") == 0 && action_is_open(action)))
			return true;
	return false;
}

static bool is_of_requestor(const char *folded, const struct action *action)
{
	AUTO(g_free) char *requestor = text_fold(action->requestor, strlen(action->requestor));

	return strcmp(requestor, folded) == 0;
}

static bool is_of_job(const char *ending, const struct action *action)
{
	AUTO(g_free) char *job = NULL;
	AUTO(g_free) char *user = NULL;

	return action_marker(action->comment, &job, &user) && g_str_has_suffix(job, ending);
}

static bool is_wanted(const struct choice *choice, const struct action *action)
{
	return (choice->types == NULL || is_of_types(choice->types, action)) &&
		(choice->statuses == NULL || is_of_statuses(choice->statuses, action)) &&
		(choice->requestor == NULL || is_of_requestor(choice->requestor, action)) &&
		(choice->job == NULL || is_of_job(choice->job, action)) &&
		(choice->from == 0 || action->created >= choice->from) &&
		(choice->until == 0 || action->created < choice->until);
}

/* ---- actions */
struct listing {
	struct action_list *list;
	GPtrArray *actions; /* struct action, borrowed */
};

static void listing_free(void *data)
{
	struct listing *listing = data;

	if (listing->actions != NULL)
		g_ptr_array_unref(listing->actions);
	action_list_free(listing->list);
	g_free(listing);
}

static json_t *listing_item(void *data, size_t index)
{
	const struct listing *listing = data;

	return action_to_json(g_ptr_array_index(listing->actions, index));
}

static void time_cell(struct result *result, int64_t ticks, bool exact)
{
	char time[ISOTIME_SIZE] = "";

	if (ticks != 0 && exact) {
		isotime_format(ticks, time);
	} else if (ticks != 0) {
		isotime_format_ms(ticks, time);
		time[10] = ' ';
		time[19] = '\0';
	}
	result_cell(result, time);
}

static void action_row(struct result *result, const struct action *action, bool all)
{
	const struct action_cancel *cancel = action->cancel;

	time_cell(result, action->created, all);
	result_cell(result, action->type);
	result_cell(result, action->scope);
	result_cell(result, action->status);
	result_cell(result, *action->name != '\0' || all ? action->name : action->device);
	result_cell(result, action->requestor);
	result_cell(result, action->comment);
	if (!all)
		return;
	result_cell(result, action->device);
	result_cell(result, action->id);
	time_cell(result, action->updated, true);
	result_cell(result, cancel != NULL ? cancel->requestor : NULL);
	result_cell(result, cancel != NULL ? cancel->comment : NULL);
}

static void action_rows(struct result *result, const GPtrArray *actions, bool all)
{
	static const struct { const char *title; unsigned flags; } columns[] = {
		{ "CREATED", 0 }, { "TYPE", 0 }, { "SCOPE", 0 }, { "STATUS", 0 }, { "DEVICE", RESULT_CUT | RESULT_NAME },
		{ "REQUESTOR", RESULT_CUT }, { "COMMENT", RESULT_CUT }, { "DEVICE ID", 0 }, { "ACTION ID", 0 }, { "UPDATED", 0 },
		{ "CANCELLED BY", 0 }, { "CANCEL COMMENT", 0 },
	};

	for (size_t i = 0; i < (all ? G_N_ELEMENTS(columns) : 7); i++)
		result_column(result, columns[i].title, columns[i].flags);
	for (guint i = 0; i < actions->len; i++)
		action_row(result, g_ptr_array_index(actions, i), all);
}

static void tell_moved(struct session *session, const struct action_list *list, struct result *result)
{
	if (list->whole)
		return;
	session_warn(session, "the list moved while it was read; something may be missing");
	result_partial(result);
}

static bool actions_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct listing *listing;
	struct choice choice;
	guint all;

	if (!choice_read(arguments, &choice, error)) {
		choice_clear(&choice);
		return false;
	}
	listing = g_new0(struct listing, 1);
	listing->list = actions_read(&session->tenant->engine, choice.from, error);
	if (listing->list == NULL) {
		choice_clear(&choice);
		listing_free(listing);
		return false;
	}
	all = listing->list->actions->len;
	listing->actions = g_ptr_array_new();
	for (guint i = 0; i < all; i++)
		if (is_wanted(&choice, g_ptr_array_index(listing->list->actions, i)))
			g_ptr_array_add(listing->actions, g_ptr_array_index(listing->list->actions, i));
	choice_clear(&choice);
	action_rows(result, listing->actions, output_result_format(session->output) == OUTPUT_CSV);
	result_summary(result, "%u action%s", listing->actions->len, listing->actions->len == 1 ? "" : "s");
	tell_moved(session, listing->list, result);
	result_member_lazy(result, "actions", listing->actions->len, listing_item, listing, listing_free);
	return true;
}

static bool actions_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	struct choice choice;
	bool ok = choice_read(arguments, &choice, error);

	(void)check;
	choice_clear(&choice);
	return ok;
}

static const struct command_option actions_options[] = {
	{ "type", 't', VALUE_TEXT, "TYPE,...", COMPLETE_WORDS, type_words, "only these types, or Cordon's words: isolate,release" },
	{ "status", 's', VALUE_TEXT, "STATUS,...", COMPLETE_WORDS, status_words, "only these states; open: not ended yet" },
	{ "since", '\0', VALUE_TEXT, "TIME", COMPLETE_NOTHING, NULL, "created within 30m, 2h, 7d, ... or from a time (UTC) on" },
	{ "until", '\0', VALUE_TEXT, "TIME", COMPLETE_NOTHING, NULL, "created before that" },
	{ "requestor", 'r', VALUE_TEXT, "NAME", COMPLETE_NOTHING, NULL, "only those that NAME asked for, in any case" },
	{ "job", '\0', VALUE_TEXT, "ID", COMPLETE_JOBS, NULL, "only those whose comment ends with a job's marker" },
	{ .name = NULL },
};
static const char *const actions_examples[] = { "actions --since 1d > actions.csv",
	"actions --type isolate,release --status open", "actions --requestor analyst@contoso.com", NULL };
const struct command command_actions = {
	.name = "actions", .group = GROUP_JOBS, .summary = "list the tenant's action history", .options = actions_options,
	.examples = actions_examples, .flags = COMMAND_SIGN_IN, .check = actions_check, .run = actions_run,
};

/* ---- isolated */
static void isolated_rows(struct result *result, const json_t *isolated, bool all)
{
	static const struct { const char *title, *name; unsigned flags; } columns[] = {
		{ "DEVICE", "name", RESULT_CUT | RESULT_NAME }, { "SCOPE", "scope", 0 }, { "SINCE", "since", 0 },
		{ "REQUESTOR", "requestor", RESULT_CUT }, { "COMMENT", "comment", RESULT_CUT }, { "PENDING", "pending", 0 },
		{ "DEVICE ID", "id", 0 }, { "ACTION ID", "actionId", 0 },
	};
	size_t shown = all ? G_N_ELEMENTS(columns) : 6;
	json_t *item;
	size_t i, k;

	for (k = 0; k < shown; k++)
		result_column(result, columns[k].title, columns[k].flags);
	json_array_foreach(isolated, i, item)
		for (k = 0; k < shown; k++) {
			const char *text = json_string_value(json_object_get(item, columns[k].name));

			if (k == 0 && text == NULL && !all)
				text = json_string_value(json_object_get(item, "id"));
			if (k == 2 && text != NULL && !all)
				result_cellf(result, "%.10s %.8s", text, text + 11);
			else
				result_cell(result, text);
		}
}

static bool isolated_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	AUTO(action_list_free) struct action_list *list = actions_read(&session->tenant->engine, 0, error);
	json_t *isolated;

	(void)arguments;
	if (list == NULL)
		return false;
	isolated = actions_isolated(list);
	isolated_rows(result, isolated, output_result_format(session->output) == OUTPUT_CSV);
	result_summary(result, "%zu device%s isolated, as far as the action list tells", json_array_size(isolated),
		json_array_size(isolated) == 1 ? "" : "s");
	tell_moved(session, list, result);
	result_member(result, "isolated", isolated);
	return true;
}

const struct command command_isolated = {
	.name = "isolated", .group = GROUP_JOBS, .summary = "list the devices that are isolated now",
	.flags = COMMAND_SIGN_IN, .run = isolated_run,
};
