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

struct config;   /* app/config.h */
struct engine;   /* engine/engine.h */
struct journal;  /* journal/journal.h */
struct output;   /* app/output.h */
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

struct session {
	const struct session_options *options;
	const struct command *const *commands; /* NULL-terminated */
	struct loop *loop;
	struct config *config;
	struct settings *settings;
	struct variables *variables;
	struct output *output;
	struct journal *journal;   /* NULL: none could be started; then nothing acts */
	struct tenant *tenant;     /* NULL until a command first needs one */
	char *case_id;             /* or NULL */
	bool prompt;               /* a person is at the prompt now (not in a file, not in -c) */
	bool batch;                /* -c, -f or standard input without -i */
	bool quit;                 /* set by `quit` */
	enum error_kind worst;     /* of all commands so far: the exit status */
	struct error last_error;   /* of the last command that failed */
	unsigned depth;            /* of `source` files now running */
	bool expected;             /* `expect` held since the set last changed */
	unsigned asked;            /* questions so far (app/ask): what was typed before one must not run after it */
	uint64_t command_seq;      /* the log's seq of the command now running, 0 if none */
	char *bar;                 /* text of the selecting command that failed (rule 7), or NULL */
	size_t bar_depth;          /* undo steps there were at that time */
};

/* Starts loop, configuration, settings, log. options and commands must outlive it. */
struct session *session_new(const struct session_options *options, const struct command *const *commands,
	struct error *error);
/* Ends jobs' sending, signs out, ends the log with this status. */
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

/* Appends a record to the log, e.g. "selection"; members is taken over. False only if it could not be written (which is
 * told once); looking goes on without. */
bool session_log(struct session *session, const char *type, json_t *members);

/* A message for people on standard error, unless -q. Hostile text is made safe here. */
void session_say(struct session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));
void session_warn(struct session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Rule 7 of the contract's section 2: lifts the bar if undo went back to before the failure. Called by `undo`. */
void session_bar_undo(struct session *session, size_t undo_steps);

/* Prompt parts: tenant's name ("" before sign-in or profile's name), devices in the working set. */
const char *session_tenant_name(const struct session *session);
size_t session_device_count(const struct session *session);
/* Jobs that are sending now. */
size_t session_jobs_running(const struct session *session);

#endif
