/* Functions of the text's own: let f = (x:long, T:(a:string)) { ... } */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

bool kql_parser_at_function(const struct kql_parser *parser)
{
	struct kql_lexer ahead = parser->lexer;
	struct kql_token token = kql_lexer_next(&ahead);

	if (kql_parser_at(parser, "view"))
		return kql_token_is(&ahead, &token, "(");
	if (!kql_parser_at(parser, "("))
		return false;
	if (kql_token_is(&ahead, &token, ")")) {
		token = kql_lexer_next(&ahead);
		return kql_token_is(&ahead, &token, "{");
	}
	if (token.kind != KQL_TOKEN_NAME)
		return false;
	token = kql_lexer_next(&ahead);
	return kql_token_is(&ahead, &token, ":");
}

static bool parse_type(struct kql_parser *parser, enum kql_type *type)
{
	if (parser->token.kind != KQL_TOKEN_NAME ||
		!kql_type_by_name(parser->lexer.text + parser->token.start, parser->token.length, type))
		return kql_parser_unexpected(parser, "a type");
	return kql_parser_next(parser);
}

bool kql_parse_fields(struct kql_parser *parser, struct kql_field **fields, size_t *count, bool *any)
{
	AUTO(g_array_unref) GArray *list = g_array_new(FALSE, FALSE, sizeof(struct kql_field));
	bool fine = true;

	while (fine && !kql_parser_at(parser, ")")) {
		struct kql_field field = { .name = NULL };

		if (any != NULL && list->len == 0 && !*any && kql_parser_at(parser, "*")) {
			*any = true;
			if (!kql_parser_next(parser))
				return false;
		} else {
			field.name = kql_parse_name(parser, "a column name");
			fine = field.name != NULL && kql_parser_expect(parser, ":") && parse_type(parser, &field.type);
			g_array_append_val(list, field);
		}
		if (!fine || !kql_parser_at(parser, ","))
			break;
		fine = kql_parser_next(parser);
	}
	*count = list->len;
	*fields = kql_arena_zero(parser->arena, (list->len + 1) * sizeof **fields);
	if (list->len != 0)
		memcpy(*fields, list->data, list->len * sizeof **fields);
	return fine && kql_parser_expect(parser, ")");
}

static bool parse_parameter(struct kql_parser *parser, struct kql_parameter *parameter)
{
	*parameter = (struct kql_parameter){ .at = parser->token.start };
	parameter->name = kql_parse_name(parser, "a parameter");
	if (parameter->name == NULL || !kql_parser_expect(parser, ":"))
		return false;
	if (kql_parser_at(parser, "(")) {
		parameter->table = true;
		return kql_parser_next(parser) && kql_parse_fields(parser, &parameter->fields, &parameter->field_count,
			&parameter->any);
	}
	if (!parse_type(parser, &parameter->type))
		return false;
	if (!kql_parser_at(parser, "="))
		return true;
	if (!kql_parser_next(parser))
		return false;
	parameter->value = kql_parse_expression(parser);
	return parameter->value != NULL;
}

static bool parse_parameters(struct kql_parser *parser, struct kql_function_body *body)
{
	AUTO(g_array_unref) GArray *list = g_array_new(FALSE, FALSE, sizeof(struct kql_parameter));
	struct kql_parameter parameter;

	if (!kql_parser_expect(parser, "("))
		return false;
	while (!kql_parser_at(parser, ")")) {
		if (!parse_parameter(parser, &parameter))
			return false;
		for (guint n = 0; n < list->len; n++)
			if (strcmp(g_array_index(list, struct kql_parameter, n).name, parameter.name) == 0)
				return kql_parser_fault(parser, parameter.at, "there is already a parameter '%s'", parameter.name);
		if (list->len != 0 && parameter.table && !g_array_index(list, struct kql_parameter, list->len - 1).table)
			return kql_parser_fault(parser, parameter.at, "parameters that are tables come first");
		g_array_append_val(list, parameter);
		if (!kql_parser_at(parser, ","))
			break;
		if (!kql_parser_next(parser))
			return false;
	}
	body->parameter_count = list->len;
	body->parameters = kql_arena_zero(parser->arena, (list->len + 1) * sizeof *body->parameters);
	if (list->len != 0)
		memcpy(body->parameters, list->data, list->len * sizeof *body->parameters);
	return kql_parser_expect(parser, ")");
}

/* The body is parsed here for its faults, and again for every call. */
struct kql_function_body *kql_parse_function(struct kql_parser *parser)
{
	struct kql_function_body *body = kql_arena_zero(parser->arena, sizeof *body);
	struct kql_statements statements = { .lets = NULL };
	bool fine;

	body->text = parser->lexer.text;
	body->view = kql_parser_take(parser, "view");
	if (!parse_parameters(parser, body) || !kql_parser_at(parser, "{")) {
		kql_parser_unexpected(parser, "'{' and the function's body");
		return NULL;
	}
	body->start = parser->token.start + parser->token.length;
	if (!kql_parser_next(parser) || !kql_parser_enter(parser))
		return NULL;
	fine = kql_parse_statements(parser, &statements);
	kql_parser_leave(parser);
	if (!fine)
		return NULL;
	body->end = parser->token.start;
	if (!kql_parser_at(parser, "}")) {
		kql_parser_unexpected(parser, "'}'");
		return NULL;
	}
	return kql_parser_next(parser) ? body : NULL;
}
