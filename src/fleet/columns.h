/* The columns of a device, one row each: what the machine resource calls it, what the DeviceInfo table calls the same
 * thing, its type and how it is listed (API contract, section 3.1). Drives reading, checking, listing and completing. */
#ifndef FLEET_COLUMNS_H
#define FLEET_COLUMNS_H

#include <stddef.h>

#include "kql/schema.h"
#include "table/column.h"

struct device_column {
	const char *name;  /* "computerDnsName" */
	const char *alias; /* "DeviceName", or NULL */
	enum column_type type;
	unsigned width;    /* usual width in a listing, in terminal columns */
};

/* Order of the enum is the order of the table and of the inventory's columns. */
enum device_column_id {
	DEVICE_ID, DEVICE_NAME, DEVICE_FIRST_SEEN, DEVICE_LAST_SEEN, DEVICE_OS_PLATFORM, DEVICE_OS_VERSION,
	DEVICE_VERSION, DEVICE_OS_BUILD, DEVICE_OS_PROCESSOR, DEVICE_OS_ARCHITECTURE, DEVICE_ONBOARDING,
	DEVICE_HEALTH, DEVICE_LAST_IP, DEVICE_LAST_EXTERNAL_IP, DEVICE_GROUP_ID, DEVICE_GROUP, DEVICE_RISK,
	DEVICE_EXPOSURE, DEVICE_VALUE, DEVICE_AAD_ID, DEVICE_AAD_JOINED, DEVICE_TAGS, DEVICE_IP_ADDRESSES,
	DEVICE_AGENT_VERSION, DEVICE_AV_STATUS, DEVICE_MANAGED_BY, DEVICE_MANAGED_BY_STATUS, DEVICE_MERGED_INTO,
	DEVICE_POTENTIAL_DUPLICATION, DEVICE_EXCLUDED, DEVICE_EXCLUSION_REASON, DEVICE_VM_METADATA,
	DEVICE_COLUMNS
};

extern const struct device_column device_columns[DEVICE_COLUMNS];

/* The column of a machine or DeviceInfo name, exact case; -1 if there is none. */
int device_column_find(const char *name);
/* The same in any case, for hints and for `list`. */
int device_column_find_fold(const char *name);
/* For kql_predicate_compile. */
const struct kql_schema *device_schema(void);

#endif
