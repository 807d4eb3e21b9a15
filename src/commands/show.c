/* show PIPELINE: local KQL. */
#include "config.h"
#include "commands/entries.h"

#include <string.h>

#include "app/arguments.h"
#include "app/check.h"
#include "app/editor.h"
#include "app/local_tables.h"
#include "app/tenant.h"
#include "commands/table_result.h"
#include "core/isotime.h"
#include "core/text.h"
#include "engine/sync.h"
#include "kql/chart.h"

#define PROMPT_TIMEOUT_MS (60 * 1000)
#define BATCH_TIMEOUT_MS (15 * 60 * 1000)
#define TURN_MS 20 /* jobs wait no longer than about this */

static bool show_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	bool edit = arguments_has(arguments, "edit");
	const char *kql = arguments_kql(arguments);
	struct error fault = ERROR_INIT;

	if (edit && (check->session->batch || !check->session->prompt))
		return error_set(error, ERROR_USAGE, "'show -e' needs a person at the prompt");
	if (arguments_has(arguments, "timeout") && arguments_number(arguments, "timeout", 1) <= 0)
		return error_set(error, ERROR_USAGE, "--timeout wants more than 0");
	if (edit)
		return true;
	if (kql == NULL || kql[strspn(kql, " \t\r\n")] == '\0') {
		error_set(error, ERROR_USAGE, "'show' needs a pipeline");
		error_hint(error, "show TABLE | OPERATOR ..., show @FILE, or show -e; tables: Selected, Devices, Results, "
			"Outcomes, Log");
		return false;
	}
	if (check_pipeline(check, kql, &fault))
		return true;
	check_hint_file(kql, &fault);
	arguments_kql_error(arguments, &fault);
	return error_copy(error, &fault);
}

/* ---- running */

struct showing {
	struct session *session;
	int64_t next_turn, end; /* clock_ms */
	bool timed_out;
};

/* Jobs go on while the pipeline runs; Ctrl-C and the time limit end it. */
static bool show_turn(void *data)
{
	struct showing *showing = data;
	int64_t now = clock_ms();

	if (now >= showing->next_turn) {
		loop_turn(showing->session->loop, 0);
		showing->next_turn = clock_ms() + TURN_MS;
	}
	showing->timed_out = now >= showing->end;
	return !showing->timed_out && !loop_interrupted(showing->session->loop);
}

static struct kql_query *compile(struct local_view *view, const char *kql, int64_t now, struct error *error)
{
	struct error fault = ERROR_INIT;
	struct kql_query *query = kql_query_compile(kql, local_view_source(view), NULL, now, &fault);
	struct kql_schema schema;

	if (query == NULL) {
		local_view_explain(view, &fault);
		error_copy(error, &fault);
		return NULL;
	}
	kql_query_schema(query, &schema);
	if (kql_query_render(query) == NULL || kql_chart_check(kql, kql_query_render(query), &schema, error))
		return query;
	kql_query_free(query);
	return NULL;
}

/* Devices is the inventory, as fresh as any source of devices is. */
static bool prepare_devices(struct session *session, struct result *result, struct error *error)
{
	struct engine *engine = session_engine(session, error);
	struct error fault = ERROR_INIT;
	AUTO(g_free) char *age = NULL;

	if (engine == NULL)
		return false;
	if (inventory_fresh(engine, engine->inventory_age_ms, &fault))
		return true;
	if (fault.kind == ERROR_INTERRUPTED || fault.kind == ERROR_SIGN_IN || inventory_age(engine) == INT64_MAX)
		return error_copy(error, &fault);
	age = duration_text(inventory_age(engine));
	session_warn(session, "%s; Devices is the inventory read %s ago", fault.text, age);
	result_partial(result);
	return true;
}

static struct table *run(struct session *session, const struct arguments *arguments, const struct kql_query *query,
	struct error *error)
{
	int64_t limit = arguments_number(arguments, "timeout", session->prompt ? PROMPT_TIMEOUT_MS : BATCH_TIMEOUT_MS);
	struct showing showing = { .session = session, .next_turn = clock_ms() + TURN_MS, .end = clock_ms() + limit };
	struct kql_limits limits = { .turn = show_turn, .data = &showing };
	struct error fault = ERROR_INIT;
	struct table *table = kql_query_run(query, &limits, &fault);

	if (table == NULL && fault.kind == ERROR_INTERRUPTED && showing.timed_out) {
		AUTO(g_free) char *time = duration_text(limit);

		error_set(error, ERROR_FAILED, "the pipeline took longer than %s", time);
		error_hint(error, "narrow it down earlier, or give it more with --timeout");
	} else {
		error_copy(error, &fault);
	}
	return table;
}

/* A damaged cache shows only when it is looked into; what was worked out of it is void. */
static bool is_void(const struct session *session, const struct local_view *view)
{
	struct tenant *tenant = session->tenant;

	return tenant != NULL && tenant->signed_in &&
		(local_view_asked(view, LOCAL_DEVICES) || local_view_asked(view, LOCAL_SELECTED)) &&
		inventory_check_found(&tenant->engine, NULL);
}

/* The working set is looked at as it was last read, as `list` does, unless that has turned out to be damaged. */
static bool needs_inventory(const struct local_view *view, int tries)
{
	return local_view_asked(view, LOCAL_DEVICES) || (tries > 0 && local_view_asked(view, LOCAL_SELECTED));
}

static bool show_pipeline(struct session *session, const struct arguments *arguments, const char *kql,
	struct result *result, struct error *error)
{
	for (int tries = 0;; tries++) {
		AUTO(local_view_free) struct local_view *view = local_view_new(session);
		int64_t now = isotime_now();
		AUTO(kql_query_free) struct kql_query *query = compile(view, kql, now, error);
		struct error fault = ERROR_INIT;
		struct table *table;
		size_t rows;

		if (query == NULL || (needs_inventory(view, tries) && !prepare_devices(session, result, error)) ||
		    !local_view_fill(view, error))
			return false;
		kql_query_free(query);
		query = compile(view, kql, now, error);
		if (query == NULL)
			return false;
		table = run(session, arguments, query, &fault);
		if (tries == 0 && is_void(session, view)) {
			table_free(table);
			continue;
		}
		if (table == NULL)
			return error_copy(error, &fault);
		rows = table_rows(table);
		result_table(session, arguments, result, &(struct table_shown){ .table = table, .take = true, .query = query,
			.render = kql_query_render(query) });
		result_summary(result, "%zu row%s", rows, rows == 1 ? "" : "s");
		return true;
	}
}

static bool show_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	AUTO(g_free) char *edited = NULL;
	const char *kql = arguments_kql(arguments);

	if (!arguments_has(arguments, "edit")) {
		if (show_pipeline(session, arguments, kql, result, error))
			return true;
		arguments_kql_error(arguments, error);
		return false;
	}
	edited = g_strdup(kql != NULL ? kql : "");
	if (!editor_run(session, &edited, error))
		return false;
	if (edited[strspn(edited, " \t\r\n")] == '\0')
		return error_set(error, ERROR_FAILED, "the pipeline is empty");
	return show_pipeline(session, arguments, edited, result, error);
}

static const struct command_option show_options[] = {
	{ "edit", 'e', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "write the pipeline in the editor" },
	{ "timeout", '\0', VALUE_DURATION, "TIME", COMPLETE_NOTHING, NULL,
		"give the pipeline up after TIME (60s at the prompt, 15m in batch)" },
	{ .name = NULL },
};
static const char *const show_help[] = {
	"Runs a KQL pipeline over tables that Cordon has: Selected (the working set), Devices (the whole inventory, onboarded or "
	"not), Results (the last query's rows), Outcomes (device by device, what this session's jobs did), Log (the session log), "
	"and those that `load` made. Nothing is asked of the hunting service.",
	"`show @FILE` reads the pipeline from a file; a bare `show` reads lines until one that holds only `;`. `|> PROGRAM` at the "
	"end sends the output on. `render barchart` and its kin draw a chart. `help kql` lists the tables' columns.", NULL,
};
static const char *const show_examples[] = {
	"show Selected | summarize count() by osPlatform, riskScore",
	"show Devices | where lastSeen < ago(30d) | summarize count() by rbacGroupName | render barchart",
	"show Outcomes | where outcome != \"accepted\" | project name, outcome, reason",
	"show Results | join kind=leftanti (Selected | project DeviceId = id) on DeviceId |> tee missing.csv", NULL,
};
const struct command command_show = {
	.name = "show", .group = GROUP_LOOK, .summary = "run local KQL over the set, the inventory, results, outcomes, the log",
	.help = show_help, .examples = show_examples, .options = show_options,
	.operands = { { "PIPELINE", VALUE_QUERY, 0, 1, COMPLETE_PIPELINE, NULL, "local KQL; takes the rest of the line" } },
	.flags = COMMAND_SHOWS, .check = show_check, .run = show_run,
};
