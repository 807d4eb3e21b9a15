#include "config.h"
#include "fleet/names.h"

#include <string.h>

#include "core/text.h"
#include "fleet/address.h"
#include "fleet/order.h"

/* One of the indexes: the file's, or one of our own. */
struct index {
	const void *items; /* uint32_t, of addresses uint64_t */
	size_t count;
	void *own;
	uint64_t identity; /* of the inventory that the index is of */
};

struct names {
	const struct inventory *inventory;
	struct index by_name, by_entra, by_address;
};

struct names *names_new(const struct inventory *inventory)
{
	struct names *names = g_new0(struct names, 1);

	names->inventory = inventory;
	return names;
}

void names_free(struct names *names)
{
	if (names == NULL)
		return;
	g_free(names->by_name.own);
	g_free(names->by_entra.own);
	g_free(names->by_address.own);
	g_free(names);
}

char *names_fold(const char *name)
{
	size_t length = strlen(name);
	char *folded, *composed = NULL;

	if (length != 0 && name[length - 1] == '.')
		length--;
	folded = text_fold(name, length);
	if (!g_str_is_ascii(folded))
		composed = g_utf8_normalize(folded, -1, G_NORMALIZE_NFC); /* NULL if it is not UTF-8 */
	if (composed == NULL)
		return folded;
	g_free(folded);
	return composed;
}

static const struct column *column_of(const struct inventory *inventory, enum device_column_id column)
{
	return table_column(inventory_table(inventory), column);
}

/* Whether a number leads to the row. */
static bool row_counts(const struct inventory *inventory, size_t row)
{
	return inventory_row(inventory, inventory_number_of_row(inventory, row)) == row;
}

/* ---- making the indexes */

/* What rows are sorted by: the texts of a column, some folded ones in their place. */
struct sorting {
	struct column_view view;
	GHashTable *folded; /* row -> text; NULL: none */
};

static const char *sorting_text(const void *data, uint32_t row)
{
	const struct sorting *sorting = data;
	const char *folded = sorting->folded != NULL ? g_hash_table_lookup(sorting->folded, GUINT_TO_POINTER(row)) : NULL;

	return folded != NULL ? folded : texts_get(sorting->view.texts, column_view_code(&sorting->view, row), NULL);
}

/* Folding leaves it as it is. */
static bool is_folded(const char *name, size_t length)
{
	bool plain = length == 0 || name[length - 1] != '.';

	for (size_t n = 0; n < length; n++)
		plain &= (unsigned char)name[n] < 0x80 && !(name[n] >= 'A' && name[n] <= 'Z');
	return plain;
}

static uint32_t *rows_sorted(const struct inventory *inventory, enum device_column_id index, bool fold, size_t *count)
{
	const struct column *column = column_of(inventory, index);
	struct sorting sorting = { .folded = NULL };
	uint32_t *rows = g_new(uint32_t, column_rows(column) + 1);

	column_view(column, &sorting.view);
	if (fold)
		sorting.folded = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
	*count = 0;
	for (size_t row = 0; row < column_rows(column); row++) {
		size_t length;
		const char *text = column_text(column, row, &length);

		/* A name with a NUL in it must not pass for the part before. */
		if (length == 0 || strlen(text) != length || !row_counts(inventory, row))
			continue;
		rows[(*count)++] = (uint32_t)row;
		if (fold && !is_folded(text, length))
			g_hash_table_insert(sorting.folded, GUINT_TO_POINTER((guint)row), names_fold(text));
	}
	if (fold && g_hash_table_size(sorting.folded) == 0)
		g_clear_pointer(&sorting.folded, g_hash_table_unref);
	order_sort(rows, *count, sorting_text, &sorting);
	if (sorting.folded != NULL)
		g_hash_table_unref(sorting.folded);
	return rows;
}

uint32_t *names_rows_by_name(const struct inventory *inventory, size_t *count)
{
	return rows_sorted(inventory, DEVICE_NAME, true, count);
}

uint32_t *names_rows_by_entra(const struct inventory *inventory, size_t *count)
{
	return rows_sorted(inventory, DEVICE_AAD_ID, false, count);
}

/* An address's place in the index; what else has it is told apart by looking at the device. */
static uint64_t address_word(const struct address *address, uint32_t row)
{
	uint64_t halves[2], hash;

	memcpy(halves, address->bytes, sizeof halves);
	hash = (halves[0] ^ 0x9e3779b97f4a7c15u) * 0xa0761d6478bd642fu;
	hash = (hash ^ hash >> 32 ^ halves[1]) * 0xe7037ed1a0b428dbu;
	return (hash & ~(uint64_t)UINT32_MAX) | row;
}

/* All local addresses of a row that can tell devices apart. */
static void row_addresses(const struct inventory *inventory, size_t row, GArray *addresses)
{
	struct address last;

	g_array_set_size(addresses, 0);
	if (address_parse(column_text(column_of(inventory, DEVICE_LAST_IP), row, NULL), &last))
		g_array_append_val(addresses, last);
	address_list(column_text(column_of(inventory, DEVICE_IP_ADDRESSES), row, NULL), addresses);
}

uint64_t *names_rows_by_address(const struct inventory *inventory, size_t *count)
{
	AUTO(g_array_unref) GArray *addresses = g_array_new(FALSE, FALSE, sizeof(struct address));
	GArray *words = g_array_new(FALSE, FALSE, sizeof(uint64_t));

	for (size_t row = 0; row < inventory_rows(inventory); row++) {
		guint first = words->len;

		if (!row_counts(inventory, row))
			continue;
		row_addresses(inventory, row, addresses);
		for (guint i = 0; i < addresses->len; i++) {
			const struct address *address = &g_array_index(addresses, struct address, i);
			uint64_t word = address_word(address, (uint32_t)row);
			bool known = address_unfit(address) != NULL;

			for (guint n = first; n < words->len && !known; n++)
				known = g_array_index(words, uint64_t, n) == word;
			if (!known)
				g_array_append_val(words, word);
		}
	}
	*count = words->len;
	order_sort_words((uint64_t *)(void *)words->data, words->len);
	return (uint64_t *)(void *)g_array_free(words, FALSE);
}

/* Takes the file's index or makes one, if the one there is of another time. */
static void index_ready(const struct names *names, struct index *index, enum inventory_index_id id)
{
	uint64_t identity = inventory_identity(names->inventory);

	if (index->identity == identity)
		return;
	g_clear_pointer(&index->own, g_free);
	index->identity = identity;
	index->items = inventory_index(names->inventory, id, &index->count);
	if (index->items != NULL)
		return;
	if (id == INVENTORY_BY_ADDRESS)
		index->own = names_rows_by_address(names->inventory, &index->count);
	else if (id == INVENTORY_BY_NAME)
		index->own = names_rows_by_name(names->inventory, &index->count);
	else
		index->own = names_rows_by_entra(names->inventory, &index->count);
	index->items = index->own;
}

/* ---- searching */

static uint32_t item_row(const struct index *index, size_t item)
{
	return ((const uint32_t *)index->items)[item];
}

static void append_row(const struct names *names, uint32_t row, GArray *numbers)
{
	uint32_t number = inventory_number_of_row(names->inventory, row);

	g_array_append_val(numbers, number);
}

/* The folded name of an item; *made is what it lies in if it had to be folded. */
static const char *item_name(const struct names *names, const struct column *column, size_t item, char **made)
{
	size_t length;
	const char *name = column_text(column, item_row(&names->by_name, item), &length);

	*made = is_folded(name, length) ? NULL : names_fold(name);
	return *made != NULL ? *made : name;
}

/* Compares an item's folded name with text: all of it, or as much as text has. */
static int compare_name(const struct names *names, const struct column *column, size_t item, const char *text, bool prefix)
{
	AUTO(g_free) char *made = NULL;
	const char *name = item_name(names, column, item, &made);

	return prefix ? strncmp(name, text, strlen(text)) : strcmp(name, text);
}

/* The first item not below text. */
static size_t lower_bound(const struct names *names, const struct column *column, const char *text)
{
	size_t low = 0, high = names->by_name.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_name(names, column, middle, text, false) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void find(struct names *names, const char *folded, bool prefix, size_t limit, GArray *numbers)
{
	const struct column *column = column_of(names->inventory, DEVICE_NAME);

	index_ready(names, &names->by_name, INVENTORY_BY_NAME);
	for (size_t i = lower_bound(names, column, folded);
		limit-- > 0 && i < names->by_name.count && compare_name(names, column, i, folded, prefix) == 0; i++)
		append_row(names, item_row(&names->by_name, i), numbers);
}

void names_exact(struct names *names, const char *name, GArray *numbers)
{
	AUTO(g_free) char *folded = names_fold(name);

	find(names, folded, false, SIZE_MAX, numbers);
}

void names_label(struct names *names, const char *label, GArray *numbers)
{
	AUTO(g_free) char *folded = names_fold(label);
	AUTO(g_free) char *dotted = g_strconcat(folded, ".", NULL);

	find(names, folded, false, SIZE_MAX, numbers);
	find(names, dotted, true, SIZE_MAX, numbers);
}

void names_prefix(struct names *names, const char *prefix, size_t limit, GArray *numbers)
{
	AUTO(g_free) char *folded = text_fold(prefix, strlen(prefix));
	AUTO(g_free) char *composed = g_utf8_normalize(folded, -1, G_NORMALIZE_NFC);

	find(names, composed != NULL ? composed : folded, true, limit, numbers);
}

/* Matches text up to end, by code points; in time of the lengths' product at worst. */
static bool pattern_matches(const char *pattern, const char *text, const char *end)
{
	const char *star = NULL, *again = NULL;

	while (text < end) {
		if (*pattern == '*') {
			star = ++pattern;
			again = text;
		} else if (*pattern == '?') {
			pattern++;
			text = MIN(g_utf8_next_char(text), end);
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star;
			text = again = MIN(g_utf8_next_char(again), end);
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

void names_match(struct names *names, const char *pattern, GArray *numbers)
{
	const struct column *column = column_of(names->inventory, DEVICE_NAME);
	AUTO(g_free) char *folded = names_fold(pattern);
	bool whole = strchr(folded, '.') != NULL;

	index_ready(names, &names->by_name, INVENTORY_BY_NAME);
	for (size_t i = 0; i < names->by_name.count; i++) {
		AUTO(g_free) char *made = NULL;
		const char *text = item_name(names, column, i, &made);

		if (pattern_matches(folded, text, text + (whole ? strlen(text) : strcspn(text, "."))))
			append_row(names, item_row(&names->by_name, i), numbers);
	}
}

void names_entra(struct names *names, const char *aad_id, GArray *numbers)
{
	const struct column *column = column_of(names->inventory, DEVICE_AAD_ID);
	AUTO(g_free) char *lower = g_ascii_strdown(aad_id, -1);
	size_t low = 0, high;

	index_ready(names, &names->by_entra, INVENTORY_BY_ENTRA);
	for (high = names->by_entra.count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(column_text(column, item_row(&names->by_entra, middle), NULL), lower) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < names->by_entra.count &&
		strcmp(column_text(column, item_row(&names->by_entra, low), NULL), lower) == 0; low++)
		append_row(names, item_row(&names->by_entra, low), numbers);
}

static bool row_has_address(const struct inventory *inventory, size_t row, const struct address *wanted, GArray *scratch)
{
	row_addresses(inventory, row, scratch);
	for (guint i = 0; i < scratch->len; i++)
		if (memcmp(&g_array_index(scratch, struct address, i), wanted, sizeof *wanted) == 0)
			return true;
	return false;
}

/* Addresses that every device has are not in the index. */
static void find_unfit(struct names *names, const struct address *wanted, GArray *scratch, GArray *numbers)
{
	for (size_t row = 0; row < inventory_rows(names->inventory); row++)
		if (row_counts(names->inventory, row) && row_has_address(names->inventory, row, wanted, scratch))
			append_row(names, (uint32_t)row, numbers);
}

void names_address(struct names *names, const char *address, GArray *numbers)
{
	AUTO(g_array_unref) GArray *scratch = g_array_new(FALSE, FALSE, sizeof(struct address));
	struct address wanted;
	const uint64_t *words;
	uint64_t word;
	size_t low = 0, high;

	if (!address_parse(address, &wanted))
		return;
	if (address_unfit(&wanted) != NULL) {
		find_unfit(names, &wanted, scratch, numbers);
		return;
	}
	index_ready(names, &names->by_address, INVENTORY_BY_ADDRESS);
	words = names->by_address.items;
	word = address_word(&wanted, 0);
	for (high = names->by_address.count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (words[middle] < word)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < names->by_address.count && words[low] >> 32 == word >> 32; low++)
		if (row_has_address(names->inventory, (uint32_t)words[low], &wanted, scratch))
			append_row(names, (uint32_t)words[low], numbers);
}

bool inventory_has_address(const struct inventory *inventory, uint32_t number, const char *address)
{
	AUTO(g_array_unref) GArray *addresses = g_array_new(FALSE, FALSE, sizeof(struct address));
	size_t row = inventory_row(inventory, number);
	struct address wanted;

	return row != INVENTORY_NO_ROW && address_parse(address, &wanted) &&
		row_has_address(inventory, row, &wanted, addresses);
}
