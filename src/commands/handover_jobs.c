/* The jobs of a handover: what came of each device. */
#include "config.h"
#include "commands/handover.h"

#include <string.h>

#include "app/act.h"
#include "commands/markdown.h"
#include "core/isotime.h"
#include "defender/defender.h"

void handover_act(GString *out, const struct job *job)
{
	AUTO(g_free) char *text = g_strconcat(job->action, job->value != NULL ? " " : NULL, job->value, NULL);

	markdown_text(out, text, 0);
}

static bool status_is(const struct job_device *device, const char *status)
{
	return g_strcmp0(device->status, status) == 0;
}

static bool device_is_open(const struct job_device *device)
{
	const struct action action = { .status = device->status != NULL ? device->status : (char *)"" };

	return device->action_id != NULL && (device->state == JOB_ACCEPTED || device->state == JOB_ALREADY) &&
		!action_is_final(&action);
}

static bool device_ended_badly(const struct job_device *device)
{
	return device->state == JOB_ACCEPTED && (status_is(device, "Failed") || status_is(device, "TimeOut"));
}

/* What an isolation or restriction did to the device still holds, as far as the action list tells. */
static bool device_is_held(const struct handover *handover, const struct job *job, const struct job_device *device)
{
	if (job->verb != ACT_DEVICE || !job->kind->disruptive || job->kind->opposite == NULL || handover->list == NULL ||
	    device->state != JOB_ACCEPTED || !status_is(device, "Succeeded"))
		return false;
	return actions_hold(handover->list, device->id, job->kind->type, job->kind->opposite);
}

void handover_count(const struct handover *handover, const struct job *job, struct handover_count *count)
{
	*count = (struct handover_count){ 0 };
	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];

		count->open += device_is_open(device);
		count->succeeded += device->state == JOB_ACCEPTED && status_is(device, "Succeeded");
		count->ended_badly += device_ended_badly(device);
		count->in_force += device_is_held(handover, job, device);
		count->unsettled += device->state == JOB_INTENT || device->state == JOB_UNKNOWN;
	}
}

/* ---- all jobs */
static void cell_statuses(GString *out, const struct job *job)
{
	json_t *members = json_object();
	AUTO(g_string) GString *text = g_string_new(NULL);
	const char *status;
	json_t *count;

	job_summary_to_json(job, members);
	json_object_foreach(json_object_get(members, "statuses"), status, count)
		g_string_append_printf(text, "%s%lld %s", text->len > 0 ? ", " : "", (long long)json_integer_value(count), status);
	json_decref(members);
	markdown_cell(out, text->str);
}

static void cell_time(GString *out, const char *time)
{
	g_string_append(out, "| ");
	if (strlen(time) >= 19) {
		AUTO(g_free) char *text = g_strdup_printf("%.10s %.8sZ", time, time + 11);

		markdown_text(out, text, 0);
	}
	g_string_append_c(out, ' ');
}

static void cell_ticks(GString *out, int64_t ticks)
{
	char time[ISOTIME_SIZE] = "";

	if (ticks != 0)
		isotime_format(ticks, time);
	cell_time(out, time);
}

static const char *job_state(const struct handover *handover, const struct job *job)
{
	if (job_is_running(job))
		return "being sent";
	if (g_hash_table_contains(handover->undone_by, job->id))
		return "reverted";
	return job->cancelled ? "cancelled" : job_is_unfinished(job) ? "open: not all is sent or known" : "sent";
}

void handover_write_jobs(struct handover *handover)
{
	static const char *const titles[] = { "job", "action", "who", "begun", "devices", "outcomes", "at the tenant", "state",
		NULL };
	GString *out = handover->out;

	g_string_append(out, "\n## Jobs\n\n");
	if (handover->jobs->len == 0) {
		g_string_append(out, "None.\n");
		return;
	}
	markdown_table(out, titles);
	for (guint i = 0; i < handover->jobs->len; i++) {
		const struct job *job = handover->jobs->pdata[i];
		AUTO(g_free) char *counts = act_job_counts(job);

		markdown_cell_code(out, job->id);
		g_string_append(out, "| ");
		handover_act(out, job);
		g_string_append_c(out, ' ');
		markdown_cell(out, job->user);
		cell_time(out, job->started);
		markdown_cell_number(out, job->devices->len);
		markdown_cell(out, counts);
		cell_statuses(out, job);
		markdown_cell(out, job_state(handover, job));
		markdown_row_end(out);
	}
}

void handover_write_done(struct handover *handover)
{
	GString *out = handover->out;
	size_t done = 0, open = 0;

	for (guint i = 0; i < handover->jobs->len; i++) {
		const struct job *job = handover->jobs->pdata[i];
		struct handover_count count;

		handover_count(handover, job, &count);
		done += count.succeeded;
		open += count.in_force;
	}
	g_string_append_printf(out, "\n## Done (%zu)\n\n%zu action%s or tag%s ended as wanted; which, stands below, device by "
		"device.\n", done, done, done == 1 ? "" : "s", done == 1 ? "" : "s");
	if (open > 0)
		g_string_append_printf(out, "%zu isolation%s or restriction%s of these jobs are in force now.\n", open,
			open == 1 ? "" : "s", open == 1 ? "" : "s");
}

/* ---- tables over all jobs */
typedef bool handover_is_fn(const struct job_device *device);

static void cells_device(GString *out, const struct job *job, const struct job_device *device)
{
	markdown_cell(out, device->name);
	markdown_cell_code(out, device->id);
	markdown_cell_code(out, job->id);
	g_string_append(out, "| ");
	handover_act(out, job);
	g_string_append_c(out, ' ');
}

static void row_pending(struct handover *handover, const struct job *job, const struct job_device *device)
{
	const struct action *action = handover->list != NULL ?
		g_hash_table_lookup(handover->list->by_id, device->action_id) : NULL;
	const char *type = action != NULL ? action->type : job->verb == ACT_DEVICE ? job->kind->type : "";
	int64_t created = action != NULL ? action->created : device->created;
	int64_t until = action_expiry(type, created);
	AUTO(g_free) char *age = created != 0 ? duration_text((isotime_now() - created) / ISOTIME_TICKS_PER_MS) : NULL;

	cells_device(handover->out, job, device);
	markdown_cell(handover->out, device->status);
	cell_ticks(handover->out, created);
	markdown_cell(handover->out, age);
	if (until != 0)
		cell_ticks(handover->out, until);
	else
		markdown_cell(handover->out, "not documented");
	markdown_row_end(handover->out);
}

static size_t count_of(const struct handover *handover, handover_is_fn *is)
{
	size_t count = 0;

	for (guint i = 0; i < handover->jobs->len; i++) {
		const struct job *job = handover->jobs->pdata[i];

		for (guint k = 0; k < job->devices->len; k++)
			count += is(job->devices->pdata[k]);
	}
	return count;
}

void handover_write_pending(struct handover *handover)
{
	static const char *const titles[] = { "device", "id", "job", "action", "status", "since", "age", "ends at the latest",
		NULL };
	size_t count = count_of(handover, device_is_open);

	g_string_append_printf(handover->out, "\n## Pending (%zu)\n\n", count);
	if (count == 0) {
		g_string_append(handover->out, "Nothing is pending.\n");
		return;
	}
	g_string_append(handover->out, "An isolation or release of an offline device is tried for three days, then it ends as "
		"TimeOut; the age is by two clocks.\n\n");
	markdown_table(handover->out, titles);
	for (guint i = 0; i < handover->jobs->len; i++) {
		const struct job *job = handover->jobs->pdata[i];

		for (guint k = 0; k < job->devices->len; k++)
			if (device_is_open(job->devices->pdata[k]))
				row_pending(handover, job, job->devices->pdata[k]);
	}
}

static bool is_refused(const struct job_device *device)
{
	return device->state == JOB_REFUSED || device_ended_badly(device);
}

static bool is_unsettled(const struct job_device *device)
{
	return device->state == JOB_UNKNOWN || device->state == JOB_INTENT || device->state == JOB_PLANNED ||
		device->state == JOB_UNSENT;
}

static bool is_skipped(const struct job_device *device)
{
	return device->state == JOB_SKIPPED;
}

static void cell_why(GString *out, const struct job_device *device)
{
	AUTO(g_free) char *why = g_strconcat(device->reason != NULL ? device->reason : "",
		device->reason != NULL && device->code != NULL ? "; " : "", device->code != NULL ? device->code : "",
		device->message != NULL ? ": " : "", device->message, NULL);

	markdown_cell(out, why);
}

static void write_section(struct handover *handover, const char *title, const char *none, handover_is_fn *is)
{
	static const char *const titles[] = { "device", "id", "job", "action", "outcome", "status", "why", NULL };
	GString *out = handover->out;
	size_t count = count_of(handover, is);

	g_string_append_printf(out, "\n## %s (%zu)\n\n", title, count);
	if (count == 0) {
		g_string_append_printf(out, "%s\n", none);
		return;
	}
	markdown_table(out, titles);
	for (guint i = 0; i < handover->jobs->len; i++) {
		const struct job *job = handover->jobs->pdata[i];

		for (guint k = 0; k < job->devices->len; k++) {
			const struct job_device *device = job->devices->pdata[k];

			if (!is(device))
				continue;
			cells_device(out, job, device);
			markdown_cell(out, job_outcome(job, device));
			markdown_cell(out, device->status);
			cell_why(out, device);
			markdown_row_end(out);
		}
	}
}

void handover_write_faults(struct handover *handover)
{
	write_section(handover, "Refused or failed", "Nothing was refused, and nothing failed.", is_refused);
	write_section(handover, "Not sent or not known", "All that was meant was sent, and what came of it is known.",
		is_unsettled);
	write_section(handover, "Skipped", "No device was skipped.", is_skipped);
}

/* ---- job by job, device by device */
static void write_facts(struct handover *handover, const struct job *job)
{
	const struct job *undo = g_hash_table_lookup(handover->undone_by, job->id);
	GString *out = handover->out;

	g_string_append(out, "\n### ");
	markdown_code(out, job->id);
	g_string_append(out, ": ");
	handover_act(out, job);
	g_string_append(out, "\n\n- by ");
	markdown_text(out, job->user, 0);
	if (job->case_id != NULL) {
		g_string_append(out, ", case ");
		markdown_text(out, job->case_id, 0);
	}
	if (job->comment != NULL) {
		g_string_append(out, "\n- comment: ");
		markdown_text(out, job->comment, 0);
	}
	if (job->reverts != NULL) {
		g_string_append(out, "\n- undoes ");
		markdown_code(out, job->reverts);
	}
	if (undo != NULL) {
		g_string_append(out, "\n- undone by ");
		markdown_code(out, undo->id);
	}
	if (job->rebuilt)
		g_string_append(out, "\n- another machine's, rebuilt from the tenant's action list: what it skipped, was refused or "
			"did not send is not known here");
	g_string_append(out, "\n\n");
}

/* What the job that undid it did to the device. */
static void cell_undone(struct handover *handover, const struct job *undo, const char *id)
{
	const struct job_device *device = g_hash_table_lookup(undo->by_id, id);
	AUTO(g_free) char *text = NULL;

	if (device != NULL)
		text = g_strconcat(undo->action, ": ", job_outcome(undo, device), device->status != NULL ? ", " : "",
			device->status != NULL ? device->status : "", device->reason != NULL ? "; " : "",
			device->reason != NULL ? device->reason : "", NULL);
	markdown_cell(handover->out, text);
}

static void write_devices(struct handover *handover, const struct job *job)
{
	static const char *const titles[] = { "device", "id", "outcome", "status", "action id", "why", NULL, NULL, NULL };
	const struct job *undo = g_hash_table_lookup(handover->undone_by, job->id);
	bool isolation = job->verb == ACT_DEVICE && job->kind->opposite != NULL && handover->list != NULL &&
		(strcmp(job->kind->type, "Isolate") == 0 || strcmp(job->kind->type, "Unisolate") == 0);
	const char *shown[G_N_ELEMENTS(titles)];
	size_t columns = 6;

	memcpy(shown, titles, sizeof shown);
	if (undo != NULL)
		shown[columns++] = "undone";
	if (isolation)
		shown[columns++] = "now";
	markdown_table(handover->out, shown);
	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = job->devices->pdata[i];

		markdown_cell(handover->out, device->name);
		markdown_cell_code(handover->out, device->id);
		markdown_cell(handover->out, job_outcome(job, device));
		markdown_cell(handover->out, device->status);
		markdown_cell_code(handover->out, device->action_id);
		cell_why(handover->out, device);
		if (undo != NULL)
			cell_undone(handover, undo, device->id);
		if (isolation) {
			AUTO(g_free) char *now = actions_isolation(handover->list, device->id);

			markdown_cell(handover->out, now);
		}
		markdown_row_end(handover->out);
	}
}

void handover_write_each(struct handover *handover)
{
	if (handover->jobs->len == 0)
		return;
	g_string_append(handover->out, "\n## Device by device\n");
	for (guint i = 0; i < handover->jobs->len; i++) {
		write_facts(handover, handover->jobs->pdata[i]);
		write_devices(handover, handover->jobs->pdata[i]);
	}
}
