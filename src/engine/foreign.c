/* Jobs that other people or machines run, rebuilt from the markers in the tenant's action list. The list has what the
 * tenant took, and nothing else: what such a job skipped, was refused or never sent is not known, and is not guessed. */
#include "config.h"
#include "engine/jobs_internal.h"

#include <string.h>

#include "core/isotime.h"
#include "defender/defender.h"

#define ENDING_LEAST 4 /* characters of an id: a slip must not name a stranger's job */

static json_t *foreign_text(const char *text)
{
	AUTO(g_free) char *valid = g_utf8_make_valid(text, -1);

	return json_string(valid);
}

/* ---- which action stands for a device */

/* A job gives a device one action. Where the list has several with its marker, an open one has to be known of first. */
static bool foreign_is_better(const struct action *action, const struct action *than)
{
	if (than == NULL)
		return true;
	if (action_is_open(action) != action_is_open(than))
		return action_is_open(action);
	return action_effect(action) > action_effect(than);
}

struct foreign_device {
	const struct action *action;
	size_t count;
};

/* device id -> struct foreign_device. The list may be cut at its old end. */
static GHashTable *foreign_devices(const GPtrArray *actions)
{
	GHashTable *devices = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);

	for (guint i = 0; i < actions->len; i++) {
		const struct action *action = actions->pdata[i];
		struct foreign_device *device = g_hash_table_lookup(devices, action->device);

		if (action->device[0] == '\0') /* API contract, section 5.1 */
			continue;
		if (device == NULL) {
			device = g_new0(struct foreign_device, 1);
			g_hash_table_insert(devices, action->device, device);
		}
		device->count++;
		if (foreign_is_better(action, device->action))
			device->action = action;
	}
	return devices;
}

static gint foreign_by_creation(gconstpointer a, gconstpointer b)
{
	const struct action *x = (*(struct foreign_device *const *)a)->action, *y = (*(struct foreign_device *const *)b)->action;

	return x->created != y->created ? (x->created < y->created ? -1 : 1) : strcmp(x->device, y->device);
}

/* In the order of sending. */
static GPtrArray *foreign_order(GHashTable *devices)
{
	GPtrArray *order = g_ptr_array_new();
	GHashTableIter iter;
	void *device;

	g_hash_table_iter_init(&iter, devices);
	while (g_hash_table_iter_next(&iter, NULL, &device))
		g_ptr_array_add(order, device);
	g_ptr_array_sort(order, foreign_by_creation);
	return order;
}

static json_t *foreign_entry(const struct foreign_device *device, const char *value)
{
	const struct action *action = device->action;
	json_t *entry = json_pack("{s:s, s:o, s:o, s:o}", "id", action->device, "name", foreign_text(action->name),
		"actionId", foreign_text(action->id), "status", foreign_text(action->status));
	char created[ISOTIME_SIZE];

	isotime_format(action->created, created);
	if (action->created != 0)
		json_object_set_new(entry, "created", json_string(created));
	if (value != NULL && action->scope[0] != '\0' && strcmp(action->scope, value) != 0)
		json_object_set_new(entry, "value", foreign_text(action->scope));
	if (device->count > 1)
		json_object_set_new(entry, "reason", json_sprintf("%zu actions of the device bear the job's marker",
			device->count));
	return entry;
}

/* ---- a job from the list */
static const char *foreign_value(const struct marked_job *marked, const struct defender_action_kind *kind)
{
	for (guint i = 0; kind->parameter != NULL && kind->values != NULL && i < marked->actions->len; i++) {
		const struct action *action = marked->actions->pdata[i];

		if (g_strv_contains(kind->values, action->scope))
			return action->scope;
	}
	return NULL;
}

static json_t *foreign_record(const struct jobs *jobs, const struct marked_job *marked,
	const struct defender_action_kind *kind)
{
	AUTO(g_hash_table_unref) GHashTable *devices = foreign_devices(marked->actions);
	AUTO(g_ptr_array_unref) GPtrArray *order = foreign_order(devices);
	AUTO(g_free) char *comment = action_comment_bare(marked->first->comment);
	const char *value = foreign_value(marked, kind);
	json_t *entries = json_array(), *parameters = json_object();
	char started[ISOTIME_SIZE] = "", now[ISOTIME_SIZE];

	for (guint i = 0; i < order->len; i++)
		json_array_append_new(entries, foreign_entry(order->pdata[i], value));
	if (value != NULL)
		json_object_set_new(parameters, kind->parameter, json_string(value));
	if (marked->first->created != 0)
		isotime_format_ms(marked->first->created, started);
	isotime_format_ms(isotime_now(), now);
	return json_pack("{s:s, s:s, s:s, s:n, s:[], s:i, s:b, s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:s, s:o}",
		"type", "job.resume", "time", now, "job", marked->id, "from", "skipped", "run", 2, "rebuilt", true,
		"tenant", jobs->engine->tenant_id, "action", kind->name, "parameters", parameters,
		"comment", foreign_text(comment), "user", marked->user, "requestor", foreign_text(marked->first->requestor),
		"actionType", foreign_text(marked->first->type), "started", started, "devices", entries);
}

static void foreign_tell_strays(const struct jobs *jobs, const struct marked_job *marked)
{
	if (marked->strays->len > 0)
		jobs->engine->notice(jobs->engine->data, "%u action%s bear the marker of job %s, but not its type and requestor: they "
			"are not counted as the job's", marked->strays->len, marked->strays->len == 1 ? "" : "s", marked->id);
}

static struct job *foreign_job(struct jobs *jobs, const struct marked_job *marked, struct error *error)
{
	const struct defender_action_kind *kind = defender_action_kind_of_type(marked->first->type);
	AUTO(g_free) char *type = g_utf8_make_valid(marked->first->type, -1);
	struct job *job = jobs_by_id(jobs->others, marked->id);
	json_t *record;

	if (kind == NULL) {
		error_set(error, ERROR_FAILED, "job %s of %s did '%s', which is not known here", marked->id, marked->user, type);
		return NULL;
	}
	foreign_tell_strays(jobs, marked);
	record = foreign_record(jobs, marked, kind);
	if (job != NULL) {
		job_apply(job, record);
	} else if ((job = job_from_record(record)) != NULL) {
		g_ptr_array_add(jobs->others, job);
	} else {
		error_set(error, ERROR_FAILED, "job %s cannot be rebuilt from the action list", marked->id);
	}
	json_decref(record);
	return job;
}

static bool foreign_may_search(const char *ref, struct error *error)
{
	if (strlen(ref) >= ENDING_LEAST)
		return true;
	error_set(error, ERROR_FAILED, "there is no job '%s' in the logs here", ref);
	error_hint(error, "for a job of another person or machine give its id, or at least its last %d characters", ENDING_LEAST);
	return false;
}

static struct job *foreign_find(struct jobs *jobs, const struct action_list *list, const char *ref, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *found = actions_marked(list, ref);
	const struct marked_job *first, *second;

	if (found->len == 0) {
		error_set(error, ERROR_FAILED, "there is no job '%s', neither in the logs here nor in the tenant's action list", ref);
		error_hint(error, "`jobs` and `jobs --tenant` list them; a job of tags leaves no action");
		return NULL;
	}
	first = found->pdata[0];
	if (found->len == 1)
		return foreign_job(jobs, first, error);
	second = found->pdata[1];
	error_set(error, ERROR_FAILED, "'%s' fits more than one job: %s and %s", ref, first->id, second->id);
	return NULL;
}

/* ---- what the list says now */
static bool foreign_is_new(const struct job *job, const struct foreign_device *found)
{
	const struct job_device *device = g_hash_table_lookup(job->by_id, found->action->device);

	return device == NULL || g_strcmp0(device->action_id, found->action->id) != 0;
}

static GPtrArray *foreign_actions(const struct job *job, const struct action_list *list)
{
	const struct action first = { .type = job->type, .requestor = job->requestor };
	const struct marked_job marked = { .id = (char *)job->id, .first = &first };
	AUTO(g_free) char *marker = job_marker(job);
	GPtrArray *actions = g_ptr_array_new();

	for (guint i = 0; i < list->actions->len; i++)
		if (marked_job_has(&marked, list->actions->pdata[i], marker))
			g_ptr_array_add(actions, list->actions->pdata[i]);
	return actions;
}

bool foreign_is_written(const struct jobs *jobs, const struct job *job)
{
	return jobs_can_write(jobs) && g_strcmp0(job->file, journal_path(jobs->engine->journal)) == 0;
}

bool foreign_update(struct jobs *jobs, struct job *job, const struct action_list *list, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *actions = foreign_actions(job, list);
	AUTO(g_hash_table_unref) GHashTable *devices = foreign_devices(actions);
	AUTO(g_ptr_array_unref) GPtrArray *order = foreign_order(devices);
	json_t *entries = json_array(), *record;
	bool ok = true;

	for (guint i = 0; i < order->len; i++)
		if (foreign_is_new(job, order->pdata[i]))
			json_array_append_new(entries, foreign_entry(order->pdata[i], job->value));
	if (json_array_size(entries) > 0) {
		record = job_record(job, "job.resume", json_pack("{s:n, s:[], s:i, s:b, s:O}", "from", "skipped",
			"run", (int)job->run, "rebuilt", true, "devices", entries));
		ok = !foreign_is_written(jobs, job) ||
			journal_append(jobs->engine->journal, "job.resume", json_incref(record), error) != 0;
		if (ok)
			job_apply(job, record);
		json_decref(record);
	}
	json_decref(entries);
	return ok && job_take_statuses(jobs, job, list, NULL, error);
}

/* ---- written down */
static json_t *foreign_known(const struct job *job)
{
	json_t *entries = json_array();

	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];
		char created[ISOTIME_SIZE];
		json_t *entry = json_pack("{s:s, s:o, s:s?, s:s?, s:s?, s:s?}", "id", device->id, "name",
			foreign_text(device->name), "actionId", device->action_id, "status", device->status, "value", device->value,
			"reason", device->reason);

		isotime_format(device->created, created);
		if (device->created != 0)
			json_object_set_new(entry, "created", json_string(created));
		json_array_append_new(entries, entry);
	}
	return entries;
}

bool foreign_write(struct jobs *jobs, struct job *job, struct error *error)
{
	struct journal *journal = jobs_journal(jobs, error);
	json_t *parameters, *record;
	bool ok;

	if (journal == NULL || foreign_is_written(jobs, job))
		return journal != NULL;
	parameters = json_object();
	if (job->value != NULL)
		json_object_set_new(parameters, job->kind->parameter, json_string(job->value));
	record = job_record(job, "job.resume", json_pack(
		"{s:s?, s:[], s:i, s:b, s:s, s:s, s:o, s:s?, s:s, s:s?, s:s?, s:s, s:o}", "from", job->file, "skipped",
		"run", (int)job->run + 1, "rebuilt", true, "tenant", job->tenant, "action", job->action, "parameters", parameters,
		"comment", job->comment, "user", job->user, "requestor", job->requestor, "actionType", job->type,
		"started", job->started, "devices", foreign_known(job)));
	ok = journal_append(journal, "job.resume", json_incref(record), error) != 0 && journal_commit(journal, error);
	if (ok) {
		job_apply(job, record);
		g_free(job->file);
		job->file = g_strdup(journal_path(journal));
	}
	json_decref(record);
	return ok;
}

/* ---- finding */
static struct job *foreign_refresh(struct jobs *jobs, struct job *job, struct error *error)
{
	struct error fault = ERROR_INIT;
	AUTO(action_list_free) struct action_list *list = actions_read(jobs->engine, 0, &fault);

	if (list == NULL && fault.kind == ERROR_INTERRUPTED) {
		error_copy(error, &fault);
		return NULL;
	}
	if (list == NULL) {
		jobs->engine->notice(jobs->engine->data, "job %s of %s is shown as it was last seen: %s", job->id, job->user,
			fault.text);
		return job;
	}
	if (!foreign_update(jobs, job, list, error) ||
			(foreign_is_written(jobs, job) && !journal_commit(jobs->engine->journal, error)))
		return NULL;
	return job;
}

struct job *jobs_find_anywhere(struct jobs *jobs, const char *ref, enum jobs_want want, struct error *error)
{
	struct error fault = ERROR_INIT;
	struct job *job = jobs_find(jobs, ref, want, &fault);
	AUTO(action_list_free) struct action_list *list = NULL;

	if (job != NULL)
		return job->rebuilt ? foreign_refresh(jobs, job, error) : job;
	if (strcmp(fault.code, JOBS_NONE) != 0) {
		error_copy(error, &fault);
		return NULL;
	}
	if (!foreign_may_search(ref, error))
		return NULL;
	list = actions_read(jobs->engine, 0, error);
	if (list == NULL) {
		error_prefix(error, "the logs here have no such job");
		return NULL;
	}
	return foreign_find(jobs, list, ref, error);
}
