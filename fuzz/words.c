/* Command lines: words, their quoting, what completion makes of them, arguments, and texts split into commands. The first
 * byte says which; the commands are the program's own. */
#include "config.h"
#include "fuzz/fuzz.h"

#include "app/arguments.h"
#include "app/script.h"
#include "app/words.h"
#include "commands/table.h"

static struct variables *variables_sample(void)
{
	struct variables *variables = variables_new();

	variables_set(variables, "NAME", "value 'with' \"quotes\" and $dollar");
	variables_set(variables, "a", "");
	return variables;
}

static void check_words(const char *text, const struct variables *variables)
{
	struct error error = ERROR_INIT;
	struct words words;
	size_t length = strlen(text), end = 0;
	unsigned line, column;

	words_init(&words, text, variables);
	for (;;) {
		struct word word;
		bool fine = words_next(&words, &word, &error);

		fuzz_check(fine == (error.kind == ERROR_NONE), "an error without words, or words without an error");
		if (!fine || word.kind == WORD_END) {
			fuzz_check(fine || (error.line != 0 && error.column != 0), "a fault without its place");
			word_clear(&word);
			return;
		}
		fuzz_check(word.start >= end && word.end > word.start && word.end <= length, "words overlap");
		fuzz_check((word.kind == WORD_TEXT) == (word.text != NULL), "a sign with a text");
		words_position(text, word.start, &line, &column);
		fuzz_check(line == word.line && column == word.column, "a word at another place");
		end = word.end;
		word_clear(&word);
	}
}

/* A value that is written as a word is read as that word, and as nothing else. */
static void check_quoting(const char *value)
{
	AUTO(g_string) GString *line = g_string_new(NULL);
	struct variables *variables = variables_sample();
	struct error error = ERROR_INIT;
	struct words words;
	struct word word;

	words_append_quoted(line, value);
	words_init(&words, line->str, variables);
	fuzz_check(words_next(&words, &word, &error) && word.kind == WORD_TEXT, "'%s' is no word: %s", line->str, error.text);
	fuzz_check(strcmp(word.text, value) == 0 && word.end == line->len, "'%s' became '%s'", value, word.text);
	fuzz_check(word.quoted || (value[0] != '-' && strpbrk(value, "*?,") == NULL), "'%s' is an option or a pattern", value);
	word_clear(&word);
	variables_free(variables);
}

static void check_context(const char *text)
{
	size_t length = strlen(text), start;
	bool bare;

	for (size_t cursor = 0; cursor <= length; cursor += 1 + length / 40) {
		struct context context;

		words_context(command_table, text, cursor, &context);
		fuzz_check(context.start <= cursor, "completion begins behind the cursor");
		fuzz_check(context.kind != CONTEXT_VALUE || context.option != NULL, "a value of no option");
	}
	if (words_kql_start(command_table, text, &start, &bare))
		fuzz_check(start <= length, "KQL beyond the end");
}

static void check_arguments(const char *text, const struct variables *variables)
{
	struct error error = ERROR_INIT, fault = ERROR_INIT;
	struct arguments *arguments;

	if (strchr(text, '@') != NULL) /* would read files */
		return;
	arguments = arguments_parse(command_table, text, variables, &error);
	fuzz_check((arguments == NULL) == (error.kind != ERROR_NONE), "an error without words, or words without an error");
	if (arguments == NULL) {
		fuzz_check(error.kind == ERROR_USAGE && error.line != 0, "a usage error without its place: %s", error.text);
		return;
	}
	fuzz_check(arguments_command(arguments) != NULL, "no command");
	for (size_t i = 0; i < arguments_count(arguments); i++)
		fuzz_check(arguments_operand(arguments, i) != NULL && arguments_operand_column(arguments, i) != 0, "no operand");
	if (arguments_kql(arguments) != NULL)
		for (unsigned column = 1; column < 40; column += 3) {
			error_clear(&fault);
			error_set(&fault, ERROR_USAGE, "x");
			error_at(&fault, NULL, 1 + column % 4, column);
			arguments_kql_error(arguments, &fault);
			fuzz_check(fault.line != 0, "the place was lost");
		}
	arguments_free(arguments);
}

static void check_kql(const char *text, const struct variables *variables)
{
	size_t program, end = words_kql_end(text, &program);
	AUTO(g_array_unref) GArray *shifts = g_array_new(FALSE, FALSE, sizeof(struct kql_shift));
	AUTO(g_free) char *replaced = words_kql_replace(text, variables, shifts);
	AUTO(g_free) char *same = words_kql_replace(text, NULL, NULL);
	AUTO(g_free) char *whole = words_unquote_whole(text);

	fuzz_check(end <= strlen(text) && program <= strlen(text) && (program == 0 || program >= end + 2), "KQL ends nowhere");
	fuzz_check(strcmp(same, text) == 0, "replaced without variables");
	for (guint i = 0; i < shifts->len; i++)
		fuzz_check(g_array_index(shifts, struct kql_shift, i).at <= strlen(replaced), "a shift beyond the end");
}

static void check_script(const char *text)
{
	struct error error = ERROR_INIT;
	struct script *script = script_split(command_table, text, SOURCE_FILE, "file", &error);
	unsigned line = 0;

	fuzz_check((script == NULL) == (error.kind != ERROR_NONE), "an error without words, or words without an error");
	script_wants_more(command_table, text);
	if (script == NULL) {
		fuzz_check(error.line != 0 && strcmp(error.file, "file") == 0, "a fault without its place: %s", error.text);
		return;
	}
	for (guint i = 0; i < script->commands->len; i++) {
		const struct script_command *command = g_ptr_array_index(script->commands, i);

		fuzz_check(command->line > line && command->text[0] != '\0', "commands out of order");
		line = command->line;
		fuzz_check(strchr(command->text, '\n') == NULL || strlen(command->text) <= strlen(text), "a command grew");
	}
	script_free(script);
}

FUZZ_TARGET(words)
{
	uint8_t mode = fuzz_byte(&data, &size);
	AUTO(g_free) char *text = g_strndup((const char *)data, size);
	struct variables *variables = variables_sample();

	switch (mode % 5) {
	case 0:
		check_words(text, variables);
		check_words(text, NULL);
		check_quoting(text);
		break;
	case 1: check_context(text); break;
	case 2: check_arguments(text, variables); break;
	case 3: check_kql(text, variables); break;
	default: check_script(text);
	}
	variables_free(variables);
	return 0;
}
