/* Arithmetic (dataexplorer-docs, numerical-operators.md, datetime-timespan-arithmetic.md). What has no result is null. */
#include "config.h"
#include "kql/eval.h"

#include <math.h>

#include "core/isotime.h"

static struct kql_value long_arithmetic(enum kql_op op, int64_t a, int64_t b)
{
	int64_t result;

	switch (op) {
	case KQL_OP_ADD:
		return __builtin_add_overflow(a, b, &result) ? kql_null(KQL_LONG) : kql_integer(KQL_LONG, result);
	case KQL_OP_SUBTRACT:
		return __builtin_sub_overflow(a, b, &result) ? kql_null(KQL_LONG) : kql_integer(KQL_LONG, result);
	case KQL_OP_MULTIPLY:
		return __builtin_mul_overflow(a, b, &result) ? kql_null(KQL_LONG) : kql_integer(KQL_LONG, result);
	default:
		break;
	}
	if (b == 0 || (a == INT64_MIN && b == -1))
		return b != 0 && op == KQL_OP_MODULO ? kql_integer(KQL_LONG, 0) : kql_null(KQL_LONG);
	if (op == KQL_OP_DIVIDE)
		return kql_integer(KQL_LONG, a / b);
	/* The result of % is never negative, whatever the signs. */
	result = a % b;
	if (result < 0)
		result = b < 0 ? result - b : result + b;
	return kql_integer(KQL_LONG, result);
}

static struct kql_value real_arithmetic(enum kql_op op, double a, double b)
{
	double result;

	switch (op) {
	case KQL_OP_ADD:
		return kql_real(a + b);
	case KQL_OP_SUBTRACT:
		return kql_real(a - b);
	case KQL_OP_MULTIPLY:
		return kql_real(a * b);
	case KQL_OP_DIVIDE:
		return kql_real(a / b);
	default:
		result = fmod(a, b);
		return kql_real(result < 0 ? result + fabs(b) : result);
	}
}

static struct kql_value number_arithmetic(struct kql_context *context, enum kql_op op, const struct kql_value *a,
	const struct kql_value *b)
{
	static const char signs[] = {
		[KQL_OP_ADD] = '+', [KQL_OP_SUBTRACT] = '-', [KQL_OP_MULTIPLY] = '*', [KQL_OP_DIVIDE] = '/', [KQL_OP_MODULO] = '%',
	};
	struct kql_decimal decimal;
	struct kql_value x, y;

	if (a->type == KQL_DECIMAL || b->type == KQL_DECIMAL) {
		x = kql_value_cast(&context->arena, a, KQL_DECIMAL);
		y = kql_value_cast(&context->arena, b, KQL_DECIMAL);
		if (x.null || y.null || !kql_decimal_compute(signs[op], x.decimal, y.decimal, &decimal))
			return kql_null(KQL_DECIMAL);
		return kql_decimal_value(&context->arena, decimal);
	}
	if (a->type == KQL_REAL || b->type == KQL_REAL) {
		x = kql_value_cast(&context->arena, a, KQL_REAL);
		y = kql_value_cast(&context->arena, b, KQL_REAL);
		return real_arithmetic(op, x.real, y.real);
	}
	return long_arithmetic(op, a->integer, b->integer);
}

static struct kql_value ticks_value(enum kql_type type, const struct kql_value *ticks)
{
	if (ticks->null || (type == KQL_DATETIME && (ticks->integer < 0 || ticks->integer > ISOTIME_MAX)))
		return kql_null(type);
	return kql_integer(type, ticks->integer);
}

static struct kql_value scale_span(struct kql_context *context, enum kql_op op, const struct kql_value *span,
	const struct kql_value *factor)
{
	struct kql_value real = kql_value_cast(&context->arena, factor, KQL_REAL);
	double ticks;

	if (factor->type == KQL_INT || factor->type == KQL_LONG) {
		struct kql_value exact = long_arithmetic(op, span->integer, factor->integer);

		return ticks_value(KQL_TIMESPAN, &exact);
	}
	ticks = op == KQL_OP_MULTIPLY ? (double)span->integer * real.real : op == KQL_OP_DIVIDE ?
		(double)span->integer / real.real : fmod((double)span->integer, real.real);
	if (!(fabs(ticks) < 9.2e18))
		return kql_null(KQL_TIMESPAN);
	return kql_integer(KQL_TIMESPAN, (int64_t)ticks);
}

/* One side at least is a datetime or a timespan. */
static struct kql_value time_arithmetic(struct kql_context *context, enum kql_op op, const struct kql_value *a,
	const struct kql_value *b)
{
	bool a_time = a->type == KQL_DATETIME || a->type == KQL_TIMESPAN;
	bool b_time = b->type == KQL_DATETIME || b->type == KQL_TIMESPAN;
	struct kql_value ticks;

	if (!a_time || !b_time) {
		if (op == KQL_OP_ADD || op == KQL_OP_SUBTRACT || (b_time && op != KQL_OP_MULTIPLY))
			return kql_null(KQL_TIMESPAN);
		return scale_span(context, op, a_time ? a : b, a_time ? b : a);
	}
	if (op == KQL_OP_DIVIDE)
		return b->integer == 0 ? kql_null(KQL_REAL) : kql_real((double)a->integer / (double)b->integer);
	ticks = long_arithmetic(op, a->integer, b->integer);
	if (op == KQL_OP_ADD || op == KQL_OP_SUBTRACT)
		return ticks_value((a->type == KQL_DATETIME) != (b->type == KQL_DATETIME) ? KQL_DATETIME : KQL_TIMESPAN, &ticks);
	return ticks_value(KQL_TIMESPAN, &ticks);
}

static struct kql_value time_of_dynamic(struct kql_context *context, const struct kql_value *value,
	const struct kql_value *other)
{
	struct kql_value time;

	/* A dynamic keeps a time as text. */
	if (value->type != KQL_DYNAMIC || (other->type != KQL_DATETIME && other->type != KQL_TIMESPAN))
		return kql_value_number(value);
	time = kql_value_cast(&context->arena, value, KQL_TIMESPAN);
	return time.null ? kql_value_cast(&context->arena, value, KQL_DATETIME) : time;
}

struct kql_value kql_arithmetic(struct kql_context *context, enum kql_op op, const struct kql_value *left,
	const struct kql_value *right)
{
	struct kql_value a = time_of_dynamic(context, left, right), b = time_of_dynamic(context, right, left);
	bool time = a.type == KQL_DATETIME || a.type == KQL_TIMESPAN || b.type == KQL_DATETIME || b.type == KQL_TIMESPAN;

	if (a.null || b.null)
		return kql_null(KQL_LONG);
	if (time)
		return time_arithmetic(context, op, &a, &b);
	return number_arithmetic(context, op, &a, &b);
}

void kql_compute_arithmetic(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	struct kql_value a, b;

	kql_compute_node(context, node->args[0], &a);
	kql_compute_node(context, node->args[1], &b);
	*result = kql_arithmetic(context, node->operator->op, &a, &b);
	if (result->null)
		result->type = node->type;
}
