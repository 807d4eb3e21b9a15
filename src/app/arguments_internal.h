/* Only for arguments*.c. */
#ifndef APP_ARGUMENTS_INTERNAL_H
#define APP_ARGUMENTS_INTERNAL_H

#include "app/arguments.h"

struct value {
	const struct command_option *option; /* NULL: an operand */
	char *text;                          /* NULL for VALUE_NONE and KQL */
	bool quoted;
	unsigned line, column;               /* line from 1 */
	int64_t number;                      /* NUMBER, DURATION */
	uint64_t low, high;                  /* RANGE */
};

struct arguments {
	const struct command *command;
	char *line;         /* the text parsed */
	GArray *options;    /* struct value */
	GArray *operands;   /* struct value */
	bool help;
	char *kql;          /* ready to compile */
	char *kql_raw;      /* before variables were replaced */
	char *kql_file;     /* of @FILE, or NULL */
	GArray *kql_shifts; /* struct kql_shift */
	size_t kql_start;   /* bytes in line */
	char *rest;
	char *file, *program;
	bool append, background;
};

struct arguments *arguments_make(const char *line);
/* Checks a word (value->text) against its kind and stores what it means. */
bool value_read(struct value *value, enum value_kind kind, const char *const *words, const char *what,
	struct error *error);

#endif
