#include "config.h"
#include "kql/complete.h"

#include <string.h>

#include "core/text.h"
#include "kql/lexer.h"
#include "kql/literal.h"
#include "kql/names.h"

/* A pipeline, or a bracket of an expression within one, that the end of the text is in. */
struct level {
	bool pipeline;
	bool values;     /* what stands there may be a list of values as well */
	size_t start;    /* byte where the pipeline begins */
	size_t bar;      /* byte behind its last bar; SIZE_MAX: there is none yet */
	GArray *tokens;  /* struct kql_token: of the step, without what stands in brackets */
	size_t inner, inner_end; /* the last bracket that was closed in the step, or a table behind join: what is joined */
};

struct scan {
	const char *text;
	const struct kql_completion *completion;
	struct kql_lexer lexer;
	GPtrArray *levels;  /* struct level */
	size_t statement;   /* byte where the last statement begins: what is before are lets */
	bool let;           /* the statement is one, and its '=' has come */
	GPtrArray *texts;
	const char *word;   /* folded */
	size_t word_length;
};

static void level_free(void *data)
{
	struct level *level = data;

	g_array_unref(level->tokens);
	g_free(level);
}

static struct level *level_push(struct scan *scan, bool pipeline, size_t start)
{
	struct level *level = g_new0(struct level, 1);

	level->pipeline = pipeline;
	level->start = start;
	level->bar = SIZE_MAX;
	level->tokens = g_array_new(FALSE, FALSE, sizeof(struct kql_token));
	g_ptr_array_add(scan->levels, level);
	return level;
}

static struct level *level_top(const struct scan *scan)
{
	return scan->levels->pdata[scan->levels->len - 1];
}

static const struct kql_token *token_at(const struct level *level, guint index)
{
	return index < level->tokens->len ? &g_array_index(level->tokens, struct kql_token, index) : NULL;
}

static bool is(const struct scan *scan, const struct kql_token *token, const char *text)
{
	return token != NULL && kql_token_is(&scan->lexer, token, text);
}

/* The token n places from the step's end. */
static const struct kql_token *last(const struct level *level, guint n)
{
	return level->tokens->len > n ? token_at(level, level->tokens->len - 1 - n) : NULL;
}

static bool level_has(const struct scan *scan, const struct level *level, const char *word)
{
	for (guint n = 1; n < level->tokens->len; n++)
		if (is(scan, token_at(level, n), word))
			return true;
	return false;
}

/* ---- reading up to the word */

/* A bracket that holds a table: of join, lookup, union, in, materialize, toscalar, or within such a one. */
static bool opens_pipeline(const struct scan *scan, const struct level *level)
{
	static const char *const before[] = { "materialize", "toscalar", "in", "!in", "in~", "!in~", "join", "lookup", "union",
		"has_any", "has_all" };
	const struct kql_token *first = token_at(level, 0);

	for (size_t n = 0; n < G_N_ELEMENTS(before); n++)
		if (is(scan, last(level, 0), before[n]))
			return true;
	if (level->pipeline && level->tokens->len == 0 && level->bar == SIZE_MAX)
		return true;
	return (is(scan, first, "join") || is(scan, first, "lookup") || is(scan, first, "union")) &&
		!level_has(scan, level, "on");
}

static void step_clear(struct level *level)
{
	g_array_set_size(level->tokens, 0);
	level->inner = level->inner_end = 0;
}

static void take_token(struct scan *scan, const struct kql_token *token)
{
	struct level *level = level_top(scan);
	size_t end = token->start + token->length;

	if (is(scan, token, "(") || is(scan, token, "[") || is(scan, token, "{")) {
		bool values = is(scan, last(level, 0), "in") || is(scan, last(level, 0), "!in") ||
			is(scan, last(level, 0), "in~") || is(scan, last(level, 0), "!in~") || is(scan, last(level, 0), "has_any") ||
			is(scan, last(level, 0), "has_all");

		level_push(scan, is(scan, token, "(") && opens_pipeline(scan, level), end)->values = values;
		return;
	}
	if (is(scan, token, ")") || is(scan, token, "]") || is(scan, token, "}")) {
		if (scan->levels->len == 1)
			return;
		size_t start = level->start;

		g_ptr_array_remove_index(scan->levels, scan->levels->len - 1);
		level = level_top(scan);
		level->inner = start;
		level->inner_end = token->start;
		g_array_append_val(level->tokens, *token);
		return;
	}
	if (is(scan, token, ";") && scan->levels->len == 1) {
		scan->statement = level->start = end;
		level->bar = SIZE_MAX;
		scan->let = false;
		step_clear(level);
	} else if (is(scan, token, "|") && level->pipeline) {
		level->bar = end;
		step_clear(level);
	} else if (is(scan, token, "=") && scan->levels->len == 1 && level->bar == SIZE_MAX &&
		is(scan, token_at(level, 0), "let") && !scan->let) {
		scan->let = true;
		level->start = end;
		step_clear(level);
	} else {
		g_array_append_val(level->tokens, *token);
	}
}

/* False if the end is in a string or comment. *start: where the word begins. */
static bool read_text(struct scan *scan, size_t length, size_t *start)
{
	struct kql_token token;
	size_t end;

	kql_lexer_init(&scan->lexer, scan->text, length);
	level_push(scan, true, 0);
	*start = length;
	while ((token = kql_lexer_next_raw(&scan->lexer)).kind != KQL_TOKEN_END) {
		end = token.start + token.length;
		if (token.kind == KQL_TOKEN_BAD)
			return false;
		if (token.kind == KQL_TOKEN_COMMENT) {
			if (end >= length && scan->text[length - 1] != '\n')
				return false;
			continue;
		}
		if (end == length && token.kind == KQL_TOKEN_NAME) {
			*start = token.start;
			return true;
		}
		if (end == length && token.kind != KQL_TOKEN_OPERATOR) /* a number or string being typed */
			return false;
		take_token(scan, &token);
	}
	return true;
}

/* ---- offering */

static void offer(struct scan *scan, const char *text)
{
	AUTO(g_free) char *folded = text_fold(text, strlen(text));

	if (strncmp(folded, scan->word, scan->word_length) == 0)
		g_ptr_array_add(scan->texts, g_strdup(text));
}

static void offer_list(struct scan *scan, const char *const *list)
{
	for (; list != NULL && *list != NULL; list++)
		offer(scan, *list);
}

static void offer_name(struct scan *scan, const char *name)
{
	AUTO(g_string) GString *text = g_string_new(NULL);

	kql_append_name(text, name);
	offer(scan, text->str);
}

/* Takes the list over. */
static void offer_functions(struct scan *scan, const char **names)
{
	for (const char **name = names; *name != NULL; name++) {
		AUTO(g_free) char *text = g_strconcat(*name, "(", NULL);

		offer(scan, text);
	}
	g_free(names);
}

/* Names of the lets before; tables and values alike. */
static void offer_lets(struct scan *scan)
{
	struct kql_lexer lexer;
	struct kql_token token, name;

	kql_lexer_init(&lexer, scan->text, scan->statement);
	while ((token = kql_lexer_next(&lexer)).kind != KQL_TOKEN_END && token.kind != KQL_TOKEN_BAD) {
		if (!kql_token_is(&lexer, &token, "let"))
			continue;
		name = kql_lexer_next(&lexer);
		if (name.kind == KQL_TOKEN_NAME) {
			AUTO(g_free) char *text = g_strndup(scan->text + name.start, name.length);

			offer(scan, text);
		}
	}
}

static void offer_tables(struct scan *scan)
{
	if (scan->completion->source != NULL)
		for (const char *const *name = scan->completion->source->names; name != NULL && *name != NULL; name++)
			offer_name(scan, *name);
	offer_lets(scan);
}

/* The columns that a piece of text, a pipeline, comes to with the lets before it. */
static void offer_columns_of(struct scan *scan, size_t start, size_t end)
{
	AUTO(g_string) GString *text = g_string_new_len(scan->text, (gssize)scan->statement);
	AUTO(kql_query_free) struct kql_query *query = NULL;
	struct kql_schema schema;

	if (end <= start || scan->completion->source == NULL)
		return;
	g_string_append_len(text, scan->text + start, (gssize)(end - start));
	query = kql_query_compile(text->str, scan->completion->source, NULL, scan->completion->now_ticks, NULL);
	if (query == NULL)
		return;
	kql_query_schema(query, &schema);
	for (size_t n = 0; n < schema.count; n++)
		offer_name(scan, schema.columns[n].name);
}

static void offer_columns(struct scan *scan, const struct level *level)
{
	const struct kql_schema *predicate = scan->completion->predicate;

	for (size_t n = 0; predicate != NULL && n < predicate->count; n++) {
		offer_name(scan, predicate->columns[n].name);
		if (predicate->columns[n].alias != NULL)
			offer_name(scan, predicate->columns[n].alias);
	}
	if (predicate == NULL && level->bar != SIZE_MAX)
		offer_columns_of(scan, level->start, level->bar - 1);
}

/* Whether what stands before the word is a value, so that an operator is next. */
static bool after_value(const struct scan *scan, const struct level *level)
{
	const struct kql_token *token = last(level, 0);
	bool begins = level->pipeline && scan->completion->predicate == NULL; /* with the word of the step */

	if (token == NULL || (begins && level->tokens->len < 2))
		return false;
	for (const char *const *word = kql_scalar_operators; *word != NULL; word++)
		if (is(scan, token, *word))
			return false;
	if (is(scan, token, "by") || is(scan, token, "regex") || is(scan, token, "matches"))
		return false;
	return token->kind != KQL_TOKEN_OPERATOR || is(scan, token, ")") || is(scan, token, "]");
}

/* What may stand in an expression over the columns of a pipeline: an operator behind a value, else a value. */
static void offer_expression(struct scan *scan, const struct level *level)
{
	if (after_value(scan, level_top(scan))) {
		if (scan->word_length > 0)
			offer_list(scan, kql_scalar_operators);
		return;
	}
	offer_columns(scan, level);
	if (scan->word_length == 0)
		return;
	offer_lets(scan);
	offer_functions(scan, kql_function_names());
}

/* ---- by operator */

static void offer_keys(struct scan *scan, const struct level *level)
{
	static const char *const directions[] = { "asc", "desc", "nulls first", "nulls last", NULL };

	if (!level_has(scan, level, "by")) {
		offer(scan, "by");
		return;
	}
	if (after_value(scan, level))
		offer_list(scan, directions);
	else
		offer_expression(scan, level);
}

static void offer_summarize(struct scan *scan, const struct level *level)
{
	bool by = level_has(scan, level, "by");

	if (after_value(scan, level) && !by)
		offer(scan, "by");
	if (!by && scan->word_length > 0 && !after_value(scan, level))
		offer_functions(scan, kql_aggregate_names());
	offer_expression(scan, level);
}

/* $left. and $right. have the columns of their sides. */
static void offer_on(struct scan *scan, const struct level *level)
{
	if (is(scan, last(level, 0), ".") && is(scan, last(level, 1), "$right")) {
		offer_columns_of(scan, level->inner, level->inner_end);
		return;
	}
	offer_columns(scan, level);
	if (!is(scan, last(level, 0), ".")) {
		offer(scan, "$left.");
		offer(scan, "$right.");
	}
}

static void offer_join(struct scan *scan, struct level *level)
{
	static const char *const kinds[] = { "inner", "innerunique", "leftouter", "rightouter", "fullouter", "leftanti",
		"rightanti", "leftsemi", "rightsemi", NULL };
	static const char *const lookup_kinds[] = { "inner", "leftouter", NULL };
	const struct kql_token *table = NULL;

	if (level_has(scan, level, "on")) {
		/* A table may stand there by its name. */
		for (guint n = 1; n < level->tokens->len && level->inner_end == 0; n++)
			if (is(scan, token_at(level, n), "on"))
				table = token_at(level, n - 1);
		if (table != NULL && level->inner_end == 0) {
			level->inner = table->start;
			level->inner_end = table->start + table->length;
		}
		offer_on(scan, level);
		return;
	}
	if (is(scan, last(level, 0), "=")) {
		offer_list(scan, is(scan, token_at(level, 0), "lookup") ? lookup_kinds : kinds);
		return;
	}
	if (level->tokens->len == 1)
		offer(scan, "kind=");
	if (level->inner_end != 0 || (level->tokens->len > 1 && last(level, 0)->kind == KQL_TOKEN_NAME &&
		!is(scan, last(level, 1), "=")))
		offer(scan, "on");
	else
		offer_tables(scan);
}

static void offer_union(struct scan *scan, const struct level *level)
{
	static const char *const options[] = { "kind=", "withsource=", "isfuzzy=", NULL };
	static const char *const kinds[] = { "inner", "outer", NULL };

	if (is(scan, last(level, 0), "=")) {
		if (is(scan, last(level, 1), "kind"))
			offer_list(scan, kinds);
		return;
	}
	if (level->tokens->len == 1 && scan->word_length > 0)
		offer_list(scan, options);
	offer_tables(scan);
}

static void offer_render(struct scan *scan, const struct level *level)
{
	static const char *const kinds[] = { "areachart", "barchart", "card", "columnchart", "linechart", "piechart",
		"scatterchart", "stackedareachart", "table", "timechart", "treemap", NULL };
	static const char *const with[] = { "with (", NULL };

	offer_list(scan, level->tokens->len < 2 ? kinds : level->tokens->len == 2 ? with : NULL);
}

static void offer_names(struct scan *scan, struct level *level)
{
	offer_columns(scan, level);
}

static void offer_values(struct scan *scan, struct level *level)
{
	offer_expression(scan, level);
}

static void offer_step_keys(struct scan *scan, struct level *level)
{
	offer_keys(scan, level);
}

static void offer_step_summarize(struct scan *scan, struct level *level)
{
	offer_summarize(scan, level);
}

static void offer_step_union(struct scan *scan, struct level *level)
{
	offer_union(scan, level);
}

static void offer_step_render(struct scan *scan, struct level *level)
{
	offer_render(scan, level);
}

static void offer_plugins(struct scan *scan, struct level *level)
{
	if (level->tokens->len == 1)
		offer_functions(scan, kql_plugin_names());
	else
		offer_expression(scan, level);
}

static void offer_nothing(struct scan *scan, struct level *level)
{
	(void)scan;
	(void)level;
}

/* Operators that are not here take expressions. Those with a dash are known by the word behind it. */
static const struct {
	const char *word, *second;
	void (*offer)(struct scan *scan, struct level *level);
} steps[] = {
	{ "project", "away", offer_names }, { "project", "keep", offer_names }, { "project", "reorder", offer_names },
	{ "project", "rename", offer_names }, { "distinct", NULL, offer_names }, { "take", NULL, offer_nothing },
	{ "limit", NULL, offer_nothing }, { "sample", NULL, offer_nothing }, { "count", NULL, offer_nothing },
	{ "as", NULL, offer_nothing }, { "getschema", NULL, offer_nothing }, { "serialize", NULL, offer_values },
	{ "sort", NULL, offer_step_keys }, { "order", NULL, offer_step_keys }, { "top", NULL, offer_step_keys },
	{ "summarize", NULL, offer_step_summarize }, { "join", NULL, offer_join }, { "lookup", NULL, offer_join },
	{ "union", NULL, offer_step_union }, { "render", NULL, offer_step_render },
	{ "evaluate", NULL, offer_plugins },
};

static void offer_step(struct scan *scan, struct level *level)
{
	bool dashed = level->tokens->len > 2 && is(scan, token_at(level, 1), "-");

	for (size_t n = 0; n < G_N_ELEMENTS(steps); n++)
		if (is(scan, token_at(level, 0), steps[n].word) && (steps[n].second == NULL ? !dashed :
			dashed && is(scan, token_at(level, 2), steps[n].second))) {
			steps[n].offer(scan, level);
			return;
		}
	offer_expression(scan, level);
}

/* ---- by place */

static void offer_source(struct scan *scan)
{
	AUTO(g_free) const char **words = kql_source_names();

	offer_tables(scan);
	if (scan->word_length == 0)
		return;
	offer(scan, "let");
	offer_list(scan, words);
}

static void set_word(struct scan *scan, size_t start)
{
	AUTO(g_free) char *word = g_strdup(scan->text + start);
	char *folded = text_fold(word, strlen(word));

	g_free((char *)scan->word);
	scan->word = folded;
	scan->word_length = strlen(folded);
}

/* "project-aw" is one word: the operator begins behind the bar. */
static bool offer_operators(struct scan *scan, struct level *level, size_t *start)
{
	const struct kql_token *first = token_at(level, 0);
	AUTO(g_free) const char **names = kql_tabular_names();
	size_t before = scan->texts->len;

	if (level->bar == SIZE_MAX || (first != NULL && (level->tokens->len > 3 || !is(scan, token_at(level, 1), "-"))))
		return false;
	if (first != NULL) {
		set_word(scan, first->start);
		*start = first->start;
	}
	for (const char **name = names; *name != NULL; name++) {
		bool keys = g_str_has_prefix(kql_tabular_usage(*name), "by ");
		AUTO(g_free) char *text = g_strconcat(*name, keys ? " by" : "", NULL);

		offer(scan, text);
	}
	return first == NULL || scan->texts->len > before;
}

static void offer_all(struct scan *scan, size_t *start)
{
	guint depth = scan->levels->len;
	struct level *level = level_top(scan);
	bool bracket = !level->pipeline;
	size_t word = *start;

	while (!level->pipeline)
		level = scan->levels->pdata[--depth - 1];
	if (scan->completion->predicate != NULL) {
		offer_expression(scan, level);
		return;
	}
	if (!bracket && offer_operators(scan, level, start))
		return;
	if (*start != word) {
		*start = word;
		set_word(scan, word);
	}
	if (level->bar != SIZE_MAX && !bracket) {
		offer_step(scan, level);
	} else if (level->bar != SIZE_MAX) {
		/* In a bracket of an expression; of summarize a call may stand in one. */
		if (is(scan, token_at(level, 0), "summarize") && scan->word_length > 0)
			offer_functions(scan, kql_aggregate_names());
		if (!is(scan, token_at(level, 0), "render"))
			offer_expression(scan, level);
	} else if (is(scan, token_at(level, 0), "union")) {
		offer_union(scan, level);
	} else if (level->tokens->len == 0 && !bracket) {
		offer_source(scan);
		/* The values are over the pipeline around. */
		while (level->values && --depth > 0 && !((struct level *)scan->levels->pdata[depth - 1])->pipeline)
			;
		if (level->values && depth > 0)
			offer_expression(scan, scan->levels->pdata[depth - 1]);
	} else if (scan->word_length > 0) {
		offer_functions(scan, kql_function_names());
	}
}

void kql_complete(const char *text, const struct kql_completion *completion, GPtrArray *texts, size_t *start)
{
	struct scan scan = { .text = text, .completion = completion, .texts = texts };

	scan.levels = g_ptr_array_new_with_free_func(level_free);
	if (read_text(&scan, strlen(text), start)) {
		set_word(&scan, *start);
		offer_all(&scan, start);
	}
	g_ptr_array_unref(scan.levels);
	g_free((char *)scan.word);
}
