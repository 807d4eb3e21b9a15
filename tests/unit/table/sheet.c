#include "config.h"
#include "table/sheet.h"

#include "core/file.h"
#include "tests/tap.h"

/* Cases are blocks of tests/data/table/sheet.txt: "> BYTES" (\n \r \t \\ \xNN), below it what comes out: delimiter,
 * encoding and "LINE: [cell][cell]" for each row, or the error. */

static char *run(const char *bytes, size_t length)
{
	GString *out = g_string_new(NULL);
	struct error error = ERROR_INIT;
	AUTO(sheet_free) struct sheet *sheet = sheet_parse("f", bytes, length, &error);

	if (sheet == NULL) {
		g_string_append_printf(out, "! %s:%u:%u %s\n", error.file, error.line, error.column, error.text);
		return g_string_free(out, FALSE);
	}
	g_string_append_printf(out, "%s %s\n", sheet_delimiter(sheet) == '\t' ? "tab" :
		sheet_delimiter(sheet) == ';' ? "semicolon" : "comma", sheet_encoding(sheet));
	for (size_t row = 0; row < sheet_rows(sheet); row++) {
		g_string_append_printf(out, "%u: ", sheet_line(sheet, row));
		for (size_t cell = 0; cell < sheet_cells(sheet, row); cell++) {
			AUTO(g_free) char *text = g_strescape(sheet_cell(sheet, row, cell), "\xc3\xb6\xbc\xe2\x82\xac\xf0\x9f\x98\x80\"");

			g_string_append_printf(out, "[%s]", text);
		}
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

static GString *case_bytes(const char *line)
{
	GString *bytes = g_string_new(NULL);

	for (; *line != '\0'; line++) {
		if (*line != '\\') {
			g_string_append_c(bytes, *line);
			continue;
		}
		switch (*++line) {
		case 'n': g_string_append_c(bytes, '\n'); break;
		case 'r': g_string_append_c(bytes, '\r'); break;
		case 't': g_string_append_c(bytes, '\t'); break;
		case 'x':
			g_string_append_c(bytes, (char)(g_ascii_xdigit_value(line[1]) * 16 + g_ascii_xdigit_value(line[2])));
			line += 2;
			break;
		default: g_string_append_c(bytes, *line);
		}
	}
	return bytes;
}

static void check_data(void)
{
	AUTO(g_free) char *path = g_build_filename(g_getenv("srcdir"), "tests/data/table/sheet.txt", NULL);
	AUTO(g_free) char *text = NULL;
	AUTO(g_strfreev) char **blocks = NULL;
	size_t length;

	if (!tap_ok(file_read(path, 1 << 20, &text, &length, NULL), "the cases are read"))
		return;
	blocks = g_strsplit(g_strchomp(text), "\n\n", -1);
	for (size_t i = 0; blocks[i] != NULL; i++) {
		AUTO(g_strfreev) char **parts = g_strsplit(blocks[i], "\n", 2);
		AUTO(g_string) GString *bytes = case_bytes(parts[0] + 2);
		AUTO(g_free) char *got = run(bytes->str, bytes->len);
		AUTO(g_free) char *wanted = g_strconcat(parts[1], "\n", NULL);

		tap_str(got, wanted, parts[0]);
	}
}

static void check_bounds(void)
{
	AUTO(g_string) GString *bytes = g_string_new("\"");
	AUTO(sheet_free) struct sheet *cell = NULL;
	AUTO(sheet_free) struct sheet *columns = NULL;
	AUTO(g_free) char *got = NULL;
	struct error error = ERROR_INIT;

	while (bytes->len <= SHEET_CELL_LIMIT)
		g_string_append_c(bytes, 'x');
	g_string_append(bytes, "\"\n");
	cell = sheet_parse("f", bytes->str, bytes->len, &error);
	tap_ok(cell != NULL, "a cell as large as the bound");
	g_string_insert_c(bytes, 2, 'x');
	got = run(bytes->str, bytes->len);
	tap_str(got, "! f:1:0 cannot read 'f': a cell is too large\n", "a cell beyond it");
	g_string_assign(bytes, "a\n");
	for (int i = 1; i < SHEET_COLUMNS_LIMIT; i++)
		g_string_append_c(bytes, ',');
	columns = sheet_parse("f", bytes->str, bytes->len, &error);
	tap_ok(columns != NULL, "as many columns as the bound");
	g_string_append_c(bytes, ',');
	g_free(got);
	got = run(bytes->str, bytes->len);
	tap_str(got, "! f:2:0 cannot read 'f': a row has too many cells\n", "columns beyond it");
}

static void check_writing(void)
{
	static const char *const cells[][2] = {
		{ "plain", "plain" }, { "a,b", "\"a,b\"" }, { "say \"x\"", "\"say \"\"x\"\"\"" }, { "=1+1", "'=1+1" },
		{ "@SUM(1,2)", "\"'@SUM(1,2)\"" }, { "-2+3", "'-2+3" }, { "+1", "'+1" }, { "\tx", "\"'\tx\"" },
		{ "a\nb", "\"a\nb\"" }, { " x", "\" x\"" }, { "", "\"\"" }, { "a=b", "a=b" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cells); i++) {
		AUTO(g_string) GString *out = g_string_new(NULL);

		sheet_append_field(out, cells[i][0], true);
		tap_str(out->str, cells[i][1], "a written field");
	}
	AUTO(g_string) GString *out = g_string_new(NULL);
	sheet_append_field(out, "a", true);
	sheet_append_field(out, "", false);
	sheet_append_field(out, "b", false);
	tap_str(out->str, "a,,b", "fields are joined");
}

int main(void)
{
	AUTO(sheet_free) struct sheet *sheet = sheet_parse("f", "abc", 3, NULL);

	check_data();
	check_bounds();
	check_writing();
	tap_str(sheet_sha256(sheet), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "the file's sum");
	tap_str(sheet_cell(sheet, 0, 7), "", "a cell beyond the row's end");
	return tap_done();
}
