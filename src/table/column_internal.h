/* What the files of columns share. */
#ifndef TABLE_COLUMN_INTERNAL_H
#define TABLE_COLUMN_INTERNAL_H

#include "table/column.h"

struct column {
	char *name;
	enum column_type type;
	size_t rows, room;       /* room of the items, in rows */
	void *items;             /* as in struct column_view */
	unsigned width;          /* 0: text without codes */
	bool items_borrowed;     /* in a file's private mapping: written in place, copied before they grow */
	uint64_t *nulls;         /* NULL while there are none, else for all rows */
	size_t nulls_room;       /* words */
	bool nulls_borrowed;
	struct dictionary *dictionary; /* of a text column; only its texts if not distinct */
	bool distinct, shared;
	const struct column_layout *unchecked; /* of a column in a file that nobody has looked at yet */
	const void *file;        /* what the layout's offsets count from */
};

/* Text columns: gives each row its number as code, so that rows can change. */
void column_spread(struct column *column);

#endif
