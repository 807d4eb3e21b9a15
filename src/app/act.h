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
/* The account of a job as it stands: members, rows, summary. Whether it is partial is the caller's to say. */
void act_account(struct session *session, const struct job *job, struct result *result);
/* Progress of a job on standard error. */
struct job_hooks act_hooks(struct session *session);

#endif
