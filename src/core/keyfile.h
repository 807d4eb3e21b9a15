/* The strict INI reader of the configuration file (contract, section 1): sections "[kind]" or "[kind name]", lines
 * "key = value" where the value is the rest of the line unchanged but for blanks around it, comments ("#" or ";") only at
 * the start of a line. An unknown or doubled key or section, or a line it does not understand, is an error with its line.
 */
#ifndef CORE_KEYFILE_H
#define CORE_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

#define KEYFILE_LIMIT (1024 * 1024) /* bytes */

/* What may stand in the file: one entry per key, sections by kind; NULL-terminated by kind. */
struct keyfile_key {
	const char *kind; /* "profile", "policy", "settings" */
	bool named;       /* "[kind NAME]" is allowed */
	bool unnamed;     /* "[kind]" is allowed */
	const char *key;
};

struct keyfile;

/* path is only for messages. */
struct keyfile *keyfile_parse(const char *path, const char *text, size_t length, const struct keyfile_key *allowed,
	struct error *error);
/* Reads a file; one that does not exist is an empty file. */
struct keyfile *keyfile_read(const char *path, const struct keyfile_key *allowed, struct error *error);
void keyfile_free(struct keyfile *keyfile);

/* The value or NULL. name is NULL or "" for "[kind]". Borrowed until the keyfile is freed. *line (may be NULL) is set. */
const char *keyfile_get(const struct keyfile *keyfile, const char *kind, const char *name, const char *key,
	unsigned *line);
bool keyfile_has_section(const struct keyfile *keyfile, const char *kind, const char *name);
/* Where "[kind NAME]" stands; 0 if it does not. */
unsigned keyfile_section_line(const struct keyfile *keyfile, const char *kind, const char *name);
/* Names of the sections of a kind, NULL-terminated, in file order. The caller frees with g_strfreev. */
char **keyfile_names(const struct keyfile *keyfile, const char *kind);
const char *keyfile_path(const struct keyfile *keyfile);

#endif
