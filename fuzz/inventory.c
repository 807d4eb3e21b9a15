/* The inventory: its cache file with any content under a right sum (first byte even: as many rows as the second byte says,
 * the rest is the content), any bytes at all as the file (3), and machine lists and answers (other odd ones). */
#include "config.h"
#include "fuzz/fuzz.h"

#include "core/file.h"
#include "fleet/names.h"
#include "fuzz/inventory.h"

/* As fleet/inventory_file.c has it. */
struct file_header {
	char magic[8];
	uint32_t format, mark;
	char tenant[128];
	int64_t time;
	uint64_t rows, columns, length;
	char sum[SHA256_HEX_SIZE + 7];
};

static void use(struct inventory *inventory)
{
	struct names *names = names_new(inventory);
	struct bitset *scope = inventory_scope(inventory, true);
	AUTO(g_array_unref) GArray *found = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	AUTO(g_strfreev) char **tags = inventory_tags(inventory);
	AUTO(g_strfreev) char **groups = inventory_groups(inventory);

	(void)groups;
	names_prefix(names, "w", 10, found);
	names_label(names, "ws-0001", found);
	names_match(names, "*a?", found);
	names_entra(names, "00000000-0000-4000-8000-000000000001", found);
	names_address(names, "192.0.2.1", found);
	for (guint i = 0; i < found->len; i++)
		fuzz_check(g_array_index(found, uint32_t, i) < inventory_numbers(inventory), "a number that was never given");
	for (uint32_t n = 0; n < inventory_numbers(inventory); n++) {
		uint32_t survivor = inventory_survivor(inventory, n);
		size_t row = inventory_row(inventory, n);

		fuzz_check(survivor == DEVICE_NONE || survivor < inventory_numbers(inventory), "a survivor from nowhere");
		fuzz_check(row == INVENTORY_NO_ROW || inventory_number_of_row(inventory, row) == n, "a row of another device");
		fuzz_check(!bitset_has(scope, n) || row != INVENTORY_NO_ROW, "a device without a row");
		for (size_t i = 0; tags[i] != NULL && i < 8; i++)
			inventory_has_tag(inventory, n, tags[i]);
		inventory_has_address(inventory, n, "192.0.2.1");
		json_decref(inventory_machine(inventory, n));
	}
	bitset_free(scope);
	names_free(names);
}

/* What was saved is loaded as the same. */
static void check_again(const struct inventory *inventory)
{
	GByteArray *first = inventory_save(inventory, "t");
	struct inventory *again = inventory_new();
	struct error error = ERROR_INIT;
	GByteArray *second;

	fuzz_check(inventory_load(again, "t", first->data, first->len, &error), "what was saved is refused: %s", error.text);
	second = inventory_save(again, "t");
	fuzz_check(first->len == second->len && memcmp(first->data, second->data, first->len) == 0, "saved otherwise");
	fuzz_check(!inventory_load(again, "u", first->data, first->len, NULL), "loaded for another tenant");
	g_byte_array_unref(first);
	g_byte_array_unref(second);
	inventory_free(again);
}

static void check_content(const uint8_t *data, size_t size)
{
	struct file_header header = { .magic = "CORDONIV", .format = 1, .mark = 0x01020304u, .tenant = "t" };
	GByteArray *file = g_byte_array_new();
	struct inventory *inventory = inventory_new();
	char sum[SHA256_HEX_SIZE];

	header.rows = fuzz_byte(&data, &size);
	header.columns = DEVICE_COLUMNS;
	header.length = size;
	sha256_hex(size != 0 ? data : (const uint8_t *)"", size, header.sum);
	sha256_hex(&header, sizeof header, sum);
	memcpy(header.sum, sum, sizeof sum);
	g_byte_array_append(file, (const guint8 *)&header, sizeof header);
	if (size != 0)
		g_byte_array_append(file, data, (guint)size);
	if (inventory_load(inventory, "t", file->data, file->len, NULL)) {
		fuzz_check(inventory_rows(inventory) == header.rows, "other rows than the file's");
		use(inventory);
		check_again(inventory);
	}
	g_byte_array_unref(file);
	inventory_free(inventory);
}

static void apply_answer(struct inventory *inventory, const char *text, size_t length)
{
	json_t *machine = json_loadb(text, length, JSON_ALLOW_NUL, NULL);
	struct error error = ERROR_INIT;

	if (machine != NULL && inventory_apply(inventory, machine, &error)) {
		uint32_t number = inventory_find(inventory, json_string_value(json_object_get(machine, "id")));

		fuzz_check(number != DEVICE_NONE && inventory_row(inventory, number) != INVENTORY_NO_ROW, "applied to nothing");
		inventory_tag(inventory, number, "new", true);
		fuzz_check(inventory_has_tag(inventory, number, "new"), "a tag was lost");
		inventory_tag(inventory, number, "new", false);
		fuzz_check(!inventory_has_tag(inventory, number, "new"), "a tag was kept");
	}
	json_decref(machine);
}

/* A list (perhaps a page read twice), then a byte 0x1e and an answer. */
static void check_list(const uint8_t *data, size_t size, bool twice)
{
	static const char *const arrays[] = { "value", NULL };
	const uint8_t *mark = memchr(data, 0x1e, size);
	size_t length = mark != NULL ? (size_t)(mark - data) : size;
	struct inventory *inventory = sample_inventory();
	struct inventory_builder *builder = inventory_builder_new(inventory);
	bool fine = true;

	for (int reading = 0; reading <= (int)twice; reading++) {
		struct row_reader *reader = row_reader_new(arrays, &inventory_row_handler, builder);
		size_t part = twice && reading == 0 ? length / 2 : length;

		inventory_builder_page(builder, 0);
		fine = row_reader_feed(reader, (const char *)data, part, NULL) && row_reader_finish(reader, NULL);
		row_reader_free(reader);
	}
	if (fine && !inventory_builder_moved(builder)) {
		inventory_replace(inventory, builder, 43);
		fuzz_check(inventory_time(inventory) == 43, "read at another time");
		for (size_t row = 0; row < inventory_rows(inventory); row++)
			fuzz_check(inventory_row(inventory, inventory_number_of_row(inventory, row)) == row, "an id twice");
	} else {
		inventory_builder_free(builder);
	}
	if (mark != NULL)
		apply_answer(inventory, (const char *)mark + 1, size - length - 1);
	use(inventory);
	check_again(inventory);
	inventory_free(inventory);
}

FUZZ_TARGET(inventory)
{
	uint8_t mode = fuzz_byte(&data, &size);
	struct inventory *inventory;

	if (size == 0)
		return 0;
	if (mode % 2 == 0) {
		check_content(data, size);
	} else if (mode == 3) {
		inventory = inventory_new();
		inventory_load(inventory, "t", data, size, NULL);
		inventory_free(inventory);
	} else {
		check_list(data, size, mode % 4 == 1);
	}
	return 0;
}
