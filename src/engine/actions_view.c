/* What is worked out from the action list: states, markers, who runs what. */
#include "config.h"
#include "engine/actions.h"

#include <string.h>

#include "core/isotime.h"

bool action_is_final(const struct action *action)
{
	static const char *const finals[] = { "Succeeded", "Failed", "TimeOut", "Cancelled", NULL };

	return g_strv_contains(finals, action->status);
}

bool action_is_open(const struct action *action)
{
	return strcmp(action->status, "Pending") == 0 || strcmp(action->status, "InProgress") == 0;
}

static json_t *action_json_text(const char *text)
{
	AUTO(g_free) char *valid = g_utf8_make_valid(text, -1);

	return text[0] != '\0' ? json_string(valid) : json_null();
}

static json_t *action_json_time(int64_t ticks)
{
	char text[ISOTIME_SIZE];

	if (ticks == 0)
		return json_null();
	isotime_format(ticks, text);
	return json_string(text);
}

json_t *action_to_json(const struct action *action)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", action_json_text(action->id),
		"type", action_json_text(action->type), "scope", action_json_text(action->scope),
		"requestor", action_json_text(action->requestor), "requestorComment", action_json_text(action->comment),
		"status", action_json_text(action->status), "machineId", action_json_text(action->device),
		"computerDnsName", action_json_text(action->name), "creationDateTimeUtc", action_json_time(action->created),
		"lastUpdateDateTimeUtc", action_json_time(action->updated));
}

static bool action_isolates(const struct action *action)
{
	return strcmp(action->type, "Isolate") == 0;
}

static bool action_is_of_isolation(const struct action *action)
{
	return action_isolates(action) || strcmp(action->type, "Unisolate") == 0;
}

int64_t action_effect(const struct action *action)
{
	return action->updated != 0 ? action->updated : action->created;
}

/* The device's last succeeded Isolate or Unisolate, and the newest open one; NULL where there is none. */
static const struct action *actions_last(const GPtrArray *of_device, const struct action **open)
{
	const struct action *last = NULL;

	*open = NULL;
	for (guint i = 0; i < of_device->len; i++) {
		const struct action *action = of_device->pdata[i];

		if (!action_is_of_isolation(action))
			continue;
		if (action_is_open(action) && *open == NULL)
			*open = action;
		if (strcmp(action->status, "Succeeded") == 0 &&
				(last == NULL || action_effect(action) > action_effect(last)))
			last = action;
	}
	return last;
}

static gint actions_by_effect(gconstpointer a, gconstpointer b)
{
	const struct action *x = *(struct action *const *)a, *y = *(struct action *const *)b;
	int64_t left = action_effect(x), right = action_effect(y);

	return left != right ? (left < right ? 1 : -1) : strcmp(x->device, y->device);
}

json_t *actions_isolated(const struct action_list *list)
{
	AUTO(g_ptr_array_unref) GPtrArray *isolated = g_ptr_array_new();
	json_t *result = json_array();
	const struct action *open;
	GHashTableIter iter;
	void *of_device;

	g_hash_table_iter_init(&iter, list->by_device);
	while (g_hash_table_iter_next(&iter, NULL, &of_device)) {
		const struct action *last = actions_last(of_device, &open);

		if (last != NULL && action_isolates(last) && last->device[0] != '\0')
			g_ptr_array_add(isolated, (void *)last);
	}
	g_ptr_array_sort(isolated, actions_by_effect);
	for (guint i = 0; i < isolated->len; i++) {
		const struct action *last = isolated->pdata[i];

		actions_last(g_hash_table_lookup(list->by_device, last->device), &open);
		json_array_append_new(result, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			"id", action_json_text(last->device), "name", action_json_text(last->name),
			"scope", action_json_text(last->scope), "since", action_json_time(action_effect(last)),
			"requestor", action_json_text(last->requestor), "comment", action_json_text(last->comment),
			"actionId", action_json_text(last->id),
			"pending", open != NULL ? action_json_text(open->type) : json_null()));
	}
	return result;
}

/* ---- markers */
#define MARKER " [cordon "

char *marker_text(const char *job, const char *user)
{
	char *text = g_strdup_printf(MARKER "%s %s]", job, user);
	size_t start = sizeof MARKER + strlen(job);

	for (size_t i = start; text[i + 1] != '\0'; i++)
		if (!g_ascii_isgraph(text[i]) || text[i] == '[' || text[i] == ']')
			text[i] = '_';
	return text;
}

static bool marker_is_job(const char *text, size_t length)
{
	static const char form[] = "dddddddd-dddddd-xxxx";

	if (length != sizeof form - 1)
		return false;
	for (size_t i = 0; i < length; i++)
		if (form[i] == 'd' ? !g_ascii_isdigit(text[i]) : form[i] == 'x' ? !g_ascii_isxdigit(text[i]) : text[i] != '-')
			return false;
	return true;
}

bool action_marker(const char *comment, char **job, char **user)
{
	/* The marker stands at the end; a comment typed by a person may hold another one before it. */
	const char *start = g_strrstr(comment, MARKER);
	const char *blank, *end;

	if (start == NULL)
		return false;
	start += sizeof MARKER - 1;
	blank = strchr(start, ' ');
	end = strchr(start, ']');
	if (blank == NULL || end == NULL || end < blank || !marker_is_job(start, (size_t)(blank - start)))
		return false;
	*job = g_strndup(start, (size_t)(blank - start));
	*user = g_strndup(blank + 1, (size_t)(end - blank - 1));
	return true;
}

char *action_whose(const struct action *action)
{
	GString *text = g_string_new("by ");
	AUTO(g_free) char *job = NULL;
	AUTO(g_free) char *user = NULL;
	char time[ISOTIME_SIZE];
	char *valid;

	g_string_append(text, action->requestor[0] != '\0' ? action->requestor : "an unknown requestor");
	if (action_marker(action->comment, &job, &user))
		g_string_append_printf(text, " (job %s of %s)", job, user);
	if (action->created != 0) {
		isotime_format(action->created, time);
		g_string_append_printf(text, " since %.19sZ", time);
	}
	valid = g_utf8_make_valid(text->str, (gssize)text->len);
	g_string_free(text, TRUE);
	return valid;
}

struct marked_job {
	char *user;
	const struct action *first; /* the oldest */
	size_t total;
	json_t *statuses;
};

static void marked_job_free(void *data)
{
	struct marked_job *job = data;

	g_free(job->user);
	json_decref(job->statuses);
	g_free(job);
}

static void marked_job_count(GHashTable *jobs, const struct action *action)
{
	char *id, *user;
	struct marked_job *job;
	json_int_t before;

	if (!action_marker(action->comment, &id, &user))
		return;
	job = g_hash_table_lookup(jobs, id);
	if (job == NULL) {
		job = g_new0(struct marked_job, 1);
		job->user = g_utf8_make_valid(user, -1);
		job->statuses = json_object();
		g_hash_table_insert(jobs, g_strdup(id), job);
	}
	if (job->first == NULL || action->created < job->first->created)
		job->first = action;
	job->total++;
	before = json_integer_value(json_object_get(job->statuses, action->status));
	json_object_set_new(job->statuses, action->status, json_integer(before + 1));
	g_free(id);
	g_free(user);
}

static gint marked_newest_first(gconstpointer a, gconstpointer b)
{
	return -strcmp(*(const char *const *)a, *(const char *const *)b);
}

json_t *actions_jobs(const struct action_list *list)
{
	AUTO(g_hash_table_unref) GHashTable *jobs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, marked_job_free);
	AUTO(g_ptr_array_unref) GPtrArray *ids = g_ptr_array_new();
	json_t *result = json_array();
	GHashTableIter iter;
	void *key;

	for (guint i = 0; i < list->actions->len; i++)
		marked_job_count(jobs, list->actions->pdata[i]);
	g_hash_table_iter_init(&iter, jobs);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		g_ptr_array_add(ids, key);
	g_ptr_array_sort(ids, marked_newest_first); /* an id begins with its time */
	for (guint i = 0; i < ids->len; i++) {
		const struct marked_job *job = g_hash_table_lookup(jobs, ids->pdata[i]);

		json_array_append_new(result, json_pack("{s:s, s:s, s:o, s:o, s:I, s:O}", "job", (char *)ids->pdata[i],
			"user", job->user, "action", action_json_text(job->first->type),
			"started", action_json_time(job->first->created), "total", (json_int_t)job->total,
			"statuses", job->statuses));
	}
	return result;
}
