#include "config.h"
#include "commands/entries.h"

#include <string.h>

#include "app/act.h"
#include "app/arguments.h"
#include "app/ask.h"
#include "app/output.h"
#include "app/result.h"
#include "app/session.h"
#include "app/tenant.h"

static bool is_short_for(const char *answer, const char *word)
{
	return answer[0] != '\0' && g_str_has_prefix(word, answer);
}

static void tell_jobs(struct session *session, bool next)
{
	AUTO(g_ptr_array_unref) GPtrArray *running = jobs_now_running(session->tenant->jobs);

	for (guint i = 0; i < running->len; i++) {
		const struct job *job = g_ptr_array_index(running, i);
		AUTO(g_free) char *state = act_job_state(job);

		session_say(session, "  %%%u  %s: %s", job->number, job->id, state);
		if (next)
			session_say(session, "  next: resume %s", job->id);
	}
}

static void leave(struct session *session)
{
	tell_jobs(session, true);
	session->quit = true;
}

static bool stay(struct error *error)
{
	return error_set(error, ERROR_FAILED, "the session goes on");
}

/* Ctrl-C ends the wait, not the jobs. */
static bool wait_and_quit(struct session *session, struct error *error)
{
	if (!act_wait_all(session))
		return stay(error);
	session->quit = true;
	return true;
}

static bool ask_how(struct session *session, struct error *error)
{
	size_t running = session_jobs_running(session);
	AUTO(g_free) char *answer = NULL;

	session_say(session, "%zu job%s still sending:", running, running == 1 ? " is" : "s are");
	tell_jobs(session, false);
	answer = ask_line(session, running == 1 ? "Wait for it, leave it to be resumed later, or stay? (wait/leave/stay) [stay] " :
		"Wait for them, leave them to be resumed later, or stay? (wait/leave/stay) [stay] ", error);
	if (answer == NULL)
		return false;
	if (session_jobs_running(session) == 0) /* while the question stood */
		return session->quit = true;
	if (is_short_for(answer, "wait"))
		return wait_and_quit(session, error);
	if (!is_short_for(answer, "leave"))
		return stay(error);
	leave(session);
	return true;
}

static bool quit_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	(void)result;
	if (session_jobs_running(session) > 0 && arguments_has(arguments, "force"))
		leave(session);
	else if (session_jobs_running(session) > 0 && !session->batch)
		return ask_how(session, error);
	session->quit = true;
	return true;
}

static const struct command_option quit_options[] = {
	{ "force", 'f', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "ask nothing: jobs stop, and can be resumed" },
	{ .name = NULL },
};
static const char *const quit_help[] = {
	"While jobs are sending it asks whether to wait for them, to leave them (sending stops, what is left can be resumed "
	"by a later session) or to stay. In a file the jobs are waited for.", NULL,
};
static const char *const quit_aliases[] = { "exit", NULL };
const struct command command_quit = {
	.name = "quit", .aliases = quit_aliases, .group = GROUP_SESSION, .summary = "end the session", .help = quit_help,
	.options = quit_options, .flags = COMMAND_ENDS, .run = quit_run,
};
