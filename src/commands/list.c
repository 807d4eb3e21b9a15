#include "config.h"
#include "commands/device_find.h"
#include "commands/entries.h"

#include <string.h>

#include "app/check.h"
#include "app/output.h"
#include "app/result.h"
#include "app/tenant.h"
#include "core/isotime.h"
#include "core/text.h"
#include "engine/source.h"
#include "engine/sync.h"
#include "fleet/columns.h"

static const enum device_column_id table_columns_usual[] = {
	DEVICE_NAME, DEVICE_OS_PLATFORM, DEVICE_HEALTH, DEVICE_RISK, DEVICE_LAST_SEEN, DEVICE_GROUP,
};
static const enum device_column_id csv_columns_usual[] = {
	DEVICE_ID, DEVICE_NAME, DEVICE_OS_PLATFORM, DEVICE_HEALTH, DEVICE_ONBOARDING, DEVICE_RISK, DEVICE_GROUP,
	DEVICE_LAST_SEEN, DEVICE_LAST_IP, DEVICE_TAGS,
};

/* ---- columns */

static int column_by_name(const char *name, struct error *error)
{
	const char *names[2 * DEVICE_COLUMNS + 1];
	int column = device_column_find_fold(name);
	const char *near;
	size_t i, count = 0;

	if (column >= 0)
		return column;
	for (i = 0; i < DEVICE_COLUMNS; i++) {
		names[count++] = device_columns[i].name;
		if (device_columns[i].alias != NULL)
			names[count++] = device_columns[i].alias;
	}
	names[count] = NULL;
	near = text_nearest(name, names);
	error_set(error, ERROR_USAGE, "there is no device column '%s'", name);
	if (near != NULL)
		error_hint(error, "did you mean '%s'?", near);
	return -1;
}

/* Columns of "a,b c": an array of int; NULL with error set. */
static GArray *columns_read(const struct arguments *arguments, struct error *error)
{
	AUTO(g_array_unref) GArray *columns = g_array_new(FALSE, FALSE, sizeof(int));
	size_t i, k;
	int column;

	for (i = 0; i < arguments_count(arguments); i++) {
		AUTO(g_strfreev) char **names = g_strsplit(arguments_operand(arguments, i), ",", -1);

		for (k = 0; names[k] != NULL; k++) {
			if (*g_strstrip(names[k]) == '\0')
				continue;
			column = column_by_name(names[k], error);
			if (column < 0)
				return NULL;
			g_array_append_val(columns, column);
		}
	}
	return AUTO_STEAL(columns);
}

static void columns_default(GArray *columns, bool csv)
{
	const enum device_column_id *usual = csv ? csv_columns_usual : table_columns_usual;
	size_t count = csv ? G_N_ELEMENTS(csv_columns_usual) : G_N_ELEMENTS(table_columns_usual), i;
	int column;

	for (i = 0; i < count; i++) {
		column = (int)usual[i];
		g_array_append_val(columns, column);
	}
}

/* ---- cells */

/* ["a","b"] as "a, b"; other JSON stays as it is. */
static char *dynamic_text(const char *json)
{
	json_t *array = json_loads(json, 0, NULL), *item;
	GString *out = g_string_new(NULL);
	size_t i;

	if (json_is_array(array)) {
		json_array_foreach(array, i, item) {
			if (!json_is_string(item)) {
				g_string_assign(out, json);
				break;
			}
			g_string_append_printf(out, "%s%s", i > 0 ? ", " : "", json_string_value(item));
		}
	} else {
		g_string_assign(out, json);
	}
	json_decref(array);
	return g_string_free(out, FALSE);
}

static char *cell_text(const struct inventory *inventory, uint32_t number, int id, bool exact)
{
	size_t row = inventory_row(inventory, number);
	const struct column *column = table_column(inventory_table(inventory), (size_t)id);
	char time[ISOTIME_SIZE];

	if (row == INVENTORY_NO_ROW)
		return g_strdup(id == DEVICE_ID || id == DEVICE_NAME ? inventory_id(inventory, number) : "");
	if (column_is_null(column, row))
		return g_strdup("");
	switch (column_type(column)) {
	case COLUMN_DATETIME:
		isotime_format(column_int(column, row), time);
		if (!exact) {
			time[10] = ' ';
			time[16] = '\0';
		}
		return g_strdup(time);
	case COLUMN_DYNAMIC:
		return dynamic_text(column_text(column, row, NULL));
	case COLUMN_BOOL:
		return g_strdup(column_int(column, row) != 0 ? "true" : "false");
	case COLUMN_INT:
	case COLUMN_LONG:
	case COLUMN_TIMESPAN:
		return g_strdup_printf("%" G_GINT64_FORMAT, (gint64)column_int(column, row));
	case COLUMN_REAL:
		return g_strdup_printf("%.15g", column_real(column, row));
	default:
		return g_strdup(column_text(column, row, NULL));
	}
}

/* ---- devices */

struct listing {
	const struct inventory *inventory;
	GArray *numbers; /* uint32_t, by name */
};

static int by_name(const void *a, const void *b, void *data)
{
	const struct inventory *inventory = data;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	int order = g_ascii_strcasecmp(inventory_name(inventory, left), inventory_name(inventory, right));

	return order != 0 ? order : left < right ? -1 : left > right;
}

static struct listing *listing_new(const struct inventory *inventory, const struct bitset *set)
{
	struct listing *listing = g_new0(struct listing, 1);
	uint32_t n;

	listing->inventory = inventory;
	listing->numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	for (n = bitset_next(set, 0); n != BITSET_END; n = bitset_next(set, n + 1))
		g_array_append_val(listing->numbers, n);
	g_array_sort_with_data(listing->numbers, by_name, (void *)inventory);
	return listing;
}

static void listing_free(void *data)
{
	struct listing *listing = data;

	g_array_unref(listing->numbers);
	g_free(listing);
}

static json_t *listing_item(void *data, size_t index)
{
	struct listing *listing = data;
	uint32_t number = g_array_index(listing->numbers, uint32_t, index);
	json_t *machine = inventory_machine(listing->inventory, number);

	return machine != NULL ? machine : json_pack("{s:s}", "id", inventory_id(listing->inventory, number));
}

static void result_devices(struct result *result, const struct inventory *inventory, const struct bitset *set)
{
	struct listing *listing = listing_new(inventory, set);

	result_member(result, "count", json_integer(listing->numbers->len));
	result_member_lazy(result, "devices", listing->numbers->len, listing_item, listing, listing_free);
}

static void list_rows(struct result *result, const struct inventory *inventory, const struct bitset *set,
	const GArray *columns, bool exact)
{
	struct listing *listing = listing_new(inventory, set);
	guint i, k;

	for (k = 0; k < columns->len; k++) {
		int id = g_array_index(columns, int, k);

		result_column(result, device_columns[id].name,
			(device_columns[id].type == COLUMN_STRING || device_columns[id].type == COLUMN_DYNAMIC ? RESULT_CUT : 0) |
			(id == DEVICE_ID || id == DEVICE_NAME ? RESULT_NAME : 0));
	}
	for (i = 0; i < listing->numbers->len; i++)
		for (k = 0; k < columns->len; k++) {
			AUTO(g_free) char *text = cell_text(inventory, g_array_index(listing->numbers, uint32_t, i),
				g_array_index(columns, int, k), exact);

			result_cell(result, text);
		}
	listing_free(listing);
}

static bool wants_csv(const struct session *session, const struct arguments *arguments)
{
	const char *file = arguments_file(arguments, NULL);

	if (file != NULL && g_str_has_suffix(file, ".csv"))
		return true;
	return output_format(session->output) == OUTPUT_CSV && (file == NULL || !g_str_has_suffix(file, ".json"));
}

static bool list_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	AUTO(g_array_unref) GArray *columns = columns_read(arguments, error);

	(void)check;
	return columns != NULL;
}

static bool list_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	AUTO(g_array_unref) GArray *columns = columns_read(arguments, error);
	const struct tenant *tenant = session->tenant;
	bool csv = wants_csv(session, arguments);
	size_t count = session_device_count(session);

	if (tenant == NULL || !tenant->signed_in) {
		result_member(result, "count", json_integer(0));
		result_member(result, "devices", json_array());
		result_summary(result, "0 devices");
		return true;
	}
	if (columns->len == 0)
		columns_default(columns, csv);
	list_rows(result, tenant->inventory, fleet_set_members(tenant->set), columns, csv);
	result_devices(result, tenant->inventory, fleet_set_members(tenant->set));
	if (inventory_age(&tenant->engine) != INT64_MAX && count > 0) {
		AUTO(g_free) char *age = duration_text(inventory_age(&tenant->engine));

		result_summary(result, "%zu device%s (inventory read %s ago)", count, count == 1 ? "" : "s", age);
	} else {
		result_summary(result, "%zu device%s", count, count == 1 ? "" : "s");
	}
	return true;
}

static const char *const list_examples[] = { "list", "list computerDnsName,riskScore,machineTags",
	"list > devices.csv", "list | grep -i laptop", NULL };
const struct command command_list = {
	.name = "list", .group = GROUP_LOOK, .summary = "print the working set", .examples = list_examples,
	.operands = { { "COLUMN", VALUE_TEXT, 0, COMMAND_MANY, COMPLETE_COLUMNS, NULL,
		"columns, by the API's or the hunting table's names" } },
	.check = list_check, .run = list_run,
};

/* ---- device */

static bool device_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	struct tenant *tenant = session->tenant;
	AUTO(bitset_free) struct bitset *set = bitset_new();
	uint32_t number = DEVICE_NONE;
	int id;

	if (!device_find(session, arguments, &number, error))
		return false;
	bitset_add(set, number);
	result_devices(result, tenant->inventory, set);
	result_column(result, "COLUMN", 0);
	result_column(result, "VALUE", RESULT_CUT);
	for (id = 0; id < DEVICE_COLUMNS; id++) {
		AUTO(g_free) char *text = cell_text(tenant->inventory, number, id, true);

		if (*text == '\0')
			continue;
		result_cell(result, device_columns[id].name);
		result_cell(result, text);
	}
	result_summary(result, "%s the working set", bitset_has(fleet_set_members(tenant->set), number) ? "in" : "not in");
	return true;
}

static const struct command_option device_options[] = {
	{ "newest", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "of several records of the name the one last seen" },
	{ .name = NULL },
};
const struct command command_device = {
	.name = "device", .group = GROUP_LOOK, .summary = "print everything about one device", .options = device_options,
	.operands = { { "NAME", VALUE_TEXT, 1, 1, COMPLETE_DEVICES, NULL, "its name, id or address" } },
	.flags = COMMAND_SIGN_IN, .run = device_run,
};
