/* The tenant's list of machine actions (API contract, section 5): read in pages, kept as records; what is isolated now and
 * which jobs other people run are worked out from it. */
#ifndef ENGINE_ACTIONS_H
#define ENGINE_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>
#include <jansson.h>

#include "core/auto.h"
#include "core/error.h"
#include "engine/engine.h"

struct action_cancel { /* hostile texts, or NULL */
	char *requestor, *comment;
	int64_t time; /* ticks, 0 if none */
};

/* Texts are hostile; "" where the tenant gave none. */
struct action {
	char *id, *type, *scope, *requestor, *comment, *status;
	char *device;     /* device id, lower case */
	char *name;
	int64_t created, updated; /* ticks, 0 if none */
	struct action_cancel *cancel; /* who cancelled it; NULL: nobody */
};

struct action_list {
	GPtrArray *actions;    /* struct action, as the tenant ordered them; an id seen twice is in it once */
	GHashTable *by_device; /* device id -> GPtrArray of struct action (borrowed), newest creation first */
	GHashTable *by_id;     /* action id -> struct action */
	int64_t started_ms;    /* clock_ms when the reading began: it says nothing of what came later */
	bool whole;            /* what it lacks was not there. A list of several pages that moved while it was read (an id
	                          seen twice) may lack something, unless it is in order of creation */
};
void action_list_free(struct action_list *list);
AUTO_DEFINE(action_list_free, struct action_list *)

/* Reads the list. since: ticks by the clock that creation times are of (never ours), only what was created at or after it; 0: all. Runs the loop; NULL on
 * error or Ctrl-C. */
struct action_list *actions_read(struct engine *engine, int64_t since, struct error *error);
/* The same, but gives up waiting after patience_ms a page. */
struct action_list *actions_read_within(struct engine *engine, int64_t patience_ms, struct error *error);
/* The patience of those who can do without the list: a minute. */
int64_t actions_patience(const struct engine *engine);
/* The same (patience_ms 0: as actions_read) without running the loop: done gets the list (given) or NULL and an error. */
struct actions_reading;
struct actions_reading *actions_start(struct engine *engine, int64_t since, int64_t patience_ms,
	void (*done)(void *data, struct action_list *list, const struct error *error), void *data);
void actions_abandon(struct actions_reading *reading); /* done is not called any more */
/* Ends a reading early: done is called soon, from the loop. */
void actions_stop(struct actions_reading *reading);

bool action_is_final(const struct action *action); /* Succeeded, Failed, TimeOut, Cancelled */
bool action_is_open(const struct action *action);  /* Pending, InProgress; a status not known to us is neither */
/* "by REQUESTOR (job ID of USER) since 2026-11-25T07:10:40Z": for people, hostile text; the caller frees with g_free. */
char *action_whose(const struct action *action);
/* When an action took effect, or was asked for: the order of completion counts, not that of creation (API contract,
 * section 5.3). */
int64_t action_effect(const struct action *action);
/* Until when the service tries an open action on an offline device: three days for what it queues (API contract, section
 * 5.3), 0 where that is not documented. created is the tenant's. */
int64_t action_expiry(const char *type, int64_t created);
/* The action under the API's names: id, type, scope, requestor, requestorComment, status, machineId, computerDnsName,
 * creationDateTimeUtc, lastUpdateDateTimeUtc, cancellationRequestor, cancellationComment, cancellationDateTimeUtc. A new
 * reference. */
json_t *action_to_json(const struct action *action);

/* Devices isolated now, as far as the list says: the last of Isolate and Unisolate that succeeded is Isolate. Each is
 * {"id","name","scope","since","requestor","comment","actionId","pending" (an open release or isolation's type, or null)}. */
json_t *actions_isolated(const struct action_list *list);

/* Whether the last action of type or its opposite that succeeded on a device is of type. */
bool actions_hold(const struct action_list *list, const char *device, const char *type, const char *opposite);
/* How a device stands, for people: "isolated (Full) since 2026-11-25T07:10:40Z, Unisolate is Pending", "not isolated"; hostile
 * text, the caller frees with g_free. */
char *actions_isolation(const struct action_list *list, const char *device);

/* A job as the tenant's list tells of it: its actions bear its marker. */
struct marked_job {
	char *id, *user;
	const struct action *first; /* the oldest action with the marker */
	GPtrArray *actions;         /* struct action, borrowed: with the marker, type and requestor of the first */
	GPtrArray *strays;          /* the marker is theirs, too, but what else tells a job's actions is not: not the job's */
};
/* Jobs of all people and machines, newest first; ending: only those whose id ends so (NULL: all). The list must outlive
 * them; the caller unrefs. */
GPtrArray *actions_marked(const struct action_list *list, const char *ending);
/* Whether an action is this job's; marker is the first's. */
bool marked_job_has(const struct marked_job *job, const struct action *action, const char *marker);
/* The same as JSON: {"job","user","requestor","action","type","started","total", counts,"open","statuses","strays"}; open is
 * whether an action is. The list tells only what the tenant took; of the rest it knows nothing. A new array. */
json_t *actions_jobs(const struct action_list *list);

/* The job id in the marker ` [cordon JOB USER]` that a comment ends with, and its user; the caller frees both. False if it
 * ends with none. */
bool action_marker(const char *comment, char **job, char **user);
/* Whether a comment ends with this marker (of marker_text). */
bool action_marker_is(const char *comment, const char *marker);
/* The comment without its marker; the caller frees with g_free. */
char *action_comment_bare(const char *comment);

/* The marker ` [cordon JOB USER]` that every comment of a job ends with. What cannot stand in it (blanks, brackets, anything
 * but printable ASCII) is '_' in the user's name. The caller frees with g_free. */
char *marker_text(const char *job, const char *user);

#endif
