/* The session: everything that a command may need, passed down from main. What belongs to one tenant is in struct
 * tenant. */
#ifndef APP_SESSION_H
#define APP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>
#include <jansson.h>

#include "app/arguments.h"
#include "app/command.h"
#include "app/result.h"
#include "app/words.h"
#include "core/error.h"
#include "net/loop.h"

struct config;   /* app/profile.h */
struct engine;   /* engine/engine.h */
struct journal;  /* journal/journal.h */
struct output;   /* app/output.h */
struct demo;     /* app/demo.h */
struct policy;   /* engine/policy.h */
struct settings; /* app/settings.h */
struct tenant;   /* app/tenant.h */

enum output_format { OUTPUT_TABLE, OUTPUT_LINE, OUTPUT_CSV, OUTPUT_JSON };

/* The command line of the program (contract, section 1). */
struct session_options {
	const char *profile;       /* or NULL */
	enum output_format format;
	bool format_given;
	bool yes, dry_run, keep_going, quiet, interactive, no_rc, check_only, read_only, demo;
	const char *program;       /* argv[0] */
	char **argv;               /* for session.start; holds no secret, as no option takes one */
};

/* Where a command came from, as the log says it. */
enum command_source { SOURCE_TTY, SOURCE_FILE, SOURCE_OPTION, SOURCE_STDIN, SOURCE_RC, SOURCE_REPLAY };

/* A selecting command that failed: nothing acts on a set that may be wider than meant. */
struct session_bar {
	char *text;
	const char *slip; /* the command's name if it was only mistyped: any success of that command puts it right; or NULL */
	size_t depth; /* undo steps there were then; fewer lift the bar */
};

struct session {
	const struct session_options *options;
	const struct command *const *commands; /* NULL-terminated */
	struct loop *loop;
	struct config *config;
	struct settings *settings;
	struct variables *variables;
	struct output *output;
	struct policy *policy;     /* in force for the profile named, also before sign-in */
	struct journal *journal;   /* NULL: none could be started; then nothing acts */
	struct loop_timer *log_timer; /* until what was appended at the prompt is committed, or NULL */
	struct tenant *tenant;     /* NULL until a command first needs one */
	struct demo *demo;         /* the simulator of --demo, or NULL */
	char *state_dir, *cache_dir; /* of all tenants; with --demo below them */
	char *profile_name;        /* of the profile to sign in with */
	char *user;                /* the operating system's name of the user */
	char *case_id;             /* or NULL */
	bool prompt;               /* a person is at the prompt now (not in a file, not in -c) */
	bool batch;                /* -c, -f or standard input without -i */
	bool quit;                 /* set by `quit` */
	enum error_kind worst;     /* of all commands so far: the exit status */
	struct error last_error;   /* of the last command that failed */
	unsigned depth;            /* of `source` files now running */
	json_t *dry_run_last;      /* members of the last act if it was a dry run, else NULL: `wait` and the like say so */
	bool expected;             /* `expect` held since the set last changed */
	unsigned asked;            /* questions so far (app/ask): what was typed before one must not run after it */
	bool mended;               /* torn logs of other sessions were looked for */
	const struct command *fault_command; /* that the last check found at fault, or NULL */
	uint64_t command_seq;      /* the log's seq of the command now running, 0 if none */
	const char *command_text;  /* of the command now running, or NULL */
	const char *command_file;  /* where it stands, or NULL */
	unsigned command_line;
	GPtrArray *bars;           /* struct session_bar: selecting commands that failed (rule 7) */
	GPtrArray *tables;         /* app/local_tables: what `load` made of files */
};

/* Starts loop, configuration, settings, log. options and commands must outlive it. */
struct session *session_new(const struct session_options *options, const struct command *const *commands,
	struct error *error);
/* Waits for jobs that still send (batch), and takes their outcomes into session->worst. */
void session_finish(struct session *session);
/* Sets torn ends of other logs aside, once, and tells it. */
void session_mend_logs(struct session *session);
/* Stops jobs' sending, signs out, ends the log with this status. */
void session_free(struct session *session, int status);

/* Runs one command line: logs it, runs it, prints its result or error, logs the end. file (may be NULL) and line say where
 * it came from. Returns the kind of its failure, ERROR_PARTIAL, or ERROR_NONE; session->worst follows. */
enum error_kind session_run_line(struct session *session, const char *text, enum command_source source, const char *file,
	unsigned line);

/* Runs a text of several commands (a paste, -c), after the check of all of them. */
enum error_kind session_run_text(struct session *session, const char *text, enum command_source source,
	const char *file);

/* The tenant, signed in; the first call signs in. NULL with error set if that fails. */
struct engine *session_engine(struct session *session, struct error *error);
/* Signs in to a profile (NULL: the one in use) on purpose; another tenant takes the place of the present one. */
bool session_connect(struct session *session, const char *profile, struct error *error);

/* Appends a record to the log, e.g. "selection"; members is taken over. False only if it could not be written (which is
 * told once); looking goes on without. On disk when it returns; at the prompt soon after, and before anything acts. */
bool session_log(struct session *session, const char *type, json_t *members);

/* Text with secrets and tokens replaced by ***, for the log and the history; the caller frees with g_free. */
char *session_mask(const struct session *session, const char *text);

/* A message for people on standard error, unless -q. Control characters are made safe here. */
void session_say(struct session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));
void session_warn(struct session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Whether no further command of a batch or file is to run after this outcome. */
bool session_stops_after(const struct session *session, enum error_kind kind);
/* Prints an error that belongs to no command (in JSON also as an object), and counts it. */
void session_fault(struct session *session, const struct error *error);

/* Rule 7 of the contract's section 2: bars acting because of a failed command's text (slip: see above); lifts that bar
 * and those of slips of that command (text NULL: all), or those that undo went back behind (called by `undo`).
 * session_barred is the text of one that stands, or NULL. */
void session_bar_add(struct session *session, const char *text, const char *slip);
void session_bar_lift(struct session *session, const char *text, const char *command);
void session_bar_undo(struct session *session, size_t undo_steps);
const char *session_barred(const struct session *session);

/* Prompt parts: tenant's name ("" before sign-in or profile's name), devices in the working set. */
const char *session_tenant_name(const struct session *session);
size_t session_device_count(const struct session *session);
/* Jobs that are sending now. */
size_t session_jobs_running(const struct session *session);
/* `restricted = yes` (contract, section 6): no !, |, > and editors. */
bool session_is_restricted(const struct session *session);
/* Above so many devices an act asks for their number: the stricter of policy and setting. */
uint64_t session_confirm_above(const struct session *session);

#endif
