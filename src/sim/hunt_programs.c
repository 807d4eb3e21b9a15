#include "config.h"
#include "sim/hunt_life.h"

#include <string.h>

#define MS "Microsoft Corporation"
#define WIN "Microsoft\302\256 Windows\302\256 Operating System"
#define SYS "C:\\Windows\\System32\\"
#define WINVER "10.0.22621.3672"

const struct hunt_program hunt_programs[] = {
	{ "services.exe", SYS, MS, WIN, WINVER, "Services and Controller app", "Microsoft Windows Publisher", 716544 },
	{ "svchost.exe", SYS, MS, WIN, WINVER, "Host Process for Windows Services", "Microsoft Windows Publisher", 79920 },
	{ "explorer.exe", "C:\\Windows\\", MS, WIN, WINVER, "Windows Explorer", "Microsoft Windows", 5261232 },
	{ "userinit.exe", SYS, MS, WIN, WINVER, "Userinit Logon Application", "Microsoft Windows", 63488 },
	{ "gpscript.exe", SYS, MS, WIN, WINVER, "Group Policy Script Application", "Microsoft Windows", 45056 },
	{ "taskhostw.exe", SYS, MS, WIN, WINVER, "Host Process for Windows Tasks", "Microsoft Windows", 118784 },
	{ "cmd.exe", SYS, MS, WIN, WINVER, "Windows Command Processor", "Microsoft Windows", 323584 },
	{ "conhost.exe", SYS, MS, WIN, WINVER, "Console Window Host", "Microsoft Windows", 1040384 },
	{ "powershell.exe", SYS "WindowsPowerShell\\v1.0\\", MS, WIN, WINVER, "Windows PowerShell", "Microsoft Windows", 450560 },
	{ "rundll32.exe", SYS, MS, WIN, WINVER, "Windows host process (Rundll32)", "Microsoft Windows", 71680 },
	{ "regsvr32.exe", SYS, MS, WIN, WINVER, "Microsoft(C) Register Server", "Microsoft Windows", 32768 },
	{ "reg.exe", SYS, MS, WIN, WINVER, "Registry Console Tool", "Microsoft Windows", 77824 },
	{ "schtasks.exe", SYS, MS, WIN, WINVER, "Task Scheduler Configuration Tool", "Microsoft Windows", 235008 },
	{ "wmiprvse.exe", SYS "wbem\\", MS, WIN, WINVER, "WMI Provider Host", "Microsoft Windows", 498688 },
	{ "wevtutil.exe", SYS, MS, WIN, WINVER, "Eventing Command Line Utility", "Microsoft Windows", 240640 },
	{ "whoami.exe", SYS, MS, WIN, WINVER, "whoami - displays logged on user information", "Microsoft Windows", 73728 },
	{ "net.exe", SYS, MS, WIN, WINVER, "Net Command", "Microsoft Windows", 59392 },
	{ "net1.exe", SYS, MS, WIN, WINVER, "Net Command", "Microsoft Windows", 183808 },
	{ "nltest.exe", SYS, MS, WIN, WINVER, "Microsoft\302\256 Logon Server Test Utility", "Microsoft Windows", 573440 },
	{ "ipconfig.exe", SYS, MS, WIN, WINVER, "IP Configuration Utility", "Microsoft Windows", 36864 },
	{ "mstsc.exe", SYS, MS, WIN, WINVER, "Remote Desktop Connection", "Microsoft Windows", 1323008 },
	{ "notepad.exe", SYS, MS, WIN, WINVER, "Notepad", "Microsoft Windows", 360448 },
	{ "msiexec.exe", SYS, MS, WIN, WINVER, "Windows\302\256 installer", "Microsoft Windows", 176128 },
	{ "certutil.exe", SYS, MS, WIN, WINVER, "CertUtil.exe", "Microsoft Windows", 1654784 },
	{ "w3wp.exe", SYS "inetsrv\\", MS, "Internet Information Services", "10.0.20348.1", "IIS Worker Process",
		"Microsoft Windows", 35328 },
	{ "sqlservr.exe", "C:\\Program Files\\Microsoft SQL Server\\MSSQL12.MSSQLSERVER\\MSSQL\\Binn\\", MS,
		"Microsoft SQL Server", "12.0.6024.0", "SQL Server Windows NT - 64 Bit", MS, 373408 },
	{ "MsMpEng.exe", "C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24080.9-0\\", MS, WIN, "4.18.24080.9",
		"Antimalware Service Executable", "Microsoft Windows Publisher", 140576 },
	{ "SenseIR.exe", "C:\\Program Files\\Windows Defender Advanced Threat Protection\\", MS, WIN, "10.8750.22631.4037",
		"Windows Defender Advanced Threat Protection Sense IR module", "Microsoft Windows Publisher", 2842624 },
	{ "outlook.exe", "C:\\Program Files\\Microsoft Office\\root\\Office16\\", MS, "Microsoft Outlook", "16.0.17928.20216",
		"Microsoft Outlook", MS, 43283648 },
	{ "winword.exe", "C:\\Program Files\\Microsoft Office\\root\\Office16\\", MS, "Microsoft Office", "16.0.17928.20216",
		"Microsoft Word", MS, 1620592 },
	{ "excel.exe", "C:\\Program Files\\Microsoft Office\\root\\Office16\\", MS, "Microsoft Office", "16.0.17928.20216",
		"Microsoft Excel", MS, 66121328 },
	{ "ms-teams.exe", "C:\\Program Files\\WindowsApps\\MSTeams_24243.1309.3132.617_x64__8wekyb3d8bbwe\\", MS,
		"Microsoft Teams", "24243.1309.3132.617", "Microsoft Teams", MS, 349184 },
	{ "OneDrive.exe", "C:\\Program Files\\Microsoft OneDrive\\", MS, "Microsoft OneDrive", "24.180.0905.0001",
		"Microsoft OneDrive", MS, 4529152 },
	{ "msedge.exe", "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\", MS, "Microsoft Edge", "130.0.2849.68",
		"Microsoft Edge", MS, 4019752 },
	{ "chrome.exe", "C:\\Program Files\\Google\\Chrome\\Application\\", "Google LLC", "Google Chrome", "130.0.6723.117",
		"Google Chrome", "Google LLC", 2848872 },
	{ "AcroRd32.exe", "C:\\Program Files (x86)\\Adobe\\Acrobat Reader DC\\Reader\\", "Adobe Systems Incorporated",
		"Adobe Acrobat Reader DC", "23.6.20320.0", "Adobe Acrobat Reader DC", "Adobe Inc.", 3405056 },
	{ "7zFM.exe", "C:\\Program Files\\7-Zip\\", "Igor Pavlov", "7-Zip", "24.08", "7-Zip File Manager", NULL, 963072 },
	{ "WinRAR.exe", "C:\\Program Files\\WinRAR\\", "Alexander Roshal", "WinRAR", "6.22.0", "WinRAR archiver",
		"win.rar GmbH", 2713088 },
	{ "invtool.exe", "C:\\ProgramData\\inventory\\", "Contoso Ltd.", "Inventory", "1.4.0.0", "Contoso inventory agent", NULL,
		204800 },
	{ "git.exe", "C:\\Program Files\\Git\\cmd\\", "The Git Development Community", "Git", "2.46.0.1", "Git for Windows",
		"Johannes Schindelin", 46488 },
	{ "python.exe", "C:\\Python312\\", "Python Software Foundation", "Python", "3.12.5", "Python",
		"Python Software Foundation", 103192 },
	{ "bash", "/usr/bin/", NULL, NULL, NULL, NULL, NULL, 1396520 },
	{ "sshd", "/usr/sbin/", NULL, NULL, NULL, NULL, NULL, 917192 },
	{ "cron", "/usr/sbin/", NULL, NULL, NULL, NULL, NULL, 55944 },
	{ "systemd", "/usr/lib/systemd/", NULL, NULL, NULL, NULL, NULL, 100816 },
	{ "nginx", "/usr/sbin/", NULL, NULL, NULL, NULL, NULL, 1240136 },
	{ "apt-get", "/usr/bin/", NULL, NULL, NULL, NULL, NULL, 51592 },
	{ "curl", "/usr/bin/", NULL, NULL, NULL, NULL, NULL, 260328 },
	{ "logrotate", "/usr/sbin/", NULL, NULL, NULL, NULL, NULL, 94912 },
	{ "launchd", "/sbin/", NULL, NULL, NULL, NULL, "Software Signing", 802352 },
	{ "Safari", "/Applications/Safari.app/Contents/MacOS/", NULL, NULL, NULL, NULL, "Software Signing", 250912 },
	{ "zsh", "/bin/", NULL, NULL, NULL, NULL, "Software Signing", 1361200 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0 },
};

const struct hunt_program *hunt_program(const char *file)
{
	for (const struct hunt_program *program = hunt_programs; program->file != NULL; program++)
		if (strcmp(program->file, file) == 0)
			return program;
	return NULL;
}

void hunt_sums(const char *file, struct hunt_sums *sums)
{
	struct rng rng;

	rng_init(&rng, 1, file, 0);
	rng_hex(&rng, sums->sha1, 40);
	rng_hex(&rng, sums->sha256, 64);
	rng_hex(&rng, sums->md5, 32);
	if (strcmp(file, "cfg.dat") == 0)
		g_strlcpy(sums->sha1, HUNT_DROPPED_SHA1, sizeof sums->sha1);
}
