/* Jobs as the logs tell them: read back, and locked. */
#include "config.h"
#include "engine/jobs_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/isotime.h"

#define NO_RUN UINT32_MAX /* records that belong to no run of their file: statuses, a revert elsewhere */

static const char *record_text(const json_t *record, const char *name)
{
	return json_string_value(json_object_get(record, name));
}

GPtrArray *job_logs(const struct engine *engine)
{
	GPtrArray *files = journal_files(engine->log_dir);

	for (guint i = files->len; engine->tenant_is_new && i-- > 0;)
		if (engine->journal == NULL || strcmp(files->pdata[i], journal_path(engine->journal)) != 0)
			g_ptr_array_remove_index(files, i);
	return files;
}

/* ---- one job: its records of all files, in the order of its runs. A file that is older may hold a later run. */
struct load_entry {
	unsigned run, file, number;
	json_t *record;
};

struct load_one {
	const char *id;
	GArray *entries;  /* struct load_entry */
	unsigned file;    /* index of the file being read */
	unsigned run;     /* of this job in this file */
};

static void load_entry_clear(void *data)
{
	json_decref(((struct load_entry *)data)->record);
}

static bool load_one_line(void *data, const json_t *record, unsigned number)
{
	struct load_one *load = data;
	const char *id = record_text(record, "job"), *type = record_text(record, "type");
	json_int_t run = json_integer_value(json_object_get(record, "run"));
	struct load_entry entry = { .run = NO_RUN, .file = load->file, .number = number };

	if (id == NULL || type == NULL)
		return true;
	if (strcmp(id, load->id) == 0) {
		if (strcmp(type, "job.start") == 0)
			load->run = 1;
		else if (strcmp(type, "job.resume") == 0 && run > 0 && run < NO_RUN)
			load->run = (unsigned)run;
		entry.run = load->run;
	} else if (g_strcmp0(record_text(record, "reverts"), load->id) != 0) {
		return true;
	}
	entry.record = json_incref((json_t *)record);
	g_array_append_val(load->entries, entry);
	return true;
}

static gint load_compare(gconstpointer a, gconstpointer b)
{
	const struct load_entry *x = a, *y = b;

	if (x->run != y->run)
		return x->run < y->run ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static struct job *load_apply(const struct load_one *load, const GPtrArray *files, const char *tenant)
{
	struct job *job = NULL;

	for (guint i = 0; i < load->entries->len; i++) {
		const struct load_entry *entry = &g_array_index(load->entries, struct load_entry, i);

		if (job == NULL && g_strcmp0(record_text(entry->record, "job"), load->id) == 0)
			job = job_from_record(entry->record);
		if (job == NULL)
			continue;
		job_apply(job, entry->record);
		if (entry->run != NO_RUN) {
			g_free(job->file);
			job->file = g_strdup(files->pdata[entry->file]);
		}
	}
	if (job != NULL && g_strcmp0(job->tenant, tenant) == 0)
		return job;
	job_free(job);
	return NULL;
}

struct job *job_load(const struct jobs *jobs, const char *id, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *files = job_logs(jobs->engine);
	AUTO(g_array_unref) GArray *entries = g_array_new(FALSE, FALSE, sizeof(struct load_entry));
	struct load_one load = { .id = id, .entries = entries };

	g_array_set_clear_func(entries, load_entry_clear);
	for (guint i = 0; i < files->len; i++) {
		load.file = i;
		load.run = NO_RUN;
		if (!journal_read_with(files->pdata[i], id, load_one_line, &load, error))
			return NULL;
	}
	g_array_sort(entries, load_compare);
	return load_apply(&load, files, jobs->engine->tenant_id);
}

bool job_refresh(const struct jobs *jobs, struct job *job, struct error *error)
{
	struct error fault = ERROR_INIT;
	struct job *fresh = job_load(jobs, job->id, &fault);
	struct job old = *job;

	if (fresh == NULL)
		return fault.kind == ERROR_NONE || error_copy(error, &fault);
	*job = *fresh;
	*fresh = old;
	job->number = old.number;
	job->lock = old.lock;
	job->stop = old.stop;
	job_free(fresh);
	return true;
}

/* ---- are the logs as they were written */
static bool logs_seen(void *data, const json_t *record, unsigned number)
{
	(void)record;
	(void)number;
	*(bool *)data = true;
	return false;
}

struct logs_fault {
	struct error *error;
	bool any;
};

static void logs_fault(void *data, const char *file, unsigned line, const char *message)
{
	struct logs_fault *fault = data;

	if (fault->any)
		return;
	fault->any = true;
	error_set(fault->error, ERROR_FAILED, "a log that the job is in was changed: %s", message);
	error_at(fault->error, file, line, 0);
	error_hint(fault->error, "who is acted on, and what was done, can no longer be told from it; `log verify` tells more. Plan "
		"the act anew");
}

bool job_check_logs(const struct jobs *jobs, const struct job *job, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *files = job_logs(jobs->engine);
	struct logs_fault fault = { .error = error };

	for (guint i = 0; i < files->len && !fault.any; i++) {
		bool seen = false;

		if (!journal_read_with(files->pdata[i], job->id, logs_seen, &seen, NULL) || seen)
			journal_verify(files->pdata[i], NULL, NULL, logs_fault, &fault);
	}
	return !fault.any;
}

/* ---- all jobs */
struct load_all {
	const char *tenant;
	GPtrArray *found;      /* struct job */
	GHashTable *by_id;     /* id -> struct job */
	GHashTable *runs;      /* id -> run in the file being read */
	GHashTable *disordered; /* ids whose records do not come in the order of their runs */
	const char *file;
};

static void load_all_start(struct load_all *load, const json_t *record, const char *id)
{
	struct job *job = job_from_record(record), *reverted;
	const char *reverts = record_text(record, "reverts");

	if (job == NULL || g_strcmp0(job->tenant, load->tenant) != 0 || g_hash_table_contains(load->by_id, id)) {
		job_free(job);
		return;
	}
	g_ptr_array_add(load->found, job);
	g_hash_table_insert(load->by_id, job->id, job);
	reverted = reverts != NULL ? g_hash_table_lookup(load->by_id, reverts) : NULL;
	if (reverted != NULL)
		job_apply(reverted, record);
}

static bool load_all_line(void *data, const json_t *record, unsigned number)
{
	struct load_all *load = data;
	const char *id = record_text(record, "job"), *type = record_text(record, "type");
	json_int_t run = json_integer_value(json_object_get(record, "run"));
	struct job *job;
	unsigned here;

	(void)number;
	if (id == NULL || type == NULL)
		return true;
	if (strcmp(type, "job.start") == 0) {
		load_all_start(load, record, id);
		run = 1;
	} else if (json_is_true(json_object_get(record, "rebuilt")) && !g_hash_table_contains(load->by_id, id)) {
		load_all_start(load, record, id); /* another machine's */
	}
	if (run > 0 && run < NO_RUN && (strcmp(type, "job.start") == 0 || strcmp(type, "job.resume") == 0))
		g_hash_table_insert(load->runs, g_strdup(id), GUINT_TO_POINTER((unsigned)run));
	job = g_hash_table_lookup(load->by_id, id);
	here = GPOINTER_TO_UINT(g_hash_table_lookup(load->runs, id));
	if (job == NULL || (here != 0 && here < job->run)) {
		g_hash_table_add(load->disordered, g_strdup(id));
		return true;
	}
	job_apply(job, record);
	if (here != 0) {
		g_free(job->file);
		job->file = g_strdup(load->file);
	}
	return true;
}

static void load_all_order(const struct jobs *jobs, struct load_all *load)
{
	for (guint i = 0; i < load->found->len; i++) {
		struct job *job = load->found->pdata[i];

		if (g_hash_table_contains(load->disordered, job->id))
			job_refresh(jobs, job, NULL);
	}
}

GPtrArray *job_load_all(const struct jobs *jobs, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *files = job_logs(jobs->engine);
	AUTO(g_hash_table_unref) GHashTable *by_id = g_hash_table_new(g_str_hash, g_str_equal);
	AUTO(g_hash_table_unref) GHashTable *disordered = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	AUTO(g_ptr_array_unref) GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
	struct load_all load = {
		.tenant = jobs->engine->tenant_id, .found = found, .by_id = by_id, .disordered = disordered,
	};

	for (guint i = 0; i < files->len; i++) {
		AUTO(g_hash_table_unref) GHashTable *runs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

		load.runs = runs;
		load.file = files->pdata[i];
		if (!journal_read_with(files->pdata[i], "\"job\":\"", load_all_line, &load, error))
			return NULL;
	}
	load_all_order(jobs, &load);
	return AUTO_STEAL(found);
}

/* ---- locks */
static char *job_lock_path(const struct jobs *jobs, const struct job *job)
{
	return g_strdup_printf("%s/jobs/%s.lock", jobs->engine->state_dir, job->id);
}

bool job_lock(const struct jobs *jobs, struct job *job, struct error *error)
{
	AUTO(g_free) char *path = job_lock_path(jobs, job);
	AUTO(g_free) char *dir = g_path_get_dirname(path);

	if (job->lock >= 0)
		return true;
	if (!dir_make_private(dir, error))
		return false;
	for (int tries = 0; tries < 10; tries++) {
		AUTO(close) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		struct stat status;

		if (fd < 0)
			return error_set_errno(error, ERROR_FAILED, errno, "cannot lock job %s", job->id);
		if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
			error_set(error, ERROR_FAILED, "job %s is being run by another process", job->id);
			return false;
		}
		/* Another process may have removed the file between open and lock: then the lock is of nothing. */
		if (fstat(fd, &status) == 0 && status.st_nlink > 0) {
			job->lock = fd;
			fd = -1;
			file_keep_name(path); /* by it the next start finds the job, after a power failure too */
			return true;
		}
	}
	return error_set(error, ERROR_FAILED, "cannot lock job %s", job->id);
}

bool jobs_any_open(const struct jobs *jobs)
{
	AUTO(g_free) char *path = g_build_filename(jobs->engine->state_dir, "jobs", NULL);
	GDir *dir = g_dir_open(path, 0, NULL);
	bool any = dir != NULL && g_dir_read_name(dir) != NULL;

	if (dir != NULL)
		g_dir_close(dir);
	return any;
}

void job_unlock(const struct jobs *jobs, struct job *job)
{
	AUTO(g_free) char *path = job_lock_path(jobs, job);

	if (job->lock < 0)
		return;
	if (!job_is_unfinished(job))
		unlink(path);
	close(job->lock);
	job->lock = -1;
}
