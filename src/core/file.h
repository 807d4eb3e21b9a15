/* Files of ours are private (0600, directories 0700) and replaced whole; files of others are read within a bound. */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

#define SHA256_HEX_SIZE 65

/* Makes a directory and its parents, each new one 0700. */
bool dir_make_private(const char *path, struct error *error);

/* Reads a whole file of at most limit bytes; "-" is standard input. The caller frees *bytes with g_free; a NUL follows
 * the last byte. A larger file is an error, never cut. */
bool file_read(const char *path, size_t limit, char **bytes, size_t *length, struct error *error);

/* Writes a new file beside path, flushes it to disk and renames it into place, 0600. */
bool file_replace(const char *path, const void *bytes, size_t length, struct error *error);

/* SHA-256 as 64 lower-case hex digits. */
void sha256_hex(const void *bytes, size_t length, char hex[SHA256_HEX_SIZE]);

/* XDG base directories with "cordon" at the end (contract, section 1). The caller frees with g_free. */
char *dir_config(void);
char *dir_state(void);
char *dir_cache(void);

/* A random UUID (version 4) in lower case, 36 characters and NUL, from the system's random source. */
void uuid_make(char text[37]);

#endif
