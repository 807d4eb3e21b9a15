#include "config.h"
#include "commands/table_result.h"

#include <math.h>
#include <string.h>

#include "app/output.h"
#include "core/isotime.h"
#include "kql/chart.h"
#include "kql/literal.h"

/* Numbers that JSON has not are called as the service calls them. */
static void append_real(GString *out, double value)
{
	if (isnan(value))
		g_string_append(out, "NaN");
	else if (isinf(value))
		g_string_append(out, value < 0 ? "-Infinity" : "Infinity");
	else
		g_string_append_printf(out, "%.15g", value);
}

static void append_cell(void *data, size_t row, size_t index, GString *out)
{
	const struct column *column = table_column(data, index);
	char time[ISOTIME_SIZE];

	if (column_is_null(column, row))
		return;
	switch (column_type(column)) {
	case COLUMN_BOOL:
		g_string_append(out, column_int(column, row) != 0 ? "true" : "false");
		break;
	case COLUMN_INT:
	case COLUMN_LONG:
		g_string_append_printf(out, "%" G_GINT64_FORMAT, (gint64)column_int(column, row));
		break;
	case COLUMN_REAL:
		append_real(out, column_real(column, row));
		break;
	case COLUMN_DATETIME:
		isotime_format(column_int(column, row), time);
		g_string_append(out, time);
		break;
	case COLUMN_TIMESPAN:
		kql_append_timespan(out, column_int(column, row));
		break;
	case COLUMN_GUID:
	case COLUMN_STRING:
	case COLUMN_DYNAMIC:
		g_string_append(out, column_text(column, row, NULL));
		break;
	}
}

static json_t *cell_json(const struct table *table, size_t row, size_t index)
{
	const struct column *column = table_column(table, index);
	AUTO(g_string) GString *text = NULL;
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
	text = g_string_new(NULL);
	append_cell((void *)table, row, index, text);
	return json_string(text->str);
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

		json_object_set_new(object, column_name(column), cell_json(table, row, i));
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
	result_cells_lazy(result, table_rows(table), append_cell, (void *)table);
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
