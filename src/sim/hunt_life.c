#include "config.h"
#include "sim/hunt_life.h"

#include <stdlib.h>
#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"

#define LIFE_DEVICES 5000   /* devices with everyday life; the story's have theirs always */
#define LIFE_SHARE 38     /* of a hundred rows of events so many are processes */
#define LIFE_MOST 4000    /* processes of one device */
#define LIFE_DAYS 28

/* Something that is done again and again. does: a line for each event that may follow, PERCENT KIND what:
 *   n HOST:PORT   a connection; @PREFIX is a device of that name
 *   f FOLDER|FILE a file is made;  d one is deleted;  m one is renamed
 *   r KEY|NAME|DATA a value of the registry is set
 *   i FILE        a library is loaded
 *   e ACTION|JSON another event */
struct activity {
	char who;          /* c client, s server, l Linux, m macOS */
	unsigned char weight;
	bool system;
	const char *file, *parent, *command, *does;
};

#define OFFICE "80n outlook.office.example:443\n20n attachments.office.example:443\n"
#define DOWNLOADS "C:\\Users\\{u}\\Downloads\\"
#define CSP "C:\\Windows\\System32\\"

static const struct activity activities[] = {
	{ 'c', 9, false, "outlook.exe", "explorer.exe", "\"OUTLOOK.EXE\"",
		OFFICE "25f C:\\Users\\{u}\\AppData\\Local\\Microsoft\\Outlook\\|{u}@contoso.com.ost\n15i mso.dll" },
	{ 'c', 14, false, "msedge.exe", "explorer.exe", "\"msedge.exe\" --profile-directory=Default",
		"90n www.search.example:443\n60n intranet.contoso.example:443\n30n news.example:443\n35f " DOWNLOADS "|report-{n}.pdf" },
	{ 'c', 12, false, "chrome.exe", "explorer.exe", "\"chrome.exe\"",
		"90n www.search.example:443\n50n video.example:443\n20n shop.example:443\n25f " DOWNLOADS "|setup-{n}.exe\n"
		"10f " DOWNLOADS "|picture-{n}.png" },
	{ 'c', 8, false, "winword.exe", "explorer.exe", "\"WINWORD.EXE\" /n \"C:\\Users\\{u}\\Documents\\letter-{n}.docx\"",
		"70f C:\\Users\\{u}\\Documents\\|letter-{n}.docx\n30f C:\\Users\\{u}\\Documents\\|~$letter-{n}.docx\n"
		"30n documents.office.example:443\n20i vbe7.dll\n20m C:\\Users\\{u}\\Documents\\|letter-{n}-final.docx" },
	{ 'c', 8, false, "excel.exe", "explorer.exe", "\"EXCEL.EXE\" \"C:\\Users\\{u}\\Documents\\figures-{n}.xlsx\"",
		"70f C:\\Users\\{u}\\Documents\\|figures-{n}.xlsx\n40n @srv-sql:1433\n30i mso.dll" },
	{ 'c', 7, false, "ms-teams.exe", "explorer.exe", "\"ms-teams.exe\"",
		"95n teams.office.example:443\n60n teams-media.office.example:3478" },
	{ 'c', 5, false, "OneDrive.exe", "explorer.exe", "\"OneDrive.exe\" /background",
		"95n files.office.example:443\n40f C:\\Users\\{u}\\OneDrive\\|notes-{n}.one\n"
		"15d C:\\Users\\{u}\\OneDrive\\|old-{n}.tmp" },
	{ 'c', 3, false, "AcroRd32.exe", "explorer.exe", "\"AcroRd32.exe\" \"C:\\Users\\{u}\\Downloads\\report-{n}.pdf\"",
		"40n updates.reader.example:443" },
	{ 'c', 2, false, "7zFM.exe", "explorer.exe", "\"7zFM.exe\" \"C:\\Users\\{u}\\Downloads\\archive-{n}.7z\"",
		"80f C:\\Users\\{u}\\Documents\\archive-{n}\\|content-{n}.txt" },
	{ 'c', 3, false, "notepad.exe", "explorer.exe", "\"notepad.exe\" C:\\Users\\{u}\\Desktop\\todo.txt", NULL },
	{ 'c', 2, false, "cmd.exe", "explorer.exe", "cmd.exe", "100i cmdext.dll" },
	{ 'c', 2, false, "ipconfig.exe", "cmd.exe", "ipconfig /all", NULL },
	{ 'c', 1, false, "python.exe", "cmd.exe", "python.exe C:\\src\\tool-{n}.py", "50n packages.example:443\n40i python312.dll" },
	{ 'c', 2, false, "git.exe", "cmd.exe", "git.exe pull --ff-only", "90n git.contoso.example:443" },
	{ 'c', 1, false, "mstsc.exe", "explorer.exe", "mstsc.exe /v:srv-app-001", "90n @srv-app:3389" },
	{ 'c', 8, true, "svchost.exe", "services.exe", "svchost.exe -k netsvcs -p -s Schedule",
		"40n time.example:123\n25i wbemcomn.dll\n20r HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\"
		"TaskCache\\Tasks|Path|\\Microsoft\\Windows\\UpdateOrchestrator\\task-{n}\n"
		"10e ScheduledTaskUpdated|{\"TaskName\":\"\\\\Microsoft\\\\Windows\\\\UpdateOrchestrator\\\\task-{n}\"}" },
	{ 'c', 6, true, "svchost.exe", "services.exe", "svchost.exe -k NetworkService -p -s Dnscache", "90n @srv-dc:53" },
	{ 'c', 3, true, "powershell.exe", "gpscript.exe",
		"powershell.exe -NonInteractive -File \"C:\\ProgramData\\inventory\\collect.ps1\"",
		"90i amsi.dll\n80i System.Management.Automation.dll\n60e PowerShellCommand|{\"Command\":\"Get-CimInstance\"}\n"
		"60f C:\\ProgramData\\inventory\\|inventory-{n}.json\n50n @srv-app:443" },
	{ 'c', 3, true, "invtool.exe", "services.exe", "invtool.exe --collect --quiet",
		"60n @srv-app:443\n40f C:\\ProgramData\\inventory\\|inventory.log" },
	{ 'c', 4, true, "MsMpEng.exe", "services.exe", "\"MsMpEng.exe\"",
		"60n definitions.defender.example:443\n30e AntivirusScanCompleted|{\"ScanTypeIndex\":\"Quick\"}\n"
		"1e AntivirusDetection|{\"ThreatName\":\"PUA:Win32/Toolbar\",\"WasRemediated\":true}" },
	{ 'c', 3, true, "taskhostw.exe", "svchost.exe", "taskhostw.exe -RegisterDevice -ProtectionStateChanged", NULL },
	{ 'c', 2, true, "msiexec.exe", "services.exe", "C:\\Windows\\system32\\msiexec.exe /V",
		"60f C:\\Windows\\Installer\\|{n}a7.msi\n70r HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\"
		"Uninstall\\app-{n}|DisplayVersion|1.{n}.0\n30i msi.dll" },
	{ 'c', 2, true, "wmiprvse.exe", "svchost.exe", "C:\\Windows\\system32\\wbem\\wmiprvse.exe -Embedding", "40i wmiutils.dll" },
	{ 'c', 1, false, "explorer.exe", "userinit.exe", "C:\\Windows\\Explorer.EXE",
		"60r HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run|OneDrive|\"C:\\Program Files\\Microsoft OneDrive\\"
		"OneDrive.exe\" /background\n20e UsbDriveMounted|{\"DriveLetter\":\"E:\",\"ProductName\":\"DataStick {n}\"}" },
	{ 's', 14, true, "svchost.exe", "services.exe", "svchost.exe -k netsvcs -p -s Schedule", "40n time.example:123" },
	{ 's', 9, true, "svchost.exe", "services.exe", "svchost.exe -k NetworkService -p -s Dnscache", "90n @srv-dc:53" },
	{ 's', 10, true, "w3wp.exe", "svchost.exe", "w3wp.exe -ap \"DefaultAppPool\"",
		"70n @srv-sql:1433\n40f C:\\inetpub\\logs\\LogFiles\\W3SVC1\\|u_ex{n}.log" },
	{ 's', 5, true, "sqlservr.exe", "services.exe", "\"sqlservr.exe\" -sMSSQLSERVER",
		"50f C:\\backup\\|nightly-{n}.bak\n20d C:\\backup\\|nightly-{n}.bak" },
	{ 's', 5, true, "powershell.exe", "taskhostw.exe", "powershell.exe -NoProfile -File C:\\ops\\health-check.ps1",
		"90i amsi.dll\n60e PowerShellCommand|{\"Command\":\"Get-Service\"}\n40n @srv-app:443" },
	{ 's', 5, true, "MsMpEng.exe", "services.exe", "\"MsMpEng.exe\"", "60n definitions.defender.example:443" },
	{ 's', 3, true, "msiexec.exe", "services.exe", "C:\\Windows\\system32\\msiexec.exe /V",
		"70r HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\app-{n}|DisplayVersion|1.{n}.0" },
	{ 's', 2, true, "net.exe", "cmd.exe", "net.exe use \\\\srv-app-000\\deploy", "80n @srv-app:445" },
	{ 's', 2, true, "schtasks.exe", "cmd.exe", "schtasks.exe /query /fo csv", NULL },
	{ 'l', 16, true, "cron", "systemd", "/usr/sbin/CRON -f", NULL },
	{ 'l', 12, true, "logrotate", "cron", "logrotate /etc/logrotate.conf", "50m /var/log/|access.log.{n}" },
	{ 'l', 10, true, "nginx", "systemd", "nginx: worker process", "70n @srv-sql:1433\n20f /var/log/nginx/|access.log" },
	{ 'l', 8, false, "bash", "sshd", "-bash", "20n packages.example:443" },
	{ 'l', 4, true, "apt-get", "cron", "apt-get -qq update", "95n packages.example:443\n30f /var/lib/apt/lists/|packages-{n}" },
	{ 'l', 4, true, "curl", "bash", "curl -s https://health.contoso.example/ping", "98n health.contoso.example:443" },
	{ 'm', 10, false, "Safari", "launchd", "/Applications/Safari.app/Contents/MacOS/Safari",
		"90n www.search.example:443\n20f /Users/{u}/Downloads/|report-{n}.pdf" },
	{ 'm', 5, false, "zsh", "launchd", "-zsh", NULL },
	{ 'm', 3, false, "bash", "zsh", "bash build-{n}.sh", "50n git.contoso.example:443" },
};

/* What one device is told with. */
struct life {
	struct hunt_maker *maker;
	hunt_listener *listener;
	const struct machine *machine;
	struct hunt_process parents[8]; /* long-lived ones, made when first needed */
	unsigned parent_count;
	char who;
	unsigned total; /* sum of the weights */
};

char *hunt_text(const char *format, const char *account, unsigned number)
{
	GString *out = g_string_new(NULL);

	for (const char *c = format; *c != '\0'; c++) {
		if (strncmp(c, "{u}", 3) == 0)
			g_string_append(out, account != NULL ? account : "system");
		else if (strncmp(c, "{n}", 3) == 0)
			g_string_append_printf(out, "%03u", number);
		else {
			g_string_append_c(out, *c);
			continue;
		}
		c += 2;
	}
	return g_string_free(out, FALSE);
}

bool hunt_is_server_of(const struct machine *machine, const char *prefix)
{
	return machine->name != NULL && machine->last_ip != NULL && g_str_has_prefix(machine->name, prefix);
}

const struct machine *hunt_jump_host(const struct tenant *tenant)
{
	for (size_t i = 0; i < tenant->count; i++)
		if ((tenant->machines[i].story & STORY_JUMP_HOST) != 0)
			return &tenant->machines[i];
	return NULL;
}

/* One of the devices whose names begin so. */
static const struct machine *peer(struct life *life, const char *prefix, unsigned number)
{
	const struct tenant *tenant = life->maker->tenant;

	for (size_t i = 0; i < MIN(tenant->count, 400); i++) {
		const struct machine *m = &tenant->machines[(i + number) % tenant->count];

		if (hunt_is_server_of(m, prefix) && m != life->machine)
			return m;
	}
	return NULL;
}

static const struct hunt_process *parent_of(struct life *life, const struct activity *activity)
{
	struct hunt_process *process;
	const struct hunt_program *program = hunt_program(activity->parent);

	for (unsigned n = 0; n < life->parent_count; n++)
		if (life->parents[n].program == program)
			return &life->parents[n];
	if (life->parent_count == G_N_ELEMENTS(life->parents))
		return &life->parents[0];
	process = &life->parents[life->parent_count];
	*process = (struct hunt_process){ .program = program, .command = program->file, .id = 600 + 52 * life->parent_count,
		.created = life->maker->now - LIFE_DAYS * ISOTIME_TICKS_PER_DAY, .system = activity->system,
		.account = activity->system ? "system" : life->machine->account };
	life->parent_count++;
	return process;
}

static void tell_connection(struct life *life, struct hunt_event *event, const char *what, unsigned number)
{
	const char *colon = strrchr(what, ':');
	AUTO(g_free) char *host = g_strndup(what, (size_t)(colon - what)), *address = NULL;
	struct rng rng;

	event->kind = HUNT_CONNECTION;
	event->port = (int)strtoul(colon + 1, NULL, 10);
	event->action = number % 16 == 0 ? "ConnectionFailed" : number % 16 == 1 ? "ConnectionRequest" : "ConnectionSuccess";
	event->name = host;
	if (*host == '@') {
		event->peer = peer(life, host + 1, number);
		if (event->peer == NULL)
			return;
		event->name = NULL;
		address = g_strdup(event->peer->last_ip);
	} else {
		rng_init(&rng, 1, host, 0);
		address = g_strdup_printf("192.0.2.%u", rng_below(&rng, 240) + 10);
	}
	event->folder = address;
	life->listener(life->maker, event);
}

static void tell_named(struct life *life, struct hunt_event *event, char kind, const char *what)
{
	AUTO(g_strfreev) char **parts = g_strsplit(what, "|", 3);

	event->folder = parts[0];
	event->name = parts[1];
	event->data = parts[1] != NULL ? parts[2] : NULL;
	if (kind == 'f' || kind == 'd' || kind == 'm') {
		event->kind = HUNT_FILE;
		event->action = kind == 'f' ? "FileCreated" : kind == 'd' ? "FileDeleted" : "FileRenamed";
	} else if (kind == 'r') {
		event->kind = HUNT_REGISTRY;
		event->action = "RegistryValueSet";
	} else if (kind == 'i') {
		event->kind = HUNT_IMAGE;
		event->action = "ImageLoaded";
		event->name = parts[0];
		event->folder = CSP;
	} else {
		event->kind = HUNT_OTHER;
		event->action = parts[0];
		event->data = parts[1];
		event->name = event->folder = NULL;
	}
	life->listener(life->maker, event);
}

/* What a process does after it has begun. */
static void tell_doings(struct life *life, const struct hunt_process *process, const char *does)
{
	struct rng *rng = &life->maker->rng;
	AUTO(g_strfreev) char **lines = g_strsplit(does, "\n", -1);

	for (char **line = lines; *line != NULL && **line != '\0'; line++) {
		char *kind;
		unsigned percent = (unsigned)strtoul(*line, &kind, 10), number = rng_below(rng, 1000);
		struct hunt_event event = { .machine = life->machine, .by = process,
			.time = process->created + (int64_t)rng_below(rng, 1800) * ISOTIME_TICKS_PER_SECOND + rng_below(rng, 10000000) };

		if (!rng_percent(rng, percent) || event.time > life->maker->now)
			continue;
		AUTO(g_free) char *what = hunt_text(kind + 2, life->machine->account, number);

		if (*kind == 'n')
			tell_connection(life, &event, what, number);
		else
			tell_named(life, &event, *kind, what);
	}
}

static const struct activity *pick(struct life *life)
{
	unsigned roll = rng_below(&life->maker->rng, life->total);

	for (size_t n = 0;; n++) {
		if (activities[n].who != life->who)
			continue;
		if (roll < activities[n].weight)
			return &activities[n];
		roll -= activities[n].weight;
	}
}

/* More of it lately than long ago, and in working hours unless it is the system's. */
static int64_t pick_time(struct life *life, bool system)
{
	struct rng *rng = &life->maker->rng;
	unsigned span = rng_percent(rng, 60) ? 7 : LIFE_DAYS;
	int64_t age = (int64_t)(rng_next(rng) % (uint64_t)(span * ISOTIME_TICKS_PER_DAY));
	int64_t time = life->maker->now - age, day = time - time % ISOTIME_TICKS_PER_DAY;

	if (!system)
		time = day + (int64_t)(7 * 3600 + rng_below(rng, 10 * 3600)) * ISOTIME_TICKS_PER_SECOND + age % 10000000;
	return time >= life->maker->now ? time - ISOTIME_TICKS_PER_DAY : time;
}

static void tell_process(struct life *life, unsigned serial)
{
	const struct activity *activity = pick(life);
	unsigned number = rng_below(&life->maker->rng, 1000);
	AUTO(g_free) char *command = hunt_text(activity->command, life->machine->account, number);
	struct hunt_process process = { .program = hunt_program(activity->file), .command = command,
		.parent = parent_of(life, activity), .created = pick_time(life, activity->system), .id = 2000 + 4 * serial + number % 4,
		.account = activity->system ? "system" : life->machine->account, .system = activity->system };
	struct hunt_event event = { .kind = HUNT_PROCESS, .time = process.created, .action = "ProcessCreated",
		.machine = life->machine, .by = process.parent, .process = &process };

	life->listener(life->maker, &event);
	if (activity->does != NULL)
		tell_doings(life, &process, activity->does);
}

/* Who came in, at the keyboard or over the network. */
static void tell_logon(struct life *life, unsigned serial)
{
	struct rng *rng = &life->maker->rng;
	bool server = life->who == 's';
	struct hunt_event event = { .kind = HUNT_LOGON, .machine = life->machine, .time = pick_time(life, false),
		.action = rng_percent(rng, 4) ? "LogonFailed" : "LogonSuccess", .account = life->machine->account,
		.logon_type = serial % 5 == 4 ? "Unlock" : "Interactive" };
	const struct machine *from = peer(life, rng_percent(rng, 50) ? "ops-pc" : "fin-lt", rng_below(rng, 400));

	if (server && from != NULL) {
		event.logon_type = "Network";
		event.account = from->account;
		event.peer = from;
	}
	life->listener(life->maker, &event);
}

static char who_lives(const struct machine *m)
{
	if (!machine_is_onboarded(m) || g_strcmp0(m->health, "Active") != 0)
		return 0;
	if (machine_is_linux(m))
		return 'l';
	if (machine_is_mac(m))
		return 'm';
	return !machine_is_windows(m) ? 0 : machine_is_server(m) ? 's' : 'c';
}

static void tell_life(struct life *life, unsigned processes)
{
	rng_init(&life->maker->rng, life->maker->tenant->sim->options.seed, life->machine->id, 1);
	life->parent_count = 0;
	life->total = 0;
	for (size_t n = 0; n < G_N_ELEMENTS(activities); n++)
		life->total += activities[n].who == life->who ? activities[n].weight : 0;
	for (unsigned n = 0; n < processes; n++)
		tell_process(life, n);
	for (unsigned n = 0; n <= processes / 4; n++)
		tell_logon(life, n);
}

void hunt_tell(struct hunt_maker *maker, hunt_listener *listener)
{
	const struct tenant *tenant = maker->tenant;
	struct life life = { .maker = maker, .listener = listener };
	unsigned alive = 0, processes = maker->tenant->sim->options.hunting_rows / 100 * LIFE_SHARE;

	for (size_t i = 0; i < MIN(tenant->count, LIFE_DEVICES); i++)
		alive += who_lives(&tenant->machines[i]) != 0 ? 1 : 0;
	for (size_t i = 0; i < tenant->count; i++) {
		life.machine = &tenant->machines[i];
		life.who = who_lives(life.machine);
		if (i < LIFE_DEVICES && life.who != 0)
			tell_life(&life, CLAMP(processes / MAX(alive, 1U), 3U, (unsigned)LIFE_MOST));
		if ((life.machine->story & STORY_COMPROMISED) != 0)
			hunt_tell_story(maker, listener, life.machine);
	}
}
