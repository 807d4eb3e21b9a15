#include "config.h"
#include "sim/odata.h"

#include <stdlib.h>
#include <string.h>

#include "core/isotime.h"

#define ODATA_DEPTH 64
#define ODATA_ELEMENT SIZE_MAX /* the property number of a lambda's variable */

enum node_kind { NODE_COMPARE, NODE_STARTS, NODE_ANY, NODE_AND, NODE_OR, NODE_NOT };
enum node_op { OP_EQ, OP_NE, OP_GT, OP_GE, OP_LT, OP_LE };

struct odata_filter {
	enum node_kind kind;
	enum node_op op;
	size_t property;
	struct odata_value value; /* its text is owned */
	struct odata_filter *left, *right;
};

struct parser {
	const char *at;
	const struct odata_property *properties;
	char *variable; /* of the lambda being read */
	char *message;
	unsigned depth;
};

static const char *const op_names[] = { "eq", "ne", "gt", "ge", "lt", "le" };
static const char *const op_words[] = { "Equal", "NotEqual", "GreaterThan", "GreaterThanOrEqual", "LessThan",
	"LessThanOrEqual" };
static const char *const type_names[] = { "null", "Edm.String", "Edm.Int32", "Edm.Boolean", "Edm.DateTimeOffset",
	"Collection(Edm.String)" };

void odata_free(struct odata_filter *filter)
{
	if (filter == NULL)
		return;
	odata_free(filter->left);
	odata_free(filter->right);
	g_free((char *)filter->value.text);
	g_free(filter);
}

static struct odata_filter *fail(struct parser *parser, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static struct odata_filter *fail(struct parser *parser, const char *format, ...)
{
	va_list args;

	if (parser->message == NULL) {
		va_start(args, format);
		parser->message = g_strdup_vprintf(format, args);
		va_end(args);
	}
	return NULL;
}

static void skip_blanks(struct parser *parser)
{
	while (*parser->at == ' ' || *parser->at == '\t')
		parser->at++;
}

static bool take(struct parser *parser, char c)
{
	skip_blanks(parser);
	if (*parser->at != c)
		return false;
	parser->at++;
	return true;
}

static bool is_word(char c)
{
	return g_ascii_isalnum(c) || c == '_' || c == '.' || c == '-' || c == ':' || c == '+' || c == '$';
}

/* A word is a name, a number, a date or a GUID: all that is not a quoted text. The caller frees. */
static char *read_word(struct parser *parser)
{
	const char *start;

	skip_blanks(parser);
	start = parser->at;
	while (is_word(*parser->at))
		parser->at++;
	return g_strndup(start, (gsize)(parser->at - start));
}

/* A name ends at a colon, which in a word may belong to a time. */
static char *read_name(struct parser *parser)
{
	const char *start;

	skip_blanks(parser);
	start = parser->at;
	while (g_ascii_isalnum(*parser->at) || *parser->at == '_' || *parser->at == '$')
		parser->at++;
	return g_strndup(start, (gsize)(parser->at - start));
}

static bool take_word(struct parser *parser, const char *word)
{
	const char *start = parser->at;
	AUTO(g_free) char *got = read_name(parser);

	if (strcmp(got, word) == 0)
		return true;
	parser->at = start;
	return false;
}

static bool read_quoted(struct parser *parser, struct odata_value *value)
{
	GString *text = g_string_new(NULL);

	for (parser->at++;; parser->at++) {
		if (*parser->at == '\0') {
			g_string_free(text, TRUE);
			fail(parser, "There is an unterminated string literal in the filter.");
			return false;
		}
		if (*parser->at == '\'' && *++parser->at != '\'')
			break;
		g_string_append_c(text, *parser->at);
	}
	value->type = ODATA_STRING;
	value->text = g_string_free(text, FALSE);
	return true;
}

static bool is_guid(const char *word)
{
	for (size_t i = 0; i < 36; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? word[i] != '-' : !g_ascii_isxdigit(word[i]))
			return false;
	return word[36] == '\0';
}

/* The documentation itself shows the date 2018-08-01Z without a time. */
static bool parse_date(const char *word, int64_t *ticks)
{
	AUTO(g_free) char *with_time = NULL;

	if (strlen(word) == 11 && word[10] == 'Z')
		with_time = g_strdup_printf("%.10sT00:00:00Z", word);
	if (with_time == NULL && strchr(word, '-') == NULL)
		return false;
	return isotime_parse(with_time != NULL ? with_time : word, strlen(with_time != NULL ? with_time : word), ticks);
}

static bool read_literal(struct parser *parser, struct odata_value *value)
{
	char *end;

	skip_blanks(parser);
	if (*parser->at == '\'')
		return read_quoted(parser, value);
	AUTO(g_free) char *word = read_word(parser);

	if (strcmp(word, "null") == 0) {
		value->type = ODATA_NULL;
	} else if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
		value->type = ODATA_BOOL;
		value->number = word[0] == 't';
	} else if (is_guid(word)) {
		value->type = ODATA_STRING;
		value->text = g_ascii_strdown(word, -1);
	} else if (parse_date(word, &value->time)) {
		value->type = ODATA_TIME;
	} else {
		value->type = ODATA_NUMBER;
		value->number = g_ascii_strtod(word, &end);
		if (word[0] == '\0' || *end != '\0') {
			fail(parser, "Syntax error at position %s in the filter: a literal is expected.", word);
			return false;
		}
	}
	return true;
}

static bool find_property(struct parser *parser, const char *name, size_t *index, enum odata_type *type)
{
	if (parser->variable != NULL && strcmp(name, parser->variable) == 0) {
		*index = ODATA_ELEMENT;
		*type = ODATA_STRING;
		return true;
	}
	for (size_t i = 0; parser->properties[i].name != NULL; i++) {
		if (strcmp(parser->properties[i].name, name) == 0) {
			*index = i;
			*type = parser->properties[i].type;
			return true;
		}
	}
	fail(parser, "Could not find a property named '%s' on this type, or it cannot be used in a filter.", name);
	return false;
}

static struct odata_filter *parse_or(struct parser *parser);

static struct odata_filter *node_new(enum node_kind kind)
{
	struct odata_filter *node = g_new0(struct odata_filter, 1);

	node->kind = kind;
	return node;
}

static struct odata_filter *parse_startswith(struct parser *parser)
{
	struct odata_filter *node = node_new(NODE_STARTS);
	AUTO(g_free) char *name = NULL;
	enum odata_type type;
	bool ok = take(parser, '(');

	if (ok) {
		name = read_name(parser);
		ok = find_property(parser, name, &node->property, &type) && take(parser, ',') &&
			read_literal(parser, &node->value) && take(parser, ')');
		ok = ok && type == ODATA_STRING && node->value.type == ODATA_STRING;
	}
	if (ok)
		return node;
	odata_free(node);
	return fail(parser, "No function signature for the function with name 'startswith' matches the specified "
		"arguments.");
}

static struct odata_filter *parse_any(struct parser *parser, size_t property, enum odata_type type)
{
	struct odata_filter *node = node_new(NODE_ANY);
	bool ok;

	parser->at++; /* the slash */
	node->property = property;
	ok = type == ODATA_LIST && parser->variable == NULL && take_word(parser, "any") && take(parser, '(');
	if (ok) {
		parser->variable = read_name(parser);
		ok = parser->variable[0] != '\0' && take(parser, ':');
		node->left = ok ? parse_or(parser) : NULL;
		ok = node->left != NULL && take(parser, ')');
		g_clear_pointer(&parser->variable, g_free);
	}
	if (ok)
		return node;
	odata_free(node);
	return fail(parser, "Syntax error in the filter: an any() lambda over a collection is expected.");
}

static bool read_op(struct parser *parser, enum node_op *op)
{
	AUTO(g_free) char *word = read_name(parser);

	for (size_t i = 0; i < G_N_ELEMENTS(op_names); i++) {
		if (strcmp(word, op_names[i]) == 0) {
			*op = (enum node_op)i;
			return true;
		}
	}
	fail(parser, "Syntax error in the filter: an operator is expected, not '%s'.", word);
	return false;
}

static struct odata_filter *parse_compare(struct parser *parser)
{
	AUTO(g_free) char *name = read_name(parser);
	struct odata_filter *node;
	enum odata_type type;
	size_t property;

	if (strcmp(name, "startswith") == 0)
		return parse_startswith(parser);
	if (*parser->at == '(')
		return fail(parser, "An unknown function with name '%s' was found.", name);
	if (!find_property(parser, name, &property, &type))
		return NULL;
	if (*parser->at == '/')
		return parse_any(parser, property, type);
	node = node_new(NODE_COMPARE);
	node->property = property;
	if (!read_op(parser, &node->op) || !read_literal(parser, &node->value)) {
		odata_free(node);
		return NULL;
	}
	if (node->value.type != type && node->value.type != ODATA_NULL) {
		fail(parser, "A binary operator with incompatible types was detected. Found operand types '%s' and '%s' for "
			"operator kind '%s'.", type_names[type], type_names[node->value.type], op_words[node->op]);
		odata_free(node);
		return NULL;
	}
	return node;
}

static struct odata_filter *parse_unary(struct parser *parser)
{
	struct odata_filter *node = NULL;

	if (++parser->depth > ODATA_DEPTH)
		return fail(parser, "The node count limit of '%d' has been exceeded.", ODATA_DEPTH);
	if (take(parser, '(')) {
		node = parse_or(parser);
		if (node != NULL && !take(parser, ')')) {
			odata_free(node);
			node = fail(parser, "Syntax error in the filter: ')' is expected.");
		}
	} else if (take_word(parser, "not")) {
		struct odata_filter *child = parse_unary(parser);

		if (child != NULL) {
			node = node_new(NODE_NOT);
			node->left = child;
		}
	} else {
		node = parse_compare(parser);
	}
	parser->depth--;
	return node;
}

static struct odata_filter *parse_chain(struct parser *parser, const char *word, enum node_kind kind,
	struct odata_filter *(*inner)(struct parser *))
{
	struct odata_filter *node = inner(parser);

	while (node != NULL && take_word(parser, word)) {
		struct odata_filter *both = node_new(kind);

		both->left = node;
		both->right = inner(parser);
		node = both;
		if (both->right == NULL) {
			odata_free(both);
			return NULL;
		}
	}
	return node;
}

static struct odata_filter *parse_and(struct parser *parser)
{
	return parse_chain(parser, "and", NODE_AND, parse_unary);
}

static struct odata_filter *parse_or(struct parser *parser)
{
	return parse_chain(parser, "or", NODE_OR, parse_and);
}

struct odata_filter *odata_parse(const char *text, const struct odata_property *properties, char **message)
{
	struct parser parser = { .at = text, .properties = properties };
	struct odata_filter *filter = parse_or(&parser);

	skip_blanks(&parser);
	if (filter != NULL && *parser.at != '\0') {
		fail(&parser, "Syntax error at position %zu in '%s'.", (size_t)(parser.at - text), text);
		odata_free(filter);
		filter = NULL;
	}
	g_free(parser.variable);
	*message = parser.message;
	return filter;
}

static bool compare(const struct odata_filter *node, const struct odata_value *value)
{
	const struct odata_value *with = &node->value;
	int order;

	if (value->type == ODATA_NULL || with->type == ODATA_NULL) {
		bool same = value->type == with->type;

		return node->op == OP_EQ ? same : node->op == OP_NE && !same;
	}
	if (with->type == ODATA_STRING)
		order = strcmp(value->text, with->text);
	else if (with->type == ODATA_TIME)
		order = (value->time > with->time) - (value->time < with->time);
	else
		order = (value->number > with->number) - (value->number < with->number);
	switch (node->op) {
	case OP_EQ:
		return order == 0;
	case OP_NE:
		return order != 0;
	case OP_GT:
		return order > 0;
	case OP_GE:
		return order >= 0;
	case OP_LT:
		return order < 0;
	default:
		return order <= 0;
	}
}

static bool match(const struct odata_filter *node, odata_get *get, const void *object, const char *element)
{
	struct odata_value value = { .type = ODATA_STRING, .text = element };

	switch (node->kind) {
	case NODE_AND:
		return match(node->left, get, object, element) && match(node->right, get, object, element);
	case NODE_OR:
		return match(node->left, get, object, element) || match(node->right, get, object, element);
	case NODE_NOT:
		return !match(node->left, get, object, element);
	default:
		break;
	}
	if (node->property != ODATA_ELEMENT)
		get(object, node->property, &value);
	if (node->kind == NODE_COMPARE)
		return compare(node, &value);
	if (node->kind == NODE_STARTS)
		return value.type == ODATA_STRING && g_str_has_prefix(value.text, node->value.text);
	for (guint i = 0; value.list != NULL && i < value.list->len; i++)
		if (match(node->left, get, object, g_ptr_array_index(value.list, i)))
			return true;
	return false;
}

bool odata_match(const struct odata_filter *filter, odata_get *get, const void *object)
{
	return match(filter, get, object, NULL);
}
