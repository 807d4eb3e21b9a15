/* Names and types: everything that can be found wrong before a row is read. Type rules: what Microsoft's binder answers
 * for every pair of types, and stricter where the engine is known to refuse later. */
#ifndef KQL_CHECK_H
#define KQL_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "core/error.h"
#include "kql/arena.h"
#include "kql/ast.h"

/* A column as an expression sees it. */
struct kql_field {
	const char *name;
	const char *alias; /* or NULL */
	enum kql_type type;
	enum kql_shape shape; /* of a dynamic one, as far as it is known */
};

#define KQL_HIDDEN '\002' /* begins the name of a column that no text can name */

#define KQL_HEIGHT_LIMIT 1000 /* of a checked tree, with what its names and functions stand for */

struct kql_resources; /* compiled patterns and hash sets of a text; freed with it */

struct kql_resources *kql_resources_new(void);
void kql_resources_free(struct kql_resources *resources);

struct kql_scope {
	const char *text;
	const struct kql_field *fields;
	size_t field_count;
	struct kql_arena *arena;
	struct kql_resources *resources;
	int64_t now_ticks;
	/* A name that is no column: a `let` value. Gives the node that stands for it, or NULL. May be NULL. */
	struct kql_node *(*resolve)(void *data, struct kql_scope *scope, const struct kql_node *name);
	/* Checks the table of toscalar(), and of `in (table)` if the list is one (then node->pipe is set after). May be
	 * NULL. */
	bool (*table)(void *data, struct kql_scope *scope, struct kql_node *node);
	void *data;
	/* A call of a function of the text's own: *place is what it stands for, checked, and *taken set. May be NULL. */
	bool (*call)(void *data, struct kql_scope *scope, struct kql_node **place, bool *taken);
	bool *unknown;   /* set by a fault that is a name which nothing has; may be NULL */
	bool no_columns; /* an expression over nothing: names cannot be columns */
	unsigned depth;  /* of the recursion */
	struct error *error;
};

/* Checks the tree and makes it ready to compute; constant parts are computed now. *node may be replaced. */
bool kql_check(struct kql_scope *scope, struct kql_node **node);
/* The same for a call of a built-in function, whatever the text calls its own ones; its arguments are checked. */
bool kql_check_builtin(struct kql_scope *scope, struct kql_node **node);
/* The same for a predicate: the result must be bool. */
bool kql_check_predicate(struct kql_scope *scope, struct kql_node **node);

size_t kql_scope_find(const struct kql_scope *scope, const char *name);
/* Sets the error "unknown column" with the nearest name as a hint. */
bool kql_scope_unknown(struct kql_scope *scope, const struct kql_node *node, const char *what);
bool kql_node_fault(struct kql_scope *scope, const struct kql_node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* In check_ops.c. */
bool kql_check_operator(struct kql_scope *scope, struct kql_node *node);
bool kql_check_list(struct kql_scope *scope, struct kql_node *node);
bool kql_check_between(struct kql_scope *scope, struct kql_node *node);
bool kql_check_unary(struct kql_scope *scope, struct kql_node *node);
/* In functions.c: the arguments are checked. */
bool kql_check_call(struct kql_scope *scope, struct kql_node *node);

bool kql_node_is_constant(const struct kql_node *node);
/* Compiles the constant pattern in arg for node. */
bool kql_check_regex(struct kql_scope *scope, struct kql_node *node, const struct kql_node *arg);
void kql_resources_keep(struct kql_resources *resources, struct kql_regex *regex);
GHashTable *kql_resources_set(struct kql_resources *resources);

#endif
