/* Types of operators. The tables are what Microsoft's binder answers; comparisons across types, which it lets pass and
 * the engine refuses, are refused here. */
#include "config.h"
#include "kql/check.h"
#include "kql/eval.h"

#include <string.h>

/* Classes of types that behave alike. */
static bool is_whole(enum kql_type type)
{
	return type == KQL_INT || type == KQL_LONG;
}

static bool is_time(enum kql_type type)
{
	return type == KQL_DATETIME || type == KQL_TIMESPAN;
}

static enum kql_type widest(enum kql_type a, enum kql_type b)
{
	if (a == KQL_DECIMAL || b == KQL_DECIMAL)
		return KQL_DECIMAL;
	return a == KQL_REAL || b == KQL_REAL ? KQL_REAL : KQL_LONG;
}

static bool operator_fault(struct kql_scope *scope, const struct kql_node *node, enum kql_type a, enum kql_type b)
{
	kql_node_fault(scope, node, "'%s' does not work on %s and %s", node->operator->text, kql_type_name(a),
		kql_type_name(b));
	return false;
}

/* One of + - * / % on dynamic and another type. */
static bool dynamic_arithmetic(enum kql_op op, enum kql_type a, enum kql_type b, enum kql_type *type)
{
	enum kql_type other = a == KQL_DYNAMIC ? b : a;

	if (other == KQL_DYNAMIC)
		*type = KQL_DYNAMIC;
	else if (kql_type_is_number(other))
		*type = widest(other, KQL_INT);
	else if (is_time(other) && op == KQL_OP_ADD)
		*type = other;
	else if (is_time(other) && op == KQL_OP_SUBTRACT)
		*type = KQL_TIMESPAN;
	else
		return false;
	return true;
}

static bool time_arithmetic(enum kql_op op, enum kql_type a, enum kql_type b, enum kql_type *type)
{
	bool both = is_time(a) && is_time(b);

	*type = KQL_TIMESPAN;
	if (both && (op == KQL_OP_ADD || op == KQL_OP_SUBTRACT)) {
		if (a != b)
			*type = a == KQL_TIMESPAN && op == KQL_OP_SUBTRACT ? KQL_TIMESPAN : KQL_DATETIME;
		/* datetime + datetime passes the binder; the documentation forbids it. */
		return !(a == KQL_DATETIME && b == KQL_DATETIME && op == KQL_OP_ADD) &&
			!(a == KQL_TIMESPAN && b == KQL_DATETIME && op == KQL_OP_SUBTRACT);
	}
	if (both && op == KQL_OP_DIVIDE) {
		*type = KQL_REAL;
		return b == KQL_TIMESPAN;
	}
	if (both)
		return op == KQL_OP_MODULO && b == KQL_TIMESPAN;
	/* A timespan times or over a number; never a point in time. */
	if (a == KQL_TIMESPAN && kql_type_is_number(b))
		return op == KQL_OP_MULTIPLY || op == KQL_OP_DIVIDE || op == KQL_OP_MODULO;
	return b == KQL_TIMESPAN && kql_type_is_number(a) && op == KQL_OP_MULTIPLY;
}

static bool check_arithmetic(struct kql_scope *scope, struct kql_node *node)
{
	enum kql_type a = node->args[0]->type, b = node->args[1]->type;
	bool fine;

	node->compute = kql_compute_arithmetic;
	if (kql_type_is_number(a) && kql_type_is_number(b)) {
		node->type = widest(a, b);
		return true;
	}
	if (a == KQL_DYNAMIC || b == KQL_DYNAMIC)
		fine = dynamic_arithmetic(node->operator->op, a, b, &node->type);
	else
		fine = (is_time(a) || is_time(b)) && time_arithmetic(node->operator->op, a, b, &node->type);
	if (fine)
		return true;
	operator_fault(scope, node, a, b);
	if (a == KQL_STRING || b == KQL_STRING)
		error_hint(scope->error, node->operator->op == KQL_OP_ADD ? "texts are joined by strcat(a, b)" :
			"convert the text with tolong(...) or toreal(...)");
	return false;
}

/* How a value of type `from` is brought to where `to` is wanted: for hints. */
static const char *conversion(enum kql_type to)
{
	switch (to) {
	case KQL_DATETIME:
		return "todatetime";
	case KQL_TIMESPAN:
		return "totimespan";
	case KQL_REAL:
	case KQL_DECIMAL:
		return "toreal";
	case KQL_BOOL:
		return "tobool";
	case KQL_GUID:
		return "toguid";
	case KQL_STRING:
		return "tostring";
	default:
		return "tolong";
	}
}

static void hint_compare(struct kql_scope *scope, const struct kql_node *node, enum kql_type a, enum kql_type b)
{
	if (a == KQL_STRING && b == KQL_STRING)
		error_hint(scope->error, "texts have no order: use strcmp(a, b), or parse_version(x) for versions");
	else if (a == KQL_DATETIME && b == KQL_STRING && kql_node_is_constant(node->args[1]))
		error_hint(scope->error, "write datetime(2026-01-31), or ago(7d)");
	else if (kql_type_is_number(a) && b == KQL_STRING && kql_node_is_constant(node->args[1]))
		error_hint(scope->error, "write the number without quotes");
	else if (a == KQL_STRING && kql_type_is_number(b) && kql_node_is_constant(node->args[1]))
		error_hint(scope->error, "write the text in quotes, or compare tolong(...)");
	else if (a == KQL_DATETIME && b == KQL_TIMESPAN)
		error_hint(scope->error, "a point in time is ago(1d), not 1d");
	else
		error_hint(scope->error, "convert one side with %s(...)", conversion(a == KQL_STRING || a == KQL_DYNAMIC ? b : a));
}

static bool comparable(enum kql_type a, enum kql_type b)
{
	bool a_number = kql_type_is_number(a) || a == KQL_BOOL, b_number = kql_type_is_number(b) || b == KQL_BOOL;

	if (a == KQL_DYNAMIC || b == KQL_DYNAMIC || a == b)
		return true;
	return a_number && b_number;
}

static bool orderable(enum kql_type a, enum kql_type b)
{
	bool a_number = kql_type_is_number(a), b_number = kql_type_is_number(b);

	if (a == KQL_DYNAMIC || b == KQL_DYNAMIC)
		return (a == KQL_DYNAMIC || a_number) && (b == KQL_DYNAMIC || b_number);
	if (is_time(a) || is_time(b))
		return a == b;
	return (a_number || a == KQL_BOOL) && (b_number || b == KQL_BOOL);
}

/* Whether the plain comparison of a column of whole numbers with a constant will do. */
static bool is_plain_int(const struct kql_node *node)
{
	enum kql_type a = node->args[0]->type, b = node->args[1]->type;

	if (node->args[0]->kind != KQL_NODE_NAME || node->args[0]->compute != kql_compute_column ||
		!kql_node_is_constant(node->args[1]) || node->args[1]->value.null)
		return false;
	if (is_time(a))
		return a == b;
	return (is_whole(a) || a == KQL_BOOL) && (is_whole(b) || b == KQL_BOOL);
}

static bool check_compare(struct kql_scope *scope, struct kql_node *node)
{
	enum kql_type a = node->args[0]->type, b = node->args[1]->type;
	bool equality = node->operator->op == KQL_OP_EQUAL || node->operator->op == KQL_OP_NOT_EQUAL;

	node->type = KQL_BOOL;
	if (equality ? !comparable(a, b) : !orderable(a, b)) {
		operator_fault(scope, node, a, b);
		hint_compare(scope, node, a, b);
		return false;
	}
	node->compute = is_plain_int(node) ? kql_compute_compare_int : equality ? kql_compute_equal : kql_compute_compare;
	return true;
}

static bool check_logical(struct kql_scope *scope, struct kql_node *node)
{
	bool any = false;

	node->type = KQL_BOOL;
	node->compute = kql_compute_logical;
	for (size_t n = 0; n < node->count; n++) {
		const struct kql_node *arg = node->args[n];

		if (arg->type != KQL_BOOL && arg->type != KQL_DYNAMIC) {
			kql_node_fault(scope, arg, "'%s' joins predicates, this is of type %s", node->operator->text,
				kql_type_name(arg->type));
			if (arg->type == KQL_STRING && kql_node_is_constant(arg))
				error_hint(scope->error, "repeat the comparison, or write x in (\"a\", \"b\")");
			return false;
		}
		any |= arg->type == KQL_BOOL;
	}
	return any || kql_node_fault(scope, node, "'%s' joins predicates, these are dynamic values", node->operator->text);
}

static void keep_needles(struct kql_scope *scope, struct kql_node *node, const struct kql_slice *texts, size_t count)
{
	node->needles = kql_arena_alloc(scope->arena, MAX(count, 1) * sizeof *node->needles);
	for (size_t n = 0; n < count; n++) {
		struct kql_slice text = { kql_arena_copy(scope->arena, texts[n].text, texts[n].length), texts[n].length };

		node->needles[n] = node->operator->folded ? kql_fold(scope->arena, text) : text;
	}
	node->needle_count = count;
}

static bool check_text(struct kql_scope *scope, struct kql_node *node)
{
	enum kql_type a = node->args[0]->type, b = node->args[1]->type;
	const struct kql_node *right = node->args[1];

	node->type = KQL_BOOL;
	node->compute = node->operator->op == KQL_OP_REGEX ? kql_compute_regex : kql_compute_text;
	if (node->args[0]->kind == KQL_NODE_STAR) {
		node->compute = kql_compute_star;
		node->depends = KQL_DEPENDS_MANY;
	}
	if (!kql_type_is_text(a) || !kql_type_is_text(b)) {
		operator_fault(scope, node, a, b);
		if (kql_type_is_text(a) && kql_type_is_number(b))
			error_hint(scope->error, "write the right side in quotes");
		else if (kql_type_is_text(b))
			error_hint(scope->error, "convert the left side with tostring(...), or compare with '=='");
		return false;
	}
	if (right->shape != KQL_SHAPE_UNKNOWN && (node->operator->match == KQL_HAS ||
		node->operator->match == KQL_HAS_PREFIX || node->operator->match == KQL_HAS_SUFFIX)) {
		kql_node_fault(scope, right, "the right side of '%s' is one text, not an array or bag", node->operator->text);
		error_hint(scope->error, "for a list write has_any (...), has_all (...) or in (...)");
		return false;
	}
	if (node->operator->op == KQL_OP_REGEX)
		return kql_check_regex(scope, node, right);
	if (kql_node_is_constant(right) && !right->value.null) {
		struct kql_slice text = kql_value_text(scope->arena, &right->value);

		keep_needles(scope, node, &text, 1);
	}
	return true;
}

bool kql_check_operator(struct kql_scope *scope, struct kql_node *node)
{
	for (size_t n = 0; n < node->count; n++)
		if (node->args[n]->kind == KQL_NODE_TYPEOF)
			return kql_node_fault(scope, node->args[n], "a type is no value");
	switch (node->operator->op) {
	case KQL_OP_AND:
	case KQL_OP_OR:
		return check_logical(scope, node);
	case KQL_OP_TEXT:
	case KQL_OP_REGEX:
		return check_text(scope, node);
	case KQL_OP_EQUAL:
		if (node->args[0]->kind == KQL_NODE_STAR) {
			node->type = KQL_BOOL;
			node->compute = kql_compute_star;
			return true;
		}
		return check_compare(scope, node);
	case KQL_OP_NOT_EQUAL:
	case KQL_OP_LESS:
	case KQL_OP_LESS_EQUAL:
	case KQL_OP_GREATER:
	case KQL_OP_GREATER_EQUAL:
		return check_compare(scope, node);
	default:
		return check_arithmetic(scope, node);
	}
}

bool kql_check_unary(struct kql_scope *scope, struct kql_node *node)
{
	enum kql_type type = node->args[0]->type;

	if (node->args[0]->kind == KQL_NODE_TYPEOF || type == KQL_BOOL || type == KQL_GUID || type == KQL_STRING ||
		(type == KQL_DATETIME && node->kind == KQL_NODE_NEGATE))
		return kql_node_fault(scope, node, "'%s' does not work on %s", node->kind == KQL_NODE_NEGATE ? "-" : "+",
			kql_type_name(type));
	node->type = type == KQL_INT ? KQL_LONG : type;
	node->compute = node->kind == KQL_NODE_NEGATE ? kql_compute_negate : kql_compute_plus;
	return true;
}

/* Appends the texts of a constant item; an array stands for its elements. False if one is no text. */
static bool gather_texts(struct kql_scope *scope, const struct kql_value *item, GArray *texts)
{
	struct kql_slice json = kql_slice_of(item), text;
	struct kql_json_walk walk;

	if (item->null)
		return false;
	if (item->type == KQL_DYNAMIC && kql_json_kind(json) == KQL_JSON_ARRAY) {
		for (walk = kql_json_walk(json); kql_json_next(&walk);) {
			struct kql_value element = kql_dynamic(walk.value);

			if (!gather_texts(scope, &element, texts))
				return false;
		}
		return true;
	}
	if (item->type != KQL_STRING && (item->type != KQL_DYNAMIC || kql_json_kind(json) != KQL_JSON_STRING))
		return false;
	text = kql_value_text(scope->arena, item);
	g_array_append_val(texts, text);
	return true;
}

/* Constant texts are folded once and, for `in`, kept in a hash set. */
static void prepare_items(struct kql_scope *scope, struct kql_node *node)
{
	AUTO(g_array_unref) GArray *texts = g_array_new(FALSE, FALSE, sizeof(struct kql_slice));

	for (size_t n = 1; n < node->count; n++)
		if (!kql_node_is_constant(node->args[n]) || !gather_texts(scope, &node->args[n]->value, texts))
			return;
	if (texts->len == 0)
		return;
	keep_needles(scope, node, (const struct kql_slice *)(const void *)texts->data, texts->len);
	if (node->operator->op != KQL_OP_IN)
		return;
	node->set = kql_resources_set(scope->resources);
	for (size_t n = 0; n < node->needle_count; n++)
		g_hash_table_add(node->set, &node->needles[n]);
	node->compute = kql_compute_in_set;
}

bool kql_check_list(struct kql_scope *scope, struct kql_node *node)
{
	const struct kql_node *left = node->args[0];
	bool text = node->operator->op != KQL_OP_IN || node->operator->folded;

	node->type = KQL_BOOL;
	node->compute = node->operator->op == KQL_OP_IN ? kql_compute_in : kql_compute_has_list;
	if (text && !kql_type_is_text(left->type)) {
		kql_node_fault(scope, left, "'%s' needs a text on its left, this is of type %s", node->operator->text,
			kql_type_name(left->type));
		error_hint(scope->error, node->operator->op == KQL_OP_IN ? "write 'in'" : "convert it with tostring(...)");
		return false;
	}
	if (node->pipe != NULL) {
		/* A table: its first column's type is in node->value. */
		node->compute = node->operator->op == KQL_OP_IN ? kql_compute_in_table : kql_compute_has_table;
		node->unstable = true;
		if (text ? kql_type_is_text(node->value.type) : comparable(left->type, node->value.type))
			return true;
		return kql_node_fault(scope, node, "'%s' cannot compare %s with a column of type %s", node->operator->text,
			kql_type_name(left->type), kql_type_name(node->value.type));
	}
	for (size_t n = 1; n < node->count; n++) {
		const struct kql_node *item = node->args[n];
		bool fits = text ? kql_type_is_text(item->type) : comparable(left->type, item->type);

		if (fits && item->kind != KQL_NODE_TYPEOF)
			continue;
		kql_node_fault(scope, item, "'%s' cannot compare %s with %s", node->operator->text, kql_type_name(left->type),
			kql_type_name(item->type));
		if (item->type == KQL_STRING && kql_node_is_constant(item))
			error_hint(scope->error, "write the value without quotes, or convert the left side with tostring(...)");
		else if (kql_type_is_text(left->type) && kql_node_is_constant(item))
			error_hint(scope->error, "write the value in quotes");
		else
			error_hint(scope->error, "convert one side with %s(...)", conversion(text ? KQL_STRING : left->type));
		return false;
	}
	if (kql_type_is_text(left->type))
		prepare_items(scope, node);
	return true;
}

bool kql_check_between(struct kql_scope *scope, struct kql_node *node)
{
	enum kql_type value = node->args[0]->type, low = node->args[1]->type, high = node->args[2]->type;
	bool fine;

	node->type = KQL_BOOL;
	node->compute = kql_compute_between;
	if (value == KQL_DATETIME)
		fine = low == KQL_DATETIME && is_time(high);
	else if (value == KQL_TIMESPAN)
		fine = low == KQL_TIMESPAN && high == KQL_TIMESPAN;
	else if (value == KQL_DYNAMIC)
		fine = kql_type_is_number(low) && high == low;
	else
		fine = kql_type_is_number(value) && low != KQL_BOOL && high != KQL_BOOL && orderable(value, low) &&
			orderable(value, high) && (low == KQL_DYNAMIC) == (high == KQL_DYNAMIC);
	if (fine)
		return true;
	kql_node_fault(scope, node, "'%s' cannot compare %s with %s .. %s", node->operator->text, kql_type_name(value),
		kql_type_name(low), kql_type_name(high));
	error_hint(scope->error, value == KQL_STRING ?
		"texts have no order; it compares numbers, datetimes and timespans" :
		"value and both bounds must be of one kind: numbers, datetimes or timespans");
	return false;
}
