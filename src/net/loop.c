#include "config.h"
#include "net/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/isotime.h"
#include "net/loop_internal.h"

#define LOOP_WAIT_MAX_MS 60000
#define LOOP_CONNECTIONS 32 /* kept open in all */

struct loop_timer {
	int64_t at_ms;
	uint64_t number; /* order of adding */
	loop_fn *fn;
	void *data;
};

struct loop_watch {
	int fd;
	loop_fn *fn;
	void *data;
};

struct loop_topup {
	loop_fn *fn; /* NULL once removed */
	void *data;
};

static const int loop_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCHLD, SIGCONT };

#define LOOP_SIGNALS G_N_ELEMENTS(loop_signals)

struct loop {
	CURLM *multi;
	bool turning;    /* inside a turn: callbacks must not turn again */
	bool performing; /* inside curl_multi_perform */
	uint64_t timers_added;
	GPtrArray *timers; /* struct loop_timer, first due first */
	GArray *watches, *topups;
	loop_fn *signal_fn[LOOP_SIGNALS];
	void *signal_data[LOOP_SIGNALS];
	int signal_seen[LOOP_SIGNALS];
	int interrupts_cleared;
	struct sigaction signal_before[LOOP_SIGNALS], pipe_before;
};

/* The signal pipe: the only global state. The counts are the truth, the pipe only wakes. */
static int signal_pipe[2] = { -1, -1 };
static volatile sig_atomic_t signal_count[LOOP_SIGNALS];

static void signal_handle(int signo)
{
	int saved = errno;

	for (size_t i = 0; i < LOOP_SIGNALS; i++)
		if (loop_signals[i] == signo)
			signal_count[i] = signal_count[i] + 1;
	if (write(signal_pipe[1], "", 1) < 0) {
		/* Full: then it wakes anyway. */
	}
	errno = saved;
}

static size_t signal_index(int signo)
{
	for (size_t i = 0; i < LOOP_SIGNALS; i++)
		if (loop_signals[i] == signo)
			return i;
	g_error("the loop does not handle signal %d", signo);
}

static void signal_install(struct loop *loop)
{
	struct sigaction action = { .sa_handler = signal_handle, .sa_flags = SA_RESTART };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigemptyset(&action.sa_mask);
	sigemptyset(&ignore.sa_mask);
	for (size_t i = 0; i < LOOP_SIGNALS; i++) {
		signal_count[i] = 0;
		sigaction(loop_signals[i], NULL, &loop->signal_before[i]);
		/* nohup(1) and background jobs of a shell without job control: what was ignored stays ignored. */
		if (loop->signal_before[i].sa_handler != SIG_IGN || loop_signals[i] == SIGCHLD)
			sigaction(loop_signals[i], &action, NULL);
	}
	sigaction(SIGPIPE, &ignore, &loop->pipe_before);
}

struct loop *loop_new(struct error *error)
{
	struct loop *loop;

	g_assert(signal_pipe[0] < 0);
	if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
		error_set_errno(error, ERROR_FAILED, errno, "cannot make a pipe");
		return NULL;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		g_error("libcurl does not start");
	loop = g_new0(struct loop, 1);
	loop->multi = curl_multi_init();
	if (loop->multi == NULL)
		g_error("out of memory");
	curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)LOOP_CONNECTIONS);
	loop->timers = g_ptr_array_new();
	loop->watches = g_array_new(FALSE, FALSE, sizeof(struct loop_watch));
	loop->topups = g_array_new(FALSE, FALSE, sizeof(struct loop_topup));
	signal_install(loop);
	return loop;
}

void loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	g_assert(!loop->turning);
	for (size_t i = 0; i < LOOP_SIGNALS; i++)
		sigaction(loop_signals[i], &loop->signal_before[i], NULL);
	sigaction(SIGPIPE, &loop->pipe_before, NULL);
	close(signal_pipe[0]);
	close(signal_pipe[1]);
	signal_pipe[0] = signal_pipe[1] = -1;
	curl_multi_cleanup(loop->multi);
	curl_global_cleanup();
	for (guint i = 0; i < loop->timers->len; i++)
		g_free(loop->timers->pdata[i]);
	g_ptr_array_unref(loop->timers);
	g_array_unref(loop->watches);
	g_array_unref(loop->topups);
	g_free(loop);
}

CURLM *loop_multi(struct loop *loop)
{
	return loop->multi;
}

bool loop_can_change(const struct loop *loop)
{
	return !loop->performing;
}

/* Timers */

struct loop_timer *loop_timer_add(struct loop *loop, int64_t at_ms, loop_fn *fn, void *data)
{
	struct loop_timer *timer = g_new0(struct loop_timer, 1);
	guint place = loop->timers->len;

	timer->at_ms = at_ms;
	timer->number = ++loop->timers_added;
	timer->fn = fn;
	timer->data = data;
	while (place > 0 && ((struct loop_timer *)loop->timers->pdata[place - 1])->at_ms > at_ms)
		place--;
	g_ptr_array_insert(loop->timers, (gint)place, timer);
	return timer;
}

void loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
	if (timer == NULL)
		return;
	if (!g_ptr_array_remove(loop->timers, timer))
		g_error("a timer was cancelled that is gone");
	g_free(timer);
}

/* Only timers that were there when it began: one that adds itself anew for "now" must not starve the rest. True if one
 * ran. */
static bool timers_run(struct loop *loop)
{
	uint64_t last = loop->timers_added;
	int64_t now = clock_ms();
	bool any = false;

	for (guint i = 0; i < loop->timers->len;) {
		struct loop_timer *timer = loop->timers->pdata[i];
		loop_fn *fn = timer->fn;
		void *data = timer->data;

		if (timer->at_ms > now)
			break;
		if (timer->number > last) {
			i++;
			continue;
		}
		any = true;
		g_ptr_array_remove_index(loop->timers, i);
		g_free(timer);
		fn(data);
		i = 0; /* it may have added and cancelled others */
	}
	return any;
}

/* Top-up functions */

void loop_topup_add(struct loop *loop, loop_fn *fn, void *data)
{
	struct loop_topup topup = { fn, data };

	g_array_append_val(loop->topups, topup);
}

void loop_topup_remove(struct loop *loop, loop_fn *fn, void *data)
{
	for (guint i = 0; i < loop->topups->len; i++) {
		struct loop_topup *topup = &g_array_index(loop->topups, struct loop_topup, i);

		if (topup->fn == fn && topup->data == data)
			topup->fn = NULL;
	}
}

static void topups_run(struct loop *loop)
{
	for (guint i = 0; i < loop->topups->len; i++) {
		struct loop_topup topup = g_array_index(loop->topups, struct loop_topup, i);

		if (topup.fn != NULL)
			topup.fn(topup.data);
	}
	for (guint i = loop->topups->len; i > 0; i--)
		if (g_array_index(loop->topups, struct loop_topup, i - 1).fn == NULL)
			g_array_remove_index(loop->topups, i - 1);
}

/* Descriptors */

static struct loop_watch *watch_find(struct loop *loop, int fd)
{
	for (guint i = 0; i < loop->watches->len; i++)
		if (g_array_index(loop->watches, struct loop_watch, i).fd == fd)
			return &g_array_index(loop->watches, struct loop_watch, i);
	return NULL;
}

void loop_watch(struct loop *loop, int fd, loop_fn *fn, void *data)
{
	struct loop_watch watch = { fd, fn, data };
	struct loop_watch *old = watch_find(loop, fd);

	if (old != NULL)
		*old = watch;
	else
		g_array_append_val(loop->watches, watch);
}

void loop_unwatch(struct loop *loop, int fd)
{
	struct loop_watch *watch = watch_find(loop, fd);

	if (watch != NULL)
		g_array_remove_index(loop->watches, (guint)(watch - (struct loop_watch *)(void *)loop->watches->data));
}

/* A closed descriptor makes curl_multi_poll return at once without saying which: find it, or the loop spins. */
static void watches_drop_bad(struct loop *loop)
{
	for (guint i = loop->watches->len; i > 0; i--) {
		struct pollfd fd = { .fd = g_array_index(loop->watches, struct loop_watch, i - 1).fd, .events = POLLIN };

		if (poll(&fd, 1, 0) > 0 && (fd.revents & POLLNVAL) != 0) {
			g_warning("descriptor %d was closed while it was watched", fd.fd);
			g_array_remove_index(loop->watches, i - 1);
		}
	}
}

/* Signals */

/* True if there was one. */
static bool signals_run(struct loop *loop)
{
	bool any = false;
	char bytes[64];

	while (read(signal_pipe[0], bytes, sizeof bytes) > 0)
		;
	for (size_t i = 0; i < LOOP_SIGNALS; i++) {
		int count = signal_count[i];

		if (count == loop->signal_seen[i])
			continue;
		any = true;
		loop->signal_seen[i] = count;
		if (loop->signal_fn[i] != NULL)
			loop->signal_fn[i](loop->signal_data[i]);
	}
	return any;
}

void loop_on_signal(struct loop *loop, int signo, loop_fn *fn, void *data)
{
	size_t i = signal_index(signo);

	loop->signal_fn[i] = fn;
	loop->signal_data[i] = data;
}

int loop_interrupts(const struct loop *loop)
{
	return signal_count[signal_index(SIGINT)] - loop->interrupts_cleared;
}

void loop_interrupt_clear(struct loop *loop)
{
	loop->interrupts_cleared = signal_count[signal_index(SIGINT)];
}

int loop_ending(const struct loop *loop)
{
	(void)loop;
	if (signal_count[signal_index(SIGTERM)] > 0)
		return SIGTERM;
	return signal_count[signal_index(SIGHUP)] > 0 ? SIGHUP : 0;
}

bool loop_interrupted(const struct loop *loop)
{
	return loop_interrupts(loop) > 0 || loop_ending(loop) != 0;
}

/* The turn */

/* Performs transfers; true if one ended. */
static bool transfers_run(struct loop *loop)
{
	bool ended = false;
	int running, queued;
	CURLMsg *message;

	loop->performing = true;
	curl_multi_perform(loop->multi, &running);
	loop->performing = false;
	while ((message = curl_multi_info_read(loop->multi, &queued)) != NULL) {
		CURL *easy = message->easy_handle;
		CURLcode result = message->data.result;
		char *place = NULL;
		struct loop_transfer *transfer;

		if (message->msg != CURLMSG_DONE)
			continue;
		ended = true;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &place);
		curl_multi_remove_handle(loop->multi, easy); /* message is gone now */
		transfer = (struct loop_transfer *)(void *)place;
		transfer->ended(transfer, result);
	}
	return ended;
}

static int wait_ms(const struct loop *loop, int64_t most)
{
	int64_t ms = CLAMP(most, 0, LOOP_WAIT_MAX_MS);

	if (loop->timers->len > 0)
		ms = MIN(ms, ((struct loop_timer *)loop->timers->pdata[0])->at_ms - clock_ms());
	return (int)MAX(ms, 0);
}

static void loop_poll(struct loop *loop, int ms)
{
	guint count = loop->watches->len;
	AUTO(g_free) struct curl_waitfd *fds = g_new0(struct curl_waitfd, count + 1);
	int ready = 0;
	bool any = false;

	fds[0].fd = signal_pipe[0];
	fds[0].events = CURL_WAIT_POLLIN;
	for (guint i = 0; i < count; i++) {
		fds[i + 1].fd = g_array_index(loop->watches, struct loop_watch, i).fd;
		fds[i + 1].events = CURL_WAIT_POLLIN;
	}
	curl_multi_poll(loop->multi, fds, count + 1, ms, &ready);
	for (guint i = 0; i < count; i++) {
		struct loop_watch *watch;

		if (fds[i + 1].revents == 0)
			continue;
		any = true;
		watch = watch_find(loop, fds[i + 1].fd); /* an earlier one may have removed it */
		if (watch != NULL)
			watch->fn(watch->data);
	}
	if (ready > 0 && !any && fds[0].revents == 0 && count > 0)
		watches_drop_bad(loop);
}

/* done may be NULL. True if done said so. */
static bool loop_step(struct loop *loop, bool (*done)(void *data), void *data, int64_t most)
{
	bool again, finished;

	if (loop->turning)
		g_error("the loop was run from one of its callbacks");
	loop->turning = true;
	again = signals_run(loop);
	again = timers_run(loop) || again;
	topups_run(loop);
	again = transfers_run(loop) || again;
	finished = done != NULL && done(data);
	/* What happened may have made room, or be what the caller waits for: look again before waiting. */
	if (!finished)
		loop_poll(loop, again ? 0 : wait_ms(loop, most));
	loop->turning = false;
	return finished;
}

bool loop_run(struct loop *loop, bool (*done)(void *data), void *data, bool breakable)
{
	for (;;) {
		if (breakable && loop_interrupted(loop))
			return false;
		if (loop_step(loop, done, data, LOOP_WAIT_MAX_MS))
			return true;
	}
}

static void loop_pause_over(void *data)
{
	*(bool *)data = true;
}

static bool loop_is_paused(void *data)
{
	return *(bool *)data;
}

bool loop_pause(struct loop *loop, int64_t ms)
{
	bool over = false;
	struct loop_timer *timer = loop_timer_add(loop, clock_ms() + ms, loop_pause_over, &over);

	loop_run(loop, loop_is_paused, &over, true);
	if (!over)
		loop_timer_cancel(loop, timer);
	return over;
}

void loop_turn(struct loop *loop, int64_t ms)
{
	loop_step(loop, NULL, NULL, ms);
}
