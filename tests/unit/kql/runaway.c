/* Queries and predicates that would run away: each ends by a bound on rows or memory, or as soon as whoever waits says so;
 * and whoever waits is asked often. */
#include "config.h"

#include <time.h>

#include "kql/predicate.h"
#include "kql/query.h"
#include "tests/tap.h"
#include "tests/unit/kql/data.h"

#define ROWS 20000
#define GIVE_UP_MS 300 /* when the one who waits has had enough */
#define LATE_MS 2500   /* with sanitizers, on a busy machine */

#define MANY "range x from 1 to 3000 step 1"
#define BIG "strrep('abcdefgh ', 100000)"

static const char *const runaways[] = {
	/* rows */
	"range x from 1 to 1000000000000 step 1",
	"range x from datetime(0001-01-01) to datetime(9999-01-01) step 1tick | count",
	MANY " | extend k = 1 | join kind=inner (" MANY " | extend k = 1) on k | count",
	MANY " | extend k = 1 | join kind=fullouter (" MANY " | extend k = 1) on k | join kind=inner (" MANY " | extend k = 1) on k",
	MANY " | extend l = range(1, 100000, 1) | mv-expand l | mv-expand with_itemindex=i l",
	"union Many, Many, Many, Many | union Many, Many, Many | join kind=inner (union Many, Many) on k",
	/* memory */
	MANY " | extend b = " BIG,
	MANY " | extend b = " BIG " | extend c = strcat(b, x) | summarize make_list(c)",
	MANY " | extend l = range(1, 100000, 1) | summarize make_list(l), make_set(l)",
	MANY " | extend b = " BIG " | summarize make_bag(bag_pack(tostring(x), b))",
	MANY " | extend b = split(" BIG ", ' ') | extend c = array_concat(b, b, b) | sort by tostring(c)",
	/* time */
	"Many | where s matches regex '(a|aa)+[^0-9a]'",
	"Many | where strcat(s, " BIG ") matches regex '(abc|ab|a)+([a-z ]+)+[0-9]$'",
	"Many | extend e = extract_all('(.)', strcat(s, " BIG "))",
	"Many | extend e = replace_regex(strcat(s, " BIG "), '.', 'x')",
	"Many | extend e = countof(strcat(s, " BIG "), '[a-z]', 'regex')",
	"Many | where " BIG " has_any (Many | project s)",
	"Many | extend e = parse_json(strcat('[', strrep('1,', 400000), x, ']')) | where array_length(e) < 0",
	"Many | extend e = array_sort_asc(split(strcat(x, " BIG "), ' '))",
	"Many | extend e = replace_string(strcat(s, " BIG "), 'a', 'b'), f = reverse(strcat(s, " BIG "))",
	"Many | extend e = set_union(range(1, 20000, 1), range(x, 40000, 1))",
};

static struct table *many(void)
{
	struct table *table = table_new("Many");
	struct column *x = column_new("x", COLUMN_LONG), *s = column_new("s", COLUMN_STRING), *k = column_new("k", COLUMN_LONG);
	char text[64];

	for (int row = 0; row < ROWS; row++) {
		g_snprintf(text, sizeof text, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%d", row);
		column_append_int(x, row);
		column_append_text(s, text, strlen(text));
		column_append_int(k, row % 3);
	}
	table_add(table, x);
	table_add(table, s);
	table_add(table, k);
	return table;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct watch {
	int64_t start, last, longest;
};

static bool wait_on(void *data)
{
	struct watch *watch = data;
	int64_t now = now_ms();

	watch->longest = MAX(watch->longest, now - watch->last);
	watch->last = now;
	return now - watch->start < GIVE_UP_MS;
}

static const struct table *find(void *data, const char *name)
{
	return strcmp(name, "Many") == 0 ? data : NULL;
}

static void run_away(const char *text, struct table *table)
{
	struct kql_source source = { .find = find, .data = table };
	struct watch watch = { now_ms(), now_ms(), 0 };
	struct kql_limits limits = { .rows = 1000000, .bytes = 64 << 20, .turn = wait_on, .data = &watch };
	struct error error = ERROR_INIT;
	AUTO(kql_query_free) struct kql_query *query = kql_query_compile(text, &source, NULL, data_now(), &error);
	struct table *result = query != NULL ? kql_query_run(query, &limits, &error) : NULL;
	int64_t took = now_ms() - watch.start;

	tap_ok(query != NULL && result == NULL && (error.kind == ERROR_FAILED || error.kind == ERROR_INTERRUPTED) &&
		took < LATE_MS && watch.longest < LATE_MS - GIVE_UP_MS, "%s", text);
	printf("# %s, %d ms, asked after %d ms at the latest\n", error.text, (int)took, (int)watch.longest);
	table_free(result);
}

/* A predicate over the inventory: what cannot be judged is null, and whoever waits can end it. */
static void judge(const char *text, const struct table *table, bool ends)
{
	struct watch watch = { now_ms(), now_ms(), 0 };
	struct kql_schema schema;
	AUTO(g_free) struct kql_column *columns = kql_schema_of_table(table, &schema);
	AUTO(kql_predicate_free) struct kql_predicate *predicate = kql_predicate_compile(text, &schema, data_now(), NULL);
	AUTO(bitset_free) struct bitset *is_true = bitset_new(), *is_null = bitset_new();
	struct kql_failures failures;
	struct error error = ERROR_INIT;
	bool fine;

	(void)columns;
	if (!ends)
		kql_predicate_set_turn(predicate, wait_on, &watch);
	fine = kql_predicate_eval(predicate, table, NULL, is_true, is_null, &failures, &error);
	tap_ok(ends ? fine : !fine && error.kind == ERROR_INTERRUPTED, "judged: %s", text);
	printf("# %s %zu rows fail (%s), %d ms\n", error.text, failures.rows, failures.first, (int)(now_ms() - watch.start));
	if (ends)
		tap_ok(failures.rows == ROWS && bitset_count(is_null) == ROWS && bitset_count(is_true) == 0 &&
			now_ms() - watch.start < LATE_MS, "a pattern that always takes too many steps is given up");
	else
		tap_ok(now_ms() - watch.start < LATE_MS, "ended in time");
}

/* Constant parts are computed when the text is read; not without end. */
static void compile_much(void)
{
	AUTO(g_string) GString *text = g_string_new("print 1");
	struct kql_source source = { .find = find };
	int64_t start = now_ms();

	while (text->len < 200000)
		g_string_append(text, ", countof(" BIG ", '[a-z]', 'regex')");
	AUTO(kql_query_free) struct kql_query *query = kql_query_compile(text->str, &source, NULL, data_now(), NULL);

	tap_ok(query != NULL && now_ms() - start < LATE_MS, "a text full of costly constants is read in time");
	printf("# %d ms\n", (int)(now_ms() - start));
}

int main(void)
{
	struct table *table = many();

	for (size_t n = 0; n < G_N_ELEMENTS(runaways); n++)
		run_away(runaways[n], table);
	compile_much();
	judge("s matches regex '(a|aa)+[^0-9a]'", table, true);
	judge("strcat(s, " BIG ") matches regex '(abc|ab|a)+([a-z ]+)+[0-9]$'", table, false);
	table_free(table);
	return tap_done();
}
