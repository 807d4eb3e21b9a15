/* The act (contract, section 4): plan, confirm, run, account. Used by the dispatcher for commands with COMMAND_ACTS, and
 * by the commands that go on with a job: resume, revert, wait. */
#ifndef APP_ACT_H
#define APP_ACT_H

#include <stdbool.h>

#include "app/session.h"
#include "engine/job.h"

/* How a plan is to be carried out. */
struct act_run {
	bool yes;         /* --yes or -y */
	bool dry_run;     /* --dry-run or -n */
	bool background;  /* & or the setting */
	bool wait;        /* --wait */
	bool confirmed;   /* asked already, as a part of a larger question */
	bool disruptive;
	bool expected;    /* --expect held, or an `expect` since the set last changed */
};
/* From the options of the program and of the command. */
void act_run_from(const struct session *session, const struct arguments *arguments, struct act_run *run);

/* A whole acting command. */
bool act_command(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error);

/* Refuses acting at large: a failed selection, no log, --read-only. */
bool act_allowed(const struct session *session, bool needs_set, struct error *error);

/* What goes to the tenant and into the log must not hold a secret. what: "comment". text may be NULL. */
bool act_check_secret(const struct session *session, const char *text, const char *what, struct error *error);

/* Prints the plan to standard error, or for a dry run puts it into the result. */
void act_show_plan(struct session *session, const struct plan *plan, bool dry_run, struct result *result);
/* Asks unless -y or --yes. what: "Isolate 42 devices". confirmed receives "tty" or "-y". */
bool act_confirm(struct session *session, const struct act_run *run, const char *what, size_t count,
	const char **confirmed, struct error *error);
/* Runs a started (or resumed) job, waits if told to, and accounts for it. */
bool act_run_job(struct session *session, struct job *job, const struct act_run *run, struct result *result,
	struct error *error);
/* Plans, asks, runs: for an act on devices that is not a command's own (revert). */
bool act_carry_out(struct session *session, const struct act *act, const struct bitset *devices,
	const struct act_run *run, struct result *result, struct error *error);
/* Goes on with a job: plans again what rested, tells, asks, runs, accounts; a dry run only tells. */
bool act_resume(struct session *session, struct job *job, const struct act_run *run, struct result *result,
	struct error *error);
/* The canary is over and its job stopped: tells how, asks, and writes the job's going on. True and *declined: the person
 * said no. */
bool act_canary_goes_on(struct session *session, struct job *job, const struct act_run *run, bool *declined,
	struct error *error);
/* Tells what is still open and may take effect after a job that lifts something, as a member `stillOpen`, too. Reads the
 * action list once. */
void act_tell_open(struct session *session, const struct job *job, struct result *result);
/* A dry run on a job: its account with `job` null and each result as change leaves it; counted anew. */
void act_dry_account(const struct job *job, void (*change)(void *data, json_t *result), void *data, struct result *result);
/* The account of a job as it stands: members, rows, summary. Whether it is partial is the caller's to say. */
void act_account(struct session *session, const struct job *job, struct result *result);

/* ---- how jobs get on (act_progress.c). Texts for people, hostile text in them; the caller frees with g_free. */

/* "isolate 120 of 273, 16 in flight, 98 a minute, about 2 min left" */
char *act_job_state(const struct job *job);
/* "270 accepted, 2 skipped, 1 refused" */
char *act_job_counts(const struct job *job);
/* "isolate Full, begun 3 h 5 min ago, 120 of 273 devices not sent" */
char *act_job_left(const struct job *job);
/* The command to type next: "resume ID", "wait ID"; NULL if there is none. */
char *act_job_next(const struct job *job);

/* job_run and job_watch with progress on standard error: a line that changes, or lines now and then where that is no
 * terminal. canary_asks: see struct job_hooks. */
bool act_run_sending(struct session *session, struct job *job, bool canary_asks, struct error *error);
bool act_run_watch(struct session *session, struct job *job, int64_t for_ms, struct error *error);
/* Waits until no job sends; Ctrl-C ends the wait, not the jobs: then false. */
bool act_wait_all(struct session *session);
/* Of a job in the background: its end is told above the line being typed. */
struct job_hooks act_background_hooks(struct session *session);

#endif
