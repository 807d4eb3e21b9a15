/* search and find: a union of tables, the rows of which are kept if the terms are in them. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

#include "kql/eval.h"

struct search {
	struct kql_binder *binder;
	bool exact; /* search kind=case_sensitive */
};

static struct kql_node *node_new(const struct search *search, const struct kql_node *like, enum kql_node_kind kind)
{
	struct kql_node *node = kql_arena_zero(search->binder->arena, sizeof *node);

	node->kind = kind;
	node->at = like->at;
	return node;
}

/* The parts of a term between its stars, as a regular expression with the bounds of words. */
static const char *term_pattern(const struct search *search, struct kql_slice term)
{
	AUTO(g_string) GString *out = g_string_new(search->exact ? "\\b" : "(?i)\\b");

	for (size_t n = 0; n < term.length; n++) {
		if (term.text[n] == '*') {
			g_string_append(out, ".*");
			continue;
		}
		if (strchr("\\.+?()|[]{}^$#&-~", term.text[n]) != NULL)
			g_string_append_c(out, '\\');
		g_string_append_c(out, term.text[n]);
	}
	g_string_append(out, "\\b");
	return kql_arena_copy(search->binder->arena, out->str, out->len);
}

/* "x" has, "x*" hasprefix, "*x" hassuffix, "*x*" contains, "a*b" matches regex; over any column, or over `left`. */
static struct kql_node *term_node(const struct search *search, struct kql_node *left, const struct kql_node *term)
{
	static const struct kql_operator operators[] = {
		{ .text = "has", .op = KQL_OP_TEXT, .match = KQL_HAS },
		{ .text = "hasprefix", .op = KQL_OP_TEXT, .match = KQL_HAS_PREFIX },
		{ .text = "hassuffix", .op = KQL_OP_TEXT, .match = KQL_HAS_SUFFIX },
		{ .text = "contains", .op = KQL_OP_TEXT, .match = KQL_CONTAINS },
		{ .text = "matches regex", .op = KQL_OP_REGEX },
	};
	struct kql_slice text = kql_slice_of(&term->value);
	bool front = text.length > 1 && text.text[0] == '*', back = text.length > 1 && text.text[text.length - 1] == '*';
	struct kql_operator *operator = kql_arena_zero(search->binder->arena, sizeof *operator);
	struct kql_node *node = node_new(search, term, KQL_NODE_BINARY), *right = node_new(search, term, KQL_NODE_LITERAL);
	const char *inner;

	text.text += front ? 1 : 0;
	text.length -= (front ? 1 : 0) + (back ? 1 : 0);
	inner = kql_arena_copy(search->binder->arena, text.text, text.length);
	*operator = operators[(front ? 2 : 0) + (back ? 1 : 0)];
	operator->folded = !search->exact;
	if (strchr(inner, '*') != NULL) {
		*operator = operators[4];
		inner = term_pattern(search, kql_slice_of(&term->value));
	}
	right->value = kql_text(KQL_STRING, inner, strlen(inner));
	node->operator = operator;
	node->args = kql_arena_alloc(search->binder->arena, 2 * sizeof *node->args);
	node->args[0] = left != NULL ? left : node_new(search, term, KQL_NODE_STAR);
	node->args[1] = right;
	node->count = 2;
	return node;
}

/* What search reads otherwise than where: a text alone, '*' alone, name:"text". */
static struct kql_node *terms(const struct search *search, struct kql_node *node, unsigned depth)
{
	if (depth > KQL_HEIGHT_LIMIT)
		return node;
	if (node->kind == KQL_NODE_LITERAL && node->value.type == KQL_STRING)
		return term_node(search, NULL, node);
	if (node->kind == KQL_NODE_STAR && depth == 0) {
		node->kind = KQL_NODE_LITERAL;
		node->value = kql_bool(true);
		return node;
	}
	if (node->kind == KQL_NODE_BINARY && strcmp(node->operator->text, ":") == 0 &&
		node->args[1]->kind == KQL_NODE_LITERAL && node->args[1]->value.type == KQL_STRING)
		return term_node(search, node->args[0], node->args[1]);
	if ((node->kind == KQL_NODE_BINARY && (node->operator->op == KQL_OP_AND || node->operator->op == KQL_OP_OR)) ||
		(node->kind == KQL_NODE_CALL && strcmp(node->name, "not") == 0)) {
		for (size_t n = 0; n < node->count; n++)
			node->args[n] = terms(search, node->args[n], depth + 1);
	} else if (search->exact && node->kind == KQL_NODE_BINARY && node->operator->op == KQL_OP_TEXT &&
		node->operator->folded) {
		struct kql_operator *operator = kql_arena_zero(search->binder->arena, sizeof *operator);

		*operator = *node->operator;
		operator->folded = false;
		node->operator = operator;
	}
	return node;
}

static struct kql_step *step_new(struct kql_binder *binder, const struct kql_step *like, enum kql_step_kind kind,
	const char *word)
{
	struct kql_step *step = kql_arena_zero(binder->arena, sizeof *step);

	step->kind = kind;
	step->word = word;
	step->at = like->at;
	return step;
}

/* T | search terms: the table's name is a first column. */
bool kql_bind_piped_search(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	struct search search = { binder, step->fuzzy };
	struct kql_step *extend, *order;
	const char *table = binder->current != NULL && binder->current->name != NULL ? binder->current->name : "";
	struct kql_item *items = kql_arena_zero(binder->arena, 2 * sizeof *items);

	if (step->pipe_count != 0 || strcmp(step->word, "find") == 0)
		return kql_bind_fault(binder, step->at, "'%s' over tables of its own cannot follow '|'", step->word);
	extend = kql_step_insert(binder, step, KQL_STEP_EXTEND, "search"); /* behind: the name is nothing to be searched */
	order = kql_step_insert(binder, extend, KQL_STEP_REORDER, "search");
	items[0] = (struct kql_item){ .name = "$table", .at = step->at,
		.node = node_new(&search, step->node, KQL_NODE_LITERAL) };
	items[0].node->value = kql_text(KQL_STRING, table, strlen(table));
	items[1] = (struct kql_item){ .pattern = "$table", .at = step->at, .typed = true };
	extend->items = (struct kql_items){ &items[0], 1 };
	order->items = (struct kql_items){ &items[1], 1 };
	step->node = terms(&search, step->node, 0);
	step->kind = KQL_STEP_WHERE;
	return kql_bind_step(binder, step, fields, count);
}

static void every_table(struct kql_binder *binder, struct kql_step *step)
{
	struct kql_pipe *pipe;

	if (step->pipe_count != 0)
		return;
	pipe = kql_arena_zero(binder->arena, sizeof *pipe);
	*pipe = (struct kql_pipe){ .source = KQL_FROM_NAME, .at = step->at, .slot = SIZE_MAX, .name = "*", .pattern = true };
	step->pipes = kql_arena_alloc(binder->arena, sizeof *step->pipes);
	step->pipes[step->pipe_count++] = pipe;
}

static bool mentions(const struct kql_node *node, const char *name, unsigned depth)
{
	if (node->kind == KQL_NODE_NAME && strcmp(node->name, name) == 0)
		return true;
	for (size_t n = 0; n < node->count && depth < KQL_HEIGHT_LIMIT; n++)
		if (mentions(node->args[n], name, depth + 1))
			return true;
	return false;
}

static bool has_column(const struct kql_pipe *pipe, const char *name)
{
	for (size_t n = 0; n < pipe->field_count; n++)
		if (strcmp(pipe->fields[n].name, name) == 0)
			return true;
	return false;
}

/* A column that a table lacks makes the comparison that names it untrue. */
static bool fits(const struct kql_binder *binder, const struct kql_node *node, const struct kql_pipe *pipe, unsigned depth)
{
	bool any = false, all = true;

	if (depth > KQL_HEIGHT_LIMIT || (node->kind == KQL_NODE_CALL && strcmp(node->name, "not") == 0))
		return true;
	if (node->kind == KQL_NODE_NAME)
		return has_column(pipe, node->name) || kql_bind_find(binder, node->name) != NULL ||
			strcmp(node->name, "$table") == 0;
	for (size_t n = 0; n < node->count; n++) {
		bool one = fits(binder, node->args[n], pipe, depth + 1);

		any |= one;
		all &= one;
	}
	return node->kind == KQL_NODE_BINARY && node->operator->op == KQL_OP_OR ? any : all;
}

bool kql_search_fits(const struct kql_binder *binder, const struct kql_node *terms, const struct kql_pipe *pipe)
{
	return fits(binder, terms, pipe, 0);
}

static const struct kql_field *find_field(const struct kql_pipe *pipe, const char *name)
{
	for (size_t n = 0; n < pipe->field_count; n++)
		if (strcmp(pipe->fields[n].name, name) == 0)
			return &pipe->fields[n];
	return NULL;
}

/* A copy of the terms for one table, since checking changes them. */
static struct kql_node *terms_copy(const struct kql_binder *binder, const struct kql_step *all, const struct kql_pipe *pipe,
	const struct kql_node *node)
{
	struct kql_node *copy = kql_arena_alloc(binder->arena, sizeof *copy);
	const struct kql_field *field = NULL;

	*copy = *node;
	copy->args = kql_arena_alloc(binder->arena, (node->count + 1) * sizeof *copy->args);
	for (size_t n = 0; n < node->count; n++)
		copy->args[n] = terms_copy(binder, all, pipe, node->args[n]);
	if (node->kind != KQL_NODE_NAME || find_field(pipe, node->name) != NULL || kql_bind_find(binder, node->name) != NULL)
		return copy;
	for (size_t n = 0; n < all->pipe_count && field == NULL; n++)
		field = find_field(all->pipes[n], node->name);
	if (field != NULL) {
		copy->kind = KQL_NODE_LITERAL;
		copy->value = field->type == KQL_STRING ? kql_text(KQL_STRING, "", 0) : kql_null(field->type);
	}
	return copy;
}

struct kql_pipe *kql_search_within(struct kql_binder *binder, const struct kql_step *all, struct kql_pipe *pipe)
{
	struct kql_pipe *within = kql_arena_zero(binder->arena, sizeof *within);
	struct kql_step *where = step_new(binder, all, KQL_STEP_WHERE, all->word);

	where->node = terms_copy(binder, all, pipe, all->terms);
	*within = (struct kql_pipe){ .source = KQL_FROM_PIPE, .at = pipe->at, .slot = SIZE_MAX, .inner = pipe, .first = where,
		.last = where, .name = pipe->source == KQL_FROM_NAME || pipe->source == KQL_FROM_PIPE ? pipe->name : NULL };
	return kql_bind_pipe(binder, within) ? within : NULL;
}

static void item_append(struct kql_binder *binder, struct kql_items *items, const struct kql_item *item)
{
	struct kql_item *grown = kql_arena_alloc(binder->arena, (items->count + 1) * sizeof *grown);

	if (items->count != 0)
		memcpy(grown, items->items, items->count * sizeof *grown);
	grown[items->count] = *item;
	items->items = grown;
	items->count++;
}

/* find's columns without project: those that the terms name and those that every table has, the others in a bag. */
static void smart_project(struct kql_binder *binder, const struct kql_step *all, const struct kql_step *find,
	struct kql_step *project)
{
	struct search search = { binder, false };
	struct kql_node *pack = node_new(&search, find->node, KQL_NODE_CALL);

	pack->name = "pack_all";
	pack->args = kql_arena_zero(binder->arena, (all->field_count + 2) * sizeof *pack->args);
	pack->args[pack->count] = node_new(&search, find->node, KQL_NODE_LITERAL);
	pack->args[pack->count++]->value = kql_bool(true);
	for (size_t n = 0; n < all->field_count; n++) {
		const char *name = all->fields[n].name;
		struct kql_node *column = node_new(&search, find->node, KQL_NODE_NAME);
		bool common = true;

		column->name = name;
		for (size_t m = 0; m < all->pipe_count; m++)
			common &= all->sources[m][n] != SIZE_MAX;
		if (n == 0 || common || mentions(find->node, name, 0))
			item_append(binder, &project->items, &(struct kql_item){ .at = find->at, .node = column });
		else
			pack->args[pack->count++] = column;
	}
	if (pack->count > 1)
		item_append(binder, &project->items, &(struct kql_item){ .at = find->at, .name = "pack_", .node = pack });
}

/* project name:type, ... of find */
static bool asked_project(struct kql_binder *binder, const struct kql_step *all, struct kql_step *find,
	struct kql_step *project)
{
	struct search search = { binder, false };
	struct kql_node *source = node_new(&search, find->node, KQL_NODE_NAME);

	source->name = find->name;
	item_append(binder, &project->items, &(struct kql_item){ .at = find->at, .node = source });
	for (size_t n = 0; n < find->items.count; n++) {
		struct kql_item item = find->items.items[n];
		bool known = false;

		if (item.node != NULL && item.node->kind == KQL_NODE_CALL && strcmp(item.node->name, "pack_all") == 0) {
			struct kql_node *pack = item.node;

			pack->length = 0;
			pack->args = kql_arena_zero(binder->arena, (all->field_count + 2) * sizeof *pack->args);
			pack->count = 0;
			pack->args[pack->count] = node_new(&search, pack, KQL_NODE_LITERAL);
			pack->args[pack->count++]->value = kql_bool(true);
			for (size_t m = 1; m < all->field_count; m++) {
				bool projected = false;

				for (size_t i = 0; i < find->items.count; i++)
					projected |= find->items.items[i].node != NULL && find->items.items[i].node->kind == KQL_NODE_NAME &&
						strcmp(find->items.items[i].node->name, all->fields[m].name) == 0;
				if (projected)
					continue;
				pack->args[pack->count] = node_new(&search, pack, KQL_NODE_NAME);
				pack->args[pack->count++]->name = all->fields[m].name;
			}
			item.name = item.name != NULL ? item.name : "pack_";
		} else if (item.node == NULL || item.node->kind != KQL_NODE_NAME) {
			return kql_bind_fault(binder, item.at, "find projects columns");
		}
		for (size_t m = 0; m < all->field_count; m++)
			known |= item.node->kind == KQL_NODE_NAME && strcmp(all->fields[m].name, item.node->name) == 0;
		/* A type that is given converts; a column that no table has is null. */
		if (item.typed) {
			static const char *const functions[] = {
				[KQL_BOOL] = "tobool", [KQL_INT] = "toint", [KQL_LONG] = "tolong", [KQL_REAL] = "toreal",
				[KQL_DECIMAL] = "todecimal", [KQL_DATETIME] = "todatetime", [KQL_TIMESPAN] = "totimespan",
				[KQL_GUID] = "toguid", [KQL_STRING] = "tostring", [KQL_DYNAMIC] = "todynamic",
			};
			struct kql_node *call = node_new(&search, item.node, KQL_NODE_CALL);

			item.name = item.node->name;
			call->name = functions[item.type];
			call->args = kql_arena_alloc(binder->arena, sizeof *call->args);
			call->args[0] = item.node;
			call->count = 1;
			item.node = known ? call : node_new(&search, item.node, KQL_NODE_LITERAL);
			if (!known)
				item.node->value = kql_null(item.type);
		}
		item_append(binder, &project->items, &item);
	}
	return true;
}

/* search and find that begin a pipe: union withsource=... (table | where terms), ... [| project ...]. */
bool kql_bind_search(struct kql_binder *binder, struct kql_pipe *pipe)
{
	struct kql_step *step = pipe->first, *rest = step->next, *project = NULL;
	struct kql_pipe *inner = kql_arena_zero(binder->arena, sizeof *inner);
	struct search search = { binder, step->fuzzy };
	bool find = strcmp(step->word, "find") == 0;
	struct kql_step *all = step_new(binder, step, KQL_STEP_UNION, step->word);

	every_table(binder, step);
	all->pipes = step->pipes;
	all->pipe_count = step->pipe_count;
	all->name = find ? step->name : "$table";
	all->terms = terms(&search, step->node, 0);
	if (!kql_bind_step(binder, all, NULL, 0))
		return false;
	if (find) {
		project = step_new(binder, step, KQL_STEP_PROJECT, step->word);
		if (step->items.count == 0)
			smart_project(binder, all, step, project);
		else if (!asked_project(binder, all, step, project))
			return false;
		all->next = project;
	}
	*inner = (struct kql_pipe){ .source = KQL_FROM_UNION, .at = pipe->at, .slot = SIZE_MAX, .first = all,
		.last = project != NULL ? project : all };
	all->bound = true;
	if (!kql_bind_pipe(binder, inner))
		return false;
	pipe->source = KQL_FROM_PIPE;
	pipe->inner = inner;
	pipe->first = rest;
	if (rest == NULL)
		pipe->last = NULL;
	pipe->source_fields = inner->fields;
	pipe->source_count = inner->field_count;
	return true;
}
