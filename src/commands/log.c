#include "config.h"
#include "commands/entries.h"

#include <string.h>

#include "app/arguments.h"
#include "app/check.h"
#include "app/result.h"
#include "app/tenant.h"
#include "commands/log_export.h"
#include "core/text.h"
#include "journal/journal.h"

char *log_directory(const struct session *session)
{
	return g_build_filename(session->state_dir, "log", NULL);
}

/* What this session wrote is on disk before it is read. Looking goes on where nothing can be written any more. */
static bool flush(struct session *session, struct error *error)
{
	return session->journal == NULL || journal_is_broken(session->journal) || journal_commit(session->journal, error);
}

/* ---- log */

struct reading {
	const char *job, *case_id;
	GPtrArray *records; /* json_t */
	GHashTable *commands; /* seq of the commands of the case, for their ends */
};

static bool is_of_case(struct reading *reading, const json_t *record)
{
	const char *type = json_string_value(json_object_get(record, "type"));
	const char *id = json_string_value(json_object_get(record, "case"));
	json_int_t seq = json_integer_value(json_object_get(record, "seq"));
	bool same = id != NULL && strcmp(id, reading->case_id) == 0;

	if (same && type != NULL && strcmp(type, "command") == 0)
		g_hash_table_add(reading->commands, GINT_TO_POINTER((gint)seq));
	if (type != NULL && strcmp(type, "command.end") == 0)
		return g_hash_table_contains(reading->commands,
			GINT_TO_POINTER((gint)json_integer_value(json_object_get(record, "of"))));
	return same;
}

static bool is_of_job(const struct reading *reading, const json_t *record)
{
	const char *job = json_string_value(json_object_get(record, "job"));

	return job != NULL && g_str_has_suffix(job, reading->job);
}

static bool take_record(void *data, const json_t *record, unsigned number)
{
	struct reading *reading = data;

	(void)number;
	if (reading->job != NULL && !is_of_job(reading, record))
		return true;
	if (reading->case_id != NULL && !is_of_case(reading, record))
		return true;
	g_ptr_array_add(reading->records, json_incref((json_t *)record));
	return true;
}

static void record_free(void *data)
{
	json_decref(data);
}

/* What a record says, in a few words. */
static void append_summary(GString *out, const json_t *record)
{
	static const char *const shown[] = { "text", "verb", "job", "kind", "action", "device", "outcome", "status",
		"before", "after", "closed", "error", "profile", "version" };
	const json_t *value;
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(shown); i++) {
		value = json_object_get(record, shown[i]);
		if (json_is_object(value))
			value = json_object_get(value, "message");
		if (json_is_string(value))
			g_string_append_printf(out, "%s%s", out->len > 0 ? " " : "", json_string_value(value));
		else if (json_is_integer(value))
			g_string_append_printf(out, "%s%s %lld", out->len > 0 ? " " : "", shown[i],
				(long long)json_integer_value(value));
	}
	value = json_object_get(record, "devices");
	if (json_is_array(value))
		g_string_append_printf(out, " %zu device%s", json_array_size(value), json_array_size(value) == 1 ? "" : "s");
}

static void log_rows(const struct reading *reading, struct result *result)
{
	guint i;

	result_column(result, "TIME", 0);
	result_column(result, "TYPE", 0);
	result_column(result, "WHAT", RESULT_CUT);
	for (i = 0; i < reading->records->len; i++) {
		const json_t *record = g_ptr_array_index(reading->records, i);
		AUTO(g_string) GString *what = g_string_new(NULL);

		append_summary(what, record);
		result_cell(result, json_string_value(json_object_get(record, "time")));
		result_cell(result, json_string_value(json_object_get(record, "type")));
		result_cell(result, what->str);
	}
}

static json_t *record_item(void *data, size_t index)
{
	return json_incref(g_ptr_array_index((GPtrArray *)data, index));
}

static void records_free(void *data)
{
	g_ptr_array_unref(data);
}

/* The files that --all, --job and --case look into, else this session's alone. */
static GPtrArray *log_files(const struct session *session, const struct arguments *arguments)
{
	AUTO(g_free) char *directory = log_directory(session);
	GPtrArray *files;

	if (arguments_has(arguments, "all") || arguments_has(arguments, "job") || arguments_has(arguments, "case"))
		return journal_files(directory);
	files = g_ptr_array_new_with_free_func(g_free);
	if (session->journal != NULL)
		g_ptr_array_add(files, g_strdup(journal_path(session->journal)));
	return files;
}

static bool log_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct reading reading = { .job = arguments_text(arguments, "job"), .case_id = arguments_text(arguments, "case") };
	AUTO(g_ptr_array_unref) GPtrArray *files = log_files(session, arguments);
	bool ok = flush(session, error);
	guint i;

	reading.records = g_ptr_array_new_with_free_func(record_free);
	for (i = 0; ok && i < files->len; i++) {
		reading.commands = g_hash_table_new(NULL, NULL);
		ok = journal_read(g_ptr_array_index(files, i), take_record, &reading, error);
		g_hash_table_unref(reading.commands);
	}
	if (!ok) {
		g_ptr_array_unref(reading.records);
		return false;
	}
	log_rows(&reading, result);
	result_summary(result, "%u line%s, %u file%s", reading.records->len, reading.records->len == 1 ? "" : "s",
		files->len, files->len == 1 ? "" : "s");
	result_member_lazy(result, "log", reading.records->len, record_item, reading.records, records_free);
	return true;
}

#define LOG_OPTIONS \
	{ "all", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "of all sessions, not only this one" }, \
	{ "job", '\0', VALUE_TEXT, "ID", COMPLETE_JOBS, NULL, "only what belongs to a job, of any session" }, \
	{ "case", '\0', VALUE_TEXT, "ID", COMPLETE_NOTHING, NULL, "only what belongs to a case, of any session" }

static const struct command_option log_options[] = { LOG_OPTIONS, { .name = NULL } };
const struct command command_log = {
	.name = "log", .group = GROUP_LOG, .summary = "print the session log", .options = log_options, .run = log_run,
};

/* ---- log export */

static bool export_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	const char *file = arguments_operand(arguments, 0);

	(void)check;
	if (g_str_has_suffix(file, ".csv") || g_str_has_suffix(file, ".json"))
		return true;
	error_set(error, ERROR_USAGE, "'%s' ends neither in .csv nor in .json", file);
	return false;
}

static bool export_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct log_export_choice choice = { .all = arguments_has(arguments, "all"),
		.job = arguments_text(arguments, "job"), .case_id = arguments_text(arguments, "case") };
	size_t rows;

	if (!flush(session, error))
		return false;
	if (!log_export_write(session, &choice, arguments_operand(arguments, 0), &rows, error))
		return false;
	result_summary(result, "%zu row%s written to %s", rows, rows == 1 ? "" : "s", arguments_operand(arguments, 0));
	return true;
}

static const struct command_option export_options[] = { LOG_OPTIONS, { .name = NULL } };
static const char *const export_examples[] = { "log export incident.csv", "log export incident.json --case INC-4711",
	NULL };
const struct command command_log_export = {
	.name = "log export", .group = GROUP_LOG, .summary = "write what was done, one row a device and job",
	.options = export_options, .examples = export_examples,
	.operands = { { "FILE", VALUE_FILE, 1, 1, COMPLETE_FILES, NULL, "ends in .csv or .json" } },
	.check = export_check, .run = export_run,
};

/* ---- log verify */

static void take_fault(void *data, const char *file, unsigned line, const char *message)
{
	json_array_append_new(data, json_pack("{s:s,s:i,s:s}", "file", file, "line", (int)line, "message", message));
}

static void verify_rows(const json_t *faults, struct result *result)
{
	const json_t *item;
	size_t i;

	result_column(result, "FILE", RESULT_CUT);
	result_column(result, "LINE", RESULT_RIGHT);
	result_column(result, "FAULT", 0);
	json_array_foreach(faults, i, item) {
		result_cell(result, json_string_value(json_object_get(item, "file")));
		result_cellf(result, "%lld", (long long)json_integer_value(json_object_get(item, "line")));
		result_cell(result, json_string_value(json_object_get(item, "message")));
	}
}

static bool verify_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	const char *head = arguments_text(arguments, "head");

	(void)check;
	if (head == NULL)
		return true;
	if (arguments_count(arguments) == 0)
		return error_set(error, ERROR_USAGE, "'--head' goes with one FILE");
	if (strlen(head) != SHA256_HEX_SIZE - 1 || strspn(head, "0123456789abcdef") != SHA256_HEX_SIZE - 1)
		return error_set(error, ERROR_USAGE, "'%s' is no sum: 64 hex digits in lower case", head);
	return true;
}

static bool verify_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	const char *file = arguments_operand(arguments, 0);
	AUTO(g_free) char *directory = log_directory(session);
	char head[SHA256_HEX_SIZE] = "";
	json_t *faults = json_array();
	size_t files = 1;
	bool ok;

	if (session->journal != NULL && !journal_is_broken(session->journal))
		journal_commit(session->journal, NULL);
	if (file != NULL) {
		ok = journal_verify(file, arguments_text(arguments, "head"), head, take_fault, faults);
	} else {
		ok = journal_verify_all(directory, &files, take_fault, faults);
		if (session->journal != NULL)
			g_strlcpy(head, journal_head(session->journal), sizeof head);
	}
	verify_rows(faults, result);
	result_member(result, "files", json_integer((json_int_t)files));
	result_member(result, "head", *head != '\0' ? json_string(head) : json_null());
	result_summary(result, "%zu file%s, %zu fault%s%s%s", files, files == 1 ? "" : "s", json_array_size(faults),
		json_array_size(faults) == 1 ? "" : "s", *head != '\0' ? ", head " : "", head);
	if (!ok)
		error_set(error, ERROR_FAILED, "the log is not whole: %zu fault%s", json_array_size(faults),
			json_array_size(faults) == 1 ? "" : "s");
	result_member(result, "faults", faults);
	return ok;
}

static const struct command_option verify_options[] = {
	{ "head", '\0', VALUE_TEXT, "SUM", COMPLETE_NOTHING, NULL, "a line with this sum must be in the file" },
	{ .name = NULL },
};
const struct command command_log_verify = {
	.name = "log verify", .group = GROUP_LOG, .summary = "check that log files are whole", .options = verify_options,
	.operands = { { "FILE", VALUE_FILE, 0, 1, COMPLETE_FILES, NULL, "one log file; else all" } },
	.flags = COMMAND_LEAVES_LOGS, .check = verify_check, .run = verify_run,
};
