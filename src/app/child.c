#include "config.h"
#include "app/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <glib.h>

#include "app/output.h"
#include "core/auto.h"

struct child {
	pid_t pid;
	int terminal;         /* -1 if there is none to hand over */
	struct termios modes; /* as they were before */
	int wait_status;
	bool ended;
};

static const int child_signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGWINCH, SIGTSTP, SIGTTIN,
	SIGTTOU, SIGCONT };

/* Gives the terminal to a process group; we may be in the background, where tcsetpgrp would stop us. */
static void child_terminal_to(int terminal, pid_t group)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;

	if (terminal < 0)
		return;
	sigaction(SIGTTOU, &ignore, &before);
	tcsetpgrp(terminal, group);
	sigaction(SIGTTOU, &before, NULL);
}

static void child_become(const struct child *child, const char *const *argv, int input, int output, int report)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };
	int fault;

	setpgid(0, 0);
	child_terminal_to(child->terminal, getpgrp());
	/* No program that we start for the user needs these. */
	unsetenv("AZURE_CLIENT_SECRET");
	unsetenv("AZURE_CLIENT_CERTIFICATE_PASSWORD");
	for (size_t i = 0; i < G_N_ELEMENTS(child_signals); i++)
		sigaction(child_signals[i], &standard, NULL);
	if ((input < 0 || dup2(input, STDIN_FILENO) >= 0) && (output < 0 || dup2(output, STDOUT_FILENO) >= 0))
		execvp(argv[0], (char *const *)argv);
	fault = errno;
	if (write(report, &fault, sizeof fault) < 0)
		fault = 0;
	_exit(127);
}

/* Starts it; the pipe, closed by a successful exec, tells why it failed. */
static bool child_start(struct child *child, const char *const *argv, int input, int output, struct error *error)
{
	int report[2], fault;
	ssize_t got;

	if (pipe2(report, O_CLOEXEC) != 0)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot make a pipe");
	child->pid = fork();
	if (child->pid == 0)
		child_become(child, argv, input, output, report[1]);
	close(report[1]);
	if (child->pid < 0) {
		close(report[0]);
		return error_set_errno(error, ERROR_FAILED, errno, "cannot start '%s'", argv[0]);
	}
	/* Both sides, as either may come first. */
	setpgid(child->pid, child->pid);
	child_terminal_to(child->terminal, child->pid);
	while ((got = read(report[0], &fault, sizeof fault)) < 0 && errno == EINTR)
		;
	close(report[0]);
	if (got != sizeof fault)
		return true;
	waitpid(child->pid, NULL, 0);
	child_terminal_to(child->terminal, getpgrp());
	return error_set_errno(error, ERROR_FAILED, fault, "cannot start '%s'", argv[0]);
}

/* Ctrl-Z in the child stops us too, as one job of the shell that started us; `fg` there continues both. */
static void child_stopped(struct child *child)
{
	child_terminal_to(child->terminal, getpgrp());
	kill(0, SIGSTOP);
	child_terminal_to(child->terminal, child->pid);
	kill(-child->pid, SIGCONT);
}

static bool child_done(void *data)
{
	struct child *child = data;

	if (child->ended || waitpid(child->pid, &child->wait_status, WNOHANG | WUNTRACED) != child->pid)
		return child->ended;
	if (WIFSTOPPED(child->wait_status))
		child_stopped(child);
	else
		child->ended = true;
	return child->ended;
}

static bool child_wait(struct session *session, struct child *child, struct error *error)
{
	/* A Ctrl-C that reaches us all the same (no terminal to hand over) is the child's. */
	while (!loop_run(session->loop, child_done, child, true)) {
		loop_interrupt_clear(session->loop);
		if (loop_ending(session->loop) == 0)
			continue;
		kill(-child->pid, SIGHUP);
		kill(-child->pid, SIGCONT);
		loop_run(session->loop, child_done, child, false);
		return error_set(error, ERROR_INTERRUPTED, "interrupted");
	}
	return true;
}

bool child_run(struct session *session, const char *const *argv, int input, int output, int *status,
	struct error *error)
{
	struct child child = { .terminal = -1 };
	bool ok;

	if (tcgetpgrp(STDERR_FILENO) == getpgrp())
		child.terminal = STDERR_FILENO;
	else if (tcgetpgrp(STDIN_FILENO) == getpgrp())
		child.terminal = STDIN_FILENO;
	if (child.terminal >= 0)
		tcgetattr(child.terminal, &child.modes);
	if (!child_start(&child, argv, input, output, error))
		return false;
	output_hold_messages(session->output);
	ok = child_wait(session, &child, error);
	child_terminal_to(child.terminal, getpgrp());
	if (child.terminal >= 0)
		tcsetattr(child.terminal, TCSADRAIN, &child.modes);
	output_release_messages(session->output);
	if (status != NULL)
		*status = WIFSIGNALED(child.wait_status) ? 128 + WTERMSIG(child.wait_status) :
			WEXITSTATUS(child.wait_status);
	return ok;
}
