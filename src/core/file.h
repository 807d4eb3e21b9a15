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

/* The same piece by piece: begin, put, and end, which puts the file in place. What failed is kept and told by end. The writer
 * is gone after end; file_writer_free drops an unfinished one with its file. */
struct file_writer;
struct file_writer *file_writer_new(const char *path, struct error *error);
void file_writer_put(struct file_writer *writer, const void *bytes, size_t length);
bool file_writer_end(struct file_writer *writer, struct error *error);
void file_writer_free(struct file_writer *writer);

/* Maps a whole file of at most limit bytes: changes to the memory stay private. *bytes is NULL for an empty file; munmap gives
 * it back. Only for files that are replaced, never changed in place: a file cut meanwhile is a fault (SIGBUS). */
bool file_map(const char *path, size_t limit, void **bytes, size_t *length, struct error *error);

/* Flushes the directory of a file that was made or renamed, so that its name lasts as its bytes do. Some file systems
 * cannot; that is no error. */
void file_keep_name(const char *path);

/* SHA-256 as 64 lower-case hex digits. */
void sha256_hex(const void *bytes, size_t length, char hex[SHA256_HEX_SIZE]);
/* The same of many pieces; sha256_end frees the state. */
struct sha256;
struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *state, const void *bytes, size_t length);
void sha256_end(struct sha256 *state, char hex[SHA256_HEX_SIZE]);

/* XDG base directories with "cordon" at the end (contract, section 1). The caller frees with g_free. */
char *dir_config(void);
char *dir_state(void);
char *dir_cache(void);

/* A random UUID (version 4) in lower case, 36 characters and NUL, from the system's random source. */
void uuid_make(char text[37]);

#endif
