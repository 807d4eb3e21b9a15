/* The lexer of command lines (contract, section 1, "Words"). Blanks separate words; '...' is literal; in "..." \" and \\ are
 * escapes; elsewhere a backslash is itself; # at the start of a word begins a comment; $NAME is replaced, as part of one
 * word. An unquoted > >> or | ends the words, and so does a & that is the last word. Columns count characters from 1. */
#ifndef APP_WORDS_H
#define APP_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#include "app/command.h"
#include "core/auto.h"
#include "core/error.h"

/* Variables: let, --set, param. */
struct variables;

struct variables *variables_new(void);
struct variables *variables_copy(const struct variables *from);
void variables_free(struct variables *variables);
AUTO_DEFINE(variables_free, struct variables *)
/* A letter or _, then letters, digits, _. */
bool variables_name_ok(const char *name);
void variables_set(struct variables *variables, const char *name, const char *value);
const char *variables_get(const struct variables *variables, const char *name); /* NULL if unset; borrowed */
/* Parameters of a file hold until its end: variables_scope before it, variables_scope_end with what that returned after. */
size_t variables_scope(const struct variables *variables);
void variables_set_local(struct variables *variables, const char *name, const char *value);
void variables_scope_end(struct variables *variables, size_t scope);
/* Sorted, NULL-terminated; the caller frees with g_strfreev. */
char **variables_names(const struct variables *variables);

enum word_kind {
	WORD_TEXT,
	WORD_WRITE,      /* > */
	WORD_APPEND,     /* >> */
	WORD_PIPE,       /* | */
	WORD_BACKGROUND, /* & as the last word */
	WORD_END,
};

struct word {
	enum word_kind kind;
	char *text;       /* value of WORD_TEXT, quotes and variables resolved; else NULL */
	bool quoted;      /* any part of it was quoted or a variable: never an option, an operator or a pattern sign */
	size_t start;     /* bytes in the line */
	size_t end;
	unsigned column;  /* from 1 */
	unsigned line;    /* from 0, within the text: a text may hold several lines */
};

struct words {
	const char *text;
	size_t at;
	const struct variables *variables; /* NULL: $NAME stays as it is */
	size_t counted;        /* line and column of this offset are known: the start of the last word */
	unsigned line, column;
};

void words_init(struct words *words, const char *text, const struct variables *variables);
/* False on an open quote or an unset variable, with line and column (of the text) set. The caller clears the word. */
bool words_next(struct words *words, struct word *word, struct error *error);
void word_clear(struct word *word);
/* Column (characters from 1) and line (from 0) of a byte offset. */
void words_position(const char *text, size_t offset, unsigned *line, unsigned *column);

/* If the whole text is one quoted word, its value (the caller frees with g_free), else NULL. */
char *words_unquote_whole(const char *text);
/* Appends value as one word that the lexer reads back: a literal, never an option, a list or a pattern. */
void words_append_quoted(GString *out, const char *value);

/* Splits KQL from a trailing `|> PROGRAM`: length of the KQL before it; *program is the offset of the program's text, or 0
 * if there is none. Strings and comments of KQL hide it. */
size_t words_kql_end(const char *kql, size_t *program);
/* Replaces $NAME by escaped string literals where NAME is set; others stay KQL's own. offsets (may be NULL; struct
 * kql_shift) receives what is needed to find places back. The caller frees with g_free. */
struct kql_shift {
	size_t at;    /* bytes in the new text from which it holds */
	size_t minus; /* new offset + plus - minus is the old one */
	size_t plus;
};
char *words_kql_replace(const char *kql, const struct variables *variables, GArray *shifts);

/* Whether the command takes KQL, and where in text that begins. bare: it wants KQL and the line ends before any. */
bool words_kql_start(const struct command *const *table, const char *text, size_t *start, bool *bare);

/* Where the cursor is, for completion and hints. */
enum context_kind {
	CONTEXT_NOTHING,   /* comment, program after |, too many operands */
	CONTEXT_COMMAND,   /* the first word, or the second of a two-word command (then prefix is the first) */
	CONTEXT_OPTION,    /* a word that begins with - */
	CONTEXT_VALUE,     /* the value of .option: completion and words of it */
	CONTEXT_OPERAND,   /* .operand */
	CONTEXT_KQL,       /* inside a query or predicate: .query tells which */
	CONTEXT_FILE,      /* after > or >> */
	CONTEXT_VARIABLE,  /* a word that begins with $ */
};

struct context {
	enum context_kind kind;
	const struct command *command;        /* or NULL */
	const struct command_option *option;  /* for CONTEXT_VALUE; else NULL */
	const struct command_operand *operand;/* for CONTEXT_OPERAND */
	enum completion completion;
	const char *const *words;
	const char *prefix; /* CONTEXT_COMMAND: first word already there ("tag"), borrowed from the table, or NULL */
	bool query;         /* CONTEXT_KQL: a query, not a predicate; .completion tells over what */
	size_t kql;         /* CONTEXT_KQL: byte in the line at which the KQL begins */
	size_t start;       /* byte in the line at which the word to complete begins (after --option=, after a comma in
	                       lists of names or columns, after the $ of a variable, at the KQL word) */
	char quote;         /* ' or " if the word is inside an open quote, else '\0' */
};

/* line up to byte cursor; what follows is ignored. */
void words_context(const struct command *const *table, const char *line, size_t cursor, struct context *context);

#endif
