/* The tables that local KQL reads (`show`): Selected, Devices, Results, Outcomes, Log, and what `load` made. */
#ifndef APP_LOCAL_TABLES_H
#define APP_LOCAL_TABLES_H

#include <stdbool.h>

#include <glib.h>

#include "app/session.h"
#include "core/auto.h"
#include "core/error.h"
#include "kql/query.h"
#include "table/column.h"

/* ---- loaded tables: they last for the session, for one tenant */

#define LOADED_TABLES 64

struct loaded_table {
	struct table *table;
	char *file;
};

/* struct loaded_table, by name; borrowed. */
const GPtrArray *loaded_tables(const struct session *session);
const struct loaded_table *loaded_table_find(const struct session *session, const char *name);
/* Whether a table may be called so. Error: ERROR_USAGE. */
bool loaded_table_name_ok(const char *name, struct error *error);
/* Takes the table over, in the place of one of its name. False if there are too many. */
bool loaded_table_add(struct session *session, struct table *table, const char *file, struct error *error);
bool loaded_table_drop(struct session *session, const char *name);
/* All of them go (another tenant); tells it if there were any. */
void loaded_tables_clear(struct session *session);

/* ---- one query's view of all tables */

enum local_table { LOCAL_SELECTED, LOCAL_DEVICES, LOCAL_RESULTS, LOCAL_OUTCOMES, LOCAL_LOG, LOCAL_TABLES };
extern const char *const local_table_names[LOCAL_TABLES];

struct local_view;

/* Built-in tables have their columns and no rows until they are filled; of Results there are columns only if there is a
 * query's result. */
struct local_view *local_view_new(struct session *session);
void local_view_free(struct local_view *view);
AUTO_DEFINE(local_view_free, struct local_view *)

/* Borrowed from the view. The tables that a compiled query finds through it are noted. */
const struct kql_source *local_view_source(struct local_view *view);
bool local_view_asked(const struct local_view *view, enum local_table table);
/* Where a query found no Results, says what to do about it. */
void local_view_explain(const struct local_view *view, struct error *error);

/* Gives the tables that were asked for their rows, as they are now; queries compiled before are void. Devices: the caller has
 * signed in and read the inventory. */
bool local_view_fill(struct local_view *view, struct error *error);

#endif
