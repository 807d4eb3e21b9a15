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

	inventory_number(inventory, "E");
	feed(builder, 0, "{\"value\":[{\"id\":\"a\",\"unknown\":{\"x\":[1]}},{\"id\":\"B\"}]}", &error);
	tap_ok(!feed(builder, 1, "{\"value\":[{\"id\":\"c\"},{\"id\":\"d\"}", NULL), "a page lost in the middle");
	feed(builder, 1, "{\"value\":[{\"id\":\"c\",\"computerDnsName\":7},{\"id\":\"e\"}]}", &error);
	tap_ok(error.kind == ERROR_NONE && !inventory_builder_moved(builder), "and read again has not moved");
	tap_int((long long)inventory_builder_rows(builder), 4, "its lost rows are forgotten");
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

static void put(void *data, const void *bytes, size_t length)
{
	g_byte_array_append(data, bytes, (guint)length);
}

static GByteArray *saved(struct inventory *inventory, const char *tenant)
{
	GByteArray *bytes = g_byte_array_new();
	struct error error = ERROR_INIT;

	if (!inventory_save(inventory, tenant, put, bytes, &error))
		tap_ok(false, "%s", error.text);
	return bytes;
}

static size_t differences(const struct inventory *inventory, struct inventory *other)
{
	size_t different = 0;

	for (uint32_t n = 0; n < inventory_numbers(inventory); n++) {
		json_t *a = inventory_machine(inventory, n);
		json_t *b = inventory_machine(other, inventory_number(other, inventory_id(inventory, n)));

		different += (a == NULL) != (b == NULL) || (a != NULL && !json_equal(a, b));
		json_decref(a);
		json_decref(b);
	}
	return different;
}

static void check_file(void)
{
	AUTO(inventory_free) struct inventory *inventory = fixture_inventory();
	AUTO(inventory_free) struct inventory *other = inventory_new();
	GByteArray *bytes;
	struct error error = ERROR_INIT;
	size_t accepted = 0;

	inventory_drop(inventory, inventory_find(inventory, "000000000000000000000000000000000000f001"));
	bytes = saved(inventory, "tenant-1");
	inventory_number(other, "somebody");
	tap_ok(inventory_load(other, "tenant-1", bytes->data, bytes->len, &error), "the cache is read back");
	tap_int((long long)inventory_rows(other), 34, "without the dropped row");
	tap_int(inventory_time(other), 42, "with its time");
	tap_int(inventory_find(other, "somebody"), 0, "numbers stay");
	tap_int((long long)differences(inventory, other), 0, "every machine is the same");
	tap_ok(!inventory_load(other, "tenant-2", bytes->data, bytes->len, &error), "another tenant's is refused");
	tap_str(error.text, "the inventory's cache is of another tenant", "and told");
	for (size_t length = 0; length < bytes->len; length += 97)
		accepted += inventory_load(other, "tenant-1", bytes->data, length, NULL);
	tap_int((long long)accepted, 0, "a cut one is refused");
	tap_int((long long)inventory_rows(other), 34, "and leaves the inventory as it was");
	g_byte_array_unref(bytes);
}

/* Many devices, so that columns are as large ones are; changed after they were loaded. */
static struct inventory *many_devices(unsigned count)
{
	struct inventory *inventory = inventory_new();
	struct inventory_builder *builder = inventory_builder_new(inventory);
	GString *page = g_string_new("{\"value\":[");

	for (unsigned i = 0; i < count; i++)
		g_string_append_printf(page, "%s{\"id\":\"%040x\",\"computerDnsName\":\"%s-%05u.corp.example\",\"aadDeviceId\":\"e-%u\","
			"\"lastIpAddress\":\"10.0.%u.%u\",\"osBuild\":%u,\"machineTags\":[\"t%u\"],\"onboardingStatus\":\"Onboarded\"}",
			i > 0 ? "," : "", i * 2654435761u, i % 3 == 0 ? "Ws" : "b\303\274ro", i * 7919 % count, i, i >> 8, i & 255,
			i % 9 == 0 ? 26100 : 1, i % 300);
	g_string_append(page, "]}");
	feed(builder, 0, page->str, NULL);
	inventory_replace(inventory, builder, 42);
	g_string_free(page, TRUE);
	return inventory;
}

static uint32_t found_one(struct names *names, void (*find)(struct names *, const char *, GArray *), const char *text)
{
	AUTO(g_array_unref) GArray *numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));

	find(names, text, numbers);
	return numbers->len == 1 ? g_array_index(numbers, uint32_t, 0) : DEVICE_NONE;
}

static void check_large(void)
{
	AUTO(inventory_free) struct inventory *inventory = many_devices(10000);
	AUTO(inventory_free) struct inventory *other = inventory_new();
	AUTO(names_free) struct names *names = names_new(other);
	AUTO(names_free) struct names *made = names_new(inventory);
	AUTO(g_array_unref) GArray *some = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	AUTO(g_array_unref) GArray *second = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	GByteArray *bytes = saved(inventory, "t");
	json_t *machine = json_pack("{s:s,s:s,s:s}", "id", "00000000000000000000000000000000ABCDEF00", "computerDnsName",
		"new.corp.example", "aadDeviceId", "e-new");
	size_t count;

	tap_ok(inventory_load(other, "t", bytes->data, bytes->len, NULL), "a large cache is read back");
	tap_int((long long)differences(inventory, other), 0, "each of its machines");
	tap_ok(inventory_index(other, INVENTORY_BY_NAME, &count) != NULL && count == 10000, "with its order of names");
	tap_int(found_one(names, names_exact, "WS-07919.corp.example"), DEVICE_NONE, "a name that is not there");
	tap_int(found_one(names, names_exact, "B\303\234RO-07919.corp.example."), 1, "a name, folded");
	tap_int(found_one(names, names_entra, "E-77"), 77, "an Entra id");
	tap_int(found_one(names, names_address, "10.0.3.4"), 772, "an address");
	names_prefix(names, "ws-00", 1000, some);
	names_prefix(made, "ws-00", 1000, second);
	tap_ok(some->len == second->len && some->len > 300 && memcmp(some->data, second->data, some->len * 4) == 0,
		"the order of the file is the one that is made");
	tap_ok(inventory_apply(other, machine, NULL), "a device more");
	tap_int(found_one(names, names_label, "new"), 10000, "is found by its name");
	tap_int(found_one(names, names_entra, "e-new"), 10000, "by its Entra id");
	tap_int(inventory_find(other, "00000000000000000000000000000000abcdef00"), 10000, "and by its id");
	json_object_set_new(machine, "computerDnsName", json_string("other.corp.example"));
	inventory_apply(other, machine, NULL);
	tap_int(found_one(names, names_label, "new"), DEVICE_NONE, "a changed name is not found any more");
	tap_int(found_one(names, names_label, "other"), 10000, "but the new one");
	inventory_drop(other, 3);
	g_byte_array_unref(bytes);
	bytes = saved(other, "t");
	tap_ok(inventory_load(inventory, "t", bytes->data, bytes->len, NULL) && inventory_rows(inventory) == 10000,
		"saved again, over numbers that there are");
	tap_str(inventory_id(inventory, 1), "000000000000000000000000000000009e3779b1", "numbers stay");
	tap_int((long long)inventory_row(inventory, 3), -1, "what is gone has no row");
	json_decref(machine);
	g_byte_array_unref(bytes);
}

/* Any changed byte: refused, or found before what it changes is used. */
static void check_damage(void)
{
	AUTO(inventory_free) struct inventory *inventory = many_devices(5000);
	GByteArray *bytes = saved(inventory, "t");
	AUTO(g_free) char *path = g_build_filename(g_getenv("builddir") != NULL ? g_getenv("builddir") : ".", "inventory.damage", NULL);
	size_t unseen = 0, refused = 0, found = 0, accepted = 0;

	for (size_t i = 0; i < bytes->len; i += bytes->len / 400) {
		AUTO(inventory_free) struct inventory *other = inventory_new();
		AUTO(names_free) struct names *names = names_new(other);
		AUTO(bitset_free) struct bitset *scope = NULL;
		bool fine;

		bytes->data[i] ^= 0x40;
		accepted += inventory_load(other, "t", bytes->data, bytes->len, NULL) && differences(inventory, other) != 0;
		g_file_set_contents(path, (const char *)bytes->data, bytes->len, NULL);
		bytes->data[i] ^= 0x40;
		if (!inventory_open(other, "t", path, NULL)) {
			refused++;
			continue;
		}
		scope = inventory_scope(other, true);
		found_one(names, names_exact, "ws-07919.corp.example");
		found_one(names, names_entra, "e-77");
		found_one(names, names_address, "10.0.3.4");
		fine = differences(inventory, other) == 0;
		found += inventory_is_damaged(other);
		unseen += !fine && !inventory_is_damaged(other);
	}
	unlink(path);
	tap_int((long long)accepted, 0, "whole bytes are looked at whole");
	tap_int((long long)unseen, 0, "what is damaged is known to be");
	tap_ok(refused > 0 && found > 200, "%zu refused, %zu found when they were asked for", refused, found);
	g_byte_array_unref(bytes);
}

/* Devices of a set in the order of their ids: few, all, and all with a number that was given since. */
static bool sorted_well(struct inventory *inventory, const struct bitset *set)
{
	AUTO(g_array_unref) GArray *numbers = inventory_sorted(inventory, set);
	bool well = numbers->len == bitset_count(set);

	for (guint i = 0; i < numbers->len; i++) {
		uint32_t n = g_array_index(numbers, uint32_t, i);

		well = well && bitset_has(set, n) && (i == 0 || strcmp(inventory_id(inventory,
			g_array_index(numbers, uint32_t, i - 1)), inventory_id(inventory, n)) < 0);
	}
	return well;
}

/* What saving made is kept, while it is right: a name is looked up in it as before, and not after a change. */
static void check_kept(void)
{
	AUTO(inventory_free) struct inventory *inventory = fixture_inventory();
	AUTO(names_free) struct names *names = names_new(inventory);
	GByteArray *before = saved(inventory, "t"), *after;
	size_t count = 0, again = 0;
	const void *index = inventory_index(inventory, INVENTORY_BY_NAME, &count);
	uint32_t number = inventory_number_of_row(inventory, 0);
	const char *name = inventory_name(inventory, number);

	tap_ok(index != NULL && count > 0, "the index of names that was saved is kept");
	tap_int((long long)found_one(names, names_exact, name), number, "and finds");
	after = saved(inventory, "t");
	tap_ok(inventory_index(inventory, INVENTORY_BY_NAME, &again) == index && again == count, "saved again, it stays in its place");
	tap_ok(before->len == after->len && memcmp(before->data, after->data, before->len) == 0, "the same file");
	tap_int((long long)found_one(names, names_exact, name), number, "and finds as before");
	g_byte_array_unref(before);
	g_byte_array_unref(after);
}

static void check_order(void)
{
	AUTO(inventory_free) struct inventory *inventory = fixture_inventory();
	AUTO(bitset_free) struct bitset *set = bitset_new();
	uint32_t given;

	tap_ok(sorted_well(inventory, set), "no devices are sorted");
	for (uint32_t n = inventory_numbers(inventory); n-- > 0;) {
		bitset_add(set, n);
		if (!sorted_well(inventory, set))
			break;
	}
	tap_int((long long)bitset_count(set), inventory_numbers(inventory), "any number of devices comes in the order of ids");
	given = inventory_number(inventory, "0000000000000000000000000000000000000000");
	bitset_add(set, given);
	bitset_add(set, inventory_number(inventory, "00000000"));
	bitset_add(set, inventory_number(inventory, "ffffffffffffffffffffffffffffffffffffffff"));
	tap_ok(sorted_well(inventory, set), "numbers that were given since, too");
}

int main(void)
{
	check_kept();
	check_order();
	check_columns();
	check_reading();
	check_pages();
	check_changes();
	check_file();
	check_large();
	check_damage();
	return tap_done();
}
