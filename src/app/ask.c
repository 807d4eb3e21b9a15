#include "config.h"
#include "app/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <glib.h>

#include "app/output.h"
#include "core/auto.h"
#include "core/text.h"

#define ASK_WIDTH 80 /* of a terminal that standard error is not */
#define ANSWER_LIMIT 4096 /* bytes */

struct answer {
	int fd;
	GString *text;
	bool done, ended; /* ended: no more input will come */
};

bool ask_possible(void)
{
	AUTO(close) int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	return fd >= 0;
}

static void read_answer(void *data)
{
	struct answer *answer = data;
	char bytes[256];
	ssize_t got = read(answer->fd, bytes, sizeof bytes);

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0 || answer->text->len + (size_t)got > ANSWER_LIMIT) {
		answer->done = answer->ended = true;
		return;
	}
	g_string_append_len(answer->text, bytes, got);
	answer->done = memchr(bytes, '\n', (size_t)got) != NULL;
}

static bool is_answered(void *data)
{
	return ((struct answer *)data)->done;
}

static bool write_all(int fd, const char *text)
{
	size_t length = strlen(text);
	ssize_t put;

	while (length > 0) {
		put = write(fd, text, length);
		if (put < 0 && errno != EINTR)
			return false;
		if (put > 0) {
			text += put;
			length -= (size_t)put;
		}
	}
	return true;
}

char *ask_line(struct session *session, const char *question, struct error *error)
{
	AUTO(close) int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	AUTO(g_string) GString *text = g_string_new(NULL);
	struct answer answer = { .fd = fd, .text = text };
	AUTO(g_strfreev) char **lines = NULL;
	bool ok = true, whole = false;

	if (fd < 0) {
		error_set(error, ERROR_USAGE, "there is no terminal to ask on");
		return NULL;
	}
	session->asked++;
	output_hold_messages(session->output);
	/* What was typed before the question does not answer it. */
	tcflush(fd, TCIFLUSH);
	lines = g_strsplit(question, "\n", -1);
	for (size_t i = 0; ok && lines[i] != NULL; i++) {
		AUTO(g_free) char *wrapped = text_wrap(lines[i], MAX(output_line_width(session->output, true), ASK_WIDTH));

		ok = write_all(fd, wrapped) && (lines[i + 1] == NULL || write_all(fd, "\n"));
	}
	if (ok) {
		loop_watch(session->loop, fd, read_answer, &answer);
		whole = loop_run(session->loop, is_answered, &answer, true);
		loop_unwatch(session->loop, fd);
		if (!whole || answer.ended)
			write_all(fd, "\n");
	}
	output_release_messages(session->output);
	if (!ok)
		error_set(error, ERROR_USAGE, "cannot write to the terminal");
	else if (!whole)
		error_set(error, ERROR_INTERRUPTED, "interrupted");
	else if (answer.ended)
		error_set(error, ERROR_FAILED, "no answer");
	else
		return g_strdup(g_strstrip(text->str));
	return NULL;
}

bool ask_confirm(struct session *session, const char *question, const char *wanted, struct error *error)
{
	AUTO(g_free) char *answer = ask_line(session, question, error);

	if (answer == NULL)
		return false;
	if (strcmp(answer, wanted) == 0)
		return true;
	return error_set(error, ERROR_FAILED, "not confirmed; nothing was sent");
}
