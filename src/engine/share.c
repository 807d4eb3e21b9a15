/* What other sessions and earlier ones used of the limits, as the logs tell: the service counts by application, not by
 * session. The logs of sessions that are over are read once; those of living ones are read on before anything is sent, with a
 * lock held until the intents of what is sent are in the log here, so that two sessions never take the same place. */
#include "config.h"
#include "engine/jobs_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/isotime.h"

#define SHARE_MS (60 * 60 * 1000)           /* the longest window */
#define SHARE_WAIT_MS (24 * 60 * 60 * 1000) /* a longer wait is not believed */
#define SHARE_LOOK_MS 1000                  /* between two looks at which sessions live */
#define SHARE_SLACK_MS 100
#define SHARE_TRIES 40 /* of the lock, a millisecond apart: less than what is felt at the prompt */

struct share_log {
	char *path;
	size_t done;  /* bytes taken */
	bool living;  /* its session has not ended */
};

/* A call that left, as its intent says. */
struct share_call {
	struct limit *limit;
	struct share_log *log;
	int64_t sent_ms; /* clock_ms */
	uint64_t ticket; /* in limit; 0: none */
	unsigned names;  /* keys that lead here */
};

struct share {
	const struct jobs *jobs;
	GPtrArray *logs;      /* struct share_log */
	GHashTable *calls;    /* "JOB KIND DEVICE" -> struct share_call: no answer is known */
	GHashTable *limits;   /* job id -> struct limit, NULL if not known */
	struct share_log *log; /* being read */
	int64_t slowest_ms;   /* of the answers seen */
	int64_t now, now_ms;  /* ticks, clock_ms */
	int64_t looked_ms;    /* clock_ms */
	struct timespec dir;  /* when the directory last changed */
	int lock;             /* descriptor, -1: none */
	int64_t busy_ms;      /* clock_ms until which the lock is tried once only: its holder does not go on */
	bool recalled;        /* the logs have been read up to now */
};

static void share_log_free(void *data)
{
	struct share_log *log = data;

	g_free(log->path);
	g_free(log);
}

static void share_call_unname(void *data)
{
	struct share_call *call = data;

	if (--call->names == 0)
		g_free(call);
}

static const char *record_text(const json_t *record, const char *name)
{
	return json_string_value(json_object_get(record, name));
}

static bool record_is_cancel(const json_t *record)
{
	return g_strcmp0(record_text(record, "kind"), "cancel") == 0;
}

/* ---- records */
static struct limit *share_limit(struct share *share, const json_t *record, const char *id)
{
	struct defender *defender = share->jobs->engine->defender;
	struct limit *limit = NULL;
	struct job *job;
	void *found;

	if (record_is_cancel(record))
		return defender_limit_cancel(defender);
	if (g_hash_table_lookup_extended(share->limits, id, NULL, &found))
		return found;
	job = job_load(share->jobs, id, NULL);
	if (job != NULL)
		limit = job->verb == ACT_DEVICE ? defender_limit_act(defender, job->kind) : defender_limit_tag(defender);
	job_free(job);
	g_hash_table_insert(share->limits, g_strdup(id), limit);
	return limit;
}

static char *share_name(const json_t *record, const char *id, const char *device)
{
	return g_strdup_printf("%s %c %s", id, record_is_cancel(record) ? 'c' : 'a', device);
}

/* The devices of a record, as keys. */
static GPtrArray *share_names(const json_t *record, const char *id)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	const char *one = record_text(record, "device");
	const json_t *device;
	size_t i;

	if (one != NULL)
		g_ptr_array_add(names, share_name(record, id, one));
	json_array_foreach(json_object_get(record, "devices"), i, device)
		if (json_is_string(device))
			g_ptr_array_add(names, share_name(record, id, json_string_value(device)));
	return names;
}

static void share_take_intent(struct share *share, const json_t *record, const char *id, int64_t at_ms)
{
	AUTO(g_ptr_array_unref) GPtrArray *names = share_names(record, id);
	struct limit *limit = share_limit(share, record, id);
	struct share_call *call;

	if (limit == NULL || names->len == 0)
		return;
	call = g_new0(struct share_call, 1);
	call->limit = limit;
	call->log = share->log;
	call->sent_ms = at_ms;
	call->names = names->len;
	for (guint i = 0; i < names->len; i++)
		g_hash_table_replace(share->calls, g_strdup(names->pdata[i]), call);
}

/* Counts a call as answered; at_ms INT64_MIN: it never left. */
static void share_settle(struct share_call *call, int64_t at_ms)
{
	if (call->ticket != 0 && at_ms == INT64_MIN)
		limit_forget(call->limit, call->ticket);
	else if (call->ticket != 0)
		limit_answered(call->limit, call->ticket, at_ms);
	else if (at_ms != INT64_MIN)
		limit_recall(call->limit, at_ms);
	call->limit = NULL;
}

static struct share_call *share_find(const struct share *share, const GPtrArray *names)
{
	for (guint i = 0; i < names->len; i++) {
		struct share_call *call = g_hash_table_lookup(share->calls, names->pdata[i]);

		if (call != NULL)
			return call;
	}
	return NULL;
}

/* An answer takes out of the list what it is of: the several results of one call count once. */
static void share_take_result(struct share *share, const json_t *record, const char *id, int64_t at_ms)
{
	AUTO(g_ptr_array_unref) GPtrArray *names = share_names(record, id);
	struct share_call *call = share_find(share, names);
	bool answered = json_object_get(record, "http") != NULL ||
		(json_object_get(record, "error") != NULL && g_strcmp0(record_text(record, "outcome"), "unknown") == 0);
	bool settled;

	/* What is only known from the tenant's list says nothing of when the call was answered. */
	if (call == NULL || (!answered && g_strcmp0(record_text(record, "outcome"), "unsent") != 0))
		return;
	if (answered)
		share->slowest_ms = MAX(share->slowest_ms, at_ms - call->sent_ms);
	if (call->limit != NULL && (answered || json_is_true(json_object_get(record, "notTried"))))
		share_settle(call, answered ? at_ms : INT64_MIN);
	settled = call->limit == NULL;
	for (guint i = 0; settled && i < names->len; i++) /* the last name takes the call with it */
		g_hash_table_remove(share->calls, names->pdata[i]);
}

/* A wait that the service named holds all sessions. */
static void share_take_wait(struct share *share, const json_t *record, const char *id)
{
	const char *until = record_text(record, "notBefore");
	struct limit *limit;
	int64_t ticks;

	if (until == NULL || !isotime_parse(until, strlen(until), &ticks) || ticks <= share->now)
		return;
	limit = share_limit(share, record, id);
	if (limit != NULL)
		limit_block(limit, share->now_ms + MIN((ticks - share->now) / ISOTIME_TICKS_PER_MS, SHARE_WAIT_MS));
}

static bool share_take(void *data, const json_t *record, unsigned number)
{
	struct share *share = data;
	const char *type = record_text(record, "type"), *id = record_text(record, "job"), *time = record_text(record, "time");
	int64_t ticks, age;

	(void)number;
	if (type == NULL || id == NULL || time == NULL || !isotime_parse(time, strlen(time), &ticks))
		return true;
	age = MAX((share->now - ticks) / ISOTIME_TICKS_PER_MS, 0); /* a clock that was set back must not hide a call */
	if (strcmp(type, "action.result") == 0) {
		share_take_wait(share, record, id);
		share_take_result(share, record, id, share->now_ms - age);
	} else if (strcmp(type, "action.intent") == 0 && age <= SHARE_MS) {
		share_take_intent(share, record, id, share->now_ms - age);
	}
	return true;
}

/* ---- logs */
static void share_read(struct share *share, struct share_log *log)
{
	struct stat status;

	if (stat(log->path, &status) != 0 || (size_t)status.st_size <= log->done)
		return;
	share->log = log;
	share->now = isotime_now();
	share->now_ms = clock_ms();
	journal_read_from(log->path, &log->done, "\"action.", share_take, share, NULL);
}

/* Calls of a log without an answer: places that are taken while its session lives. If it has ended, nobody knows when they
 * were answered, but hardly later than twice the slowest of its answers. */
static void share_count_open(struct share *share, const struct share_log *log)
{
	GHashTableIter iter;
	void *value;

	g_hash_table_iter_init(&iter, share->calls);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct share_call *call = value;
		int64_t latest = clock_ms();

		if (call->log != log)
			continue;
		if (share->slowest_ms > 0)
			latest = MIN(latest, call->sent_ms + 2 * share->slowest_ms + SHARE_SLACK_MS);
		if (call->limit != NULL && log->living && call->ticket == 0)
			call->ticket = limit_take(call->limit, clock_ms());
		else if (call->limit != NULL && !log->living)
			share_settle(call, latest);
		if (!log->living)
			g_hash_table_iter_remove(&iter);
	}
}

static struct share_log *share_log_of(const struct share *share, const char *path)
{
	for (guint i = 0; i < share->logs->len; i++)
		if (strcmp(((const struct share_log *)share->logs->pdata[i])->path, path) == 0)
			return share->logs->pdata[i];
	return NULL;
}

static bool share_is_ours(const struct share *share, const char *path)
{
	const struct journal *journal = share->jobs->engine->journal;

	return journal != NULL && strcmp(path, journal_path(journal)) == 0;
}

/* Reads a log that is new here; it is kept if its session lives. */
static void share_add(struct share *share, const char *path)
{
	struct share_log *log = g_new0(struct share_log, 1);

	log->path = g_strdup(path);
	log->living = journal_is_living(path);
	share_read(share, log);
	share_count_open(share, log);
	if (log->living)
		g_ptr_array_add(share->logs, log);
	else
		share_log_free(log);
}

/* Logs of other living sessions that are not known yet. */
static void share_look(struct share *share)
{
	AUTO(g_ptr_array_unref) GPtrArray *files = job_logs(share->jobs->engine);

	for (guint i = 0; i < files->len; i++)
		if (!share_is_ours(share, files->pdata[i]) && share_log_of(share, files->pdata[i]) == NULL &&
				journal_is_living(files->pdata[i]))
			share_add(share, files->pdata[i]);
}

static bool share_dir_changed(struct share *share)
{
	struct stat status;

	if (stat(share->jobs->engine->log_dir, &status) != 0 || (status.st_mtim.tv_sec == share->dir.tv_sec &&
			status.st_mtim.tv_nsec == share->dir.tv_nsec))
		return false;
	share->dir = status.st_mtim;
	return true;
}

/* Reads on in the logs of living sessions; drops those that have ended. */
static void share_follow(struct share *share)
{
	bool look = clock_ms() - share->looked_ms >= SHARE_LOOK_MS;

	for (guint i = share->logs->len; i-- > 0;) {
		struct share_log *log = share->logs->pdata[i];

		log->living = !look || journal_is_living(log->path); /* first: what it wrote before its end is read below */
		share_read(share, log);
		share_count_open(share, log);
		if (!log->living)
			g_ptr_array_remove_index(share->logs, i);
	}
	if (look)
		share->looked_ms = clock_ms();
}

/* ---- life */
struct share *share_new(const struct jobs *jobs)
{
	struct share *share = g_new0(struct share, 1);

	share->jobs = jobs;
	share->logs = g_ptr_array_new_with_free_func(share_log_free);
	share->calls = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, share_call_unname);
	share->limits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	share->lock = -1;
	return share;
}

void share_recall(struct share *share)
{
	AUTO(g_ptr_array_unref) GPtrArray *files = NULL;
	time_t now = time(NULL);

	if (share == NULL || share->recalled)
		return;
	share->recalled = true;
	share_dir_changed(share);
	files = job_logs(share->jobs->engine);
	for (guint i = 0; i < files->len; i++) {
		struct stat status;

		if (!share_is_ours(share, files->pdata[i]) && stat(files->pdata[i], &status) == 0 &&
				status.st_mtime >= now - SHARE_WAIT_MS / 1000)
			share_add(share, files->pdata[i]);
	}
}

void share_free(struct share *share)
{
	if (share == NULL)
		return;
	share_end(share);
	g_hash_table_unref(share->calls);
	g_hash_table_unref(share->limits);
	g_ptr_array_unref(share->logs);
	g_free(share);
}

/* Others hold the lock for a write or two. One that was stopped while it held it must stop nobody: without the lock nothing
 * is lost but exactness, and then the service says 429. */
static void share_lock(struct share *share)
{
	AUTO(g_free) char *path = g_build_filename(share->jobs->engine->state_dir, "limits.lock", NULL);
	const struct timespec pause = { .tv_nsec = 1000 * 1000 };
	int tries = clock_ms() < share->busy_ms ? 1 : SHARE_TRIES;

	share->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	while (share->lock >= 0 && flock(share->lock, LOCK_EX | LOCK_NB) != 0) {
		if (--tries > 0 && (errno == EWOULDBLOCK || errno == EINTR)) {
			nanosleep(&pause, NULL);
		} else {
			share_end(share);
			share->busy_ms = clock_ms() + SHARE_LOOK_MS;
		}
	}
}

void share_begin(struct share *share)
{
	if (share == NULL)
		return;
	share_recall(share);
	if (share_dir_changed(share))
		share_look(share);
	if (share->logs->len == 0)
		return;
	share_lock(share);
	share_follow(share);
}

void share_end(struct share *share)
{
	if (share == NULL || share->lock < 0)
		return;
	close(share->lock);
	share->lock = -1;
}
