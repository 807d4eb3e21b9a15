/* The part of OData's $filter that the API is known to take (API contract, section 3.2): eq ne gt ge lt le, and or not,
 * parentheses, startswith(), and NAME/any(x: ...) over a list of texts. */
#ifndef SIM_ODATA_H
#define SIM_ODATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "core/auto.h"

enum odata_type { ODATA_NULL, ODATA_STRING, ODATA_NUMBER, ODATA_BOOL, ODATA_TIME, ODATA_LIST };

struct odata_property {
	const char *name; /* NULL ends a list */
	enum odata_type type;
};

struct odata_value {
	enum odata_type type;
	const char *text;
	double number; /* also a bool */
	int64_t time;  /* ticks */
	GPtrArray *list; /* of char *, or NULL */
};

typedef void odata_get(const void *object, size_t property, struct odata_value *value);

struct odata_filter;

/* NULL with *message (the service's wording; the caller frees with g_free) if it does not parse. */
struct odata_filter *odata_parse(const char *text, const struct odata_property *properties, char **message);
bool odata_match(const struct odata_filter *filter, odata_get *get, const void *object);
void odata_free(struct odata_filter *filter);
AUTO_DEFINE(odata_free, struct odata_filter *)

#endif
