#include "config.h"
#include "engine/waiting.h"

#include <glib.h>

#include "core/auto.h"
#include "core/isotime.h"

#define TICK_MS 1000
#define SLOW_MS 3000   /* from then on the time is told */
#define PLAIN_MS 10000 /* between two plain lines */
#define PLAIN_SLOW_MS 60000 /* if there is no news */

static void append_end(GString *text, const struct waiting *waiting, int64_t now)
{
	AUTO(g_free) char *left = NULL;

	if (waiting->end == 0 || waiting->end <= now)
		return;
	left = duration_text(waiting->end - now);
	g_string_append_printf(text, ", given up in %s", left);
}

/* A line in batch, if the last one is so long ago. */
static void tell_plain(struct waiting *waiting, const char *line, int64_t after_ms)
{
	int64_t now = clock_ms();

	if (waiting->engine->interactive || after_ms == INT64_MAX || (waiting->told != 0 && now - waiting->told < after_ms))
		return;
	waiting->told = now;
	waiting->engine->notice(waiting->engine->data, "%s", line);
}

static void tick(void *data)
{
	struct waiting *waiting = data;
	AUTO(g_string) GString *text = g_string_new(waiting->what);
	int64_t now = clock_ms();
	AUTO(g_free) char *time = duration_text(waiting->until > now ? waiting->until - now : now - waiting->started);

	waiting->timer = loop_timer_add(waiting->engine->loop, now + TICK_MS, tick, waiting);
	if (waiting->until > now)
		g_string_append_printf(text, ": going on in %s", time);
	else if (now - waiting->started >= SLOW_MS)
		g_string_append_printf(text, ": no answer for %s", time);
	else
		return;
	append_end(text, waiting, now);
	if (waiting->until > now) /* last, for the line is cut at the width */
		g_string_append_printf(text, ": %s", waiting->why);
	waiting->engine->progress(waiting->engine->data, text->str);
	tell_plain(waiting, text->str, now - waiting->started >= PLAIN_MS ? PLAIN_SLOW_MS : INT64_MAX);
}

void waiting_begin(struct waiting *waiting, struct engine *engine, const char *what, int64_t patience_ms)
{
	int64_t now = clock_ms();

	*waiting = (struct waiting){ .engine = engine, .what = what, .started = now,
		.end = patience_ms > 0 ? now + patience_ms : 0 };
	engine->progress(engine->data, what);
	waiting->timer = loop_timer_add(engine->loop, now + TICK_MS, tick, waiting);
}

void waiting_tell(struct waiting *waiting, const char *why, int64_t ms)
{
	AUTO(g_free) char *time = duration_text(ms);
	AUTO(g_free) char *line = g_strdup_printf("%s: %s; going on in %s", waiting->what, why, time);
	int64_t now = clock_ms();

	g_free(waiting->why);
	waiting->why = g_strdup(why);
	waiting->until = now + ms;
	waiting->started = waiting->until; /* of the next answer */
	loop_timer_cancel(waiting->engine->loop, waiting->timer);
	tick(waiting);
	tell_plain(waiting, line, PLAIN_MS);
}

void waiting_progress(struct waiting *waiting, const char *text)
{
	AUTO(g_free) char *line = g_strdup_printf("%s: %s", waiting->what, text);

	waiting->started = clock_ms();
	waiting->engine->progress(waiting->engine->data, line);
}

void waiting_end(struct waiting *waiting)
{
	loop_timer_cancel(waiting->engine->loop, waiting->timer);
	g_free(waiting->why);
	waiting->engine->progress(waiting->engine->data, NULL);
}
