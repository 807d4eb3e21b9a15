#include "config.h"
#include "kql/lexer.h"

#include <string.h>

#include <glib.h>

/* Operators made of punctuation, longest first. */
static const char *const punctuation[] = {
	"..", "==", "=~", "=>", "!=", "!~", "<=", ">=", "<>",
	"(", ")", "[", "]", "{", "}", ",", ";", "|", ".", "=", "<", ">", "+", "-", "*", "/", "%", ":", "?", "@", NULL,
};

/* Words that may follow '!'. */
static const char *const negated[] = {
	"in", "has", "has_cs", "hasprefix", "hasprefix_cs", "hassuffix", "hassuffix_cs", "contains", "contains_cs",
	"startswith", "startswith_cs", "endswith", "endswith_cs", "between", NULL,
};

/* Words that with '(' right behind them begin a literal that ends at the next ')'. */
static const char *const typed[] = {
	"bool", "date", "datetime", "decimal", "double", "guid", "int", "long", "real", "time", "timespan", NULL,
};

static const char *const timespan_units[] = {
	"d", "day", "days", "h", "hr", "hrs", "hour", "hours", "m", "min", "minute", "minutes", "s", "sec", "second",
	"seconds", "ms", "milli", "millis", "millisec", "millisecond", "milliseconds", "micro", "micros", "microsec",
	"microsecond", "microseconds", "nano", "nanos", "nanosec", "nanosecond", "nanoseconds", "tick", "ticks", NULL,
};

static bool word_in(const char *const *list, const char *text, size_t length)
{
	for (; *list != NULL; list++)
		if (strlen(*list) == length && memcmp(*list, text, length) == 0)
			return true;
	return false;
}

static bool is_word(unsigned char c)
{
	return g_ascii_isalnum(c) || c == '_' || c == '$';
}

void kql_lexer_init(struct kql_lexer *lexer, const char *text, size_t length)
{
	*lexer = (struct kql_lexer){ .text = text, .length = length };
}

static char char_at(const struct kql_lexer *lexer, size_t at)
{
	return at < lexer->length ? lexer->text[at] : '\0';
}

static bool starts_with(const struct kql_lexer *lexer, size_t at, const char *with)
{
	size_t length = strlen(with);

	return lexer->length - at >= length && memcmp(lexer->text + at, with, length) == 0;
}

/* Bytes of the blank at this place, 0 if there is none: ASCII blanks, NBSP, U+FEFF, the other Unicode blanks. */
static size_t blank_length(const struct kql_lexer *lexer, size_t at)
{
	unsigned char c = (unsigned char)char_at(lexer, at);
	gunichar wide;

	if (c < 0x80)
		return at < lexer->length && (c == ' ' || (c >= '\t' && c <= '\r')) ? 1 : 0;
	wide = g_utf8_get_char_validated(lexer->text + at, (gssize)(lexer->length - at));
	if (wide == (gunichar)-1 || wide == (gunichar)-2)
		return 0;
	if (wide == 0xFEFF || wide == 0x85 || g_unichar_isspace(wide))
		return (size_t)g_unichar_to_utf8(wide, NULL);
	return 0;
}

static struct kql_token token_make(struct kql_lexer *lexer, enum kql_token_kind kind, size_t start, size_t end)
{
	lexer->at = end;
	return (struct kql_token){ .kind = kind, .start = start, .length = end - start };
}

static struct kql_token token_bad(struct kql_lexer *lexer, size_t start, size_t at, const char *fault)
{
	lexer->fault = fault;
	lexer->fault_at = at;
	return token_make(lexer, KQL_TOKEN_BAD, start, lexer->length);
}

/* Bytes of an escape sequence at a backslash; 0 if it is none that KQL knows. */
static size_t escape_length(const struct kql_lexer *lexer, size_t at)
{
	char c = char_at(lexer, at + 1);
	size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0, n = 0;

	if (c != '\0' && strchr("'\"\\abfnrtv", c) != NULL)
		return 2;
	if (digits != 0) {
		for (; n < digits; n++)
			if (!g_ascii_isxdigit(char_at(lexer, at + 2 + n)))
				return 0;
		return 2 + digits;
	}
	while (n < 3 && char_at(lexer, at + 1 + n) >= '0' && char_at(lexer, at + 1 + n) <= '7')
		n++;
	if (n == 3 && c > '3')
		n = 2;
	return n != 0 ? 1 + n : 0;
}

/* at is on the quote, or on the '@' before it. */
static struct kql_token lex_string(struct kql_lexer *lexer, size_t start, size_t at)
{
	bool verbatim = char_at(lexer, at) == '@';
	char quote = char_at(lexer, at += verbatim ? 1 : 0);
	size_t opening = at;

	for (at++;; at++) {
		char c = char_at(lexer, at);

		if (at >= lexer->length || c == '\n' || c == '\r')
			return token_bad(lexer, start, opening, "the string is not closed on its line");
		if (c == quote && verbatim && char_at(lexer, at + 1) == quote) {
			at++;
		} else if (c == quote) {
			return token_make(lexer, KQL_TOKEN_STRING, start, at + 1);
		} else if (c == '\\' && !verbatim) {
			size_t length = escape_length(lexer, at);

			if (length == 0)
				return token_bad(lexer, start, at,
					"a backslash begins no known escape here: double it, or put '@' before the string");
			at += length - 1;
		}
	}
}

static struct kql_token lex_block(struct kql_lexer *lexer, size_t start, size_t at)
{
	const char *fence = char_at(lexer, at) == '`' ? "```" : "~~~";

	for (size_t end = at + 3; end < lexer->length; end++)
		if (starts_with(lexer, end, fence))
			return token_make(lexer, KQL_TOKEN_STRING, start, end + 3);
	return token_bad(lexer, start, at, "the multi-line string is not closed");
}

static bool string_begins(const struct kql_lexer *lexer, size_t at)
{
	char c = char_at(lexer, at);

	if (c == '@')
		return char_at(lexer, at + 1) == '"' || char_at(lexer, at + 1) == '\'';
	return c == '"' || c == '\'' || starts_with(lexer, at, "```") || starts_with(lexer, at, "~~~");
}

static struct kql_token lex_any_string(struct kql_lexer *lexer, size_t start, size_t at)
{
	char c = char_at(lexer, at);

	return c == '`' || c == '~' ? lex_block(lexer, start, at) : lex_string(lexer, start, at);
}

static struct kql_token lex_word(struct kql_lexer *lexer, size_t start)
{
	size_t end = start, length;
	const char *close;

	while (is_word((unsigned char)char_at(lexer, end)))
		end++;
	length = end - start;
	if (length == 1 && (lexer->text[start] == 'h' || lexer->text[start] == 'H') && string_begins(lexer, end))
		return lex_any_string(lexer, start, end);
	if (length == 2 && memcmp(lexer->text + start, "in", 2) == 0 && char_at(lexer, end) == '~')
		return token_make(lexer, KQL_TOKEN_OPERATOR, start, end + 1);
	if (char_at(lexer, end) != '(' || !word_in(typed, lexer->text + start, length))
		return token_make(lexer, KQL_TOKEN_NAME, start, end);
	close = memchr(lexer->text + end, ')', lexer->length - end);
	if (close == NULL)
		return token_bad(lexer, start, end, "the literal is not closed: ')' is missing");
	return token_make(lexer, KQL_TOKEN_TYPED, start, (size_t)(close - lexer->text) + 1);
}

static size_t skip_digits(const struct kql_lexer *lexer, size_t at)
{
	while (g_ascii_isdigit(char_at(lexer, at)))
		at++;
	return at;
}

/* Digits and what follows: a number, a timespan, or a name such as 1_000. */
static struct kql_token lex_number(struct kql_lexer *lexer, size_t start)
{
	size_t digits = skip_digits(lexer, start), end, word, exponent;
	bool real = false;

	if (digits == start + 1 && lexer->text[start] == '0' && (char_at(lexer, digits) | 0x20) == 'x' &&
		g_ascii_isxdigit(char_at(lexer, digits + 1))) {
		for (end = digits + 1; g_ascii_isxdigit(char_at(lexer, end));)
			end++;
		if (!is_word((unsigned char)char_at(lexer, end)))
			return token_make(lexer, KQL_TOKEN_LONG, start, end);
	}
	end = digits;
	if (char_at(lexer, end) == '.' && (char_at(lexer, end + 1) != '.' || char_at(lexer, end + 2) == '.')) {
		real = true;
		end = skip_digits(lexer, end + 1);
	}
	for (word = end; is_word((unsigned char)char_at(lexer, word));)
		word++;
	if (lexer->text[end - 1] != '.' && word_in(timespan_units, lexer->text + end, word - end))
		return token_make(lexer, KQL_TOKEN_TIMESPAN, start, word);
	if (char_at(lexer, end) == 'e' || char_at(lexer, end) == 'E') {
		exponent = end + 1;
		if (char_at(lexer, exponent) == '+' || char_at(lexer, exponent) == '-')
			exponent++;
		if (skip_digits(lexer, exponent) > exponent) {
			real = true;
			end = skip_digits(lexer, exponent);
			word = end;
			while (is_word((unsigned char)char_at(lexer, word)))
				word++;
		}
	}
	if (word == end)
		return token_make(lexer, real ? KQL_TOKEN_REAL : KQL_TOKEN_LONG, start, end);
	if (real)
		return token_bad(lexer, start, end, "a number must not end in letters");
	return token_make(lexer, KQL_TOKEN_NAME, start, word);
}

static struct kql_token lex_operator(struct kql_lexer *lexer, size_t start)
{
	size_t end = start + 1;

	if (starts_with(lexer, start, "/*"))
		return token_bad(lexer, start, start, "a comment begins with '//' and ends with the line");
	for (const char *const *mark = punctuation; *mark != NULL; mark++)
		if (starts_with(lexer, start, *mark))
			return token_make(lexer, KQL_TOKEN_OPERATOR, start, start + strlen(*mark));
	if (lexer->text[start] == '&' || lexer->text[start] == '^')
		return token_bad(lexer, start, start, "this is no operator of KQL: write 'and', 'or'");
	if (lexer->text[start] != '!')
		return token_bad(lexer, start, start, "this character does not belong here");
	while (is_word((unsigned char)char_at(lexer, end)))
		end++;
	if (!word_in(negated, lexer->text + start + 1, end - start - 1))
		return token_bad(lexer, start, start, "'!' is no operator of its own here: write not(...)");
	if (end - start == 3 && char_at(lexer, end) == '~' && lexer->text[start + 1] == 'i')
		end++;
	return token_make(lexer, KQL_TOKEN_OPERATOR, start, end);
}

struct kql_token kql_lexer_next_raw(struct kql_lexer *lexer)
{
	size_t start = lexer->at, blank;
	char c;

	while ((blank = blank_length(lexer, start)) != 0)
		start += blank;
	if (start >= lexer->length)
		return token_make(lexer, KQL_TOKEN_END, lexer->length, lexer->length);
	c = lexer->text[start];
	if (starts_with(lexer, start, "//")) {
		const char *end = memchr(lexer->text + start, '\n', lexer->length - start);

		return token_make(lexer, KQL_TOKEN_COMMENT, start, end != NULL ? (size_t)(end - lexer->text) : lexer->length);
	}
	if (string_begins(lexer, start))
		return lex_any_string(lexer, start, start);
	if (c == '@' && (starts_with(lexer, start, "@```") || starts_with(lexer, start, "@~~~")))
		return lex_block(lexer, start, start + 1);
	if (g_ascii_isdigit(c))
		return lex_number(lexer, start);
	if (is_word((unsigned char)c))
		return lex_word(lexer, start);
	return lex_operator(lexer, start);
}

struct kql_token kql_lexer_next(struct kql_lexer *lexer)
{
	struct kql_token token;

	do
		token = kql_lexer_next_raw(lexer);
	while (token.kind == KQL_TOKEN_COMMENT);
	return token;
}

bool kql_token_is(const struct kql_lexer *lexer, const struct kql_token *token, const char *text)
{
	return (token->kind == KQL_TOKEN_OPERATOR || token->kind == KQL_TOKEN_NAME) && strlen(text) == token->length &&
		memcmp(lexer->text + token->start, text, token->length) == 0;
}

void kql_position(const char *text, size_t length, size_t offset, unsigned *line, unsigned *column)
{
	*line = 1;
	*column = 1;
	for (size_t at = 0; at < MIN(offset, length); at++) {
		if (text[at] == '\n') {
			(*line)++;
			*column = 1;
		} else if (((unsigned char)text[at] & 0xC0) != 0x80) {
			(*column)++;
		}
	}
}

bool kql_text_is_complete(const char *text)
{
	struct kql_lexer lexer;
	struct kql_token token;
	long depth = 0;

	kql_lexer_init(&lexer, text, strlen(text));
	while ((token = kql_lexer_next(&lexer)).kind != KQL_TOKEN_END) {
		if (token.kind == KQL_TOKEN_BAD) {
			char first = lexer.text[lexer.fault_at];

			/* An open fence and an open datetime( may be closed further down; any other fault stays one. */
			if (first == '`' || first == '~' || first == '(')
				return false;
			kql_lexer_init(&lexer, text, strlen(text));
			/* Go on behind the line of the fault, so that a bracket opened before it still counts. */
			lexer.at = token.start + strcspn(text + token.start, "\n");
			continue;
		}
		if (token.kind != KQL_TOKEN_OPERATOR || token.length != 1)
			continue;
		if (strchr("([{", text[token.start]) != NULL)
			depth++;
		else if (strchr(")]}", text[token.start]) != NULL && --depth < 0)
			return true;
	}
	return depth <= 0;
}
