/* A command line parsed against the command's entry: typed values, with the columns they stood at. */
#ifndef APP_ARGUMENTS_H
#define APP_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/command.h"
#include "app/words.h"
#include "core/auto.h"
#include "core/error.h"

struct arguments;

/* Parses a whole line: finds the command, its options and operands, a redirection, a trailing &. Errors are ERROR_USAGE
 * with line and column within text. */
struct arguments *arguments_parse(const struct command *const *table, const char *text,
	const struct variables *variables, struct error *error);
void arguments_free(struct arguments *arguments);
AUTO_DEFINE(arguments_free, struct arguments *)

const struct command *arguments_command(const struct arguments *arguments);
/* `COMMAND --help` */
bool arguments_wants_help(const struct arguments *arguments);

/* Options by long name. An option given twice is a usage error. */
bool arguments_has(const struct arguments *arguments, const char *option);
const char *arguments_text(const struct arguments *arguments, const char *option); /* NULL if not given; borrowed */
/* Of VALUE_NUMBER, VALUE_DURATION (ms); fallback if not given. */
int64_t arguments_number(const struct arguments *arguments, const char *option, int64_t fallback);
bool arguments_range(const struct arguments *arguments, const char *option, uint64_t *low, uint64_t *high);
unsigned arguments_column(const struct arguments *arguments, const char *option);

/* Operands, in order. */
size_t arguments_count(const struct arguments *arguments);
const char *arguments_operand(const struct arguments *arguments, size_t index); /* NULL beyond the end */
bool arguments_operand_quoted(const struct arguments *arguments, size_t index);
unsigned arguments_operand_column(const struct arguments *arguments, size_t index);
int64_t arguments_operand_number(const struct arguments *arguments, size_t index);
bool arguments_operand_range(const struct arguments *arguments, size_t index, uint64_t *low, uint64_t *high);

/* The text of a VALUE_QUERY or VALUE_PREDICATE (option or operand), variables replaced, unquoted; NULL if there is none. A
 * query `@FILE` has been read. */
const char *arguments_kql(const struct arguments *arguments);
/* Moves line and column of an error that point into arguments_kql() to the command's text (or names the @FILE). */
void arguments_kql_error(const struct arguments *arguments, struct error *error);
/* The rest-of-line text of VALUE_REST; NULL if there is none. */
const char *arguments_rest(const struct arguments *arguments);

/* Where the output goes. */
const char *arguments_file(const struct arguments *arguments, bool *append); /* > FILE, >> FILE; NULL if none */
const char *arguments_program(const struct arguments *arguments);            /* | or |> PROGRAM; NULL if none */
bool arguments_background(const struct arguments *arguments);                /* & */

/* "isolate full|selective [--comment TEXT] ...": one line; the caller frees with g_free. */
char *command_usage(const struct command *command);
/* N or LOW..HIGH. */
bool range_parse(const char *text, uint64_t *low, uint64_t *high);

#endif
