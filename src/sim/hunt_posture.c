/* What vulnerability management knows besides the software: known holes, settings that should be otherwise; and the machine
 * list as a table. */
#include "config.h"
#include "sim/hunt.h"

#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "sim/jsonout.h"

static const struct {
	const char *cve, *score, *severity;
	bool exploit;
	const char *published, *what, *software;
} holes[] = {
	{ "CVE-2023-38831", "7.8", "High", true, "2023-08-23T17:15:00Z", "WinRAR before 6.23 runs code when a file in an archive is "
		"viewed", "[\"winrar\"]" },
	{ "CVE-2023-40477", "7.8", "High", false, "2024-05-03T03:15:00Z", "WinRAR recovery volumes allow code execution",
		"[\"winrar\"]" },
	{ "CVE-2024-43504", "7.8", "High", false, "2024-10-08T18:15:00Z", "Excel remote code execution", "[\"office\"]" },
	{ "CVE-2024-7971", "9.6", "High", true, "2024-08-21T21:15:00Z", "Type confusion in V8", "[\"chrome\"]" },
	{ "CVE-2024-7965", "8.8", "High", true, "2024-08-21T21:15:00Z", "Inappropriate implementation in V8", "[\"chrome\"]" },
	{ "CVE-2024-41869", "7.8", "High", false, "2024-09-13T09:15:00Z", "Use after free in Acrobat Reader",
		"[\"acrobat_reader_dc\"]" },
	{ "CVE-2022-29143", "7.5", "High", false, "2022-06-15T22:15:00Z", "SQL Server remote code execution",
		"[\"sql_server_2014\"]" },
	{ "CVE-2024-5535", "9.1", "Critical", false, "2024-06-27T11:15:00Z", "Buffer over-read in SSL_select_next_proto",
		"[\"openssl\"]" },
	{ "CVE-2022-41741", "7.8", "High", false, "2022-10-19T22:15:00Z", "Memory corruption in the mp4 module", "[\"nginx\"]" },
};

void hunt_make_known_vulnerabilities(struct hunt_maker *maker)
{
	for (size_t n = 0; n < G_N_ELEMENTS(holes); n++) {
		int64_t time = 0;

		isotime_parse(holes[n].published, strlen(holes[n].published), &time);
		hunt_put(maker, "CveId", holes[n].cve);
		hunt_put(maker, "CvssScore", holes[n].score);
		hunt_put_int(maker, "IsExploitAvailable", holes[n].exploit);
		hunt_put(maker, "VulnerabilitySeverityLevel", holes[n].severity);
		hunt_put_int(maker, "PublishedDate", time);
		hunt_put_int(maker, "LastModifiedTime", time + 90 * ISOTIME_TICKS_PER_DAY);
		hunt_put(maker, "VulnerabilityDescription", holes[n].what);
		hunt_put(maker, "AffectedSoftware", holes[n].software);
		hunt_end_row(maker);
	}
}

static const struct {
	const char *id, *name, *category, *subcategory;
	double impact;
	unsigned percent; /* of the devices comply */
} settings[] = {
	{ "scid-2010", "Turn on Microsoft Defender Antivirus", "Security controls", "Antivirus", 10, 98 },
	{ "scid-2012", "Turn on real-time protection", "Security controls", "Antivirus", 9, 96 },
	{ "scid-2500", "Block executable content from mail", "Security controls", "Attack Surface Reduction", 9, 60 },
	{ "scid-2503", "Block credential stealing from lsass.exe", "Security controls", "Attack Surface Reduction", 9, 45 },
	{ "scid-91", "Disable SMBv1", "OS", "Network", 8, 88 },
	{ "scid-49", "Set the minimum password length to 14", "Accounts", "Password policy", 5, 75 },
	{ "scid-3011", "Fix an unquoted service path", "Application", "Services", 4.5, 82 },
};

void hunt_make_configurations(struct hunt_maker *maker)
{
	const struct tenant *tenant = maker->tenant;

	for (size_t i = 0; i < tenant->count; i++) {
		const struct machine *m = &tenant->machines[i];

		rng_init(&maker->rng, tenant->sim->options.seed, m->id, 8);
		for (size_t n = 0; machine_is_onboarded(m) && n < G_N_ELEMENTS(settings); n++) {
			hunt_put_device(maker, m);
			hunt_put(maker, "OSPlatform", m->platform);
			hunt_put_int(maker, "Timestamp", maker->now - ISOTIME_TICKS_PER_DAY / 4);
			hunt_put(maker, "ConfigurationId", settings[n].id);
			hunt_put(maker, "ConfigurationCategory", settings[n].category);
			hunt_put(maker, "ConfigurationSubcategory", settings[n].subcategory);
			hunt_put_real(maker, "ConfigurationImpact", settings[n].impact);
			hunt_put_int(maker, "IsCompliant", rng_percent(&maker->rng, settings[n].percent));
			hunt_put_int(maker, "IsApplicable", machine_is_windows(m));
			hunt_end_row(maker);
		}
	}
}

void hunt_make_known_configurations(struct hunt_maker *maker)
{
	for (size_t n = 0; n < G_N_ELEMENTS(settings); n++) {
		hunt_put(maker, "ConfigurationId", settings[n].id);
		hunt_put(maker, "ConfigurationName", settings[n].name);
		hunt_put(maker, "ConfigurationCategory", settings[n].category);
		hunt_put(maker, "ConfigurationSubcategory", settings[n].subcategory);
		hunt_put_real(maker, "ConfigurationImpact", settings[n].impact);
		hunt_put(maker, "Tags", "[]");
		hunt_end_row(maker);
	}
}

static void put_system(struct hunt_maker *maker, const struct machine *m)
{
	hunt_put(maker, "osPlatform", m->platform);
	hunt_put(maker, "osVersion", m->version);
	if (m->build != 0)
		hunt_put_int(maker, "osBuild", m->build);
	hunt_put(maker, "version", m->agent);
	hunt_put(maker, "osArchitecture", m->architecture);
	hunt_put(maker, "lastIpAddress", m->last_ip);
	hunt_put(maker, "lastExternalIpAddress", m->external_ip);
}

/* The service has no such table; here it is, so that what works on the inventory can be tried on hunting, too. */
void hunt_make_machines(struct hunt_maker *maker)
{
	const struct tenant *tenant = maker->tenant;

	for (size_t i = 0; i < tenant->count; i++) {
		const struct machine *m = &tenant->machines[i];
		AUTO(g_string) GString *tags = g_string_new("[");

		for (guint n = 0; m->tags != NULL && n < m->tags->len; n++) {
			if (n > 0)
				g_string_append_c(tags, ',');
			jsonout_text(tags, g_ptr_array_index(m->tags, n));
		}
		g_string_append_c(tags, ']');
		hunt_put(maker, "id", m->id);
		hunt_put(maker, "computerDnsName", m->name);
		hunt_put_int(maker, "firstSeen", m->first_seen);
		hunt_put_int(maker, "lastSeen", m->last_seen);
		put_system(maker, m);
		hunt_put(maker, "healthStatus", m->health);
		hunt_put(maker, "onboardingStatus", m->onboarding);
		hunt_put(maker, "deviceValue", m->value);
		hunt_put_int(maker, "rbacGroupId", m->group_id);
		hunt_put(maker, "rbacGroupName", m->group);
		hunt_put(maker, "riskScore", m->risk);
		hunt_put(maker, "exposureLevel", m->exposure);
		if (m->joined >= 0)
			hunt_put_int(maker, "isAadJoined", m->joined);
		hunt_put(maker, "aadDeviceId", m->aad_id);
		hunt_put(maker, "machineTags", tags->str);
		hunt_put(maker, "managedBy", m->managed_by);
		hunt_end_row(maker);
	}
}
