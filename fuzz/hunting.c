/* Answers of advanced hunting, from their bytes to the table that commands work on. The first byte gives the size of the
 * chunks; an odd one lets the answer begin again after its half. */
#include "config.h"
#include "fuzz/fuzz.h"

#include <jansson.h>

#include "core/isotime.h"
#include "defender/hunting_answer.h"
#include "engine/hunting_rows.h"

static void check_text(const struct column *column, size_t row)
{
	size_t length;
	const char *text = column_text(column, row, &length);
	json_error_t fault;
	json_t *json;

	fuzz_check(g_utf8_validate_len(text, length, NULL), "a text that is not UTF-8, or with a NUL");
	if (column_type(column) != COLUMN_DYNAMIC)
		return;
	json = json_loadb(text, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &fault);
	fuzz_check(json != NULL || json_error_code(&fault) == json_error_numeric_overflow ||
		json_error_code(&fault) == json_error_null_byte_in_key, "no JSON: '%s'", text);
	json_decref(json);
}

static void check_cell(const struct column *column, size_t row)
{
	int64_t value;

	if (column_is_null(column, row))
		return;
	if (column_type_is_text(column_type(column))) {
		check_text(column, row);
		return;
	}
	if (column_type(column) == COLUMN_REAL)
		return;
	value = column_int(column, row);
	fuzz_check(column_type(column) != COLUMN_INT || value == (int32_t)value, "an int of more than 32 bits");
	fuzz_check(column_type(column) != COLUMN_BOOL || value == 0 || value == 1, "a third truth");
	fuzz_check(column_type(column) != COLUMN_DATETIME || (value >= 0 && value <= ISOTIME_MAX), "a time out of range");
}

static bool feed(struct hunting_answer *answer, const char *text, size_t length, size_t chunk, struct error *error)
{
	for (size_t at = 0; at < length; at += chunk)
		if (!hunting_answer_feed(answer, text + at, MIN(chunk, length - at), error))
			return false;
	return true;
}

FUZZ_TARGET(hunting)
{
	uint8_t mode = fuzz_byte(&data, &size);
	struct hunting_cells *cells = hunting_cells_new();
	struct hunting_answer *answer = hunting_answer_new(&hunting_cells_handler, hunting_cells_schema, cells);
	struct error error = ERROR_INIT;
	bool fine;

	if (mode % 2 != 0) {
		feed(answer, (const char *)data, size / 2, mode, NULL);
		hunting_answer_free(answer);
		hunting_cells_clear(cells);
		answer = hunting_answer_new(&hunting_cells_handler, hunting_cells_schema, cells);
	}
	fine = feed(answer, (const char *)data, size, (size_t)mode + 1, &error) && hunting_answer_finish(answer, &error);
	fuzz_check(fine == (error.kind == ERROR_NONE), "an error without words, or words without an error");
	if (fine) {
		struct table *table = hunting_cells_table(cells);

		fuzz_check(table_columns(table) != 0 && table_rows(table) == hunting_cells_rows(cells), "other rows than came");
		for (size_t c = 0; c < table_columns(table); c++) {
			const struct column *column = table_column(table, c);

			fuzz_check(column_rows(column) == table_rows(table), "columns of different lengths");
			for (size_t other = 0; other < c; other++)
				fuzz_check(strcmp(column_name(column), column_name(table_column(table, other))) != 0, "a name twice");
			for (size_t row = 0; row < column_rows(column); row++)
				check_cell(column, row);
		}
		table_free(table);
	}
	hunting_answer_free(answer);
	hunting_cells_free(cells);
	return 0;
}
