/* kql_cases CASES.tsv SCHEMA.json: predicates with known answers. A line holds a predicate, a record (JSON), the answer
 * (true, false: null counts as false; error: refused before a row is read) and, for readers, where it comes from.
 * now() is 2026-01-15T12:00:00Z. Each case is judged by the fast way and by the plain one. Prints the failing cases and
 * "N passed, N failed"; the exit status is 1 if one fails, 2 if the files cannot be used. */
#include "config.h"

#include <stdio.h>

#include "kql/predicate.h"
#include "tests/unit/kql/data.h"

struct tally {
	json_t *columns;
	unsigned passed, failed;
};

static const char *judge(const struct kql_predicate *predicate, const struct table *table, bool plain,
	struct error *error)
{
	AUTO(bitset_free) struct bitset *is_true = bitset_new(), *is_null = bitset_new();
	struct kql_failures failures = { .rows = 0 };

	if (!(plain ? kql_predicate_eval_plain : kql_predicate_eval)(predicate, table, NULL, is_true, is_null, &failures,
		error))
		return "no answer";
	if (failures.rows != 0) {
		error_set(error, ERROR_FAILED, "%s", failures.first);
		return "no answer";
	}
	return bitset_has(is_true, 0) ? "true" : "false";
}

static const char *answer(const char *text, const struct table *table, bool plain, struct error *error)
{
	struct kql_schema schema;
	AUTO(g_free) struct kql_column *names = kql_schema_of_table(table, &schema);
	AUTO(kql_predicate_free) struct kql_predicate *predicate = kql_predicate_compile(text, &schema, data_now(), error);

	(void)names;
	return predicate != NULL ? judge(predicate, table, plain, error) : "error";
}

static void run_case(struct tally *tally, unsigned line, char **cells)
{
	json_t *record = json_loads(cells[1], 0, NULL), *records;
	struct error error = ERROR_INIT;
	struct table *table;
	const char *fast, *plain;

	if (!json_is_object(record)) {
		printf("FAIL line %u: %s\n  the record is no JSON object: %s\n", line, cells[0], cells[1]);
		tally->failed++;
		json_decref(record);
		return;
	}
	records = json_array();
	json_array_append_new(records, record);
	table = data_table("Cases", tally->columns, records);
	fast = answer(cells[0], table, false, &error);
	plain = answer(cells[0], table, true, NULL);
	if (strcmp(fast, cells[2]) == 0 && strcmp(plain, fast) == 0) {
		tally->passed++;
	} else {
		tally->failed++;
		printf("FAIL line %u: %s\n  wanted %s, got %s", line, cells[0], cells[2], fast);
		if (strcmp(plain, fast) != 0)
			printf(" (%s by the plain way)", plain);
		printf("%s%s, record %s\n", error.text[0] != '\0' ? ": " : "", error.text, cells[1]);
	}
	table_free(table);
	json_decref(records);
}

/* The columns of the table Cases, or of the only one there is. */
static json_t *find_columns(json_t *schema)
{
	json_t *tables = json_object_get(schema, "tables"), *table = json_object_get(tables, "Cases");

	if (table == NULL && json_object_size(tables) == 1)
		table = json_object_iter_value(json_object_iter(tables));
	return json_object_get(table, "columns");
}

static bool run_file(struct tally *tally, const char *path)
{
	AUTO(g_strfreev) char **lines = NULL;
	AUTO(g_free) char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return false;
	lines = g_strsplit(text, "\n", -1);
	for (unsigned n = 0; lines[n] != NULL; n++) {
		AUTO(g_strfreev) char **cells = NULL;
		size_t length = strlen(lines[n]);

		if (length != 0 && lines[n][length - 1] == '\r')
			lines[n][length - 1] = '\0';
		if (lines[n][0] == '\0' || strncmp(lines[n], "# ", 2) == 0)
			continue;
		cells = g_strsplit(lines[n], "\t", 4);
		if (g_strv_length(cells) >= 3) {
			g_strstrip(cells[2]);
			run_case(tally, n + 1, cells);
		} else {
			printf("FAIL line %u: no predicate, record and answer, separated by tabs\n", n + 1);
			tally->failed++;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	struct tally tally = { .passed = 0 };
	json_t *schema;

	if (argc != 3) {
		fprintf(stderr, "usage: kql_cases CASES.tsv SCHEMA.json\n");
		return 2;
	}
	schema = json_load_file(argv[2], 0, NULL);
	tally.columns = find_columns(schema);
	if (!json_is_object(tally.columns)) {
		fprintf(stderr, "kql_cases: no columns of a table 'Cases' in '%s'\n", argv[2]);
		json_decref(schema);
		return 2;
	}
	if (!run_file(&tally, argv[1])) {
		fprintf(stderr, "kql_cases: cannot read '%s'\n", argv[1]);
		json_decref(schema);
		return 2;
	}
	printf("%u passed, %u failed\n", tally.passed, tally.failed);
	json_decref(schema);
	return tally.failed == 0 ? 0 : 1;
}
