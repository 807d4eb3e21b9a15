#include "config.h"
#include "engine/hunting_rows.h"

#include "defender/hunting_answer.h"
#include "tests/tap.h"

/* The cells of an answer's table, "NAME:TYPE=value|value" for each column, or the error. */
static char *run(const char *json)
{
	struct hunting_cells *cells = hunting_cells_new();
	struct hunting_answer *answer = hunting_answer_new(&hunting_cells_handler, hunting_cells_schema, cells);
	struct error error = ERROR_INIT;
	GString *out = g_string_new(NULL);
	struct table *table = NULL;

	if (!hunting_answer_feed(answer, json, strlen(json), &error) || !hunting_answer_finish(answer, &error))
		g_string_append_printf(out, "! %s", error.text);
	else
		table = hunting_cells_table(cells);
	for (size_t c = 0; table != NULL && c < table_columns(table); c++) {
		const struct column *column = table_column(table, c);

		g_string_append_printf(out, "%s%s:%s", c == 0 ? "" : " ", column_name(column),
			column_type_name(column_type(column)));
		for (size_t row = 0; row < column_rows(column); row++) {
			g_string_append_c(out, row == 0 ? '=' : '|');
			if (column_is_null(column, row))
				g_string_append(out, "null");
			else if (column_type_is_text(column_type(column)))
				g_string_append(out, column_text(column, row, NULL));
			else if (column_type(column) == COLUMN_REAL)
				g_string_append_printf(out, "%g", column_real(column, row));
			else
				g_string_append_printf(out, "%lld", (long long)column_int(column, row));
		}
	}
	table_free(table);
	hunting_answer_free(answer);
	hunting_cells_free(cells);
	return g_string_free(out, FALSE);
}

static void check(const char *schema, const char *rows, const char *wanted)
{
	AUTO(g_free) char *json = g_strdup_printf("{\"schema\":[%s],\"results\":[%s]}", schema, rows);
	AUTO(g_free) char *turned = g_strdup_printf("{\"results\":[%s],\"Schema\":[%s]}", rows, schema);
	AUTO(g_free) char *got = run(json);
	AUTO(g_free) char *got_turned = run(turned);

	tap_str(got, wanted, rows);
	tap_str(got_turned, wanted, "the same with the rows before the schema");
}

static void check_bounds(void)
{
	AUTO(g_string) GString *json = g_string_new("{\"results\":[");
	AUTO(g_free) char *got = NULL;

	for (int i = 0; i < 5000; i++)
		g_string_append_printf(json, "%s{\"c%d\":1}", i == 0 ? "" : ",", i);
	g_string_append(json, "],\"schema\":[]}");
	got = run(json->str);
	tap_ok(g_str_has_prefix(got, "! the hunting answer is too large"), "a new column in each row: %s", got);

	g_string_assign(json, "{\"schema\":[{\"name\":\"a\"}");
	for (int i = 0; i < HUNTING_COLUMNS_MOST; i++)
		g_string_append_printf(json, ",{\"name\":\"c%d\"}", i);
	g_string_append(json, "],\"results\":[]}");
	g_free(got);
	got = run(json->str);
	tap_str(got, "! the hunting answer has more than 1000 columns", "columns beyond the bound");

	g_string_assign(json, "{\"schema\":[{\"name\":\"a\",\"type\":\"");
	for (int i = 0; i < 500000; i++)
		g_string_append(json, "System.");
	g_string_append(json, "String\"}],\"results\":[]}");
	g_free(got);
	got = run(json->str);
	tap_str(got, "a:dynamic", "a type's name of any length");
}

int main(void)
{
	check("{\"name\":\"s\",\"type\":\"String\"}", "{\"s\":\"a\\u0000b\"},{\"s\":null},{\"s\":7},{}", "s:string=a\xef\xbf\xbd" "b||7|");
	check("{\"name\":\"d\",\"type\":\"Object\"}", "{\"d\":\"[1, 2]\"},{\"d\":\"Alice\"},{\"d\":\"\"},{\"d\":{\"a\":1}},{\"d\":1e999}",
		"d:dynamic=[1,2]|\"Alice\"|null|{\"a\":1}|\"Infinity\"");
	check("{\"name\":\"i\",\"type\":\"Int32\"}", "{\"i\":2147483647},{\"i\":2147483648},{\"i\":\"x\"},{\"i\":\"-5\"}",
		"i:int=2147483647|null|null|-5");
	check("{\"name\":\"n\",\"type\":\"System.Int64\"}", "{\"n\":\"99999999999999999999\"},{\"n\":\"-9223372036854775808\"}",
		"n:long=null|-9223372036854775808");
	check("{\"name\":\"b\",\"type\":\"SByte\"}", "{\"b\":2},{\"b\":false},{\"b\":\"true\"},{\"b\":[]}", "b:bool=1|0|1|null");
	check("{\"name\":\"r\",\"type\":\"Double\"}", "{\"r\":\"NaN\"},{\"r\":1},{\"r\":\"1.5\"},{\"r\":\"1.5\\u0000\"}",
		"r:real=nan|1|1.5|null");
	check("{\"name\":\"s\",\"type\":\"String\"}", "{\"s\":\"x\",\"s@odata.type\":\"#String\",\"other\":1}", "s:string=x");
	check("{\"name\":\"s\"},{\"name\":\"s\"}", "", "! the hunting answer has two columns of one name");
	check_bounds();
	return tap_done();
}
