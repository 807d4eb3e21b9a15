/* Checks pipelines: what every operator makes of the columns it is given. */
#include "config.h"
#include "kql/pipe.h"

#include <stdarg.h>
#include <string.h>

#include "core/text.h"
#include "kql/aggregate.h"
#include "kql/eval.h"
#include "kql/predicate.h"

#define LEVEL_LIMIT 200 /* nested tables; calls of functions count */

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

struct kql_let *kql_bind_find(const struct kql_binder *binder, const char *name)
{
	for (struct kql_let *let = binder->lets; let != NULL; let = let->next)
		if (strcmp(let->name, name) == 0)
			return let;
	return NULL;
}

static struct kql_node *resolve_name(void *data, struct kql_scope *scope, const struct kql_node *name)
{
	struct kql_binder *binder = data;
	struct kql_let *let = kql_bind_find(binder, name->name);
	struct kql_node *call;
	bool taken = false;

	if (let == NULL)
		return NULL;
	if (let->body != NULL && !let->body->tabular) {
		/* A function without arguments needs no brackets. */
		call = kql_arena_zero(binder->arena, sizeof *call);
		*call = (struct kql_node){ .kind = KQL_NODE_CALL, .at = name->at, .length = name->length, .name = name->name };
		return kql_bind_call(binder, scope, &call, &taken) ? call : NULL;
	}
	if (let->node == NULL) {
		kql_node_fault(scope, name, "'%s' is a table, not a value", name->name);
		error_hint(scope->error, "toscalar(%s) is the value in its first cell", name->name);
	} else if (let->node->depends != KQL_DEPENDS_NONE && let->level != binder->level) {
		kql_node_fault(scope, name, "'%s' differs from row to row: it cannot be used within another table", name->name);
	} else {
		return let->node;
	}
	return NULL;
}

bool kql_bind_table_name(const struct kql_binder *binder, const char *name)
{
	const struct kql_let *let = kql_bind_find(binder, name);

	if (let != NULL)
		return let->pipe != NULL || (let->body != NULL && let->body->tabular);
	return binder->source->find(binder->source->data, name) != NULL;
}

struct kql_pipe *kql_bind_as_table(const struct kql_binder *binder, struct kql_node *node)
{
	const struct kql_let *let = node->kind == KQL_NODE_CALL ? kql_bind_find(binder, node->name) : NULL;
	struct kql_pipe *pipe;

	if (node->kind == KQL_NODE_TABLE)
		return node->pipe;
	if ((node->kind != KQL_NODE_NAME || !kql_bind_table_name(binder, node->name)) &&
		(let == NULL || let->body == NULL || !let->body->tabular))
		return NULL;
	pipe = kql_arena_zero(binder->arena, sizeof *pipe);
	pipe->source = node->kind == KQL_NODE_NAME ? KQL_FROM_NAME : KQL_FROM_CALL;
	pipe->name = node->name;
	pipe->call = node;
	pipe->at = node->at;
	pipe->slot = SIZE_MAX;
	return pipe;
}

/* What toscalar() takes may be a value, too: `print` makes a table of it. */
static void scalar_of_value(struct kql_binder *binder, struct kql_node *node)
{
	struct kql_pipe *pipe = node->pipe;
	struct kql_node *value = node->count != 0 ? node->args[0] : NULL;
	const char *name = pipe == NULL || pipe->first != NULL ? NULL : pipe->source == KQL_FROM_NAME ? pipe->name :
		pipe->source == KQL_FROM_CALL ? pipe->call->name : NULL;
	const struct kql_let *let = name != NULL ? kql_bind_find(binder, name) : NULL;

	if (let != NULL && (let->node != NULL || (let->body != NULL && !let->body->tabular))) {
		value = kql_arena_zero(binder->arena, sizeof *value);
		*value = (struct kql_node){ .kind = KQL_NODE_NAME, .at = pipe->at, .length = strlen(name), .name = name };
		value = pipe->source == KQL_FROM_CALL ? pipe->call : value;
	}
	if (value == NULL)
		return;
	node->count = 0;
	node->pipe = kql_arena_zero(binder->arena, sizeof *node->pipe);
	node->pipe->source = KQL_FROM_PRINT;
	node->pipe->at = value->at;
	node->pipe->slot = SIZE_MAX;
	node->pipe->items.items = kql_arena_zero(binder->arena, sizeof *node->pipe->items.items);
	node->pipe->items.items[0] = (struct kql_item){ .node = value, .at = value->at };
	node->pipe->items.count = 1;
}

/* The table of toscalar(), or of a list that is one. */
static bool check_table(void *data, struct kql_scope *scope, struct kql_node *node)
{
	struct kql_binder *binder = data;
	struct kql_pipe *pipe;

	if (node->kind == KQL_NODE_SCALAR)
		scalar_of_value(binder, node);
	pipe = node->pipe;

	if (pipe == NULL && node->count == 2 && (node->args[1]->kind != KQL_NODE_NAME ||
		kql_scope_find(scope, node->args[1]->name) == SIZE_MAX)) {
		pipe = kql_bind_as_table(binder, node->args[1]);
		node->count -= pipe != NULL ? 1 : 0;
	}
	if (pipe == NULL)
		return true;
	if (!kql_bind_pipe(binder, pipe))
		return false;
	node->pipe = pipe;
	node->value.type = pipe->fields[0].type;
	node->column = binder->scalars->len;
	node->type = pipe->fields[0].type;
	node->shape = pipe->fields[0].shape;
	node->unstable = true;
	node->depends = KQL_DEPENDS_NONE;
	node->height = 1;
	if (node->kind == KQL_NODE_SCALAR)
		node->compute = kql_compute_scalar;
	g_ptr_array_add(binder->scalars, node);
	return true;
}

void kql_bind_scope(struct kql_binder *binder, struct kql_scope *scope, const struct kql_field *fields, size_t count)
{
	*scope = (struct kql_scope){ .text = binder->text, .fields = fields, .field_count = count, .arena = binder->arena,
		.resources = binder->resources, .now_ticks = binder->now_ticks, .resolve = resolve_name, .table = check_table,
		.call = kql_bind_call, .data = binder, .unknown = &binder->unknown, .no_columns = fields == NULL, .error = binder->error };
}

static bool bind_let(struct kql_binder *binder, struct kql_let *let)
{
	struct kql_scope scope;

	if (let->body != NULL)
		return kql_bind_function(binder, let) && kql_bind_names(binder, let);
	/* `let X = DeviceInfo;` names a table, not a value. */
	if (let->node != NULL && (let->pipe = kql_bind_as_table(binder, let->node)) != NULL)
		let->node = NULL;
	if (let->pipe != NULL) {
		if (!kql_bind_pipe(binder, let->pipe))
			return false;
		if (let->pipe->slot == SIZE_MAX)
			let->pipe->slot = binder->slots++;
		return true;
	}
	kql_bind_scope(binder, &scope, NULL, 0);
	let->level = binder->level;
	return kql_check(&scope, &let->node);
}

bool kql_bind_lets(struct kql_binder *binder, struct kql_let *last, const struct kql_let *before)
{
	AUTO(g_ptr_array_unref) GPtrArray *order = g_ptr_array_new();
	AUTO(g_hash_table_unref) GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);

	for (struct kql_let *let = last; let != before; let = let->next)
		g_ptr_array_add(order, let);
	for (guint n = order->len; n > 0; n--) {
		struct kql_let *let = order->pdata[n - 1];

		if (!g_hash_table_add(names, (gpointer)let->name))
			return kql_bind_fault(binder, let->at, "there is already a '%s'", let->name);
		/* A let sees those before it. */
		binder->lets = let->next;
		if (!bind_let(binder, let))
			return false;
		binder->lets = let;
	}
	return true;
}

/* Makes what the pipe is up to the step a pipe of its own, which the step reads. */
static struct kql_pipe *split(struct kql_binder *binder, struct kql_pipe *pipe, struct kql_step *before,
	struct kql_step *step, const struct kql_field *fields, size_t count)
{
	struct kql_pipe *inner = kql_arena_zero(binder->arena, sizeof *inner);

	*inner = *pipe;
	inner->slot = binder->slots++;
	if (before == NULL)
		inner->first = inner->last = NULL;
	else
		before->next = NULL;
	inner->last = before;
	inner->fields = kql_arena_alloc(binder->arena, (count + 1) * sizeof *inner->fields);
	memcpy(inner->fields, fields, count * sizeof *inner->fields);
	inner->field_count = count;
	inner->bound = true;
	inner->serialized = binder->serialized;
	if (pipe->source == KQL_FROM_RANGE)
		pipe->name = NULL; /* that of its column */
	pipe->source = KQL_FROM_PIPE;
	pipe->inner = inner;
	pipe->source_fields = inner->fields;
	pipe->source_count = count;
	pipe->first = step;
	return inner;
}

/* Operators that take the pipe before them as a whole. */
static bool bind_whole(struct kql_binder *binder, struct kql_pipe *pipe, struct kql_step *before, struct kql_step *step,
	const struct kql_field *fields, size_t count)
{
	struct kql_pipe *inner = split(binder, pipe, before, step, fields, count);
	const struct kql_relation *rows;
	struct kql_let *let;

	if (step->kind == KQL_STEP_AS) {
		let = kql_arena_zero(binder->arena, sizeof *let);
		*let = (struct kql_let){ .name = step->name, .pipe = inner, .next = binder->lets, .at = step->at };
		binder->lets = let;
		return kql_bind_step(binder, step, fields, count);
	}
	if (step->kind == KQL_STEP_INVOKE)
		return kql_bind_invoke(binder, inner, step, pipe);
	rows = binder->run != NULL ? binder->run(binder, inner) : NULL;
	if (rows == NULL)
		return kql_bind_fault(binder, step->at, "'%s' needs rows here", step->word);
	inner->staged = rows;
	return kql_bind_evaluate(binder, step, rows, fields, count);
}

/* Whether the rows have an order that is meant after the step, as far as they had one before. */
static bool stays_serialized(const struct kql_step *step, bool before)
{
	switch (step->kind) {
	case KQL_STEP_SORT:
	case KQL_STEP_TOP:
	case KQL_STEP_SERIALIZE:
	case KQL_STEP_SCHEMA:
	case KQL_STEP_HITTERS:
		return true;
	case KQL_STEP_SUMMARIZE:
	case KQL_STEP_DISTINCT:
	case KQL_STEP_JOIN:
	case KQL_STEP_LOOKUP:
	case KQL_STEP_UNION:
	case KQL_STEP_SAMPLE:
	case KQL_STEP_SAMPLE_DISTINCT:
	case KQL_STEP_PARTITION:
	case KQL_STEP_EVALUATE:
	case KQL_STEP_SERIES:
	case KQL_STEP_SEARCH:
		return false;
	default:
		return before;
	}
}

static bool bind_steps(struct kql_binder *binder, struct kql_pipe *pipe)
{
	const struct kql_field *fields = pipe->source_fields;
	size_t count = pipe->source_count;
	struct kql_step *before = NULL;

	binder->serialized = pipe->serialized;
	binder->current = pipe;
	for (struct kql_step *step = pipe->first; step != NULL; before = step, step = step->next) {
		bool whole = step->kind == KQL_STEP_AS || step->kind == KQL_STEP_INVOKE ||
			(step->kind == KQL_STEP_EVALUATE && kql_evaluate_needs_rows(step));

		binder->serialized |= step->kind == KQL_STEP_SERIALIZE;
		if (!(whole ? bind_whole(binder, pipe, before, step, fields, count) :
			kql_bind_step(binder, step, fields, count)))
			return false;
		if (step->kind == KQL_STEP_INVOKE) {
			/* The function's result is the source now, and the step is gone. */
			pipe->first = step->next;
			return bind_steps(binder, pipe);
		}
		binder->serialized = stays_serialized(step, binder->serialized);
		fields = step->fields;
		count = step->field_count;
	}
	if (count == 0)
		return kql_bind_fault(binder, pipe->at, "the result would have no columns");
	pipe->fields = kql_arena_alloc(binder->arena, count * sizeof *pipe->fields);
	memcpy(pipe->fields, fields, count * sizeof *pipe->fields);
	pipe->field_count = count;
	pipe->serialized = binder->serialized;
	return true;
}

bool kql_bind_pipe(struct kql_binder *binder, struct kql_pipe *pipe)
{
	const struct kql_pipe *current = binder->current;
	bool serialized = binder->serialized, fine;

	if (pipe->bound)
		return true;
	if (binder->level >= LEVEL_LIMIT)
		return kql_bind_fault(binder, pipe->at, "tables are nested more than %d deep", LEVEL_LIMIT);
	binder->level++;
	fine = kql_bind_source(binder, pipe) && bind_steps(binder, pipe);
	binder->level--;
	binder->serialized = serialized;
	binder->current = current;
	pipe->bound = fine;
	return fine;
}
