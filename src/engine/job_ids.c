/* The ids of jobs, for completion: found without reading the logs whole, and never for longer than a moment. */
#include "config.h"
#include "engine/jobs_internal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/isotime.h"

#define BLOCK (1024 * 1024)
#define LOOK_BEHIND 512 /* a job.start's id and tenant stand within so many bytes behind its type */

static const char start_mark[] = "\"type\":\"job.start\"";

/* How far a log has been looked through. */
struct job_ids_file {
	off_t done;
	GPtrArray *ids; /* char * */
};

static void job_ids_file_free(void *data)
{
	struct job_ids_file *file = data;

	g_ptr_array_unref(file->ids);
	g_free(file);
}

static const char *ids_value(const char *at, size_t length, const char *name, size_t *size)
{
	const char *found = memmem(at, length, name, strlen(name)), *end;

	if (found == NULL)
		return NULL;
	found += strlen(name);
	end = memchr(found, '"', length - (size_t)(found - at));
	*size = end != NULL ? (size_t)(end - found) : 0;
	return end != NULL ? found : NULL;
}

static void ids_take(struct job_ids_file *file, const char *tenant, const char *at, size_t length)
{
	size_t size, tenant_size;
	const char *id = ids_value(at, length, "\"job\":\"", &size);
	const char *of = ids_value(at, length, "\"tenant\":\"", &tenant_size);

	if (id != NULL && of != NULL && size == JOB_ID_SIZE - 1 && tenant_size == strlen(tenant) &&
			strncmp(of, tenant, tenant_size) == 0)
		g_ptr_array_add(file->ids, g_strndup(id, size));
}

/* Looks through what is new in a log. False if the time is over before its end. */
static bool ids_read(struct job_ids_file *file, const char *path, const char *tenant, int64_t until_ms)
{
	AUTO(close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	AUTO(g_free) char *block = NULL;
	struct stat status;
	ssize_t got;

	if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= file->done)
		return true;
	block = g_malloc(BLOCK);
	while ((got = pread(fd, block, BLOCK, file->done)) > 0) {
		const char *at = block, *end = block + got, *mark;
		bool last = got < BLOCK;

		while ((mark = memmem(at, (size_t)(end - at), start_mark, sizeof start_mark - 1)) != NULL) {
			if (!last && end - mark < LOOK_BEHIND)
				break;
			ids_take(file, tenant, mark, MIN((size_t)(end - mark), LOOK_BEHIND));
			at = mark + sizeof start_mark - 1;
		}
		if (last) { /* a line that is being written is looked at again */
			const char *line = memrchr(block, '\n', (size_t)got);

			file->done += line != NULL && line + 1 > at ? line + 1 - block : at - block;
			return true;
		}
		file->done += MAX(at - block, got - LOOK_BEHIND);
		if (clock_ms() >= until_ms)
			return false;
	}
	return true;
}

/* Those in memory that no log here tells of: of other machines. */
static void ids_add_known(const GPtrArray *known, GHashTable *seen, GPtrArray *ids)
{
	for (guint i = 0; i < known->len; i++)
		if (g_hash_table_add(seen, ((struct job *)known->pdata[i])->id))
			g_ptr_array_add(ids, g_strdup(((const struct job *)known->pdata[i])->id));
}

void jobs_note_told(struct jobs *jobs, const json_t *told)
{
	const json_t *item;
	size_t i;

	g_clear_pointer(&jobs->told, g_ptr_array_unref);
	jobs->told = g_ptr_array_new_with_free_func(g_free);
	json_array_foreach(told, i, item)
		g_ptr_array_add(jobs->told, g_strdup(json_string_value(json_object_get(item, "job"))));
}

static gint ids_newest_first(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)b, *(const char *const *)a);
}

GPtrArray *jobs_ids(struct jobs *jobs, int64_t patience_ms)
{
	AUTO(g_ptr_array_unref) GPtrArray *files = job_logs(jobs->engine);
	AUTO(g_hash_table_unref) GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
	int64_t until = clock_ms() + patience_ms;
	bool going = true;

	if (jobs->ids == NULL)
		jobs->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, job_ids_file_free);
	for (guint i = files->len; i-- > 0;) {
		struct job_ids_file *file = g_hash_table_lookup(jobs->ids, files->pdata[i]);

		if (file == NULL) {
			file = g_new0(struct job_ids_file, 1);
			file->ids = g_ptr_array_new_with_free_func(g_free);
			g_hash_table_insert(jobs->ids, g_strdup(files->pdata[i]), file);
		}
		going = going && ids_read(file, files->pdata[i], jobs->engine->tenant_id, until) && clock_ms() < until;
		for (guint k = 0; k < file->ids->len; k++)
			if (g_hash_table_add(seen, file->ids->pdata[k]))
				g_ptr_array_add(ids, g_strdup(file->ids->pdata[k]));
	}
	ids_add_known(jobs->session, seen, ids);
	ids_add_known(jobs->others, seen, ids);
	for (guint i = 0; jobs->told != NULL && i < jobs->told->len; i++)
		if (jobs->told->pdata[i] != NULL && g_hash_table_add(seen, jobs->told->pdata[i]))
			g_ptr_array_add(ids, g_strdup(jobs->told->pdata[i]));
	g_ptr_array_sort(ids, ids_newest_first);
	return ids;
}
