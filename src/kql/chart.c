/* What a chart shows: columns, labels and series of a table. */
#include "config.h"
#include "kql/chart_internal.h"

#include <math.h>
#include <string.h>

#include "core/isotime.h"
#include "core/text.h"
#include "kql/literal.h"
#include "kql/parser.h"

enum chart_form { FORM_TABLE, FORM_BARS, FORM_COLUMNS, FORM_PIE, FORM_LINES, FORM_POINTS, FORM_CARD, FORM_NONE };

/* All kinds that the language knows; those without a form are drawn by none but a browser. */
static const struct {
	const char *name;
	enum chart_form form;
} kinds[] = {
	{ "anomalychart", FORM_LINES }, { "areachart", FORM_LINES }, { "barchart", FORM_BARS }, { "card", FORM_CARD },
	{ "columnchart", FORM_COLUMNS }, { "graph", FORM_NONE }, { "ladderchart", FORM_NONE }, { "linechart", FORM_LINES },
	{ "piechart", FORM_PIE }, { "pivotchart", FORM_NONE }, { "plotly", FORM_NONE }, { "scatterchart", FORM_POINTS },
	{ "stackedareachart", FORM_LINES }, { "table", FORM_TABLE }, { "timechart", FORM_LINES },
	{ "timeline", FORM_NONE }, { "timepivot", FORM_NONE }, { "treemap", FORM_PIE },
};

static int kind_find(const char *name)
{
	for (size_t n = 0; n < G_N_ELEMENTS(kinds); n++)
		if (g_ascii_strcasecmp(kinds[n].name, name) == 0)
			return (int)n;
	return -1;
}

static const struct kql_render_property *property_find(const struct kql_render *render, const char *name)
{
	for (size_t n = 0; n < render->count; n++)
		if (g_ascii_strcasecmp(render->properties[n].name, name) == 0)
			return &render->properties[n];
	return NULL;
}

static const char *property_text(const struct kql_render *render, const char *name)
{
	const struct kql_render_property *property = property_find(render, name);

	return property != NULL ? property->values[0] : NULL;
}

static bool names_columns(const char *property)
{
	static const char *const names[] = { "xcolumn", "ycolumns", "series", "anomalycolumns" };

	for (size_t n = 0; n < G_N_ELEMENTS(names); n++)
		if (g_ascii_strcasecmp(names[n], property) == 0)
			return true;
	return false;
}

bool kql_chart_check(const char *text, const struct kql_render *render, const struct kql_schema *schema,
	struct error *error)
{
	const char *names[G_N_ELEMENTS(kinds) + 1] = { NULL }, *near;

	for (size_t n = 0; n < G_N_ELEMENTS(kinds); n++)
		names[n] = kinds[n].name;
	if (kind_find(render->kind) < 0) {
		AUTO(g_free) char *all = g_strjoinv(", ", (char **)(void *)names);

		near = text_nearest(render->kind, names);
		kql_fault_at(text, render->at, error, "unknown kind of chart '%s'", render->kind);
		if (near != NULL)
			error_hint(error, "did you mean '%s'?", near);
		else
			error_hint(error, "kinds: %s", all);
		return false;
	}
	for (size_t n = 0; n < render->count; n++) {
		const struct kql_render_property *property = &render->properties[n];

		for (size_t k = 0; names_columns(property->name) && property->values[k] != NULL; k++) {
			if (kql_schema_find(schema, property->values[k]) != KQL_NO_COLUMN)
				continue;
			near = kql_schema_nearest(schema, property->values[k]);
			kql_fault_at(text, property->at, error, "'%s' names a column '%s', which the result does not have",
				property->name, property->values[k]);
			if (near != NULL)
				error_hint(error, "did you mean '%s'?", near);
			return false;
		}
	}
	return true;
}

/* ---- which columns are what */

struct columns {
	const struct column *x;  /* NULL: rows have no label */
	GPtrArray *ys, *series;  /* const struct column * */
};

static bool is_number(const struct column *column)
{
	enum column_type type = column_type(column);

	return type == COLUMN_INT || type == COLUMN_LONG || type == COLUMN_REAL || type == COLUMN_TIMESPAN;
}

static void take_named(const struct kql_render *render, const char *name, const struct table *table, GPtrArray *into)
{
	const struct kql_render_property *property = property_find(render, name);

	for (size_t n = 0; property != NULL && property->values[n] != NULL; n++)
		if (table_find(table, property->values[n]) != NULL)
			g_ptr_array_add(into, table_find(table, property->values[n]));
}

static const struct column *choose_x(const struct kql_render *render, const struct table *table, enum chart_form form)
{
	const char *name = property_text(render, "xcolumn");

	if (name != NULL && table_find(table, name) != NULL)
		return table_find(table, name);
	for (size_t n = 0; (form == FORM_LINES || form == FORM_POINTS) && n < table_columns(table); n++)
		if (column_type(table_column(table, n)) == COLUMN_DATETIME)
			return table_column(table, n);
	/* A lone number is a value, not a label. */
	return table_columns(table) > 1 || !is_number(table_column(table, 0)) ? table_column(table, 0) : NULL;
}

/* As the service does where the query does not say: the first column is x (of lines the first datetime), all numbers are
 * values, other texts name the series. */
static void choose_columns(const struct kql_render *render, const struct table *table, enum chart_form form,
	struct columns *columns)
{
	columns->ys = g_ptr_array_new();
	columns->series = g_ptr_array_new();
	columns->x = choose_x(render, table, form);
	take_named(render, "ycolumns", table, columns->ys);
	take_named(render, "series", table, columns->series);
	bool ys = columns->ys->len == 0, series = columns->series->len == 0;

	for (size_t n = 0; n < table_columns(table); n++) {
		const struct column *column = table_column(table, n);

		if (column == columns->x || g_ptr_array_find(columns->series, column, NULL) ||
		    g_ptr_array_find(columns->ys, column, NULL))
			continue;
		if (ys && is_number(column))
			g_ptr_array_add(columns->ys, (void *)column);
		else if (series && (column_type(column) == COLUMN_STRING || column_type(column) == COLUMN_GUID ||
			column_type(column) == COLUMN_BOOL))
			g_ptr_array_add(columns->series, (void *)column);
	}
}

/* ---- cells */

static double cell_number(const struct column *column, size_t row)
{
	double value;

	if (!is_number(column) || column_is_null(column, row))
		return NAN;
	value = column_type(column) == COLUMN_REAL ? column_real(column, row) : (double)column_int(column, row);
	return isfinite(value) ? value : NAN;
}

/* "2026-11-25 07:19", or the date alone. */
static char *time_text(int64_t ticks)
{
	char text[ISOTIME_SIZE];

	isotime_format(ticks, text);
	if (ticks % ISOTIME_TICKS_PER_DAY == 0)
		text[10] = '\0';
	else if (ticks % (60 * ISOTIME_TICKS_PER_SECOND) == 0)
		text[16] = '\0';
	else
		text[19] = '\0';
	if (text[10] != '\0')
		text[10] = ' ';
	return g_strdup(text);
}

static char *cell_label(const struct chart *chart, const struct column *column, size_t row)
{
	GString *out;
	size_t length;
	const char *text;

	if (column_type(column) != COLUMN_STRING && column_is_null(column, row))
		return g_strdup("(null)");
	if (column_type(column) == COLUMN_DATETIME)
		return time_text(column_int(column, row));
	if (column_type(column) == COLUMN_BOOL)
		return g_strdup(column_int(column, row) != 0 ? "true" : "false");
	if (is_number(column)) {
		struct chart numbers = { .spans = column_type(column) == COLUMN_TIMESPAN };

		return chart_number(&numbers, cell_number(column, row));
	}
	(void)chart;
	out = g_string_new(NULL);
	text = column_text(column, row, &length);
	/* What a line cannot hold need not be made safe. */
	text_append_safe(out, text, MIN(length, 1024));
	if (out->len == 0)
		g_string_assign(out, "(empty)");
	return g_string_free(out, FALSE);
}

/* ---- collecting */

static void series_free(void *data)
{
	struct chart_series *series = data;

	g_free(series->name);
	g_free(series->values);
	g_free(series);
}

struct collecting {
	struct chart *chart;
	const struct columns *columns;
	GHashTable *labels, *series; /* text -> index + 1 */
	size_t room;                 /* values that each series can hold */
};

static guint label_of(struct collecting *collecting, size_t row)
{
	struct chart *chart = collecting->chart;
	const struct column *x = collecting->columns->x;
	char *text = x != NULL ? cell_label(chart, x, row) : g_strdup_printf("%zu", row + 1);
	guint index = GPOINTER_TO_UINT(g_hash_table_lookup(collecting->labels, text));
	double place = chart->labels->len;

	if (index != 0) {
		g_free(text);
		return index - 1;
	}
	if (chart->ordered)
		place = chart->timed ? (double)column_int(x, row) : cell_number(x, row);
	g_ptr_array_add(chart->labels, text);
	g_array_append_val(chart->places, place);
	g_hash_table_insert(collecting->labels, text, GUINT_TO_POINTER(chart->labels->len));
	return chart->labels->len - 1;
}

static struct chart_series *series_of(struct collecting *collecting, const struct column *y, size_t row)
{
	struct chart *chart = collecting->chart;
	const struct columns *columns = collecting->columns;
	AUTO(g_string) GString *name = g_string_new(NULL);
	struct chart_series *series;
	guint index;

	for (guint n = 0; n < columns->series->len; n++) {
		AUTO(g_free) char *part = cell_label(chart, columns->series->pdata[n], row);

		g_string_append_printf(name, "%s%s", n > 0 ? ", " : "", part);
	}
	if (columns->ys->len > 1 || columns->series->len == 0) {
		AUTO(g_free) char *part = text_safe(column_name(y));

		g_string_append_printf(name, "%s%s", name->len > 0 ? ": " : "", part);
	}
	index = GPOINTER_TO_UINT(g_hash_table_lookup(collecting->series, name->str));
	if (index != 0)
		return chart->series->pdata[index - 1];
	series = g_new0(struct chart_series, 1);
	series->name = g_strdup(name->str);
	g_ptr_array_add(chart->series, series);
	g_hash_table_insert(collecting->series, series->name, GUINT_TO_POINTER(chart->series->len));
	return series;
}

static void add_value(struct collecting *collecting, struct chart_series *series, guint label, double value)
{
	if (series->values == NULL) {
		series->values = g_new(double, collecting->room);
		for (size_t n = 0; n < collecting->room; n++)
			series->values[n] = NAN;
	}
	if (isnan(value))
		return;
	series->values[label] = isnan(series->values[label]) ? value : series->values[label] + value;
}

/* Which labels there are must be known before values are stored; two passes cost less than growing every series. */
static bool collect(struct chart *chart, const struct table *table, const struct columns *columns, GString *note)
{
	struct collecting collecting = { .chart = chart, .columns = columns };
	size_t rows = table_rows(table);
	AUTO(g_free) guint *at = g_new(guint, rows + 1);

	collecting.labels = g_hash_table_new(g_str_hash, g_str_equal);
	collecting.series = g_hash_table_new(g_str_hash, g_str_equal);
	for (size_t row = 0; row < rows && chart->labels->len <= KQL_CHART_LABELS; row++) {
		at[row] = label_of(&collecting, row);
		for (guint n = 0; n < columns->ys->len && chart->series->len <= KQL_CHART_LABELS; n++)
			series_of(&collecting, columns->ys->pdata[n], row);
	}
	collecting.room = chart->labels->len;
	if (chart->labels->len > KQL_CHART_LABELS || chart->series->len * collecting.room > 10 * KQL_CHART_LABELS)
		g_string_printf(note, "%s: too many different values to draw; summarize them first", chart->kind);
	for (size_t row = 0; row < rows && note->len == 0; row++)
		for (guint n = 0; n < columns->ys->len; n++) {
			struct chart_series *series = series_of(&collecting, columns->ys->pdata[n], row);

			add_value(&collecting, series, at[row], cell_number(columns->ys->pdata[n], row));
		}
	g_hash_table_unref(collecting.labels);
	g_hash_table_unref(collecting.series);
	return note->len == 0;
}

static gint by_total(gconstpointer a, gconstpointer b)
{
	const struct chart_series *left = *(struct chart_series *const *)a, *right = *(struct chart_series *const *)b;

	return left->total < right->total ? 1 : left->total > right->total ? -1 : 0;
}

/* Keeps the largest series, in their order; and the range of what is left. */
static void settle(struct chart *chart)
{
	AUTO(g_ptr_array_unref) GPtrArray *order = g_ptr_array_new();

	for (guint n = 0; n < chart->series->len; n++) {
		struct chart_series *series = chart->series->pdata[n];

		for (guint k = 0; k < chart->labels->len; k++)
			series->total += isnan(series->values[k]) ? 0 : fabs(series->values[k]);
		g_ptr_array_add(order, series);
	}
	g_ptr_array_sort(order, by_total);
	for (guint n = KQL_CHART_SERIES; n < order->len; n++) {
		g_ptr_array_remove(chart->series, order->pdata[n]);
		chart->series_left_out++;
	}
	chart->low = chart->high = NAN;
	for (guint n = 0; n < chart->series->len; n++)
		for (guint k = 0; k < chart->labels->len; k++) {
			chart->low = fmin(chart->low, chart_value(chart, n, k));
			chart->high = fmax(chart->high, chart_value(chart, n, k));
		}
}

/* ---- drawing */

static char *property_safe(const struct kql_render *render, const char *name)
{
	const char *text = property_text(render, name);

	return text != NULL && text[0] != '\0' ? text_safe(text) : NULL;
}

static double property_number(const struct kql_render *render, const char *name)
{
	const char *text = property_text(render, name);
	char *end;
	double value = text != NULL ? g_ascii_strtod(text, &end) : NAN;

	return text != NULL && end != text && *end == '\0' && isfinite(value) ? value : NAN;
}

static void chart_init(struct chart *chart, const struct kql_render *render, const struct kql_chart_style *style,
	const struct columns *columns)
{
	const char *kind = property_text(render, "kind"), *legend = property_text(render, "legend");

	*chart = (struct chart){ .style = *style, .kind = render->kind };
	chart->style.width = MAX(style->width, 24);
	chart->title = property_safe(render, "title");
	chart->xtitle = property_safe(render, "xtitle");
	chart->ytitle = property_safe(render, "ytitle");
	chart->ymin = property_number(render, "ymin");
	chart->ymax = property_number(render, "ymax");
	chart->full = kind != NULL && g_ascii_strcasecmp(kind, "stacked100") == 0;
	chart->stacked = chart->full || (kind != NULL && g_ascii_strcasecmp(kind, "stacked") == 0);
	chart->legend = legend == NULL || g_ascii_strcasecmp(legend, "hidden") != 0;
	chart->labels = g_ptr_array_new_with_free_func(g_free);
	chart->places = g_array_new(FALSE, FALSE, sizeof(double));
	chart->series = g_ptr_array_new_with_free_func(series_free);
	chart->timed = columns->x != NULL && column_type(columns->x) == COLUMN_DATETIME;
	chart->ordered = chart->timed || (columns->x != NULL && is_number(columns->x));
	chart->spans = columns->ys->len > 0;
	for (guint n = 0; n < columns->ys->len; n++)
		chart->spans = chart->spans && column_type(columns->ys->pdata[n]) == COLUMN_TIMESPAN;
}

static void chart_clear(struct chart *chart)
{
	g_free(chart->title);
	g_free(chart->xtitle);
	g_free(chart->ytitle);
	g_ptr_array_unref(chart->labels);
	g_array_unref(chart->places);
	g_ptr_array_unref(chart->series);
}

/* card: the first row, large. */
static void draw_card(const struct chart *chart, const struct table *table, GString *out)
{
	for (size_t n = 0; n < table_columns(table); n++) {
		AUTO(g_free) char *name = text_safe(column_name(table_column(table, n)));
		AUTO(g_free) char *value = cell_label(chart, table_column(table, n), 0);

		chart_pad(out, name, MIN(text_width(name), chart->style.width / 2), false);
		g_string_append(out, ": ");
		g_string_append_len(out, value, (gssize)text_fit(value, chart->style.width -
			MIN(text_width(name), chart->style.width / 2) - 2));
		g_string_append_c(out, '\n');
	}
}

static void draw(const struct chart *chart, enum chart_form form, const struct table *table, GString *out)
{
	bool shares = chart->series->len == 1;

	for (guint k = 0; shares && k < chart->labels->len; k++)
		shares = !(chart_value(chart, 0, k) < 0);
	if (chart->title != NULL)
		chart_heading(chart, chart->title, out);
	if (form == FORM_CARD)
		draw_card(chart, table, out);
	else if (form == FORM_PIE && shares)
		chart_draw_pie(chart, out);
	else if (form == FORM_LINES || form == FORM_POINTS)
		chart_draw_plot(chart, form == FORM_POINTS, out);
	else if (form != FORM_COLUMNS || !chart_draw_columns(chart, out))
		chart_draw_bars(chart, out);
	if (chart->series_left_out > 0) {
		AUTO(g_free) char *rest = g_strdup_printf("(%u smaller series are not drawn)", chart->series_left_out);

		chart_line(chart, rest, out);
	}
}

bool kql_chart_draw(const struct kql_render *render, const struct table *table, const struct kql_chart_style *style,
	GString *out, GString *note)
{
	int kind = kind_find(render->kind);
	enum chart_form form = kind >= 0 ? kinds[kind].form : FORM_NONE;
	struct columns columns;
	struct chart chart;
	bool drawn = false;

	if (form == FORM_NONE)
		g_string_printf(note, "%s cannot be drawn in a terminal", render->kind);
	if (form == FORM_NONE || form == FORM_TABLE || table_columns(table) == 0 || table_rows(table) == 0)
		return false;
	choose_columns(render, table, form, &columns);
	chart_init(&chart, render, style, &columns);
	if (columns.ys->len == 0 && form != FORM_CARD)
		g_string_printf(note, "%s: the result has no column of numbers to draw", render->kind);
	else if (form == FORM_CARD || collect(&chart, table, &columns, note)) {
		settle(&chart);
		drawn = form == FORM_CARD || !isnan(chart.high);
		if (drawn)
			draw(&chart, form, table, out);
		else
			g_string_printf(note, "%s: there are no values to draw", render->kind);
	}
	chart_clear(&chart);
	g_ptr_array_unref(columns.ys);
	g_ptr_array_unref(columns.series);
	return drawn;
}
