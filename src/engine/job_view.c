/* A job as people and scripts see it: outcomes, counts, JSON (contract, sections 4 and 7). */
#include "config.h"
#include "engine/job.h"

#include <string.h>

#include "engine/actions.h"

bool job_is_running(const struct job *job)
{
	return job->run_now != NULL;
}

const char *job_outcome(const struct job *job, const struct job_device *device)
{
	switch (device->state) {
	case JOB_PLANNED:
		return job_is_running(job) ? "pending" : "unsent";
	case JOB_INTENT:
		return job_is_running(job) ? "pending" : "unknown";
	case JOB_UNKNOWN:
		return "unknown";
	case JOB_ACCEPTED:
		return "accepted";
	case JOB_ALREADY:
		return "already";
	case JOB_SKIPPED:
		return "skipped";
	case JOB_REFUSED:
		return "refused";
	case JOB_UNSENT:
		break;
	}
	return "unsent";
}

void job_count(const struct job *job, struct job_counts *counts)
{
	bool running = job_is_running(job);

	memset(counts, 0, sizeof *counts);
	counts->total = job->devices->len;
	for (guint i = 0; i < job->devices->len; i++)
		counts->states[((const struct job_device *)job->devices->pdata[i])->state]++;
	counts->accepted = counts->states[JOB_ACCEPTED];
	counts->already = counts->states[JOB_ALREADY];
	counts->skipped = counts->states[JOB_SKIPPED];
	counts->refused = counts->states[JOB_REFUSED];
	counts->unsent = counts->states[JOB_UNSENT] + (running ? 0 : counts->states[JOB_PLANNED]);
	counts->unknown = counts->states[JOB_UNKNOWN] + (running ? 0 : counts->states[JOB_INTENT]);
	counts->pending = running ? counts->states[JOB_PLANNED] + counts->states[JOB_INTENT] : 0;
}

bool job_is_unfinished(const struct job *job)
{
	struct job_counts counts;

	job_count(job, &counts);
	return !job->closed &&
		counts.states[JOB_PLANNED] + counts.states[JOB_INTENT] + counts.states[JOB_UNKNOWN] > 0;
}

size_t job_open_actions(const struct job *job, int64_t *oldest)
{
	size_t open = 0;
	int64_t first = INT64_MAX;

	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];
		const struct action action = { .status = device->status != NULL ? device->status : (char *)"" };

		if (device->action_id == NULL || (device->state != JOB_ACCEPTED && device->state != JOB_ALREADY) ||
				action_is_final(&action))
			continue;
		open++;
		if (device->created > 0)
			first = MIN(first, device->created);
	}
	if (oldest != NULL)
		*oldest = first != INT64_MAX ? first : 0;
	return open;
}

bool job_is_clean(const struct job *job)
{
	struct job_counts counts;

	job_count(job, &counts);
	return counts.accepted + counts.already == counts.total;
}

bool job_is_succeeded(const struct job *job)
{
	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];
		bool watched = device->state == JOB_ACCEPTED || (device->state == JOB_ALREADY && device->action_id != NULL);

		if (device->state != JOB_ACCEPTED && device->state != JOB_ALREADY)
			return false;
		if (watched && (device->status == NULL || strcmp(device->status, "Succeeded") != 0))
			return false;
	}
	return true;
}

char *job_marker(const struct job *job)
{
	return marker_text(job->id, job->user);
}

const char *job_value(const struct job *job, const struct job_device *device)
{
	return device->value != NULL ? device->value : job->value;
}

/* ---- JSON */
static json_t *json_valid(const char *text)
{
	AUTO(g_free) char *valid = text != NULL ? g_utf8_make_valid(text, -1) : NULL;

	return valid != NULL ? json_string(valid) : json_null();
}

json_t *job_result(const struct job *job, size_t index)
{
	const struct job_device *device = job->devices->pdata[index];
	json_t *error = json_null();

	if (device->code != NULL || device->message != NULL)
		error = json_pack("{s:o, s:o, s:o}", "code", json_valid(device->code), "message", json_valid(device->message),
			"target", json_valid(device->target));
	return json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o}", "id", device->id, "name", json_valid(device->name),
		"outcome", job_outcome(job, device), "actionId", json_valid(device->action_id),
		"status", json_valid(device->status), "reason", json_valid(device->reason), "error", error);
}

static void job_put_count(json_t *object, const char *name, size_t count)
{
	json_object_set_new(object, name, json_integer((json_int_t)count));
}

static void job_put_counts(const struct job *job, json_t *object)
{
	struct job_counts counts;

	job_count(job, &counts);
	job_put_count(object, "total", counts.total);
	if (job_is_running(job))
		job_put_count(object, "pending", counts.pending);
	job_put_count(object, "accepted", counts.accepted);
	job_put_count(object, "already", counts.already);
	job_put_count(object, "skipped", counts.skipped);
	job_put_count(object, "refused", counts.refused);
	job_put_count(object, "unsent", counts.unsent);
	job_put_count(object, "unknown", counts.unknown);
}

static json_t *job_statuses(const struct job *job)
{
	json_t *statuses = json_object();

	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];

		if (device->status != NULL && device->state != JOB_REFUSED)
			json_object_set_new(statuses, device->status,
				json_integer(json_integer_value(json_object_get(statuses, device->status)) + 1));
	}
	return statuses;
}

void job_summary_to_json(const struct job *job, json_t *object)
{
	json_object_set_new(object, "job", json_string(job->id));
	json_object_set_new(object, "action", json_string(job->action));
	job_put_counts(job, object);
	json_object_set_new(object, "statuses", job_statuses(job));
	if (job->rebuilt) {
		json_object_set_new(object, "rebuilt", json_true());
		json_object_set_new(object, "user", json_valid(job->user));
		json_object_set_new(object, "requestor", json_valid(job->requestor));
	}
}

void job_to_json(const struct job *job, json_t *object)
{
	json_t *results = json_array();

	job_summary_to_json(job, object);
	for (guint i = 0; i < job->devices->len; i++)
		json_array_append_new(results, job_result(job, i));
	json_object_set_new(object, "results", results);
}

json_t *job_listing(const struct job *job)
{
	json_t *object = json_pack("{s:s, s:s, s:s}", "job", job->id, "action", job->action, "started", job->started);

	job_put_counts(job, object);
	json_object_set_new(object, "open", json_boolean(job_is_running(job) || job_is_unfinished(job)));
	return object;
}
