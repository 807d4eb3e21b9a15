/* Reads a log file line by line within a bound; the journal's own. */
#ifndef JOURNAL_LINES_H
#define JOURNAL_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#include "core/error.h"
#include "core/file.h"

/* Paths of a directory's files whose names end so, in the order of their names; the caller unrefs. */
GPtrArray *files_ending(const char *dir, const char *ending);

/* A line without its line feed; not NUL-terminated. whole is false for a last line that has no line feed. */
typedef bool lines_fn(void *data, const char *line, size_t length, unsigned number, bool whole);

/* Until line returns false or the file ends. A line above JOURNAL_LINE_LIMIT is an error. */
bool lines_read(const char *path, lines_fn *line, void *data, struct error *error);

/* The same from *offset on, which is moved behind the last whole line if the file was read to its end. */
bool lines_read_from(const char *path, size_t *offset, lines_fn *line, void *data, struct error *error);

/* The sum that a whole line says of itself: its fixed-size end `,"sum":"<64 hex>"}`. False if it does not end so.
 * *signed_length is the number of bytes that the sum is over. */
bool lines_sum(const char *line, size_t length, char sum[SHA256_HEX_SIZE], size_t *signed_length);

/* Bytes of a descriptor's file up to and including its last line feed, and the sum of that last line ("" if it has
 * none). False if it cannot be read. */
bool lines_tail(int fd, size_t *whole, size_t *all, char sum[SHA256_HEX_SIZE]);

/* True if no living session holds the log file's lock. */
bool lines_is_free(const char *path);

#endif
