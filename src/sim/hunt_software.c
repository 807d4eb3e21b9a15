#include "config.h"
#include "sim/hunt.h"

#include <string.h>

enum who { WHO_WINDOWS, WHO_SERVER, WHO_LINUX, WHO_MAC, WHO_STORY, WHO_FINANCE };

/* What is installed where, on how many of a hundred, and what is wrong with it. */
struct product {
	enum who who;
	unsigned percent;
	const char *vendor, *name, *version;
	const char *support; /* EndOfSupportStatus */
	const char *cves[4];
	const char *severity;
	const char *update;
};

static const struct product products[] = {
	{ WHO_WINDOWS, 100, "microsoft", "edge_chromium-based", "130.0.2849.68", NULL, { NULL }, NULL, NULL },
	{ WHO_WINDOWS, 90, "microsoft", "office", "16.0.17928.20216", NULL, { "CVE-2024-43504" }, "High", "October 2024" },
	{ WHO_WINDOWS, 60, "google", "chrome", "130.0.6723.117", NULL, { NULL }, NULL, NULL },
	{ WHO_WINDOWS, 8, "google", "chrome", "126.0.6478.56", NULL, { "CVE-2024-7971", "CVE-2024-7965" }, "High",
		"128.0.6613.84" },
	{ WHO_WINDOWS, 40, "igor_pavlov", "7-zip", "24.08.0.0", NULL, { NULL }, NULL, NULL },
	{ WHO_WINDOWS, 15, "adobe", "acrobat_reader_dc", "23.006.20320.0", NULL, { "CVE-2024-41869" }, "High",
		"24.003.20112" },
	/* the story: opened archives run a script that bears the name of the document inside */
	{ WHO_STORY, 100, "rarlab", "winrar", "6.22.0.0", NULL, { "CVE-2023-38831", "CVE-2023-40477" }, "High", "6.23" },
	{ WHO_FINANCE, 60, "rarlab", "winrar", "7.01.0.0", NULL, { NULL }, NULL, NULL },
	{ WHO_SERVER, 100, "microsoft", "internet_information_services", "10.0", NULL, { NULL }, NULL, NULL },
	{ WHO_SERVER, 30, "microsoft", "sql_server_2014", "12.0.6024.0", "EOS Version", { "CVE-2022-29143" }, "High",
		"KB5014164" },
	{ WHO_LINUX, 100, "openssl", "openssl", "3.0.2", NULL, { "CVE-2024-5535" }, "Critical", "3.0.15" },
	{ WHO_LINUX, 100, "nginx", "nginx", "1.18.0", NULL, { "CVE-2022-41741" }, "High", "1.22.1" },
	{ WHO_MAC, 100, "apple", "safari", "17.5", NULL, { NULL }, NULL, NULL },
};

static bool has_product(struct hunt_maker *maker, const struct machine *m, const struct product *product)
{
	bool client = machine_is_windows(m) && !machine_is_server(m), finance = g_strcmp0(m->group, "Finance") == 0, fits;

	switch (product->who) {
	case WHO_WINDOWS:
		fits = client;
		break;
	case WHO_SERVER:
		fits = machine_is_server(m);
		break;
	case WHO_LINUX:
		fits = machine_is_linux(m);
		break;
	case WHO_MAC:
		fits = machine_is_mac(m);
		break;
	case WHO_STORY:
		fits = (m->story & STORY_VULNERABLE) != 0;
		break;
	default:
		fits = client && finance && (m->story & STORY_VULNERABLE) == 0;
	}
	return fits && rng_percent(&maker->rng, product->percent);
}

static void put_software(struct hunt_maker *maker, const struct machine *m, const struct product *product)
{
	hunt_put_device(maker, m);
	hunt_put(maker, "OSPlatform", m->platform);
	hunt_put(maker, "OSVersion", m->version);
	hunt_put(maker, "OSArchitecture", "x64");
	hunt_put(maker, "SoftwareVendor", product->vendor);
	hunt_put(maker, "SoftwareName", product->name);
	hunt_put(maker, "SoftwareVersion", product->version);
}

/* Calls put for each product of each onboarded device; the same draw for the inventory and its vulnerabilities. */
static void each_product(struct hunt_maker *maker,
	void (*put)(struct hunt_maker *, const struct machine *, const struct product *))
{
	const struct tenant *tenant = maker->tenant;

	for (size_t i = 0; i < tenant->count; i++) {
		const struct machine *m = &tenant->machines[i];

		rng_init(&maker->rng, tenant->sim->options.seed, m->id, 0);
		for (size_t p = 0; machine_is_onboarded(m) && p < G_N_ELEMENTS(products); p++)
			if (has_product(maker, m, &products[p]))
				put(maker, m, &products[p]);
	}
}

static void put_inventory(struct hunt_maker *maker, const struct machine *m, const struct product *product)
{
	put_software(maker, m, product);
	hunt_put(maker, "EndOfSupportStatus", product->support);
	hunt_end_row(maker);
}

static void put_vulnerabilities(struct hunt_maker *maker, const struct machine *m, const struct product *product)
{
	for (size_t i = 0; i < G_N_ELEMENTS(product->cves) && product->cves[i] != NULL; i++) {
		put_software(maker, m, product);
		hunt_put(maker, "CveId", product->cves[i]);
		hunt_put(maker, "VulnerabilitySeverityLevel", product->severity);
		hunt_put(maker, "RecommendedSecurityUpdate", product->update);
		hunt_put(maker, "CveTags", product->who == WHO_STORY ? "[\"ExploitAvailable\"]" : "[]");
		hunt_end_row(maker);
	}
}

void hunt_make_inventory(struct hunt_maker *maker)
{
	each_product(maker, put_inventory);
}

void hunt_make_vulnerabilities(struct hunt_maker *maker)
{
	each_product(maker, put_vulnerabilities);
}
