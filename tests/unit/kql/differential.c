/* The fast ways of judging rows against the plain kernel, row by row: on generated tables, for every predicate of the
 * cases and some more. Also what is left to a caller: nulls, failures, selections. */
#include "config.h"

#include "kql/predicate.h"
#include "tests/tap.h"
#include "tests/unit/kql/data.h"

#define ROWS 10000

static uint32_t state = 12345;

static uint32_t random_below(uint32_t limit)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % limit;
}

static void append_random(struct column *column)
{
	static const char *const texts[] = { "", "VIP", "vip lab", "Tier-0", "srv01.contoso.com", "10.1.2.3", "caf\303\251",
		"CAF\303\211", "powershell.exe -enc", "x", "12", "Windows11" };
	static const char *const values[] = { "[\"VIP\",\"Tier-0\"]", "[]", "{\"a\":{\"b\":7},\"name\":\"Alice\"}", "\"VIP\"", "5",
		"2.5", "true", "{\"list\":[10,20,30],\"n\":null}" };

	switch (column_type(column)) {
	case COLUMN_STRING:
		column_append_text(column, texts[state % G_N_ELEMENTS(texts)], strlen(texts[state % G_N_ELEMENTS(texts)]));
		random_below(2);
		break;
	case COLUMN_DYNAMIC:
		if (random_below(5) == 0)
			column_append_null(column);
		else
			column_append_text(column, values[state % G_N_ELEMENTS(values)], strlen(values[state % G_N_ELEMENTS(values)]));
		break;
	case COLUMN_BOOL:
		random_below(3) == 0 ? column_append_null(column) : column_append_int(column, random_below(2));
		break;
	case COLUMN_REAL:
		random_below(5) == 0 ? column_append_null(column) : column_append_real(column, random_below(8) / 2.0);
		break;
	case COLUMN_DATETIME:
		random_below(5) == 0 ? column_append_null(column) :
			column_append_int(column, data_now() - (int64_t)random_below(60) * ISOTIME_TICKS_PER_DAY);
		break;
	default:
		random_below(5) == 0 ? column_append_null(column) : column_append_int(column, random_below(12));
	}
}

static struct table *random_table(json_t *columns)
{
	struct table *table = table_new("Cases");
	const char *key;
	json_t *value;

	json_object_foreach(columns, key, value) {
		struct column *column = column_new(key, data_type(json_string_value(value)));

		for (int row = 0; row < ROWS; row++)
			append_random(column);
		table_add(table, column);
	}
	return table;
}

static void compare(const char *text, const struct kql_schema *schema, const struct table *table)
{
	AUTO(bitset_free) struct bitset *fast_true = bitset_new(), *fast_null = bitset_new(), *plain_true = bitset_new(),
		*plain_null = bitset_new(), *some = bitset_new();
	struct kql_failures fast_failures, plain_failures;
	struct kql_predicate *predicate = kql_predicate_compile(text, schema, data_now(), NULL);
	bool fine;

	if (predicate == NULL)
		return;
	fine = kql_predicate_eval(predicate, table, NULL, fast_true, fast_null, &fast_failures, NULL) &&
		kql_predicate_eval_plain(predicate, table, NULL, plain_true, plain_null, &plain_failures, NULL) &&
		bitset_equal(fast_true, plain_true) && bitset_equal(fast_null, plain_null) &&
		fast_failures.rows == plain_failures.rows;
	for (uint32_t row = 0; row < ROWS + 100; row += 7)
		bitset_add(some, row);
	fine = fine && kql_predicate_eval(predicate, table, some, fast_true, fast_null, NULL, NULL);
	bitset_and(plain_true, some);
	bitset_and(plain_null, some);
	tap_ok(fine && bitset_equal(fast_true, plain_true) && bitset_equal(fast_null, plain_null), "%s", text);
	kql_predicate_free(predicate);
}

/* Texts that differ from row to row, of all the ways in which text is searched: short and long, ASCII and not, with a NUL. */
static void append_unique(struct column *column, int row)
{
	static const char *const words[] = { "VIP", "vip", "Tier-0", "corp.contoso.com", "caf\303\251", "CAF\303\211", "\342\204\252elvin",
		"\305\277", "99", "-", " ", "a" };
	AUTO(g_string) GString *text = g_string_new(NULL);
	uint32_t kept = state;
	int pieces;

	state = (uint32_t)row * 2654435761u; /* the same for the same row */
	pieces = random_below(20) == 0 ? 200 : (int)random_below(4);

	if (random_below(2) == 0)
		g_string_append_printf(text, "%d", row);
	for (int n = 0; n < pieces; n++)
		g_string_append(text, words[random_below(G_N_ELEMENTS(words))]);
	if (random_below(100) == 0)
		g_string_append_c(text, '\0');
	g_string_append_printf(text, random_below(2) == 0 ? "%d" : "x%dx", row * 7919);
	if (column_type(column) == COLUMN_DYNAMIC && random_below(4) == 0)
		column_append_null(column);
	else if (column_type(column) == COLUMN_DYNAMIC)
		column_append_text(column, text->str, (size_t)g_snprintf(text->str, text->len, random_below(2) == 0 ? "[%d]" : "\"%d\"", row));
	else
		column_append_text(column, text->str, text->len);
	state = kept;
}

#define UNIQUE 6000 /* rows, more than a batch */

static struct table *unique_table(void)
{
	static const enum column_type types[] = { COLUMN_STRING, COLUMN_STRING, COLUMN_STRING, COLUMN_DYNAMIC, COLUMN_INT, COLUMN_LONG,
		COLUMN_LONG, COLUMN_LONG, COLUMN_DATETIME };
	static const char *const names[] = { "u", "m", "p", "d", "n1", "n2", "n4", "n8", "t" };
	static const int64_t scale[] = { 0, 0, 0, 0, 1, 100, 1000000, INT64_C(1) << 40, ISOTIME_TICKS_PER_DAY };
	struct table *table = table_new("Unique");

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		struct column *column = column_new(names[i], types[i]);

		for (int row = 0; row < UNIQUE; row++)
			if (column_type_is_text(types[i]))
				append_unique(column, i == 1 ? (int)random_below(UNIQUE / 2) : row); /* m keeps a dictionary */
			else if (random_below(5) == 0 && (row < 1000 || row > 3000))
				column_append_null(column);
			else
				column_append_int(column, (i == 8 ? data_now() : 0) + ((int64_t)random_below(200) - 100) * scale[i]);
		table_add(table, column);
	}
	/* p is a list in which rows have changed. */
	column_set_text(table_column(table, 2), 5, "VIP", 3);
	return table;
}

/* The words of text operators, in all their forms, on each column of text; numbers of all widths. */
static void check_unique(void)
{
	static const char *const operators[] = { "contains", "!contains", "contains_cs", "has", "!has", "has_cs", "hasprefix",
		"hasprefix_cs", "hassuffix", "!hassuffix", "hassuffix_cs", "startswith", "!startswith", "startswith_cs", "endswith",
		"endswith_cs", "==", "!=", "=~", "!~" };
	static const char *const needles[] = { "''", "'vip'", "'VIP'", "'x'", "'99'", "'corp.contoso'", "'caf\303\251'", "'k'", "'s'", "'S'",
		"'-'", "'0'", "'x79'", "'VIPVIP'", "'a99'", "'VIP0'", "' '", "@'.com-'", "'aa'" };
	static const char *const numbers[] = { "0", "1", "-1", "50", "127", "128", "-128", "-129", "100", "9900", "32768", "5000000000",
		"-9223372036854775807", "9223372036854775807", "109951162777600" };
	static const char *const comparisons[] = { "<", "<=", ">", ">=", "==", "!=" };
	AUTO(table_free) struct table *table = unique_table();
	struct kql_schema schema;
	AUTO(g_free) struct kql_column *names = kql_schema_of_table(table, &schema);

	(void)names;
	tap_ok(!column_is_distinct(table_find(table, "u")) && column_is_distinct(table_find(table, "m")) &&
		column_codes(table_find(table, "m")) > 1024, "the columns are as they are meant to be");
	for (size_t o = 0; o < G_N_ELEMENTS(operators); o++)
		for (size_t n = 0; n < G_N_ELEMENTS(needles); n++) {
			const char *column = n % 3 == 0 ? "m" : "u";
			AUTO(g_free) char *text = g_strdup_printf("%s %s %s", column, operators[o], needles[n]);
			AUTO(g_free) char *few = g_strdup_printf("n1 > %s and %s or p %s %s and n4 < 0", n % 4 < 2 ? "80" : "-50", text,
				operators[o], needles[n]);

			compare((o + n) % 2 == 0 ? text : few, &schema, table);
		}
	for (size_t n = 0; n < G_N_ELEMENTS(numbers); n++)
		for (size_t c = 0; c < G_N_ELEMENTS(comparisons); c++) {
			AUTO(g_free) char *text = g_strdup_printf("n1 %s %s or n2 %s %s and n4 %s %s and not(n8 %s %s)", comparisons[c], numbers[n],
				comparisons[c], numbers[n], comparisons[5 - c], numbers[n], comparisons[c], numbers[n]);

			compare(text, &schema, table);
		}
	compare("t > ago(30d) and t < now(3d) and m has 'vip' or n2 == 300 and u contains '9'", &schema, table);
	compare("d contains '7' or d == '12' or d has '5'", &schema, table);
	compare("isnull(n2) and not(u has 'vip' and n1 < 3)", &schema, table);
}

static void check_failures(const struct kql_schema *schema)
{
	AUTO(bitset_free) struct bitset *is_true = bitset_new(), *is_null = bitset_new();
	struct kql_failures failures;
	/* Nested repetitions over a long run that nearly fits: the match limit ends it. */
	AUTO(table_free) struct table *bad = table_new("bad");
	struct column *column = column_new("s", COLUMN_STRING);
	struct kql_predicate *predicate = kql_predicate_compile(
		"not(s matches regex @\"^(([a-z])+.)+[A-Z]([a-z])+$\") or s == 'nothing'", schema, data_now(), NULL);

	column_append_text(column, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 50);
	column_append_text(column, "ok", 2);
	table_add(bad, column);
	tap_ok(predicate != NULL && kql_predicate_eval(predicate, bad, NULL, is_true, is_null, &failures, NULL),
		"a predicate with a bad pattern is judged");
	tap_ok(!bitset_has(is_true, 0) && bitset_has(is_null, 0) && failures.rows == 1,
		"over the match limit is neither true nor false");
	tap_ok(bitset_has(is_true, 1), "the other rows are judged");
	tap_ok(failures.first[0] != '\0', "the reason is told");
	kql_predicate_free(predicate);
}

static void check_fit(const struct kql_schema *schema)
{
	AUTO(bitset_free) struct bitset *is_true = bitset_new();
	AUTO(table_free) struct table *table = table_new("t");
	struct column *column = column_new("s", COLUMN_LONG);
	struct error error = ERROR_INIT;
	struct kql_predicate *predicate = kql_predicate_compile("s == 'x' and t == 'y'", schema, data_now(), &error);

	column_append_int(column, 1);
	table_add(table, column);
	tap_ok(predicate != NULL && !kql_predicate_eval(predicate, table, NULL, is_true, NULL, NULL, &error) &&
		error.kind == ERROR_FAILED, "a table with another type is refused");
	tap_ok(kql_predicate_uses(predicate, "t") && !kql_predicate_uses(predicate, "n"), "the columns used are known");
	kql_predicate_free(predicate);
}

int main(void)
{
	static const char *const more[] = {
		"s == 'VIP' or t has 'vip'", "s has 'vip' and not(t contains 'x') and n > 3", "not(n > 3) or not(r < 2)",
		"s in~ ('VIP', 'x', 'TIER-0')", "s has_any ('vip', 'powershell')", "machineTags has 'tier' and isAadJoined",
		"d.a.b == 7 or d == 'VIP' or d == 5", "n in (1, 2, int(null))", "n !in (1, 2, int(null))", "i == n", "r > n",
		"isAadJoined != false", "bool(null) or isAadJoined", "lastSeen > ago(30d) and lastSeen < firstSeen + 5d",
		"s matches regex '^[a-z0-9.]+$'", "tolower(s) == 'vip' and (s contains 'V' or n == 1)",
		"(n == 1 or s == 'x') and (n != 2 or s != 'x')", "coalesce(n, 5) between (3 .. 7)", "strlen(s) > n",
		"* has 'vip'", "d", "s =~ t",
	};
	AUTO(g_free) char *path = data_path("cases-schema.json");
	json_t *schema_file = json_load_file(path, 0, NULL);
	json_t *columns = json_object_get(json_object_get(json_object_get(schema_file, "tables"), "Cases"), "columns");
	AUTO(table_free) struct table *table = random_table(columns);
	AUTO(g_strfreev) char **lines = data_lines("cases.tsv");
	struct kql_schema schema;
	AUTO(g_free) struct kql_column *names = kql_schema_of_table(table, &schema);

	(void)names;
	for (char **line = lines; *line != NULL; line++) {
		(*line)[strcspn(*line, "\t")] = '\0';
		compare(*line, &schema, table);
	}
	for (size_t n = 0; n < G_N_ELEMENTS(more); n++)
		compare(more[n], &schema, table);
	check_unique();
	check_failures(&schema);
	check_fit(&schema);
	json_decref(schema_file);
	return tap_done();
}
