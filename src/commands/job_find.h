/* The job that a command names. */
#ifndef COMMANDS_JOB_FIND_H
#define COMMANDS_JOB_FIND_H

#include "app/arguments.h"
#include "app/result.h"
#include "app/session.h"
#include "engine/job.h"

#define JOB_OPERAND { "ID", VALUE_TEXT, 0, 1, COMPLETE_JOBS, NULL, "a job's id, an ending of it, or %N; else the last" }

/* The job meant: of the logs here, else of another person or machine by its markers. *dry: none, as the last act was a dry
 * run; that is told, and no failure. */
struct job *job_find(struct session *session, const struct arguments *arguments, enum jobs_want want,
	struct result *result, bool *dry, struct error *error);

#endif
