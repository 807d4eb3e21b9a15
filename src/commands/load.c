/* load: files as local tables. */
#include "config.h"
#include "commands/entries.h"

#include <string.h>

#include "app/arguments.h"
#include "app/check.h"
#include "app/local_tables.h"
#include "app/result.h"
#include "app/table_file.h"
#include "core/text.h"

static bool load_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	const char *name = arguments_operand(arguments, 0);

	if (arguments_has(arguments, "drop"))
		return arguments_count(arguments) == 0 || error_set(error, ERROR_USAGE, "'--drop' stands alone");
	if (name == NULL)
		return true;
	if (arguments_count(arguments) == 1) {
		error_set(error, ERROR_USAGE, "FILE is missing");
		error_hint(error, "load NAME FILE; `load` alone lists the tables");
		return false;
	}
	if (!loaded_table_name_ok(name, error))
		return false;
	g_hash_table_add(check->loads, g_strdup(name));
	return true;
}

static void list_tables(const struct session *session, struct result *result)
{
	const GPtrArray *tables = loaded_tables(session);
	json_t *array = json_array();

	result_column(result, "TABLE", 0);
	result_column(result, "ROWS", RESULT_RIGHT);
	result_column(result, "FILE", RESULT_CUT);
	result_column(result, "COLUMNS", RESULT_CUT);
	for (guint n = 0; n < tables->len; n++) {
		const struct loaded_table *loaded = tables->pdata[n];
		AUTO(g_string) GString *columns = g_string_new(NULL);
		AUTO(g_free) char *file = g_utf8_make_valid(loaded->file, -1);
		json_t *schema = json_array();

		for (size_t k = 0; k < table_columns(loaded->table); k++) {
			const struct column *column = table_column(loaded->table, k);

			g_string_append_printf(columns, "%s%s", k > 0 ? ", " : "", column_name(column));
			json_array_append_new(schema, json_pack("{s:s,s:s}", "name", column_name(column), "type",
				column_type_name(column_type(column))));
		}
		result_cell(result, table_name(loaded->table));
		result_cellf(result, "%zu", table_rows(loaded->table));
		result_cell(result, loaded->file);
		result_cell(result, columns->str);
		json_array_append_new(array, json_pack("{s:s,s:I,s:s,s:o}", "name", table_name(loaded->table), "count",
			(json_int_t)table_rows(loaded->table), "file", file, "schema", schema));
	}
	result_member(result, "tables", array);
	result_summary(result, "%u table%s", tables->len, tables->len == 1 ? "" : "s");
}

static bool drop_table(struct session *session, const char *name, struct result *result, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *names = g_ptr_array_new();
	const GPtrArray *tables = loaded_tables(session);
	const char *near;

	if (loaded_table_drop(session, name)) {
		result_summary(result, "dropped %s", name);
		return true;
	}
	for (guint n = 0; n < tables->len; n++)
		g_ptr_array_add(names, (void *)table_name(((const struct loaded_table *)tables->pdata[n])->table));
	g_ptr_array_add(names, NULL);
	error_set(error, ERROR_FAILED, "no table '%s' is loaded", name);
	near = text_nearest(name, (const char *const *)names->pdata);
	if (near != NULL)
		error_hint(error, "did you mean '%s'?", near);
	else
		error_hint(error, "`load` lists the tables");
	return false;
}

static bool load_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	const char *name = arguments_operand(arguments, 0), *file = arguments_operand(arguments, 1);
	const struct loaded_table *before = name != NULL ? loaded_table_find(session, name) : NULL;
	struct table *table;
	size_t rows, columns;

	if (arguments_has(arguments, "drop"))
		return drop_table(session, arguments_text(arguments, "drop"), result, error);
	if (name == NULL) {
		list_tables(session, result);
		return true;
	}
	table = table_file_read(name, file, error);
	if (table == NULL)
		return false;
	rows = table_rows(table);
	columns = table_columns(table);
	if (before != NULL)
		session_say(session, "%s replaces the table of %zu row%s that was read from %s", name, table_rows(before->table),
			table_rows(before->table) == 1 ? "" : "s", before->file);
	if (!loaded_table_add(session, table, file, error))
		return false;
	result_summary(result, "%s: %zu row%s, %zu column%s", name, rows, rows == 1 ? "" : "s", columns,
		columns == 1 ? "" : "s");
	return true;
}

static const struct command_option load_options[] = {
	{ "drop", '\0', VALUE_TEXT, "NAME", COMPLETE_TABLES, NULL, "forget a loaded table" },
	{ .name = NULL },
};
static const char *const load_help[] = {
	"Makes a file a local table for `show`: a CSV in any of the forms that `--csv` reads (its first row gives the names, its "
	"columns are strings), a JSON array of objects (alone, or as `value`, `results`, `rows` or `devices` of an object), or JSON "
	"lines, whose values keep their types. It lasts for the session and its tenant. `load` alone lists the tables.",
	"A table of the same name is replaced. At most 256 MiB, 1,000,000 rows, 1,000 columns, 20,000,000 cells and 64 tables.", NULL,
};
static const char *const load_examples[] = { "load Report report.csv",
	"show Report | join kind=inner Devices on $left.Host == $right.computerDnsName", "load --drop Report", NULL };
const struct command command_load = {
	.name = "load", .group = GROUP_LOOK, .summary = "make a CSV, JSON or JSON-lines file a local table",
	.help = load_help, .examples = load_examples, .options = load_options,
	.operands = { { "NAME", VALUE_TEXT, 0, 1, COMPLETE_TABLES, NULL, "what the table is called in KQL" },
		{ "FILE", VALUE_FILE, 0, 1, COMPLETE_FILES, NULL, "the file; - is standard input" } },
	.check = load_check, .run = load_run,
};
