/* What the inventory's own files share. */
#ifndef FLEET_INVENTORY_INTERNAL_H
#define FLEET_INVENTORY_INTERNAL_H

#include "fleet/inventory.h"
#include "table/dictionary.h"

#define INVENTORY_KEPT INVENTORY_BY_ID /* indexes before this one */

/* An index as it lies in the cache file. */
struct inventory_index {
	const void *items;
	size_t count;
	uint64_t sum;
	bool checked;
};

struct inventory {
	struct dictionary *ids;    /* numbers the devices: a code is a number */
	struct table *table;       /* its column of ids has the codes of this dictionary */
	/* NULL while each row has the number that it is: numbers beyond the last row have none. */
	GArray *rows;              /* uint32_t by number: the row or UINT32_MAX */
	int64_t time;
	uint64_t generation, identity;
	size_t dropped;            /* rows of the table that no number leads to */
	bool damaged;              /* of a table that was replaced by nothing else yet */
	bool ids_unchecked;        /* they lie in a file and nobody has looked at them yet */
	GArray *by_id;             /* uint32_t: the numbers in the order of their ids (inventory_order.c); or NULL */
	GPtrArray *files;          /* struct inventory_memory: what the columns may lie in */
	/* Of the file that was loaded or saved; right while the identity is file_identity. */
	struct inventory_index indexes[INVENTORY_INDEXES];
	uint64_t file_identity, file_seed; /* of the hash table of ids */
	void *kept[INVENTORY_KEPT]; /* what was made to be saved, and indexes lead to; or NULL */
};

/* Memory of a file: mapped, or a copy. */
struct inventory_memory {
	void *bytes;
	size_t length;
	bool mapped;
	void *head; /* a copy of the file's, which columns refer to */
};

void inventory_memory_free(gpointer memory);

/* The ids, checked and ready to be searched; borrowed. */
struct dictionary *inventory_ids(struct inventory *inventory);

struct table *device_table_new(struct dictionary *ids);
/* Appends a row of nulls but for the id. */
void device_table_append(struct table *table, const char *id);
/* Puts a value into a row, which may be the one after the last of this column; one of a wrong type becomes null. */
void device_table_set(struct table *table, size_t row, enum device_column_id column, const struct row_value *value);
/* Takes the table over; numbers stay. Its ids are the inventory's; every row has one, none twice. */
void inventory_take_table(struct inventory *inventory, struct table *table, int64_t time);
/* Leads the number of the row that was just appended to the table to it. */
void inventory_place_row(struct inventory *inventory, size_t row);
/* Whether compact JSON text, an array of strings, has the tag. */
bool tags_have(const char *json, size_t length, const char *tag);

#endif
