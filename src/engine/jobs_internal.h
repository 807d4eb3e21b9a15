/* Shared by the files that keep jobs: jobs.c, job_files.c, job_start.c, sender*.c, watch.c, resume.c, revert.c. */
#ifndef ENGINE_JOBS_INTERNAL_H
#define ENGINE_JOBS_INTERNAL_H

#include "engine/actions.h"
#include "engine/job.h"

struct jobs {
	struct engine *engine;
	GPtrArray *session; /* struct job: of this session, in order; owned */
	GPtrArray *others;  /* struct job: read from the logs; owned */
	bool dry_run;       /* the last act was one */
	struct share *share; /* share.c; or NULL */
	GHashTable *ids;    /* job_ids.c: log file -> what was found in it; or NULL */
	GPtrArray *told;    /* job_ids.c: char *, jobs that the tenant's list told of when it was last asked; or NULL */
};

/* A copy of members as a record that job_apply takes: with type and time. A new reference. */
json_t *job_record(const struct job *job, const char *type, json_t *members);
/* The time that is ms from now, as JSON. */
json_t *job_time_in(int64_t ms);
bool jobs_can_write(const struct jobs *jobs);
/* The journal that may be written, or NULL with error set: then nothing may act. */
struct journal *jobs_journal(const struct jobs *jobs, struct error *error);

/* job_files.c: the logs that may tell of this tenant's jobs; the caller unrefs. */
GPtrArray *job_logs(const struct engine *engine);
/* Reading a job from the logs. NULL and no error: there is none. */
struct job *job_load(const struct jobs *jobs, const char *id, struct error *error);
GPtrArray *job_load_all(const struct jobs *jobs, struct error *error); /* struct job, owned by the array */
/* Brings a job that is not running here up to what other processes wrote; the pointer stays. */
bool job_refresh(const struct jobs *jobs, struct job *job, struct error *error);
/* Whether the logs that hold records of the job are as they were written: what another hand put there is not acted on. */
bool job_check_logs(const struct jobs *jobs, const struct job *job, struct error *error);

/* Whether a plan made then (clock_ms) is still one to act on. */
bool job_is_timely(int64_t made_ms, struct error *error);

/* share.c: what the logs tell of the last hour's calls. A session that only looks never reads them. */
struct share *share_new(const struct jobs *jobs);
/* Fills the limits with it, the first time; before they are asked. share may be NULL. */
void share_recall(struct share *share);
void share_free(struct share *share);
/* Around the taking of places in a limit, until the intents are appended: counts what other living sessions have taken, and
 * keeps them from taking meanwhile. share may be NULL. Ends without a lock are allowed. */
void share_begin(struct share *share);
void share_end(struct share *share);

/* Takes the job's lock: no other process runs it until it is unlocked. False if another process has it. */
bool job_lock(const struct jobs *jobs, struct job *job, struct error *error);
/* Whether there is a lock file, held or not: a hint that saves reading the logs. */
bool jobs_any_open(const struct jobs *jobs);
/* Frees the lock; its file goes when nothing is left to do. */
void job_unlock(const struct jobs *jobs, struct job *job);

#define JOBS_NONE "no-such-job" /* the error's code when the logs here have none of that name */
struct job *jobs_by_id(const GPtrArray *list, const char *id);

/* foreign.c: jobs of other people and machines, by their markers. Takes what a list says into a rebuilt job; written to the
 * log (not committed) if this session's log tells of the job. */
bool foreign_update(struct jobs *jobs, struct job *job, const struct action_list *list, struct error *error);
bool foreign_is_written(const struct jobs *jobs, const struct job *job);
/* Writes down what is known of a rebuilt job, so that what this session then does to it can be told from the log. */
bool foreign_write(struct jobs *jobs, struct job *job, struct error *error);

/* Makes a job of another session one of this session. */
void jobs_adopt(struct jobs *jobs, struct job *job);

/* watch.c: applies what a list says to the statuses of accepted devices and of the open actions behind an `already`;
 * appends action.status for what changed (*changed may be NULL). Not committed. */
bool job_take_statuses(const struct jobs *jobs, struct job *job, const struct action_list *list, bool *changed,
	struct error *error);
/* Actions whose final state is not known yet. */
size_t job_pending_actions(const struct job *job);

/* cancel.c: stops a job's sending, settles what is unknown and closes it; what is open at the tenant stays. */
bool job_give_up(struct jobs *jobs, struct job *job, struct error *error);

/* Writes job.end with counts. */
bool job_write_end(const struct jobs *jobs, struct job *job, bool cancelled, struct error *error);

#endif
