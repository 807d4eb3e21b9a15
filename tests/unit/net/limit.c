#include "config.h"
#include "net/limit.h"

#include <glib.h>

#include "tests/tap.h"

#define FLIGHT 8

/* A service that counts arrivals in sliding windows, closed on both sides, on its own microsecond clock. */
struct service {
	GArray *arrivals; /* int64_t, us */
	unsigned count[2];
	int64_t window[2]; /* us */
	unsigned refused;
};

static void service_take(struct service *service, int64_t us)
{
	for (int which = 0; which < 2; which++) {
		unsigned within = 0;

		for (guint i = service->arrivals->len; i > 0; i--) {
			if (g_array_index(service->arrivals, int64_t, i - 1) < us - service->window[which])
				break;
			within++;
		}
		if (service->count[which] > 0 && within >= service->count[which]) {
			service->refused++;
			return;
		}
	}
	g_array_append_val(service->arrivals, us);
}

struct call {
	bool open, arrived;
	int64_t arrives, answers; /* us */
	uint64_t ticket;
};

struct run {
	unsigned calls, latency_ms;
	double scale;
	int64_t took_ms;
	unsigned refused;
};

/* Steps of 1 ms: arrivals in their order, answers, then as many new calls as the limit lets. */
static void run_simulate(struct run *run, struct limit *limit, GRand *random)
{
	struct service service = {
		.arrivals = g_array_new(FALSE, FALSE, sizeof(int64_t)),
		.count = { 100, 1500 },
		.window = { (int64_t)(60e6 * run->scale), (int64_t)(3600e6 * run->scale) },
	};
	struct call calls[FLIGHT] = { 0 };
	unsigned left = run->calls, open = 0;
	int64_t now = 1000;

	for (; left > 0 || open > 0; now++) {
		for (;;) {
			struct call *next = NULL;

			for (int i = 0; i < FLIGHT; i++)
				if (calls[i].open && !calls[i].arrived && calls[i].arrives <= now * 1000
				    && (next == NULL || calls[i].arrives < next->arrives))
					next = &calls[i];
			if (next == NULL)
				break;
			next->arrived = true;
			service_take(&service, next->arrives);
		}
		for (int i = 0; i < FLIGHT; i++) {
			struct call *call = &calls[i];

			if (call->open && call->answers <= now * 1000) {
				limit_answered(limit, call->ticket, now);
				call->open = false;
				open--;
			}
			if (!call->open && left > 0 && limit_wait(limit, now, NULL) == 0) {
				call->open = true;
				call->arrived = false;
				/* The clock is read cut to milliseconds: in truth it is up to 1 ms later. */
				call->arrives = now * 1000 + g_rand_int_range(random, 0, 1000)
					+ g_rand_int_range(random, 0, (gint32)run->latency_ms * 1000);
				call->answers = call->arrives + g_rand_int_range(random, 0, (gint32)run->latency_ms * 1000);
				call->ticket = limit_take(limit, now);
				left--;
				open++;
			}
		}
	}
	run->took_ms = now - 1000;
	run->refused = service.refused;
	g_array_unref(service.arrivals);
}

static void check_run(unsigned calls, unsigned latency_ms, double scale, double best_ms, const char *name)
{
	struct limit *limit = limit_new(100, 1500, scale);
	struct run run = { .calls = calls, .latency_ms = latency_ms, .scale = scale };
	GRand *random = g_rand_new_with_seed(calls + latency_ms);
	int64_t estimate = limit_estimate(limit, calls, 1000);

	run_simulate(&run, limit, random);
	tap_int(run.refused, 0, name);
	tap_ok((double)run.took_ms <= best_ms * 1.03, "%s: %lld ms, at best %.0f ms", name, (long long)run.took_ms,
		best_ms);
	tap_ok((double)estimate > best_ms * 0.999 && (double)estimate < best_ms * 1.001, "%s: estimated as %lld ms", name,
		(long long)estimate);
	g_rand_free(random);
	limit_free(limit);
}

static void check_hour(void)
{
	struct limit *limit = limit_new(100, 1500, 1);
	bool by_hour = false;

	for (int i = 0; i < 1500; i++)
		limit_recall(limit, 1000000 + (1499 - i) * 700); /* any order */
	tap_int(limit_wait(limit, 1000000 + 1500 * 700 + 60000, &by_hour), 3600000 + 5 - 1500 * 700 - 60000,
		"the first of 1,500 answers must leave the hour");
	tap_ok(by_hour, "and it is the hour that holds");
	limit_free(limit);
}

static void check_small(void)
{
	struct limit *limit = limit_new(2, 0, 1);
	uint64_t a, b;
	bool by_hour = true;

	tap_int(limit_wait(limit, 0, NULL), 0, "a fresh limit lets go");
	a = limit_take(limit, 0);
	b = limit_take(limit, 0);
	tap_ok(limit_wait(limit, 10, NULL) > 0, "two unanswered calls fill it");
	tap_ok(limit_wait(limit, 10 * 60000, NULL) > 0, "and still do much later");
	limit_forget(limit, b);
	tap_int(limit_wait(limit, 10, NULL), 0, "an unsent call does not count");
	limit_answered(limit, a, 500);
	limit_answered(limit, a, 900);
	limit_take(limit, 1000);
	tap_int(limit_wait(limit, 1000, &by_hour), 59505, "a window after the answer, with a margin");
	tap_ok(!by_hour, "no hour window here");
	tap_int(limit_wait(limit, 60505, NULL), 0, "then it goes");
	limit_block(limit, 70000);
	limit_block(limit, 65000);
	tap_int(limit_wait(limit, 61000, NULL), 9000, "a wait that the service names is never shortened");
	limit_free(limit);

	limit = limit_new(100, 1500, 0);
	for (int i = 0; i < 5000; i++)
		limit_answered(limit, limit_take(limit, i), i);
	tap_int(limit_wait(limit, 5000, NULL), 0, "scale 0: no limit");
	limit_free(limit);
}

int main(void)
{
	check_small();
	check_hour();
	check_run(350, 60, 0.2, 36000, "350 calls at scale 0.2");
	check_run(1000, 300, 1, 540000, "1,000 calls, slow answers");
	check_run(1700, 100, 1, 3600000 + 60000, "1,700 calls meet the hour");
	return tap_done();
}
