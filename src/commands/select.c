#include "config.h"
#include "commands/select.h"

#include <string.h>

#include "app/arguments.h"
#include "app/check.h"
#include "app/editor.h"
#include "app/profile.h"
#include "app/saved_sets.h"
#include "app/tenant.h"
#include "commands/selection.h"
#include "commands/table_result.h"
#include "core/isotime.h"

#define PROMPT_TIMEOUT_MS (60 * 1000)
#define BATCH_TIMEOUT_MS (15 * 60 * 1000)

static const char *const via_words[] = { "graph", "xdr", "mde", NULL };

#define VIA_OPTION { "via", '\0', VALUE_WORD, "graph|xdr|mde", COMPLETE_WORDS, via_words, "hunting service, for once" }
#define TIMEOUT_OPTION { "timeout", '\0', VALUE_DURATION, "TIME", COMPLETE_NOTHING, NULL, \
	"give the query up after TIME (60s at the prompt, 15m in batch)" }

static const struct command_option select_options[] = {
	{ "csv", '\0', VALUE_FILE, "FILE", COMPLETE_FILES, NULL, "a table file with devices; - is standard input" },
	{ "column", '\0', VALUE_TEXT, "NAME", COMPLETE_NOTHING, NULL, "the file's column to read" },
	{ "query", '\0', VALUE_QUERY, "KQL", COMPLETE_QUERY, NULL, "devices of a hunting query; takes the rest of the line" },
	{ "results", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "devices of the last query's rows" },
	{ "where", '\0', VALUE_PREDICATE, "PREDICATE", COMPLETE_PREDICATE, NULL,
		"devices for which a predicate is true; takes the rest of the line" },
	{ "tag", '\0', VALUE_TEXT, "TAG", COMPLETE_TAGS, NULL, "devices that bear a tag" },
	{ "group", '\0', VALUE_TEXT, "NAME", COMPLETE_GROUPS, NULL, "devices of a device group" },
	{ "ip", '\0', VALUE_TEXT, "ADDRESS", COMPLETE_NOTHING, NULL, "devices with a local address" },
	{ "set", '\0', VALUE_TEXT, "NAME", COMPLETE_SETS, NULL, "a saved set" },
	{ "all", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "every device" },
	{ "none", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "no device: empties the set (select only)" },
	{ "newest", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "of several records of a name the one last seen" },
	{ "all-matches", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "of several records of a name all" },
	{ "unmanaged", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "records that are not onboarded, too" },
	VIA_OPTION,
	TIMEOUT_OPTION,
	{ NULL, '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, NULL },
};

/* The option that names each source. */
static const struct {
	const char *option;
	enum source_kind kind;
} source_options[] = {
	{ "csv", SOURCE_CSV }, { "query", SOURCE_QUERY }, { "results", SOURCE_RESULTS }, { "where", SOURCE_WHERE },
	{ "tag", SOURCE_TAG }, { "group", SOURCE_GROUP }, { "ip", SOURCE_IP }, { "set", SOURCE_SET },
	{ "all", SOURCE_ALL }, { "none", SOURCE_NONE },
};

static const char *command_name(const struct arguments *arguments)
{
	return arguments_command(arguments)->name;
}

/* Words may hold several names with commas between them; a quoted one is one name, and literal (told in literal, an array
 * of bool). */
static char **names_split(const struct arguments *arguments, GArray *literal)
{
	GPtrArray *names = g_ptr_array_new();

	for (size_t i = 0; i < arguments_count(arguments); i++) {
		const char *word = arguments_operand(arguments, i);
		bool quoted = arguments_operand_quoted(arguments, i);
		char **parts;

		if (quoted) {
			g_ptr_array_add(names, g_strdup(word));
			g_array_append_val(literal, quoted);
			continue;
		}
		parts = g_strsplit(word, ",", -1);
		for (char **part = parts; *part != NULL; part++)
			if (**part != '\0') {
				g_ptr_array_add(names, g_strdup(*part));
				g_array_append_val(literal, quoted);
			}
		g_strfreev(parts);
	}
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

/* 0 would read as no limit. */
static bool timeout_check(const struct arguments *arguments, struct error *error)
{
	if (arguments_has(arguments, "timeout") && arguments_number(arguments, "timeout", 1) <= 0)
		return error_set(error, ERROR_USAGE, "--timeout wants more than 0");
	return true;
}

static bool select_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	unsigned sources = arguments_count(arguments) > 0 ? 1 : 0;
	const char *name = command_name(arguments);
	AUTO(g_array_unref) GArray *literal = g_array_new(FALSE, FALSE, sizeof(bool));
	AUTO(g_strfreev) char **names = names_split(arguments, literal);

	(void)check;
	for (size_t i = 0; i < G_N_ELEMENTS(source_options); i++)
		sources += arguments_has(arguments, source_options[i].option) ? 1 : 0;
	if (sources == 1 && arguments_count(arguments) > 0 && names[0] == NULL)
		return error_set(error, ERROR_USAGE, "'%s' got no name, only commas", name);
	if (sources != 1) {
		error_set(error, ERROR_USAGE, sources == 0 ? "'%s' needs a source of devices" :
			"'%s' takes one source of devices", name);
		error_hint(error, "names, --csv, --query, --results, --where, --tag, --group, --ip, --set or --all%s",
			strcmp(name, "select") == 0 ? " or --none" : "");
		return false;
	}
	if (arguments_has(arguments, "none") && strcmp(name, "select") != 0)
		return error_set(error, ERROR_USAGE, "--none is for 'select' alone");
	if (arguments_has(arguments, "column") && !arguments_has(arguments, "csv"))
		return error_set(error, ERROR_USAGE, "--column goes with --csv");
	if (arguments_has(arguments, "newest") && arguments_has(arguments, "all-matches"))
		return error_set(error, ERROR_USAGE, "--newest and --all-matches exclude each other");
	return timeout_check(arguments, error);
}

static int via_of(const struct arguments *arguments)
{
	const char *via = arguments_text(arguments, "via");

	if (via == NULL)
		return -1;
	return strcmp(via, "graph") == 0 ? DEFENDER_GRAPH : strcmp(via, "xdr") == 0 ? DEFENDER_XDR : DEFENDER_MDE;
}

/* The Defender hunting endpoints end (API contract, section 6.4): said whenever they are used. */
static void tell_retirement(struct session *session, const struct tenant *tenant, int via)
{
	if ((via >= 0 ? via : (int)tenant->profile->hunting) != DEFENDER_GRAPH)
		session_warn(session, "this hunting endpoint ends on 2027-02-01: use Graph (hunting = graph)");
}

static int64_t timeout_of(const struct session *session, const struct arguments *arguments)
{
	return arguments_number(arguments, "timeout", session->prompt ? PROMPT_TIMEOUT_MS : BATCH_TIMEOUT_MS);
}

static void request_fill(struct source_request *request, const struct session *session,
	const struct arguments *arguments)
{
	request->kind = SOURCE_NAMES;
	for (size_t i = 0; i < G_N_ELEMENTS(source_options); i++)
		if (arguments_has(arguments, source_options[i].option)) {
			request->kind = source_options[i].kind;
			request->text = arguments_text(arguments, source_options[i].option);
		}
	if (request->kind == SOURCE_QUERY || request->kind == SOURCE_WHERE)
		request->text = arguments_kql(arguments);
	request->column = arguments_text(arguments, "column");
	request->newest = arguments_has(arguments, "newest");
	request->all_matches = arguments_has(arguments, "all-matches");
	request->unmanaged = arguments_has(arguments, "unmanaged");
	request->via = via_of(arguments);
	request->patience_ms = timeout_of(session, arguments);
}

/* "add --csv suspects.csv": names the step for undo. */
static char *label_of(const struct arguments *arguments, const struct source_request *request)
{
	const char *option = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(source_options); i++)
		if (arguments_has(arguments, source_options[i].option))
			option = source_options[i].option;
	if (option == NULL)
		return g_strdup_printf("%s %s%s", command_name(arguments), arguments_operand(arguments, 0),
			arguments_count(arguments) > 1 ? " ..." : "");
	return g_strdup_printf("%s --%s%s%s", command_name(arguments), option, request->text != NULL ? " " : "",
		request->text != NULL ? request->text : "");
}

static enum source_verb verb_of(const char *name)
{
	switch (name[0]) {
	case 'a':
		return VERB_ADD;
	case 'r':
		return VERB_REMOVE;
	case 'k':
		return VERB_KEEP;
	default:
		return VERB_SELECT;
	}
}

static bool select_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	AUTO(g_array_unref) GArray *literal = g_array_new(FALSE, FALSE, sizeof(bool));
	AUTO(g_strfreev) char **names = names_split(arguments, literal);
	AUTO(bitset_free) struct bitset *saved = NULL;
	AUTO(g_free) char *label = NULL;
	struct source_request request = { .verb = verb_of(command_name(arguments)) };
	struct tenant *tenant = selection_tenant(session, error);

	if (tenant == NULL)
		return false;
	request_fill(&request, session, arguments);
	request.names = (const char *const *)names;
	request.literal = (const bool *)literal->data;
	if (request.kind == SOURCE_QUERY)
		tell_retirement(session, tenant, request.via);
	if (request.kind == SOURCE_SET) {
		saved = saved_set_load(&tenant->engine, request.text, error);
		if (saved == NULL)
			return false;
		request.saved = saved;
	}
	label = label_of(arguments, &request);
	if (!selection_run(session, &request, label, result, error)) {
		arguments_kql_error(arguments, error);
		return false;
	}
	return true;
}

#define SELECT_OPERANDS { { "NAME", VALUE_TEXT, 0, COMMAND_MANY, COMPLETE_DEVICES, NULL, \
	"device names, ids, Entra ids, local addresses, portal links, patterns" } }

static const char *const add_examples[] = {
	"add fin-lt-014 fin-lt-015.corp.contoso.com", "add --csv suspects.csv --column Host", "add --tag 'pilot ring 1'", NULL,
};
const struct command command_add = {
	.name = "add", .group = GROUP_SELECT, .summary = "add devices to the working set (union)",
	.examples = add_examples, .options = select_options, .operands = SELECT_OPERANDS,
	.flags = COMMAND_SIGN_IN | COMMAND_CHANGES_SET, .check = select_check, .run = select_run,
};

static const char *const remove_help[] = {
	"Removes every device that could have been meant: all records of an ambiguous name, and devices for which a "
	"predicate is null or fails. An entry that cannot be resolved fails the command after removing the rest.", NULL,
};
static const char *const remove_examples[] = { "remove dc-01", "remove --where machineTags has \"tier0\"", NULL };
const struct command command_remove = {
	.name = "remove", .group = GROUP_SELECT, .summary = "remove devices from the working set (difference)",
	.help = remove_help, .examples = remove_examples, .options = select_options, .operands = SELECT_OPERANDS,
	.flags = COMMAND_SIGN_IN | COMMAND_CHANGES_SET, .check = select_check, .run = select_run,
};

static const char *const keep_examples[] = { "keep --csv confirmed.csv", "keep fin-*", NULL };
const struct command command_keep = {
	.name = "keep", .group = GROUP_SELECT, .summary = "keep only these devices (intersection)",
	.examples = keep_examples, .options = select_options, .operands = SELECT_OPERANDS,
	.flags = COMMAND_SIGN_IN | COMMAND_CHANGES_SET, .check = select_check, .run = select_run,
};

static const char *const select_examples[] = { "select --group Finance", "select --where riskScore == \"High\"",
	"select --none", NULL };
const struct command command_select = {
	.name = "select", .group = GROUP_SELECT, .summary = "replace the working set by these devices",
	.examples = select_examples, .options = select_options, .operands = SELECT_OPERANDS,
	.flags = COMMAND_SIGN_IN | COMMAND_CHANGES_SET | COMMAND_REPLACES_SET, .check = select_check, .run = select_run,
};

/* ---- query */

static const struct command_option query_options[] = {
	{ "show", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "print the rows and leave the working set alone" },
	{ "edit", 'e', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "write the query in the editor" },
	{ "newest", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "of several records of a name the one last seen" },
	{ "all-matches", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "of several records of a name all" },
	VIA_OPTION,
	TIMEOUT_OPTION,
	{ NULL, '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, NULL },
};

static bool query_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	bool edit = arguments_has(arguments, "edit");
	const char *kql = arguments_kql(arguments);

	if (edit && (check->session->batch || !check->session->prompt))
		return error_set(error, ERROR_USAGE, "'query -e' needs a person at the prompt");
	if (!edit && (kql == NULL || kql[strspn(kql, " \t\r\n")] == '\0')) {
		error_set(error, ERROR_USAGE, "'query' needs a query");
		error_hint(error, "query KQL, query @FILE, or query -e");
		return false;
	}
	return timeout_check(arguments, error);
}

static bool query_show(struct session *session, const struct arguments *arguments, const char *kql,
	struct result *result, struct error *error)
{
	struct tenant *tenant = selection_tenant(session, error);
	AUTO(kql_query_free) struct kql_query *parsed = NULL;
	struct hunting_rows *rows;

	if (tenant == NULL)
		return false;
	tell_retirement(session, tenant, via_of(arguments));
	rows = hunting_run(&tenant->engine, kql, via_of(arguments), timeout_of(session, arguments), error);
	if (rows == NULL)
		return false;
	hunting_rows_free(tenant->rows);
	tenant->rows = rows;
	parsed = kql_query_parse(kql, isotime_now(), NULL);
	result_table(session, arguments, result, &(struct table_shown){ .table = rows->table,
		.render = parsed != NULL ? kql_query_render(parsed) : NULL });
	if (rows->truncated) {
		session_warn(session, "the rows were cut at the service's limit of %d", DEFENDER_HUNTING_ROWS);
		result_partial(result);
	}
	result_summary(result, "%zu row%s", table_rows(rows->table), table_rows(rows->table) == 1 ? "" : "s");
	return true;
}

static bool query_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct source_request request = { .verb = VERB_SELECT, .kind = SOURCE_QUERY };
	AUTO(g_free) char *edited = NULL;
	bool ok;

	request.text = arguments_kql(arguments);
	if (arguments_has(arguments, "edit")) {
		edited = g_strdup(request.text != NULL ? request.text : "");
		if (!editor_run(session, &edited, error))
			return false;
		if (edited[strspn(edited, " \t\r\n")] == '\0')
			return error_set(error, ERROR_FAILED, "the query is empty; nothing was asked");
		request.text = edited;
	}
	if (arguments_has(arguments, "show")) {
		ok = query_show(session, arguments, request.text, result, error);
	} else {
		request.newest = arguments_has(arguments, "newest");
		request.all_matches = arguments_has(arguments, "all-matches");
		request.via = via_of(arguments);
		request.patience_ms = timeout_of(session, arguments);
		if (selection_tenant(session, error) == NULL)
			return false;
		tell_retirement(session, session->tenant, request.via);
		ok = selection_run(session, &request, "query", result, error);
	}
	if (!ok && edited == NULL)
		arguments_kql_error(arguments, error);
	return ok;
}

static const char *const query_help[] = {
	"Asks the hunting service and takes the devices of its rows: by DeviceId, or by DeviceName where there is no id. "
	"`query @FILE` reads the query from a file. A bare `query` reads lines until one that holds only `;`.", NULL,
};
static const char *const query_examples[] = {
	"query DeviceTvmSoftwareVulnerabilities | where CveId == \"CVE-2026-20001\" | distinct DeviceId",
	"query --show DeviceInfo | take 5", NULL,
};
const struct command command_query = {
	.name = "query", .group = GROUP_SELECT, .summary = "replace the working set by the devices of a hunting query",
	.help = query_help, .examples = query_examples, .options = query_options,
	.operands = { { "KQL", VALUE_QUERY, 0, 1, COMPLETE_QUERY, NULL, "the query; takes the rest of the line" } },
	.flags = COMMAND_SIGN_IN | COMMAND_CHANGES_SET | COMMAND_REPLACES_SET, .check = query_check, .run = query_run,
};

/* ---- filter */

static bool filter_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct source_request request = { .verb = VERB_KEEP, .kind = SOURCE_WHERE, .text = arguments_kql(arguments) };
	AUTO(g_free) char *label = g_strdup_printf("filter %s", request.text);

	if (!selection_run(session, &request, label, result, error)) {
		arguments_kql_error(arguments, error);
		return false;
	}
	return true;
}

static const char *const filter_help[] = {
	"The predicate is over a device's columns, by the machine resource's or DeviceInfo's names. After a query it may use the "
	"columns of its rows, too: a device stays if any of its rows passes. Of two columns with one name the device's is meant. "
	"`help kql` tells more.", NULL,
};
static const char *const filter_examples[] = {
	"filter osPlatform startswith \"Windows\" and lastSeen > ago(7d)", "filter not(machineTags has \"tier0\")",
	"filter FileName =~ \"winrar.exe\" and riskScore == \"High\"", NULL,
};
const struct command command_filter = {
	.name = "filter", .group = GROUP_SELECT, .summary = "keep the devices for which a KQL predicate is true",
	.help = filter_help, .examples = filter_examples,
	.operands = { { "PREDICATE", VALUE_PREDICATE, 1, 1, COMPLETE_PREDICATE, NULL,
		"a KQL predicate; takes the rest of the line" } },
	.flags = COMMAND_SIGN_IN | COMMAND_CHANGES_SET, .run = filter_run,
};
