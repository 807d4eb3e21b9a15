/* What a half-typed line is about: the same lexer and table as arguments.c, but nothing is an error here. */
#include "config.h"
#include "app/words.h"

#include <string.h>

struct scan {
	const struct command *const *table;
	struct words words;
	size_t cursor;
	const char *line;
	struct context *context;
	unsigned operand, taken;
	bool options_over;
	bool edits; /* --edit: the text comes from the editor */
};

static void skip_space(struct scan *scan)
{
	while (scan->line[scan->words.at] != '\0' && strchr(" \t\r\n", scan->line[scan->words.at]) != NULL)
		scan->words.at++;
}

/* The next word; false at the end, at a comment, and when the cursor is inside or right behind it: that word is the one
 * to complete, and context->start and quote say where. */
static bool next_whole(struct scan *scan, struct word *word)
{
	struct error error = ERROR_INIT;
	size_t from;
	bool ok;

	skip_space(scan);
	from = scan->words.at;
	scan->context->start = from;
	ok = words_next(&scan->words, word, &error);
	if (ok && word->kind == WORD_END) {
		if (scan->line[from] == '#')
			scan->context->kind = CONTEXT_NOTHING;
		scan->context->start = scan->cursor;
		return false;
	}
	if (!ok) { /* an open quote: the value so far is in it */
		size_t open = from;

		for (size_t at = from; at < scan->cursor; at++)
			if (scan->line[at] == '"' || scan->line[at] == '\'') {
				open = at;
				break;
			}
		scan->context->quote = scan->line[open];
		scan->context->start = open + 1;
		return false;
	}
	return word->kind != WORD_TEXT || scan->words.at < scan->cursor;
}

static void set_value(struct context *context, enum completion completion, enum value_kind kind,
	const char *const *words)
{
	context->completion = completion;
	context->words = words;
	if (completion == COMPLETE_NOTHING && kind == VALUE_FILE)
		context->completion = COMPLETE_FILES;
	if (completion == COMPLETE_NOTHING && kind == VALUE_WORD)
		context->completion = COMPLETE_WORDS;
}

/* The cursor is in KQL that begins here: start moves to the word at the cursor. */
static void set_kql(struct scan *scan, enum value_kind kind, enum completion completion, size_t from)
{
	struct context *context = scan->context;
	size_t at = scan->cursor;

	context->kind = CONTEXT_KQL;
	context->query = kind == VALUE_QUERY;
	context->completion = completion;
	context->kql = from;
	while (at > from && (g_ascii_isalnum(scan->line[at - 1]) || strchr("_$!", scan->line[at - 1]) != NULL))
		at--;
	context->start = at;
	if (context->query && scan->line[from] == '@') {
		context->kind = CONTEXT_FILE;
		context->completion = COMPLETE_FILES;
		context->start = from + 1;
	}
}

static const struct command_operand *operand_now(const struct scan *scan)
{
	const struct command_operand *operand = &scan->context->command->operands[scan->operand];

	return scan->operand < COMMAND_OPERANDS && operand->name != NULL ? operand : NULL;
}

static void operand_taken(struct scan *scan)
{
	const struct command_operand *operand = operand_now(scan);

	if (operand != NULL && ++scan->taken >= operand->max) {
		scan->operand++;
		scan->taken = 0;
	}
}

static const struct command_option *option_of(const struct command *command, const char *text, size_t length)
{
	AUTO(g_free) char *name = NULL;
	const struct command_option *option;
	unsigned i;

	if (length > 2 && text[1] == '-') {
		name = g_strndup(text + 2, length - 2);
		return command_option_find(command, name);
	}
	for (i = 0; length == 2 && (option = command_option_nth(command, i)) != NULL; i++)
		if (option->letter == text[1])
			return option;
	return NULL;
}

/* At an option. True if the scan goes on behind it. */
static bool scan_option(struct scan *scan)
{
	struct context *context = scan->context;
	size_t start = scan->words.at, end = start;
	struct word word;
	bool whole;

	while (scan->line[end] != '\0' && strchr("= \t\r\n", scan->line[end]) == NULL)
		end++;
	if (end >= scan->cursor && scan->line[end] != '=') {
		context->kind = CONTEXT_OPTION;
		context->start = start;
		return false;
	}
	context->option = option_of(context->command, scan->line + start, end - start);
	if (context->option != NULL && strcmp(context->option->name, "edit") == 0)
		scan->edits = true;
	if (end - start == 2 && scan->line[start + 1] == '-')
		scan->options_over = true;
	scan->words.at = scan->line[end] == '=' ? end + 1 : end;
	if (context->option == NULL || context->option->kind == VALUE_NONE) {
		context->option = NULL;
		return true;
	}
	if (scan->line[end] != '=')
		skip_space(scan);
	if (context->option->kind == VALUE_QUERY || context->option->kind == VALUE_PREDICATE) {
		set_kql(scan, context->option->kind, context->option->completion, scan->words.at);
		return false;
	}
	context->kind = CONTEXT_VALUE;
	set_value(context, context->option->completion, context->option->kind, context->option->words);
	if (scan->words.at >= scan->cursor) {
		context->start = scan->cursor;
		return false;
	}
	whole = next_whole(scan, &word);
	if (whole)
		context->option = NULL;
	word_clear(&word);
	return whole;
}

/* Behind a sign. False: the scan is over. */
static bool scan_sign(struct scan *scan, enum word_kind kind)
{
	struct word word;
	bool whole;

	if (kind == WORD_PIPE || kind == WORD_BACKGROUND) {
		scan->context->kind = CONTEXT_NOTHING;
		return false;
	}
	scan->context->kind = CONTEXT_FILE;
	scan->context->completion = COMPLETE_FILES;
	whole = next_whole(scan, &word);
	word_clear(&word);
	if (whole)
		scan->context->kind = CONTEXT_NOTHING;
	return false;
}

static bool scan_operand(struct scan *scan)
{
	struct context *context = scan->context;
	const struct command_operand *operand = operand_now(scan);
	struct word word;
	bool whole;

	if (operand != NULL && (operand->kind == VALUE_QUERY || operand->kind == VALUE_PREDICATE)) {
		set_kql(scan, operand->kind, operand->completion, scan->words.at);
		return false;
	}
	context->kind = operand != NULL && operand->kind != VALUE_REST ? CONTEXT_OPERAND : CONTEXT_NOTHING;
	context->operand = operand;
	context->completion = COMPLETE_NOTHING;
	if (context->kind == CONTEXT_OPERAND)
		set_value(context, operand->completion, operand->kind, operand->words);
	whole = next_whole(scan, &word);
	if (whole && word.kind != WORD_TEXT)
		whole = scan_sign(scan, word.kind);
	else if (whole)
		operand_taken(scan);
	word_clear(&word);
	return whole;
}

/* In a list "a,b,c" the last part is what is typed. */
static void last_of_list(struct scan *scan)
{
	struct context *context = scan->context;
	size_t at;

	if (context->completion != COMPLETE_DEVICES && context->completion != COMPLETE_COLUMNS)
		return;
	for (at = scan->cursor; at > context->start; at--)
		if (scan->line[at - 1] == ',') {
			context->start = at;
			return;
		}
}

/* "$NAM" at the cursor, but not in single quotes. */
static void at_variable(struct scan *scan)
{
	struct context *context = scan->context;
	size_t at = scan->cursor;

	while (at > context->start && (g_ascii_isalnum(scan->line[at - 1]) || scan->line[at - 1] == '_'))
		at--;
	if (context->quote == '\'' || context->kind == CONTEXT_NOTHING)
		return;
	if (at > context->start && scan->line[at - 1] == '$')
		context->start = at;
	else if (!(context->kind == CONTEXT_KQL && at < scan->cursor && scan->line[at] == '$'))
		return;
	context->kind = CONTEXT_VARIABLE;
	context->completion = COMPLETE_VARIABLES;
}

static bool scan_command(struct scan *scan)
{
	struct context *context = scan->context;
	struct word first = { .kind = WORD_END }, second = { .kind = WORD_END };
	struct words after;
	unsigned count = 1;
	bool found = false;

	skip_space(scan);
	if (scan->line[scan->words.at] == '!') {
		context->kind = CONTEXT_NOTHING;
		return false;
	}
	context->kind = CONTEXT_COMMAND;
	context->completion = COMPLETE_COMMANDS;
	if (!next_whole(scan, &first) || first.kind != WORD_TEXT) {
		word_clear(&first);
		return false;
	}
	after = scan->words;
	if (command_is_prefix(scan->table, first.text)) {
		const struct command *const *entry;
		size_t length = strlen(first.text);

		for (entry = scan->table; context->prefix == NULL && *entry != NULL; entry++)
			if (strncmp((*entry)->name, first.text, length) == 0 && (*entry)->name[length] == ' ')
				context->prefix = g_intern_string(first.text);
		found = next_whole(scan, &second) && second.kind == WORD_TEXT;
	}
	if (context->prefix == NULL || found ||
	    (context->prefix != NULL && command_find(scan->table, first.text, NULL, &count) != NULL &&
	     scan->words.at >= scan->cursor && second.kind == WORD_END && context->start < scan->cursor))
		context->command = command_find(scan->table, first.text, found ? second.text : NULL, &count);
	if (context->command != NULL && count == 1)
		scan->words = after;
	if (context->command != NULL)
		context->prefix = NULL;
	else if (context->prefix == NULL)
		context->kind = CONTEXT_NOTHING;
	word_clear(&first);
	word_clear(&second);
	return context->command != NULL;
}

void words_context(const struct command *const *table, const char *line, size_t cursor, struct context *context)
{
	AUTO(g_free) char *copy = g_strndup(line, cursor);
	struct scan scan = { .table = table, .cursor = strlen(copy), .line = copy, .context = context };
	const struct command_operand *operand;
	bool rest;

	*context = (struct context){ .kind = CONTEXT_NOTHING };
	words_init(&scan.words, copy, NULL);
	if (scan_command(&scan)) {
		do {
			context->quote = '\0';
			context->start = scan.cursor;
			skip_space(&scan);
			operand = operand_now(&scan);
			rest = operand != NULL && operand->kind == VALUE_REST;
		} while (!scan.options_over && !rest && copy[scan.words.at] == '-' &&
				(copy[scan.words.at + 1] == '-' || copy[scan.words.at + 1] == '\0' ||
				 g_ascii_isalpha(copy[scan.words.at + 1])) ? scan_option(&scan) : scan_operand(&scan));
	}
	if (context->quote == '\0')
		last_of_list(&scan);
	at_variable(&scan);
}

bool words_kql_start(const struct command *const *table, const char *text, size_t *start, bool *bare)
{
	/* A blank behind, so that no word is taken for half-typed. */
	AUTO(g_free) char *copy = g_strconcat(text, " ", NULL);
	struct context context = { .kind = CONTEXT_NOTHING };
	struct scan scan = { .table = table, .cursor = strlen(copy), .line = copy, .context = &context };
	const struct command_operand *operand;
	bool more = true;

	words_init(&scan.words, copy, NULL);
	if (!scan_command(&scan))
		return false;
	while (more) {
		skip_space(&scan);
		operand = operand_now(&scan);
		*start = MIN(scan.words.at, strlen(text));
		*bare = text[*start] == '\0';
		if (operand != NULL && operand->kind == VALUE_REST)
			return false;
		if (!scan.options_over && copy[scan.words.at] == '-' &&
		    (copy[scan.words.at + 1] == '-' || g_ascii_isalpha(copy[scan.words.at + 1]))) {
			more = scan_option(&scan);
			if (context.completion == COMPLETE_QUERY || context.completion == COMPLETE_PREDICATE ||
			    context.completion == COMPLETE_PIPELINE ||
			    context.kind == CONTEXT_FILE) {
				skip_space(&scan);
				*start = MIN(scan.words.at, strlen(text));
				*bare = false;
				return true;
			}
			continue;
		}
		if (operand != NULL && (operand->kind == VALUE_QUERY || operand->kind == VALUE_PREDICATE))
			return !*bare || !scan.edits;
		if (*bare)
			return false;
		more = scan_operand(&scan);
	}
	return false;
}
