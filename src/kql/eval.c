#include "config.h"
#include "kql/eval.h"

#include <math.h>
#include <string.h>

void kql_context_clear(struct kql_context *context)
{
	kql_arena_clear(&context->arena);
	kql_matcher_free(context->matcher);
	context->matcher = NULL;
	if (context->patterns != NULL)
		g_hash_table_unref(context->patterns);
	context->patterns = NULL;
}

int kql_truth(const struct kql_value *value)
{
	if (value->null)
		return -1;
	if (value->type == KQL_BOOL)
		return value->integer != 0;
	if (value->type == KQL_DYNAMIC && kql_json_kind(kql_slice_of(value)) == KQL_JSON_BOOL)
		return value->text[0] == 't';
	return -1;
}

static struct kql_value of_truth(int truth)
{
	return truth < 0 ? kql_null(KQL_BOOL) : kql_bool(truth != 0);
}

void kql_compute_literal(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	(void)context;
	*result = node->value;
}

void kql_compute_column(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	size_t row = kql_context_row(context, node->column, context->row);

	if (row == KQL_NO_ROW)
		*result = kql_null(node->type);
	else
		*result = kql_value_read(context->columns[node->column], node->type, row, &context->arena);
}

void kql_compute_plus(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	kql_compute_node(context, node->args[0], result);
	if (result->type == KQL_DYNAMIC)
		*result = kql_value_number(result);
}

void kql_compute_negate(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	struct kql_value value, zero;

	kql_compute_node(context, node->args[0], &value);
	value = kql_value_number(&value);
	if (value.null) {
		*result = value;
	} else if (value.type == KQL_REAL) {
		*result = kql_real(-value.real);
	} else if (value.type == KQL_DECIMAL) {
		zero = kql_decimal_value(&context->arena, kql_decimal_from_int(0));
		*result = kql_arithmetic(context, KQL_OP_SUBTRACT, &zero, &value);
	} else {
		*result = kql_integer(value.type == KQL_INT ? KQL_LONG : value.type, (int64_t)-(uint64_t)value.integer);
	}
}

void kql_compute_logical(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	int decides = node->operator->op == KQL_OP_AND ? 0 : 1, truth;
	bool null = false;

	for (size_t n = 0; n < node->count; n++) {
		struct kql_value value;

		kql_compute_node(context, node->args[n], &value);
		if (context->failure != NULL)
			break;
		truth = kql_truth(&value);
		if (truth == decides) {
			*result = kql_bool(decides != 0);
			return;
		}
		null |= truth < 0;
	}
	*result = null || context->failure != NULL ? kql_null(KQL_BOOL) : kql_bool(decides == 0);
}

static int compare_truth(enum kql_op op, int order)
{
	switch (op) {
	case KQL_OP_LESS:
		return order == -1;
	case KQL_OP_LESS_EQUAL:
		return order == -1 || order == 0;
	case KQL_OP_GREATER:
		return order == 1;
	default:
		return order == 1 || order == 0;
	}
}

/* < <= > >=: null if a side is null, or a dynamic that is no number. */
static int ordered(struct kql_context *context, enum kql_op op, const struct kql_value *left,
	const struct kql_value *right)
{
	struct kql_value a = kql_value_number(left), b = kql_value_number(right);

	if (a.null || b.null)
		return -1;
	return compare_truth(op, kql_value_compare(&context->arena, &a, &b));
}

void kql_compute_compare(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	struct kql_value a, b;

	kql_compute_node(context, node->args[0], &a);
	kql_compute_node(context, node->args[1], &b);
	*result = of_truth(ordered(context, node->operator->op, &a, &b));
}

/* A column of whole numbers against a constant one. */
void kql_compute_compare_int(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	const struct column *column = context->columns[node->args[0]->column];
	size_t row = kql_context_row(context, node->args[0]->column, context->row);
	bool null = row == KQL_NO_ROW || column_is_null(column, row);
	int64_t a = null ? 0 : column_int(column, row), b = node->args[1]->value.integer;

	switch (node->operator->op) {
	case KQL_OP_EQUAL:
		*result = kql_bool(!null && a == b);
		return;
	case KQL_OP_NOT_EQUAL:
		*result = kql_bool(null || a != b);
		return;
	default:
		*result = null ? kql_null(KQL_BOOL) : kql_bool(compare_truth(node->operator->op, (a > b) - (a < b)) != 0);
	}
}

/* == with nulls: 1, 0, -1 */
static int equal(struct kql_context *context, const struct kql_value *a, const struct kql_value *b)
{
	if (a->null || b->null)
		return a->null && b->null ? -1 : 0;
	return kql_value_equal(&context->arena, a, b);
}

void kql_compute_equal(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	struct kql_value a, b;
	int truth;

	kql_compute_node(context, node->args[0], &a);
	kql_compute_node(context, node->args[1], &b);
	truth = equal(context, &a, &b);
	if (truth >= 0 && node->operator->op == KQL_OP_NOT_EQUAL)
		truth = !truth;
	*result = of_truth(truth);
}

void kql_compute_between(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	struct kql_value value, low, high;
	int above, below, truth;

	kql_compute_node(context, node->args[0], &value);
	kql_compute_node(context, node->args[1], &low);
	kql_compute_node(context, node->args[2], &high);
	if (low.type == KQL_DATETIME && high.type == KQL_TIMESPAN)
		high = kql_arithmetic(context, KQL_OP_ADD, &low, &high);
	above = ordered(context, KQL_OP_GREATER_EQUAL, &value, &low);
	below = ordered(context, KQL_OP_LESS_EQUAL, &value, &high);
	truth = above == 0 || below == 0 ? 0 : above < 0 || below < 0 ? -1 : 1;
	if (truth >= 0 && node->operator->negated)
		truth = !truth;
	*result = of_truth(truth);
}

void kql_compute_member(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	struct kql_value value;

	kql_compute_node(context, node->args[0], &value);
	if (!value.null)
		value = kql_dynamic(kql_json_member(kql_slice_of(&value), node->name, strlen(node->name)));
	*result = value;
}

void kql_compute_index(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	struct kql_value value, index;

	kql_compute_node(context, node->args[0], &value);
	kql_compute_node(context, node->args[1], &index);
	*result = kql_null(KQL_DYNAMIC);
	if (value.null || index.null)
		return;
	if (index.type == KQL_DYNAMIC) {
		struct kql_value number = kql_value_number(&index);

		index = number.null ? kql_value_cast(&context->arena, &index, KQL_STRING) : number;
	}
	if (index.type == KQL_STRING)
		*result = kql_dynamic(kql_json_member(kql_slice_of(&value), index.text, index.length));
	else if (index.type == KQL_INT || index.type == KQL_LONG)
		*result = kql_dynamic(kql_json_element(kql_slice_of(&value), index.integer));
}

/* Whether a value equals one of the items; an item that is an array stands for its elements. */
static int in_item(struct kql_context *context, const struct kql_node *node, const struct kql_value *value,
	const struct kql_value *item)
{
	struct kql_json_walk walk;
	struct kql_slice a, b;
	int best = 0;

	if (!item->null && item->type == KQL_DYNAMIC && kql_json_kind(kql_slice_of(item)) == KQL_JSON_ARRAY) {
		walk = kql_json_walk(kql_slice_of(item));
		while (best != 1 && kql_json_next(&walk)) {
			struct kql_value element = kql_dynamic(walk.value);
			int truth = in_item(context, node, value, &element);

			best = truth == 1 || (truth < 0 && best == 0) ? truth : best;
		}
		return best;
	}
	if (!node->operator->folded || value->null || item->null)
		return equal(context, value, item);
	a = kql_fold(&context->arena, kql_value_text(&context->arena, value));
	b = kql_fold(&context->arena, kql_value_text(&context->arena, item));
	return kql_matches(KQL_SAME, a, b);
}

void kql_compute_in(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	struct kql_value value, item;
	int best = 0;

	kql_compute_node(context, node->args[0], &value);
	for (size_t n = 1; n < node->count && best != 1; n++) {
		int truth;

		kql_compute_node(context, node->args[n], &item);
		truth = in_item(context, node, &value, &item);
		best = truth == 1 || (truth < 0 && best == 0) ? truth : best;
	}
	if (best >= 0 && node->operator->negated)
		best = !best;
	*result = of_truth(best);
}

/* The items are constant texts, kept in a hash set. */
void kql_compute_in_set(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	struct kql_value value;
	struct kql_slice text;
	bool found = false;

	kql_compute_node(context, node->args[0], &value);
	if (!value.null && (value.type != KQL_DYNAMIC || kql_json_kind(kql_slice_of(&value)) == KQL_JSON_STRING)) {
		text = kql_value_text(&context->arena, &value);
		if (node->operator->folded)
			text = kql_fold(&context->arena, text);
		found = g_hash_table_contains(node->set, &text);
	}
	*result = kql_bool(found != node->operator->negated);
}

void kql_compute_scalar(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	*result = context->scalars[node->column].value;
}

enum kql_type kql_key_type(enum kql_type a, enum kql_type b)
{
	if (a == KQL_DYNAMIC || b == KQL_DYNAMIC)
		return KQL_STRING;
	if (a == b && a != KQL_INT)
		return a;
	return a >= KQL_REAL || b >= KQL_REAL ? KQL_REAL : KQL_LONG;
}

struct kql_slice kql_key_text(struct kql_arena *arena, const struct kql_value *value, enum kql_type key)
{
	struct kql_value cast = kql_value_cast(arena, value, key);

	return kql_value_text(arena, &cast);
}

/* `in (table)`: node->type of the key is that of value and column together. */
void kql_compute_in_table(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	const struct kql_scalar *scalar = &context->scalars[node->column];
	struct kql_value value;
	struct kql_slice key;
	bool found = false;

	kql_compute_node(context, node->args[0], &value);
	if (!value.null) {
		key = kql_key_text(&context->arena, &value, kql_key_type(node->args[0]->type, node->value.type));
		if (node->operator->folded)
			key = kql_fold(&context->arena, key);
		found = g_hash_table_contains(scalar->set, &key);
	}
	*result = kql_bool(found != node->operator->negated);
}

guint kql_slice_hash(gconstpointer key)
{
	const struct kql_slice *slice = key;
	guint hash = 2166136261u;

	for (size_t n = 0; n < slice->length; n++)
		hash = (hash ^ (unsigned char)slice->text[n]) * 16777619u;
	return hash;
}

gboolean kql_slice_equal(gconstpointer first, gconstpointer second)
{
	const struct kql_slice *a = first, *b = second;

	return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}
