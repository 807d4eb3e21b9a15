#include "config.h"
#include "sim/hunt.h"

#include <stdbool.h>
#include <string.h>

#include "core/auto.h"
#include "sim/hunt_functions.h"
#include "sim/hunt_schema.h"

struct hunt {
	struct tenant *tenant;
	GHashTable *tables; /* name -> struct table * */
	char **names;
};

static const struct {
	const char *name;
	void (*make)(struct hunt_maker *maker);
} makers[] = {
	{ "DeviceInfo", hunt_make_devices },
	{ "DeviceNetworkInfo", hunt_make_networks },
	{ "DeviceTvmSoftwareInventory", hunt_make_inventory },
	{ "DeviceTvmSoftwareVulnerabilities", hunt_make_vulnerabilities },
	{ "DeviceProcessEvents", hunt_make_processes },
	{ "DeviceLogonEvents", hunt_make_logons },
	{ "DeviceNetworkEvents", hunt_make_connections },
	{ "DeviceFileEvents", hunt_make_files },
	{ "DeviceImageLoadEvents", hunt_make_images },
	{ "DeviceRegistryEvents", hunt_make_registry },
	{ "DeviceEvents", hunt_make_others },
	{ "DeviceFileCertificateInfo", hunt_make_certificates },
	{ "AlertInfo", hunt_make_alerts },
	{ "AlertEvidence", hunt_make_evidence },
	{ "IdentityInfo", hunt_make_identities },
	{ "IdentityLogonEvents", hunt_make_identity_logons },
	{ "EntraIdSignInEvents", hunt_make_sign_ins },
	{ "AADSignInEventsBeta", hunt_make_sign_ins },
	{ "EmailEvents", hunt_make_mails },
	{ "EmailAttachmentInfo", hunt_make_attachments },
	{ "EmailUrlInfo", hunt_make_mail_urls },
	{ "DeviceTvmSoftwareVulnerabilitiesKB", hunt_make_known_vulnerabilities },
	{ "DeviceTvmSecureConfigurationAssessment", hunt_make_configurations },
	{ "DeviceTvmSecureConfigurationAssessmentKB", hunt_make_known_configurations },
	{ "Machines", hunt_make_machines },
};

struct hunt *hunt_new(struct tenant *tenant)
{
	struct hunt *hunt = g_new0(struct hunt, 1);
	size_t count = 0;

	hunt->tenant = tenant;
	hunt->tables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)table_free);
	for (const char *const *schema = hunt_schema; *schema != NULL; schema++)
		count++;
	hunt->names = g_new0(char *, count + 1);
	for (size_t n = 0; n < count; n++)
		hunt->names[n] = g_strndup(hunt_schema[n], strcspn(hunt_schema[n], " "));
	return hunt;
}

void hunt_free(struct hunt *hunt)
{
	if (hunt == NULL)
		return;
	g_hash_table_unref(hunt->tables);
	g_strfreev(hunt->names);
	g_free(hunt);
}

const char *const *hunt_names(const struct hunt *hunt)
{
	return (const char *const *)hunt->names;
}

int64_t hunt_now(const struct hunt *hunt)
{
	return sim_now(hunt->tenant->sim);
}

static enum column_type type_of(char letter)
{
	switch (letter) {
	case 'l':
		return COLUMN_LONG;
	case 'i':
		return COLUMN_INT;
	case 'b':
		return COLUMN_BOOL;
	case 'd':
		return COLUMN_DATETIME;
	case 'r':
		return COLUMN_REAL;
	case 'y':
		return COLUMN_DYNAMIC;
	case 'g':
		return COLUMN_GUID;
	case 't':
		return COLUMN_TIMESPAN;
	default:
		return COLUMN_STRING;
	}
}

/* The documented table without rows; NULL if it is not documented. */
static struct table *empty_table(const char *const *schemas, const char *name)
{
	size_t length = strlen(name);
	struct table *table;

	for (const char *const *schema = schemas; *schema != NULL; schema++) {
		if (strncmp(*schema, name, length) != 0 || (*schema)[length] != ' ')
			continue;
		AUTO(g_strfreev) char **words = g_strsplit(*schema + length + 1, " ", -1);

		table = table_new(name);
		for (char **word = words; *word != NULL; word++) {
			char *colon = strchr(*word, ':');

			*colon = '\0';
			table_add(table, column_new(*word, type_of(colon[1])));
		}
		return table;
	}
	return NULL;
}

static void fill(struct hunt *hunt, struct table *table)
{
	struct hunt_maker maker = { .tenant = hunt->tenant, .table = table, .now = hunt->tenant->sim->start,
		.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), .hunt = hunt };

	maker.columns = g_hash_table_new(g_str_hash, g_str_equal);
	for (size_t i = 0; i < table_columns(table); i++)
		g_hash_table_insert(maker.columns, (char *)column_name(table_column(table, i)), table_column(table, i));
	if (table_name(table)[0] == '_')
		hunt_make_hidden(&maker);
	for (size_t i = 0; i < G_N_ELEMENTS(makers); i++)
		if (strcmp(makers[i].name, table_name(table)) == 0)
			makers[i].make(&maker);
	hunt_make_more(&maker);
	g_hash_table_unref(maker.columns);
	g_hash_table_unref(maker.seen);
}

const struct table *hunt_table(struct hunt *hunt, const char *name)
{
	struct table *table = g_hash_table_lookup(hunt->tables, name);

	if (table != NULL)
		return table;
	table = empty_table(hunt_schema, name);
	if (table == NULL)
		table = empty_table(hunt_hidden_schema, name);
	if (table == NULL)
		return NULL;
	fill(hunt, table);
	g_hash_table_insert(hunt->tables, g_strdup(name), table);
	return table;
}

static struct column *column_of(struct hunt_maker *maker, const char *name)
{
	struct column *column = g_hash_table_lookup(maker->columns, name);

	g_assert(column != NULL);
	return column;
}

bool hunt_has(struct hunt_maker *maker, const char *name)
{
	return g_hash_table_contains(maker->columns, name);
}

void hunt_put(struct hunt_maker *maker, const char *name, const char *text)
{
	if (text != NULL)
		column_append_text(column_of(maker, name), text, strlen(text));
}

void hunt_put_int(struct hunt_maker *maker, const char *name, int64_t number)
{
	column_append_int(column_of(maker, name), number);
}

void hunt_put_real(struct hunt_maker *maker, const char *name, double number)
{
	column_append_real(column_of(maker, name), number);
}

void hunt_put_device(struct hunt_maker *maker, const struct machine *machine)
{
	hunt_put(maker, "DeviceId", machine->id);
	hunt_put(maker, "DeviceName", machine->name);
}

char *hunt_account_sid(const char *account)
{
	struct rng rng;

	/* A person's account ends in a number, as the device reports have it. */
	if (account[0] == 'u' && g_ascii_isdigit(account[1]))
		return g_strdup_printf("S-1-5-21-1004336348-1177238915-682003330-%s", account + 1);
	rng_init(&rng, 3, account, 0);
	return g_strdup_printf("S-1-5-21-1004336348-1177238915-682003330-%u", 500 + rng_below(&rng, 400));
}

void hunt_account_object(const char *account, char object[37])
{
	struct rng rng;

	rng_init(&rng, 4, account, 0);
	rng_guid(&rng, object);
}

void hunt_end_row(struct hunt_maker *maker)
{
	size_t rows = 0;

	for (size_t i = 0; i < table_columns(maker->table); i++)
		rows = MAX(rows, column_rows(table_column(maker->table, i)));
	for (size_t i = 0; i < table_columns(maker->table); i++)
		if (column_rows(table_column(maker->table, i)) < rows)
			column_append_null(table_column(maker->table, i));
}
