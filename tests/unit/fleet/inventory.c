#include "config.h"
#include "fleet/inventory.h"

#include <inttypes.h>

#include "core/isotime.h"
#include "fleet/names.h"
#include "tests/unit/fleet/fixture.h"

static const char first[] = "00a1b2c3d4e5f600000000000000000000001eef";

static void check_columns(void)
{
	tap_int(device_column_find("DeviceName"), DEVICE_NAME, "a column by its hunting name");
	tap_int(device_column_find("devicename"), -1, "case counts");
	tap_int(device_column_find_fold("devicename"), DEVICE_NAME, "unless asked not to");
	tap_int((long long)device_schema()->count, DEVICE_COLUMNS, "the checker sees all");
	for (size_t i = 0; i < DEVICE_COLUMNS; i++)
		if (device_columns[i].name == NULL || device_columns[i].width == 0 ||
			strcmp(device_schema()->columns[i].name, device_columns[i].name) != 0)
			tap_ok(false, "column %zu is described", i);
}

static void check_reading(void)
{
	AUTO(inventory_free) struct inventory *inventory = fixture_inventory();
	uint32_t number = inventory_find(inventory, first);
	size_t row = inventory_row(inventory, number);
	const struct table *table = inventory_table(inventory);
	AUTO(bitset_free) struct bitset *scope = inventory_scope(inventory, false);
	AUTO(bitset_free) struct bitset *all = inventory_scope(inventory, true);

	tap_int((long long)inventory_rows(inventory), 35, "rows");
	tap_int(inventory_time(inventory), 42, "time");
	tap_str(inventory_name(inventory, number), "ws-0001.corp.example", "name");
	tap_int(column_int(table_column(table, DEVICE_OS_BUILD), row), 19045, "a number");
	tap_int(column_int(table_column(table, DEVICE_AAD_JOINED), row), 1, "a truth");
	tap_ok(column_is_null(table_column(table, DEVICE_VM_METADATA), row), "a null");
	tap_str(inventory_text(inventory, number, DEVICE_TAGS), "[\"Finance\"]", "tags as compact JSON");
	tap_ok(inventory_last_seen(inventory, number) > 0, "a time");
	number = inventory_find(inventory, "000000000000000000000000000000000000F001");
	tap_int(column_int(table_column(table, DEVICE_GROUP_ID), inventory_row(inventory, number)), 140,
		"a group number that came as text");
	number = inventory_find(inventory, "00a1b2c3d4e5f60000000000000000000000f778");
	tap_str(inventory_name(inventory, number), inventory_id(inventory, number), "a device without a name is its id");
	tap_ok(!bitset_has(scope, number) && bitset_has(all, number), "not onboarded: counts only if asked for");
	number = inventory_find(inventory, "00a1b2c3d4e5f60000000000000000000000b99a");
	tap_ok(!bitset_has(scope, number) && !bitset_has(all, number), "a merged record is no device");
	number = inventory_find(inventory, "000000000000000000000000000000000000f00e");
	tap_ok(inventory_has_address(inventory, number, "2001:db8:0:0:0:0:0:77"), "addresses are compared as such");
	tap_ok(!inventory_has_address(inventory, number, "10.0.0.9"), "and differ");
}

/* Feeds one page of ids; a bare word is the whole record. */
static bool feed(struct inventory_builder *builder, unsigned page, const char *json, struct error *error)
{
	static const char *const arrays[] = { "value", NULL };
	AUTO(row_reader_free) struct row_reader *reader = row_reader_new(arrays, &inventory_row_handler, builder);

	inventory_builder_page(builder, page);
	return row_reader_feed(reader, json, strlen(json), error) && row_reader_finish(reader, error);
}

/* A page is lost within a row whose id an earlier page had: that id is still known when it comes again. */
static void check_torn(void)
{
	AUTO(inventory_free) struct inventory *inventory = inventory_new();
	AUTO(inventory_builder_free) struct inventory_builder *builder = inventory_builder_new(inventory);

	feed(builder, 0, "{\"value\":[{\"id\":\"a\"}]}", NULL);
	feed(builder, 1, "{\"value\":[{\"id\":\"b\"},{\"id\":\"a\",", NULL);
	tap_ok(!inventory_builder_moved(builder), "a torn row counts for nothing");
	feed(builder, 1, "{\"value\":[{\"id\":\"b\"},{\"id\":\"a\"}]}", NULL);
	tap_ok(inventory_builder_moved(builder), "and hides nothing");
}

static void check_odd(void)
{
	AUTO(inventory_free) struct inventory *inventory = inventory_new();
	struct inventory_builder *builder = inventory_builder_new(inventory);
	AUTO(bitset_free) struct bitset *all = NULL;

	feed(builder, 0, "{\"value\":[{\"id\":\"a\",\"computerDnsName\":\"fin\\u0000x\",\"mergedIntoMachineId\":\"A\"},"
		"{\"id\":\"b\",\"machineTags\":[\"x\",\"y\"],\"mergedIntoMachineId\":\"a\\u0000\"},"
		"{\"id\":\"c\",\"machineTags\":[\"x\\u0000\",\"z\"]}]}", NULL);
	inventory_replace(inventory, builder, 1);
	all = inventory_scope(inventory, true);
	tap_str(inventory_name(inventory, 0), "fin\xef\xbf\xbdx", "a NUL in a name shows");
	tap_ok(bitset_has(all, 0), "a record merged into itself is a device");
	tap_ok(!bitset_has(all, 1) && inventory_survivor(inventory, 1) == DEVICE_NONE, "the start of an id is no id");
	tap_ok(!inventory_has_tag(inventory, 1, ",") && inventory_has_tag(inventory, 1, "y"), "nothing between tags is one");
	tap_ok(!inventory_has_tag(inventory, 2, "x") && inventory_has_tag(inventory, 2, "z"), "nor the start of one");
}

static void check_pages(void)
{
	AUTO(inventory_free) struct inventory *inventory = inventory_new();
	AUTO(inventory_builder_free) struct inventory_builder *moved = inventory_builder_new(inventory);
	struct inventory_builder *builder = inventory_builder_new(inventory);
	struct error error = ERROR_INIT;

	feed(builder, 0, "{\"value\":[{\"id\":\"a\",\"unknown\":{\"x\":[1]}},{\"id\":\"B\"}]}", &error);
	tap_ok(!feed(builder, 1, "{\"value\":[{\"id\":\"c\"},{\"id\":\"d\"}", NULL), "a page lost in the middle");
	feed(builder, 1, "{\"value\":[{\"id\":\"c\",\"computerDnsName\":7},{\"id\":\"e\"}]}", &error);
	tap_ok(error.kind == ERROR_NONE && !inventory_builder_moved(builder), "and read again has not moved");
	tap_int((long long)inventory_builder_rows(builder), 4, "its lost rows are forgotten");
	inventory_number(inventory, "E");
	inventory_replace(inventory, builder, 1);
	tap_int(inventory_find(inventory, "e"), 0, "a number given before stays");
	tap_int((long long)inventory_row(inventory, 0), 3, "and has its row");
	tap_str(inventory_text(inventory, inventory_find(inventory, "c"), DEVICE_NAME), "7", "a number where text is meant");

	feed(moved, 0, "{\"value\":[{\"id\":\"a\"},{\"id\":\"b\"}]}", &error);
	feed(moved, 1, "{\"value\":[{\"id\":\"B\"},{\"id\":\"c\"}]}", &error);
	tap_ok(inventory_builder_moved(moved), "an id seen twice");
	tap_ok(!feed(moved, 2, "{\"value\":[{\"computerDnsName\":\"x\"}]}", &error), "a machine without an id");
	tap_str(error.text, "a machine in the list has no id", "is an error");
	check_torn();
	check_odd();
}

static void check_changes(void)
{
	AUTO(inventory_free) struct inventory *inventory = fixture_inventory();
	AUTO(names_free) struct names *names = names_new(inventory);
	AUTO(g_array_unref) GArray *found = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	uint32_t number = inventory_find(inventory, first);
	uint64_t generation = inventory_generation(inventory), identity = inventory_identity(inventory);
	json_t *machine = json_pack("{s:s,s:s,s:[s,s]}", "id", "00A1B2C3D4E5F600000000000000000000001EEF",
		"healthStatus", "Inactive", "machineTags", "a\"b", "Finance");
	AUTO(g_strfreev) char **tags = NULL;

	inventory_tag(inventory, number, "pilot", true);
	inventory_tag(inventory, number, "pilot", true);
	tap_str(inventory_text(inventory, number, DEVICE_TAGS), "[\"Finance\",\"pilot\"]", "a tag is added once");
	tap_ok(inventory_has_tag(inventory, number, "pilot") && !inventory_has_tag(inventory, number, "Pilot"), "exactly");
	tap_ok(!inventory_has_tag(inventory, number, "pil") && !inventory_has_tag(inventory, number, "\",\""), "as a whole");
	inventory_tag(inventory, number, "Finance", false);
	tap_str(inventory_text(inventory, number, DEVICE_TAGS), "[\"pilot\"]", "a tag is removed");
	tap_ok(inventory_generation(inventory) > generation && inventory_identity(inventory) == identity,
		"which changes the inventory, but no name");

	tap_ok(inventory_apply(inventory, machine, NULL), "a machine of an answer");
	tap_ok(!inventory_is_active(inventory, number) && inventory_is_onboarded(inventory, number),
		"sets what it has and leaves the rest");
	tap_ok(inventory_has_tag(inventory, number, "a\"b") && !inventory_has_tag(inventory, number, "pilot"), "its tags");
	tags = inventory_tags(inventory);
	tap_ok(g_strv_contains((const char *const *)tags, "a\"b") && !g_strv_contains((const char *const *)tags, "pilot"),
		"tags in use");
	json_object_set_new(machine, "id", json_string("new-one"));
	json_object_set_new(machine, "computerDnsName", json_string("new.contoso.example"));
	names_label(names, "new", found);
	tap_int(found->len, 0, "a device not yet there");
	inventory_apply(inventory, machine, NULL);
	names_label(names, "new", found);
	tap_int(found->len, 1, "is added, and the names know it");
	inventory_drop(inventory, g_array_index(found, uint32_t, 0));
	g_array_set_size(found, 0);
	names_label(names, "new", found);
	tap_int(found->len, 0, "dropped, it is gone");
	json_decref(machine);

	machine = inventory_machine(inventory, number);
	tap_str(json_string_value(json_object_get(machine, "lastSeen")), "2025-04-02T02:51:16.2059102Z", "a machine object");
	tap_ok(json_is_null(json_object_get(machine, "osVersion")) && json_is_true(json_object_get(machine, "isAadJoined")) &&
		json_is_array(json_object_get(machine, "ipAddresses")) && json_is_integer(json_object_get(machine, "osBuild")),
		"with the API's types");
	json_decref(machine);
}

static void check_file(void)
{
	AUTO(inventory_free) struct inventory *inventory = fixture_inventory();
	AUTO(inventory_free) struct inventory *other = inventory_new();
	GByteArray *bytes;
	struct error error = ERROR_INIT;
	size_t different = 0, accepted = 0;

	inventory_drop(inventory, inventory_find(inventory, "000000000000000000000000000000000000f001"));
	bytes = inventory_save(inventory, "tenant-1");
	inventory_number(other, "somebody");
	tap_ok(inventory_load(other, "tenant-1", bytes->data, bytes->len, &error), "the cache is read back");
	tap_int((long long)inventory_rows(other), 34, "without the dropped row");
	tap_int(inventory_time(other), 42, "with its time");
	tap_int(inventory_find(other, "somebody"), 0, "numbers stay");
	for (uint32_t n = 0; n < inventory_numbers(inventory); n++) {
		json_t *a = inventory_machine(inventory, n);
		json_t *b = inventory_machine(other, inventory_number(other, inventory_id(inventory, n)));

		different += (a == NULL) != (b == NULL) || (a != NULL && !json_equal(a, b));
		json_decref(a);
		json_decref(b);
	}
	tap_int((long long)different, 0, "every machine is the same");
	tap_ok(!inventory_load(other, "tenant-2", bytes->data, bytes->len, &error), "another tenant's is refused");
	tap_str(error.text, "the inventory's cache is of another tenant", "and told");
	for (size_t length = 0; length < bytes->len; length += 97)
		accepted += inventory_load(other, "tenant-1", bytes->data, length, NULL);
	for (size_t i = 0; i < bytes->len; i += 53) {
		bytes->data[i] ^= 0x40;
		accepted += inventory_load(other, "tenant-1", bytes->data, bytes->len, NULL);
		bytes->data[i] ^= 0x40;
	}
	tap_int((long long)accepted, 0, "cut or changed bytes are refused");
	tap_int((long long)inventory_rows(other), 34, "and leave the inventory as it was");
	g_byte_array_unref(bytes);
}

int main(void)
{
	check_columns();
	check_reading();
	check_pages();
	check_changes();
	check_file();
	return tap_done();
}
