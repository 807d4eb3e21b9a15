#include "config.h"
#include "app/saved_sets.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/auto.h"
#include "core/file.h"
#include "fleet/inventory.h"

#define FILE_LIMIT (256 * 1024 * 1024) /* bytes */
#define MAGIC "cordon-set 1 "

bool saved_set_name_check(const char *name, struct error *error)
{
	size_t length = strlen(name);
	size_t good = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

	if (length == 0 || length > SAVED_SET_NAME_MAX || good != length || name[0] == '.' || name[0] == '-') {
		error_set(error, ERROR_USAGE, "'%s' is no name for a set", name);
		error_hint(error, "up to %d letters, digits, '-', '_' and '.'", SAVED_SET_NAME_MAX);
		return false;
	}
	return true;
}

static char *sets_dir(const struct engine *engine)
{
	return g_build_filename(engine->state_dir, "sets", NULL);
}

static char *set_path(const struct engine *engine, const char *name)
{
	return g_build_filename(engine->state_dir, "sets", name, NULL);
}

bool saved_set_save(const struct engine *engine, const char *name, const struct bitset *devices, struct error *error)
{
	AUTO(g_string) GString *text = g_string_new(NULL);
	AUTO(g_free) char *dir = sets_dir(engine);
	AUTO(g_free) char *path = set_path(engine, name);

	if (!saved_set_name_check(name, error) || !dir_make_private(dir, error))
		return false;
	g_string_printf(text, MAGIC "%zu\n", bitset_count(devices));
	for (uint32_t n = bitset_next(devices, 0); n != BITSET_END; n = bitset_next(devices, n + 1)) {
		g_string_append(text, inventory_id(engine->inventory, n));
		g_string_append_c(text, '\n');
	}
	return file_replace(path, text->str, text->len, error);
}

/* The count of the first line; false if the text is no saved set. */
static bool header_read(const char *text, size_t *count, const char **rest)
{
	char *end;

	if (strncmp(text, MAGIC, strlen(MAGIC)) != 0)
		return false;
	*count = (size_t)g_ascii_strtoull(text + strlen(MAGIC), &end, 10);
	*rest = end + 1;
	return *end == '\n';
}

struct bitset *saved_set_load(const struct engine *engine, const char *name, struct error *error)
{
	AUTO(g_free) char *path = set_path(engine, name);
	AUTO(g_free) char *text = NULL;
	AUTO(bitset_free) struct bitset *set = bitset_new();
	size_t length, count = 0, found = 0;
	const char *line;
	bool whole;

	if (!saved_set_name_check(name, error))
		return NULL;
	if (access(path, F_OK) != 0) {
		error_set(error, ERROR_FAILED, "there is no saved set '%s'", name);
		error_hint(error, "`sets` lists them");
		return NULL;
	}
	if (!file_read(path, FILE_LIMIT, &text, &length, error))
		return NULL;
	whole = strlen(text) == length && header_read(text, &count, &line);
	if (whole)
		for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
			AUTO(g_free) char *id = g_strndup(line, (size_t)(end - line));

			if (id[0] == '\0')
				break;
			bitset_add(set, inventory_number(engine->inventory, id));
			found++;
		}
	/* A set that lost a line must never be taken for the whole. */
	if (!whole || found != count) {
		error_set(error, ERROR_FAILED, "saved set '%s' is damaged", name);
		error_at(error, path, 0, 0);
		return NULL;
	}
	return AUTO_STEAL(set);
}

bool saved_set_drop(const struct engine *engine, const char *name, struct error *error)
{
	AUTO(g_free) char *path = set_path(engine, name);

	if (!saved_set_name_check(name, error))
		return false;
	if (unlink(path) == 0)
		return true;
	if (errno == ENOENT)
		return error_set(error, ERROR_FAILED, "there is no saved set '%s'", name);
	return error_set_errno(error, ERROR_FAILED, errno, "cannot drop saved set '%s'", name);
}

static void saved_set_free(void *data)
{
	struct saved_set *set = data;

	g_free(set->name);
	g_free(set);
}

static int saved_set_compare(const void *a, const void *b)
{
	const struct saved_set *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

GPtrArray *saved_sets(const struct engine *engine)
{
	GPtrArray *sets = g_ptr_array_new_with_free_func(saved_set_free);
	AUTO(g_free) char *dir = sets_dir(engine);
	GDir *handle = g_dir_open(dir, 0, NULL);
	const char *name;

	while (handle != NULL && (name = g_dir_read_name(handle)) != NULL) {
		AUTO(g_free) char *path = set_path(engine, name);
		AUTO(g_free) char *text = NULL;
		struct saved_set *set;
		const char *rest;
		size_t length, count;

		if (!saved_set_name_check(name, NULL) || !file_read(path, FILE_LIMIT, &text, &length, NULL) ||
		    !header_read(text, &count, &rest))
			continue;
		set = g_new0(struct saved_set, 1);
		set->name = g_strdup(name);
		set->count = count;
		g_ptr_array_add(sets, set);
	}
	if (handle != NULL)
		g_dir_close(handle);
	g_ptr_array_sort(sets, saved_set_compare);
	return sets;
}
