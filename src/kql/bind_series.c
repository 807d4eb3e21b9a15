/* Checks make-series: a summarize of the same aggregates by the same keys and by the axis' bin, whose groups run_series.c
 * lays into arrays. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

static bool check_constant(struct kql_binder *binder, struct kql_node **node, const char *what)
{
	struct kql_scope scope;

	if (*node == NULL)
		return true;
	kql_bind_scope(binder, &scope, NULL, 0);
	if (!kql_check(&scope, node))
		return false;
	return (*node)->depends == KQL_DEPENDS_NONE || kql_node_fault(&scope, *node, "%s must not depend on rows", what);
}

static bool fits(enum kql_type axis, enum kql_type type, bool step)
{
	if (axis == KQL_DATETIME && step)
		return type == KQL_TIMESPAN;
	if (axis == KQL_DATETIME || axis == KQL_TIMESPAN)
		return type == axis;
	return kql_type_is_number(type);
}

static bool check_axis(struct kql_binder *binder, struct kql_series *series, const struct kql_field *fields, size_t count)
{
	struct kql_node **bounds[] = { &series->from, &series->to, &series->step };
	struct kql_scope scope;
	enum kql_type type;

	kql_bind_scope(binder, &scope, fields, count);
	series->axis_name = kql_bind_name(binder, series->axis);
	if (!kql_check(&scope, &series->axis))
		return false;
	type = series->axis->type;
	if (!kql_type_is_number(type) && type != KQL_DATETIME && type != KQL_TIMESPAN)
		return kql_node_fault(&scope, series->axis, "the axis of make-series is a datetime, timespan or number, not %s",
			kql_type_name(type));
	for (size_t n = 0; n < G_N_ELEMENTS(bounds); n++) {
		if (!check_constant(binder, bounds[n], "a bound of make-series"))
			return false;
		if (*bounds[n] != NULL && !fits(type, (*bounds[n])->type, n == 2))
			return kql_node_fault(&scope, *bounds[n], "this is of type %s, the axis is of type %s",
				kql_type_name((*bounds[n])->type), kql_type_name(type));
	}
	return true;
}

bool kql_bind_series(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	struct kql_series *series = step->series;
	struct kql_step *grouping = kql_arena_zero(binder->arena, sizeof *grouping);
	struct kql_field_list list = { binder, g_array_new(FALSE, FALSE, sizeof(struct kql_field)), 0, NULL };
	struct kql_field *input = kql_arena_alloc(binder->arena, (count + 1) * sizeof *input);
	struct kql_item *by = kql_arena_zero(binder->arena, (step->by.count + 1) * sizeof *by);
	struct kql_node *bin = kql_arena_zero(binder->arena, sizeof *bin);
	bool fine = check_axis(binder, series, fields, count);

	memcpy(input, fields, count * sizeof *input);
	input[count] = (struct kql_field){ .name = "\002bin", .type = KQL_LONG };
	*bin = (struct kql_node){ .kind = KQL_NODE_NAME, .at = step->at, .name = input[count].name };
	if (step->by.count != 0)
		memcpy(by, step->by.items, step->by.count * sizeof *by);
	by[step->by.count] = (struct kql_item){ .at = step->at, .node = bin };
	grouping->kind = KQL_STEP_SUMMARIZE;
	grouping->word = step->word;
	grouping->at = step->at;
	grouping->by = (struct kql_items){ by, step->by.count + 1 };
	grouping->items = step->items;
	series->grouping = grouping;
	fine = fine && kql_bind_summarize(binder, grouping, input, count + 1);
	for (size_t n = 0; n < step->items.count && fine; n++)
		fine = check_constant(binder, &series->defaults[n], "a default of make-series");
	for (size_t n = 0; fine && n < grouping->field_count; n++)
		if (n != step->by.count)
			fine = kql_fields_add(&list, step->at, grouping->fields[n].name, false,
				n < step->by.count ? grouping->fields[n].type : KQL_DYNAMIC,
				n < step->by.count ? KQL_SHAPE_UNKNOWN : KQL_SHAPE_ARRAY);
	fine = fine && kql_fields_add(&list, step->at, series->axis_name, false, KQL_DYNAMIC, KQL_SHAPE_ARRAY);
	step->fields = kql_fields_take(&list, &step->field_count);
	return fine;
}
