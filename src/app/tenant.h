/* Everything that belongs to one tenant, from its profile to its working set. `connect` swaps it whole: nothing of one
 * tenant is ever seen by another. */
#ifndef APP_TENANT_H
#define APP_TENANT_H

#include <stdbool.h>

#include <jansson.h>

#include "core/error.h"
#include "engine/engine.h"

struct config_profile; /* app/config.h */
struct session;

struct tenant {
	struct config_profile *profile;
	struct http *http;
	struct service *service;
	struct defender *defender;
	struct engine engine;      /* borrows from here */
	char *id;                  /* as the token says */
	json_t *claims;            /* of the token, for display */
	bool signed_in;
	/* The fleet's parts (inventory, working set, saved sets) and the jobs follow in app/tenant.c's order. */
	struct inventory *inventory;
	struct workset *workset;   /* fleet/workset.h */
	struct policy *policy;
	struct jobs *jobs;
};

#endif
