/* The sender of a job, shared by sender*.c and reconcile.c. A turn: take answers, append their results and the next
 * intents, commit once, show, send. */
#ifndef ENGINE_SENDER_H
#define ENGINE_SENDER_H

#include "core/isotime.h"
#include "engine/actions.h"
#include "engine/job.h"
#include "engine/jobs_internal.h"

#define SENDER_FLIGHT 24    /* device actions in flight */
#define SENDER_FIRST 4      /* the same until one was performed: a fault that hits every device shall not hit many */
#define SENDER_TAG_FLIGHT 4 /* tag calls in flight */
#define SENDER_EQUAL 5      /* equal answers running that are not about the device stop the job (contract, section 4) */
#define SENDER_UNSENT 3     /* requests running that could not even leave */
#define SENDER_LOST (SENDER_FLIGHT * 3 / 2) /* lost answers running, without an answer between: the service is not there */
#define SENDER_PAUSE_MS (60 * 60 * 1000) /* a longer wait that the service names pauses the job */
#define SENDER_TELL_MS (90 * 1000) /* no window of a minute holds so long: a wait that the service named is told */
#define SENDER_SAME_MS 5000 /* two waits that end so near to each other are told as one */
#define SENDER_NO_TIME INT64_MAX

/* One request: written down, sent, answered. */
struct sending {
	struct job_run *run;
	GPtrArray *devices;        /* struct job_device, borrowed; one for a device action */
	char request[37];          /* client request id */
	unsigned number;           /* of this try, from 1 */
	struct service_call *call; /* while in flight */
	enum service_fate fate;
	int status;
	json_t *json;              /* the answer's, or NULL */
	int64_t retry_after_ms;
	struct error error;
};

struct tag_sender; /* sender_tag.c */

/* How many devices were answered, each second of the last minute. */
#define PACE_SAMPLES 61
struct pace {
	int64_t at_ms[PACE_SAMPLES];
	size_t answered[PACE_SAMPLES];
	unsigned next, count;
};

struct job_run {
	struct jobs *jobs;
	struct engine *engine;
	struct job *job;
	struct job_hooks hooks;
	bool background;
	bool settling;            /* nothing is sent: only what is unknown is settled */
	char *comment;            /* with the marker, for device actions */
	char *marker;
	struct limit *limit;
	GPtrArray *flying;        /* struct sending: in flight */
	GPtrArray *answered;      /* struct sending: answered, to be taken in the next turn */
	GPtrArray *queued;        /* struct sending: written in this turn, to be sent after the commit */
	GArray *tickets;          /* of the limit, for those queued */
	guint next;               /* no device before this one is PLANNED */
	bool stopping;            /* nothing more is sent; job->stop says why */
	bool abandoned;           /* a second Ctrl-C: what is in flight is given up */
	bool dirty;               /* something was appended in this turn */
	bool over;                /* nothing is to be done any more */
	struct loop_timer *timer; /* wakes the loop for the next turn */
	int64_t wake_ms;          /* when, as found in this turn */
	int64_t told_wait;        /* the wait's end that was last told */

	bool proven;              /* an action was performed */
	unsigned equal, unsent, lost; /* runs of such answers */
	char last_answer[256];

	struct actions_reading *reading; /* the action list, coming in */
	struct action_list *list;        /* came in, to be taken in the next turn */
	bool list_failed;
	struct error list_error;
	unsigned list_failures;
	int64_t began_ms;
	bool looked;              /* the list was read once in this run */
	int64_t last_reading;     /* clock_ms when the last one began */
	int64_t next_reading;     /* not before */
	size_t canary;            /* devices of the canary that is not over; 0: none */
	int64_t canary_gap;       /* between two looks at it; grows */

	struct pace pace;

	struct tag_sender *tags;
};

/* Appends a record of this job (members is taken over; job and type are added) and applies it. False, and the run stops, if
 * it cannot be written: then it is not applied, so that nothing is shown that the log does not say. */
bool run_record(struct job_run *run, const char *type, json_t *members);
/* An action.result for devices: extra (may be NULL) is taken over. */
void run_result(struct job_run *run, const GPtrArray *devices, const char *outcome, json_t *extra);
void run_result_one(struct job_run *run, struct job_device *device, const char *outcome, json_t *extra);
/* {"http","error":{"code","message","target"}} of an answer. */
json_t *run_extra(const struct sending *sending);
json_t *run_untried(const struct sending *sending); /* the same, and that it was no try */
json_t *run_error_json(const struct error *error);
void run_stop(struct job_run *run, const struct error *error);
/* The service names a wait that is too long to sit through. */
void run_pause(struct job_run *run, int64_t ms);
void run_wake(struct job_run *run, int64_t at_ms);
/* Room in the limit for one more request now; takes a ticket that is given back when the request starts. */
bool run_take_ticket(struct job_run *run);
/* A new request for devices, its intent written. NULL (and the run stopping) if that fails. devices is taken over. */
struct sending *run_intend(struct job_run *run, GPtrArray *devices);
/* For defender's calls: data is the struct sending. */
void run_answered(void *data, const struct service_answer *answer);
/* Counts answers that say nothing about the device; stops the run when they make it likely that all will be alike. */
void run_breaker(struct job_run *run, const struct sending *sending);
void sending_free(void *sending);

bool act_is_forbidden(const struct sending *sending);

/* sender_act.c: device actions */
void run_take_throttled(struct job_run *run, struct sending *sending);
void run_take_unsent(struct job_run *run, struct sending *sending);
bool act_canary_is_sent(const struct job_run *run);
void act_take(struct job_run *run, struct sending *sending);
void act_top_up(struct job_run *run);
void act_send(struct job_run *run, struct sending *sending);
/* An action that the tenant has is judged by its comment. */
enum act_owner { OWNER_OURS, OWNER_OTHER, OWNER_CUT, OWNER_UNKNOWN };
enum act_owner act_owner(const struct job_run *run, const char *comment, const char *requestor);
void act_stop_cut(struct job_run *run);
/* What a result says of an action whose comment came back cut, added to extra; returns extra. */
json_t *act_cut(json_t *extra);
bool act_is_in_progress(const char *code, const char *message);

/* sender_tag.c: tags */
void tag_begin(struct job_run *run);
void tag_end(struct job_run *run);
void tag_abandon(struct job_run *run);
void tag_take(struct job_run *run, struct sending *sending);
void tag_top_up(struct job_run *run);
void tag_send(struct job_run *run, struct sending *sending);
bool tag_is_busy(const struct job_run *run); /* something is still coming in or waiting */

/* reconcile.c: unknown device actions */
void reconcile_turn(struct job_run *run);
bool reconcile_is_needed(const struct job_run *run);
/* A run that goes on with a job sends nothing before it has read the tenant's list once. */
bool reconcile_holds(const struct job_run *run);
/* Whether the canary's actions ended well: lets the rest go, or stops the run. */
void canary_check(struct job_run *run);
/* Its devices have all ended, or some badly, so that going on was a decision; an interrupted one goes on first. */
bool canary_is_over(const struct job *job);
/* job_pace.c */
void pace_note(struct job_run *run);
/* sender.c */
enum run_mode { RUN_FOREGROUND, RUN_BACKGROUND, RUN_SETTLE };
struct job_run *run_begin(struct jobs *jobs, struct job *job, const struct job_hooks *hooks, enum run_mode mode,
	struct error *error);

#endif
