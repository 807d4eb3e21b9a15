/* The session log (contract, section 5): one append-only JSON-lines file a session and tenant. Each line carries the sum of
 * the line before, so that any later change shows. What is appended is on disk only after journal_commit. */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>
#include <jansson.h>

#include "core/auto.h"
#include "core/error.h"
#include "core/file.h"

#define JOURNAL_LINE_LIMIT (256 * 1024 * 1024) /* bytes of one line: a job.start of a million devices fits */

struct journal;

/* Makes DIR/START-PID.jsonl (dir made 0700, file 0600), locks it, writes session.start with members (a new reference
 * is taken over; "after" is added here) and commits; only then the file gets this name. The head goes to the system log. */
struct journal *journal_start(const char *dir, json_t *members, struct error *error);
/* Moves torn last lines of the other, unlocked files of the directory, and logs that never got their name, to FILE.torn;
 * each is told to torn (may be NULL) and written as `repair`. */
bool journal_mend(struct journal *journal, void (*torn)(void *data, const char *file), void *data, struct error *error);
/* Writes session.end with the exit status, commits, sends the head to the system log, unlocks. */
void journal_end(struct journal *journal, int status);

/* Appends a line of a type; members (may be NULL) is taken over. Returns its seq, or 0 when the journal cannot be
 * written (then and ever after: nothing may act). */
uint64_t journal_append(struct journal *journal, const char *type, json_t *members, struct error *error);
/* Everything appended so far is on disk when it returns true. */
bool journal_commit(struct journal *journal, struct error *error);
bool journal_is_broken(const struct journal *journal);

const char *journal_path(const struct journal *journal);
const char *journal_head(const struct journal *journal); /* the last line's sum */
/* Sends the head to the system log (identity cordon). */
void journal_announce(const struct journal *journal, const char *what);

/* Paths of all log files of a directory, oldest first; the caller unrefs. */
GPtrArray *journal_files(const char *dir);

/* Calls line for each whole line of a file (of ours still open, too) until it returns false. A torn last line is left
 * out. Lines that are not JSON objects are an error with their number. */
bool journal_read(const char *path, bool (*line)(void *data, const json_t *record, unsigned number), void *data,
	struct error *error);

/* The same, but only lines that hold the bytes of needle (a job's id, a type) are parsed and handed over. */
bool journal_read_with(const char *path, const char *needle,
	bool (*line)(void *data, const json_t *record, unsigned number), void *data, struct error *error);

/* The same from *offset (bytes, at the start of a line) on; *offset is moved behind the last whole line if the file was read
 * to its end, so that a log that grows can be read on. Line numbers count from there. */
bool journal_read_from(const char *path, size_t *offset, const char *needle,
	bool (*line)(void *data, const json_t *record, unsigned number), void *data, struct error *error);

/* Whether a session that has not ended writes to the file. */
bool journal_is_living(const char *path);

/* What verify found wrong: called for each fault. */
typedef void journal_fault_fn(void *data, const char *file, unsigned line, const char *message);
/* True if the file is whole. head (may be NULL) must be the sum of one of its lines. last gets the last sum. */
bool journal_verify(const char *path, const char *head, char last[SHA256_HEX_SIZE], journal_fault_fn *fault, void *data);
/* All files of a directory, and that each file's `after` is found. *files is the count. */
bool journal_verify_all(const char *dir, size_t *files, journal_fault_fn *fault, void *data);

#endif
