#include "config.h"
#include "shell/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <glib.h>
#include <readline/history.h>
#include <readline/readline.h>

#include "core/file.h"
#include "core/isotime.h"

static const char PASTE_BEGIN[] = "\033[200~";
static const char PASTE_END[] = "\033[201~";
#define PASTE_MARK_LENGTH 6

/* No program that types for a person waits so long before it ends the line, and no person is so quick. */
#define HAND_MS 25

struct input {
	struct loop *loop;
	int fd;
	FILE *out;       /* the terminal; opened here if standard error is something else */
	bool out_opened;
	GString *typed;  /* bytes read from the terminal */
	size_t fed;      /* of these Readline has had */
	size_t ready;    /* of these it may have: up to an unfinished paste */
	bool dropping;   /* inside a paste that was too long */
	bool by_hand;    /* the end of the line came alone, a while after what stands before it */
	int64_t taken_ms; /* clock_ms of the last bytes */
	bool active;     /* a line is being read */
	bool done;
	bool ended;      /* the terminal is gone */
	bool flow;       /* the terminal had flow control when we came */
	char *line;      /* Readline's, NULL at its end of file */
	char *history;   /* path or NULL */
};

/* Readline's callbacks carry no data. */
static struct input *input_current;

static void input_reset(struct input *input)
{
	g_string_truncate(input->typed, 0);
	input->fed = input->ready = 0;
	input->dropping = false;
}

/* Works out what may be fed: a paste only when its end is there. */
static void input_measure(struct input *input)
{
	for (;;) {
		const char *bytes = input->typed->str;
		size_t length = input->typed->len;
		const char *begin = memmem(bytes + input->ready, length - input->ready, PASTE_BEGIN, PASTE_MARK_LENGTH);
		const char *end;

		if (begin == NULL) {
			input->ready = length;
			return;
		}
		input->ready = (size_t)(begin - bytes);
		end = memmem(begin, length - input->ready, PASTE_END, PASTE_MARK_LENGTH);
		if (end == NULL)
			return;
		input->ready = (size_t)(end - bytes) + PASTE_MARK_LENGTH;
	}
}

void input_notice(struct input *input, const char *text)
{
	bool shown = input->active && !input->done;

	if (shown)
		rl_clear_visible_line();
	fprintf(input->out, "%s\n", text);
	fflush(input->out);
	if (!shown)
		return;
	rl_on_new_line();
	rl_forced_update_display();
}

bool input_is_ended(const struct input *input)
{
	return input->ended;
}

/* Keeps only what follows the end of the paste that is being dropped. */
static void input_drop_paste(struct input *input)
{
	const char *end = memmem(input->typed->str + input->ready, input->typed->len - input->ready, PASTE_END,
		PASTE_MARK_LENGTH);
	size_t keep = PASTE_MARK_LENGTH - 1;

	if (end != NULL) {
		input->dropping = false;
		g_string_erase(input->typed, (gssize)input->ready,
			(gssize)(end - input->typed->str - (gssize)input->ready + PASTE_MARK_LENGTH));
		return;
	}
	if (input->typed->len - input->ready > keep)
		g_string_erase(input->typed, (gssize)input->ready, (gssize)(input->typed->len - input->ready - keep));
}

/* Takes what the terminal has; false if it has ended. */
static bool input_take(struct input *input)
{
	char block[16384];
	ssize_t got = read(input->fd, block, sizeof block);
	int64_t now = clock_ms();

	input->by_hand = got == 1 && now - input->taken_ms >= HAND_MS;
	input->taken_ms = now;
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (got <= 0) {
		input->ended = true;
		return false;
	}
	if (input->fed > 0) {
		g_string_erase(input->typed, 0, (gssize)input->fed);
		input->ready -= input->fed;
		input->fed = 0;
	}
	g_string_append_len(input->typed, block, got);
	if (!input->dropping)
		input_measure(input);
	if (!input->dropping && input->typed->len > INPUT_PASTE_LIMIT) {
		input->dropping = input->ready < input->typed->len;
		if (!input->dropping)
			input_reset(input);
		input_notice(input, "pasted text of more than " G_STRINGIFY(INPUT_PASTE_KIB) " KiB dropped");
	}
	if (input->dropping) {
		input_drop_paste(input);
		if (!input->dropping)
			input_measure(input);
	}
	return true;
}

static int input_getc(FILE *stream)
{
	struct input *input = input_current;

	(void)stream;
	/* Readline wants the rest of a sequence that the terminal has not sent whole: it is on its way. */
	while (input->fed == input->ready) {
		struct pollfd wait = { .fd = input->fd, .events = POLLIN };

		if ((poll(&wait, 1, -1) < 0 && loop_interrupted(input->loop)) || !input_take(input))
			return EOF;
	}
	return (unsigned char)input->typed->str[input->fed++];
}

static int input_available(void)
{
	const struct input *input = input_current;

	/* Not a TAB: whether it completes is for input_feed to say. */
	return input->fed < input->ready && input->typed->str[input->fed] != '\t';
}

/* A TAB with more right behind it was pasted, and stands for itself. */
static bool input_is_pasted_tab(const struct input *input)
{
	size_t at = input->fed;

	while (at < input->ready && input->typed->str[at] == '\t')
		at++;
	return at > input->fed && at < input->ready && !RL_ISSTATE(RL_STATE_MULTIKEY | RL_STATE_ISEARCH);
}

static void input_finished(char *line)
{
	struct input *input = input_current;

	rl_callback_handler_remove();
	input->line = line;
	input->done = true;
}

static void input_feed(struct input *input)
{
	while (!input->done && input->fed < input->ready)
		if (input_is_pasted_tab(input)) {
			input->fed++;
			rl_insert_text("\t");
			rl_redisplay();
		} else {
			rl_callback_read_char();
		}
}

static void input_readable(void *data)
{
	struct input *input = data;

	if (input_take(input))
		input_feed(input);
	else
		input->done = true;
}

static bool input_done(void *data)
{
	return ((struct input *)data)->done;
}

/* The rest of a paste that goes without brackets is taken while the terminal is still raw: cooked, it would be echoed a
 * second time. A pause of 20 ms ends it; while whole lines are there, more can wait. */
/* Ctrl-S would stop the terminal, and with it the first message about a job, and so the job. At the prompt it searches
 * forward; while a command runs it is only typed. Returns whether it was as wanted before. */
static bool input_flow(struct input *input, bool on)
{
	struct termios modes;

	if (tcgetattr(input->fd, &modes) != 0 || ((modes.c_iflag & IXON) != 0) == on)
		return true;
	modes.c_iflag ^= IXON;
	tcsetattr(input->fd, TCSADRAIN, &modes);
	return false;
}

static void input_deprep(void)
{
	struct input *input = input_current;
	struct pollfd wait = { .fd = input->fd, .events = POLLIN };

	while (input->fed < input->typed->len && !input->ended && input->typed->len < INPUT_PASTE_LIMIT &&
		poll(&wait, 1, strpbrk(input->typed->str + input->fed, "\r\n") != NULL ? 0 : 20) > 0 && input_take(input))
		;
	rl_deprep_terminal();
	input_flow(input, false);
}

static void input_prep(int meta)
{
	rl_prep_terminal(meta);
	input_flow(input_current, false);
}

static void input_resized(void *data)
{
	struct input *input = data;

	if (input->active)
		rl_resize_terminal();
}

static void input_continued(void *data)
{
	struct input *input = data;

	if (!input->active)
		return;
	(*rl_prep_term_function)(1);
	rl_forced_update_display();
}

static void input_setup(struct input *input)
{
	rl_readline_name = "cordon";
	rl_instream = stdin;
	rl_outstream = input->out;
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_getc_function = input_getc;
	rl_input_available_hook = input_available;
	rl_prep_term_function = input_prep;
	rl_deprep_term_function = input_deprep;
	/* Both before any history is read, or entries of several lines fall apart. */
	history_comment_char = '#';
	history_write_timestamps = 1;
	stifle_history(INPUT_HISTORY_ENTRIES);
	using_history();
}

struct input *input_new(struct loop *loop, struct error *error)
{
	struct input *input;
	FILE *out = isatty(STDERR_FILENO) ? stderr : fopen("/dev/tty", "we");

	if (out == NULL || !isatty(STDIN_FILENO)) {
		error_set(error, ERROR_FAILED, "standard input is not a terminal");
		return NULL;
	}
	input = g_new0(struct input, 1);
	input->loop = loop;
	input->fd = STDIN_FILENO;
	input->out = out;
	input->out_opened = out != stderr;
	input->typed = g_string_new(NULL);
	input_current = input;
	input->flow = !input_flow(input, false);
	input_setup(input);
	loop_on_signal(loop, SIGWINCH, input_resized, input);
	loop_on_signal(loop, SIGCONT, input_continued, input);
	return input;
}

void input_free(struct input *input)
{
	if (input == NULL)
		return;
	loop_on_signal(input->loop, SIGWINCH, NULL, NULL);
	loop_on_signal(input->loop, SIGCONT, NULL, NULL);
	if (input->flow)
		input_flow(input, true);
	if (input->out_opened)
		fclose(input->out);
	g_string_free(input->typed, TRUE);
	g_free(input->history);
	input_current = NULL;
	g_free(input);
}

/* Ends a line that Readline still holds. Each step is needed: without rl_replace_line the next line begins with the text
 * that was given up. */
static void input_abandon(struct input *input)
{
	if (!RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_MULTIKEY)) {
		rl_point = rl_end;
		rl_redisplay();
	}
	if (!loop_ending(input->loop) && !input->ended)
		rl_echo_signal_char(SIGINT);
	rl_free_line_state();
	rl_callback_sigcleanup();
	rl_replace_line("", 0);
	input_reset(input);
	rl_callback_handler_remove();
	fputc('\n', input->out);
	fflush(input->out);
}

enum input_result input_line(struct input *input, const char *prompt, char **line)
{
	bool finished;

	*line = NULL;
	if (input->ended || loop_ending(input->loop))
		return INPUT_EOF;
	loop_interrupt_clear(input->loop);
	input->done = false;
	input->line = NULL;
	rl_callback_handler_install(prompt, input_finished);
	input->active = true;
	input_measure(input);
	input_feed(input);
	if (!input->done)
		loop_watch(input->loop, input->fd, input_readable, input);
	finished = input->done || loop_run(input->loop, input_done, input, true);
	loop_unwatch(input->loop, input->fd);
	input->active = false;
	if (!finished || input->ended) {
		input_abandon(input);
		loop_interrupt_clear(input->loop);
		return input->ended || loop_ending(input->loop) ? INPUT_EOF : INPUT_INTERRUPT;
	}
	if (input->line == NULL) {
		/* With bracketed paste Readline ends the line by itself. */
		if (strcmp(rl_variable_value("enable-bracketed-paste"), "on") != 0)
			fputc('\n', input->out);
		return INPUT_EOF;
	}
	*line = g_strdup(input->line);
	free(input->line);
	input->line = NULL;
	return INPUT_LINE;
}

bool input_pending(struct input *input)
{
	struct pollfd wait = { .fd = input->fd, .events = POLLIN };
	bool brackets = strcmp(rl_variable_value("enable-bracketed-paste"), "on") == 0;
	int grace_ms = input->by_hand ? 0 : brackets ? INPUT_PAUSE_MS : INPUT_PAUSE_PLAIN_MS;

	return input->fed < input->typed->len || poll(&wait, 1, grace_ms) > 0;
}

void input_discard(struct input *input)
{
	input_reset(input);
	tcflush(input->fd, TCIFLUSH);
}

bool input_history_open(struct input *input, const char *path, struct error *error)
{
	AUTO(g_free) char *dir = g_path_get_dirname(path);
	AUTO(close) int fd = -1;
	struct stat info;

	if (!dir_make_private(dir, error))
		return false;
	fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || fstat(fd, &info) != 0)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot open '%s'", path);
	if (!S_ISREG(info.st_mode))
		return error_set(error, ERROR_FAILED, "'%s' is not a file", path);
	if ((info.st_mode & 077) != 0 && fchmod(fd, 0600) != 0)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot make '%s' private", path);
	if (info.st_size > INPUT_HISTORY_LIMIT)
		return error_set(error, ERROR_FAILED, "'%s' is larger than %d bytes", path, INPUT_HISTORY_LIMIT);
	/* Other sessions append meanwhile: shortened rarely, because a line appended in between is lost. */
	if (info.st_size > INPUT_HISTORY_LIMIT / 8)
		history_truncate_file(path, INPUT_HISTORY_ENTRIES);
	if (read_history(path) != 0)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot read '%s'", path);
	using_history();
	g_free(input->history);
	input->history = g_strdup(path);
	return true;
}

bool input_history_add(struct input *input, const char *line, struct error *error)
{
	const HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;

	if (line[0] == '\0' || line[0] == ' ' || line[0] == '\t')
		return true;
	if (last != NULL && strcmp(last->line, line) == 0)
		return true;
	add_history(line);
	if (input->history != NULL && append_history(1, input->history) != 0)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot append to '%s'", input->history);
	return true;
}
