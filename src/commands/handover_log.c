/* What the logs have for a handover beside jobs: notes, and the commands that selected devices. */
#include "config.h"
#include "commands/handover.h"

#include <string.h>

#include "app/tenant.h"
#include "commands/log_export.h"
#include "journal/journal.h"

static const char *record_text(const json_t *record, const char *name)
{
	return json_string_value(json_object_get(record, name));
}

void handover_line_free(void *data)
{
	struct handover_line *line = data;

	g_free(line->time);
	g_free(line->text);
	g_free(line->case_id);
	g_free(line->came_to);
	g_free(line);
}

/* ---- this session's jobs */
static bool take_job(void *data, const json_t *record, unsigned number)
{
	const char *job = record_text(record, "job");

	(void)number;
	if (job != NULL)
		g_hash_table_add(data, g_strdup(job));
	return true;
}

GHashTable *handover_own_jobs(const struct session *session, struct error *error)
{
	AUTO(g_hash_table_unref) GHashTable *ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	if (session->journal != NULL && !journal_read_with(journal_path(session->journal), "\"job\":\"", take_job, ids, error))
		return NULL;
	return AUTO_STEAL(ids);
}

/* ---- lines */
struct reading {
	struct handover *handover;
	GPtrArray *notes, *selections; /* of the file being read */
	char *command, *case_id;       /* of the command that is running there */
	bool ours, theirs;             /* the file tells of this tenant; of another */
};

static struct handover_line *line_new(const json_t *record, const char *text, const char *case_id)
{
	struct handover_line *line = g_new0(struct handover_line, 1);

	line->time = g_strdup(record_text(record, "time"));
	line->text = g_strdup(text);
	line->case_id = g_strdup(case_id);
	return line;
}

static bool is_wanted(const struct handover *handover, const char *case_id)
{
	return handover->case_id == NULL || handover->all || g_strcmp0(case_id, handover->case_id) == 0;
}

static void take_selection(struct reading *reading, const json_t *record)
{
	struct handover_line *line;

	if (reading->command == NULL || !is_wanted(reading->handover, reading->case_id))
		return;
	line = line_new(record, reading->command, reading->case_id);
	line->came_to = g_strdup_printf("%lld -> %lld", (long long)json_integer_value(json_object_get(record, "before")),
		(long long)json_integer_value(json_object_get(record, "after")));
	g_ptr_array_add(reading->selections, line);
}

/* Logs of all tenants lie together: what belongs to another one stays there. */
static void take_tenant(struct reading *reading, const json_t *record, const char *type)
{
	const struct tenant *tenant = reading->handover->session->tenant;
	const char *id = record_text(record, "tenant"), *profile = record_text(record, "profile");

	if (id != NULL && strcmp(id, tenant->id) == 0)
		reading->ours = true;
	else if (id != NULL)
		reading->theirs = true;
	else if (strcmp(type, "session.start") == 0 && g_strcmp0(profile, tenant->profile->name) == 0)
		reading->ours = true; /* before sign-in the tenant is not known; the profile is */
}

static bool take_record(void *data, const json_t *record, unsigned number)
{
	struct reading *reading = data;
	const char *type = record_text(record, "type"), *text = record_text(record, "text"), *case_id = record_text(record, "case");

	(void)number;
	if (type == NULL)
		return true;
	if (strcmp(type, "command") == 0) {
		g_free(reading->command);
		g_free(reading->case_id);
		reading->command = g_strdup(text);
		reading->case_id = g_strdup(case_id);
	} else if (strcmp(type, "note") == 0 && text != NULL && is_wanted(reading->handover, case_id)) {
		g_ptr_array_add(reading->notes, line_new(record, text, case_id));
	} else if (strcmp(type, "selection") == 0) {
		take_selection(reading, record);
	} else if (strcmp(type, "session.start") == 0 || strcmp(type, "job.start") == 0) {
		take_tenant(reading, record, type);
	}
	return true;
}

static bool read_file(struct handover *handover, const char *file, bool own, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *notes = g_ptr_array_new_with_free_func(handover_line_free);
	AUTO(g_ptr_array_unref) GPtrArray *selections = g_ptr_array_new_with_free_func(handover_line_free);
	struct reading reading = { .handover = handover, .notes = notes, .selections = selections };
	bool ok = journal_read(file, take_record, &reading, error);

	g_free(reading.command);
	g_free(reading.case_id);
	if (ok && (own || (reading.ours && !reading.theirs))) {
		g_ptr_array_extend_and_steal(handover->notes, g_steal_pointer(&notes));
		g_ptr_array_extend_and_steal(handover->selections, g_steal_pointer(&selections));
		notes = g_ptr_array_new();
		selections = g_ptr_array_new();
	}
	return ok;
}

bool handover_read_lines(struct handover *handover, struct error *error)
{
	AUTO(g_free) char *directory = log_directory(handover->session);
	AUTO(g_ptr_array_unref) GPtrArray *files = journal_files(directory);
	const char *own = handover->session->journal != NULL ? journal_path(handover->session->journal) : NULL;
	bool others = (handover->all || handover->case_id != NULL) && !handover->session->options->demo;

	for (guint i = 0; i < files->len; i++) {
		const char *file = files->pdata[i];
		bool is_own = own != NULL && strcmp(file, own) == 0;

		if ((is_own || others) && !read_file(handover, file, is_own, error))
			return false;
	}
	return true;
}
