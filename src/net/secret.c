#include "config.h"
#include "net/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/isotime.h"

#define SECRET_LIMIT 4096              /* bytes */
#define COMMAND_TIME_MS (3 * 60 * 1000) /* a person may have to type a passphrase */
#define EXIT_WAIT_MS 20

extern char **environ;

/* A command that is running. */
struct command {
	pid_t pid; /* 0: none */
	int fd;
	struct loop_timer *timer; /* its end, or the next look for its exit status */
	int64_t until_ms;
	char bytes[SECRET_LIMIT + 1];
	size_t length;
};

struct secret {
	struct loop *loop;
	char *value, *file, *command_line;
	char *kept; /* what the command gave; asking again may want a passphrase again */
	struct command command;
	void (*done)(void *data, const char *value, const struct error *error);
	void *data;
};

struct secret *secret_new(struct loop *loop, const struct service_secret *from)
{
	struct secret *secret = g_new0(struct secret, 1);

	secret->loop = loop;
	secret->value = g_strdup(from->value);
	secret->file = g_strdup(from->file);
	secret->command_line = g_strdup(from->command);
	secret->command.fd = -1;
	return secret;
}

static void wipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	g_free(text);
}

/* Ends the command and wipes what it wrote. */
static void command_clear(struct secret *secret)
{
	struct command *command = &secret->command;

	if (command->fd >= 0) {
		loop_unwatch(secret->loop, command->fd);
		close(command->fd);
		command->fd = -1;
	}
	loop_timer_cancel(secret->loop, g_steal_pointer(&command->timer));
	if (command->pid > 0) {
		kill(command->pid, SIGKILL);
		waitpid(command->pid, NULL, 0);
		command->pid = 0;
	}
	explicit_bzero(command->bytes, sizeof command->bytes);
	command->length = 0;
}

void secret_forget(struct secret *secret)
{
	wipe(g_steal_pointer(&secret->kept));
}

void secret_free(struct secret *secret)
{
	if (secret == NULL)
		return;
	command_clear(secret);
	secret_forget(secret);
	wipe(secret->value);
	g_free(secret->file);
	g_free(secret->command_line);
	g_free(secret);
}

/* Cuts text after its first line; false if that line is empty. */
static bool first_line(char *text)
{
	text[strcspn(text, "\r\n")] = '\0';
	return *text != '\0';
}

/* The file */

static bool file_check(const char *path, int fd, struct error *error)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return error_set_errno(error, ERROR_SIGN_IN, errno, "cannot read the secret file '%s'", path);
	if (!S_ISREG(status.st_mode))
		return error_set(error, ERROR_SIGN_IN, "the secret file '%s' is not a regular file", path);
	if ((status.st_mode & 077) != 0) {
		error_set(error, ERROR_SIGN_IN, "the secret file '%s' can be read by others: refused", path);
		error_hint(error, "chmod 600 %s", path);
		return false;
	}
	if (status.st_size > SECRET_LIMIT)
		return error_set(error, ERROR_SIGN_IN, "the secret file '%s' is larger than %d bytes", path, SECRET_LIMIT);
	return true;
}

static bool file_secret(const char *path, char bytes[SECRET_LIMIT + 1], struct error *error)
{
	AUTO(close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t got;

	if (fd < 0)
		return error_set_errno(error, ERROR_SIGN_IN, errno, "cannot open the secret file '%s'", path);
	if (!file_check(path, fd, error))
		return false;
	got = read(fd, bytes, SECRET_LIMIT);
	if (got < 0)
		return error_set_errno(error, ERROR_SIGN_IN, errno, "cannot read the secret file '%s'", path);
	bytes[got] = '\0';
	if (!first_line(bytes))
		return error_set(error, ERROR_SIGN_IN, "the secret file '%s' begins with an empty line", path);
	return true;
}

/* The command */

static void command_fail(struct secret *secret, const char *why)
{
	struct error error = ERROR_INIT;

	command_clear(secret);
	error_set(&error, ERROR_SIGN_IN, "the secret command %s", why);
	error_hint(&error, "try it by hand: it should print the secret as its first line");
	secret->done(secret->data, NULL, &error);
}

/* The output ended; waits for the exit status without blocking. */
static void command_reap(void *data)
{
	struct secret *secret = data;
	struct command *command = &secret->command;
	int status = 0;
	pid_t pid = waitpid(command->pid, &status, WNOHANG);

	command->timer = NULL;
	if (pid == 0 && clock_ms() < command->until_ms) {
		command->timer = loop_timer_add(secret->loop, clock_ms() + EXIT_WAIT_MS, command_reap, secret);
		return;
	}
	if (pid == 0) {
		command_fail(secret, "does not end");
		return;
	}
	command->pid = 0;
	if (pid > 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
		command_fail(secret, "failed");
		return;
	}
	command->bytes[command->length] = '\0';
	if (!first_line(command->bytes)) {
		command_fail(secret, "printed nothing");
		return;
	}
	secret->kept = g_strdup(command->bytes);
	command_clear(secret);
	secret->done(secret->data, secret->kept, NULL);
}

static void command_late(void *data)
{
	struct secret *secret = data;

	secret->command.timer = NULL;
	command_fail(secret, "gave no secret within 3 minutes");
}

static void command_read(void *data)
{
	struct secret *secret = data;
	struct command *command = &secret->command;
	ssize_t got = read(command->fd, command->bytes + command->length, SECRET_LIMIT - command->length);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0 && (command->length += (size_t)got) < SECRET_LIMIT)
		return;
	if (got > 0) {
		command_fail(secret, "printed more than 4096 bytes");
		return;
	}
	loop_unwatch(secret->loop, command->fd);
	close(command->fd);
	command->fd = -1;
	loop_timer_cancel(secret->loop, g_steal_pointer(&command->timer));
	command_reap(secret);
}

/* With default signals and no descriptor of ours but the pipe. Its standard input is empty: ours may be a command file. */
static int command_spawn(const char *line, int out, pid_t *pid)
{
	const char *const argv[] = { "sh", "-c", line, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults, none;
	int result;

	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	result = posix_spawn(pid, "/bin/sh", &actions, &attributes, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return result;
}

static void command_start(struct secret *secret)
{
	struct command *command = &secret->command;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0) {
		command_fail(secret, "cannot be run: no pipe");
		return;
	}
	command->fd = ends[0];
	fcntl(command->fd, F_SETFL, O_NONBLOCK);
	if (command_spawn(secret->command_line, ends[1], &command->pid) != 0) {
		command->pid = 0;
		close(ends[1]);
		command_fail(secret, "cannot be run");
		return;
	}
	close(ends[1]);
	command->until_ms = clock_ms() + COMMAND_TIME_MS;
	command->timer = loop_timer_add(secret->loop, command->until_ms, command_late, secret);
	loop_watch(secret->loop, command->fd, command_read, secret);
}

void secret_get(struct secret *secret, void (*done)(void *data, const char *value, const struct error *error), void *data)
{
	struct error error = ERROR_INIT;
	char bytes[SECRET_LIMIT + 1];

	secret->done = done;
	secret->data = data;
	if (secret->value != NULL && *secret->value != '\0') {
		done(data, secret->value, NULL);
	} else if (secret->file != NULL && *secret->file != '\0') {
		done(data, file_secret(secret->file, bytes, &error) ? bytes : NULL, &error);
		explicit_bzero(bytes, sizeof bytes);
	} else if (secret->kept != NULL) {
		done(data, secret->kept, NULL);
	} else if (secret->command_line != NULL && *secret->command_line != '\0') {
		command_start(secret);
	} else {
		error_set(&error, ERROR_SIGN_IN, "cannot sign in: no client secret");
		error_code(&error, "NoSecret", NULL);
		error_hint(&error, "set AZURE_CLIENT_SECRET, or secret-file or secret-command in the profile");
		done(data, NULL, &error);
	}
}
