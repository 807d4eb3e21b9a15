/* Predicates: the fast paths judge every row as the plain kernel does, and no text makes either fail otherwise than in
 * words. The input is the predicate; the rows are below. */
#include "config.h"
#include "fuzz/fuzz.h"

#include <math.h>

#include "core/isotime.h"
#include "kql/predicate.h"

#define ROWS 300 /* more than codes, so that codes are remembered */
#define NOW (ISOTIME_UNIX_EPOCH + INT64_C(20468) * ISOTIME_TICKS_PER_DAY)

static const struct kql_column columns[] = {
	{ "s", "Text", COLUMN_STRING },    { "t", NULL, COLUMN_STRING },     { "n", "Number", COLUMN_LONG },
	{ "i", NULL, COLUMN_INT },         { "r", NULL, COLUMN_REAL },       { "b", NULL, COLUMN_BOOL },
	{ "when", NULL, COLUMN_DATETIME }, { "span", NULL, COLUMN_TIMESPAN }, { "g", NULL, COLUMN_GUID },
	{ "d", NULL, COLUMN_DYNAMIC },
};
static const struct kql_schema schema = { columns, G_N_ELEMENTS(columns) };

static const char *const texts[] = {
	"", "a", "Alice", "ALICE", "fin-01.corp.example", "x y z", "10.0.0.1", "2026-01-15T12:00:00Z", "\xc3\xa9t\xc3\xa9",
	"12", "-3.5", "1d", "[1,2]", "{\"a\":1}", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\"'\\\n", "null", "0x1F",
	"192.168.0.0/16", "YWJj", "https://user@host:80/path?q=1#f", "\xf0\x9f\x98\x80", "true",
};
static const char *const dynamics[] = {
	"null", "[]", "{}", "[\"VIP\",\"Tier-0\",\"lab east\"]", "{\"a\":{\"b\":7},\"name\":\"Alice\",\"list\":[10,20,30]}",
	"[1,2.5,true,null,\"x\"]", "\"text\"", "12", "3.5", "true", "[[1],[2,[3]]]", "{\"x y\":\"z\",\"\\u00e9\":\"\\n\"}",
	"[{\"ipAddress\":\"10.1.2.3\"}]", "1e308", "-9223372036854775808", "\"2026-01-15T12:00:00Z\"",
};
static const int64_t numbers[] = { 0, 1, -1, 7, 100, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 42, 86400 };
static const double reals[] = { 0.0, -0.0, 1.5, -2.25, 1e308, 5e-324, 1e17, 0.1 };

static void append(struct column *column, unsigned pick)
{
	const char *text;

	if (pick % 7 == 3) {
		column_append_null(column);
		return;
	}
	switch (column_type(column)) {
	case COLUMN_BOOL:
		column_append_int(column, pick % 2);
		break;
	case COLUMN_INT:
		column_append_int(column, (int32_t)numbers[pick % G_N_ELEMENTS(numbers)]);
		break;
	case COLUMN_LONG:
	case COLUMN_TIMESPAN:
		column_append_int(column, numbers[pick % G_N_ELEMENTS(numbers)]);
		break;
	case COLUMN_DATETIME:
		column_append_int(column, pick % 5 == 0 ? 0 : pick % 5 == 1 ? ISOTIME_MAX : NOW - (int64_t)pick * 36000000000);
		break;
	case COLUMN_REAL:
		column_append_real(column, pick % 11 == 5 ? (double)NAN : pick % 11 == 6 ? (double)INFINITY :
			reals[pick % G_N_ELEMENTS(reals)]);
		break;
	case COLUMN_GUID:
		text = pick % 2 == 0 ? "00000000-0000-4000-8000-000000000001" : "abcdef01-0000-4000-8000-000000000002";
		column_append_text(column, text, strlen(text));
		break;
	case COLUMN_STRING:
		text = texts[pick % G_N_ELEMENTS(texts)];
		column_append_text(column, text, strlen(text));
		break;
	case COLUMN_DYNAMIC:
		text = dynamics[pick % G_N_ELEMENTS(dynamics)];
		column_append_text(column, text, strlen(text));
		break;
	}
}

static struct table *rows_new(void)
{
	struct table *table = table_new("Cases");

	for (size_t c = 0; c < schema.count; c++) {
		struct column *column = column_new(columns[c].name, columns[c].type);

		for (unsigned row = 0; row < ROWS; row++)
			append(column, row * (unsigned)(c + 1) + (unsigned)c + row / 31);
		table_add(table, column);
	}
	return table;
}

static void judge(const struct kql_predicate *predicate, const struct table *table, const struct bitset *rows)
{
	struct bitset *yes = bitset_new(), *null = bitset_new(), *plain_yes = bitset_new(), *plain_null = bitset_new();
	struct kql_failures failures = { 0 }, plain_failures = { 0 };
	struct error error = ERROR_INIT;

	fuzz_check(kql_predicate_eval(predicate, table, rows, yes, null, &failures, &error) &&
		kql_predicate_eval_plain(predicate, table, rows, plain_yes, plain_null, &plain_failures, &error),
		"not judged: %s", error.text);
	fuzz_check(bitset_equal(yes, plain_yes), "true for other rows");
	fuzz_check(bitset_equal(null, plain_null), "null for other rows");
	fuzz_check(failures.rows == plain_failures.rows, "%zu rows fail, %zu by the plain kernel", failures.rows,
		plain_failures.rows);
	bitset_and(yes, null);
	fuzz_check(bitset_count(yes) == 0, "true and null at once");
	fuzz_check(failures.rows <= bitset_count(null), "a row that fails and is not null");
	bitset_free(yes);
	bitset_free(null);
	bitset_free(plain_yes);
	bitset_free(plain_null);
}

FUZZ_TARGET(predicate)
{
	static struct table *table;
	static struct bitset *some;
	AUTO(g_free) char *text = g_strndup((const char *)data, size);
	AUTO(g_string) GString *underline = g_string_new(NULL);
	struct error error = ERROR_INIT;
	struct kql_predicate *predicate = kql_predicate_compile(text, &schema, NOW, &error);

	fuzz_check((predicate == NULL) == (error.kind != ERROR_NONE), "an error without words, or words without an error");
	if (table == NULL) {
		table = rows_new();
		some = bitset_new();
		for (uint32_t row = 0; row < ROWS + 100; row += 3)
			bitset_add(some, row);
	}
	if (predicate == NULL) {
		fuzz_check(error.kind == ERROR_USAGE && error.text[0] != '\0', "no usage error");
		kql_error_underline(underline, text, error.line, error.column);
		return 0;
	}
	judge(predicate, table, NULL);
	judge(predicate, table, some);
	for (size_t c = 0; c < schema.count; c++)
		kql_predicate_uses(predicate, columns[c].name);
	kql_predicate_free(predicate);
	return 0;
}
