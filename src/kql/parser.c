/* Expressions, loosest binding first. */
#include "config.h"
#include "kql/parser.h"

#include <string.h>

#include "core/text.h"
#include "kql/functions.h"
#include "kql/names.h"

#define CHAIN_LIMIT 500

static const struct kql_operator add_operators[] = {
	{ .text = "+", .op = KQL_OP_ADD }, { .text = "-", .op = KQL_OP_SUBTRACT }, { .text = NULL },
};

static const struct kql_operator multiply_operators[] = {
	{ .text = "*", .op = KQL_OP_MULTIPLY }, { .text = "/", .op = KQL_OP_DIVIDE },
	{ .text = "%", .op = KQL_OP_MODULO }, { .text = NULL },
};

static const struct kql_operator order_operators[] = {
	{ .text = "<", .op = KQL_OP_LESS }, { .text = "<=", .op = KQL_OP_LESS_EQUAL },
	{ .text = ">", .op = KQL_OP_GREATER }, { .text = ">=", .op = KQL_OP_GREATER_EQUAL }, { .text = NULL },
};

static const struct kql_operator equality_operators[] = {
	{ .text = "==", .op = KQL_OP_EQUAL }, { .text = "!=", .op = KQL_OP_NOT_EQUAL },
	{ .text = "<>", .op = KQL_OP_NOT_EQUAL }, { .text = NULL },
};

static const struct kql_operator list_operators[] = {
	{ .text = "in", .op = KQL_OP_IN },
	{ .text = "!in", .op = KQL_OP_IN, .negated = true },
	{ .text = "in~", .op = KQL_OP_IN, .folded = true },
	{ .text = "!in~", .op = KQL_OP_IN, .negated = true, .folded = true },
	{ .text = "has_any", .op = KQL_OP_HAS_ANY, .match = KQL_HAS, .folded = true },
	{ .text = "has_all", .op = KQL_OP_HAS_ALL, .match = KQL_HAS, .folded = true },
	{ .text = NULL },
};

static const struct kql_operator between_operators[] = {
	{ .text = "between", .op = KQL_OP_BETWEEN }, { .text = "!between", .op = KQL_OP_BETWEEN, .negated = true },
	{ .text = NULL },
};

#define TEXT_OPERATORS(word, how) \
	{ .text = word, .op = KQL_OP_TEXT, .match = how, .folded = true }, \
	{ .text = "!" word, .op = KQL_OP_TEXT, .match = how, .folded = true, .negated = true }, \
	{ .text = word "_cs", .op = KQL_OP_TEXT, .match = how }, \
	{ .text = "!" word "_cs", .op = KQL_OP_TEXT, .match = how, .negated = true }

static const struct kql_operator text_operators[] = {
	{ .text = "=~", .op = KQL_OP_TEXT, .match = KQL_SAME, .folded = true },
	{ .text = "!~", .op = KQL_OP_TEXT, .match = KQL_SAME, .folded = true, .negated = true },
	TEXT_OPERATORS("contains", KQL_CONTAINS),
	TEXT_OPERATORS("has", KQL_HAS),
	TEXT_OPERATORS("hasprefix", KQL_HAS_PREFIX),
	TEXT_OPERATORS("hassuffix", KQL_HAS_SUFFIX),
	TEXT_OPERATORS("startswith", KQL_STARTS_WITH),
	TEXT_OPERATORS("endswith", KQL_ENDS_WITH),
	{ .text = "matches", .op = KQL_OP_REGEX },
	{ .text = NULL },
};

/* Accepted by Microsoft's parser, documented nowhere. */
static const char *const odd_operators[] = {
	"like", "notlike", "likecs", "notlikecs", "notcontains", "containscs", "notcontainscs", ":", NULL,
};

/* name:"text" of search; '*' at either end of the text is taken into account later. */
static const struct kql_operator term_operator = { .text = ":", .op = KQL_OP_TEXT, .match = KQL_HAS, .folded = true };

static const struct kql_operator *operator_here(const struct kql_parser *parser, const struct kql_operator *list)
{
	for (; list->text != NULL; list++)
		if (kql_parser_at(parser, list->text))
			return list;
	return NULL;
}

static struct kql_node *node_binary(struct kql_parser *parser, const struct kql_operator *operator,
	const struct kql_token *token, struct kql_node *left, struct kql_node *right)
{
	struct kql_node *node = kql_node_new(parser, KQL_NODE_BINARY, token);

	node->operator = operator;
	kql_node_append(parser, node, left);
	kql_node_append(parser, node, right);
	return node;
}

/* A table where only a value could stand otherwise: `f((T | where x), 1)`. */
static struct kql_node *parse_table_arg(struct kql_parser *parser)
{
	struct kql_node *node = kql_node_new(parser, KQL_NODE_TABLE, &parser->token);

	node->pipe = parser->parse_pipe(parser);
	return node->pipe != NULL ? node : NULL;
}

static struct kql_node *parse_arg(struct kql_parser *parser)
{
	struct kql_token token = parser->token, ahead = kql_parser_peek(parser);
	struct kql_node *node, *value;

	if (kql_parser_at(parser, "*") && (kql_token_is(&parser->lexer, &ahead, ",") ||
		kql_token_is(&parser->lexer, &ahead, ")"))) {
		node = kql_node_new(parser, KQL_NODE_STAR, &token);
		return kql_parser_next(parser) ? node : NULL;
	}
	if (kql_parser_at_table(parser))
		return parse_table_arg(parser);
	node = kql_parse_expression(parser);
	if (node == NULL || node->kind != KQL_NODE_NAME || parser->parse_pipe == NULL || !kql_parser_at(parser, "="))
		return node;
	if (!kql_parser_next(parser) || (value = kql_parse_expression(parser)) == NULL)
		return NULL;
	node->kind = KQL_NODE_NAMED;
	kql_node_append(parser, node, value);
	return node;
}

static bool parse_args(struct kql_parser *parser, struct kql_node *call)
{
	if (!kql_parser_expect(parser, "("))
		return false;
	if (kql_parser_at(parser, ")"))
		return kql_parser_next(parser);
	for (;;) {
		struct kql_node *arg = parse_arg(parser);

		if (arg == NULL)
			return false;
		kql_node_append(parser, call, arg);
		if (kql_parser_at(parser, ")"))
			return kql_parser_next(parser);
		if (!kql_parser_at(parser, ","))
			return kql_parser_unexpected(parser, "')' or ','");
		if (!kql_parser_next(parser))
			return false;
	}
}

struct kql_node *kql_parse_call(struct kql_parser *parser)
{
	struct kql_node *node = kql_node_new(parser, KQL_NODE_CALL, &parser->token);

	node->name = kql_parse_name(parser, "a function");
	return node->name != NULL && parse_args(parser, node) ? node : NULL;
}

static struct kql_node *parse_typeof(struct kql_parser *parser, const struct kql_token *token)
{
	struct kql_node *node = kql_node_new(parser, KQL_NODE_TYPEOF, token);

	if (!kql_parser_next(parser) || !kql_parser_expect(parser, "("))
		return NULL;
	if (parser->token.kind != KQL_TOKEN_NAME ||
		!kql_type_by_name(parser->lexer.text + parser->token.start, parser->token.length, &node->type)) {
		kql_parser_unexpected(parser, "a type such as 'long'");
		return NULL;
	}
	return kql_parser_next(parser) && kql_parser_expect(parser, ")") ? node : NULL;
}

/* Whether what toscalar() takes begins as a value does: a literal, a sign, a scalar function. */
static bool at_value(struct kql_parser *parser)
{
	struct kql_token ahead = kql_parser_peek(parser);

	if (parser->token.kind != KQL_TOKEN_NAME)
		return !kql_parser_at(parser, "(") && !kql_parser_at(parser, "[") && !kql_parser_at(parser, "|");
	return kql_token_is(&parser->lexer, &ahead, "(") &&
		kql_function_find(kql_parser_word(parser, &parser->token)) != NULL;
}

/* toscalar(Table | ...), toscalar(value) */
static struct kql_node *parse_scalar(struct kql_parser *parser, const struct kql_token *token)
{
	struct kql_node *node = kql_node_new(parser, KQL_NODE_SCALAR, token);

	if (!kql_parser_next(parser) || !kql_parser_expect(parser, "("))
		return NULL;
	if (at_value(parser)) {
		node->args = kql_arena_alloc(parser->arena, sizeof *node->args);
		node->args[0] = kql_parse_expression(parser);
		node->count = 1;
		return node->args[0] != NULL && kql_parser_expect(parser, ")") ? node : NULL;
	}
	node->pipe = parser->parse_pipe(parser);
	return node->pipe != NULL && kql_parser_expect(parser, ")") ? node : NULL;
}

static struct kql_node *parse_word(struct kql_parser *parser)
{
	struct kql_token token = parser->token, ahead = kql_parser_peek(parser);
	bool called = kql_token_is(&parser->lexer, &ahead, "(");
	struct kql_node *node;
	const char *word = kql_parser_word(parser, &token);

	if (g_ascii_strcasecmp(word, "true") == 0 || g_ascii_strcasecmp(word, "false") == 0) {
		static const char *const truths[] = { "true", "True", "TRUE", "false", "False", "FALSE" };

		for (size_t n = 0; n < G_N_ELEMENTS(truths); n++)
			if (strcmp(word, truths[n]) == 0)
				return kql_parse_literal(parser);
	}
	if (called && strcmp(word, "dynamic") == 0)
		return kql_parse_dynamic(parser);
	if (called && strcmp(word, "typeof") == 0)
		return parse_typeof(parser, &token);
	if (called && strcmp(word, "toscalar") == 0 && parser->parse_pipe != NULL)
		return parse_scalar(parser, &token);
	if (strcmp(word, "not") == 0 && !called) {
		kql_parser_fault(parser, token.start, "'not' is a function");
		error_hint(parser->error, "write not(...)");
		return NULL;
	}
	node = kql_node_new(parser, called ? KQL_NODE_CALL : KQL_NODE_NAME, &token);
	node->name = kql_parse_name(parser, "a value");
	if (node->name == NULL || (called && !parse_args(parser, node)))
		return NULL;
	return node;
}

static struct kql_node *parse_primary(struct kql_parser *parser)
{
	struct kql_token token = parser->token;
	struct kql_node *node;

	switch (token.kind) {
	case KQL_TOKEN_STRING:
	case KQL_TOKEN_LONG:
	case KQL_TOKEN_REAL:
	case KQL_TOKEN_TIMESPAN:
	case KQL_TOKEN_TYPED:
		return kql_parse_literal(parser);
	case KQL_TOKEN_NAME:
		return parse_word(parser);
	default:
		break;
	}
	if (kql_parser_at(parser, "[")) {
		node = kql_node_new(parser, KQL_NODE_NAME, &token);
		node->name = kql_parse_name(parser, "a name");
		return node->name != NULL ? node : NULL;
	}
	if (kql_parser_at(parser, "(")) {
		if (!kql_parser_next(parser))
			return NULL;
		node = kql_parse_expression(parser);
		return node != NULL && kql_parser_expect(parser, ")") ? node : NULL;
	}
	kql_parser_unexpected(parser, "a value");
	return NULL;
}

static struct kql_node *parse_postfix(struct kql_parser *parser)
{
	struct kql_node *node = parse_primary(parser), *outer;
	unsigned length = 0;

	while (node != NULL && (kql_parser_at(parser, ".") || kql_parser_at(parser, "["))) {
		bool dot = kql_parser_at(parser, ".");

		if (++length > CHAIN_LIMIT) {
			kql_parser_fault(parser, parser->token.start, "a path of more than %d steps", CHAIN_LIMIT);
			return NULL;
		}
		outer = kql_node_new(parser, dot ? KQL_NODE_MEMBER : KQL_NODE_INDEX, &parser->token);
		kql_node_append(parser, outer, node);
		if (!kql_parser_next(parser))
			return NULL;
		/* d.["a"] is d["a"], and so with any index. */
		if (dot && kql_parser_at(parser, "[")) {
			dot = false;
			outer->kind = KQL_NODE_INDEX;
			if (!kql_parser_next(parser))
				return NULL;
		}
		if (dot) {
			outer->at = parser->token.start;
			outer->length = parser->token.length;
			outer->name = kql_parse_name(parser, "a member's name");
			if (outer->name == NULL)
				return NULL;
		} else {
			struct kql_node *index = kql_parse_expression(parser);

			if (index == NULL || !kql_parser_expect(parser, "]"))
				return NULL;
			kql_node_append(parser, outer, index);
		}
		node = outer;
	}
	return node;
}

static struct kql_node *parse_unary(struct kql_parser *parser)
{
	bool minus = kql_parser_at(parser, "-");
	struct kql_node *node, *operand;

	if (!minus && !kql_parser_at(parser, "+"))
		return parse_postfix(parser);
	node = kql_node_new(parser, minus ? KQL_NODE_NEGATE : KQL_NODE_PLUS, &parser->token);
	if (!kql_parser_next(parser))
		return NULL;
	operand = parse_postfix(parser);
	if (operand == NULL)
		return NULL;
	kql_node_append(parser, node, operand);
	return node;
}

/* `* has "x"`: any column. */
static struct kql_node *parse_star(struct kql_parser *parser)
{
	struct kql_node *star = kql_node_new(parser, KQL_NODE_STAR, &parser->token), *right;
	const struct kql_operator *operator;
	struct kql_token token;

	if (!kql_parser_next(parser))
		return NULL;
	token = parser->token;
	operator = kql_parser_at(parser, "==") ? equality_operators : operator_here(parser, text_operators);
	if (operator == NULL && parser->searching)
		return star;
	if (operator == NULL) {
		kql_parser_unexpected(parser, "'==' or a text operator after '*'");
		return NULL;
	}
	if (!kql_parser_next(parser) || (operator->op == KQL_OP_REGEX && !kql_parser_expect(parser, "regex")))
		return NULL;
	right = parse_unary(parser);
	return right != NULL ? node_binary(parser, operator, &token, star, right) : NULL;
}

static struct kql_node *parse_text_operator(struct kql_parser *parser)
{
	struct kql_node *left, *right;
	const struct kql_operator *operator;
	struct kql_token token;

	if (kql_parser_at(parser, "*"))
		return parse_star(parser);
	left = parse_unary(parser);
	if (left == NULL)
		return NULL;
	for (const char *const *odd = odd_operators; *odd != NULL; odd++)
		if (kql_parser_at(parser, *odd) && (strcmp(*odd, ":") != 0 || parser->parse_pipe == NULL) && !parser->searching) {
			kql_parser_fault(parser, parser->token.start, "the undocumented operator '%s' is not supported", *odd);
			error_hint(parser->error, "write has, contains, !contains or matches regex");
			return NULL;
		}
	token = parser->token;
	operator = parser->searching && kql_parser_at(parser, ":") ? &term_operator : operator_here(parser, text_operators);
	if (operator == NULL)
		return left;
	if (operator->op == KQL_OP_REGEX) {
		struct kql_token ahead = kql_parser_peek(parser);

		if (!kql_token_is(&parser->lexer, &ahead, "regex")) {
			kql_parser_unexpected(parser, "an operator");
			return NULL;
		}
		kql_parser_next(parser);
	}
	if (!kql_parser_next(parser))
		return NULL;
	right = parse_unary(parser);
	return right != NULL ? node_binary(parser, operator, &token, left, right) : NULL;
}

static struct kql_node *parse_chain(struct kql_parser *parser, const struct kql_operator *list,
	struct kql_node *(*parse_operand)(struct kql_parser *))
{
	struct kql_node *node = parse_operand(parser), *right;
	const struct kql_operator *operator;
	unsigned length = 0;

	while (node != NULL && (operator = operator_here(parser, list)) != NULL) {
		struct kql_token token = parser->token;
		bool logical = operator->op == KQL_OP_AND || operator->op == KQL_OP_OR;

		if (!kql_parser_next(parser))
			return NULL;
		right = parse_operand(parser);
		if (right == NULL)
			return NULL;
		/* A chain of and (or of or) is one node with many operands, however long; others are trees, so bounded. */
		if (logical && length != 0)
			kql_node_append(parser, node, right);
		else
			node = node_binary(parser, operator, &token, node, right);
		if (++length > CHAIN_LIMIT && !logical) {
			kql_parser_fault(parser, token.start, "more than %d operators in a row", CHAIN_LIMIT);
			return NULL;
		}
	}
	return node;
}

static struct kql_node *parse_multiplicative(struct kql_parser *parser)
{
	return parse_chain(parser, multiply_operators, parse_text_operator);
}

static struct kql_node *parse_additive(struct kql_parser *parser)
{
	return parse_chain(parser, add_operators, parse_multiplicative);
}

struct kql_node *kql_parse_sum(struct kql_parser *parser)
{
	return parse_additive(parser);
}

/* Operators that do not chain: one at most. */
static struct kql_node *parse_single(struct kql_parser *parser, struct kql_node *left, const struct kql_operator *list,
	struct kql_node *(*parse_operand)(struct kql_parser *))
{
	const struct kql_operator *operator = operator_here(parser, list);
	struct kql_token token = parser->token;
	struct kql_node *right;

	if (left == NULL || operator == NULL)
		return left;
	if (!kql_parser_next(parser))
		return NULL;
	right = parse_operand(parser);
	if (right == NULL)
		return NULL;
	if (operator_here(parser, list) != NULL) {
		kql_parser_fault(parser, parser->token.start, "'%s' cannot follow '%s' directly",
			operator_here(parser, list)->text, operator->text);
		error_hint(parser->error, "put brackets around one of them, or write two comparisons with 'and'");
		return NULL;
	}
	return node_binary(parser, operator, &token, left, right);
}

static struct kql_node *parse_relational(struct kql_parser *parser)
{
	return parse_single(parser, parse_additive(parser), order_operators, parse_additive);
}

static struct kql_node *parse_list(struct kql_parser *parser, const struct kql_operator *operator, struct kql_node *left)
{
	struct kql_node *node = kql_node_new(parser, KQL_NODE_LIST, &parser->token), *item;

	node->operator = operator;
	kql_node_append(parser, node, left);
	if (!kql_parser_next(parser))
		return NULL;
	if (!kql_parser_at(parser, "(")) {
		kql_parser_fault(parser, parser->token.start, "'%s' needs a list in brackets", operator->text);
		error_hint(parser->error, "write %s (\"a\", \"b\")", operator->text);
		return NULL;
	}
	do {
		if (!kql_parser_next(parser))
			return NULL;
		if (node->count == 1 && kql_parser_at_table(parser)) {
			node->pipe = parser->parse_pipe(parser);
			if (node->pipe == NULL)
				return NULL;
			break;
		}
		item = kql_parse_expression(parser);
		if (item == NULL)
			return NULL;
		kql_node_append(parser, node, item);
	} while (kql_parser_at(parser, ","));
	if (!kql_parser_at(parser, ")")) {
		kql_parser_unexpected(parser, "')' or ','");
		return NULL;
	}
	return kql_parser_next(parser) ? node : NULL;
}

static struct kql_node *parse_between(struct kql_parser *parser, const struct kql_operator *operator,
	struct kql_node *left)
{
	struct kql_node *node = kql_node_new(parser, KQL_NODE_BETWEEN, &parser->token), *low, *high;

	node->operator = operator;
	if (!kql_parser_next(parser) || !kql_parser_expect(parser, "("))
		return NULL;
	low = kql_parse_expression(parser);
	if (low == NULL)
		return NULL;
	if (!kql_parser_at(parser, "..")) {
		kql_parser_unexpected(parser, "'..'");
		error_hint(parser->error, "write %s (1 .. 5)", operator->text);
		return NULL;
	}
	if (!kql_parser_next(parser))
		return NULL;
	high = kql_parse_expression(parser);
	if (high == NULL || !kql_parser_expect(parser, ")"))
		return NULL;
	kql_node_append(parser, node, left);
	kql_node_append(parser, node, low);
	kql_node_append(parser, node, high);
	return node;
}

static struct kql_node *parse_equality(struct kql_parser *parser)
{
	struct kql_node *left = parse_relational(parser);
	const struct kql_operator *operator;

	if (left == NULL)
		return NULL;
	operator = operator_here(parser, list_operators);
	if (operator != NULL)
		return parse_list(parser, operator, left);
	operator = operator_here(parser, between_operators);
	if (operator != NULL)
		return parse_between(parser, operator, left);
	return parse_single(parser, left, equality_operators, parse_relational);
}

static struct kql_node *parse_and(struct kql_parser *parser)
{
	static const struct kql_operator list[] = { { .text = "and", .op = KQL_OP_AND }, { .text = NULL } };

	return parse_chain(parser, list, parse_equality);
}

struct kql_node *kql_parse_expression(struct kql_parser *parser)
{
	static const struct kql_operator list[] = { { .text = "or", .op = KQL_OP_OR }, { .text = NULL } };
	struct kql_node *node;

	if (!kql_parser_enter(parser))
		return NULL;
	node = parse_chain(parser, list, parse_and);
	kql_parser_leave(parser);
	if (parser->error != NULL && parser->error->kind != ERROR_NONE)
		return NULL;
	return node;
}

bool kql_parse_end(struct kql_parser *parser)
{
	while (kql_parser_at(parser, ";"))
		if (!kql_parser_next(parser))
			return false;
	return parser->token.kind == KQL_TOKEN_END || kql_parser_unexpected(parser, "an operator");
}
