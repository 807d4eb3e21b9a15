#include "config.h"
#include "sim/hunt.h"

#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"

#define EVENTS_DEVICES 5000 /* devices with everyday events; the story's have theirs always */
#define STORY_AGE (9 * 3600 * ISOTIME_TICKS_PER_SECOND) /* it began so long before the table was made */
#define DROPPED_SHA1 "5d41402abc4b2a76b9719d911017c592ae2f9d31"
#define CALL_HOME_IP "198.51.100.77"
#define CALL_HOME_HOST "cdn-update.example.net"
#define JUMP_ACCOUNT "svc-deploy"

struct step {
	unsigned second; /* of the story */
	const char *file, *folder, *command; /* {u}: the account */
	const char *parent, *parent_command;
};

static const struct step everyday[] = {
	{ 0, "outlook.exe", "C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE", "\"OUTLOOK.EXE\"",
		"explorer.exe", "C:\\Windows\\Explorer.EXE" },
	{ 0, "svchost.exe", "C:\\Windows\\System32\\svchost.exe", "svchost.exe -k netsvcs -p -s Schedule", "services.exe",
		"C:\\Windows\\system32\\services.exe" },
	{ 0, "powershell.exe", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
		"powershell.exe -NonInteractive -File \"C:\\ProgramData\\inventory\\collect.ps1\"", "gpscript.exe",
		"gpscript.exe /Startup" },
};

static const struct step story[] = {
	{ 0, "WinRAR.exe", "C:\\Program Files\\WinRAR\\WinRAR.exe",
		"\"WinRAR.exe\" \"C:\\Users\\{u}\\Downloads\\invoice_4711.zip\"", "explorer.exe", "C:\\Windows\\Explorer.EXE" },
	{ 41, "cmd.exe", "C:\\Windows\\System32\\cmd.exe",
		"cmd.exe /c \"C:\\Users\\{u}\\AppData\\Local\\Temp\\Rar$DIa8120.31\\invoice_4711.pdf .cmd\"", "WinRAR.exe",
		"\"WinRAR.exe\" \"C:\\Users\\{u}\\Downloads\\invoice_4711.zip\"" },
	{ 42, "powershell.exe", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
		"powershell.exe -nop -w hidden -EncodedCommand SQBFAFgAIAAoAG4AZQB3AC0AbwBiAGoA", "cmd.exe",
		"cmd.exe /c \"C:\\Users\\{u}\\AppData\\Local\\Temp\\Rar$DIa8120.31\\invoice_4711.pdf .cmd\"" },
	{ 57, "rundll32.exe", "C:\\Windows\\System32\\rundll32.exe", "rundll32.exe C:\\Users\\Public\\cfg.dat,Start",
		"powershell.exe", "powershell.exe -nop -w hidden -EncodedCommand SQBFAFgAIAAoAG4AZQB3AC0AbwBiAGoA" },
	{ 190, "whoami.exe", "C:\\Windows\\System32\\whoami.exe", "whoami /groups", "rundll32.exe",
		"rundll32.exe C:\\Users\\Public\\cfg.dat,Start" },
	{ 204, "net.exe", "C:\\Windows\\System32\\net.exe", "net group \"Domain Admins\" /domain", "rundll32.exe",
		"rundll32.exe C:\\Users\\Public\\cfg.dat,Start" },
	{ 4300, "mstsc.exe", "C:\\Windows\\System32\\mstsc.exe", "mstsc.exe /v:it-jump-01", "rundll32.exe",
		"rundll32.exe C:\\Users\\Public\\cfg.dat,Start" },
};

static char *with_account(const char *text, const struct machine *m)
{
	AUTO(g_strfreev) char **parts = g_strsplit(text, "{u}", -1);

	return g_strjoinv(m->account != NULL ? m->account : "system", parts);
}

static int64_t story_time(const struct hunt_maker *maker, unsigned second)
{
	return maker->now - STORY_AGE + second * ISOTIME_TICKS_PER_SECOND + 1234567;
}

static int64_t report_id(struct hunt_maker *maker)
{
	return (int64_t)table_rows(maker->table) + 1;
}

static void put_process(struct hunt_maker *maker, const struct machine *m, const struct step *step, int64_t time)
{
	AUTO(g_free) char *command = with_account(step->command, m);
	AUTO(g_free) char *parent = with_account(step->parent_command, m);
	char sum[65];

	hunt_put_int(maker, "ReportId", report_id(maker));
	hunt_put_int(maker, "Timestamp", time);
	hunt_put_device(maker, m);
	hunt_put(maker, "ActionType", "ProcessCreated");
	hunt_put(maker, "FileName", step->file);
	hunt_put(maker, "FolderPath", step->folder);
	rng_init(&maker->rng, 1, step->file, 0); /* the same file everywhere */
	rng_hex(&maker->rng, sum, 40);
	hunt_put(maker, "SHA1", sum);
	rng_hex(&maker->rng, sum, 64);
	hunt_put(maker, "SHA256", sum);
	hunt_put_int(maker, "ProcessId", 1000 + report_id(maker) % 30000);
	hunt_put(maker, "ProcessCommandLine", command);
	hunt_put(maker, "AccountDomain", "contoso");
	hunt_put(maker, "AccountName", m->account);
	hunt_put(maker, "InitiatingProcessFileName", step->parent);
	hunt_put(maker, "InitiatingProcessCommandLine", parent);
	hunt_put(maker, "InitiatingProcessAccountName", m->account);
	hunt_end_row(maker);
}

static bool is_client(const struct machine *m)
{
	return machine_is_onboarded(m) && machine_is_windows(m) && !machine_is_server(m) &&
		g_strcmp0(m->health, "Active") == 0;
}

/* Calls put for the first so many devices with everyday life, and for each of the story's. */
static void each_device(struct hunt_maker *maker, void (*usual)(struct hunt_maker *, const struct machine *),
	void (*told)(struct hunt_maker *, const struct machine *))
{
	const struct tenant *tenant = maker->tenant;

	for (size_t i = 0; i < tenant->count; i++) {
		const struct machine *m = &tenant->machines[i];

		if (usual != NULL && i < EVENTS_DEVICES && is_client(m))
			usual(maker, m);
		if ((m->story & STORY_COMPROMISED) != 0)
			told(maker, m);
	}
}

static void usual_processes(struct hunt_maker *maker, const struct machine *m)
{
	for (size_t i = 0; i < G_N_ELEMENTS(everyday); i++) {
		rng_init(&maker->rng, maker->tenant->sim->options.seed, m->id, i);
		put_process(maker, m, &everyday[i], maker->now - (int64_t)(rng_next(&maker->rng) % (7 * ISOTIME_TICKS_PER_DAY)));
	}
}

static void told_processes(struct hunt_maker *maker, const struct machine *m)
{
	for (size_t i = 0; i < G_N_ELEMENTS(story); i++)
		put_process(maker, m, &story[i], story_time(maker, story[i].second));
}

void hunt_make_processes(struct hunt_maker *maker)
{
	each_device(maker, usual_processes, told_processes);
}

/* ---- logons */

struct logon {
	const struct machine *on;
	const struct machine *from; /* NULL: at its own keyboard */
	const char *type, *account, *action;
	int64_t time;
};

static void put_logon(struct hunt_maker *maker, const struct logon *logon)
{
	hunt_put_int(maker, "ReportId", report_id(maker));
	hunt_put_int(maker, "Timestamp", logon->time);
	hunt_put_device(maker, logon->on);
	hunt_put(maker, "ActionType", logon->action);
	hunt_put(maker, "LogonType", logon->type);
	hunt_put(maker, "AccountDomain", "contoso");
	hunt_put(maker, "AccountName", logon->account);
	hunt_put(maker, "Protocol", logon->from != NULL ? "NTLM" : "Kerberos");
	hunt_put_int(maker, "IsLocalAdmin", strcmp(logon->account, JUMP_ACCOUNT) == 0);
	if (strcmp(logon->action, "LogonFailed") == 0)
		hunt_put(maker, "FailureReason", "InvalidUserNameOrPassword");
	if (logon->from != NULL) {
		hunt_put(maker, "RemoteDeviceName", logon->from->name);
		hunt_put(maker, "RemoteIP", logon->from->last_ip);
		hunt_put(maker, "RemoteIPType", "Private");
	}
	hunt_end_row(maker);
}

static void usual_logons(struct hunt_maker *maker, const struct machine *m)
{
	struct logon logon = { .on = m, .type = "Interactive", .account = m->account, .action = "LogonSuccess" };

	rng_init(&maker->rng, maker->tenant->sim->options.seed, m->id, 99);
	logon.time = maker->now - (int64_t)(rng_next(&maker->rng) % (2 * ISOTIME_TICKS_PER_DAY));
	put_logon(maker, &logon);
}

static const struct machine *jump_host(const struct tenant *tenant)
{
	for (size_t i = 0; i < tenant->count; i++)
		if ((tenant->machines[i].story & STORY_JUMP_HOST) != 0)
			return &tenant->machines[i];
	return NULL;
}

/* From the laptop to the jump host, and from there at two servers. */
static void told_logons(struct hunt_maker *maker, const struct machine *m)
{
	const struct machine *jump = jump_host(maker->tenant);
	struct logon logon = { .on = jump, .from = m, .type = "RemoteInteractive", .account = JUMP_ACCOUNT,
		.action = "LogonSuccess", .time = story_time(maker, 4311) };

	if (jump == NULL)
		return;
	put_logon(maker, &logon);
	logon.from = jump;
	logon.type = "Network";
	for (unsigned i = 0; i < 2; i++) {
		AUTO(g_free) char *name = g_strdup_printf("srv-app-%03u.corp.contoso.com", i);

		logon.on = tenant_find(maker->tenant, name);
		if (logon.on == NULL)
			continue;
		for (unsigned tries = 0; tries < 3; tries++) {
			logon.action = tries == 2 && i == 0 ? "LogonSuccess" : "LogonFailed";
			logon.time = story_time(maker, 4500 + 60 * i + tries);
			put_logon(maker, &logon);
		}
	}
}

void hunt_make_logons(struct hunt_maker *maker)
{
	each_device(maker, usual_logons, told_logons);
}

/* ---- connections and files */

static void told_connections(struct hunt_maker *maker, const struct machine *m)
{
	for (unsigned i = 0; i < 12; i++) {
		hunt_put_int(maker, "ReportId", report_id(maker));
		hunt_put_int(maker, "Timestamp", story_time(maker, 45 + 300 * i));
		hunt_put_device(maker, m);
		hunt_put(maker, "ActionType", "ConnectionSuccess");
		hunt_put(maker, "RemoteIP", CALL_HOME_IP);
		hunt_put_int(maker, "RemotePort", 443);
		hunt_put(maker, "RemoteUrl", CALL_HOME_HOST);
		hunt_put(maker, "LocalIP", m->last_ip);
		hunt_put(maker, "Protocol", "Tcp");
		hunt_put(maker, "RemoteIPType", "Public");
		hunt_put(maker, "InitiatingProcessFileName", i == 0 ? "powershell.exe" : "rundll32.exe");
		hunt_put(maker, "InitiatingProcessAccountName", m->account);
		hunt_end_row(maker);
	}
}

void hunt_make_connections(struct hunt_maker *maker)
{
	each_device(maker, NULL, told_connections);
}

static void told_files(struct hunt_maker *maker, const struct machine *m)
{
	hunt_put_int(maker, "ReportId", report_id(maker));
	hunt_put_int(maker, "Timestamp", story_time(maker, 51));
	hunt_put_device(maker, m);
	hunt_put(maker, "ActionType", "FileCreated");
	hunt_put(maker, "FileName", "cfg.dat");
	hunt_put(maker, "FolderPath", "C:\\Users\\Public\\cfg.dat");
	hunt_put(maker, "SHA1", DROPPED_SHA1);
	hunt_put_int(maker, "FileSize", 184320);
	hunt_put(maker, "FileOriginUrl", "https://" CALL_HOME_HOST "/cfg.dat");
	hunt_put(maker, "InitiatingProcessFileName", "powershell.exe");
	hunt_put(maker, "InitiatingProcessAccountName", m->account);
	hunt_end_row(maker);
}

void hunt_make_files(struct hunt_maker *maker)
{
	each_device(maker, NULL, told_files);
}
