/* Columns as they lie in a file: in the machine's own layout, the same as in memory, so that a column of a mapped file is
 * used where it is. The file is not trusted: a column is checked when it is first asked for (its sums, and that no code and
 * no text leads outside), in a time that goes with its own size alone. */
#ifndef TABLE_COLUMN_FILE_H
#define TABLE_COLUMN_FILE_H

#include "table/column.h"

enum column_part { COLUMN_ITEMS, COLUMN_NULLS, COLUMN_STARTS, COLUMN_ARENA, COLUMN_PARTS };

#define COLUMN_FILE_ALIGN 64 /* what offsets of parts are multiples of */

struct column_layout {
	uint32_t type, width;
	uint32_t texts;           /* how many */
	uint8_t distinct, wide, unused[2];
	struct column_part_layout {
		uint64_t offset, length; /* bytes; in the file */
		uint64_t sum;            /* sum_bytes */
	} parts[COLUMN_PARTS];
};

/* How the column would lie in a file, its parts one after the other from *offset on, which is moved behind them; parts
 * receives where their bytes are, borrowed. False if it has to be copied first, since its texts are in pieces. */
bool column_lay_out(const struct column *column, uint64_t *offset, struct column_layout *layout,
	const void *parts[COLUMN_PARTS]);
/* The texts of all rows as a list of one text a row, which has a layout. */
struct column *column_copy_list(const struct column *column);

/* A column over a file in memory (writable, private, size bytes, and it outlives the column), as the layout, which lives
 * there, too, says. NULL if the layout does not fit the file or the rows. The content is not looked at. */
struct column *column_map(const char *name, enum column_type type, const struct column_layout *layout, void *file,
	uint64_t size, size_t rows);

/* Looks at the content of a mapped column, once. False if it is damaged: it has nulls only from then on. */
bool column_check(struct column *column);

#endif
