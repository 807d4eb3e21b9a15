/* What a revert finds of a device: cases of tests/data/engine/verdict.txt. */
#include "config.h"

#include <stdlib.h>

#include "core/file.h"
#include "core/isotime.h"
#include "engine/revert_internal.h"
#include "tests/tap.h"

#define DEVICE "d1"

struct the_case {
	const char *title;
	struct job *job;
	struct action_list *list;
	bool dry;
};

static void action_free(void *data)
{
	struct action *action = data;

	g_free(action->id);
	g_free(action->type);
	g_free(action->scope);
	g_free(action->status);
	g_free(action);
}

static struct action_list *list_new(void)
{
	struct action_list *list = g_new0(struct action_list, 1);

	list->actions = g_ptr_array_new_with_free_func(action_free);
	list->by_device = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
	list->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(list->by_device, (char *)DEVICE, g_ptr_array_new());
	return list;
}

static void list_free(struct action_list *list)
{
	g_hash_table_unref(list->by_device);
	g_hash_table_unref(list->by_id);
	g_ptr_array_unref(list->actions);
	g_free(list);
}

static int64_t minute(const char *text)
{
	AUTO(g_free) char *time = g_strdup_printf("2026-11-25T07:%02d:00Z", (int)strtol(text, NULL, 10));
	int64_t ticks = 0;

	return strcmp(text, "-") != 0 && isotime_parse(time, strlen(time), &ticks) ? ticks : 0;
}

/* "ID TYPE SCOPE STATUS CREATED UPDATED": minutes of an hour, "-" is none. */
static void list_add(struct action_list *list, const char *line)
{
	AUTO(g_strfreev) char **word = g_strsplit(line, " ", -1);
	struct action *action = g_new0(struct action, 1);

	if (g_strv_length(word) != 6)
		g_error("no action: %s", line);
	action->id = g_strdup(word[0]);
	action->type = g_strdup(word[1]);
	action->scope = g_strdup(strcmp(word[2], "-") != 0 ? word[2] : "");
	action->status = g_strdup(word[3]);
	action->created = minute(word[4]);
	action->updated = minute(word[5]);
	action->requestor = (char *)"eve@contoso.com";
	action->comment = (char *)"";
	action->device = (char *)DEVICE;
	g_ptr_array_add(list->actions, action);
	g_ptr_array_add(g_hash_table_lookup(list->by_device, DEVICE), action);
	g_hash_table_insert(list->by_id, action->id, action);
}

static const char *kind_name(enum verdict_kind kind)
{
	switch (kind) {
	case VERDICT_SEND:
		return "send";
	case VERDICT_CANCEL:
		return "cancel";
	case VERDICT_BACK:
		return "back";
	case VERDICT_UNDERWAY:
		return "underway";
	case VERDICT_OVERTAKEN:
		return "overtaken";
	case VERDICT_LEFT:
		return "left";
	}
	return "?";
}

/* "KIND value before open reason", as far as there is any of them. */
static void check(const struct the_case *now, const char *wanted)
{
	const struct job_device *device = g_hash_table_lookup(now->job->by_id, DEVICE);
	struct revert_view view = { .job = now->job, .inverse = revert_inverse(now->job), .dry = now->dry,
		.list = now->job->verb == ACT_DEVICE ? now->list : NULL };
	AUTO(g_string) GString *got = g_string_new(NULL);
	struct verdict verdict;

	verdict_make(&view, device, &verdict);
	g_string_append(got, kind_name(verdict.kind));
	if (verdict.value != NULL)
		g_string_append_printf(got, " value=%s", verdict.value);
	if (verdict.before != NULL)
		g_string_append_printf(got, " before=%s", verdict.before);
	if (verdict.open != NULL)
		g_string_append_printf(got, " open=%s", verdict.open->id);
	if (verdict.reason != NULL)
		g_string_append_printf(got, ": %s", verdict.reason);
	tap_str(got->str, wanted, now->title);
	g_free(verdict.reason);
}

static void case_end(struct the_case *now)
{
	job_free(now->job);
	if (now->list != NULL)
		list_free(now->list);
	*now = (struct the_case){ .title = "" };
}

static void case_line(struct the_case *now, const char *line)
{
	json_t *record;

	if (line[0] == '%') {
		case_end(now);
		now->title = line + 2;
		now->list = list_new();
	} else if (line[0] == '{') {
		record = json_loads(line, 0, NULL);
		if (!json_is_object(record))
			g_error("not JSON: %s", line);
		if (now->job == NULL)
			now->job = job_from_record(record);
		else
			job_apply(now->job, record);
		json_decref(record);
		if (now->job == NULL)
			g_error("no job: %s", line);
	} else if (line[0] == '*') {
		list_add(now->list, line + 2);
	} else if (line[0] == '=') {
		check(now, line + 2);
	} else if (strcmp(line, "dry") == 0) {
		now->dry = true;
	}
}

int main(void)
{
	const char *srcdir = getenv("srcdir");
	AUTO(g_free) char *path = g_build_filename(srcdir != NULL ? srcdir : ".", "tests/data/engine/verdict.txt", NULL);
	AUTO(g_free) char *text = NULL;
	AUTO(g_strfreev) char **lines = NULL;
	struct the_case now = { .title = "" };
	struct error error = ERROR_INIT;
	size_t length;

	if (!file_read(path, 1 << 20, &text, &length, &error))
		g_error("%s", error.text);
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line != NULL; line++)
		case_line(&now, *line);
	case_end(&now);
	return tap_done();
}
