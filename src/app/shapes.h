/* What columns a hunting query's rows will have, as far as the documented tables tell: for completion, and for checks before
 * the query is asked. */
#ifndef APP_SHAPES_H
#define APP_SHAPES_H

#include "core/auto.h"
#include "kql/query.h"
#include "table/column.h"

/* The documented tables as a source of queries; they have no rows. */
struct shapes;
struct shapes *shapes_new(void);
void shapes_free(struct shapes *shapes);
AUTO_DEFINE(shapes_free, struct shapes *)
const struct kql_source *shapes_source(const struct shapes *shapes); /* borrowed */

/* An empty table with the columns of the query's result; NULL if that cannot be told. */
struct table *shape_of_query(const char *kql);

#endif
