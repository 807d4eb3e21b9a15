#include "config.h"
#include "commands/table_result.h"

#include <math.h>
#include <string.h>

#include "app/output.h"
#include "core/isotime.h"
#include "kql/chart.h"
#include "kql/literal.h"

static char *cell_text(const struct column *column, size_t row)
{
	char time[ISOTIME_SIZE];
	GString *span;

	if (column_is_null(column, row))
		return g_strdup("");
	switch (column_type(column)) {
	case COLUMN_BOOL:
		return g_strdup(column_int(column, row) != 0 ? "true" : "false");
	case COLUMN_INT:
	case COLUMN_LONG:
		return g_strdup_printf("%" G_GINT64_FORMAT, (gint64)column_int(column, row));
	case COLUMN_REAL:
		return g_strdup_printf("%.15g", column_real(column, row));
	case COLUMN_DATETIME:
		isotime_format(column_int(column, row), time);
		return g_strdup(time);
	case COLUMN_TIMESPAN:
		span = g_string_new(NULL);
		kql_append_timespan(span, column_int(column, row));
		return g_string_free(span, FALSE);
	case COLUMN_GUID:
	case COLUMN_STRING:
	case COLUMN_DYNAMIC:
		break;
	}
	return g_strdup(column_text(column, row, NULL));
}

static json_t *cell_json(const struct column *column, size_t row)
{
	AUTO(g_free) char *text = NULL;
	json_t *dynamic;

	if (column_is_null(column, row))
		return json_null();
	switch (column_type(column)) {
	case COLUMN_BOOL:
		return json_boolean(column_int(column, row) != 0);
	case COLUMN_INT:
	case COLUMN_LONG:
		return json_integer(column_int(column, row));
	case COLUMN_REAL:
		if (isfinite(column_real(column, row)))
			return json_real(column_real(column, row));
		break;
	case COLUMN_DYNAMIC:
		dynamic = json_loads(column_text(column, row, NULL), JSON_DECODE_ANY, NULL);
		if (dynamic != NULL)
			return dynamic;
		break;
	case COLUMN_DATETIME:
	case COLUMN_TIMESPAN:
	case COLUMN_GUID:
	case COLUMN_STRING:
		break;
	}
	text = cell_text(column, row);
	return json_string(text);
}

static void table_destroy(void *table)
{
	table_free(table);
}

static json_t *row_json(void *data, size_t row)
{
	const struct table *table = data;
	json_t *object = json_object();

	for (size_t i = 0; i < table_columns(table); i++) {
		const struct column *column = table_column(table, i);

		json_object_set_new(object, column_name(column), cell_json(column, row));
	}
	return object;
}

static bool is_number(enum column_type type)
{
	return type == COLUMN_INT || type == COLUMN_LONG || type == COLUMN_REAL;
}

static void add_members(struct result *result, const struct table_shown *shown)
{
	const struct table *table = shown->table;
	json_t *schema = json_array();

	for (size_t i = 0; i < table_columns(table); i++) {
		const struct column *column = table_column(table, i);

		json_array_append_new(schema, json_pack("{s:s,s:s}", "name", column_name(column), "type",
			shown->query != NULL ? kql_query_type(shown->query, i) : column_type_name(column_type(column))));
	}
	result_member(result, "schema", schema);
	result_member_lazy(result, "rows", table_rows(table), row_json, (void *)table, shown->take ? table_destroy : NULL);
}

static void add_cells(struct result *result, const struct table *table)
{
	for (size_t i = 0; i < table_columns(table); i++) {
		const struct column *column = table_column(table, i);

		result_column(result, column_name(column), is_number(column_type(column)) ? RESULT_RIGHT :
			strcmp(column_name(column), "DeviceId") == 0 || strcmp(column_name(column), "DeviceName") == 0 ?
			RESULT_CUT | RESULT_NAME : RESULT_CUT);
	}
	for (size_t row = 0; row < table_rows(table); row++)
		for (size_t i = 0; i < table_columns(table); i++) {
			AUTO(g_free) char *text = cell_text(table_column(table, i), row);

			result_cell(result, text);
		}
}

static bool add_chart(struct session *session, const struct arguments *arguments, struct result *result,
	const struct table_shown *shown)
{
	bool aside = arguments_file(arguments, NULL) != NULL || arguments_program(arguments) != NULL;
	struct kql_chart_style style = { .width = aside ? 80 : output_width(session->output),
		.ascii = output_is_ascii(session->output) };
	AUTO(g_string) GString *note = g_string_new(NULL);

	if (shown->render == NULL || output_result_format(session->output) != OUTPUT_TABLE)
		return false;
	if (kql_chart_draw(shown->render, shown->table, &style, result_text(result), note))
		return true;
	if (note->len > 0)
		session_say(session, "%s; here are the rows", note->str);
	return false;
}

void result_table(struct session *session, const struct arguments *arguments, struct result *result,
	const struct table_shown *shown)
{
	add_members(result, shown);
	if (!add_chart(session, arguments, result, shown) && output_result_format(session->output) != OUTPUT_JSON)
		add_cells(result, shown->table);
}
