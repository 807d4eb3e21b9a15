/* The inventory as the tenant has it: read whole, kept in the cache, used with its age known. */
#ifndef ENGINE_SYNC_H
#define ENGINE_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "core/error.h"
#include "engine/engine.h"
#include "table/bitset.h"

/* Loads the inventory of the cache, if there is one that can be read; a damaged file is told and ignored. */
void inventory_cache_load(struct engine *engine);

/* Reads all machines and replaces the inventory and its cache file. A list that moved while it was read (an id seen
 * twice, a short page that is not the last) is read again, three times in all; then it counts as partly read, is not
 * used, and the old inventory stays. */
bool inventory_refresh(struct engine *engine, struct error *error);

/* True if the inventory was read within max_age_ms, refreshing it if it was not. */
bool inventory_fresh(struct engine *engine, int64_t max_age_ms, struct error *error);

/* True, and told, if the cached inventory has turned out to be damaged while the devices (NULL: none) were looked for in it: they
 * are to be looked for again. It counts as never read, so that whoever needs it reads it anew. */
bool inventory_check_found(struct engine *engine, const struct bitset *devices);

/* Milliseconds since the inventory was read, by the wall clock; INT64_MAX if there is none or it is damaged. */
int64_t inventory_age(const struct engine *engine);

#endif
