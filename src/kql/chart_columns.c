/* Bars that stand: columnchart. */
#include "config.h"
#include "kql/chart_internal.h"

#include <math.h>
#include <string.h>

#include "core/text.h"

struct layout {
	double low, high;   /* what the grid's bottom and top mean; low <= 0 <= high */
	size_t above;       /* grid rows above zero */
	size_t wide;        /* columns of one bar */
	size_t group;       /* columns of a label's bars and the gap behind */
	guint bars;         /* of a label */
	bool labels, values; /* they fit at their places; else they are listed below */
};

static double top_of(const struct chart *chart, guint label)
{
	double sum = 0;

	for (guint n = 0; n < chart->series->len; n++)
		sum += isnan(chart_value(chart, n, label)) ? 0 : chart_value(chart, n, label);
	return sum;
}

static bool is_stacked(const struct chart *chart)
{
	return chart->stacked && chart->series->len > 1 && chart->low >= 0;
}

static size_t number_width(const struct chart *chart, double value)
{
	AUTO(g_free) char *text = chart_number(chart, value);

	return strlen(text);
}

static bool layout_init(struct layout *layout, const struct chart *chart, size_t plot)
{
	guint labels = chart->labels->len;

	layout->bars = is_stacked(chart) ? 1 : chart->series->len;
	if (labels == 0 || (layout->bars + 1) * (size_t)labels > plot + 1)
		return false;
	layout->wide = CLAMP((plot / labels - 1) / layout->bars, 1, 9);
	layout->group = layout->wide * layout->bars + 1;
	layout->above = CHART_HEIGHT;
	if (layout->low < 0)
		layout->above = (size_t)CLAMP(lround(CHART_HEIGHT * layout->high / (layout->high - layout->low)), 0,
			CHART_HEIGHT - 1);
	layout->labels = layout->values = true;
	for (guint k = 0; k < labels; k++) {
		layout->labels = layout->labels && text_width(chart->labels->pdata[k]) < layout->group;
		for (guint n = 0; n < layout->bars; n++)
			layout->values = layout->values && number_width(chart, is_stacked(chart) ? top_of(chart, k) :
				chart_value(chart, n, k)) <= layout->wide;
	}
	return true;
}

/* One bar from the zero line; returns the row above it. */
static size_t put_bar(const struct chart *chart, const struct layout *layout, struct chart_grid *grid, size_t column,
	guint series, double from, double value)
{
	static const char *const eighths[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇" };
	double scale = value >= 0 ? (double)layout->above / layout->high :
		(double)(CHART_HEIGHT - layout->above) / -layout->low;
	bool fine = chart->series->len == 1 && !chart->style.ascii;
	size_t zero = layout->above + 1; /* a row on top is kept for values */
	long parts = value >= 0 ? lround(fabs(value) * scale * (fine ? 8 : 1)) : lround(fabs(value) * scale);
	size_t start = (size_t)lround(from * scale), whole;

	if (isnan(value) || value == 0)
		return zero - 1 - start;
	if (parts == 0 && from == 0)
		parts = 1;
	whole = (size_t)(fine && value > 0 ? parts / 8 : parts);
	for (size_t k = 0; k < layout->wide; k++) {
		for (size_t n = value > 0 ? start : 0; n < whole; n++)
			chart_grid_put(grid, value > 0 ? zero - 1 - n : zero + n, column + k, chart_fill(chart, series));
		if (fine && value > 0 && parts % 8 != 0)
			chart_grid_put(grid, zero - 1 - whole, column + k, eighths[parts % 8]);
	}
	if (value < 0)
		return zero - 1;
	return zero - 1 - whole - (fine && parts % 8 != 0 ? 1 : 0);
}

static void put_value(const struct chart *chart, const struct layout *layout, struct chart_grid *grid, size_t row,
	size_t column, double value)
{
	AUTO(g_free) char *text = chart_number(chart, value);
	size_t from = column + (layout->wide - MIN(strlen(text), layout->wide)) / 2;
	char sign[2] = "";

	for (size_t n = 0; layout->values && text[n] != '\0'; n++) {
		sign[0] = text[n];
		chart_grid_put(grid, row, from + n, sign);
	}
}

static void put_label(const struct chart *chart, const struct layout *layout, struct chart_grid *grid, guint label)
{
	size_t column = label * layout->group, row = 0;
	double sum = 0, whole = top_of(chart, label);

	for (guint n = 0; n < chart->series->len; n++) {
		double value = chart_value(chart, n, label), scale = chart->full && whole > 0 ? layout->high / whole : 1;

		if (!is_stacked(chart)) {
			row = put_bar(chart, layout, grid, column + n * layout->wide, n, 0, value);
			put_value(chart, layout, grid, row, column + n * layout->wide, value);
			continue;
		}
		if (isnan(value))
			continue;
		row = put_bar(chart, layout, grid, column, n, sum * scale, (sum + value) * scale);
		sum += value;
	}
	if (is_stacked(chart))
		put_value(chart, layout, grid, row, column, whole);
}

static void print_axis(const struct chart *chart, const struct layout *layout, size_t label_width, size_t plot,
	GString *out)
{
	AUTO(g_free) char *number = NULL;

	chart_repeat(out, " ", label_width + 1);
	g_string_append(out, chart->style.ascii ? "+" : "└");
	chart_repeat(out, chart->style.ascii ? "-" : "─", MIN(plot, layout->group * chart->labels->len));
	chart_line_end(out);
	chart_repeat(out, " ", label_width + 2);
	for (guint k = 0; k < chart->labels->len; k++) {
		g_free(number);
		number = g_strdup_printf("%u", k + 1);
		if (layout->labels)
			chart_pad(out, chart->labels->pdata[k], layout->group, false);
		else
			chart_pad(out, strlen(number) < layout->group ? number : "", layout->group, false);
	}
	chart_line_end(out);
	if (chart->xtitle != NULL)
		chart_heading(chart, chart->xtitle, out);
}

/* "3 label: 42", where there was no room for it in the chart. */
static void print_key(const struct chart *chart, const struct layout *layout, GString *out)
{
	AUTO(g_string) GString *values = g_string_new(NULL);

	for (guint k = 0; (!layout->labels || !layout->values) && k < chart->labels->len; k++) {
		AUTO(g_free) char *number = layout->labels ? g_strdup("") : g_strdup_printf("%u  ", k + 1);
		size_t room = chart->style.width - strlen(number);

		g_string_assign(values, ": ");
		for (guint n = 0; n < chart->series->len; n++) {
			AUTO(g_free) char *text = chart_number(chart, chart_value(chart, n, k));

			g_string_append_printf(values, "%s%s%s%s", n > 0 ? ", " : "", chart->series->len > 1 ?
				chart_series_name(chart, n) : "", chart->series->len > 1 ? " " : "", text);
		}
		g_string_truncate(values, text_fit(values->str, room / 2));
		g_string_append(out, number);
		chart_pad(out, chart->labels->pdata[k], MIN(text_width(chart->labels->pdata[k]),
			room - text_width(values->str)), false);
		g_string_append(out, values->str);
		chart_line_end(out);
	}
}

bool chart_draw_columns(const struct chart *chart, GString *out)
{
	struct layout layout = { .low = fmin(0, chart->low), .high = fmax(0, chart->high) };
	char *labels[CHART_HEIGHT + 2] = { NULL };
	struct chart_grid grid;
	size_t label_width, plot, height;

	for (guint k = 0; is_stacked(chart) && k < chart->labels->len; k++)
		layout.high = fmax(layout.high, top_of(chart, k));
	if (layout.high <= layout.low)
		layout.high = layout.low + 1;
	label_width = MAX(number_width(chart, layout.high), number_width(chart, layout.low));
	if (label_width + 2 + 8 > chart->style.width)
		return false;
	plot = chart->style.width - label_width - 2;
	if (!layout_init(&layout, chart, plot))
		return false;
	if (chart->ytitle != NULL)
		chart_line(chart, chart->ytitle, out);
	height = CHART_HEIGHT + 1;
	chart_grid_init(&grid, plot, height);
	for (guint k = 0; k < chart->labels->len; k++)
		put_label(chart, &layout, &grid, k);
	labels[1] = layout.above > 0 ? chart_number(chart, layout.high) : NULL;
	if (layout.low < 0) {
		labels[height - 1] = chart_number(chart, layout.low);
		if (labels[layout.above] == NULL)
			labels[layout.above] = g_strdup("0");
	}
	chart_grid_print(chart, &grid, labels, label_width, out);
	for (size_t n = 0; n < G_N_ELEMENTS(labels); n++)
		g_free(labels[n]);
	chart_grid_clear(&grid);
	print_axis(chart, &layout, label_width, plot, out);
	print_key(chart, &layout, out);
	chart_legend(chart, chart_fill, out);
	return true;
}
