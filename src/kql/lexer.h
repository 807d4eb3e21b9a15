/* The lexical grammar of KQL (Microsoft/Kusto-Query-Language, grammar/KqlTokens.g4). */
#ifndef KQL_LEXER_H
#define KQL_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

enum kql_token_kind {
	KQL_TOKEN_END,
	KQL_TOKEN_NAME,     /* also every keyword: KQL's words are contextual */
	KQL_TOKEN_STRING,   /* any of the string literals, h"..." included */
	KQL_TOKEN_LONG,     /* 123, 0x1F */
	KQL_TOKEN_REAL,     /* 1.5, 1., 1e3 */
	KQL_TOKEN_TIMESPAN, /* 1d, 1.5h */
	KQL_TOKEN_TYPED,    /* datetime(...), int(...), ...: up to the next ')' */
	KQL_TOKEN_OPERATOR, /* punctuation and the words with '!' or '~': == !has in~ .. | */
	KQL_TOKEN_COMMENT,  /* only from kql_lexer_next_raw */
	KQL_TOKEN_BAD,      /* not a token; kql_lexer_fault says why */
};

struct kql_token {
	enum kql_token_kind kind;
	size_t start;  /* byte offset */
	size_t length; /* bytes */
};

struct kql_lexer {
	const char *text;
	size_t length;
	size_t at;         /* next byte to read */
	const char *fault; /* static text, set with KQL_TOKEN_BAD */
	size_t fault_at;   /* byte offset */
};

void kql_lexer_init(struct kql_lexer *lexer, const char *text, size_t length);

/* The next token; at the end KQL_TOKEN_END again and again. After KQL_TOKEN_BAD the rest is not to be trusted. */
struct kql_token kql_lexer_next(struct kql_lexer *lexer);
/* The same with comments as tokens. */
struct kql_token kql_lexer_next_raw(struct kql_lexer *lexer);

bool kql_token_is(const struct kql_lexer *lexer, const struct kql_token *token, const char *text);

/* Line and column (from 1, in characters) of a byte offset. */
void kql_position(const char *text, size_t length, size_t offset, unsigned *line, unsigned *column);

/* Whether all brackets and multi-line strings are closed at the end of the text: false means that more lines are to
 * follow. Brackets in strings and comments do not count; a bracket too many, or a plain string that is not closed on its
 * line, is not mended by more lines, so that the text counts as complete. */
bool kql_text_is_complete(const char *text);

#endif
