/* Completion: the cases of tests/data/shell/complete.txt on a table of commands and values of its own. */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>

#include "core/file.h"
#include "kql/complete.h"
#include "shell/candidates.h"
#include "shell/prompt.h"
#include "tests/tap.h"

static const struct command_option add_options[] = {
	{ "csv", '\0', VALUE_FILE, "FILE", COMPLETE_FILES, NULL, "a file" },
	{ "tag", '\0', VALUE_TEXT, "TAG", COMPLETE_TAGS, NULL, "by tag" },
	{ "group", '\0', VALUE_TEXT, "GROUP", COMPLETE_GROUPS, NULL, "by group" },
	{ "set", '\0', VALUE_TEXT, "NAME", COMPLETE_SETS, NULL, "a saved set" },
	{ "newest", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "the newest" },
	{ .name = NULL },
};
static const struct command_option isolate_options[] = {
	{ "comment", '\0', VALUE_TEXT, "TEXT", COMPLETE_NOTHING, NULL, "why" },
	{ "wait", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "wait" },
	{ .name = NULL },
};
static const char *const isolate_words[] = { "full", "selective", NULL };
static const char *const add_aliases[] = { "union", NULL };

static const struct command commands[] = {
	{ .name = "add", .aliases = add_aliases, .options = add_options,
		.operands = { { "NAME", VALUE_TEXT, 0, COMMAND_MANY, COMPLETE_DEVICES, NULL, "devices" } } },
	{ .name = "connect", .operands = { { "PROFILE", VALUE_TEXT, 0, 1, COMPLETE_PROFILES, NULL, "profile" } } },
	{ .name = "filter", .operands = { { "PREDICATE", VALUE_PREDICATE, 0, 1, COMPLETE_PREDICATE, NULL, "which" } } },
	{ .name = "isolate", .options = isolate_options,
		.operands = { { "SCOPE", VALUE_WORD, 1, 1, COMPLETE_WORDS, isolate_words, "how" } } },
	{ .name = "list", .operands = { { "COLUMNS", VALUE_TEXT, 0, 1, COMPLETE_COLUMNS, NULL, "columns" } } },
	{ .name = "load", .operands = { { "NAME", VALUE_TEXT, 1, 1, COMPLETE_NOTHING, NULL, "name" },
		{ "FILE", VALUE_FILE, 1, 1, COMPLETE_FILES, NULL, "file" } } },
	{ .name = "query", .operands = { { "KQL", VALUE_QUERY, 0, 1, COMPLETE_QUERY, NULL, "query" } } },
	{ .name = "set", .operands = { { "NAME", VALUE_TEXT, 0, 1, COMPLETE_SETTINGS, NULL, "setting" },
		{ "VALUE", VALUE_TEXT, 0, 1, COMPLETE_NOTHING, NULL, "value" } } },
	{ .name = "show", .operands = { { "PIPELINE", VALUE_QUERY, 0, 1, COMPLETE_PIPELINE, NULL, "pipeline" } } },
	{ .name = "source", .operands = { { "FILE", VALUE_FILE, 1, 1, COMPLETE_FILES, NULL, "file" } } },
	{ .name = "tag add", .operands = { { "TAG", VALUE_TEXT, 1, 1, COMPLETE_TAGS, NULL, "tag" } } },
	{ .name = "tag remove", .operands = { { "TAG", VALUE_TEXT, 1, 1, COMPLETE_TAGS, NULL, "tag" } } },
};
static const struct command *table[G_N_ELEMENTS(commands) + 1];

static const struct {
	enum completion kind;
	const char *value;
} known[] = {
	{ COMPLETE_DEVICES, "srv-01" }, { COMPLETE_DEVICES, "srv-02" }, { COMPLETE_DEVICES, "fin-01.contoso.example" },
	{ COMPLETE_DEVICES, "evil\033[2J" }, { COMPLETE_TAGS, "tier0" }, { COMPLETE_TAGS, "tier1" },
	{ COMPLETE_TAGS, "Finance Dept" }, { COMPLETE_TAGS, "it's" }, { COMPLETE_GROUPS, "Servers" },
	{ COMPLETE_SETS, "morning" }, { COMPLETE_PROFILES, "contoso" }, { COMPLETE_PROFILES, "fabrikam" },
	{ COMPLETE_SETTINGS, "output" }, { COMPLETE_SETTINGS, "prompt" }, { COMPLETE_COLUMNS, "computerDnsName" },
	{ COMPLETE_COLUMNS, "osPlatform" }, { COMPLETE_COLUMNS, "healthStatus" }, { COMPLETE_VARIABLES, "day" },
	{ COMPLETE_VARIABLES, "host" }, { COMPLETE_TABLES, "Report" },
};

static void values(void *data, enum completion kind, const char *prefix, size_t limit, GPtrArray *found)
{
	(void)data;
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (known[i].kind == kind && g_ascii_strncasecmp(known[i].value, prefix, strlen(prefix)) == 0)
			g_ptr_array_add(found, g_strdup(known[i].value));
	for (unsigned i = 0; kind == COMPLETE_DEVICES && strcmp(prefix, "many") == 0 && i < 5000 && found->len < limit; i++)
		g_ptr_array_add(found, g_strdup_printf("many-%04u", i));
}

/* Local tables; those of the hunting service; their columns. */
static const char *const local_names[] = { "Devices", "Report", "Results", NULL };
static const char *const hunting_names[] = { "DeviceInfo", "DeviceProcessEvents", NULL };
static const struct {
	const char *table, *columns;
} table_columns_of[] = {
	{ "Devices", "id computerDnsName osPlatform riskScore" }, { "Report", "Host Owner" }, { "Results", "DeviceId FileName" },
	{ "DeviceInfo", "Timestamp DeviceId DeviceName OSPlatform" }, { "DeviceProcessEvents", "DeviceId FileName FileSize" },
};
static GHashTable *made;

static void table_destroy(gpointer gone)
{
	table_free(gone);
}

static const struct table *find_table(void *data, const char *name)
{
	struct table *found = g_hash_table_lookup(made, name);

	for (size_t n = 0; found == NULL && g_strv_contains(data, name) && n < G_N_ELEMENTS(table_columns_of); n++) {
		AUTO(g_strfreev) char **columns = NULL;

		if (strcmp(table_columns_of[n].table, name) != 0)
			continue;
		columns = g_strsplit(table_columns_of[n].columns, " ", -1);
		found = table_new(name);
		for (size_t k = 0; columns[k] != NULL; k++)
			table_add(found, column_new(columns[k], strcmp(columns[k], "FileSize") == 0 ? COLUMN_LONG : COLUMN_STRING));
		g_hash_table_insert(made, (char *)table_columns_of[n].table, found);
	}
	return found;
}

static void kql(void *data, enum completion kind, const char *text, GPtrArray *found, size_t *start)
{
	static const struct kql_column columns[] = { { "osPlatform", "OSPlatform", COLUMN_STRING },
		{ "healthStatus", NULL, COLUMN_STRING }, { "FileName", NULL, COLUMN_STRING } };
	const struct kql_schema schema = { columns, G_N_ELEMENTS(columns) };
	const char *const *names = kind == COMPLETE_PIPELINE ? local_names : hunting_names;
	const struct kql_source source = { .find = find_table, .names = names, .data = (void *)names };
	struct kql_completion completion = { .source = &source };

	(void)data;
	if (kind == COMPLETE_PREDICATE)
		completion = (struct kql_completion){ .predicate = &schema };
	kql_complete(text, &completion, found, start);
}

static char *shown(const struct candidates *found)
{
	GString *text = g_string_new(NULL);

	if (found->more)
		return g_string_free(g_string_assign(text, "..."), FALSE);
	for (guint i = 0; i < found->texts->len; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? " ; " : "", (const char *)found->texts->pdata[i]);
	if (found->open)
		g_string_append_c(text, '~');
	return g_string_free(text, FALSE);
}

static void run_case(const char *text)
{
	const char *arrow = strstr(text, " =>");
	const char *mark = strchr(text, '^');
	AUTO(g_string) GString *line = g_string_new_len(text, arrow - text);
	AUTO(candidates_free) struct candidates *found = NULL;
	AUTO(g_free) char *got = NULL;
	AUTO(g_free) char *wanted = g_strstrip(g_strdup(arrow + 3));

	g_string_erase(line, mark - text, 1);
	found = candidates_find(table, line->str, (size_t)(mark - text), values, kql, NULL);
	got = shown(found);
	tap_str(got, wanted, text);
	if (found->texts->len > 0 && memchr(line->str, '\'', (size_t)(mark - text)) != NULL)
		tap_int(line->str[found->start], '\'', "the candidate takes the place of the quote, too");
}

static void make_files(void)
{
	static const char *const files[] = { "playbooks/first.cordon", "with blank.cordon", "list.csv", ".hidden" };
	AUTO(g_free) char *dir = g_strdup("complete-XXXXXX");

	if (mkdtemp(dir) == NULL || chdir(dir) != 0 || mkdir("playbooks", 0700) != 0)
		exit(99);
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
		file_replace(files[i], "", 0, NULL);
}

static void remove_files(void)
{
	AUTO(g_free) char *dir = g_get_current_dir();

	unlink("playbooks/first.cordon");
	unlink("with blank.cordon");
	unlink("list.csv");
	unlink(".hidden");
	rmdir("playbooks");
	if (chdir("..") == 0)
		rmdir(dir);
}

static void check_prompt(void)
{
	struct prompt_state state = { .tenant = "contoso", .devices = 42, .changed = true, .dry_run = true,
		.case_id = "INC-7", .jobs = 2 };
	AUTO(g_free) char *full = prompt_format("cordon %t [%n]%m> ", &state);
	AUTO(g_free) char *signs = prompt_format("%c %j 100%% %x %", &state);
	AUTO(g_free) char *hostile = NULL, *unconnected = NULL;

	tap_str(full, "cordon contoso [42*] (dry)> ", "prompt: tenant, devices, changed, mode");
	tap_str(signs, "INC-7 2 100% %x %", "prompt: case, jobs, unknown signs");
	state = (struct prompt_state){ .tenant = "\033[31mred", .read_only = true };
	hostile = prompt_format("%t [%n]%m> ", &state);
	tap_str(hostile, "\\x1b[31mred [0] (read-only)> ", "prompt: a hostile name is made safe");
	state.tenant = "";
	unconnected = prompt_format("cordon %t> ", &state);
	tap_str(unconnected, "cordon (not connected)> ", "prompt: not connected");
}

int main(void)
{
	AUTO(g_free) char *path = g_build_filename(getenv("srcdir"), "tests/data/shell/complete.txt", NULL);
	AUTO(g_free) char *text = NULL;
	AUTO(g_strfreev) char **lines = NULL;
	size_t length;

	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		table[i] = &commands[i];
	if (!file_read(path, 1 << 20, &text, &length, NULL))
		return 99;
	made = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, table_destroy);
	make_files();
	lines = g_strsplit(text, "\n", -1);
	for (size_t i = 0; lines[i] != NULL; i++)
		if (strstr(lines[i], " =>") != NULL && strchr(lines[i], '^') != NULL)
			run_case(lines[i]);
	remove_files();
	g_hash_table_unref(made);
	check_prompt();
	return tap_done();
}
