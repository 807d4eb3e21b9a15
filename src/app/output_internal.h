/* Only for output.c and output_format.c. */
#ifndef APP_OUTPUT_INTERNAL_H
#define APP_OUTPUT_INTERNAL_H

#include <stdio.h>

#include "app/output.h"
#include "app/result_internal.h"

/* How to write: width 0 means no cutting. */
struct output_style {
	enum output_format format;
	unsigned width;
	bool bold;
	const char *command;
	const struct error *failure; /* or NULL */
	int64_t ms;
};

/* Whether all that the command has to tell is one number (`count`): then that is its table. */
bool output_lone_value(const struct result *result);

/* Errors of writing show in ferror. */
void output_write(FILE *file, const struct output_style *style, const struct result *result);

#endif
