#include "config.h"
#include "commands/log_export.h"

#include <limits.h>
#include <string.h>

#include "core/file.h"
#include "engine/job.h"
#include "journal/journal.h"
#include "table/sheet.h"

static const char *const column_names[] = { "time", "job", "case", "action", "id", "name", "outcome", "status",
	"actionId", "comment", "error" };
#define COLUMNS G_N_ELEMENTS(column_names)

/* A job and when its devices last changed. */
struct entry {
	struct job *job;
	GHashTable *times; /* device id -> time of its last record */
	bool here;         /* this session wrote of it */
};

/* A record of a job, and where it stands: an older file may hold a later run, as that of a session which resumed the job. */
struct line {
	unsigned run, file, number;
	json_t *record;
};

struct export {
	const struct log_export_choice *choice;
	GPtrArray *files;  /* names, in order */
	GArray *lines;     /* struct line */
	GHashTable *runs;  /* of the file that is read: job id -> its run there */
	unsigned file;
	const char *own_file;
	GPtrArray *entries;
	GHashTable *by_id;
};

static void line_clear(void *data)
{
	json_decref(((struct line *)data)->record);
}

static int line_compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->run != y->run)
		return x->run < y->run ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* Records of a file in which the job has no run, as statuses that were looked up there, count last. */
static bool gather_record(void *data, const json_t *record, unsigned number)
{
	struct export *export = data;
	const char *id = json_string_value(json_object_get(record, "job"));
	const char *type = json_string_value(json_object_get(record, "type"));
	json_int_t run = json_integer_value(json_object_get(record, "run"));
	struct line line = { .file = export->file, .number = number };

	if (id == NULL || type == NULL)
		return true;
	if (strcmp(type, "job.start") == 0)
		run = 1;
	if ((strcmp(type, "job.start") == 0 || strcmp(type, "job.resume") == 0) && run > 0 && run < UINT_MAX)
		g_hash_table_replace(export->runs, g_strdup(id), GUINT_TO_POINTER((unsigned)run));
	line.run = GPOINTER_TO_UINT(g_hash_table_lookup(export->runs, id));
	if (line.run == 0)
		line.run = UINT_MAX;
	line.record = json_incref((json_t *)record);
	g_array_append_val(export->lines, line);
	return true;
}

static void entry_free(void *data)
{
	struct entry *entry = data;

	job_free(entry->job);
	g_hash_table_unref(entry->times);
	g_free(entry);
}

static struct entry *entry_for(struct export *export, const json_t *record)
{
	const char *id = json_string_value(json_object_get(record, "job"));
	struct entry *entry = id != NULL ? g_hash_table_lookup(export->by_id, id) : NULL;
	struct job *job;

	if (id == NULL || entry != NULL)
		return entry;
	job = job_from_record(record);
	if (job == NULL)
		return NULL;
	entry = g_new0(struct entry, 1);
	entry->job = job;
	entry->times = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_ptr_array_add(export->entries, entry);
	g_hash_table_insert(export->by_id, job->id, entry);
	return entry;
}

static void note_time(struct entry *entry, const json_t *device, const char *time)
{
	const char *id = json_string_value(device);

	if (id == NULL && json_is_object(device))
		id = json_string_value(json_object_get(device, "id"));
	if (id != NULL && time != NULL)
		g_hash_table_replace(entry->times, g_strdup(id), g_strdup(time));
}

static void take_line(struct export *export, const struct line *line)
{
	const json_t *record = line->record;
	struct entry *entry = entry_for(export, record);
	const char *time = json_string_value(json_object_get(record, "time"));
	const json_t *item;
	size_t i;

	if (entry == NULL)
		return;
	job_apply(entry->job, record);
	note_time(entry, json_object_get(record, "device"), time);
	json_array_foreach(json_object_get(record, "devices"), i, item)
		note_time(entry, item, time);
	json_array_foreach(json_object_get(record, "skipped"), i, item)
		note_time(entry, item, time);
	if (export->own_file != NULL && strcmp(g_ptr_array_index(export->files, line->file), export->own_file) == 0)
		entry->here = true;
}

static bool is_wanted(const struct export *export, const struct entry *entry)
{
	const struct log_export_choice *choice = export->choice;

	if (choice->job != NULL && !g_str_has_suffix(entry->job->id, choice->job))
		return false;
	if (choice->case_id != NULL && g_strcmp0(entry->job->case_id, choice->case_id) != 0)
		return false;
	return choice->all || choice->job != NULL || choice->case_id != NULL || entry->here;
}

static const char *device_fault(const struct job_device *device)
{
	if (device->code != NULL && *device->code != '\0' && device->message == NULL)
		return device->code;
	return device->message != NULL ? device->message : device->reason;
}

static void row_values(const struct entry *entry, const struct job_device *device, const char *values[COLUMNS])
{
	const struct job *job = entry->job;
	const char *time = g_hash_table_lookup(entry->times, device->id);

	values[0] = time != NULL ? time : job->started;
	values[1] = job->id;
	values[2] = job->case_id;
	values[3] = job->action;
	values[4] = device->id;
	values[5] = device->name;
	values[6] = job_outcome(job, device);
	values[7] = device->status;
	values[8] = device->action_id;
	values[9] = job->comment;
	values[10] = device->state == JOB_ACCEPTED ? NULL : device_fault(device);
}

static void append_csv(GString *out, const char *const values[COLUMNS])
{
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		sheet_append_field(out, values[i] != NULL ? values[i] : "", i == 0);
	g_string_append_c(out, '\n');
}

static void append_json(GString *out, const char *const values[COLUMNS], bool first)
{
	json_t *object = json_object();
	char *text;
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		json_object_set_new(object, column_names[i], values[i] != NULL ? json_string(values[i]) : json_null());
	text = json_dumps(object, JSON_COMPACT);
	g_string_append_printf(out, "%s\n%s", first ? "" : ",", text);
	free(text);
	json_decref(object);
}

static size_t append_rows(const struct export *export, GString *out, bool csv)
{
	size_t rows = 0;
	guint i, k;

	for (i = 0; i < export->entries->len; i++) {
		const struct entry *entry = g_ptr_array_index(export->entries, i);

		if (!is_wanted(export, entry))
			continue;
		for (k = 0; k < entry->job->devices->len; k++) {
			const char *values[COLUMNS];

			row_values(entry, g_ptr_array_index(entry->job->devices, k), values);
			if (csv)
				append_csv(out, values);
			else
				append_json(out, values, rows == 0);
			rows++;
		}
	}
	return rows;
}

static bool read_all(struct export *export, struct error *error)
{
	for (guint i = 0; i < export->files->len; i++) {
		AUTO(g_hash_table_unref) GHashTable *runs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

		export->file = i;
		export->runs = runs;
		if (!journal_read_with(g_ptr_array_index(export->files, i), "\"job\":", gather_record, export, error))
			return false;
	}
	g_array_sort(export->lines, line_compare);
	for (guint i = 0; i < export->lines->len; i++)
		take_line(export, &g_array_index(export->lines, struct line, i));
	return true;
}

bool log_export_write(struct session *session, const struct log_export_choice *choice, const char *file, size_t *rows,
	struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *entries = g_ptr_array_new_with_free_func(entry_free);
	AUTO(g_hash_table_unref) GHashTable *by_id = g_hash_table_new(g_str_hash, g_str_equal);
	AUTO(g_string) GString *out = g_string_new(NULL);
	AUTO(g_free) char *directory = log_directory(session);
	AUTO(g_ptr_array_unref) GPtrArray *files = journal_files(directory);
	AUTO(g_array_unref) GArray *lines = g_array_new(FALSE, FALSE, sizeof(struct line));
	struct export export = { .choice = choice, .files = files, .lines = lines, .entries = entries, .by_id = by_id,
		.own_file = session->journal != NULL ? journal_path(session->journal) : NULL };
	bool csv = g_str_has_suffix(file, ".csv");

	g_array_set_clear_func(lines, line_clear);
	if (!read_all(&export, error))
		return false;
	if (csv)
		append_csv(out, column_names);
	else
		g_string_append_c(out, '[');
	*rows = append_rows(&export, out, csv);
	if (!csv)
		g_string_append(out, "\n]\n");
	return file_replace(file, out->str, out->len, error);
}
