#include "config.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "sim/calls.h"
#include "sim/hunt.h"
#include "sim/jsonout.h"

#define RESULT_LIMIT (50UL * 1024 * 1024) /* bytes (API contract, section 6.1) */

/* ---- values */

static void print_timespan(GString *out, int64_t ticks)
{
	uint64_t left = (uint64_t)(ticks < 0 ? -ticks : ticks);
	uint64_t seconds = left / ISOTIME_TICKS_PER_SECOND, rest = left % ISOTIME_TICKS_PER_SECOND;

	g_string_append_printf(out, "\"%s", ticks < 0 ? "-" : "");
	if (seconds >= 86400)
		g_string_append_printf(out, "%u.", (unsigned)(seconds / 86400));
	g_string_append_printf(out, "%02u:%02u:%02u", (unsigned)(seconds / 3600 % 24), (unsigned)(seconds / 60 % 60),
		(unsigned)(seconds % 60));
	if (rest != 0)
		g_string_append_printf(out, ".%07u", (unsigned)rest);
	g_string_append_c(out, '"');
}

static void print_real(GString *out, double value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	/* JSON has no such numbers; Kusto writes words */
	if (isnan(value))
		g_string_append(out, "\"NaN\"");
	else if (isinf(value))
		g_string_append(out, value < 0 ? "\"-Infinity\"" : "\"Infinity\"");
	else
		g_string_append(out, g_ascii_dtostr(text, sizeof text, value));
}

/* The services differ on purpose: the documentation leaves open how bool and dynamic come, a client takes both. */
static void print_value(GString *out, const struct column *column, size_t row, bool graph)
{
	if (column_is_null(column, row)) {
		g_string_append(out, "null");
		return;
	}
	switch (column_type(column)) {
	case COLUMN_BOOL:
		g_string_append(out, graph ? (column_int(column, row) ? "true" : "false") :
			(column_int(column, row) ? "1" : "0"));
		break;
	case COLUMN_INT:
	case COLUMN_LONG:
		g_string_append_printf(out, "%lld", (long long)column_int(column, row));
		break;
	case COLUMN_REAL:
		print_real(out, column_real(column, row));
		break;
	case COLUMN_DATETIME:
		jsonout_time(out, column_int(column, row), 7);
		break;
	case COLUMN_TIMESPAN:
		print_timespan(out, column_int(column, row));
		break;
	case COLUMN_DYNAMIC:
		if (graph)
			g_string_append(out, column_text(column, row, NULL));
		else
			jsonout_text(out, column_text(column, row, NULL));
		break;
	default:
		jsonout_text(out, column_text(column, row, NULL));
	}
}

/* API contract, section 6.5. */
static const char *type_text(enum column_type type, bool graph)
{
	switch (type) {
	case COLUMN_BOOL:
		return graph ? "Boolean" : "SByte";
	case COLUMN_INT:
		return "Int32";
	case COLUMN_LONG:
		return "Int64";
	case COLUMN_REAL:
		return "Double";
	case COLUMN_DATETIME:
		return "DateTime";
	case COLUMN_TIMESPAN:
		return "TimeSpan";
	case COLUMN_GUID:
		return "Guid";
	case COLUMN_DYNAMIC:
		return "Object";
	default:
		return "String";
	}
}

/* ---- the three shapes */

static void print_schema(GString *out, const struct table *table, bool graph)
{
	g_string_append(out, graph ? "\"schema\":[" : "\"Schema\":[");
	for (size_t i = 0; i < table_columns(table); i++) {
		const struct column *column = table_column(table, i);

		g_string_append(out, i > 0 ? ",{" : "{");
		jsonout_member(out, graph ? "name" : "Name", column_name(column));
		jsonout_member(out, graph ? "type" : "Type", type_text(column_type(column), graph));
		g_string_append_c(out, '}');
	}
	g_string_append_c(out, ']');
}

static void print_rows(GString *out, const struct table *table, size_t rows, bool graph)
{
	g_string_append(out, graph ? ",\"results\":[" : ",\"Results\":[");
	for (size_t row = 0; row < rows; row++) {
		g_string_append(out, row > 0 ? ",{" : "{");
		for (size_t i = 0; i < table_columns(table); i++) {
			const struct column *column = table_column(table, i);

			if (i > 0)
				g_string_append_c(out, ',');
			jsonout_text(out, column_name(column));
			g_string_append_c(out, ':');
			print_value(out, column, row, graph);
		}
		g_string_append_c(out, '}');
	}
	g_string_append_c(out, ']');
}

static void answer_table(struct request *request, const struct table *table)
{
	bool graph = request->service == SERVICE_GRAPH;
	size_t rows = MIN(table_rows(table), request->sim->options.row_limit);
	GString *out = answer_begin(request, 200, graph ? "application/json; charset=utf-8" : JSON_TYPE);

	g_string_append_c(out, '{');
	if (graph)
		g_string_append(out, "\"@odata.context\":\"https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.security."
			"huntingQueryResults\",");
	else
		g_string_append_printf(out, "\"Stats\":{\"ExecutionTime\":0.015625,\"resource_usage\":{\"cpu\":{\"user\":"
			"\"00:00:00.0156250\",\"kernel\":\"00:00:00\",\"total cpu\":\"00:00:00.0156250\"},\"memory\":"
			"{\"peak_per_node\":1048576}},\"dataset_statistics\":[{\"table_row_count\":%zu,\"table_size\":%zu}]},", rows,
			rows * table_columns(table) * 16);
	print_schema(out, table, graph);
	print_rows(out, table, rows, graph);
	g_string_append_c(out, '}');
	request->performed = true;
	if (out->len > RESULT_LIMIT)
		answer_error(request, 400, "BadRequest", "Query execution has exceeded the allowed result size. Optimize your "
			"query by limiting the number of results and try again");
}

/* ---- Graph's Timespan */

/* ISO 8601: P30D, PT12H, P1DT6H. */
static bool read_duration(const char *text, int64_t *ticks)
{
	bool time = false;
	int64_t sum = 0;

	if (*text++ != 'P' || *text == '\0')
		return false;
	while (*text != '\0') {
		char *end;
		long number;

		if (*text == 'T') {
			time = true;
			text++;
		}
		number = strtol(text, &end, 10);
		if (end == text || number < 0 || number > 100000)
			return false;
		if (*end == 'D' && !time)
			sum += number * ISOTIME_TICKS_PER_DAY;
		else if (*end == 'H' && time)
			sum += number * 3600 * ISOTIME_TICKS_PER_SECOND;
		else if (*end == 'M' && time)
			sum += number * 60 * ISOTIME_TICKS_PER_SECOND;
		else if (*end == 'S' && time)
			sum += number * ISOTIME_TICKS_PER_SECOND;
		else
			return false;
		text = end + 1;
	}
	*ticks = sum;
	return true;
}

/* The start of the span asked for: a duration up to now, or a start time with anything behind it. */
static bool read_span(struct request *request, int64_t *since)
{
	const char *text = json_string_value(json_object_get(request->json, "Timespan"));
	int64_t ticks;

	*since = 0;
	if (text == NULL)
		return true;
	if (read_duration(text, &ticks))
		*since = sim_now(request->sim) - ticks;
	else if (!isotime_parse(text, strcspn(text, "/"), since)) {
		answer_error(request, 400, "BadRequest", "Timespan '%s' is not valid.", text);
		return false;
	}
	return true;
}

/* ---- the call */

void call_hunt(struct request *request)
{
	static const char *const mde[] = { "Query", NULL }, *const graph[] = { "Query", "Timespan", NULL };
	const char *text = json_string_value(json_object_get(request->json, "Query"));
	struct error error = ERROR_INIT;
	int64_t since;

	if (request->service == SERVICE_GRAPH && text == NULL) {
		answer_error(request, 400, "BadRequest", "The query is missing.");
		return;
	}
	if (!call_members(request, request->service == SERVICE_GRAPH ? graph : mde))
		return;
	text = text != NULL ? text : call_text(request, "Query");
	if (text == NULL || !read_span(request, &since))
		return;
	if (request->tenant->hunt == NULL)
		request->tenant->hunt = hunt_new(request->tenant);
	AUTO(table_free) struct table *table = hunt_query(request->tenant->hunt, text, since, &error);

	if (table != NULL)
		answer_table(request, table);
	else if (error.kind == ERROR_INTERRUPTED)
		answer_error(request, 400, "BadRequest", "Query exceeded the timeout period.");
	else if (error.kind == ERROR_FAILED)
		answer_error(request, 400, "BadRequest", "Query stopped due to excessive resource consumption: %s.", error.text);
	else
		answer_error(request, 400, "BadRequest", "%c%s. Fix semantic errors in your query.", toupper((unsigned char)
			error.text[0]), error.text + 1);
}
