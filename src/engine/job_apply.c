/* A job's state from journal records: the only place that changes a device's state. */
#include "config.h"
#include "engine/job.h"

#include <string.h>

#include "core/isotime.h"
#include "defender/defender.h"

static const char *record_text(const json_t *record, const char *name)
{
	return json_string_value(json_object_get(record, name));
}

static void job_set(char **place, const char *text)
{
	if (text == NULL || text == *place)
		return;
	g_free(*place);
	*place = g_strdup(text);
}

static void job_clear(char **place)
{
	g_clear_pointer(place, g_free);
}

static void job_device_free(void *data)
{
	struct job_device *device = data;

	g_free(device->id);
	g_free(device->name);
	g_free(device->action_id);
	g_free(device->status);
	g_free(device->reason);
	g_free(device->code);
	g_free(device->message);
	g_free(device->target);
	g_free(device->barred);
	g_free(device->barred_action);
	g_free(device->before);
	g_free(device->value);
	g_free(device);
}

void job_free(struct job *job)
{
	if (job == NULL)
		return;
	g_free(job->tenant);
	g_free(job->action);
	g_free(job->value);
	g_free(job->comment);
	g_free(job->case_id);
	g_free(job->reverts);
	g_free(job->user);
	g_free(job->started);
	g_free(job->file);
	g_free(job->reverted_by);
	g_free(job->requestor);
	g_free(job->type);
	g_hash_table_unref(job->by_id);
	g_ptr_array_unref(job->devices);
	g_free(job);
}

static bool status_is_final(const char *status)
{
	static const char *const finals[] = { "Succeeded", "Failed", "TimeOut", "Cancelled", NULL };

	return status != NULL && g_strv_contains(finals, status);
}

/* ---- job.start */
static struct job_device *job_add_device(struct job *job, const json_t *entry)
{
	const char *id = record_text(entry, "id"), *name = record_text(entry, "name");
	struct job_device *device;

	if (id == NULL || g_hash_table_contains(job->by_id, id))
		return NULL;
	device = g_new0(struct job_device, 1);
	device->id = g_strdup(id);
	device->name = g_strdup(name != NULL ? name : "");
	device->had = json_is_true(json_object_get(entry, "had"));
	device->before = g_strdup(record_text(entry, "before"));
	device->value = g_strdup(record_text(entry, "value"));
	g_ptr_array_add(job->devices, device);
	g_hash_table_insert(job->by_id, device->id, device);
	return device;
}

/* An element of `skipped`: a device that a plan took out. */
static void job_skip(struct job_device *device, const json_t *entry)
{
	const char *outcome = record_text(entry, "outcome");

	device->state = outcome != NULL && strcmp(outcome, "already") == 0 ? JOB_ALREADY : JOB_SKIPPED;
	job_set(&device->reason, record_text(entry, "reason"));
	job_set(&device->action_id, record_text(entry, "actionId"));
}

/* The same for one of which it is not known yet whether it was done. */
static void job_bar(struct job_device *device, const json_t *entry)
{
	job_set(&device->barred, record_text(entry, "reason"));
	job_set(&device->barred_action, record_text(entry, "actionId"));
	device->barred_already = g_strcmp0(record_text(entry, "outcome"), "already") == 0;
}

static bool job_take_action(struct job *job, const json_t *record)
{
	const json_t *parameters = json_object_get(record, "parameters");

	job->action = g_strdup(record_text(record, "action"));
	if (job->action == NULL)
		return false;
	job->canary = (size_t)json_integer_value(json_object_get(parameters, "canary"));
	job->force = json_is_true(json_object_get(parameters, "force"));
	if (strcmp(job->action, "tag add") == 0 || strcmp(job->action, "tag remove") == 0) {
		job->verb = strcmp(job->action, "tag add") == 0 ? ACT_TAG_ADD : ACT_TAG_REMOVE;
		job->value = g_strdup(record_text(parameters, "tag"));
		return job->value != NULL;
	}
	job->verb = ACT_DEVICE;
	job->kind = defender_action_kind(job->action);
	if (job->kind != NULL && job->kind->parameter != NULL)
		job->value = g_strdup(record_text(parameters, job->kind->parameter));
	return job->kind != NULL;
}

/* Of a rebuilt job: a device and its action as the tenant's list has them. */
static void job_take_rebuilt_device(struct job *job, const json_t *entry)
{
	const char *id = record_text(entry, "id"), *created = record_text(entry, "created");
	const char *action = record_text(entry, "actionId");
	struct job_device *device = id != NULL ? g_hash_table_lookup(job->by_id, id) : NULL;

	if (device == NULL)
		device = job_add_device(job, entry);
	if (device == NULL || action == NULL)
		return;
	device->state = JOB_ACCEPTED;
	if (g_strcmp0(device->action_id, action) != 0) {
		job_clear(&device->status);
		job_set(&device->action_id, action);
	}
	if (created == NULL || !isotime_parse(created, strlen(created), &device->created))
		device->created = 0;
	if (!status_is_final(device->status))
		job_set(&device->status, record_text(entry, "status"));
	job_clear(&device->reason);
	job_set(&device->reason, record_text(entry, "reason"));
}

static bool record_is_rebuilt(const json_t *record)
{
	return json_is_true(json_object_get(record, "rebuilt"));
}

static void job_take_rebuilt(struct job *job, const json_t *record)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(record, "devices"), i, entry)
		job_take_rebuilt_device(job, entry);
}

static void job_take_devices(struct job *job, const json_t *record)
{
	const json_t *entry;
	size_t i;

	if (job->rebuilt) {
		job_take_rebuilt(job, record);
		return;
	}
	json_array_foreach(json_object_get(record, "devices"), i, entry)
		job_add_device(job, entry);
	json_array_foreach(json_object_get(record, "skipped"), i, entry) {
		struct job_device *device = job_add_device(job, entry);

		if (device != NULL)
			job_skip(device, entry);
	}
}

struct job *job_from_record(const json_t *record)
{
	AUTO(job_free) struct job *job = NULL;
	const char *type = record_text(record, "type"), *id = record_text(record, "job");

	bool rebuilt = record_is_rebuilt(record);

	if (type == NULL || strcmp(type, rebuilt ? "job.resume" : "job.start") != 0 || id == NULL ||
			strlen(id) != JOB_ID_SIZE - 1)
		return NULL;
	job = g_new0(struct job, 1);
	job->devices = g_ptr_array_new_with_free_func(job_device_free);
	job->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	memcpy(job->id, id, JOB_ID_SIZE);
	job->run = 1;
	job->lock = -1;
	job->tenant = g_strdup(record_text(record, "tenant"));
	job->comment = g_strdup(record_text(record, "comment"));
	job->case_id = g_strdup(record_text(record, "case"));
	job->reverts = g_strdup(record_text(record, "reverts"));
	job->user = g_strdup(record_text(record, "user"));
	job->rebuilt = rebuilt;
	job->requestor = g_strdup(record_text(record, "requestor"));
	job->type = g_strdup(record_text(record, "actionType"));
	job->started = g_strdup(record_text(record, rebuilt ? "started" : "time"));
	if (job->started == NULL)
		job->started = g_strdup("");
	if (job->user == NULL)
		job->user = g_strdup("");
	if (!job_take_action(job, record))
		return NULL;
	job_take_devices(job, record);
	return AUTO_STEAL(job);
}

/* ---- the other records */
typedef void job_device_fn(struct job *job, struct job_device *device, const json_t *record);

/* Calls fn for the device, or each of the devices, that a record names. */
static void job_each(struct job *job, const json_t *record, job_device_fn *fn)
{
	const json_t *ids = json_object_get(record, "devices"), *id;
	const char *one = record_text(record, "device");
	struct job_device *device;
	size_t i;

	if (one != NULL) {
		device = g_hash_table_lookup(job->by_id, one);
		if (device != NULL) {
			fn(job, device, record);
			device->changed = job->last_time;
		}
	}
	json_array_foreach(ids, i, id) {
		device = json_is_string(id) ? g_hash_table_lookup(job->by_id, json_string_value(id)) : NULL;
		if (device != NULL) {
			fn(job, device, record);
			device->changed = job->last_time;
		}
	}
}

static bool record_is_cancel(const json_t *record)
{
	const char *kind = record_text(record, "kind");

	return kind != NULL && strcmp(kind, "cancel") == 0;
}

static void job_apply_intent(struct job *job, struct job_device *device, const json_t *record)
{
	json_int_t tries = json_integer_value(json_object_get(record, "try"));

	(void)job;
	if (device->state != JOB_PLANNED && device->state != JOB_UNKNOWN)
		return;
	device->doubt = device->state == JOB_UNKNOWN;
	device->state = JOB_INTENT;
	device->tries = tries > 0 && tries < 1000 ? (unsigned)tries : device->tries + 1;
}

static void job_take_error(struct job_device *device, const json_t *error)
{
	job_clear(&device->code);
	job_clear(&device->message);
	job_clear(&device->target);
	job_set(&device->code, record_text(error, "code"));
	job_set(&device->message, record_text(error, "message"));
	job_set(&device->target, record_text(error, "target"));
}

/* `unsent`: the last try surely did not happen. It may be sent (again) unless its tries are used up; 401 and 429 are no
 * tries. */
static void job_apply_unsent(struct job_device *device, const json_t *record)
{
	json_int_t http = json_integer_value(json_object_get(record, "http"));

	if ((http == 401 || http == 429 || json_is_true(json_object_get(record, "notTried"))) && device->tries > 0)
		device->tries--;
	if (device->doubt)
		device->state = JOB_UNKNOWN; /* this try did not happen; an earlier one may have */
	else if (device->barred != NULL)
		device->state = device->barred_already ? JOB_ALREADY : JOB_SKIPPED;
	else
		device->state = device->tries >= JOB_TRIES ? JOB_UNSENT : JOB_PLANNED;
	if (device->state == JOB_PLANNED || device->state == JOB_UNSENT) {
		/* What an earlier answer named was another's, and is not in the way any more. */
		job_clear(&device->action_id);
		job_clear(&device->status);
		device->created = 0;
	}
}

static void job_apply_outcome(struct job *job, struct job_device *device, const json_t *record)
{
	static const struct { const char *name; enum job_state state; } outcomes[] = {
		{ "accepted", JOB_ACCEPTED }, { "already", JOB_ALREADY }, { "refused", JOB_REFUSED },
		{ "skipped", JOB_SKIPPED }, { "unknown", JOB_UNKNOWN },
	};
	const char *outcome = record_text(record, "outcome");

	if (outcome == NULL)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(outcomes); i++)
		if (strcmp(outcome, outcomes[i].name) == 0)
			device->state = outcomes[i].state;
	if (strcmp(outcome, "unsent") == 0)
		job_apply_unsent(device, record);
	if (device->state == JOB_UNKNOWN)
		device->lost_ms = clock_ms();
	if (device->state == JOB_ACCEPTED)
		job_set(&device->status, job->verb == ACT_DEVICE ? "Pending" : "Succeeded");
}

static void job_apply_result(struct job *job, struct job_device *device, const json_t *record)
{
	const char *created = record_text(record, "created");
	bool barred = device->barred != NULL && !device->doubt && g_strcmp0(record_text(record, "outcome"), "unsent") == 0;

	if (record_is_cancel(record)) /* what became of it is told by an action.status */
		return;
	job_clear(&device->reason);
	job_apply_outcome(job, device, record);
	job_take_error(device, json_object_get(record, "error"));
	job_set(&device->action_id, barred ? device->barred_action : record_text(record, "actionId"));
	if (created != NULL && !isotime_parse(created, strlen(created), &device->created))
		device->created = 0;
	job_set(&device->reason, barred ? device->barred : record_text(record, "reason"));
	job_set(&device->status, record_text(record, "status"));
	device->adopted = json_is_true(json_object_get(record, "adopted"));
	device->cut = json_is_true(json_object_get(record, "cut"));
}

static void job_apply_status(struct job *job, struct job_device *device, const json_t *record)
{
	const char *action_id = record_text(record, "actionId"), *status = record_text(record, "status");

	(void)job;
	if (status == NULL || (action_id != NULL && device->action_id != NULL &&
			g_ascii_strcasecmp(action_id, device->action_id) != 0))
		return;
	if (!status_is_final(device->status) || status_is_final(status))
		job_set(&device->status, status);
}

static void job_apply_resume(struct job *job, const json_t *record)
{
	const json_t *entry;
	json_int_t run = json_integer_value(json_object_get(record, "run"));
	size_t i;

	job->run = run > 0 && run < UINT32_MAX ? (unsigned)run : job->run + 1;
	if (job->rebuilt && record_is_rebuilt(record))
		job_take_rebuilt(job, record);
	json_array_foreach(json_object_get(record, "skipped"), i, entry) {
		const char *id = record_text(entry, "id");
		struct job_device *device = id != NULL ? g_hash_table_lookup(job->by_id, id) : NULL;

		if (device != NULL && device->state == JOB_PLANNED)
			job_skip(device, entry);
		else if (device != NULL && (device->state == JOB_INTENT || device->state == JOB_UNKNOWN))
			job_bar(device, entry);
	}
}

static void job_close(struct job *job)
{
	job->closed = true;
	for (guint i = 0; i < job->devices->len; i++) {
		struct job_device *device = job->devices->pdata[i];

		if (device->state == JOB_PLANNED)
			device->state = JOB_UNSENT;
	}
}

static void job_take_time(struct job *job, const json_t *record)
{
	const char *time = record_text(record, "time");

	if (time == NULL || !isotime_parse(time, strlen(time), &job->last_time))
		job->last_time = isotime_now();
}

static void job_apply_end(struct job *job, const json_t *record)
{
	job->ended = job->last_time;
	if (json_is_true(json_object_get(record, "cancelled")))
		job->cancelled = true;
	if (json_is_true(json_object_get(record, "closed")))
		job_close(job);
}

/* A job that undoes this one closes it. */
static void job_apply_reverted(struct job *job, const json_t *record)
{
	const char *reverts = record_text(record, "reverts");

	if (reverts == NULL || strcmp(reverts, job->id) != 0)
		return;
	job_set(&job->reverted_by, record_text(record, "job"));
	job_close(job);
}

void job_apply(struct job *job, const json_t *record)
{
	const char *type = record_text(record, "type"), *id = record_text(record, "job");

	if (type == NULL || id == NULL)
		return;
	if (strcmp(type, "job.start") == 0)
		job_apply_reverted(job, record);
	if (strcmp(id, job->id) != 0)
		return;
	job_take_time(job, record);
	if (strcmp(type, "action.status") != 0 && strcmp(type, "job.end") != 0)
		job->last_sent = job->last_time;
	if (strcmp(type, "action.intent") == 0 && !record_is_cancel(record))
		job_each(job, record, job_apply_intent);
	else if (strcmp(type, "action.result") == 0)
		job_each(job, record, job_apply_result);
	else if (strcmp(type, "action.status") == 0)
		job_each(job, record, job_apply_status);
	else if (strcmp(type, "job.resume") == 0)
		job_apply_resume(job, record);
	else if (strcmp(type, "job.end") == 0)
		job_apply_end(job, record);
}
