/* The inventory's cache file: this head, then columns and indexes at multiples of COLUMN_FILE_ALIGN, as they lie in memory. The
 * row of a device is its number. In the machine's own byte order, which the mark tells. */
#ifndef FLEET_INVENTORY_FORMAT_H
#define FLEET_INVENTORY_FORMAT_H

#include "fleet/inventory.h"
#include "table/column_file.h"

#define FILE_MAGIC "CORDONIV"
#define FILE_FORMAT 2
#define FILE_MARK 0x01020304u
#define FILE_TENANT_SIZE 128

struct file_column {
	char name[40];
	struct column_layout layout;
};

struct file_index {
	uint64_t offset, count, sum;
};

struct file_head {
	char magic[8];
	uint32_t format, mark;
	char tenant[FILE_TENANT_SIZE];
	int64_t time;
	uint64_t rows, size; /* of the whole file */
	uint64_t seed;       /* of the hash table of ids */
	struct file_index indexes[INVENTORY_INDEXES];
	struct file_column columns[DEVICE_COLUMNS];
	uint64_t sum;        /* of all before it */
};

#endif
