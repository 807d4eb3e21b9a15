#include "config.h"
#include "fleet/device_list.h"

#include "fleet/resolve.h"
#include "tests/unit/fleet/fixture.h"

/* Cases of tests/data/fleet/device_list.txt: "> BYTES" or "> @FILE", perhaps "--column NAME", then what comes out:
 * "[COLUMN] ROWS rows, DUPLICATES duplicates, BLANKS blanks", and a line for each entry; with @FILE also what each entry
 * comes to in the inventory of machines.json. */

static char *clean(const char *text)
{
	return g_strescape(text, "\xc3\xbc\xa4\"");
}

static void show_entry(GString *out, struct names *names, const struct inventory *inventory,
	const struct device_entry *entry)
{
	static const char *const outcomes[] = { "taken", "chosen", "ambiguous", "none" };
	AUTO(g_free) char *text = clean(entry->text);
	AUTO(resolution_free) struct resolution *resolution = resolution_new();
	const struct resolve_options options = { .literal = true };

	g_string_append_printf(out, "%u: %s", entry->line, text);
	if (entry->name != NULL) {
		AUTO(g_free) char *name = clean(entry->name);

		g_string_append_printf(out, " (%s)", name);
	}
	if (entry->fault != NULL)
		g_string_append_printf(out, " ! %s", entry->fault);
	if (names != NULL) {
		resolve_listed(names, inventory, entry, &options, resolution);
		g_string_append_printf(out, " -> %s", outcomes[resolution->outcome]);
		for (guint i = 0; i < resolution->numbers->len; i++)
			g_string_append_printf(out, " %s",
				inventory_id(inventory, g_array_index(resolution->numbers, uint32_t, i)) + 36);
	}
	g_string_append_c(out, '\n');
}

static char *run(const GString *bytes, const char *column, struct names *names, const struct inventory *inventory)
{
	GString *out = g_string_new(NULL);
	struct error error = ERROR_INIT;
	AUTO(sheet_free) struct sheet *sheet = sheet_parse("f", bytes->str, bytes->len, &error);
	AUTO(device_list_free) struct device_list *list = sheet != NULL ?
		device_list_read(sheet, "f", column, &error) : NULL;

	if (list == NULL) {
		g_string_append_printf(out, "! %u:%u: %s\n", error.line, error.column, error.text);
		return g_string_free(out, FALSE);
	}
	g_string_append_printf(out, "[%s] %zu rows, %zu duplicates, %zu blanks\n", list->column, list->rows,
		list->duplicates, list->blanks);
	for (guint i = 0; i < list->entries->len; i++)
		show_entry(out, names, inventory, g_ptr_array_index(list->entries, i));
	return g_string_free(out, FALSE);
}

static void check_case(struct names *names, const struct inventory *inventory, const char *block)
{
	AUTO(g_strfreev) char **lines = g_strsplit(block, "\n", 2);
	AUTO(g_string) GString *bytes = NULL;
	AUTO(g_free) char *column = NULL;
	AUTO(g_free) char *got = NULL;
	AUTO(g_free) char *wanted = NULL;
	const char *rest = lines[1] != NULL ? lines[1] : "";
	bool file = lines[0][2] == '@';

	if (g_str_has_prefix(rest, "--column ")) {
		const char *start = strchr(rest, ' ') + 1, *end = strchrnul(start, '\n');

		column = g_strndup(start, (gsize)(end - start));
		rest = *end == '\n' ? end + 1 : end;
	}
	if (file) {
		AUTO(g_free) char *path = g_strconcat("csv/", lines[0] + 3, NULL);
		size_t length;
		AUTO(g_free) char *text = fixture_read(path, &length);

		bytes = g_string_new_len(text, (gssize)length);
	} else {
		bytes = fixture_bytes(lines[0] + 2);
	}
	got = run(bytes, column, file ? names : NULL, inventory);
	wanted = g_strconcat(rest, "\n", NULL);
	tap_str(got, wanted, lines[0]);
}

/* One wide row among many: in minutes, if each row cost the width. */
static void check_wide(void)
{
	AUTO(g_string) GString *bytes = g_string_new("c0");
	AUTO(g_free) char *got = NULL;

	for (int i = 1; i < 4000; i++)
		g_string_append_printf(bytes, ",c%d", i);
	for (int i = 0; i < 300000; i++)
		g_string_append(bytes, "\na-b");
	got = run(bytes, NULL, NULL, NULL);
	tap_str(got, "! 1:1: which column of 'f' holds the devices cannot be told\n", "a wide row and many rows");
}

int main(void)
{
	AUTO(inventory_free) struct inventory *inventory = fixture_inventory();
	AUTO(names_free) struct names *names = names_new(inventory);
	AUTO(g_strfreev) char **blocks = fixture_blocks("device_list.txt");

	for (size_t i = 0; blocks[i] != NULL; i++)
		check_case(names, inventory, blocks[i]);
	check_wide();
	return tap_done();
}
