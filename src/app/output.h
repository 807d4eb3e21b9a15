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

/* Where one command's result goes: standard output, a file, a program. Opened before the command runs, so that nothing is
 * done whose result cannot be written. */
struct output_place;
struct output_place *output_place_open(struct output *output, const struct arguments *arguments, struct error *error);
void output_place_free(struct output_place *place);
AUTO_DEFINE(output_place_free, struct output_place *)

/* Prints a command's result and, in JSON, its error. place NULL: standard output; result may be NULL. False (error set) if
 * it could not be written whole. */
bool output_result(struct output *output, struct output_place *place, const char *command, const struct result *result,
	const struct error *failure, int64_t ms, struct error *error);

/* A message on standard error; may hold several lines. always: also under -q (errors, questions). Control characters are
 * made safe. */
void output_say(struct output *output, bool always, const char *text);
/* Text, rows and summary of a result as a table on standard error: what is shown before a question. */
void output_say_result(struct output *output, bool always, const struct result *result);
/* "error: FILE:3:7: text" and the hint. */
void output_error(struct output *output, const struct error *error);
/* The same with the faulty line of text (its first line has the number first_line) and a caret below it. */
void output_error_in(struct output *output, const struct error *error, const char *text, unsigned first_line);

/* An error before there is a session: on standard error, with json also as an object on standard output. */
void output_refuse(bool json, const struct error *error);

/* Whether output_progress shows anything: standard error is a terminal that can move its cursor, and no -q. */
bool output_has_progress(const struct output *output);
/* A line that replaces the one before, on a terminal at most five times a second; else nothing. NULL ends it. */
void output_progress(struct output *output, const char *text);

/* While a line is being edited, messages go through print (one line without line feed), so that they appear above it. NULL
 * hands the terminal back. */
void output_redirect_messages(struct output *output, void (*print)(void *data, const char *line), void *data);

/* While a question or another program has the terminal, messages wait. */
void output_hold_messages(struct output *output);
void output_release_messages(struct output *output);

/* Standard output is a terminal; its width in columns (80 if it is none). */
bool output_is_terminal(const struct output *output);
unsigned output_width(const struct output *output);
/* Only ASCII can be shown: the locale is not UTF-8, or the terminal is one of those of old. */
bool output_is_ascii(const struct output *output);
/* The width that lines for people are broken to: of messages, or of results; 0 where that is no terminal. */
unsigned output_line_width(const struct output *output, bool message);
bool output_has_color(const struct output *output);

/* The format in force: -o or the setting `output`. */
enum output_format output_format(const struct output *output);
/* That of the place last opened: a file's name may tell another. */
enum output_format output_result_format(const struct output *output);

#endif
