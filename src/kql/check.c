#include "config.h"
#include "kql/check.h"

#include <stdarg.h>
#include <string.h>

#include "core/text.h"
#include "kql/eval.h"
#include "kql/parser.h"

struct kql_resources {
	GPtrArray *regexes;
	GPtrArray *sets;
	unsigned turns; /* of computing constants: KQL_WORK each */
	size_t bytes;   /* of constants that were computed */
};

#define FOLD_TURNS 100
#define FOLD_BYTES (32 << 20)

static void regex_destroy(gpointer regex)
{
	kql_regex_free(regex);
}

static void set_destroy(gpointer set)
{
	g_hash_table_unref(set);
}

struct kql_resources *kql_resources_new(void)
{
	struct kql_resources *resources = g_new0(struct kql_resources, 1);

	resources->regexes = g_ptr_array_new_with_free_func(regex_destroy);
	resources->sets = g_ptr_array_new_with_free_func(set_destroy);
	return resources;
}

void kql_resources_free(struct kql_resources *resources)
{
	if (resources == NULL)
		return;
	g_ptr_array_unref(resources->regexes);
	g_ptr_array_unref(resources->sets);
	g_free(resources);
}

void kql_resources_keep(struct kql_resources *resources, struct kql_regex *regex)
{
	g_ptr_array_add(resources->regexes, regex);
}

GHashTable *kql_resources_set(struct kql_resources *resources)
{
	GHashTable *set = g_hash_table_new(kql_slice_hash, kql_slice_equal);

	g_ptr_array_add(resources->sets, set);
	return set;
}

bool kql_node_fault(struct kql_scope *scope, const struct kql_node *node, const char *format, ...)
{
	va_list args;
	char *message;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	kql_fault_at(scope->text, node->at, scope->error, "%s", message);
	g_free(message);
	return false;
}

size_t kql_scope_find(const struct kql_scope *scope, const char *name)
{
	for (size_t n = 0; n < scope->field_count; n++)
		if (strcmp(scope->fields[n].name, name) == 0)
			return n;
	for (size_t n = 0; n < scope->field_count; n++)
		if (scope->fields[n].alias != NULL && strcmp(scope->fields[n].alias, name) == 0)
			return n;
	return SIZE_MAX;
}

/* The field whose name or alias is nearest; of the two that which begins in the same case. */
static const char *nearest_name(const struct kql_scope *scope, const char *name, bool *case_only)
{
	const char **names = g_new0(const char *, scope->field_count * 2 + 1), *near = NULL;
	size_t count = 0;

	for (size_t n = 0; n < scope->field_count; n++) {
		names[count++] = scope->fields[n].name;
		if (scope->fields[n].alias != NULL)
			names[count++] = scope->fields[n].alias;
	}
	for (size_t n = 0; n < count && near == NULL; n++)
		if (g_ascii_strcasecmp(names[n], name) == 0)
			near = names[n];
	*case_only = near != NULL;
	if (near == NULL)
		near = text_nearest(name, (const char *const *)names);
	g_free(names);
	for (size_t n = 0; near != NULL && n < scope->field_count; n++)
		if ((near == scope->fields[n].name || near == scope->fields[n].alias) && scope->fields[n].alias != NULL)
			return scope->fields[n].alias[0] == name[0] ? scope->fields[n].alias : scope->fields[n].name;
	return near;
}

bool kql_scope_unknown(struct kql_scope *scope, const struct kql_node *node, const char *what)
{
	bool case_only;
	const char *near = nearest_name(scope, node->name, &case_only);

	kql_node_fault(scope, node, "unknown %s '%s'", what, node->name);
	if (scope->unknown != NULL)
		*scope->unknown = true;
	if (near != NULL && case_only)
		error_hint(scope->error, "names are case sensitive: did you mean '%s'?", near);
	else if (near != NULL)
		error_hint(scope->error, "did you mean '%s'?", near);
	else if (strcmp(node->name, "null") == 0)
		error_hint(scope->error, "there is no bare null: write isnull(x), or int(null) and the like");
	else if (scope->field_count != 0 && strcmp(what, "column") == 0)
		error_hint(scope->error, "a text stands in quotes: \"%s\"", node->name);
	return false;
}

bool kql_node_is_constant(const struct kql_node *node)
{
	return node->kind == KQL_NODE_LITERAL;
}

bool kql_check_regex(struct kql_scope *scope, struct kql_node *node, const struct kql_node *arg)
{
	struct error error = ERROR_INIT;

	if (!kql_node_is_constant(arg) || arg->value.null)
		return true;

	struct kql_slice pattern = kql_value_text(scope->arena, &arg->value);

	node->regex = kql_regex_new(pattern.text, pattern.length, &error);
	if (node->regex == NULL)
		return kql_node_fault(scope, arg, "%s", error.text);
	g_ptr_array_add(scope->resources->regexes, node->regex);
	return true;
}

static int merge_depends(int a, int b)
{
	if (a == KQL_DEPENDS_NONE || a == b)
		return b;
	return b == KQL_DEPENDS_NONE ? a : KQL_DEPENDS_MANY;
}

static bool check_column(struct kql_scope *scope, struct kql_node **place)
{
	struct kql_node *node = *place, *value;
	size_t column = kql_scope_find(scope, node->name);

	if (column == SIZE_MAX) {
		value = scope->resolve != NULL ? scope->resolve(scope->data, scope, node) : NULL;
		if (value == NULL && scope->error != NULL && scope->error->kind != ERROR_NONE)
			return false;
		if (value == NULL)
			return kql_scope_unknown(scope, node, scope->no_columns ? "name" : "column");
		*place = value;
		return true;
	}
	node->column = column;
	node->depends = column < INT32_MAX ? (int)column : KQL_DEPENDS_MANY;
	node->type = scope->fields[column].type;
	node->shape = scope->fields[column].shape;
	node->compute = kql_compute_column;
	return true;
}

/* Gives a star the columns that the operator can look into as its arguments. */
static bool check_star(struct kql_scope *scope, struct kql_node *star, const struct kql_node *parent)
{
	struct kql_node *columns = kql_arena_zero(scope->arena, (scope->field_count + 1) * sizeof *columns);

	star->args = kql_arena_zero(scope->arena, (scope->field_count + 1) * sizeof *star->args);
	star->type = KQL_DYNAMIC;
	star->depends = KQL_DEPENDS_MANY;
	for (size_t n = 0; n < scope->field_count; n++) {
		if (*scope->fields[n].name == KQL_HIDDEN ||
			(parent->operator->op != KQL_OP_EQUAL && !kql_type_is_text(scope->fields[n].type)))
			continue;
		columns[n] = (struct kql_node){ .kind = KQL_NODE_NAME, .at = star->at, .column = n, .type = scope->fields[n].type,
			.compute = kql_compute_column };
		star->args[star->count++] = &columns[n];
	}
	return true;
}

static bool check_path(struct kql_scope *scope, struct kql_node *node)
{
	struct kql_node *value = node->args[0], *index = node->count > 1 ? node->args[1] : NULL;
	bool whole = index != NULL && (index->type == KQL_INT || index->type == KQL_LONG);

	if (value->type != KQL_DYNAMIC) {
		kql_node_fault(scope, node, index != NULL ? "a value of type %s cannot be indexed" :
			"a value of type %s has no members", kql_type_name(value->type));
		if (value->type == KQL_STRING)
			error_hint(scope->error, "text that holds JSON is read by parse_json(...)");
		return false;
	}
	if (index != NULL && !whole && index->type != KQL_STRING && index->type != KQL_DYNAMIC)
		return kql_node_fault(scope, index, "an index is a whole number or a text, not %s", kql_type_name(index->type));
	if (index != NULL && ((value->shape == KQL_SHAPE_ARRAY && !whole) || (value->shape == KQL_SHAPE_BAG && whole)))
		return kql_node_fault(scope, index, "an array is indexed by a number, a bag by a text");
	node->type = KQL_DYNAMIC;
	node->compute = index != NULL ? kql_compute_index : kql_compute_member;
	return true;
}

static bool fold_turn(void *data)
{
	struct kql_resources *resources = data;

	return ++resources->turns <= FOLD_TURNS;
}

/* Computes now what depends on no row, within bounds. A value that cannot be computed stays an expression, to fail row by row. */
static struct kql_node *fold(struct kql_scope *scope, struct kql_node *node)
{
	struct kql_resources *resources = scope->resources;
	struct kql_context context = { .now_ticks = scope->now_ticks, .turn = fold_turn, .turn_data = resources };
	struct kql_node *literal;
	struct kql_value value;

	if (node->kind == KQL_NODE_LITERAL || node->kind == KQL_NODE_TYPEOF || node->depends != KQL_DEPENDS_NONE ||
		node->unstable || resources->turns > FOLD_TURNS || resources->bytes > FOLD_BYTES)
		return node;
	kql_compute_node(&context, node, &value);
	literal = node;
	resources->turns += context.work > KQL_WORK / 2 ? 1 : 0;
	resources->bytes += value.null || value.type < KQL_GUID ? 0 : value.length;
	if (context.failure == NULL) {
		literal = kql_arena_zero(scope->arena, sizeof *literal);
		*literal = (struct kql_node){ .kind = KQL_NODE_LITERAL, .at = node->at, .length = node->length, .value = value,
			.type = node->type, .compute = kql_compute_literal, .depends = KQL_DEPENDS_NONE, .shape = node->shape };
		/* Its text may lie in the arena of this context. */
		if (!value.null && value.type == KQL_DECIMAL)
			literal->value = kql_decimal_value(scope->arena, *value.decimal);
		else if (!value.null && (value.type == KQL_GUID || value.type == KQL_STRING || value.type == KQL_DYNAMIC))
			literal->value.text = kql_arena_copy(scope->arena, value.text, value.length);
	}
	kql_context_clear(&context);
	return literal;
}

static bool check_args(struct kql_scope *scope, struct kql_node *node)
{
	node->depends = KQL_DEPENDS_NONE;
	node->height = 1;
	for (size_t n = 0; n < node->count; n++) {
		/* Only the left side of these stands for every column. */
		if (node->args[n]->kind == KQL_NODE_STAR && node->kind == KQL_NODE_BINARY && n == 0 &&
			(node->operator->op == KQL_OP_TEXT || node->operator->op == KQL_OP_REGEX || node->operator->op == KQL_OP_EQUAL)) {
			if (!check_star(scope, node->args[n], node))
				return false;
		} else if (!kql_check(scope, &node->args[n])) {
			return false;
		}
		node->depends = merge_depends(node->depends, node->args[n]->depends);
		node->unstable |= node->args[n]->unstable;
		node->height = MAX(node->height, node->args[n]->height + 1);
	}
	return node->height <= KQL_HEIGHT_LIMIT ||
		kql_node_fault(scope, node, "the expression is nested more than %d deep", KQL_HEIGHT_LIMIT);
}

static bool check_node(struct kql_scope *scope, struct kql_node **place)
{
	struct kql_node *node = *place;

	switch (node->kind) {
	case KQL_NODE_LITERAL:
		node->type = node->value.type;
		if (node->type == KQL_DYNAMIC && !node->value.null)
			node->shape = node->value.text[0] == '[' ? KQL_SHAPE_ARRAY : node->value.text[0] == '{' ? KQL_SHAPE_BAG :
				KQL_SHAPE_SCALAR;
		node->compute = kql_compute_literal;
		node->depends = KQL_DEPENDS_NONE;
		return true;
	case KQL_NODE_TYPEOF:
		node->depends = KQL_DEPENDS_NONE;
		node->compute = kql_compute_literal;
		return true;
	case KQL_NODE_NAME:
		return check_column(scope, place);
	case KQL_NODE_STAR:
		return kql_node_fault(scope, node, "'*' cannot stand here");
	case KQL_NODE_NEGATE:
	case KQL_NODE_PLUS:
		return kql_check_unary(scope, node);
	case KQL_NODE_BINARY:
		return kql_check_operator(scope, node);
	case KQL_NODE_LIST:
		return kql_check_list(scope, node);
	case KQL_NODE_BETWEEN:
		return kql_check_between(scope, node);
	case KQL_NODE_CALL:
		return kql_check_call(scope, node);
	case KQL_NODE_MEMBER:
	case KQL_NODE_INDEX:
		return check_path(scope, node);
	case KQL_NODE_NAMED:
		kql_node_fault(scope, node, "'%s =' cannot stand here", node->name);
		error_hint(scope->error, "equality is written '==', or '=~' to ignore case");
		return false;
	case KQL_NODE_TABLE:
		kql_node_fault(scope, node, "a table cannot stand here");
		error_hint(scope->error, "toscalar(...) gives the value in a table's first cell");
		return false;
	case KQL_NODE_SCALAR:
		return scope->table != NULL ? scope->table(scope->data, scope, node) :
			kql_node_fault(scope, node, "toscalar() is not possible here");
	}
	return false;
}

static bool check_tree(struct kql_scope *scope, struct kql_node **place)
{
	struct kql_node *node = *place;
	bool taken = false;

	if (node->compute != NULL) /* the node of a let value, checked before */
		return true;
	if (node->kind == KQL_NODE_NAMED)
		return check_node(scope, place);
	if (node->kind == KQL_NODE_CALL && scope->call != NULL) {
		if (!scope->call(scope->data, scope, place, &taken))
			return false;
		if (taken)
			return true;
	}
	if (node->kind == KQL_NODE_LIST && scope->table != NULL && !scope->table(scope->data, scope, node))
		return false;
	if (node->kind != KQL_NODE_TYPEOF && !check_args(scope, node))
		return false;
	if (!check_node(scope, place))
		return false;
	*place = fold(scope, *place);
	return true;
}

bool kql_check_builtin(struct kql_scope *scope, struct kql_node **place)
{
	if (!check_args(scope, *place) || !check_node(scope, place))
		return false;
	*place = fold(scope, *place);
	return true;
}

bool kql_check(struct kql_scope *scope, struct kql_node **place)
{
	bool fine;

	if (scope->depth >= KQL_HEIGHT_LIMIT)
		return kql_node_fault(scope, *place, "the expression is nested more than %d deep", KQL_HEIGHT_LIMIT);
	scope->depth++;
	fine = check_tree(scope, place);
	scope->depth--;
	return fine;
}

bool kql_check_predicate(struct kql_scope *scope, struct kql_node **place)
{
	if (!kql_check(scope, place))
		return false;
	if ((*place)->type == KQL_BOOL && (*place)->kind != KQL_NODE_TYPEOF)
		return true;
	kql_node_fault(scope, *place, "a predicate must be true or false, this is of type %s", kql_type_name((*place)->type));
	if ((*place)->type == KQL_DYNAMIC)
		error_hint(scope->error, "write tobool(...)");
	else
		error_hint(scope->error, "compare it with something, for example '%s'",
			(*place)->type == KQL_STRING ? "== \"text\"" : "== 1");
	return false;
}
