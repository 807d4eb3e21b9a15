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
	GStringChunk *chunk;
	GString *text, *summary;
};

#endif
