/* The order of sending. */
#include "config.h"
#include "engine/plan_internal.h"

#include <string.h>

/* Worst first; what is not known stands behind "None". */
static int plan_rank(const char *text)
{
	static const char *const ranks[] = { "High", "Medium", "Low", "Informational", "None", NULL };
	int rank = 0;

	while (ranks[rank] != NULL && strcmp(ranks[rank], text) != 0)
		rank++;
	return rank;
}

static int64_t plan_last_seen(const struct inventory *inventory, uint32_t number)
{
	size_t row = inventory_row(inventory, number);

	return row == INVENTORY_NO_ROW ? 0 :
		column_int(table_column(inventory_table(inventory), DEVICE_LAST_SEEN), row);
}

struct plan_sorting {
	const struct inventory *inventory;
	int column; /* -1: by risk */
};

static int plan_compare_ranks(const struct inventory *inventory, uint32_t a, uint32_t b, enum device_column_id column)
{
	return plan_rank(inventory_text(inventory, a, column)) - plan_rank(inventory_text(inventory, b, column));
}

static int plan_compare_risk(const struct inventory *inventory, uint32_t a, uint32_t b)
{
	int order = plan_compare_ranks(inventory, a, b, DEVICE_RISK);
	int64_t left, right;

	if (order == 0)
		order = plan_compare_ranks(inventory, a, b, DEVICE_EXPOSURE);
	if (order != 0)
		return order;
	left = plan_last_seen(inventory, a);
	right = plan_last_seen(inventory, b);
	return left < right ? 1 : left > right ? -1 : 0;
}

/* Levels worst first, times newest first, numbers and texts rising; a null is last. */
static int plan_compare_column(const struct inventory *inventory, uint32_t a, uint32_t b, int id)
{
	const struct column *column = table_column(inventory_table(inventory), (size_t)id);
	size_t left = inventory_row(inventory, a), right = inventory_row(inventory, b);
	int64_t x, y;

	if (id == DEVICE_RISK || id == DEVICE_EXPOSURE || id == DEVICE_VALUE)
		return plan_compare_ranks(inventory, a, b, id);
	if (left == INVENTORY_NO_ROW || right == INVENTORY_NO_ROW)
		return (left == INVENTORY_NO_ROW) - (right == INVENTORY_NO_ROW);
	if (column_is_null(column, left) || column_is_null(column, right))
		return column_is_null(column, left) - column_is_null(column, right);
	if (column_type_is_text(column_type(column)))
		return g_ascii_strcasecmp(column_text(column, left, NULL), column_text(column, right, NULL));
	if (column_type(column) == COLUMN_REAL)
		return (column_real(column, left) > column_real(column, right)) -
			(column_real(column, left) < column_real(column, right));
	x = column_int(column, left);
	y = column_int(column, right);
	if (column_type(column) == COLUMN_DATETIME)
		return (x < y) - (x > y);
	return (x > y) - (x < y);
}

static gint plan_compare(gconstpointer a, gconstpointer b, gpointer data)
{
	const struct plan_device *x = *(struct plan_device *const *)a, *y = *(struct plan_device *const *)b;
	const struct plan_sorting *sorting = data;
	int order = (x->outcome != PLAN_SEND) - (y->outcome != PLAN_SEND);

	if (order == 0 && x->outcome == PLAN_SEND)
		order = sorting->column >= 0 ? plan_compare_column(sorting->inventory, x->number, y->number, sorting->column) :
			plan_compare_risk(sorting->inventory, x->number, y->number);
	if (order == 0)
		order = g_ascii_strcasecmp(x->name, y->name);
	return order != 0 ? order : strcmp(x->id, y->id);
}

void plan_sort(const struct inventory *inventory, GPtrArray *devices, int column)
{
	struct plan_sorting sorting = { .inventory = inventory, .column = column };

	g_ptr_array_sort_with_data(devices, plan_compare, &sorting);
}

bool plan_order_column(const char *order, int *column, struct error *error)
{
	*column = -1;
	if (order == NULL)
		return true;
	*column = device_column_find_fold(order);
	return *column >= 0 || error_set(error, ERROR_USAGE, "there is no device column '%s' to order by", order);
}
