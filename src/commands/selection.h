/* What the selecting commands share: fetch, apply, tell, log (contract, section 2). */
#ifndef COMMANDS_SELECTION_H
#define COMMANDS_SELECTION_H

#include "app/result.h"
#include "app/session.h"
#include "engine/source.h"

/* The tenant, signed in, with its inventory's cache loaded. NULL with error set. */
struct tenant *selection_tenant(struct session *session, struct error *error);

/* Fills in what the request needs of the tenant, fetches, changes the set, tells and logs. label names the step for undo.
 * False with error set if the command failed; for `remove` the rest has been removed then (rule 4). */
bool selection_run(struct session *session, struct source_request *request, const char *label, struct result *result,
	struct error *error);

/* Puts a new set in place and tells and logs the change; members is taken over. */
void selection_change(struct session *session, struct bitset *members, const char *verb, json_t *source,
	const char *label, struct result *result);

/* Logs that the set changed from before to what it is now; source is taken over. */
void selection_log(struct session *session, const char *verb, json_t *source, const struct bitset *before);

/* Members `count`, `added`, `removed` and the summary line. */
void selection_counts(struct session *session, const struct bitset *before, const struct bitset *after,
	struct result *result);

/* The other members of a selecting command, for one that resolves nothing. */
void selection_nothing_told(struct result *result);

/* A number with thousands separators: "12,345"; the caller frees with g_free. */
char *count_text(size_t count);

#endif
