/* Command files and -c texts: split into commands by the rules of the contract's section 2, checked as a whole, run in
 * order. */
#ifndef APP_SCRIPT_H
#define APP_SCRIPT_H

#include <stdbool.h>

#include <glib.h>

#include "app/session.h"
#include "core/auto.h"
#include "core/error.h"

#define SCRIPT_LIMIT (16 * 1024 * 1024) /* bytes of a command file */
#define SCRIPT_DEPTH 8                  /* files that source files */

struct script_command {
	char *text;     /* may hold line feeds (KQL) */
	char *comments; /* the comment lines before it, each with its '#' and a line feed; for the setting `echo` */
	unsigned line;  /* from 1, of its first line */
};

struct script {
	char *file; /* for messages and the log; NULL for the prompt */
	enum command_source source;
	GPtrArray *commands; /* struct script_command */
	char *trailing;      /* comments after the last command */
};

/* Splits a text. table tells which commands take KQL. file NULL or a name. */
struct script *script_split(const struct command *const *table, const char *text, enum command_source source,
	const char *file, struct error *error);
/* Reads and splits a file; "-" is standard input. */
struct script *script_read(const struct command *const *table, const char *path, enum command_source source,
	struct error *error);
void script_free(struct script *script);
AUTO_DEFINE(script_free, struct script *)

/* Whether text (lines typed so far) needs more lines to be whole: an open bracket or multi-line string in KQL, a bare
 * `query` not yet ended by `;`. */
bool script_wants_more(const struct command *const *table, const char *text);

/* Checks all commands of all scripts (struct script) in order; nothing runs. ERROR_USAGE with file, line, column. */
bool script_check(struct session *session, const GPtrArray *scripts, struct error *error);

/* Runs the commands; stops at the first that fails unless -k. The caller has checked them. */
enum error_kind script_run(struct session *session, const struct script *script);

#endif
