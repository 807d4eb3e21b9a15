#include "config.h"
#include "table/column.h"

#include <string.h>
#include <sys/random.h>

#include "core/isotime.h"

/* The different texts of a column, end to end with a NUL after each, and a hash table over them. Texts come from
 * outside, so the hash is seeded: nobody can choose names that all collide. */
struct dictionary {
	char *arena;
	size_t used, room;
	size_t *starts; /* of each code, and one past the last */
	uint64_t *hashes;
	uint32_t codes, codes_room;
	uint32_t *slots; /* code + 1; 0 is free */
	uint32_t slot_count; /* a power of two, at most 3/4 in use */
	uint32_t empty; /* code of "", or COLUMN_NULL_CODE while there is none */
	uint64_t seed;
};

struct column {
	char *name;
	enum column_type type;
	size_t rows, room;
	union {
		int64_t *ints;
		double *reals;
		uint32_t *codes;
	};
	uint64_t *nulls; /* bits; not used by text, whose null is a code. NULL while there are none */
	size_t nulls_room; /* words */
	struct dictionary *dictionary;
};

static struct dictionary *dictionary_new(void)
{
	struct dictionary *dictionary = g_new0(struct dictionary, 1);

	if (getrandom(&dictionary->seed, sizeof dictionary->seed, GRND_NONBLOCK) != (ssize_t)sizeof dictionary->seed)
		dictionary->seed = (uint64_t)isotime_now() ^ (uintptr_t)dictionary;
	dictionary->slot_count = 16;
	dictionary->empty = COLUMN_NULL_CODE;
	dictionary->slots = g_new0(uint32_t, dictionary->slot_count);
	dictionary->codes_room = 8;
	dictionary->starts = g_new0(size_t, dictionary->codes_room + 1);
	dictionary->hashes = g_new(uint64_t, dictionary->codes_room);
	return dictionary;
}

static void dictionary_free(struct dictionary *dictionary)
{
	if (dictionary == NULL)
		return;
	g_free(dictionary->arena);
	g_free(dictionary->starts);
	g_free(dictionary->hashes);
	g_free(dictionary->slots);
	g_free(dictionary);
}

static uint64_t hash_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_text(uint64_t seed, const char *text, size_t length)
{
	uint64_t hash = seed ^ length, word;

	for (; length >= sizeof word; text += sizeof word, length -= sizeof word) {
		memcpy(&word, text, sizeof word);
		hash = hash_mix(hash ^ word, UINT64_C(0x9e3779b97f4a7c15) ^ seed);
	}
	word = 0;
	if (length != 0)
		memcpy(&word, text, length);
	return hash_mix(hash ^ word ^ UINT64_C(0xa0761d6478bd642f), UINT64_C(0xe7037ed1a0b428db));
}

static void dictionary_rehash(struct dictionary *dictionary)
{
	uint32_t mask;

	dictionary->slot_count *= 2;
	g_free(dictionary->slots);
	dictionary->slots = g_new0(uint32_t, dictionary->slot_count);
	mask = dictionary->slot_count - 1;
	for (uint32_t code = 0; code < dictionary->codes; code++) {
		uint32_t slot = (uint32_t)dictionary->hashes[code] & mask;

		while (dictionary->slots[slot] != 0)
			slot = (slot + 1) & mask;
		dictionary->slots[slot] = code + 1;
	}
}

static uint32_t dictionary_append(struct dictionary *dictionary, uint64_t hash, const char *text, size_t length)
{
	size_t needed = dictionary->used + length + 1;

	if (needed > dictionary->room) {
		dictionary->room = MAX(needed, dictionary->room * 2);
		dictionary->arena = g_realloc(dictionary->arena, dictionary->room);
	}
	if (dictionary->codes == dictionary->codes_room) {
		dictionary->codes_room *= 2;
		dictionary->starts = g_renew(size_t, dictionary->starts, dictionary->codes_room + 1);
		dictionary->hashes = g_renew(uint64_t, dictionary->hashes, dictionary->codes_room);
	}
	if (length != 0)
		memcpy(dictionary->arena + dictionary->used, text, length);
	dictionary->arena[dictionary->used + length] = '\0';
	dictionary->used = needed;
	dictionary->hashes[dictionary->codes] = hash;
	dictionary->starts[dictionary->codes + 1] = needed;
	return dictionary->codes++;
}

/* The slot that holds the text, or the free one where it belongs. */
static uint32_t dictionary_slot(const struct dictionary *dictionary, uint64_t hash, const char *text, size_t length)
{
	uint32_t mask = dictionary->slot_count - 1, slot;

	for (slot = (uint32_t)hash & mask; dictionary->slots[slot] != 0; slot = (slot + 1) & mask) {
		uint32_t code = dictionary->slots[slot] - 1;
		size_t start = dictionary->starts[code];

		if (dictionary->hashes[code] == hash && dictionary->starts[code + 1] - start - 1 == length &&
			memcmp(dictionary->arena + start, text, length) == 0)
			break;
	}
	return slot;
}

static uint32_t dictionary_code(struct dictionary *dictionary, const char *text, size_t length)
{
	uint64_t hash = hash_text(dictionary->seed, text, length);
	uint32_t slot;

	if (dictionary->codes >= dictionary->slot_count / 4 * 3)
		dictionary_rehash(dictionary);
	slot = dictionary_slot(dictionary, hash, text, length);
	if (dictionary->slots[slot] != 0)
		return dictionary->slots[slot] - 1;
	g_assert(dictionary->codes < INT32_MAX);
	dictionary->slots[slot] = dictionary->codes + 1;
	return dictionary_append(dictionary, hash, text, length);
}

struct column *column_new(const char *name, enum column_type type)
{
	struct column *column = g_new0(struct column, 1);

	column->name = g_strdup(name);
	column->type = type;
	if (column_type_is_text(type))
		column->dictionary = dictionary_new();
	return column;
}

void column_free(struct column *column)
{
	if (column == NULL)
		return;
	g_free(column->name);
	g_free(column->ints);
	g_free(column->nulls);
	dictionary_free(column->dictionary);
	g_free(column);
}

const char *column_name(const struct column *column)
{
	return column->name;
}

enum column_type column_type(const struct column *column)
{
	return column->type;
}

const char *column_type_name(enum column_type type)
{
	static const char *const names[] = {
		[COLUMN_BOOL] = "bool", [COLUMN_INT] = "int", [COLUMN_LONG] = "long", [COLUMN_REAL] = "real",
		[COLUMN_DATETIME] = "datetime", [COLUMN_TIMESPAN] = "timespan", [COLUMN_GUID] = "guid",
		[COLUMN_STRING] = "string", [COLUMN_DYNAMIC] = "dynamic",
	};

	return names[type];
}

bool column_type_is_text(enum column_type type)
{
	return type == COLUMN_GUID || type == COLUMN_STRING || type == COLUMN_DYNAMIC;
}

size_t column_rows(const struct column *column)
{
	return column->rows;
}

/* Makes room for one more row and returns its number. */
static size_t column_add_row(struct column *column)
{
	if (column->rows == column->room) {
		column->room = MAX((size_t)16, column->room * 2);
		if (column->dictionary != NULL)
			column->codes = g_renew(uint32_t, column->codes, column->room);
		else
			column->ints = g_renew(int64_t, column->ints, column->room);
	}
	return column->rows++;
}

static void column_mark_null(struct column *column, size_t row, bool null)
{
	size_t word = row / 64;

	if (word >= column->nulls_room) {
		size_t room;

		if (!null)
			return;
		room = MAX(word + 1, column->room / 64 + 1);
		column->nulls = g_renew(uint64_t, column->nulls, room);
		memset(column->nulls + column->nulls_room, 0, (room - column->nulls_room) * sizeof *column->nulls);
		column->nulls_room = room;
	}
	if (null)
		column->nulls[word] |= UINT64_C(1) << row % 64;
	else
		column->nulls[word] &= ~(UINT64_C(1) << row % 64);
}

static bool column_is_int(const struct column *column)
{
	return column->dictionary == NULL && column->type != COLUMN_REAL;
}

void column_append_null(struct column *column)
{
	column_set_null(column, column_add_row(column));
}

void column_append_int(struct column *column, int64_t value)
{
	g_assert(column_is_int(column));
	column_set_int(column, column_add_row(column), value);
}

void column_append_real(struct column *column, double value)
{
	g_assert(column->type == COLUMN_REAL);
	column_set_real(column, column_add_row(column), value);
}

void column_append_text(struct column *column, const char *text, size_t length)
{
	g_assert(column->dictionary != NULL);
	column_set_text(column, column_add_row(column), text, length);
}

void column_set_null(struct column *column, size_t row)
{
	g_assert(row < column->rows);
	if (column->type == COLUMN_STRING) {
		if (column->dictionary->empty == COLUMN_NULL_CODE)
			column->dictionary->empty = dictionary_code(column->dictionary, "", 0);
		column->codes[row] = column->dictionary->empty;
	} else if (column->dictionary != NULL) {
		column->codes[row] = COLUMN_NULL_CODE;
	} else {
		column->ints[row] = 0;
		column_mark_null(column, row, true);
	}
}

void column_set_int(struct column *column, size_t row, int64_t value)
{
	g_assert(column_is_int(column) && row < column->rows);
	column->ints[row] = value;
	column_mark_null(column, row, false);
}

void column_set_real(struct column *column, size_t row, double value)
{
	g_assert(column->type == COLUMN_REAL && row < column->rows);
	column->reals[row] = value;
	column_mark_null(column, row, false);
}

void column_set_text(struct column *column, size_t row, const char *text, size_t length)
{
	g_assert(column->dictionary != NULL && row < column->rows);
	column->codes[row] = dictionary_code(column->dictionary, text, length);
}

bool column_is_null(const struct column *column, size_t row)
{
	g_assert(row < column->rows);
	if (column->dictionary != NULL)
		return column->codes[row] == COLUMN_NULL_CODE;
	return row / 64 < column->nulls_room && (column->nulls[row / 64] >> row % 64 & 1) != 0;
}

int64_t column_int(const struct column *column, size_t row)
{
	g_assert(column_is_int(column) && row < column->rows);
	return column->ints[row];
}

double column_real(const struct column *column, size_t row)
{
	g_assert(column->type == COLUMN_REAL && row < column->rows);
	return column_is_null(column, row) ? 0.0 : column->reals[row];
}

const char *column_text(const struct column *column, size_t row, size_t *length)
{
	return column_code_text(column, column_code(column, row), length);
}

uint32_t column_code(const struct column *column, size_t row)
{
	g_assert(column->dictionary != NULL && row < column->rows);
	return column->codes[row];
}

uint32_t column_codes(const struct column *column)
{
	g_assert(column->dictionary != NULL);
	return column->dictionary->codes;
}

const char *column_code_text(const struct column *column, uint32_t code, size_t *length)
{
	const struct dictionary *dictionary = column->dictionary;

	if (code == COLUMN_NULL_CODE) {
		if (length != NULL)
			*length = 0;
		return "";
	}
	g_assert(dictionary != NULL && code < dictionary->codes);
	if (length != NULL)
		*length = dictionary->starts[code + 1] - dictionary->starts[code] - 1;
	return dictionary->arena + dictionary->starts[code];
}

uint32_t column_find_code(const struct column *column, const char *text, size_t length)
{
	const struct dictionary *dictionary = column->dictionary;
	uint32_t slot;

	g_assert(dictionary != NULL);
	slot = dictionary_slot(dictionary, hash_text(dictionary->seed, text, length), text, length);
	return dictionary->slots[slot] == 0 ? COLUMN_NULL_CODE : dictionary->slots[slot] - 1;
}

void column_append_code(struct column *column, uint32_t code)
{
	size_t row;

	g_assert(column->dictionary != NULL &&
		(code < column->dictionary->codes || (code == COLUMN_NULL_CODE && column->type != COLUMN_STRING)));
	row = column_add_row(column); /* may move the codes */
	column->codes[row] = code;
}

void column_truncate(struct column *column, size_t rows)
{
	g_assert(rows <= column->rows);
	column->rows = rows;
}

void column_append_from(struct column *to, const struct column *from, size_t row)
{
	size_t length;
	const char *text;

	g_assert(to->type == from->type && row < from->rows);
	if (column_is_null(from, row)) {
		column_append_null(to);
	} else if (to->type == COLUMN_REAL) {
		column_append_real(to, from->reals[row]);
	} else if (to->dictionary == NULL) {
		column_append_int(to, from->ints[row]);
	} else {
		text = column_text(from, row, &length);
		column_append_text(to, text, length);
	}
}

struct table {
	char *name;
	GPtrArray *columns;
};

static void column_free_item(gpointer column)
{
	column_free(column);
}

struct table *table_new(const char *name)
{
	struct table *table = g_new0(struct table, 1);

	table->name = g_strdup(name);
	table->columns = g_ptr_array_new_with_free_func(column_free_item);
	return table;
}

void table_free(struct table *table)
{
	if (table == NULL)
		return;
	g_free(table->name);
	g_ptr_array_unref(table->columns);
	g_free(table);
}

const char *table_name(const struct table *table)
{
	return table->name;
}

void table_add(struct table *table, struct column *column)
{
	g_assert(table->columns->len == 0 || column_rows(column) == table_rows(table));
	g_ptr_array_add(table->columns, column);
}

size_t table_columns(const struct table *table)
{
	return table->columns->len;
}

size_t table_rows(const struct table *table)
{
	return table->columns->len == 0 ? 0 : column_rows(table_column(table, 0));
}

struct column *table_column(const struct table *table, size_t index)
{
	g_assert(index < table->columns->len);
	return g_ptr_array_index(table->columns, index);
}

struct column *table_find(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->columns->len; i++)
		if (strcmp(column_name(table_column(table, i)), name) == 0)
			return table_column(table, i);
	return NULL;
}
