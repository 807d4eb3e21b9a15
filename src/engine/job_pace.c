/* How fast a running job gets on, and how long it still takes. */
#include "config.h"
#include "engine/sender.h"

#define PACE_WINDOW_MS 60000

void pace_note(struct job_run *run)
{
	struct pace *pace = &run->pace;
	struct job_counts counts;
	int64_t now = clock_ms();
	unsigned last = (pace->next + PACE_SAMPLES - 1) % PACE_SAMPLES;

	if (pace->count > 0 && now - pace->at_ms[last] < PACE_WINDOW_MS / (PACE_SAMPLES - 1))
		return;
	job_count(run->job, &counts);
	pace->at_ms[pace->next] = now;
	pace->answered[pace->next] = counts.total - counts.pending;
	pace->next = (pace->next + 1) % PACE_SAMPLES;
	pace->count = MIN(pace->count + 1, PACE_SAMPLES);
}

/* Devices a minute, over the last minute of the run; 0 if that is not known yet. */
static double pace_rate(const struct pace *pace, size_t answered, int64_t now)
{
	unsigned from = (pace->next + PACE_SAMPLES - pace->count) % PACE_SAMPLES;

	for (unsigned i = 0; i < pace->count; i++, from = (from + 1) % PACE_SAMPLES)
		if (now - pace->at_ms[from] <= PACE_WINDOW_MS || i + 1 == pace->count)
			break;
	if (pace->count == 0 || now - pace->at_ms[from] < 1000 || answered <= pace->answered[from])
		return 0;
	return (double)(answered - pace->answered[from]) * 60000.0 / (double)(now - pace->at_ms[from]);
}

/* By the limit, and by what was reached in fact: the later of both. A rate of 0 tells nothing. */
static int64_t pace_left(const struct job_run *run, const struct job_pace *pace, int64_t now)
{
	bool tags = run->job->verb != ACT_DEVICE;
	uint64_t calls = tags ? (pace->waiting + DEFENDER_TAG_MAX - 1) / DEFENDER_TAG_MAX : pace->waiting;
	int64_t by_limit = run->limit != NULL ? limit_estimate(run->limit, calls, now) : 0;
	double by_rate = pace->per_minute > 0 ? (double)(pace->waiting + pace->in_flight) / pace->per_minute * 60000.0 : 0;

	if (pace->per_minute <= 0 && by_limit <= 0)
		return -1;
	return MAX(by_limit, (int64_t)by_rate);
}

void job_pace(const struct job *job, struct job_pace *pace)
{
	const struct job_run *run = job->run_now;
	struct job_counts counts;
	int64_t now = clock_ms(), wait;

	*pace = (struct job_pace){ .left_ms = -1 };
	if (run == NULL)
		return;
	job_count(job, &counts);
	pace->waiting = counts.states[JOB_PLANNED];
	pace->in_flight = counts.states[JOB_INTENT];
	pace->per_minute = pace_rate(&run->pace, counts.total - counts.pending, now);
	pace->left_ms = pace_left(run, pace, now);
	wait = run->limit != NULL && pace->waiting > 0 ? limit_wait(run->limit, now, &pace->by_hour) : 0;
	pace->until_ms = wait > 0 ? now + wait : 0;
	pace->canary = run->canary;
	pace->stopping = run->stopping;
}
