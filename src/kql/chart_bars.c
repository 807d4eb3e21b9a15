/* Bars that lie: barchart, piechart. */
#include "config.h"
#include "kql/chart_internal.h"

#include <math.h>
#include <string.h>

#include "core/text.h"

/* Where things stand in a line: label, bar, value. */
struct frame {
	size_t label, bar, value;
	double low, high; /* what the bar's ends mean; low <= 0 <= high */
};

static size_t widest_label(const struct chart *chart, guint labels)
{
	size_t width = 0;

	for (guint n = 0; n < labels; n++)
		width = MAX(width, text_width(chart->labels->pdata[n]));
	return width;
}

static void frame_init(struct frame *frame, const struct chart *chart, guint labels, size_t value)
{
	size_t width = chart->style.width;

	frame->value = MIN(value, width / 2);
	frame->label = MIN(widest_label(chart, labels), MAX(8, width * 2 / 5));
	/* A bar of eight columns at least, if need be at the label's cost. */
	if (frame->label + frame->value + 2 + 8 > width)
		frame->label = width > frame->value + 10 ? MAX(width - frame->value - 10, 4) : 4;
	frame->bar = width > frame->label + frame->value + 2 ? width - frame->label - frame->value - 2 : 1;
}

static guint shown_labels(const struct chart *chart)
{
	return MIN(chart->labels->len, KQL_CHART_BARS);
}

static void tell_rest(const struct chart *chart, GString *out)
{
	if (chart->labels->len > KQL_CHART_BARS)
		g_string_append_printf(out, "(%u not drawn)\n", chart->labels->len - KQL_CHART_BARS);
}

/* A bar to the right, its last column as fine as blocks allow; what is not nothing can be seen. */
static size_t append_right(const struct chart *chart, GString *out, double columns, const char *fill, bool fine)
{
	static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	size_t whole;

	if (!fine || chart->style.ascii) {
		whole = (size_t)lround(columns);
		if (whole == 0 && columns > 0)
			whole = 1;
		chart_repeat(out, fill, whole);
		return whole;
	}
	long parts = lround(columns * 8);

	if (parts == 0 && columns > 0)
		parts = 1;
	whole = (size_t)parts / 8;
	chart_repeat(out, fill, whole);
	g_string_append(out, eighths[parts % 8]);
	return whole + (parts % 8 != 0);
}

/* Around a zero line: falling values to its left. */
static void append_bar(const struct chart *chart, const struct frame *frame, guint series, double value, GString *out)
{
	const char *fill = chart_fill(chart, series);
	bool fine = series == 0 && chart->series->len == 1;
	double range = frame->high - frame->low;
	size_t room = frame->low < 0 ? frame->bar - 1 : frame->bar, left, taken;

	if (frame->low >= 0) {
		taken = isnan(value) || range <= 0 ? 0 : append_right(chart, out, value / range * (double)room, fill, fine);
		chart_repeat(out, " ", room > taken ? room - taken : 0);
		return;
	}
	left = (size_t)lround(-frame->low / range * (double)room);
	taken = value < 0 ? (size_t)lround(-value / range * (double)room) : 0;
	taken = MIN(value < 0 ? MAX(taken, 1) : 0, left);
	chart_repeat(out, " ", left - taken);
	chart_repeat(out, fill, taken);
	g_string_append(out, chart->style.ascii ? "|" : "│");
	taken = value > 0 ? append_right(chart, out, MIN(value / range * (double)room, (double)(room - left)), fill, fine) : 0;
	chart_repeat(out, " ", room - left > taken ? room - left - taken : 0);
}

static double total_of(const struct chart *chart, guint label)
{
	double total = NAN;

	for (guint n = 0; n < chart->series->len; n++) {
		double value = chart_value(chart, n, label);

		if (!isnan(value))
			total = isnan(total) ? value : total + value;
	}
	return total;
}

/* The parts of one bar, each up to where the sum so far ends. */
static void append_stack(const struct chart *chart, const struct frame *frame, guint label, GString *out)
{
	double range = chart->full ? total_of(chart, label) : frame->high, sum = 0;
	size_t at = 0;

	for (guint n = 0; n < chart->series->len && range > 0; n++) {
		double value = chart_value(chart, n, label);
		size_t end;

		sum += isnan(value) ? 0 : value;
		end = MIN((size_t)lround(sum / range * (double)frame->bar), frame->bar);
		chart_repeat(out, chart_fill(chart, n), end - at);
		at = end;
	}
	chart_repeat(out, " ", frame->bar - at);
}

static void append_value(const struct chart *chart, const struct frame *frame, double value, GString *out)
{
	AUTO(g_free) char *text = chart_number(chart, value);

	g_string_append_c(out, ' ');
	chart_pad(out, text, frame->value, true);
	chart_line_end(out);
}

static void draw_stacks(const struct chart *chart, guint labels, GString *out)
{
	struct frame frame = { .high = 0 };
	size_t widest = 1;

	for (guint k = 0; k < labels; k++) {
		AUTO(g_free) char *text = chart_number(chart, total_of(chart, k));

		widest = MAX(widest, strlen(text));
		frame.high = fmax(frame.high, total_of(chart, k));
	}
	frame_init(&frame, chart, labels, widest);
	for (guint k = 0; k < labels; k++) {
		chart_pad(out, chart->labels->pdata[k], frame.label, false);
		g_string_append_c(out, ' ');
		append_stack(chart, &frame, k, out);
		append_value(chart, &frame, total_of(chart, k), out);
	}
}

static void draw_single(const struct chart *chart, guint labels, GString *out)
{
	struct frame frame = { .low = fmin(0, chart->low), .high = fmax(0, chart->high) };
	size_t widest = 1;

	for (guint k = 0; k < labels; k++)
		for (guint n = 0; n < chart->series->len; n++) {
			AUTO(g_free) char *text = chart_number(chart, chart_value(chart, n, k));

			widest = MAX(widest, strlen(text));
		}
	frame_init(&frame, chart, labels, widest);
	for (guint k = 0; k < labels; k++)
		for (guint n = 0; n < chart->series->len; n++) {
			chart_pad(out, n == 0 ? chart->labels->pdata[k] : "", frame.label, false);
			g_string_append_c(out, ' ');
			append_bar(chart, &frame, n, chart_value(chart, n, k), out);
			append_value(chart, &frame, chart_value(chart, n, k), out);
		}
}

void chart_draw_bars(const struct chart *chart, GString *out)
{
	guint labels = shown_labels(chart);

	if (chart->ytitle != NULL)
		chart_heading(chart, chart->ytitle, out);
	if (chart->stacked && chart->series->len > 1 && chart->low >= 0)
		draw_stacks(chart, labels, out);
	else
		draw_single(chart, labels, out);
	tell_rest(chart, out);
	chart_legend(chart, chart_fill, out);
}

/* A pie laid out: each slice with its share of the whole. */
void chart_draw_pie(const struct chart *chart, GString *out)
{
	guint labels = shown_labels(chart);
	const struct chart_series *series = chart->series->pdata[0];
	double whole = series->total > 0 ? series->total : 1;
	struct frame frame = { .high = 0 };
	size_t widest = 1;

	for (guint k = 0; k < labels; k++) {
		AUTO(g_free) char *text = chart_number(chart, chart_value(chart, 0, k));

		widest = MAX(widest, strlen(text));
		frame.high = fmax(frame.high, chart_value(chart, 0, k));
	}
	frame_init(&frame, chart, labels, widest + 8);
	for (guint k = 0; k < labels; k++) {
		double value = chart_value(chart, 0, k);
		AUTO(g_free) char *text = chart_number(chart, value);
		AUTO(g_free) char *shown = g_strdup_printf("%s %6.1f%%", text, isnan(value) ? 0 : value / whole * 100);

		chart_pad(out, chart->labels->pdata[k], frame.label, false);
		g_string_append_c(out, ' ');
		append_bar(chart, &frame, 0, value, out);
		g_string_append_c(out, ' ');
		chart_pad(out, shown, frame.value, true);
		chart_line_end(out);
	}
	tell_rest(chart, out);
}
