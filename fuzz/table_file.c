/* Files that `load` makes tables: CSV and JSON. The first byte tells what the file is called. */
#include "config.h"
#include "fuzz/fuzz.h"

#include <jansson.h>

#include "app/table_file.h"

static void check_column(const struct table *table, size_t index)
{
	const struct column *column = table_column(table, index);

	fuzz_check(column_rows(column) == table_rows(table), "columns of different lengths");
	fuzz_check(column_name(column)[0] != '\0' && g_utf8_validate(column_name(column), -1, NULL), "a bad name");
	for (size_t other = 0; other < index; other++)
		fuzz_check(strcmp(column_name(column), column_name(table_column(table, other))) != 0, "a name twice");
	for (size_t row = 0; column_type_is_text(column_type(column)) && row < column_rows(column); row++) {
		size_t length;
		const char *text = column_text(column, row, &length);
		json_error_t fault;
		json_t *json;

		fuzz_check(g_utf8_validate_len(text, length, NULL), "a text that is not UTF-8, or with a NUL");
		if (column_type(column) != COLUMN_DYNAMIC || column_is_null(column, row))
			continue;
		json = json_loadb(text, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &fault);
		fuzz_check(json != NULL || json_error_code(&fault) == json_error_numeric_overflow ||
			json_error_code(&fault) == json_error_null_byte_in_key, "no JSON: '%s'", text);
		json_decref(json);
	}
}

FUZZ_TARGET(table_file)
{
	static const char *const paths[] = { "a.csv", "a.json", "a.jsonl", "-" };
	uint8_t mode = fuzz_byte(&data, &size);
	struct error error = ERROR_INIT;
	struct table *table = table_file_parse("T", paths[mode % G_N_ELEMENTS(paths)], (const char *)data, size, &error);

	fuzz_check((table != NULL) == (error.kind == ERROR_NONE), "an error without words, or words without an error");
	if (table != NULL) {
		fuzz_check(table_columns(table) != 0, "a table without columns");
		for (size_t n = 0; n < table_columns(table); n++)
			check_column(table, n);
	}
	table_free(table);
	return 0;
}
