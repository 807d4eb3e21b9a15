#include "config.h"
#include "app/script.h"

#include <string.h>

#include "app/words.h"
#include "core/file.h"
#include "kql/lexer.h"
#include "kql/predicate.h"

static void script_command_free(void *data)
{
	struct script_command *command = data;

	g_free(command->text);
	g_free(command->comments);
	g_free(command);
}

void script_free(struct script *script)
{
	if (script == NULL)
		return;
	g_free(script->file);
	g_free(script->trailing);
	g_ptr_array_unref(script->commands);
	g_free(script);
}

/* The lines of a text, one after the other. */
struct lines {
	const char *at;
	unsigned number; /* of the line that next() gives */
};

static char *next_line(struct lines *lines)
{
	size_t length = strcspn(lines->at, "\n");
	char *line = g_strndup(lines->at, length);

	lines->at += length + (lines->at[length] == '\n' ? 1 : 0);
	lines->number++;
	length = strlen(line);
	if (length > 0 && line[length - 1] == '\r')
		line[length - 1] = '\0';
	return line;
}

static const char *blanks_over(const char *text)
{
	return text + strspn(text, " \t");
}

static bool is_end_mark(const char *line)
{
	line = blanks_over(line);
	return line[0] == ';' && blanks_over(line + 1)[0] == '\0';
}

/* Whether KQL that begins at kql wants the following line, too. */
static bool kql_goes_on(const char *kql, const char *following)
{
	size_t program;

	if (kql[0] == '@' && kql[1] != '\'' && kql[1] != '"')
		return false;
	words_kql_end(kql, &program);
	if (program > 0)
		return false;
	return !kql_text_is_complete(kql) || blanks_over(following)[0] == '|';
}

/* Reads the lines that belong to text, which begins with a command that takes KQL from start on. */
static bool read_kql(struct lines *lines, GString *text, size_t start, bool bare, struct error *error)
{
	for (;;) {
		struct lines ahead = *lines;
		AUTO(g_free) char *line = NULL;

		if (*lines->at == '\0') {
			if (!bare)
				return true;
			error_set(error, ERROR_USAGE, "no line holding only ';' ends the KQL text");
			return false;
		}
		line = next_line(&ahead);
		if (bare ? is_end_mark(line) : !kql_goes_on(text->str + start, line)) {
			if (bare)
				*lines = ahead;
			return true;
		}
		*lines = ahead;
		g_string_append_printf(text, "\n%s", line);
		/* Each line looks at the text so far again. */
		if (text->len - start > KQL_TEXT_LIMIT)
			return error_set(error, ERROR_USAGE, "the KQL text is longer than %d bytes", KQL_TEXT_LIMIT);
	}
}

static void add_command(struct script *script, GString *text, GString *comments, unsigned line)
{
	struct script_command *command = g_new0(struct script_command, 1);

	command->text = g_strdup(text->str);
	command->comments = g_strdup(comments->str);
	command->line = line;
	g_string_truncate(comments, 0);
	g_ptr_array_add(script->commands, command);
}

static bool check_text(const char *text, size_t length, struct error *error)
{
	const char *end;
	unsigned line, column;

	if (strlen(text) != length) {
		words_position(text, strlen(text), &line, &column);
		error_set(error, ERROR_USAGE, "the text holds a NUL byte");
		error_at(error, NULL, line + 1, column);
		return false;
	}
	if (!g_utf8_validate(text, -1, &end)) {
		words_position(text, (size_t)(end - text), &line, &column);
		error_set(error, ERROR_USAGE, "the text is not UTF-8");
		error_at(error, NULL, line + 1, column);
		return false;
	}
	return true;
}

static struct script *script_new(enum command_source source, const char *file)
{
	struct script *script = g_new0(struct script, 1);

	script->source = source;
	script->file = g_strdup(file);
	script->commands = g_ptr_array_new_with_free_func(script_command_free);
	return script;
}

static bool split(const struct command *const *table, struct script *script, const char *text, struct error *error)
{
	struct lines lines = { .at = text, .number = 0 };
	AUTO(g_string) GString *comments = g_string_new(NULL);

	while (*lines.at != '\0') {
		AUTO(g_free) char *line = next_line(&lines);
		AUTO(g_string) GString *whole = NULL;
		unsigned number = lines.number;
		size_t start;
		bool bare;

		if (*blanks_over(line) == '\0') {
			if (comments->len > 0)
				g_string_append_c(comments, '\n');
			continue;
		}
		if (*blanks_over(line) == '#') {
			g_string_append_printf(comments, "%s\n", blanks_over(line));
			continue;
		}
		whole = g_string_new(line);
		if (words_kql_start(table, line, &start, &bare) && !read_kql(&lines, whole, start, bare, error)) {
			error_at(error, NULL, number, 1);
			return false;
		}
		add_command(script, whole, comments, number);
	}
	script->trailing = g_strdup(comments->str);
	return true;
}

struct script *script_split(const struct command *const *table, const char *text, enum command_source source,
	const char *file, struct error *error)
{
	AUTO(script_free) struct script *script = script_new(source, file);
	struct error fault = ERROR_INIT;

	if (g_str_has_prefix(text, "\xEF\xBB\xBF"))
		text += 3;
	if (!check_text(text, strlen(text), &fault) || !split(table, script, text, &fault)) {
		error_at(&fault, file, fault.line, fault.column);
		error_copy(error, &fault);
		return NULL;
	}
	return AUTO_STEAL(script);
}

struct script *script_read(const struct command *const *table, const char *path, enum command_source source,
	struct error *error)
{
	AUTO(g_free) char *bytes = NULL;
	struct error fault = ERROR_INIT;
	size_t length;

	if (!file_read(path, SCRIPT_LIMIT, &bytes, &length, &fault) || !check_text(bytes, length, &fault)) {
		if (fault.kind == ERROR_FAILED)
			fault.kind = ERROR_USAGE;
		if (fault.line > 0)
			error_at(&fault, path, fault.line, fault.column);
		error_copy(error, &fault);
		return NULL;
	}
	return script_split(table, bytes, source, path, error);
}

bool script_wants_more(const struct command *const *table, const char *text)
{
	size_t start, program;
	bool bare;

	AUTO(g_free) char *first = g_strndup(text, strcspn(text, "\n"));

	if (*blanks_over(first) == '#' || !words_kql_start(table, first, &start, &bare))
		return false;
	if (bare) {
		/* More commands may stand behind the end in a pasted block. */
		while ((text = strchr(text, '\n')) != NULL) {
			AUTO(g_free) char *line = g_strndup(text + 1, strcspn(text + 1, "\n"));

			text++;
			if (is_end_mark(line))
				return false;
		}
		return true;
	}
	if (text[start] == '@' && text[start + 1] != '\'' && text[start + 1] != '"')
		return false;
	words_kql_end(text + start, &program);
	return program == 0 && !kql_text_is_complete(text + start);
}
