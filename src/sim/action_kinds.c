#include "config.h"
#include "sim/action.h"

#include <stdlib.h>
#include <string.h>

/* Which device can do what: API contract, section 5.2. */

#define NOT_SUPPORTED "OsPlatformNotSupported"
#define TOO_OLD "ClientVersionNotSupported"
#define AGENT_MAC "101.98.84"
#define AGENT_LINUX 30123098U /* 30.123098 is agent 101.98.84 in Linux' own counting */

static bool is_old_windows(const struct machine *m)
{
	static const char *const old[] = { "Windows7", "Windows8", "Windows8.1", "WindowsServer2008R2", "WindowsServer2008",
		NULL };

	return m->platform != NULL && g_strv_contains(old, m->platform);
}

static bool is_desktop_system(const struct machine *m)
{
	return (machine_is_windows(m) && !is_old_windows(m)) || machine_is_mac(m) || machine_is_linux(m);
}

/* Compares dotted numbers. */
static int compare_versions(const char *a, const char *b)
{
	while (*a != '\0' || *b != '\0') {
		char *next_a, *next_b;
		unsigned long x = strtoul(a, &next_a, 10), y = strtoul(b, &next_b, 10);

		if (x != y)
			return x < y ? -1 : 1;
		a = next_a + (*next_a == '.');
		b = next_b + (*next_b == '.');
		if ((*next_a != '.' && *next_a != '\0') || (*next_b != '.' && *next_b != '\0'))
			return 0;
	}
	return 0;
}

static bool has_old_agent(const struct machine *m)
{
	unsigned long major, minor;
	char *end;

	if (m->agent == NULL || machine_is_windows(m))
		return false;
	major = strtoul(m->agent, &end, 10);
	minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	if (major == 30)
		return minor < AGENT_LINUX - 30000000U;
	return compare_versions(m->agent, AGENT_MAC) < 0;
}

static const char *refuse_common(const struct machine *m, const char *value)
{
	(void)value;
	if (!is_desktop_system(m))
		return NOT_SUPPORTED;
	return has_old_agent(m) ? TOO_OLD : NULL;
}

static const char *refuse_isolate(const struct machine *m, const char *value)
{
	if (value != NULL && strcmp(value, "UnManagedDevice") == 0)
		return machine_is_onboarded(m) ? "BadRequest" : NULL;
	if (value != NULL && strcmp(value, "Selective") == 0 && machine_is_linux(m))
		return NOT_SUPPORTED;
	return refuse_common(m, value);
}

static const char *refuse_restrict(const struct machine *m, const char *value)
{
	(void)value;
	if (!machine_is_windows(m) || is_old_windows(m))
		return NOT_SUPPORTED;
	if (machine_is_server(m) && (strstr(m->platform, "2012") != NULL || strstr(m->platform, "2016") != NULL))
		return NOT_SUPPORTED;
	return NULL;
}

static const char *refuse_all_but_windows(const struct machine *m, const char *value)
{
	(void)value;
	return machine_is_windows(m) && !is_old_windows(m) ? NULL : NOT_SUPPORTED;
}

static const char *const isolation_types[] = { "Full", "Selective", "UnManagedDevice", NULL };
static const char *const scan_types[] = { "Quick", "Full", NULL };

const struct action_kind action_isolate = { "Isolate", "Machine.Isolate", "IsolationType", isolation_types, 201, 5000,
	8000, refuse_isolate };
const struct action_kind action_unisolate = { "Unisolate", "Machine.Isolate", NULL, NULL, 201, 5000, 6000,
	refuse_common };
const struct action_kind action_scan = { "RunAntiVirusScan", "Machine.Scan", "ScanType", scan_types, 201, 5000, 15000,
	refuse_common };
const struct action_kind action_restrict = { "RestrictCodeExecution", "Machine.RestrictExecution", NULL, NULL, 201, 5000,
	6000, refuse_restrict };
const struct action_kind action_unrestrict = { "UnrestrictCodeExecution", "Machine.RestrictExecution", NULL, NULL, 201,
	5000, 6000, refuse_restrict };
const struct action_kind action_collect = { "CollectInvestigationPackage", "Machine.CollectForensics", NULL, NULL, 201,
	5000, 20000, refuse_common };
const struct action_kind action_quarantine = { "StopAndQuarantineFile", "Machine.StopAndQuarantine", "Sha1", NULL, 201,
	5000, 6000, refuse_all_but_windows };
const struct action_kind action_offboard = { "Offboard", "Machine.Offboard", NULL, NULL, 201, 5000, 6000,
	refuse_all_but_windows };
const struct action_kind action_live_response = { "LiveResponse", "Machine.LiveResponse", NULL, NULL, 201, 5000, 15000,
	refuse_common };

const struct action_kind *action_kind_find(const char *type)
{
	static const struct action_kind *const all[] = { &action_isolate, &action_unisolate, &action_scan, &action_restrict,
		&action_unrestrict, &action_collect, &action_quarantine, &action_offboard, &action_live_response };

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		if (strcmp(all[i]->type, type) == 0)
			return all[i];
	return NULL;
}
