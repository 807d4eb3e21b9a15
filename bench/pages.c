/* The benchmarks' data: machine list pages of 10,000 records as the API gives them (API contract, section 3.1), the same
 * for every run. No two devices have the same name, id, address or time. */
#include "config.h"
#include "bench/bench.h"

#include <inttypes.h>

#include "core/isotime.h"

struct system {
	const char *platform, *version, *agent, *processor;
	unsigned build;
};

static const struct system systems[] = {
	{ "Windows11", "23H2", "10.8792.22631.5472", "x64", 22631 }, { "Windows10", "22H2", "10.8790.19045.5608", "x64", 19045 },
	{ "Windows11", "24H2", "10.8795.26100.4061", "x64", 26100 }, { "WindowsServer2022", "21H2", "10.8780.20348.3328", "x64", 20348 },
	{ "WindowsServer2019", "1809", "10.8780.17763.7009", "x64", 17763 }, { "Linux", "8.10", "30.125032.3.0", "x64", 0 },
	{ "macOS", "15.4", "101.25032.0006", "ARM64", 0 },
};

static const char *const places[] = { "ams", "ber", "cph", "dub", "fra", "hel", "lis", "lon", "mad", "mil", "muc", "nyc",
	"osl", "par", "prg", "rom", "sin", "sto", "tok", "vie", "waw", "zrh" };
static const char *const kinds[] = { "ws", "nb", "nb", "ws", "srv", "app", "db" };

/* A well-mixed number for each device and purpose. */
static uint64_t mixed(uint64_t device, uint64_t purpose)
{
	uint64_t x = (device * 64 + purpose + 1) * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static unsigned below(uint64_t device, uint64_t purpose, unsigned limit)
{
	return (unsigned)(mixed(device, purpose) % limit);
}

static void append_text(GString *page, const char *name, const char *text)
{
	if (text != NULL)
		g_string_append_printf(page, "\"%s\":\"%s\",", name, text);
	else
		g_string_append_printf(page, "\"%s\":null,", name);
}

static void append_time(GString *page, const char *name, int64_t ticks)
{
	char text[ISOTIME_SIZE];

	isotime_format(ticks, text);
	append_text(page, name, text);
}

static void append_identity(GString *page, uint64_t i, const struct system *system)
{
	int64_t now = INT64_C(638996112000000000); /* 2025-11-25 */
	int64_t seen = now - (int64_t)(mixed(i, 1) % (30 * ISOTIME_TICKS_PER_DAY));

	g_string_append_printf(page, "{\"id\":\"%016" PRIx64 "%016" PRIx64 "%08x\",", mixed(i, 2), mixed(i, 3), (unsigned)i);
	g_string_append(page, "\"mergedIntoMachineId\":null,\"isPotentialDuplication\":false,\"isExcluded\":false,"
		"\"exclusionReason\":null,");
	g_string_append_printf(page, "\"computerDnsName\":\"%s-%s-%06u.corp.contoso.com\",",
		places[below(i, 4, G_N_ELEMENTS(places))], kinds[system - systems], (unsigned)i);
	append_time(page, "firstSeen", seen - (int64_t)(mixed(i, 5) % (700 * ISOTIME_TICKS_PER_DAY)));
	append_time(page, "lastSeen", seen);
}

static void append_state(GString *page, uint64_t i, const struct system *system)
{
	static const char *const risks[] = { "None", "None", "None", "None", "None", "Low", "Low", "Medium", "High", "Informational" };
	static const char *const exposures[] = { "Low", "Low", "Medium", "High" };
	unsigned group = below(i, 6, G_N_ELEMENTS(places));

	append_text(page, "osPlatform", system->platform);
	append_text(page, "osVersion", NULL);
	append_text(page, "osProcessor", system->processor);
	append_text(page, "version", system->version);
	g_string_append_printf(page, "\"lastIpAddress\":\"10.%u.%u.%u\",\"lastExternalIpAddress\":\"203.0.113.%u\",",
		(unsigned)(i >> 16), (unsigned)(i >> 8 & 255), (unsigned)(i & 255), group);
	append_text(page, "agentVersion", system->agent);
	if (system->build != 0)
		g_string_append_printf(page, "\"osBuild\":%u,", system->build);
	else
		g_string_append(page, "\"osBuild\":null,");
	append_text(page, "healthStatus", below(i, 7, 12) == 0 ? "Inactive" : "Active");
	append_text(page, "deviceValue", below(i, 8, 20) == 0 ? "High" : "Normal");
	g_string_append_printf(page, "\"rbacGroupId\":%u,\"rbacGroupName\":\"Site %s\",", 100 + group, places[group]);
	append_text(page, "riskScore", risks[below(i, 9, G_N_ELEMENTS(risks))]);
	append_text(page, "exposureLevel", exposures[below(i, 10, G_N_ELEMENTS(exposures))]);
}

static void append_rest(GString *page, uint64_t i)
{
	static const char *const tags[] = { "[]", "[]", "[]", "[\"finance\"]", "[\"ring 1\"]", "[\"ring 2\",\"vip\"]", "[\"tier0\"]",
		"[\"finance\",\"ring 2\"]" };

	g_string_append_printf(page, "\"isAadJoined\":true,\"aadDeviceId\":\"%08x-%04x-4%03x-8%03x-%012" PRIx64 "\","
		"\"machineTags\":%s,\"onboardingStatus\":\"%s\",\"osArchitecture\":\"64-bit\",\"managedBy\":\"Intune\","
		"\"managedByStatus\":\"Success\",\"ipAddresses\":[{\"ipAddress\":\"10.%u.%u.%u\",\"macAddress\":\"02155D%06X\","
		"\"type\":\"Ethernet\",\"operationalStatus\":\"Up\"}],\"vmMetadata\":null}",
		(unsigned)mixed(i, 11), below(i, 12, 65536), below(i, 13, 4096), below(i, 14, 4096), mixed(i, 15) >> 16,
		tags[below(i, 16, G_N_ELEMENTS(tags))], below(i, 17, 50) == 0 ? "CanBeOnboarded" : "Onboarded",
		(unsigned)(i >> 16), (unsigned)(i >> 8 & 255), (unsigned)(i & 255), (unsigned)i & 0xffffff);
}

GString *bench_page(unsigned first, unsigned count)
{
	GString *page = g_string_sized_new((size_t)count * 1024 + 128);

	g_string_append(page, "{\"@odata.context\":\"https://api.security.microsoft.com/api/$metadata#Machines\",\"value\":[");
	for (unsigned i = first; i < first + count; i++) {
		const struct system *system = &systems[below(i, 18, G_N_ELEMENTS(systems))];

		if (i != first)
			g_string_append_c(page, ',');
		append_identity(page, i, system);
		append_state(page, i, system);
		append_rest(page, i);
	}
	g_string_append(page, "]}");
	return page;
}
