/* A job: one act on the devices that a plan named, frozen when it was confirmed. The journal is its state: a device's state
 * is changed only by job_apply, which takes a journal record, for the live run and after a restart alike. */
#ifndef ENGINE_JOB_H
#define ENGINE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>
#include <jansson.h>

#include "core/auto.h"
#include "core/error.h"
#include "engine/engine.h"
#include "engine/plan.h"

#define JOB_ID_SIZE 21 /* "20261125-071903-a1f3" and NUL */
#define JOB_ID_SECONDS 15 /* of these the time it was begun, which sorts */
#define JOB_TRIES 5    /* sendings of one device's action in all; 401 and 429 are none */

enum job_state {
	JOB_PLANNED,  /* may be sent: `pending` while the job runs, else `unsent` */
	JOB_INTENT,   /* written down; sent, or about to be: `pending`, and `unknown` if nobody waits for its answer */
	JOB_UNKNOWN,  /* sent, answer lost */
	JOB_ACCEPTED,
	JOB_ALREADY,
	JOB_SKIPPED,
	JOB_REFUSED,
	JOB_UNSENT,   /* will not be sent any more: the job is closed, or its tries are used up */
};
#define JOB_STATES (JOB_UNSENT + 1)

struct job_device {
	char *id, *name;      /* name is hostile text */
	enum job_state state;
	unsigned tries;       /* sendings that count */
	bool adopted;         /* an earlier try had made the action */
	bool cut;             /* action_id bears a comment that the tenant cut: whose it is cannot be told */
	bool doubt;           /* sent again while an earlier try was unknown: what one came to does not tell of the other */
	bool had;             /* a tag was there before, as far as the inventory said; what the action lifts was in force */
	char *before;         /* how the device was isolated or restricted before, as far as the action list said: the scope,
	                         "" if it has none; NULL: it was not, or that is not known. Hostile text */
	char *value;          /* the parameter's value here, if it is not the job's; or NULL */
	char *action_id;      /* the tenant's action, also an open one behind JOB_ALREADY; or NULL */
	int64_t created;      /* ticks, as the tenant says of that action; 0 unknown */
	int64_t changed;      /* ticks of its last record; 0: only the job's start names it */
	char *status;         /* the tenant's state of it: Pending, Succeeded, ...; or NULL */
	char *reason;         /* for people; or NULL. Hostile text */
	char *code, *message, *target; /* the service's error, or NULL */
	char *barred;         /* a later plan takes it out: should it turn out not to be done, this is why it is not sent */
	bool barred_already;  /* and then it is `already`, else skipped */
	char *barred_action;  /* the open action behind that, or NULL */
	int64_t lost_ms;      /* clock_ms when it became unknown; not from the journal */
};

struct job {
	char id[JOB_ID_SIZE];
	char *tenant;
	char *action;         /* "tag add", "isolate" */
	enum act_verb verb;
	const struct defender_action_kind *kind; /* or NULL */
	char *value;          /* tag, or parameter's value; or NULL */
	char *comment;        /* with case, without the marker; or NULL */
	char *case_id;        /* or NULL */
	char *reverts;        /* or NULL */
	char *user;           /* of the marker */
	bool rebuilt;         /* another machine's: known by the marker in the tenant's action list, not by a log */
	char *requestor;      /* of a rebuilt job's actions; else NULL. Hostile text */
	char *type;           /* of them; else NULL */
	char *started;        /* time of job.start */
	char *file;           /* log file that its last run wrote to */
	unsigned run;         /* 1, and one more with each job.resume */
	size_t canary;
	bool force;
	GPtrArray *devices;   /* struct job_device: in sending order, then those skipped by the plan */
	GHashTable *by_id;    /* id -> struct job_device */
	bool closed;          /* cancelled, reverted, or nothing is left to do */
	bool cancelled;
	char *reverted_by;    /* id of a job that undid it, or NULL */
	unsigned number;      /* %N of this session, 0 if not of this session */
	struct job_run *run_now;  /* while it is sending, else NULL */
	int lock;             /* descriptor of its lock file while this process holds it, else -1 */
	int64_t ended;        /* ticks of the last job.end, 0 if none */
	int64_t last_time;    /* ticks of its last record */
	int64_t last_sent;    /* ticks of its last start, resume, request or answer: since then it rests, whoever looks at it */
	struct error stop;    /* why its last run here stopped */
};

struct job_counts {
	size_t total, states[JOB_STATES];
	size_t pending, accepted, already, skipped, refused, unsent, unknown; /* as contract section 4 names them */
};

/* Applies one journal record (job.start, job.resume, action.intent, action.result, action.status, job.end) to a job.
 * Records of other jobs and other types are ignored. */
void job_apply(struct job *job, const json_t *record);
/* From a job.start record; NULL if it is none or damaged. */
struct job *job_from_record(const json_t *record);
void job_free(struct job *job);
AUTO_DEFINE(job_free, struct job *)

void job_count(const struct job *job, struct job_counts *counts);
/* The outcome's name as contract section 4 has it, or "pending". */
const char *job_outcome(const struct job *job, const struct job_device *device);
bool job_is_running(const struct job *job);
/* Something may still be sent or is unknown, and the job is not closed: `resume` has work. */
bool job_is_unfinished(const struct job *job);
/* Actions of the job, or open ones behind an `already`, whose final state is not known yet; *oldest (may be NULL) is when
 * the oldest of them was created, in ticks of the tenant's clock, 0 if that is not known. */
size_t job_open_actions(const struct job *job, int64_t *oldest);
/* Every device is accepted or already. */
bool job_is_clean(const struct job *job);
/* " [cordon JOB USER]"; the caller frees with g_free. */
char *job_marker(const struct job *job);
/* The parameter's value that a device gets, or NULL. */
const char *job_value(const struct job *job, const struct job_device *device);

/* How a running job gets on; all 0 and left_ms -1 if it does not run. */
struct job_pace {
	size_t waiting, in_flight; /* devices: to be sent; sent and not answered */
	double per_minute;         /* devices answered a minute, over the last minute; 0: not known yet */
	int64_t left_ms;           /* until all is sent and answered; -1: not known */
	int64_t until_ms;          /* clock_ms before which the limit lets nothing leave; 0: something may leave now */
	bool by_hour;              /* it is the hour's limit that holds it */
	size_t canary;             /* devices of a canary that is not over; 0: none */
	bool stopping;             /* nothing more is sent; answers are waited for */
};
void job_pace(const struct job *job, struct job_pace *pace);

/* ---- running. Writes are to the journal before anything is sent. */
struct job_hooks {
	/* Something changed: results are on disk. At most once a turn. */
	void (*progress)(void *data, const struct job *job);
	/* The run is over, in whatever way; job_run_error tells a fault. Called from the loop: must not run it. */
	void (*done)(void *data, struct job *job);
	/* A canary that went well stops the run, too (code "canary" of job_stop_error), so that a person can be asked. */
	bool canary_asks;
	void *data;
};

/* Why a run stopped before all was sent; ERROR_NONE if it did not. One message for all devices (contract: the breaker). */
const struct error *job_stop_error(const struct job *job);

/* Writes job.start for a plan; the job then belongs to jobs (see below). confirmed: "tty" or "-y". NULL, and nothing was
 * started, if that cannot be written. A plan that sends nothing makes a job that is over at once. */
struct jobs;
struct job *job_start(struct jobs *jobs, const struct plan *plan, const char *confirmed, struct error *error);

/* Sends in the foreground: runs the loop until all is sent and settled, or stopped: by Ctrl-C (what is in flight is
 * waited for; a second Ctrl-C gives that up as unknown), SIGTERM, SIGHUP, a fault that would hit every device, or a
 * journal that cannot be written. False with error set if it stopped; the job is then resumable. */
bool job_run(struct jobs *jobs, struct job *job, const struct job_hooks *hooks, struct error *error);
/* The same in the background: returns at once, the loop does the work; Ctrl-C does not reach it. */
bool job_run_background(struct jobs *jobs, struct job *job, const struct job_hooks *hooks, struct error *error);
/* Stops the sending of a running job and waits for what is in flight (runs the loop). */
void job_stop(struct jobs *jobs, struct job *job);

/* Watches the tenant's actions of a job until each has a final status, for_ms is over (0: no end), or Ctrl-C. One list
 * call per interval for all. True if all are final; on expiry false with ERROR_PARTIAL and how many are pending.
 * Whether all is well is job_is_succeeded. */
bool job_watch(struct jobs *jobs, struct job *job, int64_t for_ms, const struct job_hooks *hooks, struct error *error);
/* Reads the tenant's list once and takes what it says of the job's actions; nothing if none is open. False, with what was
 * known, if it cannot be read. Runs the loop. */
bool job_look(struct jobs *jobs, struct job *job, struct error *error);
/* The same of many jobs, by a list that was read already, whose states may be taken as a whole. */
struct action_list;
bool jobs_take_list(struct jobs *jobs, const GPtrArray *which, const struct action_list *list, struct error *error);
/* Every accepted device ended Succeeded, and none is skipped, refused, unsent or unknown. */
bool job_is_succeeded(const struct job *job);

/* Plans a job again before it is resumed: settles what is unknown first (runs the loop). What the new plan takes out is in
 * skipped (`[{"id","name","outcome","reason"}]`, may be empty); rested_ms is the job's age since it last ran. A job that
 * rested no longer than 15 minutes takes out nothing. */
struct resume_plan {
	size_t send;       /* how many would be sent */
	size_t unknown;    /* not settled yet */
	json_t *skipped;
	int64_t rested_ms;
	int64_t made_ms;   /* clock_ms when this was found out: an old decision is not acted on */
	struct plan *plan; /* the new plan, NULL if it was not planned again */
};
struct resume_plan *job_resume_plan(struct jobs *jobs, struct job *job, struct error *error);
void resume_plan_free(struct resume_plan *plan);
AUTO_DEFINE(resume_plan_free, struct resume_plan *)
/* Writes job.resume; then job_run (or job_run_background) sends the rest. */
bool job_resume(struct jobs *jobs, struct job *job, const struct resume_plan *plan, const char *confirmed,
	struct error *error);

/* Stops sending, cancels this job's pending actions at the tenant, closes the job. canceled gets how many were. comment
 * may be NULL. Runs the loop. */
bool job_cancel(struct jobs *jobs, struct job *job, const char *comment, size_t *cancelled, struct error *error);

/* What undoes a job (contract, section 4), device by device, as the tenant's list has it now. */
struct revert {
	struct job *job;          /* borrowed */
	struct act act;           /* to be planned, confirmed and run like any act, which closes the job when it is written; its
	                             texts are the job's and the caller's. act.known says what is to be done where */
	struct bitset *devices;   /* to be sent to */
	GHashTable *known;        /* device id -> struct act_device */
	size_t send;              /* the inverse is due */
	size_t cancel;            /* of a preview: still open, to be cancelled; in devices, too */
	size_t settled;           /* nothing is due */
	size_t left;              /* left alone, though not as before: another did the same since, or before with another scope */
	size_t no_scope;          /* of those in devices: the scope to be put back is not known */
	size_t cancelled;         /* actions that were cancelled */
};
void revert_free(struct revert *revert);
AUTO_DEFINE(revert_free, struct revert *)

/* Whether the job has an inverse at all, and whether that is a disruptive act itself: a release is undone by isolating. */
bool job_revert_is_possible(const struct job *job);
bool job_revert_is_disruptive(const struct job *job);
/* Looks only; nothing is sent or written. Runs the loop. */
struct revert *job_revert_preview(struct jobs *jobs, struct job *job, struct error *error);
/* Stops and cancels the job, settles what is unknown, and looks then. May be given again, after a revert that was killed or
 * came too late: what is back is not done twice. comment is borrowed. Runs the loop. */
struct revert *job_revert_plan(struct jobs *jobs, struct job *job, const char *comment, struct error *error);

/* A device that is not back. */
struct revert_left {
	char *id, *name, *reason; /* hostile texts */
	bool again; /* what was undone is in force: another revert may help */
	bool open;  /* an action is still open: time may help */
};
/* After undo (NULL: none was needed) has ended: the devices of job that are not back, as the tenant's list tells; struct
 * revert_left, the caller unrefs. NULL on error. Runs the loop. */
GPtrArray *job_revert_check(struct jobs *jobs, struct job *job, const struct job *undo, struct error *error);
/* The same by what undo knows of itself, where the list cannot be had. */
GPtrArray *job_revert_guess(const struct job *job, const struct job *undo);

/* ---- all jobs of a tenant; owned by the tenant */
/* An engine without services (defender NULL) serves for looking into the logs only. */
struct jobs *jobs_new(struct engine *engine);
void jobs_free(struct jobs *jobs); /* stops what runs */
AUTO_DEFINE(jobs_free, struct jobs *)
size_t jobs_running(const struct jobs *jobs);
/* struct job, borrowed, in the order they were begun; the caller unrefs the array. */
GPtrArray *jobs_of_session(const struct jobs *jobs);
/* The same of those that are sending now. */
GPtrArray *jobs_now_running(const struct jobs *jobs);
/* Waits until no job sends any more, as job_run does (Ctrl-C stops them). */
bool jobs_wait(struct jobs *jobs, struct error *error);

enum jobs_want {
	JOBS_LAST,       /* NULL ref: the last of this session */
	JOBS_UNFINISHED, /* NULL ref: the last unfinished one, of any session */
	JOBS_NAMED,      /* NULL ref is an error */
};
/* %N, an id, or an ending of one that fits a single job; read from the logs if it is not in memory. Borrowed. */
struct job *jobs_find(struct jobs *jobs, const char *ref, enum jobs_want want, struct error *error);
/* The same, and what the logs here lack is looked for in the tenant's action list: a job of another person or machine is
 * rebuilt from its markers. Such a job is brought up to what the list says now; it has the devices that the tenant took,
 * and nothing is known of others. Of an id at least its last four characters must be given. Runs the loop. */
struct job *jobs_find_anywhere(struct jobs *jobs, const char *ref, enum jobs_want want, struct error *error);
/* All jobs of this tenant in the logs here, oldest first; struct job, borrowed; the caller unrefs the array. */
GPtrArray *jobs_all(struct jobs *jobs, struct error *error);
/* The ids of this tenant's jobs that the logs here tell of, newest first, for completion: char *, the caller unrefs. Looks for
 * no longer than patience_ms, newest logs first; what it did not get to comes the next time. */
GPtrArray *jobs_ids(struct jobs *jobs, int64_t patience_ms);
/* Keeps the ids of what actions_jobs told, in the place of those kept before, to be among jobs_ids. */
void jobs_note_told(struct jobs *jobs, const json_t *told);
/* The newest job of an earlier session that is unfinished and that no process runs now; NULL if there is none.
 * *more (may be NULL): how many others there are. */
struct job *jobs_left_over(struct jobs *jobs, size_t *more);
/* Learns from the logs what was used of the limits; before a plan says how long it takes. */
void jobs_recall_limits(struct jobs *jobs);
/* The last act was a dry run: until the next job, no id means that one, and jobs_find says that nothing was sent. */
void jobs_note_dry_run(struct jobs *jobs);

/* ---- JSON (contract, section 7) */
/* Puts job, action, total, counts, statuses, results into object. */
void job_to_json(const struct job *job, json_t *object);
/* The same without results. */
void job_summary_to_json(const struct job *job, json_t *object);
/* One element of `results`; a new reference. */
json_t *job_result(const struct job *job, size_t index);
/* One element of `jobs`: {"job","action","started","total", counts,"open"}; a new reference. */
json_t *job_listing(const struct job *job);

#endif
