#include "config.h"
#include "shell/complete_values.h"

#include <string.h>

#include <jansson.h>

#include "app/local_tables.h"
#include "app/profile.h"
#include "app/saved_sets.h"
#include "app/session.h"
#include "app/settings.h"
#include "app/shapes.h"
#include "app/tenant.h"
#include "core/isotime.h"
#include "core/text.h"
#include "engine/job.h"
#include "engine/where.h"
#include "fleet/columns.h"
#include "fleet/inventory.h"
#include "fleet/names.h"
#include "kql/complete.h"
#include "table/column.h"

#define JOBS_PATIENCE_MS 20 /* a TAB is not to be felt */

struct wanted {
	char *folded; /* the prefix */
	size_t limit;
	GPtrArray *values;
};

static void wanted_offer(struct wanted *wanted, const char *value)
{
	AUTO(g_free) char *folded = NULL;

	if (value == NULL || value[0] == '\0' || wanted->values->len >= wanted->limit)
		return;
	folded = text_fold(value, strlen(value));
	if (g_str_has_prefix(folded, wanted->folded))
		g_ptr_array_add(wanted->values, g_strdup(value));
}

static void offer_devices(struct wanted *wanted, const struct tenant *tenant, const char *prefix)
{
	AUTO(g_array_unref) GArray *numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));

	names_prefix(tenant->engine.names, prefix, wanted->limit, numbers);
	for (guint i = 0; i < numbers->len; i++)
		wanted_offer(wanted, inventory_name(tenant->engine.inventory, g_array_index(numbers, uint32_t, i)));
}

/* Each distinct text of a column stands once in its dictionary. */
static void offer_groups(struct wanted *wanted, const struct tenant *tenant)
{
	const struct column *column = table_column(inventory_table(tenant->engine.inventory), DEVICE_GROUP);

	for (uint32_t code = 0; code < column_codes(column); code++)
		wanted_offer(wanted, column_code_text(column, code, NULL));
}

static void offer_tags(struct wanted *wanted, const struct tenant *tenant)
{
	const struct column *column = table_column(inventory_table(tenant->engine.inventory), DEVICE_TAGS);
	AUTO(g_hash_table_unref) GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (uint32_t code = 0; code < column_codes(column); code++) {
		size_t length, i;
		const char *text = column_code_text(column, code, &length);
		json_t *tags = json_loadb(text, length, 0, NULL), *tag;

		json_array_foreach(tags, i, tag)
			if (json_is_string(tag) && g_hash_table_add(seen, g_strdup(json_string_value(tag))))
				wanted_offer(wanted, json_string_value(tag));
		json_decref(tags);
	}
}

static void offer_sets(struct wanted *wanted, const struct tenant *tenant)
{
	AUTO(g_ptr_array_unref) GPtrArray *sets = saved_sets(&tenant->engine);

	for (guint i = 0; i < sets->len; i++)
		wanted_offer(wanted, ((const struct saved_set *)sets->pdata[i])->name);
}

static void offer_jobs(struct wanted *wanted, const struct tenant *tenant)
{
	AUTO(g_ptr_array_unref) GPtrArray *ids = tenant->jobs != NULL ? jobs_ids(tenant->jobs, JOBS_PATIENCE_MS) : NULL;

	for (guint i = 0; ids != NULL && i < ids->len; i++)
		wanted_offer(wanted, ids->pdata[i]);
}

static void offer_columns(struct wanted *wanted)
{
	for (int i = 0; i < DEVICE_COLUMNS; i++)
		wanted_offer(wanted, device_columns[i].name);
}

/* Takes the list over. */
static void offer_list(struct wanted *wanted, char **list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		wanted_offer(wanted, list[i]);
	g_strfreev(list);
}

static void offer_of_tenant(struct wanted *wanted, const struct tenant *tenant, enum completion kind,
	const char *prefix)
{
	if (tenant == NULL)
		return;
	if (kind == COMPLETE_SETS)
		offer_sets(wanted, tenant);
	else if (kind == COMPLETE_JOBS)
		offer_jobs(wanted, tenant);
	else if (tenant->engine.inventory == NULL || inventory_rows(tenant->engine.inventory) == 0)
		return;
	else if (kind == COMPLETE_DEVICES)
		offer_devices(wanted, tenant, prefix);
	else if (kind == COMPLETE_GROUPS)
		offer_groups(wanted, tenant);
	else
		offer_tags(wanted, tenant);
}

void complete_values(void *data, enum completion kind, const char *prefix, size_t limit, GPtrArray *values)
{
	const struct session *session = data;
	AUTO(g_free) char *folded = text_fold(prefix, strlen(prefix));
	struct wanted wanted = { .folded = folded, .limit = limit, .values = values };

	switch (kind) {
	case COMPLETE_DEVICES:
	case COMPLETE_TAGS:
	case COMPLETE_GROUPS:
	case COMPLETE_SETS:
	case COMPLETE_JOBS:
		offer_of_tenant(&wanted, session->tenant, kind, prefix);
		break;
	case COMPLETE_COLUMNS:
		offer_columns(&wanted);
		break;
	case COMPLETE_TABLES:
		for (guint i = 0; i < loaded_tables(session)->len; i++)
			wanted_offer(&wanted, table_name(((const struct loaded_table *)loaded_tables(session)->pdata[i])->table));
		break;
	case COMPLETE_PROFILES:
		offer_list(&wanted, config_profiles(session->config));
		break;
	case COMPLETE_SETTINGS:
		for (const struct setting *setting = setting_table; setting->name != NULL; setting++)
			wanted_offer(&wanted, setting->name);
		break;
	case COMPLETE_VARIABLES:
		offer_list(&wanted, variables_names(session->variables));
		break;
	default:
		break;
	}
}

void complete_kql(void *data, enum completion kind, const char *text, GPtrArray *texts, size_t *start)
{
	struct session *session = data;
	const struct tenant *tenant = session->tenant;
	AUTO(local_view_free) struct local_view *view = kind == COMPLETE_PIPELINE ? local_view_new(session) : NULL;
	AUTO(shapes_free) struct shapes *shapes = kind == COMPLETE_QUERY ? shapes_new() : NULL;
	AUTO(g_free) struct kql_column *columns = NULL;
	struct kql_completion completion = { .now_ticks = isotime_now() };
	struct kql_schema schema;

	if (view != NULL)
		completion.source = local_view_source(view);
	else if (shapes != NULL)
		completion.source = shapes_source(shapes);
	else
		columns = where_schema(tenant != NULL && tenant->rows != NULL ? tenant->rows->table : NULL, &schema);
	if (columns != NULL)
		completion.predicate = &schema;
	kql_complete(text, &completion, texts, start);
}
