/* The rows of Cordon's own tables, as they are when asked for. Only for local_tables.c. */
#ifndef APP_LOCAL_ROWS_H
#define APP_LOCAL_ROWS_H

#include "app/local_tables.h"
#include "engine/job.h"
#include "fleet/inventory.h"
#include "journal/journal.h"

/* A new table without rows. Not for LOCAL_RESULTS, whose columns are the query's. */
struct table *local_rows_shape(enum local_table id);

/* A row a member; one that the inventory lacks has its id alone. */
struct table *local_rows_selected(const struct inventory *inventory, const struct bitset *members);
/* A copy of all records that the tenant has. */
struct table *local_rows_devices(const struct inventory *inventory);

/* A row a device of each job of this session. */
struct table *local_rows_outcomes(const struct jobs *jobs);
/* A row a line of the session's log; NULL if it cannot be read. */
struct table *local_rows_log(struct journal *journal, struct error *error);

#endif
