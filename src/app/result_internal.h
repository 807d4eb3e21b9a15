/* Only for result.c and output*.c. */
#ifndef APP_RESULT_INTERNAL_H
#define APP_RESULT_INTERNAL_H

#include "app/result.h"

struct result_title {
	char *title;
	unsigned flags;
};

struct result_lazy {
	char *name;
	size_t count;
	json_t *(*item)(void *data, size_t index);
	void *data;
	void (*free)(void *data);
};

struct result {
	bool partial;
	json_t *members;
	GArray *lazy;    /* struct result_lazy */
	GArray *columns; /* struct result_title */
	GPtrArray *cells; /* const char *, row by row */
	size_t made_rows; /* of made, if there is one */
	void (*made)(void *data, size_t row, size_t column, GString *out);
	void *made_data;
	GString *made_text; /* the last cell made */
	GStringChunk *chunk;
	GString *text, *summary;
};

/* Borrowed until the next cell is asked for. */
const char *result_cell_text(const struct result *result, size_t row, size_t column);

#endif
