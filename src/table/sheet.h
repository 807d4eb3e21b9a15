/* Table files as people have them (contract, section 2, `--csv`): comma, semicolon or tab; quotes; UTF-8 with or without
 * BOM, UTF-16 with BOM, else Windows-1252; LF, CRLF or CR; a `sep=` line. Cells come out as UTF-8 text with the line on
 * which their row began. Whether the first row is a title row is not decided here. */
#ifndef TABLE_SHEET_H
#define TABLE_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/auto.h"
#include "core/error.h"

#define SHEET_FILE_LIMIT (256 * 1024 * 1024) /* bytes */
#define SHEET_CELL_LIMIT (1024 * 1024)       /* bytes */
#define SHEET_COLUMNS_LIMIT 4096

struct sheet;

/* name is for messages; bytes are the file. A fault (an open quote, a NUL, a cell too large) has its line and column. */
struct sheet *sheet_parse(const char *name, const char *bytes, size_t length, struct error *error);
/* path "-" is standard input. */
struct sheet *sheet_read(const char *path, struct error *error);
void sheet_free(struct sheet *sheet);
AUTO_DEFINE(sheet_free, struct sheet *)

size_t sheet_rows(const struct sheet *sheet);           /* blank lines are no rows */
size_t sheet_cells(const struct sheet *sheet, size_t row); /* rows may be ragged */
/* "" beyond the row's end. Spaces and tabs around a cell are dropped unless it is quoted. Borrowed. */
const char *sheet_cell(const struct sheet *sheet, size_t row, size_t cell);
unsigned sheet_line(const struct sheet *sheet, size_t row); /* from 1, in the file */
char sheet_delimiter(const struct sheet *sheet);            /* ',', ';' or '\t' */
const char *sheet_encoding(const struct sheet *sheet);      /* "UTF-8", "UTF-16LE", ... */
/* SHA-256 of the file's bytes, hex. */
const char *sheet_sha256(const struct sheet *sheet);

/* Writing: appends one CSV field, quoted where needed; a text that a spreadsheet would run as a formula (= + - @ TAB CR
 * first) gets a leading apostrophe. */
#include <glib.h>
void sheet_append_field(GString *out, const char *text, bool first);

#endif
