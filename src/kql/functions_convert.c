/* Conversions, and how times are written. */
#include "config.h"
#include "kql/functions.h"

#include <string.h>

#include "core/isotime.h"

#define CALL(name) \
	static void name(struct kql_context *context, const struct kql_node *node, const struct kql_value *args, \
		struct kql_value *result)

/* tolong(value) and so on: to the type of the function's result. */
CALL(call_cast)
{
	*result = kql_value_cast(&context->arena, &args[0], node->type);
}

/* parse_json(text): text that is no JSON becomes a dynamic text; "" is null. */
CALL(call_parse_json)
{
	struct kql_slice text;
	AUTO(g_string) GString *out = NULL;

	(void)node;
	if (args[0].null || args[0].type == KQL_DYNAMIC) {
		*result = args[0];
		return;
	}
	text = kql_arg_text(context, &args[0]);
	if (text.length == 0)
		return;
	out = g_string_sized_new(text.length + 2);
	if (!kql_json_compact(text.text, text.length, out))
		kql_json_append_string(out, text.text, text.length);
	*result = kql_dynamic((struct kql_slice){ kql_arena_copy(&context->arena, out->str, out->len), out->len });
}

CALL(call_gettype)
{
	static const char *const names[] = {
		[KQL_JSON_NULL] = "null", [KQL_JSON_BOOL] = "bool", [KQL_JSON_LONG] = "long", [KQL_JSON_REAL] = "real",
		[KQL_JSON_STRING] = "string", [KQL_JSON_ARRAY] = "array", [KQL_JSON_OBJECT] = "dictionary",
	};
	const char *name = kql_type_name(args[0].type);

	(void)context;
	(void)node;
	if (args[0].null)
		name = "null";
	else if (args[0].type == KQL_DYNAMIC)
		name = names[kql_json_kind(kql_slice_of(&args[0]))];
	*result = kql_text(KQL_STRING, name, strlen(name));
}

/* parse_version("1.2.3.4"): up to four parts of up to eight digits, in order of weight; anything else is null. */
CALL(call_parse_version)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	struct kql_decimal version = { 0 };
	unsigned parts = 0;
	size_t at = 0;

	(void)node;
	for (;; at++) {
		uint64_t part = 0;
		size_t start = at;

		for (; at < text.length && g_ascii_isdigit(text.text[at]); at++)
			part = part * 10 + (uint64_t)(text.text[at] - '0');
		if (at == start || at - start > 8 || ++parts > 4)
			return;
		version.digits = version.digits * 100000000 + (__int128)part;
		if (at == text.length)
			break;
		if (text.text[at] != '.')
			return;
	}
	for (; parts < 4; parts++)
		version.digits *= 100000000;
	*result = kql_decimal_value(&context->arena, version);
}

CALL(call_tohex)
{
	int64_t width = node->count > 1 && !args[1].null ? args[1].integer : 0;
	AUTO(g_string) GString *out = g_string_new(NULL);

	/* A negative number shows as many bits as its type has. */
	g_string_append_printf(out, "%" G_GINT64_MODIFIER "x", args[0].type == KQL_INT ? (guint64)(guint32)args[0].integer :
		(guint64)args[0].integer);
	while ((int64_t)out->len < MIN(width, 64))
		g_string_prepend_c(out, '0');
	*result = kql_result_text(context, KQL_STRING, out);
}

/* One specifier of format_datetime: a run of one letter. */
static bool append_specifier(GString *out, char letter, int count, const struct isotime_parts *parts)
{
	int hour = parts->hour % 12 == 0 ? 12 : parts->hour % 12, ticks = parts->ticks, digits = count;

	if (letter == 'f' || letter == 'F') {
		if (count > 7)
			return false;
		for (; digits < 7; digits++)
			ticks /= 10;
		for (; letter == 'F' && count > 0 && ticks % 10 == 0; count--)
			ticks /= 10;
		if (count > 0)
			g_string_append_printf(out, "%0*d", count, ticks);
		return true;
	}
	if (letter == 'y' && (count <= 2 || count == 4)) {
		g_string_append_printf(out, "%0*d", count, count == 4 ? parts->year : parts->year % 100);
		return true;
	}
	if (letter == 't' && count == 2) {
		g_string_append(out, parts->hour < 12 ? "AM" : "PM");
		return true;
	}
	if (count > 2 || strchr("dhHmMs", letter) == NULL)
		return false;
	g_string_append_printf(out, "%0*d", count, letter == 'd' ? parts->day : letter == 'h' ? hour : letter == 'H' ?
		parts->hour : letter == 'm' ? parts->minute : letter == 'M' ? parts->month : parts->second);
	return true;
}

/* The same of format_timespan; d is days with at least that many digits. */
static bool append_span_specifier(GString *out, char letter, int count, const struct isotime_parts *parts)
{
	if (letter == 'd' && count <= 8) {
		g_string_append_printf(out, "%0*d", count, parts->day);
		return true;
	}
	if (letter == 'h' || letter == 'H')
		letter = 'H';
	else if (letter != 'm' && letter != 's' && letter != 'f' && letter != 'F')
		return false;
	return append_specifier(out, letter, count, parts);
}

static bool append_format(GString *out, const char *format, const struct isotime_parts *parts, bool span)
{
	while (*format != '\0') {
		int count = 1;

		if (!g_ascii_isalpha(*format)) {
			if (strchr(" /-:,._[]", *format) == NULL)
				return false;
			g_string_append_c(out, *format++);
			continue;
		}
		while (format[count] == format[0])
			count++;
		if (!(span ? append_span_specifier : append_specifier)(out, *format, count, parts))
			return false;
		format += count;
	}
	return true;
}

static void span_split(int64_t ticks, struct isotime_parts *parts)
{
	uint64_t all = ticks < 0 ? -(uint64_t)ticks : (uint64_t)ticks, seconds = all / ISOTIME_TICKS_PER_SECOND;

	*parts = (struct isotime_parts){ .day = (int)(seconds / 86400), .hour = (int)(seconds / 3600 % 24),
		.minute = (int)(seconds / 60 % 60), .second = (int)(seconds % 60),
		.ticks = (int)(all % ISOTIME_TICKS_PER_SECOND) };
}

CALL(call_format_datetime)
{
	AUTO(g_string) GString *out = g_string_new(NULL);
	struct isotime_parts parts;

	(void)node;
	isotime_split(args[0].integer, &parts);
	append_format(out, args[1].text, &parts, false);
	*result = kql_result_text(context, KQL_STRING, out);
}

CALL(call_format_timespan)
{
	AUTO(g_string) GString *out = g_string_new(args[0].integer < 0 ? "-" : NULL);
	struct isotime_parts parts;

	(void)node;
	span_split(args[0].integer, &parts);
	append_format(out, args[1].text, &parts, true);
	*result = kql_result_text(context, KQL_STRING, out);
}

static bool check_format(struct kql_scope *scope, struct kql_node *node)
{
	const char *format = kql_constant_text(scope, node, 1);
	bool span = strcmp(node->name, "format_timespan") == 0;
	AUTO(g_string) GString *out = g_string_new(NULL);
	struct isotime_parts parts = { .year = 1, .month = 1, .day = 1 };

	if (format == NULL)
		return false;
	if (*format != '\0' && append_format(out, format, &parts, span))
		return true;
	kql_node_fault(scope, node->args[1], "'%.60s' is no format of %s()", format, node->name);
	error_hint(scope->error, "it is made of %s and the signs blank / - : , . _ [ ]",
		span ? "d h H m s f F" : "d f F h H m M s y tt, as in \"yyyy-MM-dd HH:mm:ss\",");
	return false;
}

const struct kql_function kql_convert_functions[] = {
	{ "tostring", "value", "a", 's', false, call_cast, NULL, NULL },
	{ "toint", "value", "a", 'i', false, call_cast, NULL, NULL },
	{ "tolong", "value", "a", 'l', false, call_cast, NULL, NULL },
	{ "toreal", "value", "a", 'r', false, call_cast, NULL, NULL },
	{ "todouble", "value", "a", 'r', false, call_cast, NULL, NULL },
	{ "todecimal", "value", "a", 'm', false, call_cast, NULL, NULL },
	{ "tobool", "value", "a", 'b', false, call_cast, NULL, NULL },
	{ "toboolean", "value", "a", 'b', false, call_cast, NULL, NULL },
	{ "todatetime", "value", "a", 't', false, call_cast, NULL, NULL },
	{ "totimespan", "value", "a", 'p', false, call_cast, NULL, NULL },
	{ "totime", "value", "a", 'p', false, call_cast, NULL, NULL },
	{ "toguid", "text", "S", 'g', false, call_cast, NULL, NULL },
	{ "parse_json", "text", "S", 'd', false, call_parse_json, NULL, NULL },
	{ "parsejson", "text", "S", 'd', false, call_parse_json, NULL, NULL },
	{ "todynamic", "text", "s", 'd', false, call_parse_json, NULL, NULL },
	{ "toobject", "text", "s", 'd', false, call_parse_json, NULL, NULL },
	{ "gettype", "value", "a", 's', false, call_gettype, NULL, NULL },
	{ "parse_version", "text", "s", 'm', true, call_parse_version, NULL, NULL },
	{ "tohex", "number [, digits]", "ii?", 's', true, call_tohex, NULL, NULL },
	{ "format_datetime", "time, format", "ts!", 's', true, call_format_datetime, NULL, check_format },
	{ "format_timespan", "timespan, format", "ps!", 's', true, call_format_timespan, NULL, check_format },
	{ .name = NULL },
};
