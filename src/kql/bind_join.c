/* Checks join and lookup. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

static size_t find_field(const struct kql_field *fields, size_t count, const char *name)
{
	for (size_t n = 0; n < count; n++)
		if (strcmp(fields[n].name, name) == 0)
			return n;
	for (size_t n = 0; n < count; n++)
		if (fields[n].alias != NULL && strcmp(fields[n].alias, name) == 0)
			return n;
	return SIZE_MAX;
}

struct sides {
	struct kql_binder *binder;
	struct kql_step *step;
	const struct kql_field *left, *right;
	size_t left_count, right_count;
};

static bool side_column(const struct sides *sides, const struct kql_node *node, const char *name, bool left, size_t *column)
{
	const struct kql_field *fields = left ? sides->left : sides->right;
	size_t count = left ? sides->left_count : sides->right_count;
	struct kql_scope scope;
	struct kql_node fault = { .at = node->at, .name = name };

	*column = find_field(fields, count, name);
	if (*column != SIZE_MAX)
		return true;
	kql_bind_scope(sides->binder, &scope, fields, count);
	return kql_scope_unknown(&scope, &fault, left ? "column on the left side" : "column on the right side");
}

/* Keys are of one type; where both are named, an int may meet a long (Microsoft's binder, KS227, KS241 and KS242). */
static bool add_key(struct sides *sides, const struct kql_node *at, size_t left, size_t right)
{
	bool both = at->kind != KQL_NODE_NAME;
	enum kql_type a = sides->left[left].type, b = sides->right[right].type;

	if (a == KQL_DYNAMIC || b == KQL_DYNAMIC || (a != b && !(both && MAX(a, b) == KQL_LONG && MIN(a, b) == KQL_INT))) {
		struct kql_scope scope;

		kql_bind_scope(sides->binder, &scope, NULL, 0);
		kql_node_fault(&scope, at, "one cannot join %s with %s", kql_type_name(a), kql_type_name(b));
		error_hint(scope.error, "keys are of one type, and not dynamic: convert one by extend first");
		return false;
	}
	sides->step->left[sides->step->key_count] = left;
	sides->step->right[sides->step->key_count++] = right;
	return true;
}

/* $left.a or $right.b */
static const char *side_of(const struct kql_node *node)
{
	if (node->kind == KQL_NODE_MEMBER && node->args[0]->kind == KQL_NODE_NAME &&
		(strcmp(node->args[0]->name, "$left") == 0 || strcmp(node->args[0]->name, "$right") == 0))
		return node->args[0]->name;
	return NULL;
}

static bool bind_condition(struct sides *sides, const struct kql_node *node)
{
	size_t left, right;
	const char *a, *b;

	if (node->kind == KQL_NODE_NAME)
		return side_column(sides, node, node->name, true, &left) && side_column(sides, node, node->name, false, &right) &&
			add_key(sides, node, left, right);
	if (node->kind == KQL_NODE_BINARY && node->operator->op == KQL_OP_AND) {
		for (size_t n = 0; n < node->count; n++)
			if (!bind_condition(sides, node->args[n]))
				return false;
		return true;
	}
	if (node->kind == KQL_NODE_BINARY && node->operator->op == KQL_OP_EQUAL) {
		const struct kql_node *x = node->args[0], *y = node->args[1];

		a = side_of(x);
		b = side_of(y);
		if (a != NULL && b != NULL && strcmp(a, "$right") == 0 && strcmp(b, "$left") == 0) {
			kql_bind_fault(sides->binder, node->at, "the left side's column stands first");
			error_hint(sides->binder->error, "write $left.%s == $right.%s", y->name, x->name);
			return false;
		}
		if (a != NULL && b != NULL && strcmp(a, b) != 0) {
			return side_column(sides, x, x->name, true, &left) && side_column(sides, y, y->name, false, &right) &&
				add_key(sides, node, left, right);
		}
	}
	kql_bind_fault(sides->binder, node->at, "a condition of join is a column name or $left.a == $right.b");
	return false;
}

static size_t count_conditions(const struct kql_node *node)
{
	size_t count = 0;

	if (node->kind != KQL_NODE_BINARY || node->operator->op != KQL_OP_AND)
		return 1;
	for (size_t n = 0; n < node->count; n++)
		count += count_conditions(node->args[n]);
	return count;
}

/* The columns of the left side, of the right side, or both; columns[] counts the right ones after the left. */
static bool bind_result(struct sides *sides)
{
	struct kql_step *step = sides->step;
	struct kql_field_list list = { sides->binder, g_array_new(FALSE, FALSE, sizeof(struct kql_field)), 0, NULL };
	bool left = step->join != KQL_JOIN_RIGHT_ANTI && step->join != KQL_JOIN_RIGHT_SEMI;
	bool right = step->join != KQL_JOIN_LEFT_ANTI && step->join != KQL_JOIN_LEFT_SEMI, fine = true;

	step->columns = kql_arena_alloc(sides->binder->arena, (sides->left_count + sides->right_count + 1) *
		sizeof *step->columns);
	for (size_t n = 0; left && n < sides->left_count && fine; n++) {
		step->columns[list.fields->len] = n;
		fine = kql_fields_add(&list, step->at, sides->left[n].name, false, sides->left[n].type, sides->left[n].shape);
	}
	for (size_t n = 0; right && n < sides->right_count && fine; n++) {
		bool key = false;

		for (size_t m = 0; m < step->key_count; m++)
			key |= step->right[m] == n;
		if (key && step->kind == KQL_STEP_LOOKUP)
			continue;
		step->columns[list.fields->len] = sides->left_count + n;
		fine = kql_fields_add(&list, step->at, sides->right[n].name, false, sides->right[n].type, sides->right[n].shape);
	}
	step->fields = kql_fields_take(&list, &step->field_count);
	return fine;
}

bool kql_bind_join(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	struct sides sides = { .binder = binder, .step = step, .left = fields, .left_count = count };
	size_t keys = 0;

	if (!kql_bind_pipe(binder, step->pipes[0]))
		return false;
	sides.right = step->pipes[0]->fields;
	sides.right_count = step->pipes[0]->field_count;
	for (size_t n = 0; n < step->by.count; n++) {
		if (step->by.items[n].node == NULL || step->by.items[n].name != NULL || step->by.items[n].name_count != 0)
			return kql_bind_fault(binder, step->by.items[n].at, "a condition of join is a column name or $left.a == $right.b");
		keys += count_conditions(step->by.items[n].node);
	}
	step->left = kql_arena_alloc(binder->arena, keys * sizeof *step->left);
	step->right = kql_arena_alloc(binder->arena, keys * sizeof *step->right);
	step->key_count = 0;
	for (size_t n = 0; n < step->by.count; n++)
		if (!bind_condition(&sides, step->by.items[n].node))
			return false;
	return bind_result(&sides);
}
