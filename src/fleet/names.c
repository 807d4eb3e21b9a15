#include "config.h"
#include "fleet/names.h"

#include <string.h>

#include "core/text.h"
#include "fleet/address.h"

/* A text of the arena, and whose it is. */
struct item {
	uint32_t start, number;
};

struct place {
	struct address address;
	uint32_t number;
};

struct names {
	const struct inventory *inventory;
	uint64_t names_identity, entra_identity, address_identity; /* of the inventory that the index is of */
	GString *arena;    /* folded names, a NUL after each */
	GArray *items;     /* struct item, sorted by text, then number */
	GHashTable *entra; /* code of aadDeviceId -> GArray of numbers */
	GArray *places;    /* struct place, sorted */
};

struct names *names_new(const struct inventory *inventory)
{
	struct names *names = g_new0(struct names, 1);

	names->inventory = inventory;
	names->arena = g_string_new(NULL);
	names->items = g_array_new(FALSE, FALSE, sizeof(struct item));
	names->places = g_array_new(FALSE, FALSE, sizeof(struct place));
	names->entra = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, (GDestroyNotify)g_array_unref);
	return names;
}

void names_free(struct names *names)
{
	if (names == NULL)
		return;
	g_string_free(names->arena, TRUE);
	g_array_unref(names->items);
	g_array_unref(names->places);
	g_hash_table_unref(names->entra);
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

static const char *item_text(const struct names *names, guint index)
{
	return names->arena->str + g_array_index(names->items, struct item, index).start;
}

static int compare_items(const void *a, const void *b, void *data)
{
	const struct item *first = a, *second = b;
	const char *arena = data;
	int order = strcmp(arena + first->start, arena + second->start);

	return order != 0 ? order : (first->number > second->number) - (first->number < second->number);
}

/* Calls take for each row that a number leads to. */
static void each_row(struct names *names, enum device_column_id index,
	void (*take)(struct names *names, const struct column *column, size_t row, uint32_t number))
{
	const struct column *column = table_column(inventory_table(names->inventory), index);

	for (size_t row = 0; row < column_rows(column); row++) {
		uint32_t number = inventory_number_of_row(names->inventory, row);

		if (inventory_row(names->inventory, number) == row)
			take(names, column, row, number);
	}
}

static void take_name(struct names *names, const struct column *column, size_t row, uint32_t number)
{
	struct item item = { .start = (uint32_t)names->arena->len, .number = number };
	AUTO(g_free) char *folded = NULL;
	size_t length;
	const char *name = column_text(column, row, &length);

	/* A name with a NUL in it must not pass for the part before. */
	if (length == 0 || strlen(name) != length || names->arena->len > UINT32_MAX - 4 * length)
		return;
	folded = names_fold(name);
	g_string_append_len(names->arena, folded, (gssize)strlen(folded) + 1);
	g_array_append_val(names->items, item);
}

static void names_build(struct names *names)
{
	uint64_t identity = inventory_identity(names->inventory);

	if (names->names_identity == identity)
		return;
	names->names_identity = identity;
	g_string_truncate(names->arena, 0);
	g_array_set_size(names->items, 0);
	each_row(names, DEVICE_NAME, take_name);
	g_array_sort_with_data(names->items, compare_items, names->arena->str);
}

/* The first item not below text. */
static guint lower_bound(const struct names *names, const char *text)
{
	guint low = 0, high = names->items->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (strcmp(item_text(names, middle), text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void append_number(const struct names *names, guint index, GArray *numbers)
{
	uint32_t number = g_array_index(names->items, struct item, index).number;

	g_array_append_val(numbers, number);
}

static void find_equal(const struct names *names, const char *folded, GArray *numbers)
{
	for (guint i = lower_bound(names, folded);
		i < names->items->len && strcmp(item_text(names, i), folded) == 0; i++)
		append_number(names, i, numbers);
}

static void find_prefix(const struct names *names, const char *folded, size_t limit, GArray *numbers)
{
	size_t length = strlen(folded);

	for (guint i = lower_bound(names, folded); limit-- > 0 && i < names->items->len &&
		strncmp(item_text(names, i), folded, length) == 0; i++)
		append_number(names, i, numbers);
}

void names_exact(struct names *names, const char *name, GArray *numbers)
{
	AUTO(g_free) char *folded = names_fold(name);

	names_build(names);
	find_equal(names, folded, numbers);
}

void names_label(struct names *names, const char *label, GArray *numbers)
{
	AUTO(g_free) char *folded = names_fold(label);
	AUTO(g_free) char *dotted = g_strconcat(folded, ".", NULL);

	names_build(names);
	find_equal(names, folded, numbers);
	find_prefix(names, dotted, SIZE_MAX, numbers);
}

void names_prefix(struct names *names, const char *prefix, size_t limit, GArray *numbers)
{
	AUTO(g_free) char *folded = text_fold(prefix, strlen(prefix));
	AUTO(g_free) char *composed = g_utf8_normalize(folded, -1, G_NORMALIZE_NFC);

	names_build(names);
	find_prefix(names, composed != NULL ? composed : folded, limit, numbers);
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
	AUTO(g_free) char *folded = names_fold(pattern);
	bool whole = strchr(folded, '.') != NULL;

	names_build(names);
	for (guint i = 0; i < names->items->len; i++) {
		const char *text = item_text(names, i);

		if (pattern_matches(folded, text, text + (whole ? strlen(text) : strcspn(text, "."))))
			append_number(names, i, numbers);
	}
}

static void take_entra(struct names *names, const struct column *column, size_t row, uint32_t number)
{
	gpointer key = GUINT_TO_POINTER(column_code(column, row));
	GArray *list;

	if (column_text(column, row, NULL)[0] == '\0')
		return;
	list = g_hash_table_lookup(names->entra, key);
	if (list == NULL) {
		list = g_array_new(FALSE, FALSE, sizeof(uint32_t));
		g_hash_table_insert(names->entra, key, list);
	}
	g_array_append_val(list, number);
}

void names_entra(struct names *names, const char *aad_id, GArray *numbers)
{
	const struct column *column = table_column(inventory_table(names->inventory), DEVICE_AAD_ID);
	AUTO(g_free) char *lower = g_ascii_strdown(aad_id, -1);
	const GArray *list;

	if (names->entra_identity != inventory_identity(names->inventory)) {
		names->entra_identity = inventory_identity(names->inventory);
		g_hash_table_remove_all(names->entra);
		each_row(names, DEVICE_AAD_ID, take_entra);
	}
	list = g_hash_table_lookup(names->entra, GUINT_TO_POINTER(column_find_code(column, lower, strlen(lower))));
	if (list != NULL)
		g_array_append_vals(numbers, list->data, list->len);
}

static void take_last_address(struct names *names, const struct column *column, size_t row, uint32_t number)
{
	struct place place = { .number = number };

	if (address_parse(column_text(column, row, NULL), &place.address))
		g_array_append_val(names->places, place);
}

static void take_addresses(struct names *names, const struct column *column, size_t row, uint32_t number)
{
	AUTO(g_array_unref) GArray *addresses = g_array_new(FALSE, FALSE, sizeof(struct address));

	address_list(column_text(column, row, NULL), addresses);
	for (guint i = 0; i < addresses->len; i++) {
		struct place place = { g_array_index(addresses, struct address, i), number };

		g_array_append_val(names->places, place);
	}
}

static int compare_places(const void *a, const void *b)
{
	const struct place *first = a, *second = b;
	int order = memcmp(&first->address, &second->address, sizeof first->address);

	return order != 0 ? order : (first->number > second->number) - (first->number < second->number);
}

void names_address(struct names *names, const char *address, GArray *numbers)
{
	struct place wanted = { .number = 0 };
	uint32_t last = DEVICE_NONE;
	guint low = 0, high;

	if (!address_parse(address, &wanted.address))
		return;
	if (names->address_identity != inventory_identity(names->inventory)) {
		names->address_identity = inventory_identity(names->inventory);
		g_array_set_size(names->places, 0);
		each_row(names, DEVICE_LAST_IP, take_last_address);
		each_row(names, DEVICE_IP_ADDRESSES, take_addresses);
		g_array_sort(names->places, compare_places);
	}
	for (high = names->places->len; low < high;) {
		guint middle = low + (high - low) / 2;

		if (compare_places(&g_array_index(names->places, struct place, middle), &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < names->places->len; low++) {
		const struct place *place = &g_array_index(names->places, struct place, low);

		if (memcmp(&place->address, &wanted.address, sizeof wanted.address) != 0)
			break;
		if (place->number != last)
			g_array_append_val(numbers, place->number);
		last = place->number;
	}
}

bool inventory_has_address(const struct inventory *inventory, uint32_t number, const char *address)
{
	AUTO(g_array_unref) GArray *addresses = g_array_new(FALSE, FALSE, sizeof(struct address));
	struct address wanted, last;

	if (!address_parse(address, &wanted))
		return false;
	if (address_parse(inventory_text(inventory, number, DEVICE_LAST_IP), &last))
		g_array_append_val(addresses, last);
	address_list(inventory_text(inventory, number, DEVICE_IP_ADDRESSES), addresses);
	for (guint i = 0; i < addresses->len; i++)
		if (memcmp(&g_array_index(addresses, struct address, i), &wanted, sizeof wanted) == 0)
			return true;
	return false;
}
