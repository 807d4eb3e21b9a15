/* Tabular operators. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

#include "core/text.h"
#include "kql/names.h"

void kql_items_append(struct kql_parser *parser, struct kql_items *items, const struct kql_item *item)
{
	if ((items->count & (items->count - 1)) == 0) {
		struct kql_item *grown = kql_arena_alloc(parser->arena, MAX(items->count * 2, 1) * sizeof *grown);

		if (items->count != 0)
			memcpy(grown, items->items, items->count * sizeof *grown);
		items->items = grown;
	}
	items->items[items->count++] = *item;
}

/* Whether `(a, b) =` is next. */
static bool at_names(const struct kql_parser *parser)
{
	struct kql_lexer ahead = parser->lexer;
	struct kql_token token = kql_lexer_next(&ahead);

	if (!kql_parser_at(parser, "("))
		return false;
	while (token.kind == KQL_TOKEN_NAME) {
		token = kql_lexer_next(&ahead);
		if (!kql_token_is(&ahead, &token, ","))
			break;
		token = kql_lexer_next(&ahead);
	}
	if (!kql_token_is(&ahead, &token, ")"))
		return false;
	token = kql_lexer_next(&ahead);
	return kql_token_is(&ahead, &token, "=");
}

static bool parse_names(struct kql_parser *parser, struct kql_item *item)
{
	AUTO(g_ptr_array_unref) GPtrArray *names = g_ptr_array_new();
	const char *name;

	do {
		if (!kql_parser_next(parser) || (name = kql_parse_name(parser, "a column name")) == NULL)
			return false;
		g_ptr_array_add(names, (gpointer)name);
	} while (kql_parser_at(parser, ","));
	item->names = kql_arena_alloc(parser->arena, (names->len + 1) * sizeof *item->names);
	memcpy(item->names, names->pdata, names->len * sizeof *item->names);
	item->name_count = names->len;
	return kql_parser_expect(parser, ")") && kql_parser_expect(parser, "=");
}

/* [name =] expression */
bool kql_parse_item(struct kql_parser *parser, struct kql_item *item)
{
	*item = (struct kql_item){ .at = parser->token.start };
	if (kql_parser_at(parser, "*")) {
		item->pattern = "*";
		return kql_parser_next(parser);
	}
	if (at_names(parser) && !parse_names(parser, item))
		return false;
	item->node = kql_parse_expression(parser);
	if (item->node == NULL)
		return false;
	if (item->name_count != 0 || !kql_parser_at(parser, "="))
		return true;
	if (item->node->kind != KQL_NODE_NAME)
		return kql_parser_unexpected(parser, "an operator");
	item->name = item->node->name;
	if (!kql_parser_next(parser))
		return false;
	item->node = kql_parse_expression(parser);
	return item->node != NULL;
}

bool kql_parse_items(struct kql_parser *parser, struct kql_items *items)
{
	struct kql_item item;

	do {
		if (!kql_parse_item(parser, &item))
			return false;
		kql_items_append(parser, items, &item);
	} while (kql_parser_at(parser, ",") && kql_parser_next(parser));
	return true;
}

static bool parse_direction(struct kql_parser *parser, struct kql_item *item)
{
	item->ascending = kql_parser_take(parser, "asc");
	if (!item->ascending)
		kql_parser_take(parser, "desc");
	if (!kql_parser_at(parser, "nulls"))
		return true;
	if (!kql_parser_next(parser))
		return false;
	item->nulls_given = true;
	item->nulls_first = kql_parser_take(parser, "first");
	return item->nulls_first || kql_parser_expect(parser, "last");
}

static bool parse_keys(struct kql_parser *parser, struct kql_items *keys, bool single)
{
	struct kql_item item;

	if (!kql_parser_expect(parser, "by"))
		return false;
	do {
		if (!kql_parse_item(parser, &item) || !parse_direction(parser, &item))
			return false;
		kql_items_append(parser, keys, &item);
	} while (!single && kql_parser_at(parser, ",") && kql_parser_next(parser));
	return true;
}

/* project-reorder a* asc: the columns of a pattern by name; granny-asc: numbers in the names as numbers. */
static bool parse_order(struct kql_parser *parser, struct kql_item *item)
{
	if (kql_parser_take(parser, "granny")) {
		item->granny = true;
		if (!kql_parser_expect(parser, "-"))
			return false;
	}
	item->ascending = kql_parser_at(parser, "asc");
	item->ordered = item->ascending || kql_parser_at(parser, "desc");
	if (item->ordered)
		return kql_parser_next(parser);
	return !item->granny || kql_parser_unexpected(parser, "'asc' or 'desc'");
}

/* Column names, possibly with '*' in them: project-away s*, *Id */
static bool parse_patterns(struct kql_parser *parser, struct kql_items *items, bool directions)
{
	do {
		struct kql_item item = { .at = parser->token.start };
		GString *pattern = NULL;

		if (kql_parser_at(parser, "[")) {
			item.pattern = kql_parse_name(parser, "a column name");
			if (item.pattern == NULL)
				return false;
			item.typed = true; /* literally this name */
		} else {
			size_t end = parser->token.start;

			pattern = g_string_new(NULL);
			while ((parser->token.kind == KQL_TOKEN_NAME || kql_parser_at(parser, "*")) && parser->token.start == end) {
				g_string_append_len(pattern, parser->lexer.text + parser->token.start, (gssize)parser->token.length);
				end = parser->token.start + parser->token.length;
				if (!kql_parser_next(parser))
					break;
			}
			item.pattern = kql_arena_copy(parser->arena, pattern->str, pattern->len);
			g_string_free(pattern, TRUE);
			if (*item.pattern == '\0')
				return kql_parser_unexpected(parser, "a column name");
		}
		if (directions && !parse_order(parser, &item))
			return false;
		kql_items_append(parser, items, &item);
	} while (kql_parser_at(parser, ",") && kql_parser_next(parser));
	return true;
}

static bool parse_summarize(struct kql_parser *parser, struct kql_step *step)
{
	struct kql_token ahead = kql_parser_peek(parser);
	const char *name, *value;

	while (kql_parser_at(parser, "hint") && kql_token_is(&parser->lexer, &ahead, ".")) {
		if (!kql_parse_option(parser, &name, &value))
			return false;
		ahead = kql_parser_peek(parser);
	}
	if (!kql_parser_at(parser, "by") && !kql_parse_items(parser, &step->items))
		return false;
	return !kql_parser_take(parser, "by") || kql_parse_items(parser, &step->by);
}

static bool parse_top(struct kql_parser *parser, struct kql_step *step)
{
	step->node = kql_parse_expression(parser);
	return step->node != NULL && parse_keys(parser, &step->by, true);
}

static bool parse_expression_step(struct kql_parser *parser, struct kql_step *step)
{
	step->node = kql_parse_expression(parser);
	return step->node != NULL;
}

static bool parse_sort(struct kql_parser *parser, struct kql_step *step)
{
	return parse_keys(parser, &step->by, false);
}

static bool parse_item_step(struct kql_parser *parser, struct kql_step *step)
{
	return kql_parse_items(parser, &step->items);
}

static bool parse_pattern_step(struct kql_parser *parser, struct kql_step *step)
{
	return parse_patterns(parser, &step->items, step->kind == KQL_STEP_REORDER);
}

static bool parse_count(struct kql_parser *parser, struct kql_step *step)
{
	step->name = "Count";
	if (!kql_parser_at(parser, "as"))
		return true;
	if (!kql_parser_next(parser))
		return false;
	step->name = kql_parse_name(parser, "a column name");
	return step->name != NULL;
}

static bool parse_serialize(struct kql_parser *parser, struct kql_step *step)
{
	if (parser->token.kind == KQL_TOKEN_END || kql_parser_at(parser, "|") || kql_parser_at(parser, ")") ||
		kql_parser_at(parser, ";") || kql_parser_at(parser, "}"))
		return true;
	return kql_parse_items(parser, &step->items);
}

static bool parse_as(struct kql_parser *parser, struct kql_step *step)
{
	const char *name, *value;

	if (!kql_parse_option(parser, &name, &value))
		return false;
	step->name = kql_parse_name(parser, "a name");
	return step->name != NULL;
}

static bool parse_nothing(struct kql_parser *parser, struct kql_step *step)
{
	(void)parser;
	(void)step;
	return true;
}

static const struct {
	const char *name;
	enum kql_step_kind kind;
	bool (*parse)(struct kql_parser *parser, struct kql_step *step);
	const char *usage; /* what follows; NULL: an old spelling, read but neither offered nor documented */
} steps[] = {
	{ "as", KQL_STEP_AS, parse_as, "[hint.materialized=true] name" },
	{ "count", KQL_STEP_COUNT, parse_count, "[as name]" },
	{ "distinct", KQL_STEP_DISTINCT, parse_item_step, "expression, ... or *" },
	{ "evaluate", KQL_STEP_EVALUATE, kql_parse_evaluate, "plugin(arguments) [: (name:type, ...)]" },
	{ "extend", KQL_STEP_EXTEND, parse_item_step, "[name =] expression, ..." },
	{ "filter", KQL_STEP_WHERE, parse_expression_step, "predicate" },
	{ "find", KQL_STEP_SEARCH, kql_parse_find,
		"[withsource=name] [in (table, ...)] [where] predicate [project name[:type], ... [, pack_all()]]" },
	{ "getschema", KQL_STEP_SCHEMA, parse_nothing, "" },
	{ "invoke", KQL_STEP_INVOKE, kql_parse_invoke, "function(arguments)" },
	{ "join", KQL_STEP_JOIN, kql_parse_join,
		"[kind=kind] [hint=...] (table) on column, ... or $left.a == $right.b, ..." },
	{ "limit", KQL_STEP_TAKE, parse_expression_step, "rows" },
	{ "lookup", KQL_STEP_LOOKUP, kql_parse_join,
		"[kind=leftouter or inner] (table) on column, ... or $left.a == $right.b, ..." },
	{ "make-series", KQL_STEP_SERIES, kql_parse_series,
		"[kind=nonempty] [name =] aggregate [default=value], ... on column [from start] [to end] step step [by key, ...]" },
	{ "mv-apply", KQL_STEP_APPLY, kql_parse_apply,
		"[with_itemindex=name] [name =] array [to typeof(type)], ... [limit rows] on (operators)" },
	{ "mv-expand", KQL_STEP_EXPAND, kql_parse_expand,
		"[kind=bag or array] [with_itemindex=name] [name =] array [to typeof(type)], ... [limit rows]" },
	{ "mvapply", KQL_STEP_APPLY, kql_parse_apply, NULL },
	{ "mvexpand", KQL_STEP_EXPAND, kql_parse_expand, NULL },
	{ "order", KQL_STEP_SORT, parse_sort, "by expression [asc or desc] [nulls first or last], ..." },
	{ "parse", KQL_STEP_PARSE, kql_parse_parse,
		"[kind=simple, regex or relaxed [flags=flags]] expression with * \"text\" column[:type] ..." },
	{ "parse-kv", KQL_STEP_PARSE_KV, kql_parse_parse_kv,
		"expression as (key:type, ...) [with (pair_delimiter=, kv_delimiter=, quote=, escape=, greedy=, regex=)]" },
	{ "parse-where", KQL_STEP_PARSE, kql_parse_parse,
		"[kind=simple, regex or relaxed [flags=flags]] expression with * \"text\" column[:type] ..." },
	{ "partition", KQL_STEP_PARTITION, kql_parse_partition,
		"[hint.strategy=strategy] by column (operators)" },
	{ "project", KQL_STEP_PROJECT, parse_item_step, "[name =] expression, ..." },
	{ "project-away", KQL_STEP_AWAY, parse_pattern_step, "column or pattern*, ..." },
	{ "project-keep", KQL_STEP_KEEP, parse_pattern_step, "column or pattern*, ..." },
	{ "project-rename", KQL_STEP_RENAME, parse_item_step, "name = column, ..." },
	{ "project-reorder", KQL_STEP_REORDER, parse_pattern_step,
		"column or pattern* [asc, desc, granny-asc or granny-desc], ..." },
	{ "render", KQL_STEP_RENDER, kql_parse_render, "kind [with (property=value, ...)]" },
	{ "sample", KQL_STEP_SAMPLE, parse_expression_step, "rows" },
	{ "sample-distinct", KQL_STEP_SAMPLE_DISTINCT, kql_parse_sample_distinct, "values of expression" },
	{ "search", KQL_STEP_SEARCH, kql_parse_search, "[kind=case_sensitive] [in (table, ...)] terms" },
	{ "serialize", KQL_STEP_SERIALIZE, parse_serialize, "[name = expression, ...]" },
	{ "sort", KQL_STEP_SORT, parse_sort, "by expression [asc or desc] [nulls first or last], ..." },
	{ "summarize", KQL_STEP_SUMMARIZE, parse_summarize,
		"[name =] aggregate, ... [by [name =] expression, ...]" },
	{ "take", KQL_STEP_TAKE, parse_expression_step, "rows" },
	{ "top", KQL_STEP_TOP, parse_top, "rows by expression [asc or desc] [nulls first or last]" },
	{ "top-hitters", KQL_STEP_HITTERS, kql_parse_top_hitters, "values of expression [by number]" },
	{ "union", KQL_STEP_UNION, kql_parse_union,
		"[kind=inner or outer] [withsource=name] [isfuzzy=true] table, ..." },
	{ "where", KQL_STEP_WHERE, parse_expression_step, "predicate" },
};

/* Valid KQL that is not built here. */
static const char *const unsupported[] = {
	"consume", "execute-and-cache", "facet", "fork", "graph-mark-components", "graph-match", "graph-merge",
	"graph-shortest-paths", "graph-to-table", "graph-where-edges", "graph-where-nodes", "macro-expand", "make-graph",
	"assert-schema", "reduce", "scan", "top-nested", NULL,
};

/* An operator's name at the next token, with its dashes; *length is 0 if none is there. */
static const char *step_word(const struct kql_parser *parser, size_t *length)
{
	const char *text = parser->lexer.text + parser->token.start;
	size_t rest = parser->lexer.length - parser->token.start, n = parser->token.length;

	*length = parser->token.kind == KQL_TOKEN_NAME ? n : 0;
	while (*length != 0 && n + 1 < rest && text[n] == '-' && g_ascii_isalpha(text[n + 1])) {
		n++;
		while (n < rest && (g_ascii_isalnum(text[n]) || text[n] == '_'))
			n++;
		*length = n;
	}
	return text;
}

static bool word_is(const char *word, size_t length, const char *name)
{
	return strlen(name) == length && memcmp(word, name, length) == 0;
}

bool kql_parser_at_step(const struct kql_parser *parser)
{
	size_t length;
	const char *word = step_word(parser, &length);

	for (size_t n = 0; n < G_N_ELEMENTS(steps); n++)
		if (word_is(word, length, steps[n].name))
			return true;
	return false;
}

const char **kql_tabular_names(void)
{
	const char **names = g_new0(const char *, G_N_ELEMENTS(steps) + 1);
	size_t count = 0;

	for (size_t n = 0; n < G_N_ELEMENTS(steps); n++)
		if (steps[n].usage != NULL)
			names[count++] = steps[n].name;
	return names;
}

const char *kql_tabular_usage(const char *name)
{
	for (size_t n = 0; n < G_N_ELEMENTS(steps); n++)
		if (strcmp(steps[n].name, name) == 0)
			return steps[n].usage;
	return NULL;
}

bool kql_parser_no_step(struct kql_parser *parser)
{
	size_t length;
	const char *word = step_word(parser, &length);
	char *name = g_strndup(word, length);
	AUTO(g_free) const char **names = kql_tabular_names();
	const char *near = text_nearest(name, names);
	bool known = false;

	for (const char *const *entry = unsupported; *entry != NULL; entry++)
		known |= strcmp(*entry, name) == 0;
	if (length == 0)
		kql_parser_unexpected(parser, "an operator such as 'where'");
	else
		kql_parser_fault(parser, parser->token.start, known ? "the operator '%.60s' is not supported here" :
			"unknown operator '%.60s'", name);
	if (length != 0 && !known && near != NULL)
		error_hint(parser->error, "did you mean '%s'?", near);
	g_free(name);
	return false;
}

bool kql_parse_step(struct kql_parser *parser, struct kql_pipe *pipe)
{
	struct kql_step *step = kql_arena_zero(parser->arena, sizeof *step);
	size_t length, found = G_N_ELEMENTS(steps);
	const char *word = step_word(parser, &length);

	for (size_t n = 0; n < G_N_ELEMENTS(steps); n++)
		if (word_is(word, length, steps[n].name))
			found = n;
	if (found == G_N_ELEMENTS(steps))
		return kql_parser_no_step(parser);
	step->kind = steps[found].kind;
	step->at = parser->token.start;
	parser->lexer.at = step->at + length;
	step->word = steps[found].name;
	if (!kql_parser_next(parser) || !steps[found].parse(parser, step))
		return false;
	if (pipe->last != NULL)
		pipe->last->next = step;
	else
		pipe->first = step;
	pipe->last = step;
	return true;
}
