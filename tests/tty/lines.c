/* Reads lines as the shell does and prints what it got; tests/tty/input.py drives it on a terminal.
 * Usage: lines [HISTORY-FILE]. "notice" prints a line above the next prompt half a second later; "sleep" is busy for a
 * second; "ask" throws away what was typed ahead; "gather" takes all that is pending. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "core/isotime.h"
#include "shell/input.h"

static struct input *input;

static void notice(void *data)
{
	(void)data;
	input_notice(input, "a notice");
}

static void gather(GString *all)
{
	char *line;

	while (input_pending(input) && input_line(input, "more> ", &line) == INPUT_LINE) {
		g_string_append_printf(all, "\n%s", line);
		g_free(line);
	}
}

static void obey(struct loop *loop, const char *line)
{
	if (strcmp(line, "notice") == 0)
		loop_timer_add(loop, clock_ms() + 500, notice, NULL);
	else if (strcmp(line, "sleep") == 0)
		usleep(1000000);
	else if (strcmp(line, "ask") == 0) {
		usleep(500000);
		input_discard(input);
	}
}

int main(int argc, char **argv)
{
	struct error error = ERROR_INIT;
	struct loop *loop = loop_new(&error);
	enum input_result result = INPUT_LINE;
	char *line;

	input = input_new(loop, &error);
	if (input == NULL || (argc > 1 && !input_history_open(input, argv[1], &error))) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	while (result != INPUT_EOF) {
		result = input_line(input, "> ", &line);
		if (result == INPUT_INTERRUPT)
			puts("interrupt");
		if (result == INPUT_LINE) {
			GString *all = g_string_new(line);
			char *shown;

			if (g_str_has_prefix(line, "gather"))
				gather(all);
			shown = g_strescape(all->str, NULL);
			printf("line [%s]\n", shown);
			input_history_add(input, all->str, &error);
			obey(loop, line);
			g_free(shown);
			g_string_free(all, TRUE);
			g_free(line);
		}
		fflush(stdout);
	}
	puts(loop_ending(loop) != 0 ? "asked to end" : "end of file");
	input_free(input);
	loop_free(loop);
	return 0;
}
