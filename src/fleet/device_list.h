/* Reads a table file as a list of devices (contract, section 2, rule 6): finds the column by its title, else by content.
 * Pure text: whether the tenant knows the devices is resolve.h's. */
#ifndef FLEET_DEVICE_LIST_H
#define FLEET_DEVICE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#include "core/error.h"
#include "table/sheet.h"

struct device_entry {
	char *text;        /* what to resolve, blanks around it removed; never a pattern; "": the row names no device */
	char *name;        /* the name that stood in the same row as an id, or NULL */
	unsigned line;     /* from 1 */
	const char *fault; /* why the row cannot be relied on, so that it is unresolved; constant; NULL for most */
};

struct device_list {
	GPtrArray *entries; /* struct device_entry; duplicates left out */
	size_t rows;        /* rows with something in them, the title row not counted */
	size_t duplicates;
	size_t blanks;      /* rows without a cell in the column that --column asked for */
	char *column;       /* title of the column read, or "" without a title row */
	bool titled;
};

/* name is the file's, for errors. column: --column NAME (any case), or NULL. An empty file is an error; a title row alone
 * is an empty list. */
struct device_list *device_list_read(const struct sheet *sheet, const char *name, const char *column,
	struct error *error);
void device_list_free(struct device_list *list);
AUTO_DEFINE(device_list_free, struct device_list *)

#endif
