/* The command line of the program (contract, section 1). */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <stdbool.h>

#include <glib.h>

#include "app/session.h"
#include "core/error.h"

/* A -c text, a file, or standard input, in the order given. */
struct options_input {
	enum command_source source; /* SOURCE_OPTION, SOURCE_FILE, SOURCE_STDIN */
	const char *text;           /* the text, or the file's name ("-") */
};

struct options {
	struct session_options session;
	GArray *inputs; /* struct options_input */
	GArray *sets;   /* const char *: NAME=VALUE */
	bool shell;     /* there will be a prompt */
	const char *print; /* -h or -V: the text to print, and nothing else is done */
};

/* False with error unset: print is set. */
bool options_parse(struct options *options, int argc, char **argv, struct error *error);
void options_clear(struct options *options);
void options_set_variables(const struct options *options, struct variables *variables);

/* For a session that could not be started: the error as -o wants it. */
void options_refuse(const struct options *options, const struct error *error);

#endif
