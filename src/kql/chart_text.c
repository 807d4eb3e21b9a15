/* Pieces of text that all charts share. */
#include "config.h"
#include "kql/chart_internal.h"

#include <math.h>
#include <string.h>

#include "core/text.h"
#include "kql/literal.h"

static const char *const fills[KQL_CHART_SERIES] = { "█", "▓", "▒", "░", "▚", "▤", "▥", "▦", "▧", "▨", "▩", "▞" };
static const char *const ascii_fills[KQL_CHART_SERIES] = { "#", "=", "+", "-", "*", "o", ":", "%", "@", "x", "~", "." };
static const char *const markers[KQL_CHART_SERIES] = { "●", "■", "▲", "◆", "○", "□", "△", "◇", "x", "+", "*", "%" };
static const char *const ascii_markers[KQL_CHART_SERIES] = { "*", "o", "x", "+", "#", "@", "%", "=", "&", "$", "~", "?" };

const char *chart_fill(const struct chart *chart, guint series)
{
	return chart->style.ascii ? ascii_fills[series % KQL_CHART_SERIES] : fills[series % KQL_CHART_SERIES];
}

const char *chart_marker(const struct chart *chart, guint series)
{
	return chart->style.ascii ? ascii_markers[series % KQL_CHART_SERIES] : markers[series % KQL_CHART_SERIES];
}

char *chart_number(const struct chart *chart, double value)
{
	AUTO(g_string) GString *span = NULL;
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	if (isnan(value))
		return g_strdup("-");
	if (chart->spans && fabs(value) < 9e18) {
		span = g_string_new(NULL);
		kql_append_timespan(span, (int64_t)value);
		return g_strdup(span->str);
	}
	if (fabs(value) >= 1e15 || (value != 0 && fabs(value) < 1e-4))
		return g_strdup(g_ascii_formatd(text, sizeof text, "%.6g", value));
	g_ascii_formatd(text, sizeof text, "%.4f", value);
	for (size_t end = strlen(text); end > 0 && (text[end - 1] == '0' || text[end - 1] == '.'); end--) {
		bool point = text[end - 1] == '.';

		text[end - 1] = '\0';
		if (point)
			break;
	}
	return g_strdup(strcmp(text, "-0") == 0 ? "0" : text);
}

void chart_repeat(GString *out, const char *text, size_t count)
{
	while (count-- > 0)
		g_string_append(out, text);
}

void chart_pad(GString *out, const char *text, size_t width, bool right)
{
	size_t taken = text_width(text), cut;

	if (taken > width) {
		cut = width > 0 ? text_fit(text, width - 1) : 0;
		taken = width;
		AUTO(g_free) char *part = g_strndup(text, cut);

		g_string_append(out, part);
		/* A wide character that is cut in half leaves a column. */
		if (width > 0)
			chart_repeat(out, " ", width - 1 - text_width(part));
		if (width > 0)
			g_string_append_c(out, '~');
		return;
	}
	if (right)
		chart_repeat(out, " ", width - taken);
	g_string_append(out, text);
	if (!right)
		chart_repeat(out, " ", width - taken);
}

void chart_line_end(GString *out)
{
	while (out->len > 0 && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
	g_string_append_c(out, '\n');
}

void chart_heading(const struct chart *chart, const char *text, GString *out)
{
	size_t width = MIN(text_width(text), chart->style.width);

	chart_repeat(out, " ", (chart->style.width - width) / 2);
	chart_pad(out, text, width, false);
	chart_line_end(out);
}

void chart_line(const struct chart *chart, const char *text, GString *out)
{
	AUTO(g_free) char *wrapped = text_wrap(text, chart->style.width);
	AUTO(g_strfreev) char **lines = g_strsplit(wrapped, "\n", -1);

	for (size_t n = 0; lines[n] != NULL; n++) {
		chart_pad(out, lines[n], MIN(text_width(lines[n]), chart->style.width), false);
		chart_line_end(out);
	}
}

void chart_legend(const struct chart *chart, const char *(*sign)(const struct chart *, guint), GString *out)
{
	size_t column = 0;

	if (!chart->legend || chart->series->len < 2)
		return;
	for (guint n = 0; n < chart->series->len; n++) {
		const char *name = chart_series_name(chart, n);
		size_t width = MIN(text_width(name), chart->style.width - 4);

		if (column > 0 && column + 4 + width > chart->style.width) {
			chart_line_end(out);
			column = 0;
		}
		g_string_append_printf(out, "%s%s ", column > 0 ? "  " : "", sign(chart, n));
		chart_pad(out, name, width, false);
		column += width + (column > 0 ? 4 : 2);
	}
	chart_line_end(out);
}

/* ---- grids */

void chart_grid_init(struct chart_grid *grid, size_t width, size_t height)
{
	grid->width = width;
	grid->height = height;
	grid->cells = g_new(gunichar, width * height + 1);
	for (size_t n = 0; n < width * height; n++)
		grid->cells[n] = ' ';
}

void chart_grid_clear(struct chart_grid *grid)
{
	g_free(grid->cells);
}

void chart_grid_put(struct chart_grid *grid, size_t row, size_t column, const char *sign)
{
	if (row < grid->height && column < grid->width)
		grid->cells[row * grid->width + column] = g_utf8_get_char(sign);
}

void chart_grid_print(const struct chart *chart, const struct chart_grid *grid, char *const *labels, size_t label_width,
	GString *out)
{
	for (size_t row = 0; row < grid->height; row++) {
		chart_pad(out, labels[row] != NULL ? labels[row] : "", label_width, true);
		g_string_append(out, chart->style.ascii ? " |" : labels[row] != NULL ? " ┤" : " │");
		for (size_t n = 0; n < grid->width; n++)
			g_string_append_unichar(out, grid->cells[row * grid->width + n]);
		chart_line_end(out);
	}
}
