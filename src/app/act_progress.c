/* How jobs get on, while they are waited for and when they end behind the user's back. */
#include "config.h"
#include "app/act.h"

#include <string.h>

#include "app/output.h"
#include "app/tenant.h"
#include "core/isotime.h"
#include "core/text.h"

#define TICK_MS 1000
#define SHOW_MS 200
#define PLAIN_MS 60000      /* a line where there is no terminal: after so long, or a tenth further */
#define PLAIN_LEAST_MS 2000
#define HOLD_LEAST_MS 1000  /* a shorter hold is not worth a word */
#define TOLD_NAMES 5        /* devices of an outcome named in a notice */

/* ---- one job in words */

/* The limit lets nothing leave now. */
static void append_hold(GString *text, const struct job_pace *pace)
{
	int64_t wait = pace->until_ms - clock_ms();
	AUTO(g_free) char *how_long = duration_text(wait);
	char time[ISOTIME_SIZE];

	isotime_format(isotime_now() + wait * ISOTIME_TICKS_PER_MS, time);
	if (pace->by_hour)
		g_string_append_printf(text, ", the hour's calls are used up: goes on at %.8sZ, in %s", time + 11, how_long);
	else
		g_string_append_printf(text, ", the minute's calls are used up: goes on in %s", how_long);
}

static void append_pace(GString *text, const struct job *job, const struct job_pace *pace)
{
	AUTO(g_free) char *left = duration_text(pace->left_ms);

	if (pace->stopping) {
		g_string_append_printf(text, ", stopping: %zu answers to come", pace->in_flight);
		return;
	}
	if (pace->in_flight > 0)
		g_string_append_printf(text, ", %zu in flight", pace->in_flight);
	if (pace->canary > 0 && pace->waiting + pace->canary >= job->devices->len && pace->in_flight == 0)
		g_string_append(text, ", the canary's actions are pending");
	else if (pace->until_ms - clock_ms() >= HOLD_LEAST_MS)
		append_hold(text, pace);
	else if (pace->waiting + pace->in_flight > 0 && pace->per_minute >= 0.5)
		g_string_append_printf(text, ", %.0f a minute", pace->per_minute);
	if (pace->waiting + pace->in_flight > 0 && pace->left_ms >= 0 && pace->canary == 0)
		g_string_append_printf(text, ", about %s left", left);
}

char *act_job_state(const struct job *job)
{
	GString *text = g_string_new(job->action);
	struct job_counts counts;
	struct job_pace pace;

	job_count(job, &counts);
	job_pace(job, &pace);
	g_string_append_printf(text, " %zu of %zu", counts.total - counts.pending - (job_is_running(job) ? 0 : counts.unsent),
		counts.total);
	if (counts.refused > 0)
		g_string_append_printf(text, ", %zu refused", counts.refused);
	if (counts.unknown > 0)
		g_string_append_printf(text, ", %zu unknown", counts.unknown);
	if (job_is_running(job))
		append_pace(text, job, &pace);
	else if (counts.unsent > 0)
		g_string_append_printf(text, ", %zu not sent", counts.unsent);
	return g_string_free(text, FALSE);
}

/* "12 of 30 actions pending, the oldest for 5 min"; the age is by two clocks, and so about right. */
static char *watch_state(const struct job *job)
{
	int64_t oldest, now = isotime_now();
	size_t open = job_open_actions(job, &oldest);
	AUTO(g_free) char *age = duration_text(oldest > 0 ? (now - oldest) / ISOTIME_TICKS_PER_MS : 0);
	GString *text = g_string_new(job->action);
	struct job_counts counts;

	job_count(job, &counts);
	g_string_append_printf(text, ": %zu of %zu action%s still pending", open, counts.accepted + counts.already,
		counts.accepted + counts.already == 1 ? "" : "s");
	if (oldest > 0)
		g_string_append_printf(text, ", the oldest for %s", age);
	return g_string_free(text, FALSE);
}

/* ---- while somebody waits */

struct progress {
	struct session *session;
	const struct job *job; /* NULL: all that run */
	struct loop_timer *timer;
	int64_t shown_ms, told_ms;
	size_t told;           /* devices done when the last plain line was written */
};

static size_t done_devices(const struct job *job)
{
	struct job_counts counts;

	job_count(job, &counts);
	return counts.total - counts.states[JOB_PLANNED] - counts.states[JOB_INTENT];
}

static void progress_plain(struct progress *progress, const struct job *job, const char *text)
{
	size_t done = done_devices(job);
	int64_t now = clock_ms();
	bool further = done >= progress->told + MAX(job->devices->len / 10, 1) && now - progress->told_ms >= PLAIN_LEAST_MS;

	if (!further && now - progress->told_ms < PLAIN_MS)
		return;
	progress->told = done;
	progress->told_ms = now;
	session_say(progress->session, "%s", text);
}

static void progress_show(struct progress *progress)
{
	AUTO(g_ptr_array_unref) GPtrArray *running = jobs_now_running(progress->session->tenant->jobs);
	const struct job *job = progress->job != NULL ? progress->job : running->len > 0 ? running->pdata[0] : NULL;
	AUTO(g_free) char *state = NULL;
	AUTO(g_free) char *text = NULL;

	if (job == NULL)
		return;
	state = progress->job == NULL || job_is_running(job) ? act_job_state(job) : watch_state(job);
	text = progress->job == NULL && running->len > 1 ? g_strdup_printf("%u jobs, %s", running->len, state) :
		g_strdup(state);
	if (output_has_progress(progress->session->output))
		output_progress(progress->session->output, text);
	else
		progress_plain(progress, job, text);
}

static void progress_tick(void *data)
{
	struct progress *progress = data;

	progress->timer = loop_timer_add(progress->session->loop, clock_ms() + TICK_MS, progress_tick, progress);
	progress_show(progress);
}

static void progress_changed(void *data, const struct job *job)
{
	struct progress *progress = data;
	int64_t now = clock_ms();

	(void)job;
	if (now - progress->shown_ms < SHOW_MS)
		return; /* counting thousands of devices in each turn would be felt */
	progress->shown_ms = now;
	progress_show(progress);
}

static void progress_begin(struct progress *progress, struct session *session, const struct job *job)
{
	int64_t now = clock_ms();

	*progress = (struct progress){ .session = session, .job = job, .told_ms = now,
		.told = job != NULL ? done_devices(job) : 0 };
	progress->timer = loop_timer_add(session->loop, now + TICK_MS, progress_tick, progress);
	if (output_has_progress(session->output))
		progress_show(progress);
}

static void progress_end(struct progress *progress)
{
	loop_timer_cancel(progress->session->loop, progress->timer);
	output_progress(progress->session->output, NULL);
}

bool act_run_sending(struct session *session, struct job *job, bool canary_asks, struct error *error)
{
	struct progress progress;
	struct job_hooks hooks = { .progress = progress_changed, .data = &progress, .canary_asks = canary_asks };
	bool ok;

	session_say(session, "job %s (%%%u)", job->id, job->number);
	progress_begin(&progress, session, job);
	ok = job_run(session->tenant->jobs, job, &hooks, error);
	progress_end(&progress);
	return ok;
}

bool act_run_watch(struct session *session, struct job *job, int64_t for_ms, struct error *error)
{
	struct progress progress;
	struct job_hooks hooks = { .progress = progress_changed, .data = &progress };
	bool ok;

	progress_begin(&progress, session, job);
	ok = job_watch(session->tenant->jobs, job, for_ms, &hooks, error);
	progress_end(&progress);
	return ok;
}

static bool all_are_sent(void *data)
{
	return jobs_running(((struct session *)data)->tenant->jobs) == 0;
}

bool act_wait_all(struct session *session)
{
	struct progress progress;
	bool over;

	progress_begin(&progress, session, NULL);
	over = loop_run(session->loop, all_are_sent, session, true) || all_are_sent(session);
	progress_end(&progress);
	return over;
}

/* ---- behind the user's back */

static void append_count(GString *out, size_t count, const char *what)
{
	if (count > 0)
		g_string_append_printf(out, "%s%zu %s", out->len > 0 ? ", " : "", count, what);
}

char *act_job_counts(const struct job *job)
{
	GString *text = g_string_new(NULL);
	struct job_counts counts;

	job_count(job, &counts);
	append_count(text, counts.accepted, "accepted");
	append_count(text, counts.already, "already");
	append_count(text, counts.skipped, "skipped");
	append_count(text, counts.refused, "refused");
	append_count(text, counts.unsent, "unsent");
	append_count(text, counts.unknown, "unknown");
	append_count(text, counts.pending, "pending");
	return g_string_free(text, FALSE);
}

char *act_job_next(const struct job *job)
{
	int64_t oldest;

	if (job_is_running(job))
		return g_strdup_printf("wait %s", job->id);
	if (job_is_unfinished(job))
		return g_strdup_printf("resume %s", job->id);
	return job_open_actions(job, &oldest) > 0 ? g_strdup_printf("wait %s", job->id) : NULL;
}

/* The first devices that ended badly in one way, by name. */
static void say_names(struct session *session, const struct job *job, enum job_state state, const char *what)
{
	AUTO(g_string) GString *text = g_string_new(NULL);
	size_t count = 0;

	for (guint i = 0; i < job->devices->len; i++) {
		const struct job_device *device = g_ptr_array_index(job->devices, i);
		const char *name;

		if (device->state != state || count++ >= TOLD_NAMES)
			continue;
		name = device->name != NULL && device->name[0] != '\0' ? device->name : device->id;
		g_string_append(text, text->len > 0 ? ", " : "");
		text_append_safe(text, name, strlen(name));
		if (device->message == NULL)
			continue;
		g_string_append(text, " (");
		text_append_safe(text, device->message, strlen(device->message));
		g_string_append_c(text, ')');
	}
	if (count > TOLD_NAMES)
		g_string_append_printf(text, ", and %zu more: job %s", count - TOLD_NAMES, job->id);
	if (count > 0)
		session_say(session, "  %s: %s", what, text->str);
}

static void tell_end(void *data, struct job *job)
{
	struct session *session = data;
	AUTO(g_free) char *counts = act_job_counts(job);
	AUTO(g_free) char *next = act_job_next(job);

	session_say(session, "[%%%u] %s %s: %s", job->number, job->action, job->id, counts);
	if (job_stop_error(job)->kind != ERROR_NONE)
		session_warn(session, "job %s stopped: %s", job->id, job_stop_error(job)->text);
	say_names(session, job, JOB_REFUSED, "refused");
	say_names(session, job, JOB_UNKNOWN, "unknown");
	if (next != NULL)
		session_say(session, "  next: %s", next);
}

struct job_hooks act_background_hooks(struct session *session)
{
	return (struct job_hooks){ .done = tell_end, .data = session, .canary_asks = !(session->batch && session->options->yes) };
}
