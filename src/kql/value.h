/* Values while they are computed. Text is a slice: borrowed from a column or the syntax tree, or in the arena. */
#ifndef KQL_VALUE_H
#define KQL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kql/arena.h"
#include "kql/decimal.h"
#include "kql/json.h"
#include "table/column.h"

enum kql_type {
	KQL_BOOL,
	KQL_INT,
	KQL_LONG,
	KQL_REAL,
	KQL_DECIMAL,
	KQL_DATETIME,
	KQL_TIMESPAN,
	KQL_GUID,
	KQL_STRING,
	KQL_DYNAMIC,
};

#define KQL_VALUE_LIMIT (1024 * 1024) /* bytes of one computed text, as in the service */

struct kql_value {
	enum kql_type type;
	bool null; /* never for KQL_STRING */
	union {
		int64_t integer; /* bool, int, long, datetime, timespan */
		double real;
		const struct kql_decimal *decimal;
		const char *text; /* guid, text, dynamic (compact JSON) */
	};
	size_t length; /* of text */
};

const char *kql_type_name(enum kql_type type);
/* From "long", "string", ...; false if there is no such type. */
bool kql_type_by_name(const char *name, size_t length, enum kql_type *type);
enum kql_type kql_type_of_column(enum column_type type);
/* The column a value of this type is kept in; a decimal as text. */
enum column_type kql_type_column(enum kql_type type);
bool kql_type_is_number(enum kql_type type); /* int, long, real, decimal */
bool kql_type_is_text(enum kql_type type);   /* string, dynamic: what text operators take */

struct kql_value kql_null(enum kql_type type); /* of KQL_STRING: "" */
struct kql_value kql_bool(bool value);
struct kql_value kql_integer(enum kql_type type, int64_t value);
struct kql_value kql_real(double value);
struct kql_value kql_text(enum kql_type type, const char *text, size_t length);
struct kql_value kql_decimal_value(struct kql_arena *arena, struct kql_decimal decimal);
/* A dynamic from a slice of JSON; no slice and JSON null are null. */
struct kql_value kql_dynamic(struct kql_slice json);
struct kql_slice kql_slice_of(const struct kql_value *value);

/* tostring(): the bare text of a dynamic string, "" for null. */
struct kql_slice kql_value_text(struct kql_arena *arena, const struct kql_value *value);
void kql_value_append_text(GString *out, const struct kql_value *value);
/* As JSON, for dynamic arrays and bags: times and guids as strings. */
void kql_value_append_json(GString *out, const struct kql_value *value);

/* The number in a dynamic, a bool as 0 or 1; anything else as it is, or null. */
struct kql_value kql_value_number(const struct kql_value *value);
/* tolong(), todatetime(), ...: what cannot be converted is null. */
struct kql_value kql_value_cast(struct kql_arena *arena, const struct kql_value *value, enum kql_type type);

/* -1, 0, 1; 2 if there is no order (NaN, texts against numbers). Neither may be null. */
int kql_value_compare(struct kql_arena *arena, const struct kql_value *a, const struct kql_value *b);
/* Of two values that are not null. */
bool kql_value_equal(struct kql_arena *arena, const struct kql_value *a, const struct kql_value *b);
/* A total order for sorting: null is smallest, texts by bytes. */
int kql_value_order(struct kql_arena *arena, const struct kql_value *a, const struct kql_value *b);

/* Reads a row; appends one (value must be of the column's kind, or null; a decimal is written as text). */
struct kql_value kql_value_read(const struct column *column, enum kql_type type, size_t row, struct kql_arena *arena);
void kql_value_store(struct column *column, const struct kql_value *value);

#endif
