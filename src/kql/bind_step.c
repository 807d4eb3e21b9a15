/* Checks the single operators. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

#include "core/text.h"

static struct kql_field_list list_new(struct kql_binder *binder)
{
	return (struct kql_field_list){ binder, g_array_new(FALSE, FALSE, sizeof(struct kql_field)), 0, NULL };
}

static void keep_fields(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	step->fields = kql_arena_alloc(binder->arena, (count + 1) * sizeof *step->fields);
	if (count != 0)
		memcpy(step->fields, fields, count * sizeof *step->fields);
	step->field_count = count;
}

static bool check_value(struct kql_scope *scope, struct kql_item *item)
{
	if (item->node == NULL) {
		kql_fault_at(scope->text, item->at, scope->error, "'*' cannot stand here");
		return false;
	}
	if (!kql_check(scope, &item->node))
		return false;
	return item->node->kind != KQL_NODE_TYPEOF || kql_node_fault(scope, item->node, "a type is no value");
}

/* The same where window functions may stand. */
static bool check_windowed(struct kql_binder *binder, struct kql_step *step, struct kql_item *item,
	const struct kql_field *fields, size_t count)
{
	struct kql_scope scope;

	if (item->name_count != 0)
		return kql_bind_fault(binder, item->at, "only a function of several results gives several columns");
	if (item->node != NULL && !kql_bind_windows(binder, step, fields, count, &item->node))
		return false;
	kql_bind_scope(binder, &scope, step->window_count != 0 ? step->window_fields : fields, count + step->window_count);
	return check_value(&scope, item);
}

static size_t *columns_new(struct kql_binder *binder, size_t count)
{
	size_t *columns = kql_arena_alloc(binder->arena, (count + 1) * sizeof *columns);

	for (size_t n = 0; n < count; n++)
		columns[n] = SIZE_MAX;
	return columns;
}

/* project and distinct: the items are the columns of the result. */
static bool bind_project(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	struct kql_field_list list = list_new(binder);
	bool fine = kql_bind_spread(binder, &step->items);

	for (size_t n = 0; n < step->items.count && fine; n++) {
		struct kql_item *item = &step->items.items[n];
		const char *name = item->name != NULL || item->node == NULL ? item->name : kql_bind_name(binder, item->node);
		bool plain = item->node != NULL && item->node->kind == KQL_NODE_NAME;

		fine = check_windowed(binder, step, item, fields, count) &&
			kql_fields_add(&list, item->at, name, item->name != NULL || plain, item->node->type, item->node->shape);
		item->column = n;
	}
	step->fields = kql_fields_take(&list, &step->field_count);
	step->columns = columns_new(binder, step->field_count);
	return fine;
}

static bool bind_distinct(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	if (step->items.count == 1 && step->items.items[0].node == NULL) {
		keep_fields(binder, step, fields, count);
		step->columns = columns_new(binder, count);
		for (size_t n = 0; n < count; n++)
			step->columns[n] = n;
		step->items.count = 0;
	} else if (!bind_project(binder, step, fields, count)) {
		return false;
	}
	for (size_t n = 0; n < step->field_count; n++)
		if (step->fields[n].type == KQL_DYNAMIC) {
			kql_bind_fault(binder, step->at, "distinct does not work on the dynamic column '%s'", step->fields[n].name);
			error_hint(binder->error, "write tostring(%s)", step->fields[n].name);
			return false;
		}
	return true;
}

/* extend, mv-expand, serialize: items replace columns of their name or come after the rest. */
static bool bind_extend(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	struct kql_field_list list = list_new(binder);
	bool fine = kql_bind_spread(binder, &step->items), expand = step->kind == KQL_STEP_EXPAND;

	g_array_append_vals(list.fields, fields, (guint)count);
	for (size_t n = 0; n < step->items.count && fine; n++) {
		struct kql_item *item = &step->items.items[n];
		bool plain = item->node != NULL && item->node->kind == KQL_NODE_NAME;
		const char *name = item->name != NULL || item->node == NULL ? item->name : kql_bind_name(binder, item->node);
		size_t column = SIZE_MAX;
		enum kql_type type;
		enum kql_shape shape;

		if (!check_windowed(binder, step, item, fields, count)) {
			fine = false;
			break;
		}
		type = expand ? (item->typed ? item->type : KQL_DYNAMIC) : item->node->type;
		shape = expand ? KQL_SHAPE_UNKNOWN : item->node->shape;
		if (expand && item->node->type != KQL_DYNAMIC)
			fine = kql_bind_fault(binder, item->node->at, "%s works on dynamic values, this is of type %s", step->word,
				kql_type_name(item->node->type));
		for (guint m = 0; name != NULL && (item->name != NULL || plain || expand) && m < list.fields->len; m++)
			if (strcmp(g_array_index(list.fields, struct kql_field, m).name, name) == 0)
				column = m;
		for (size_t m = 0; column != SIZE_MAX && m < n && fine; m++)
			if (step->items.items[m].column == column)
				fine = kql_bind_fault(binder, item->at, "there is already a column '%s'", name);
		if (column != SIZE_MAX) {
			g_array_index(list.fields, struct kql_field, column).type = type;
			g_array_index(list.fields, struct kql_field, column).shape = shape;
		} else {
			fine = fine && kql_fields_add(&list, item->at, name, false, type, shape);
		}
		item->column = column != SIZE_MAX ? column : list.fields->len - 1;
	}
	if (fine && expand && step->name != NULL)
		fine = kql_fields_add(&list, step->at, step->name, true, KQL_LONG, KQL_SHAPE_UNKNOWN);
	step->fields = kql_fields_take(&list, &step->field_count);
	step->columns = columns_new(binder, step->field_count);
	for (size_t n = 0; n < count; n++)
		step->columns[n] = n;
	for (size_t n = 0; fine && n < step->items.count; n++)
		step->columns[step->items.items[n].column] = SIZE_MAX;
	return fine;
}

static bool pattern_fits(const struct kql_item *item, const char *name)
{
	return item->typed ? strcmp(item->pattern, name) == 0 : kql_names_match(item->pattern, name);
}

static bool unknown_column(struct kql_binder *binder, const struct kql_field *fields, size_t count, size_t at,
	const char *name)
{
	struct kql_scope scope;
	struct kql_node node = { .at = at, .name = name };

	kql_bind_scope(binder, &scope, fields, count);
	return kql_scope_unknown(&scope, &node, "column");
}

struct by_name {
	const struct kql_field *fields;
	const struct kql_item *item;
};

/* granny-asc: a10 stands behind a9. */
static int compare_granny(const char *a, const char *b)
{
	while (*a != '\0' && *b != '\0') {
		if (g_ascii_isdigit(*a) && g_ascii_isdigit(*b)) {
			size_t left = strspn(a, "0"), right = strspn(b, "0"), x, y;

			a += left;
			b += right;
			x = strspn(a, "0123456789");
			y = strspn(b, "0123456789");
			if (x != y)
				return x < y ? -1 : 1;
			if (x != 0 && strncmp(a, b, x) != 0)
				return strncmp(a, b, x);
			a += x;
			b += y;
		} else if (*a != *b) {
			return *a < *b ? -1 : 1;
		} else {
			a++;
			b++;
		}
	}
	return (*a != '\0') - (*b != '\0');
}

static int compare_columns(const void *first, const void *second, void *data)
{
	const struct by_name *by = data;
	const char *a = by->fields[*(const size_t *)first].name, *b = by->fields[*(const size_t *)second].name;
	int order = by->item->granny ? compare_granny(a, b) : strcmp(a, b);

	return by->item->ascending ? order : -order;
}

/* project-away, project-keep, project-reorder: by names and patterns. */
static bool bind_pick(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	bool *taken = kql_arena_zero(binder->arena, count + 1), reorder = step->kind == KQL_STEP_REORDER;
	bool *named = kql_arena_zero(binder->arena, count + 1); /* by an item that fits no other column */
	size_t kept = 0;

	step->columns = columns_new(binder, count);
	step->fields = kql_arena_zero(binder->arena, (count + 1) * sizeof *step->fields);
	for (size_t n = 0; n < step->items.count; n++) {
		const struct kql_item *item = &step->items.items[n];
		struct by_name by = { fields, item };
		size_t first = kept, fits = 0, last = 0;

		for (size_t m = 0; m < count; m++) {
			if (!pattern_fits(item, fields[m].name) &&
				(fields[m].alias == NULL || strcmp(fields[m].alias, item->pattern) != 0))
				continue;
			fits++;
			last = m;
			if (reorder && !taken[m])
				step->columns[kept++] = m;
			taken[m] = true;
		}
		if (item->ordered)
			qsort_r(step->columns + first, kept - first, sizeof *step->columns, compare_columns, &by);
		if (fits == 0 && strcmp(item->pattern, "*") != 0)
			return unknown_column(binder, fields, count, item->at, item->pattern);
		if (fits == 1 && reorder && named[last])
			return kql_bind_fault(binder, item->at, "the column '%s' is named twice", fields[last].name);
		named[last] |= fits == 1;
	}
	for (size_t m = 0; m < count; m++)
		if (reorder ? !taken[m] : taken[m] == (step->kind == KQL_STEP_KEEP))
			step->columns[kept++] = m;
	for (size_t n = 0; n < kept; n++)
		step->fields[n] = fields[step->columns[n]];
	step->field_count = kept;
	return kept != 0 || kql_bind_fault(binder, step->at, "no column would be left");
}

static bool bind_rename(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	keep_fields(binder, step, fields, count);
	step->columns = columns_new(binder, count);
	for (size_t n = 0; n < count; n++)
		step->columns[n] = n;
	for (size_t n = 0; n < step->items.count; n++) {
		const struct kql_item *item = &step->items.items[n];
		size_t found = SIZE_MAX;

		if (item->name == NULL || item->node->kind != KQL_NODE_NAME)
			return kql_bind_fault(binder, item->at, "project-rename takes pairs: new = old");
		for (size_t m = 0; m < count; m++)
			if (strcmp(fields[m].name, item->node->name) == 0 ||
				(found == SIZE_MAX && fields[m].alias != NULL && strcmp(fields[m].alias, item->node->name) == 0))
				found = m;
		if (found == SIZE_MAX)
			return unknown_column(binder, fields, count, item->node->at, item->node->name);
		for (size_t m = 0; m < count; m++)
			if (strcmp(fields[m].name, item->name) == 0)
				return kql_bind_fault(binder, item->at, "there is already a column '%s'", item->name);
		step->fields[found].name = item->name;
		step->fields[found].alias = NULL;
	}
	for (size_t n = 0; n < count; n++)
		for (size_t m = 0; m < n; m++)
			if (strcmp(step->fields[n].name, step->fields[m].name) == 0)
				return kql_bind_fault(binder, step->at, "there is already a column '%s'", step->fields[n].name);
	return true;
}

static bool bind_keys(struct kql_binder *binder, struct kql_items *keys, const struct kql_field *fields, size_t count)
{
	struct kql_scope scope;

	kql_bind_scope(binder, &scope, fields, count);
	for (size_t n = 0; n < keys->count; n++) {
		struct kql_item *item = &keys->items[n];

		if (item->name != NULL)
			return kql_bind_fault(binder, item->at, "a sort key has no name");
		if (!check_value(&scope, item))
			return false;
		if (item->node->type == KQL_DYNAMIC) {
			kql_node_fault(&scope, item->node, "dynamic values have no order");
			error_hint(binder->error, "convert it with tostring(...), tolong(...) or todatetime(...)");
			return false;
		}
	}
	return true;
}

/* The number of rows of take and top: known without rows. */
static bool bind_number(struct kql_binder *binder, struct kql_node **node)
{
	struct kql_scope scope;

	kql_bind_scope(binder, &scope, NULL, 0);
	if (!kql_check(&scope, node))
		return false;
	if (((*node)->type != KQL_LONG && (*node)->type != KQL_INT) || (*node)->depends != KQL_DEPENDS_NONE ||
		(kql_node_is_constant(*node) && ((*node)->value.null || (*node)->value.integer < 0)))
		return kql_node_fault(&scope, *node, "a number of rows is wanted");
	return true;
}

static bool bind_where(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	struct kql_scope scope;

	if (!kql_bind_windows(binder, step, fields, count, &step->node))
		return false;
	kql_bind_scope(binder, &scope, step->window_count != 0 ? step->window_fields : fields, count + step->window_count);
	if (!kql_check_predicate(&scope, &step->node))
		return false;
	step->plan = kql_plan_new(binder->arena, step->node, true, &step->memos);
	return true;
}

struct kql_step *kql_step_insert(struct kql_binder *binder, struct kql_step *after, enum kql_step_kind kind,
	const char *word)
{
	struct kql_step *step = kql_arena_zero(binder->arena, sizeof *step);

	step->kind = kind;
	step->word = word;
	step->at = after->at;
	step->next = after->next;
	after->next = step;
	return step;
}

/* sample-distinct N of x: any N of the values. */
static bool bind_sample_distinct(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields,
	size_t count)
{
	struct kql_step *take = kql_step_insert(binder, step, KQL_STEP_TAKE, "take");

	if (step->items.count == 1 && step->items.items[0].node != NULL && step->items.items[0].node->kind != KQL_NODE_NAME)
		return kql_bind_fault(binder, step->items.items[0].at, "sample-distinct takes the name of a column");
	take->node = step->node;
	step->node = NULL;
	step->kind = KQL_STEP_DISTINCT;
	return bind_distinct(binder, step, fields, count);
}

/* top-hitters N of x [by weight]: summarize count() (or sum(weight)) by x | top N by that; exact here. */
static bool bind_hitters(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	struct kql_step *top = kql_step_insert(binder, step, KQL_STEP_TOP, "top");
	bool weighed = step->by.count != 0;
	const struct kql_item *of = weighed ? &step->by.items[0] : &step->items.items[0];
	const char *base = of->name != NULL ? of->name : of->node != NULL ? kql_bind_name(binder, of->node) : NULL;
	char *name = g_strdup_printf("approximate_%s_%s", weighed ? "sum" : "count", base != NULL ? base : "");
	struct kql_node *call = kql_arena_zero(binder->arena, sizeof *call), *key = kql_arena_zero(binder->arena, sizeof *key);
	struct kql_items keys = step->items;
	struct kql_item *items = kql_arena_zero(binder->arena, 2 * sizeof *items);

	*call = (struct kql_node){ .kind = KQL_NODE_CALL, .at = of->at, .name = weighed ? "sum" : "count",
		.count = weighed ? 1 : 0 };
	call->args = kql_arena_zero(binder->arena, sizeof *call->args);
	call->args[0] = weighed ? of->node : NULL;
	*key = (struct kql_node){ .kind = KQL_NODE_NAME, .at = of->at,
		.name = kql_arena_copy(binder->arena, name, strlen(name)) };
	g_free(name);
	items[0] = (struct kql_item){ .name = key->name, .at = of->at, .node = call };
	items[1] = (struct kql_item){ .at = of->at, .node = key };
	top->node = step->node;
	top->by = (struct kql_items){ &items[1], 1 };
	step->node = NULL;
	step->kind = KQL_STEP_SUMMARIZE;
	step->by = keys;
	step->items = (struct kql_items){ &items[0], 1 };
	if (weighed && of->node == NULL)
		return kql_bind_fault(binder, of->at, "'*' cannot stand here");
	return kql_bind_summarize(binder, step, fields, count);
}

static bool bind_fixed(struct kql_binder *binder, struct kql_step *step)
{
	static const struct kql_field schema[] = {
		{ .name = "ColumnName", .type = KQL_STRING }, { .name = "ColumnOrdinal", .type = KQL_LONG },
		{ .name = "DataType", .type = KQL_STRING }, { .name = "ColumnType", .type = KQL_STRING },
	};
	struct kql_field count = { .name = step->name, .type = KQL_LONG };

	if (step->kind == KQL_STEP_COUNT)
		keep_fields(binder, step, &count, 1);
	else
		keep_fields(binder, step, schema, G_N_ELEMENTS(schema));
	return true;
}

static bool unknown_in_chart(struct kql_binder *binder, const struct kql_field *fields, size_t count,
	const struct kql_render_property *property, const char *name)
{
	const char **names = kql_arena_zero(binder->arena, (count + 1) * sizeof *names), *near = NULL;

	for (size_t n = 0; n < count; n++) {
		names[n] = fields[n].name;
		near = g_ascii_strcasecmp(fields[n].name, name) == 0 ? fields[n].name : near;
	}
	if (near == NULL)
		near = text_nearest(name, names);
	kql_bind_fault(binder, property->at, "'%s' names a column '%s', which the result does not have", property->name, name);
	if (near != NULL)
		error_hint(binder->error, "did you mean '%s'?", near);
	return false;
}

/* The properties that name columns name those there are. */
static bool bind_render(struct kql_binder *binder, const struct kql_render *render, const struct kql_field *fields, size_t count)
{
	static const char *const naming[] = { "xcolumn", "ycolumns", "series", "anomalycolumns", NULL };

	for (size_t n = 0; n < render->count; n++) {
		const struct kql_render_property *property = &render->properties[n];
		bool names = g_strv_contains(naming, property->name);

		for (size_t m = 0; names && property->values[m] != NULL; m++) {
			bool found = false;

			for (size_t k = 0; k < count && !found; k++)
				found = strcmp(fields[k].name, property->values[m]) == 0 ||
					(fields[k].alias != NULL && strcmp(fields[k].alias, property->values[m]) == 0);
			if (!found)
				return unknown_in_chart(binder, fields, count, property, property->values[m]);
		}
	}
	return true;
}

bool kql_bind_step(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	if (step->bound)
		return true;
	keep_fields(binder, step, fields, count);
	switch (step->kind) {
	case KQL_STEP_WHERE:
		return bind_where(binder, step, fields, count);
	case KQL_STEP_PROJECT:
		return bind_project(binder, step, fields, count);
	case KQL_STEP_DISTINCT:
		return bind_distinct(binder, step, fields, count);
	case KQL_STEP_EXTEND:
	case KQL_STEP_SERIALIZE:
		return bind_extend(binder, step, fields, count);
	case KQL_STEP_SAMPLE_DISTINCT:
		return bind_sample_distinct(binder, step, fields, count);
	case KQL_STEP_HITTERS:
		return bind_hitters(binder, step, fields, count);
	case KQL_STEP_PARSE:
		return kql_bind_parse(binder, step, fields, count);
	case KQL_STEP_PARSE_KV:
		return kql_bind_parse_kv(binder, step, fields, count);
	case KQL_STEP_APPLY:
		return kql_bind_apply(binder, step, fields, count);
	case KQL_STEP_PARTITION:
		return kql_bind_partition(binder, step, fields, count);
	case KQL_STEP_EVALUATE:
		return kql_bind_evaluate(binder, step, NULL, fields, count);
	case KQL_STEP_SERIES:
		return kql_bind_series(binder, step, fields, count);
	case KQL_STEP_SEARCH:
		return kql_bind_piped_search(binder, step, fields, count);
	case KQL_STEP_INVOKE:
		return false; /* seen to by who binds the pipe */
	case KQL_STEP_EXPAND:
		return bind_extend(binder, step, fields, count) && (step->node == NULL || bind_number(binder, &step->node));
	case KQL_STEP_AWAY:
	case KQL_STEP_KEEP:
	case KQL_STEP_REORDER:
		return bind_pick(binder, step, fields, count);
	case KQL_STEP_RENAME:
		return bind_rename(binder, step, fields, count);
	case KQL_STEP_TAKE:
	case KQL_STEP_SAMPLE:
		return bind_number(binder, &step->node);
	case KQL_STEP_SORT:
		return bind_keys(binder, &step->by, fields, count);
	case KQL_STEP_TOP:
		return bind_number(binder, &step->node) && bind_keys(binder, &step->by, fields, count);
	case KQL_STEP_COUNT:
	case KQL_STEP_SCHEMA:
		return bind_fixed(binder, step);
	case KQL_STEP_SUMMARIZE:
		return kql_bind_summarize(binder, step, fields, count);
	case KQL_STEP_JOIN:
	case KQL_STEP_LOOKUP:
		return kql_bind_join(binder, step, fields, count);
	case KQL_STEP_UNION:
		return kql_bind_union(binder, step, fields, count);
	case KQL_STEP_RENDER:
		binder->render = step->render;
		return bind_render(binder, step->render, fields, count);
	case KQL_STEP_AS:
		return true;
	}
	return false;
}
