/* Whose an action is: the marker ` [cordon JOB USER]` that ends every comment of a job, and the jobs that the tenant's list
 * tells of by it. Comments are anybody's text: a marker that stands elsewhere, is cut, or is none that Cordon could have
 * written counts for nothing. */
#include "config.h"
#include "engine/actions.h"

#include <string.h>

#include "core/isotime.h"
#include "defender/defender.h"

#define MARKER " [cordon "
#define MARKER_USER_MAX 256 /* bytes */

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
		if (form[i] == 'd' ? !g_ascii_isdigit(text[i]) :
				form[i] == 'x' ? !g_ascii_isxdigit(text[i]) || g_ascii_isupper(text[i]) : text[i] != '-')
			return false;
	return true;
}

static bool marker_is_user(const char *text, size_t length)
{
	if (length == 0 || length > MARKER_USER_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isgraph(text[i]) || text[i] == '[' || text[i] == ']')
			return false;
	return true;
}

/* The length without blanks at the end: a tenant may trim or pad, and a marker still ends the comment. */
static size_t comment_end(const char *comment)
{
	size_t length = strlen(comment);

	while (length > 0 && g_ascii_isspace(comment[length - 1]))
		length--;
	return length;
}

bool action_marker_is(const char *comment, const char *marker)
{
	size_t length = comment_end(comment), size = strlen(marker);

	return length >= size && memcmp(comment + length - size, marker, size) == 0;
}

bool action_marker(const char *comment, char **job, char **user)
{
	size_t length = comment_end(comment);
	const char *start, *blank, *end = comment + length - 1;

	if (length == 0 || *end != ']')
		return false;
	start = g_strrstr_len(comment, (gssize)length, MARKER);
	if (start == NULL)
		return false;
	start += sizeof MARKER - 1;
	blank = memchr(start, ' ', (size_t)(end - start));
	if (blank == NULL || !marker_is_job(start, (size_t)(blank - start)) ||
			!marker_is_user(blank + 1, (size_t)(end - blank - 1)))
		return false;
	*job = g_strndup(start, (size_t)(blank - start));
	*user = g_strndup(blank + 1, (size_t)(end - blank - 1));
	return true;
}

char *action_comment_bare(const char *comment)
{
	AUTO(g_free) char *job = NULL;
	AUTO(g_free) char *user = NULL;
	AUTO(g_free) char *marker = NULL;

	if (!action_marker(comment, &job, &user))
		return g_strdup(comment);
	marker = marker_text(job, user);
	return g_strndup(comment, comment_end(comment) - strlen(marker));
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

/* ---- the jobs of all people and machines */
static void marked_job_free(void *data)
{
	struct marked_job *job = data;

	g_free(job->id);
	g_free(job->user);
	g_ptr_array_unref(job->actions);
	g_ptr_array_unref(job->strays);
	g_free(job);
}

static struct marked_job *marked_job_new(const char *id)
{
	struct marked_job *job = g_new0(struct marked_job, 1);

	job->id = g_strdup(id);
	job->actions = g_ptr_array_new();
	job->strays = g_ptr_array_new();
	return job;
}

static bool marked_is_older(const struct action *action, const struct action *than)
{
	return than == NULL || (action->created != 0 && (than->created == 0 || action->created < than->created));
}

bool marked_job_has(const struct marked_job *job, const struct action *action, const char *marker)
{
	return strcmp(action->type, job->first->type) == 0 && strcmp(action->requestor, job->first->requestor) == 0 &&
		action_marker_is(action->comment, marker);
}

/* A job's id cannot be known before its first action is there, so that one is the job's. What bears the marker and differs in
 * what a job has but one of was put there by another hand. */
static void marked_job_sort_out(struct marked_job *job)
{
	AUTO(g_free) char *id = NULL;
	AUTO(g_free) char *marker = NULL;
	guint kept = 0;

	action_marker(job->first->comment, &id, &job->user);
	marker = marker_text(job->id, job->user);
	for (guint i = 0; i < job->actions->len; i++) {
		struct action *action = job->actions->pdata[i];

		if (marked_job_has(job, action, marker))
			job->actions->pdata[kept++] = action;
		else
			g_ptr_array_add(job->strays, action);
	}
	g_ptr_array_set_size(job->actions, (gint)kept);
}

static void marked_collect(GHashTable *jobs, const struct action *action, const char *ending)
{
	AUTO(g_free) char *id = NULL;
	AUTO(g_free) char *user = NULL;
	struct marked_job *job;

	if (!action_marker(action->comment, &id, &user) || (ending != NULL && !g_str_has_suffix(id, ending)))
		return;
	job = g_hash_table_lookup(jobs, id);
	if (job == NULL) {
		job = marked_job_new(id);
		g_hash_table_insert(jobs, job->id, job);
	}
	if (marked_is_older(action, job->first))
		job->first = action;
	g_ptr_array_add(job->actions, (void *)action);
}

static gint marked_newest_first(gconstpointer a, gconstpointer b)
{
	return -strcmp((*(struct marked_job *const *)a)->id, (*(struct marked_job *const *)b)->id);
}

GPtrArray *actions_marked(const struct action_list *list, const char *ending)
{
	AUTO(g_hash_table_unref) GHashTable *jobs = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *found = g_ptr_array_new_with_free_func(marked_job_free);
	GHashTableIter iter;
	void *job;

	for (guint i = 0; i < list->actions->len; i++)
		marked_collect(jobs, list->actions->pdata[i], ending);
	g_hash_table_iter_init(&iter, jobs);
	while (g_hash_table_iter_next(&iter, NULL, &job)) {
		marked_job_sort_out(job);
		g_ptr_array_add(found, job);
	}
	g_ptr_array_sort(found, marked_newest_first); /* an id begins with its time */
	return found;
}

/* ---- JSON */
static json_t *marked_text(const char *text)
{
	AUTO(g_free) char *valid = g_utf8_make_valid(text, -1);

	return json_string(valid);
}

static json_t *marked_time(int64_t ticks)
{
	char text[ISOTIME_SIZE];

	if (ticks == 0)
		return json_null();
	isotime_format(ticks, text);
	return json_string(text);
}

static json_t *marked_job_json(const struct marked_job *job)
{
	const struct defender_action_kind *kind = defender_action_kind_of_type(job->first->type);
	json_t *statuses = json_object();
	bool open = false;

	for (guint i = 0; i < job->actions->len; i++) {
		const struct action *action = job->actions->pdata[i];
		AUTO(g_free) char *status = g_utf8_make_valid(action->status, -1);

		open |= action_is_open(action);
		json_object_set_new(statuses, status, json_integer(json_integer_value(json_object_get(statuses, status)) + 1));
	}
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:i, s:i, s:i, s:i, s:i, s:b, s:o, s:I}", "job", job->id,
		"user", job->user, "requestor", marked_text(job->first->requestor),
		"action", kind != NULL ? json_string(kind->name) : marked_text(job->first->type),
		"type", marked_text(job->first->type), "started", marked_time(job->first->created),
		"total", (json_int_t)job->actions->len, "accepted", (json_int_t)job->actions->len, "already", 0, "skipped", 0,
		"refused", 0, "unsent", 0, "unknown", 0, "open", open, "statuses", statuses,
		"strays", (json_int_t)job->strays->len);
}

json_t *actions_jobs(const struct action_list *list)
{
	AUTO(g_ptr_array_unref) GPtrArray *jobs = actions_marked(list, NULL);
	json_t *result = json_array();

	for (guint i = 0; i < jobs->len; i++)
		json_array_append_new(result, marked_job_json(jobs->pdata[i]));
	return result;
}
