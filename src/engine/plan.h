/* What an act would do, device by device, before anything is sent (contract, section 4, step 1). Data only: the caller
 * prints it, asks, and starts a job from it. */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>
#include <jansson.h>

#include "core/auto.h"
#include "core/error.h"
#include "core/file.h"
#include "engine/engine.h"
#include "table/bitset.h"

#define ACT_COMMENT_MAX 500 /* characters, case and marker included (contract, section 4; the API's limit is not documented) */

enum act_verb { ACT_TAG_ADD, ACT_TAG_REMOVE, ACT_DEVICE };

/* What is known of a device before it is planned: by a revert, by a job that goes on. */
struct act_device {
	char *id, *name;
	bool settled;       /* needs nothing, or is left alone: goes into the plan as it is */
	bool left;          /* if settled: it is not as it should be, `skipped`; else `already` */
	char *reason;       /* why so; or NULL */
	char *action_id;    /* if settled: the open action that does the same; or NULL */
	char *value;        /* else: the parameter's value for this device, or NULL: the act's */
	bool had;           /* else: what the act lifts is in force */
	char *before;       /* else: with which scope; or NULL */
};
void act_device_free(void *device);

/* What a command wants done to the working set. The caller owns all texts; zero-initialized means none. */
struct act {
	enum act_verb verb;
	const struct defender_action_kind *kind; /* for ACT_DEVICE */
	const char *value;    /* the tag; or the parameter's value as the API spells it ("Full"), or NULL */
	const char *comment;  /* as typed, for ACT_DEVICE; the case is put before it here */
	size_t limit;         /* --limit: at most so many are sent; 0: all */
	const char *order;    /* --order: a device column (any case), or NULL: most at-risk first */
	size_t canary;        /* --canary: these first; the rest only if they went well; 0: none */
	bool force;           /* --force: send to those that are so already, too */
	bool include_protected;
	int64_t opposed_since; /* a job that is planned again: what others did to the contrary from then on (ticks of the tenant's
	                          clock) keeps a device out; 0: not asked */
	bool composed;        /* the comment has its case already: a job that is planned again */
	const char *reverts;  /* id of the job that this one undoes, or NULL */
	GHashTable *known;    /* device id -> struct act_device, borrowed while the plan is made; or NULL */
};

/* The command's name: "tag add", "isolate". */
const char *act_name(const struct act *act);
bool act_is_disruptive(const struct act *act);

enum plan_outcome {
	PLAN_SEND,    /* `planned` in JSON */
	PLAN_ALREADY, /* in that state, or the same action is open */
	PLAN_SKIPPED, /* not onboarded, merged, unsupported, protected, gone */
	PLAN_OUTSIDE, /* beyond --limit: not part of the job */
};

struct plan_device {
	uint32_t number;         /* of the inventory */
	char *id, *name;         /* name is hostile text */
	enum plan_outcome outcome;
	char *reason;            /* for PLAN_ALREADY (whose, since when) and PLAN_SKIPPED; else mostly NULL. Hostile text */
	char *action_id;         /* the open action behind a PLAN_ALREADY, or NULL */
	bool active;             /* healthStatus "Active" */
	char *value;             /* the parameter's value here, if it is not the act's; or NULL */
	char *before;            /* the scope of the isolation (or restriction) that was in force before, "" if it has none;
	                            NULL: none was, as far as the action list says */
	bool had;                /* a tag: it was there before, as far as the inventory says; a device action: its opposite
	                            held or was open, as far as the action list says */
};

struct plan_count { /* how many would be sent, by a text */
	char *text;
	size_t count;
};

struct plan {
	struct act act;            /* texts owned by the plan */
	char *comment;             /* case and comment, without the marker; NULL for tags */
	char *case_id;             /* or NULL */
	GPtrArray *devices;        /* struct plan_device: those to be sent first, in sending order; then the others by name */
	size_t total, send, already, skipped, outside; /* total leaves outside out */
	size_t inactive;           /* of those to be sent */
	uint64_t calls;            /* requests */
	int64_t estimate_ms;       /* at the API's limits, from now */
	GPtrArray *platforms, *groups; /* struct plan_count, most first; a device without group is "" */
	GPtrArray *warnings;       /* char *: for people: nothing is protected, n are inactive, the action list could not be read */
	char policy[SHA256_HEX_SIZE];
	int64_t inventory_time;    /* ticks */
	int64_t made_ms;           /* clock_ms when it was made: an old plan is not carried out */
};

/* Plans act on the devices of a set. Reads what it needs: an inventory of the last 15 minutes for a disruptive act, the
 * tenant's action list once for device actions (runs the loop). NULL if the set is empty
 * (and act->known has nothing settled), the comment is missing or too
 * long, protection cannot be judged, or more would be sent than max-devices allows. act's texts are copied. */
struct plan *plan_new(struct engine *engine, const struct act *act, const struct bitset *devices, struct error *error);
/* False if policy refuses so many at once: that is asked after the plan was shown, and again when the job starts. */
bool plan_is_allowed(const struct plan *plan, const struct engine *engine, struct error *error);
void plan_free(struct plan *plan);
AUTO_DEFINE(plan_free, struct plan *)

/* Puts the members of contract section 7 for a dry run into object: job (null), action, total, counts, planned, results; and calls,
 * estimateMs and warnings (texts), which people see. */
void plan_to_json(const struct plan *plan, json_t *object);
/* One element of `results`; a new reference. */
json_t *plan_result(const struct plan *plan, size_t index);

#endif
