/* Statements, and where a pipeline begins. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

#include "core/text.h"

#include "kql/names.h"

/* range x from A to B step C */
static bool parse_range(struct kql_parser *parser, struct kql_pipe *pipe)
{
	static const char *const words[] = { "from", "to", "step" };

	pipe->name = kql_parse_name(parser, "a column name");
	if (pipe->name == NULL)
		return false;
	for (size_t n = 0; n < G_N_ELEMENTS(words); n++) {
		struct kql_item item;

		if (!kql_parser_expect(parser, words[n]) || !kql_parse_item(parser, &item))
			return false;
		kql_items_append(parser, &pipe->items, &item);
	}
	return true;
}

/* datatable (name:type, ...) [value, ...] */
static bool parse_datatable(struct kql_parser *parser, struct kql_pipe *pipe)
{
	if (!kql_parser_expect(parser, "(") || !kql_parse_fields(parser, &pipe->source_fields, &pipe->source_count, NULL) ||
		!kql_parser_expect(parser, "["))
		return false;
	while (!kql_parser_at(parser, "]")) {
		struct kql_item item;

		if (!kql_parse_item(parser, &item))
			return false;
		kql_items_append(parser, &pipe->items, &item);
		if (!kql_parser_take(parser, ","))
			break;
	}
	return kql_parser_expect(parser, "]");
}

static bool parse_inner(struct kql_parser *parser, struct kql_pipe *pipe)
{
	pipe->source = KQL_FROM_PIPE;
	if (!kql_parser_expect(parser, "("))
		return false;
	pipe->inner = kql_parse_pipe(parser);
	return pipe->inner != NULL && kql_parser_expect(parser, ")");
}

/* table("name") is the table of that name; any other call gives a table if the function does. */
static bool parse_call(struct kql_parser *parser, struct kql_pipe *pipe)
{
	struct kql_node *call = kql_parse_call(parser);

	if (call == NULL)
		return false;
	pipe->source = KQL_FROM_CALL;
	pipe->call = call;
	if (strcmp(call->name, "table") != 0 || call->count == 0 || call->args[0]->kind != KQL_NODE_LITERAL ||
		call->args[0]->value.type != KQL_STRING)
		return true;
	pipe->source = KQL_FROM_NAME;
	pipe->name = call->args[0]->value.text;
	return true;
}

static const struct {
	const char *word;
	enum kql_source_kind source;
	bool (*parse)(struct kql_parser *parser, struct kql_pipe *pipe);
	const char *usage;
} sources[] = {
	{ "datatable", KQL_FROM_DATATABLE, parse_datatable, "(name:type, ...) [value, ...]" },
	{ "find", KQL_FROM_SEARCH, kql_parse_step, NULL },
	{ "print", KQL_FROM_PRINT, NULL, "[name =] expression, ..." },
	{ "range", KQL_FROM_RANGE, parse_range, "name from start to end step step" },
	{ "search", KQL_FROM_SEARCH, kql_parse_step, NULL },
	{ "union", KQL_FROM_UNION, kql_parse_step, NULL },
};

const char **kql_source_names(void)
{
	const char **names = g_new0(const char *, G_N_ELEMENTS(sources) + 1);

	for (size_t n = 0; n < G_N_ELEMENTS(sources); n++)
		names[n] = sources[n].word;
	return names;
}

const char *kql_source_usage(const char *name)
{
	for (size_t n = 0; n < G_N_ELEMENTS(sources); n++)
		if (strcmp(sources[n].word, name) == 0)
			return sources[n].usage != NULL ? sources[n].usage : kql_tabular_usage(name);
	return NULL;
}

/* PRINT x = 1, datatabel(a:long)[1]: a table is not followed so. */
static bool mistyped_source(struct kql_parser *parser, const struct kql_token *ahead)
{
	static const char *const words[] = { "datatable", "find", "print", "range", "search", "union", NULL };
	const char *word, *near = NULL;
	struct kql_parser after = *parser;
	struct error ignored = ERROR_INIT;
	struct kql_token behind;

	if (parser->token.kind != KQL_TOKEN_NAME)
		return false;
	word = kql_parser_word(parser, &parser->token);
	for (size_t n = 0; words[n] != NULL && near == NULL; n++)
		near = g_ascii_strcasecmp(words[n], word) == 0 ? words[n] : NULL;
	if (near == NULL)
		near = text_nearest(word, words);
	after.error = &ignored;
	if (near == NULL || !kql_parser_next(&after) || (kql_parser_at(&after, "(") && !kql_parser_next(&after)) ||
		after.token.kind != KQL_TOKEN_NAME || kql_parser_at(&after, "on") || kql_parser_at(&after, "where") ||
		kql_parser_at(&after, "project"))
		return false;
	behind = kql_parser_peek(&after);
	if (kql_token_is(&parser->lexer, ahead, "(") ? !kql_token_is(&after.lexer, &behind, ":") :
		behind.kind == KQL_TOKEN_END || kql_token_is(&after.lexer, &behind, "|"))
		return false;
	kql_parser_fault(parser, parser->token.start, "unknown operator '%s'", word);
	error_hint(parser->error, "did you mean '%s'?", near);
	return true;
}

bool kql_parse_source(struct kql_parser *parser, struct kql_pipe *pipe)
{
	struct kql_token ahead = kql_parser_peek(parser);
	bool called = kql_token_is(&parser->lexer, &ahead, "(");

	pipe->at = parser->token.start;
	pipe->slot = SIZE_MAX;
	if (kql_parser_at(parser, "("))
		return parse_inner(parser, pipe);
	if (kql_parser_at(parser, "materialize") && called)
		return kql_parser_next(parser) && parse_inner(parser, pipe);
	for (size_t n = 0; n < G_N_ELEMENTS(sources); n++) {
		if (!kql_parser_at(parser, sources[n].word) ||
			(sources[n].source == KQL_FROM_RANGE && ahead.kind != KQL_TOKEN_NAME))
			continue;
		pipe->source = sources[n].source;
		if (sources[n].parse == kql_parse_step)
			return kql_parse_step(parser, pipe);
		return kql_parser_next(parser) && (sources[n].parse != NULL ? sources[n].parse(parser, pipe) :
			kql_parse_items(parser, &pipe->items));
	}
	/* A table may be called like an operator; one that is followed by its arguments is the operator. */
	if (kql_parser_at_step(parser) && !kql_token_is(&parser->lexer, &ahead, "|") && ahead.kind != KQL_TOKEN_END &&
		!kql_token_is(&parser->lexer, &ahead, ";") && !kql_token_is(&parser->lexer, &ahead, ")")) {
		pipe->source = KQL_FROM_DEFAULT;
		return kql_parse_step(parser, pipe);
	}
	if (kql_parser_at(parser, "|") || (kql_parser_at(parser, "count") && ahead.kind == KQL_TOKEN_END)) {
		pipe->source = KQL_FROM_DEFAULT;
		return kql_parser_at(parser, "|") || kql_parse_step(parser, pipe);
	}
	if (mistyped_source(parser, &ahead))
		return false;
	pipe->source = KQL_FROM_NAME;
	if (called)
		return parse_call(parser, pipe);
	pipe->name = kql_parse_name(parser, "a table");
	return pipe->name != NULL;
}

struct kql_pipe *kql_parse_pipe(struct kql_parser *parser)
{
	struct kql_pipe *pipe = kql_arena_zero(parser->arena, sizeof *pipe);
	bool fine;

	if (!kql_parser_enter(parser))
		return NULL;
	fine = kql_parse_source(parser, pipe);
	while (fine && kql_parser_at(parser, "|"))
		fine = kql_parser_next(parser) && kql_parse_step(parser, pipe);
	kql_parser_leave(parser);
	return fine ? pipe : NULL;
}

/* ( operators ): their rows come from elsewhere. */
struct kql_pipe *kql_parse_subquery(struct kql_parser *parser)
{
	struct kql_pipe *pipe = kql_arena_zero(parser->arena, sizeof *pipe);
	bool fine;

	pipe->source = KQL_FROM_INPUT;
	pipe->at = parser->token.start;
	pipe->slot = SIZE_MAX;
	if (!kql_parser_expect(parser, "(") || !kql_parser_enter(parser))
		return NULL;
	fine = kql_parse_step(parser, pipe);
	while (fine && kql_parser_at(parser, "|"))
		fine = kql_parser_next(parser) && kql_parse_step(parser, pipe);
	kql_parser_leave(parser);
	return fine && kql_parser_expect(parser, ")") ? pipe : NULL;
}

/* Whether what follows up to ';' is a pipeline: it has a bar outside of brackets, or begins as one. */
static bool looks_tabular(const struct kql_parser *parser)
{
	static const char *const words[] = { "datatable", "print", "range", "union", "materialize", "search", "find" };
	struct kql_lexer ahead = parser->lexer;
	struct kql_token token = parser->token;
	int depth = 0, limit = kql_parser_at(parser, "(") ? 1 : 0;

	for (size_t n = 0; n < G_N_ELEMENTS(words); n++)
		if (kql_parser_at(parser, words[n]))
			return strcmp(words[n], "range") != 0 || kql_parser_peek(parser).kind == KQL_TOKEN_NAME;
	for (; token.kind != KQL_TOKEN_END && token.kind != KQL_TOKEN_BAD && depth >= 0; token = kql_lexer_next(&ahead)) {
		if (kql_token_is(&ahead, &token, ";") && depth == 0)
			return false;
		if (kql_token_is(&ahead, &token, "|") && depth <= limit)
			return true;
		if (kql_token_is(&ahead, &token, "(") || kql_token_is(&ahead, &token, "{"))
			depth++;
		else if (kql_token_is(&ahead, &token, ")") || kql_token_is(&ahead, &token, "}"))
			depth--;
		if (depth == 0 && limit == 1 && kql_token_is(&ahead, &token, ")"))
			limit = 0;
	}
	return false;
}

static bool parse_let(struct kql_parser *parser, struct kql_let **lets)
{
	struct kql_let *let = kql_arena_zero(parser->arena, sizeof *let);

	if (!kql_parser_next(parser))
		return false;
	let->at = parser->token.start;
	if ((let->name = kql_parse_name(parser, "a name")) == NULL || !kql_parser_expect(parser, "="))
		return false;
	if (kql_parser_at_function(parser))
		let->body = kql_parse_function(parser);
	else if (looks_tabular(parser))
		let->pipe = kql_parse_pipe(parser);
	else
		let->node = kql_parse_expression(parser);
	if (let->pipe == NULL && let->node == NULL && let->body == NULL)
		return false;
	let->next = *lets;
	*lets = let;
	return kql_parser_expect(parser, ";");
}

/* set option [= value]; it says how the service is to work, not what the answer is. */
static bool parse_set(struct kql_parser *parser)
{
	if (!kql_parser_next(parser) || kql_parse_name(parser, "an option") == NULL)
		return false;
	if (kql_parser_at(parser, "=") && (!kql_parser_next(parser) || kql_parse_expression(parser) == NULL))
		return false;
	return kql_parser_expect(parser, ";");
}

/* declare query_parameters(name:type = default, ...); a parameter without a default has no value here. */
static bool parse_declare(struct kql_parser *parser, struct kql_let **lets)
{
	if (!kql_parser_next(parser) || !kql_parser_at(parser, "query_parameters"))
		return kql_parser_unexpected(parser, "'query_parameters'");
	if (!kql_parser_next(parser) || !kql_parser_expect(parser, "("))
		return false;
	do {
		struct kql_let *let = kql_arena_zero(parser->arena, sizeof *let);
		enum kql_type type;

		let->at = parser->token.start;
		if ((let->name = kql_parse_name(parser, "a parameter")) == NULL || !kql_parser_expect(parser, ":"))
			return false;
		if (parser->token.kind != KQL_TOKEN_NAME || !kql_type_by_name(parser->lexer.text + parser->token.start,
			parser->token.length, &type))
			return kql_parser_unexpected(parser, "a type");
		if (!kql_parser_next(parser))
			return false;
		if (!kql_parser_at(parser, "="))
			return kql_parser_fault(parser, let->at, "the query parameter '%s' has no value", let->name);
		if (!kql_parser_next(parser) || (let->node = kql_parse_expression(parser)) == NULL)
			return false;
		let->next = *lets;
		*lets = let;
	} while (kql_parser_at(parser, ",") && kql_parser_next(parser));
	return kql_parser_expect(parser, ")") && kql_parser_expect(parser, ";");
}

/* A statement before the last; *found is false if none is next. */
static bool parse_statement(struct kql_parser *parser, struct kql_let **lets, bool *found)
{
	static const char *const others[] = { "alias", "restrict", "pattern" };
	struct kql_token ahead = kql_parser_peek(parser);

	*found = ahead.kind == KQL_TOKEN_NAME || kql_token_is(&parser->lexer, &ahead, "[");
	if (kql_parser_at(parser, "let"))
		return parse_let(parser, lets);
	if (!*found)
		return true;
	if (kql_parser_at(parser, "set"))
		return parse_set(parser);
	if (kql_parser_at(parser, "declare") && !kql_token_is(&parser->lexer, &ahead, "pattern"))
		return parse_declare(parser, lets);
	for (size_t n = 0; n < G_N_ELEMENTS(others); n++)
		if (kql_parser_at(parser, others[n]) || (n == 2 && kql_parser_at(parser, "declare")))
			return kql_parser_fault(parser, parser->token.start, "the statement '%s' is not supported here", others[n]);
	*found = false;
	return true;
}

bool kql_parse_statements(struct kql_parser *parser, struct kql_statements *statements)
{
	bool found;

	do {
		if (!parse_statement(parser, &statements->lets, &found))
			return false;
	} while (found || kql_parser_at(parser, "let"));
	if (kql_parser_at(parser, "|"))
		return kql_parser_unexpected(parser, "a table");
	if (looks_tabular(parser))
		statements->pipe = kql_parse_pipe(parser);
	else
		statements->node = kql_parse_expression(parser);
	if (statements->pipe == NULL && statements->node == NULL)
		return false;
	return !kql_parser_at(parser, ";") || kql_parser_next(parser);
}

struct kql_pipe *kql_parse_query(struct kql_parser *parser, struct kql_let **lets)
{
	struct kql_pipe *pipe;
	const struct kql_let *before = *lets;
	bool found;

	parser->parse_pipe = kql_parse_pipe;
	do {
		if (!parse_statement(parser, lets, &found))
			return NULL;
	} while (found || kql_parser_at(parser, "let"));
	if (parser->token.kind == KQL_TOKEN_END) {
		kql_parser_fault(parser, parser->token.start, *lets != before ? "after the statements a query is missing" :
			"the query is empty");
		return NULL;
	}
	pipe = kql_parse_pipe(parser);
	if (pipe == NULL)
		return NULL;
	if (kql_parser_at(parser, ";")) {
		found = true;
		if (!kql_parser_next(parser))
			return NULL;
	}
	if (parser->token.kind == KQL_TOKEN_END)
		return pipe;
	if (found && !kql_parser_at(parser, ";"))
		kql_parser_fault(parser, parser->token.start, "only one query can be run at a time");
	else
		kql_parser_unexpected(parser, "'|' and an operator");
	return NULL;
}

bool kql_parse_prelude(struct kql_parser *parser, struct kql_let **lets)
{
	bool found;

	parser->parse_pipe = kql_parse_pipe;
	do {
		if (!parse_statement(parser, lets, &found))
			return false;
	} while (found || kql_parser_at(parser, "let"));
	return parser->token.kind == KQL_TOKEN_END || kql_parser_unexpected(parser, "'let'");
}
