/* Reads JSON answers that hold one array of row objects, as their bytes arrive: machine lists and action lists
 * ({"value":[...]}), hunting results ({"schema":[...],"results":[...]}, any of the services' spellings). A push reader:
 * no tree of the answer is ever built. Values inside a row that are arrays or objects are handed over as compact JSON text. Texts
 * are UTF-8: what has its form but is none (surrogates, overlong forms) becomes U+FFFD, byte by byte. */
#ifndef TABLE_ROW_READER_H
#define TABLE_ROW_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/auto.h"
#include "core/error.h"

enum row_kind { ROW_NULL, ROW_BOOL, ROW_INTEGER, ROW_REAL, ROW_STRING, ROW_DYNAMIC };

/* text is not NUL-terminated and dies with the callback. For ROW_INTEGER outside 64 bits: kind ROW_REAL. */
struct row_value {
	enum row_kind kind;
	bool boolean;
	int64_t integer;
	double real;
	const char *text;
	size_t length;
	bool plain;     /* the text is known to be ASCII without control characters */
	unsigned known; /* members of one reader with the same number here have the same name; 0: no number */
};

/* Each returns false (with error set) to stop. Any may be NULL. Names are NUL-terminated. */
struct row_handler {
	bool (*begin)(void *data, struct error *error);
	bool (*member)(void *data, const char *name, const struct row_value *value, struct error *error);
	bool (*end)(void *data, struct error *error);
	/* A top-level member that is not one of the row arrays, whole. */
	bool (*top)(void *data, const char *name, const struct row_value *value, struct error *error);
};

/* Bounds; a breach is an error. */
#define ROW_READER_DEPTH 64                        /* nesting */
#define ROW_READER_VALUE_LIMIT (8 * 1024 * 1024)   /* bytes of one value */

struct row_reader;

/* arrays: NULL-terminated names of the top-level members that hold rows, e.g. {"value", NULL}. Rows that are not objects
 * and answers that are not an object are errors. Duplicate names within a row: the last wins (the member is called
 * twice). */
struct row_reader *row_reader_new(const char *const *arrays, const struct row_handler *handler, void *data);
void row_reader_free(struct row_reader *reader);
AUTO_DEFINE(row_reader_free, struct row_reader *)

bool row_reader_feed(struct row_reader *reader, const char *bytes, size_t length, struct error *error);
/* After the last byte; false if the text ended early or no row array was there. */
bool row_reader_finish(struct row_reader *reader, struct error *error);

#endif
