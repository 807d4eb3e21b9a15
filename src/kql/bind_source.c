/* Checks what a pipeline begins with: a table, print, range, datatable. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

#include "core/text.h"
#include "kql/eval.h"
#include "kql/predicate.h"

static struct kql_field *fields_of_table(struct kql_binder *binder, const struct table *table, const char *name,
	size_t *count)
{
	const struct kql_source *source = binder->source;
	struct kql_field *fields;

	*count = table_columns(table);
	fields = kql_arena_zero(binder->arena, (*count + 1) * sizeof *fields);
	for (size_t n = 0; n < *count; n++) {
		const struct column *column = table_column(table, n);
		const char *alias = source->alias != NULL ? source->alias(source->data, name, n) : NULL;

		fields[n].name = kql_arena_copy(binder->arena, column_name(column), strlen(column_name(column)));
		fields[n].alias = alias != NULL ? kql_arena_copy(binder->arena, alias, strlen(alias)) : NULL;
		fields[n].type = kql_type_of_column(column_type(column));
	}
	return fields;
}

static bool unknown_table(struct kql_binder *binder, const struct kql_pipe *pipe, const char *name)
{
	const char *const *names = binder->source->names;
	const char *near = NULL;

	binder->unknown = true;
	kql_bind_fault(binder, pipe->at, "unknown table '%s'", name);
	for (; names != NULL && *names != NULL && near == NULL; names++)
		if (g_ascii_strcasecmp(*names, name) == 0)
			near = *names;
	if (near == NULL && binder->source->names != NULL)
		near = text_nearest(name, binder->source->names);
	if (near != NULL) {
		error_hint(binder->error, "did you mean '%s'?", near);
	} else if (binder->source->names != NULL) {
		char *all = g_strjoinv(", ", (char **)(void *)binder->source->names);

		error_hint(binder->error, "tables: %.200s", all);
		g_free(all);
	}
	return false;
}

static bool bind_named(struct kql_binder *binder, struct kql_pipe *pipe, const char *name)
{
	const struct kql_let *let = kql_bind_find(binder, name);

	if (let != NULL && let->body != NULL) {
		pipe->call = kql_arena_zero(binder->arena, sizeof *pipe->call);
		*pipe->call = (struct kql_node){ .kind = KQL_NODE_CALL, .at = pipe->at, .name = name };
		return kql_bind_table_call(binder, pipe);
	}
	if (let != NULL && let->pipe == NULL)
		return kql_bind_fault(binder, pipe->at, "'%s' is a value, not a table", name);
	if (let != NULL) {
		pipe->inner = let->pipe;
		pipe->source_fields = let->pipe->fields;
		pipe->source_count = let->pipe->field_count;
		pipe->serialized = let->pipe->serialized;
		return true;
	}
	pipe->table = binder->source->find(binder->source->data, name);
	if (pipe->table == NULL)
		return unknown_table(binder, pipe, name);
	if (binder->source->rows != NULL)
		pipe->rows = binder->source->rows(binder->source->data, name, &pipe->row_count);
	pipe->source_fields = fields_of_table(binder, pipe->table, name, &pipe->source_count);
	return true;
}

static bool bind_print(struct kql_binder *binder, struct kql_pipe *pipe)
{
	struct kql_field_list list = { binder, g_array_new(FALSE, FALSE, sizeof(struct kql_field)), 0, NULL };
	struct kql_scope scope;
	bool fine = kql_bind_spread(binder, &pipe->items);

	kql_bind_scope(binder, &scope, NULL, 0);
	for (size_t n = 0; n < pipe->items.count && fine; n++) {
		struct kql_item *item = &pipe->items.items[n];
		char *name = g_strdup_printf("print_%zu", n);

		fine = item->node != NULL && item->name_count == 0 ? kql_check(&scope, &item->node) :
			kql_bind_fault(binder, item->at, item->node != NULL ?
				"only a function of several results gives several columns" : "'*' cannot stand here");
		fine = fine && kql_fields_add(&list, item->at, item->name != NULL ? item->name : name, true, item->node->type,
			item->node->shape);
		g_free(name);
	}
	pipe->source_fields = kql_fields_take(&list, &pipe->source_count);
	return fine;
}

static bool range_fits(enum kql_type from, enum kql_type to, enum kql_type step)
{
	if (kql_type_is_number(from))
		return kql_type_is_number(to) && kql_type_is_number(step);
	return to == from && step == KQL_TIMESPAN;
}

static bool is_zero(const struct kql_value *value)
{
	if (value->null || value->type == KQL_DECIMAL)
		return false;
	return value->type == KQL_REAL ? value->real == 0 : value->integer == 0;
}

static bool bind_range(struct kql_binder *binder, struct kql_pipe *pipe)
{
	struct kql_scope scope;
	enum kql_type type;

	kql_bind_scope(binder, &scope, NULL, 0);
	for (size_t n = 0; n < 3; n++) {
		struct kql_item *item = &pipe->items.items[n];

		if (item->node == NULL)
			return kql_bind_fault(binder, item->at, "'*' cannot stand here");
		if (!kql_check(&scope, &item->node))
			return false;
	}
	type = pipe->items.items[0].node->type;
	if (!kql_type_is_number(type) && type != KQL_DATETIME && type != KQL_TIMESPAN)
		return kql_bind_fault(binder, pipe->items.items[0].at, "range works on numbers, datetimes and timespans");
	pipe->source_fields = kql_arena_zero(binder->arena, sizeof *pipe->source_fields);
	if (!range_fits(type, pipe->items.items[1].node->type, pipe->items.items[2].node->type))
		return kql_bind_fault(binder, pipe->items.items[2].at, "a range of %s cannot end at %s and go in steps of %s",
			kql_type_name(type), kql_type_name(pipe->items.items[1].node->type),
			kql_type_name(pipe->items.items[2].node->type));
	if (kql_node_is_constant(pipe->items.items[2].node) && is_zero(&pipe->items.items[2].node->value))
		return kql_bind_fault(binder, pipe->items.items[2].at, "a range cannot go in steps of 0");
	pipe->source_fields[0].name = pipe->name;
	pipe->source_fields[0].type = type == KQL_INT ? KQL_LONG : type;
	pipe->source_count = 1;
	return true;
}

/* 5, -5, "a", datetime(...) */
static bool is_plain(const struct kql_node *node)
{
	return node->kind == KQL_NODE_LITERAL || ((node->kind == KQL_NODE_NEGATE || node->kind == KQL_NODE_PLUS) &&
		node->args[0]->kind == KQL_NODE_LITERAL);
}

static bool bind_datatable(struct kql_binder *binder, struct kql_pipe *pipe)
{
	struct kql_scope scope;

	kql_bind_scope(binder, &scope, NULL, 0);
	if (pipe->source_count == 0 || pipe->items.count % pipe->source_count != 0)
		return kql_bind_fault(binder, pipe->at, "the number of values is no multiple of the %zu columns",
			pipe->source_count);
	for (size_t n = 0; n < pipe->source_count; n++)
		for (size_t m = 0; m < n; m++)
			if (strcmp(pipe->source_fields[n].name, pipe->source_fields[m].name) == 0)
				return kql_bind_fault(binder, pipe->at, "there is already a column '%s'", pipe->source_fields[n].name);
	for (size_t n = 0; n < pipe->items.count; n++) {
		struct kql_item *item = &pipe->items.items[n];

		if (item->node == NULL)
			return kql_bind_fault(binder, item->at, "'*' cannot stand here");
		if (!is_plain(item->node))
			return kql_bind_fault(binder, item->at, "a value of a datatable must be a literal");
		if (!kql_check(&scope, &item->node))
			return false;
	}
	return true;
}

bool kql_bind_source(struct kql_binder *binder, struct kql_pipe *pipe)
{
	switch (pipe->source) {
	case KQL_FROM_NAME:
		return bind_named(binder, pipe, pipe->name);
	case KQL_FROM_DEFAULT:
		if (binder->default_table == NULL) {
			kql_bind_fault(binder, pipe->at, "the query begins with no table");
			return false;
		}
		return bind_named(binder, pipe, binder->default_table);
	case KQL_FROM_PIPE:
		if (!kql_bind_pipe(binder, pipe->inner))
			return false;
		pipe->source_fields = pipe->inner->fields;
		pipe->source_count = pipe->inner->field_count;
		pipe->serialized = pipe->inner->serialized;
		return true;
	case KQL_FROM_CALL:
		return kql_bind_table_call(binder, pipe);
	case KQL_FROM_SEARCH:
		return kql_bind_search(binder, pipe);
	case KQL_FROM_INPUT:
		return true; /* set by who makes the rows */
	case KQL_FROM_PRINT:
		pipe->serialized = true;
		return bind_print(binder, pipe);
	case KQL_FROM_RANGE:
		pipe->serialized = true;
		return bind_range(binder, pipe);
	case KQL_FROM_DATATABLE:
		pipe->serialized = true;
		return bind_datatable(binder, pipe);
	case KQL_FROM_UNION:
		return true;
	}
	return false;
}
