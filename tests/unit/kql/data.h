/* Tables made of JSON records, for the tests of this room. */
#ifndef TEST_KQL_DATA_H
#define TEST_KQL_DATA_H

#include <stdlib.h>
#include <string.h>

#include <glib.h>
#include <jansson.h>

#include "core/isotime.h"
#include "kql/schema.h"
#include "table/column.h"

/* 2026-01-15T12:00:00Z */
__attribute__((unused))
static int64_t data_now(void)
{
	int64_t now = 0;

	isotime_parse("2026-01-15T12:00:00Z", 20, &now);
	return now;
}

static char *data_path(const char *name)
{
	return g_build_filename(getenv("srcdir"), "tests", "data", "kql", name, NULL);
}

static enum column_type data_type(const char *name)
{
	for (int type = COLUMN_BOOL; type <= COLUMN_DYNAMIC; type++)
		if (strcmp(column_type_name((enum column_type)type), name) == 0)
			return (enum column_type)type;
	return COLUMN_STRING;
}

static void data_append(struct column *column, const json_t *value)
{
	enum column_type type = column_type(column);
	int64_t ticks;
	char *text;

	if (json_is_null(value) || value == NULL) {
		column_append_null(column);
	} else if (type == COLUMN_DYNAMIC) {
		text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
		column_append_text(column, text, strlen(text));
		free(text);
	} else if (type == COLUMN_STRING || type == COLUMN_GUID) {
		column_append_text(column, json_string_value(value), strlen(json_string_value(value)));
	} else if (type == COLUMN_REAL) {
		column_append_real(column, json_number_value(value));
	} else if (type == COLUMN_DATETIME) {
		if (isotime_parse(json_string_value(value), strlen(json_string_value(value)), &ticks))
			column_append_int(column, ticks);
		else
			column_append_null(column);
	} else if (json_is_boolean(value)) {
		column_append_int(column, json_is_true(value));
	} else {
		column_append_int(column, json_integer_value(value));
	}
}

/* A table with the columns of {"name":"type", ...}; one row for each record of the array. */
__attribute__((unused))
static struct table *data_table(const char *name, json_t *columns, json_t *records)
{
	struct table *table = table_new(name);
	const char *key;
	json_t *value, *record;
	size_t index;

	json_object_foreach(columns, key, value) {
		struct column *column = column_new(key, data_type(json_string_value(value)));

		json_array_foreach(records, index, record)
			data_append(column, json_object_get(record, key));
		table_add(table, column);
	}
	return table;
}

/* The lines of a data file without comments and empty lines; free with g_strfreev. */
__attribute__((unused))
static char **data_lines(const char *name)
{
	char *path = data_path(name), *text = NULL, **lines, **out;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		abort();
	g_free(path);
	lines = out = g_strsplit(text, "\n", -1);
	g_free(text);
	for (char **line = lines; *line != NULL; line++) {
		if (**line == '\0' || strncmp(*line, "# ", 2) == 0)
			g_free(*line);
		else
			*out++ = *line;
	}
	*out = NULL;
	return lines;
}

#endif
