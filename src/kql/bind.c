/* Checks pipelines: what every operator makes of the columns it is given. */
#include "config.h"
#include "kql/pipe.h"

#include <stdarg.h>
#include <string.h>

#include "core/text.h"
#include "kql/eval.h"
#include "kql/predicate.h"

bool kql_bind_fault(struct kql_binder *binder, size_t at, const char *format, ...)
{
	va_list args;
	char *message;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	kql_fault_at(binder->text, at, binder->error, "%s", message);
	g_free(message);
	return false;
}

static const struct kql_let *let_find(const struct kql_binder *binder, const char *name)
{
	for (const struct kql_let *let = binder->lets; let != NULL; let = let->next)
		if (strcmp(let->name, name) == 0)
			return let;
	return NULL;
}

static struct kql_node *resolve_name(void *data, struct kql_scope *scope, const struct kql_node *name)
{
	const struct kql_let *let = let_find(data, name->name);

	(void)scope;
	return let != NULL ? let->node : NULL;
}

static bool is_table(const struct kql_binder *binder, const char *name)
{
	const struct kql_let *let = let_find(binder, name);

	if (let != NULL)
		return let->pipe != NULL;
	return binder->source->find(binder->source->data, name) != NULL;
}

/* The table of toscalar(), or of a list that is one. */
static bool check_table(void *data, struct kql_scope *scope, struct kql_node *node)
{
	struct kql_binder *binder = data;
	struct kql_pipe *pipe = node->pipe;

	if (pipe == NULL && node->count == 2 && node->args[1]->kind == KQL_NODE_NAME &&
		kql_scope_find(scope, node->args[1]->name) == SIZE_MAX && is_table(binder, node->args[1]->name)) {
		pipe = kql_arena_zero(binder->arena, sizeof *pipe);
		pipe->source = KQL_FROM_NAME;
		pipe->name = node->args[1]->name;
		pipe->at = node->args[1]->at;
		pipe->slot = SIZE_MAX;
		node->count = 1;
	}
	if (pipe == NULL)
		return true;
	if (!kql_bind_pipe(binder, pipe))
		return false;
	node->pipe = pipe;
	node->value.type = pipe->fields[0].type;
	node->column = binder->scalars->len;
	node->type = pipe->fields[0].type;
	node->unstable = true;
	node->depends = KQL_DEPENDS_NONE;
	if (node->kind == KQL_NODE_SCALAR)
		node->compute = kql_compute_scalar;
	g_ptr_array_add(binder->scalars, node);
	return true;
}

void kql_bind_scope(struct kql_binder *binder, struct kql_scope *scope, const struct kql_field *fields, size_t count)
{
	*scope = (struct kql_scope){ .text = binder->text, .fields = fields, .field_count = count, .arena = binder->arena,
		.resources = binder->resources, .now_ticks = binder->now_ticks, .resolve = resolve_name, .table = check_table,
		.data = binder, .no_columns = fields == NULL, .error = binder->error };
}

bool kql_bind_let(struct kql_binder *binder, struct kql_let *let)
{
	struct kql_scope scope;

	/* `let X = DeviceInfo;` names a table, not a value. */
	if (let->node != NULL && let->node->kind == KQL_NODE_NAME && is_table(binder, let->node->name)) {
		let->pipe = kql_arena_zero(binder->arena, sizeof *let->pipe);
		let->pipe->source = KQL_FROM_NAME;
		let->pipe->name = let->node->name;
		let->pipe->at = let->node->at;
		let->node = NULL;
	}
	if (let->pipe != NULL) {
		if (!kql_bind_pipe(binder, let->pipe))
			return false;
		let->pipe->slot = binder->slots++;
		return true;
	}
	kql_bind_scope(binder, &scope, NULL, 0);
	return kql_check(&scope, &let->node);
}

static struct kql_field *fields_of_table(struct kql_binder *binder, const struct table *table, size_t *count)
{
	struct kql_field *fields;

	*count = table_columns(table);
	fields = kql_arena_zero(binder->arena, (*count + 1) * sizeof *fields);
	for (size_t n = 0; n < *count; n++) {
		const struct column *column = table_column(table, n);

		fields[n].name = kql_arena_copy(binder->arena, column_name(column), strlen(column_name(column)));
		fields[n].type = kql_type_of_column(column_type(column));
	}
	return fields;
}

static bool unknown_table(struct kql_binder *binder, const struct kql_pipe *pipe, const char *name)
{
	const char *const *names = binder->source->names;
	const char *near = NULL;

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
	const struct kql_let *let = let_find(binder, name);

	if (let != NULL && let->pipe == NULL)
		return kql_bind_fault(binder, pipe->at, "'%s' is a value, not a table", name);
	if (let != NULL) {
		pipe->inner = let->pipe;
		pipe->source_fields = let->pipe->fields;
		pipe->source_count = let->pipe->field_count;
		return true;
	}
	pipe->table = binder->source->find(binder->source->data, name);
	if (pipe->table == NULL)
		return unknown_table(binder, pipe, name);
	pipe->source_fields = fields_of_table(binder, pipe->table, &pipe->source_count);
	return true;
}

static bool bind_print(struct kql_binder *binder, struct kql_pipe *pipe)
{
	struct kql_field_list list = { binder, g_array_new(FALSE, FALSE, sizeof(struct kql_field)), 0 };
	struct kql_scope scope;
	bool fine = true;

	kql_bind_scope(binder, &scope, NULL, 0);
	for (size_t n = 0; n < pipe->items.count && fine; n++) {
		struct kql_item *item = &pipe->items.items[n];
		char *name = g_strdup_printf("print_%zu", n);

		fine = item->node != NULL ? kql_check(&scope, &item->node) :
			kql_bind_fault(binder, item->at, "'*' cannot stand here");
		fine = fine && kql_fields_add(&list, item->at, item->name != NULL ? item->name : name, true, item->node->type);
		g_free(name);
	}
	pipe->source_fields = kql_fields_take(&list, &pipe->source_count);
	return fine;
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
	pipe->source_fields[0].name = pipe->name;
	pipe->source_fields[0].type = type == KQL_INT ? KQL_LONG : type;
	pipe->source_count = 1;
	return true;
}

static bool bind_datatable(struct kql_binder *binder, struct kql_pipe *pipe)
{
	struct kql_scope scope;

	kql_bind_scope(binder, &scope, NULL, 0);
	if (pipe->source_count == 0 || pipe->items.count % pipe->source_count != 0)
		return kql_bind_fault(binder, pipe->at, "the number of values is no multiple of the %zu columns",
			pipe->source_count);
	for (size_t n = 0; n < pipe->items.count; n++) {
		struct kql_item *item = &pipe->items.items[n];

		if (item->node == NULL || !kql_check(&scope, &item->node))
			return item->node != NULL ? false : kql_bind_fault(binder, item->at, "'*' cannot stand here");
		if (!kql_node_is_constant(item->node))
			return kql_bind_fault(binder, item->at, "a value of a datatable must be a constant");
	}
	return true;
}

static bool bind_source(struct kql_binder *binder, struct kql_pipe *pipe)
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
		return true;
	case KQL_FROM_PRINT:
		return bind_print(binder, pipe);
	case KQL_FROM_RANGE:
		return bind_range(binder, pipe);
	case KQL_FROM_DATATABLE:
		return bind_datatable(binder, pipe);
	case KQL_FROM_UNION:
		return true;
	}
	return false;
}

bool kql_bind_pipe(struct kql_binder *binder, struct kql_pipe *pipe)
{
	const struct kql_field *fields;
	size_t count;

	if (pipe->bound)
		return true;
	if (!bind_source(binder, pipe))
		return false;
	fields = pipe->source_fields;
	count = pipe->source_count;
	for (struct kql_step *step = pipe->first; step != NULL; step = step->next) {
		if (!kql_bind_step(binder, step, fields, count))
			return false;
		fields = step->fields;
		count = step->field_count;
	}
	if (count == 0)
		return kql_bind_fault(binder, pipe->at, "the result would have no columns");
	pipe->fields = kql_arena_alloc(binder->arena, count * sizeof *pipe->fields);
	memcpy(pipe->fields, fields, count * sizeof *pipe->fields);
	pipe->field_count = count;
	pipe->bound = true;
	return true;
}

/* Functions whose result is named after their first argument (Microsoft's binder: ResultNameKind.FirstArgument). */
static const char *const named_by_argument[] = {
	"split", "tostring", "tohex", "todynamic", "toobject", "tolong", "toint", "toreal", "todouble", "todatetime",
	"totimespan", "totime", "tobool", "toboolean", "todecimal", "toguid", "parse_csv", "parsejson", "parse_json",
	"format_datetime", "format_timespan", "startofday", "bin", "floor", "bin_at", "binary_and", "binary_or", "binary_xor",
	"binary_not", "binary_shift_right", "binary_shift_left", "bitset_count_ones", "round", "ceiling", "pow", "sqrt", "log",
	"log2", "log10", "exp", "exp2", "exp10", "cos", "sin", "tan", "acos", "asin", "atan", "atan2", "abs", "format_bytes",
};

const char *kql_bind_name(struct kql_binder *binder, const struct kql_node *node)
{
	const char *base, *part;
	char *joined;

	switch (node->kind) {
	case KQL_NODE_NAME:
		return node->name;
	case KQL_NODE_CALL:
		for (size_t n = 0; n < G_N_ELEMENTS(named_by_argument) && node->count > 0; n++)
			if (strcmp(named_by_argument[n], node->name) == 0)
				return kql_bind_name(binder, node->args[0]);
		return NULL;
	case KQL_NODE_MEMBER:
		base = kql_bind_name(binder, node->args[0]);
		part = node->name;
		break;
	case KQL_NODE_INDEX:
		base = kql_bind_name(binder, node->args[0]);
		if (node->args[1]->kind != KQL_NODE_LITERAL)
			return NULL;
		part = kql_value_text(binder->arena, &node->args[1]->value).text;
		break;
	default:
		return NULL;
	}
	if (base == NULL)
		return NULL;
	joined = g_strconcat(base, "_", part, NULL);
	base = kql_arena_copy(binder->arena, joined, strlen(joined));
	g_free(joined);
	return base;
}

static bool fields_have(const struct kql_field_list *list, const char *name)
{
	for (guint n = 0; n < list->fields->len; n++)
		if (strcmp(g_array_index(list->fields, struct kql_field, n).name, name) == 0)
			return true;
	return false;
}

bool kql_fields_add(struct kql_field_list *list, size_t at, const char *name, bool explicit_name, enum kql_type type)
{
	struct kql_field field = { .type = type };
	char *made = NULL;

	if (name == NULL)
		made = g_strdup_printf("Column%u", ++list->unnamed);
	else
		made = g_strdup(name);
	if (fields_have(list, made) && explicit_name && name != NULL) {
		kql_bind_fault(list->binder, at, "there is already a column '%s'", made);
		g_free(made);
		return false;
	}
	for (unsigned number = 1; fields_have(list, made); number++) {
		g_free(made);
		made = g_strdup_printf("%s%u", name != NULL ? name : "Column", name != NULL ? number : ++list->unnamed);
	}
	field.name = kql_arena_copy(list->binder->arena, made, strlen(made));
	g_free(made);
	g_array_append_val(list->fields, field);
	return true;
}

struct kql_field *kql_fields_take(struct kql_field_list *list, size_t *count)
{
	struct kql_field *fields = kql_arena_alloc(list->binder->arena, (list->fields->len + 1) * sizeof *fields);

	*count = list->fields->len;
	if (*count != 0)
		memcpy(fields, list->fields->data, *count * sizeof *fields);
	g_array_unref(list->fields);
	list->fields = NULL;
	return fields;
}

bool kql_names_match(const char *pattern, const char *name)
{
	return g_pattern_match_simple(pattern, name);
}
