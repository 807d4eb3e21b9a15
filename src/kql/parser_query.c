/* Statements, and where a pipeline begins. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

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
	GArray *fields = g_array_new(FALSE, FALSE, sizeof(struct kql_field));
	bool fine = kql_parser_expect(parser, "(");

	while (fine) {
		struct kql_field field = { .name = kql_parse_name(parser, "a column name") };

		fine = field.name != NULL && kql_parser_expect(parser, ":");
		if (fine && (parser->token.kind != KQL_TOKEN_NAME || !kql_type_by_name(parser->lexer.text + parser->token.start,
			parser->token.length, &field.type)))
			fine = kql_parser_unexpected(parser, "a type");
		fine = fine && kql_parser_next(parser);
		g_array_append_val(fields, field);
		if (!fine || !kql_parser_take(parser, ","))
			break;
	}
	pipe->source_count = fields->len;
	pipe->source_fields = kql_arena_alloc(parser->arena, (fields->len + 1) * sizeof *pipe->source_fields);
	if (fields->len != 0)
		memcpy(pipe->source_fields, fields->data, fields->len * sizeof *pipe->source_fields);
	g_array_unref(fields);
	if (!fine || !kql_parser_expect(parser, ")") || !kql_parser_expect(parser, "["))
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

static bool parse_source(struct kql_parser *parser, struct kql_pipe *pipe)
{
	struct kql_token ahead = kql_parser_peek(parser);
	bool called = kql_token_is(&parser->lexer, &ahead, "(");

	pipe->at = parser->token.start;
	pipe->slot = SIZE_MAX;
	if (kql_parser_at(parser, "("))
		return parse_inner(parser, pipe);
	if (kql_parser_at(parser, "materialize") && called)
		return kql_parser_next(parser) && parse_inner(parser, pipe);
	if (kql_parser_at(parser, "print")) {
		pipe->source = KQL_FROM_PRINT;
		return kql_parser_next(parser) && kql_parse_items(parser, &pipe->items);
	}
	if (kql_parser_at(parser, "range") && ahead.kind == KQL_TOKEN_NAME) {
		pipe->source = KQL_FROM_RANGE;
		return kql_parser_next(parser) && parse_range(parser, pipe);
	}
	if (kql_parser_at(parser, "datatable")) {
		pipe->source = KQL_FROM_DATATABLE;
		return kql_parser_next(parser) && parse_datatable(parser, pipe);
	}
	if (kql_parser_at(parser, "union")) {
		pipe->source = KQL_FROM_UNION;
		return kql_parse_step(parser, pipe);
	}
	if (kql_parser_at(parser, "search") || kql_parser_at(parser, "find"))
		return kql_parser_no_step(parser);
	/* A table may be called like an operator; one that is followed by its arguments is the operator. */
	if (kql_parser_at_step(parser) && !kql_token_is(&parser->lexer, &ahead, "|") && ahead.kind != KQL_TOKEN_END) {
		pipe->source = KQL_FROM_DEFAULT;
		return kql_parse_step(parser, pipe);
	}
	if (kql_parser_at(parser, "|") || (kql_parser_at(parser, "count") && ahead.kind == KQL_TOKEN_END)) {
		pipe->source = KQL_FROM_DEFAULT;
		return kql_parser_at(parser, "|") || kql_parse_step(parser, pipe);
	}
	pipe->source = KQL_FROM_NAME;
	if (called)
		return kql_parser_fault(parser, pipe->at, "'%s': a function that gives a table is not supported",
			kql_parser_word(parser, &parser->token));
	pipe->name = kql_parse_name(parser, "a table");
	return pipe->name != NULL;
}

struct kql_pipe *kql_parse_pipe(struct kql_parser *parser)
{
	struct kql_pipe *pipe = kql_arena_zero(parser->arena, sizeof *pipe);
	bool fine;

	if (!kql_parser_enter(parser))
		return NULL;
	fine = parse_source(parser, pipe);
	while (fine && kql_parser_at(parser, "|"))
		fine = kql_parser_next(parser) && kql_parse_step(parser, pipe);
	kql_parser_leave(parser);
	return fine ? pipe : NULL;
}

/* Whether what follows up to ';' is a pipeline: it has a bar outside of brackets, or begins as one. */
static bool looks_tabular(const struct kql_parser *parser)
{
	static const char *const words[] = { "datatable", "print", "range", "union", "materialize", "search", "find" };
	struct kql_lexer ahead = parser->lexer;
	struct kql_token token = parser->token;
	bool bracket = kql_parser_at(parser, "(");
	int depth = 0;

	for (size_t n = 0; n < G_N_ELEMENTS(words); n++)
		if (kql_parser_at(parser, words[n]))
			return strcmp(words[n], "range") != 0 || kql_parser_peek(parser).kind == KQL_TOKEN_NAME;
	while (token.kind != KQL_TOKEN_END && token.kind != KQL_TOKEN_BAD) {
		if (kql_token_is(&ahead, &token, ";") && depth == 0)
			return false;
		if (kql_token_is(&ahead, &token, "|") && depth <= (bracket ? 1 : 0))
			return true;
		if (kql_token_is(&ahead, &token, "("))
			depth++;
		else if (kql_token_is(&ahead, &token, ")"))
			depth--;
		token = kql_lexer_next(&ahead);
	}
	return false;
}

/* (name:type, ...) { ... }, or view () { ... } */
static bool is_function(const struct kql_parser *parser)
{
	struct kql_lexer ahead = parser->lexer;
	struct kql_token token = kql_lexer_next(&ahead);

	if (kql_parser_at(parser, "view"))
		return kql_token_is(&ahead, &token, "(");
	if (!kql_parser_at(parser, "("))
		return false;
	if (kql_token_is(&ahead, &token, ")"))
		return true;
	if (token.kind != KQL_TOKEN_NAME)
		return false;
	token = kql_lexer_next(&ahead);
	return kql_token_is(&ahead, &token, ":");
}

static bool parse_let(struct kql_parser *parser, struct kql_let **lets)
{
	struct kql_let *let = kql_arena_zero(parser->arena, sizeof *let);

	if (!kql_parser_next(parser) || (let->name = kql_parse_name(parser, "a name")) == NULL ||
		!kql_parser_expect(parser, "="))
		return false;
	if (is_function(parser))
		return kql_parser_fault(parser, parser->token.start, "a function of one's own is not supported");
	if (looks_tabular(parser)) {
		let->pipe = kql_parse_pipe(parser);
	} else {
		let->node = kql_parse_expression(parser);
	}
	if (let->pipe == NULL && let->node == NULL)
		return false;
	let->next = *lets;
	*lets = let;
	return kql_parser_expect(parser, ";");
}

struct kql_pipe *kql_parse_query(struct kql_parser *parser, struct kql_let **lets)
{
	struct kql_pipe *pipe;

	*lets = NULL;
	parser->parse_pipe = kql_parse_pipe;
	while (kql_parser_at(parser, "let"))
		if (!parse_let(parser, lets))
			return NULL;
	if (parser->token.kind == KQL_TOKEN_END) {
		kql_parser_fault(parser, parser->token.start, "the query is empty");
		return NULL;
	}
	pipe = kql_parse_pipe(parser);
	if (pipe == NULL)
		return NULL;
	if (kql_parser_at(parser, ";") && !kql_parser_next(parser))
		return NULL;
	if (parser->token.kind != KQL_TOKEN_END) {
		kql_parser_unexpected(parser, "'|' and an operator");
		return NULL;
	}
	return pipe;
}
