/* The functions that the hunting service adds to the language, as texts of the language over tables that no query names by
 * itself (defender-xdr/advanced-hunting-fileprofile-function.md and its siblings: seenby, devicefromip,
 * assignedipaddresses). */
#include "config.h"
#include "sim/hunt_functions.h"

#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "sim/hunt_life.h"

const char *const hunt_hidden_schema[] = {
	"_FileProfiles fp_key:s fp_SHA1:s fp_SHA256:s fp_MD5:s fp_FileSize:i fp_Prevalence:i fp_First:d fp_Last:d fp_Signer:s "
	"fp_Issuer:s fp_SignerHash:s fp_Valid:b fp_Root:b fp_State:s fp_Executable:b fp_Threat:s fp_Publisher:s fp_Software:s",
	"_SeenBy sb_key:s sb_DeviceId:s",
	"_Addresses ad_IP:s ad_DeviceId:s ad_DeviceName:s ad_Timestamp:d",
	NULL,
};

/* Only the first y rows are looked up, as in the service; y is at most 1,000. */
#define PROFILE "T\n" \
	"| serialize fp_row = row_number()\n" \
	"| extend fp_key = tolower(iff(fp_row <= min_of(y, 1000), tostring(column_ifexists(x, '')), ''))\n" \
	"| lookup kind=leftouter _FileProfiles on fp_key\n" \
	"| extend SHA1 = iff(isempty(fp_SHA1), column_ifexists('SHA1', ''), fp_SHA1), " \
	"SHA256 = iff(isempty(fp_SHA1), column_ifexists('SHA256', ''), fp_SHA256), " \
	"MD5 = iff(isempty(fp_SHA1), column_ifexists('MD5', ''), fp_MD5), FileSize = fp_FileSize, " \
	"GlobalPrevalence = fp_Prevalence, GlobalFirstSeen = fp_First, GlobalLastSeen = fp_Last, Signer = fp_Signer, " \
	"Issuer = fp_Issuer, SignerHash = fp_SignerHash, IsCertificateValid = fp_Valid, IsRootSignerMicrosoft = fp_Root, " \
	"SignatureState = fp_State, IsExecutable = fp_Executable, ThreatName = fp_Threat, Publisher = fp_Publisher, " \
	"SoftwareName = fp_Software, ProfileAvailability = iff(isempty(fp_SHA1), 'Missing', 'Available')\n" \
	"| project-away fp_*"

const char *const hunt_functions =
	"let FileProfile = (T:(*), x:string='SHA1', y:long=100) { " PROFILE " };\n"
	"let SeenBy = (T:(*), x:string='DeviceId') { T | extend sb_key = tostring(column_ifexists(x, '')) "
	"| join kind=inner _SeenBy on sb_key | extend DeviceId = sb_DeviceId | project-away sb_* };\n"
	"let DeviceFromIP = (T:(*), x:string='IP', y:datetime=datetime(null)) { T | extend IP = tostring(column_ifexists(x, '')) "
	"| lookup kind=leftouter (_Addresses | project ad_IP, ad_DeviceId) on $left.IP == $right.ad_IP "
	"| extend DeviceId = ad_DeviceId | project-away ad_* };\n"
	"let AssignedIPAddresses = (x:string, y:datetime=datetime(null)) { _Addresses "
	"| where ad_DeviceId =~ x or ad_DeviceName =~ x | where isnull(y) or ad_Timestamp <= y or ad_Timestamp > y "
	"| project Timestamp = ad_Timestamp, IPAddress = ad_IP, IPType = 'Private', NetworkAdapterType = int(6), "
	"ConnectedNetworks = int(1) };\n";

static void put_profile(struct hunt_maker *maker, const char *file, const struct hunt_program *program)
{
	struct hunt_sums sums, signer;
	const char *const keys[] = { sums.sha1, sums.sha256, sums.md5 };
	struct rng rng;
	bool known = program != NULL, dropped = strcmp(file, "cfg.dat") == 0;
	unsigned prevalence;

	hunt_sums(file, &sums);
	rng_init(&rng, 9, file, 0);
	prevalence = known ? 100000 + rng_below(&rng, 40000000) : dropped ? 3 : 1 + rng_below(&rng, 500);
	if (known && program->signer != NULL)
		hunt_sums(program->signer, &signer);
	for (size_t n = 0; n < G_N_ELEMENTS(keys); n++) {
		bool is_signed = known && program->signer != NULL;

		hunt_put(maker, "fp_key", keys[n]);
		hunt_put(maker, "fp_SHA1", sums.sha1);
		hunt_put(maker, "fp_SHA256", sums.sha256);
		hunt_put(maker, "fp_MD5", sums.md5);
		hunt_put_int(maker, "fp_FileSize", known ? program->size : dropped ? 184320 : 4096);
		hunt_put_int(maker, "fp_Prevalence", prevalence);
		hunt_put_int(maker, "fp_First", maker->now - (known ? 700 : 2) * ISOTIME_TICKS_PER_DAY);
		hunt_put_int(maker, "fp_Last", maker->now - ISOTIME_TICKS_PER_DAY / 24);
		hunt_put(maker, "fp_Signer", is_signed ? program->signer : NULL);
		hunt_put(maker, "fp_Issuer", is_signed ? "Example Trust Code Signing CA" : NULL);
		hunt_put(maker, "fp_SignerHash", is_signed ? signer.sha1 : NULL);
		hunt_put_int(maker, "fp_Valid", is_signed);
		hunt_put_int(maker, "fp_Root", is_signed && g_str_has_prefix(program->signer, "Microsoft"));
		hunt_put(maker, "fp_State", is_signed ? "SignedValid" : "Unsigned");
		hunt_put_int(maker, "fp_Executable", known || dropped);
		hunt_put(maker, "fp_Threat", dropped ? "Trojan:Win64/Loadcfg.A" : NULL);
		hunt_put(maker, "fp_Publisher", known ? program->company : NULL);
		hunt_put(maker, "fp_Software", known ? program->product : NULL);
		hunt_end_row(maker);
	}
}

/* Of files that come and go only the story's are known; the rest of the world has not seen them. */
static void make_profiles(struct hunt_maker *maker)
{
	static const char *const others[] = { "cfg.dat", HUNT_LURE, "debug.bin" };

	for (const struct hunt_program *program = hunt_programs; program->file != NULL; program++)
		put_profile(maker, program->file, program);
	for (size_t n = 0; n < G_N_ELEMENTS(others); n++)
		put_profile(maker, others[n], NULL);
}

/* A device that is not onboarded was seen by two that are. */
static void make_seen(struct hunt_maker *maker)
{
	const struct tenant *tenant = maker->tenant;

	for (size_t i = 0; i < tenant->count; i++) {
		unsigned seen = 0;

		for (size_t n = 1; !machine_is_onboarded(&tenant->machines[i]) && n < MIN(tenant->count, 200) && seen < 2; n++) {
			const struct machine *by = &tenant->machines[(i + n) % tenant->count];

			if (!machine_is_onboarded(by) || g_strcmp0(by->health, "Active") != 0)
				continue;
			hunt_put(maker, "sb_key", tenant->machines[i].id);
			hunt_put(maker, "sb_DeviceId", by->id);
			hunt_end_row(maker);
			seen++;
		}
	}
}

static void make_addresses(struct hunt_maker *maker)
{
	const struct tenant *tenant = maker->tenant;

	for (size_t i = 0; i < tenant->count; i++) {
		const struct machine *m = &tenant->machines[i];

		if (m->last_ip == NULL || maker->now - m->last_seen > 28 * ISOTIME_TICKS_PER_DAY)
			continue;
		hunt_put(maker, "ad_IP", m->last_ip);
		hunt_put(maker, "ad_DeviceId", m->id);
		hunt_put(maker, "ad_DeviceName", m->name);
		hunt_put_int(maker, "ad_Timestamp", m->last_seen);
		hunt_end_row(maker);
	}
}

void hunt_make_hidden(struct hunt_maker *maker)
{
	const char *name = table_name(maker->table);

	if (strcmp(name, "_FileProfiles") == 0)
		make_profiles(maker);
	else if (strcmp(name, "_SeenBy") == 0)
		make_seen(maker);
	else
		make_addresses(maker);
}
