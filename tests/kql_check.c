/* tests/kql_check [-0] [-t TABLE] SCHEMA.json < TEXTS: whether the language takes each text (one a line; with -0 each
 * ended by a NUL), a query over the schema's tables or with -t a predicate over one table. For each a line: OK, or ERR,
 * line:column, the message and in brackets the hint. Tables are empty and nothing is run; now() is
 * 2026-01-15T12:00:00Z. */
#include "config.h"

#include <stdio.h>

#include "kql/predicate.h"
#include "kql/query.h"
#include "tests/unit/kql/data.h"

/* What the hunting service adds, with the columns that it documents. */
static const char prelude[] =
	"let FileProfile = (T:(*), x:string='SHA1', y:long=100) { T | extend SHA1='', SHA256='', MD5='', FileSize=int(0), "
	"GlobalPrevalence=int(0), GlobalFirstSeen=datetime(null), GlobalLastSeen=datetime(null), Signer='', Issuer='', "
	"SignerHash='', IsCertificateValid=true, IsRootSignerMicrosoft=true, SignatureState='', IsExecutable=true, ThreatName='', "
	"Publisher='', SoftwareName='', ProfileAvailability='' };"
	"let DeviceFromIP = (T:(*), x:string='', y:datetime=datetime(null)) { T | extend IP='', DeviceId='' };"
	"let SeenBy = (T:(*), x:string='') { T | extend DeviceId='' };"
	"let AssignedIPAddresses = (x:string, y:datetime=datetime(null)) { print Timestamp=datetime(null), IPAddress='', IPType='', "
	"NetworkAdapterType=int(0), ConnectedNetworks=int(0) };";

struct tables {
	GHashTable *by_name;
	const char **names;
};

static void table_destroy(gpointer table)
{
	table_free(table);
}

static const struct table *find(void *data, const char *name)
{
	const struct tables *tables = data;

	return g_hash_table_lookup(tables->by_name, name);
}

static bool tables_read(struct tables *tables, const char *path)
{
	json_t *schema = json_load_file(path, 0, NULL), *records = json_array(), *entry;
	const char *name;
	size_t count = 0;

	tables->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, table_destroy);
	tables->names = g_new0(const char *, json_object_size(json_object_get(schema, "tables")) + 1);
	json_object_foreach(json_object_get(schema, "tables"), name, entry) {
		char *key = g_strdup(name);

		g_hash_table_insert(tables->by_name, key, data_table(name, json_object_get(entry, "columns"), records));
		tables->names[count++] = key;
	}
	json_decref(records);
	json_decref(schema);
	return count != 0;
}

static bool check(const struct tables *tables, const char *over, const char *text, struct error *error)
{
	struct kql_source source = { .find = find, .names = tables->names, .data = (void *)tables,
		.prelude = prelude };

	if (over == NULL) {
		AUTO(kql_query_free) struct kql_query *query = kql_query_compile(text, &source, NULL, data_now(), error);

		return query != NULL;
	}

	struct kql_schema schema;
	AUTO(g_free) struct kql_column *columns = kql_schema_of_table(find((void *)tables, over), &schema);
	AUTO(kql_predicate_free) struct kql_predicate *predicate = kql_predicate_compile(text, &schema, data_now(), error);

	(void)columns;
	return predicate != NULL;
}

static void answer(const struct tables *tables, const char *over, const char *text)
{
	struct error error = ERROR_INIT;

	if (check(tables, over, text, &error))
		puts("OK");
	else
		printf("ERR %u:%u %s%s%s%s\n", error.line, error.column, error.text, error.hint[0] != '\0' ? " (" : "",
			error.hint, error.hint[0] != '\0' ? ")" : "");
}

int main(int argc, char **argv)
{
	struct tables tables;
	const char *over = NULL;
	int separator = '\n', arg = 1;
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	for (; arg < argc && argv[arg][0] == '-'; arg++) {
		if (strcmp(argv[arg], "-0") == 0)
			separator = '\0';
		else if (strcmp(argv[arg], "-t") == 0 && arg + 1 < argc)
			over = argv[++arg];
		else
			break;
	}
	if (arg + 1 != argc || !tables_read(&tables, argv[arg]) || (over != NULL && find(&tables, over) == NULL)) {
		fputs("usage: kql_check [-0] [-t TABLE] SCHEMA.json < TEXTS\n", stderr);
		return 2;
	}
	while ((length = getdelim(&line, &room, separator, stdin)) > 0) {
		if (line[length - 1] == separator)
			line[length - 1] = '\0';
		answer(&tables, over, line);
	}
	free(line);
	g_hash_table_unref(tables.by_name);
	g_free(tables.names);
	return 0;
}
