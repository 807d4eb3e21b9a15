/* Queries over small tables: tests/data/kql/queries.tsv, and documented-*.tsv, whose results the documentation gives. A
 * line holds a query and either the rows wanted (JSON, an array of arrays, the first one the columns as name:type, or as
 * the name alone where the type is open) or `error` and a part of its text; then, in the documented ones, the page of the
 * documentation; the word `unordered` behind that leaves the order of the rows open. */
#include "config.h"

#include "kql/complete.h"
#include <math.h>

#include "kql/literal.h"
#include "kql/query.h"
#include "tests/tap.h"
#include "tests/unit/kql/data.h"

static GPtrArray *tables;

static const struct table *find(void *data, const char *name)
{
	(void)data;
	for (guint n = 0; n < tables->len; n++)
		if (strcmp(table_name(tables->pdata[n]), name) == 0)
			return tables->pdata[n];
	return NULL;
}

static void load_tables(void)
{
	AUTO(g_free) char *path = data_path("query-tables.json");
	json_t *all = json_load_file(path, 0, NULL), *table;
	const char *name;

	tables = g_ptr_array_new();
	json_object_foreach(all, name, table)
		g_ptr_array_add(tables, data_table(name, json_object_get(table, "columns"), json_object_get(table, "rows")));
	json_decref(all);
}

static json_t *cell(const struct column *column, size_t row)
{
	char text[ISOTIME_SIZE];

	if (column_is_null(column, row))
		return json_null();
	switch (column_type(column)) {
	case COLUMN_BOOL:
		return json_boolean(column_int(column, row));
	case COLUMN_INT:
	case COLUMN_LONG:
		return json_integer(column_int(column, row));
	case COLUMN_REAL:
		return isfinite(column_real(column, row)) ? json_real(column_real(column, row)) :
			json_string(isnan(column_real(column, row)) ? "NaN" : column_real(column, row) > 0 ? "Infinity" : "-Infinity");
	case COLUMN_TIMESPAN: {
		AUTO(g_string) GString *span = g_string_new(NULL);

		kql_append_timespan(span, column_int(column, row));
		return json_string(span->str);
	}
	case COLUMN_DATETIME:
		isotime_format(column_int(column, row), text);
		return json_string(text);
	case COLUMN_DYNAMIC:
		return json_loads(column_text(column, row, NULL), JSON_DECODE_ANY, NULL);
	default:
		return json_string(column_text(column, row, NULL));
	}
}

static json_t *dump(const struct table *table)
{
	json_t *out = json_array(), *head = json_array();

	for (size_t n = 0; n < table_columns(table); n++) {
		const struct column *column = table_column(table, n);

		json_array_append_new(head, json_sprintf("%s:%s", column_name(column), column_type_name(column_type(column))));
	}
	json_array_append_new(out, head);
	for (size_t row = 0; row < table_rows(table); row++) {
		json_t *cells = json_array();

		for (size_t n = 0; n < table_columns(table); n++)
			json_array_append_new(cells, cell(table_column(table, n), row));
		json_array_append_new(out, cells);
	}
	return out;
}

/* Real numbers are the same up to the last of the digits that a double shows. */
static bool same(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *value;

	if (json_is_number(a) && json_is_number(b) && (json_is_real(a) || json_is_real(b))) {
		double x = json_number_value(a), y = json_number_value(b);

		return fabs(x - y) <= 1e-12 * MAX(fabs(x), fabs(y)) + 1e-300;
	}
	if (json_is_array(a) && json_is_array(b) && json_array_size(a) == json_array_size(b)) {
		for (size_t n = 0; n < json_array_size(a); n++)
			if (!same(json_array_get(a, n), json_array_get(b, n)))
				return false;
		return true;
	}
	if (!json_is_object(a) || !json_is_object(b) || json_object_size(a) != json_object_size(b))
		return json_equal(a, b);
	json_object_foreach((json_t *)a, key, value)
		if (json_object_get(b, key) == NULL || !same(value, json_object_get(b, key)))
			return false;
	return true;
}

/* A column wanted without its type may have any. */
static bool same_head(const json_t *got, const json_t *want)
{
	if (json_array_size(got) != json_array_size(want))
		return false;
	for (size_t n = 0; n < json_array_size(want); n++) {
		const char *has = json_string_value(json_array_get(got, n)), *wanted = json_string_value(json_array_get(want, n));
		size_t length = wanted != NULL && strchr(wanted, ':') == NULL ? strcspn(has, ":") : strlen(has);

		if (wanted == NULL || strlen(wanted) != length || strncmp(has, wanted, length) != 0)
			return false;
	}
	return true;
}

/* Whether each row that is wanted is among those that were got, which are as many; at the same place, if ordered. */
static bool same_rows(const json_t *got, const json_t *want, bool ordered)
{
	AUTO(g_free) bool *used = g_new0(bool, json_array_size(got) + 1);

	if (json_array_size(got) != json_array_size(want) || !same_head(json_array_get(got, 0), json_array_get(want, 0)))
		return false;
	for (size_t n = 1; n < json_array_size(want); n++) {
		size_t m = ordered ? n : 1;

		if (ordered && !same(json_array_get(got, n), json_array_get(want, n)))
			return false;
		while (m < json_array_size(got) && (used[m] || !same(json_array_get(got, m), json_array_get(want, n))))
			m++;
		if (m == json_array_size(got))
			return false;
		used[m] = true;
	}
	return true;
}

static void check_rows(const char *text, const struct table *table, const char *wanted, bool ordered)
{
	json_t *got = dump(table), *want = json_loads(wanted, 0, NULL);
	char *shown = json_dumps(got, JSON_COMPACT);

	if (!tap_ok(want != NULL && same_rows(got, want, ordered), "%s", text))
		printf("# got    %s\n# wanted %s\n", shown, wanted);
	free(shown);
	json_decref(got);
	json_decref(want);
}

static void run_case(char **cells)
{
	static const char *const names[] = { "Devices", "Events", NULL };
	struct kql_source source = { .find = find, .names = names };
	struct error error = ERROR_INIT;
	struct kql_query *query = kql_query_compile(cells[0], &source, "Devices", data_now(), &error);
	struct table *table = query != NULL ? kql_query_run(query, NULL, &error) : NULL;

	if (strncmp(cells[1], "error ", 6) == 0) {
		AUTO(g_free) char *text = error.hint[0] != '\0' ? g_strdup_printf("%s (%s)", error.text, error.hint) :
			g_strdup(error.text);

		if (!tap_ok(table == NULL && strstr(text, cells[1] + 6) != NULL, "%s", cells[0]))
			printf("# got '%s'\n", text);
	} else if (table == NULL) {
		tap_ok(false, "%s", cells[0]);
		printf("# error at %u: %s (%s)\n", error.column, error.text, error.hint);
	} else {
		check_rows(cells[0], table, cells[1], cells[2] == NULL || !g_str_has_suffix(cells[2], "unordered"));
	}
	table_free(table);
	kql_query_free(query);
}

static void check_limits(void)
{
	struct kql_source source = { .find = find };
	struct kql_limits few = { .rows = 3 }, small = { .bytes = 1000 };
	struct error error = ERROR_INIT;
	struct kql_query *query = kql_query_compile("Devices | where risk == 'High'", &source, NULL, data_now(), &error);

	tap_ok(kql_query_run(query, &few, &error) == NULL && error.kind == ERROR_FAILED, "more rows than the bound fail");
	kql_query_free(query);
	error_clear(&error);
	query = kql_query_compile("range x from 1 to 1000 step 1 | extend y = strrep('x', x)", &source, NULL, data_now(),
		&error);
	tap_ok(query != NULL && kql_query_run(query, &small, &error) == NULL && error.kind == ERROR_FAILED,
		"more bytes than the bound fail");
	kql_query_free(query);
	error_clear(&error);
	query = kql_query_compile("Devices | take 1", &source, NULL, data_now(), &error);

	struct kql_schema schema;

	kql_query_schema(query, &schema);
	tap_int((long long)schema.count, 10, "the schema is known before running");
	kql_query_free(query);
}

static bool turn(void *data)
{
	unsigned *left = data;

	return (*left)-- > 1;
}

/* Whoever waits can stop a query in each of its operators; the tenth time it is asked at the latest. */
static void check_turn(void)
{
	static const char *const long_ones[] = {
		"range x from 1 to 4000000 step 1",
		"range x from 1 to 9000 step 1 | extend k = 1 | join kind=inner (range y from 1 to 500 step 1 | extend k = 1) on k",
		"range x from 1 to 9000 step 1 | extend l = range(1, 99, 1) | mv-expand l",
		"range x from 1 to 9000 step 1 | sort by tostring(x)",
		"range x from 1 to 9000 step 1 | summarize count() by x",
		"range x from 1 to 9000 step 1 | where tostring(x) has '1' | distinct x",
		"union (range x from 1 to 9000 step 1), (range x from 1 to 9000 step 1)",
	};
	struct kql_source source = { .find = find };

	for (size_t n = 0; n < G_N_ELEMENTS(long_ones); n++) {
		struct error error = ERROR_INIT;
		unsigned left = 10;
		struct kql_limits limits = { .turn = turn, .data = &left };
		struct kql_query *query = kql_query_compile(long_ones[n], &source, NULL, data_now(), &error);

		tap_ok(query != NULL && kql_query_run(query, &limits, &error) == NULL && error.kind == ERROR_INTERRUPTED,
			"stopped: %s", long_ones[n]);
		kql_query_free(query);
	}
}

static void check_render(void)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "Devices | take 1", "" },
		{ "Devices | render barchart", "barchart" },
		{ "Devices | render timechart with (title='A \"b\"', ycolumns = id, risk, series=name)",
			"timechart title=A \"b\" ycolumns=id|risk series=name" },
		{ "Devices | render columnchart with (kind=stacked, ymin=-1.5, legend = hidden) | take 3",
			"columnchart kind=stacked ymin=-1.5 legend=hidden" },
		{ "Devices | render piechart with ()", "piechart" },
		{ "Devices | render barchart with (title", "error" },
		{ "Devices | render barchart with (title=)", "error" },
		{ "Devices | render barchart with (title='x'", "error" },
		{ "Devices | render 5", "error" },
		{ "Devices | render barchart with (a=b, 'c", "error" },
	};
	struct kql_source source = { .find = find };

	for (size_t n = 0; n < G_N_ELEMENTS(cases); n++) {
		struct kql_query *query = kql_query_compile(cases[n].text, &source, NULL, data_now(), NULL);
		const struct kql_render *render = query != NULL ? kql_query_render(query) : NULL;
		AUTO(g_free) char *first = g_strndup(cases[n].wanted, strcspn(cases[n].wanted, " "));
		AUTO(g_string) GString *got = g_string_new(query == NULL ? "error" : render != NULL ? render->kind : "");

		for (size_t k = 0; render != NULL && k < render->count; k++) {
			AUTO(g_free) char *values = g_strjoinv("|", (char **)(void *)render->properties[k].values);

			g_string_append_printf(got, " %s=%s", render->properties[k].name, values);
		}
		tap_str(got->str, cases[n].wanted, cases[n].text);
		kql_query_free(query);
		query = kql_query_parse(cases[n].text, data_now(), NULL);
		tap_str(query == NULL ? "error" : kql_query_render(query) != NULL ? kql_query_render(query)->kind : "",
			first, "the syntax alone");
		kql_query_free(query);
	}
	struct kql_query *alone = kql_query_parse("Nowhere | where x has 'y'", data_now(), NULL);

	tap_ok(alone != NULL, "the syntax alone: no name is looked up");
	kql_query_free(alone);
}

/* Wherever the text ends, something may be asked for. */
static void check_complete(char **lines)
{
	static const char *const names[] = { "Devices", "Events", NULL };
	struct kql_source source = { .find = find, .names = names };
	struct kql_completion completion = { .source = &source, .now_ticks = data_now() };
	bool fine = true;

	for (char **line = lines; *line != NULL; line++) {
		size_t length = strcspn(*line, "\t");

		for (size_t n = 0; n <= length; n += 1 + (size_t)(line - lines) % 3) {
			AUTO(g_free) char *text = g_strndup(*line, n);
			AUTO(g_ptr_array_unref) GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
			size_t start = 0;

			kql_complete(text, &completion, texts, &start);
			fine = fine && start <= n;
			for (guint k = 0; k < texts->len; k++)
				fine = fine && g_ascii_strncasecmp(texts->pdata[k], text + start, strlen(text + start)) == 0;
		}
	}
	tap_ok(fine, "completion at any place begins as the word does");
}

static void run_file(char **lines)
{
	for (char **line = lines; *line != NULL; line++) {
		AUTO(g_strfreev) char **cells = g_strsplit(*line, "\t", 3);

		if (g_strv_length(cells) >= 2)
			run_case(cells);
		else
			tap_ok(false, "a query and its result: %s", *line);
	}
}

int main(void)
{
	static const char *const documented[] = { "documented-operators.tsv", "documented-scalars.tsv",
		"documented-aggregates.tsv" };
	AUTO(g_strfreev) char **lines = data_lines("queries.tsv");

	load_tables();
	run_file(lines);
	for (size_t n = 0; n < G_N_ELEMENTS(documented); n++) {
		AUTO(g_strfreev) char **more = data_lines(documented[n]);

		run_file(more);
	}
	check_limits();
	check_turn();
	check_render();
	check_complete(lines);
	for (guint n = 0; n < tables->len; n++)
		table_free(tables->pdata[n]);
	g_ptr_array_unref(tables);
	return tap_done();
}
