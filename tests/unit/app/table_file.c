/* Files as tables: what becomes of them, or why they cannot be one, with the line. */
#include "config.h"

#include <glib.h>

#include "app/table_file.h"
#include "core/isotime.h"
#include "tests/tap.h"

static void append_cell(GString *out, const struct column *column, size_t row)
{
	if (column_is_null(column, row))
		g_string_append(out, "null");
	else if (column_type_is_text(column_type(column)))
		g_string_append(out, column_text(column, row, NULL));
	else if (column_type(column) == COLUMN_REAL)
		g_string_append_printf(out, "%.15g", column_real(column, row));
	else
		g_string_append_printf(out, "%lld", (long long)column_int(column, row));
}

/* "a:string b:long; x,1; y,2", or "error at LINE: TEXT". */
static char *dump(const char *path, const char *bytes, size_t length)
{
	struct error error = ERROR_INIT;
	AUTO(table_free) struct table *table = table_file_parse("T", path, bytes, length, &error);
	GString *out = g_string_new(NULL);

	if (table == NULL) {
		g_string_printf(out, "error at %u: %s", error.line, error.text);
		return g_string_free(out, FALSE);
	}
	for (size_t n = 0; n < table_columns(table); n++)
		g_string_append_printf(out, "%s%s:%s", n > 0 ? " " : "", column_name(table_column(table, n)),
			column_type_name(column_type(table_column(table, n))));
	for (size_t row = 0; row < table_rows(table); row++)
		for (size_t n = 0; n < table_columns(table); n++) {
			g_string_append(out, n > 0 ? "," : "; ");
			append_cell(out, table_column(table, n), row);
		}
	return g_string_free(out, FALSE);
}

static const struct {
	const char *path, *bytes, *wanted;
} cases[] = {
	/* CSV: all are strings, whatever they look like */
	{ "a.csv", "Host,Count\nsrv-01,5\n", "Host:string Count:string; srv-01,5" },
	{ "a.csv", "Host;Owner\r\n\"a;b\";\"x\"\"y\"\r\n", "Host:string Owner:string; a;b,x\"y" },
	{ "a.tsv", "Host\tOwner\nsrv\tann\n", "Host:string Owner:string; srv,ann" },
	{ "a.csv", "sep=|\nHost,Owner\nx,y\n", "error at 1: cannot read 'a.csv': the 'sep=' line names neither comma, semicolon nor "
		"tab" },
	{ "a.csv", "sep=;\nHost;Owner\nx;y\n", "Host:string Owner:string; x,y" },
	{ "a.csv", "\xef\xbb\xbfHost,Owner\nx,y\n", "Host:string Owner:string; x,y" },
	{ "a.csv", "Host,Owner\nx,M\xfcller\n", "Host:string Owner:string; x,M\xc3\xbcller" },
	{ "a.csv", "Host,,Host\nx,y,z\n", "Host:string Column2:string Host1:string; x,y,z" },
	{ "a.csv", "Host,Owner,\nx,y,\n", "Host:string Owner:string; x,y" },
	{ "a.csv", "Host,Owner\nx\n\ny,z\n", "Host:string Owner:string; x,; y,z" },
	{ "a.csv", "Host,Owner\n", "Host:string Owner:string" },
	{ "a.csv", "Host,Owner\nx,y\nz,1,2\n", "error at 3: cannot load 'a.csv': this row has more cells than there are titles" },
	{ "a.csv", "Host,Owner\n\"x,y\n", "error at 2: cannot read 'a.csv': a quote is not closed" },
	{ "a.csv", "", "error at 0: cannot load 'a.csv': it has no title row" },
	{ "a.csv", ",,\n1,2,3\n", "error at 1: cannot load 'a.csv': it has no title row" },
	{ "a.csv", "[Host],Owner\nx,y\n", "[Host]:string Owner:string; x,y" },
	/* JSON: values keep their types */
	{ "a.json", "[{\"a\":\"x\",\"b\":1,\"c\":true},{\"a\":\"y\",\"b\":-2,\"c\":false}]",
		"a:string b:long c:bool; x,1,1; y,-2,0" },
	{ "a.json", "[{\"a\":1},{\"a\":2.5}]", "a:real; 1; 2.5" },
	{ "a.json", "[{\"a\":1},{\"a\":\"x\"},{\"a\":null},{\"a\":[1, 2]}]", "a:dynamic; 1; \"x\"; null; [1,2]" },
	{ "a.json", "[{\"a\":{\"k\": [1]}}]", "a:dynamic; {\"k\":[1]}" },
	{ "a.json", "[{\"a\":null}]", "a:dynamic; null" },
	{ "a.json", "[{\"a\":\"x\"},{\"b\":7},{\"a\":null}]", "a:string b:long; x,null; ,7; ,null" },
	{ "a.json", "[{\"a\":12345678901234567890}]", "a:real; 1.23456789012346e+19" },
	{ "a.json", "[{\"a\":9223372036854775807}]", "a:long; 9223372036854775807" },
	{ "a.json", "[{\"a\":1,\"a\":2}]", "a:long; 2" },
	{ "a.json", "[{\"a\":\"\\u00fc\\n\\u0000\"}]", "a:string; \xc3\xbc\n\xef\xbf\xbd" },
	{ "a.json", "[{\"a b\":1}]", "a b:long; 1" },
	{ "a.json", "[{\"a\":\"2026-01-01T00:00:00Z\"}]", "a:string; 2026-01-01T00:00:00Z" },
	{ "a.json", "{\"@odata.context\":\"x\",\"value\":[{\"a\":1}]}", "a:long; 1" },
	{ "a.json", "{\"schema\":[{\"name\":\"a\"}],\"Results\":[{\"a\":1}]}", "a:long; 1" },
	{ "a.json", "{\"command\":\"show\",\"ok\":true,\"rows\":[{\"a\":1}]}\n", "a:long; 1" },
	{ "a.txt", "[1,2]\n3,4\n", "[1:string 2]:string; 3,4" },
	{ "-", " [ {\"a\":1} , {\"a\":2} ] ", "a:long; 1; 2" },
	{ "a.json", "\xef\xbb\xbf[{\"a\":1}]", "a:long; 1" },
	/* JSON lines */
	{ "a.jsonl", "{\"a\":1}\n{\"a\":2}\n\n{\"b\":\"x\"}\n", "a:long b:string; 1,; 2,; null,x" },
	{ "a.ndjson", "{\"value\":[1]}\n{\"value\":2}\n", "value:dynamic; [1]; 2" },
	{ "a.jsonl", "{\"a\":1}", "a:long; 1" },
	{ "a.log", "{\"a\":1}{\"a\":2}", "a:long; 1; 2" },
	/* what is none */
	{ "a.json", "[{\"a\":1},\n{\"a\":}\n]", "error at 2: cannot load 'a.json': it is not valid JSON: unexpected token near '}'" },
	{ "a.jsonl", "{\"a\":1}\n{\"a\":2\n", "error at 3: cannot load 'a.jsonl': it is not valid JSON: '}' expected near end of file" },
	{ "a.json", "[{\"a\":1},\n 5]", "error at 2: cannot load 'a.json': a row is not an object" },
	{ "a.json", "[{\"a\":1}\n{\"a\":2}]", "error at 2: cannot load 'a.json': it is not valid JSON: ',' or ']' is missing" },
	{ "a.json", "[{\"a\":1}", "error at 1: cannot load 'a.json': the array that begins here does not end" },
	{ "a.json", "[{\"a\":1},]", "error at 1: cannot load 'a.json': a row is not an object" },
	{ "a.json", "[{\"a\":1}]\nx", "error at 2: cannot load 'a.json': it is not valid JSON: text after the array" },
	{ "a.json", "[]", "error at 1: cannot load 'a.json': it has no rows with members" },
	{ "a.json", "", "error at 1: cannot load 'a.json': it is empty" },
	{ "a.json", "[{\"\":1}]", "error at 1: cannot load 'a.json': a member's name is empty, longer than 1,024 bytes, or has a NUL" },
	{ "a.json", "hello", "error at 1: cannot load 'a.json': it is not valid JSON: invalid token near 'hello'" },
	{ "a.json", "[{\"a\":\"\xff\"}]", "error at 1: cannot load 'a.json': JSON must be UTF-8, and this byte is not" },
	{ "a.json", "{\"value\":[{\"a\":1}],}", "error at 1: cannot load 'a.json': it is not valid JSON: string or '}' expected near '}'" },
};

static void check_wide(void)
{
	static const char csv[] = "\xff\xfeH\0,\0O\0\n\0x\0,\0y\0\n\0", json[] = "\xff\xfe[\0{\0\"\0a\0\"\0:\0001\0}\0]\0";
	AUTO(g_free) char *first = dump("a.csv", csv, sizeof csv - 1);
	AUTO(g_free) char *second = dump("a.dat", json, sizeof json - 1);

	tap_str(first, "H:string O:string; x,y", "CSV in UTF-16");
	tap_str(second, "a:long; 1", "JSON in UTF-16, as PowerShell writes it");
}

static void check_bounds(void)
{
	AUTO(g_string) GString *text = g_string_new("[");
	AUTO(g_free) char *rows = NULL, *columns = NULL, *titles = NULL, *deep = NULL;

	for (unsigned n = 0; n <= TABLE_FILE_ROWS; n++)
		g_string_append(text, "{\"a\":1},\n");
	g_string_append(text, "{}]");
	rows = dump("a.json", text->str, text->len);
	tap_str(rows, "error at 1000001: cannot load 'a.json': it has more than 1,000,000 rows", "too many rows");
	g_string_assign(text, "{");
	for (unsigned n = 0; n <= TABLE_FILE_COLUMNS; n++)
		g_string_append_printf(text, "%s\"c%u\":1", n > 0 ? "," : "", n);
	g_string_append(text, "}");
	columns = dump("a.json", text->str, text->len);
	tap_str(columns, "error at 1: cannot load 'a.json': it has more than 1,000 columns", "too many columns");
	g_string_assign(text, "a");
	for (unsigned n = 0; n < TABLE_FILE_COLUMNS; n++)
		g_string_append(text, ",a");
	g_string_append(text, "\n");
	titles = dump("a.csv", text->str, text->len);
	tap_str(titles, "error at 1: cannot load 'a.csv': it has more than 1,000 columns", "too many titles");
	g_string_assign(text, "{\"a\":");
	for (unsigned n = 0; n < 100; n++)
		g_string_append(text, "[");
	for (unsigned n = 0; n < 100; n++)
		g_string_append(text, "]");
	g_string_append(text, "}");
	deep = dump("a.json", text->str, text->len);
	tap_str(deep, "error at 1: cannot load 'a.json': it is not valid JSON: nested too deeply", "nested too deeply");
}

int main(void)
{
	for (size_t n = 0; n < G_N_ELEMENTS(cases); n++) {
		AUTO(g_free) char *got = dump(cases[n].path, cases[n].bytes, strlen(cases[n].bytes));
		AUTO(g_free) char *name = g_strescape(cases[n].bytes, NULL);

		tap_str(got, cases[n].wanted, name);
	}
	check_wide();
	check_bounds();
	return tap_done();
}
