#include "config.h"
#include "fleet/inventory_internal.h"

#include <string.h>

#include "core/file.h"

/* The cache file: this header, then for each column its name, type and content. A text column is its dictionary (a
 * length and bytes for each code) and a code a row; any other is a byte and 64 bits a row. In the machine's own byte
 * order, which the mark tells. */
#define FILE_MAGIC "CORDONIV"
#define FILE_FORMAT 1
#define FILE_MARK 0x01020304u
#define FILE_TENANT_SIZE 128

struct file_header {
	char magic[8];
	uint32_t format, mark;
	char tenant[FILE_TENANT_SIZE];
	int64_t time;
	uint64_t rows, columns;
	uint64_t length;              /* of what follows the header */
	char sum[SHA256_HEX_SIZE + 7]; /* SHA-256 of this header with the SHA-256 of what follows in this place; hex */
};

static void header_seal(struct file_header *header, const void *content)
{
	char sum[SHA256_HEX_SIZE];

	memset(header->sum, 0, sizeof header->sum);
	sha256_hex(content, header->length, header->sum);
	sha256_hex(header, sizeof *header, sum);
	memcpy(header->sum, sum, sizeof sum);
}

static void put(GByteArray *out, const void *bytes, size_t length)
{
	g_byte_array_append(out, bytes, (guint)length);
}

static void put_number(GByteArray *out, uint64_t number)
{
	put(out, &number, sizeof number);
}

static void put_text(GByteArray *out, const char *text, size_t length)
{
	uint32_t size = (uint32_t)length;

	put(out, &size, sizeof size);
	put(out, text, length);
}

static void save_texts(GByteArray *out, const struct column *column, const struct bitset *rows)
{
	put_number(out, column_codes(column));
	for (uint32_t code = 0; code < column_codes(column); code++) {
		size_t length;
		const char *text = column_code_text(column, code, &length);

		put_text(out, text, length);
	}
	for (uint32_t row = bitset_next(rows, 0); row != BITSET_END; row = bitset_next(rows, row + 1)) {
		uint32_t code = column_code(column, row);

		put(out, &code, sizeof code);
	}
}

static void save_numbers(GByteArray *out, const struct column *column, const struct bitset *rows)
{
	for (uint32_t row = bitset_next(rows, 0); row != BITSET_END; row = bitset_next(rows, row + 1)) {
		int64_t value = column_int(column, row);
		uint8_t null = column_is_null(column, row);

		put(out, &null, sizeof null);
		put(out, &value, sizeof value);
	}
}

/* Bytes of the columns, from above. */
static size_t save_size(const struct inventory *inventory)
{
	size_t size = 0;

	for (size_t i = 0; i < DEVICE_COLUMNS; i++) {
		const struct column *column = table_column(inventory->table, i);
		bool text = column_type_is_text(column_type(column));
		size_t length;

		size += 64 + column_rows(column) * (1 + sizeof(int64_t));
		for (uint32_t code = 0; text && code < column_codes(column); code++) {
			column_code_text(column, code, &length);
			size += sizeof(uint32_t) + length;
		}
	}
	return size;
}

GByteArray *inventory_save(const struct inventory *inventory, const char *tenant)
{
	struct file_header header = { .magic = FILE_MAGIC, .format = FILE_FORMAT, .mark = FILE_MARK };
	GByteArray *out;
	AUTO(bitset_free) struct bitset *rows = NULL;

	if (save_size(inventory) > INVENTORY_FILE_LIMIT - sizeof header)
		return NULL;
	out = g_byte_array_new();
	rows = bitset_new();
	/* Without the rows that no number leads to. */
	for (uint32_t row = 0; row < inventory->numbers->len; row++)
		if (inventory_row(inventory, inventory_number_of_row(inventory, row)) == row)
			bitset_add(rows, row);
	g_strlcpy(header.tenant, tenant, sizeof header.tenant);
	header.time = inventory->time;
	header.rows = bitset_count(rows);
	header.columns = DEVICE_COLUMNS;
	put(out, &header, sizeof header);
	for (size_t i = 0; i < DEVICE_COLUMNS; i++) {
		const struct column *column = table_column(inventory->table, i);

		put_text(out, column_name(column), strlen(column_name(column)));
		put_number(out, column_type(column));
		if (column_type_is_text(column_type(column)))
			save_texts(out, column, rows);
		else
			save_numbers(out, column, rows);
	}
	header.length = out->len - sizeof header;
	header_seal(&header, out->data + sizeof header);
	memcpy(out->data, &header, sizeof header);
	return out;
}

/* What is left to read; damaged once something did not fit. */
struct cursor {
	const uint8_t *at, *end;
	bool damaged;
};

static const void *take(struct cursor *cursor, size_t length)
{
	const void *bytes = cursor->at;

	if (cursor->damaged || (size_t)(cursor->end - cursor->at) < length) {
		cursor->damaged = true;
		return NULL;
	}
	cursor->at += length;
	return bytes;
}

static uint64_t take_number(struct cursor *cursor)
{
	const void *bytes = take(cursor, sizeof(uint64_t));
	uint64_t number = 0;

	if (bytes != NULL)
		memcpy(&number, bytes, sizeof number);
	return number;
}

static const char *take_text(struct cursor *cursor, size_t *length)
{
	const void *bytes = take(cursor, sizeof(uint32_t));
	uint32_t size = 0;

	if (bytes != NULL)
		memcpy(&size, bytes, sizeof size);
	*length = size;
	return take(cursor, size);
}

static void load_texts(struct cursor *cursor, struct column *column, uint64_t rows)
{
	uint64_t codes = take_number(cursor);
	bool nulls = column_type(column) != COLUMN_STRING;

	for (uint64_t i = 0; i < codes && !cursor->damaged; i++) {
		size_t length;
		const char *text = take_text(cursor, &length);

		if (text == NULL)
			return;
		column_append_text(column, text, length);
		cursor->damaged = column_codes(column) != i + 1;
	}
	column_truncate(column, 0);
	for (uint64_t row = 0; row < rows; row++) {
		const void *bytes = take(cursor, sizeof(uint32_t));
		uint32_t code;

		if (bytes == NULL)
			return;
		memcpy(&code, bytes, sizeof code);
		if (code >= codes && !(code == COLUMN_NULL_CODE && nulls)) {
			cursor->damaged = true;
			return;
		}
		column_append_code(column, code);
	}
}

static void load_numbers(struct cursor *cursor, struct column *column, uint64_t rows)
{
	for (uint64_t row = 0; row < rows; row++) {
		const uint8_t *bytes = take(cursor, 1 + sizeof(int64_t));
		int64_t value;

		if (bytes == NULL)
			return;
		memcpy(&value, bytes + 1, sizeof value);
		if (bytes[0] != 0)
			column_append_null(column);
		else
			column_append_int(column, value);
	}
}

static bool ids_are_sound(const struct table *table)
{
	const struct column *ids = table_column(table, DEVICE_ID);
	AUTO(bitset_free) struct bitset *seen = bitset_new();

	for (size_t row = 0; row < column_rows(ids); row++) {
		size_t length;
		const char *id = column_text(ids, row, &length);

		if (length == 0 || strlen(id) != length || bitset_has(seen, column_code(ids, row)))
			return false;
		bitset_add(seen, column_code(ids, row));
	}
	return true;
}

static bool load_table(struct cursor *cursor, struct table *table, uint64_t rows)
{
	for (size_t i = 0; i < DEVICE_COLUMNS; i++) {
		struct column *column = table_column(table, i);
		size_t length;
		const char *name = take_text(cursor, &length);

		if (name == NULL || length != strlen(column_name(column)) ||
			memcmp(name, column_name(column), length) != 0 || take_number(cursor) != column_type(column))
			return false;
		if (column_type_is_text(column_type(column)))
			load_texts(cursor, column, rows);
		else
			load_numbers(cursor, column, rows);
		if (cursor->damaged)
			return false;
	}
	return cursor->at == cursor->end && ids_are_sound(table);
}

bool inventory_load(struct inventory *inventory, const char *tenant, const void *bytes, size_t length,
	struct error *error)
{
	struct cursor cursor = { .at = bytes, .end = (const uint8_t *)bytes + length };
	const void *start = take(&cursor, sizeof(struct file_header));
	AUTO(table_free) struct table *table = NULL;
	struct file_header header, sealed;

	if (start == NULL)
		return error_set(error, ERROR_FAILED, "the inventory's cache is damaged: it is too short");
	memcpy(&header, start, sizeof header);
	if (memcmp(header.magic, FILE_MAGIC, sizeof header.magic) != 0 || header.format != FILE_FORMAT ||
		header.mark != FILE_MARK || header.columns != DEVICE_COLUMNS)
		return error_set(error, ERROR_FAILED, "the inventory's cache is of another version");
	if (strncmp(header.tenant, tenant, sizeof header.tenant) != 0)
		return error_set(error, ERROR_FAILED, "the inventory's cache is of another tenant");
	sealed = header;
	sealed.length = (uint64_t)(cursor.end - cursor.at);
	header_seal(&sealed, cursor.at);
	if (memcmp(&sealed, &header, sizeof header) != 0)
		return error_set(error, ERROR_FAILED, "the inventory's cache is damaged: its sum is wrong");
	table = device_table_new();
	if (!load_table(&cursor, table, header.rows))
		return error_set(error, ERROR_FAILED, "the inventory's cache is damaged");
	inventory_take_table(inventory, AUTO_STEAL(table), header.time);
	return true;
}
