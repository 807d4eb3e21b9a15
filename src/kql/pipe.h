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
	KQL_STEP_PARSE, KQL_STEP_PARSE_KV, KQL_STEP_APPLY, KQL_STEP_PARTITION, KQL_STEP_EVALUATE, KQL_STEP_SERIES,
	KQL_STEP_SAMPLE, KQL_STEP_SAMPLE_DISTINCT, KQL_STEP_SERIALIZE, KQL_STEP_INVOKE, KQL_STEP_SEARCH, KQL_STEP_HITTERS,
};

enum kql_join_kind {
	KQL_JOIN_INNER_UNIQUE, KQL_JOIN_INNER, KQL_JOIN_LEFT_OUTER, KQL_JOIN_RIGHT_OUTER, KQL_JOIN_FULL_OUTER,
	KQL_JOIN_LEFT_ANTI, KQL_JOIN_RIGHT_ANTI, KQL_JOIN_LEFT_SEMI, KQL_JOIN_RIGHT_SEMI,
};

/* `name = expression`, a sort key, a pattern of column names. */
struct kql_item {
	const char *name; /* as written; NULL if none was */
	const char **names; /* (a, b) = f(...) */
	size_t name_count;
	size_t at;        /* in the text */
	struct kql_node *node;
	const char *pattern; /* of project-away and its kin: s*; node is NULL then */
	bool ascending, nulls_given, nulls_first;
	bool ordered, granny; /* project-reorder: the columns of a pattern by name */
	bool typed; /* mv-expand ... to typeof(type) */
	enum kql_type type;
	size_t column; /* of the input, or the place in the output, as the operator needs it */
};

struct kql_items {
	struct kql_item *items;
	size_t count;
};

/* parse, parse-where: the pattern. A piece is a text to be found, '*', or a column. */
struct kql_parse_piece {
	size_t at;
	struct kql_slice text; /* NULL if it is no text */
	bool star;
	const char *name;      /* of a column */
	enum kql_type type;
	size_t column;         /* in the result */
	unsigned groups;       /* kind regex: those of a text; of a column, which one it is */
};

enum kql_parse_kind { KQL_PARSE_SIMPLE, KQL_PARSE_REGEX, KQL_PARSE_RELAXED };

struct kql_parse {
	enum kql_parse_kind kind;
	bool where;            /* rows that do not fit go */
	const char *flags;
	struct kql_parse_piece *pieces;
	size_t count;
	struct kql_regex *regex; /* of kind regex; owned by the resources */
};

/* parse-kv */
struct kql_parse_kv {
	struct kql_parse_piece *columns;
	size_t count;
	struct kql_slice pair, kv, escape;
	const char *quotes[8]; /* one or two characters each */
	size_t quote_count;
	bool greedy;
	struct kql_slice pattern;
	struct kql_regex *regex;
};

/* evaluate: a plugin's call, and what columns it is said to give. */
struct kql_evaluate {
	struct kql_node *call;
	bool has_schema, star;
	struct kql_field *schema;
	size_t schema_count;
	const struct kql_plugin *plugin;
	size_t column;               /* bag_unpack: the bag */
	const char *prefix;
	const char **names;          /* what each result column is called in the bag or among the pivot's values; NULL for
	                                one of the input */
	struct kql_step *grouping;   /* pivot: a summarize of the aggregate by the columns that stay and the pivot's */
};

/* make-series */
struct kql_series {
	struct kql_node **defaults;  /* by item; NULL: none is given */
	struct kql_node *axis, *from, *to, *step;
	const char *axis_name;
	bool nonempty, range;        /* range: in range(from, to, step) */
	struct kql_step *grouping;   /* a summarize of the same aggregates */
};

/* One call of a window function in a step: row_number() and its kin. */
struct kql_window {
	const struct kql_window_kind *kind;
	struct kql_node *node;       /* its arguments are checked against the input and the calls before it */
};

/* One call of an aggregate function in a summarize. */
struct kql_group_call {
	const struct kql_aggregate *aggregate;
	struct kql_node *node; /* its arguments are checked against the input */
	size_t *returned;      /* arg_max, take_any: the input columns that it hands on */
	size_t returned_count;
	size_t field;          /* its first column among the grouped fields */
};

struct kql_relation;

struct kql_step {
	enum kql_step_kind kind;
	size_t at;
	const char *word;       /* as written */
	struct kql_items items, by;
	struct kql_node *node;  /* predicate, or a number of rows */
	const char *name;       /* count as NAME, withsource=NAME, with_itemindex=NAME */
	enum kql_join_kind join;
	bool inner;             /* union kind=inner; mv-expand kind=array */
	bool fuzzy;             /* union isfuzzy=true; search kind=case_sensitive */
	bool legacy;            /* mvexpand */
	struct kql_pipe **pipes;
	size_t pipe_count;
	const struct kql_node *terms; /* of a union for search and find: tables without their columns are left out */
	struct kql_step *next;

	/* Set by the checker. */
	bool bound;               /* a union that was checked before its pipe */
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
	struct kql_window *windows;
	size_t window_count;
	struct kql_field *window_fields; /* the input's, and behind them the calls' results */
	union {
		struct kql_parse *parse;
		struct kql_parse_kv *parse_kv;
		struct kql_evaluate *evaluate;
		struct kql_series *series;
		struct kql_apply *apply;
	};
	const struct kql_render *render;
};

enum kql_source_kind { KQL_FROM_NAME, KQL_FROM_PIPE, KQL_FROM_PRINT, KQL_FROM_RANGE, KQL_FROM_DATATABLE, KQL_FROM_UNION,
	KQL_FROM_DEFAULT, KQL_FROM_CALL, KQL_FROM_INPUT, KQL_FROM_SEARCH };

/* mv-apply, partition: a pipe that is run for one part of the rows after another. */
struct kql_apply {
	struct kql_pipe *pipe;   /* its source is KQL_FROM_INPUT */
	struct kql_step *expand; /* mv-apply: an mv-expand of the same values */
	struct kql_node *key;    /* partition */
	size_t first_slot, last_slot; /* of the lets in the pipe: forgotten between two runs */
};

struct kql_pipe {
	enum kql_source_kind source;
	size_t at;
	const char *name;
	struct kql_pipe *inner;   /* in brackets, or what a let name stands for */
	struct kql_items items;   /* print; range: from, to, step; datatable: values */
	struct kql_node *call;    /* f(x) */
	bool pattern;             /* the name has '*' in it: of union and search */
	struct kql_step *first, *last;

	/* Set by the checker. */
	struct kql_field *fields; /* of the result */
	size_t field_count;
	struct kql_field *source_fields;
	size_t source_count;
	const struct table *table;
	const uint32_t *rows; /* of the table; NULL: all */
	size_t row_count;
	size_t slot; /* where a run keeps the result of a let; SIZE_MAX if it is none */
	bool bound;
	bool serialized; /* the rows of the result have an order that is meant */
	const struct kql_relation *staged; /* the result, had while checking */
};

/* A parameter of a function of the text's own. */
struct kql_parameter {
	const char *name;
	size_t at;
	bool table, any;          /* T:(...), T:(*) */
	struct kql_field *fields;
	size_t field_count;
	enum kql_type type;
	struct kql_node *value;   /* the default; NULL if there is none */
};

/* let f = (x:long, ...) { ... } */
struct kql_function_body {
	const char *text;         /* where it stands: the query, or what a service function expands to */
	size_t start, end;        /* bytes of what is between the braces */
	struct kql_parameter *parameters;
	size_t parameter_count;
	bool view;
	bool tabular;
};

/* A name that a statement gives: `let x = ...`, `| as X`. */
struct kql_let {
	const char *name;
	struct kql_node *node; /* a value, or: */
	struct kql_pipe *pipe; /* a table, or: */
	struct kql_function_body *body;
	struct kql_let *next;  /* the one before it in the text */
	size_t at;
	unsigned level;        /* of nested tables, where a value that reads columns may be used */
};

/* What stands at the end of a body: a table, a value, or a name or call that may be either. */
struct kql_statements {
	struct kql_let *lets;  /* chained from the last to those before the text */
	struct kql_pipe *pipe;
	struct kql_node *node;
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
	unsigned level;        /* of nested tables */
	unsigned calls;        /* of functions within functions */
	size_t expanded;       /* bytes of bodies that calls have stood for */
	bool unknown;          /* the fault is a name that nothing has */
	bool naming;           /* a function is looked at that is not called yet */
	bool serialized;       /* of the rows that the step gets */
	const struct kql_pipe *current; /* whose steps are being bound */
	/* Runs what is bound so far, for operators whose columns depend on the rows: NULL with error set. The relation
	 * lives as long as the query. */
	const struct kql_relation *(*run)(struct kql_binder *binder, struct kql_pipe *pipe);
	void *run_data;
	struct error *error;
};

/* parser_function.c */
bool kql_parser_at_function(const struct kql_parser *parser);
struct kql_function_body *kql_parse_function(struct kql_parser *parser);
/* name:type, ...: up to the bracket that closes; *any (may be NULL) is set by '*'. */
bool kql_parse_fields(struct kql_parser *parser, struct kql_field **fields, size_t *count, bool *any);
bool kql_parse_statements(struct kql_parser *parser, struct kql_statements *statements);

/* parser_query.c: the statements of a query; lets are chained from the last to those that *lets is before. NULL with
 * error set. */
struct kql_pipe *kql_parse_query(struct kql_parser *parser, struct kql_let **lets);
/* Statements alone. */
bool kql_parse_prelude(struct kql_parser *parser, struct kql_let **lets);
struct kql_pipe *kql_parse_pipe(struct kql_parser *parser);
/* Where a pipe begins: a table, print, ... */
bool kql_parse_source(struct kql_parser *parser, struct kql_pipe *pipe);

/* parser_step.c: an operator, appended to the pipe; whether one is next; the fault that none is. */
bool kql_parse_step(struct kql_parser *parser, struct kql_pipe *pipe);
bool kql_parser_at_step(const struct kql_parser *parser);
bool kql_parser_no_step(struct kql_parser *parser);
/* Operators with a parser of their own: parser_parse.c, parser_more.c. */
typedef bool kql_step_parser(struct kql_parser *parser, struct kql_step *step);
kql_step_parser kql_parse_join, kql_parse_union, kql_parse_parse, kql_parse_parse_kv, kql_parse_apply, kql_parse_partition, kql_parse_evaluate,
	kql_parse_series, kql_parse_invoke, kql_parse_render, kql_parse_expand, kql_parse_sample_distinct,
	kql_parse_top_hitters, kql_parse_search, kql_parse_find;
/* name=value before an operator's arguments; *name is NULL if none is there. hint.* are read over. */
bool kql_parse_option(struct kql_parser *parser, const char **name, const char **value);
/* ( operators ): a pipe over rows that are given. */
struct kql_pipe *kql_parse_subquery(struct kql_parser *parser);
bool kql_parse_table(struct kql_parser *parser, struct kql_step *step, bool patterns);
bool kql_parse_item(struct kql_parser *parser, struct kql_item *item);   /* [name =] expression */
bool kql_parse_items(struct kql_parser *parser, struct kql_items *items);
/* Whether rows with these columns can pass the terms of a search. */
bool kql_search_fits(const struct kql_binder *binder, const struct kql_node *terms, const struct kql_pipe *pipe);
/* The rows of a pipe that pass the terms, bound; NULL with error set. A column that it lacks is null of the type that it
 * has in the first of the other pipes. */
struct kql_pipe *kql_search_within(struct kql_binder *binder, const struct kql_step *all, struct kql_pipe *pipe);

void kql_items_append(struct kql_parser *parser, struct kql_items *items, const struct kql_item *item);

/* bind.c and bind_*.c: names and types of every step. */
bool kql_bind_pipe(struct kql_binder *binder, struct kql_pipe *pipe);
/* What the pipe begins with: its table and columns. */
bool kql_bind_source(struct kql_binder *binder, struct kql_pipe *pipe);
/* Binds the lets from the first to the last; they are known then. before: the last that is bound already. */
bool kql_bind_lets(struct kql_binder *binder, struct kql_let *last, const struct kql_let *before);
bool kql_bind_table_name(const struct kql_binder *binder, const char *name);
struct kql_let *kql_bind_find(const struct kql_binder *binder, const char *name);
/* bind_call.c: calls of functions that the text defines, and of those the source knows. */
bool kql_bind_call(void *data, struct kql_scope *scope, struct kql_node **place, bool *taken);
bool kql_bind_table_call(struct kql_binder *binder, struct kql_pipe *pipe);
bool kql_bind_function(struct kql_binder *binder, struct kql_let *let);
/* Whether all names in the body of a function are known, called or not. */
bool kql_bind_names(struct kql_binder *binder, struct kql_let *let);
/* T | invoke f(...): the pipe's rest behind the step reads what the function makes of the pipe before it. */
bool kql_bind_invoke(struct kql_binder *binder, struct kql_pipe *before, struct kql_step *step, struct kql_pipe *after);
/* bind_window.c: takes the calls of window functions out of an expression, which is not checked yet. */
bool kql_bind_windows(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count,
	struct kql_node **place);
bool kql_bind_parse(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count);
bool kql_bind_parse_kv(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count);
bool kql_bind_apply(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count);
bool kql_bind_partition(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count);
bool kql_bind_evaluate(struct kql_binder *binder, struct kql_step *step, const struct kql_relation *rows,
	const struct kql_field *fields, size_t count);
bool kql_evaluate_needs_rows(const struct kql_step *step);
bool kql_bind_series(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count);
/* bind_search.c: search and find, as the union and filter that they are. */
bool kql_bind_piped_search(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count);
bool kql_bind_search(struct kql_binder *binder, struct kql_pipe *pipe);
/* The table that a name, a call or a table among arguments is; NULL if it is a value. */
struct kql_pipe *kql_bind_as_table(const struct kql_binder *binder, struct kql_node *node);
bool kql_bind_step(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count);
bool kql_bind_summarize(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count);
bool kql_bind_join(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count);
bool kql_bind_union(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count);

/* Helpers of the binders. */
void kql_bind_scope(struct kql_binder *binder, struct kql_scope *scope, const struct kql_field *fields, size_t count);
bool kql_bind_fault(struct kql_binder *binder, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The name that an expression without one gets: a column's, d.a gives d_a; NULL if it gets a number. */
/* Makes several items of one that gives several columns. */
bool kql_bind_spread(struct kql_binder *binder, struct kql_items *items);

const char *kql_bind_name(struct kql_binder *binder, const struct kql_node *node);
/* A copy of the fields with one of that name and type: in place of one so named, or behind them. *column: its place. */
struct kql_field *kql_fields_set(struct kql_binder *binder, struct kql_field *fields, size_t *count, const char *name,
	enum kql_type type, size_t *column);
struct kql_step *kql_step_insert(struct kql_binder *binder, struct kql_step *after, enum kql_step_kind kind,
	const char *word);
/* A list of result columns in the making; explicit names must differ, others get a number at the end. */
struct kql_field_list {
	struct kql_binder *binder;
	GArray *fields;
	unsigned unnamed;
	GHashTable *derived; /* summarize: names that were not written; one that is written gives way to them. Or NULL */
};
bool kql_fields_add(struct kql_field_list *list, size_t at, const char *name, bool explicit_name, enum kql_type type,
	enum kql_shape shape);
/* Hands the fields over to the arena. */
struct kql_field *kql_fields_take(struct kql_field_list *list, size_t *count);
bool kql_names_match(const char *pattern, const char *name);

#endif
