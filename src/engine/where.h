/* `filter` and `--where`: a predicate over devices, which may read the columns of the last query's rows, too. */
#ifndef ENGINE_WHERE_H
#define ENGINE_WHERE_H

#include <stdbool.h>

#include "core/error.h"
#include "kql/predicate.h"
#include "table/column.h"

/* The device columns, then those of rows (may be NULL) that are not called like one: of two with one name the device's
 * wins. Names are borrowed; the caller frees with g_free. */
struct kql_column *where_schema(const struct table *rows, struct kql_schema *schema);

/* Compiles over the device columns; if that fails and there are rows, over both. *joined (may be NULL): it reads a column of
 * the rows. NULL with error set. */
struct kql_predicate *where_compile(const char *text, const struct table *rows, bool *joined, struct error *error);

struct inventory; /* fleet/inventory.h */

/* A row of the result and a device that it tells of; DEVICE_NONE: it is not known which. */
struct where_pair {
	uint32_t row, number;
};

/* Judges each row together with its device. passed receives the numbers of devices with a row for which the predicate is
 * true; doubtful those without such a row that have one for which it is null or cannot be judged (failures counts these
 * devices and says why); open the rows (not numbers) without a device that could pass. All are emptied first. */
struct where_join {
	const struct inventory *inventory;
	const struct table *rows;
	const struct where_pair *pairs;
	size_t count;
	struct bitset *passed, *doubtful, *open;
	struct kql_failures failures;
};
bool where_judge(const struct kql_predicate *predicate, struct where_join *join, struct error *error);

#endif
