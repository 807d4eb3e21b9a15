#include "config.h"
#include "kql/predicate.h"

#include <string.h>

#include "core/text.h"
#include "kql/check.h"
#include "kql/kernels.h"
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

static void take_names(GPtrArray *names, const struct kql_node *node)
{
	if (node->kind == KQL_NODE_NAME)
		g_ptr_array_add(names, g_strdup(node->name));
	for (size_t n = 0; n < node->count; n++)
		take_names(names, node->args[n]);
}

char **kql_predicate_names(const char *text, int64_t now_ticks, struct error *error)
{
	struct kql_arena arena = { 0 };
	struct kql_parser parser;
	struct error fault = ERROR_INIT;
	struct kql_node *node = NULL;
	GPtrArray *names = NULL;

	if (kql_parser_init(&parser, text, &arena, now_ticks, &fault)) {
		if (parser.token.kind == KQL_TOKEN_END)
			kql_fault_at(text, 0, &fault, "the predicate is empty");
		else
			node = kql_parse_expression(&parser);
		if (node != NULL && kql_parse_end(&parser)) {
			names = g_ptr_array_new();
			take_names(names, node);
			g_ptr_array_add(names, NULL);
		}
	}
	kql_arena_clear(&arena);
	if (names == NULL)
		error_copy(error, &fault);
	return names != NULL ? (char **)g_ptr_array_free(names, FALSE) : NULL;
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

/* Adds to a bitset what 64 rows from row on come to. */
static void book_word(struct bitset *set, size_t row, uint64_t word)
{
	if (word == 0 || set == NULL)
		return;
	bitset_add(set, (uint32_t)(row + 63 - (size_t)__builtin_clzll(word)));
	set->words[row / 64] |= word;
}

/* What a window of rows from first on came to; only those of the words (NULL: all) count. */
static void book_window(const struct outcome *outcome, size_t first, size_t count, const uint64_t *words, int8_t *truth)
{
	memset(truth + count, 0, (64 - count % 64) % 64);
	for (size_t n = 0; n < count; n += 64) {
		uint64_t mask = words != NULL ? words[n / 64] : ~UINT64_C(0);
		uint64_t failed = kernel_word(truth + n, KQL_TRUTH_FAILED) & mask;

		book_word(outcome->is_true, first + n, kernel_word(truth + n, KQL_TRUE) & mask);
		book_word(outcome->is_null, first + n, (kernel_word(truth + n, KQL_TRUTH_NULL) & mask) | failed);
		if (outcome->failures != NULL)
			outcome->failures->rows += (size_t)__builtin_popcountll(failed);
	}
}

/* Spreads truths of listed rows over their window; the others are false. */
static void spread(const uint32_t *rows, size_t count, size_t first, const int8_t *truth, int8_t *window)
{
	memset(window, KQL_FALSE, KQL_BATCH);
	for (size_t n = 0; n < count; n++)
		window[rows[n] - first] = truth[n];
}

/* Judges the rows of the selection (NULL: all) that lie in the window. */
static void judge_window(struct kql_run *run, const struct kql_plan *plan, const struct outcome *outcome,
	const struct bitset *selection, size_t first, size_t length)
{
	uint64_t words[KQL_BATCH / 64] = { 0 };
	uint32_t rows[KQL_BATCH];
	int8_t truth[KQL_BATCH + 64], window[KQL_BATCH + 64];
	size_t count = 0, selected = 0;

	for (size_t n = 0; n < length; n += 64) {
		size_t word = (first + n) / 64;

		words[n / 64] = selection == NULL ? ~UINT64_C(0) : word < selection->count ? selection->words[word] : 0;
		selected += (size_t)__builtin_popcountll(words[n / 64]);
	}
	/* A window of which most rows count is judged whole: rows in order are judged much faster. */
	for (size_t n = 0; n < length; n++)
		if (selected >= length / 4 * 3 || (words[n / 64] >> n % 64 & 1) != 0)
			rows[count++] = (uint32_t)(first + n);
	if (count == 0)
		return;
	kql_run_judge(run, plan, rows, count, truth);
	if (count == length) {
		book_window(outcome, first, length, words, truth);
		return;
	}
	spread(rows, count, first, truth, window);
	book_window(outcome, first, length, words, window);
}

static bool predicate_eval(const struct kql_predicate *predicate, const struct kql_plan *plan, const struct table *table,
	const struct bitset *selection, const struct outcome *outcome, struct error *error)
{
	const struct column **columns = bind(predicate, table, error);
	struct kql_context context = { .columns = columns, .now_ticks = predicate->now_ticks, .turn = predicate->turn,
		.turn_data = predicate->turn_data };
	size_t total = MIN(table_rows(table), (size_t)BITSET_END - 1);
	struct kql_run *run;

	if (columns == NULL)
		return false;
	bitset_clear(outcome->is_true);
	if (outcome->is_null != NULL)
		bitset_clear(outcome->is_null);
	if (outcome->failures != NULL)
		*outcome->failures = (struct kql_failures){ .rows = 0 };
	run = kql_run_new(&context, predicate->memos, selection != NULL ? bitset_count(selection) : total);
	for (size_t first = 0; first < total && !context.stopped; first += KQL_BATCH) {
		context.stopped = context.turn != NULL && !context.turn(context.turn_data);
		judge_window(run, plan, outcome, selection, first, MIN(total - first, (size_t)KQL_BATCH));
	}
	if (outcome->failures != NULL && outcome->failures->rows != 0 && kql_run_failure(run) != NULL)
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
