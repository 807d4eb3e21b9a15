#include "config.h"
#include "fleet/inventory_internal.h"

#include <string.h>

#include "core/isotime.h"

/* ---- from and to machine objects */

/* The value as the row reader would give it; *text is what it points into, to be freed. */
static struct row_value value_of_json(const json_t *json, char **text)
{
	struct row_value value = { .kind = ROW_NULL };

	*text = NULL;
	if (json_is_string(json)) {
		value.kind = ROW_STRING;
		value.text = json_string_value(json);
		value.length = json_string_length(json);
	} else if (json_is_boolean(json)) {
		value.kind = ROW_BOOL;
		value.boolean = json_is_true(json);
	} else if (json_is_integer(json)) {
		value.kind = ROW_INTEGER;
		value.integer = json_integer_value(json);
	} else if (json_is_object(json) || json_is_array(json)) {
		value.kind = ROW_DYNAMIC;
	} else if (json_is_real(json)) {
		value.kind = ROW_REAL;
		value.real = json_real_value(json);
	}
	if (value.kind == ROW_DYNAMIC || value.kind == ROW_INTEGER || value.kind == ROW_REAL) {
		*text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
		value.text = *text != NULL ? *text : "";
		value.length = strlen(value.text);
	}
	return value;
}

/* A row's text, to tell whether it changes. */
static char *text_of(const struct column *column, size_t row)
{
	return g_strdup(row < column_rows(column) ? column_text(column, row, NULL) : "");
}

static bool is_identity(enum device_column_id column)
{
	return column == DEVICE_NAME || column == DEVICE_LAST_IP || column == DEVICE_IP_ADDRESSES ||
		column == DEVICE_AAD_ID || column == DEVICE_MERGED_INTO;
}

/* Sets the members that the object has; true if one changed that indexes go by. */
static bool apply_members(struct table *table, size_t row, const json_t *machine)
{
	bool identity = false;

	for (enum device_column_id i = 0; i < DEVICE_COLUMNS; i++) {
		const json_t *member = json_object_get(machine, device_columns[i].name);
		struct column *column = table_column(table, i);
		AUTO(g_free) char *before = NULL;
		struct row_value value;
		char *text;

		if (member == NULL)
			continue;
		before = is_identity(i) ? text_of(column, row) : NULL;
		value = value_of_json(member, &text);
		device_table_set(table, row, i, &value);
		free(text);
		identity = identity || (before != NULL && strcmp(column_text(column, row, NULL), before) != 0);
	}
	return identity;
}

bool inventory_apply(struct inventory *inventory, const json_t *machine, struct error *error)
{
	const char *id = json_string_value(json_object_get(machine, "id"));
	uint32_t number;
	size_t row;

	if (id == NULL || id[0] == '\0' || strlen(id) != json_string_length(json_object_get(machine, "id")))
		return error_set(error, ERROR_FAILED, "the answer is not a machine: it has no id");
	number = inventory_number(inventory, id);
	row = inventory_row(inventory, number);
	inventory->generation++;
	if (row == INVENTORY_NO_ROW) {
		device_table_append(inventory->table, inventory_id(inventory, number));
		row = table_rows(inventory->table) - 1;
		apply_members(inventory->table, row, machine);
		inventory_place_row(inventory, row);
		inventory->identity++;
	} else if (apply_members(inventory->table, row, machine)) {
		inventory->identity++;
	}
	return true;
}

static json_t *json_of_cell(const struct column *column, size_t row)
{
	char time[ISOTIME_SIZE];
	size_t length;
	const char *text;
	json_t *json = NULL;

	if (column_is_null(column, row))
		return json_null();
	switch (column_type(column)) {
	case COLUMN_BOOL:
		return json_boolean(column_int(column, row) != 0);
	case COLUMN_DATETIME:
		isotime_format(column_int(column, row), time);
		return json_string(time);
	case COLUMN_STRING:
		text = column_text(column, row, &length);
		json = length != 0 ? json_stringn(text, length) : NULL;
		break;
	case COLUMN_DYNAMIC:
		text = column_text(column, row, &length);
		json = json_loadb(text, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		break;
	default:
		return json_integer(column_int(column, row));
	}
	return json != NULL ? json : json_null();
}

json_t *inventory_machine(const struct inventory *inventory, uint32_t number)
{
	size_t row = inventory_row(inventory, number);
	json_t *machine;

	if (row == INVENTORY_NO_ROW)
		return NULL;
	machine = json_object();
	for (size_t i = 0; i < DEVICE_COLUMNS; i++)
		json_object_set_new(machine, device_columns[i].name, json_of_cell(table_column(inventory->table, i), row));
	return machine;
}

/* ---- tags */

static bool is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == '"' || *text == '\\')
			return false;
	return true;
}

/* Without escapes each tag stands as it is between two quotes; a tag "," must not be found between two others. */
static bool plain_tags_have(const char *json, size_t length, const char *tag)
{
	const char *end = json + length, *open = json, *close;
	size_t size = strlen(tag);

	while ((open = memchr(open, '"', (size_t)(end - open))) != NULL &&
		(close = memchr(open + 1, '"', (size_t)(end - open - 1))) != NULL) {
		if ((size_t)(close - open - 1) == size && memcmp(open + 1, tag, size) == 0)
			return true;
		open = close + 1;
	}
	return false;
}

bool tags_have(const char *json, size_t length, const char *tag)
{
	json_t *tags, *item;
	size_t i;
	bool found = false;

	if (length < 4) /* [""] */
		return false;
	if (memchr(json, '\\', length) == NULL)
		return is_plain(tag) && plain_tags_have(json, length, tag);
	tags = json_loadb(json, length, JSON_ALLOW_NUL, NULL);
	json_array_foreach(tags, i, item)
		found = found || (json_is_string(item) && strcmp(json_string_value(item), tag) == 0 &&
			strlen(tag) == json_string_length(item));
	json_decref(tags);
	return found;
}

bool inventory_has_tag(const struct inventory *inventory, uint32_t number, const char *tag)
{
	size_t row = inventory_row(inventory, number), length;
	const char *json;

	if (row == INVENTORY_NO_ROW)
		return false;
	json = column_text(table_column(inventory->table, DEVICE_TAGS), row, &length);
	return tags_have(json, length, tag);
}

void inventory_tag(struct inventory *inventory, uint32_t number, const char *tag, bool add)
{
	size_t row = inventory_row(inventory, number), length;
	struct column *column = table_column(inventory->table, DEVICE_TAGS);
	json_t *tags, *item;
	const char *json;
	char *text;

	if (row == INVENTORY_NO_ROW || inventory_has_tag(inventory, number, tag) == add)
		return;
	json = column_text(column, row, &length);
	tags = json_loadb(json, length, JSON_ALLOW_NUL, NULL);
	if (!json_is_array(tags)) {
		json_decref(tags);
		tags = json_array();
	}
	for (size_t i = json_array_size(tags); i-- > 0;) {
		item = json_array_get(tags, i);
		if (json_is_string(item) && strcmp(json_string_value(item), tag) == 0 &&
			strlen(tag) == json_string_length(item))
			json_array_remove(tags, i);
	}
	if (add)
		json_array_append_new(tags, json_string(tag));
	text = json_dumps(tags, JSON_COMPACT);
	if (text != NULL)
		column_set_text(column, row, text, strlen(text));
	free(text);
	json_decref(tags);
	inventory->generation++;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The set's texts, sorted, as a new list; the set is emptied of them. */
static char **sorted_list(GHashTable *texts)
{
	GPtrArray *list = g_ptr_array_new();
	GHashTableIter iter;
	gpointer text;

	g_hash_table_iter_init(&iter, texts);
	while (g_hash_table_iter_next(&iter, &text, NULL)) {
		g_ptr_array_add(list, text);
		g_hash_table_iter_steal(&iter);
	}
	g_ptr_array_sort(list, compare_texts);
	g_ptr_array_add(list, NULL);
	return (char **)g_ptr_array_free(list, FALSE);
}

/* Codes of the column that some row uses. */
static struct bitset *used_codes(const struct inventory *inventory, const struct column *column)
{
	struct bitset *codes = bitset_new();

	for (size_t row = 0; row < column_rows(column); row++)
		if (column_code(column, row) != COLUMN_NULL_CODE &&
			inventory_row(inventory, inventory_number_of_row(inventory, row)) == row)
			bitset_add(codes, column_code(column, row));
	return codes;
}

char **inventory_tags(const struct inventory *inventory)
{
	const struct column *column = table_column(inventory->table, DEVICE_TAGS);
	AUTO(bitset_free) struct bitset *codes = used_codes(inventory, column);
	AUTO(g_hash_table_unref) GHashTable *texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (uint32_t code = bitset_next(codes, 0); code != BITSET_END; code = bitset_next(codes, code + 1)) {
		size_t length, i;
		const char *json = column_code_text(column, code, &length);
		json_t *tags = json_loadb(json, length, JSON_ALLOW_NUL, NULL), *item;

		json_array_foreach(tags, i, item)
			if (json_is_string(item))
				g_hash_table_add(texts, g_strdup(json_string_value(item)));
		json_decref(tags);
	}
	return sorted_list(texts);
}

char **inventory_groups(const struct inventory *inventory)
{
	const struct column *column = table_column(inventory->table, DEVICE_GROUP);
	AUTO(bitset_free) struct bitset *codes = used_codes(inventory, column);
	AUTO(g_hash_table_unref) GHashTable *texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (uint32_t code = bitset_next(codes, 0); code != BITSET_END; code = bitset_next(codes, code + 1))
		if (column_code_text(column, code, NULL)[0] != '\0')
			g_hash_table_add(texts, g_strdup(column_code_text(column, code, NULL)));
	return sorted_list(texts);
}
