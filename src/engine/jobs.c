/* The jobs of a tenant: started, run, found. */
#include "config.h"
#include "engine/jobs_internal.h"

#include <string.h>

#include "core/isotime.h"
#include "engine/policy.h"
#include "engine/sender.h"

struct jobs *jobs_new(struct engine *engine)
{
	struct jobs *jobs = g_new0(struct jobs, 1);

	jobs->engine = engine;
	jobs->session = g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
	jobs->others = g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
	if (engine->defender != NULL)
		jobs->share = share_new(jobs);
	return jobs;
}

void jobs_free(struct jobs *jobs)
{
	if (jobs == NULL)
		return;
	for (guint i = 0; i < jobs->session->len; i++)
		if (job_is_running(jobs->session->pdata[i]))
			job_stop(jobs, jobs->session->pdata[i]);
	g_ptr_array_unref(jobs->session);
	g_ptr_array_unref(jobs->others);
	g_clear_pointer(&jobs->ids, g_hash_table_unref);
	g_clear_pointer(&jobs->told, g_ptr_array_unref);
	share_free(jobs->share);
	g_free(jobs);
}

void jobs_recall_limits(struct jobs *jobs)
{
	share_recall(jobs->share);
}

void jobs_note_dry_run(struct jobs *jobs)
{
	jobs->dry_run = true;
}

size_t jobs_running(const struct jobs *jobs)
{
	size_t running = 0;

	for (guint i = 0; i < jobs->session->len; i++)
		running += job_is_running(jobs->session->pdata[i]);
	return running;
}

GPtrArray *jobs_now_running(const struct jobs *jobs)
{
	GPtrArray *running = g_ptr_array_new();

	for (guint i = 0; i < jobs->session->len; i++)
		if (job_is_running(jobs->session->pdata[i]))
			g_ptr_array_add(running, jobs->session->pdata[i]);
	return running;
}

GPtrArray *jobs_of_session(const struct jobs *jobs)
{
	GPtrArray *list = g_ptr_array_new();

	for (guint i = 0; i < jobs->session->len; i++)
		g_ptr_array_add(list, jobs->session->pdata[i]);
	return list;
}

bool jobs_can_write(const struct jobs *jobs)
{
	return jobs->engine->journal != NULL && !journal_is_broken(jobs->engine->journal);
}

struct journal *jobs_journal(const struct jobs *jobs, struct error *error)
{
	if (jobs_can_write(jobs))
		return jobs->engine->journal;
	error_set(error, ERROR_FAILED, "the session log cannot be written, so nothing may act");
	error_hint(error, "what is not written down is not done");
	return NULL;
}

void jobs_adopt(struct jobs *jobs, struct job *job)
{
	guint index;

	jobs->dry_run = false;
	if (job->number != 0)
		return;
	if (g_ptr_array_find(jobs->others, job, &index))
		g_ptr_array_steal_index(jobs->others, index);
	g_ptr_array_add(jobs->session, job);
	job->number = jobs->session->len;
}

/* ---- start */
static json_t *start_devices(const struct plan *plan, bool sent)
{
	json_t *list = json_array();

	for (guint i = 0; i < plan->devices->len; i++) {
		const struct plan_device *device = plan->devices->pdata[i];
		json_t *entry;

		if (device->outcome == PLAN_OUTSIDE || (device->outcome == PLAN_SEND) != sent)
			continue;
		entry = json_pack("{s:s, s:s}", "id", device->id, "name", device->name);
		if (device->had)
			json_object_set_new(entry, "had", json_true());
		if (device->before != NULL)
			json_object_set_new(entry, "before", json_string(device->before));
		if (device->value != NULL && g_strcmp0(device->value, plan->act.value) != 0)
			json_object_set_new(entry, "value", json_string(device->value));
		if (!sent) {
			AUTO(g_free) char *reason = g_utf8_make_valid(device->reason != NULL ? device->reason : "", -1);

			json_object_set_new(entry, "outcome", json_string(device->outcome == PLAN_ALREADY ? "already" : "skipped"));
			json_object_set_new(entry, "reason", json_string(reason));
			if (device->action_id != NULL)
				json_object_set_new(entry, "actionId", json_string(device->action_id));
		}
		json_array_append_new(list, entry);
	}
	return list;
}

static json_t *start_parameters(const struct act *act)
{
	json_t *parameters = json_object();

	if (act->verb != ACT_DEVICE)
		json_object_set_new(parameters, "tag", json_string(act->value));
	else if (act->kind->parameter != NULL && act->value != NULL)
		json_object_set_new(parameters, act->kind->parameter, json_string(act->value));
	if (act->limit > 0)
		json_object_set_new(parameters, "limit", json_integer((json_int_t)act->limit));
	if (act->canary > 0)
		json_object_set_new(parameters, "canary", json_integer((json_int_t)act->canary));
	if (act->order != NULL)
		json_object_set_new(parameters, "order", json_string(act->order));
	if (act->force)
		json_object_set_new(parameters, "force", json_true());
	if (act->include_protected)
		json_object_set_new(parameters, "includeProtected", json_true());
	return parameters;
}

static json_t *start_time(int64_t ticks)
{
	char text[ISOTIME_SIZE];

	if (ticks == 0)
		return json_null();
	isotime_format(ticks, text);
	return json_string(text);
}

static void start_id(char id[JOB_ID_SIZE])
{
	struct isotime_parts t;
	char uuid[37];

	isotime_split(isotime_now(), &t);
	uuid_make(uuid);
	g_snprintf(id, JOB_ID_SIZE, "%04d%02d%02d-%02d%02d%02d-%.4s", t.year, t.month, t.day, t.hour, t.minute, t.second,
		uuid);
}

static json_t *start_members(const struct jobs *jobs, const struct plan *plan, const char *confirmed)
{
	const struct engine *engine = jobs->engine;
	char id[JOB_ID_SIZE], now[ISOTIME_SIZE];

	start_id(id);
	isotime_format_ms(isotime_now(), now);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s?, s:s?, s:s, s:s, s:s, s:o, s:s?, s:o, s:o}",
		"type", "job.start", "time", now, "job", id, "tenant", engine->tenant_id, "action", act_name(&plan->act),
		"parameters", start_parameters(&plan->act), "comment", plan->comment, "case", plan->case_id,
		"confirmed", confirmed, "user", engine->user, "policy", plan->policy,
		"inventory", start_time(plan->inventory_time), "reverts", plan->act.reverts,
		"devices", start_devices(plan, true),
		"skipped", start_devices(plan, false));
}

/* Closes the job that this one undoes. */
static void start_close_reverted(struct jobs *jobs, const json_t *record)
{
	for (guint i = 0; i < jobs->session->len; i++)
		job_apply(jobs->session->pdata[i], record);
	for (guint i = 0; i < jobs->others->len; i++)
		job_apply(jobs->others->pdata[i], record);
}

/* A person may think for long; what is protected and what is so already was judged when the plan was made. */
bool job_is_timely(int64_t made_ms, struct error *error)
{
	AUTO(g_free) char *age = duration_text(clock_ms() - made_ms);

	if (clock_ms() - made_ms <= POLICY_INVENTORY_MS)
		return true;
	error_set(error, ERROR_FAILED, "the plan is %s old: nothing was sent", age);
	error_hint(error, "give the command again, so that it is planned on what the tenant says now");
	return false;
}

struct job *job_start(struct jobs *jobs, const struct plan *plan, const char *confirmed, struct error *error)
{
	struct journal *journal = jobs_journal(jobs, error);
	AUTO(job_free) struct job *job = NULL;
	json_t *record;
	bool written;

	if (journal == NULL || !plan_is_allowed(plan, jobs->engine, error) || !job_is_timely(plan->made_ms, error))
		return NULL;
	record = start_members(jobs, plan, confirmed);
	job = job_from_record(record);
	if (job == NULL) {
		json_decref(record);
		error_set(error, ERROR_FAILED, "the job cannot be written down");
		return NULL;
	}
	job->file = g_strdup(journal_path(journal));
	written = job_lock(jobs, job, error) && journal_append(journal, "job.start", json_incref(record), error) != 0;
	if (!written || !journal_commit(journal, error)) {
		job->closed = !written; /* then it never began; else the log may show it, and so do we */
		job_unlock(jobs, job);
		json_decref(record);
		return NULL;
	}
	start_close_reverted(jobs, record);
	json_decref(record);
	journal_announce(journal, "job start");
	jobs_adopt(jobs, job);
	return AUTO_STEAL(job);
}

bool job_write_end(const struct jobs *jobs, struct job *job, bool cancelled, struct error *error)
{
	struct journal *journal = jobs_journal(jobs, error);
	struct job_counts counts;
	json_t *members, *record;
	bool ok;

	if (journal == NULL)
		return false;
	job_count(job, &counts);
	members = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "total", (json_int_t)counts.total,
		"accepted", (json_int_t)counts.accepted, "already", (json_int_t)counts.already,
		"skipped", (json_int_t)counts.skipped, "refused", (json_int_t)counts.refused,
		"unsent", (json_int_t)counts.unsent, "unknown", (json_int_t)counts.unknown,
		"closed", cancelled || !job_is_unfinished(job));
	if (cancelled)
		json_object_set_new(members, "cancelled", json_true());
	record = job_record(job, "job.end", members);
	ok = journal_append(journal, "job.end", json_incref(record), error) != 0 && journal_commit(journal, error);
	if (ok)
		job_apply(job, record);
	json_decref(record);
	journal_announce(journal, "job end");
	return ok;
}

/* ---- run */
const struct error *job_stop_error(const struct job *job)
{
	return &job->stop;
}

static bool job_is_over(void *data)
{
	return !job_is_running(data);
}

static bool job_begin(struct jobs *jobs, struct job *job, const struct job_hooks *hooks, enum run_mode mode,
	struct error *error)
{
	if (job_is_running(job))
		return error_set(error, ERROR_FAILED, "job %s is running already", job->id);
	if (jobs_journal(jobs, error) == NULL || !job_lock(jobs, job, error))
		return false;
	if (run_begin(jobs, job, hooks, mode, error) != NULL)
		return true;
	job_unlock(jobs, job);
	return false;
}

bool job_run(struct jobs *jobs, struct job *job, const struct job_hooks *hooks, struct error *error)
{
	if (!job_begin(jobs, job, hooks, RUN_FOREGROUND, error))
		return false;
	loop_run(jobs->engine->loop, job_is_over, job, false);
	return job->stop.kind == ERROR_NONE || error_copy(error, &job->stop);
}

bool job_run_background(struct jobs *jobs, struct job *job, const struct job_hooks *hooks, struct error *error)
{
	return job_begin(jobs, job, hooks, RUN_BACKGROUND, error);
}

void job_stop(struct jobs *jobs, struct job *job)
{
	struct error error = ERROR_INIT;

	if (!job_is_running(job))
		return;
	error_set(&error, ERROR_INTERRUPTED, "stopped");
	error_hint(&error, "`resume %s` sends the rest", job->id);
	run_stop(job->run_now, &error);
	job->run_now->background = false;
	loop_run(jobs->engine->loop, job_is_over, job, false);
}

static bool jobs_are_over(void *data)
{
	return jobs_running(data) == 0;
}

bool jobs_wait(struct jobs *jobs, struct error *error)
{
	if (loop_run(jobs->engine->loop, jobs_are_over, jobs, true))
		return true;
	for (guint i = 0; i < jobs->session->len; i++)
		job_stop(jobs, jobs->session->pdata[i]);
	return error_set(error, ERROR_INTERRUPTED, "interrupted");
}

/* ---- find */
struct job *jobs_by_id(const GPtrArray *list, const char *id)
{
	for (guint i = 0; i < list->len; i++)
		if (strcmp(((struct job *)list->pdata[i])->id, id) == 0)
			return list->pdata[i];
	return NULL;
}

static gint jobs_by_age(gconstpointer a, gconstpointer b)
{
	const struct job *x = *(struct job *const *)a, *y = *(struct job *const *)b;
	int order = strncmp(x->id, y->id, JOB_ID_SECONDS);

	if (order == 0) /* of one second: as they were begun, to the millisecond */
		order = g_strcmp0(x->started, y->started);
	return order != 0 ? order : strcmp(x->id, y->id);
}

/* Takes what the logs say into jobs of other sessions, pointers staying, and into those of this session that another
 * process went on with. */
static bool jobs_take_loaded(struct jobs *jobs, struct job *fresh)
{
	struct job *job = jobs_by_id(jobs->session, fresh->id);
	struct job old;

	if (job != NULL && (job_is_running(job) || fresh->run <= job->run))
		return false;
	if (job == NULL)
		job = jobs_by_id(jobs->others, fresh->id);
	if (job == NULL) {
		g_ptr_array_add(jobs->others, fresh);
		return true;
	}
	old = *job;
	*job = *fresh;
	*fresh = old;
	job->number = old.number;
	job->lock = old.lock;
	return false;
}

GPtrArray *jobs_all(struct jobs *jobs, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *loaded = job_load_all(jobs, error);
	GPtrArray *all;

	if (loaded == NULL)
		return NULL;
	for (guint i = 0; i < loaded->len; i++)
		if (jobs_take_loaded(jobs, loaded->pdata[i]))
			loaded->pdata[i] = NULL;
	all = g_ptr_array_new();
	for (guint i = 0; i < jobs->session->len; i++)
		g_ptr_array_add(all, jobs->session->pdata[i]);
	for (guint i = 0; i < jobs->others->len; i++)
		if (((const struct job *)jobs->others->pdata[i])->file != NULL) /* else only looked at: no log tells of it */
			g_ptr_array_add(all, jobs->others->pdata[i]);
	g_ptr_array_sort(all, jobs_by_age);
	return all;
}

static struct job *jobs_find_number(const struct jobs *jobs, const char *ref, struct error *error)
{
	char *end;
	guint64 number = g_ascii_strtoull(ref + 1, &end, 10);

	if (ref[1] != '\0' && *end == '\0' && number > 0 && number <= jobs->session->len)
		return jobs->session->pdata[number - 1];
	error_set(error, ERROR_FAILED, "this session has no job '%s'", ref);
	error_hint(error, "it has %u", jobs->session->len);
	return NULL;
}

static struct job *jobs_find_ending(struct jobs *jobs, const char *ref, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *all = jobs_all(jobs, error);
	struct job *found = NULL;

	if (all == NULL)
		return NULL;
	if (ref[0] == '\0') {
		error_set(error, ERROR_USAGE, "an empty text names no job");
		return NULL;
	}
	for (guint i = 0; i < all->len; i++) {
		struct job *job = all->pdata[i];

		if (!g_str_has_suffix(job->id, ref))
			continue;
		if (found != NULL) {
			error_set(error, ERROR_FAILED, "'%s' fits more than one job: %s and %s", ref, found->id, job->id);
			return NULL;
		}
		found = job;
	}
	if (found == NULL) {
		error_set(error, ERROR_FAILED, "there is no job '%s' in the logs here", ref);
		error_code(error, JOBS_NONE, "");
		error_hint(error, "`jobs` lists them; `jobs --tenant` lists those of other people and machines, too");
	}
	return found;
}

/* The newest unfinished job of another session that nobody runs; *more counts the others (may be NULL). */
static struct job *jobs_newest_left(const struct jobs *jobs, const GPtrArray *all, size_t *more)
{
	struct job *found = NULL;
	size_t others = 0;

	for (guint i = all->len; i-- > 0;) {
		struct job *job = all->pdata[i];

		if (job->number != 0 || job_is_running(job) || !job_is_unfinished(job) || !job_lock(jobs, job, NULL))
			continue;
		job_unlock(jobs, job);
		others += found != NULL;
		found = found != NULL ? found : job;
	}
	if (more != NULL)
		*more = others;
	return found;
}

struct job *jobs_left_over(struct jobs *jobs, size_t *more)
{
	AUTO(g_ptr_array_unref) GPtrArray *all = jobs_any_open(jobs) ? jobs_all(jobs, NULL) : NULL;

	if (more != NULL)
		*more = 0;
	return all != NULL ? jobs_newest_left(jobs, all, more) : NULL;
}

/* By the logs alone: a lock file may be gone, it is only a hint. */
static struct job *jobs_find_unfinished(struct jobs *jobs, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *all = jobs_all(jobs, error);
	struct job *job;

	if (all == NULL)
		return NULL;
	job = jobs_newest_left(jobs, all, NULL);
	if (job == NULL)
		error_set(error, ERROR_FAILED, "there is no unfinished job");
	return job;
}

static struct job *jobs_find_default(struct jobs *jobs, enum jobs_want want, struct error *error)
{
	struct job *job = NULL;

	if (want == JOBS_NAMED) {
		error_set(error, ERROR_USAGE, "which job? name it: its id, an ending of it, or %%N");
		return NULL;
	}
	if (jobs->dry_run) {
		error_set(error, ERROR_FAILED, "the last act was a dry run: nothing was sent");
		return NULL;
	}
	for (guint i = jobs->session->len; i-- > 0;)
		if (want == JOBS_LAST || job_is_unfinished(jobs->session->pdata[i]))
			return jobs->session->pdata[i];
	if (want == JOBS_UNFINISHED)
		job = jobs_find_unfinished(jobs, error);
	else
		error_set(error, ERROR_FAILED, "this session has no job");
	if (job == NULL)
		error_hint(error, "`jobs` lists them all");
	return job;
}

struct job *jobs_find(struct jobs *jobs, const char *ref, enum jobs_want want, struct error *error)
{
	if (ref == NULL)
		return jobs_find_default(jobs, want, error);
	if (ref[0] == '%')
		return jobs_find_number(jobs, ref, error);
	return jobs_find_ending(jobs, ref, error);
}
