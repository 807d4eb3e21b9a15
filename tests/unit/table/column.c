#include "config.h"
#include "table/column.h"

#include <inttypes.h>

#include "tests/tap.h"

static void check_text(void)
{
	AUTO(column_free) struct column *column = column_new("name", COLUMN_STRING);
	AUTO(column_free) struct column *other = column_new("name", COLUMN_STRING);
	size_t length;

	column_append_text(column, "web", 3);
	column_append_text(column, "a\0b", 3);
	column_append_text(column, "web", 3);
	column_append_null(column);
	tap_int((long long)column_rows(column), 4, "rows");
	tap_int(column_codes(column), 3, "equal texts share a code");
	tap_ok(column_code(column, 0) == column_code(column, 2), "the code");
	column_text(column, 1, &length);
	tap_int((long long)length, 3, "a NUL within a text");
	tap_ok(!column_is_null(column, 3), "a string is never null");
	tap_str(column_text(column, 3, NULL), "", "a missing string is empty");
	column_set_text(column, 2, "db", 2);
	tap_str(column_text(column, 2, NULL), "db", "set");
	tap_str(column_text(column, 0, NULL), "web", "the others stay");
	column_append_from(other, column, 2);
	column_append_from(other, other, 0);
	tap_str(column_text(other, 1, NULL), "db", "append from");
	tap_int(column_find_code(column, "db", 2), column_code(column, 2), "find a code");
	tap_int(column_find_code(column, "d", 1), COLUMN_NULL_CODE, "a text that is not there has none");
	column_truncate(column, 1);
	column_append_text(column, "x", 1);
	tap_ok(column_rows(column) == 2 && strcmp(column_text(column, 1, NULL), "x") == 0, "truncate");
}

static void check_many(void)
{
	AUTO(column_free) struct column *column = column_new("name", COLUMN_STRING);
	char text[64];
	size_t wrong = 0;

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 100000; i++)
			column_append_text(column, text, (size_t)g_snprintf(text, sizeof text, "host-%d.contoso.example", i));
	tap_ok(!column_is_distinct(column), "a column nearly all different gives up its dictionary");
	for (int i = 0; i < 100000; i++) {
		g_snprintf(text, sizeof text, "host-%d.contoso.example", i);
		wrong += strcmp(column_text(column, 100000 + (size_t)i, NULL), text) != 0;
	}
	tap_int((long long)wrong, 0, "and gives each text back");
	column_set_text(column, 7, "changed", 7);
	column_append_text(column, "added", 5);
	tap_str(column_text(column, 7, NULL), "changed", "a row of it changes");
	tap_str(column_text(column, 8, NULL), "host-8.contoso.example", "the next does not");
	tap_str(column_text(column, 200000, NULL), "added", "one more is added");
	column_truncate(column, 100);
	column_append_text(column, "last", 4);
	tap_str(column_text(column, 100, NULL), "last", "cut and added to");
	column_append_from(column, column, 7);
	tap_str(column_text(column, 101, NULL), "changed", "appended from itself");
}

/* Codes and numbers of all widths, and the dictionary that is kept. */
static void check_widths(void)
{
	AUTO(dictionary_free) struct dictionary *ids = dictionary_new();
	AUTO(column_free) struct column *shared = column_new_shared("id", COLUMN_STRING, ids);
	AUTO(column_free) struct column *few = column_new("few", COLUMN_DYNAMIC);
	AUTO(column_free) struct column *numbers = column_new("n", COLUMN_LONG);
	char text[32];
	size_t wrong = 0;

	for (int i = 0; i < 140000; i++) {
		size_t length = (size_t)g_snprintf(text, sizeof text, "%d", i / 2);

		if (i % 1000 == 999)
			column_append_null(few);
		else
			column_append_text(few, text, length);
		length = (size_t)g_snprintf(text, sizeof text, "id%d", i);
		column_append_text(shared, text, length);
		column_append_int(numbers, i % 7 == 0 ? -((int64_t)i * i * i) : i);
	}
	tap_ok(column_is_distinct(few) && column_is_distinct(shared), "half different keeps its dictionary, and a shared one is kept");
	tap_int(dictionary_find(ids, "id139999", 8), 139999, "which others search");
	for (int i = 0; i < 140000; i++) {
		g_snprintf(text, sizeof text, "%d", i / 2);
		wrong += i % 1000 == 999 ? !column_is_null(few, (size_t)i) : strcmp(column_text(few, (size_t)i, NULL), text) != 0;
		wrong += column_code(shared, (size_t)i) != (uint32_t)i;
		wrong += column_int(numbers, (size_t)i) != (i % 7 == 0 ? -((int64_t)i * i * i) : i);
	}
	tap_int((long long)wrong, 0, "every row as it was put in");
	column_append_text(shared, "id5", 3);
	tap_int(column_code(shared, 140000), 5, "a text that is known has its code");
	tap_int(column_code(shared, 139999), 139999, "the others keep theirs");
}

/* A plain list with nulls. */
static void check_plain_nulls(void)
{
	AUTO(column_free) struct column *column = column_new("d", COLUMN_DYNAMIC);
	char text[32];
	size_t wrong = 0;

	for (int i = 0; i < 10000; i++)
		if (i % 10 == 3)
			column_append_null(column);
		else
			column_append_text(column, text, (size_t)g_snprintf(text, sizeof text, "[%d]", i));
	tap_ok(!column_is_distinct(column), "nulls do not hide that the rest differs");
	column_set_null(column, 5);
	column_set_text(column, 3, "[]", 2);
	for (int i = 0; i < 10000; i++) {
		bool null = i == 5 || (i % 10 == 3 && i != 3);

		g_snprintf(text, sizeof text, i == 3 ? "[]" : "[%d]", i);
		wrong += column_is_null(column, (size_t)i) != null || strcmp(column_text(column, (size_t)i, NULL), null ? "" : text) != 0;
	}
	tap_int((long long)wrong, 0, "nulls of a plain list");
}

static void check_numbers(void)
{
	AUTO(column_free) struct column *ints = column_new("n", COLUMN_LONG);
	AUTO(column_free) struct column *reals = column_new("r", COLUMN_REAL);
	AUTO(column_free) struct column *dynamic = column_new("d", COLUMN_DYNAMIC);

	for (int i = 0; i < 300; i++)
		column_append_int(ints, i);
	column_append_null(ints);
	tap_ok(!column_is_null(ints, 299) && column_is_null(ints, 300), "a null after many values");
	tap_int(column_int(ints, 300), 0, "a null counts 0");
	column_set_int(ints, 300, INT64_MIN);
	tap_ok(!column_is_null(ints, 300) && column_int(ints, 300) == INT64_MIN, "a null is set");
	column_set_null(ints, 0);
	tap_ok(column_is_null(ints, 0) && !column_is_null(ints, 1), "a value becomes null");
	column_append_real(reals, 1.5);
	column_append_null(reals);
	tap_ok(column_real(reals, 0) == 1.5 && column_is_null(reals, 1) && column_real(reals, 1) == 0.0, "reals");
	column_append_null(dynamic);
	column_append_text(dynamic, "[]", 2);
	tap_ok(column_is_null(dynamic, 0) && !column_is_null(dynamic, 1), "a dynamic null");
	tap_int(column_code(dynamic, 0), COLUMN_NULL_CODE, "has its code");
	tap_str(column_text(dynamic, 0, NULL), "", "and no text");
}

static void check_table(void)
{
	AUTO(table_free) struct table *table = table_new("Devices");
	struct column *column = column_new("id", COLUMN_STRING);

	tap_int((long long)table_rows(table), 0, "a table without columns has no rows");
	column_append_text(column, "x", 1);
	table_add(table, column);
	tap_int((long long)table_rows(table), 1, "rows of the first column");
	tap_ok(table_find(table, "id") == column && table_find(table, "ID") == NULL, "find is exact");
	tap_str(column_type_name(COLUMN_TIMESPAN), "timespan", "type names");
}

int main(void)
{
	check_text();
	check_many();
	check_widths();
	check_plain_nulls();
	check_numbers();
	check_table();
	return tap_done();
}
