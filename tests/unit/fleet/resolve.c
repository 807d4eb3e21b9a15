#include "config.h"
#include "fleet/resolve.h"

#include "tests/unit/fleet/fixture.h"

/* Cases of tests/data/fleet/resolve.txt: "> WORD [| OPTION...]", below it what it comes to. Options: literal, newest, all,
 * unmanaged, remove, name=NAME (a row of a file). Devices are told by the last four digits of their id. */

static const char *const outcomes[] = { "taken", "chosen", "ambiguous", "none" };

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void show_numbers(GString *out, const struct inventory *inventory, const GArray *numbers)
{
	AUTO(g_ptr_array_unref) GPtrArray *ids = g_ptr_array_new();

	for (guint i = 0; i < numbers->len; i++) {
		const char *id = inventory_id(inventory, g_array_index(numbers, uint32_t, i));

		g_ptr_array_add(ids, (gpointer)(id + strlen(id) - 4));
	}
	g_ptr_array_sort(ids, compare_texts);
	for (guint i = 0; i < ids->len; i++)
		g_string_append_printf(out, " %s", (const char *)g_ptr_array_index(ids, i));
}

static bool has(const char *const *list, const char *word)
{
	return list != NULL && g_strv_contains(list, word);
}

static void check_case(struct names *names, const struct inventory *inventory, const char *block)
{
	AUTO(g_strfreev) char **lines = g_strsplit(block, "\n", 2);
	AUTO(g_strfreev) char **parts = g_strsplit(lines[0] + 2, " | ", 2);
	AUTO(g_strfreev) char **words = parts[1] != NULL ? g_strsplit(parts[1], " ", -1) : NULL;
	AUTO(g_string) GString *text = fixture_bytes(parts[0]);
	AUTO(g_string) GString *out = g_string_new(NULL);
	AUTO(resolution_free) struct resolution *resolution = resolution_new();
	const char *const *list = (const char *const *)words;
	struct resolve_options options = {
		.literal = has(list, "literal"), .newest = has(list, "newest"), .all_matches = has(list, "all"),
		.unmanaged = has(list, "unmanaged"), .removing = has(list, "remove"),
	};
	const char *name = parts[1] != NULL ? strstr(parts[1], "name=") : NULL;

	if (name != NULL)
		resolve_pair(names, inventory, text->str, name + 5, &options, resolution);
	else
		resolve_entry(names, inventory, text->str, &options, resolution);
	g_string_append(out, outcomes[resolution->outcome]);
	show_numbers(out, inventory, resolution->numbers);
	if (resolution->others->len != 0)
		g_string_append(out, " not");
	show_numbers(out, inventory, resolution->others);
	if (resolution->outcome != RESOLVED)
		g_string_append_printf(out, ": %s", resolution->reason);
	tap_str(out->str, lines[1], lines[0]);
}

static void check_members(struct names *names, struct inventory *inventory)
{
	AUTO(bitset_free) struct bitset *members = bitset_new();
	AUTO(resolution_free) struct resolution *resolution = resolution_new();
	AUTO(resolution_free) struct resolution *lost = resolution_new();
	struct resolve_options options = { .members = members, .removing = true };
	uint32_t gone = inventory_number(inventory, "00000000000000000000000000000000000000aa");

	bitset_add(members, inventory_find(inventory, "000000000000000000000000000000000000f00c"));
	resolve_entry(names, inventory, "*", &options, resolution);
	tap_int(resolution->numbers->len, 1, "a pattern judges the set's own members, onboarded or not");
	bitset_add(members, gone);
	resolve_entry(names, inventory, "00000000000000000000000000000000000000AA", &options, lost);
	tap_ok(lost->outcome == RESOLVED && lost->numbers->len == 1, "a member that the tenant lost is found by id");
}

/* A name of very many records takes time of their count, not of its square. */
static void check_crowd(void)
{
	static const char *const arrays[] = { "value", NULL };
	AUTO(inventory_free) struct inventory *inventory = inventory_new();
	struct inventory_builder *builder = inventory_builder_new(inventory);
	AUTO(row_reader_free) struct row_reader *reader = row_reader_new(arrays, &inventory_row_handler, builder);
	AUTO(g_string) GString *json = g_string_new("{\"value\":[");
	AUTO(resolution_free) struct resolution *all = resolution_new();
	AUTO(resolution_free) struct resolution *one = resolution_new();
	struct resolve_options options = { .removing = true };

	for (int i = 0; i < 300000; i++)
		g_string_append_printf(json, "%s{\"id\":\"%040x\",\"computerDnsName\":\"crowd\"}", i == 0 ? "" : ",", i);
	g_string_append(json, "]}");
	inventory_builder_page(builder, 0);
	tap_ok(row_reader_feed(reader, json->str, json->len, NULL), "300,000 records");
	inventory_replace(inventory, builder, 1);
	AUTO(names_free) struct names *names = names_new(inventory);

	resolve_entry(names, inventory, "crowd", &options, all);
	tap_int(all->numbers->len, 300000, "each of one name is removed");
	options.removing = false;
	resolve_entry(names, inventory, "crowd", &options, one);
	tap_ok(one->outcome == RESOLVED_AMBIGUOUS && one->numbers->len == 300000, "and none is taken");
}

int main(void)
{
	AUTO(inventory_free) struct inventory *inventory = fixture_inventory();
	AUTO(names_free) struct names *names = names_new(inventory);
	AUTO(g_strfreev) char **blocks = fixture_blocks("resolve.txt");

	for (size_t i = 0; blocks[i] != NULL; i++)
		check_case(names, inventory, blocks[i]);
	check_members(names, inventory);
	check_crowd();
	return tap_done();
}
