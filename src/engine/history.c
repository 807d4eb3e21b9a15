#include "config.h"
#include "engine/history.h"

#include <string.h>

#include "core/isotime.h"
#include "defender/defender.h"
#include "engine/jobs_internal.h"
#include "fleet/names.h"

static const char *record_text(const json_t *record, const char *name)
{
	return json_string_value(json_object_get(record, name));
}

static void history_entry_free(void *data)
{
	struct history_entry *entry = data;

	g_free(entry->file);
	g_free(entry->what);
	g_free(entry->value);
	g_free(entry->job);
	g_free(entry->user);
	g_free(entry->case_id);
	g_free(entry->comment);
	g_free(entry->outcome);
	g_free(entry->status);
	g_free(entry->action_id);
	g_free(entry->reason);
	g_free(entry->code);
	g_free(entry->message);
	g_free(entry);
}

/* ---- the logs */

/* Which jobs tell of the device, in which file, and when its outcome was last written. */
struct history_job {
	char *file;
	int64_t time; /* ticks */
};

struct history_scan {
	GHashTable *jobs; /* id -> struct history_job */
	const char *file;
};

static void history_job_free(void *data)
{
	struct history_job *job = data;

	g_free(job->file);
	g_free(job);
}

static bool history_line(void *data, const json_t *record, unsigned number)
{
	struct history_scan *scan = data;
	const char *id = record_text(record, "job"), *type = record_text(record, "type"), *time = record_text(record, "time");
	bool cancel = g_strcmp0(record_text(record, "kind"), "cancel") == 0;
	struct history_job *job;
	int64_t ticks;

	(void)number;
	if (id == NULL || type == NULL || time == NULL || !isotime_parse(time, strlen(time), &ticks))
		return true;
	job = g_hash_table_lookup(scan->jobs, id);
	if (job == NULL) {
		job = g_new0(struct history_job, 1);
		g_hash_table_insert(scan->jobs, g_strdup(id), job);
	}
	if (job->file != NULL && (strcmp(type, "action.result") != 0 || cancel || ticks < job->time))
		return true;
	g_free(job->file);
	job->file = g_strdup(scan->file);
	job->time = ticks;
	return true;
}

static void history_take_job(GPtrArray *entries, const struct job *job, const char *id, const struct history_job *found)
{
	const struct job_device *device = g_hash_table_lookup(job->by_id, id);
	struct history_entry *entry;

	if (device == NULL)
		return;
	entry = g_new0(struct history_entry, 1);
	entry->time = found->time;
	entry->file = g_strdup(found->file);
	entry->what = g_strdup(job->action);
	entry->value = g_strdup(job_value(job, device));
	entry->job = g_strdup(job->id);
	entry->user = g_strdup(job->user);
	entry->case_id = g_strdup(job->case_id);
	entry->comment = g_strdup(job->comment);
	entry->outcome = g_strdup(job_outcome(job, device));
	entry->status = g_strdup(device->status);
	entry->action_id = g_strdup(device->action_id);
	entry->reason = g_strdup(device->reason);
	entry->code = g_strdup(device->code);
	entry->message = g_strdup(device->message);
	g_ptr_array_add(entries, entry);
}

static bool history_read_logs(struct jobs *jobs, const char *id, GPtrArray *entries, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *files = job_logs(jobs->engine);
	AUTO(g_hash_table_unref) GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, history_job_free);
	struct history_scan scan = { .jobs = found };
	GHashTableIter iter;
	void *key, *value;

	for (guint i = 0; i < files->len; i++) {
		scan.file = files->pdata[i];
		if (!journal_read_with(scan.file, id, history_line, &scan, error))
			return false;
	}
	g_hash_table_iter_init(&iter, found);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		struct error fault = ERROR_INIT;
		struct job *job = job_load(jobs, key, &fault); /* NULL: of another tenant */

		if (fault.kind != ERROR_NONE)
			return error_copy(error, &fault);
		if (job != NULL)
			history_take_job(entries, job, id, value);
		job_free(job);
	}
	return true;
}

/* ---- the tenant */
static void history_set(char **place, const char *text)
{
	g_free(*place);
	*place = text[0] != '\0' ? g_strdup(text) : NULL;
}

static void history_merge(struct history_entry *entry, const struct action *action)
{
	entry->action = action;
	if (action->created != 0)
		entry->time = action->created;
	if (action->status[0] != '\0')
		history_set(&entry->status, action->status);
	if (entry->value == NULL)
		history_set(&entry->value, action->scope);
}

static struct history_entry *history_of_action(const struct action *action)
{
	const struct defender_action_kind *kind = defender_action_kind_of_type(action->type);
	struct history_entry *entry = g_new0(struct history_entry, 1);

	entry->what = g_strdup(kind != NULL ? kind->name : action->type);
	history_set(&entry->action_id, action->id);
	entry->comment = action_comment_bare(action->comment);
	action_marker(action->comment, &entry->job, &entry->user);
	history_merge(entry, action);
	return entry;
}

/* An `already` names another's action: that has an entry of its own. */
static struct history_entry *history_find(const GPtrArray *entries, const struct action *action)
{
	for (guint i = 0; i < entries->len; i++) {
		struct history_entry *entry = entries->pdata[i];

		if (entry->action_id != NULL && g_ascii_strcasecmp(entry->action_id, action->id) == 0 &&
				g_strcmp0(entry->outcome, "already") != 0)
			return entry;
	}
	return NULL;
}

static gint history_by_time(gconstpointer a, gconstpointer b)
{
	const struct history_entry *x = *(struct history_entry *const *)a, *y = *(struct history_entry *const *)b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return g_strcmp0(x->job, y->job);
}

GPtrArray *history_read(struct jobs *jobs, const char *device, const struct action_list *list, struct error *error)
{
	AUTO(g_free) char *id = g_ascii_strdown(device, -1);
	AUTO(g_ptr_array_unref) GPtrArray *entries = g_ptr_array_new_with_free_func(history_entry_free);
	const GPtrArray *of_device = list != NULL ? g_hash_table_lookup(list->by_device, id) : NULL;

	if (!history_read_logs(jobs, id, entries, error))
		return NULL;
	for (guint i = 0; of_device != NULL && i < of_device->len; i++) {
		const struct action *action = of_device->pdata[i];
		struct history_entry *entry = history_find(entries, action);

		if (entry != NULL)
			history_merge(entry, action);
		else
			g_ptr_array_add(entries, history_of_action(action));
	}
	g_ptr_array_sort(entries, history_by_time);
	return AUTO_STEAL(entries);
}

/* ---- names */
static void history_offer(GHashTable *ids, const char *folded, const char *name, const char *id)
{
	AUTO(g_free) char *other = name[0] != '\0' && id[0] != '\0' ? names_fold(name) : NULL;

	if (other != NULL && strcmp(other, folded) == 0)
		g_hash_table_add(ids, g_strdup(id));
}

GPtrArray *history_ids_of_name(struct jobs *jobs, const char *name, const struct action_list *list, struct error *error)
{
	AUTO(g_hash_table_unref) GHashTable *ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	AUTO(g_ptr_array_unref) GPtrArray *all = job_load_all(jobs, error);
	AUTO(g_free) char *folded = names_fold(name);
	GPtrArray *result;
	GHashTableIter iter;
	void *id;

	if (all == NULL)
		return NULL;
	for (guint i = 0; i < all->len; i++) {
		const struct job *job = all->pdata[i];

		for (guint k = 0; k < job->devices->len; k++) {
			const struct job_device *device = job->devices->pdata[k];

			history_offer(ids, folded, device->name, device->id);
		}
	}
	for (guint i = 0; list != NULL && i < list->actions->len; i++) {
		const struct action *action = list->actions->pdata[i];

		history_offer(ids, folded, action->name, action->device);
	}
	result = g_ptr_array_new_with_free_func(g_free);
	g_hash_table_iter_init(&iter, ids);
	while (g_hash_table_iter_next(&iter, &id, NULL))
		g_ptr_array_add(result, g_strdup(id));
	return result;
}

/* ---- JSON */
const char *history_from(const struct history_entry *entry)
{
	return entry->file == NULL ? "tenant" : entry->action == NULL ? "log" : "both";
}

static json_t *history_text(const char *text)
{
	AUTO(g_free) char *valid = text != NULL && text[0] != '\0' ? g_utf8_make_valid(text, -1) : NULL;

	return valid != NULL ? json_string(valid) : json_null();
}

static json_t *history_time(int64_t ticks)
{
	char text[ISOTIME_SIZE];

	if (ticks == 0)
		return json_null();
	isotime_format(ticks, text);
	return json_string(text);
}

static json_t *history_cancelled(const struct action *action)
{
	const struct action_cancel *cancel = action != NULL ? action->cancel : NULL;

	if (cancel == NULL)
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "requestor", history_text(cancel->requestor),
		"comment", history_text(cancel->comment), "time", history_time(cancel->time));
}

json_t *history_to_json(const struct history_entry *entry)
{
	const struct action *action = entry->action;
	json_t *object = json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"time", history_time(entry->time), "from", history_from(entry), "action", history_text(entry->what),
		"scope", history_text(entry->value), "job", history_text(entry->job), "user", history_text(entry->user),
		"requestor", history_text(action != NULL ? action->requestor : NULL), "case", history_text(entry->case_id),
		"comment", history_text(entry->comment), "outcome", history_text(entry->outcome),
		"status", history_text(entry->status), "actionId", history_text(entry->action_id));

	json_object_set_new(object, "type", history_text(action != NULL ? action->type : NULL));
	json_object_set_new(object, "lastUpdate", history_time(action != NULL ? action->updated : 0));
	json_object_set_new(object, "cancelled", history_cancelled(action));
	json_object_set_new(object, "reason", history_text(entry->reason));
	json_object_set_new(object, "error", entry->code == NULL && entry->message == NULL ? json_null() :
		json_pack("{s:o, s:o}", "code", history_text(entry->code), "message", history_text(entry->message)));
	json_object_set_new(object, "file", history_text(entry->file));
	return object;
}
