#include "config.h"
#include "kql/decimal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SCALE_MAX 28
#define DIGITS_MAX 36 /* 10^36 and a factor of ten fit in 127 bits */

static __int128 power_of_ten(int exponent)
{
	__int128 power = 1;

	while (exponent-- > 0)
		power *= 10;
	return power;
}

static struct kql_decimal normal(struct kql_decimal decimal)
{
	while (decimal.scale > 0 && decimal.digits % 10 == 0) {
		decimal.digits /= 10;
		decimal.scale--;
	}
	return decimal;
}

struct kql_decimal kql_decimal_from_int(int64_t value)
{
	return (struct kql_decimal){ .digits = value };
}

bool kql_decimal_parse(const char *text, size_t length, struct kql_decimal *decimal)
{
	size_t at = 0, count = 0;
	bool minus = false, point = false;
	int exponent = 0, sign = 1;

	*decimal = (struct kql_decimal){ 0 };
	if (at < length && (text[at] == '-' || text[at] == '+'))
		minus = text[at++] == '-';
	for (; at < length && (g_ascii_isdigit(text[at]) || (text[at] == '.' && !point)); at++) {
		if (text[at] == '.') {
			point = true;
			continue;
		}
		count++;
		if (point && decimal->scale == SCALE_MAX)
			continue;
		if (decimal->digits >= power_of_ten(DIGITS_MAX) / 10)
			return false;
		decimal->digits = decimal->digits * 10 + (text[at] - '0');
		decimal->scale += point ? 1 : 0;
	}
	if (count == 0)
		return false;
	if (at < length && (text[at] == 'e' || text[at] == 'E')) {
		at++;
		if (at < length && (text[at] == '-' || text[at] == '+'))
			sign = text[at++] == '-' ? -1 : 1;
		for (count = 0; at < length && g_ascii_isdigit(text[at]) && count < 3; at++, count++)
			exponent = exponent * 10 + (text[at] - '0');
		if (count == 0)
			return false;
	}
	if (at != length)
		return false;
	for (exponent *= sign; exponent > 0; exponent--) {
		if (decimal->scale > 0)
			decimal->scale--;
		else if (decimal->digits >= power_of_ten(DIGITS_MAX) / 10)
			return false;
		else
			decimal->digits *= 10;
	}
	for (; exponent < 0; exponent++) {
		if (decimal->scale < SCALE_MAX)
			decimal->scale++;
		else
			decimal->digits /= 10;
	}
	if (minus)
		decimal->digits = -decimal->digits;
	*decimal = normal(*decimal);
	return true;
}

bool kql_decimal_from_real(double value, struct kql_decimal *decimal)
{
	char text[64];

	if (!isfinite(value) || fabs(value) >= 1e34)
		return false;
	g_ascii_formatd(text, sizeof text, "%.15g", value);
	return kql_decimal_parse(text, strlen(text), decimal);
}

double kql_decimal_real(const struct kql_decimal *decimal)
{
	return (double)((long double)decimal->digits / (long double)power_of_ten(decimal->scale));
}

void kql_decimal_append(GString *out, const struct kql_decimal *decimal)
{
	char text[64];
	size_t at = sizeof text;
	struct kql_decimal value = normal(*decimal);
	bool minus = value.digits < 0;
	__int128 rest = minus ? -value.digits : value.digits;

	for (int n = 0; rest != 0 || n <= value.scale; n++) {
		if (n == value.scale && n != 0)
			text[--at] = '.';
		text[--at] = (char)('0' + (int)(rest % 10));
		rest /= 10;
	}
	if (minus)
		g_string_append_c(out, '-');
	g_string_append_len(out, text + at, (gssize)(sizeof text - at));
}

/* Gives both the larger scale of the two. */
static bool align(struct kql_decimal *a, struct kql_decimal *b)
{
	struct kql_decimal *low = a->scale < b->scale ? a : b;
	int scale = MAX(a->scale, b->scale);

	if (__builtin_mul_overflow(low->digits, power_of_ten(scale - low->scale), &low->digits))
		return false;
	low->scale = scale;
	return true;
}

int kql_decimal_compare(const struct kql_decimal *first, const struct kql_decimal *second)
{
	struct kql_decimal a = *first, b = *second;

	if (!align(&a, &b)) {
		double x = kql_decimal_real(first), y = kql_decimal_real(second);

		return (x > y) - (x < y);
	}
	return (a.digits > b.digits) - (a.digits < b.digits);
}

static bool divide(const struct kql_decimal *a, const struct kql_decimal *b, struct kql_decimal *result)
{
	struct kql_decimal over = *a;

	if (b->digits == 0)
		return false;
	while (over.scale - b->scale < SCALE_MAX && over.scale < SCALE_MAX + b->scale) {
		__int128 wider;

		if (__builtin_mul_overflow(over.digits, (__int128)10, &wider))
			break;
		over.digits = wider;
		over.scale++;
	}
	result->digits = over.digits / b->digits;
	result->scale = over.scale - b->scale;
	while (result->scale < 0) {
		if (__builtin_mul_overflow(result->digits, (__int128)10, &result->digits))
			return false;
		result->scale++;
	}
	*result = normal(*result);
	return true;
}

bool kql_decimal_compute(char op, const struct kql_decimal *first, const struct kql_decimal *second,
	struct kql_decimal *result)
{
	struct kql_decimal a = *first, b = *second;

	if (op == '/')
		return divide(first, second, result);
	if (op == '*') {
		while (__builtin_mul_overflow(a.digits, b.digits, &result->digits)) {
			struct kql_decimal *longer = a.scale >= b.scale ? &a : &b;

			if (longer->scale == 0)
				return false;
			longer->digits /= 10;
			longer->scale--;
		}
		result->scale = a.scale + b.scale;
		for (; result->scale > SCALE_MAX; result->scale--)
			result->digits /= 10;
		*result = normal(*result);
		return true;
	}
	if (!align(&a, &b) || (op == '%' && b.digits == 0))
		return false;
	result->scale = a.scale;
	if (op == '%') {
		result->digits = a.digits % b.digits;
		if (result->digits < 0)
			result->digits += b.digits < 0 ? -b.digits : b.digits;
	} else if (op == '+' ? __builtin_add_overflow(a.digits, b.digits, &result->digits)
		: __builtin_sub_overflow(a.digits, b.digits, &result->digits)) {
		return false;
	}
	*result = normal(*result);
	return true;
}
