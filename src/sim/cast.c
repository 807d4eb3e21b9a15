#include "config.h"
#include "sim/cast.h"

#include <stdlib.h>
#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "sim/rng.h"

/* ---- what devices run */

struct os {
	const char *platform, *version, *agent;
	int build;
};

static const struct os win11[] = { { "Windows11", "23H2", "10.8750.22631.4037", 22631 },
	{ "Windows11", "24H2", "10.8790.26100.2314", 26100 } };
static const struct os win10[] = { { "Windows10", "22H2", "10.8750.19041.4717", 19045 },
	{ "Windows10", "21H2", "10.8672.19041.3570", 19044 } };
static const struct os server[] = { { "WindowsServer2019", "1809", "10.8750.17763.6189", 17763 },
	{ "WindowsServer2022", "21H2", "10.8750.20348.2655", 20348 },
	{ "WindowsServer2016", "1607", "10.8710.14393.6981", 14393 } };
static const struct os linux_os[] = { { "Ubuntu", "22.04", "30.124052.0002.0", 0 },
	{ "RedHatEnterpriseLinux", "9.4", "30.124052.0002.0", 0 }, { "Linux", "Other", "30.124052.0002.0", 0 } };
static const struct os mac[] = { { "macOS", "14.5", "101.24071.0002", 0 } };
static const struct os old_windows[] = { { "Windows7", "Other", "10.3720.16299.2008", 7601 } };
static const struct os old_linux[] = { { "Ubuntu", "18.04", "30.117.0", 0 } };
static const struct os phone[] = { { "iOS", "17.5", NULL, 0 } };
static const struct os nothing[] = { { NULL, NULL, NULL, 0 } };

/* ---- departments */

struct department {
	const char *format; /* of the first label; takes the number */
	const char *group;
	int group_id;
	unsigned net; /* second octet of the addresses */
	const struct os *os;
	unsigned os_count;
	const char *tag;
	unsigned slots; /* of twenty devices, how many */
};

static const struct department departments[] = {
	{ "fin-lt-%03u", "Finance", 140, 20, win11, 2, "finance", 6 },
	{ "sal-lt-%03u", "Sales", 141, 21, win11, 2, NULL, 3 },
	{ "eng-ws-%03u", "Engineering", 142, 22, win11, 2, NULL, 2 },
	{ "ops-pc-%03u", "Operations", 144, 24, win10, 2, NULL, 3 },
	{ "hr-lt-%03u", "Human Resources", 143, 23, win10, 2, NULL, 1 },
	{ "eng-mac-%03u", "Engineering", 142, 25, mac, 1, NULL, 1 },
	{ "srv-app-%03u", "Servers", 150, 30, server, 3, "server", 2 },
	{ "srv-sql-%03u", "Servers", 150, 31, server, 2, "database", 1 },
	{ "lnx-web-%03u", "Linux Servers", 151, 32, linux_os, 3, "web", 1 },
};

/* ---- the cast: one line for each special case, in order of need */

struct role {
	const char *name; /* "@" stands for the tenant's domain */
	const struct os *os;
	const char *group;
	int group_id;
	const char *onboarding, *health;
	const char *tags; /* separated by line feeds */
	unsigned char story;
	signed char same_name; /* a further record of the line before */
	bool merged;           /* into the line before */
};

#define ON "Onboarded", "Active"

static const struct role cast[] = {
	{ "srv-dc-01.@", &server[1], "Domain Controllers", 152, ON, "tier0\ndomain controller", 0, 0, false },
	{ "it-jump-01.@", &server[0], "IT", 145, ON, "jump host", STORY_JUMP_HOST, 0, false },
	{ "srv-dc-02.@", &server[0], "Domain Controllers", 152, ON, "tier0\ndomain controller", 0, 0, false },
	{ "hr-lt-900.@", &win11[0], "Human Resources", 143, ON, NULL, 0, 0, false },
	{ "hr-lt-900.@", &win10[1], "Human Resources", 143, "Onboarded", "Inactive", NULL, 0, 1, false },
	{ "sal-lt-900.@", &win11[0], "Sales", 141, ON, "vip", 0, 0, false },
	{ "sal-lt-900.@", &win11[1], "Sales", 141, ON, NULL, 0, 1, false },
	{ "fin-lt-901.@", &win11[0], "Finance", 140, ON, "finance", 0, 0, false },
	{ "fin-lt-901.@", &win11[0], "Finance", 140, "Onboarded", "Inactive", "finance", 0, 1, true },
	{ "printsrv", &server[2], NULL, 0, "CanBeOnboarded", "Inactive", NULL, 0, 0, false },
	{ "ops-plc-07", nothing, NULL, 0, "Unsupported", "Unknown", NULL, 0, 0, false },
	{ "kiosk-17", &win10[0], "Operations", 144, ON, "kiosk", 0, 0, false },
	{ "KIOSK-18", &win10[0], "Operations", 144, ON, "kiosk", 0, 0, false },
	{ "m\xc3\xbcnchen-kasse-01.@", &win10[0], "Operations", 144, ON, "Z\xc3\xbcrich", 0, 0, false },
	{ "fin-lt-902.@", &win11[0], "Finance", 140, ON,
		"finance\nlist, with commas\nsays \"quoted\"\n\xe6\x9d\xb1\xe4\xba\xac\nO'Neil; drop table", 0, 0, false },
	{ "=cmd|' /C calc'!A0", &win10[0], NULL, 0, "CanBeOnboarded", "Inactive", NULL, 0, 0, false },
	{ "red\x1b[31m-pc-01", &win10[0], "Operations", 144, ON, "\x1b]0;title\x07 tag", 0, 0, false },
	{ NULL, nothing, NULL, 0, "InsufficientInfo", "Unknown", NULL, 0, 0, false },
	{ "srv-app-901.@", &server[1], "Servers", 150, "Onboarded", "ImpairedCommunication", "server", 0, 0, false },
	{ "srv-app-902.@", &server[0], "Servers", 150, "Onboarded", "NoSensorData", "server", 0, 0, false },
	{ "kiosk-19.@", &win10[0], "Operations", 144, ON, "kiosk", 0, 0, false },
	{ "kiosk-19.branch.@", &win10[1], "Operations", 144, ON, "kiosk", 0, 0, false },
	{ "eng-ws-900.@", &win11[0], "Engineering", 142, ON, NULL, 0, 0, false },
	{ "eng-ws-900.@", &win11[1], "Engineering", 142, ON, NULL, 0, 1, false },
	{ "eng-ws-900.@", &win10[0], "Engineering", 142, "Onboarded", "Inactive", NULL, 0, 1, false },
	{ "ops-old-01.@", old_windows, "Operations", 144, ON, "legacy", 0, 0, false },
	{ "lnx-old-01", old_linux, "Linux Servers", 151, ON, "legacy", 0, 0, false },
	{ "\xe6\x9d\xb1\xe4\xba\xac-ws-01.@", &win11[0], "Engineering", 142, ON, NULL, 0, 0, false },
	{ "stra\xc3\x9f" "e-pc-01.@", &win11[1], "Operations", 144, ON, NULL, 0, 0, false },
	{ "it-phone-042", phone, "IT", 145, ON, NULL, 0, 0, false },
	{ "lab-vm-33.@", &win11[1], NULL, 0, "CanBeOnboarded", "Inactive", NULL, 0, 0, false },
	{ "it-adm-01.@", &win11[1], "IT", 145, ON, "admin workstation", 0, 0, false },
};

/* ---- one record */

struct maker {
	struct tenant *tenant;
	uint64_t seed;
	int64_t now;
	struct rng rng; /* of the record being made */
	const char *domain;
	unsigned serial;
	unsigned numbers[G_N_ELEMENTS(departments)];
};

static const char *keep(struct maker *maker, const char *text)
{
	return text != NULL ? g_string_chunk_insert_const(maker->tenant->texts, text) : NULL;
}

static const char *keep_printf(struct maker *maker, const char *format, ...) __attribute__((format(printf, 2, 3)));

static const char *keep_printf(struct maker *maker, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	AUTO(g_free) char *text = g_strdup_vprintf(format, args);
	va_end(args);
	return g_string_chunk_insert(maker->tenant->texts, text);
}

static const char *pick(struct maker *maker, const char *const *words, const unsigned char *weights)
{
	unsigned roll = rng_below(&maker->rng, 100), i = 0;

	while (words[i + 1] != NULL && roll >= weights[i])
		roll -= weights[i++];
	return words[i];
}

static void make_times(struct maker *maker, struct machine *m)
{
	bool active = g_strcmp0(m->health, "Active") == 0;
	int64_t day = ISOTIME_TICKS_PER_DAY, age = (int64_t)(rng_next(&maker->rng) % (uint64_t)day);

	/* Inactive means no signal for more than seven days; the list reaches back 180. What was never onboarded is seen by its
	 * neighbours. */
	if (!active)
		age += (machine_is_onboarded(m) ? 8 + (int64_t)rng_below(&maker->rng, 120) : rng_below(&maker->rng, 6)) * day;
	m->last_seen = maker->now - age;
	m->first_seen = m->last_seen - (20 + (int64_t)rng_below(&maker->rng, 700)) * day -
		(int64_t)rng_below(&maker->rng, 864000000);
	m->digits = (unsigned char)rng_below(&maker->rng, 8);
}

static void make_addresses(struct maker *maker, struct machine *m, unsigned net, unsigned number)
{
	char mac_text[13];

	m->last_ip = keep_printf(maker, "10.%u.%u.%u", net, number / 250 % 256, number % 250 + 4);
	m->external_ip = rng_percent(&maker->rng, 95) ? keep_printf(maker, "203.0.113.%u", net) : NULL;
	rng_hex(&maker->rng, mac_text, 12);
	for (char *c = mac_text; *c != '\0'; c++)
		*c = g_ascii_toupper(*c);
	mac_text[1] = '2'; /* locally administered */
	m->mac = keep_printf(maker, "%s", mac_text);
}

static void make_scores(struct maker *maker, struct machine *m)
{
	static const char *const risks[] = { "None", "Low", "Medium", "Informational", "High", NULL };
	static const char *const exposures[] = { "Low", "Medium", "High", "None", NULL };
	static const char *const values[] = { "Normal", "Low", "High", NULL };

	m->risk = pick(maker, risks, (const unsigned char[]){ 68, 17, 8, 5, 2 });
	m->exposure = pick(maker, exposures, (const unsigned char[]){ 50, 35, 13, 2 });
	m->value = pick(maker, values, (const unsigned char[]){ 94, 3, 3 });
}

static void make_identity(struct maker *maker, struct machine *m)
{
	char text[41];

	rng_hex(&maker->rng, text, 40);
	m->id = keep_printf(maker, "%s", text);
	m->joined = (signed char)(machine_is_windows(m) && !machine_is_server(m) ? 1 : 0);
	if (m->joined == 1) {
		rng_guid(&maker->rng, text);
		m->aad_id = keep_printf(maker, "%s", text);
	}
	m->managed_by = m->joined == 1 ? "Intune" : "MicrosoftDefenderForEndpoint";
	m->account = keep_printf(maker, "u%04u", 1000 + maker->serial);
	if (rng_below(&maker->rng, 16) == 0)
		m->extra = ",\"deviceRing\":{\"name\":\"broad\",\"steps\":[1,2,3]},\"lastUser\":null";
}

static void make_os(struct machine *m, const struct os *os)
{
	m->platform = os->platform;
	m->version = os->version;
	m->agent = os->agent;
	m->build = os->build;
	m->processor = os->platform == NULL ? NULL : strcmp(os->platform, "macOS") == 0 ? "ARM64" : "x64";
	m->architecture = os->platform == NULL ? NULL : "64-bit";
}

static void make_record(struct maker *maker, struct machine *m)
{
	make_scores(maker, m);
	make_identity(maker, m);
	make_times(maker, m);
	if (!machine_is_onboarded(m)) {
		m->agent = NULL;
		m->account = NULL;
		m->risk = "None";
		m->aad_id = NULL;
		m->joined = -1;
		m->managed_by = "Unknown";
		m->exposure = rng_percent(&maker->rng, 50) ? NULL : "None";
	}
}

/* ---- the cast */

static void add_tags(struct machine *m, const char *tags)
{
	AUTO(g_strfreev) char **list = tags != NULL ? g_strsplit(tags, "\n", -1) : NULL;

	for (char **tag = list; tag != NULL && *tag != NULL; tag++)
		machine_add_tag(m, *tag);
}

static const char *role_name(struct maker *maker, const char *name)
{
	const char *at = name != NULL ? strchr(name, '@') : NULL;

	return at == NULL ? keep(maker, name) : keep_printf(maker, "%.*s%s", (int)(at - name), name, maker->domain);
}

static void make_role(struct maker *maker, struct machine *m, const struct role *role, const struct machine *before)
{
	rng_init(&maker->rng, maker->seed, "cast", maker->serial);
	make_os(m, role->os);
	m->name = role_name(maker, role->name);
	m->group = role->group;
	m->group_id = role->group_id;
	m->onboarding = role->onboarding;
	m->health = role->health;
	m->story = role->story;
	make_record(maker, m);
	if (role->os->platform != NULL)
		make_addresses(maker, m, 40, maker->serial);
	if (role->same_name != 0)
		m->duplicate = true;
	if (role->merged)
		m->merged_into = before->id;
	if ((m->story & STORY_JUMP_HOST) != 0)
		m->risk = "Medium";
	if (m->group_id == 152)
		m->value = "High";
	add_tags(m, role->tags);
	maker->serial++;
}

/* ---- departments */

static const struct department *department_of(size_t index, size_t *number)
{
	unsigned slot = (unsigned)(index % 20);

	/* 7 is prime to 20: neighbours in the pattern are of different departments */
	slot = slot * 7 % 20;
	for (size_t i = 0;; i++) {
		if (slot < departments[i].slots) {
			*number = i;
			return &departments[i];
		}
		slot -= departments[i].slots;
	}
}

static void make_health(struct maker *maker, struct machine *m)
{
	static const char *const words[] = { "Active", "Inactive", "ImpairedCommunication", "NoSensorData",
		"NoSensorDataImpairedCommunication", NULL };

	m->onboarding = "Onboarded";
	m->health = pick(maker, words, (const unsigned char[]){ 94, 4, 1, 1, 0 });
}

/* The story: about a fifth of the Finance laptops have the old archiver, the first few of these were broken into. They
 * are up, so that a first exercise has a clean end; the rest of the tenant is as tenants are. */
static void make_story(struct machine *m, const struct department *department, unsigned number)
{
	if (department != &departments[0] || number % 5 != 4)
		return;
	m->story |= STORY_VULNERABLE;
	m->health = "Active";
	if (number % 20 == 14 && number < 100)
		m->story |= STORY_COMPROMISED;
}

static void make_member(struct maker *maker, struct machine *m, size_t index)
{
	size_t at;
	const struct department *department = department_of(index, &at);
	unsigned number = maker->numbers[at]++;

	rng_init(&maker->rng, maker->seed, department->format, number);
	make_os(m, &department->os[rng_below(&maker->rng, department->os_count)]);
	/* the format is one of the table above */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	AUTO(g_free) char *label = g_strdup_printf(department->format, number);
#pragma GCC diagnostic pop

	m->name = keep_printf(maker, "%s.%s", label, maker->domain);
	m->group = department->group;
	m->group_id = department->group_id;
	make_health(maker, m);
	make_story(m, department, number);
	make_record(maker, m);
	make_addresses(maker, m, department->net, number);
	if ((m->story & STORY_COMPROMISED) != 0)
		m->risk = "High";
	if (department->tag != NULL)
		add_tags(m, department->tag);
	if (number % 10 == 0)
		add_tags(m, "pilot ring 1");
	maker->serial++;
}

/* Now and then a device has a second record: re-imaged, enrolled twice, merged, seen again by discovery. */
static void make_twin(struct maker *maker, struct machine *m, const struct machine *of, unsigned kind)
{
	static const struct os *const fresh = &win11[0];

	rng_init(&maker->rng, maker->seed, "twin", maker->serial);
	*m = (struct machine){ .name = of->name, .group = of->group, .group_id = of->group_id, .onboarding = "Onboarded" };
	if (machine_is_windows(of) && !machine_is_server(of))
		make_os(m, fresh);
	else
		make_os(m, &(struct os){ of->platform, of->version, of->agent, of->build });
	m->health = kind == 1 ? "Active" : "Inactive";
	if (kind == 3)
		m->onboarding = "CanBeOnboarded";
	make_record(maker, m);
	make_addresses(maker, m, 60 + kind, maker->serial);
	m->duplicate = true;
	if (kind == 2)
		m->merged_into = of->id;
	maker->serial++;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct machine *)a)->id, ((const struct machine *)b)->id);
}

void cast_make(struct tenant *tenant, unsigned number, size_t count)
{
	struct maker maker = { .tenant = tenant, .now = tenant->sim->start,
		.seed = tenant->sim->options.seed + number * 1000003 };
	size_t special = MIN(count / 3, G_N_ELEMENTS(cast)), index = 0, i = 0;

	maker.domain = number == 0 ? "corp.contoso.com" : "corp.fabrikam.com";
	tenant->machines = g_new0(struct machine, count + 1);
	tenant->count = count;
	for (; i < special; i++)
		make_role(&maker, &tenant->machines[i], &cast[i], i > 0 ? &tenant->machines[i - 1] : NULL);
	for (unsigned twins = 0; i < count; i++) {
		/* a record of its own for each, so that the story's devices have none */
		if (index > 0 && index % 48 == 0 && tenant->machines[i - 1].story == 0 && !tenant->machines[i - 1].duplicate &&
				twins < index / 48)
			make_twin(&maker, &tenant->machines[i], &tenant->machines[i - 1], twins++ % 4);
		else
			make_member(&maker, &tenant->machines[i], index++);
	}
	qsort(tenant->machines, count, sizeof *tenant->machines, compare_ids);
}
