/* Numbers. */
#include "config.h"
#include "kql/functions.h"

#include <math.h>
#include <string.h>

#define CALL(name) \
	static void name(struct kql_context *context, const struct kql_node *node, const struct kql_value *args, \
		struct kql_value *result)

static double real_of(struct kql_context *context, const struct kql_value *value)
{
	return kql_value_cast(&context->arena, value, KQL_REAL).real;
}

CALL(call_abs)
{
	struct kql_value negative;

	(void)node;
	*result = args[0];
	if (args[0].type == KQL_REAL) {
		*result = kql_real(fabs(args[0].real));
	} else if (args[0].type == KQL_DECIMAL) {
		if (args[0].decimal->digits < 0) {
			struct kql_value zero = kql_decimal_value(&context->arena, kql_decimal_from_int(0));

			negative = kql_arithmetic(context, KQL_OP_SUBTRACT, &zero, &args[0]);
			*result = negative;
		}
	} else if (args[0].integer < 0) {
		result->integer = (int64_t)-(uint64_t)args[0].integer;
	}
}

/* A whole number stays one. */
CALL(call_round)
{
	int64_t digits = node->count > 1 && !args[1].null ? args[1].integer : 0;
	double factor, value;

	*result = args[0];
	if ((args[0].type != KQL_REAL && args[0].type != KQL_DECIMAL) || digits > 300 || digits < -300)
		return;
	factor = pow(10, (double)digits);
	value = real_of(context, &args[0]);
	if (isfinite(value * factor))
		value = rint(value * factor) / factor;
	*result = kql_real(value);
	*result = kql_value_cast(&context->arena, result, args[0].type);
}

CALL(call_ceiling)
{
	(void)node;
	*result = args[0];
	if (args[0].type != KQL_REAL && args[0].type != KQL_DECIMAL)
		return;
	*result = kql_real(ceil(real_of(context, &args[0])));
	*result = kql_value_cast(&context->arena, result, args[0].type);
}

static double exp10_of(double x)
{
	return pow(10, x);
}

static double sign_of(double x)
{
	return (x > 0) - (x < 0);
}

static double degrees_of(double x)
{
	return x * 180 / G_PI;
}

static double radians_of(double x)
{
	return x * G_PI / 180;
}

/* The gamma function has poles at the whole numbers below 1. */
static double gamma_of(double x)
{
	return x <= 0 && floor(x) == x ? NAN : tgamma(x);
}

static double loggamma_of(double x)
{
	return x <= 0 && floor(x) == x ? NAN : lgamma_r(x, &(int){ 0 });
}

static double cot_of(double x)
{
	return 1 / tan(x);
}

/* Functions of one real number; what is not defined is null. */
CALL(call_real)
{
	static const struct {
		const char *name;
		double (*function)(double);
	} functions[] = {
		{ "sqrt", sqrt }, { "log", log }, { "log2", log2 }, { "log10", log10 }, { "exp", exp }, { "exp2", exp2 },
		{ "exp10", exp10_of }, { "sin", sin }, { "cos", cos }, { "tan", tan }, { "asin", asin }, { "acos", acos },
		{ "atan", atan }, { "cot", cot_of }, { "sign", sign_of }, { "degrees", degrees_of }, { "radians", radians_of },
		{ "gamma", gamma_of }, { "loggamma", loggamma_of }, { "erf", erf }, { "erfc", erfc },
	};
	double value;

	for (size_t n = 0; n < G_N_ELEMENTS(functions); n++) {
		if (strcmp(functions[n].name, node->name) != 0)
			continue;
		value = functions[n].function(real_of(context, &args[0]));
		*result = isfinite(value) ? kql_real(value) : kql_null(KQL_REAL);
	}
}

CALL(call_pow)
{
	(void)node;
	*result = kql_real(pow(real_of(context, &args[0]), real_of(context, &args[1])));
}

CALL(call_atan2)
{
	(void)node;
	*result = kql_real(atan2(real_of(context, &args[0]), real_of(context, &args[1])));
}

CALL(call_pi)
{
	(void)context;
	(void)node;
	(void)args;
	*result = kql_real(G_PI);
}

CALL(call_isnan)
{
	(void)node;
	*result = kql_bool(isnan(real_of(context, &args[0])));
}

CALL(call_isinf)
{
	(void)node;
	*result = kql_bool(isinf(real_of(context, &args[0])));
}

CALL(call_isfinite)
{
	(void)node;
	*result = kql_bool(isfinite(real_of(context, &args[0])));
}

CALL(call_binary)
{
	int64_t a = args[0].integer, b = node->count > 1 ? args[1].integer : 0;
	const char *what = node->name + strlen("binary_");

	(void)context;
	if (strcmp(what, "and") == 0)
		a &= b;
	else if (strcmp(what, "or") == 0)
		a |= b;
	else if (strcmp(what, "xor") == 0)
		a ^= b;
	else if (strcmp(what, "not") == 0)
		a = ~a;
	else if (b < 0)
		return;
	else if (strcmp(what, "shift_left") == 0)
		a = (int64_t)((uint64_t)a << (b & 63));
	else
		a >>= b & 63;
	*result = kql_integer(KQL_LONG, a);
}

CALL(call_bitset_count_ones)
{
	(void)context;
	(void)node;
	*result = kql_integer(KQL_LONG, __builtin_popcountll((unsigned long long)args[0].integer));
}

/* max_of, min_of: nulls do not count. */
CALL(call_extreme)
{
	int wanted = strcmp(node->name, "max_of") == 0 ? 1 : -1;
	const struct kql_value *best = NULL;

	for (size_t n = 0; n < node->count; n++)
		if (!args[n].null && (best == NULL || kql_value_order(&context->arena, &args[n], best) == wanted))
			best = &args[n];
	if (best != NULL)
		*result = kql_value_cast(&context->arena, best, node->type);
}

static bool check_extreme(struct kql_scope *scope, struct kql_node *node)
{
	node->type = node->args[0]->type;
	for (size_t n = 0; n < node->count; n++) {
		enum kql_type type = node->args[n]->type;

		if (type == KQL_DYNAMIC || type == KQL_GUID)
			return kql_node_fault(scope, node->args[n], "%s() does not work on %s", node->name, kql_type_name(type));
		if (type == node->type)
			continue;
		if (!kql_type_is_number(type) || !kql_type_is_number(node->type))
			return kql_node_fault(scope, node->args[n], "the arguments of %s() must be of one type", node->name);
		node->type = MAX(type, node->type);
	}
	return true;
}

/* format_bytes(size [, precision [, unit]]) */
CALL(call_format_bytes)
{
	static const char *const units[] = { "Bytes", "KB", "MB", "GB", "TB", "PB", "EB" };
	double value = real_of(context, &args[0]);
	int64_t precision = node->count > 1 ? kql_value_cast(&context->arena, &args[1], KQL_LONG).integer : 0;
	const char *wanted = node->count > 2 ? args[2].text : NULL;
	AUTO(g_string) GString *out = g_string_new(NULL);
	char number[64], format[16];
	size_t unit = 0;

	while (unit + 1 < G_N_ELEMENTS(units) && (wanted != NULL ? strcmp(units[unit], wanted) != 0 : fabs(value) >= 1024)) {
		value /= 1024;
		unit++;
	}
	precision = CLAMP(precision, 0, 9);
	value = rint(value * pow(10, (double)precision)) / pow(10, (double)precision);
	g_snprintf(format, sizeof format, "%%.%dg", 15);
	g_ascii_formatd(number, sizeof number, format, value);
	g_string_append_printf(out, "%s %s", number, units[unit]);
	*result = kql_result_text(context, KQL_STRING, out);
}

static bool check_abs(struct kql_scope *scope, struct kql_node *node)
{
	if (node->args[0]->type == KQL_DATETIME)
		return kql_node_fault(scope, node->args[0], "argument 1 of abs() must be a number or a timespan, this is of type datetime");
	return true;
}

const struct kql_function kql_number_functions[] = {
	{ "abs", "number or timespan", "u", '1', true, call_abs, NULL, check_abs },
	{ "round", "number [, digits]", "ni!?", '1', true, call_round, NULL, NULL },
	{ "ceiling", "number", "n", '1', true, call_ceiling, NULL, NULL },
	{ "sqrt", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "log", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "log2", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "log10", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "exp", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "exp2", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "exp10", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "sin", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "cos", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "tan", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "asin", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "acos", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "atan", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "atan2", "y, x", "nn", 'r', true, call_atan2, NULL, NULL },
	{ "cot", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "sign", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "degrees", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "radians", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "gamma", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "loggamma", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "erf", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "erfc", "number", "n", 'r', true, call_real, NULL, NULL },
	{ "pow", "base, exponent", "nn", 'r', true, call_pow, NULL, NULL },
	{ "pi", "", "", 'r', true, call_pi, NULL, NULL },
	{ "isnan", "number", "f", 'b', true, call_isnan, NULL, NULL },
	{ "isinf", "number", "f", 'b', true, call_isinf, NULL, NULL },
	{ "isfinite", "number", "f", 'b', true, call_isfinite, NULL, NULL },
	{ "binary_and", "number, number", "ii", 'l', true, call_binary, NULL, NULL },
	{ "binary_or", "number, number", "ii", 'l', true, call_binary, NULL, NULL },
	{ "binary_xor", "number, number", "ii", 'l', true, call_binary, NULL, NULL },
	{ "binary_not", "number", "i", 'l', true, call_binary, NULL, NULL },
	{ "binary_shift_left", "number, bits", "ii", 'l', true, call_binary, NULL, NULL },
	{ "binary_shift_right", "number, bits", "ii", 'l', true, call_binary, NULL, NULL },
	{ "bitset_count_ones", "number", "i", 'l', true, call_bitset_count_ones, NULL, NULL },
	{ "max_of", "value, value, ...", "aaa?*", 0, false, call_extreme, NULL, check_extreme },
	{ "min_of", "value, value, ...", "aaa?*", 0, false, call_extreme, NULL, check_extreme },
	{ "format_bytes", "size [, precision [, unit]]", "nn!?s!", 's', true, call_format_bytes, NULL, NULL },
	{ .name = NULL },
};
