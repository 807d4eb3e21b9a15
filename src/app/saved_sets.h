/* Saved sets: a private file a set, per tenant, in STATE/TENANT/sets/. A line says how many ids follow, then one id a
 * line. */
#ifndef APP_SAVED_SETS_H
#define APP_SAVED_SETS_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#include "core/error.h"
#include "engine/engine.h"
#include "table/bitset.h"

#define SAVED_SET_NAME_MAX 64 /* characters: letters, digits, - _ and . (not first) */

bool saved_set_name_check(const char *name, struct error *error);
bool saved_set_save(const struct engine *engine, const char *name, const struct bitset *devices, struct error *error);
/* NULL with error set if there is none of that name or the file is damaged. */
struct bitset *saved_set_load(const struct engine *engine, const char *name, struct error *error);
bool saved_set_drop(const struct engine *engine, const char *name, struct error *error);

struct saved_set {
	char *name;
	size_t count;
};
/* struct saved_set, by name; the caller unrefs. */
GPtrArray *saved_sets(const struct engine *engine);

#endif
