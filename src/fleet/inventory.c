#include "config.h"
#include "fleet/inventory_internal.h"

#include <string.h>

#define MERGE_CHAIN_LIMIT 32 /* records that a chain of merges may have */

#define NO_ROW UINT32_MAX

struct inventory *inventory_new(void)
{
	struct inventory *inventory = g_new0(struct inventory, 1);

	inventory->ids = dictionary_new();
	inventory->table = device_table_new(inventory->ids);
	inventory->files = g_ptr_array_new_with_free_func(inventory_memory_free);
	inventory->generation = inventory->identity = 1;
	return inventory;
}

void inventory_free(struct inventory *inventory)
{
	if (inventory == NULL)
		return;
	table_free(inventory->table);
	dictionary_free(inventory->ids);
	if (inventory->rows != NULL)
		g_array_unref(inventory->rows);
	if (inventory->by_id != NULL)
		g_array_unref(inventory->by_id);
	g_ptr_array_unref(inventory->files);
	for (int id = 0; id < INVENTORY_KEPT; id++)
		g_free(inventory->kept[id]);
	g_free(inventory);
}

/* ---- numbers */

static struct column *id_column(const struct inventory *inventory)
{
	return table_column(inventory->table, DEVICE_ID);
}

static bool ids_are_there(const struct texts *ids)
{
	const struct texts_piece *piece = ids->pieces;
	unsigned empty = 0;

	for (uint32_t n = 0; n < piece->count; n++)
		empty |= piece->starts[n + 1] - piece->starts[n] < 2;
	return empty == 0;
}

/* Ids of a file are looked at before they are used. Numbers of damaged ones are given to names that no device has. */
static struct dictionary *ids_checked(const struct inventory *const_inventory)
{
	struct inventory *inventory = (struct inventory *)(uintptr_t)const_inventory;
	uint32_t count = dictionary_codes(inventory->ids);
	struct column_view view;

	if (!inventory->ids_unchecked)
		return inventory->ids;
	inventory->ids_unchecked = false;
	column_view(id_column(inventory), &view);
	if (view.texts == &inventory->ids->texts && ids_are_there(view.texts))
		return inventory->ids;
	inventory->damaged = true;
	dictionary_free(inventory->ids);
	inventory->ids = dictionary_new();
	for (uint32_t n = 0; n < count; n++) {
		char text[32];

		dictionary_code(inventory->ids, text, (size_t)g_snprintf(text, sizeof text, "?%u", n));
	}
	return inventory->ids;
}

/* The same with the hash table of the file, if it is a good one; else it is made anew. */
static struct dictionary *ids_to_search(const struct inventory *inventory)
{
	struct dictionary *ids = ids_checked(inventory);
	uint32_t *slots;
	size_t count;

	if (ids->slots == NULL && ids->texts.count == 1 && ids->texts.pieces[0].room == 0) {
		slots = (uint32_t *)(uintptr_t)inventory_index(inventory, INVENTORY_BY_ID, &count);
		if (slots != NULL && count <= UINT32_MAX)
			dictionary_borrow_slots(ids, slots, (uint32_t)count, inventory->file_seed);
	}
	return ids;
}

/* Writes down the row of each number, the first of which have the same, so that they can differ. */
static void rows_spread(struct inventory *inventory, size_t same)
{
	if (inventory->rows != NULL)
		return;
	inventory->rows = g_array_sized_new(FALSE, FALSE, sizeof(uint32_t), (guint)same + 1);
	for (uint32_t n = 0; n < same; n++)
		g_array_append_val(inventory->rows, n);
}

static void set_row(struct inventory *inventory, uint32_t number, uint32_t row)
{
	uint32_t none = NO_ROW;

	while (inventory->rows->len <= number)
		g_array_append_val(inventory->rows, none);
	g_array_index(inventory->rows, uint32_t, number) = row;
}

uint32_t inventory_number(struct inventory *inventory, const char *id)
{
	AUTO(g_free) char *folded = g_ascii_strdown(id, -1);
	struct dictionary *ids = ids_to_search(inventory);

	return dictionary_code(ids, folded, strlen(folded));
}

uint32_t inventory_find(const struct inventory *inventory, const char *id)
{
	AUTO(g_free) char *folded = g_ascii_strdown(id, -1);
	uint32_t number = dictionary_find(ids_to_search(inventory), folded, strlen(folded));

	return number == DICTIONARY_NONE ? DEVICE_NONE : number;
}

const char *inventory_id(const struct inventory *inventory, uint32_t number)
{
	return dictionary_text(ids_checked(inventory), number, NULL);
}

uint32_t inventory_numbers(const struct inventory *inventory)
{
	return dictionary_codes(inventory->ids);
}

size_t inventory_row(const struct inventory *inventory, uint32_t number)
{
	uint32_t row = number;

	if (inventory->rows != NULL)
		row = number < inventory->rows->len ? g_array_index(inventory->rows, uint32_t, number) : NO_ROW;
	else if (number >= table_rows(inventory->table))
		row = NO_ROW;
	return row == NO_ROW ? INVENTORY_NO_ROW : row;
}

uint32_t inventory_number_of_row(const struct inventory *inventory, size_t row)
{
	if (row >= table_rows(inventory->table))
		return DEVICE_NONE;
	return inventory->rows == NULL ? (uint32_t)row : column_code(id_column(inventory), row);
}

void inventory_place_row(struct inventory *inventory, size_t row)
{
	uint32_t number = column_code(id_column(inventory), row);

	if (inventory->rows == NULL && number == row)
		return;
	rows_spread(inventory, row);
	set_row(inventory, number, (uint32_t)row);
}

/* Whether row n has number n. */
static bool is_plain(const struct inventory *inventory)
{
	struct column_view view;

	column_view(id_column(inventory), &view);
	for (size_t row = 0; view.width != 0 && row < view.rows; row++)
		if (column_view_code(&view, row) != row)
			return false;
	return true;
}

void inventory_take_table(struct inventory *inventory, struct table *table, int64_t time)
{
	table_free(inventory->table);
	inventory->table = table;
	inventory->time = time;
	inventory->dropped = 0;
	inventory->damaged = false;
	inventory->generation++;
	inventory->identity++;
	if (inventory->rows != NULL)
		g_array_unref(inventory->rows);
	inventory->rows = NULL;
	if (inventory->ids_unchecked || is_plain(inventory))
		return;
	inventory->rows = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	for (size_t row = 0; row < table_rows(table); row++)
		inventory_place_row(inventory, row);
}

void inventory_drop(struct inventory *inventory, uint32_t number)
{
	if (inventory_row(inventory, number) == INVENTORY_NO_ROW)
		return;
	rows_spread(inventory, table_rows(inventory->table));
	set_row(inventory, number, NO_ROW);
	inventory->dropped++;
	inventory->generation++;
	inventory->identity++;
}

/* ---- rows */

bool inventory_is_damaged(const struct inventory *inventory)
{
	return inventory->damaged || table_is_damaged(inventory->table);
}

struct dictionary *inventory_ids(struct inventory *inventory)
{
	return ids_to_search(inventory);
}

const struct table *inventory_table(const struct inventory *inventory)
{
	return inventory->table;
}

size_t inventory_rows(const struct inventory *inventory)
{
	return table_rows(inventory->table);
}

size_t inventory_dropped(const struct inventory *inventory)
{
	return inventory->dropped;
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

/* Which texts of a column a test takes: by code, so that a row costs no test. */
struct taken {
	struct column_view view;
	bool (*test)(const char *text);
	uint8_t *codes; /* of a dictionary, and behind the last that of null; NULL: test each row */
};

static void taken_init(struct taken *taken, const struct column *column, bool (*test)(const char *text))
{
	size_t room;

	column_view(column, &taken->view);
	taken->test = test;
	taken->codes = NULL;
	if (!taken->view.distinct)
		return;
	/* As many as a code of one or two bytes can say, the last of which is null. */
	room = taken->view.width == 1 ? (size_t)UINT8_MAX : taken->view.width == 2 ? (size_t)UINT16_MAX : column_codes(column);
	taken->codes = g_malloc0(room + 1);
	for (uint32_t code = 0; code < column_codes(column); code++)
		taken->codes[code] = test(column_code_text(column, code, NULL));
	taken->codes[room] = test("");
}

static bool taken_row(const struct taken *taken, size_t row)
{
	uint32_t code = column_view_code(&taken->view, row);

	if (code == COLUMN_NULL_CODE)
		return taken->test("");
	return taken->codes != NULL ? taken->codes[code] != 0 : taken->test(texts_get(taken->view.texts, code, NULL));
}

/* taken_row() of up to 64 rows from the first, as bits. */
static uint64_t taken_word(const struct taken *taken, size_t first, size_t count)
{
	const uint8_t *takes = taken->codes, *bytes = taken->view.items;
	const uint16_t *shorts = taken->view.items;
	uint64_t word = 0;

	if (takes != NULL && taken->view.width == 1)
		for (size_t n = 0; n < count; n++)
			word |= (uint64_t)takes[bytes[first + n]] << n;
	else if (takes != NULL && taken->view.width == 2)
		for (size_t n = 0; n < count; n++)
			word |= (uint64_t)takes[shorts[first + n]] << n;
	else
		for (size_t n = 0; n < count; n++)
			word |= (uint64_t)taken_row(taken, first + n) << n;
	return word;
}

static bool text_is_onboarded(const char *text)
{
	return g_ascii_strcasecmp(text, "Onboarded") == 0;
}

static bool text_is_there(const char *text)
{
	return text[0] != '\0';
}

/* A row of the scope but for what its device was merged into. */
static void scope_take(const struct inventory *inventory, struct bitset *scope, size_t row, bool merged)
{
	uint32_t number = inventory_number_of_row(inventory, row);

	if (inventory->rows != NULL && inventory_row(inventory, number) != row)
		return;
	/* A device survives itself only if it is merged into none, or said to be into itself. */
	if (!merged || strcmp(inventory_text(inventory, number, DEVICE_MERGED_INTO), inventory_id(inventory, number)) == 0)
		bitset_add(scope, number);
}

struct bitset *inventory_scope(const struct inventory *inventory, bool unmanaged)
{
	struct taken onboarded, merged;
	size_t rows = table_rows(inventory->table);
	struct bitset *scope = bitset_new();

	taken_init(&onboarded, table_column(inventory->table, DEVICE_ONBOARDING), text_is_onboarded);
	taken_init(&merged, table_column(inventory->table, DEVICE_MERGED_INTO), text_is_there);
	if (rows != 0)
		bitset_fill(scope, inventory_numbers(inventory));
	bitset_clear(scope);
	for (size_t first = 0; first < rows; first += 64) {
		size_t count = MIN(rows - first, (size_t)64);
		uint64_t gone = taken_word(&merged, first, count), word = ~UINT64_C(0) >> (64 - count);

		if (!unmanaged)
			word = taken_word(&onboarded, first, count);
		/* A word of rows whose numbers are the same is done at once. */
		if (inventory->rows == NULL)
			bitset_add_word(scope, first, word & ~gone);
		for (uint64_t rest = inventory->rows == NULL ? word & gone : word; rest != 0; rest &= rest - 1) {
			unsigned n = (unsigned)__builtin_ctzll(rest);

			scope_take(inventory, scope, first + n, (gone >> n & 1) != 0);
		}
	}
	g_free(onboarded.codes);
	g_free(merged.codes);
	return scope;
}

struct bitset *inventory_rows_of(const struct inventory *inventory, const struct bitset *numbers)
{
	struct bitset *rows;

	if (inventory->rows == NULL) {
		rows = bitset_copy(numbers);
		bitset_truncate(rows, (uint32_t)table_rows(inventory->table));
		return rows;
	}
	rows = bitset_new();
	for (uint32_t n = bitset_next(numbers, 0); n != BITSET_END; n = bitset_next(numbers, n + 1)) {
		size_t row = inventory_row(inventory, n);

		if (row != INVENTORY_NO_ROW)
			bitset_add(rows, (uint32_t)row);
	}
	return rows;
}

struct bitset *inventory_numbers_of(const struct inventory *inventory, const struct bitset *rows)
{
	struct bitset *numbers;

	/* Row n has number n then. */
	if (inventory->rows == NULL)
		return inventory_rows_of(inventory, rows);
	numbers = bitset_new();
	for (uint32_t row = bitset_next(rows, 0); row != BITSET_END; row = bitset_next(rows, row + 1)) {
		uint32_t number = inventory_number_of_row(inventory, row);

		if (number != DEVICE_NONE && inventory_row(inventory, number) == row)
			bitset_add(numbers, number);
	}
	return numbers;
}
