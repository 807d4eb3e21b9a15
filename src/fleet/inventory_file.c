#include "config.h"
#include "fleet/inventory_format.h"
#include "fleet/inventory_internal.h"

#include <string.h>
#include <sys/mman.h>

#include "core/file.h"
#include "core/sum.h"
#include "fleet/names.h"

static const size_t index_width[INVENTORY_INDEXES] = {
	[INVENTORY_BY_NAME] = 4, [INVENTORY_BY_ENTRA] = 4, [INVENTORY_BY_ADDRESS] = 8, [INVENTORY_BY_ID] = 4,
};

void inventory_memory_free(gpointer data)
{
	struct inventory_memory *memory = data;

	if (memory->mapped && memory->bytes != NULL)
		munmap(memory->bytes, memory->length);
	else if (!memory->mapped)
		g_free(memory->bytes);
	g_free(memory->head);
	g_free(memory);
}

/* ---- writing */

/* What goes into a file. */
struct saving {
	struct file_head head;
	const void *parts[DEVICE_COLUMNS][COLUMN_PARTS];
	const void *indexes[INVENTORY_INDEXES];
	uint64_t at; /* bytes written */
	void (*put)(void *data, const void *bytes, size_t length);
	void *data;
};

static void lay_index(struct saving *saving, enum inventory_index_id id, const void *items, size_t count)
{
	struct file_index *index = &saving->head.indexes[id];
	uint64_t length = count * index_width[id];

	saving->indexes[id] = items;
	index->offset = saving->head.size;
	index->count = count;
	index->sum = sum_bytes(items, length);
	saving->head.size += (length + COLUMN_FILE_ALIGN - 1) / COLUMN_FILE_ALIGN * COLUMN_FILE_ALIGN;
}

static void put_part(struct saving *saving, uint64_t offset, const void *bytes, uint64_t length)
{
	static const char zeros[COLUMN_FILE_ALIGN];

	if (length == 0)
		return;
	g_assert(offset >= saving->at && offset - saving->at < sizeof zeros);
	saving->put(saving->data, zeros, offset - saving->at);
	saving->put(saving->data, bytes, length);
	saving->at = offset + length;
}

static void put_all(struct saving *saving)
{
	static const char zeros[COLUMN_FILE_ALIGN];

	put_part(saving, 0, &saving->head, sizeof saving->head);
	for (size_t i = 0; i < DEVICE_COLUMNS; i++)
		for (int part = 0; part < COLUMN_PARTS; part++)
			put_part(saving, saving->head.columns[i].layout.parts[part].offset, saving->parts[i][part],
				saving->head.columns[i].layout.parts[part].length);
	for (int id = 0; id < INVENTORY_INDEXES; id++)
		put_part(saving, saving->head.indexes[id].offset, saving->indexes[id],
			saving->head.indexes[id].count * index_width[id]);
	saving->put(saving->data, zeros, saving->head.size - saving->at);
}

/* The hash table of ids: the inventory's own, if its codes are rows. */
static struct dictionary *dictionary_of_rows(const struct column *ids)
{
	struct dictionary *dictionary = dictionary_new();

	for (size_t row = 0; row < column_rows(ids); row++) {
		size_t length;
		const char *text = column_text(ids, row, &length);

		dictionary_code(dictionary, text, length);
	}
	return dictionary;
}

static void *index_make(const struct inventory *inventory, enum inventory_index_id id, size_t *count)
{
	if (id == INVENTORY_BY_NAME)
		return names_rows_by_name(inventory, count);
	return id == INVENTORY_BY_ENTRA ? (void *)names_rows_by_entra(inventory, count) :
		(void *)names_rows_by_address(inventory, count);
}

/* The indexes of names and addresses, kept: else the first TAB would make them again. Those of this identity stay where
 * they are, for others have looked at them. */
static void save_names(struct saving *saving, struct inventory *inventory)
{
	for (int id = 0; id < INVENTORY_KEPT; id++) {
		struct inventory_index *index = &inventory->indexes[id];

		if (inventory->kept[id] == NULL || inventory->file_identity != inventory->identity) {
			g_free(inventory->kept[id]);
			inventory->kept[id] = index_make(inventory, id, &index->count);
			index->items = inventory->kept[id];
			index->checked = true;
		}
		lay_index(saving, id, index->items, index->count);
	}
	inventory->file_identity = inventory->identity;
}

static bool save_columns(struct saving *saving, const struct inventory *inventory, const struct column *ids,
	GPtrArray *copies)
{
	for (size_t i = 0; i < DEVICE_COLUMNS; i++) {
		struct file_column *place = &saving->head.columns[i];
		const struct column *column = i == DEVICE_ID ? ids : table_column(inventory->table, i);

		g_strlcpy(place->name, column_name(column), sizeof place->name);
		if (!column_lay_out(column, &saving->head.size, &place->layout, saving->parts[i])) {
			struct column *copy = column_copy(column);

			g_ptr_array_add(copies, copy);
			if (!column_lay_out(copy, &saving->head.size, &place->layout, saving->parts[i]))
				return false;
		}
		if (saving->head.size > INVENTORY_FILE_LIMIT)
			return false;
	}
	return true;
}

static void free_column(gpointer column)
{
	column_free(column);
}

/* An inventory without rows that no number leads to. */
static bool save_whole(struct inventory *inventory, struct saving *saving)
{
	AUTO(g_ptr_array_unref) GPtrArray *copies = g_ptr_array_new_with_free_func(free_column);
	struct column *ids = table_column(inventory->table, DEVICE_ID);
	AUTO(dictionary_free) struct dictionary *made = NULL;
	struct dictionary *dictionary = inventory->ids;

	if (inventory->rows != NULL || dictionary_codes(dictionary) != column_rows(ids) || dictionary->texts.count > 1) {
		ids = column_copy_list(ids);
		g_ptr_array_add(copies, ids);
		dictionary = made = dictionary_of_rows(ids);
	}
	if (!save_columns(saving, inventory, ids, copies))
		return false;
	save_names(saving, inventory);
	dictionary_index(dictionary);
	lay_index(saving, INVENTORY_BY_ID, dictionary->slots, dictionary->slot_count);
	saving->head.seed = dictionary->seed;
	if (saving->head.size > INVENTORY_FILE_LIMIT)
		return false;
	saving->head.sum = sum_bytes(&saving->head, offsetof(struct file_head, sum));
	put_all(saving);
	return true;
}

/* The rows that a number leads to, numbered anew. */
static struct inventory *inventory_compact(const struct inventory *inventory)
{
	struct inventory *compact = inventory_new();
	struct table *table = device_table_new(compact->ids);

	for (size_t row = 0; row < table_rows(inventory->table); row++)
		if (inventory_row(inventory, inventory_number_of_row(inventory, row)) == row)
			for (size_t i = 0; i < DEVICE_COLUMNS; i++)
				column_append_from(table_column(table, i), table_column(inventory->table, i), row);
	inventory_take_table(compact, table, inventory->time);
	return compact;
}

bool inventory_save(struct inventory *inventory, const char *tenant,
	void (*put)(void *data, const void *bytes, size_t length), void *data, struct error *error)
{
	AUTO(inventory_free) struct inventory *compact = NULL;
	AUTO(g_free) struct saving *saving = g_new0(struct saving, 1);

	if (inventory->dropped != 0)
		inventory = compact = inventory_compact(inventory);
	saving->put = put;
	saving->data = data;
	saving->head = (struct file_head){ .magic = FILE_MAGIC, .format = FILE_FORMAT, .mark = FILE_MARK,
		.time = inventory->time, .rows = table_rows(inventory->table) };
	saving->head.size = (sizeof saving->head + COLUMN_FILE_ALIGN - 1) / COLUMN_FILE_ALIGN * COLUMN_FILE_ALIGN;
	g_strlcpy(saving->head.tenant, tenant, sizeof saving->head.tenant);
	if (inventory_is_damaged(inventory))
		return error_set(error, ERROR_FAILED, "it is damaged");
	return save_whole(inventory, saving) || error_set(error, ERROR_FAILED, "it is too large for a file");
}

/* ---- reading */

static bool head_read(const void *bytes, size_t length, const char *tenant, struct file_head *head, struct error *error)
{
	if (length < sizeof *head)
		return error_set(error, ERROR_FAILED, "the inventory's cache is damaged: it is too short");
	memcpy(head, bytes, sizeof *head);
	if (memcmp(head->magic, FILE_MAGIC, sizeof head->magic) != 0 || head->format != FILE_FORMAT || head->mark != FILE_MARK)
		return error_set(error, ERROR_FAILED, "the inventory's cache is of another version");
	if (strncmp(head->tenant, tenant, sizeof head->tenant) != 0)
		return error_set(error, ERROR_FAILED, "the inventory's cache is of another tenant");
	if (head->sum != sum_bytes(head, offsetof(struct file_head, sum)) || head->size != length)
		return error_set(error, ERROR_FAILED, "the inventory's cache is damaged: its sum is wrong");
	return true;
}

static bool index_fits(const struct file_head *head, int id)
{
	const struct file_index *index = &head->indexes[id];

	return index->offset % COLUMN_FILE_ALIGN == 0 && index->offset <= head->size &&
		index->count <= (head->size - index->offset) / index_width[id];
}

/* The ids as the inventory's numbers: as they are if it has none yet, else numbered one by one. NULL if they cannot be. */
static struct column *take_ids(struct inventory *inventory, struct column *column, bool first)
{
	struct column *ids;
	struct column_view view;

	column_view(column, &view);
	if (view.width != 0 || view.nulls != NULL)
		return NULL;
	if (first) {
		dictionary_free(inventory->ids);
		inventory->ids = column_share(column);
		inventory->ids_unchecked = true;
		return column;
	}
	if (!column_check(column))
		return NULL;
	ids = column_new_shared(column_name(column), COLUMN_STRING, inventory_ids(inventory));
	for (size_t row = 0; row < column_rows(column); row++)
		column_append_from(ids, column, row);
	column_free(column);
	return ids;
}

/* Columns over the memory; NULL if they do not fit. The ids are not the inventory's yet. */
static GPtrArray *map_columns(const struct file_head *head, void *bytes)
{
	AUTO(g_ptr_array_unref) GPtrArray *columns = g_ptr_array_new_with_free_func(free_column);

	for (size_t i = 0; i < DEVICE_COLUMNS; i++) {
		const struct file_column *place = &head->columns[i];
		struct column *column;

		if (strncmp(place->name, device_columns[i].name, sizeof place->name) != 0)
			return NULL;
		column = column_map(device_columns[i].name, device_columns[i].type, &place->layout, bytes, head->size, head->rows);
		if (column == NULL)
			return NULL;
		g_ptr_array_add(columns, column);
	}
	return AUTO_STEAL(columns);
}

/* Each there, each once. */
static bool ids_are_sound(const struct column *ids)
{
	AUTO(dictionary_free) struct dictionary *seen = dictionary_new();

	for (size_t row = 0; row < column_rows(ids); row++) {
		size_t length;
		const char *id = column_text(ids, row, &length);

		if (length == 0 || strlen(id) != length || dictionary_code(seen, id, length) != row)
			return false;
	}
	return true;
}

static bool all_is_sound(GPtrArray *columns, const struct file_head *head, const void *bytes)
{
	for (guint i = 0; i < columns->len; i++)
		if (!column_check(g_ptr_array_index(columns, i)))
			return false;
	for (int id = 0; id < INVENTORY_INDEXES; id++) {
		const struct file_index *index = &head->indexes[id];

		if (sum_bytes((const char *)bytes + index->offset, index->count * index_width[id]) != index->sum)
			return false;
	}
	return ids_are_sound(g_ptr_array_index(columns, DEVICE_ID));
}

static void take_indexes(struct inventory *inventory, const struct file_head *head, const void *bytes, bool plain)
{
	for (int id = 0; id < INVENTORY_INDEXES; id++) {
		const struct file_index *index = &head->indexes[id];

		inventory->indexes[id] = (struct inventory_index){ .items = (const char *)bytes + index->offset,
			.count = index->count, .sum = index->sum };
	}
	inventory->file_seed = head->seed;
	inventory->file_identity = plain ? inventory->identity : 0;
}

/* Takes the memory over, or frees it. */
static bool take_memory(struct inventory *inventory, struct inventory_memory *memory, const char *tenant, bool whole,
	struct error *error)
{
	struct file_head *head = memory->head = g_new0(struct file_head, 1);
	AUTO(g_ptr_array_unref) GPtrArray *columns = NULL;
	bool first = dictionary_codes(inventory->ids) == 0, fits = true;
	struct column *ids = NULL;
	struct table *table;

	if (!head_read(memory->bytes, memory->length, tenant, head, error)) {
		inventory_memory_free(memory);
		return false;
	}
	for (int id = 0; id < INVENTORY_INDEXES; id++)
		fits = fits && index_fits(head, id);
	if (fits && head->rows <= INT32_MAX)
		columns = map_columns(head, memory->bytes);
	if (columns != NULL && (!whole || all_is_sound(columns, head, memory->bytes)))
		ids = take_ids(inventory, g_ptr_array_index(columns, DEVICE_ID), first);
	if (ids == NULL) {
		g_clear_pointer(&columns, g_ptr_array_unref);
		inventory_memory_free(memory);
		return error_set(error, ERROR_FAILED, "the inventory's cache is damaged");
	}
	g_ptr_array_add(inventory->files, memory);
	g_ptr_array_set_free_func(columns, NULL);
	columns->pdata[DEVICE_ID] = ids;
	table = table_new("Devices");
	for (guint i = 0; i < columns->len; i++)
		table_add(table, columns->pdata[i]);
	inventory_take_table(inventory, table, head->time);
	take_indexes(inventory, head, memory->bytes, first);
	return true;
}

bool inventory_open(struct inventory *inventory, const char *tenant, const char *path, struct error *error)
{
	struct inventory_memory *memory = g_new0(struct inventory_memory, 1);

	memory->mapped = true;
	if (file_map(path, INVENTORY_FILE_LIMIT, &memory->bytes, &memory->length, error))
		return take_memory(inventory, memory, tenant, false, error);
	g_free(memory);
	return false;
}

bool inventory_load(struct inventory *inventory, const char *tenant, const void *bytes, size_t length,
	struct error *error)
{
	struct inventory_memory *memory = g_new0(struct inventory_memory, 1);

	memory->bytes = g_memdup2(bytes, length);
	memory->length = length;
	return take_memory(inventory, memory, tenant, true, error);
}

/* Rows below their number, if they are rows. */
static bool rows_fit(const void *items, size_t count, size_t width, size_t rows)
{
	unsigned bad = 0;

	for (size_t n = 0; n < count && width == sizeof(uint32_t); n++)
		bad |= ((const uint32_t *)items)[n] >= rows;
	for (size_t n = 0; n < count && width == sizeof(uint64_t); n++)
		bad |= (uint32_t)((const uint64_t *)items)[n] >= rows;
	return bad == 0;
}

const void *inventory_index(const struct inventory *const_inventory, enum inventory_index_id id, size_t *count)
{
	struct inventory *inventory = (struct inventory *)(uintptr_t)const_inventory;
	struct inventory_index *index = &inventory->indexes[id];
	size_t width = index_width[id];

	/* Ids keep their numbers, whatever becomes of their rows. */
	if (index->items == NULL || (id != INVENTORY_BY_ID && inventory->file_identity != inventory->identity))
		return NULL;
	if (!index->checked && (sum_bytes(index->items, index->count * width) != index->sum ||
		(id != INVENTORY_BY_ID && !rows_fit(index->items, index->count, width, table_rows(inventory->table))))) {
		index->items = NULL; /* it is made anew */
		return NULL;
	}
	index->checked = true;
	*count = index->count;
	return index->items;
}
