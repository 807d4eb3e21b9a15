/* What a command has to say. Every command fills one result; app/output prints it as table, line, csv or json. */
#ifndef APP_RESULT_H
#define APP_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>
#include <jansson.h>

#include "core/auto.h"
#include "core/error.h"

struct result;

struct result *result_new(void);
void result_free(struct result *result);
AUTO_DEFINE(result_free, struct result *)

/* Something was skipped, unresolved, cut short: exit status 4, "partial": true. */
void result_partial(struct result *result);
bool result_is_partial(const struct result *result);

/* JSON: a further member of the object. value is taken over; NULL makes a null. */
void result_member(struct result *result, const char *name, json_t *value);
bool result_has_member(const struct result *result, const char *name);
/* JSON: a member that is an array, made item by item when printed (item returns a new reference), so that a hundred
 * thousand devices never stand in memory as a tree. free (may be NULL) is called on data at the end. */
void result_member_lazy(struct result *result, const char *name, size_t count,
	json_t *(*item)(void *data, size_t index), void *data, void (*free)(void *data));

/* Rows for table, line and csv output. Columns first, then cells row by row; text is copied and made safe when printed. */
enum result_column_flags {
	RESULT_RIGHT = 1, /* numbers */
	RESULT_CUT = 2,   /* may be cut to fit the terminal; the first column last of all */
	RESULT_NAME = 4,  /* names a device: others are cut or left out before it is cut */
};
void result_column(struct result *result, const char *title, unsigned flags);
void result_cell(struct result *result, const char *text); /* NULL is "" */
void result_cellf(struct result *result, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Instead of cells: rows whose cells are made when they are printed; cell appends one to out. data must live until then. */
void result_cells_lazy(struct result *result, size_t rows,
	void (*cell)(void *data, size_t row, size_t column, GString *out), void *data);
size_t result_rows(const struct result *result);

/* Text for people (help, a plan): printed before the rows, for table and line output on standard output, for csv as a
 * message. Lines end with a line feed; hostile text goes through text_append_safe first. */
GString *result_text(struct result *result);
/* One line after the rows: "42 devices (+40)". Printed like result_text. */
void result_summary(struct result *result, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
