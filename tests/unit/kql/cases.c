/* Predicates with the documented answer: tests/data/kql/cases.tsv (settled) and cases-inferred.tsv (our reading). */
#include "config.h"

#include "kql/predicate.h"
#include "tests/tap.h"
#include "tests/unit/kql/data.h"

static const char *answer(struct kql_predicate *predicate, const struct table *table, bool plain)
{
	AUTO(bitset_free) struct bitset *is_true = bitset_new(), *is_null = bitset_new();
	struct kql_failures failures;
	struct error error = ERROR_INIT;

	if (!(plain ? kql_predicate_eval_plain : kql_predicate_eval)(predicate, table, NULL, is_true, is_null, &failures,
		&error))
		return error.text[0] != '\0' ? "no table" : "no evaluation";
	if (failures.rows != 0)
		return "failed";
	return bitset_has(is_true, 0) ? "true" : "false";
}

static void run_case(char **cells, json_t *columns)
{
	json_t *record = json_loads(cells[1], 0, NULL), *records = json_array();
	struct kql_schema schema;
	struct error error = ERROR_INIT;
	struct kql_predicate *predicate;

	json_array_append_new(records, record);
	AUTO(table_free) struct table *table = data_table("Cases", columns, records);
	AUTO(g_free) struct kql_column *names = kql_schema_of_table(table, &schema);

	(void)names;
	predicate = kql_predicate_compile(cells[0], &schema, data_now(), &error);
	if (predicate == NULL) {
		bool fine = strcmp(cells[2], "error") == 0 && error.kind == ERROR_USAGE && error.line > 0 && error.column > 0;

		if (!tap_ok(fine, "%s", cells[0]))
			printf("# wanted %s, got the error: %s\n", cells[2], error.text);
	} else {
		const char *fast = answer(predicate, table, false), *plain = answer(predicate, table, true);

		if (!tap_ok(strcmp(fast, cells[2]) == 0 && strcmp(plain, fast) == 0, "%s", cells[0]))
			printf("# wanted %s, got %s (plain: %s) for %s\n", cells[2], fast, plain, cells[1]);
	}
	kql_predicate_free(predicate);
	json_decref(records);
}

static void run_file(const char *name, json_t *columns)
{
	AUTO(g_strfreev) char **lines = data_lines(name);

	for (char **line = lines; *line != NULL; line++) {
		AUTO(g_strfreev) char **cells = g_strsplit(*line, "\t", 4);

		if (g_strv_length(cells) >= 3)
			run_case(cells, columns);
	}
}

int main(void)
{
	AUTO(g_free) char *path = data_path("cases-schema.json");
	json_t *schema = json_load_file(path, 0, NULL);
	json_t *columns = json_object_get(json_object_get(json_object_get(schema, "tables"), "Cases"), "columns");

	run_file("cases.tsv", columns);
	run_file("cases-inferred.tsv", columns);
	json_decref(schema);
	return tap_done();
}
