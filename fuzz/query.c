/* Whole queries: lexer, parser, checker and every operator over small tables. No text makes them fail otherwise than in
 * words; what comes out is as the schema said, and the same a second time. */
#include "config.h"
#include "fuzz/fuzz.h"

#include <jansson.h>

#include "core/isotime.h"
#include "kql/predicate.h"
#include "kql/query.h"

#define NOW (ISOTIME_UNIX_EPOCH + INT64_C(20468) * ISOTIME_TICKS_PER_DAY)
#define ROWS 9
#define TURNS 2000 /* how often a query may ask whether to go on */

static const char *const names[] = { "T", "U", "Empty", NULL };

struct sample {
	const char *name;
	enum column_type type;
	const char *values[ROWS]; /* NULL: null */
};

static const struct sample of_t[] = {
	{ "s", COLUMN_STRING, { "a", "B", "", "x y z", "10.0.0.1", "{\"a\":[1,2]}", "user bob from 10.1.1.1", "a", "\xc3\xa9" } },
	{ "k", COLUMN_STRING, { "k1", "k2", "k1", "k3", "k2", "k1", "", "k4", "k1" } },
	{ "n", COLUMN_LONG, { "1", "2", "3", NULL, "-5", "100", "0", "7", "9223372036854775807" } },
	{ "i", COLUMN_INT, { "1", NULL, "3", "4", "5", "6", "7", "8", "-2147483648" } },
	{ "r", COLUMN_REAL, { "1.5", "-2.25", NULL, "0", "1e308", "3", "4", "5", "0.1" } },
	{ "b", COLUMN_BOOL, { "1", "0", NULL, "1", "1", "0", "0", "1", "0" } },
	{ "t", COLUMN_DATETIME, { "0", "36000000000", "864000000000", NULL, "1", "864000000001", "5", "6", "7" } },
	{ "p", COLUMN_TIMESPAN, { "0", "10000000", "-1", NULL, "864000000000", "1", "2", "3", "4" } },
	{ "g", COLUMN_GUID, { "00000000-0000-4000-8000-000000000001", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL } },
	{ "d", COLUMN_DYNAMIC, { "[1,2,3]", "{\"a\":{\"b\":7},\"k\":\"v\"}", NULL, "[]", "\"text\"", "[[1],[2]]", "[\"x\",\"y\"]", "12",
		"[{\"k\":1},{\"k\":2}]" } },
};
static const struct sample of_u[] = {
	{ "k", COLUMN_STRING, { "k1", "k2", "k2", "k9", "", "k1", "k5", "k6", "k7" } },
	{ "n", COLUMN_LONG, { "10", "20", NULL, "40", "50", "60", "70", "80", "90" } },
	{ "u", COLUMN_STRING, { "one", "two", "three", "four", "", "six", "seven", "eight", "nine" } },
};

static void append(struct column *column, const char *value)
{
	if (value == NULL)
		column_append_null(column);
	else if (column_type_is_text(column_type(column)))
		column_append_text(column, value, strlen(value));
	else if (column_type(column) == COLUMN_REAL)
		column_append_real(column, g_ascii_strtod(value, NULL));
	else
		column_append_int(column, g_ascii_strtoll(value, NULL, 10) + (column_type(column) == COLUMN_DATETIME ? NOW : 0));
}

static struct table *make(const char *name, const struct sample *samples, size_t count, size_t rows)
{
	struct table *table = table_new(name);

	for (size_t n = 0; n < count; n++) {
		struct column *column = column_new(samples[n].name, samples[n].type);

		for (size_t row = 0; row < rows; row++)
			append(column, samples[n].values[row]);
		table_add(table, column);
	}
	return table;
}

static const struct table *find(void *data, const char *name)
{
	static struct table *tables[3];

	(void)data;
	if (tables[0] == NULL) {
		tables[0] = make("T", of_t, G_N_ELEMENTS(of_t), ROWS);
		tables[1] = make("U", of_u, G_N_ELEMENTS(of_u), ROWS);
		tables[2] = make("Empty", of_t, G_N_ELEMENTS(of_t), 0);
	}
	for (size_t n = 0; names[n] != NULL; n++)
		if (strcmp(names[n], name) == 0)
			return tables[n];
	return NULL;
}

static bool turn(void *data)
{
	unsigned *turns = data;

	return (*turns)++ < TURNS;
}

static void check_text(const struct column *column, size_t row)
{
	size_t length;
	const char *text = column_text(column, row, &length);
	json_error_t fault;
	json_t *json;

	fuzz_check(fuzz_is_utf8(text, length), "a text that is not UTF-8 in '%s'", column_name(column));
	if (column_type(column) != COLUMN_DYNAMIC)
		return;
	json = json_loadb(text, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, &fault);
	fuzz_check(json != NULL || json_error_code(&fault) == json_error_numeric_overflow ||
		json_error_code(&fault) == json_error_null_byte_in_key, "no JSON in '%s': '%.200s'", column_name(column), text);
	json_decref(json);
}

static void check_table(const struct table *table, const struct kql_schema *schema)
{
	fuzz_check(table_columns(table) == schema->count && schema->count != 0, "other columns than said");
	for (size_t c = 0; c < schema->count; c++) {
		const struct column *column = table_column(table, c);

		fuzz_check(strcmp(column_name(column), schema->columns[c].name) == 0 &&
			column_type(column) == schema->columns[c].type, "column '%s' is not as said", column_name(column));
		fuzz_check(column_rows(column) == table_rows(table), "columns of different lengths");
		for (size_t row = 0; row < column_rows(column); row++)
			if (!column_is_null(column, row) && column_type_is_text(column_type(column)))
				check_text(column, row);
	}
}

static void check_same(const struct table *a, const struct table *b)
{
	fuzz_check((a == NULL) == (b == NULL), "runs once, and fails once");
	fuzz_check(a == NULL || table_rows(a) == table_rows(b), "%zu rows, and then %zu", table_rows(a), table_rows(b));
}

static struct table *run(const struct kql_query *query)
{
	unsigned turns = 0;
	struct kql_limits limits = { .rows = 20000, .bytes = 16 << 20, .turn = turn, .data = &turns };
	struct error error = ERROR_INIT;
	struct table *table = kql_query_run(query, &limits, &error);

	fuzz_check((table == NULL) == (error.kind != ERROR_NONE), "an error without words, or words without an error");
	return table;
}

FUZZ_TARGET(query)
{
	AUTO(g_free) char *text = g_strndup((const char *)data, size);
	AUTO(g_string) GString *underline = g_string_new(NULL);
	struct kql_source source = { .find = find, .names = names };
	struct error error = ERROR_INIT;
	struct kql_query *query = kql_query_compile(text, &source, "T", NOW, &error);
	struct kql_schema schema;
	struct table *table, *again;

	fuzz_check((query == NULL) == (error.kind != ERROR_NONE), "an error without words, or words without an error");
	if (query == NULL) {
		fuzz_check(error.kind == ERROR_USAGE && error.text[0] != '\0', "no usage error");
		kql_error_underline(underline, text, error.line, error.column);
		return 0;
	}
	kql_query_schema(query, &schema);
	table = run(query);
	if (table != NULL)
		check_table(table, &schema);
	again = run(query);
	/* sample, rand() and new_guid() are as they please */
	if (strstr(text, "sample") == NULL && strstr(text, "rand") == NULL && strstr(text, "new_guid") == NULL)
		check_same(table, again);
	table_free(table);
	table_free(again);
	kql_query_free(query);
	return 0;
}
