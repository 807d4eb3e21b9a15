#include "config.h"
#include "app/arguments_internal.h"

#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "kql/predicate.h"

/* A parse under way. */
struct parse {
	struct arguments *arguments;
	const struct command *const *table;
	const struct variables *variables;
	struct words words;
	unsigned operand; /* index of the entry's operand that the next word belongs to */
	unsigned taken;   /* words it has so far */
	bool options_over; /* after -- */
	bool done;
};

static bool fail(const struct parse *parse, size_t offset, struct error *error)
{
	unsigned line, column;

	words_position(parse->arguments->line, offset, &line, &column);
	error_at(error, NULL, line + 1, column);
	return false;
}

static void hint_usage(const struct parse *parse, struct error *error)
{
	AUTO(g_free) char *usage = command_usage(parse->arguments->command);

	error_hint(error, "usage: %s", usage);
}

static bool query_file(struct arguments *arguments, const char *path, struct error *error)
{
	AUTO(g_free) char *bytes = NULL;
	size_t length;

	if (!file_read(path, KQL_TEXT_LIMIT, &bytes, &length, error))
		return false;
	if (strlen(bytes) != length || !g_utf8_validate(bytes, -1, NULL)) {
		error_set(error, ERROR_USAGE, "'%s' is not UTF-8 text", path);
		return false;
	}
	arguments->kql_file = g_strdup(path);
	arguments->kql_raw = g_strdup(g_str_has_prefix(bytes, "\xEF\xBB\xBF") ? bytes + 3 : bytes);
	return true;
}

static void skip_space(struct parse *parse)
{
	const char *text = parse->words.text;

	while (text[parse->words.at] != '\0' && strchr(" \t\r\n", text[parse->words.at]) != NULL)
		parse->words.at++;
}

/* The rest of the line is KQL. */
static bool take_kql(struct parse *parse, enum value_kind kind, const char *what, struct error *error)
{
	struct arguments *arguments = parse->arguments;
	AUTO(g_free) char *text = NULL;
	char *inner;
	size_t start, program, length;

	skip_space(parse);
	start = parse->words.at;
	length = words_kql_end(parse->words.text + start, &program);
	if (program > 0) {
		arguments->program = g_strchomp(g_strdup(parse->words.text + start + program));
		if (arguments->program[0] == '\0') {
			error_set(error, ERROR_USAGE, "no program follows '|>'");
			return fail(parse, start + length + strspn(parse->words.text + start + length, " \t\r\n"), error);
		}
	}
	text = g_strndup(parse->words.text + start, length);
	if (length == 0) {
		error_set(error, ERROR_USAGE, "%s is missing", what);
		hint_usage(parse, error);
		return fail(parse, start, error);
	}
	arguments->kql_start = start;
	inner = words_unquote_whole(text);
	if (inner != NULL) {
		arguments->kql_raw = inner;
		arguments->kql_start++;
	} else if (kind == VALUE_QUERY && text[0] == '@') {
		if (!query_file(arguments, text + 1, error))
			return fail(parse, start, error);
	} else {
		arguments->kql_raw = AUTO_STEAL(text);
	}
	arguments->kql = words_kql_replace(arguments->kql_raw, parse->variables, arguments->kql_shifts);
	parse->done = true;
	return true;
}

/* The words of a remark are not looked into, but for its variables; one quoted word is unquoted as any. */
static char *rest_text(struct parse *parse, const char *text, struct error *error)
{
	AUTO(g_string) GString *quoted = NULL;
	AUTO(g_free) char *whole = words_unquote_whole(text);
	struct words words;
	struct word word;
	char *value = NULL;

	if (whole != NULL && text[0] == '\'')
		return AUTO_STEAL(whole);
	quoted = g_string_new("\"");
	for (const char *at = whole != NULL ? whole : text; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\')
			g_string_append_c(quoted, '\\');
		g_string_append_c(quoted, *at);
	}
	g_string_append_c(quoted, '"');
	words_init(&words, quoted->str, parse->variables);
	if (words_next(&words, &word, error))
		value = g_strdup(word.text);
	word_clear(&word);
	return value;
}

static bool take_rest(struct parse *parse, const char *what, struct error *error)
{
	AUTO(g_free) char *text = NULL;
	size_t start;

	skip_space(parse);
	start = parse->words.at;
	text = g_strchomp(g_strdup(parse->words.text + start));
	if (text[0] == '\0') {
		error_set(error, ERROR_USAGE, "%s is missing", what);
		hint_usage(parse, error);
		return fail(parse, start, error);
	}
	/* What a shell gets keeps its quotes and its variables. */
	parse->arguments->rest = parse->arguments->command->flags & COMMAND_SHELL ? AUTO_STEAL(text) :
		rest_text(parse, text, error);
	if (parse->arguments->rest == NULL)
		return fail(parse, start, error);
	parse->done = true;
	return true;
}

static const struct command_option *option_by_letter(const struct command *command, char letter)
{
	const struct command_option *option;
	unsigned i;

	for (i = 0; (option = command_option_nth(command, i)) != NULL; i++)
		if (option->letter == letter)
			return option;
	return NULL;
}

static bool unknown_option(const struct parse *parse, size_t start, const char *name, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *names = g_ptr_array_new();
	const struct command_option *option;
	const char *near;
	unsigned i;

	for (i = 0; (option = command_option_nth(parse->arguments->command, i)) != NULL; i++)
		g_ptr_array_add(names, (void *)option->name);
	g_ptr_array_add(names, NULL);
	error_set(error, ERROR_USAGE, "'%s' has no option '%s'", parse->arguments->command->name, name);
	near = text_nearest(name + strspn(name, "-"), (const char *const *)names->pdata);
	if (near != NULL)
		error_hint(error, "did you mean '--%s'?", near);
	else
		hint_usage(parse, error);
	return fail(parse, start, error);
}

/* The value of an option: the word at the lexer's place, which must touch it if joined. */
static bool option_value(struct parse *parse, struct value *value, size_t start, bool joined, struct error *error)
{
	const struct command_option *option = value->option;
	AUTO(g_free) char *what = g_strdup_printf("the value of '--%s'", option->name);
	struct word word;
	bool ok;

	if (option->kind == VALUE_QUERY || option->kind == VALUE_PREDICATE)
		return take_kql(parse, option->kind, what, error);
	if (!words_next(&parse->words, &word, error)) {
		word_clear(&word);
		return false;
	}
	if (word.kind != WORD_TEXT || (joined && word.start != start) ||
	    (!joined && !word.quoted && strncmp(word.text, "--", 2) == 0)) {
		word_clear(&word);
		error_set(error, ERROR_USAGE, "option '--%s' wants %s", option->name, option->argument);
		return fail(parse, value->column > 0 ? start : 0, error);
	}
	value->text = word.text;
	value->quoted = word.quoted;
	value->column = word.column;
	value->line = word.line + 1;
	ok = value_read(value, option->kind, option->words, what, error);
	return ok ? true : fail(parse, word.start, error);
}

static bool option_add(struct parse *parse, const struct command_option *option, size_t start, size_t after,
	bool joined, struct error *error)
{
	struct arguments *arguments = parse->arguments;
	struct value value = { .option = option };
	unsigned line;
	bool ok = true;

	words_position(arguments->line, start, &line, &value.column);
	value.line = line + 1;
	if (arguments_has(arguments, option->name)) {
		error_set(error, ERROR_USAGE, "option '--%s' is given twice", option->name);
		return fail(parse, start, error);
	}
	if (option->kind == VALUE_NONE && joined) {
		error_set(error, ERROR_USAGE, "option '--%s' takes no value", option->name);
		return fail(parse, start, error);
	}
	parse->words.at = after;
	if (option->kind != VALUE_NONE)
		ok = option_value(parse, &value, joined ? after : start, joined, error);
	g_array_append_val(arguments->options, value);
	return ok;
}

/* The lexer is at a word that begins with '-' and a letter or second '-'. */
static bool take_option(struct parse *parse, struct error *error)
{
	const char *text = parse->words.text;
	size_t start = parse->words.at, end = start + 1;
	const struct command_option *option;
	AUTO(g_free) char *name = NULL;

	if (text[end] == '-') {
		for (end++; g_ascii_isalnum(text[end]) || text[end] == '-'; end++)
			;
		name = g_strndup(text + start, end - start);
		if (strcmp(name, "--") == 0 && (text[end] == '\0' || strchr(" \t\r\n", text[end]) != NULL)) {
			parse->options_over = true;
			parse->words.at = end;
			return true;
		}
		if (strcmp(name, "--help") == 0) {
			parse->arguments->help = true;
			parse->words.at = end;
			return true;
		}
		option = command_option_find(parse->arguments->command, name + 2);
		if (option == NULL || (text[end] != '\0' && strchr("= \t\r\n>|", text[end]) == NULL))
			return unknown_option(parse, start, name, error);
		return option_add(parse, option, start, text[end] == '=' ? end + 1 : end, text[end] == '=', error);
	}
	name = g_strndup(text + start, 2);
	option = option_by_letter(parse->arguments->command, text[start + 1]);
	if (option == NULL)
		return unknown_option(parse, start, name, error);
	end = start + 2;
	return option_add(parse, option, start, end, text[end] != '\0' && strchr(" \t\r\n>|", text[end]) == NULL, error);
}

static const struct command_operand *next_operand(const struct parse *parse)
{
	const struct command_operand *operand = &parse->arguments->command->operands[parse->operand];

	return parse->operand < COMMAND_OPERANDS && operand->name != NULL ? operand : NULL;
}

static bool take_operand(struct parse *parse, struct word *word, struct error *error)
{
	const struct command_operand *operand = next_operand(parse);
	struct value value = { .text = word->text, .quoted = word->quoted, .line = word->line + 1,
		.column = word->column };
	AUTO(g_free) char *what = operand != NULL ? g_strdup(operand->name) : NULL;

	if (operand == NULL) {
		error_set(error, ERROR_USAGE, "'%s' takes no further word: '%s'", parse->arguments->command->name,
			word->text);
		hint_usage(parse, error);
		return fail(parse, word->start, error);
	}
	word->text = NULL;
	if (!value_read(&value, operand->kind, operand->words, what, error)) {
		g_free(value.text);
		return fail(parse, word->start, error);
	}
	g_array_append_val(parse->arguments->operands, value);
	if (++parse->taken >= operand->max) {
		parse->operand++;
		parse->taken = 0;
	}
	return true;
}

/* After > or >>: the file's name, then at most a &. */
static bool take_file(struct parse *parse, const struct word *sign, struct error *error)
{
	struct word word;

	if (!words_next(&parse->words, &word, error)) {
		word_clear(&word);
		return false;
	}
	if (word.kind != WORD_TEXT || word.text[0] == '\0') {
		word_clear(&word);
		error_set(error, ERROR_USAGE, "no file follows '%s'", sign->kind == WORD_APPEND ? ">>" : ">");
		return fail(parse, sign->start, error);
	}
	parse->arguments->append = sign->kind == WORD_APPEND;
	parse->arguments->file = word.text;
	return true;
}

static bool take_sign(struct parse *parse, const struct word *word, struct error *error)
{
	struct arguments *arguments = parse->arguments;

	if (word->kind == WORD_BACKGROUND) {
		arguments->background = true;
		return true;
	}
	if (arguments->file != NULL) {
		error_set(error, ERROR_USAGE, "the output can go to one place only");
		return fail(parse, word->start, error);
	}
	if (word->kind != WORD_PIPE)
		return take_file(parse, word, error);
	arguments->program = g_strstrip(g_strdup(parse->words.text + parse->words.at));
	if (arguments->program[0] == '\0') {
		error_set(error, ERROR_USAGE, "no program follows '|'");
		return fail(parse, word->start, error);
	}
	parse->done = true;
	return true;
}

/* Whether an option may begin here: '-' and then a letter or '-'. */
static bool at_option(const struct parse *parse)
{
	const char *at = parse->words.text + parse->words.at;
	const struct command *command = parse->arguments->command;
	const struct command_operand *operand = &command->operands[0];

	if (parse->options_over || at[0] != '-' || parse->arguments->file != NULL)
		return false;
	if (operand->name != NULL && operand->kind == VALUE_REST && command_option_nth(command, 0) == NULL)
		return strcmp(at, "--help") == 0;
	return at[1] == '-' || g_ascii_isalpha(at[1]);
}

static bool take_next(struct parse *parse, struct error *error)
{
	const struct command_operand *operand = next_operand(parse);
	struct words ahead;
	struct word word;
	bool ok;

	skip_space(parse);
	if (at_option(parse))
		return take_option(parse, error);
	if (operand != NULL && parse->words.text[parse->words.at] != '\0' &&
	    (operand->kind == VALUE_QUERY || operand->kind == VALUE_PREDICATE))
		return take_kql(parse, operand->kind, operand->name, error);
	if (operand != NULL && operand->kind == VALUE_REST && parse->words.text[parse->words.at] != '\0')
		return take_rest(parse, operand->name, error);
	ahead = parse->words;
	ok = words_next(&parse->words, &word, error);
	if (ok && word.kind == WORD_TEXT && parse->arguments->file != NULL) {
		error_set(error, ERROR_USAGE, "'%s' stands after the output's file", word.text);
		ok = fail(parse, word.start, error);
	} else if (ok && word.kind == WORD_TEXT) {
		/* A comment may have stood between: an option behind it is one, too. */
		if (!word.quoted && word.start > ahead.at && word.text[0] == '-') {
			parse->words.at = word.start;
			ok = at_option(parse) ? take_option(parse, error) : take_operand(parse, &word, error);
		} else {
			ok = take_operand(parse, &word, error);
		}
	} else if (ok && word.kind == WORD_END) {
		parse->done = true;
	} else if (ok) {
		ok = take_sign(parse, &word, error);
	}
	word_clear(&word);
	return ok;
}

static bool unknown_command(const struct parse *parse, const struct word *first, const struct word *second,
	struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *names = g_ptr_array_new();
	const struct command *const *entry;
	size_t length = strlen(first->text);
	const char *near;

	if (!command_is_prefix(parse->table, first->text)) {
		error_set(error, ERROR_USAGE, "unknown command '%s'", first->text);
		near = command_nearest(parse->table, first->text);
		if (near != NULL)
			error_hint(error, "did you mean '%s'?", near);
		else
			error_hint(error, "'help' lists the commands");
		return fail(parse, first->start, error);
	}
	for (entry = parse->table; *entry != NULL; entry++)
		if (strncmp((*entry)->name, first->text, length) == 0 && (*entry)->name[length] == ' ')
			g_ptr_array_add(names, (void *)((*entry)->name + length + 1));
	g_ptr_array_add(names, NULL);
	AUTO(g_free) char *all = g_strjoinv(", ", (char **)names->pdata);
	if (second == NULL) {
		error_set(error, ERROR_USAGE, "'%s' wants one of: %s", first->text, all);
		return fail(parse, first->start, error);
	}
	error_set(error, ERROR_USAGE, "'%s %s' is unknown; '%s' wants one of: %s", first->text, second->text, first->text,
		all);
	near = text_nearest(second->text, (const char *const *)names->pdata);
	if (near != NULL)
		error_hint(error, "did you mean '%s %s'?", first->text, near);
	return fail(parse, second->start, error);
}

static bool find_two_words(struct parse *parse, const struct word *first, struct error *error)
{
	struct words after_first = parse->words;
	struct word second = { .kind = WORD_END };
	unsigned count = 1;
	bool has_second;

	/* Only a peek: what is wrong with the second word is told when it is parsed. */
	has_second = command_is_prefix(parse->table, first->text) && words_next(&parse->words, &second, NULL) &&
		second.kind == WORD_TEXT;
	parse->arguments->command = command_find(parse->table, first->text, has_second ? second.text : NULL, &count);
	if (count == 1)
		parse->words = after_first;
	if (parse->arguments->command == NULL)
		unknown_command(parse, first, has_second ? &second : NULL, error);
	word_clear(&second);
	return parse->arguments->command != NULL;
}

static bool find_command(struct parse *parse, struct error *error)
{
	struct word first;
	unsigned count;
	bool ok;

	skip_space(parse);
	if (parse->words.text[parse->words.at] == '!') {
		parse->arguments->command = command_find(parse->table, "!", NULL, &count);
		parse->words.at++;
		if (parse->arguments->command != NULL)
			return true;
	}
	ok = words_next(&parse->words, &first, error);
	if (ok && first.kind != WORD_TEXT) {
		error_set(error, ERROR_USAGE, first.kind == WORD_END ? "there is no command" :
			"a command begins with its name");
		ok = fail(parse, first.start, error);
	}
	ok = ok && find_two_words(parse, &first, error);
	word_clear(&first);
	return ok;
}

/* Operands that the entry wants and that did not come. */
static bool check_missing(const struct parse *parse, struct error *error)
{
	const struct arguments *arguments = parse->arguments;
	const struct command_operand *operand = next_operand(parse);

	if (arguments->help || operand == NULL || arguments->kql != NULL || arguments->rest != NULL)
		return true;
	if (parse->taken < operand->min) {
		error_set(error, ERROR_USAGE, "%s is missing", operand->name);
		hint_usage(parse, error);
		return fail(parse, strlen(arguments->line), error);
	}
	return true;
}

struct arguments *arguments_parse(const struct command *const *table, const char *text,
	const struct variables *variables, struct error *error)
{
	AUTO(arguments_free) struct arguments *arguments = arguments_make(text);
	struct parse parse = { .arguments = arguments, .table = table, .variables = variables };

	if (strlen(text) > 4 * KQL_TEXT_LIMIT || !g_utf8_validate(text, -1, NULL)) {
		error_set(error, ERROR_USAGE, strlen(text) > 4 * KQL_TEXT_LIMIT ? "the command is too long" :
			"the command is not UTF-8 text");
		error_at(error, NULL, 1, 1);
		return NULL;
	}
	words_init(&parse.words, arguments->line, variables);
	if (!find_command(&parse, error))
		return NULL;
	while (!parse.done)
		if (!take_next(&parse, error))
			return NULL;
	if (!check_missing(&parse, error))
		return NULL;
	return AUTO_STEAL(arguments);
}
