/* The tables of events: each listens to what is told and writes down what is its own. */
#include "config.h"
#include "sim/hunt_life.h"

#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"

#define SYSTEM_SID "S-1-5-18"

static void put_account(struct hunt_maker *maker, const char *prefix, const char *account, bool system)
{
	AUTO(g_free) char *sid = NULL, *upn = NULL;
	char object[37], name[64];
	const char *texts[5] = { system ? "nt authority" : "contoso", account, SYSTEM_SID, NULL, NULL };
	static const char *const parts[] = { "AccountDomain", "AccountName", "AccountSid", "AccountUpn", "AccountObjectId" };

	if (account == NULL)
		return;
	if (!system) {
		hunt_account_object(account, object);
		texts[2] = sid = hunt_account_sid(account);
		texts[3] = upn = g_strdup_printf("%s@contoso.com", account);
		texts[4] = object;
	}
	for (size_t n = 0; n < G_N_ELEMENTS(parts); n++) {
		g_snprintf(name, sizeof name, "%s%s", prefix, parts[n]);
		if (hunt_has(maker, name))
			hunt_put(maker, name, texts[n]);
	}
}

/* A file's name, sums and size, under a prefix: "", "InitiatingProcess". */
static void put_file(struct hunt_maker *maker, const char *prefix, const char *file, int64_t size)
{
	struct hunt_sums sums;
	char name[64];
	const char *const texts[] = { sums.sha1, sums.sha256, sums.md5 };
	static const char *const parts[] = { "SHA1", "SHA256", "MD5" };

	hunt_sums(file, &sums);
	for (size_t n = 0; n < G_N_ELEMENTS(parts); n++) {
		g_snprintf(name, sizeof name, "%s%s", prefix, parts[n]);
		if (hunt_has(maker, name))
			hunt_put(maker, name, texts[n]);
	}
	g_snprintf(name, sizeof name, "%sFileSize", prefix);
	if (hunt_has(maker, name))
		hunt_put_int(maker, name, size);
}

static void put_version(struct hunt_maker *maker, const char *prefix, const struct hunt_program *program)
{
	const char *const texts[] = { program->company, program->product, program->version, program->file, program->file,
		program->description };
	static const char *const parts[] = { "CompanyName", "ProductName", "ProductVersion", "InternalFileName",
		"OriginalFileName", "FileDescription" };
	char name[64];

	for (size_t n = 0; n < G_N_ELEMENTS(parts) && program->company != NULL; n++) {
		g_snprintf(name, sizeof name, "%sVersionInfo%s", prefix, parts[n]);
		if (hunt_has(maker, name))
			hunt_put(maker, name, texts[n]);
	}
}

static char *path_of(const struct hunt_program *program)
{
	return g_strconcat(program->folder, program->file, NULL);
}

/* Unique for a device and a time, as the documentation asks: the same for a process wherever it is named. */
static char *unique_of(const struct hunt_process *process)
{
	return g_strdup_printf("%lld", (long long)(process->id + process->created % 1000000000 * 100000));
}

static void put_parent(struct hunt_maker *maker, const struct hunt_process *parent)
{
	if (parent == NULL || !hunt_has(maker, "InitiatingProcessParentFileName"))
		return;
	hunt_put(maker, "InitiatingProcessParentFileName", parent->program->file);
	hunt_put_int(maker, "InitiatingProcessParentId", parent->id);
	hunt_put_int(maker, "InitiatingProcessParentCreationTime", parent->created);
}

static void put_initiator(struct hunt_maker *maker, const struct hunt_process *by)
{
	AUTO(g_free) char *path = path_of(by->program);

	hunt_put(maker, "InitiatingProcessFileName", by->program->file);
	hunt_put(maker, "InitiatingProcessFolderPath", path);
	hunt_put(maker, "InitiatingProcessCommandLine", by->command);
	hunt_put_int(maker, "InitiatingProcessId", by->id);
	hunt_put_int(maker, "InitiatingProcessCreationTime", by->created);
	put_file(maker, "InitiatingProcess", by->program->file, by->program->size);
	put_version(maker, "InitiatingProcess", by->program);
	put_account(maker, "InitiatingProcess", by->account, by->system);
	if (hunt_has(maker, "InitiatingProcessIntegrityLevel"))
		hunt_put(maker, "InitiatingProcessIntegrityLevel", by->system ? "System" : "Medium");
	if (hunt_has(maker, "InitiatingProcessTokenElevation"))
		hunt_put(maker, "InitiatingProcessTokenElevation", by->system ? "TokenElevationTypeDefault" :
			"TokenElevationTypeLimited");
	if (hunt_has(maker, "InitiatingProcessUniqueId")) {
		AUTO(g_free) char *unique = unique_of(by);

		hunt_put(maker, "InitiatingProcessUniqueId", unique);
	}
	put_parent(maker, by->parent);
}

static void begin(struct hunt_maker *maker, const struct hunt_event *event)
{
	hunt_put_int(maker, "ReportId", (int64_t)table_rows(maker->table) + 1);
	hunt_put_int(maker, "Timestamp", event->time);
	hunt_put_device(maker, event->machine);
	hunt_put(maker, "ActionType", event->action);
	if (event->by != NULL)
		put_initiator(maker, event->by);
}

/* ---- processes */

static void on_process(struct hunt_maker *maker, const struct hunt_event *event)
{
	const struct hunt_process *process = event->process;

	if (event->kind != HUNT_PROCESS)
		return;
	AUTO(g_free) char *path = path_of(process->program);

	begin(maker, event);
	hunt_put(maker, "FileName", process->program->file);
	hunt_put(maker, "FolderPath", path);
	put_file(maker, "", process->program->file, process->program->size);
	put_version(maker, "Process", process->program);
	put_account(maker, "", process->account, process->system);
	hunt_put_int(maker, "ProcessId", process->id);
	hunt_put(maker, "ProcessCommandLine", process->command);
	hunt_put_int(maker, "ProcessCreationTime", process->created);
	hunt_put(maker, "ProcessIntegrityLevel", process->system ? "System" : "Medium");
	hunt_put(maker, "ProcessTokenElevation", process->system ? "TokenElevationTypeDefault" : "TokenElevationTypeLimited");
	hunt_put_int(maker, "LogonId", process->system ? 999 : 312450 + process->id % 7);
	hunt_end_row(maker);
}

void hunt_make_processes(struct hunt_maker *maker)
{
	hunt_tell(maker, on_process);
}

/* ---- logons */

static void on_logon(struct hunt_maker *maker, const struct hunt_event *event)
{
	bool failed = strcmp(event->action, "LogonFailed") == 0, deploys;

	if (event->kind != HUNT_LOGON)
		return;
	deploys = g_strcmp0(event->account, HUNT_JUMP_ACCOUNT) == 0;
	begin(maker, event);
	hunt_put(maker, "LogonType", event->logon_type);
	put_account(maker, "", event->account, false);
	hunt_put(maker, "Protocol", event->peer != NULL ? "NTLM" : "Kerberos");
	hunt_put_int(maker, "IsLocalAdmin", deploys);
	if (failed)
		hunt_put(maker, "FailureReason", "InvalidUserNameOrPassword");
	else
		hunt_put_int(maker, "LogonId", 300000 + (int64_t)table_rows(maker->table));
	if (event->peer != NULL) {
		hunt_put(maker, "RemoteDeviceName", event->peer->name);
		hunt_put(maker, "RemoteIP", event->peer->last_ip);
		hunt_put(maker, "RemoteIPType", "Private");
	}
	hunt_end_row(maker);
}

void hunt_make_logons(struct hunt_maker *maker)
{
	hunt_tell(maker, on_logon);
}

/* ---- connections */

static void on_connection(struct hunt_maker *maker, const struct hunt_event *event)
{
	if (event->kind != HUNT_CONNECTION)
		return;
	begin(maker, event);
	hunt_put(maker, "RemoteIP", event->folder);
	hunt_put_int(maker, "RemotePort", event->port);
	hunt_put(maker, "RemoteUrl", event->name);
	hunt_put(maker, "LocalIP", event->machine->last_ip);
	hunt_put_int(maker, "LocalPort", 49152 + (event->time / 1000 + event->by->id) % 16384);
	hunt_put(maker, "LocalIPType", "Private");
	hunt_put(maker, "Protocol", event->port == 53 || event->port == 123 || event->port == 3478 ? "Udp" : "Tcp");
	hunt_put(maker, "RemoteIPType", event->peer != NULL ? "Private" : "Public");
	hunt_end_row(maker);
}

void hunt_make_connections(struct hunt_maker *maker)
{
	hunt_tell(maker, on_connection);
}

/* ---- files, libraries, registry, the rest */

static int64_t size_of(const char *file)
{
	struct rng rng;

	if (strcmp(file, "cfg.dat") == 0)
		return 184320;
	rng_init(&rng, 2, file, 0);
	return 1024 + (int64_t)rng_below(&rng, 4000000);
}

static void on_file(struct hunt_maker *maker, const struct hunt_event *event)
{
	if (event->kind != HUNT_FILE)
		return;
	AUTO(g_free) char *path = g_strconcat(event->folder, event->name, NULL);

	begin(maker, event);
	hunt_put(maker, "FileName", event->name);
	hunt_put(maker, "FolderPath", path);
	put_file(maker, "", event->name, size_of(event->name));
	hunt_put(maker, "FileOriginUrl", event->data);
	if (event->data != NULL)
		hunt_put(maker, "FileOriginIP", HUNT_CALL_HOME_IP);
	if (strcmp(event->action, "FileRenamed") == 0)
		hunt_put(maker, "PreviousFolderPath", event->folder);
	put_account(maker, "Request", event->by->account, event->by->system);
	hunt_end_row(maker);
}

void hunt_make_files(struct hunt_maker *maker)
{
	hunt_tell(maker, on_file);
}

static void on_image(struct hunt_maker *maker, const struct hunt_event *event)
{
	if (event->kind != HUNT_IMAGE)
		return;
	AUTO(g_free) char *path = g_strconcat(event->folder, event->name, NULL);

	begin(maker, event);
	hunt_put(maker, "FileName", event->name);
	hunt_put(maker, "FolderPath", path);
	put_file(maker, "", event->name, size_of(event->name));
	hunt_end_row(maker);
}

void hunt_make_images(struct hunt_maker *maker)
{
	hunt_tell(maker, on_image);
}

static void on_registry(struct hunt_maker *maker, const struct hunt_event *event)
{
	if (event->kind != HUNT_REGISTRY)
		return;
	begin(maker, event);
	hunt_put(maker, "RegistryKey", event->folder);
	hunt_put(maker, "RegistryValueName", event->name);
	hunt_put(maker, "RegistryValueData", event->data);
	hunt_put(maker, "RegistryValueType", "String");
	hunt_end_row(maker);
}

void hunt_make_registry(struct hunt_maker *maker)
{
	hunt_tell(maker, on_registry);
}

static void on_other(struct hunt_maker *maker, const struct hunt_event *event)
{
	if (event->kind != HUNT_OTHER)
		return;
	begin(maker, event);
	hunt_put(maker, "AdditionalFields", event->data);
	if (event->name != NULL) {
		hunt_put(maker, "FileName", event->name);
		hunt_put(maker, "FolderPath", event->folder);
		put_file(maker, "", event->name, size_of(event->name));
	}
	hunt_end_row(maker);
}

void hunt_make_others(struct hunt_maker *maker)
{
	hunt_tell(maker, on_other);
}

/* ---- certificates: one row for each device and signed program that runs there */

static void on_certificate(struct hunt_maker *maker, const struct hunt_event *event)
{
	const struct hunt_program *program = event->kind == HUNT_PROCESS ? event->process->program : NULL;
	struct hunt_sums sums;
	AUTO(g_free) char *key = NULL;

	if (program == NULL || program->company == NULL)
		return;
	key = g_strconcat(event->machine->id, program->file, NULL);
	if (!g_hash_table_add(maker->seen, g_steal_pointer(&key)))
		return;
	hunt_sums(program->file, &sums);
	hunt_put_int(maker, "Timestamp", event->time);
	hunt_put_device(maker, event->machine);
	hunt_put(maker, "SHA1", sums.sha1);
	hunt_put_int(maker, "IsSigned", program->signer != NULL);
	hunt_put_int(maker, "IsTrusted", program->signer != NULL);
	hunt_put_int(maker, "IsRootSignerMicrosoft", program->signer != NULL && g_str_has_prefix(program->signer, "Microsoft"));
	if (program->signer != NULL) {
		hunt_put(maker, "SignatureType", "Embedded");
		hunt_put(maker, "Signer", program->signer);
		hunt_put(maker, "Issuer", g_str_has_prefix(program->signer, "Microsoft") ? "Microsoft Windows Production PCA 2011" :
			"Example Trust Code Signing CA");
		hunt_sums(program->signer, &sums);
		hunt_put(maker, "SignerHash", sums.sha1);
	}
	hunt_put_int(maker, "ReportId", (int64_t)table_rows(maker->table));
	hunt_end_row(maker);
}

void hunt_make_certificates(struct hunt_maker *maker)
{
	hunt_tell(maker, on_certificate);
}
