/* Charts, and completion, of any query over datatables: the first two bytes give width and kind; what is drawn fits and is
 * safe. */
#include "config.h"
#include "fuzz/fuzz.h"

#include "core/isotime.h"
#include "core/text.h"
#include "kql/chart.h"
#include "kql/complete.h"
#include "kql/query.h"

static const struct table *find(void *data, const char *name)
{
	(void)data;
	(void)name;
	return NULL;
}

static bool turn(void *data)
{
	unsigned *left = data;

	return *left > 0 && --*left > 0;
}

static void check_lines(const char *chart, unsigned width)
{
	AUTO(g_strfreev) char **lines = g_strsplit(chart, "\n", -1);

	for (size_t n = 0; lines[n] != NULL; n++) {
		AUTO(g_free) char *safe = text_safe(lines[n]);

		fuzz_check(strcmp(safe, lines[n]) == 0, "a line that is not safe: '%s'", safe);
		fuzz_check(text_width(lines[n]) <= width, "a line wider than %u: '%s'", width, safe);
	}
}

static void complete(const char *text, const struct kql_source *source)
{
	struct kql_completion completion = { .source = source };
	AUTO(g_ptr_array_unref) GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
	size_t start = 0;

	kql_complete(text, &completion, texts, &start);
	fuzz_check(start <= strlen(text), "a word that begins behind the text");
}

FUZZ_TARGET(chart)
{
	static const char *const kinds[] = { "barchart", "columnchart", "piechart", "timechart", "scatterchart", "card",
		"barchart with (kind=stacked)", "columnchart with (kind=stacked100)" };
	static const char *const names[] = { "T", NULL };
	struct kql_source source = { .find = find, .names = names };
	unsigned width = 24 + fuzz_byte(&data, &size) % 150u, left = 500;
	uint8_t kind = fuzz_byte(&data, &size);
	AUTO(g_free) char *bytes = g_strndup((const char *)data, size);
	AUTO(g_free) char *valid = g_utf8_make_valid(bytes, -1);
	AUTO(g_free) char *text = g_strconcat(valid, " | render ", kinds[kind % G_N_ELEMENTS(kinds)], NULL);
	struct kql_limits limits = { .rows = 5000, .bytes = 1 << 22, .turn = turn, .data = &left };
	struct kql_query *query = kql_query_compile(text, &source, NULL, ISOTIME_UNIX_EPOCH, NULL);
	struct table *table = query != NULL ? kql_query_run(query, &limits, NULL) : NULL;

	complete(valid, &source);
	if (table != NULL && kql_query_render(query) != NULL) {
		struct kql_chart_style style = { .width = width, .ascii = kind % 2 != 0 };
		AUTO(g_string) GString *out = g_string_new(NULL), *note = g_string_new(NULL);
		bool drawn = kql_chart_draw(kql_query_render(query), table, &style, out, note);

		fuzz_check(drawn == (out->len > 0), "drawn, but nothing there, or the other way round");
		check_lines(out->str, width);
	}
	table_free(table);
	kql_query_free(query);
	return 0;
}
