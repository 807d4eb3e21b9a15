/* Lines, areas and points: timechart and its kin. */
#include "config.h"
#include "kql/chart_internal.h"

#include <math.h>
#include <string.h>

#include "core/isotime.h"
#include "core/text.h"

struct point {
	double x, y;
};

struct plot {
	const struct chart *chart;
	struct chart_grid grid;
	double low, high;   /* what bottom and top mean */
	double left, right; /* what the sides mean */
	bool filled;        /* one series: down to the zero line */
};

static int by_x(const void *a, const void *b)
{
	const struct point *left = a, *right = b;

	return left->x < right->x ? -1 : left->x > right->x;
}

/* Of a series, by x; rows without a place or a value are left out. */
static GArray *points_of(const struct chart *chart, guint series)
{
	GArray *points = g_array_new(FALSE, FALSE, sizeof(struct point));

	for (guint k = 0; k < chart->labels->len; k++) {
		struct point point = { g_array_index(chart->places, double, k), chart_value(chart, series, k) };

		if (!isnan(point.x) && !isnan(point.y))
			g_array_append_val(points, point);
	}
	if (points->len > 1)
		qsort(points->data, points->len, sizeof(struct point), by_x);
	return points;
}

/* In columns of the grid, not rounded. */
static double place_x(const struct plot *plot, double x)
{
	if (plot->right <= plot->left)
		return (double)(plot->grid.width - 1) / 2;
	return (x - plot->left) / (plot->right - plot->left) * (double)(plot->grid.width - 1);
}

/* In rows above the bottom, not rounded. */
static double place_y(const struct plot *plot, double y)
{
	return (y - plot->low) / (plot->high - plot->low) * (double)plot->grid.height;
}

static size_t row_at(const struct plot *plot, double y)
{
	double row = floor(CLAMP(place_y(plot, y), 0, (double)plot->grid.height - 0.001));

	return plot->grid.height - 1 - (size_t)row;
}

/* A column filled from the zero line to y. */
static void put_area(struct plot *plot, size_t column, double y)
{
	static const char *const eighths[] = { "", "▁", "▂", "▃", "▄", "▅", "▆", "▇" };
	const char *fill = chart_fill(plot->chart, 0);
	double zero = place_y(plot, CLAMP(0, plot->low, plot->high)), top = place_y(plot, CLAMP(y, plot->low, plot->high));
	size_t height = plot->grid.height, from = (size_t)lround(zero), whole;
	long parts = lround(fabs(top - (double)from) * 8);

	if (top < zero || plot->chart->style.ascii) {
		size_t to = (size_t)lround(top);

		if (to == from && y != 0)
			to = y > 0 || from == 0 ? from + 1 : from - 1;
		for (size_t n = MIN(from, to); n < MAX(from, to); n++)
			chart_grid_put(&plot->grid, height - 1 - n, column, fill);
		return;
	}
	if (parts == 0 && y > 0)
		parts = 1;
	whole = (size_t)parts / 8;
	for (size_t n = 0; n < whole; n++)
		chart_grid_put(&plot->grid, height - 1 - from - n, column, fill);
	if (parts % 8 != 0)
		chart_grid_put(&plot->grid, height - 1 - from - whole, column, eighths[parts % 8]);
}

static void put_point(struct plot *plot, size_t column, double y, guint series)
{
	if (plot->filled)
		put_area(plot, column, y);
	else
		chart_grid_put(&plot->grid, row_at(plot, y), column, chart_marker(plot->chart, series));
}

/* From one point to the next, column by column. */
static void put_stretch(struct plot *plot, const struct point *from, const struct point *to, guint series)
{
	size_t first = (size_t)lround(place_x(plot, from->x)), last = (size_t)lround(place_x(plot, to->x));

	for (size_t column = first + 1; column < last; column++)
		put_point(plot, column, from->y + (to->y - from->y) * (double)(column - first) / (double)(last - first), series);
}

/* Where several points fall into one column, a filled one shows the largest, a line all of them. */
static void put_series(struct plot *plot, guint series, bool stretches)
{
	AUTO(g_array_unref) GArray *points = points_of(plot->chart, series);
	AUTO(g_free) double *most = g_new(double, plot->grid.width);

	for (size_t n = 0; n < plot->grid.width; n++)
		most[n] = NAN;
	for (guint n = 0; n < points->len; n++) {
		const struct point *point = &g_array_index(points, struct point, n);
		size_t column = (size_t)lround(place_x(plot, point->x));

		if (stretches && n > 0)
			put_stretch(plot, point - 1, point, series);
		if (column >= plot->grid.width || (plot->filled && fabs(point->y) < fabs(most[column])))
			continue;
		most[column] = point->y;
		put_point(plot, column, point->y, series);
	}
}

static char *x_text(const struct chart *chart, double x)
{
	char text[ISOTIME_SIZE];
	struct chart numbers = { .spans = false };

	if (!chart->ordered)
		return g_strdup(chart->labels->pdata[MIN((guint)x, chart->labels->len - 1)]);
	if (!chart->timed)
		return chart_number(&numbers, x);
	isotime_format((int64_t)x, text);
	text[10] = ' ';
	text[(int64_t)x % ISOTIME_TICKS_PER_DAY == 0 ? 10 : 16] = '\0';
	return g_strdup(text);
}

static void print_axis(const struct plot *plot, size_t label_width, GString *out)
{
	const struct chart *chart = plot->chart;
	AUTO(g_free) char *left = x_text(chart, plot->left);
	AUTO(g_free) char *right = x_text(chart, plot->right);
	size_t width = plot->grid.width, room = width / 2 - 1, taken;

	chart_repeat(out, " ", label_width + 1);
	g_string_append(out, chart->style.ascii ? "+" : "└");
	chart_repeat(out, chart->style.ascii ? "-" : "─", width);
	chart_line_end(out);
	chart_repeat(out, " ", label_width + 2);
	taken = MIN(text_width(left), room);
	chart_pad(out, left, taken, false);
	if (plot->right > plot->left)
		chart_pad(out, right, width - taken, true);
	chart_line_end(out);
	if (chart->xtitle != NULL)
		chart_heading(chart, chart->xtitle, out);
}

/* A line a series: its sign, name, largest and last value. */
static void print_series(const struct plot *plot, GString *out)
{
	const struct chart *chart = plot->chart;
	size_t widest = 0;

	for (guint n = 0; n < chart->series->len; n++)
		widest = MAX(widest, text_width(chart_series_name(chart, n)));
	for (guint n = 0; n < chart->series->len && chart->legend; n++) {
		AUTO(g_array_unref) GArray *points = points_of(chart, n);
		double most = NAN, last = NAN;
		AUTO(g_free) char *most_text = NULL;
		AUTO(g_free) char *last_text = NULL;
		AUTO(g_free) char *values = NULL;
		size_t room;

		for (guint k = 0; k < points->len; k++) {
			last = g_array_index(points, struct point, k).y;
			most = fmax(most, last);
		}
		most_text = chart_number(chart, most);
		last_text = chart_number(chart, last);
		values = g_strdup_printf("  highest %s, last %s", most_text, last_text);
		room = chart->style.width - 2 - MIN(strlen(values), chart->style.width / 2);
		g_string_append_printf(out, "%s ", plot->filled ? chart_fill(chart, n) : chart_marker(chart, n));
		chart_pad(out, chart_series_name(chart, n), MIN(widest, room), false);
		g_string_append_len(out, values, (gssize)text_fit(values, chart->style.width - 2 - MIN(widest, room)));
		chart_line_end(out);
	}
}

/* Zero belongs to the picture unless the query says which part it wants. */
static void plot_range(struct plot *plot)
{
	const struct chart *chart = plot->chart;

	plot->low = !isnan(chart->ymin) ? chart->ymin : fmin(0, chart->low);
	plot->high = !isnan(chart->ymax) ? chart->ymax : fmax(0, chart->high);
	if (plot->high <= plot->low)
		plot->high = plot->low + 1;
	plot->left = plot->right = NAN;
	for (guint n = 0; n < chart->places->len; n++) {
		plot->left = fmin(plot->left, g_array_index(chart->places, double, n));
		plot->right = fmax(plot->right, g_array_index(chart->places, double, n));
	}
	/* Only rows without a place: nothing is put, the axis is 0. */
	if (isnan(plot->left))
		plot->left = plot->right = 0;
}

void chart_draw_plot(const struct chart *chart, bool points, GString *out)
{
	struct plot plot = { .chart = chart, .filled = !points && chart->series->len == 1 };
	char *labels[CHART_HEIGHT] = { NULL };
	size_t label_width = 0, zero;

	plot_range(&plot);
	labels[0] = chart_number(chart, plot.high);
	labels[CHART_HEIGHT - 1] = chart_number(chart, plot.low);
	plot.grid.height = CHART_HEIGHT;
	zero = row_at(&plot, 0);
	if (plot.low < 0 && plot.high > 0 && labels[zero] == NULL)
		labels[zero] = g_strdup("0");
	else if (labels[CHART_HEIGHT / 2] == NULL && !chart->spans)
		labels[CHART_HEIGHT / 2] = chart_number(chart, plot.low + (plot.high - plot.low) *
			(double)(CHART_HEIGHT - CHART_HEIGHT / 2) / CHART_HEIGHT);
	for (size_t n = 0; n < CHART_HEIGHT; n++)
		label_width = MAX(label_width, labels[n] != NULL ? strlen(labels[n]) : 0);
	label_width = MIN(label_width, chart->style.width / 2);
	chart_grid_init(&plot.grid, chart->style.width - label_width - 2, CHART_HEIGHT);
	for (guint n = chart->series->len; n > 0; n--)
		put_series(&plot, n - 1, !points);
	if (chart->ytitle != NULL)
		chart_line(chart, chart->ytitle, out);
	chart_grid_print(chart, &plot.grid, labels, label_width, out);
	print_axis(&plot, label_width, out);
	print_series(&plot, out);
	for (size_t n = 0; n < CHART_HEIGHT; n++)
		g_free(labels[n]);
	chart_grid_clear(&plot.grid);
}
