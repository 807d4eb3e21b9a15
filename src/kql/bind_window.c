/* Takes the calls of window functions out of the expressions of a step: each becomes a hidden column. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

#include "kql/window.h"

static bool add_window(struct kql_binder *binder, struct kql_step *step, size_t count, const struct kql_window *window)
{
	struct kql_window *windows = kql_arena_alloc(binder->arena, (step->window_count + 1) * sizeof *windows);
	struct kql_field *fields = kql_arena_alloc(binder->arena, (count + step->window_count + 1) * sizeof *fields);
	char name[32];

	if (step->window_count != 0)
		memcpy(windows, step->windows, step->window_count * sizeof *windows);
	memcpy(fields, step->window_fields, (count + step->window_count) * sizeof *fields);
	windows[step->window_count] = *window;
	g_snprintf(name, sizeof name, "%c%zu", KQL_HIDDEN, step->window_count);
	fields[count + step->window_count] = (struct kql_field){
		.name = kql_arena_copy(binder->arena, name, strlen(name)), .type = window->node->type };
	step->windows = windows;
	step->window_fields = fields;
	step->window_count++;
	return true;
}

/* The default of prev() and next() is of the column's type. */
static bool check_default(struct kql_scope *scope, struct kql_node *call, enum kql_window_what what)
{
	if ((what != KQL_PREV && what != KQL_NEXT) || call->count < 3 || call->args[2]->type == call->args[0]->type || call->args[2]->value.null ||
		(kql_type_is_number(call->args[0]->type) && kql_type_is_number(call->args[2]->type)))
		return true;
	return kql_node_fault(scope, call->args[2], "the default of %s() is of type %s, the column of type %s", call->name,
		kql_type_name(call->args[2]->type), kql_type_name(call->args[0]->type));
}

static bool take_call(struct kql_binder *binder, struct kql_step *step, size_t count, struct kql_node **place,
	const struct kql_window_kind *kind)
{
	struct kql_window window = { .kind = kind, .node = *place };
	struct kql_node *call = *place, *column;
	struct kql_scope scope;

	kql_bind_scope(binder, &scope, step->window_fields, count + step->window_count);
	if (!binder->serialized) {
		kql_node_fault(&scope, call, "%s() needs rows with an order", call->name);
		error_hint(binder->error, "put '| sort by ...' or '| serialize' before it");
		return false;
	}
	for (size_t n = 0; n < call->count; n++)
		if (!kql_check(&scope, &call->args[n]))
			return false;
	call->function = kind->function;
	if (!kql_check_arguments(&scope, call))
		return false;
	call->type = kql_result_type(call);
	if (kind->what == KQL_ROW_CUMSUM && call->type == KQL_INT)
		call->type = KQL_LONG;
	if (!check_default(&scope, call, kind->what) || !add_window(binder, step, count, &window))
		return false;
	column = kql_arena_zero(binder->arena, sizeof *column);
	*column = (struct kql_node){ .kind = KQL_NODE_NAME, .at = call->at, .length = call->length,
		.name = step->window_fields[count + step->window_count - 1].name };
	*place = column;
	return true;
}

static bool take_calls(struct kql_binder *binder, struct kql_step *step, size_t count, struct kql_node **place,
	unsigned depth)
{
	struct kql_node *node = *place;
	const struct kql_window_kind *kind = NULL;

	if (node->compute != NULL)
		return true;
	if (depth > KQL_HEIGHT_LIMIT)
		return kql_bind_fault(binder, node->at, "the expression is nested more than %d deep", KQL_HEIGHT_LIMIT);
	for (size_t n = 0; n < node->count; n++)
		if (!take_calls(binder, step, count, &node->args[n], depth + 1))
			return false;
	if (node->kind == KQL_NODE_CALL && kql_bind_find(binder, node->name) == NULL)
		kind = kql_window_find(node->name);
	return kind == NULL || take_call(binder, step, count, place, kind);
}

bool kql_bind_windows(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count,
	struct kql_node **place)
{
	if (step->window_fields == NULL) {
		step->window_fields = kql_arena_alloc(binder->arena, (count + 1) * sizeof *step->window_fields);
		if (count != 0)
			memcpy(step->window_fields, fields, count * sizeof *step->window_fields);
	}
	return take_calls(binder, step, count, place, 0);
}
