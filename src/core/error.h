/* What went wrong, for a person and for a program.
 *
 * A function that can fail returns false (or NULL) and fills the struct error given as its last argument, which may be
 * NULL. The first error set wins. Text is lower case without a full stop, says what failed first and puts its subject in
 * single quotes; only app/output prints it. */
#ifndef CORE_ERROR_H
#define CORE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/* The kind gives the exit status of the program (contract, section 1). */
enum error_kind {
	ERROR_NONE = 0,
	ERROR_FAILED,      /* status 1 */
	ERROR_USAGE,       /* status 2: wrong words, options, predicates, configuration */
	ERROR_SIGN_IN,     /* status 3: sign-in or permission, no network */
	ERROR_PARTIAL,     /* status 4: something was skipped, unresolved, cut short */
	ERROR_INTERRUPTED, /* status 130 */
};

#define ERROR_TEXT_SIZE 1024
#define ERROR_WORD_SIZE 128

struct error {
	enum error_kind kind;
	char text[ERROR_TEXT_SIZE];
	char code[ERROR_WORD_SIZE];   /* the service's error code, or a word of ours; "" if none */
	char target[ERROR_WORD_SIZE]; /* the service's correlation id; "" if none */
	char hint[ERROR_TEXT_SIZE];   /* what to do next; "" if none */
	char file[256];               /* where: a file name, or "" */
	unsigned line;                /* from 1; 0 if unknown */
	unsigned column;              /* from 1, in characters; 0 if unknown */
};

#define ERROR_INIT { .kind = ERROR_NONE }

/* Sets the error unless one is set already. Always returns false, so that `return error_set(...)` reads well. */
bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with the text of errno at the end: "cannot open 'x': No such file or directory". */
bool error_set_errno(struct error *error, enum error_kind kind, int errnum, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The following change an error that is set; they do nothing on NULL or an unset one. */
void error_hint(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
void error_code(struct error *error, const char *code, const char *target);
void error_at(struct error *error, const char *file, unsigned line, unsigned column);

/* Puts "text: " before what is there. */
void error_prefix(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

void error_clear(struct error *error);

/* Copies from to to unless to is set already; always returns false. */
bool error_copy(struct error *to, const struct error *from);

/* The exit status of a kind, 0 for ERROR_NONE. */
int error_status(enum error_kind kind);

/* Of two kinds the one whose status comes first in the order 130, 2, 3, 1, 4. */
enum error_kind error_worse(enum error_kind a, enum error_kind b);

#endif
