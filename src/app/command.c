#include "config.h"
#include "app/command.h"

#include <string.h>

#include <glib.h>

#include "app/arguments.h"
#include "core/auto.h"
#include "core/text.h"
#include "defender/defender.h"

const char *const command_group_titles[GROUP_COUNT] = {
	[GROUP_SESSION] = "Session",
	[GROUP_SELECT] = "Select devices",
	[GROUP_LOOK] = "Look",
	[GROUP_ACT] = "Act",
	[GROUP_JOBS] = "Jobs",
	[GROUP_LOG] = "Session log",
};

const struct command_option command_act_options[] = {
	{ "comment", 'c', VALUE_TEXT, "TEXT", COMPLETE_NOTHING, NULL, "why; kept in the customer's audit trail" },
	{ "dry-run", 'n', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "print the plan, send nothing" },
	{ "wait", 'w', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "then wait for the final state of every device" },
	{ "limit", '\0', VALUE_NUMBER, "N", COMPLETE_NOTHING, NULL, "only the first N devices; the rest are outside the job" },
	{ "order", '\0', VALUE_TEXT, "COLUMN", COMPLETE_COLUMNS, NULL, "send in the order of this column, not by risk" },
	{ "canary", '\0', VALUE_NUMBER, "N", COMPLETE_NOTHING, NULL,
		"send to N devices first, to the others only if those went well" },
	{ "expect", '\0', VALUE_RANGE, "COUNT", COMPLETE_NOTHING, NULL,
		"refuse unless the working set has N or LOW..HIGH devices" },
	{ "include-protected", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "also protected devices; asks for it by name" },
	{ "force", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "send also where it is already so" },
	{ "yes", 'y', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "in batch: ask nothing" },
	{ .name = NULL },
};

static bool name_is(const struct command *command, const char *name)
{
	const char *const *alias;

	if (strcmp(command->name, name) == 0)
		return true;
	for (alias = command->aliases; alias != NULL && *alias != NULL; alias++)
		if (strcmp(*alias, name) == 0)
			return true;
	return false;
}

const struct command *command_find(const struct command *const *table, const char *first, const char *second,
	unsigned *words)
{
	AUTO(g_free) char *both = second != NULL ? g_strdup_printf("%s %s", first, second) : NULL;
	const struct command *const *entry;

	for (entry = table; both != NULL && *entry != NULL; entry++)
		if (name_is(*entry, both)) {
			*words = 2;
			return *entry;
		}
	for (entry = table; *entry != NULL; entry++)
		if (name_is(*entry, first)) {
			*words = 1;
			return *entry;
		}
	return NULL;
}

bool command_is_prefix(const struct command *const *table, const char *word)
{
	size_t length = strlen(word);

	for (; *table != NULL; table++)
		if (strncmp((*table)->name, word, length) == 0 && (*table)->name[length] == ' ')
			return true;
	return false;
}

const struct command_option *command_option_nth(const struct command *command, unsigned index)
{
	const struct command_option *option = command->options;

	for (; option != NULL && option->name != NULL; option++)
		if (index-- == 0)
			return option;
	if (!(command->flags & COMMAND_ACTS))
		return NULL;
	for (option = command_act_options; option->name != NULL; option++)
		if (index-- == 0)
			return option;
	return NULL;
}

const struct command_option *command_option_find(const struct command *command, const char *name)
{
	const struct command_option *option;
	unsigned i;

	for (i = 0; (option = command_option_nth(command, i)) != NULL; i++)
		if (strcmp(option->name, name) == 0)
			return option;
	return NULL;
}

bool command_is_disruptive(const struct command *command)
{
	const struct defender_action_kind *kind =
		command->action != NULL ? defender_action_kind(command->action) : NULL;

	return kind != NULL && kind->disruptive;
}

bool command_needs_comment(const struct command *command)
{
	return (command->flags & COMMAND_ACTS) != 0 && command->action != NULL;
}

const char *command_nearest(const struct command *const *table, const char *word)
{
	AUTO(g_ptr_array_unref) GPtrArray *names = g_ptr_array_new();
	const char *const *alias;

	for (; *table != NULL; table++) {
		const char *blank = strchr((*table)->name, ' ');

		g_ptr_array_add(names, (void *)(*table)->name);
		if (blank != NULL) {
			AUTO(g_free) char *first = g_strndup((*table)->name, (size_t)(blank - (*table)->name));

			g_ptr_array_add(names, (void *)g_intern_string(first));
		}
		for (alias = (*table)->aliases; alias != NULL && *alias != NULL; alias++)
			g_ptr_array_add(names, (void *)*alias);
	}
	g_ptr_array_add(names, NULL);
	return text_nearest(word, (const char *const *)names->pdata);
}

static void append_value(GString *out, enum value_kind kind, const char *name, const char *const *words)
{
	if (kind != VALUE_WORD || words == NULL) {
		g_string_append(out, name);
		return;
	}
	for (; *words != NULL; words++)
		g_string_append_printf(out, "%s%s", *words, words[1] != NULL ? "|" : "");
}

char *command_usage(const struct command *command)
{
	GString *out = g_string_new(command->name);
	const struct command_option *option = command->options;
	unsigned i;

	for (; option != NULL && option->name != NULL; option++) {
		g_string_append_printf(out, " [--%s", option->name);
		if (option->kind != VALUE_NONE) {
			g_string_append_c(out, ' ');
			append_value(out, option->kind, option->argument, option->words);
		}
		g_string_append_c(out, ']');
	}
	if (command->flags & COMMAND_ACTS)
		g_string_append(out, " [OPTION]...");
	for (i = 0; i < COMMAND_OPERANDS && command->operands[i].name != NULL; i++) {
		const struct command_operand *operand = &command->operands[i];

		g_string_append(out, operand->min == 0 ? " [" : " ");
		append_value(out, operand->kind, operand->name, operand->words);
		g_string_append(out, operand->min == 0 ? "]" : "");
		if (operand->max > 1)
			g_string_append(out, "...");
	}
	return g_string_free(out, FALSE);
}
