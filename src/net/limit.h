/* A rate limit as the service counts it: a sliding window (API contract, section 12). Call i may leave when call i-N was
 * answered at least a window ago; an unanswered call counts at its timeout. Two windows a limit: a minute and an hour,
 * multiplied by the window scale (tests only). Pure: the clock is passed in. */
#ifndef NET_LIMIT_H
#define NET_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct limit;

/* Counts of 0 mean no such limit. */
struct limit *limit_new(unsigned per_minute, unsigned per_hour, double window_scale);
void limit_free(struct limit *limit);

/* Milliseconds until the next call may leave, 0 if now. *by_hour (may be NULL) tells whether the hour window is the
 * one that holds it. */
int64_t limit_wait(const struct limit *limit, int64_t now_ms, bool *by_hour);
/* A call leaves: returns its ticket. */
uint64_t limit_take(struct limit *limit, int64_t now_ms);
/* Its answer came (or it was given up) at now_ms. */
void limit_answered(struct limit *limit, uint64_t ticket, int64_t now_ms);
/* A call that surely never reached the service does not count. */
void limit_forget(struct limit *limit, uint64_t ticket);
/* The service said 429: nothing leaves before until_ms. */
void limit_block(struct limit *limit, int64_t until_ms);
/* An earlier answer, read from a journal: call in any order before the first take. */
void limit_recall(struct limit *limit, int64_t answered_ms);
/* How long count more calls would take from now at the limit, in ms; for estimates. */
int64_t limit_estimate(const struct limit *limit, uint64_t count, int64_t now_ms);

#endif
