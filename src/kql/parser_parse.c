/* parse, parse-where, parse-kv. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

/* kind=K [flags=F]; a bare word of the pattern is never one, for an expression comes first. */
static bool parse_options(struct kql_parser *parser, struct kql_parse *parse)
{
	static const char *const kinds[] = { "simple", "regex", "relaxed" };
	const char *name, *value;
	size_t at = parser->token.start;
	struct kql_token ahead = kql_parser_peek(parser);

	while (parser->token.kind == KQL_TOKEN_NAME && kql_token_is(&parser->lexer, &ahead, "=")) {
		size_t kind = 0;

		if (!kql_parse_option(parser, &name, &value))
			return false;
		if (strcmp(name, "kind") == 0) {
			while (kind < G_N_ELEMENTS(kinds) && strcmp(kinds[kind], value) != 0)
				kind++;
			if (kind == G_N_ELEMENTS(kinds))
				return kql_parser_fault(parser, at, "the kind of parse is simple, regex or relaxed");
			parse->kind = (enum kql_parse_kind)kind;
		} else if (strcmp(name, "flags") == 0) {
			if (strspn(value, "imsUu") != strlen(value))
				return kql_parser_fault(parser, at, "flags are letters of i, m, s and U");
			parse->flags = value;
		} else {
			return kql_parser_fault(parser, at, "unknown option '%.40s' of parse", name);
		}
		at = parser->token.start;
		ahead = kql_parser_peek(parser);
	}
	return true;
}

static bool parse_column(struct kql_parser *parser, struct kql_parse_piece *piece)
{
	piece->type = KQL_STRING;
	piece->name = kql_parse_name(parser, "a text, '*' or a column name");
	if (piece->name == NULL || !kql_parser_at(parser, ":"))
		return piece->name != NULL;
	if (!kql_parser_next(parser))
		return false;
	if (parser->token.kind != KQL_TOKEN_NAME || !kql_type_by_name(parser->lexer.text + parser->token.start,
		parser->token.length, &piece->type))
		return kql_parser_unexpected(parser, "a type");
	return kql_parser_next(parser);
}

static bool parse_piece(struct kql_parser *parser, struct kql_parse_piece *piece)
{
	*piece = (struct kql_parse_piece){ .at = parser->token.start };
	if (parser->token.kind == KQL_TOKEN_STRING)
		return kql_parse_string(parser, &piece->text);
	if (kql_parser_at(parser, "*")) {
		piece->star = true;
		return kql_parser_next(parser);
	}
	return parse_column(parser, piece);
}

/* What Microsoft's parser asks of a pattern: every column but the first stands behind a text, a text behind a '*', and no
 * '*' behind a column of type string. */
static bool check_pieces(struct kql_parser *parser, const struct kql_parse_piece *pieces, size_t count)
{
	for (size_t n = 1; n < count; n++) {
		const struct kql_parse_piece *before = &pieces[n - 1];

		if (pieces[n].star && before->name != NULL && before->type == KQL_STRING)
			return kql_parser_fault(parser, pieces[n].at, "'*' cannot stand behind a column of type string: where that "
				"ends would be open");
		if (before->star && pieces[n].text.text == NULL)
			return kql_parser_fault(parser, pieces[n].at, "behind '*' stands a text");
		if (pieces[n].name != NULL && before->text.text == NULL)
			return kql_parser_fault(parser, pieces[n].at, "a column stands behind a text");
	}
	return count != 0 || kql_parser_unexpected(parser, "a pattern");
}

static bool pattern_goes_on(const struct kql_parser *parser)
{
	return parser->token.kind == KQL_TOKEN_STRING || parser->token.kind == KQL_TOKEN_NAME ||
		kql_parser_at(parser, "*") || kql_parser_at(parser, "[");
}

/* parse [kind=K] [flags=F] value with "text" column:type * ... */
bool kql_parse_parse(struct kql_parser *parser, struct kql_step *step)
{
	AUTO(g_array_unref) GArray *list = g_array_new(FALSE, FALSE, sizeof(struct kql_parse_piece));
	struct kql_parse *parse = step->parse = kql_arena_zero(parser->arena, sizeof *parse);

	parse->where = strcmp(step->word, "parse-where") == 0;
	if (!parse_options(parser, parse) || (step->node = kql_parse_expression(parser)) == NULL ||
		!kql_parser_expect(parser, "with"))
		return false;
	while (pattern_goes_on(parser)) {
		struct kql_parse_piece piece;

		if (!parse_piece(parser, &piece))
			return false;
		g_array_append_val(list, piece);
	}
	parse->count = list->len;
	parse->pieces = kql_arena_zero(parser->arena, (list->len + 1) * sizeof *parse->pieces);
	if (list->len != 0)
		memcpy(parse->pieces, list->data, list->len * sizeof *parse->pieces);
	return check_pieces(parser, parse->pieces, parse->count);
}

static bool kv_option(struct kql_parser *parser, struct kql_parse_kv *kv)
{
	size_t at = parser->token.start;
	const char *name = parser->token.kind == KQL_TOKEN_NAME ? kql_parser_word(parser, &parser->token) : "";
	struct kql_slice text;

	if (!kql_parser_next(parser) || !kql_parser_expect(parser, "="))
		return false;
	if (strcmp(name, "greedy") == 0) {
		kv->greedy = g_ascii_strcasecmp(kql_parser_word(parser, &parser->token), "true") == 0;
		return kql_parser_next(parser);
	}
	if (parser->token.kind != KQL_TOKEN_STRING)
		return kql_parser_unexpected(parser, "a text");
	if (!kql_parse_string(parser, &text))
		return false;
	if (strcmp(name, "pair_delimiter") == 0)
		kv->pair = text;
	else if (strcmp(name, "kv_delimiter") == 0)
		kv->kv = text;
	else if (strcmp(name, "escape") == 0)
		kv->escape = text;
	else if (strcmp(name, "regex") == 0)
		kv->pattern = text;
	else if (strcmp(name, "quote") != 0)
		return kql_parser_fault(parser, at, "unknown option '%.40s' of parse-kv", name);
	else if (kv->quote_count == G_N_ELEMENTS(kv->quotes) || text.length < 1 || text.length > 2)
		return kql_parser_fault(parser, at, "a quote is one character, or an opening and a closing one");
	else
		kv->quotes[kv->quote_count++] = text.text;
	return true;
}

/* parse-kv value as (name:type, ...) [with (option=value, ...)] */
bool kql_parse_parse_kv(struct kql_parser *parser, struct kql_step *step)
{
	struct kql_parse_kv *kv = step->parse_kv = kql_arena_zero(parser->arena, sizeof *kv);
	struct kql_field *fields;

	if ((step->node = kql_parse_expression(parser)) == NULL || !kql_parser_expect(parser, "as") ||
		!kql_parser_expect(parser, "(") || !kql_parse_fields(parser, &fields, &kv->count, NULL))
		return false;
	kv->columns = kql_arena_zero(parser->arena, (kv->count + 1) * sizeof *kv->columns);
	for (size_t n = 0; n < kv->count; n++)
		kv->columns[n] = (struct kql_parse_piece){ .at = step->at, .name = fields[n].name, .type = fields[n].type };
	if (!kql_parser_at(parser, "with"))
		return true;
	if (!kql_parser_next(parser) || !kql_parser_expect(parser, "("))
		return false;
	while (!kql_parser_at(parser, ")")) {
		if (!kv_option(parser, kv))
			return false;
		if (!kql_parser_take(parser, ","))
			break;
	}
	return kql_parser_expect(parser, ")");
}
