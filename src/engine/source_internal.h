/* Only for source.c and source_where.c. */
#ifndef ENGINE_SOURCE_INTERNAL_H
#define ENGINE_SOURCE_INTERNAL_H

#include "engine/source.h"
#include "fleet/resolve.h"

/* One fetch under way. */
struct fetch {
	struct engine *engine;
	const struct source_request *request;
	struct source_result *result;
	bool refreshed; /* the inventory was read anew during this fetch */
};

void source_add_unresolved(struct fetch *fetch, const char *text, const char *file, unsigned line, const char *reason);
/* Books what became of one entry: its devices into the result, or why there are none. */
void source_book(struct fetch *fetch, const char *text, const char *file, unsigned line,
	const struct resolution *resolution);
/* remove and keep look at the set's own members. */
bool source_judges_members(const struct source_request *request);
struct resolve_options source_options_of(const struct source_request *request, bool literal);
/* The devices that a general source looks at: the set's own members for remove and keep, else who counts; new. */
struct bitset *source_scope_of(const struct fetch *fetch);

/* A row's device: by id, else by name; "" if it names none. Either column may be NULL. */
const char *source_row_device(const struct column *ids, const struct column *names, size_t row, bool *by_id);
/* A device that a query names and the inventory lacks costs one refresh (contract 2, rule 3). */
bool source_refresh_for_rows(struct fetch *fetch, const struct column *ids, size_t rows, struct error *error);

bool source_fetch_where(struct fetch *fetch, struct error *error);

#endif
