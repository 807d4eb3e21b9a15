/* Conversions between types, comparison and order. */
#include "config.h"
#include "kql/value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/isotime.h"
#include "kql/literal.h"

static struct kql_slice slice_trim(struct kql_slice slice)
{
	while (slice.length > 0 && g_ascii_isspace(slice.text[0]))
		slice.text++, slice.length--;
	while (slice.length > 0 && g_ascii_isspace(slice.text[slice.length - 1]))
		slice.length--;
	return slice;
}

static bool parse_long(struct kql_slice slice, int64_t *value)
{
	char text[32], *end;
	int base = 10;

	slice = slice_trim(slice);
	if (slice.length == 0 || slice.length >= sizeof text)
		return false;
	memcpy(text, slice.text, slice.length);
	text[slice.length] = '\0';
	if (text[0] == '0' && text[1] == 'x')
		base = 16;
	else if (!g_ascii_isdigit(text[0]) && !((text[0] == '-' || text[0] == '+') && g_ascii_isdigit(text[1])))
		return false;
	errno = 0;
	*value = base == 16 ? (int64_t)strtoull(text, &end, 16) : strtoll(text, &end, 10);
	return errno == 0 && *end == '\0' && end != text;
}

static bool parse_real(struct kql_slice slice, double *value)
{
	char text[128], *end;

	slice = slice_trim(slice);
	if (slice.length == 0 || slice.length >= sizeof text || memchr(slice.text, 'x', slice.length) != NULL ||
		memchr(slice.text, 'X', slice.length) != NULL || memchr(slice.text, '(', slice.length) != NULL)
		return false;
	memcpy(text, slice.text, slice.length);
	text[slice.length] = '\0';
	*value = g_ascii_strtod(text, &end);
	return *end == '\0' && end != text;
}

/* A JSON number as long if it is one that fits, else real. */
static struct kql_value number_of_json(struct kql_slice json)
{
	int64_t integer;
	double real;

	if (kql_json_kind(json) == KQL_JSON_LONG && parse_long(json, &integer))
		return kql_integer(KQL_LONG, integer);
	if (parse_real(json, &real))
		return kql_real(real);
	return kql_null(KQL_LONG);
}

struct kql_value kql_value_number(const struct kql_value *value)
{
	if (value->type != KQL_DYNAMIC)
		return *value;
	if (value->null)
		return kql_null(KQL_LONG);
	switch (kql_json_kind(kql_slice_of(value))) {
	case KQL_JSON_LONG:
	case KQL_JSON_REAL:
		return number_of_json(kql_slice_of(value));
	case KQL_JSON_BOOL:
		return kql_integer(KQL_LONG, value->text[0] == 't');
	default:
		return kql_null(KQL_LONG);
	}
}

static struct kql_value cast_long(const struct kql_value *value, enum kql_type type)
{
	double real;
	int64_t integer;

	switch (value->type) {
	case KQL_REAL:
	case KQL_DECIMAL:
		real = value->type == KQL_REAL ? value->real : kql_decimal_real(value->decimal);
		if (!(fabs(real) < 9223372036854775808.0))
			return kql_null(type);
		integer = (int64_t)real;
		break;
	case KQL_STRING:
		if (!parse_long(kql_slice_of(value), &integer))
			return kql_null(type);
		break;
	case KQL_GUID:
		return kql_null(type);
	default:
		integer = value->integer;
	}
	if (type == KQL_INT && (integer < INT32_MIN || integer > INT32_MAX))
		return kql_null(type);
	return kql_integer(type, integer);
}

static struct kql_value cast_real(const struct kql_value *value)
{
	double real;

	switch (value->type) {
	case KQL_REAL:
		return *value;
	case KQL_DECIMAL:
		return kql_real(kql_decimal_real(value->decimal));
	case KQL_STRING:
		return parse_real(kql_slice_of(value), &real) ? kql_real(real) : kql_null(KQL_REAL);
	case KQL_GUID:
		return kql_null(KQL_REAL);
	default:
		return kql_real((double)value->integer);
	}
}

static struct kql_value cast_decimal(struct kql_arena *arena, const struct kql_value *value)
{
	struct kql_decimal decimal;
	struct kql_slice slice;

	switch (value->type) {
	case KQL_DECIMAL:
		return *value;
	case KQL_REAL:
		if (!kql_decimal_from_real(value->real, &decimal))
			return kql_null(KQL_DECIMAL);
		break;
	case KQL_STRING:
		slice = slice_trim(kql_slice_of(value));
		if (!kql_decimal_parse(slice.text, slice.length, &decimal))
			return kql_null(KQL_DECIMAL);
		break;
	case KQL_GUID:
		return kql_null(KQL_DECIMAL);
	default:
		decimal = kql_decimal_from_int(value->integer);
	}
	return kql_decimal_value(arena, decimal);
}

static struct kql_value cast_bool(const struct kql_value *value)
{
	struct kql_slice slice;

	switch (value->type) {
	case KQL_STRING:
		slice = slice_trim(kql_slice_of(value));
		if (slice.length == 4 && g_ascii_strncasecmp(slice.text, "true", 4) == 0)
			return kql_bool(true);
		if (slice.length == 5 && g_ascii_strncasecmp(slice.text, "false", 5) == 0)
			return kql_bool(false);
		return kql_null(KQL_BOOL);
	case KQL_REAL:
		return kql_bool(value->real != 0);
	case KQL_DECIMAL:
		return kql_bool(value->decimal->digits != 0);
	case KQL_BOOL:
	case KQL_INT:
	case KQL_LONG:
		return kql_bool(value->integer != 0);
	default:
		return kql_null(KQL_BOOL);
	}
}

static struct kql_value cast_time(const struct kql_value *value, enum kql_type type)
{
	int64_t ticks;

	if (value->type == KQL_STRING)
		return (type == KQL_DATETIME ? kql_parse_datetime : kql_parse_timespan)(value->text, value->length, &ticks) ?
			kql_integer(type, ticks) : kql_null(type);
	if (value->type != KQL_INT && value->type != KQL_LONG && value->type != type)
		return kql_null(type);
	if (type == KQL_DATETIME && (value->integer < 0 || value->integer > ISOTIME_MAX))
		return kql_null(type);
	return kql_integer(type, value->integer);
}

/* Takes 8-4-4-4-12 or 32 hex digits, in braces or not. */
static struct kql_value cast_guid(struct kql_arena *arena, const struct kql_value *value)
{
	struct kql_slice slice = slice_trim(kql_slice_of(value));
	char digits[32], *text;
	size_t count = 0, at = 0;

	if (slice.length >= 2 && strchr("{(", slice.text[0]) != NULL)
		slice.text++, slice.length -= 2;
	for (; at < slice.length && count < 32; at++) {
		if (slice.text[at] == '-' && (at == 8 || at == 13 || at == 18 || at == 23))
			continue;
		if (!g_ascii_isxdigit(slice.text[at]))
			return kql_null(KQL_GUID);
		digits[count++] = g_ascii_tolower(slice.text[at]);
	}
	if (count != 32 || at != slice.length || (slice.length != 36 && slice.length != 32))
		return kql_null(KQL_GUID);
	text = kql_arena_alloc(arena, 37);
	g_snprintf(text, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12, digits + 16, digits + 20);
	return kql_text(KQL_GUID, text, 36);
}

static struct kql_value cast_dynamic(struct kql_arena *arena, const struct kql_value *value)
{
	AUTO(g_string) GString *out = g_string_new(NULL);

	kql_value_append_json(out, value);
	return kql_text(KQL_DYNAMIC, kql_arena_copy(arena, out->str, out->len), out->len);
}

/* What a dynamic holds, as a plain value; arrays and bags stay dynamic. */
static struct kql_value unwrap(struct kql_arena *arena, const struct kql_value *value)
{
	struct kql_slice json = kql_slice_of(value), bare;

	switch (kql_json_kind(json)) {
	case KQL_JSON_BOOL:
		return kql_bool(json.text[0] == 't');
	case KQL_JSON_LONG:
	case KQL_JSON_REAL:
		return number_of_json(json);
	case KQL_JSON_STRING:
		bare = kql_json_string(arena, json);
		return kql_text(KQL_STRING, bare.text, bare.length);
	default:
		return *value;
	}
}

struct kql_value kql_value_cast(struct kql_arena *arena, const struct kql_value *value, enum kql_type type)
{
	struct kql_value plain = *value;
	struct kql_slice slice;

	if (value->type == type)
		return *value;
	if (type == KQL_STRING) {
		slice = kql_value_text(arena, value);
		return kql_text(KQL_STRING, slice.text, slice.length);
	}
	if (value->null)
		return kql_null(type);
	if (value->type == KQL_DYNAMIC)
		plain = unwrap(arena, value);
	if (plain.null || plain.type == KQL_DYNAMIC)
		return kql_null(type);
	switch (type) {
	case KQL_BOOL:
		return cast_bool(&plain);
	case KQL_INT:
	case KQL_LONG:
		return cast_long(&plain, type);
	case KQL_REAL:
		return cast_real(&plain);
	case KQL_DECIMAL:
		return cast_decimal(arena, &plain);
	case KQL_DATETIME:
	case KQL_TIMESPAN:
		return cast_time(&plain, type);
	case KQL_GUID:
		return plain.type == KQL_STRING || plain.type == KQL_GUID ? cast_guid(arena, &plain) : kql_null(type);
	default:
		return cast_dynamic(arena, &plain);
	}
}

static bool is_int(enum kql_type type)
{
	return type == KQL_BOOL || type == KQL_INT || type == KQL_LONG;
}

static bool is_kept_as_text(enum kql_type type)
{
	return type == KQL_DATETIME || type == KQL_TIMESPAN || type == KQL_GUID;
}

static int compare_text(struct kql_slice a, struct kql_slice b)
{
	int order = memcmp(a.text, b.text, MIN(a.length, b.length));

	if (order == 0)
		return (a.length > b.length) - (a.length < b.length);
	return order < 0 ? -1 : 1;
}

static int compare_numbers(struct kql_arena *arena, const struct kql_value *a, const struct kql_value *b)
{
	struct kql_value x, y;

	if (a->type == KQL_DECIMAL || b->type == KQL_DECIMAL) {
		x = cast_decimal(arena, a);
		y = cast_decimal(arena, b);
		if (!x.null && !y.null)
			return kql_decimal_compare(x.decimal, y.decimal);
	}
	x = cast_real(a);
	y = cast_real(b);
	if (isnan(x.real) || isnan(y.real))
		return 2;
	return (x.real > y.real) - (x.real < y.real);
}

int kql_value_compare(struct kql_arena *arena, const struct kql_value *a, const struct kql_value *b)
{
	struct kql_value x = *a, y = *b;

	if (x.type == KQL_DYNAMIC)
		x = unwrap(arena, a);
	if (y.type == KQL_DYNAMIC)
		y = unwrap(arena, b);
	/* A dynamic keeps times and guids as text. */
	if (x.type == KQL_STRING && a->type == KQL_DYNAMIC && is_kept_as_text(y.type))
		x = kql_value_cast(arena, &x, y.type);
	else if (y.type == KQL_STRING && b->type == KQL_DYNAMIC && is_kept_as_text(x.type))
		y = kql_value_cast(arena, &y, x.type);
	if (x.null || y.null)
		return 2;
	if ((is_int(x.type) && is_int(y.type)) || (x.type == y.type && (x.type == KQL_DATETIME || x.type == KQL_TIMESPAN)))
		return (x.integer > y.integer) - (x.integer < y.integer);
	if ((kql_type_is_number(x.type) || x.type == KQL_BOOL) && (kql_type_is_number(y.type) || y.type == KQL_BOOL))
		return compare_numbers(arena, &x, &y);
	if (x.type == y.type && (x.type == KQL_STRING || x.type == KQL_GUID || x.type == KQL_DYNAMIC))
		return compare_text(kql_slice_of(&x), kql_slice_of(&y));
	return 2;
}

bool kql_value_equal(struct kql_arena *arena, const struct kql_value *a, const struct kql_value *b)
{
	if (a->type == KQL_STRING && b->type == KQL_STRING)
		return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
	return kql_value_compare(arena, a, b) == 0;
}

int kql_value_order(struct kql_arena *arena, const struct kql_value *a, const struct kql_value *b)
{
	int order;

	if (a->null || b->null)
		return (int)b->null - (int)a->null;
	order = kql_value_compare(arena, a, b);
	if (order != 2)
		return order;
	if (a->type == KQL_REAL && b->type == KQL_REAL)
		return (int)isnan(b->real) - (int)isnan(a->real);
	return compare_text(kql_value_text(arena, a), kql_value_text(arena, b));
}
