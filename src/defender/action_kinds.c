/* The device actions of the API contract, section 5.2, as data. StopAndQuarantineFile's Sha1 and live response's Commands
 * are given per call, not chosen from a list. */
#include "config.h"
#include "defender/defender.h"

#include <string.h>

/* Platforms as section 5.2 tells them apart. */
enum platform {
	PLATFORM_UNKNOWN, /* the set of names is open: what is not known is tried */
	PLATFORM_WINDOWS_OLD,
	PLATFORM_WINDOWS_10,
	PLATFORM_WINDOWS_11,
	PLATFORM_SERVER_2008,
	PLATFORM_SERVER_2012,
	PLATFORM_SERVER_2016,
	PLATFORM_SERVER_2019, /* and later */
	PLATFORM_LINUX,
	PLATFORM_MACOS,
	PLATFORM_MOBILE,
};

static const struct {
	const char *prefix;
	enum platform platform;
} platforms[] = {
	{ "Windows10", PLATFORM_WINDOWS_10 },
	{ "Windows11", PLATFORM_WINDOWS_11 },
	{ "Windows7", PLATFORM_WINDOWS_OLD },
	{ "Windows8", PLATFORM_WINDOWS_OLD },
	{ "WindowsServer2008", PLATFORM_SERVER_2008 },
	{ "WindowsServer2012", PLATFORM_SERVER_2012 },
	{ "WindowsServer2016", PLATFORM_SERVER_2016 },
	{ "WindowsServer20", PLATFORM_SERVER_2019 },
	{ "Linux", PLATFORM_LINUX },
	{ "Ubuntu", PLATFORM_LINUX },
	{ "Debian", PLATFORM_LINUX },
	{ "RedHat", PLATFORM_LINUX },
	{ "CentOS", PLATFORM_LINUX },
	{ "Fedora", PLATFORM_LINUX },
	{ "SUSE", PLATFORM_LINUX },
	{ "SLES", PLATFORM_LINUX },
	{ "OracleLinux", PLATFORM_LINUX },
	{ "AmazonLinux", PLATFORM_LINUX },
	{ "Alma", PLATFORM_LINUX },
	{ "Rocky", PLATFORM_LINUX },
	{ "Mariner", PLATFORM_LINUX },
	{ "macOS", PLATFORM_MACOS },
	{ "iOS", PLATFORM_MOBILE },
	{ "Android", PLATFORM_MOBILE },
};

static enum platform platform_find(const char *os_platform)
{
	for (size_t i = 0; os_platform != NULL && i < G_N_ELEMENTS(platforms); i++)
		if (g_ascii_strncasecmp(os_platform, platforms[i].prefix, strlen(platforms[i].prefix)) == 0)
			return platforms[i].platform;
	return PLATFORM_UNKNOWN;
}

/* True only for a release known to be older: "1607" is, "22H2" and "Other" are not. */
static bool version_older(const char *version, int than)
{
	return version != NULL && strlen(version) == 4 && strspn(version, "0123456789") == 4
		&& g_ascii_strtoll(version, NULL, 10) < than;
}

#define ON(platform) (1u << (platform))
#define ON_ANY_SERVER \
	(ON(PLATFORM_SERVER_2012) | ON(PLATFORM_SERVER_2016) | ON(PLATFORM_SERVER_2019))

/* NULL if the platform is in the set of ON(...), or unknown. */
static const char *outside(unsigned set, int windows_10, const char *os_platform, const char *version)
{
	static const char *const names[] = {
		[PLATFORM_WINDOWS_OLD] = "not supported before Windows 10",
		[PLATFORM_WINDOWS_10] = "not supported on Windows 10",
		[PLATFORM_WINDOWS_11] = "not supported on Windows 11",
		[PLATFORM_SERVER_2008] = "not supported on Windows Server 2008",
		[PLATFORM_SERVER_2012] = "not supported on Windows Server 2012 R2",
		[PLATFORM_SERVER_2016] = "not supported on Windows Server 2016",
		[PLATFORM_SERVER_2019] = "not supported on Windows Server",
		[PLATFORM_LINUX] = "not supported on Linux",
		[PLATFORM_MACOS] = "not supported on macOS",
		[PLATFORM_MOBILE] = "not supported on mobile devices",
	};
	enum platform platform = platform_find(os_platform);

	if (platform == PLATFORM_UNKNOWN)
		return NULL;
	if ((set & ON(platform)) == 0)
		return names[platform];
	if (platform == PLATFORM_WINDOWS_10 && version_older(version, windows_10))
		return windows_10 == 1703 ? "not supported before Windows 10 1703" : "not supported before Windows 10 1709";
	return NULL;
}

#define CLIENTS (ON(PLATFORM_WINDOWS_10) | ON(PLATFORM_WINDOWS_11))
#define OTHERS (ON(PLATFORM_LINUX) | ON(PLATFORM_MACOS))

static const char *isolate_unsupported(const char *os_platform, const char *version)
{
	return outside(CLIENTS | ON_ANY_SERVER | OTHERS, 1703, os_platform, version);
}

static const char *isolate_value_unsupported(const char *value, const char *os_platform, const char *version)
{
	if (strcmp(value, "Selective") != 0)
		return NULL;
	return outside(CLIENTS | ON_ANY_SERVER | ON(PLATFORM_MACOS), 1709, os_platform, version);
}

/* The API's page names no server, yet Defender Antivirus scans there: servers are tried. */
static const char *scan_unsupported(const char *os_platform, const char *version)
{
	return outside(CLIENTS | ON_ANY_SERVER | OTHERS, 1709, os_platform, version);
}

static const char *restrict_unsupported(const char *os_platform, const char *version)
{
	return outside(CLIENTS | ON(PLATFORM_SERVER_2019), 1709, os_platform, version);
}

static const char *collect_unsupported(const char *os_platform, const char *version)
{
	return outside(CLIENTS | ON_ANY_SERVER | OTHERS, 1703, os_platform, version);
}

static const char *windows_unsupported(const char *os_platform, const char *version)
{
	return outside(CLIENTS | ON_ANY_SERVER, 1703, os_platform, version);
}

static const char *investigate_unsupported(const char *os_platform, const char *version)
{
	return outside(CLIENTS | ON(PLATFORM_SERVER_2019), 1709, os_platform, version);
}

static const char *live_unsupported(const char *os_platform, const char *version)
{
	return outside(CLIENTS | ON(PLATFORM_SERVER_2019) | OTHERS, 1709, os_platform, version);
}

static const char *const isolation_types[] = { "Full", "Selective", NULL };
static const char *const scan_types[] = { "Quick", "Full", NULL };

static const struct defender_action_kind isolate = {
	.name = "isolate", .type = "Isolate", .path = "isolate", .parameter = "IsolationType", .values = isolation_types,
	.role = "Machine.Isolate", .inverse = "release", .opposite = "Unisolate", .disruptive = true,
	.unsupported = isolate_unsupported, .unsupported_value = isolate_value_unsupported,
	.per_minute = 100, .per_hour = 1500,
};

static const struct defender_action_kind release = {
	.name = "release", .type = "Unisolate", .path = "unisolate", .role = "Machine.Isolate", .inverse = "isolate",
	.opposite = "Isolate", .unsupported = isolate_unsupported, .per_minute = 100, .per_hour = 1500,
};

static const struct defender_action_kind scan = {
	.name = "scan", .type = "RunAntiVirusScan", .path = "runAntiVirusScan", .parameter = "ScanType",
	.values = scan_types, .role = "Machine.Scan", .unsupported = scan_unsupported,
	.per_minute = 100, .per_hour = 1500,
};

static const struct defender_action_kind restrict_code = {
	.name = "restrict", .type = "RestrictCodeExecution", .path = "restrictCodeExecution",
	.role = "Machine.RestrictExecution", .inverse = "unrestrict", .opposite = "UnrestrictCodeExecution",
	.disruptive = true, .unsupported = restrict_unsupported, .per_minute = 100, .per_hour = 1500,
};

static const struct defender_action_kind unrestrict = {
	.name = "unrestrict", .type = "UnrestrictCodeExecution", .path = "unrestrictCodeExecution",
	.role = "Machine.RestrictExecution", .inverse = "restrict", .opposite = "RestrictCodeExecution",
	.unsupported = restrict_unsupported, .per_minute = 100, .per_hour = 1500,
};

static const struct defender_action_kind collect = {
	.name = "collect", .type = "CollectInvestigationPackage", .path = "collectInvestigationPackage",
	.role = "Machine.CollectForensics", .unsupported = collect_unsupported, .per_minute = 100, .per_hour = 1500,
};

static const struct defender_action_kind quarantine = {
	.name = "quarantine", .type = "StopAndQuarantineFile", .path = "StopAndQuarantineFile", .parameter = "Sha1",
	.role = "Machine.StopAndQuarantine", .disruptive = true, .unsupported = windows_unsupported,
	.per_minute = 100, .per_hour = 1500,
};

static const struct defender_action_kind offboard = {
	.name = "offboard", .type = "Offboard", .path = "offboard", .role = "Machine.Offboard", .disruptive = true,
	.unsupported = windows_unsupported, .per_minute = 100, .per_hour = 1500,
};

/* Answers with an investigation, which has an id too, but is in no action list. */
static const struct defender_action_kind investigate = {
	.name = "investigate", .type = "StartInvestigation", .path = "startInvestigation", .role = "Alert.ReadWrite.All",
	.unsupported = investigate_unsupported, .per_hour = 50,
};

static const struct defender_action_kind live_response = {
	.name = "live-response", .type = "LiveResponse", .path = "runliveresponse", .parameter = "Commands",
	.role = "Machine.LiveResponse", .disruptive = true, .unsupported = live_unsupported, .per_minute = 10,
};

static const struct defender_action_kind *const kinds[] = {
	&isolate, &release, &scan, &restrict_code, &unrestrict, &collect, &quarantine, &offboard, &investigate,
	&live_response, NULL,
};

const struct defender_action_kind *const *defender_action_kinds(void)
{
	return kinds;
}

const struct defender_action_kind *defender_action_kind(const char *name)
{
	if (strcmp(name, "unisolate") == 0)
		name = "release";
	for (size_t i = 0; kinds[i] != NULL; i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

const struct defender_action_kind *defender_action_kind_of_type(const char *type)
{
	for (size_t i = 0; kinds[i] != NULL; i++)
		if (strcmp(kinds[i]->type, type) == 0)
			return kinds[i];
	return NULL;
}
