#include "config.h"
#include "fleet/inventory_internal.h"

#include <string.h>

#define MERGE_CHAIN_LIMIT 32 /* records that a chain of merges may have */

struct inventory *inventory_new(void)
{
	struct inventory *inventory = g_new0(struct inventory, 1);

	inventory->ids = column_new("id", COLUMN_STRING);
	inventory->rows = g_array_new(FALSE, FALSE, sizeof(size_t));
	inventory->numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	inventory->table = device_table_new();
	inventory->generation = inventory->identity = 1;
	return inventory;
}

void inventory_free(struct inventory *inventory)
{
	if (inventory == NULL)
		return;
	column_free(inventory->ids);
	g_array_unref(inventory->rows);
	g_array_unref(inventory->numbers);
	table_free(inventory->table);
	g_free(inventory);
}

uint32_t inventory_number(struct inventory *inventory, const char *id)
{
	AUTO(g_free) char *folded = g_ascii_strdown(id, -1);
	size_t none = INVENTORY_NO_ROW, length = strlen(folded);
	uint32_t number = column_find_code(inventory->ids, folded, length);

	if (number != COLUMN_NULL_CODE)
		return number;
	column_append_text(inventory->ids, folded, length);
	g_array_append_val(inventory->rows, none);
	return column_codes(inventory->ids) - 1;
}

uint32_t inventory_find(const struct inventory *inventory, const char *id)
{
	AUTO(g_free) char *folded = g_ascii_strdown(id, -1);
	uint32_t number = column_find_code(inventory->ids, folded, strlen(folded));

	return number == COLUMN_NULL_CODE ? DEVICE_NONE : number;
}

const char *inventory_id(const struct inventory *inventory, uint32_t number)
{
	return column_code_text(inventory->ids, number, NULL);
}

uint32_t inventory_numbers(const struct inventory *inventory)
{
	return column_codes(inventory->ids);
}

size_t inventory_row(const struct inventory *inventory, uint32_t number)
{
	return number < inventory->rows->len ? g_array_index(inventory->rows, size_t, number) : INVENTORY_NO_ROW;
}

uint32_t inventory_number_of_row(const struct inventory *inventory, size_t row)
{
	return row < inventory->numbers->len ? g_array_index(inventory->numbers, uint32_t, row) : DEVICE_NONE;
}

void inventory_place_row(struct inventory *inventory, size_t row)
{
	uint32_t number = inventory_number(inventory, column_text(table_column(inventory->table, DEVICE_ID), row, NULL));

	g_array_index(inventory->rows, size_t, number) = row;
	g_array_append_val(inventory->numbers, number);
}

void inventory_take_table(struct inventory *inventory, struct table *table, int64_t time)
{
	size_t count = table_rows(table);

	table_free(inventory->table);
	inventory->table = table;
	inventory->time = time;
	inventory->dropped = 0;
	inventory->generation++;
	inventory->identity++;
	for (guint i = 0; i < inventory->rows->len; i++)
		g_array_index(inventory->rows, size_t, i) = INVENTORY_NO_ROW;
	g_array_set_size(inventory->numbers, 0);
	for (size_t row = 0; row < count; row++)
		inventory_place_row(inventory, row);
}

void inventory_drop(struct inventory *inventory, uint32_t number)
{
	if (inventory_row(inventory, number) == INVENTORY_NO_ROW)
		return;
	g_array_index(inventory->rows, size_t, number) = INVENTORY_NO_ROW;
	inventory->dropped++;
	inventory->generation++;
	inventory->identity++;
}

const struct table *inventory_table(const struct inventory *inventory)
{
	return inventory->table;
}

size_t inventory_rows(const struct inventory *inventory)
{
	return table_rows(inventory->table);
}

int64_t inventory_time(const struct inventory *inventory)
{
	return inventory->time;
}

uint64_t inventory_generation(const struct inventory *inventory)
{
	return inventory->generation;
}

uint64_t inventory_identity(const struct inventory *inventory)
{
	return inventory->identity;
}

const char *inventory_text(const struct inventory *inventory, uint32_t number, enum device_column_id column)
{
	size_t row = inventory_row(inventory, number);

	return row == INVENTORY_NO_ROW ? "" : column_text(table_column(inventory->table, column), row, NULL);
}

const char *inventory_name(const struct inventory *inventory, uint32_t number)
{
	const char *name = inventory_text(inventory, number, DEVICE_NAME);

	return name[0] != '\0' ? name : inventory_id(inventory, number);
}

bool inventory_is_onboarded(const struct inventory *inventory, uint32_t number)
{
	return g_ascii_strcasecmp(inventory_text(inventory, number, DEVICE_ONBOARDING), "Onboarded") == 0;
}

bool inventory_is_active(const struct inventory *inventory, uint32_t number)
{
	return g_ascii_strcasecmp(inventory_text(inventory, number, DEVICE_HEALTH), "Active") == 0;
}

int64_t inventory_last_seen(const struct inventory *inventory, uint32_t number)
{
	size_t row = inventory_row(inventory, number);

	return row == INVENTORY_NO_ROW ? 0 : column_int(table_column(inventory->table, DEVICE_LAST_SEEN), row);
}

uint32_t inventory_survivor(const struct inventory *inventory, uint32_t number)
{
	for (int i = 0; i < MERGE_CHAIN_LIMIT; i++) {
		const char *into = inventory_text(inventory, number, DEVICE_MERGED_INTO);

		if (into[0] == '\0' || strcmp(into, inventory_id(inventory, number)) == 0)
			return number;
		number = inventory_find(inventory, into);
		if (inventory_row(inventory, number) == INVENTORY_NO_ROW)
			return DEVICE_NONE;
	}
	return DEVICE_NONE;
}

struct bitset *inventory_scope(const struct inventory *inventory, bool unmanaged)
{
	const struct column *onboarding = table_column(inventory->table, DEVICE_ONBOARDING);
	const struct column *merged = table_column(inventory->table, DEVICE_MERGED_INTO);
	struct bitset *scope = bitset_new();

	for (size_t row = 0; row < inventory->numbers->len; row++) {
		uint32_t number = g_array_index(inventory->numbers, uint32_t, row);

		if (inventory_row(inventory, number) != row || (column_text(merged, row, NULL)[0] != '\0' &&
			inventory_survivor(inventory, number) != number))
			continue;
		if (unmanaged || g_ascii_strcasecmp(column_text(onboarding, row, NULL), "Onboarded") == 0)
			bitset_add(scope, number);
	}
	return scope;
}

struct bitset *inventory_rows_of(const struct inventory *inventory, const struct bitset *numbers)
{
	struct bitset *rows = bitset_new();

	for (uint32_t n = bitset_next(numbers, 0); n != BITSET_END; n = bitset_next(numbers, n + 1)) {
		size_t row = inventory_row(inventory, n);

		if (row != INVENTORY_NO_ROW)
			bitset_add(rows, (uint32_t)row);
	}
	return rows;
}

struct bitset *inventory_numbers_of(const struct inventory *inventory, const struct bitset *rows)
{
	struct bitset *numbers = bitset_new();

	for (uint32_t row = bitset_next(rows, 0); row != BITSET_END; row = bitset_next(rows, row + 1)) {
		uint32_t number = inventory_number_of_row(inventory, row);

		if (number != DEVICE_NONE && inventory_row(inventory, number) == row)
			bitset_add(numbers, number);
	}
	return numbers;
}
