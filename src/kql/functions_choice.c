/* Conditions and nulls. */
#include "config.h"
#include "kql/functions.h"

#include <string.h>

#define CALL(name) \
	static void name(struct kql_context *context, const struct kql_node *node, const struct kql_value *args, \
		struct kql_value *result)

static bool is_empty(const struct kql_value *value)
{
	return value->null || (value->type == KQL_STRING && value->length == 0) ||
		(value->type == KQL_DYNAMIC && value->length == 2 && value->text[0] == '"');
}

CALL(call_isempty)
{
	(void)context;
	(void)node;
	*result = kql_bool(is_empty(&args[0]));
}

CALL(call_isnotempty)
{
	(void)context;
	(void)node;
	*result = kql_bool(!is_empty(&args[0]));
}

CALL(call_isnull)
{
	(void)context;
	(void)node;
	*result = kql_bool(args[0].null);
}

CALL(call_isnotnull)
{
	(void)context;
	(void)node;
	*result = kql_bool(!args[0].null);
}

CALL(call_not)
{
	(void)context;
	(void)node;
	*result = kql_bool(args[0].integer == 0);
}

static bool is_true(struct kql_context *context, const struct kql_node *node)
{
	struct kql_value value;

	kql_compute_node(context, node, &value);
	return kql_truth(&value) == 1;
}

/* iff(predicate, then, else), case(predicate, then, ..., else): null counts as false. */
static void compute_case(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	size_t n = 0, taken = node->count - 1;
	struct kql_value value;

	for (; n + 2 < node->count && taken == node->count - 1; n += 2)
		if (is_true(context, node->args[n]))
			taken = n + 1;
	kql_compute_node(context, node->args[taken], &value);
	*result = kql_value_cast(&context->arena, &value, node->type);
}

/* The type that the branches have in common: dynamic gives way to the others, numbers widen, else all are dynamic. */
static enum kql_type common_type(enum kql_type a, enum kql_type b)
{
	if (a == b || b == KQL_DYNAMIC)
		return a;
	if (a == KQL_DYNAMIC)
		return b;
	return kql_type_is_number(a) && kql_type_is_number(b) ? MAX(a, b) : KQL_DYNAMIC;
}

static bool check_case(struct kql_scope *scope, struct kql_node *node)
{
	bool mixed = false;

	if (node->count < 3 || node->count % 2 == 0) {
		kql_node_fault(scope, node, "%s() has the wrong number of arguments", node->name);
		error_hint(scope->error, "write %s(%s)", node->name, node->function->usage);
		return false;
	}
	node->type = node->args[1]->type;
	node->shape = node->args[1]->shape;
	for (size_t n = 0; n < node->count; n++) {
		const struct kql_node *arg = node->args[n];
		bool branch = n % 2 == 1 || n == node->count - 1;

		if (branch && arg->shape != node->shape)
			node->shape = KQL_SHAPE_UNKNOWN;

		if (arg->kind == KQL_NODE_TYPEOF)
			return kql_node_fault(scope, arg, "a type is no value");
		if (!branch && arg->type != KQL_BOOL)
			return kql_node_fault(scope, arg, "argument %zu of %s() must be a predicate, this is of type %s", n + 1,
				node->name, kql_type_name(arg->type));
		if (branch && !mixed) {
			enum kql_type type = common_type(node->type, arg->type);

			mixed = type == KQL_DYNAMIC && node->type != KQL_DYNAMIC && arg->type != KQL_DYNAMIC;
			node->type = type;
		}
	}
	return true;
}

static void compute_coalesce(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	*result = kql_null(node->type);
	for (size_t n = 0; n < node->count && is_empty(result); n++) {
		struct kql_value value;

		kql_compute_node(context, node->args[n], &value);
		*result = kql_value_cast(&context->arena, &value, node->type);
	}
}

static bool check_coalesce(struct kql_scope *scope, struct kql_node *node)
{
	node->type = node->args[0]->type;
	for (size_t n = 1; n < node->count; n++) {
		enum kql_type type = node->args[n]->type;

		if (type == node->type)
			continue;
		if (!kql_type_is_number(type) || !kql_type_is_number(node->type))
			return kql_node_fault(scope, node->args[n], "the arguments of coalesce() must be of one type, not %s and %s",
				kql_type_name(node->type), kql_type_name(type));
		node->type = MAX(type, node->type);
	}
	return true;
}

/* column_ifexists("name", default) */
static bool check_column_ifexists(struct kql_scope *scope, struct kql_node *node)
{
	const char *name = kql_constant_text(scope, node, 0);
	size_t column;

	if (name == NULL)
		return false;
	column = kql_scope_find(scope, name);
	if (column == SIZE_MAX) {
		node->type = node->args[1]->type;
		return true;
	}
	node->column = column;
	node->type = scope->fields[column].type;
	node->depends = KQL_DEPENDS_MANY;
	node->compute = kql_compute_column;
	return true;
}

CALL(call_column_ifexists)
{
	(void)context;
	(void)node;
	*result = args[1];
}

/* assert(condition, "text"): a constant that must be true. */
static bool check_assert(struct kql_scope *scope, struct kql_node *node)
{
	const struct kql_node *condition = node->args[0];

	if (!kql_node_is_constant(condition))
		return kql_node_fault(scope, condition, "what assert() is to see must be a constant");
	return kql_truth(&condition->value) == 1 || kql_node_fault(scope, node, "assert() has failed with message: '%s'", node->args[1]->value.text);
}

CALL(call_assert)
{
	(void)context;
	(void)node;
	(void)args;
	*result = kql_bool(true);
}

/* around(value, center, delta): whether value lies that near to center. */
CALL(call_around)
{
	struct kql_value low = kql_arithmetic(context, KQL_OP_SUBTRACT, &args[1], &args[2]);
	struct kql_value high = kql_arithmetic(context, KQL_OP_ADD, &args[1], &args[2]);
	int below, above;

	(void)node;
	if (low.null || high.null)
		return;
	below = kql_value_compare(&context->arena, &args[0], &low);
	above = kql_value_compare(&context->arena, &args[0], &high);
	if (below != 2 && above != 2)
		*result = kql_bool(below >= 0 && above <= 0);
}

static bool check_around(struct kql_scope *scope, struct kql_node *node)
{
	enum kql_type value = node->args[0]->type, center = node->args[1]->type, delta = node->args[2]->type;
	bool time = value == KQL_DATETIME || value == KQL_TIMESPAN;

	if (time ? center == value && delta == KQL_TIMESPAN : kql_type_is_number(center) && kql_type_is_number(delta))
		return true;
	return kql_node_fault(scope, node, "around() cannot compare %s with %s and %s", kql_type_name(value),
		kql_type_name(center), kql_type_name(delta));
}

/* When a record came to the service is not known here. */
CALL(call_ingestion_time)
{
	(void)context;
	(void)node;
	(void)args;
	*result = kql_null(KQL_DATETIME);
}

const struct kql_function kql_choice_functions[] = {
	{ "assert", "condition, \"text\"", "bs!", 'b', false, call_assert, NULL, check_assert },
	{ "around", "value, center, delta", "uuu", 'b', true, call_around, NULL, check_around },
	{ "ingestion_time", "", "", 't', false, call_ingestion_time, NULL, NULL },
	{ "isempty", "value", "a", 'b', false, call_isempty, NULL, NULL },
	{ "isnotempty", "value", "a", 'b', false, call_isnotempty, NULL, NULL },
	{ "notempty", "value", "a", 'b', false, call_isnotempty, NULL, NULL },
	{ "isnull", "value", "a", 'b', false, call_isnull, NULL, NULL },
	{ "isnotnull", "value", "a", 'b', false, call_isnotnull, NULL, NULL },
	{ "notnull", "value", "a", 'b', false, call_isnotnull, NULL, NULL },
	{ "not", "predicate", "b", 'b', true, call_not, NULL, NULL },
	{ "iff", "predicate, then, else", "aaa", 0, false, NULL, compute_case, check_case },
	{ "iif", "predicate, then, else", "aaa", 0, false, NULL, compute_case, check_case },
	{ "case", "predicate, then, [predicate, then, ...] else", "aaa*", 0, false, NULL, compute_case, check_case },
	{ "coalesce", "value, value, ...", "aa*", 0, false, NULL, compute_coalesce, check_coalesce },
	{ "column_ifexists", "\"name\", default", "s!a", 0, false, call_column_ifexists, NULL, check_column_ifexists },
	{ "columnifexists", "\"name\", default", "s!a", 0, false, call_column_ifexists, NULL, check_column_ifexists },
	{ .name = NULL },
};
