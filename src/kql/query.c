#include "config.h"
#include "kql/query.h"

#include <string.h>

#include "kql/relation.h"

#define ROWS_DEFAULT 5000000
#define BYTES_DEFAULT ((size_t)1 << 30)

struct kql_query {
	struct kql_arena arena;
	struct kql_resources *resources;
	struct kql_pipe *pipe;
	GPtrArray *scalars; /* nodes, in the order they are to be computed */
	GPtrArray *stages;  /* struct kql_runner, of what had to be run while checking */
	size_t slots;
	const struct kql_render *render;
	struct kql_column *columns; /* of the result */
	int64_t now_ticks;
	char *name;
};

static void runner_init(struct kql_runner *runner, const struct kql_query *query, size_t slots,
	const struct kql_limits *limits, struct error *error);
static void runner_clear(struct kql_runner *runner);
static bool run_scalars(struct kql_runner *runner, const GPtrArray *scalars);

static void stage_destroy(gpointer stage)
{
	runner_clear(stage);
	g_free(stage);
}

/* Runs what is checked so far, for the operators whose columns depend on the rows. */
static const struct kql_relation *run_stage(struct kql_binder *binder, struct kql_pipe *pipe)
{
	struct kql_query *query = binder->run_data;
	struct kql_runner *runner = g_new0(struct kql_runner, 1);
	const struct kql_relation *relation;

	runner_init(runner, query, binder->slots, binder->source->limits, binder->error);
	g_ptr_array_add(query->stages, runner);
	relation = run_scalars(runner, query->scalars) ? kql_run_pipe(runner, pipe) : NULL;
	runner->error = NULL;
	return relation;
}

/* The functions that the source adds to the language. */
static bool bind_prelude(struct kql_query *query, struct kql_binder *binder, const char *text)
{
	const char *prelude = binder->source->prelude;
	struct kql_parser parser;
	struct kql_let *lets = NULL;

	if (prelude == NULL)
		return true;
	binder->text = prelude;
	if (!kql_parser_init(&parser, prelude, &query->arena, query->now_ticks, binder->error) ||
		!kql_parse_prelude(&parser, &lets) || !kql_bind_lets(binder, lets, NULL))
		return false;
	binder->text = text;
	return true;
}

static bool query_compile(struct kql_query *query, const char *text, const struct kql_source *source,
	const char *default_table, struct error *error)
{
	struct kql_binder binder = { .text = text, .arena = &query->arena, .resources = query->resources, .source = source,
		.default_table = default_table, .now_ticks = query->now_ticks, .scalars = query->scalars, .run = run_stage,
		.run_data = query, .error = error };
	struct kql_parser parser;
	struct kql_let *lets;
	const struct kql_pipe *first;

	if (!bind_prelude(query, &binder, text) ||
		!kql_parser_init(&parser, text, &query->arena, query->now_ticks, error))
		return false;
	lets = binder.lets;
	query->pipe = kql_parse_query(&parser, &lets);
	if (query->pipe == NULL || !kql_bind_lets(&binder, lets, binder.lets) || !kql_bind_pipe(&binder, query->pipe))
		return false;
	query->slots = binder.slots;
	query->render = binder.render;
	query->columns = kql_arena_zero(&query->arena, (query->pipe->field_count + 1) * sizeof *query->columns);
	for (size_t n = 0; n < query->pipe->field_count; n++) {
		query->columns[n].name = query->pipe->fields[n].name;
		query->columns[n].type = kql_type_column(query->pipe->fields[n].type);
	}
	for (first = query->pipe; first->inner != NULL;)
		first = first->inner;
	query->name = g_strdup(first->table != NULL ? table_name(first->table) : "result");
	return true;
}

static struct kql_query *query_new(int64_t now_ticks)
{
	struct kql_query *query = g_new0(struct kql_query, 1);

	query->resources = kql_resources_new();
	query->scalars = g_ptr_array_new();
	query->stages = g_ptr_array_new_with_free_func(stage_destroy);
	query->now_ticks = now_ticks;
	return query;
}

struct kql_query *kql_query_compile(const char *text, const struct kql_source *source, const char *default_table,
	int64_t now_ticks, struct error *error)
{
	struct kql_query *query = query_new(now_ticks);
	struct error fault = ERROR_INIT;

	if (query_compile(query, text, source, default_table, &fault))
		return query;
	error_copy(error, &fault);
	kql_query_free(query);
	return NULL;
}

struct kql_query *kql_query_parse(const char *text, int64_t now_ticks, struct error *error)
{
	struct kql_query *query = query_new(now_ticks);
	struct kql_parser parser;
	struct kql_let *lets = NULL;
	struct error fault = ERROR_INIT;

	if (kql_parser_init(&parser, text, &query->arena, now_ticks, &fault) &&
	    (query->pipe = kql_parse_query(&parser, &lets)) != NULL) {
		for (const struct kql_step *step = query->pipe->first; step != NULL; step = step->next)
			query->render = step->render != NULL ? step->render : query->render;
		return query;
	}
	error_copy(error, &fault);
	kql_query_free(query);
	return NULL;
}

void kql_query_free(struct kql_query *query)
{
	if (query == NULL)
		return;
	kql_resources_free(query->resources);
	g_ptr_array_unref(query->scalars);
	g_ptr_array_unref(query->stages);
	kql_arena_clear(&query->arena);
	g_free(query->name);
	g_free(query);
}

void kql_query_schema(const struct kql_query *query, struct kql_schema *schema)
{
	schema->columns = query->columns;
	schema->count = query->pipe->field_count;
}

const char *kql_query_type(const struct kql_query *query, size_t column)
{
	return kql_type_name(query->pipe->fields[column].type);
}

const struct kql_render *kql_query_render(const struct kql_query *query)
{
	return query->render;
}

static void column_destroy(gpointer column)
{
	column_free(column);
}

/* The values of a table's first column, as `in (table)` looks them up. */
static void collect(struct kql_runner *runner, const struct kql_node *node, const struct kql_relation *relation,
	struct kql_scalar *scalar)
{
	enum kql_type key = kql_key_type(node->args[0]->type, relation->fields[0].type);
	bool list = node->operator->op != KQL_OP_IN;

	if (list)
		scalar->needles = g_array_new(FALSE, FALSE, sizeof(struct kql_slice));
	else
		scalar->set = g_hash_table_new(kql_slice_hash, kql_slice_equal);
	for (size_t row = 0; row < relation->rows; row++) {
		struct kql_value value = kql_vector_value(&relation->vectors[0], relation->fields[0].type, row, &runner->arena);
		struct kql_slice *text;

		if (value.null)
			continue;
		text = kql_arena_alloc(&runner->arena, sizeof *text);
		*text = kql_key_text(&runner->arena, &value, key);
		if (node->operator->folded)
			*text = kql_fold(&runner->arena, *text);
		if (list)
			g_array_append_val(scalar->needles, *text);
		else
			g_hash_table_add(scalar->set, text);
	}
}

/* toscalar() and the tables of lists, before the rows that need them. */
static bool run_scalars(struct kql_runner *runner, const GPtrArray *scalars)
{
	for (guint n = 0; n < runner->scalar_count; n++) {
		const struct kql_node *node = scalars->pdata[n];
		const struct kql_relation *relation = kql_run_pipe(runner, node->pipe);
		struct kql_scalar *scalar = &runner->scalars[node->column];

		if (relation == NULL)
			return false;
		if (node->kind == KQL_NODE_LIST)
			collect(runner, node, relation, scalar);
		else
			scalar->value = relation->rows != 0 ? kql_vector_value(&relation->vectors[0], relation->fields[0].type, 0,
				&runner->arena) : kql_null(node->type);
	}
	return true;
}

/* Copies the rows out into a table of their own. */
static struct table *materialize(struct kql_runner *runner, const struct kql_query *query,
	const struct kql_relation *relation)
{
	struct table *table = table_new(query->name);
	bool fine = true;

	for (size_t n = 0; n < relation->count && fine; n++) {
		const struct kql_vector *vector = &relation->vectors[n];
		struct column *column = column_new(relation->fields[n].name, kql_type_column(relation->fields[n].type));

		for (size_t row = 0; row < relation->rows && fine; row++) {
			size_t place = vector->index != NULL ? vector->index[row] : row;

			fine = kql_runner_turn(runner);
			if (place == KQL_NO_ROW)
				column_append_null(column);
			else
				column_append_from(column, vector->column, place);
		}
		if (fine)
			table_add(table, column);
		else
			column_free(column);
	}
	if (fine)
		return table;
	table_free(table);
	return NULL;
}

static void runner_clear(struct kql_runner *runner)
{
	for (size_t n = 0; n < runner->scalar_count; n++) {
		if (runner->scalars[n].set != NULL)
			g_hash_table_unref(runner->scalars[n].set);
		if (runner->scalars[n].needles != NULL)
			g_array_unref(runner->scalars[n].needles);
	}
	g_free(runner->scalars);
	g_free(runner->lets);
	g_ptr_array_unref(runner->columns);
	g_ptr_array_unref(runner->indexes);
	kql_arena_clear(&runner->arena);
}

static void runner_init(struct kql_runner *runner, const struct kql_query *query, size_t slots,
	const struct kql_limits *limits, struct error *error)
{
	*runner = (struct kql_runner){ .now_ticks = query->now_ticks, .error = error,
		.columns = g_ptr_array_new_with_free_func(column_destroy), .indexes = g_ptr_array_new_with_free_func(g_free),
		.scalar_count = query->scalars->len };
	if (limits != NULL)
		runner->limits = *limits;
	if (runner->limits.rows == 0)
		runner->limits.rows = ROWS_DEFAULT;
	if (runner->limits.bytes == 0)
		runner->limits.bytes = BYTES_DEFAULT;
	runner->limits.rows = MIN(runner->limits.rows, (size_t)KQL_NO_ROW - 1);
	runner->scalars = g_new0(struct kql_scalar, runner->scalar_count + 1);
	runner->lets = g_new0(struct kql_relation *, slots + 1);
}

struct table *kql_query_run(const struct kql_query *query, const struct kql_limits *limits, struct error *error)
{
	struct kql_runner runner;
	const struct kql_relation *relation;
	struct table *table = NULL;

	runner_init(&runner, query, query->slots, limits, error);
	if (run_scalars(&runner, query->scalars)) {
		relation = kql_run_pipe(&runner, query->pipe);
		if (relation != NULL)
			table = materialize(&runner, query, relation);
	}
	runner_clear(&runner);
	return table;
}
