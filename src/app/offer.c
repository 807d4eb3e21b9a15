#include "config.h"
#include "app/offer.h"

#include <string.h>

#include "app/act.h"
#include "app/ask.h"
#include "app/tenant.h"

char *offer_tenant(const struct session *session)
{
	AUTO(profile_free) struct profile *profile = NULL;
	struct error fault = ERROR_INIT;

	if (session->tenant != NULL)
		return session->tenant->signed_in ? g_strdup(session->tenant->id) : NULL;
	if (session->options->demo) /* its tenant begins with the session */
		return NULL;
	profile = config_profile(session->config, session->options->profile, g_getenv, &fault);
	return profile != NULL && profile->tenant != NULL ? g_ascii_strdown(profile->tenant, -1) : NULL;
}

static char *offer(struct session *session, struct jobs *jobs)
{
	size_t more;
	const struct job *job = jobs_left_over(jobs, &more);
	AUTO(g_free) char *left = job != NULL ? act_job_left(job) : NULL;
	struct error error = ERROR_INIT;

	if (job == NULL)
		return NULL;
	session_say(session, "Job %s of an earlier session is not finished: %s.", job->id, left);
	if (more > 0)
		session_say(session, "%zu more %s not finished: 'jobs' lists them.", more, more == 1 ? "is" : "are");
	if (ask_confirm(session, "Resume it? (yes/no) [no] ", "yes", &error))
		return g_strdup_printf("resume %s", job->id);
	session_say(session, "Later: resume %s", job->id);
	return NULL;
}

char *offer_left_over(struct session *session, const char *tenant)
{
	AUTO(g_free) char *state_dir = g_build_filename(session->state_dir, tenant, NULL);
	AUTO(g_free) char *log_dir = g_build_filename(session->state_dir, "log", NULL);
	struct engine engine = { .loop = session->loop, .tenant_id = tenant, .state_dir = state_dir, .log_dir = log_dir };
	AUTO(jobs_free) struct jobs *jobs = NULL;

	if (session->options->read_only)
		return NULL;
	if (session->tenant != NULL)
		return offer(session, session->tenant->jobs);
	jobs = jobs_new(&engine);
	return offer(session, jobs);
}
