/* Charts: the pictures of tests/data/kql/charts.txt, and what holds for all of them: no line is wider than asked for, and
 * none holds what a terminal would obey. */
#include "config.h"

#include "core/text.h"
#include "kql/chart.h"
#include "kql/query.h"
#include "tests/tap.h"
#include "tests/unit/kql/data.h"

static const struct table *find(void *data, const char *name)
{
	(void)data;
	(void)name;
	return NULL;
}

/* The chart of a query, "note: ..." where it has none, or "error: ...". */
static char *draw(const char *text, unsigned width, bool ascii)
{
	struct kql_source source = { .find = find };
	struct kql_chart_style style = { .width = width, .ascii = ascii };
	struct error error = ERROR_INIT;
	struct kql_query *query = kql_query_compile(text, &source, NULL, data_now(), &error);
	const struct kql_render *render = query != NULL ? kql_query_render(query) : NULL;
	GString *out = g_string_new(NULL), *note = g_string_new(NULL);
	struct table *table = NULL;
	struct kql_schema schema;

	if (render != NULL)
		kql_query_schema(query, &schema);
	if (render != NULL && kql_chart_check(text, render, &schema, &error))
		table = kql_query_run(query, NULL, &error);
	if (table == NULL)
		g_string_printf(out, "error: %s, column %u (%s)\n", error.text, error.column, error.hint);
	else if (!kql_chart_draw(render, table, &style, out, note))
		g_string_printf(out, "note: %s\n", note->str);
	table_free(table);
	kql_query_free(query);
	g_string_free(note, TRUE);
	return g_string_free(out, FALSE);
}

static void check_lines(const char *text, const char *chart, unsigned width)
{
	AUTO(g_strfreev) char **lines = g_strsplit(chart, "\n", -1);
	bool narrow = true, safe = true;

	for (size_t n = 0; lines[n] != NULL; n++) {
		AUTO(g_free) char *same = text_safe(lines[n]);

		narrow = narrow && text_width(lines[n]) <= width;
		safe = safe && strcmp(same, lines[n]) == 0;
	}
	if (!narrow || !safe)
		tap_ok(false, "%u columns, %s%s: %s", width, narrow ? "" : "too wide ", safe ? "" : "not safe", text);
	else
		tap_ok(true, "%u columns: fits and is safe", width);
}

/* "== WIDTH utf-8|ascii QUERY", then the lines of the chart. */
static void run_picture(const char *picture)
{
	AUTO(g_strfreev) char **parts = g_strsplit(picture, "\n", 2);
	AUTO(g_strfreev) char **head = g_strsplit(parts[0], " ", 3);
	unsigned width = (unsigned)strtoul(head[0], NULL, 10);
	AUTO(g_free) char *got = draw(head[2], width, strcmp(head[1], "ascii") == 0);
	size_t length = strlen(parts[1]);

	while (length > 1 && parts[1][length - 1] == '\n' && parts[1][length - 2] == '\n')
		parts[1][--length] = '\0';
	if (getenv("PICTURES") != NULL)
		fprintf(stderr, "== %s\n%s\n", parts[0], got);
	tap_str(got, parts[1], head[2]);
	if (strncmp(got, "error", 5) != 0 && strncmp(got, "note", 4) != 0)
		check_lines(head[2], got, width);
}

/* Every kind over awkward tables at many widths. */
static void check_widths(void)
{
	static const char *const kind_names[] = { "barchart", "columnchart", "piechart", "timechart", "linechart",
		"areachart", "scatterchart", "card", "treemap", "barchart with (kind=stacked)",
		"columnchart with (kind=stacked)", "columnchart with (kind=stacked100)",
		"barchart with (kind=stacked100, title='a title that is longer than many a terminal is wide')",
		"timechart with (ymin=5, ymax=7, xtitle='x', ytitle='y')" };
	static const char *const tables[] = {
		"range x from 1 to 1000 step 1 | extend y = x % 17 - 3, z = strcat('s', x % 40)",
		"range x from 1 to 5 step 1 | extend l = strrep('\\u6f22', x * 9), y = x * 1000000000000, z = -x",
		"datatable (a:string, b:long)['\\u001b[31mred', 1, 'line\\nfeed', long(null), '\\u202egnp', -9223372036854775807]",
		"datatable (a:datetime, b:real)[datetime(2026-01-01), real(nan), datetime(null), real(+inf), datetime(2026-01-02), 1.5]",
		"datatable (a:string, b:timespan)['x', 1d, 'y', 36h, 'z', timespan(null)]",
		"datatable (a:string, b:long)['nothing', long(null)]",
		"print 0", "print -5", "print x = 'text'", "datatable (a:string, b:int)['zero', 0, '', 0]",
		"range x from datetime(2026-01-01) to datetime(2026-01-03) step 1h | extend y = hourofday(x), s = tostring(dayofweek(x) / 1d)",
	};

	for (size_t n = 0; n < G_N_ELEMENTS(kind_names); n++)
		for (size_t k = 0; k < G_N_ELEMENTS(tables); k++)
			for (unsigned width = 24; width < 200; width = width * 5 / 3) {
				AUTO(g_free) char *text = g_strdup_printf("%s | render %s", tables[k], kind_names[n]);
				AUTO(g_free) char *got = draw(text, width, width % 2 != 0);

				if (strncmp(got, "note", 4) == 0)
					continue;
				if (strncmp(got, "error", 5) == 0)
					tap_ok(false, "%s: %s", text, got);
				else
					check_lines(text, got, width);
			}
}

static void check_bounds(void)
{
	AUTO(g_free) char *many = draw("range x from 1 to 200001 step 1 | extend y = 1 | render barchart", 80, false);
	AUTO(g_free) char *bars = draw("range x from 1 to 201 step 1 | extend y = 1 | render barchart", 80, false);
	AUTO(g_free) char *series = draw("range x from 1 to 13 step 1 | extend s = tostring(x), y = x | render linechart", 80,
		false);

	tap_str(many, "note: barchart: too many different values to draw; summarize them first\n", "too many labels");
	tap_ok(strstr(bars, "(1 not drawn)") != NULL, "bars that are not drawn are told");
	tap_ok(strstr(series, "(1 smaller series are not drawn)") != NULL, "series that are not drawn are told");
}

int main(void)
{
	AUTO(g_free) char *path = data_path("charts.txt");
	AUTO(g_free) char *text = NULL;
	AUTO(g_strfreev) char **pictures = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 99;
	pictures = g_strsplit(text, "\n== ", -1);
	for (size_t n = 1; pictures[n] != NULL; n++)
		run_picture(pictures[n]);
	check_widths();
	check_bounds();
	return tap_done();
}
