/* Operators that make rows of values, or run something of their own: mv-expand, mv-apply, partition, evaluate, make-series,
 * invoke, sample-distinct, top-hitters. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

/* mv-expand [with_itemindex=X] [name =] value [to typeof(T)], ... [limit N] */
bool kql_parse_expand(struct kql_parser *parser, struct kql_step *step)
{
	const char *name, *value = NULL;
	struct kql_token ahead = kql_parser_peek(parser);
	struct kql_item item;

	step->legacy = step->word[2] != '-'; /* mvexpand */
	while (kql_token_is(&parser->lexer, &ahead, "=") && (kql_parser_at(parser, "kind") ||
		kql_parser_at(parser, "bagexpansion") || kql_parser_at(parser, "with_itemindex"))) {
		size_t at = parser->token.start;

		if (!kql_parse_option(parser, &name, &value))
			return false;
		if (strcmp(name, "with_itemindex") == 0)
			step->name = value;
		else if (strcmp(value, "array") == 0)
			step->inner = true;
		else if (strcmp(value, "bag") != 0)
			return kql_parser_fault(parser, at, "unknown kind of expansion '%.40s': it is bag or array", value);
		ahead = kql_parser_peek(parser);
	}
	do {
		if (!kql_parse_item(parser, &item))
			return false;
		if (kql_parser_take(parser, "to")) {
			struct kql_node *type = kql_parser_at(parser, "typeof") ? kql_parse_expression(parser) : NULL;

			if (type == NULL)
				return kql_parser_unexpected(parser, "typeof(...)");
			item.typed = true;
			item.type = type->type;
		}
		kql_items_append(parser, &step->items, &item);
	} while (kql_parser_at(parser, ",") && kql_parser_next(parser));
	if (!kql_parser_at(parser, "limit"))
		return true;
	if (!kql_parser_next(parser))
		return false;
	step->node = kql_parse_expression(parser);
	return step->node != NULL;
}

/* mv-apply [with_itemindex=X] [name =] value [to typeof(T)], ... [limit N] on (operators) */
bool kql_parse_apply(struct kql_parser *parser, struct kql_step *step)
{
	struct kql_apply *apply = step->apply = kql_arena_zero(parser->arena, sizeof *apply);

	apply->expand = kql_arena_zero(parser->arena, sizeof *apply->expand);
	apply->expand->kind = KQL_STEP_EXPAND;
	apply->expand->at = step->at;
	apply->expand->word = step->word;
	if (!kql_parse_expand(parser, apply->expand))
		return false;
	if (!kql_parser_at(parser, "on"))
		return kql_parser_unexpected(parser, "'on' and operators in brackets");
	return kql_parser_next(parser) && (apply->pipe = kql_parse_subquery(parser)) != NULL;
}

/* hint.NAME = VALUE ...: accepted, as they ask a cluster how to share its work. */
static bool parse_hints(struct kql_parser *parser)
{
	struct kql_token ahead = kql_parser_peek(parser);
	const char *name, *value;

	while (kql_parser_at(parser, "hint") && kql_token_is(&parser->lexer, &ahead, ".")) {
		if (!kql_parse_option(parser, &name, &value))
			return false;
		ahead = kql_parser_peek(parser);
	}
	return true;
}

/* partition [hint.*=...] by Column (operators) */
bool kql_parse_partition(struct kql_parser *parser, struct kql_step *step)
{
	struct kql_apply *apply = step->apply = kql_arena_zero(parser->arena, sizeof *apply);

	if (!parse_hints(parser))
		return false;
	if (!kql_parser_expect(parser, "by"))
		return false;
	apply->key = kql_node_new(parser, KQL_NODE_NAME, &parser->token);
	apply->key->name = kql_parse_name(parser, "a column name");
	return apply->key->name != NULL && (apply->pipe = kql_parse_subquery(parser)) != NULL;
}

/* evaluate [hint.*=...] plugin(arguments) [: (name:type, ...)] */
bool kql_parse_evaluate(struct kql_parser *parser, struct kql_step *step)
{
	struct kql_evaluate *evaluate = step->evaluate = kql_arena_zero(parser->arena, sizeof *evaluate);
	struct kql_token ahead;

	if (!parse_hints(parser))
		return false;
	ahead = kql_parser_peek(parser);
	if (parser->token.kind != KQL_TOKEN_NAME || !kql_token_is(&parser->lexer, &ahead, "("))
		return kql_parser_unexpected(parser, "a plugin such as bag_unpack(...)");
	evaluate->call = kql_parse_call(parser);
	if (evaluate->call == NULL || !kql_parser_at(parser, ":"))
		return evaluate->call != NULL;
	evaluate->has_schema = true;
	return kql_parser_next(parser) && kql_parser_expect(parser, "(") &&
		kql_parse_fields(parser, &evaluate->schema, &evaluate->schema_count, &evaluate->star);
}

/* invoke function(arguments) */
bool kql_parse_invoke(struct kql_parser *parser, struct kql_step *step)
{
	struct kql_token ahead = kql_parser_peek(parser);

	if (parser->token.kind != KQL_TOKEN_NAME || !kql_token_is(&parser->lexer, &ahead, "("))
		return kql_parser_unexpected(parser, "a function and its arguments");
	step->node = kql_parse_call(parser);
	return step->node != NULL;
}

static struct kql_node *parse_bound(struct kql_parser *parser, const char *word, bool *fine)
{
	struct kql_node *node;

	if (!*fine || !kql_parser_at(parser, word))
		return NULL;
	node = kql_parser_next(parser) ? kql_parse_expression(parser) : NULL;
	*fine = node != NULL;
	return node;
}

/* on axis [from A] [to B] step C, or: on axis in range(A, B, C) */
static bool parse_axis(struct kql_parser *parser, struct kql_series *series)
{
	struct kql_item item;
	bool fine = true;

	if (!kql_parser_expect(parser, "on"))
		return false;
	/* `axis in range(...)`: the expression must end before the word. */
	item = (struct kql_item){ .at = parser->token.start };
	item.node = kql_parse_sum(parser);
	if (item.node == NULL)
		return false;
	series->axis = item.node;
	if (kql_parser_at(parser, "in")) {
		struct kql_node *range;

		series->range = true;
		if (!kql_parser_next(parser) || !kql_parser_at(parser, "range"))
			return kql_parser_unexpected(parser, "'range'");
		range = kql_parse_call(parser);
		if (range == NULL)
			return false;
		if (range->count != 3)
			return kql_parser_fault(parser, range->at, "write range(start, stop, step)");
		series->from = range->args[0];
		series->to = range->args[1];
		series->step = range->args[2];
		return true;
	}
	series->from = parse_bound(parser, "from", &fine);
	series->to = parse_bound(parser, "to", &fine);
	series->step = parse_bound(parser, "step", &fine);
	return fine && (series->step != NULL || kql_parser_unexpected(parser, "'step'"));
}

static bool parse_default(struct kql_parser *parser, struct kql_series *series, size_t count)
{
	struct kql_node **grown = kql_arena_zero(parser->arena, (count + 1) * sizeof *grown);

	if (count != 0)
		memcpy(grown, series->defaults, count * sizeof *grown);
	series->defaults = grown;
	if (!kql_parser_at(parser, "default"))
		return true;
	return kql_parser_next(parser) && kql_parser_expect(parser, "=") &&
		(grown[count] = kql_parse_expression(parser)) != NULL;
}

/* make-series [kind=nonempty] [name =] aggregate [default = value], ... on axis ... [by keys] */
bool kql_parse_series(struct kql_parser *parser, struct kql_step *step)
{
	struct kql_series *series = step->series = kql_arena_zero(parser->arena, sizeof *series);
	struct kql_token ahead = kql_parser_peek(parser);
	const char *name = NULL, *value = NULL;
	struct kql_item item;

	while ((kql_parser_at(parser, "kind") && kql_token_is(&parser->lexer, &ahead, "=")) ||
		(kql_parser_at(parser, "hint") && kql_token_is(&parser->lexer, &ahead, "."))) {
		if (!kql_parse_option(parser, &name, &value))
			return false;
		if (strcmp(name, "kind") == 0)
			series->nonempty = strcmp(value, "nonempty") == 0;
		ahead = kql_parser_peek(parser);
	}
	do {
		if (!kql_parse_item(parser, &item) || !parse_default(parser, series, step->items.count))
			return false;
		kql_items_append(parser, &step->items, &item);
	} while (kql_parser_at(parser, ",") && kql_parser_next(parser));
	if (!parse_axis(parser, series))
		return false;
	return !kql_parser_at(parser, "by") || (kql_parser_next(parser) && kql_parse_items(parser, &step->by));
}

/* sample-distinct N of value */
bool kql_parse_sample_distinct(struct kql_parser *parser, struct kql_step *step)
{
	struct kql_item item;

	step->node = kql_parse_expression(parser);
	if (step->node == NULL || !kql_parser_expect(parser, "of") || !kql_parse_item(parser, &item))
		return false;
	kql_items_append(parser, &step->items, &item);
	return true;
}

/* top-hitters N of value [by weight] */
bool kql_parse_top_hitters(struct kql_parser *parser, struct kql_step *step)
{
	struct kql_item item;

	if (!kql_parse_sample_distinct(parser, step) || !kql_parser_at(parser, "by"))
		return step->items.count != 0;
	if (!kql_parser_next(parser) || !kql_parse_item(parser, &item))
		return false;
	kql_items_append(parser, &step->by, &item);
	return true;
}

/* in (Table, Pattern*, ...) */
static bool parse_tables(struct kql_parser *parser, struct kql_step *step)
{
	struct kql_token ahead = kql_parser_peek(parser);

	if (!kql_parser_at(parser, "in") || !kql_token_is(&parser->lexer, &ahead, "("))
		return true;
	if (!kql_parser_next(parser))
		return false;
	do {
		if (!kql_parser_next(parser) || !kql_parse_table(parser, step, true))
			return false;
	} while (kql_parser_at(parser, ","));
	return kql_parser_expect(parser, ")");
}

/* The predicate of search and find, in which a text alone is looked for in every column. */
static bool parse_terms(struct kql_parser *parser, struct kql_step *step)
{
	parser->searching = true;
	step->node = kql_parse_expression(parser);
	parser->searching = false;
	return step->node != NULL;
}

/* search [kind=case_sensitive] [in (tables)] terms */
bool kql_parse_search(struct kql_parser *parser, struct kql_step *step)
{
	struct kql_token ahead = kql_parser_peek(parser);
	const char *name, *value;
	size_t at = parser->token.start;

	if (kql_parser_at(parser, "kind") && kql_token_is(&parser->lexer, &ahead, "=")) {
		if (!kql_parse_option(parser, &name, &value))
			return false;
		step->fuzzy = strcmp(value, "case_sensitive") == 0;
		if (!step->fuzzy && strcmp(value, "case_insensitive") != 0 && strcmp(value, "default") != 0)
			return kql_parser_fault(parser, at, "the kind of search is case_sensitive or case_insensitive");
	}
	return parse_tables(parser, step) && parse_terms(parser, step);
}

/* find [withsource=X] [in (tables)] [where] terms [project name[:type], ...] */
bool kql_parse_find(struct kql_parser *parser, struct kql_step *step)
{
	struct kql_token ahead = kql_parser_peek(parser);
	const char *name = NULL, *value = NULL;
	struct kql_item item;

	step->name = "source_";
	if (kql_parser_at(parser, "withsource") && kql_token_is(&parser->lexer, &ahead, "=")) {
		if (!kql_parse_option(parser, &name, &value))
			return false;
		step->name = value;
	}
	if (!parse_tables(parser, step))
		return false;
	kql_parser_take(parser, "where");
	if (!parse_terms(parser, step))
		return false;
	if (!kql_parser_at(parser, "project"))
		return true;
	do {
		if (!kql_parser_next(parser) || !kql_parse_item(parser, &item))
			return false;
		if (kql_parser_at(parser, ":")) {
			if (!kql_parser_next(parser) || parser->token.kind != KQL_TOKEN_NAME ||
				!kql_type_by_name(parser->lexer.text + parser->token.start, parser->token.length, &item.type))
				return kql_parser_unexpected(parser, "a type");
			item.typed = true;
			if (!kql_parser_next(parser))
				return false;
		}
		kql_items_append(parser, &step->items, &item);
	} while (kql_parser_at(parser, ","));
	return true;
}
