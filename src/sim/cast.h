/* Making the devices of a tenant: a fixed cast of special cases, then departments in a regular pattern, so that a test
 * can tell the names in advance: fin-lt-004.corp.contoso.com. */
#ifndef SIM_CAST_H
#define SIM_CAST_H

#include "sim/tenant.h"

/* Fills tenant->machines with count records, sorted by id. */
void cast_make(struct tenant *tenant, unsigned number, size_t count);

#endif
