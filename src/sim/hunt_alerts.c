/* Alerts: those of the story, and the small ones of every week. */
#include "config.h"
#include "sim/hunt_life.h"

#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"

struct alert {
	unsigned second; /* of the story */
	const char *title, *category, *severity, *techniques;
	const char *file, *folder, *command; /* evidence; {u} the account */
	const char *address, *url, *key, *value, *data;
	bool at_jump_host;
};

static const struct alert told[] = {
	{ 43, "Suspicious PowerShell command line", "Execution", "Medium",
		"[\"PowerShell (T1059.001)\",\"Obfuscated Files or Information (T1027)\"]", "powershell.exe",
		"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\",
		"powershell.exe -nop -w hidden -EncodedCommand SQBFAFgAIAAoAG4AZQB3AC0AbwBiAGoA", NULL, NULL, NULL, NULL, NULL, false },
	{ 60, "Suspicious library loaded by rundll32", "DefenseEvasion", "High", "[\"Rundll32 (T1218.011)\"]", "cfg.dat",
		"C:\\Users\\Public\\", "rundll32.exe C:\\Users\\Public\\cfg.dat,Start", HUNT_CALL_HOME_IP, "https://" HUNT_CALL_HOME_HOST
		"/cfg.dat", NULL, NULL, NULL, false },
	{ 206, "Suspicious sequence of exploration activities", "Discovery", "Low",
		"[\"System Owner/User Discovery (T1033)\",\"Permission Groups Discovery (T1069)\"]", "whoami.exe",
		"C:\\Windows\\System32\\", "whoami /groups", NULL, NULL, NULL, NULL, NULL, false },
	{ 310, "Anomaly detected in ASEP registry", "Persistence", "Medium", "[\"Registry Run Keys / Startup Folder (T1547.001)\"]",
		NULL, NULL, NULL, NULL, NULL, "HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run", "Updater",
		"rundll32.exe C:\\Users\\Public\\cfg.dat,Start", false },
	{ 625, "Suspicious access to LSASS service", "CredentialAccess", "High", "[\"LSASS Memory (T1003.001)\"]", "rundll32.exe",
		"C:\\Windows\\System32\\", "rundll32.exe C:\\Users\\Public\\cfg.dat,Start", NULL, NULL, NULL, NULL, NULL, false },
	{ 4320, "Suspicious remote desktop session", "LateralMovement", "Medium", "[\"Remote Desktop Protocol (T1021.001)\"]", NULL,
		NULL, NULL, NULL, NULL, NULL, NULL, NULL, true },
	{ 5110, "Event log was cleared", "DefenseEvasion", "Medium", "[\"Clear Windows Event Logs (T1070.001)\"]", "wevtutil.exe",
		"C:\\Windows\\System32\\", "wevtutil cl Security", NULL, NULL, NULL, NULL, NULL, false },
	{ 7201, "'Loadcfg' malware was detected", "Malware", "High", NULL, "cfg.dat", "C:\\Users\\Public\\", NULL, NULL, NULL, NULL,
		NULL, NULL, false },
};

static const struct alert usual[] = {
	{ 0, "'Toolbar' unwanted software was prevented", "UnwantedSoftware", "Informational", NULL, "toolbar-setup.exe",
		"C:\\Users\\{u}\\Downloads\\", NULL, NULL, NULL, NULL, NULL, NULL, false },
	{ 0, "'Wacapew' malware was prevented", "Malware", "Informational", NULL, "invoice-viewer.exe",
		"C:\\Users\\{u}\\Downloads\\", NULL, NULL, NULL, NULL, NULL, NULL, false },
	{ 0, "Connection to a custom network indicator", "SuspiciousActivity", "Informational", NULL, NULL, NULL, NULL, "192.0.2.201",
		"https://games.example/", NULL, NULL, NULL, false },
	{ 0, "Multiple failed logon attempts", "CredentialAccess", "Low", "[\"Brute Force (T1110)\"]", NULL, NULL, NULL, NULL, NULL,
		NULL, NULL, NULL, false },
	{ 0, "Suspicious task scheduler activity", "Persistence", "Low", "[\"Scheduled Task (T1053.005)\"]", "schtasks.exe",
		"C:\\Windows\\System32\\", "schtasks.exe /query /fo csv", NULL, NULL, NULL, NULL, NULL, false },
};

typedef void alert_writer(struct hunt_maker *maker, const struct alert *alert, const struct machine *machine, int64_t time,
	const char *id);

static char *alert_id(const char *kind, const char *device, size_t number)
{
	struct rng rng;
	char sum[11];

	rng_init(&rng, 5, device, number);
	rng_hex(&rng, sum, 10);
	return g_strdup_printf("da%s_%s", sum, kind);
}

static void each_told(struct hunt_maker *maker, const struct machine *m, alert_writer *write)
{
	for (size_t n = 0; n < G_N_ELEMENTS(told); n++) {
		const struct machine *on = told[n].at_jump_host ? hunt_jump_host(maker->tenant) : m;
		AUTO(g_free) char *id = alert_id("1", m->id, n);

		if (on != NULL)
			write(maker, &told[n], on, hunt_story_time(maker, told[n].second), id);
	}
}

/* The story's, and one on each third device in thirty days. */
static void each_alert(struct hunt_maker *maker, alert_writer *write)
{
	const struct tenant *tenant = maker->tenant;

	for (size_t i = 0; i < tenant->count; i++) {
		const struct machine *m = &tenant->machines[i];
		struct rng rng;

		if ((m->story & STORY_COMPROMISED) != 0)
			each_told(maker, m, write);
		rng_init(&rng, tenant->sim->options.seed, m->id, 6);
		if (!machine_is_onboarded(m) || !machine_is_windows(m) || i >= 3000 || !rng_percent(&rng, 33))
			continue;
		const struct alert *alert = &usual[rng_below(&rng, G_N_ELEMENTS(usual))];
		AUTO(g_free) char *id = alert_id("2", m->id, 0);

		write(maker, alert, m, maker->now - (int64_t)(rng_next(&rng) % (29 * ISOTIME_TICKS_PER_DAY)), id);
	}
}

static void put_source(struct hunt_maker *maker, const struct alert *alert)
{
	hunt_put(maker, "ServiceSource", "Microsoft Defender for Endpoint");
	hunt_put(maker, "DetectionSource", strcmp(alert->category, "Malware") == 0 || strcmp(alert->category, "UnwantedSoftware") == 0 ?
		"Antivirus" : strcmp(alert->category, "SuspiciousActivity") == 0 ? "Custom TI" : "EDR");
}

static void write_info(struct hunt_maker *maker, const struct alert *alert, const struct machine *machine, int64_t time,
	const char *id)
{
	(void)machine;
	hunt_put_int(maker, "Timestamp", time);
	hunt_put(maker, "AlertId", id);
	hunt_put(maker, "Title", alert->title);
	hunt_put(maker, "Category", alert->category);
	hunt_put(maker, "Severity", alert->severity);
	hunt_put(maker, "AttackTechniques", alert->techniques);
	put_source(maker, alert);
	hunt_end_row(maker);
}

void hunt_make_alerts(struct hunt_maker *maker)
{
	each_alert(maker, write_info);
}

static void begin_entity(struct hunt_maker *maker, const struct alert *alert, int64_t time, const char *id, const char *type)
{
	AUTO(g_free) char *categories = g_strdup_printf("[\"%s\"]", alert->category);

	hunt_put_int(maker, "Timestamp", time);
	hunt_put(maker, "AlertId", id);
	hunt_put(maker, "Title", alert->title);
	hunt_put(maker, "Categories", categories);
	hunt_put(maker, "AttackTechniques", alert->techniques);
	hunt_put(maker, "Severity", alert->severity);
	hunt_put(maker, "EntityType", type);
	hunt_put(maker, "EvidenceRole", strcmp(type, "Machine") == 0 || strcmp(type, "User") == 0 ? "Impacted" : "Related");
	put_source(maker, alert);
}

static void write_file(struct hunt_maker *maker, const struct alert *alert, const struct machine *machine)
{
	AUTO(g_free) char *folder = hunt_text(alert->folder, machine->account, 0);
	struct hunt_sums sums;

	hunt_sums(alert->file, &sums);
	hunt_put(maker, "FileName", alert->file);
	hunt_put(maker, "FolderPath", folder);
	hunt_put(maker, "SHA1", sums.sha1);
	hunt_put(maker, "SHA256", sums.sha256);
	if (alert->command != NULL)
		hunt_put(maker, "ProcessCommandLine", alert->command);
	else
		hunt_put(maker, "ThreatFamily", strcmp(alert->category, "Malware") == 0 ? "Loadcfg" : NULL);
}

static void write_user(struct hunt_maker *maker, const struct alert *alert, const struct machine *machine, int64_t time,
	const char *id)
{
	const char *account = alert->at_jump_host ? HUNT_JUMP_ACCOUNT : machine->account;
	char object[37];

	if (account == NULL)
		return;
	AUTO(g_free) char *sid = hunt_account_sid(account), *upn = g_strdup_printf("%s@contoso.com", account);

	hunt_account_object(account, object);
	begin_entity(maker, alert, time, id, "User");
	hunt_put(maker, "AccountName", account);
	hunt_put(maker, "AccountDomain", "contoso");
	hunt_put(maker, "AccountSid", sid);
	hunt_put(maker, "AccountUpn", upn);
	hunt_put(maker, "AccountObjectId", object);
	hunt_put_device(maker, machine);
	hunt_end_row(maker);
}

static void write_evidence(struct hunt_maker *maker, const struct alert *alert, const struct machine *machine, int64_t time,
	const char *id)
{
	begin_entity(maker, alert, time, id, "Machine");
	hunt_put_device(maker, machine);
	hunt_put(maker, "LocalIP", machine->last_ip);
	hunt_end_row(maker);
	write_user(maker, alert, machine, time, id);
	if (alert->file != NULL) {
		begin_entity(maker, alert, time, id, alert->command != NULL ? "Process" : "File");
		write_file(maker, alert, machine);
		hunt_put_device(maker, machine);
		hunt_end_row(maker);
	}
	if (alert->address != NULL) {
		begin_entity(maker, alert, time, id, "Ip");
		hunt_put(maker, "RemoteIP", alert->address);
		hunt_end_row(maker);
		begin_entity(maker, alert, time, id, "Url");
		hunt_put(maker, "RemoteUrl", alert->url);
		hunt_end_row(maker);
	}
	if (alert->key != NULL) {
		begin_entity(maker, alert, time, id, "RegistryValue");
		hunt_put(maker, "RegistryKey", alert->key);
		hunt_put(maker, "RegistryValueName", alert->value);
		hunt_put(maker, "RegistryValueData", alert->data);
		hunt_put_device(maker, machine);
		hunt_end_row(maker);
	}
}

void hunt_make_evidence(struct hunt_maker *maker)
{
	each_alert(maker, write_evidence);
}
