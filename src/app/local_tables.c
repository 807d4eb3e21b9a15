#include "config.h"
#include "app/local_tables.h"

#include <string.h>

#include "app/local_rows.h"
#include "app/tenant.h"
#include "fleet/inventory.h"
#include "kql/names.h"
#include "kql/parser.h"

#define NAME_LIMIT 64 /* bytes of a loaded table's name */

const char *const local_table_names[LOCAL_TABLES] = {
	[LOCAL_SELECTED] = "Selected", [LOCAL_DEVICES] = "Devices", [LOCAL_RESULTS] = "Results",
	[LOCAL_OUTCOMES] = "Outcomes", [LOCAL_LOG] = "Log",
};

/* ---- loaded tables */

static void loaded_table_free(void *data)
{
	struct loaded_table *loaded = data;

	table_free(loaded->table);
	g_free(loaded->file);
	g_free(loaded);
}

const GPtrArray *loaded_tables(const struct session *session)
{
	return session->tables;
}

static bool loaded_index(const struct session *session, const char *name, guint *index)
{
	for (*index = 0; *index < session->tables->len; ++*index)
		if (strcmp(table_name(((struct loaded_table *)session->tables->pdata[*index])->table), name) == 0)
			return true;
	return false;
}

const struct loaded_table *loaded_table_find(const struct session *session, const char *name)
{
	guint index;

	return loaded_index(session, name, &index) ? session->tables->pdata[index] : NULL;
}

/* What would be read as the beginning of a query, not as a table. */
static bool begins_query(const char *name)
{
	static const char *const words[] = { "let", "print", "range", "datatable", "materialize", "search", "find", "set",
		"declare", "alias", "restrict" };

	for (size_t n = 0; n < G_N_ELEMENTS(words); n++)
		if (strcmp(words[n], name) == 0)
			return true;
	return kql_tabular_usage(name) != NULL || kql_word_is_reserved(name, strlen(name));
}

bool loaded_table_name_ok(const char *name, struct error *error)
{
	size_t length = strlen(name);

	for (size_t n = 0; n < LOCAL_TABLES; n++)
		if (g_ascii_strcasecmp(local_table_names[n], name) == 0)
			return error_set(error, ERROR_USAGE, "'%s' is a table of Cordon's own", local_table_names[n]);
	for (size_t n = 0; n < length; n++)
		if (!g_ascii_isalpha(name[n]) && name[n] != '_' && (n == 0 || !g_ascii_isdigit(name[n])))
			length = 0;
	if (length == 0 || length > NAME_LIMIT) {
		error_set(error, ERROR_USAGE, "'%s' is no name for a table", name);
		error_hint(error, "a name has letters, digits and _, begins with no digit and is at most %d long", NAME_LIMIT);
		return false;
	}
	return !begins_query(name) || error_set(error, ERROR_USAGE, "'%s' is a word of KQL and no name for a table", name);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	const struct loaded_table *left = *(struct loaded_table *const *)a, *right = *(struct loaded_table *const *)b;

	return strcmp(table_name(left->table), table_name(right->table));
}

bool loaded_table_add(struct session *session, struct table *table, const char *file, struct error *error)
{
	struct loaded_table *loaded;

	loaded_table_drop(session, table_name(table));
	if (session->tables->len >= LOADED_TABLES) {
		table_free(table);
		error_set(error, ERROR_FAILED, "%d tables are loaded already", LOADED_TABLES);
		error_hint(error, "`load --drop NAME` makes room");
		return false;
	}
	loaded = g_new0(struct loaded_table, 1);
	loaded->table = table;
	loaded->file = g_strdup(file);
	g_ptr_array_add(session->tables, loaded);
	g_ptr_array_sort(session->tables, by_name);
	return true;
}

bool loaded_table_drop(struct session *session, const char *name)
{
	guint index;

	if (!loaded_index(session, name, &index))
		return false;
	g_ptr_array_remove_index(session->tables, index);
	return true;
}

void loaded_tables_clear(struct session *session)
{
	if (session->tables != NULL && session->tables->len > 0)
		session_say(session, "%u loaded table%s belonged to the tenant before and %s dropped", session->tables->len,
			session->tables->len == 1 ? "" : "s", session->tables->len == 1 ? "is" : "are");
	g_clear_pointer(&session->tables, g_ptr_array_unref);
	session->tables = g_ptr_array_new_with_free_func(loaded_table_free);
}

/* ---- views */

struct local_view {
	struct session *session;
	struct kql_source source;
	GPtrArray *names;                   /* const char *, NULL-terminated */
	struct table *owned[LOCAL_TABLES];  /* made here: empty ones, and what was filled */
	const struct table *tables[LOCAL_TABLES];
	GArray *places[LOCAL_TABLES];       /* uint32_t: its rows in the table; NULL: all */
	struct table *devices;              /* a copy of the inventory's, or NULL */
	bool asked[LOCAL_TABLES];
	char *missing;
};

static const struct hunting_rows *last_rows(const struct session *session)
{
	return session->tenant != NULL ? session->tenant->rows : NULL;
}

static const struct table *view_table(struct local_view *view, enum local_table id)
{
	const struct hunting_rows *rows = last_rows(view->session);

	view->asked[id] = true;
	if (id == LOCAL_RESULTS)
		return rows != NULL && table_columns(rows->table) > 0 ? rows->table : NULL;
	if (view->tables[id] == NULL)
		view->tables[id] = view->owned[id] = local_rows_shape(id);
	return view->tables[id];
}

static const struct table *view_find(void *data, const char *name)
{
	struct local_view *view = data;
	const struct loaded_table *loaded = loaded_table_find(view->session, name);
	const struct table *table = loaded != NULL ? loaded->table : NULL;

	for (int id = 0; table == NULL && id < LOCAL_TABLES; id++)
		if (strcmp(local_table_names[id], name) == 0)
			table = view_table(view, (enum local_table)id);
	if (table == NULL && view->missing == NULL)
		view->missing = g_strdup(name);
	return table;
}

/* By DeviceInfo's names, too, as predicates do. */
static const char *view_alias(void *data, const char *name, size_t column)
{
	bool devices = strcmp(name, local_table_names[LOCAL_DEVICES]) == 0 ||
		strcmp(name, local_table_names[LOCAL_SELECTED]) == 0;

	(void)data;
	return devices && column < DEVICE_COLUMNS ? device_columns[column].alias : NULL;
}

static const uint32_t *view_rows(void *data, const char *name, size_t *count)
{
	struct local_view *view = data;

	for (size_t n = 0; n < LOCAL_TABLES; n++)
		if (view->places[n] != NULL && strcmp(local_table_names[n], name) == 0) {
			*count = view->places[n]->len;
			return (const uint32_t *)(void *)view->places[n]->data;
		}
	return NULL;
}

struct local_view *local_view_new(struct session *session)
{
	struct local_view *view = g_new0(struct local_view, 1);

	view->session = session;
	view->names = g_ptr_array_new();
	for (size_t n = 0; n < LOCAL_TABLES; n++)
		g_ptr_array_add(view->names, (void *)local_table_names[n]);
	for (guint n = 0; n < session->tables->len; n++)
		g_ptr_array_add(view->names, (void *)table_name(((struct loaded_table *)session->tables->pdata[n])->table));
	g_ptr_array_add(view->names, NULL);
	view->source = (struct kql_source){ .find = view_find, .names = (const char *const *)view->names->pdata, .data = view,
		.alias = view_alias, .rows = view_rows };
	return view;
}

void local_view_free(struct local_view *view)
{
	if (view == NULL)
		return;
	for (size_t n = 0; n < LOCAL_TABLES; n++) {
		table_free(view->owned[n]);
		g_clear_pointer(&view->places[n], g_array_unref);
	}
	table_free(view->devices);
	g_ptr_array_unref(view->names);
	g_free(view->missing);
	g_free(view);
}

const struct kql_source *local_view_source(struct local_view *view)
{
	return &view->source;
}

bool local_view_asked(const struct local_view *view, enum local_table table)
{
	return view->asked[table];
}

void local_view_explain(const struct local_view *view, struct error *error)
{
	unsigned line = error->line, column = error->column;

	if (view->missing == NULL || strcmp(view->missing, local_table_names[LOCAL_RESULTS]) != 0)
		return;
	error_clear(error);
	error_set(error, ERROR_USAGE, "there are no results: no query has run in this session");
	error_at(error, NULL, line, column);
	error_hint(error, "run `query KQL` or `query --show KQL` first");
}

static void view_set(struct local_view *view, enum local_table id, struct table *table)
{
	table_free(view->owned[id]);
	view->tables[id] = view->owned[id] = table;
}

/* The inventory's own table, unless jobs that run meanwhile may change it. */
static const struct table *view_devices(struct local_view *view, const struct inventory *inventory)
{
	if (session_jobs_running(view->session) == 0)
		return inventory_table(inventory);
	if (view->devices == NULL)
		view->devices = local_rows_copy(inventory);
	return view->devices;
}

static void fill_devices(struct local_view *view, const struct inventory *inventory)
{
	view_set(view, LOCAL_DEVICES, NULL);
	view->tables[LOCAL_DEVICES] = view_devices(view, inventory);
	if (inventory_dropped(inventory) > 0)
		view->places[LOCAL_DEVICES] = local_rows_places(inventory, NULL);
}

/* A member that the inventory has no row for needs one of its own. */
static void fill_selected(struct local_view *view, const struct inventory *inventory, const struct bitset *members)
{
	GArray *places = local_rows_places(inventory, members);

	if (places == NULL) {
		view_set(view, LOCAL_SELECTED, local_rows_selected(inventory, members));
		return;
	}
	view_set(view, LOCAL_SELECTED, NULL);
	view->tables[LOCAL_SELECTED] = view_devices(view, inventory);
	view->places[LOCAL_SELECTED] = places;
}

bool local_view_fill(struct local_view *view, struct error *error)
{
	const struct tenant *tenant = view->session->tenant;
	struct table *log;

	if (view->asked[LOCAL_SELECTED] && tenant != NULL && tenant->signed_in)
		fill_selected(view, tenant->inventory, fleet_set_members(tenant->set));
	if (view->asked[LOCAL_DEVICES] && tenant != NULL && tenant->inventory != NULL)
		fill_devices(view, tenant->inventory);
	if (view->asked[LOCAL_OUTCOMES] && tenant != NULL && tenant->jobs != NULL)
		view_set(view, LOCAL_OUTCOMES, local_rows_outcomes(tenant->jobs));
	if (view->asked[LOCAL_LOG] && view->session->journal != NULL) {
		log = local_rows_log(view->session->journal, error);
		if (log == NULL)
			return false;
		view_set(view, LOCAL_LOG, log);
	}
	return true;
}
