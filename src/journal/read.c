#include "config.h"
#include "journal/journal.h"

#include <string.h>

#include "journal/lines.h"

static gint journal_compare_paths(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *files_ending(const char *dir, const char *ending)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
	GDir *entries = g_dir_open(dir, 0, NULL);
	const char *name;

	if (entries == NULL)
		return files;
	while ((name = g_dir_read_name(entries)) != NULL)
		if (g_str_has_suffix(name, ending))
			g_ptr_array_add(files, g_build_filename(dir, name, NULL));
	g_dir_close(entries);
	g_ptr_array_sort(files, journal_compare_paths);
	return files;
}

GPtrArray *journal_files(const char *dir)
{
	return files_ending(dir, ".jsonl");
}

struct journal_reading {
	const char *path;
	const char *needle;
	size_t needle_length;
	bool (*line)(void *data, const json_t *record, unsigned number);
	void *data;
	struct error error;
};

static bool journal_read_line(void *data, const char *text, size_t length, unsigned number, bool whole)
{
	struct journal_reading *reading = data;
	json_error_t fault;
	json_t *record;
	bool more;

	if (!whole)
		return false;
	if (reading->needle != NULL && memmem(text, length, reading->needle, reading->needle_length) == NULL)
		return true;
	record = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &fault);
	if (!json_is_object(record)) {
		json_decref(record);
		error_set(&reading->error, ERROR_FAILED, "line %u of log '%s' is not a JSON object", number, reading->path);
		error_at(&reading->error, reading->path, number, 0);
		return false;
	}
	more = reading->line(reading->data, record, number);
	json_decref(record);
	return more;
}

bool journal_read_from(const char *path, size_t *offset, const char *needle,
	bool (*line)(void *data, const json_t *record, unsigned number), void *data, struct error *error)
{
	struct journal_reading reading = {
		.path = path, .needle = needle, .needle_length = needle != NULL ? strlen(needle) : 0, .line = line, .data = data,
	};

	if (!lines_read_from(path, offset, journal_read_line, &reading, error))
		return false;
	return reading.error.kind == ERROR_NONE || error_copy(error, &reading.error);
}

bool journal_read_with(const char *path, const char *needle,
	bool (*line)(void *data, const json_t *record, unsigned number), void *data, struct error *error)
{
	size_t offset = 0;

	return journal_read_from(path, &offset, needle, line, data, error);
}

bool journal_read(const char *path, bool (*line)(void *data, const json_t *record, unsigned number), void *data,
	struct error *error)
{
	return journal_read_with(path, NULL, line, data, error);
}

bool journal_is_living(const char *path)
{
	return !lines_is_free(path);
}
