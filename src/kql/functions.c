#include "config.h"
#include "kql/functions.h"

#include <string.h>

#include "core/text.h"
#include "kql/aggregate.h"
#include "kql/names.h"

static const struct kql_function *const tables[] = {
	kql_text_functions, kql_pattern_functions, kql_time_functions, kql_convert_functions, kql_number_functions,
	kql_dynamic_functions, kql_set_functions, kql_net_functions, kql_choice_functions, kql_code_functions,
	kql_window_functions, kql_path_functions, kql_array_functions, kql_net6_functions, kql_chance_functions,
	kql_unicode_functions,
};

const struct kql_function *kql_function_find(const char *name)
{
	for (size_t n = 0; n < G_N_ELEMENTS(tables); n++)
		for (const struct kql_function *function = tables[n]; function->name != NULL; function++)
			if (strcmp(function->name, name) == 0)
				return function;
	return NULL;
}

struct kql_slice kql_arg_text(struct kql_context *context, const struct kql_value *arg)
{
	struct kql_slice text = kql_value_text(&context->arena, arg);

	kql_context_work(context, text.length);
	return text;
}

struct kql_value kql_result_text(struct kql_context *context, enum kql_type type, const GString *out)
{
	if (out->len > KQL_VALUE_LIMIT) {
		context->failure = "a computed value is larger than 1 MiB";
		return kql_null(type);
	}
	if (!kql_context_work(context, out->len))
		return kql_null(type);
	return kql_text(type, kql_arena_copy(&context->arena, out->str, out->len), out->len);
}

bool kql_arg_is_array(const struct kql_value *arg)
{
	return !arg->null && arg->type == KQL_DYNAMIC && kql_json_kind(kql_slice_of(arg)) == KQL_JSON_ARRAY;
}

bool kql_arg_is_bag(const struct kql_value *arg)
{
	return !arg->null && arg->type == KQL_DYNAMIC && kql_json_kind(kql_slice_of(arg)) == KQL_JSON_OBJECT;
}

const char *kql_constant_text(struct kql_scope *scope, const struct kql_node *node, size_t arg)
{
	const struct kql_node *value = node->args[arg];

	if (kql_node_is_constant(value) && value->value.type == KQL_STRING)
		return value->value.text;
	kql_node_fault(scope, value, "argument %zu of %s() must be a text literal", arg + 1, node->name);
	return NULL;
}

void kql_compute_call(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	struct kql_value args[KQL_ARGS_MAX];

	for (size_t n = 0; n < node->count; n++) {
		kql_compute_node(context, node->args[n], &args[n]);
		if (args[n].null && node->function->strict) {
			*result = kql_null(node->type);
			return;
		}
	}
	*result = kql_null(node->type);
	node->function->call(context, node, args, result);
}

static bool accepts(char letter, enum kql_type type)
{
	switch (letter) {
	case 'a':
	case 'T':
		return true;
	case 's':
	case 'S':
	case 'v':
		return kql_type_is_text(type);
	case 'i':
		return type == KQL_INT || type == KQL_LONG;
	case 'n':
		return kql_type_is_number(type);
	case 'b':
		return type == KQL_BOOL;
	case 't':
		return type == KQL_DATETIME;
	case 'p':
		return type == KQL_TIMESPAN;
	case 'd':
	case 'k':
		return type == KQL_DYNAMIC;
	case 'u':
		return kql_type_is_number(type) || type == KQL_DATETIME || type == KQL_TIMESPAN;
	case 'g':
		return type == KQL_GUID;
	case 'j':
		return type == KQL_INT || type == KQL_LONG || type == KQL_DYNAMIC;
	case 'f':
		return kql_type_is_number(type) && type != KQL_DECIMAL;
	case 'O':
		return type != KQL_DYNAMIC && type != KQL_GUID;
	default:
		return type != KQL_DYNAMIC;
	}
}

static const char *letter_name(char letter)
{
	switch (letter) {
	case 's':
	case 'S':
		return "a text";
	case 'v':
		return "a text or an array";
	case 'i':
		return "a whole number";
	case 'n':
		return "a number";
	case 'b':
		return "a predicate";
	case 't':
		return "a datetime";
	case 'p':
		return "a timespan";
	case 'd':
		return "a dynamic array";
	case 'k':
		return "a dynamic bag";
	case 'u':
		return "a number, datetime or timespan";
	case 'g':
		return "a guid";
	case 'j':
		return "a whole number or a dynamic array";
	case 'f':
		return "a number, but no decimal";
	case 'O':
		return "a value that has an order";
	default:
		return "a plain value";
	}
}

static bool count_fault(struct kql_scope *scope, const struct kql_node *node)
{
	kql_node_fault(scope, node, "%s() has the wrong number of arguments", node->name);
	error_hint(scope->error, "write %s(%s)", node->name, node->function->usage);
	return false;
}

static bool check_argument(struct kql_scope *scope, struct kql_node *node, size_t index, char letter, bool constant)
{
	const struct kql_node *arg = node->args[index];

	if ((arg->kind == KQL_NODE_TYPEOF) != (letter == 'T'))
		return kql_node_fault(scope, arg, letter == 'T' ? "argument %zu of %s() is a type: typeof(long)" :
			"argument %zu of %s() is a value, not a type", index + 1, node->name);
	if (letter != 'T' && !accepts(letter, arg->type)) {
		kql_node_fault(scope, arg, "argument %zu of %s() must be %s, this is of type %s", index + 1, node->name,
			letter_name(letter), kql_type_name(arg->type));
		if (letter == 'p' && arg->type != KQL_DYNAMIC)
			error_hint(scope->error, "a timespan is written 7d, 12h, 30m or 10s");
		else if ((letter == 'd' || letter == 'k') && arg->type == KQL_STRING)
			error_hint(scope->error, "text that holds JSON is read by parse_json(...)");
		else
			error_hint(scope->error, "write %s(%s)", node->name, node->function->usage);
		return false;
	}
	if (arg->shape != KQL_SHAPE_UNKNOWN && ((letter == 'd' && arg->shape != KQL_SHAPE_ARRAY) ||
		(letter == 'k' && arg->shape != KQL_SHAPE_BAG) || letter == 's' || (letter == 'v' && arg->shape != KQL_SHAPE_ARRAY)))
		return kql_node_fault(scope, arg, "argument %zu of %s() must be %s", index + 1, node->name, letter_name(letter));
	if (constant && !kql_node_is_constant(arg))
		return kql_node_fault(scope, arg, "argument %zu of %s() must be a constant", index + 1, node->name);
	return true;
}

/* Walks the parameters' letters along the arguments. */
bool kql_check_arguments(struct kql_scope *scope, struct kql_node *node)
{
	const char *param = node->function->params;
	size_t index = 0;
	bool optional = false;

	while (*param != '\0') {
		char letter = *param++;
		bool constant = *param == '!', repeated;

		param += constant ? 1 : 0;
		optional |= *param == '?';
		param += *param == '?' ? 1 : 0;
		repeated = *param == '*';
		param += repeated ? 1 : 0;
		if (index == node->count && !optional)
			return count_fault(scope, node);
		do {
			if (index == node->count)
				break;
			if (!check_argument(scope, node, index, letter, constant))
				return false;
			index++;
		} while (repeated);
	}
	if (index != node->count)
		return count_fault(scope, node);
	if (node->count > KQL_ARGS_MAX && node->function->call != NULL)
		return kql_node_fault(scope, node, "%s() takes at most %d arguments", node->name, KQL_ARGS_MAX);
	return true;
}

enum kql_type kql_result_type(const struct kql_node *node)
{
	static const char letters[] = "bilrmtpgsd";
	const char *place = strchr(letters, node->function->result);
	enum kql_type type = KQL_LONG;

	if (node->function->result == '1')
		return node->args[0]->type;
	if (node->function->result != 'w')
		return place != NULL ? (enum kql_type)(place - letters) : KQL_DYNAMIC;
	for (size_t n = 0; n < node->count; n++)
		if (kql_type_is_number(node->args[n]->type) && node->args[n]->type > type)
			type = node->args[n]->type;
	return type;
}

enum kql_shape kql_result_shape(const struct kql_node *node)
{
	switch (node->function->result) {
	case '1':
		return node->args[0]->shape;
	case 'A':
		return KQL_SHAPE_ARRAY;
	case 'B':
		return KQL_SHAPE_BAG;
	default:
		return KQL_SHAPE_UNKNOWN;
	}
}

/* Functions of the service that are not built here. */
static const char *const unsupported[] = {
	"beta_cdf", "beta_inv", "beta_pdf", "bin_auto", "cluster", "column_names_of", "convert_angle",
	"convert_energy", "convert_force", "convert_length", "convert_mass", "convert_speed", "convert_temperature",
	"convert_volume", "current_cluster_endpoint", "current_cursor", "current_database", "current_node_id",
	"current_principal", "current_principal_details", "current_principal_is_member_of", "cursor_after",
	"cursor_before_or_at", "cursor_current", "database", "datetime_list_timezones", "datetime_local_to_utc",
	"datetime_utc_to_local", "dcount_hll", "entity_group", "estimate_data_size", "extent_id", "extent_tags",
	"extentid", "external_table", "gzip_compress_to_base64_string", "gzip_decompress_from_base64_string",
	"hll_isvalid", "hll_merge", "inner_nodes", "iscolumnexists", "materialized_view", "merge_tdigest",
	"node_degree_in", "node_degree_out", "node_id", "parse_user_agent", "percentile_tdigest",
	"percentiles_array_tdigest", "percentrank_tdigest", "punycode_domain_from_string",
	"punycode_domain_to_string", "punycode_from_string", "punycode_to_string", "rank_tdigest", "row_id",
	"rowstore_ordinal_range", "stored_query_result", "tdigest_isvalid", "tdigest_merge", "welch_test",
	"zlib_compress_to_base64_string", "zlib_decompress_from_base64_string", NULL,
};

static bool is_unsupported(const char *name)
{
	if (strncmp(name, "geo_", 4) == 0 || strncmp(name, "series_", 7) == 0)
		return true;
	for (const char *const *entry = unsupported; *entry != NULL; entry++)
		if (strcmp(*entry, name) == 0)
			return true;
	return false;
}

/* Function names are case sensitive, too. */
static bool unknown_function(struct kql_scope *scope, const struct kql_node *node)
{
	static const char *const literals[] = { "bool", "datetime", "decimal", "double", "dynamic", "guid", "int", "long", "real",
		"time", "timespan", "typeof", NULL };
	const char **names, *near = NULL;

	if (is_unsupported(node->name))
		return kql_node_fault(scope, node, "the function '%s' is not supported here", node->name);
	kql_node_fault(scope, node, "unknown function '%s'", node->name);
	if (scope->unknown != NULL)
		*scope->unknown = true;
	if (strcmp(node->name, "replace") == 0) {
		error_hint(scope->error, "write replace_string(text, find, new) or replace_regex(text, pattern, new)");
		return false;
	}
	if (kql_aggregate_find(node->name) != NULL) {
		error_hint(scope->error, "%s() is an aggregate function, for 'summarize'", node->name);
		return false;
	}
	names = kql_function_names();
	for (size_t n = 0; names[n] != NULL && near == NULL; n++)
		if (g_ascii_strcasecmp(names[n], node->name) == 0)
			near = names[n];
	if (near == NULL)
		near = text_nearest(node->name, names);
	if (near == NULL)
		near = text_nearest(node->name, literals);
	if (near != NULL)
		error_hint(scope->error, "did you mean '%s'?", near);
	g_free(names);
	return false;
}

bool kql_check_call(struct kql_scope *scope, struct kql_node *node)
{
	node->function = kql_function_find(node->name);
	if (node->function == NULL)
		return unknown_function(scope, node);
	if (!kql_check_arguments(scope, node))
		return false;
	node->type = kql_result_type(node);
	node->shape = kql_result_shape(node);
	node->compute = node->function->compute != NULL ? node->function->compute : kql_compute_call;
	return node->function->check == NULL || node->function->check(scope, node);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **kql_function_names(void)
{
	size_t count = 0;
	const char **names;

	for (size_t n = 0; n < G_N_ELEMENTS(tables); n++)
		for (const struct kql_function *function = tables[n]; function->name != NULL; function++)
			count++;
	names = g_new0(const char *, count + 1);
	count = 0;
	for (size_t n = 0; n < G_N_ELEMENTS(tables); n++)
		for (const struct kql_function *function = tables[n]; function->name != NULL; function++)
			names[count++] = function->name;
	qsort(names, count, sizeof *names, compare_names);
	return names;
}

const char *kql_function_usage(const char *name)
{
	const struct kql_function *function = kql_function_find(name);

	return function != NULL ? function->usage : NULL;
}
