#include "config.h"
#include "core/keyfile.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <glib.h>

#include "core/auto.h"
#include "core/file.h"
#include "core/text.h"

struct entry {
	char *value;
	unsigned line;
};

struct section {
	char *kind, *name;
	unsigned line;
	GHashTable *entries; /* key -> struct entry */
};

struct keyfile {
	char *path;
	GPtrArray *sections;
};

static void entry_free(void *data)
{
	struct entry *entry = data;

	g_free(entry->value);
	g_free(entry);
}

static void section_free(void *data)
{
	struct section *section = data;

	g_free(section->kind);
	g_free(section->name);
	g_hash_table_unref(section->entries);
	g_free(section);
}

void keyfile_free(struct keyfile *keyfile)
{
	if (keyfile == NULL)
		return;
	g_free(keyfile->path);
	g_ptr_array_unref(keyfile->sections);
	g_free(keyfile);
}

AUTO_DEFINE(keyfile_free, struct keyfile *)

static struct section *section_find(const struct keyfile *keyfile, const char *kind, const char *name)
{
	for (guint i = 0; i < keyfile->sections->len; i++) {
		struct section *section = g_ptr_array_index(keyfile->sections, i);

		if (strcmp(section->kind, kind) == 0 && strcmp(section->name, name != NULL ? name : "") == 0)
			return section;
	}
	return NULL;
}

/* "did you mean" among the allowed keys (kind given) or kinds (kind NULL). */
static void hint_nearest(struct error *error, const struct keyfile_key *allowed, const char *kind, const char *word)
{
	AUTO(g_ptr_array_unref) GPtrArray *list = g_ptr_array_new();
	const char *near;

	for (; allowed->kind != NULL; allowed++)
		if (kind == NULL || strcmp(kind, allowed->kind) == 0)
			g_ptr_array_add(list, (void *)(kind == NULL ? allowed->kind : allowed->key));
	g_ptr_array_add(list, NULL);
	near = text_nearest(word, (const char *const *)list->pdata);
	if (near != NULL)
		error_hint(error, "did you mean '%s'?", near);
}

static bool section_open(struct keyfile *keyfile, const struct keyfile_key *allowed, char *line, unsigned number,
	struct section **current, struct error *error)
{
	size_t length = strlen(line);
	const struct keyfile_key *key;
	struct section *section;
	char *kind, *name;

	if (line[length - 1] != ']')
		return error_set(error, ERROR_USAGE, "a section line does not end with ']'");
	line[length - 1] = '\0';
	kind = g_strstrip(line + 1);
	name = kind + strcspn(kind, " \t");
	if (*name != '\0') {
		*name++ = '\0';
		name = g_strchug(name);
	}
	for (key = allowed; key->kind != NULL; key++)
		if (strcmp(key->kind, kind) == 0 && (*name != '\0' ? key->named : key->unnamed))
			break;
	if (key->kind == NULL) {
		error_set(error, ERROR_USAGE, "unknown section '[%s%s%s]'", kind, *name != '\0' ? " " : "", name);
		hint_nearest(error, allowed, NULL, kind);
		return false;
	}
	if (section_find(keyfile, kind, name) != NULL)
		return error_set(error, ERROR_USAGE, "section '[%s%s%s]' appears twice", kind,
			*name != '\0' ? " " : "", name);
	section = g_new0(struct section, 1);
	section->kind = g_strdup(kind);
	section->name = g_strdup(name);
	section->line = number;
	section->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);
	g_ptr_array_add(keyfile->sections, section);
	*current = section;
	return true;
}

static bool entry_add(struct section *section, const struct keyfile_key *allowed, char *line, unsigned number,
	struct error *error)
{
	char *equals = strchr(line, '=');
	const struct keyfile_key *known;
	struct entry *entry;
	char *key, *value;

	if (equals == NULL)
		return error_set(error, ERROR_USAGE, "'%s' is neither 'key = value', a section nor a comment", line);
	if (section == NULL)
		return error_set(error, ERROR_USAGE, "a key stands before the first section");
	*equals = '\0';
	key = g_strstrip(line);
	value = g_strstrip(equals + 1);
	for (known = allowed; known->kind != NULL; known++)
		if (strcmp(known->kind, section->kind) == 0 && strcmp(known->key, key) == 0 &&
		    (section->name[0] != '\0' ? known->named : known->unnamed))
			break;
	if (known->kind == NULL) {
		error_set(error, ERROR_USAGE, "unknown key '%s' in section '[%s]'", key, section->kind);
		hint_nearest(error, allowed, section->kind, key);
		return false;
	}
	if (g_hash_table_contains(section->entries, key))
		return error_set(error, ERROR_USAGE, "key '%s' appears twice", key);
	entry = g_new0(struct entry, 1);
	entry->value = g_strdup(value);
	entry->line = number;
	g_hash_table_insert(section->entries, g_strdup(key), entry);
	return true;
}

struct keyfile *keyfile_parse(const char *path, const char *text, size_t length, const struct keyfile_key *allowed,
	struct error *error)
{
	AUTO(keyfile_free) struct keyfile *keyfile = g_new0(struct keyfile, 1);
	struct section *current = NULL;
	const char *end = text + length, *bad;
	unsigned number = 0;

	keyfile->path = g_strdup(path);
	keyfile->sections = g_ptr_array_new_with_free_func(section_free);
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	if (!g_utf8_validate(text, end - text, &bad)) { /* a NUL is not valid either */
		for (number = 1; text < bad; text++)
			number += *text == '\n';
		error_set(error, ERROR_USAGE, "this is not UTF-8 text");
		error_at(error, path, number, 0);
		return NULL;
	}
	while (text < end) {
		const char *feed = memchr(text, '\n', (size_t)(end - text));
		size_t bytes = (size_t)((feed != NULL ? feed : end) - text);
		AUTO(g_free) char *copy = g_strndup(text, bytes);
		char *line = g_strstrip(copy);
		bool ok = true;

		number++;
		text += bytes + 1;
		if (line[0] == '[')
			ok = section_open(keyfile, allowed, line, number, &current, error);
		else if (line[0] != '\0' && line[0] != '#' && line[0] != ';')
			ok = entry_add(current, allowed, line, number, error);
		if (!ok) {
			error_at(error, path, number, 0);
			return NULL;
		}
	}
	return AUTO_STEAL(keyfile);
}

struct keyfile *keyfile_read(const char *path, const struct keyfile_key *allowed, struct error *error)
{
	AUTO(g_free) char *text = NULL;
	struct stat status;
	size_t length = 0;

	/* Only a file that is surely not there is empty: one behind a directory or link that cannot be followed may hold a
	 * policy. */
	if (lstat(path, &status) != 0 && errno == ENOENT)
		return keyfile_parse(path, "", 0, allowed, error);
	if (!file_read(path, KEYFILE_LIMIT, &text, &length, error))
		return NULL;
	return keyfile_parse(path, text, length, allowed, error);
}

const char *keyfile_get(const struct keyfile *keyfile, const char *kind, const char *name, const char *key,
	unsigned *line)
{
	const struct section *section = section_find(keyfile, kind, name);
	const struct entry *entry = section != NULL ? g_hash_table_lookup(section->entries, key) : NULL;

	if (entry == NULL)
		return NULL;
	if (line != NULL)
		*line = entry->line;
	return entry->value;
}

unsigned keyfile_section_line(const struct keyfile *keyfile, const char *kind, const char *name)
{
	const struct section *section = section_find(keyfile, kind, name);

	return section != NULL ? section->line : 0;
}

bool keyfile_has_section(const struct keyfile *keyfile, const char *kind, const char *name)
{
	return section_find(keyfile, kind, name) != NULL;
}

char **keyfile_names(const struct keyfile *keyfile, const char *kind)
{
	GPtrArray *names = g_ptr_array_new();

	for (guint i = 0; i < keyfile->sections->len; i++) {
		const struct section *section = g_ptr_array_index(keyfile->sections, i);

		if (strcmp(section->kind, kind) == 0 && section->name[0] != '\0')
			g_ptr_array_add(names, g_strdup(section->name));
	}
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

const char *keyfile_path(const struct keyfile *keyfile)
{
	return keyfile->path;
}
