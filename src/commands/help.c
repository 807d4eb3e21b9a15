#include "config.h"
#include "commands/entries.h"

#include <string.h>

#include "app/arguments.h"
#include "app/dispatch.h"
#include "app/result.h"
#include "app/session.h"
#include "app/settings.h"
#include "commands/topics.h"
#include "core/text.h"

static void append_commands(const struct session *session, GString *out, enum command_group group)
{
	const struct command *const *entry;

	g_string_append_printf(out, "%s:\n", command_group_titles[group]);
	for (entry = session->commands; *entry != NULL; entry++)
		if ((*entry)->group == group)
			g_string_append_printf(out, "  %-14s%s\n", (*entry)->name, (*entry)->summary);
	g_string_append_c(out, '\n');
}

static void append_overview(const struct session *session, GString *out)
{
	static const enum command_group order[] = { GROUP_SELECT, GROUP_LOOK, GROUP_ACT, GROUP_JOBS, GROUP_LOG,
		GROUP_SESSION };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(order); i++)
		append_commands(session, out, order[i]);
	g_string_append(out, "help COMMAND tells more of one.\nhelp TOPIC tells of:");
	for (i = 0; help_topics[i].name != NULL; i++)
		g_string_append_printf(out, "%s %s", i > 0 ? "," : "", help_topics[i].name);
	g_string_append(out, ".\n");
}

static bool append_topic(GString *out, const char *name)
{
	const struct help_topic *topic;

	for (topic = help_topics; topic->name != NULL; topic++)
		if (strcmp(topic->name, name) == 0) {
			g_string_append(out, topic->text);
			return true;
		}
	return false;
}

static bool append_prefix(const struct session *session, GString *out, const char *word)
{
	const struct command *const *entry;
	size_t length = strlen(word);
	bool any = false;

	for (entry = session->commands; *entry != NULL; entry++)
		if (strncmp((*entry)->name, word, length) == 0 && (*entry)->name[length] == ' ') {
			g_string_append_printf(out, "  %-14s%s\n", (*entry)->name, (*entry)->summary);
			any = true;
		}
	return any;
}

static bool help_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	const char *first = arguments_operand(arguments, 0), *second = arguments_operand(arguments, 1), *near;
	GString *out = result_text(result);
	const struct command *command;
	unsigned words;

	if (first == NULL) {
		append_overview(session, out);
		return true;
	}
	command = command_find(session->commands, first, second, &words);
	if (command != NULL && (second == NULL || words == 2)) {
		dispatch_help(command, out);
		if (second == NULL && command_is_prefix(session->commands, first)) {
			g_string_append(out, "\nSee also:\n");
			append_prefix(session, out, first);
		}
		return true;
	}
	if (second == NULL && (append_topic(out, first) || append_prefix(session, out, first)))
		return true;
	near = command_nearest(session->commands, first);
	error_set(error, ERROR_USAGE, "there is no command or topic '%s%s%s'", first, second != NULL ? " " : "",
		second != NULL ? second : "");
	if (near != NULL)
		error_hint(error, "did you mean 'help %s'?", near);
	return false;
}

static const char *const help_aliases[] = { "?", NULL };
const struct command command_help = {
	.name = "help", .aliases = help_aliases, .group = GROUP_SESSION, .summary = "list commands, or explain one",
	.operands = { { "COMMAND", VALUE_TEXT, 0, 2, COMPLETE_COMMANDS, NULL, "a command or a topic" } },
	.run = help_run,
};
