/* A job's state from records: cases of tests/data/engine/job_apply.txt. */
#include "config.h"

#include <stdlib.h>

#include "core/file.h"
#include "engine/job.h"
#include "tests/tap.h"

/* Fields hold no blanks: those of a text are shown as '_'. */
static char *field(const char *text)
{
	return text != NULL ? g_strdelimit(g_strdup(text), " ", '_') : g_strdup("-");
}

static char *describe(const struct job *job, const char *id)
{
	const struct job_device *device = g_hash_table_lookup(job->by_id, id);
	AUTO(g_free) char *reason = NULL;

	if (device == NULL)
		return g_strdup("no such device");
	reason = field(device->reason);
	return g_strdup_printf("%s %s %u %s %s %s", id, job_outcome(job, device), device->tries,
		device->status != NULL ? device->status : "-", reason, device->code != NULL ? device->code : "-");
}

static void check(const struct job *job, const char *wanted, const char *title)
{
	AUTO(g_strfreev) char **words = g_strsplit(wanted, " ", 2);
	AUTO(g_free) char *got = NULL;

	if (job == NULL)
		got = g_strdup("no job");
	else if (words[1] != NULL)
		got = describe(job, words[0]);
	else
		got = g_strdup(job->closed ? "closed" : job_is_unfinished(job) ? "open" : "over");
	tap_str(got, wanted, title);
}

static void run_line(struct job **job, const char *line, const char **title)
{
	json_t *record;

	if (line[0] == '%') {
		g_clear_pointer(job, job_free);
		*title = line + 2;
	} else if (line[0] == '=') {
		check(*job, line + 2, *title);
	} else if (line[0] == '{') {
		record = json_loads(line, 0, NULL);
		if (!json_is_object(record))
			g_error("not JSON: %s", line);
		if (*job == NULL)
			*job = job_from_record(record);
		else
			job_apply(*job, record);
		json_decref(record);
	}
}

int main(void)
{
	const char *srcdir = getenv("srcdir");
	AUTO(g_free) char *path = g_build_filename(srcdir != NULL ? srcdir : ".", "tests/data/engine/job_apply.txt", NULL);
	AUTO(g_free) char *text = NULL;
	AUTO(g_strfreev) char **lines = NULL;
	AUTO(job_free) struct job *job = NULL;
	const char *title = "";
	struct error error = ERROR_INIT;
	size_t length;

	if (!file_read(path, 1 << 20, &text, &length, &error))
		g_error("%s", error.text);
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line != NULL; line++)
		run_line(&job, *line, &title);
	return tap_done();
}
