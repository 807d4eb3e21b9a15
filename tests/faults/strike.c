/* Preloaded into cordon by tests/faults/: strikes at a chosen write, flush, cut, opening or change of name below the state
 * directory, and leads the clocks astray.
 *
 *   STRIKE=EVENT@N[+]:WHAT   strike at the N-th such event, with + from then on
 *   STRIKE_CLOCK=REAL,BOOT,MONOTONIC   seconds that these clocks are off from the start
 *   STRIKE_CLOCK_FILE=FILE   the same, read anew at each look at a clock
 *   STRIKE_TRACE=FILE        each event becomes a line "EVENT N FILE BYTES", a strike one "struck EVENT@N:WHAT"; what a
 *                            file held when it was opened "kept 0 FILE BYTES"; what is handed to syslog
 *                            "syslog IDENTITY TEXT"
 *
 * EVENT is write, sync (of a file or the directory), cut (ftruncate), open (for writing, or to make a file), move (rename),
 * or any of these: event. WHAT is
 *
 *   kill-before, kill-after  the process dies by SIGKILL
 *   kill-half                half of a write is done
 *   power, power-torn        what was not flushed is lost, all of it or its second half, and the process dies
 *   short                    half of a write is done, and that is told
 *   ENOSPC, EIO, EACCES, EINTR, EDQUOT    the error, nothing done
 *   short-ENOSPC             half of a write is done, what follows fails
 *   clock=REAL,BOOT,MONOTONIC  the clocks jump by so many seconds
 *
 * Its own calls go to the kernel directly, so it works beside a sanitizer's interceptors. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define FILES 1024
#define PATH_SIZE 4096

enum event { EVENT_WRITE, EVENT_SYNC, EVENT_CUT, EVENT_OPEN, EVENT_MOVE, EVENTS };

static const char *const event_names[EVENTS + 1] = { "write", "sync", "cut", "open", "move", "event" };

static struct {
	bool ready;
	int trace;
	int event;           /* EVENTS: any */
	unsigned at;         /* 0: never */
	bool on;             /* and from then on */
	char what[128];
	unsigned seen[EVENTS + 1];
	bool shortened;      /* short-ENOSPC has begun */
	long offset[3];      /* seconds: real, boot, monotonic */
	const char *clock_file; /* that says them; or NULL */
	off_t synced[FILES]; /* by descriptor: bytes that a flush has covered */
	char identity[64];
} strike;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	char line[PATH_SIZE + 256];
	va_list args;
	int length;

	if (strike.trace < 0)
		return;
	va_start(args, format);
	length = vsnprintf(line, sizeof line - 1, format, args);
	va_end(args);
	if (length < 0)
		return;
	if ((size_t)length > sizeof line - 2)
		length = sizeof line - 2;
	line[length++] = '\n';
	syscall(SYS_write, strike.trace, line, (size_t)length);
}

static bool read_offsets(const char *text)
{
	long offset[3];

	if (sscanf(text, "%ld,%ld,%ld", &offset[0], &offset[1], &offset[2]) != 3)
		return false;
	for (int i = 0; i < 3; i++)
		strike.offset[i] += offset[i];
	return true;
}

static void fail(const char *what)
{
	static const char start[] = "strike: cannot read ";

	syscall(SYS_write, 2, start, sizeof start - 1);
	syscall(SYS_write, 2, what, strlen(what));
	syscall(SYS_write, 2, "\n", 1UL);
	syscall(SYS_exit_group, 99);
}

static void read_strike(const char *text)
{
	const char *at = strchr(text, '@'), *colon = at != NULL ? strchr(at, ':') : NULL;

	strike.event = -1;
	for (int i = 0; at != NULL && i <= EVENTS; i++)
		if (strlen(event_names[i]) == (size_t)(at - text) && strncmp(event_names[i], text, (size_t)(at - text)) == 0)
			strike.event = i;
	if (strike.event < 0 || colon == NULL || strlen(colon + 1) >= sizeof strike.what)
		fail(text);
	strike.at = (unsigned)strtoul(at + 1, NULL, 10);
	strike.on = colon[-1] == '+';
	memcpy(strike.what, colon + 1, strlen(colon + 1) + 1);
}

static void ready(void)
{
	const char *text;

	if (strike.ready)
		return;
	strike.ready = true;
	text = getenv("STRIKE_TRACE");
	strike.trace = text == NULL ? -1 :
		(int)syscall(SYS_openat, AT_FDCWD, text, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	text = getenv("STRIKE_CLOCK");
	if (text != NULL && !read_offsets(text))
		fail(text);
	strike.clock_file = getenv("STRIKE_CLOCK_FILE");
	text = getenv("STRIKE");
	if (text != NULL)
		read_strike(text);
}

static void die(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

/* ---- what concerns us: files of the state directory */

static bool path_counts(const char *path)
{
	return strstr(path, "/state/cordon") != NULL;
}

/* The path of a descriptor, or "" if it does not concern us. */
static const char *fd_path(int fd, char path[PATH_SIZE])
{
	char link[64];
	ssize_t length;

	path[0] = '\0';
	if (fd < 0)
		return path;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = syscall(SYS_readlinkat, AT_FDCWD, link, path, (size_t)PATH_SIZE - 1);
	path[length > 0 ? length : 0] = '\0';
	if (!path_counts(path))
		path[0] = '\0';
	return path;
}

static off_t fd_size(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : -1;
}

/* ---- striking */

/* Counts an event and tells whether to strike; if so, what can be done before it is done. */
static bool strikes(enum event event, const char *path, size_t bytes)
{
	const char *name = strrchr(path, '/');
	int which = strike.event;
	bool now;

	strike.seen[event]++;
	strike.seen[EVENTS]++;
	say("%s %u %s %zu", event_names[event], strike.seen[event], name != NULL ? name + 1 : path, bytes);
	if (strike.at == 0 || (which != EVENTS && which != (int)event))
		return false;
	now = strike.seen[which] == strike.at || (strike.on && strike.seen[which] > strike.at);
	if (now)
		say("struck %s@%u:%s", event_names[which], strike.at, strike.what);
	if (now && strncmp(strike.what, "clock=", 6) == 0) {
		if (!read_offsets(strike.what + 6))
			fail(strike.what);
		return false;
	}
	if (now && strcmp(strike.what, "kill-before") == 0)
		die();
	return now;
}

static bool is(const char *what)
{
	return strcmp(strike.what, what) == 0;
}

/* The number of an error that is named, or 0. */
static int named_error(void)
{
	static const struct { const char *name; int number; } errors[] = {
		{ "ENOSPC", ENOSPC }, { "EIO", EIO }, { "EACCES", EACCES }, { "EINTR", EINTR }, { "EDQUOT", EDQUOT },
	};

	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (is(errors[i].name))
			return errors[i].number;
	return 0;
}

/* Power fails: of what was not flushed, nothing or its first half is there later. */
static void lose_power(int fd)
{
	off_t size = fd_size(fd), synced = fd < FILES ? strike.synced[fd] : 0;

	if (size > synced && is("power-torn"))
		synced += (size - synced) / 2;
	if (size > synced)
		syscall(SYS_ftruncate, fd, synced);
	die();
}

/* ---- the calls */

ssize_t write(int fd, const void *bytes, size_t length)
{
	char path[PATH_SIZE];

	ready();
	if (*fd_path(fd, path) == '\0')
		return syscall(SYS_write, fd, bytes, length);
	if (strike.shortened) {
		strike.seen[EVENT_WRITE]++;
		errno = ENOSPC;
		return -1;
	}
	if (strikes(EVENT_WRITE, path, length)) {
		if (is("power") || is("power-torn")) {
			syscall(SYS_write, fd, bytes, length);
			lose_power(fd);
		}
		if (named_error() != 0) {
			errno = named_error();
			return -1;
		}
		strike.shortened = is("short-ENOSPC");
		if (is("kill-half") || is("short") || is("short-ENOSPC"))
			length = length > 1 ? length / 2 : length;
		length = (size_t)syscall(SYS_write, fd, bytes, length);
		if (is("kill-half") || is("kill-after"))
			die();
		return (ssize_t)length;
	}
	return syscall(SYS_write, fd, bytes, length);
}

static int flush(int fd, long call)
{
	char path[PATH_SIZE];
	off_t size;
	int result;

	ready();
	if (*fd_path(fd, path) == '\0')
		return (int)syscall(call, fd);
	size = fd_size(fd);
	if (strikes(EVENT_SYNC, path, size > 0 ? (size_t)size : 0)) {
		if (is("power") || is("power-torn"))
			lose_power(fd);
		if (named_error() != 0) {
			errno = named_error();
			return -1;
		}
		result = (int)syscall(call, fd);
		if (is("kill-after"))
			die();
		return result;
	}
	result = (int)syscall(call, fd);
	if (result == 0 && fd < FILES && size >= 0)
		strike.synced[fd] = size;
	return result;
}

int fdatasync(int fd)
{
	return flush(fd, SYS_fdatasync);
}

int fsync(int fd)
{
	return flush(fd, SYS_fsync);
}

static int cut(int fd, off_t length)
{
	char path[PATH_SIZE];
	int result;

	ready();
	if (*fd_path(fd, path) == '\0' || !strikes(EVENT_CUT, path, (size_t)length))
		return (int)syscall(SYS_ftruncate, fd, length);
	if (named_error() != 0) {
		errno = named_error();
		return -1;
	}
	result = (int)syscall(SYS_ftruncate, fd, length);
	if (is("kill-after"))
		die();
	return result;
}

int ftruncate(int fd, off_t length)
{
	return cut(fd, length);
}

int ftruncate64(int fd, off64_t length)
{
	return cut(fd, length);
}

/* What was there before may count as flushed. */
static int opened(int fd, const char *path)
{
	const char *name = strrchr(path, '/');
	off_t size = fd < 0 ? 0 : fd_size(fd);

	size = size > 0 ? size : 0;
	if (fd >= 0 && fd < FILES)
		strike.synced[fd] = size;
	if (path_counts(path))
		say("kept 0 %s %ld", name != NULL ? name + 1 : path, (long)size);
	return fd;
}

/* Only what makes a file or opens it for writing. */
static int open_file(const char *path, int flags, mode_t mode)
{
	char from[PATH_SIZE];
	int fd;

	ready();
	snprintf(from, sizeof from, "%s", path);
	if ((flags & (O_CREAT | O_WRONLY | O_RDWR)) == 0 || !path_counts(from) || !strikes(EVENT_OPEN, from, 0))
		return opened((int)syscall(SYS_openat, AT_FDCWD, path, flags, mode), from);
	if (named_error() != 0) {
		errno = named_error();
		return -1;
	}
	fd = opened((int)syscall(SYS_openat, AT_FDCWD, path, flags, mode), from);
	if (is("kill-after"))
		die();
	return fd;
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_file(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_file(path, flags | O_LARGEFILE, mode);
}

int rename(const char *from, const char *to)
{
	int result;

	ready();
	if (!path_counts(to) || !strikes(EVENT_MOVE, to, 0))
		return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
	if (named_error() != 0) {
		errno = named_error();
		return -1;
	}
	result = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
	if (is("kill-after"))
		die();
	return result;
}

/* ---- clocks */

static void read_clock_file(void)
{
	char text[64] = "";
	int fd = (int)syscall(SYS_openat, AT_FDCWD, strike.clock_file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (syscall(SYS_read, fd, text, sizeof text - 1) > 0) {
		memset(strike.offset, 0, sizeof strike.offset);
		read_offsets(text);
	}
	syscall(SYS_close, fd);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);

	ready();
	if (strike.clock_file != NULL)
		read_clock_file();
	if (result != 0)
		return result;
	if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
		now->tv_sec += strike.offset[0];
	else if (clock == CLOCK_BOOTTIME)
		now->tv_sec += strike.offset[1];
	else if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_MONOTONIC_COARSE)
		now->tv_sec += strike.offset[2];
	return 0;
}

time_t time(time_t *into)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (into != NULL)
		*into = now.tv_sec;
	return now.tv_sec;
}

int gettimeofday(struct timeval *restrict into, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	into->tv_sec = now.tv_sec;
	into->tv_usec = now.tv_nsec / 1000;
	return 0;
}

/* ---- the system log: what is sent is told in the trace instead */

void openlog(const char *identity, int option, int facility)
{
	(void)option;
	(void)facility;
	snprintf(strike.identity, sizeof strike.identity, "%s", identity);
}

static void tell_syslog(const char *format, va_list args)
{
	char text[1024];

	ready();
	vsnprintf(text, sizeof text, format, args);
	say("syslog %s %s", strike.identity, text);
}

void syslog(int priority, const char *format, ...)
{
	va_list args;

	(void)priority;
	va_start(args, format);
	tell_syslog(format, args);
	va_end(args);
}

void __syslog_chk(int priority, int flag, const char *format, ...);
void __syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list args;

	(void)priority;
	(void)flag;
	va_start(args, format);
	tell_syslog(format, args);
	va_end(args);
}
