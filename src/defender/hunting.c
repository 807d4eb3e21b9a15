/* Advanced hunting in its three shapes (API contract, section 6): Graph ("schema", "results"), Defender XDR and MDE
 * ("Schema", "Results"); members of the schema in either case. */
#include "config.h"
#include "defender/defender_internal.h"

#include <string.h>

#define HUNT_TIMEOUT_MS 230000 /* the longest of the three computes 200 s */
#define HUNT_BYTES ((size_t)256 * 1024 * 1024) /* the service's own limit has been 50 and 124 MB */

static const struct {
	const char *path;
	enum defender_limit limit;
} ways[] = {
	[DEFENDER_GRAPH] = { "/v1.0/security/runHuntingQuery", LIMIT_HUNT_GRAPH },
	[DEFENDER_XDR] = { "/api/advancedhunting/run", LIMIT_HUNT_XDR },
	[DEFENDER_MDE] = { "/api/advancedqueries/run", LIMIT_HUNT_MDE },
};

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

struct hunt {
	struct defender *defender;
	struct defender_hunt spec;
	struct row_reader *reader;
	struct service_call *call;
	GHashTable *columns; /* name -> KQL type; empty until the schema came */
};

static const char *type_kql(const char *theirs)
{
	for (size_t i = 0; theirs != NULL && i < G_N_ELEMENTS(types); i++)
		if (g_ascii_strncasecmp(theirs, "System.", 7) == 0)
			return type_kql(theirs + 7);
		else if (g_ascii_strcasecmp(theirs, types[i].theirs) == 0)
			return types[i].kql;
	return "dynamic";
}

static void hunt_free(struct hunt *hunt)
{
	g_ptr_array_remove(hunt->defender->hunts, hunt);
	row_reader_free(hunt->reader);
	g_hash_table_unref(hunt->columns);
	g_free(hunt);
}

void hunt_abandon(struct hunt *hunt)
{
	service_abandon(hunt->defender->service, hunt->call);
	hunt_free(hunt);
}

/* Rows */

static bool row_begin(void *data, struct error *error)
{
	struct hunt *hunt = data;

	return hunt->spec.rows->begin == NULL || hunt->spec.rows->begin(hunt->spec.data, error);
}

static bool row_end(void *data, struct error *error)
{
	struct hunt *hunt = data;

	return hunt->spec.rows->end == NULL || hunt->spec.rows->end(hunt->spec.data, error);
}

/* Numbers that came as texts: "NaN", "Infinity", decimals. */
static bool value_real(struct row_value *value)
{
	AUTO(g_free) char *text = g_strndup(value->text, value->length);
	char *end;
	double real = g_ascii_strtod(text, &end);

	if (*text == '\0' || *end != '\0')
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
	struct hunt *hunt = data;
	const char *type = g_hash_table_lookup(hunt->columns, name);
	struct row_value value = *given;
	AUTO(free) char *dynamic = NULL;

	if (hunt->spec.rows->member == NULL || strstr(name, "@odata.") != NULL)
		return true;
	if (type == NULL && g_hash_table_size(hunt->columns) > 0)
		return true;
	if (type != NULL && strcmp(type, "bool") == 0 && value.kind == ROW_INTEGER) {
		value.kind = ROW_BOOL;
		value.boolean = value.integer != 0;
	} else if (type != NULL && strcmp(type, "real") == 0 && value.kind == ROW_STRING) {
		value_real(&value);
	} else if (type != NULL && strcmp(type, "dynamic") == 0 && value.kind == ROW_STRING) {
		dynamic = value_dynamic(&value);
	}
	return hunt->spec.rows->member(hunt->spec.data, name, &value, error);
}

static const char *either(const json_t *object, const char *lower, const char *upper)
{
	const char *text = json_string_value(json_object_get(object, lower));

	return text != NULL ? text : json_string_value(json_object_get(object, upper));
}

static bool schema_read(struct hunt *hunt, const json_t *schema, struct error *error)
{
	const json_t *column;
	size_t i;

	json_array_foreach(schema, i, column) {
		const char *name = either(column, "name", "Name");
		const char *kql = type_kql(either(column, "type", "Type"));

		if (name == NULL)
			return error_set(error, ERROR_FAILED, "the hunting answer has a column without a name");
		if (!g_hash_table_insert(hunt->columns, g_strdup(name), (gpointer)(uintptr_t)kql))
			return error_set(error, ERROR_FAILED, "the hunting answer has two columns of one name");
		if (hunt->spec.schema != NULL)
			hunt->spec.schema(hunt->spec.data, name, kql);
	}
	return true;
}

static bool row_top(void *data, const char *name, const struct row_value *value, struct error *error)
{
	struct hunt *hunt = data;
	json_t *schema;
	bool ok;

	if (g_ascii_strcasecmp(name, "schema") != 0 || value->kind != ROW_DYNAMIC)
		return true;
	if (g_hash_table_size(hunt->columns) > 0)
		return error_set(error, ERROR_FAILED, "the hunting answer has two schemas");
	schema = json_loadb(value->text, value->length, JSON_ALLOW_NUL, NULL);
	ok = schema_read(hunt, schema, error);
	json_decref(schema);
	return ok;
}

static const struct row_handler hunt_rows = {
	.begin = row_begin, .member = row_member, .end = row_end, .top = row_top,
};

/* The call */

static void hunt_reset(struct hunt *hunt)
{
	static const char *const arrays[] = { "results", "Results", NULL };

	row_reader_free(hunt->reader);
	hunt->reader = row_reader_new(arrays, &hunt_rows, hunt);
	g_hash_table_remove_all(hunt->columns);
}

static void hunt_restart(void *data)
{
	struct hunt *hunt = data;

	hunt_reset(hunt);
	if (hunt->spec.restart != NULL)
		hunt->spec.restart(hunt->spec.data);
}

static bool hunt_body(void *data, const char *bytes, size_t length, struct error *error)
{
	struct hunt *hunt = data;

	return row_reader_feed(hunt->reader, bytes, length, error);
}

static bool hunt_end(void *data, struct error *error)
{
	struct hunt *hunt = data;

	if (!row_reader_finish(hunt->reader, error))
		return false;
	if (g_hash_table_size(hunt->columns) == 0)
		return error_set(error, ERROR_FAILED, "the hunting answer has no schema");
	return true;
}

static void hunt_wait(void *data, const char *why, int64_t ms)
{
	struct hunt *hunt = data;

	if (hunt->spec.wait != NULL)
		hunt->spec.wait(hunt->spec.data, why, ms);
}

/* Section 6.7: what to do about the service's texts. */
static void fault_hint(struct error *error)
{
	static const struct {
		const char *part, *hint;
	} hints[] = {
		{ "result size", "ask for less: `| project` fewer columns, `| where` fewer rows, `| summarize` or `| take`" },
		{ "exceeded the timeout", "make the query cheaper: a shorter time first, `has` instead of `contains`" },
		{ "excessive resource", "make the query cheaper: a shorter time first, `has` instead of `contains`" },
		{ "processing resources", "the tenant's time for hunting is used up: try again later, with a cheaper query" },
		{ "quota exceeded", "the tenant's hunting calls are used up: try again later" },
		{ "failed to resolve table", "with `hunting = mde` only the tables of devices are there; names are in their exact case" },
	};
	AUTO(g_free) char *low = g_ascii_strdown(error->text, -1);

	for (size_t i = 0; i < G_N_ELEMENTS(hints); i++)
		if (strstr(low, hints[i].part) != NULL) {
			error_hint(error, "%s", hints[i].hint);
			return;
		}
}

static void hunt_done(void *data, const struct service_answer *given)
{
	struct hunt *hunt = data;
	struct service_answer answer = *given;
	struct defender_hunt spec = hunt->spec;

	if (answer.fate != SERVICE_DONE && answer.error.hint[0] == '\0')
		fault_hint(&answer.error);
	hunt_free(hunt);
	spec.done(spec.data, &answer);
}

static struct service_call *hunt_start(struct hunt *hunt, enum defender_hunting via)
{
	struct defender *defender = hunt->defender;
	json_t *body = json_object();
	const char *origin = via == DEFENDER_GRAPH ? defender->graph_url
		: via == DEFENDER_XDR ? defender->xdr_url : defender->api_url;
	AUTO(g_free) char *url = g_strconcat(origin, ways[via].path, NULL);
	struct service_call_spec spec = {
		.method = "POST",
		.url = url,
		.audience = defender_audience(defender, via),
		.limit = defender->limits[ways[via].limit],
		.body = body,
		.kind = HTTP_SAFE,
		.timeout_ms = HUNT_TIMEOUT_MS,
		.patience_ms = hunt->spec.patience_ms,
		.limit_bytes = HUNT_BYTES,
		.on_body = hunt_body,
		.on_end = hunt_end,
		.on_restart = hunt_restart,
		.on_wait = hunt_wait,
		.on_done = hunt_done,
		.data = hunt,
	};

	json_object_set_new(body, "Query", json_text(hunt->spec.kql));
	return service_start(defender->service, &spec);
}

struct service_call *defender_hunt(struct defender *defender, const struct defender_hunt *spec)
{
	struct hunt *hunt = g_new0(struct hunt, 1);

	hunt->defender = defender;
	hunt->spec = *spec;
	hunt->columns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_ptr_array_add(defender->hunts, hunt);
	hunt_reset(hunt);
	hunt->call = hunt_start(hunt, spec->via >= 0 ? (enum defender_hunting)spec->via : defender->hunting);
	return hunt->call;
}
