/* What was ever done to a device: from all logs here and from the tenant's actions, merged by the action's id. */
#ifndef ENGINE_HISTORY_H
#define ENGINE_HISTORY_H

#include "engine/actions.h"
#include "engine/job.h"

struct history_entry {
	int64_t time;          /* ticks: when the tenant created the action, else when the log says that it came out so */
	const struct action *action; /* the tenant's, borrowed from the list; or NULL */
	char *file;            /* the log that tells of it, or NULL */
	/* Hostile texts; NULL where it is not known. */
	char *what;            /* Cordon's word, else the tenant's type */
	char *value;           /* scope, tag */
	char *job, *user, *case_id, *comment;
	char *outcome;         /* of the log */
	char *status, *action_id, *reason;
	char *code, *message;  /* the service's error */
};

/* The device's entries, oldest first; struct history_entry, the caller unrefs. list may be NULL: only the logs are read;
 * else it must outlive them. NULL if a log cannot be read. */
GPtrArray *history_read(struct jobs *jobs, const char *device, const struct action_list *list, struct error *error);
/* {"time","from","action","scope","job","user","requestor","case","comment","outcome","status","actionId","type",
 * "lastUpdate","cancelled","reason","error","file"}; from is "log", "tenant" or "both". A new reference. */
json_t *history_to_json(const struct history_entry *entry);
/* "log", "tenant" or "both" */
const char *history_from(const struct history_entry *entry);

/* Ids of the devices that the logs here, or the list, know by this name (compared as names are); char *, each once, the
 * caller unrefs. For a device that the inventory has no more. */
GPtrArray *history_ids_of_name(struct jobs *jobs, const char *name, const struct action_list *list, struct error *error);

#endif
