#include "config.h"
#include "net/loop.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/isotime.h"
#include "tests/tap.h"

struct state {
	struct loop *loop;
	char order[32];
	int turns, reads;
	int fds[2];
};

static void mark(struct state *state, const char *what)
{
	g_strlcat(state->order, what, sizeof state->order);
}

static void timer_a(void *data)
{
	mark(data, "a");
}

static void timer_b(void *data)
{
	mark(data, "b");
}

static void timer_again(void *data)
{
	struct state *state = data;

	mark(state, "x");
	loop_timer_add(state->loop, clock_ms() - 1000, timer_a, state);
}

static void top_up(void *data)
{
	struct state *state = data;

	state->turns++;
}

static void on_read(void *data)
{
	struct state *state = data;
	char byte;

	if (read(state->fds[0], &byte, 1) <= 0)
		loop_unwatch(state->loop, state->fds[0]);
	state->reads++;
}

static void on_signal(void *data)
{
	mark(data, "s");
}

static bool always(void *data)
{
	(void)data;
	return true;
}

static bool never(void *data)
{
	(void)data;
	return false;
}

static void check_timers(struct state *state)
{
	int64_t now = clock_ms(), before;

	loop_timer_add(state->loop, now + 30, timer_b, state);
	loop_timer_add(state->loop, now + 10, timer_a, state);
	loop_timer_cancel(state->loop, loop_timer_add(state->loop, now + 5, timer_b, state));
	loop_timer_cancel(state->loop, NULL);
	while (strlen(state->order) < 2)
		loop_turn(state->loop, 1000);
	tap_str(state->order, "ab", "timers run by time, a cancelled one does not");
	tap_ok(clock_ms() - now >= 30 && clock_ms() - now < 500, "and not before their time");
	*state->order = '\0';
	loop_timer_add(state->loop, now, timer_again, state);
	loop_timer_add(state->loop, now, timer_b, state);
	loop_turn(state->loop, 0);
	tap_str(state->order, "xb", "a timer added for the past waits for the next turn");
	loop_turn(state->loop, 0);
	tap_str(state->order, "xba", "then it runs");
	*state->order = '\0';
	before = clock_ms();
	loop_turn(state->loop, 50);
	tap_ok(clock_ms() - before >= 45, "a turn with nothing to do waits");
}

static void check_watch(struct state *state)
{
	int64_t before;

	if (pipe(state->fds) != 0)
		return;
	loop_watch(state->loop, state->fds[0], on_read, state);
	tap_int(write(state->fds[1], "1", 1), 1, "a byte into the pipe");
	before = clock_ms();
	loop_turn(state->loop, 5000);
	tap_int(state->reads, 1, "a readable descriptor calls its function");
	tap_ok(clock_ms() - before < 1000, "at once");
	close(state->fds[1]);
	loop_turn(state->loop, 1000);
	tap_int(state->reads, 2, "so does the end of a pipe");
	before = clock_ms();
	loop_turn(state->loop, 30);
	tap_ok(state->reads == 2 && clock_ms() - before >= 25, "unwatched, it is quiet");
	loop_watch(state->loop, state->fds[0], on_read, state);
	close(state->fds[0]);
	loop_turn(state->loop, 30); /* warns and drops it */
	before = clock_ms();
	loop_turn(state->loop, 30);
	tap_ok(clock_ms() - before >= 25, "a closed descriptor does not make the loop spin");
}

static void check_signals(struct state *state)
{
	int64_t before = clock_ms();

	loop_on_signal(state->loop, SIGINT, on_signal, state);
	tap_ok(!loop_interrupted(state->loop), "not interrupted at first");
	raise(SIGINT);
	tap_ok(loop_interrupted(state->loop), "SIGINT interrupts");
	loop_turn(state->loop, 5000);
	tap_str(state->order, "s", "its function is called from the turn");
	tap_ok(clock_ms() - before < 1000, "a signal before the wait ends the wait");
	tap_ok(!loop_run(state->loop, never, NULL, true), "a breakable run stops");
	tap_ok(loop_run(state->loop, always, NULL, false), "another does not");
	raise(SIGINT);
	tap_int(loop_interrupts(state->loop), 2, "they count");
	loop_interrupt_clear(state->loop);
	tap_ok(!loop_interrupted(state->loop), "cleared");
	raise(SIGTERM);
	loop_interrupt_clear(state->loop);
	tap_int(loop_ending(state->loop), SIGTERM, "SIGTERM stays");
	tap_ok(loop_interrupted(state->loop), "and asks to stop");
}

static void run_again(void *data)
{
	struct state *state = data;

	loop_run(state->loop, always, NULL, false);
}

static void check_nesting(struct state *state)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		if (dup2(STDOUT_FILENO, STDERR_FILENO) < 0 || freopen("/dev/null", "w", stderr) == NULL)
			_exit(0);
		loop_timer_add(state->loop, 0, run_again, state);
		loop_turn(state->loop, 0);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	tap_ok(WIFSIGNALED(status) && (WTERMSIG(status) == SIGABRT || WTERMSIG(status) == SIGTRAP),
		"running the loop from a callback ends the program");
}

static void ignore_warning(const char *domain, GLogLevelFlags level, const char *message, void *data)
{
	(void)domain;
	(void)level;
	(void)message;
	(void)data;
}

int main(void)
{
	struct error error = ERROR_INIT;
	AUTO(loop_free) struct loop *loop = NULL;
	struct state state = { 0 };

	/* A background job of a shell inherits them ignored, and the loop leaves them so. */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	state.loop = loop = loop_new(&error);
	g_log_set_handler(NULL, G_LOG_LEVEL_WARNING, ignore_warning, NULL);
	check_timers(&state);
	loop_topup_add(loop, top_up, &state);
	loop_turn(loop, 0);
	loop_turn(loop, 0);
	loop_topup_remove(loop, top_up, &state);
	loop_turn(loop, 0);
	tap_int(state.turns, 2, "a top-up runs once a turn until removed");
	check_watch(&state);
	check_nesting(&state);
	check_signals(&state);
	return tap_done();
}
