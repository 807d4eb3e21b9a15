#include "config.h"
#include "app/words.h"

#include <string.h>

#include "core/text.h"

void words_init(struct words *words, const char *text, const struct variables *variables)
{
	*words = (struct words){ .text = text, .variables = variables, .column = 1 };
}

void word_clear(struct word *word)
{
	g_free(word->text);
	*word = (struct word){ .kind = WORD_END };
}

/* Moves line and column, those of from, on to offset. */
static void position_move(const char *text, size_t from, size_t offset, unsigned *line, unsigned *column)
{
	for (size_t at = from; at < offset && text[at] != '\0'; at++) {
		if (text[at] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)text[at] & 0xC0) != 0x80) {
			++*column;
		}
	}
	/* A lead byte was counted when passed; an offset inside a character belongs to it. */
}

void words_position(const char *text, size_t offset, unsigned *line, unsigned *column)
{
	*line = 0;
	*column = 1;
	position_move(text, 0, offset, line, column);
}

/* The same for the place where the lexer is, counted from the last such place: ten thousand names on a line. */
static void position_here(struct words *words, unsigned *line, unsigned *column)
{
	if (words->at < words->counted) {
		words->counted = words->line = 0;
		words->column = 1;
	}
	position_move(words->text, words->counted, words->at, &words->line, &words->column);
	words->counted = words->at;
	*line = words->line;
	*column = words->column;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Blanks and comments before a word. */
static void skip_blanks(struct words *words)
{
	for (;;) {
		while (is_blank(words->text[words->at]))
			words->at++;
		if (words->text[words->at] != '#')
			return;
		words->at += strcspn(words->text + words->at, "\n");
	}
}

static bool fail_at(const struct words *words, size_t offset, struct error *error)
{
	unsigned line, column;

	words_position(words->text, offset, &line, &column);
	error_at(error, NULL, line + 1, column);
	return false;
}

static const char *variable_nearest(const struct variables *variables, const char *name)
{
	AUTO(g_strfreev) char **names = variables_names(variables);
	const char *near = text_nearest(name, (const char *const *)names);

	return near != NULL ? g_intern_string(near) : NULL;
}

/* at is on a '$'. Appends the value, or the '$' itself where no name follows. */
static bool append_variable(struct words *words, GString *out, bool *quoted, struct error *error)
{
	size_t start = words->at + 1, end = start;
	AUTO(g_free) char *name = NULL;
	const char *value, *near;

	if (g_ascii_isalpha(words->text[start]) || words->text[start] == '_')
		while (g_ascii_isalnum(words->text[end]) || words->text[end] == '_')
			end++;
	if (end == start || words->variables == NULL) {
		g_string_append_c(out, '$');
		words->at++;
		return true;
	}
	name = g_strndup(words->text + start, end - start);
	value = variables_get(words->variables, name);
	if (value == NULL) {
		error_set(error, ERROR_USAGE, "variable '%s' is not set", name);
		near = variable_nearest(words->variables, name);
		if (near != NULL)
			error_hint(error, "did you mean '$%s'? A '$' that is meant stands in single quotes", near);
		else
			error_hint(error, "set it with 'let %s VALUE'; a '$' that is meant stands in single quotes", name);
		return fail_at(words, words->at, error);
	}
	g_string_append(out, value);
	*quoted = true;
	words->at = end;
	return true;
}

/* at is behind the opening quote. */
static bool append_quoted(struct words *words, char quote, GString *out, bool *quoted, struct error *error)
{
	size_t open = words->at - 1;
	char c;

	while ((c = words->text[words->at]) != quote) {
		if (c == '\0') {
			error_set(error, ERROR_USAGE, "the quote %c is not closed", quote);
			error_hint(error, quote == '\'' ? "a ' that is meant stands in \"...\"" :
				"a \" that is meant stands in '...' or is written \\\"");
			return fail_at(words, open, error);
		}
		if (quote == '"' && c == '$') {
			if (!append_variable(words, out, quoted, error))
				return false;
			continue;
		}
		if (quote == '"' && c == '\\' &&
		    (words->text[words->at + 1] == '"' || words->text[words->at + 1] == '\\'))
			c = words->text[++words->at];
		g_string_append_c(out, c);
		words->at++;
	}
	words->at++;
	return true;
}

static bool read_text(struct words *words, struct word *word, struct error *error)
{
	GString *out = g_string_new(NULL);
	bool ok = true;
	char c;

	while (ok && (c = words->text[words->at]) != '\0' && !is_blank(c) && c != '>' && c != '|') {
		if (c == '\'' || c == '"') {
			words->at++;
			word->quoted = true;
			ok = append_quoted(words, c, out, &word->quoted, error);
		} else if (c == '$') {
			ok = append_variable(words, out, &word->quoted, error);
		} else {
			g_string_append_c(out, c);
			words->at++;
		}
	}
	word->text = g_string_free(out, FALSE);
	word->end = words->at;
	return ok;
}

/* A & that only blanks and comments follow. */
static bool is_last_ampersand(const struct words *words)
{
	struct words rest = *words;

	if (rest.text[rest.at] != '&')
		return false;
	rest.at++;
	if (rest.text[rest.at] != '\0' && !is_blank(rest.text[rest.at]))
		return false;
	skip_blanks(&rest);
	return rest.text[rest.at] == '\0';
}

bool words_next(struct words *words, struct word *word, struct error *error)
{
	const char *text = words->text;

	*word = (struct word){ .kind = WORD_TEXT };
	skip_blanks(words);
	word->start = words->at;
	position_here(words, &word->line, &word->column);
	if (text[words->at] == '\0')
		word->kind = WORD_END;
	else if (text[words->at] == '>')
		word->kind = text[words->at + 1] == '>' ? WORD_APPEND : WORD_WRITE;
	else if (text[words->at] == '|')
		word->kind = WORD_PIPE;
	else if (is_last_ampersand(words))
		word->kind = WORD_BACKGROUND;
	else
		return read_text(words, word, error);
	if (word->kind != WORD_END)
		words->at += word->kind == WORD_APPEND ? 2 : 1;
	word->end = words->at;
	return true;
}

char *words_unquote_whole(const char *text)
{
	struct words words;
	struct word word;
	char quote = *text;
	char *value = NULL;
	size_t end;

	if (quote != '\'' && quote != '"')
		return NULL;
	for (end = 1; text[end] != '\0' && text[end] != quote; end++)
		if (quote == '"' && text[end] == '\\' && (text[end + 1] == '"' || text[end + 1] == '\\'))
			end++;
	if (text[end] == '\0' || text[end + 1] != '\0')
		return NULL;
	words_init(&words, text, NULL);
	if (words_next(&words, &word, NULL))
		value = g_strdup(word.text);
	word_clear(&word);
	return value;
}

void words_append_quoted(GString *out, const char *value)
{
	/* No sign of patterns and lists: what is written here is one literal value, perhaps a hostile name of the tenant. */
	static const char plain[] = "-_./:@%+=~";
	const char *at;

	for (at = value; *at != '\0'; at++)
		if (!g_ascii_isalnum(*at) && !(*(const unsigned char *)at & 0x80) && strchr(plain, *at) == NULL)
			break;
	if (*value != '\0' && *value != '-' && *at == '\0') {
		g_string_append(out, value);
		return;
	}
	if (strchr(value, '\'') == NULL) {
		g_string_append_printf(out, "'%s'", value);
		return;
	}
	/* Single quotes inside: "..." escapes the rest, and '$' by leaving the quotes for it. */
	g_string_append_c(out, '"');
	for (at = value; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\')
			g_string_append_c(out, '\\');
		if (*at == '$')
			g_string_append(out, "\"'$'\"");
		else
			g_string_append_c(out, *at);
	}
	g_string_append_c(out, '"');
}
