/* Queries: pipelines of tabular operators, as parsed and as checked. */
#ifndef KQL_PIPE_H
#define KQL_PIPE_H

#include <stdbool.h>
#include <stddef.h>

#include "kql/ast.h"
#include "kql/check.h"
#include "kql/parser.h"
#include "kql/plan.h"
#include "kql/query.h"

enum kql_step_kind {
	KQL_STEP_WHERE, KQL_STEP_PROJECT, KQL_STEP_AWAY, KQL_STEP_KEEP, KQL_STEP_RENAME, KQL_STEP_REORDER, KQL_STEP_EXTEND,
	KQL_STEP_DISTINCT, KQL_STEP_TAKE, KQL_STEP_SORT, KQL_STEP_TOP, KQL_STEP_COUNT, KQL_STEP_SUMMARIZE, KQL_STEP_JOIN,
	KQL_STEP_LOOKUP, KQL_STEP_UNION, KQL_STEP_EXPAND, KQL_STEP_AS, KQL_STEP_RENDER, KQL_STEP_SCHEMA,
};

enum kql_join_kind {
	KQL_JOIN_INNER_UNIQUE, KQL_JOIN_INNER, KQL_JOIN_LEFT_OUTER, KQL_JOIN_RIGHT_OUTER, KQL_JOIN_FULL_OUTER,
	KQL_JOIN_LEFT_ANTI, KQL_JOIN_RIGHT_ANTI, KQL_JOIN_LEFT_SEMI, KQL_JOIN_RIGHT_SEMI,
};

/* `name = expression`, a sort key, a pattern of column names. */
struct kql_item {
	const char *name; /* as written; NULL if none was */
	size_t at;        /* in the text */
	struct kql_node *node;
	const char *pattern; /* of project-away and its kin: s*; node is NULL then */
	bool ascending, nulls_given, nulls_first;
	bool typed; /* mv-expand ... to typeof(type) */
	enum kql_type type;
	size_t column; /* of the input, or the place in the output, as the operator needs it */
};

struct kql_items {
	struct kql_item *items;
	size_t count;
};

/* One call of an aggregate function in a summarize. */
struct kql_group_call {
	const struct kql_aggregate *aggregate;
	struct kql_node *node; /* its arguments are checked against the input */
	size_t *returned;      /* arg_max, take_any: the input columns that it hands on */
	size_t returned_count;
	size_t field;          /* its first column among the grouped fields */
};

struct kql_step {
	enum kql_step_kind kind;
	size_t at;
	struct kql_items items, by;
	struct kql_node *node;  /* predicate, or a number of rows */
	const char *name;       /* count as NAME, withsource=NAME, with_itemindex=NAME */
	const struct kql_render *render;
	enum kql_join_kind join;
	bool inner;             /* union kind=inner */
	struct kql_pipe **pipes;
	size_t pipe_count;
	struct kql_step *next;

	/* Set by the checker. */
	struct kql_field *fields; /* of the result */
	size_t field_count;
	const struct kql_plan *plan; /* of the predicate */
	size_t memos;
	size_t *columns;        /* what the result's columns are in the input */
	size_t *left, *right;   /* join: key columns */
	size_t key_count;
	struct kql_field *grouped; /* summarize: keys, then the results of the calls */
	size_t grouped_count;
	struct kql_group_call *calls;
	size_t call_count;
	size_t **sources;       /* union: by pipe, the column of each result column or SIZE_MAX */
};

enum kql_source_kind { KQL_FROM_NAME, KQL_FROM_PIPE, KQL_FROM_PRINT, KQL_FROM_RANGE, KQL_FROM_DATATABLE, KQL_FROM_UNION,
	KQL_FROM_DEFAULT };

struct kql_pipe {
	enum kql_source_kind source;
	size_t at;
	const char *name;
	struct kql_pipe *inner;   /* in brackets, or what a let name stands for */
	struct kql_items items;   /* print; range: from, to, step; datatable: values */
	struct kql_step *first, *last;

	/* Set by the checker. */
	struct kql_field *fields; /* of the result */
	size_t field_count;
	struct kql_field *source_fields;
	size_t source_count;
	const struct table *table;
	size_t slot; /* where a run keeps the result of a let; SIZE_MAX if it is none */
	bool bound;
};

/* A name that a statement gives: `let x = ...`, `| as X`. */
struct kql_let {
	const char *name;
	struct kql_node *node; /* a value, or: */
	struct kql_pipe *pipe;
	struct kql_let *next;  /* the one before it in the text */
};

struct kql_binder {
	const char *text;
	struct kql_arena *arena;
	struct kql_resources *resources;
	const struct kql_source *source;
	const char *default_table;
	int64_t now_ticks;
	struct kql_let *lets;
	GPtrArray *scalars; /* pipes of toscalar() and of `in (table)`, in the order they are to be run */
	size_t slots;
	const struct kql_render *render;
	unsigned depth;
	struct error *error;
};

/* parser_query.c: the statements of a query; lets are chained from the last. NULL with error set. */
struct kql_pipe *kql_parse_query(struct kql_parser *parser, struct kql_let **lets);
struct kql_pipe *kql_parse_pipe(struct kql_parser *parser);

/* parser_step.c: an operator, appended to the pipe; whether one is next; the fault that none is. */
bool kql_parse_step(struct kql_parser *parser, struct kql_pipe *pipe);
bool kql_parser_at_step(const struct kql_parser *parser);
bool kql_parser_no_step(struct kql_parser *parser);
bool kql_parse_item(struct kql_parser *parser, struct kql_item *item);   /* [name =] expression */
bool kql_parse_items(struct kql_parser *parser, struct kql_items *items);
/* parser_render.c */
bool kql_parse_render(struct kql_parser *parser, struct kql_step *step);
void kql_items_append(struct kql_parser *parser, struct kql_items *items, const struct kql_item *item);

/* bind.c and bind_*.c: names and types of every step. */
bool kql_bind_pipe(struct kql_binder *binder, struct kql_pipe *pipe);
bool kql_bind_let(struct kql_binder *binder, struct kql_let *let);
bool kql_bind_step(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count);
bool kql_bind_summarize(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count);
bool kql_bind_join(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count);
bool kql_bind_union(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count);

/* Helpers of the binders. */
void kql_bind_scope(struct kql_binder *binder, struct kql_scope *scope, const struct kql_field *fields, size_t count);
bool kql_bind_fault(struct kql_binder *binder, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The name that an expression without one gets: a column's, d.a gives d_a; NULL if it gets a number. */
const char *kql_bind_name(struct kql_binder *binder, const struct kql_node *node);
/* A list of result columns in the making; explicit names must differ, others get a number at the end. */
struct kql_field_list {
	struct kql_binder *binder;
	GArray *fields;
	unsigned unnamed;
};
bool kql_fields_add(struct kql_field_list *list, size_t at, const char *name, bool explicit_name, enum kql_type type);
/* Hands the fields over to the arena. */
struct kql_field *kql_fields_take(struct kql_field_list *list, size_t *count);
bool kql_names_match(const char *pattern, const char *name);

#endif
