#include "config.h"
#include "fleet/columns.h"

#include <string.h>

/* Each column once; the two views below are made of it. The release ("22H2") that the machine resource calls version is
 * DeviceInfo's OSVersionInfo; its OSVersion is the kernel's number. */
#define COLUMNS(X) \
	X(DEVICE_ID, "id", "DeviceId", COLUMN_STRING, 40) \
	X(DEVICE_NAME, "computerDnsName", "DeviceName", COLUMN_STRING, 32) \
	X(DEVICE_FIRST_SEEN, "firstSeen", NULL, COLUMN_DATETIME, 20) \
	X(DEVICE_LAST_SEEN, "lastSeen", "Timestamp", COLUMN_DATETIME, 20) \
	X(DEVICE_OS_PLATFORM, "osPlatform", "OSPlatform", COLUMN_STRING, 18) \
	X(DEVICE_OS_VERSION, "osVersion", "OSVersion", COLUMN_STRING, 12) \
	X(DEVICE_VERSION, "version", "OSVersionInfo", COLUMN_STRING, 10) \
	X(DEVICE_OS_BUILD, "osBuild", "OSBuild", COLUMN_LONG, 8) \
	X(DEVICE_OS_PROCESSOR, "osProcessor", NULL, COLUMN_STRING, 11) \
	X(DEVICE_OS_ARCHITECTURE, "osArchitecture", "OSArchitecture", COLUMN_STRING, 14) \
	X(DEVICE_ONBOARDING, "onboardingStatus", "OnboardingStatus", COLUMN_STRING, 16) \
	X(DEVICE_HEALTH, "healthStatus", "SensorHealthState", COLUMN_STRING, 14) \
	X(DEVICE_LAST_IP, "lastIpAddress", NULL, COLUMN_STRING, 15) \
	X(DEVICE_LAST_EXTERNAL_IP, "lastExternalIpAddress", "PublicIP", COLUMN_STRING, 15) \
	X(DEVICE_GROUP_ID, "rbacGroupId", NULL, COLUMN_LONG, 11) \
	X(DEVICE_GROUP, "rbacGroupName", "MachineGroup", COLUMN_STRING, 16) \
	X(DEVICE_RISK, "riskScore", NULL, COLUMN_STRING, 13) \
	X(DEVICE_EXPOSURE, "exposureLevel", "ExposureLevel", COLUMN_STRING, 13) \
	X(DEVICE_VALUE, "deviceValue", "AssetValue", COLUMN_STRING, 11) \
	X(DEVICE_AAD_ID, "aadDeviceId", "AadDeviceId", COLUMN_STRING, 36) \
	X(DEVICE_AAD_JOINED, "isAadJoined", "IsAzureADJoined", COLUMN_BOOL, 11) \
	X(DEVICE_TAGS, "machineTags", "DeviceManualTags", COLUMN_DYNAMIC, 24) \
	X(DEVICE_IP_ADDRESSES, "ipAddresses", NULL, COLUMN_DYNAMIC, 32) \
	X(DEVICE_AGENT_VERSION, "agentVersion", "ClientVersion", COLUMN_STRING, 20) \
	X(DEVICE_AV_STATUS, "defenderAvStatus", NULL, COLUMN_STRING, 16) \
	X(DEVICE_MANAGED_BY, "managedBy", NULL, COLUMN_STRING, 16) \
	X(DEVICE_MANAGED_BY_STATUS, "managedByStatus", NULL, COLUMN_STRING, 15) \
	X(DEVICE_MERGED_INTO, "mergedIntoMachineId", "MergedToDeviceId", COLUMN_STRING, 40) \
	X(DEVICE_POTENTIAL_DUPLICATION, "isPotentialDuplication", NULL, COLUMN_BOOL, 22) \
	X(DEVICE_EXCLUDED, "isExcluded", "IsExcluded", COLUMN_BOOL, 10) \
	X(DEVICE_EXCLUSION_REASON, "exclusionReason", "ExclusionReason", COLUMN_STRING, 16) \
	X(DEVICE_VM_METADATA, "vmMetadata", NULL, COLUMN_DYNAMIC, 32)

#define AS_COLUMN(index, name, alias, type, width) [index] = { name, alias, type, width },
#define AS_SCHEMA(index, name, alias, type, width) [index] = { name, alias, type },

const struct device_column device_columns[DEVICE_COLUMNS] = { COLUMNS(AS_COLUMN) };
static const struct kql_column schema_columns[DEVICE_COLUMNS] = { COLUMNS(AS_SCHEMA) };
static const struct kql_schema schema = { schema_columns, DEVICE_COLUMNS };

static int column_find(const char *name, int (*compare)(const char *, const char *))
{
	for (int i = 0; i < DEVICE_COLUMNS; i++)
		if (compare(device_columns[i].name, name) == 0 ||
			(device_columns[i].alias != NULL && compare(device_columns[i].alias, name) == 0))
			return i;
	return -1;
}

int device_column_find(const char *name)
{
	return column_find(name, strcmp);
}

int device_column_find_fold(const char *name)
{
	return column_find(name, g_ascii_strcasecmp);
}

const struct kql_schema *device_schema(void)
{
	return &schema;
}
