#include "config.h"
#include "table/column_file.h"

#include <string.h>

#include "core/sum.h"
#include "table/column_internal.h"

static void lay_part(struct column_part_layout *part, uint64_t *offset, const void *bytes, uint64_t length)
{
	part->offset = *offset;
	part->length = length;
	part->sum = sum_bytes(bytes, length);
	*offset += (length + COLUMN_FILE_ALIGN - 1) / COLUMN_FILE_ALIGN * COLUMN_FILE_ALIGN;
}

bool column_lay_out(const struct column *column, uint64_t *offset, struct column_layout *layout,
	const void *parts[COLUMN_PARTS])
{
	static const uint32_t no_starts[1] = { 0 };
	const struct texts *texts = column->dictionary != NULL ? &column->dictionary->texts : NULL;
	const struct texts_piece *piece = texts != NULL && texts->count != 0 ? &texts->pieces[0] : NULL;

	if (texts != NULL && texts->count > 1)
		return false;
	*layout = (struct column_layout){ .type = column->type, .width = column->width, .distinct = column->distinct && column->width != 0 };
	parts[COLUMN_ITEMS] = column->items;
	parts[COLUMN_NULLS] = column->nulls;
	parts[COLUMN_STARTS] = piece != NULL ? piece->starts : no_starts;
	parts[COLUMN_ARENA] = piece != NULL ? piece->arena : "";
	lay_part(&layout->parts[COLUMN_ITEMS], offset, parts[COLUMN_ITEMS], column->rows * column->width);
	lay_part(&layout->parts[COLUMN_NULLS], offset, parts[COLUMN_NULLS],
		column->nulls != NULL ? (column->rows + 63) / 64 * sizeof(uint64_t) : 0);
	if (texts == NULL)
		return true;
	layout->texts = texts->length;
	layout->wide = texts->wide;
	lay_part(&layout->parts[COLUMN_STARTS], offset, parts[COLUMN_STARTS], ((uint64_t)texts->length + 1) * sizeof(uint32_t));
	lay_part(&layout->parts[COLUMN_ARENA], offset, parts[COLUMN_ARENA], piece != NULL ? piece->used : 0);
	return true;
}

struct column *column_copy_list(const struct column *column)
{
	struct column *copy = column_new(column->name, column->type);

	g_assert(column->type == COLUMN_STRING);
	copy->width = 0;
	copy->distinct = false;
	for (size_t row = 0; row < column->rows; row++)
		column_append_from(copy, column, row);
	return copy;
}

static bool part_fits(const struct column_part_layout *part, uint64_t size, uint64_t length)
{
	return part->length == length && part->offset % COLUMN_FILE_ALIGN == 0 && part->offset <= size &&
		length <= size - part->offset;
}

static bool width_fits(enum column_type type, unsigned width, bool distinct)
{
	if (column_type_is_text(type))
		return width == 1 || width == 2 || width == 4 || (width == 0 && !distinct);
	if (type == COLUMN_REAL || type == COLUMN_DATETIME || type == COLUMN_TIMESPAN)
		return width == 8 && !distinct;
	return (width == 1 || width == 2 || width == 4 || width == 8) && !distinct;
}

static bool layout_fits(const struct column_layout *layout, enum column_type type, uint64_t size, size_t rows)
{
	const struct column_part_layout *parts = layout->parts;
	bool text = column_type_is_text(type), has_nulls = parts[COLUMN_NULLS].length != 0;

	if (layout->type != type || layout->distinct > 1 || layout->wide > 1 ||
		!width_fits(type, layout->width, layout->distinct == 1) || layout->texts > INT32_MAX)
		return false;
	if (!part_fits(&parts[COLUMN_ITEMS], size, (uint64_t)rows * layout->width) ||
		!part_fits(&parts[COLUMN_NULLS], size, has_nulls ? ((uint64_t)rows + 63) / 64 * sizeof(uint64_t) : 0))
		return false;
	if (!text)
		return layout->texts == 0;
	return (layout->width != 0 || layout->texts == rows) && !(has_nulls && layout->width != 0) &&
		!(has_nulls && type == COLUMN_STRING) &&
		part_fits(&parts[COLUMN_STARTS], size, ((uint64_t)layout->texts + 1) * sizeof(uint32_t)) &&
		part_fits(&parts[COLUMN_ARENA], size, parts[COLUMN_ARENA].length) && parts[COLUMN_ARENA].length <= UINT32_MAX;
}

static void *part_at(const struct column_layout *layout, enum column_part part, void *file)
{
	return (char *)file + layout->parts[part].offset;
}

struct column *column_map(const char *name, enum column_type type, const struct column_layout *layout, void *file,
	uint64_t size, size_t rows)
{
	struct column *column;

	if (!layout_fits(layout, type, size, rows))
		return NULL;
	column = column_new(name, type);
	column->rows = column->room = rows;
	column->width = layout->width;
	column->distinct = layout->distinct == 1;
	column->unchecked = layout;
	column->file = file;
	if (column->width != 0) {
		column->items = part_at(layout, COLUMN_ITEMS, file);
		column->items_borrowed = true;
	}
	if (layout->parts[COLUMN_NULLS].length != 0) {
		column->nulls = part_at(layout, COLUMN_NULLS, file);
		column->nulls_room = (rows + 63) / 64;
		column->nulls_borrowed = true;
	}
	if (column->dictionary != NULL)
		texts_borrow(&column->dictionary->texts, part_at(layout, COLUMN_ARENA, file), layout->parts[COLUMN_ARENA].length,
			part_at(layout, COLUMN_STARTS, file), layout->texts, layout->wide == 1);
	return column;
}

/* No code but null may be as large as the number of texts; the largest of each width is null. The largest code is looked for,
 * null counted as -1 if it is allowed: without branches, many at a time. */
#define CODES_FIT(name, type, null) \
	static bool name(const type *codes, size_t rows, uint32_t texts, bool nulls) \
	{ \
		type most = 0, step = nulls ? 1 : 0; \
		\
		for (size_t row = 0; row < rows; row++) { \
			type code = (type)(codes[row] + step); \
			\
			most = code > most ? code : most; \
		} \
		return rows == 0 || (nulls ? most <= texts : most < texts && most != (null)); \
	}

CODES_FIT(bytes_fit, uint8_t, UINT8_MAX)
CODES_FIT(shorts_fit, uint16_t, UINT16_MAX)
CODES_FIT(words_fit, uint32_t, UINT32_MAX)

static bool codes_fit(const struct column *column)
{
	uint32_t texts = column->dictionary->texts.length;
	bool nulls = column->type != COLUMN_STRING;

	switch (column->width) {
	case 0:
		return true;
	case 1:
		return bytes_fit(column->items, column->rows, texts, nulls);
	case 2:
		return shorts_fit(column->items, column->rows, texts, nulls);
	default:
		return words_fit(column->items, column->rows, texts, nulls);
	}
}

static bool texts_fit(const struct column_layout *layout, void *file)
{
	return texts_piece_is_sound(part_at(layout, COLUMN_ARENA, file), layout->parts[COLUMN_ARENA].length,
		part_at(layout, COLUMN_STARTS, file), layout->texts);
}

static bool content_fits(struct column *column, const struct column_layout *layout, void *file)
{
	int parts = column->dictionary != NULL ? COLUMN_PARTS : COLUMN_STARTS;

	for (int part = 0; part < parts; part++)
		if (sum_bytes(part_at(layout, part, file), layout->parts[part].length) != layout->parts[part].sum)
			return false;
	return column->dictionary == NULL || (codes_fit(column) && texts_fit(layout, file));
}

bool column_check(struct column *column)
{
	const struct column_layout *layout = column->unchecked;
	struct column *empty, swap;

	if (layout == NULL)
		return true;
	column->unchecked = NULL;
	if (content_fits(column, layout, (void *)(uintptr_t)column->file))
		return true;
	empty = column_new(column->name, column->type);
	for (size_t row = 0; row < column->rows; row++)
		column_append_null(empty);
	swap = *empty;
	*empty = *column;
	*column = swap;
	column_free(empty);
	return false;
}
