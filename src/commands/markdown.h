/* Text of any origin within Markdown (GitHub's and CommonMark): it shows as it is, and does nothing. */
#ifndef COMMANDS_MARKDOWN_H
#define COMMANDS_MARKDOWN_H

#include <glib.h>

/* Appends text for a line or a table's cell: what has a meaning in Markdown or HTML is escaped, control and direction
 * characters are written out, a line feed is `\n`. Of a long one at most limit characters are shown, and that it was cut;
 * 0: all. NULL is nothing. */
void markdown_text(GString *out, const char *text, size_t limit);
/* The same as code, to be copied: a job's id, a command. */
void markdown_code(GString *out, const char *text);

/* A table: titles NULL-terminated. Then cells one by one with markdown_cell. */
void markdown_table(GString *out, const char *const *titles);
/* Appends "| text "; the row ends with markdown_row_end. */
void markdown_cell(GString *out, const char *text);
void markdown_cell_code(GString *out, const char *text);
void markdown_cell_number(GString *out, size_t number);
void markdown_row_end(GString *out);

#endif
