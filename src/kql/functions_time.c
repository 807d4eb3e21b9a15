/* Functions on points in time and durations (dataexplorer-docs, datetime-functions). All in UTC. */
#include "config.h"
#include "kql/functions.h"

#include <math.h>
#include <string.h>

#include "core/isotime.h"

#define CALL(name) \
	static void name(struct kql_context *context, const struct kql_node *node, const struct kql_value *args, \
		struct kql_value *result)

enum part {
	PART_YEAR, PART_QUARTER, PART_MONTH, PART_WEEK, PART_DAY, PART_HOUR, PART_MINUTE, PART_SECOND, PART_MILLISECOND,
	PART_MICROSECOND, PART_NANOSECOND, PART_DAY_OF_YEAR, PART_WEEK_OF_YEAR, PART_NONE,
};

static const char *const part_names[] = {
	"year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond", "nanosecond",
	"dayofyear", "week_of_year",
};

static enum part part_of(const char *name)
{
	for (size_t n = 0; n < G_N_ELEMENTS(part_names); n++)
		if (g_ascii_strcasecmp(part_names[n], name) == 0)
			return (enum part)n;
	return PART_NONE;
}

/* The first argument names a part; datetime_part knows other ones than datetime_diff. */
static bool check_part(struct kql_scope *scope, struct kql_node *node)
{
	const char *name = kql_constant_text(scope, node, 0);
	bool part = strstr(node->name, "part") != NULL;
	enum part found = name != NULL ? part_of(name) : PART_NONE;

	if (name == NULL)
		return false;
	if (found != PART_NONE && (part ? found != PART_WEEK : found < PART_DAY_OF_YEAR))
		return true;
	kql_node_fault(scope, node->args[0], "'%.40s' is no part of a datetime", name);
	error_hint(scope->error, part ?
		"year, quarter, month, week_of_year, day, dayofyear, hour, minute, second, millisecond, microsecond, nanosecond" :
		"year, quarter, month, week, day, hour, minute, second, millisecond, microsecond, nanosecond");
	return false;
}

static struct kql_value datetime(int64_t ticks)
{
	return ticks < 0 || ticks > ISOTIME_MAX ? kql_null(KQL_DATETIME) : kql_integer(KQL_DATETIME, ticks);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

CALL(call_now)
{
	struct kql_value now = kql_integer(KQL_DATETIME, context->now_ticks);

	*result = node->count == 0 ? now : kql_arithmetic(context, KQL_OP_ADD, &now, &args[0]);
}

CALL(call_ago)
{
	struct kql_value now = kql_integer(KQL_DATETIME, context->now_ticks);

	(void)node;
	*result = kql_arithmetic(context, KQL_OP_SUBTRACT, &now, &args[0]);
}

/* The start of a year or month some months away. */
static int64_t start_of_month(int64_t ticks, int64_t months)
{
	struct isotime_parts parts = { .day = 1 };
	int64_t total, start = -1;
	struct isotime_parts from;

	isotime_split(ticks, &from);
	if (months < -200000 || months > 200000)
		return -1;
	total = from.year * 12LL + from.month - 1 + months;
	if (total < 12)
		return -1;
	parts.year = (int)(total / 12);
	parts.month = (int)(total % 12) + 1;
	if (parts.year == 10000 && parts.month == 1)
		return ISOTIME_MAX + 1;
	return isotime_join(&parts, &start) ? start : -1;
}

/* The start of the unit that a time lies in, `offset` units away; -1 if out of range. */
static int64_t start_of(const char *unit, int64_t ticks, int64_t offset)
{
	struct isotime_parts parts;
	int64_t day = floor_div(ticks, ISOTIME_TICKS_PER_DAY), days;

	isotime_split(ticks, &parts);
	if (strcmp(unit, "year") == 0)
		return offset < -20000 || offset > 20000 ? -1 : start_of_month(ticks, 1 - parts.month + offset * 12);
	if (strcmp(unit, "month") == 0)
		return start_of_month(ticks, offset);
	if (offset < -4000000 || offset > 4000000)
		return -1;
	days = day + offset;
	if (strcmp(unit, "week") == 0) /* begins on Sunday; day 0 was a Monday */
		days = day - (day + 1) % 7 + offset * 7;
	return days < 0 || days > (ISOTIME_MAX + 1) / ISOTIME_TICKS_PER_DAY ? -1 : days * ISOTIME_TICKS_PER_DAY;
}

/* startofday(time [, days]), and so on: the unit is the end of the name. */
CALL(call_startof)
{
	(void)context;
	*result = datetime(start_of(node->name + strlen("startof"), args[0].integer, node->count > 1 ? args[1].integer : 0));
}

CALL(call_endof)
{
	int64_t units = node->count > 1 ? args[1].integer : 0, next;

	(void)context;
	next = units == INT64_MAX ? -1 : start_of(node->name + strlen("endof"), args[0].integer, units + 1);
	*result = next < 1 ? kql_null(KQL_DATETIME) : datetime(next - 1);
}

static struct kql_value bin_ticks(enum kql_type type, int64_t value, int64_t size, int64_t origin)
{
	int64_t result, offset;

	if (size <= 0 || __builtin_sub_overflow(value, origin, &offset) ||
		__builtin_mul_overflow(floor_div(offset, size), size, &result) ||
		__builtin_add_overflow(result, origin, &result))
		return kql_null(type);
	return type == KQL_DATETIME ? datetime(result) : kql_integer(type, result);
}

static struct kql_value bin_value(struct kql_context *context, enum kql_type type, const struct kql_value *value,
	const struct kql_value *size, const struct kql_value *origin)
{
	struct kql_value v, s, o;

	if (type != KQL_REAL && type != KQL_DECIMAL)
		return bin_ticks(type, value->integer, size->type == KQL_REAL ? (int64_t)(size->real * 864e9) : size->integer,
			origin != NULL ? origin->integer : 0);
	v = kql_value_cast(&context->arena, value, KQL_REAL);
	s = kql_value_cast(&context->arena, size, KQL_REAL);
	o = origin != NULL ? kql_value_cast(&context->arena, origin, KQL_REAL) : kql_real(0);
	if (!(s.real > 0))
		return kql_null(type);
	v.real = floor((v.real - o.real) / s.real) * s.real + o.real;
	return kql_value_cast(&context->arena, &v, type);
}

/* bin(value, size): down to a multiple of size; for a datetime counted from tick 0. */
CALL(call_bin)
{
	*result = bin_value(context, node->type, &args[0], &args[1], NULL);
}

CALL(call_bin_at)
{
	*result = bin_value(context, node->type, &args[0], &args[1], &args[2]);
}

static bool check_bin(struct kql_scope *scope, struct kql_node *node)
{
	enum kql_type value = node->args[0]->type, size = node->args[1]->type;
	bool fine = kql_type_is_number(value) ? kql_type_is_number(size) :
		value == KQL_TIMESPAN ? size == KQL_TIMESPAN : size == KQL_TIMESPAN || size == KQL_DATETIME;

	if (fine && node->count > 2)
		fine = kql_type_is_number(value) ? kql_type_is_number(node->args[2]->type) : node->args[2]->type == value;
	if (!fine)
		return kql_node_fault(scope, node, "%s() cannot round %s to steps of %s", node->name, kql_type_name(value),
			kql_type_name(size));
	node->type = kql_type_is_number(value) ? MAX(MAX(value, size), KQL_LONG) : value;
	return true;
}

/* How many whole parts lie before the time. */
static int64_t parts_before(enum part part, int64_t ticks)
{
	static const int64_t sizes[] = {
		[PART_DAY] = ISOTIME_TICKS_PER_DAY, [PART_HOUR] = 3600 * ISOTIME_TICKS_PER_SECOND,
		[PART_MINUTE] = 60 * ISOTIME_TICKS_PER_SECOND, [PART_SECOND] = ISOTIME_TICKS_PER_SECOND,
		[PART_MILLISECOND] = ISOTIME_TICKS_PER_MS, [PART_MICROSECOND] = 10, [PART_NANOSECOND] = 1,
	};
	struct isotime_parts parts;

	isotime_split(ticks, &parts);
	switch (part) {
	case PART_YEAR:
		return parts.year;
	case PART_QUARTER:
		return parts.year * 4LL + (parts.month - 1) / 3;
	case PART_MONTH:
		return parts.year * 12LL + parts.month;
	case PART_WEEK:
		return (ticks / ISOTIME_TICKS_PER_DAY + 1) / 7;
	default:
		return ticks / sizes[part];
	}
}

/* datetime_diff(part, a, b): a - b in boundaries crossed. */
CALL(call_datetime_diff)
{
	enum part part = part_of(args[0].text);
	int64_t difference = parts_before(part, args[1].integer) - parts_before(part, args[2].integer);

	(void)context;
	(void)node;
	if (part == PART_NANOSECOND && __builtin_mul_overflow(difference, 100, &difference))
		return;
	*result = kql_integer(KQL_LONG, difference);
}

static int day_of_year(int64_t ticks)
{
	return (int)((ticks - start_of("year", ticks, 0)) / ISOTIME_TICKS_PER_DAY) + 1;
}

/* ISO 8601: the week with the year's first Thursday is the first. */
static int week_of_year(int64_t ticks)
{
	int64_t day = ticks / ISOTIME_TICKS_PER_DAY, thursday = day - day % 7 + 3;

	return (day_of_year(thursday * ISOTIME_TICKS_PER_DAY) - 1) / 7 + 1;
}

static int64_t part_value(enum part part, int64_t ticks)
{
	struct isotime_parts parts;

	isotime_split(ticks, &parts);
	switch (part) {
	case PART_YEAR:
		return parts.year;
	case PART_QUARTER:
		return (parts.month - 1) / 3 + 1;
	case PART_MONTH:
		return parts.month;
	case PART_WEEK_OF_YEAR:
		return week_of_year(ticks);
	case PART_DAY:
		return parts.day;
	case PART_DAY_OF_YEAR:
		return day_of_year(ticks);
	case PART_HOUR:
		return parts.hour;
	case PART_MINUTE:
		return parts.minute;
	case PART_SECOND:
		return parts.second;
	case PART_MILLISECOND:
		return parts.ticks / 10000;
	case PART_MICROSECOND:
		return parts.ticks / 10;
	default:
		return parts.ticks * 100LL;
	}
}

CALL(call_datetime_part)
{
	(void)context;
	(void)node;
	*result = kql_integer(KQL_INT, part_value(part_of(args[0].text), args[1].integer));
}

/* getyear(time) and the like: one part by the function's name. */
CALL(call_get_part)
{
	static const struct {
		const char *name;
		enum part part;
	} names[] = {
		{ "getyear", PART_YEAR }, { "getmonth", PART_MONTH }, { "monthofyear", PART_MONTH }, { "dayofmonth", PART_DAY },
		{ "dayofyear", PART_DAY_OF_YEAR }, { "hourofday", PART_HOUR }, { "week_of_year", PART_WEEK_OF_YEAR },
		{ "weekofyear", PART_WEEK_OF_YEAR },
	};

	(void)context;
	for (size_t n = 0; n < G_N_ELEMENTS(names); n++)
		if (strcmp(names[n].name, node->name) == 0)
			*result = kql_integer(KQL_INT, part_value(names[n].part, args[0].integer));
}

CALL(call_dayofweek)
{
	(void)context;
	(void)node;
	*result = kql_integer(KQL_TIMESPAN, (args[0].integer / ISOTIME_TICKS_PER_DAY + 1) % 7 * ISOTIME_TICKS_PER_DAY);
}

/* Months away, the day cut to the month's last. */
static int64_t add_months(int64_t ticks, int64_t months)
{
	struct isotime_parts parts;
	int64_t first = start_of_month(ticks, months), next, within;

	if (first < 0 || first > ISOTIME_MAX)
		return -1;
	next = start_of_month(first, 1);
	isotime_split(ticks, &parts);
	within = (parts.day - 1) * ISOTIME_TICKS_PER_DAY;
	if (next > 0 && first + within >= next)
		within = next - first - ISOTIME_TICKS_PER_DAY;
	return first + within + ticks % ISOTIME_TICKS_PER_DAY;
}

/* datetime_add(part, n, time) */
CALL(call_datetime_add)
{
	static const int64_t sizes[] = {
		[PART_YEAR] = 12, [PART_QUARTER] = 3, [PART_MONTH] = 1, [PART_WEEK] = 7 * ISOTIME_TICKS_PER_DAY,
		[PART_DAY] = ISOTIME_TICKS_PER_DAY, [PART_HOUR] = 3600 * ISOTIME_TICKS_PER_SECOND,
		[PART_MINUTE] = 60 * ISOTIME_TICKS_PER_SECOND, [PART_SECOND] = ISOTIME_TICKS_PER_SECOND,
		[PART_MILLISECOND] = ISOTIME_TICKS_PER_MS, [PART_MICROSECOND] = 10, [PART_NANOSECOND] = 1,
	};
	enum part part = part_of(args[0].text);
	int64_t amount = args[1].integer, ticks;

	(void)context;
	(void)node;
	if (part == PART_NANOSECOND)
		amount /= 100;
	if (__builtin_mul_overflow(amount, sizes[part], &amount))
		return;
	if (part <= PART_MONTH)
		ticks = add_months(args[2].integer, amount);
	else if (__builtin_add_overflow(args[2].integer, amount, &ticks))
		return;
	*result = datetime(ticks);
}

/* make_datetime(year, month, day [, hour, minute [, second]]) */
CALL(call_make_datetime)
{
	struct isotime_parts parts = { 0 };
	int *const places[] = { &parts.year, &parts.month, &parts.day, &parts.hour, &parts.minute };
	double seconds = 0;
	int64_t ticks;

	for (size_t n = 0; n < node->count; n++) {
		struct kql_value number = kql_value_cast(&context->arena, &args[n], KQL_REAL);

		if (number.null || !(fabs(number.real) < 1e6))
			return;
		if (n < 5)
			*places[n] = (int)number.real;
		else
			seconds = number.real;
	}
	parts.second = (int)seconds;
	parts.ticks = (int)((seconds - parts.second) * (double)ISOTIME_TICKS_PER_SECOND);
	if (seconds >= 0 && isotime_join(&parts, &ticks))
		*result = kql_integer(KQL_DATETIME, ticks);
}

/* make_timespan([days,] hours, minutes [, seconds]) */
CALL(call_make_timespan)
{
	int64_t days = node->count == 4 ? args[0].integer : 0;
	const struct kql_value *rest = node->count == 4 ? args + 1 : args;
	struct kql_value seconds = node->count > 2 ? kql_value_cast(&context->arena, &rest[2], KQL_REAL) : kql_real(0);

	struct kql_value minutes = kql_value_cast(&context->arena, &rest[1], KQL_LONG);

	if (seconds.null || minutes.null || days < 0 || days > 10000000 || rest[0].integer < 0 || rest[0].integer > 23 ||
		minutes.integer < 0 || minutes.integer > 59 || !(seconds.real >= 0 && seconds.real < 60))
		return;
	*result = kql_integer(KQL_TIMESPAN, ((days * 24 + rest[0].integer) * 60 + minutes.integer) * 60 *
		ISOTIME_TICKS_PER_SECOND + (int64_t)llround(seconds.real * (double)ISOTIME_TICKS_PER_SECOND));
}

/* unixtime_seconds_todatetime(n) and the finer ones */
CALL(call_unixtime)
{
	double ticks_each = strstr(node->name, "milli") != NULL ? 1e4 : strstr(node->name, "micro") != NULL ? 10 :
		strstr(node->name, "nano") != NULL ? 0.01 : 1e7;
	struct kql_value number = kql_value_cast(&context->arena, &args[0], KQL_REAL);
	int64_t whole;

	if (args[0].type != KQL_REAL && args[0].type != KQL_DECIMAL && ticks_each >= 1) {
		if (!__builtin_mul_overflow(args[0].integer, (int64_t)ticks_each, &whole) && whole < ISOTIME_MAX)
			*result = datetime(whole + ISOTIME_UNIX_EPOCH);
		return;
	}
	if (fabs(number.real * ticks_each) < 4e18)
		*result = datetime((int64_t)floor(number.real * ticks_each) + ISOTIME_UNIX_EPOCH);
}

const struct kql_function kql_time_functions[] = {
	{ "now", "[offset]", "p?", 't', true, call_now, NULL, NULL },
	{ "ago", "timespan", "p", 't', true, call_ago, NULL, NULL },
	{ "startofday", "time [, days]", "ti?", 't', true, call_startof, NULL, NULL },
	{ "startofweek", "time [, weeks]", "ti?", 't', true, call_startof, NULL, NULL },
	{ "startofmonth", "time [, months]", "ti?", 't', true, call_startof, NULL, NULL },
	{ "startofyear", "time [, years]", "ti?", 't', true, call_startof, NULL, NULL },
	{ "endofday", "time [, days]", "ti?", 't', true, call_endof, NULL, NULL },
	{ "endofweek", "time [, weeks]", "ti?", 't', true, call_endof, NULL, NULL },
	{ "endofmonth", "time [, months]", "ti?", 't', true, call_endof, NULL, NULL },
	{ "endofyear", "time [, years]", "ti?", 't', true, call_endof, NULL, NULL },
	{ "bin", "value, size", "uu", 0, true, call_bin, NULL, check_bin },
	{ "floor", "value, size", "uu", 0, true, call_bin, NULL, check_bin },
	{ "bin_at", "value, size, origin", "uuu", 0, true, call_bin_at, NULL, check_bin },
	{ "datetime_diff", "part, time, time", "stt", 'l', true, call_datetime_diff, NULL, check_part },
	{ "datetime_part", "part, time", "st", 'i', true, call_datetime_part, NULL, check_part },
	{ "datepart", "part, time", "st", 'i', true, call_datetime_part, NULL, check_part },
	{ "datetime_add", "part, amount, time", "sit", 't', true, call_datetime_add, NULL, check_part },
	{ "getyear", "time", "t", 'i', true, call_get_part, NULL, NULL },
	{ "getmonth", "time", "t", 'i', true, call_get_part, NULL, NULL },
	{ "monthofyear", "time", "t", 'i', true, call_get_part, NULL, NULL },
	{ "dayofmonth", "time", "t", 'i', true, call_get_part, NULL, NULL },
	{ "dayofyear", "time", "t", 'i', true, call_get_part, NULL, NULL },
	{ "hourofday", "time", "t", 'i', true, call_get_part, NULL, NULL },
	{ "week_of_year", "time", "t", 'i', true, call_get_part, NULL, NULL },
	{ "weekofyear", "time", "t", 'i', true, call_get_part, NULL, NULL },
	{ "dayofweek", "time", "t", 'p', true, call_dayofweek, NULL, NULL },
	{ "make_datetime", "year, month, day [, hour, minute [, second]]", "nnnn?nn", 't', true, call_make_datetime, NULL, NULL },
	{ "make_timespan", "[days,] hours, minutes [, seconds]", "iin?n", 'p', true, call_make_timespan, NULL, NULL },
	{ "unixtime_seconds_todatetime", "number", "n", 't', true, call_unixtime, NULL, NULL },
	{ "unixtime_milliseconds_todatetime", "number", "n", 't', true, call_unixtime, NULL, NULL },
	{ "unixtime_microseconds_todatetime", "number", "n", 't', true, call_unixtime, NULL, NULL },
	{ "unixtime_nanoseconds_todatetime", "number", "n", 't', true, call_unixtime, NULL, NULL },
	{ .name = NULL },
};
