/* The inventory: its cache file, a good one with bytes changed and all sums made right again (first byte even; then a place of
 * two bytes and the byte that comes there, again and again), any bytes at all as the file (3), and machine lists and answers
 * (other odd ones). */
#include "config.h"
#include "fuzz/fuzz.h"

#include <sys/mman.h>

#include "core/sum.h"
#include "fleet/inventory_format.h"
#include "fleet/names.h"
#include "fuzz/inventory.h"

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
	names_address(names, "127.0.0.1", found);
	inventory_find(inventory, FUZZ_ID("0001"));
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

static void put(void *data, const void *bytes, size_t length)
{
	g_byte_array_append(data, bytes, (guint)length);
}

static GByteArray *saved(struct inventory *inventory)
{
	GByteArray *file = g_byte_array_new();
	struct error error = ERROR_INIT;

	fuzz_check(inventory_save(inventory, "t", put, file, &error), "not saved: %s", error.text);
	return file;
}

/* What was saved is loaded as the same. */
static void check_again(struct inventory *inventory)
{
	GByteArray *file = saved(inventory);
	struct inventory *again = inventory_new();
	struct error error = ERROR_INIT;

	fuzz_check(inventory_load(again, "t", file->data, file->len, &error), "what was saved is refused: %s", error.text);
	fuzz_check(!inventory_load(again, "u", file->data, file->len, NULL), "loaded for another tenant");
	for (uint32_t row = 0, n = 0; row < inventory_rows(inventory); row++) {
		json_t *one, *other;

		if (inventory_row(inventory, inventory_number_of_row(inventory, row)) != row)
			continue;
		one = inventory_machine(inventory, inventory_number_of_row(inventory, row));
		other = inventory_machine(again, n++);
		fuzz_check(json_equal(one, other) == 1, "loaded otherwise");
		json_decref(one);
		json_decref(other);
	}
	g_byte_array_unref(file);
	inventory_free(again);
}

static void mend_sums(GByteArray *file)
{
	struct file_head *head = (void *)file->data;

	for (int id = 0; id < INVENTORY_INDEXES; id++) {
		struct file_index *index = &head->indexes[id];
		uint64_t width = id == INVENTORY_BY_ADDRESS ? 8 : 4;

		if (index->offset <= file->len && index->count <= (file->len - index->offset) / width)
			index->sum = sum_bytes(file->data + index->offset, index->count * width);
	}
	for (size_t i = 0; i < DEVICE_COLUMNS; i++)
		for (int n = 0; n < COLUMN_PARTS; n++) {
			struct column_part_layout *part = &head->columns[i].layout.parts[n];

			if (part->offset <= file->len && part->length <= file->len - part->offset)
				part->sum = sum_bytes(file->data + part->offset, part->length);
		}
	head->sum = sum_bytes(head, offsetof(struct file_head, sum));
}

/* As a file that is mapped and looked at little by little. */
static void open_file(const GByteArray *file)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	AUTO(g_free) char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	struct inventory *inventory = inventory_new();

	fuzz_check(fd >= 0 && write(fd, file->data, file->len) == (ssize_t)file->len, "no file");
	if (inventory_open(inventory, "t", path, NULL))
		use(inventory);
	inventory_free(inventory);
	close(fd);
}

static void check_content(const uint8_t *data, size_t size)
{
	struct inventory *sample = sample_inventory(), *inventory = inventory_new();
	GByteArray *file = saved(sample);

	for (; size >= 3; data += 3, size -= 3)
		file->data[(data[0] + (size_t)data[1] * 256) % file->len] = data[2];
	mend_sums(file);
	open_file(file);
	if (inventory_load(inventory, "t", file->data, file->len, NULL)) {
		use(inventory);
		check_again(inventory);
	}
	g_byte_array_unref(file);
	inventory_free(inventory);
	inventory_free(sample);
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
