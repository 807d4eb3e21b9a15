/* Text from outside (names, tags, comments, error messages) is hostile: control characters and direction overrides must
 * never reach a terminal. Widths are in terminal columns. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

/* Appends text made safe for a terminal on one line: C0, C1, DEL, line and paragraph separators, bidi controls and
 * invisible format characters as \xNN or \u{NNNN}; bytes that are not UTF-8 as \xNN; a tab or line feed as \t, \n. */
void text_append_safe(GString *out, const char *text, size_t length);

/* Appends text with U+FFFD for each NUL, so that what stands before one does not pass for the whole. */
void text_append_marked(GString *out, const char *text, size_t length);

/* text_append_safe as a new string; the caller frees with g_free. */
char *text_safe(const char *text);

/* Appends a piece of JSON text (whole characters) with those that text_append_safe would not let pass as \uNNNN. */
void text_append_json(GString *out, const char *text, size_t length);

/* Columns that safe UTF-8 text takes: 0 for combining marks, 2 for wide characters. */
size_t text_width(const char *text);

/* Bytes of the longest prefix of text not wider than columns. */
size_t text_fit(const char *text, size_t columns);

/* A line of safe text broken at blanks so that no line is wider than columns, where words let it; further lines are
 * indented two more than the first. The caller frees with g_free. */
char *text_wrap(const char *line, size_t columns);

/* Simple case folding, code point by code point; invalid bytes stay as they are. The caller frees with g_free. */
char *text_fold(const char *text, size_t length);

/* Edit distance, for "did you mean"; case is ignored. */
unsigned text_distance(const char *a, const char *b);

/* The entry of the NULL-terminated list nearest to word, or NULL if none is near enough to be meant. Borrowed. */
const char *text_nearest(const char *word, const char *const *list);

#endif
