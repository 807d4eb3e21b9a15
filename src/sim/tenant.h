/* One tenant: its records, actions and counters of calls. */
#ifndef SIM_TENANT_H
#define SIM_TENANT_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "core/error.h"
#include "sim/machine.h"
#include "sim/sim.h"

struct hunt;
struct action;

struct tenant {
	struct sim *sim;
	const struct sim_identity *identity;
	struct machine *machines;
	size_t count;
	size_t gone;          /* how many of them vanished */
	size_t listed;        /* how many were served since the last complete list */
	GHashTable *by_id;    /* id -> struct machine * */
	GStringChunk *texts;
	GPtrArray *actions;   /* of struct action *, oldest first */
	GHashTable *actions_by_id;
	GHashTable *limits;   /* key -> struct limit * */
	struct hunt *hunt;    /* made when first needed */
};

/* Reads the --machines files, or makes the devices; story.h has the shape of what is made. */
struct tenant *tenant_new(struct sim *sim, unsigned number, struct error *error);
void tenant_free(struct tenant *tenant);

/* By id in any case; NULL if unknown or vanished. */
struct machine *tenant_machine(const struct tenant *tenant, const char *id);
/* By id or name; of several of one name the one last seen. */
struct machine *tenant_find(const struct tenant *tenant, const char *id_or_name);

/* Takes a device out of the tenant; nothing else of it changes. */
void tenant_vanish(struct tenant *tenant, struct machine *machine);
/* Called after an unfiltered page: once each record was served, --vanish-after-list strikes. */
void tenant_listed(struct tenant *tenant);

#endif
