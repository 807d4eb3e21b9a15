#include "config.h"
#include "journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "core/isotime.h"
#include "journal/lines.h"

struct journal {
	int fd;
	char *path;
	uint64_t seq;                /* of the last line */
	off_t length;                /* bytes of whole lines */
	bool unsynced;
	bool broken;
	char head[SHA256_HEX_SIZE];
};

static void journal_free(struct journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd); /* frees the lock */
	g_free(journal->path);
	g_free(journal);
}
AUTO_DEFINE(journal_free, struct journal *)

/* A line that is only partly there would be a torn one: takes it away again. */
static bool journal_break(struct journal *journal, struct error *error)
{
	int errnum = errno;

	journal->broken = true;
	if (ftruncate(journal->fd, journal->length) != 0)
		error_hint(error, "its last line may be torn");
	return error_set_errno(error, ERROR_FAILED, errnum, "cannot write log '%s'", journal->path);
}

static bool journal_write(struct journal *journal, const char *bytes, size_t length, struct error *error)
{
	size_t left = length;

	while (left > 0) {
		ssize_t put = write(journal->fd, bytes, left);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return journal_break(journal, error);
		bytes += put;
		left -= (size_t)put;
	}
	journal->length += (off_t)length;
	journal->unsynced = true;
	return true;
}

/* The line but for its sum: `{"seq":...` without the closing brace; NULL if members hold what JSON cannot. */
static GString *journal_line(const struct journal *journal, const char *type, json_t *members)
{
	char now[ISOTIME_SIZE];
	json_t *record;
	GString *line;
	char *text;

	isotime_format_ms(isotime_now(), now);
	record = json_pack("{s:I, s:s, s:s, s:s}", "seq", (json_int_t)(journal->seq + 1), "time", now,
		"prev", journal->head, "type", type);
	if (members != NULL)
		json_object_update_missing(record, members);
	json_object_del(record, "sum"); /* that one is ours, and last */
	text = json_dumps(record, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(record);
	if (text == NULL)
		return NULL;
	line = g_string_new(text);
	free(text);
	g_string_truncate(line, line->len - 1);
	return line;
}

uint64_t journal_append(struct journal *journal, const char *type, json_t *members, struct error *error)
{
	AUTO(g_string) GString *line = NULL;
	char sum[SHA256_HEX_SIZE];

	if (!journal->broken)
		line = journal_line(journal, type, members);
	json_decref(members);
	if (journal->broken) {
		error_set(error, ERROR_FAILED, "log '%s' cannot be written any more", journal->path);
		return 0;
	}
	if (line == NULL || line->len > JOURNAL_LINE_LIMIT - 128) {
		error_set(error, ERROR_FAILED, "a '%s' line is too large for the log", type);
		return 0;
	}
	sha256_hex(line->str, line->len, sum);
	g_string_append_printf(line, ",\"sum\":\"%s\"}\n", sum);
	if (!journal_write(journal, line->str, line->len, error))
		return 0;
	memcpy(journal->head, sum, sizeof sum);
	return ++journal->seq;
}

/* Lines that go into a file without a name, or into one that another hand shortened, prove nothing. */
static bool journal_is_in_place(const struct journal *journal)
{
	struct stat status;

	return fstat(journal->fd, &status) == 0 && status.st_nlink > 0 && status.st_size == journal->length;
}

bool journal_commit(struct journal *journal, struct error *error)
{
	if (journal->broken)
		return error_set(error, ERROR_FAILED, "log '%s' cannot be written any more", journal->path);
	if (!journal->unsynced)
		return true;
	if (!journal_is_in_place(journal)) {
		journal->broken = true;
		return error_set(error, ERROR_FAILED, "log '%s' was removed or changed by another hand", journal->path);
	}
	if (fdatasync(journal->fd) != 0) {
		/* What the disk holds is not known after a failed flush; a second try may lie. */
		journal->broken = true;
		return error_set_errno(error, ERROR_FAILED, errno, "cannot flush log '%s' to disk", journal->path);
	}
	journal->unsynced = false;
	return true;
}

/* A log gets its name when its first line is on disk, so that there is none without a whole line. */
#define NEW_SUFFIX ".new"

/* Opens DIR/START-PID.jsonl.new, new and locked; START has milliseconds, so that names sort by age. 0 or an errno, which is
 * EEXIST if the next millisecond may do better. */
static int journal_try_create(struct journal *journal, const char *dir)
{
	AUTO(g_free) char *path = NULL;
	AUTO(close) int fd = -1;
	struct isotime_parts t;
	struct stat status;

	isotime_split(isotime_now(), &t);
	g_free(journal->path);
	journal->path = g_strdup_printf("%s/%04d%02d%02d-%02d%02d%02d.%03d-%ld.jsonl", dir, t.year, t.month, t.day,
		t.hour, t.minute, t.second, t.ticks / (int)ISOTIME_TICKS_PER_MS, (long)getpid());
	path = g_strconcat(journal->path, NEW_SUFFIX, NULL);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	if (access(journal->path, F_OK) == 0) { /* of another process that had our number, in another container maybe */
		unlink(path);
		return EEXIST;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? EEXIST : errno;
	if (fstat(fd, &status) != 0 || status.st_nlink == 0) /* a session that mends took it for a left-over */
		return EEXIST;
	journal->fd = fd;
	fd = -1;
	return 0;
}

static bool journal_create(struct journal *journal, const char *dir, struct error *error)
{
	int errnum = EEXIST;

	for (int tries = 0; tries < 100 && errnum == EEXIST; tries++) {
		if (tries > 0)
			g_usleep(1000);
		errnum = journal_try_create(journal, dir);
	}
	return errnum == 0 || error_set_errno(error, ERROR_FAILED, errnum, "cannot make log '%s'", journal->path);
}

/* Gives the log its name. */
static bool journal_name(const struct journal *journal, struct error *error)
{
	AUTO(g_free) char *path = g_strconcat(journal->path, NEW_SUFFIX, NULL);

	if (rename(path, journal->path) != 0)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot make log '%s'", journal->path);
	file_keep_name(journal->path);
	return true;
}

/* {"file","head"} of the newest earlier log that has a line, or NULL. */
static json_t *journal_after(const struct journal *journal, const GPtrArray *files)
{
	for (guint i = files->len; i-- > 0;) {
		const char *path = files->pdata[i];
		AUTO(g_free) char *name = g_path_get_basename(path);
		AUTO(close) int fd = -1;
		char head[SHA256_HEX_SIZE];
		size_t whole, all;

		if (strcmp(path, journal->path) == 0)
			continue;
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && lines_tail(fd, &whole, &all, head) && whole > 0)
			return json_pack("{s:s, s:s}", "file", name, "head", head);
	}
	return NULL;
}

/* Moves the torn last line of one unlocked older file to FILE.torn: copied, noted, then taken away. */
static bool journal_repair(struct journal *journal, const char *path, bool *repaired, struct error *error)
{
	AUTO(close) int fd = open(path, O_RDWR | O_CLOEXEC);
	AUTO(g_free) char *aside = g_strconcat(path, ".torn", NULL);
	AUTO(g_free) char *name = g_path_get_basename(path);
	AUTO(g_free) char *aside_name = g_path_get_basename(aside);
	AUTO(g_free) char *bytes = NULL;
	char head[SHA256_HEX_SIZE];
	size_t whole, all;
	json_t *members;

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
		return true;
	if (!lines_tail(fd, &whole, &all, head) || whole == all || all - whole > JOURNAL_LINE_LIMIT)
		return true;
	bytes = g_malloc(all - whole);
	if (pread(fd, bytes, all - whole, (off_t)whole) != (ssize_t)(all - whole))
		return true;
	if (!file_replace(aside, bytes, all - whole, error))
		return false;
	members = json_pack("{s:s, s:s, s:I}", "file", name, "moved", aside_name, "bytes", (json_int_t)(all - whole));
	if (journal_append(journal, "repair", members, error) == 0 || !journal_commit(journal, error))
		return false;
	if (whole == 0 ? unlink(path) != 0 : ftruncate(fd, (off_t)whole) != 0 || fsync(fd) != 0)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot repair log '%s'", path);
	*repaired = true;
	return true;
}

/* Sets aside what is left of a session that ended before its log had a name. */
static bool journal_repair_new(struct journal *journal, const char *path, bool *repaired, struct error *error)
{
	AUTO(close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO(g_free) char *named = g_strndup(path, strlen(path) - strlen(NEW_SUFFIX));
	AUTO(g_free) char *aside = g_strconcat(named, ".torn", NULL);
	AUTO(g_free) char *name = g_path_get_basename(named);
	AUTO(g_free) char *aside_name = g_path_get_basename(aside);
	struct stat status;
	json_t *members;

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &status) != 0 || status.st_nlink == 0)
		return true;
	if (status.st_size == 0)
		return unlink(path) == 0 || error_set_errno(error, ERROR_FAILED, errno, "cannot remove '%s'", path);
	members = json_pack("{s:s, s:s, s:I}", "file", name, "moved", aside_name, "bytes", (json_int_t)status.st_size);
	if (journal_append(journal, "repair", members, error) == 0 || !journal_commit(journal, error))
		return false;
	if (rename(path, aside) != 0)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot set '%s' aside", path);
	*repaired = true;
	return true;
}

bool journal_mend(struct journal *journal, void (*torn)(void *data, const char *file), void *data, struct error *error)
{
	static bool (*const repairs[])(struct journal *, const char *, bool *, struct error *) = {
		journal_repair, journal_repair_new,
	};
	AUTO(g_free) char *dir = g_path_get_dirname(journal->path);

	for (size_t kind = 0; kind < G_N_ELEMENTS(repairs); kind++) {
		AUTO(g_ptr_array_unref) GPtrArray *files = kind == 0 ? journal_files(dir) : files_ending(dir, NEW_SUFFIX);

		for (guint i = 0; i < files->len; i++) {
			bool repaired = false;

			if (!repairs[kind](journal, files->pdata[i], &repaired, error))
				return false;
			if (repaired && torn != NULL)
				torn(data, files->pdata[i]);
		}
	}
	return true;
}

static bool journal_begin(struct journal *journal, const char *dir, json_t *members, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *files = NULL;
	AUTO(g_free) char *unnamed = NULL;
	json_t *after;

	if (!dir_make_private(dir, error) || !journal_create(journal, dir, error))
		return false;
	files = journal_files(dir);
	after = journal_after(journal, files);
	if (after != NULL)
		json_object_set_new(members, "after", after);
	if (journal_append(journal, "session.start", json_incref(members), error) != 0 && journal_commit(journal, error) &&
			journal_name(journal, error))
		return true;
	unnamed = g_strconcat(journal->path, NEW_SUFFIX, NULL);
	unlink(unnamed);
	return false;
}

struct journal *journal_start(const char *dir, json_t *members, struct error *error)
{
	AUTO(journal_free) struct journal *journal = g_new0(struct journal, 1);
	bool ok;

	signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error of write, not the end of the program */
	journal->fd = -1;
	if (members == NULL)
		members = json_object();
	ok = journal_begin(journal, dir, members, error);
	json_decref(members);
	if (!ok)
		return NULL;
	journal_announce(journal, "session start");
	return AUTO_STEAL(journal);
}

void journal_end(struct journal *journal, int status)
{
	if (journal == NULL)
		return;
	if (journal_append(journal, "session.end", json_pack("{s:i}", "status", status), NULL) != 0)
		journal_commit(journal, NULL);
	journal_announce(journal, "session end");
	journal_free(journal);
}

bool journal_is_broken(const struct journal *journal)
{
	return journal->broken;
}

const char *journal_path(const struct journal *journal)
{
	return journal->path;
}

const char *journal_head(const struct journal *journal)
{
	return journal->head;
}

void journal_announce(const struct journal *journal, const char *what)
{
	AUTO(g_free) char *name = g_path_get_basename(journal->path);

	openlog("cordon", LOG_PID, LOG_USER);
	syslog(LOG_INFO, "%s: log %s, head %s", what, name, journal->head);
	closelog();
}
