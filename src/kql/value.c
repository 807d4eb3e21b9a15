#include "config.h"
#include "kql/value.h"

#include <math.h>
#include <string.h>

#include "core/isotime.h"
#include "kql/literal.h"

static const char *const type_names[] = {
	[KQL_BOOL] = "bool", [KQL_INT] = "int", [KQL_LONG] = "long", [KQL_REAL] = "real", [KQL_DECIMAL] = "decimal",
	[KQL_DATETIME] = "datetime", [KQL_TIMESPAN] = "timespan", [KQL_GUID] = "guid", [KQL_STRING] = "string",
	[KQL_DYNAMIC] = "dynamic",
};

const char *kql_type_name(enum kql_type type)
{
	return type_names[type];
}

bool kql_type_by_name(const char *name, size_t length, enum kql_type *type)
{
	static const struct {
		const char *name;
		enum kql_type type;
	} more[] = {
		{ "boolean", KQL_BOOL }, { "int32", KQL_INT }, { "int64", KQL_LONG }, { "double", KQL_REAL },
		{ "date", KQL_DATETIME }, { "time", KQL_TIMESPAN }, { "uniqueid", KQL_GUID }, { "uuid", KQL_GUID },
	};

	for (size_t n = 0; n < G_N_ELEMENTS(type_names); n++)
		if (strlen(type_names[n]) == length && memcmp(type_names[n], name, length) == 0) {
			*type = (enum kql_type)n;
			return true;
		}
	for (size_t n = 0; n < G_N_ELEMENTS(more); n++)
		if (strlen(more[n].name) == length && memcmp(more[n].name, name, length) == 0) {
			*type = more[n].type;
			return true;
		}
	return false;
}

enum kql_type kql_type_of_column(enum column_type type)
{
	static const enum kql_type types[] = {
		[COLUMN_BOOL] = KQL_BOOL, [COLUMN_INT] = KQL_INT, [COLUMN_LONG] = KQL_LONG, [COLUMN_REAL] = KQL_REAL,
		[COLUMN_DATETIME] = KQL_DATETIME, [COLUMN_TIMESPAN] = KQL_TIMESPAN, [COLUMN_GUID] = KQL_GUID,
		[COLUMN_STRING] = KQL_STRING, [COLUMN_DYNAMIC] = KQL_DYNAMIC,
	};

	return types[type];
}

enum column_type kql_type_column(enum kql_type type)
{
	static const enum column_type types[] = {
		[KQL_BOOL] = COLUMN_BOOL, [KQL_INT] = COLUMN_INT, [KQL_LONG] = COLUMN_LONG, [KQL_REAL] = COLUMN_REAL,
		[KQL_DECIMAL] = COLUMN_STRING, [KQL_DATETIME] = COLUMN_DATETIME, [KQL_TIMESPAN] = COLUMN_TIMESPAN,
		[KQL_GUID] = COLUMN_GUID, [KQL_STRING] = COLUMN_STRING, [KQL_DYNAMIC] = COLUMN_DYNAMIC,
	};

	return types[type];
}

bool kql_type_is_number(enum kql_type type)
{
	return type >= KQL_INT && type <= KQL_DECIMAL;
}

bool kql_type_is_text(enum kql_type type)
{
	return type == KQL_STRING || type == KQL_DYNAMIC;
}

struct kql_value kql_null(enum kql_type type)
{
	struct kql_value value = { .type = type, .null = type != KQL_STRING };

	if (type == KQL_STRING)
		value.text = "";
	return value;
}

struct kql_value kql_bool(bool truth)
{
	return (struct kql_value){ .type = KQL_BOOL, .integer = truth };
}

struct kql_value kql_integer(enum kql_type type, int64_t integer)
{
	return (struct kql_value){ .type = type, .integer = integer };
}

struct kql_value kql_real(double real)
{
	return (struct kql_value){ .type = KQL_REAL, .real = real };
}

struct kql_value kql_text(enum kql_type type, const char *text, size_t length)
{
	return (struct kql_value){ .type = type, .text = text, .length = length };
}

struct kql_value kql_decimal_value(struct kql_arena *arena, struct kql_decimal decimal)
{
	struct kql_decimal *copy = kql_arena_alloc(arena, sizeof *copy);

	*copy = decimal;
	return (struct kql_value){ .type = KQL_DECIMAL, .decimal = copy };
}

struct kql_value kql_dynamic(struct kql_slice json)
{
	if (json.text == NULL || kql_json_kind(json) == KQL_JSON_NULL)
		return kql_null(KQL_DYNAMIC);
	return kql_text(KQL_DYNAMIC, json.text, json.length);
}

struct kql_slice kql_slice_of(const struct kql_value *value)
{
	return (struct kql_slice){ value->text, value->length };
}

void kql_value_append_text(GString *out, const struct kql_value *value)
{
	char text[ISOTIME_SIZE];
	struct kql_arena arena = { 0 };

	if (value->null)
		return;
	switch (value->type) {
	case KQL_BOOL:
		g_string_append(out, value->integer != 0 ? "True" : "False");
		break;
	case KQL_INT:
	case KQL_LONG:
		g_string_append_printf(out, "%" G_GINT64_FORMAT, value->integer);
		break;
	case KQL_REAL:
		if (isfinite(value->real))
			kql_json_append_real(out, value->real);
		else
			g_string_append(out, isnan(value->real) ? "NaN" : value->real > 0 ? "Infinity" : "-Infinity");
		break;
	case KQL_DECIMAL:
		kql_decimal_append(out, value->decimal);
		break;
	case KQL_DATETIME:
		isotime_format(value->integer, text);
		g_string_append(out, text);
		break;
	case KQL_TIMESPAN:
		kql_append_timespan(out, value->integer);
		break;
	case KQL_DYNAMIC: {
		struct kql_slice bare = kql_json_string(&arena, kql_slice_of(value));

		g_string_append_len(out, bare.text, (gssize)bare.length);
		kql_arena_clear(&arena);
		break;
	}
	case KQL_GUID:
	case KQL_STRING:
		g_string_append_len(out, value->text, (gssize)value->length);
		break;
	}
}

struct kql_slice kql_value_text(struct kql_arena *arena, const struct kql_value *value)
{
	struct kql_slice slice = { "", 0 };

	if (value->null)
		return slice;
	if (value->type == KQL_STRING || value->type == KQL_GUID)
		return kql_slice_of(value);
	if (value->type == KQL_DYNAMIC)
		return kql_json_string(arena, kql_slice_of(value));

	AUTO(g_string) GString *out = g_string_new(NULL);

	kql_value_append_text(out, value);
	slice.text = kql_arena_copy(arena, out->str, out->len);
	slice.length = out->len;
	return slice;
}

void kql_value_append_json(GString *out, const struct kql_value *value)
{
	if (value->null) {
		g_string_append(out, "null");
	} else if (value->type == KQL_BOOL) {
		g_string_append(out, value->integer != 0 ? "true" : "false");
	} else if (value->type == KQL_DYNAMIC) {
		g_string_append_len(out, value->text, (gssize)value->length);
	} else if (value->type == KQL_STRING) {
		kql_json_append_string(out, value->text, value->length);
	} else if (value->type == KQL_REAL) {
		kql_json_append_real(out, value->real);
	} else if (value->type == KQL_INT || value->type == KQL_LONG) {
		kql_value_append_text(out, value);
	} else {
		g_string_append_c(out, '"');
		kql_value_append_text(out, value);
		g_string_append_c(out, '"');
	}
}

struct kql_value kql_value_read(const struct column *column, enum kql_type type, size_t row, struct kql_arena *arena)
{
	struct kql_value value = { .type = type };
	struct kql_decimal decimal;

	switch (type) {
	case KQL_GUID:
	case KQL_DYNAMIC:
		value.null = column_is_null(column, row);
		value.text = column_text(column, row, &value.length);
		return value;
	case KQL_STRING:
		value.text = column_text(column, row, &value.length);
		return value;
	case KQL_DECIMAL:
		value.text = column_text(column, row, &value.length);
		if (!kql_decimal_parse(value.text, value.length, &decimal))
			return kql_null(KQL_DECIMAL);
		return kql_decimal_value(arena, decimal);
	case KQL_REAL:
		value.null = column_is_null(column, row);
		value.real = column_real(column, row);
		return value;
	default:
		value.null = column_is_null(column, row);
		value.integer = column_int(column, row);
		return value;
	}
}

void kql_value_store(struct column *column, const struct kql_value *value)
{
	if (value->null && (value->type != KQL_DECIMAL || column_type(column) != COLUMN_STRING)) {
		column_append_null(column);
		return;
	}
	switch (value->type) {
	case KQL_STRING:
	case KQL_GUID:
	case KQL_DYNAMIC:
		column_append_text(column, value->text, value->length);
		break;
	case KQL_REAL:
		column_append_real(column, value->real);
		break;
	case KQL_DECIMAL: {
		AUTO(g_string) GString *text = g_string_new(NULL);

		kql_value_append_text(text, value);
		column_append_text(column, text->str, text->len);
		break;
	}
	default:
		column_append_int(column, value->integer);
	}
}
