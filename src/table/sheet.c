#include "config.h"
#include "table/sheet.h"

#include <stdint.h>
#include <string.h>

#include <csv.h>

#include "core/file.h"
#include "table/sheet_decode.h"

#define SLICE (64 * 1024)

struct sheet {
	const char *encoding;
	char delimiter;
	char sha256[SHA256_HEX_SIZE];
	GString *text;  /* all cells, each with a NUL after it */
	GArray *cells;  /* uint32_t: where in text each starts. The text is below 1 GiB: at most 3 bytes for 2 of the file,
			 * and a NUL for each delimiter */
	GArray *rows;   /* struct sheet_row */
};

struct sheet_row {
	uint32_t first; /* of its cells */
	uint32_t line;
};

/* What libcsv's callbacks, which cannot stop it, work on. */
struct sheet_build {
	struct sheet *sheet;
	const char *name;
	unsigned row_line;
	uint32_t row_first;
	const char *refused; /* what a callback would not take; constant */
};

static void take_cell(struct sheet_build *build, const char *bytes, size_t length)
{
	struct sheet *sheet = build->sheet;
	uint32_t start = (uint32_t)sheet->text->len;

	if (build->refused != NULL)
		return;
	if (length > SHEET_CELL_LIMIT) {
		build->refused = "a cell is too large";
		return;
	}
	if (sheet->cells->len - build->row_first == SHEET_COLUMNS_LIMIT) {
		build->refused = "a row has too many cells";
		return;
	}
	g_array_append_val(sheet->cells, start);
	g_string_append_len(sheet->text, bytes, (gssize)length);
	g_string_append_c(sheet->text, '\0');
}

static void on_cell(void *bytes, size_t length, void *data)
{
	take_cell(data, bytes != NULL ? bytes : "", length);
}

static void on_row(int terminator, void *data)
{
	struct sheet_build *build = data;
	struct sheet_row row = { build->row_first, build->row_line };

	(void)terminator;
	g_array_append_val(build->sheet->rows, row);
	build->row_first = build->sheet->cells->len;
}

static bool build_fail(const struct sheet_build *build, unsigned line, unsigned column, const char *what,
	struct error *error)
{
	error_set(error, ERROR_FAILED, "cannot read '%s': %s", build->name, what);
	error_at(error, build->name, line, column);
	return false;
}

/* The text up to offset shows the fault's place. */
static bool build_fail_at(const struct sheet_build *build, const char *text, size_t offset, const char *what,
	struct error *error)
{
	unsigned line, column;

	sheet_position(text, offset, &line, &column);
	return build_fail(build, line, column, what, error);
}

/* Where the quote stands that nothing closes. */
static size_t open_quote(const char *text, size_t length)
{
	size_t opened = 0;
	bool quoted = false;

	for (size_t i = 0; i < length; i++) {
		if (text[i] != '"')
			continue;
		if (quoted && i + 1 < length && text[i + 1] == '"') {
			i++;
			continue;
		}
		quoted = !quoted;
		opened = i;
	}
	return opened;
}

/* Bytes of the line at the start of text, its end (LF, CRLF or CR) included. */
static size_t line_length(const char *text, size_t length)
{
	size_t i = 0;

	while (i < length && text[i] != '\n' && text[i] != '\r')
		i++;
	if (i < length)
		i += text[i] == '\r' && i + 1 < length && text[i + 1] == '\n' ? 2 : 1;
	return i;
}

static bool line_is_blank(const char *text, size_t length, char delimiter)
{
	for (size_t i = 0; i < length; i++)
		if (strchr(" \t\r\n", text[i]) == NULL || text[i] == delimiter)
			return false;
	return true;
}

/* A remark line ("# he said "no"") whose quotes are no CSV: it is taken as one cell, for no one means its quotes. */
static bool line_is_remark(const char *line, size_t length, char delimiter)
{
	bool quoted = false, closed = false, begun = false;
	size_t i = 0;

	while (i < length && (line[i] == ' ' || line[i] == '\t'))
		i++;
	if (i == length || line[i] != '#')
		return false;
	for (; i < length; i++) {
		if (quoted && line[i] == '"') {
			quoted = i + 1 < length && line[i + 1] == '"';
			closed = !quoted;
			i += quoted;
		} else if (quoted || strchr(" \t\r\n", line[i]) != NULL) {
			continue;
		} else if (line[i] == delimiter) {
			begun = closed = false;
		} else if (closed || (line[i] == '"' && begun)) {
			return true;
		} else {
			quoted = line[i] == '"';
			begun = true;
		}
	}
	return false;
}

static void take_remark(struct sheet_build *build, const char *line, size_t length)
{
	while (length != 0 && strchr(" \t\r\n", line[length - 1]) != NULL)
		length--;
	for (; length != 0 && (*line == ' ' || *line == '\t'); line++)
		length--;
	take_cell(build, line, length);
	on_row(0, build);
}

/* libcsv knows no lines: it gets the text line by line, so that each row's first line is known. */
static bool parse_lines(struct sheet_build *build, struct csv_parser *parser, const char *text, size_t length,
	size_t start, struct error *error)
{
	bool in_row = false;
	unsigned line = start == 0 ? 1 : 2;
	size_t line_size;

	for (size_t at = start; at < length; at += line_size, line++) {
		guint rows = build->sheet->rows->len;

		line_size = line_length(text + at, length - at);
		if (!in_row)
			build->row_line = line;
		if (!in_row && line_is_remark(text + at, line_size, build->sheet->delimiter)) {
			take_remark(build, text + at, line_size);
			continue;
		}
		for (size_t done = 0; done < line_size;) {
			size_t slice = MIN(line_size - done, (size_t)SLICE);
			size_t taken = csv_parse(parser, text + at + done, slice, on_cell, on_row, build);

			if (taken < slice)
				return build_fail_at(build, text, at + done + taken, text[at + done + taken] == '"' ?
					"a quote in the middle of a cell" : "text after a closing quote", error);
			if (build->refused == NULL && csv_get_buffer_size(parser) > SHEET_CELL_LIMIT + 2 * SLICE)
				build->refused = "a cell is too large";
			if (build->refused != NULL)
				return build_fail(build, build->row_line, 0, build->refused, error);
			done += slice;
		}
		if (build->sheet->rows->len != rows)
			in_row = false;
		else if (!in_row)
			in_row = !line_is_blank(text + at, line_size, build->sheet->delimiter);
	}
	if (csv_fini(parser, on_cell, on_row, build) != 0)
		return build_fail_at(build, text, open_quote(text, length), "a quote is not closed", error);
	if (build->refused != NULL)
		return build_fail(build, build->row_line, 0, build->refused, error);
	return true;
}

/* Excel's first line "sep=;" names the delimiter. Sets *start behind that line. Excel may add empty cells to it when it
 * saves a file anew. */
static bool read_sep_line(struct sheet_build *build, const char *text, size_t length, size_t *start,
	struct error *error)
{
	size_t size = line_length(text, length), end = size, at = 0;
	bool quoted = size != 0 && text[0] == '"';

	at = quoted ? 1 : 0;
	while (end != 0 && (text[end - 1] == '\n' || text[end - 1] == '\r'))
		end--;
	if (end < at + 4 || g_ascii_strncasecmp(text + at, "sep=", 4) != 0)
		return true;
	at += 4;
	if (at == end || strchr(",;\t", text[at]) == NULL)
		return build_fail(build, 1, (unsigned)at + 1, "the 'sep=' line names neither comma, semicolon nor tab", error);
	build->sheet->delimiter = text[at];
	for (at++; at < end; at++)
		if (text[at] != build->sheet->delimiter && !(quoted && text[at] == '"'))
			return build_fail(build, 1, (unsigned)at + 1, "text after the 'sep=' line's delimiter", error);
	*start = size;
	return true;
}

/* The delimiter that stands most often outside quotes in the first row that is not blank and no comment; of equals the
 * one that is rarest within values. */
static char sniff_delimiter(const char *text, size_t length)
{
	static const char candidates[] = "\t;,";
	size_t counts[sizeof candidates] = { 0 }, at = 0, best = 2;
	bool quoted = false;

	while (at < length) {
		size_t size = line_length(text + at, length - at);
		const char *first = text + at;

		while (first < text + at + size && (*first == ' ' || *first == '\t'))
			first++;
		if (!line_is_blank(text + at, size, 0) && *first != '#')
			break;
		at += size;
	}
	for (; at < length && (quoted || (text[at] != '\n' && text[at] != '\r')); at++) {
		const char *found;

		if (text[at] == '"')
			quoted = !quoted;
		else if (!quoted && (found = strchr(candidates, text[at])) != NULL)
			counts[found - candidates]++;
	}
	for (size_t i = 3; i-- > 0;)
		if (counts[i] != 0 && counts[i] >= counts[best])
			best = i;
	return candidates[best];
}

static bool parse_text(struct sheet *sheet, const char *name, const char *text, size_t length, struct error *error)
{
	struct sheet_build build = { .sheet = sheet, .name = name };
	struct csv_parser parser;
	size_t start = 0;
	bool fine;

	if (!read_sep_line(&build, text, length, &start, error))
		return false;
	if (sheet->delimiter == '\0')
		sheet->delimiter = sniff_delimiter(text + start, length - start);
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
		return error_set(error, ERROR_FAILED, "cannot read '%s': the CSV parser did not start", name);
	csv_set_delim(&parser, (unsigned char)sheet->delimiter);
	fine = parse_lines(&build, &parser, text, length, start, error);
	csv_free(&parser);
	return fine;
}

struct sheet *sheet_parse(const char *name, const char *bytes, size_t length, struct error *error)
{
	AUTO(sheet_free) struct sheet *sheet = NULL;
	AUTO(g_string) GString *text = NULL;

	if (length > SHEET_FILE_LIMIT) {
		error_set(error, ERROR_FAILED, "'%s' is larger than %d bytes", name, SHEET_FILE_LIMIT);
		return NULL;
	}
	sheet = g_new0(struct sheet, 1);
	sheet->text = g_string_new(NULL);
	sheet->cells = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	sheet->rows = g_array_new(FALSE, FALSE, sizeof(struct sheet_row));
	sha256_hex(bytes, length, sheet->sha256);
	text = sheet_decode(name, bytes, length, &sheet->encoding, error);
	if (text == NULL || !parse_text(sheet, name, text->str, text->len, error))
		return NULL;
	return AUTO_STEAL(sheet);
}

struct sheet *sheet_read(const char *path, struct error *error)
{
	AUTO(g_free) char *bytes = NULL;
	size_t length;

	if (!file_read(path, SHEET_FILE_LIMIT, &bytes, &length, error))
		return NULL;
	return sheet_parse(strcmp(path, "-") == 0 ? "standard input" : path, bytes, length, error);
}

void sheet_free(struct sheet *sheet)
{
	if (sheet == NULL)
		return;
	g_string_free(sheet->text, TRUE);
	g_array_unref(sheet->cells);
	g_array_unref(sheet->rows);
	g_free(sheet);
}

size_t sheet_rows(const struct sheet *sheet)
{
	return sheet->rows->len;
}

static const struct sheet_row *sheet_row(const struct sheet *sheet, size_t row)
{
	g_assert(row < sheet->rows->len);
	return &g_array_index(sheet->rows, struct sheet_row, row);
}

size_t sheet_cells(const struct sheet *sheet, size_t row)
{
	uint32_t end = row + 1 < sheet->rows->len ? sheet_row(sheet, row + 1)->first : sheet->cells->len;

	return end - sheet_row(sheet, row)->first;
}

const char *sheet_cell(const struct sheet *sheet, size_t row, size_t cell)
{
	if (cell >= sheet_cells(sheet, row))
		return "";
	return sheet->text->str + g_array_index(sheet->cells, uint32_t, sheet_row(sheet, row)->first + cell);
}

unsigned sheet_line(const struct sheet *sheet, size_t row)
{
	return sheet_row(sheet, row)->line;
}

char sheet_delimiter(const struct sheet *sheet)
{
	return sheet->delimiter;
}

const char *sheet_encoding(const struct sheet *sheet)
{
	return sheet->encoding;
}

const char *sheet_sha256(const struct sheet *sheet)
{
	return sheet->sha256;
}

void sheet_append_field(GString *out, const char *text, bool first)
{
	bool formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
	size_t length = strlen(text);
	bool quote = strpbrk(text, "\",;\t\r\n") != NULL || (length == 0 && first) ||
		(length != 0 && (text[0] == ' ' || text[length - 1] == ' '));

	if (!first)
		g_string_append_c(out, ',');
	if (quote)
		g_string_append_c(out, '"');
	if (formula)
		g_string_append_c(out, '\'');
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *at);
	}
	if (quote)
		g_string_append_c(out, '"');
}
