/* What earlier sessions used of the service's limits, as the logs tell. */
#include "config.h"
#include "engine/jobs_internal.h"

#include <sys/stat.h>

#include "core/isotime.h"

#define RECALL_MS (60 * 60 * 1000)           /* the longest window */
#define RECALL_WAIT_MS (24 * 60 * 60 * 1000) /* a longer wait is not believed */
#define RECALL_ANSWER_MS (60 * 1000)         /* so long an answer is waited for (net/http) */

struct recall {
	const struct jobs *jobs;
	GHashTable *limits;  /* job id -> struct limit, NULL if not known */
	GHashTable *open;    /* job, kind and device of an intent -> struct recall_open: no result of it has come yet */
	int64_t now, now_ms; /* ticks, clock_ms */
};

struct recall_open {
	struct limit *limit;
	int64_t age; /* ms since the intent */
};

static const char *record_text(const json_t *record, const char *name)
{
	return json_string_value(json_object_get(record, name));
}

static bool record_is(const json_t *record, const char *name, const char *text)
{
	return g_strcmp0(record_text(record, name), text) == 0;
}

static struct limit *recall_limit(struct recall *recall, const json_t *record)
{
	struct defender *defender = recall->jobs->engine->defender;
	const char *id = record_text(record, "job");
	struct limit *limit = NULL;
	struct job *job;
	void *found;

	if (record_is(record, "kind", "cancel"))
		return defender_limit_cancel(defender);
	if (g_hash_table_lookup_extended(recall->limits, id, NULL, &found))
		return found;
	job = job_load(recall->jobs, id, NULL);
	if (job != NULL)
		limit = job->verb == ACT_DEVICE ? defender_limit_act(defender, job->kind) : defender_limit_tag(defender);
	job_free(job);
	g_hash_table_insert(recall->limits, g_strdup(id), limit);
	return limit;
}

/* How much is left of a wait that the service named, in ms. */
static int64_t recall_wait(const struct recall *recall, const json_t *record)
{
	const char *until = record_text(record, "notBefore");
	int64_t ticks;

	if (until == NULL || !isotime_parse(until, strlen(until), &ticks))
		return 0;
	return CLAMP((ticks - recall->now) / ISOTIME_TICKS_PER_MS, 0, RECALL_WAIT_MS);
}

/* ---- requests without a result: their session died while they were in flight */
static char *recall_key(const json_t *record, const char *device)
{
	return g_strdup_printf("%s %c %s", record_text(record, "job"), record_is(record, "kind", "cancel") ? 'c' : 'a', device);
}

static void recall_intent(struct recall *recall, const json_t *record, int64_t age)
{
	const char *device = record_text(record, "device");
	struct recall_open *open;

	if (device == NULL) /* a call for many is one call; each of them will have a result */
		device = json_string_value(json_array_get(json_object_get(record, "devices"), 0));
	if (device == NULL || age > RECALL_MS + RECALL_ANSWER_MS)
		return;
	open = g_new(struct recall_open, 1);
	*open = (struct recall_open){ .limit = recall_limit(recall, record), .age = age };
	g_hash_table_replace(recall->open, recall_key(record, device), open);
}

static void recall_close(struct recall *recall, const json_t *record)
{
	const char *device = record_text(record, "device");
	const json_t *id;
	size_t i;

	if (device != NULL) {
		AUTO(g_free) char *key = recall_key(record, device);

		g_hash_table_remove(recall->open, key);
	}
	json_array_foreach(json_object_get(record, "devices"), i, id) {
		AUTO(g_free) char *key = json_is_string(id) ? recall_key(record, json_string_value(id)) : g_strdup("");

		g_hash_table_remove(recall->open, key);
	}
}

/* When they came to the service is not known: at the latest when nobody would have waited for them any more. */
static void recall_unanswered(const struct recall *recall)
{
	GHashTableIter iter;
	void *value;

	g_hash_table_iter_init(&iter, recall->open);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct recall_open *open = value;

		if (open->limit != NULL)
			limit_recall(open->limit, recall->now_ms - MAX(open->age - RECALL_ANSWER_MS, 0));
	}
}

/* ---- results */
static void recall_result(struct recall *recall, const json_t *record, int64_t age)
{
	int64_t wait = recall_wait(recall, record);
	struct limit *limit;

	recall_close(recall, record);
	if (!record_is(record, "outcome", "unknown") && json_object_get(record, "http") == NULL)
		return; /* it never reached the service */
	if (wait <= 0 && age > RECALL_MS)
		return;
	limit = recall_limit(recall, record);
	if (limit != NULL && age <= RECALL_MS)
		limit_recall(limit, recall->now_ms - age);
	if (limit != NULL && wait > 0)
		limit_block(limit, recall->now_ms + wait);
}

static bool recall_line(void *data, const json_t *record, unsigned number)
{
	struct recall *recall = data;
	const char *time = record_text(record, "time");
	int64_t ticks, age;

	(void)number;
	if (time == NULL || record_text(record, "job") == NULL || !isotime_parse(time, strlen(time), &ticks))
		return true;
	age = (recall->now - ticks) / ISOTIME_TICKS_PER_MS;
	/* A clock that was set back by so little tells at least that it was not long ago. */
	age = age < 0 && age >= -RECALL_MS ? 0 : age;
	if (age < 0)
		age = INT64_MAX;
	if (record_is(record, "type", "action.intent"))
		recall_intent(recall, record, age);
	else if (record_is(record, "type", "action.result"))
		recall_result(recall, record, age);
	return true;
}

void jobs_recall_limits(struct jobs *jobs)
{
	AUTO(g_ptr_array_unref) GPtrArray *files = job_logs(jobs->engine);
	AUTO(g_hash_table_unref) GHashTable *limits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	AUTO(g_hash_table_unref) GHashTable *open = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	struct recall recall = { .jobs = jobs, .limits = limits, .open = open, .now = isotime_now(), .now_ms = clock_ms() };
	time_t now = time(NULL);

	for (guint i = 0; i < files->len; i++) {
		struct stat status;

		if (stat(files->pdata[i], &status) != 0 || status.st_mtime < now - RECALL_WAIT_MS / 1000)
			continue;
		journal_read_with(files->pdata[i], status.st_mtime >= now - RECALL_MS / 1000 ? "\"action." : "notBefore",
			recall_line, &recall, NULL);
	}
	recall_unanswered(&recall);
}
