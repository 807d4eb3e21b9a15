/* The only writer of standard output, and of messages to people on standard error. */
#ifndef APP_OUTPUT_H
#define APP_OUTPUT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/result.h"
#include "app/session.h"

struct output;

struct output *output_new(struct session *session);
void output_free(struct output *output);
AUTO_DEFINE(output_free, struct output *)

/* Prints a command's result, or its error, in the session's format to where its arguments send it. arguments and result
 * may be NULL. False if the output could not be written (error set). */
bool output_result(struct output *output, const char *command, const struct arguments *arguments,
	const struct result *result, const struct error *failure, int64_t ms, struct error *error);

/* A line of message on standard error. always: also under -q (errors, questions). Control characters are made safe. */
void output_say(struct output *output, bool always, const char *text);
void output_error(struct output *output, const struct error *error);

/* A line that replaces the one before, on a terminal at most five times a second; else nothing. NULL ends it. */
void output_progress(struct output *output, const char *text);

/* While a line is being edited, messages go through print (one line without line feed), so that they appear above it. NULL
 * hands the terminal back. */
void output_redirect_messages(struct output *output, void (*print)(void *data, const char *line), void *data);

/* Standard output is a terminal; its width in columns (80 if it is none). */
bool output_is_terminal(const struct output *output);
unsigned output_width(const struct output *output);
bool output_has_color(const struct output *output);

/* Prints text of any length through the pager if it is taller than the screen (and standard output a terminal). */
void output_text(struct output *output, const char *text);

#endif
