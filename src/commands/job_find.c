#include "config.h"
#include "commands/job_find.h"

#include "app/tenant.h"

struct job *job_find(struct session *session, const struct arguments *arguments, enum jobs_want want,
	struct result *result, bool *dry, struct error *error)
{
	const char *id = arguments_operand(arguments, 0), *name;
	json_t *value;

	*dry = id == NULL && want != JOBS_NAMED && session->dry_run_last != NULL;
	if (!*dry)
		return jobs_find_anywhere(session->tenant->jobs, id, want, error);
	json_object_foreach(session->dry_run_last, name, value)
		result_member(result, name, json_incref(value));
	result_summary(result, "the last act was a dry run: nothing was sent");
	return NULL;
}
