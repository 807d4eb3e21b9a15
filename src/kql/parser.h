/* From text to syntax tree. Grammar: Microsoft/Kusto-Query-Language, grammar/Kql.g4. */
#ifndef KQL_PARSER_H
#define KQL_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "kql/arena.h"
#include "kql/ast.h"
#include "kql/lexer.h"

struct kql_parser {
	struct kql_lexer lexer;
	struct kql_token token; /* the next one */
	struct kql_arena *arena;
	int64_t now_ticks;
	unsigned depth;
	/* Where tables may stand, their parser (kql_parse_pipe); NULL in a predicate. */
	struct kql_pipe *(*parse_pipe)(struct kql_parser *parser);
	bool searching; /* in the terms of search and find: `name:"text"`, and '*' alone */
	struct error *error;
};

/* False (with error set) if the text is too long or its first token is bad. The text must outlive the tree. */
bool kql_parser_init(struct kql_parser *parser, const char *text, struct kql_arena *arena, int64_t now_ticks,
	struct error *error);

/* Goes on at a byte of a text that was parsed before. */
void kql_parser_continue(struct kql_parser *parser, const char *text, size_t at, struct kql_arena *arena,
	int64_t now_ticks, struct error *error);

/* An expression; NULL with error set. */
struct kql_node *kql_parse_expression(struct kql_parser *parser);
/* An expression up to what compares: 'a + b' of 'a + b in (...)'. */
struct kql_node *kql_parse_sum(struct kql_parser *parser);
/* name(argument, ...) */
struct kql_node *kql_parse_call(struct kql_parser *parser);
/* Nothing may follow but ';'. */
bool kql_parse_end(struct kql_parser *parser);
/* A name, bare or in brackets; NULL with error set. what is for the message: "a column name". */
const char *kql_parse_name(struct kql_parser *parser, const char *what);

/* Pieces for the parser of queries. */
bool kql_parser_at(const struct kql_parser *parser, const char *text);
bool kql_parser_take(struct kql_parser *parser, const char *text); /* moves on if the token is text */
bool kql_parser_expect(struct kql_parser *parser, const char *text);
bool kql_parser_next(struct kql_parser *parser);                   /* false at a bad token */
struct kql_token kql_parser_peek(const struct kql_parser *parser); /* the token after the next */
bool kql_parser_enter(struct kql_parser *parser);                  /* false if nested too deeply; undone by leave */
void kql_parser_leave(struct kql_parser *parser);
struct kql_node *kql_node_new(struct kql_parser *parser, enum kql_node_kind kind, const struct kql_token *token);
const char *kql_parser_word(const struct kql_parser *parser, const struct kql_token *token); /* a copy */
bool kql_parser_fault(struct kql_parser *parser, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool kql_parser_unexpected(struct kql_parser *parser, const char *wanted);
/* Whether a table stands next, not a value: it has a bar before the list goes on. Only where tables may stand. */
bool kql_parser_at_table(const struct kql_parser *parser);
/* Grows args by one. */
void kql_node_append(struct kql_parser *parser, struct kql_node *node, struct kql_node *arg);

/* In parser_literal.c: all that begins with a literal's token, and dynamic(...). */
struct kql_node *kql_parse_literal(struct kql_parser *parser);
struct kql_node *kql_parse_dynamic(struct kql_parser *parser);
/* The value of adjacent string literals, in the arena. */
bool kql_parse_string(struct kql_parser *parser, struct kql_slice *value);

/* Sets error with line and column of the byte offset in text; always false. */
bool kql_fault_at(const char *text, size_t at, struct error *error, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Words that cannot be names unless they stand in ['...']. */
bool kql_word_is_reserved(const char *word, size_t length);

#endif
