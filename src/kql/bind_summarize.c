/* Checks summarize. The aggregate calls are taken out of the expressions they stand in; what is left is computed over
 * their results. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

#include "core/text.h"
#include "kql/aggregate.h"
#include "kql/eval.h"
#include "kql/names.h"

struct summary {
	struct kql_binder *binder;
	struct kql_step *step;
	struct kql_scope scope; /* the input */
	GArray *calls;          /* struct kql_group_call */
	GArray *grouped;        /* struct kql_field: the calls' results */
	GArray *items;          /* struct kql_item: what the result computes from them */
	struct kql_field_list list;
};

static struct kql_node *result_node(struct summary *summary, const struct kql_node *call, size_t field)
{
	struct kql_node *node = kql_arena_zero(summary->binder->arena, sizeof *node);

	node->kind = KQL_NODE_NAME;
	node->at = call->at;
	node->length = call->length;
	node->name = g_array_index(summary->grouped, struct kql_field, field).name;
	return node;
}

/* A column of the calls' results, under a name that no text can have. */
static size_t add_grouped(struct summary *summary, enum kql_type type, enum kql_shape shape)
{
	char name[32];
	struct kql_field field = { .type = type, .shape = shape };

	g_snprintf(name, sizeof name, "\001%u", summary->grouped->len);
	field.name = kql_arena_copy(summary->binder->arena, name, strlen(name));
	g_array_append_val(summary->grouped, field);
	return summary->grouped->len - 1;
}

/* arg_max(t, *), take_any(*): the star is every column that is no key. */
static bool spread_star(struct summary *summary, struct kql_node *node)
{
	const struct kql_items *keys = &summary->step->by;
	struct kql_node *star = node->args[node->count - 1], **args;
	size_t count = node->count - 1;

	if (star->kind != KQL_NODE_STAR)
		return true;
	args = kql_arena_zero(summary->binder->arena, (count + summary->scope.field_count + 1) * sizeof *args);
	memcpy(args, node->args, count * sizeof *args);
	for (size_t n = 0; n < summary->scope.field_count; n++) {
		const char *name = summary->scope.fields[n].name;
		bool skip = count == 1 && node->count == 2 && args[0]->kind == KQL_NODE_NAME && strcmp(args[0]->name, name) == 0;

		for (size_t m = 0; m < count && node->count > 1; m++)
			skip |= args[m]->kind == KQL_NODE_NAME && args[m]->name != NULL && strcmp(args[m]->name, name) == 0;
		for (size_t m = 0; m < keys->count; m++)
			skip |= keys->items[m].column == n;
		if (skip)
			continue;
		args[count] = kql_arena_zero(summary->binder->arena, sizeof **args);
		args[count]->kind = KQL_NODE_NAME;
		args[count]->at = star->at;
		args[count++]->name = name;
	}
	node->args = args;
	node->count = count;
	return count != 0 || kql_node_fault(&summary->scope, star, "'*' stands for no column here");
}

static enum kql_type call_type(const struct kql_aggregate *aggregate, const struct kql_node *node)
{
	enum kql_type type = node->args != NULL && node->count != 0 ? node->args[0]->type : KQL_LONG;

	switch (aggregate->kind) {
	case KQL_AGG_SUM:
		return type == KQL_INT ? KQL_LONG : type;
	case KQL_AGG_AVG:
		return type == KQL_INT || type == KQL_LONG ? KQL_REAL : type;
	default:
		return kql_result_type(node);
	}
}

/* Checks a call and makes room for its results: one column, or several. */
static bool add_call(struct summary *summary, struct kql_node *node, const struct kql_aggregate *aggregate)
{
	struct kql_group_call call = { .aggregate = aggregate, .node = node };
	bool several = aggregate->kind == KQL_AGG_ARG_MAX || aggregate->kind == KQL_AGG_ARG_MIN ||
		((aggregate->kind == KQL_AGG_TAKE_ANY || aggregate->kind == KQL_AGG_ANY) && aggregate->condition < 0);

	if (aggregate->kind != KQL_AGG_TAKE_ANY && aggregate->kind != KQL_AGG_ANY && several && node->count != 0 &&
		node->args[0]->kind == KQL_NODE_STAR)
		return kql_node_fault(&summary->scope, node->args[0], "argument 1 of %s() is a value, not '*'", node->name);
	if (several && node->count != 0 && !spread_star(summary, node))
		return false;
	for (size_t n = 0; n < node->count; n++) {
		/* arg_max(t, x = l): what the result is called is seen to by who calls. */
		if (several && node->args[n]->kind == KQL_NODE_NAMED)
			node->args[n] = node->args[n]->args[0];
		if (!kql_check(&summary->scope, &node->args[n]))
			return false;
	}
	node->function = &aggregate->function;
	if (!kql_check_arguments(&summary->scope, node))
		return false;
	if (aggregate->kind == KQL_AGG_SUM && node->args[0]->type == KQL_DATETIME)
		return kql_node_fault(&summary->scope, node, "points in time cannot be summed up");
	node->type = call_type(aggregate, node);
	call.field = summary->grouped->len;
	call.returned_count = several ? node->count : aggregate->kind == KQL_AGG_PERCENTILE ?
		node->count - 1 - (aggregate->weighed ? 1 : 0) : 1;
	for (size_t n = 0; n < call.returned_count; n++)
		add_grouped(summary, several ? node->args[n]->type : node->type,
			several ? node->args[n]->shape : kql_result_shape(node));
	g_array_append_val(summary->calls, call);
	return true;
}

/* Aggregates of the service that are not built here: sketches, and what reads them. */
static bool is_unsupported(const char *name)
{
	static const char *const names[] = { "buildschema", "cnt", "hll", "hll_if", "hll_merge", "merge_tdigest",
		"passthrough", "tdigest", "tdigest_merge", "tdigest_if" };

	for (size_t n = 0; n < G_N_ELEMENTS(names); n++)
		if (strcmp(names[n], name) == 0)
			return true;
	return false;
}

/* Takes the aggregate calls out of an expression. *found counts them. */
static bool extract_calls(struct summary *summary, struct kql_node **place, size_t *found)
{
	struct kql_node *node = *place;
	const struct kql_aggregate *aggregate = node->kind == KQL_NODE_CALL ? kql_aggregate_find(node->name) : NULL;
	size_t field = summary->grouped->len;

	if (node->kind == KQL_NODE_CALL && is_unsupported(node->name))
		return kql_node_fault(&summary->scope, node, "the aggregate function '%s' is not supported here", node->name);
	if (aggregate != NULL) {
		if (!add_call(summary, node, aggregate))
			return false;
		(*found)++;
		*place = result_node(summary, node, field);
		return true;
	}
	for (size_t n = 0; n < node->count; n++)
		if (!extract_calls(summary, &node->args[n], found))
			return false;
	return true;
}

/* The name of a call's nth result. */
static const char *call_name(struct summary *summary, const struct kql_group_call *call, const char *const *names, size_t n)
{
	const struct kql_aggregate *aggregate = call->aggregate;
	const char *base = n < call->node->count ? names[n] : NULL, *made;
	char *text;

	if (aggregate->kind == KQL_AGG_PERCENTILE) {
		const struct kql_value *percent = &call->node->args[n + 1 + (aggregate->weighed ? 1 : 0)]->value;

		text = g_strdup_printf("percentile_%s_%s", names[0] != NULL ? names[0] : "",
			kql_value_text(summary->binder->arena, percent).text);
		g_strdelimit(text, ".", '_');
	} else if (aggregate->prefix != NULL && (aggregate->kind == KQL_AGG_ARG_MAX || aggregate->kind == KQL_AGG_ARG_MIN)) {
		/* argmax and argmin, as they were once spelt. */
		text = n == 0 ? g_strdup_printf("%s_%s", aggregate->prefix, base != NULL ? base : "") :
			g_strdup_printf("%s_%s_%s", aggregate->prefix, names[0] != NULL ? names[0] : "", base != NULL ? base : "");
	} else if (aggregate->kind == KQL_AGG_COVARIANCE || aggregate->kind == KQL_AGG_COVARIANCEP) {
		text = g_strdup_printf("%s_%s_%s", aggregate->prefix, base != NULL ? base : "", names[1] != NULL ? names[1] : "");
	} else if (aggregate->prefix != NULL) {
		text = g_strdup_printf("%s_%s", aggregate->prefix, base != NULL ? base : "");
	} else if (base != NULL) {
		return base;
	} else if (n == 0) {
		text = g_strdup(aggregate->kind == KQL_AGG_ARG_MAX ? "max_" : aggregate->kind == KQL_AGG_ARG_MIN ? "min_" : "any_");
	} else {
		text = g_strdup_printf("%s_%s_arg%zu", aggregate->kind == KQL_AGG_ARG_MAX ? "max" : "min",
			names[0] != NULL ? names[0] : "", n);
	}
	made = kql_arena_copy(summary->binder->arena, text, strlen(text));
	g_free(text);
	return made;
}

static const char *item_name(struct summary *summary, const struct kql_item *item, const struct kql_node *node)
{
	const char *name = item->name != NULL ? item->name : kql_bind_name(summary->binder, node);

	return name;
}

/* The names that a call's arguments give its results: their own, or those given with '='. */
static const char **argument_names(struct summary *summary, const struct kql_node *node, bool **given)
{
	const char **names = kql_arena_zero(summary->binder->arena, (node->count + summary->scope.field_count + 1) * sizeof *names);

	*given = kql_arena_zero(summary->binder->arena, node->count + summary->scope.field_count + 1);
	for (size_t n = 0; n < node->count; n++)
		if (node->args[n]->kind == KQL_NODE_NAMED) {
			names[n] = node->args[n]->name;
			(*given)[n] = true;
		} else if (node->args[n]->kind != KQL_NODE_LITERAL && node->args[n]->kind != KQL_NODE_STAR) {
			names[n] = kql_bind_name(summary->binder, node->args[n]);
		}
	return names;
}

/* An item that is one call: its results are columns of their own. */
static bool bind_call_item(struct summary *summary, const struct kql_item *item)
{
	struct kql_node *node = item->node, *place = node;
	bool *given;
	const char **names = argument_names(summary, node, &given);
	size_t field = summary->grouped->len, found = 0, written = node->count;
	const struct kql_group_call *call;

	if (!extract_calls(summary, &place, &found))
		return false;
	call = &g_array_index(summary->calls, struct kql_group_call, summary->calls->len - 1);
	/* What a star stands for has come since. */
	for (size_t n = written != 0 ? written - 1 : 0; n < node->count; n++)
		if (names[n] == NULL && node->args[n]->kind == KQL_NODE_NAME)
			names[n] = node->args[n]->name;
	if (item->name_count > call->returned_count)
		return kql_bind_fault(summary->binder, item->at, "%s() has %zu results, not %zu", node->name, call->returned_count,
			item->name_count);
	for (size_t n = 0; n < call->returned_count; n++) {
		struct kql_item out = { .at = item->at, .node = result_node(summary, node, field + n) };
		bool several = n < item->name_count, named = (n == 0 && item->name != NULL) || several || given[n];
		const char *name = several ? item->names[n] : n == 0 && item->name != NULL ? item->name :
			call_name(summary, call, names, n);

		const struct kql_field *result = &g_array_index(summary->grouped, struct kql_field, field + n);

		if (!kql_fields_add(&summary->list, item->at, name, named, result->type, result->shape))
			return false;
		out.column = summary->list.fields->len - 1;
		g_array_append_val(summary->items, out);
	}
	return true;
}

/* A constant may stand beside the aggregates; a column may not. */
static bool reads_column(const struct summary *summary, const struct kql_node *node)
{
	bool reads = node->kind == KQL_NODE_STAR || (node->kind == KQL_NODE_NAME &&
		kql_scope_find(&summary->scope, node->name) != SIZE_MAX);

	for (size_t n = 0; n < node->count && !reads; n++)
		reads = reads_column(summary, node->args[n]);
	return reads;
}

static bool unknown_aggregate(struct summary *summary, const struct kql_node *node)
{
	const char **names = kql_aggregate_names(), *near = text_nearest(node->name, names);

	kql_node_fault(&summary->scope, node, "unknown function '%s'", node->name);
	if (near != NULL)
		error_hint(summary->binder->error, "did you mean '%s'?", near);
	g_free(names);
	return false;
}

static bool bind_item(struct summary *summary, struct kql_item *item)
{
	struct kql_item out = *item;
	struct kql_scope scope;
	size_t found = 0;
	const char *name = NULL;

	if (item->node == NULL)
		return kql_bind_fault(summary->binder, item->at, "'*' cannot stand here");
	if (item->node->kind == KQL_NODE_CALL && kql_aggregate_find(item->node->name) != NULL)
		return bind_call_item(summary, item);
	if (item->name_count != 0)
		return kql_bind_fault(summary->binder, item->at, "only a function of several results gives several columns");
	name = kql_bind_name(summary->binder, item->node);
	if (!extract_calls(summary, &out.node, &found))
		return false;
	if (found == 0 && item->node->kind == KQL_NODE_CALL && kql_function_find(item->node->name) == NULL &&
		kql_bind_find(summary->binder, item->node->name) == NULL)
		return unknown_aggregate(summary, item->node);
	if (found == 0 && reads_column(summary, out.node)) {
		kql_node_fault(&summary->scope, item->node, "summarize needs an aggregate function here, such as count()");
		error_hint(summary->binder->error, "a column to group by stands behind 'by'");
		return false;
	}
	kql_bind_scope(summary->binder, &scope, (const struct kql_field *)(const void *)summary->grouped->data,
		summary->grouped->len);
	if (!kql_check(&scope, &out.node) || !kql_fields_add(&summary->list, item->at, item->name != NULL ? item->name : name,
		item->name != NULL, out.node->type, out.node->shape))
		return false;
	out.column = summary->list.fields->len - 1;
	g_array_append_val(summary->items, out);
	return true;
}

static bool bind_group_key(struct summary *summary, struct kql_item *key)
{
	const char *name;
	bool plain;

	key->column = SIZE_MAX;
	if (key->node == NULL || key->name_count != 0)
		return kql_bind_fault(summary->binder, key->at, key->node == NULL ? "'*' cannot stand here" :
			"only a function of several results gives several columns");
	name = item_name(summary, key, key->node);
	plain = key->node->kind == KQL_NODE_NAME;
	if (!kql_check(&summary->scope, &key->node))
		return false;
	if (key->node->type == KQL_DYNAMIC) {
		kql_node_fault(&summary->scope, key->node, "one cannot group by a dynamic value");
		error_hint(summary->binder->error, "write by x = tostring(...)");
		return false;
	}
	if (plain && key->node->compute == kql_compute_column)
		key->column = key->node->column;
	return kql_fields_add(&summary->list, key->at, name, key->name != NULL || plain, key->node->type, KQL_SHAPE_UNKNOWN);
}

static void *hand_over(struct summary *summary, GArray *array, size_t *count)
{
	size_t bytes = array->len * g_array_get_element_size(array);
	void *copy = kql_arena_alloc(summary->binder->arena, bytes + 1);

	if (bytes != 0)
		memcpy(copy, array->data, bytes);
	*count = array->len;
	g_array_unref(array);
	return copy;
}

bool kql_bind_summarize(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	struct summary summary = { .binder = binder, .step = step,
		.calls = g_array_new(FALSE, FALSE, sizeof(struct kql_group_call)),
		.grouped = g_array_new(FALSE, FALSE, sizeof(struct kql_field)),
		.items = g_array_new(FALSE, FALSE, sizeof(struct kql_item)),
		.list = { binder, g_array_new(FALSE, FALSE, sizeof(struct kql_field)), 0, g_hash_table_new(g_str_hash, g_str_equal) } };
	bool fine = true;

	kql_bind_scope(binder, &summary.scope, fields, count);
	for (size_t n = 0; n < step->by.count && fine; n++)
		fine = bind_group_key(&summary, &step->by.items[n]);
	for (size_t n = 0; n < step->items.count && fine; n++)
		fine = bind_item(&summary, &step->items.items[n]);
	if (fine && step->by.count == 0 && step->items.count == 0)
		fine = kql_bind_fault(binder, step->at, "summarize needs an aggregate function or a key");
	step->fields = kql_fields_take(&summary.list, &step->field_count);
	step->grouped = hand_over(&summary, summary.grouped, &step->grouped_count);
	step->calls = hand_over(&summary, summary.calls, &step->call_count);
	step->items.items = hand_over(&summary, summary.items, &step->items.count);
	return fine;
}
