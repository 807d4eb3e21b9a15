#include "config.h"
#include "kql/predicate.h"

#include <string.h>

#include "core/text.h"
#include "kql/check.h"
#include "kql/parser.h"
#include "kql/plan.h"

struct kql_predicate {
	struct kql_arena arena;
	struct kql_resources *resources;
	struct kql_node *node;
	const struct kql_plan *fast, *plain;
	size_t memos;
	struct kql_field *fields;
	bool *used; /* by field */
	size_t field_count;
	int64_t now_ticks;
	bool (*turn)(void *data);
	void *turn_data;
};

static void copy_fields(struct kql_predicate *predicate, const struct kql_schema *schema)
{
	predicate->field_count = schema->count;
	predicate->fields = kql_arena_zero(&predicate->arena, (schema->count + 1) * sizeof *predicate->fields);
	predicate->used = kql_arena_zero(&predicate->arena, schema->count + 1);
	for (size_t n = 0; n < schema->count; n++) {
		const struct kql_column *column = &schema->columns[n];
		struct kql_field *field = &predicate->fields[n];

		field->name = kql_arena_copy(&predicate->arena, column->name, strlen(column->name));
		if (column->alias != NULL)
			field->alias = kql_arena_copy(&predicate->arena, column->alias, strlen(column->alias));
		field->type = kql_type_of_column(column->type);
	}
}

static void mark_used(struct kql_predicate *predicate, const struct kql_node *node)
{
	if (node->compute == kql_compute_column)
		predicate->used[node->column] = true;
	for (size_t n = 0; n < node->count; n++)
		mark_used(predicate, node->args[n]);
}

static bool predicate_compile(struct kql_predicate *predicate, const char *text, struct error *error)
{
	struct kql_parser parser;
	struct kql_scope scope = { .text = text, .fields = predicate->fields, .field_count = predicate->field_count,
		.arena = &predicate->arena, .resources = predicate->resources, .now_ticks = predicate->now_ticks,
		.error = error };

	if (!kql_parser_init(&parser, text, &predicate->arena, predicate->now_ticks, error))
		return false;
	if (parser.token.kind == KQL_TOKEN_END)
		return kql_fault_at(text, 0, error, "the predicate is empty");
	predicate->node = kql_parse_expression(&parser);
	if (predicate->node == NULL || !kql_parse_end(&parser) || !kql_check_predicate(&scope, &predicate->node))
		return false;
	mark_used(predicate, predicate->node);
	predicate->fast = kql_plan_new(&predicate->arena, predicate->node, true, &predicate->memos);
	predicate->plain = kql_plan_new(&predicate->arena, predicate->node, false, &predicate->memos);
	return true;
}

struct kql_predicate *kql_predicate_compile(const char *text, const struct kql_schema *schema, int64_t now_ticks,
	struct error *error)
{
	struct kql_predicate *predicate = g_new0(struct kql_predicate, 1);
	struct error fault = ERROR_INIT;

	predicate->resources = kql_resources_new();
	predicate->now_ticks = now_ticks;
	copy_fields(predicate, schema);
	if (predicate_compile(predicate, text, &fault))
		return predicate;
	error_copy(error, &fault);
	kql_predicate_free(predicate);
	return NULL;
}

void kql_predicate_free(struct kql_predicate *predicate)
{
	if (predicate == NULL)
		return;
	kql_resources_free(predicate->resources);
	kql_arena_clear(&predicate->arena);
	g_free(predicate);
}

bool kql_predicate_uses(const struct kql_predicate *predicate, const char *name)
{
	for (size_t n = 0; n < predicate->field_count; n++)
		if (predicate->used[n] && strcmp(predicate->fields[n].name, name) == 0)
			return true;
	return false;
}

/* The table's columns by field, as far as the predicate reads them. */
static const struct column **bind(const struct kql_predicate *predicate, const struct table *table, struct error *error)
{
	const struct column **columns = g_new0(const struct column *, predicate->field_count + 1);

	for (size_t n = 0; n < predicate->field_count; n++) {
		const struct kql_field *field = &predicate->fields[n];

		if (!predicate->used[n])
			continue;
		columns[n] = table_find(table, field->name);
		if (columns[n] != NULL && column_type(columns[n]) == kql_type_column(field->type))
			continue;
		error_set(error, ERROR_FAILED, columns[n] == NULL ? "the data has no column '%s'" :
			"the column '%s' of the data is of another type", field->name);
		g_free(columns);
		return NULL;
	}
	return columns;
}

struct outcome {
	struct bitset *is_true, *is_null;
	struct kql_failures *failures;
};

static void book(const struct outcome *outcome, const uint32_t *rows, size_t count, const int8_t *truth)
{
	for (size_t n = 0; n < count; n++) {
		if (truth[n] == KQL_TRUE)
			bitset_add(outcome->is_true, rows[n]);
		else if (truth[n] < 0 && outcome->is_null != NULL)
			bitset_add(outcome->is_null, rows[n]);
		if (truth[n] == KQL_TRUTH_FAILED && outcome->failures != NULL)
			outcome->failures->rows++;
	}
}

/* The next rows of the selection, at most a batch; 0 at the end. *next is where to go on. */
static size_t next_batch(const struct bitset *selection, uint32_t total, uint32_t *next, uint32_t *rows)
{
	size_t count = 0;

	if (selection == NULL) {
		while (count < KQL_BATCH && *next < total)
			rows[count++] = (*next)++;
		return count;
	}
	while (count < KQL_BATCH && *next < total) {
		uint32_t row = bitset_next(selection, *next);

		if (row == BITSET_END || row >= total) {
			*next = total;
			break;
		}
		rows[count++] = row;
		*next = row + 1;
	}
	return count;
}

static bool predicate_eval(const struct kql_predicate *predicate, const struct kql_plan *plan, const struct table *table,
	const struct bitset *selection, const struct outcome *outcome, struct error *error)
{
	const struct column **columns = bind(predicate, table, error);
	struct kql_context context = { .columns = columns, .now_ticks = predicate->now_ticks, .turn = predicate->turn,
		.turn_data = predicate->turn_data };
	size_t total = table_rows(table), count;
	uint32_t rows[KQL_BATCH], next = 0;
	int8_t truth[KQL_BATCH];
	struct kql_run *run;

	if (columns == NULL)
		return false;
	bitset_clear(outcome->is_true);
	if (outcome->is_null != NULL)
		bitset_clear(outcome->is_null);
	if (outcome->failures != NULL)
		*outcome->failures = (struct kql_failures){ .rows = 0 };
	run = kql_run_new(&context, predicate->memos, selection != NULL ? bitset_count(selection) : total);
	while (!context.stopped && (count = next_batch(selection, (uint32_t)MIN(total, BITSET_END - 1), &next, rows)) != 0) {
		context.stopped = context.turn != NULL && !context.turn(context.turn_data);
		kql_run_judge(run, plan, rows, count, truth);
		book(outcome, rows, count, truth);
	}
	if (outcome->failures != NULL && kql_run_failure(run) != NULL)
		g_strlcpy(outcome->failures->first, kql_run_failure(run), sizeof outcome->failures->first);
	kql_run_free(run);
	kql_context_clear(&context);
	g_free(columns);
	return !context.stopped || error_set(error, ERROR_INTERRUPTED, "interrupted");
}

void kql_predicate_set_turn(struct kql_predicate *predicate, bool (*turn)(void *data), void *data)
{
	predicate->turn = turn;
	predicate->turn_data = data;
}

bool kql_predicate_eval(const struct kql_predicate *predicate, const struct table *table, const struct bitset *rows,
	struct bitset *is_true, struct bitset *is_null, struct kql_failures *failures, struct error *error)
{
	struct outcome outcome = { is_true, is_null, failures };

	return predicate_eval(predicate, predicate->fast, table, rows, &outcome, error);
}

bool kql_predicate_eval_plain(const struct kql_predicate *predicate, const struct table *table,
	const struct bitset *rows, struct bitset *is_true, struct bitset *is_null, struct kql_failures *failures,
	struct error *error)
{
	struct outcome outcome = { is_true, is_null, failures };

	return predicate_eval(predicate, predicate->plain, table, rows, &outcome, error);
}

#define UNDERLINE_WIDTH 100 /* characters of the source line that are shown */

/* How many bytes the word, number, string or sign at a place has; one character for what is none. */
static size_t token_length(const char *text)
{
	struct kql_lexer lexer;
	struct kql_token token;

	kql_lexer_init(&lexer, text, strlen(text));
	token = kql_lexer_next(&lexer);
	if (token.kind == KQL_TOKEN_BAD || token.start != 0 || token.length == 0)
		return *text != '\0' ? (size_t)(g_utf8_next_char(text) - text) : 0;
	return token.length;
}

void kql_error_underline(GString *out, const char *text, unsigned line, unsigned column)
{
	const char *end;
	char *shown, *at, *marked;
	unsigned start = 0, length;

	if (line == 0)
		return;
	for (; line > 1; line--) {
		text = strchr(text, '\n');
		if (text == NULL)
			return;
		text++;
	}
	end = text + strcspn(text, "\r\n");
	if (!g_utf8_validate(text, end - text, NULL))
		return;
	length = (unsigned)g_utf8_strlen(text, end - text);
	column = CLAMP(column, 1, length + 1);
	if (column > UNDERLINE_WIDTH / 2 && length > UNDERLINE_WIDTH)
		start = MIN(column - UNDERLINE_WIDTH / 2, length - UNDERLINE_WIDTH);
	length = MIN(length - start, UNDERLINE_WIDTH);
	shown = g_utf8_substring(text, start, start + length);
	g_strdelimit(shown, "\t", ' ');
	text_append_safe(out, shown, strlen(shown));
	g_string_append_c(out, '\n');
	/* Under the word: text before it and itself may be wide, or longer when made safe. */
	at = g_utf8_offset_to_pointer(shown, MIN(column - 1 - start, length));
	marked = g_strndup(at, token_length(at));
	*at = '\0';
	char *before = text_safe(shown), *under = text_safe(marked);

	g_string_append_printf(out, "%*s^", (int)text_width(before), "");
	for (size_t width = text_width(under); width > 1; width--)
		g_string_append_c(out, '~');
	g_string_append_c(out, '\n');
	g_free(before);
	g_free(under);
	g_free(marked);
	g_free(shown);
}
