#include "config.h"
#include "app/local_rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/isotime.h"
#include "fleet/columns.h"

struct shape {
	const char *name;
	enum column_type type;
};

/* As the manual lists them (doc/kql.md). */
enum outcome_column {
	OUTCOME_TIME, OUTCOME_JOB, OUTCOME_NUMBER, OUTCOME_STARTED, OUTCOME_ACTION, OUTCOME_VALUE, OUTCOME_CASE,
	OUTCOME_COMMENT, OUTCOME_ID, OUTCOME_NAME, OUTCOME_OUTCOME, OUTCOME_STATUS, OUTCOME_REASON, OUTCOME_ACTION_ID,
	OUTCOME_CREATED, OUTCOME_TRIES, OUTCOME_ADOPTED, OUTCOME_ERROR, OUTCOME_COLUMNS
};
static const struct shape outcome_shape[OUTCOME_COLUMNS] = {
	[OUTCOME_TIME] = { "Timestamp", COLUMN_DATETIME }, [OUTCOME_JOB] = { "job", COLUMN_STRING },
	[OUTCOME_NUMBER] = { "number", COLUMN_LONG }, [OUTCOME_STARTED] = { "started", COLUMN_DATETIME },
	[OUTCOME_ACTION] = { "action", COLUMN_STRING }, [OUTCOME_VALUE] = { "value", COLUMN_STRING },
	[OUTCOME_CASE] = { "case", COLUMN_STRING }, [OUTCOME_COMMENT] = { "comment", COLUMN_STRING },
	[OUTCOME_ID] = { "id", COLUMN_STRING }, [OUTCOME_NAME] = { "name", COLUMN_STRING },
	[OUTCOME_OUTCOME] = { "outcome", COLUMN_STRING }, [OUTCOME_STATUS] = { "status", COLUMN_STRING },
	[OUTCOME_REASON] = { "reason", COLUMN_STRING }, [OUTCOME_ACTION_ID] = { "actionId", COLUMN_STRING },
	[OUTCOME_CREATED] = { "created", COLUMN_DATETIME }, [OUTCOME_TRIES] = { "tries", COLUMN_LONG },
	[OUTCOME_ADOPTED] = { "adopted", COLUMN_BOOL }, [OUTCOME_ERROR] = { "error", COLUMN_DYNAMIC },
};

/* Members of the log's lines under their own names, but for two that are keywords of KQL; the whole line is in `record`. */
static const struct shape log_shape[] = {
	{ "seq", COLUMN_LONG }, { "Timestamp", COLUMN_DATETIME }, { "type", COLUMN_STRING }, { "case", COLUMN_STRING },
	{ "text", COLUMN_STRING }, { "source", COLUMN_DYNAMIC }, { "file", COLUMN_STRING }, { "line", COLUMN_LONG },
	{ "command", COLUMN_LONG }, { "ok", COLUMN_BOOL }, { "partial", COLUMN_BOOL }, { "ms", COLUMN_LONG },
	{ "verb", COLUMN_STRING }, { "before", COLUMN_LONG }, { "after", COLUMN_LONG }, { "job", COLUMN_STRING },
	{ "action", COLUMN_STRING }, { "kind", COLUMN_STRING }, { "device", COLUMN_STRING }, { "outcome", COLUMN_STRING },
	{ "status", COLUMN_DYNAMIC }, { "http", COLUMN_LONG }, { "actionId", COLUMN_STRING }, { "error", COLUMN_DYNAMIC },
	{ "record", COLUMN_DYNAMIC },
};
#define LOG_COLUMNS G_N_ELEMENTS(log_shape)

static struct table *table_of_shape(const char *name, const struct shape *shape, size_t count)
{
	struct table *table = table_new(name);

	for (size_t n = 0; n < count; n++)
		table_add(table, column_new(shape[n].name, shape[n].type));
	return table;
}

static struct table *devices_shape(const char *name)
{
	struct table *table = table_new(name);

	for (size_t n = 0; n < DEVICE_COLUMNS; n++)
		table_add(table, column_new(device_columns[n].name, device_columns[n].type));
	return table;
}

struct table *local_rows_shape(enum local_table id)
{
	if (id == LOCAL_OUTCOMES)
		return table_of_shape("Outcomes", outcome_shape, OUTCOME_COLUMNS);
	if (id == LOCAL_LOG)
		return table_of_shape("Log", log_shape, LOG_COLUMNS);
	return devices_shape(local_table_names[id]);
}

static void put_text(struct table *table, size_t column, const char *text)
{
	AUTO(g_free) char *valid = text != NULL ? g_utf8_make_valid(text, -1) : NULL;

	column_append_text(table_column(table, column), valid != NULL ? valid : "", valid != NULL ? strlen(valid) : 0);
}

/* ---- devices */

/* The rows of the inventory that are listed, SIZE_MAX for none, which leaves the column null. */
static struct table *copy_rows(const char *name, const struct inventory *inventory, const GArray *rows)
{
	const struct table *from = inventory_table(inventory);
	struct table *table = table_new(name);

	for (size_t n = 0; n < table_columns(from); n++) {
		const struct column *source = table_column(from, n);
		struct column *column = column_new(column_name(source), column_type(source));

		for (guint k = 0; k < rows->len; k++) {
			size_t row = g_array_index(rows, size_t, k);

			if (row == INVENTORY_NO_ROW)
				column_append_null(column);
			else
				column_append_from(column, source, row);
		}
		table_add(table, column);
	}
	return table;
}

struct table *local_rows_selected(const struct inventory *inventory, const struct bitset *members)
{
	AUTO(g_array_unref) GArray *rows = g_array_new(FALSE, FALSE, sizeof(size_t));
	struct table *table;
	size_t row = 0;

	for (uint32_t n = bitset_next(members, 0); n != BITSET_END; n = bitset_next(members, n + 1)) {
		size_t place = inventory_row(inventory, n);

		g_array_append_val(rows, place);
	}
	table = copy_rows("Selected", inventory, rows);
	for (uint32_t n = bitset_next(members, 0); n != BITSET_END; n = bitset_next(members, n + 1), row++)
		if (g_array_index(rows, size_t, row) == INVENTORY_NO_ROW)
			column_set_text(table_column(table, DEVICE_ID), row, inventory_id(inventory, n),
				strlen(inventory_id(inventory, n)));
	return table;
}

GArray *local_rows_places(const struct inventory *inventory, const struct bitset *members)
{
	/* Terminated, so that there is memory even for none. */
	AUTO(g_array_unref) GArray *places = g_array_new(TRUE, FALSE, sizeof(uint32_t));
	uint32_t rows = (uint32_t)inventory_rows(inventory);

	for (uint32_t row = 0; members == NULL && row < rows; row++)
		if (inventory_row(inventory, inventory_number_of_row(inventory, row)) == row)
			g_array_append_val(places, row);
	for (uint32_t n = members != NULL ? bitset_next(members, 0) : BITSET_END; n != BITSET_END;
		n = bitset_next(members, n + 1)) {
		size_t row = inventory_row(inventory, n);
		uint32_t place = (uint32_t)row;

		if (row == INVENTORY_NO_ROW)
			return NULL;
		g_array_append_val(places, place);
	}
	return AUTO_STEAL(places);
}

struct table *local_rows_copy(const struct inventory *inventory)
{
	const struct table *from = inventory_table(inventory);
	struct table *table = table_new(table_name(from));

	for (size_t n = 0; n < table_columns(from); n++)
		table_add(table, column_copy(table_column(from, n)));
	return table;
}

/* ---- outcomes */

static void put_ticks(struct table *table, size_t column, int64_t ticks)
{
	if (ticks != 0)
		column_append_int(table_column(table, column), ticks);
	else
		column_append_null(table_column(table, column));
}

static void put_error(struct table *table, const struct job_device *device)
{
	struct column *column = table_column(table, OUTCOME_ERROR);
	json_t *error = json_object();
	const char *names[] = { "code", "message", "target" }, *values[] = { device->code, device->message, device->target };
	char *text;

	for (size_t n = 0; n < G_N_ELEMENTS(names); n++) {
		AUTO(g_free) char *valid = values[n] != NULL ? g_utf8_make_valid(values[n], -1) : NULL;

		json_object_set_new(error, names[n], valid != NULL ? json_string(valid) : json_null());
	}
	text = json_dumps(error, JSON_COMPACT);
	if (text != NULL && (device->code != NULL || device->message != NULL))
		column_append_text(column, text, strlen(text));
	else
		column_append_null(column);
	free(text);
	json_decref(error);
}

static void put_outcome(struct table *table, const struct job *job, const struct job_device *device, int64_t started)
{
	put_ticks(table, OUTCOME_TIME, device->changed != 0 ? device->changed : started);
	put_text(table, OUTCOME_JOB, job->id);
	column_append_int(table_column(table, OUTCOME_NUMBER), job->number);
	put_ticks(table, OUTCOME_STARTED, started);
	put_text(table, OUTCOME_ACTION, job->action);
	put_text(table, OUTCOME_VALUE, job_value(job, device));
	put_text(table, OUTCOME_CASE, job->case_id);
	put_text(table, OUTCOME_COMMENT, job->comment);
	put_text(table, OUTCOME_ID, device->id);
	put_text(table, OUTCOME_NAME, device->name);
	put_text(table, OUTCOME_OUTCOME, job_outcome(job, device));
	put_text(table, OUTCOME_STATUS, device->status);
	put_text(table, OUTCOME_REASON, device->reason);
	put_text(table, OUTCOME_ACTION_ID, device->action_id);
	put_ticks(table, OUTCOME_CREATED, device->created);
	column_append_int(table_column(table, OUTCOME_TRIES), device->tries);
	column_append_int(table_column(table, OUTCOME_ADOPTED), device->adopted);
	put_error(table, device);
}

struct table *local_rows_outcomes(const struct jobs *jobs)
{
	AUTO(g_ptr_array_unref) GPtrArray *list = jobs_of_session(jobs);
	struct table *table = local_rows_shape(LOCAL_OUTCOMES);

	for (guint n = 0; n < list->len; n++) {
		const struct job *job = list->pdata[n];
		int64_t started = 0;

		if (job->started != NULL && !isotime_parse(job->started, strlen(job->started), &started))
			started = 0;
		for (guint k = 0; k < job->devices->len; k++)
			put_outcome(table, job, job->devices->pdata[k], started);
	}
	return table;
}

/* ---- log */

static void put_member(struct column *column, const json_t *value)
{
	const char *string = json_string_value(value);
	int64_t ticks;
	char *text;

	switch (column_type(column)) {
	case COLUMN_LONG:
		if (json_is_integer(value))
			column_append_int(column, json_integer_value(value));
		else
			column_append_null(column);
		return;
	case COLUMN_BOOL:
		if (json_is_boolean(value))
			column_append_int(column, json_is_true(value));
		else
			column_append_null(column);
		return;
	case COLUMN_DATETIME:
		if (string != NULL && isotime_parse(string, json_string_length(value), &ticks))
			column_append_int(column, ticks);
		else
			column_append_null(column);
		return;
	case COLUMN_DYNAMIC:
		text = value != NULL && !json_is_null(value) ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
		if (text != NULL)
			column_append_text(column, text, strlen(text));
		else
			column_append_null(column);
		free(text);
		return;
	default:
		column_append_text(column, string != NULL ? string : "", string != NULL ? strlen(string) : 0);
	}
}

static const char *member_name(const char *column)
{
	return strcmp(column, "Timestamp") == 0 ? "time" : strcmp(column, "command") == 0 ? "of" : column;
}

static bool put_line(void *data, const json_t *record, unsigned number)
{
	struct table *table = data;

	(void)number;
	for (size_t n = 0; n + 1 < LOG_COLUMNS; n++)
		put_member(table_column(table, n), json_object_get(record, member_name(log_shape[n].name)));
	put_member(table_column(table, LOG_COLUMNS - 1), record);
	return true;
}

struct table *local_rows_log(struct journal *journal, struct error *error)
{
	AUTO(table_free) struct table *table = local_rows_shape(LOCAL_LOG);

	if (!journal_is_broken(journal) && !journal_commit(journal, error))
		return NULL;
	return journal_read(journal_path(journal), put_line, table, error) ? AUTO_STEAL(table) : NULL;
}
