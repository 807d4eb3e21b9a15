/* What the inventory's own files share. */
#ifndef FLEET_INVENTORY_INTERNAL_H
#define FLEET_INVENTORY_INTERNAL_H

#include "fleet/inventory.h"

struct inventory {
	struct column *ids;        /* its dictionary numbers the devices: a code is a number */
	GArray *rows;              /* size_t by number: the row or INVENTORY_NO_ROW */
	GArray *numbers;           /* uint32_t by row */
	struct table *table;
	int64_t time;
	uint64_t generation, identity;
	size_t dropped;            /* rows of the table that no number leads to */
};

struct table *device_table_new(void);
/* Appends a row of nulls. */
void device_table_append(struct table *table);
/* Puts a value into a row; one of a wrong type becomes null. */
void device_table_set(struct table *table, size_t row, enum device_column_id column, const struct row_value *value);
/* Takes the table over; numbers stay. Every row has an id, none twice. */
void inventory_take_table(struct inventory *inventory, struct table *table, int64_t time);
/* Numbers the row that was just appended to the table. */
void inventory_place_row(struct inventory *inventory, size_t row);
/* Whether compact JSON text, an array of strings, has the tag. */
bool tags_have(const char *json, size_t length, const char *tag);

#endif
