/* Only for chart*.c. */
#ifndef KQL_CHART_INTERNAL_H
#define KQL_CHART_INTERNAL_H

#include "kql/chart.h"

/* Rows of charts that stand upright, without axis and labels. */
#define CHART_HEIGHT 12

struct chart_series {
	char *name;     /* safe text */
	double *values; /* by label; NAN where there is none */
	double total;   /* of the values' sizes */
};

struct chart {
	struct kql_chart_style style;
	const char *kind;
	char *title, *xtitle, *ytitle; /* safe text or NULL */
	bool stacked, full;       /* kind=stacked, stacked100 */
	bool legend;
	GPtrArray *labels;        /* char *: safe text, in the order of the rows */
	GArray *places;           /* double, by label: its x if that is a time or a number; else its number */
	bool timed;               /* places are ticks */
	bool ordered;             /* places are times or numbers */
	GPtrArray *series;        /* struct chart_series */
	guint series_left_out;
	bool spans;               /* values are timespans */
	double low, high;         /* of all values; both NAN if there are none */
	double ymin, ymax;        /* as asked for, or NAN */
};

static inline double chart_value(const struct chart *chart, guint series, guint label)
{
	return ((struct chart_series *)chart->series->pdata[series])->values[label];
}

static inline const char *chart_series_name(const struct chart *chart, guint series)
{
	return ((struct chart_series *)chart->series->pdata[series])->name;
}

/* A value for people: at most 4 decimals; "-" for none. The caller frees with g_free. */
char *chart_number(const struct chart *chart, double value);
/* What fills the bars of a series, what marks its line. One column wide. */
const char *chart_fill(const struct chart *chart, guint series);
const char *chart_marker(const struct chart *chart, guint series);
/* Appends count times. */
void chart_repeat(GString *out, const char *text, size_t count);
/* Appends text in exactly width columns: cut with a ~, or padded behind (before, if right). */
void chart_pad(GString *out, const char *text, size_t width, bool right);
void chart_heading(const struct chart *chart, const char *text, GString *out);
/* A line of text, broken to the width. */
void chart_line(const struct chart *chart, const char *text, GString *out);
/* A line per series, or several in one; nothing for a single one. */
void chart_legend(const struct chart *chart, const char *(*sign)(const struct chart *, guint), GString *out);
/* Ends a line: blanks at its end go. */
void chart_line_end(GString *out);

void chart_draw_bars(const struct chart *chart, GString *out);
void chart_draw_pie(const struct chart *chart, GString *out);
/* False if the columns do not fit the width. */
bool chart_draw_columns(const struct chart *chart, GString *out);
void chart_draw_plot(const struct chart *chart, bool points, GString *out);

/* ---- a grid of signs, for what stands upright */
struct chart_grid {
	size_t width, height;
	gunichar *cells;
};

void chart_grid_init(struct chart_grid *grid, size_t width, size_t height);
void chart_grid_clear(struct chart_grid *grid);
/* Ignores what is outside. */
void chart_grid_put(struct chart_grid *grid, size_t row, size_t column, const char *sign);
/* The grid with an axis at its left: labels by row (NULL entries: none), right-aligned in label_width. */
void chart_grid_print(const struct chart *chart, const struct chart_grid *grid, char *const *labels, size_t label_width,
	GString *out);

#endif
