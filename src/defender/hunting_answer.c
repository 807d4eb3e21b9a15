/* Answers of advanced hunting in their three shapes (API contract, sections 6.1 to 6.3): Graph ("schema", "results"),
 * Defender XDR and MDE ("Schema", "Results"); members of the schema in either case. */
#include "config.h"
#include "defender/hunting_answer.h"

#include <string.h>

#include <jansson.h>

/* Section 6.5: names of .NET, Kusto and KQL. */
static const struct {
	const char *theirs, *kql;
} types[] = {
	{ "String", "string" },     { "DateTime", "datetime" }, { "SByte", "bool" },      { "Boolean", "bool" },
	{ "Bool", "bool" },         { "Int32", "int" },         { "Int", "int" },         { "Int64", "long" },
	{ "Long", "long" },         { "Double", "real" },       { "Real", "real" },       { "Single", "real" },
	{ "SqlDecimal", "real" },   { "Decimal", "real" },      { "TimeSpan", "timespan" }, { "Guid", "guid" },
	{ "Object", "dynamic" },    { "Dynamic", "dynamic" },
};

struct hunting_answer {
	const struct row_handler *rows;
	void (*schema)(void *data, const char *name, const char *kql_type);
	void *data;
	struct row_reader *reader;
	GHashTable *columns; /* name -> KQL type; empty until the schema came */
};

static const char *type_kql(const char *theirs)
{
	if (theirs != NULL && g_ascii_strncasecmp(theirs, "System.", 7) == 0)
		theirs += 7;
	for (size_t i = 0; theirs != NULL && i < G_N_ELEMENTS(types); i++)
		if (g_ascii_strcasecmp(theirs, types[i].theirs) == 0)
			return types[i].kql;
	return "dynamic";
}

/* Rows */

static bool row_begin(void *data, struct error *error)
{
	struct hunting_answer *answer = data;

	return answer->rows->begin == NULL || answer->rows->begin(answer->data, error);
}

static bool row_end(void *data, struct error *error)
{
	struct hunting_answer *answer = data;

	return answer->rows->end == NULL || answer->rows->end(answer->data, error);
}

/* Numbers that came as texts: "NaN", "Infinity", decimals. */
static bool value_real(struct row_value *value)
{
	AUTO(g_free) char *text = g_strndup(value->text, value->length);
	char *end;
	double real = g_ascii_strtod(text, &end);

	if (end == text || end != text + value->length)
		return false;
	value->kind = ROW_REAL;
	value->real = real;
	return true;
}

/* A dynamic value may come as a text that holds JSON. The caller frees with free. */
static char *value_dynamic(struct row_value *value)
{
	json_t *json;
	char *text;

	if (value->length == 0 || (*value->text != '{' && *value->text != '['))
		return NULL;
	json = json_loadb(value->text, value->length, JSON_ALLOW_NUL, NULL);
	if (json == NULL)
		return NULL;
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (text != NULL) {
		value->kind = ROW_DYNAMIC;
		value->text = text;
		value->length = strlen(text);
	}
	return text;
}

/* The spellings of section 6.5 as one; members that the schema lacks (annotations of Graph) are dropped. */
static bool row_member(void *data, const char *name, const struct row_value *given, struct error *error)
{
	struct hunting_answer *answer = data;
	const char *type = g_hash_table_lookup(answer->columns, name);
	struct row_value value = *given;
	AUTO(free) char *dynamic = NULL;

	if (answer->rows->member == NULL || strstr(name, "@odata.") != NULL)
		return true;
	if (type == NULL && g_hash_table_size(answer->columns) > 0)
		return true;
	if (type != NULL && strcmp(type, "bool") == 0 && value.kind == ROW_INTEGER) {
		value.kind = ROW_BOOL;
		value.boolean = value.integer != 0;
	} else if (type != NULL && strcmp(type, "real") == 0 && value.kind == ROW_STRING) {
		value_real(&value);
	} else if (type != NULL && strcmp(type, "dynamic") == 0 && value.kind == ROW_STRING) {
		dynamic = value_dynamic(&value);
	}
	return answer->rows->member(answer->data, name, &value, error);
}

static const char *either(const json_t *object, const char *lower, const char *upper)
{
	const char *text = json_string_value(json_object_get(object, lower));

	return text != NULL ? text : json_string_value(json_object_get(object, upper));
}

static bool schema_read(struct hunting_answer *answer, const json_t *schema, struct error *error)
{
	const json_t *column;
	size_t i;

	json_array_foreach(schema, i, column) {
		const char *name = either(column, "name", "Name");
		const char *kql = type_kql(either(column, "type", "Type"));

		if (name == NULL)
			return error_set(error, ERROR_FAILED, "the hunting answer has a column without a name");
		if (i == HUNTING_COLUMNS_MOST)
			return error_set(error, ERROR_FAILED, "the hunting answer has more than %d columns", HUNTING_COLUMNS_MOST);
		if (!g_hash_table_insert(answer->columns, g_strdup(name), (gpointer)(uintptr_t)kql))
			return error_set(error, ERROR_FAILED, "the hunting answer has two columns of one name");
		if (answer->schema != NULL)
			answer->schema(answer->data, name, kql);
	}
	return true;
}

static bool row_top(void *data, const char *name, const struct row_value *value, struct error *error)
{
	struct hunting_answer *answer = data;
	json_t *schema;
	bool ok;

	if (g_ascii_strcasecmp(name, "schema") != 0 || value->kind != ROW_DYNAMIC)
		return true;
	if (g_hash_table_size(answer->columns) > 0)
		return error_set(error, ERROR_FAILED, "the hunting answer has two schemas");
	schema = json_loadb(value->text, value->length, JSON_ALLOW_NUL, NULL);
	ok = schema_read(answer, schema, error);
	json_decref(schema);
	return ok;
}

static const struct row_handler answer_rows = {
	.begin = row_begin, .member = row_member, .end = row_end, .top = row_top,
};

struct hunting_answer *hunting_answer_new(const struct row_handler *rows,
	void (*schema)(void *data, const char *name, const char *kql_type), void *data)
{
	static const char *const arrays[] = { "results", "Results", NULL };
	struct hunting_answer *answer = g_new0(struct hunting_answer, 1);

	answer->rows = rows;
	answer->schema = schema;
	answer->data = data;
	answer->reader = row_reader_new(arrays, &answer_rows, answer);
	answer->columns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return answer;
}

void hunting_answer_free(struct hunting_answer *answer)
{
	if (answer == NULL)
		return;
	row_reader_free(answer->reader);
	g_hash_table_unref(answer->columns);
	g_free(answer);
}

bool hunting_answer_feed(struct hunting_answer *answer, const char *bytes, size_t length, struct error *error)
{
	return row_reader_feed(answer->reader, bytes, length, error);
}

bool hunting_answer_finish(struct hunting_answer *answer, struct error *error)
{
	if (!row_reader_finish(answer->reader, error))
		return false;
	if (g_hash_table_size(answer->columns) == 0)
		return error_set(error, ERROR_FAILED, "the hunting answer has no schema");
	return true;
}
