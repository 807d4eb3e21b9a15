/* Shared by handover.c, handover_log.c and handover_text.c: the case for the next shift. */
#ifndef COMMANDS_HANDOVER_H
#define COMMANDS_HANDOVER_H

#include <stdbool.h>

#include <glib.h>

#include "app/session.h"
#include "core/error.h"
#include "engine/actions.h"
#include "engine/job.h"

/* A note, or a selecting command, as a log has it. Hostile texts. */
struct handover_line {
	char *time, *text, *case_id;
	char *came_to; /* of a selection: "12 -> 42 devices"; else NULL */
};

struct handover {
	struct session *session;
	const char *case_id;   /* only this case's; NULL: see all */
	bool all;              /* of all logs here; else of this session */
	bool fallback;         /* this session did nothing, so it is all */
	GPtrArray *jobs;       /* struct job, borrowed, oldest first */
	GHashTable *undone_by; /* id of a job -> struct job that undid it last */
	GPtrArray *notes, *selections; /* struct handover_line */
	struct action_list *list; /* the tenant's, or NULL */
	struct error list_fault;  /* why not */
	GString *out;
};

/* handover_log.c */
/* Ids (char *) of the jobs that this session's log tells of; the caller unrefs. NULL on error. */
GHashTable *handover_own_jobs(const struct session *session, struct error *error);
/* Fills notes and selections from the logs of this tenant. */
bool handover_read_lines(struct handover *handover, struct error *error);
void handover_line_free(void *line);

/* handover_text.c: writes out. */
void handover_write(struct handover *handover);
/* handover_jobs.c: the tables of jobs and devices. */
void handover_write_jobs(struct handover *handover);
void handover_write_done(struct handover *handover);
void handover_write_pending(struct handover *handover);
void handover_write_faults(struct handover *handover);
void handover_write_each(struct handover *handover);
/* "isolate Full" */
void handover_act(GString *out, const struct job *job);
/* What the job's devices come to now; open counts actions that have not ended. */
struct handover_count {
	size_t open, succeeded, ended_badly, in_force, unsettled;
};
void handover_count(const struct handover *handover, const struct job *job, struct handover_count *count);

#endif
