/* Literals: numbers, strings, datetime(...), dynamic(...). */
#include "config.h"
#include "kql/parser.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kql/literal.h"

bool kql_parse_string(struct kql_parser *parser, struct kql_slice *value)
{
	AUTO(g_string) GString *out = g_string_new(NULL);

	while (parser->token.kind == KQL_TOKEN_STRING) {
		kql_unquote(parser->lexer.text + parser->token.start, parser->token.length, out, NULL);
		if (!kql_parser_next(parser))
			return false;
	}
	if (memchr(out->str, '\0', out->len) != NULL)
		return kql_parser_fault(parser, parser->token.start, "a string with the character 0 is not supported");
	value->text = kql_arena_copy(parser->arena, out->str, out->len);
	value->length = out->len;
	return true;
}

static bool parse_integer(const char *text, int64_t *value)
{
	const char *digits = text + (text[0] == '-' || text[0] == '+');
	char *end;

	if (!g_ascii_isdigit(digits[0]))
		return false;
	errno = 0;
	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) {
		*value = (int64_t)strtoull(digits, &end, 16);
		if (text[0] == '-')
			*value = (int64_t)-(uint64_t)*value;
	} else {
		*value = strtoll(text, &end, 10);
	}
	return errno == 0 && *end == '\0';
}

static bool parse_real(const char *text, double *value)
{
	char *end;

	if (g_ascii_strcasecmp(text, "nan") == 0)
		*value = NAN;
	else if (g_ascii_strcasecmp(text, "+inf") == 0 || g_ascii_strcasecmp(text, "inf") == 0)
		*value = INFINITY;
	else if (g_ascii_strcasecmp(text, "-inf") == 0)
		*value = -INFINITY;
	else if (strspn(text, "0123456789+-.eE") != strlen(text) || strpbrk(text, "0123456789") == NULL)
		return false;
	else if ((*value = g_ascii_strtod(text, &end)), *end != '\0')
		return false;
	return true;
}

static bool parse_bool(const char *text, int64_t *value)
{
	static const char *const words[] = { "false", "False", "FALSE", "0", "true", "True", "TRUE", "1" };

	for (size_t n = 0; n < G_N_ELEMENTS(words); n++)
		if (strcmp(text, words[n]) == 0) {
			*value = n >= 4;
			return true;
		}
	return false;
}

/* What stands in the brackets of int(...), datetime(...), ... */
static bool parse_typed(struct kql_parser *parser, enum kql_type type, const char *text, struct kql_value *value)
{
	struct kql_decimal decimal;

	*value = (struct kql_value){ .type = type };
	if (g_ascii_strcasecmp(text, "null") == 0 || (*text == '\0' && type != KQL_DATETIME)) {
		*value = kql_null(type);
		return true;
	}
	switch (type) {
	case KQL_BOOL:
		return parse_bool(text, &value->integer);
	case KQL_INT:
		return parse_integer(text, &value->integer) && value->integer >= INT32_MIN && value->integer <= INT32_MAX;
	case KQL_LONG:
		return parse_integer(text, &value->integer);
	case KQL_REAL:
		return parse_real(text, &value->real);
	case KQL_DECIMAL:
		if (!kql_decimal_parse(text, strlen(text), &decimal))
			return false;
		*value = kql_decimal_value(parser->arena, decimal);
		return true;
	case KQL_DATETIME:
		value->integer = parser->now_ticks;
		return *text == '\0' || kql_parse_datetime(text, strlen(text), &value->integer);
	case KQL_TIMESPAN:
		return kql_parse_timespan(text, strlen(text), &value->integer);
	default:
		*value = kql_text(KQL_STRING, text, strlen(text));
		*value = kql_value_cast(parser->arena, value, KQL_GUID);
		return !value->null;
	}
}

static bool typed_literal(struct kql_parser *parser, struct kql_value *value)
{
	const char *text = parser->lexer.text + parser->token.start;
	const char *open = memchr(text, '(', parser->token.length), *inner;
	size_t length = parser->token.length - (size_t)(open - text) - 2;
	enum kql_type type;

	if (!kql_type_by_name(text, (size_t)(open - text), &type))
		return kql_parser_fault(parser, parser->token.start, "unknown type");
	inner = g_strstrip(kql_arena_copy(parser->arena, open + 1, length));
	length = strlen(inner);
	if (length >= 2 && (inner[0] == '"' || inner[0] == '\'') && inner[length - 1] == inner[0])
		inner = kql_arena_copy(parser->arena, inner + 1, length - 2);
	if (parse_typed(parser, type, inner, value))
		return true;
	return kql_parser_fault(parser, parser->token.start + (size_t)(open - text) + 1, "'%.60s' is no %s", inner,
		kql_type_name(type));
}

/* The value of the next token, which is a literal; moves on. */
static bool literal_value(struct kql_parser *parser, struct kql_value *value)
{
	struct kql_token token = parser->token;
	const char *text = kql_parser_word(parser, &token);
	struct kql_slice string;
	bool fine = true;

	*value = (struct kql_value){ .type = KQL_LONG };
	switch (token.kind) {
	case KQL_TOKEN_STRING:
		if (!kql_parse_string(parser, &string))
			return false;
		*value = kql_text(KQL_STRING, string.text, string.length);
		return true;
	case KQL_TOKEN_LONG:
		if (!parse_integer(text, &value->integer))
			return kql_parser_fault(parser, token.start, "the number '%.40s' is too large", text);
		break;
	case KQL_TOKEN_REAL:
		*value = kql_real(g_ascii_strtod(text, NULL));
		break;
	case KQL_TOKEN_TIMESPAN:
		value->type = KQL_TIMESPAN;
		if (!kql_parse_timespan(text, token.length, &value->integer))
			return kql_parser_fault(parser, token.start, "the timespan '%.40s' is too large", text);
		break;
	case KQL_TOKEN_TYPED:
		fine = typed_literal(parser, value);
		break;
	default:
		value->type = KQL_BOOL;
		if (!parse_bool(text, &value->integer))
			return kql_parser_unexpected(parser, "a value");
	}
	return fine && kql_parser_next(parser);
}

struct kql_node *kql_parse_literal(struct kql_parser *parser)
{
	struct kql_node *node = kql_node_new(parser, KQL_NODE_LITERAL, &parser->token);

	return literal_value(parser, &node->value) ? node : NULL;
}

static bool append_dynamic(struct kql_parser *parser, GString *out);

static bool append_key(struct kql_parser *parser, GString *out)
{
	struct kql_slice key;
	struct kql_token ahead = kql_parser_peek(parser);

	if (parser->token.kind != KQL_TOKEN_STRING)
		return kql_parser_unexpected(parser, "a name in quotes");
	/* Other literals are joined when they stand side by side, a name is one literal. */
	if (ahead.kind == KQL_TOKEN_STRING)
		return kql_parser_next(parser) && kql_parser_unexpected(parser, "':'");
	if (!kql_parse_string(parser, &key))
		return false;
	kql_json_append_string(out, key.text, key.length);
	g_string_append_c(out, ':');
	return kql_parser_expect(parser, ":");
}

static bool append_members(struct kql_parser *parser, GString *out, const char *close)
{
	g_string_append(out, *close == '}' ? "{" : "[");
	if (!kql_parser_next(parser))
		return false;
	while (!kql_parser_at(parser, close)) {
		if (*close == '}' && !append_key(parser, out))
			return false;
		if (!append_dynamic(parser, out))
			return false;
		if (kql_parser_at(parser, close))
			break;
		if (!kql_parser_expect(parser, ","))
			return false;
		g_string_append_c(out, ',');
		if (kql_parser_at(parser, close))
			return kql_parser_unexpected(parser, "a value");
	}
	g_string_append(out, close);
	return kql_parser_next(parser);
}

/* What Microsoft's parser takes of the typed literals: all but int(...) and decimal(...). */
static bool append_literal(struct kql_parser *parser, GString *out)
{
	struct kql_value value;
	struct kql_token token = parser->token;
	bool minus = kql_parser_take(parser, "-");

	if (minus && parser->token.kind != KQL_TOKEN_LONG && parser->token.kind != KQL_TOKEN_REAL)
		return kql_parser_unexpected(parser, "a number");
	if (!literal_value(parser, &value))
		return false;
	if (token.kind == KQL_TOKEN_TYPED && (value.type == KQL_INT || value.type == KQL_DECIMAL))
		return kql_parser_fault(parser, token.start, "a dynamic value cannot hold the type %s",
			kql_type_name(value.type));
	if (minus)
		g_string_append_c(out, '-');
	kql_value_append_json(out, &value);
	return true;
}

static bool append_dynamic(struct kql_parser *parser, GString *out)
{
	bool fine;

	if (!kql_parser_enter(parser))
		return false;
	if (kql_parser_at(parser, "[") || kql_parser_at(parser, "{")) {
		fine = append_members(parser, out, kql_parser_at(parser, "[") ? "]" : "}");
	} else if (kql_parser_at(parser, "null")) {
		g_string_append(out, "null");
		fine = kql_parser_next(parser);
	} else if (kql_parser_take(parser, "dynamic")) {
		fine = kql_parser_expect(parser, "(") && append_dynamic(parser, out) && kql_parser_expect(parser, ")");
	} else {
		fine = append_literal(parser, out);
	}
	kql_parser_leave(parser);
	return fine;
}

struct kql_node *kql_parse_dynamic(struct kql_parser *parser)
{
	struct kql_node *node = kql_node_new(parser, KQL_NODE_LITERAL, &parser->token);
	AUTO(g_string) GString *out = g_string_new(NULL);

	if (!kql_parser_next(parser) || !kql_parser_expect(parser, "(") || !append_dynamic(parser, out) ||
		!kql_parser_expect(parser, ")"))
		return NULL;
	node->value = kql_dynamic((struct kql_slice){ kql_arena_copy(parser->arena, out->str, out->len), out->len });
	return node;
}
