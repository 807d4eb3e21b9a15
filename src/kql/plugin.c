#include "config.h"
#include "kql/plugin.h"

#include <string.h>

#include "kql/names.h"

static const struct kql_plugin *const plugins[] = {
	&kql_plugin_bag_unpack, &kql_plugin_pivot, &kql_plugin_narrow,
};

/* Of the service. */
static const char *const others[] = {
	"active_users_count", "activity_counts_metrics", "activity_engagement", "activity_metrics", "ai_chat_completion",
	"ai_embed_text", "autocluster", "autocluster_v2", "azure_digital_twins_query_request", "basket", "basket_v2",
	"cosmosdb_sql_request", "dcount_intersect", "diffpatterns", "diffpatterns_text", "estimate_rows_count",
	"execute_query", "execute_show_command", "funnel_sequence", "funnel_sequence_completion", "geo_line_lookup",
	"geo_polygon_lookup", "http_request", "http_request_post", "identity", "infer_storage_schema", "ipv4_lookup",
	"ipv6_lookup", "mysql_request", "new_activity_metrics", "postgresql_request", "preview", "python", "r",
	"rolling_percentile", "rows_near", "schema_merge", "sequence_detect", "session_count", "sliding_window_counts",
	"sql_request", NULL,
};

const struct kql_plugin *kql_plugin_find(const char *name)
{
	for (size_t n = 0; n < G_N_ELEMENTS(plugins); n++)
		if (strcmp(plugins[n]->name, name) == 0)
			return plugins[n];
	return NULL;
}

const char **kql_plugin_names(void)
{
	const char **names = g_new0(const char *, G_N_ELEMENTS(plugins) + 1);

	for (size_t n = 0; n < G_N_ELEMENTS(plugins); n++)
		names[n] = plugins[n]->name;
	return names;
}

bool kql_plugin_column(struct kql_binder *binder, const struct kql_node *arg, const struct kql_field *fields, size_t count,
	size_t *column)
{
	struct kql_scope scope;

	kql_bind_scope(binder, &scope, fields, count);
	if (arg->kind != KQL_NODE_NAME)
		return kql_bind_fault(binder, arg->at, "a column is wanted here");
	*column = kql_scope_find(&scope, arg->name);
	return *column != SIZE_MAX || kql_scope_unknown(&scope, arg, "column");
}

void kql_plugin_schema(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count,
	const bool *taken)
{
	struct kql_evaluate *evaluate = step->evaluate;
	size_t most = count + evaluate->schema_count + 1;

	step->fields = kql_arena_zero(binder->arena, most * sizeof *step->fields);
	step->columns = kql_arena_zero(binder->arena, most * sizeof *step->columns);
	evaluate->names = kql_arena_zero(binder->arena, most * sizeof *evaluate->names);
	step->field_count = 0;
	for (size_t n = 0; n < count && evaluate->star; n++) {
		bool given = taken[n];

		for (size_t m = 0; m < evaluate->schema_count; m++)
			given |= strcmp(evaluate->schema[m].name, fields[n].name) == 0;
		if (given)
			continue;
		step->columns[step->field_count] = n;
		step->fields[step->field_count++] = fields[n];
	}
	for (size_t n = 0; n < evaluate->schema_count; n++) {
		size_t input = 0;

		while (input < count && (taken[input] || strcmp(fields[input].name, evaluate->schema[n].name) != 0))
			input++;
		/* What the plugin does not make comes from the input. */
		step->columns[step->field_count] = input < count ? input : SIZE_MAX;
		evaluate->names[step->field_count] = evaluate->schema[n].name;
		step->fields[step->field_count++] = evaluate->schema[n];
	}
}

bool kql_evaluate_needs_rows(const struct kql_step *step)
{
	const struct kql_plugin *plugin = kql_plugin_find(step->evaluate->call->name);

	return plugin != NULL && plugin->needs_rows && !step->evaluate->has_schema;
}

static bool unknown_plugin(struct kql_binder *binder, const struct kql_node *call)
{
	for (const char *const *other = others; *other != NULL; other++)
		if (strcmp(*other, call->name) == 0) {
			kql_bind_fault(binder, call->at, "the plugin '%s' is not supported here", call->name);
			return false;
		}
	kql_bind_fault(binder, call->at, "unknown plugin '%s'", call->name);
	error_hint(binder->error, "there are bag_unpack, pivot and narrow");
	return false;
}

bool kql_bind_evaluate(struct kql_binder *binder, struct kql_step *step, const struct kql_relation *rows,
	const struct kql_field *fields, size_t count)
{
	struct kql_evaluate *evaluate = step->evaluate;

	evaluate->plugin = kql_plugin_find(evaluate->call->name);
	if (evaluate->plugin == NULL)
		return unknown_plugin(binder, evaluate->call);
	return evaluate->plugin->bind(binder, step, rows, fields, count);
}

struct kql_relation *kql_run_evaluate(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	return step->evaluate->plugin->run(runner, step, from);
}

static bool bind_narrow(struct kql_binder *binder, struct kql_step *step, const struct kql_relation *rows,
	const struct kql_field *fields, size_t count)
{
	static const struct kql_field result[] = {
		{ .name = "Row", .type = KQL_LONG }, { .name = "Column", .type = KQL_STRING }, { .name = "Value", .type = KQL_STRING },
	};

	(void)rows;
	(void)fields;
	(void)count;
	if (step->evaluate->call->count != 0)
		return kql_bind_fault(binder, step->evaluate->call->at, "narrow() takes no arguments");
	step->fields = kql_arena_alloc(binder->arena, sizeof result);
	memcpy(step->fields, result, sizeof result);
	step->field_count = G_N_ELEMENTS(result);
	return true;
}

/* A row for every cell: its row, its column, its text. */
static struct kql_relation *run_narrow(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	struct kql_relation *to = kql_relation_new(runner, step->fields, step->field_count, from->rows * from->count);
	struct column *columns[3];
	struct kql_arena scratch = { 0 };
	bool fine = kql_runner_rows(runner, to->rows);

	for (size_t n = 0; n < 3; n++)
		to->vectors[n].column = columns[n] = kql_runner_column(runner, step->fields[n].name, step->fields[n].type);
	for (size_t row = 0; row < from->rows && fine; row++)
		for (size_t n = 0; n < from->count && fine; n++) {
			struct kql_value value;
			struct kql_slice text;

			kql_arena_reset(&scratch);
			value = kql_vector_value(&from->vectors[n], from->fields[n].type, row, &scratch);
			text = kql_value_text(&scratch, &value);
			column_append_int(columns[0], (int64_t)row);
			column_append_text(columns[1], from->fields[n].name, strlen(from->fields[n].name));
			column_append_text(columns[2], text.text, text.length);
			fine = kql_runner_charge(runner, text.length + 24) && kql_runner_turn(runner);
		}
	kql_arena_clear(&scratch);
	return fine ? to : NULL;
}

const struct kql_plugin kql_plugin_narrow = { "narrow", "", bind_narrow, run_narrow, false };
