/* The hunting tables of a tenant, each made from its devices when a query first names it. Rows are as the devices were
 * then: hunting data is a record, a device that leaves the tenant later is still in it. */
#ifndef SIM_HUNT_H
#define SIM_HUNT_H

#include <stdint.h>

#include <glib.h>

#include "core/error.h"
#include "sim/rng.h"
#include "sim/tenant.h"
#include "table/column.h"

struct hunt;

struct hunt *hunt_new(struct tenant *tenant);
void hunt_free(struct hunt *hunt);

/* NULL if there is no such table. Borrowed; it never changes. */
const struct table *hunt_table(struct hunt *hunt, const char *name);

/* The names of all tables, NULL-terminated. */
const char *const *hunt_names(const struct hunt *hunt);

/* The clock of the tenant. */
int64_t hunt_now(const struct hunt *hunt);

/* Runs a query over the rows that are not older than since (ticks; 0: all). The caller frees the result. */
struct table *hunt_query(struct hunt *hunt, const char *text, int64_t since, struct error *error);

/* ---- making rows */

struct hunt_maker {
	const struct tenant *tenant;
	struct table *table;
	GHashTable *columns; /* name -> struct column * */
	GHashTable *seen;    /* of char *: for rows of which there is one each */
	struct hunt *hunt;
	struct rng rng;
	int64_t now;
};

/* Each sets a column of the row being made; the name must be one of the table's. NULL text is an empty string. */
void hunt_put(struct hunt_maker *maker, const char *name, const char *text);
void hunt_put_int(struct hunt_maker *maker, const char *name, int64_t number); /* also bool and datetime */
void hunt_put_real(struct hunt_maker *maker, const char *name, double number);
/* Ends the row: what was not set becomes null or empty. */
void hunt_end_row(struct hunt_maker *maker);
/* Whether the table has such a column. */
bool hunt_has(struct hunt_maker *maker, const char *name);
/* DeviceId and DeviceName. */
void hunt_put_device(struct hunt_maker *maker, const struct machine *machine);

/* A name made of the next numbers; the caller frees it. */
char *hunt_person_name(struct rng *rng);
/* Who an account is to the directory. */
char *hunt_account_sid(const char *account);
void hunt_account_object(const char *account, char object[37]);

void hunt_make_devices(struct hunt_maker *maker);
void hunt_make_networks(struct hunt_maker *maker);
void hunt_make_inventory(struct hunt_maker *maker);
void hunt_make_vulnerabilities(struct hunt_maker *maker);
void hunt_make_processes(struct hunt_maker *maker);
void hunt_make_logons(struct hunt_maker *maker);
void hunt_make_connections(struct hunt_maker *maker);
void hunt_make_files(struct hunt_maker *maker);
void hunt_make_images(struct hunt_maker *maker);
void hunt_make_registry(struct hunt_maker *maker);
void hunt_make_others(struct hunt_maker *maker);
void hunt_make_certificates(struct hunt_maker *maker);
void hunt_make_alerts(struct hunt_maker *maker);
void hunt_make_evidence(struct hunt_maker *maker);
void hunt_make_identities(struct hunt_maker *maker);
void hunt_make_sign_ins(struct hunt_maker *maker);
void hunt_make_identity_logons(struct hunt_maker *maker);
void hunt_make_mails(struct hunt_maker *maker);
void hunt_make_attachments(struct hunt_maker *maker);
void hunt_make_mail_urls(struct hunt_maker *maker);
/* Those that are told of in hunt_specs.c. */
void hunt_make_more(struct hunt_maker *maker);
void hunt_make_machines(struct hunt_maker *maker);
void hunt_make_known_vulnerabilities(struct hunt_maker *maker);
void hunt_make_configurations(struct hunt_maker *maker);
void hunt_make_known_configurations(struct hunt_maker *maker);

#endif
