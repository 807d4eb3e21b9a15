/* The rows of Cordon's own tables, as they are when asked for. Only for local_tables.c. */
#ifndef APP_LOCAL_ROWS_H
#define APP_LOCAL_ROWS_H

#include "app/local_tables.h"
#include "engine/job.h"
#include "fleet/inventory.h"
#include "journal/journal.h"

/* A new table without rows. Not for LOCAL_RESULTS, whose columns are the query's. */
struct table *local_rows_shape(enum local_table id);

/* Where the members (NULL: all devices that the tenant has) lie in the inventory's table: uint32_t, new. NULL if a member has
 * no row there. */
GArray *local_rows_places(const struct inventory *inventory, const struct bitset *members);
/* A copy of the inventory's table, in the same order. */
struct table *local_rows_copy(const struct inventory *inventory);
/* A row a member; one that the inventory lacks has its id alone. */
struct table *local_rows_selected(const struct inventory *inventory, const struct bitset *members);

/* A row a device of each job of this session. */
struct table *local_rows_outcomes(const struct jobs *jobs);
/* A row a line of the session's log; NULL if it cannot be read. */
struct table *local_rows_log(struct journal *journal, struct error *error);

#endif
