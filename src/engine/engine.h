/* What the engine works with: the pieces of a tenant that selecting, planning and acting need. Owned by the tenant
 * (app/tenant); the engine only borrows them. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "defender/defender.h"
#include "journal/journal.h"
#include "net/loop.h"

struct inventory; /* fleet/inventory.h */
struct names;     /* fleet/names.h */
struct policy;    /* engine/policy.h */

struct engine {
	struct loop *loop;
	struct defender *defender;
	struct inventory *inventory;
	struct names *names;      /* the index of the inventory */
	struct journal *journal;
	const struct policy *policy;
	const char *tenant_id;    /* as the token says */
	const char *tenant_name;  /* profile or id: for people */
	const char *user;         /* operating system's user name, for the marker */
	const char *state_dir;    /* this tenant's: DIR/TENANT */
	const char *cache_dir;
	const char *log_dir;
	const char *case_id;      /* or NULL */
	bool interactive;
	bool tenant_is_new;       /* it began with this session (--demo): jobs of older logs were another's */
	double window_scale;      /* of rate limits and settle; 1 in earnest */
	int64_t settle_ms;        /* already scaled */
	int64_t inventory_age_ms; /* older than this is refreshed when asked */
	int64_t patience_ms;      /* of `--timeout`, for a page of the inventory; 0: as sync.c has it */
	/* Tells the user something worth a line (throttled, reading page 3, adopting ...); never hostile text unescaped. */
	void (*notice)(void *data, const char *format, ...) __attribute__((format(printf, 2, 3)));
	/* A line that replaces the one before: progress. NULL text ends it. */
	void (*progress)(void *data, const char *text);
	void *data;
};

#endif
