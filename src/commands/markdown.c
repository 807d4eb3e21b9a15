#include "config.h"
#include "commands/markdown.h"

#include <string.h>

#include "core/auto.h"
#include "core/text.h"

#define CELL_LIMIT 500 /* characters of a cell */

static void append_escaped(GString *out, const char *safe)
{
	for (; *safe != '\0'; safe++)
		switch (*safe) {
		case '&':
			g_string_append(out, "&amp;");
			break;
		case '<':
			g_string_append(out, "&lt;");
			break;
		case '>':
			g_string_append(out, "&gt;");
			break;
		case ':':
			/* a bare address becomes a link, to wherever its author wants */
			g_string_append(out, safe[1] == '/' && safe[2] == '/' ? "&#58;" : ":");
			break;
		default:
			if (strchr("\\`*_[]|~#!$", *safe) != NULL)
				g_string_append_c(out, '\\');
			g_string_append_c(out, *safe);
		}
}

void markdown_text(GString *out, const char *text, size_t limit)
{
	AUTO(g_string) GString *safe = g_string_new(NULL);
	AUTO(g_free) char *valid = text != NULL ? g_utf8_make_valid(text, -1) : NULL;
	size_t length;

	if (text == NULL)
		return;
	length = (size_t)g_utf8_strlen(valid, -1);
	if (limit > 0 && length > limit)
		*g_utf8_offset_to_pointer(valid, (glong)limit) = '\0';
	text_append_safe(safe, valid, strlen(valid));
	/* blanks at the ends, and a mark that begins a list or a heading, would not show as they are */
	if (out->len > 0 && out->str[out->len - 1] == '\n' && strchr("+-=", safe->str[0]) != NULL && safe->str[0] != '\0')
		g_string_append_c(out, '\\');
	append_escaped(out, safe->str);
	if (limit > 0 && length > limit)
		g_string_append_printf(out, " (cut: %zu characters in all)", length);
}

void markdown_code(GString *out, const char *text)
{
	AUTO(g_string) GString *safe = g_string_new(NULL);

	if (text == NULL || text[0] == '\0')
		return;
	text_append_safe(safe, text, strlen(text));
	g_string_append_c(out, '`');
	for (const char *c = safe->str; *c != '\0'; c++)
		if (*c == '|')
			g_string_append(out, "\\|"); /* a table's cell ends even within code */
		else
			g_string_append_c(out, *c == '`' ? '\'' : *c);
	g_string_append_c(out, '`');
}

void markdown_table(GString *out, const char *const *titles)
{
	size_t columns = 0;

	for (; titles[columns] != NULL; columns++)
		g_string_append_printf(out, "| %s ", titles[columns]);
	g_string_append(out, "|\n");
	while (columns-- > 0)
		g_string_append(out, "|---");
	g_string_append(out, "|\n");
}

void markdown_cell(GString *out, const char *text)
{
	g_string_append(out, "| ");
	markdown_text(out, text, CELL_LIMIT);
	g_string_append_c(out, ' ');
}

void markdown_cell_code(GString *out, const char *text)
{
	g_string_append(out, "| ");
	markdown_code(out, text);
	g_string_append_c(out, ' ');
}

void markdown_cell_number(GString *out, size_t number)
{
	g_string_append_printf(out, "| %zu ", number);
}

void markdown_row_end(GString *out)
{
	g_string_append(out, "|\n");
}
