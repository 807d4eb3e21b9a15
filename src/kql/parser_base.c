/* Tokens, faults and names for the parsers. */
#include "config.h"
#include "kql/parser.h"

#include <stdarg.h>
#include <string.h>

#include "core/text.h"
#include "kql/names.h"
#include "kql/predicate.h"

/* Found with Microsoft's parser: names that it takes only in brackets (KS228). */
static const char *const reserved[] = {
	"accumulate", "and", "anomalychart", "as", "asc", "bagexpansion", "barchart", "between", "bin_legacy",
	"boolean", "by", "card", "columnchart", "contains", "contains_cs", "containscs", "cycles", "datatable",
	"date", "datetime", "decimal", "desc", "double", "dynamic", "endswith", "endswith_cs", "expandoutput",
	"external_data", "externaldata", "find", "first", "flags", "float", "has", "has_all", "has_any", "has_cs",
	"hasprefix", "hasprefix_cs", "hassuffix", "hassuffix_cs", "hotcache", "in", "int", "int32", "int64",
	"invoke", "isfuzzy", "ladderchart", "last", "like", "likecs", "long", "materialize", "nooptimization",
	"notcontains", "notcontainscs", "notlike", "notlikecs", "of", "or", "piechart", "pivotchart", "print",
	"project", "real", "relaxed", "sample", "scatterchart", "search", "set", "simple", "stackedareachart",
	"startswith", "startswith_cs", "string", "time", "timechart", "timeline", "timepivot", "timespan",
	"title", "to", "toscalar", "totable", "treemap", "union", "uniqueid", "verbose", "viewers", "views",
	"where", NULL,
};

bool kql_word_is_reserved(const char *word, size_t length)
{
	for (const char *const *entry = reserved; *entry != NULL; entry++)
		if (strlen(*entry) == length && memcmp(*entry, word, length) == 0)
			return true;
	return false;
}

static bool fault_at(const char *text, size_t at, struct error *error, const char *format, va_list args)
{
	char *message = g_strdup_vprintf(format, args);
	unsigned line, column;
	bool first = error != NULL && error->kind == ERROR_NONE;

	error_set(error, ERROR_USAGE, "%s", message);
	g_free(message);
	if (first) {
		kql_position(text, strlen(text), at, &line, &column);
		error_at(error, "", line, column);
	}
	return false;
}

bool kql_fault_at(const char *text, size_t at, struct error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fault_at(text, at, error, format, args);
	va_end(args);
	return false;
}

bool kql_parser_fault(struct kql_parser *parser, size_t at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fault_at(parser->lexer.text, at, parser->error, format, args);
	va_end(args);
	return false;
}

bool kql_parser_next(struct kql_parser *parser)
{
	parser->token = kql_lexer_next(&parser->lexer);
	if (parser->token.kind == KQL_TOKEN_BAD)
		return kql_parser_fault(parser, parser->lexer.fault_at, "%s", parser->lexer.fault);
	return true;
}

struct kql_token kql_parser_peek(const struct kql_parser *parser)
{
	struct kql_lexer ahead = parser->lexer;

	return kql_lexer_next(&ahead);
}

bool kql_parser_init(struct kql_parser *parser, const char *text, struct kql_arena *arena, int64_t now_ticks,
	struct error *error)
{
	const char *bad;
	size_t length = strlen(text);

	*parser = (struct kql_parser){ .arena = arena, .now_ticks = now_ticks, .error = error };
	if (length > KQL_TEXT_LIMIT)
		return error_set(error, ERROR_USAGE, "the KQL text is longer than %d bytes", KQL_TEXT_LIMIT);
	if (!g_utf8_validate(text, (gssize)length, &bad))
		return kql_fault_at(text, (size_t)(bad - text), error, "the KQL text is not UTF-8 here");
	kql_lexer_init(&parser->lexer, text, length);
	return kql_parser_next(parser);
}

void kql_parser_continue(struct kql_parser *parser, const char *text, size_t at, struct kql_arena *arena,
	int64_t now_ticks, struct error *error)
{
	*parser = (struct kql_parser){ .arena = arena, .now_ticks = now_ticks, .error = error };
	kql_lexer_init(&parser->lexer, text, strlen(text));
	parser->lexer.at = at;
	kql_parser_next(parser);
}

bool kql_parser_at(const struct kql_parser *parser, const char *text)
{
	return kql_token_is(&parser->lexer, &parser->token, text);
}

bool kql_parser_take(struct kql_parser *parser, const char *text)
{
	if (!kql_parser_at(parser, text))
		return false;
	/* A bad token that follows is reported where it is looked at. */
	kql_parser_next(parser);
	return true;
}

bool kql_parser_expect(struct kql_parser *parser, const char *text)
{
	char wanted[32];

	if (kql_parser_at(parser, text))
		return kql_parser_next(parser);
	g_snprintf(wanted, sizeof wanted, "'%s'", text);
	return kql_parser_unexpected(parser, wanted);
}

bool kql_parser_enter(struct kql_parser *parser)
{
	if (parser->depth >= KQL_DEPTH_LIMIT)
		return kql_parser_fault(parser, parser->token.start, "the expression is nested more than %d deep",
			KQL_DEPTH_LIMIT);
	parser->depth++;
	return true;
}

void kql_parser_leave(struct kql_parser *parser)
{
	parser->depth--;
}

const char *kql_parser_word(const struct kql_parser *parser, const struct kql_token *token)
{
	return kql_arena_copy(parser->arena, parser->lexer.text + token->start, token->length);
}

/* The word of a list that differs in case, else the nearest one; NULL if there is none. */
static const char *near_word(const char *word, const char *const *list)
{
	for (size_t n = 0; list[n] != NULL; n++)
		if (g_ascii_strcasecmp(list[n], word) == 0)
			return list[n];
	return text_nearest(word, list);
}

/* A hint for a word where no word can stand: the type or operator it may mean. */
static void hint_operator(struct kql_parser *parser, const char *wanted)
{
	static const char *const types[] = { "bool", "datetime", "decimal", "dynamic", "guid", "int", "long", "real", "string",
		"timespan", NULL };
	static const char *const words[] = { "asc", "by", "desc", "first", "from", "kind", "last", "nulls", "on", "step", "to",
		"typeof", "where", "with", NULL };
	const char *word = kql_parser_word(parser, &parser->token), *near;

	if (strcmp(wanted, "a type") == 0) {
		near = near_word(word, types);
		if (near != NULL)
			error_hint(parser->error, "did you mean '%s'?", near);
		else
			error_hint(parser->error, "types are bool, datetime, decimal, dynamic, guid, int, long, real, string, timespan");
		return;
	}
	if (strcmp(word, "not") == 0) {
		error_hint(parser->error, "a negated operator is one word, such as '!contains'; 'not' is a function: not(...)");
		return;
	}
	if (strcmp(word, "matches") == 0) {
		error_hint(parser->error, "write 'matches regex'");
		return;
	}
	/* A scalar operator in other letters comes before a word that is only near. */
	near = near_word(word, kql_scalar_operators);
	if (near == NULL || g_ascii_strcasecmp(near, word) != 0) {
		const char *other = strlen(word) > 2 ? near_word(word, words) : NULL;

		near = other != NULL && strcmp(other, word) != 0 ? other : near;
	}
	if (strlen(word) > 1 && near != NULL && (g_ascii_isalpha(*near) || *near == '!'))
		error_hint(parser->error, "did you mean '%s'?", near);
}

bool kql_parser_unexpected(struct kql_parser *parser, const char *wanted)
{
	const struct kql_token *token = &parser->token;

	if (token->kind == KQL_TOKEN_BAD)
		return false; /* reported when it was read */
	if (token->kind == KQL_TOKEN_END)
		return kql_parser_fault(parser, token->start, "%s is missing at the end", wanted);
	if (token->kind == KQL_TOKEN_NAME && strcmp(wanted, "an operator") == 0)
		kql_parser_fault(parser, token->start, "unknown operator '%s'", kql_parser_word(parser, token));
	else
		kql_parser_fault(parser, token->start, "'%.*s' does not belong here: %s is wanted",
			(int)MIN(token->length, 40), parser->lexer.text + token->start, wanted);
	if (token->kind == KQL_TOKEN_NAME)
		hint_operator(parser, wanted);
	else if (kql_parser_at(parser, "="))
		error_hint(parser->error, "equality is written '==', or '=~' to ignore case");
	return false;
}

const char *kql_parse_name(struct kql_parser *parser, const char *what)
{
	struct kql_token token = parser->token;
	struct kql_slice text;
	const char *name;

	if (kql_parser_at(parser, "[")) {
		if (!kql_parser_next(parser))
			return NULL;
		if (parser->token.kind != KQL_TOKEN_STRING) {
			kql_parser_unexpected(parser, "a name in quotes, such as ['a b'],");
			return NULL;
		}
		if (!kql_parse_string(parser, &text) || !kql_parser_expect(parser, "]"))
			return NULL;
		return kql_arena_copy(parser->arena, text.text, text.length);
	}
	if (token.kind != KQL_TOKEN_NAME) {
		kql_parser_unexpected(parser, what);
		return NULL;
	}
	name = kql_parser_word(parser, &token);
	if (strcmp(name, "externaldata") == 0 || strcmp(name, "external_data") == 0) {
		kql_parser_fault(parser, token.start, "%s: data of elsewhere cannot be read here", name);
		error_hint(parser->error, "write the values into the query: datatable(name:type, ...) [value, ...]");
		return NULL;
	}
	if (kql_word_is_reserved(name, token.length)) {
		kql_parser_fault(parser, token.start, "the keyword '%s' is no name", name);
		error_hint(parser->error, "a column of that name is written ['%s']", name);
		return NULL;
	}
	return kql_parser_next(parser) ? name : NULL;
}

struct kql_node *kql_node_new(struct kql_parser *parser, enum kql_node_kind kind, const struct kql_token *token)
{
	struct kql_node *node = kql_arena_zero(parser->arena, sizeof *node);

	node->kind = kind;
	node->at = token->start;
	node->length = token->length;
	return node;
}

void kql_node_append(struct kql_parser *parser, struct kql_node *node, struct kql_node *arg)
{
	/* Room doubles: it is full when the count is a power of two. */
	if ((node->count & (node->count - 1)) == 0) {
		struct kql_node **args = kql_arena_alloc(parser->arena, MAX(node->count * 2, 1) * sizeof *args);

		if (node->count != 0)
			memcpy(args, node->args, node->count * sizeof *args);
		node->args = args;
	}
	node->args[node->count++] = arg;
}

/* `in (Table | ...)`, `in ((Table | ...))`, f(Table | ...): after the opening bracket or a comma. A name alone may be a
 * table, too; the checker sees to that. */
bool kql_parser_at_table(const struct kql_parser *parser)
{
	struct kql_lexer ahead = parser->lexer;
	struct kql_token token = parser->token;
	long depth = 0, limit = kql_parser_at(parser, "(") ? 1 : 0;

	if (parser->parse_pipe == NULL)
		return false;
	if (kql_parser_at(parser, "datatable") || kql_parser_at(parser, "materialize") || kql_parser_at(parser, "union"))
		return true;
	for (; token.kind != KQL_TOKEN_END && token.kind != KQL_TOKEN_BAD && depth >= 0; token = kql_lexer_next(&ahead)) {
		if (depth <= limit && kql_token_is(&ahead, &token, "|"))
			return true;
		if (kql_token_is(&ahead, &token, "(") || kql_token_is(&ahead, &token, "["))
			depth++;
		else if (kql_token_is(&ahead, &token, ")") || kql_token_is(&ahead, &token, "]"))
			depth--;
		if (depth <= limit && kql_token_is(&ahead, &token, ","))
			return false;
		/* Behind the first bracket's end it is over. */
		if (depth == 0)
			limit = 0;
	}
	return false;
}
