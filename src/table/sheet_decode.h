/* The bytes of a table file as UTF-8 text; for sheet.c, and files that are JSON in the same encodings. */
#ifndef TABLE_SHEET_DECODE_H
#define TABLE_SHEET_DECODE_H

#include "core/error.h"

#include <glib.h>

/* By the byte order mark, else UTF-8 if it is valid, else Windows-1252. *encoding is a constant. What cannot be read
 * (lone surrogates, half a UTF-16 unit, bytes that Windows-1252 lacks, a NUL) is an error with line and column. The
 * caller frees. */
GString *sheet_decode(const char *name, const char *bytes, size_t length, const char **encoding, struct error *error);

/* Line and column (from 1, in characters) of the end of the text. LF, CRLF and CR end lines. */
void sheet_position(const char *text, size_t length, unsigned *line, unsigned *column);

#endif
