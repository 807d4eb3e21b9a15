/* Everything that belongs to one tenant, from its profile to its working set. `connect` swaps it whole: nothing of one
 * tenant is ever seen by another. */
#ifndef APP_TENANT_H
#define APP_TENANT_H

#include <stdbool.h>

#include <glib.h>
#include <jansson.h>

#include "app/profile.h"
#include "core/error.h"
#include "engine/engine.h"
#include "engine/job.h"
#include "engine/source.h"
#include "fleet/fleet_set.h"
#include "fleet/inventory.h"
#include "fleet/names.h"

struct session;

struct tenant {
	struct session *session;
	struct profile *profile;
	struct http *http;
	struct service *service;
	struct defender *defender;
	struct engine engine;        /* borrows from here */
	bool signed_in;
	char *id;                    /* as the token says; NULL before sign-in */
	json_t *claims;              /* of the token, for display; NULL before sign-in */
	char *state_dir, *cache_dir, *log_dir;
	struct inventory *inventory;
	struct names *names;
	struct fleet_set *set;
	struct hunting_rows *rows;   /* of the last query; or NULL */
	GPtrArray *unresolved;       /* struct source_entry, of the last selecting command; or NULL */
	struct jobs *jobs;
};

/* Takes the profile over. Nothing is sent yet. */
struct tenant *tenant_new(struct session *session, struct profile *profile, struct error *error);
void tenant_free(struct tenant *tenant);
AUTO_DEFINE(tenant_free, struct tenant *)

/* Runs the loop until there is a token for the device API; the first success loads the cached inventory. */
bool tenant_sign_in(struct tenant *tenant, struct error *error);
/* A token for a hunting service, for `connect`: its claims (new reference), or NULL with error set. */
json_t *tenant_hunting_claims(struct tenant *tenant, struct error *error);
/* Takes over what may have changed since: log, case, settings. */
void tenant_refresh_engine(struct tenant *tenant);

#endif
