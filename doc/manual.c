/* Makes the manual page from its template: @COMMANDS@ and @SETTINGS@ come from the tables that the program itself works by,
 * so that the two cannot disagree. Reads the template's path from the command line, writes to standard output. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <glib.h>

#include "app/arguments.h"
#include "app/command.h"
#include "app/settings.h"
#include "commands/table.h"
#include "core/auto.h"
#include "core/file.h"

#define TEMPLATE_LIMIT (1024 * 1024) /* bytes */

static void put_text(const char *text)
{
	bool line_start = true;

	for (; *text != '\0'; text++) {
		if (line_start && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
		line_start = *text == '\n';
	}
}

static void put_line(const char *request, const char *text)
{
	fputs(request, stdout);
	put_text(text);
	putchar('\n');
}

static void put_option(const struct command_option *option)
{
	AUTO(g_string) GString *title = g_string_new(NULL);

	if (option->letter != '\0')
		g_string_append_printf(title, "-%c, ", option->letter);
	g_string_append_printf(title, "--%s", option->name);
	if (option->argument != NULL)
		g_string_append_printf(title, " %s", option->argument);
	fputs(".TP\n", stdout);
	put_line("", title->str);
	put_line("", option->help);
}

static void put_command(const struct command *command, bool first)
{
	AUTO(g_free) char *usage = command_usage(command);

	fputs(first ? ".B " : ".PP\n.B ", stdout);
	put_text(usage);
	fputs("\n.RS 4\n", stdout);
	put_line("", command->summary);
	for (const char *const *text = command->help; text != NULL && *text != NULL; text++) {
		fputs(".PP\n", stdout);
		put_line("", *text);
	}
	for (const char *const *alias = command->aliases; alias != NULL && *alias != NULL; alias++) {
		fputs(".PP\nAlso: ", stdout);
		put_line("", *alias);
	}
	for (const struct command_option *option = command->options; option != NULL && option->name != NULL; option++)
		put_option(option);
	if (command->examples != NULL) {
		fputs(".PP\n.nf\n", stdout);
		for (const char *const *example = command->examples; *example != NULL; example++)
			put_line("", *example);
		fputs(".fi\n", stdout);
	}
	fputs(".RE\n", stdout);
}

static void put_commands(void)
{
	for (int group = 0; group < GROUP_COUNT; group++) {
		bool first = true;

		put_line(".SS ", command_group_titles[group]);
		for (const struct command *const *command = command_table; *command != NULL; command++)
			if ((int)(*command)->group == group) {
				put_command(*command, first);
				first = false;
			}
	}
	fputs(".SS \"Options of all acting commands\"\n", stdout);
	for (const struct command_option *option = command_act_options; option->name != NULL; option++)
		put_option(option);
}

static void put_settings(void)
{
	for (const struct setting *setting = setting_table; setting->name != NULL; setting++) {
		fputs(".TP\n.B ", stdout);
		put_line("", setting->name);
		put_text(setting->help);
		if (setting->fallback != NULL && setting->fallback[0] != '\0') {
			fputs(" (", stdout);
			put_text(setting->fallback);
			putchar(')');
		}
		putchar('\n');
	}
}

static void put_version(const char *line)
{
	const char *place = strstr(line, "@VERSION@");

	fwrite(line, 1, (size_t)(place - line), stdout);
	fputs(PACKAGE_VERSION, stdout);
	puts(place + strlen("@VERSION@"));
}

int main(int argc, char **argv)
{
	struct error error = ERROR_INIT;
	AUTO(g_free) char *text = NULL;
	AUTO(g_strfreev) char **lines = NULL;
	size_t length;

	if (argc != 2 || !file_read(argv[1], TEMPLATE_LIMIT, &text, &length, &error)) {
		fprintf(stderr, "manual: %s\n", argc != 2 ? "usage: manual TEMPLATE" : error.text);
		return 2;
	}
	lines = g_strsplit(g_strchomp(text), "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		if (strcmp(*line, "@COMMANDS@") == 0)
			put_commands();
		else if (strcmp(*line, "@SETTINGS@") == 0)
			put_settings();
		else if (strstr(*line, "@VERSION@") != NULL)
			put_version(*line);
		else
			puts(*line);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
