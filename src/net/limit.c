#include "config.h"
#include "net/limit.h"

#include <glib.h>

#define MINUTE_MS 60000
#define HOUR_MS 3600000
#define UNANSWERED_WAIT_MS 1000 /* look again: nothing is known while all places are taken by unanswered calls */

/* Clocks are read in whole milliseconds, and the service's window may be closed on both sides. */
#define MARGIN_MS 5

/* The proof. A call leaves at t only if fewer than N calls are unanswered or were answered after t - window. Take any
 * window (T - w, T] of arrivals at the service, and of these the call j that left last, at t <= T. Each other one had left
 * before t, and was answered, if at all, after it arrived, so after T - w >= t - w: j counted it. So there are at most N. */
struct limit {
	unsigned count[2];    /* N: a minute, an hour; 0 if there is no such limit */
	int64_t window[2];    /* ms */
	GArray *answered;     /* int64_t, ascending */
	GArray *open;         /* uint64_t: tickets not answered yet */
	uint64_t tickets;
	int64_t blocked_until;
};

struct limit *limit_new(unsigned per_minute, unsigned per_hour, double window_scale)
{
	struct limit *limit = g_new0(struct limit, 1);

	limit->window[0] = (int64_t)(MINUTE_MS * window_scale);
	limit->window[1] = (int64_t)(HOUR_MS * window_scale);
	limit->count[0] = limit->window[0] > 0 ? per_minute : 0;
	limit->count[1] = limit->window[1] > 0 ? per_hour : 0;
	limit->answered = g_array_new(FALSE, FALSE, sizeof(int64_t));
	limit->open = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	limit->blocked_until = INT64_MIN;
	return limit;
}

void limit_free(struct limit *limit)
{
	if (limit == NULL)
		return;
	g_array_unref(limit->answered);
	g_array_unref(limit->open);
	g_free(limit);
}

/* Index of the first answer later than ms. */
static guint answered_after(const struct limit *limit, int64_t ms)
{
	guint low = 0, high = limit->answered->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(limit->answered, int64_t, middle) > ms)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void answered_insert(struct limit *limit, int64_t ms)
{
	g_array_insert_val(limit->answered, answered_after(limit, ms), ms);
}

static int64_t window_wait(const struct limit *limit, int which, int64_t now_ms)
{
	int64_t span = limit->window[which] + MARGIN_MS;
	guint first = answered_after(limit, now_ms - span);
	guint counted = limit->answered->len - first + limit->open->len;
	guint leave; /* the answer that must leave the window */

	if (limit->count[which] == 0 || counted < limit->count[which])
		return 0;
	leave = first + (counted - limit->count[which]);
	if (leave >= limit->answered->len)
		return UNANSWERED_WAIT_MS;
	return g_array_index(limit->answered, int64_t, leave) + span - now_ms;
}

int64_t limit_wait(const struct limit *limit, int64_t now_ms, bool *by_hour)
{
	int64_t minute = window_wait(limit, 0, now_ms);
	int64_t hour = window_wait(limit, 1, now_ms);
	int64_t blocked = limit->blocked_until > now_ms ? limit->blocked_until - now_ms : 0;
	int64_t most = MAX(MAX(minute, hour), blocked);

	if (by_hour != NULL)
		*by_hour = hour > 0 && hour == most;
	return most;
}

static void limit_prune(struct limit *limit, int64_t now_ms)
{
	int64_t longest = limit->count[1] > 0 ? limit->window[1] : limit->window[0];
	guint gone = answered_after(limit, now_ms - longest - MARGIN_MS);

	if (limit->count[0] == 0 && limit->count[1] == 0)
		gone = limit->answered->len;
	if (gone > 0)
		g_array_remove_range(limit->answered, 0, gone);
}

uint64_t limit_take(struct limit *limit, int64_t now_ms)
{
	uint64_t ticket = ++limit->tickets;

	limit_prune(limit, now_ms);
	g_array_append_val(limit->open, ticket);
	return ticket;
}

/* True if the ticket was open. */
static bool ticket_close(struct limit *limit, uint64_t ticket)
{
	for (guint i = 0; i < limit->open->len; i++)
		if (g_array_index(limit->open, uint64_t, i) == ticket) {
			g_array_remove_index_fast(limit->open, i);
			return true;
		}
	return false;
}

void limit_answered(struct limit *limit, uint64_t ticket, int64_t now_ms)
{
	if (ticket_close(limit, ticket))
		answered_insert(limit, now_ms);
}

void limit_forget(struct limit *limit, uint64_t ticket)
{
	ticket_close(limit, ticket);
}

void limit_block(struct limit *limit, int64_t until_ms)
{
	limit->blocked_until = MAX(limit->blocked_until, until_ms);
}

void limit_recall(struct limit *limit, int64_t answered_ms)
{
	answered_insert(limit, answered_ms);
}

/* When a call may leave that has `before` calls answered before it, the last of them last. */
static int64_t estimate_next(const struct limit *limit, const GArray *times, int64_t at)
{
	for (int which = 0; which < 2; which++) {
		guint count = limit->count[which];

		if (count > 0 && times->len >= count)
			at = MAX(at, g_array_index(times, int64_t, times->len - count) + limit->window[which] + MARGIN_MS);
	}
	return at;
}

int64_t limit_estimate(const struct limit *limit, uint64_t count, int64_t now_ms)
{
	GArray *times;
	int64_t at = MAX(now_ms, limit->blocked_until);

	if (limit->count[0] == 0 && limit->count[1] == 0)
		return at - now_ms;
	times = g_array_new(FALSE, FALSE, sizeof at);
	if (limit->answered->len > 0)
		g_array_append_vals(times, limit->answered->data, limit->answered->len);
	for (guint i = 0; i < limit->open->len; i++)
		g_array_append_val(times, now_ms);
	for (uint64_t i = 0; i < count; i++) {
		at = estimate_next(limit, times, at);
		g_array_append_val(times, at);
	}
	g_array_unref(times);
	return at - now_ms;
}
