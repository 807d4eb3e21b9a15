/* Table files as lists of devices, and single entries as a person types them: the first byte gives the options, the rest
 * is the file or the entry. */
#include "config.h"
#include "fuzz/fuzz.h"

#include "fleet/device_list.h"
#include "fleet/resolve.h"
#include "fuzz/inventory.h"

#define ENTRY 0x80 /* one entry, not a file */
#define COLUMN 0x40

struct fleet {
	struct inventory *inventory;
	struct names *names;
};

static void check_numbers(const struct inventory *inventory, const GArray *numbers)
{
	for (guint i = 0; i < numbers->len; i++) {
		uint32_t number = g_array_index(numbers, uint32_t, i);

		fuzz_check(number < inventory_numbers(inventory), "a number that was never given");
		for (guint other = 0; other < i; other++)
			fuzz_check(number != g_array_index(numbers, uint32_t, other), "a device twice");
	}
}

static void check_resolution(const struct fleet *fleet, const struct resolution *resolution,
	const struct resolve_options *options)
{
	guint count = resolution->numbers->len;

	check_numbers(fleet->inventory, resolution->numbers);
	check_numbers(fleet->inventory, resolution->others);
	fuzz_check(memchr(resolution->reason, '\0', sizeof resolution->reason) != NULL, "an endless reason");
	switch (resolution->outcome) {
	case RESOLVED:
		fuzz_check(count >= 1, "nothing was taken");
		fuzz_check(count == 1 || options->removing || options->all_matches || !options->literal, "too much was taken");
		break;
	case RESOLVED_CHOSEN:
		fuzz_check(count == 1 && !options->removing, "more than one was chosen");
		fuzz_check(resolution->reason[0] != '\0', "chosen without a reason");
		break;
	case RESOLVED_AMBIGUOUS:
		fuzz_check(count >= 1 && !options->removing, "ambiguous between nothing");
		break;
	case RESOLVED_NONE:
		fuzz_check(count == 0 && resolution->reason[0] != '\0', "nothing for no reason");
		break;
	}
}

static void check_entry(struct fleet *fleet, const char *text, const struct resolve_options *options)
{
	struct resolution *resolution = resolution_new();
	const char *why = NULL;
	char *key = NULL;
	enum entry_kind kind = entry_classify(text, options->literal, &key, &why);

	fuzz_check(key != NULL && (kind == ENTRY_INVALID) == (why != NULL), "a kind without its text");
	fuzz_check(!options->literal || kind != ENTRY_PATTERN, "a cell was a pattern");
	resolve_entry(fleet->names, fleet->inventory, text, options, resolution);
	check_resolution(fleet, resolution, options);
	resolution_free(resolution);
	g_free(key);
}

static void check_sheet(const struct sheet *sheet)
{
	unsigned line = 0;
	AUTO(g_string) GString *out = g_string_new("one,two\n");
	struct sheet *again;
	struct error error = ERROR_INIT;

	for (size_t row = 0; row < sheet_rows(sheet); row++) {
		fuzz_check(sheet_line(sheet, row) > line && sheet_cells(sheet, row) != 0, "rows out of order");
		line = sheet_line(sheet, row);
		for (size_t cell = 0; cell < sheet_cells(sheet, row); cell++) {
			fuzz_check(g_utf8_validate(sheet_cell(sheet, row, cell), -1, NULL), "a cell that is not UTF-8");
			sheet_append_field(out, sheet_cell(sheet, row, cell), cell == 0);
		}
		g_string_append_c(out, '\n');
	}
	again = sheet_parse("again", out->str, out->len, &error);
	fuzz_check(again != NULL, "what was written is not read: %s", error.text);
	fuzz_check(sheet_rows(again) == sheet_rows(sheet) + 1, "other rows than were written");
	for (size_t row = 0; row < sheet_rows(sheet); row++)
		for (size_t cell = 0; cell < sheet_cells(sheet, row); cell++) {
			const char *was = sheet_cell(sheet, row, cell), *is = sheet_cell(again, row + 1, cell);

			fuzz_check(strcmp(is, was) == 0 || (is[0] == '\'' && strcmp(is + 1, was) == 0), "'%s' became '%s'", was, is);
			fuzz_check(is[0] == '\0' || strchr("=+-@\t\r", is[0]) == NULL, "a formula was written: '%s'", is);
		}
	sheet_free(again);
}

static void check_list(struct fleet *fleet, const struct sheet *sheet, const char *column,
	const struct resolve_options *options)
{
	struct error error = ERROR_INIT;
	struct device_list *list = device_list_read(sheet, "list", column, &error);

	fuzz_check((list == NULL) == (error.kind != ERROR_NONE), "an error without words, or words without an error");
	if (list == NULL)
		return;
	fuzz_check(list->rows <= sheet_rows(sheet), "more rows than there are");
	for (guint i = 0; i < list->entries->len; i++) {
		const struct device_entry *entry = g_ptr_array_index(list->entries, i);
		struct resolution *resolution = resolution_new();

		fuzz_check(entry->line != 0 && (entry->text[0] != '\0' || entry->fault != NULL), "an entry from nowhere");
		resolve_listed(fleet->names, fleet->inventory, entry, options, resolution);
		check_resolution(fleet, resolution, options);
		resolution_free(resolution);
	}
	device_list_free(list);
}

FUZZ_TARGET(device_list)
{
	static struct fleet fleet;
	unsigned flags = fuzz_byte(&data, &size);
	struct resolve_options options = {
		.literal = (flags & 1) != 0 || (flags & ENTRY) == 0, .newest = (flags & 2) != 0, .all_matches = (flags & 4) != 0,
		.unmanaged = (flags & 8) != 0, .removing = (flags & 16) != 0,
	};
	struct bitset *members = (flags & 32) != 0 ? bitset_new() : NULL;
	struct error error = ERROR_INIT;

	if (fleet.inventory == NULL) {
		fleet.inventory = sample_inventory();
		fleet.names = names_new(fleet.inventory);
	}
	if (members != NULL) {
		bitset_fill(members, 5);
		options.members = members;
	}
	if ((flags & ENTRY) != 0) {
		AUTO(g_free) char *text = g_strndup((const char *)data, size);

		check_entry(&fleet, text, &options);
	} else {
		struct sheet *sheet = sheet_parse("list", (const char *)data, size, &error);

		fuzz_check((sheet == NULL) == (error.kind != ERROR_NONE), "an error without words");
		if (sheet != NULL) {
			check_sheet(sheet);
			check_list(&fleet, sheet, (flags & COLUMN) != 0 ? "name" : NULL, &options);
		}
		sheet_free(sheet);
	}
	bitset_free(members);
	return 0;
}
