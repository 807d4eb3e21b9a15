/* Dynamic values: slices of compact JSON text, read in place. No tree is built; the text must have come from
 * kql_json_compact or a reader that checks JSON, but reading never leaves the slice, whatever is in it. */
#ifndef KQL_JSON_H
#define KQL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "kql/arena.h"

#define KQL_JSON_DEPTH 64 /* nesting; deeper text is not taken as JSON */

enum kql_json_kind {
	KQL_JSON_NULL, KQL_JSON_BOOL, KQL_JSON_LONG, KQL_JSON_REAL, KQL_JSON_STRING, KQL_JSON_ARRAY, KQL_JSON_OBJECT,
};

struct kql_slice {
	const char *text; /* NULL: nothing there */
	size_t length;
};

/* Checks any JSON text and appends it in compact, uniform form (out is as before if it is no JSON). */
bool kql_json_compact(const char *text, size_t length, GString *out);

enum kql_json_kind kql_json_kind(struct kql_slice json);
struct kql_slice kql_json_member(struct kql_slice json, const char *key, size_t length);
/* Negative indexes count from the end. */
struct kql_slice kql_json_element(struct kql_slice json, int64_t index);
size_t kql_json_length(struct kql_slice json); /* elements or members; 0 for a scalar */

/* Walks an array or object: for (struct kql_json_walk w = kql_json_walk(json); kql_json_next(&w);) */
struct kql_json_walk {
	const char *at, *end;
	bool object;
	struct kql_slice key; /* with its quotes; of an object */
	struct kql_slice value;
};
struct kql_json_walk kql_json_walk(struct kql_slice json);
bool kql_json_next(struct kql_json_walk *walk);

/* The bare text of a JSON string (with its quotes): unescaped into the arena if it has to be. */
struct kql_slice kql_json_string(struct kql_arena *arena, struct kql_slice json);
bool kql_json_key_is(struct kql_slice key, const char *name, size_t length);

/* Appends text as a JSON string. */
void kql_json_append_string(GString *out, const char *text, size_t length);
/* Appends a number so that it reads back the same; what JSON cannot say (NaN) as a string. */
void kql_json_append_real(GString *out, double value);

#endif
