#include "config.h"
#include "sim/hunt.h"

#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "sim/jsonout.h"

#define REPORTS_LIMIT 100000 /* devices; above, one report each */

static const char *onboarding_text(const struct machine *m)
{
	if (g_strcmp0(m->onboarding, "CanBeOnboarded") == 0)
		return "Can be onboarded";
	return g_strcmp0(m->onboarding, "InsufficientInfo") == 0 ? "Insufficient info" : m->onboarding;
}

static const char *device_type(const struct machine *m)
{
	if (machine_is_server(m) || machine_is_linux(m))
		return "Server";
	if (m->platform == NULL)
		return NULL;
	return strcmp(m->platform, "iOS") == 0 || strcmp(m->platform, "Android") == 0 ? "Mobile" : "Workstation";
}

static void put_tags(struct hunt_maker *maker, const struct machine *m)
{
	AUTO(g_string) GString *tags = g_string_new("[");

	for (guint i = 0; m->tags != NULL && i < m->tags->len; i++) {
		if (i > 0)
			g_string_append_c(tags, ',');
		jsonout_text(tags, g_ptr_array_index(m->tags, i));
	}
	g_string_append_c(tags, ']');
	hunt_put(maker, "DeviceManualTags", tags->str);
}

static void put_user(struct hunt_maker *maker, const struct machine *m)
{
	if (m->account == NULL || machine_is_server(m) || machine_is_linux(m))
		return;
	AUTO(g_free) char *users = g_strdup_printf("[{\"UserName\":\"%s\",\"DomainName\":\"CONTOSO\",\"Sid\":"
		"\"S-1-5-21-1004336348-1177238915-682003330-%s\"}]", m->account, m->account + 1);

	hunt_put(maker, "LoggedOnUsers", users);
}

static void put_system(struct hunt_maker *maker, const struct machine *m)
{
	hunt_put(maker, "ClientVersion", m->agent);
	hunt_put(maker, "OSPlatform", m->platform);
	hunt_put(maker, "OSArchitecture", m->architecture);
	if (m->build != 0)
		hunt_put_int(maker, "OSBuild", m->build);
	hunt_put(maker, "OSVersion", machine_is_windows(m) ? "10.0" : m->version);
	hunt_put(maker, "OSVersionInfo", m->version);
	if (machine_is_linux(m))
		hunt_put(maker, "OSDistribution", m->platform);
	hunt_put(maker, "DeviceCategory", m->platform != NULL ? "Endpoint" : "IoT");
	hunt_put(maker, "DeviceType", device_type(m));
	hunt_put(maker, "Vendor", machine_is_mac(m) ? "Apple" : NULL);
}

static void put_report(struct hunt_maker *maker, const struct machine *m, int64_t time, int64_t report)
{
	hunt_put_int(maker, "Timestamp", time);
	hunt_put_device(maker, m);
	put_system(maker, m);
	put_tags(maker, m);
	put_user(maker, m);
	hunt_put(maker, "PublicIP", m->external_ip);
	if (m->joined >= 0)
		hunt_put_int(maker, "IsAzureADJoined", m->joined);
	hunt_put(maker, "AadDeviceId", m->aad_id);
	hunt_put(maker, "MachineGroup", m->group);
	hunt_put_int(maker, "ReportId", report);
	hunt_put(maker, "OnboardingStatus", onboarding_text(m));
	hunt_put(maker, "SensorHealthState", m->health);
	hunt_put(maker, "ExposureLevel", m->exposure);
	hunt_put(maker, "AssetValue", m->value);
	hunt_put(maker, "MergedToDeviceId", m->merged_into);
	hunt_put_int(maker, "IsExcluded", 0);
	hunt_put_int(maker, "IsInternetFacing", m->story == STORY_JUMP_HOST);
	hunt_end_row(maker);
}

/* DeviceInfo holds reports, several for each device, as the real one does: a query that forgets arg_max counts twice. */
void hunt_make_devices(struct hunt_maker *maker)
{
	const struct tenant *tenant = maker->tenant;
	int reports = tenant->count <= REPORTS_LIMIT ? 2 : 1;

	for (size_t i = 0; i < tenant->count; i++) {
		const struct machine *m = &tenant->machines[i];

		/* hunting reaches back 30 days */
		if (maker->now - m->last_seen > 28 * ISOTIME_TICKS_PER_DAY)
			continue;
		for (int r = reports - 1; r >= 0; r--)
			put_report(maker, m, m->last_seen - r * ISOTIME_TICKS_PER_DAY, 638000000000000000 + (int64_t)i * 2 + 1 - r);
	}
}

void hunt_make_networks(struct hunt_maker *maker)
{
	const struct tenant *tenant = maker->tenant;

	for (size_t i = 0; i < tenant->count; i++) {
		const struct machine *m = &tenant->machines[i];

		if (m->last_ip == NULL || !machine_is_onboarded(m) || maker->now - m->last_seen > 28 * ISOTIME_TICKS_PER_DAY)
			continue;
		AUTO(g_free) char *addresses = g_strdup_printf("[{\"IPAddress\":\"%s\",\"SubnetPrefix\":24,\"AddressType\":"
			"\"Private\"}]", m->last_ip);
		const char *digits = m->mac != NULL ? m->mac : "000000000000";
		AUTO(g_free) char *mac = g_strdup_printf("%.2s-%.2s-%.2s-%.2s-%.2s-%.2s", digits, digits + 2, digits + 4,
			digits + 6, digits + 8, digits + 10);

		hunt_put_int(maker, "Timestamp", m->last_seen);
		hunt_put_device(maker, m);
		hunt_put(maker, "NetworkAdapterName", "Ethernet");
		hunt_put(maker, "MacAddress", mac);
		hunt_put(maker, "NetworkAdapterType", "Ethernet");
		hunt_put(maker, "NetworkAdapterStatus", "Up");
		hunt_put(maker, "TunnelType", "None");
		hunt_put(maker, "IPAddresses", addresses);
		hunt_put(maker, "OnboardingStatus", "Onboarded");
		hunt_put_int(maker, "ReportId", (int64_t)i + 1);
		hunt_end_row(maker);
	}
}
