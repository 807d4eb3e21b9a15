#include "config.h"
#include "shell/block.h"

#include <string.h>

#include <glib.h>

#include "app/ask.h"
#include "app/output.h"
#include "app/words.h"
#include "core/auto.h"

#define BLOCK_CHANGES (COMMAND_ACTS | COMMAND_CONFIRMS | COMMAND_CHANGES_TENANT)

bool block_is_kql(const struct command *const *table, const char *text)
{
	AUTO(g_free) char *first = g_strndup(text, strcspn(text, "\n"));
	size_t start, program;
	bool bare;

	if (!words_kql_start(table, first, &start, &bare) || bare)
		return false;
	if (text[start] == '@' && text[start + 1] != '\'' && text[start + 1] != '"')
		return false;
	words_kql_end(text + start, &program);
	return program == 0;
}

static const struct command *block_command(const struct command *const *table, const char *text)
{
	const struct command *command = NULL;
	struct words words;
	struct word first, second = { .kind = WORD_END };
	unsigned count;

	words_init(&words, text, NULL);
	if (words_next(&words, &first, NULL) && first.kind == WORD_TEXT) {
		if (!words_next(&words, &second, NULL))
			word_clear(&second);
		command = command_find(table, first.text, second.kind == WORD_TEXT ? second.text : NULL, &count);
		word_clear(&second);
	}
	word_clear(&first);
	return command;
}

static const char *block_text(const struct script *script, guint index)
{
	return ((const struct script_command *)script->commands->pdata[index])->text;
}

bool block_is_one(const struct command *const *table, const struct script *script)
{
	if (script->commands->len < 2 || !block_is_kql(table, block_text(script, 0)))
		return false;
	for (guint i = 1; i < script->commands->len; i++)
		if (block_command(table, block_text(script, i)) == NULL)
			return true;
	return false;
}

/* Asks before the first command runs, if one of them changes the tenant. */
static bool block_confirm(struct session *session, const struct script *script, struct error *error)
{
	AUTO(g_free) char *question = NULL;
	unsigned changing = 0;

	for (guint i = 0; i < script->commands->len; i++) {
		const struct command *command = block_command(session->commands, block_text(script, i));

		if (command != NULL && (command->flags & BLOCK_CHANGES) != 0)
			changing++;
	}
	if (changing == 0)
		return true;
	question = g_strdup_printf("%u commands were pasted, %u of them act. Run them? (yes/no) ",
		script->commands->len, changing);
	return ask_confirm(session, question, "yes", error);
}

void block_run(struct session *session, const char *text)
{
	AUTO(g_ptr_array_unref) GPtrArray *scripts = g_ptr_array_new();
	AUTO(script_free) struct script *script = NULL;
	struct error error = ERROR_INIT;

	script = script_split(session->commands, text, SOURCE_TTY, NULL, &error);
	/* What cannot even be split is told by the command that it would be. */
	if (script == NULL || block_is_one(session->commands, script)) {
		session_run_line(session, text, SOURCE_TTY, NULL, 0);
		return;
	}
	if (script->commands->len == 1)
		session_run_line(session, block_text(script, 0), SOURCE_TTY, NULL, 0);
	if (script->commands->len < 2)
		return;
	g_ptr_array_add(scripts, script);
	if (script_check(session, scripts, &error) && block_confirm(session, script, &error))
		script_run(session, script);
	if (error.kind != ERROR_NONE)
		session_fault(session, &error);
}
