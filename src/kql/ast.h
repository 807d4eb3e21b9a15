/* The syntax tree of an expression, first as parsed, then as checked: the checker fills in types and how to compute. */
#ifndef KQL_AST_H
#define KQL_AST_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#include "kql/match.h"
#include "kql/regex.h"
#include "kql/value.h"

enum kql_op {
	KQL_OP_NONE,
	KQL_OP_ADD, KQL_OP_SUBTRACT, KQL_OP_MULTIPLY, KQL_OP_DIVIDE, KQL_OP_MODULO,
	KQL_OP_LESS, KQL_OP_LESS_EQUAL, KQL_OP_GREATER, KQL_OP_GREATER_EQUAL,
	KQL_OP_EQUAL, KQL_OP_NOT_EQUAL,
	KQL_OP_AND, KQL_OP_OR,
	KQL_OP_TEXT,    /* match, negated, folded say which */
	KQL_OP_REGEX,
	KQL_OP_IN, KQL_OP_HAS_ANY, KQL_OP_HAS_ALL, /* negated, folded */
	KQL_OP_BETWEEN, /* negated */
};

/* An operator's word or sign. */
struct kql_operator {
	const char *text;
	enum kql_op op;
	enum kql_match match;
	bool negated, folded;
};

enum kql_node_kind {
	KQL_NODE_LITERAL,
	KQL_NODE_NAME,
	KQL_NODE_STAR,
	KQL_NODE_NEGATE,
	KQL_NODE_PLUS,
	KQL_NODE_BINARY,  /* args: left, right */
	KQL_NODE_LIST,    /* in, has_any, has_all: left, then the items */
	KQL_NODE_BETWEEN, /* value, low, high */
	KQL_NODE_CALL,
	KQL_NODE_MEMBER,  /* value.name */
	KQL_NODE_INDEX,   /* value[index] */
	KQL_NODE_TYPEOF,  /* type */
	KQL_NODE_SCALAR,  /* toscalar(pipe) */
	KQL_NODE_NAMED,   /* name = value, an argument */
	KQL_NODE_TABLE,   /* pipe, an argument */
};

#define KQL_DEPENDS_NONE (-1)
#define KQL_DEPENDS_MANY (-2)

/* What is known of a dynamic value before rows are read. */
enum kql_shape { KQL_SHAPE_UNKNOWN, KQL_SHAPE_ARRAY, KQL_SHAPE_BAG, KQL_SHAPE_SCALAR };

struct kql_context;
struct kql_function;
struct kql_node;
struct kql_pipe;

typedef void kql_compute(struct kql_context *context, const struct kql_node *node, struct kql_value *result);

struct kql_node {
	enum kql_node_kind kind;
	const struct kql_operator *operator;
	size_t at, length; /* in the text: what a fault points to */
	struct kql_value value;
	const char *name;
	struct kql_node **args;
	size_t count;
	struct kql_pipe *pipe; /* of toscalar(), and of a list that is a table */

	/* From here on set by the checker. */
	enum kql_type type;
	kql_compute *compute;
	int depends; /* KQL_DEPENDS_*, or the one column it reads */
	bool unstable; /* not to be computed before the rows are: a table's value */
	unsigned height; /* of the tree below: computing it recurses that deep */
	enum kql_shape shape;
	size_t column;
	const struct kql_function *function;
	struct kql_regex *regex;   /* of a constant pattern; owned by the scope */
	struct kql_slice *needles; /* constant right sides of text operators, folded where that is asked for */
	size_t needle_count;
	GHashTable *set;           /* of kql_slice, for long constant lists; owned by the scope */
};

#endif
