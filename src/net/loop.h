/* The one place that waits. A turn is: top up, perform, poll. Callbacks never run the loop again (asserted).
 * Times are those of clock_ms() (core/isotime.h). */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/auto.h"
#include "core/error.h"

struct loop;
struct loop_timer;

typedef void loop_fn(void *data);

/* Installs the signal pipe (SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCHLD, SIGCONT) and ignores SIGPIPE. One loop a process. */
struct loop *loop_new(struct error *error);
void loop_free(struct loop *loop);
AUTO_DEFINE(loop_free, struct loop *)

/* Runs turns until done(data) is true. Returns false if it stopped because of a signal that asks to stop
 * (loop_interrupted) while breakable is true; then done may be false. */
bool loop_run(struct loop *loop, bool (*done)(void *data), void *data, bool breakable);

/* Runs turns for ms. Returns false if a signal asks to stop before that. */
bool loop_pause(struct loop *loop, int64_t ms);

/* One turn that waits at most ms. */
void loop_turn(struct loop *loop, int64_t ms);

/* Called once, at or after the time; the timer is gone then. Cancel accepts NULL. */
struct loop_timer *loop_timer_add(struct loop *loop, int64_t at_ms, loop_fn *fn, void *data);
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);

/* Called in each turn before requests are performed: senders top up here. */
void loop_topup_add(struct loop *loop, loop_fn *fn, void *data);
void loop_topup_remove(struct loop *loop, loop_fn *fn, void *data);

/* A descriptor to watch for reading (a terminal, a pipe). One function a descriptor. */
void loop_watch(struct loop *loop, int fd, loop_fn *fn, void *data);
void loop_unwatch(struct loop *loop, int fd);

/* Signals seen since last cleared: SIGINT counts; SIGTERM and SIGHUP stay set for good. */
bool loop_interrupted(const struct loop *loop); /* SIGINT pending, or asked to end */
int loop_interrupts(const struct loop *loop);   /* how many SIGINT since cleared: the second one abandons what is in flight */
void loop_interrupt_clear(struct loop *loop);
int loop_ending(const struct loop *loop);       /* SIGTERM or SIGHUP once received, else 0 */
/* Called (from the turn, not the handler) on SIGWINCH, SIGINT, ...; NULL removes. */
void loop_on_signal(struct loop *loop, int signo, loop_fn *fn, void *data);

#endif
