/* One line of input at a terminal, edited with Readline and fed from the loop, so that jobs go on while the user types.
 * Readline keeps its state in globals: there is one input a process. It never reads the terminal itself, because it
 * would block in the middle of a bracketed paste. */
#ifndef SHELL_INPUT_H
#define SHELL_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/auto.h"
#include "core/error.h"
#include "net/loop.h"

#define INPUT_PASTE_KIB 256
#define INPUT_PASTE_LIMIT (INPUT_PASTE_KIB * 1024) /* bytes of one bracketed paste, or typed ahead; more is dropped and told */
#define INPUT_PAUSE_MS 10       /* within a paste without brackets, on a terminal that would have sent them */
#define INPUT_PAUSE_PLAIN_MS 50 /* on one that has none */
#define INPUT_HISTORY_ENTRIES 5000
#define INPUT_HISTORY_LIMIT (8 * 1024 * 1024) /* bytes of a history file that is read */

enum input_result {
	INPUT_LINE,
	INPUT_EOF,       /* Ctrl-D on an empty line, the terminal is gone, or the loop was asked to end (loop_ending) */
	INPUT_INTERRUPT, /* Ctrl-C: what was typed is dropped */
};

struct input;

/* Standard input must be a terminal. */
struct input *input_new(struct loop *loop, struct error *error);
void input_free(struct input *input);
AUTO_DEFINE(input_free, struct input *)

/* Reads a line. A pasted block comes as one line with line feeds in it, after Enter. The caller frees *line with g_free;
 * it is NULL unless the result is INPUT_LINE. */
enum input_result input_line(struct input *input, const char *prompt, char **line);

/* Whether more was typed or pasted than the lines delivered so far. What follows in a paste without brackets is waited for:
 * longer where the terminal could not have marked it, not at all after a line that a person ended by hand. */
bool input_pending(struct input *input);

/* Throws away what was typed ahead, so that it answers no question and runs after none. */
void input_discard(struct input *input);

/* Prints a line (without line feed, safe for a terminal); it stands above the half-typed line if one is being read. */
void input_notice(struct input *input, const char *text);

/* The terminal is gone: no line will come any more. */
bool input_is_ended(const struct input *input);

/* History (contract, section 1): private file, time stamps, entries of several lines. Reads what is there and appends
 * to it from now on. */
bool input_history_open(struct input *input, const char *path, struct error *error);
/* Keeps an entry in memory and in the file, at once. A line that begins with a blank, or the one before again, is not
 * kept. */
bool input_history_add(struct input *input, const char *line, struct error *error);

#endif
