#include "config.h"
#include "app/output_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/child.h"
#include "app/settings.h"
#include "core/isotime.h"
#include "core/text.h"
#include "kql/predicate.h"

#define PROGRESS_INTERVAL_MS 200

struct output {
	struct session *session;
	void (*print)(void *data, const char *line);
	void *print_data;
	GPtrArray *held; /* lines that wait; NULL: they need not */
	bool out_terminal, error_terminal, dumb;
	bool progress_shown;
	int64_t progress_at;
	int place_format; /* of the place last opened; -1: the session's */
};

struct output_place {
	FILE *file;       /* a file, or memory that a program will read */
	char *name;       /* of the file */
	bool append;
	char *program;
	bool any_format;  /* the format is the session's */
	enum output_format format;
};

struct output *output_new(struct session *session)
{
	struct output *output = g_new0(struct output, 1);
	const char *term = g_getenv("TERM");

	output->session = session;
	output->place_format = -1;
	output->out_terminal = isatty(STDOUT_FILENO);
	output->error_terminal = isatty(STDERR_FILENO);
	output->dumb = term == NULL || *term == '\0' || strcmp(term, "dumb") == 0;
	return output;
}

void output_free(struct output *output)
{
	if (output == NULL)
		return;
	output_progress(output, NULL);
	g_free(output);
}

bool output_is_terminal(const struct output *output)
{
	return output->out_terminal;
}

static void screen_size(unsigned *width, unsigned *height)
{
	struct winsize size;

	*width = 80;
	*height = 24;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0) {
		if (size.ws_col > 0)
			*width = size.ws_col;
		if (size.ws_row > 0)
			*height = size.ws_row;
	}
}

unsigned output_width(const struct output *output)
{
	unsigned width = 80, height;

	if (output->out_terminal)
		screen_size(&width, &height);
	return width;
}

unsigned output_line_width(const struct output *output, bool message)
{
	unsigned width, height;

	screen_size(&width, &height);
	return (message ? output->error_terminal : output->out_terminal) ? width : 0;
}

bool output_is_ascii(const struct output *output)
{
	static const char *const plain[] = { "dumb", "ansi", "vt52", "vt100", "vt102", "vt220", "cons25", NULL };
	const char *term = g_getenv("TERM");

	return !g_get_charset(NULL) || (output->out_terminal && (output->dumb || g_strv_contains(plain, term)));
}

bool output_has_color(const struct output *output)
{
	const char *no_color = g_getenv("NO_COLOR");

	return output->out_terminal && !output->dumb && (no_color == NULL || *no_color == '\0');
}

enum output_format output_format(const struct output *output)
{
	const char *name = settings_text(output->session->settings, "output");

	if (strcmp(name, "json") == 0)
		return OUTPUT_JSON;
	if (strcmp(name, "csv") == 0)
		return OUTPUT_CSV;
	return strcmp(name, "line") == 0 ? OUTPUT_LINE : OUTPUT_TABLE;
}

enum output_format output_result_format(const struct output *output)
{
	return output->place_format >= 0 ? (enum output_format)output->place_format : output_format(output);
}

/* ---- messages */

static void put_line(struct output *output, const char *line)
{
	if (output->held != NULL)
		g_ptr_array_add(output->held, g_strdup(line));
	else if (output->print != NULL)
		output->print(output->print_data, line);
	else
		fprintf(stderr, "%s\n", line);
}

static void say_line(struct output *output, const char *line, size_t length)
{
	AUTO(g_string) GString *safe = g_string_new(NULL);
	AUTO(g_free) char *wrapped = NULL;
	AUTO(g_strfreev) char **lines = NULL;
	unsigned width, height;

	text_append_safe(safe, line, length);
	if (!output->error_terminal) {
		put_line(output, safe->str);
		return;
	}
	screen_size(&width, &height);
	wrapped = text_wrap(safe->str, width);
	lines = g_strsplit(wrapped, "\n", -1);
	if (lines[0] == NULL)
		put_line(output, "");
	for (size_t i = 0; lines[i] != NULL; i++)
		put_line(output, lines[i]);
}

void output_say(struct output *output, bool always, const char *text)
{
	size_t length;

	if (output->session->options->quiet && !always)
		return;
	output_progress(output, NULL);
	fflush(stdout);
	for (;;) {
		length = strcspn(text, "\n");
		say_line(output, text, length);
		if (text[length] == '\0' || text[length + 1] == '\0')
			return;
		text += length + 1;
	}
}

void output_say_result(struct output *output, bool always, const struct result *result)
{
	struct output_style style = { .format = OUTPUT_TABLE, .width = output_line_width(output, true) };
	char *text = NULL;
	size_t length;
	FILE *memory = open_memstream(&text, &length);

	if (memory == NULL)
		return;
	output_write(memory, &style, result);
	if (fclose(memory) == 0)
		output_say(output, always, text);
	free(text);
}

static void append_error(GString *message, const struct error *error, const char *text, unsigned first_line)
{
	g_string_append(message, error->kind == ERROR_PARTIAL ? "partial: " : "error: ");
	if (error->file[0] != '\0') {
		g_string_append(message, error->file);
		if (error->line > 0)
			g_string_append_printf(message, ":%u", error->line);
		if (error->line > 0 && error->column > 0)
			g_string_append_printf(message, ":%u", error->column);
		g_string_append(message, ": ");
	}
	g_string_append(message, error->text);
	if (error->code[0] != '\0')
		g_string_append_printf(message, " (%s%s%s)", error->code, error->target[0] != '\0' ? ", " : "", error->target);
	g_string_append_c(message, '\n');
	if (text != NULL && error->line >= first_line && error->column > 0)
		kql_error_underline(message, text, error->line - first_line + 1, error->column);
	if (error->hint[0] != '\0')
		g_string_append_printf(message, "  %s\n", error->hint);
}

void output_error(struct output *output, const struct error *error)
{
	output_error_in(output, error, NULL, 1);
}

void output_error_in(struct output *output, const struct error *error, const char *text, unsigned first_line)
{
	AUTO(g_string) GString *message = g_string_new(NULL);

	append_error(message, error, text, first_line);
	output_say(output, true, message->str);
}

void output_refuse(bool json, const struct error *error)
{
	struct output_style style = { .format = OUTPUT_JSON, .failure = error };
	AUTO(g_string) GString *message = g_string_new(NULL), *safe = g_string_new(NULL);
	const char *at;

	append_error(message, error, NULL, 1);
	for (at = message->str; *at != '\0'; at += strcspn(at, "\n") + 1) {
		g_string_truncate(safe, 0);
		text_append_safe(safe, at, strcspn(at, "\n"));
		fprintf(stderr, "%s\n", safe->str);
	}
	if (json)
		output_write(stdout, &style, NULL);
	fflush(stdout);
}

bool output_has_progress(const struct output *output)
{
	return output->error_terminal && !output->dumb && !output->session->options->quiet;
}

void output_progress(struct output *output, const char *text)
{
	AUTO(g_string) GString *safe = NULL;
	unsigned width, height;
	int64_t now;

	if (text == NULL) {
		if (output->progress_shown && output->print == NULL) {
			fputs("\r\033[K", stderr);
			fflush(stderr);
		}
		output->progress_shown = false;
		output->progress_at = 0;
		return;
	}
	now = clock_ms();
	if (!output_has_progress(output) || output->print != NULL || output->held != NULL || now - output->progress_at < PROGRESS_INTERVAL_MS)
		return;
	safe = g_string_new(NULL);
	text_append_safe(safe, text, strlen(text));
	screen_size(&width, &height);
	g_string_truncate(safe, text_fit(safe->str, width - 1));
	fprintf(stderr, "\r%s\033[K", safe->str);
	fflush(stderr);
	output->progress_shown = true;
	output->progress_at = now;
}

void output_redirect_messages(struct output *output, void (*print)(void *data, const char *line), void *data)
{
	output_progress(output, NULL);
	output->print = print;
	output->print_data = data;
}

void output_hold_messages(struct output *output)
{
	output_progress(output, NULL);
	output->held = g_ptr_array_new_with_free_func(g_free);
}

void output_release_messages(struct output *output)
{
	AUTO(g_ptr_array_unref) GPtrArray *held = AUTO_STEAL(output->held);

	for (guint i = 0; i < held->len; i++)
		put_line(output, held->pdata[i]);
}

/* ---- places */

static void place_format(struct output_place *place, const char *name)
{
	if (g_str_has_suffix(name, ".csv"))
		place->format = OUTPUT_CSV;
	else if (g_str_has_suffix(name, ".json"))
		place->format = OUTPUT_JSON;
	else
		place->any_format = true;
}

static bool place_file(struct output_place *place, const char *name, bool append, struct error *error)
{
	/* Emptied once there is something to write: a command that fails leaves it as it was. */
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : 0), 0600);

	if (fd < 0)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot write '%s'", name);
	place->file = fdopen(fd, append ? "a" : "w");
	place->name = g_strdup(name);
	place->append = append;
	place_format(place, name);
	return true;
}

/* `|> tee FILE` is how a command that takes KQL writes a file: its name tells the format, too. */
static void place_tee(struct output_place *place, const char *program)
{
	AUTO(g_strfreev) char **words = g_strsplit_set(program, " \t", -1);
	const char *file = NULL;

	place->any_format = true;
	for (size_t i = 0; words[i] != NULL; i++)
		if (words[i][0] == '\0' || (file == NULL && i > 0 && strcmp(words[i], "-a") == 0))
			continue;
		else if (i == 0 ? strcmp(words[i], "tee") != 0 : file != NULL || strpbrk(words[i], "|&;<>()$`*?") != NULL)
			return;
		else if (i > 0)
			file = words[i];
	if (file != NULL) {
		place->any_format = false;
		place_format(place, file);
	}
}

static FILE *memory_file(struct error *error)
{
	int fd = memfd_create("cordon", MFD_CLOEXEC);

	if (fd < 0) {
		error_set_errno(error, ERROR_FAILED, errno, "cannot make a file in memory");
		return NULL;
	}
	return fdopen(fd, "w+");
}

struct output_place *output_place_open(struct output *output, const struct arguments *arguments, struct error *error)
{
	AUTO(output_place_free) struct output_place *place = g_new0(struct output_place, 1);
	const char *program = arguments_program(arguments);
	bool append;
	const char *name = arguments_file(arguments, &append);

	place->any_format = true;
	output->place_format = -1;
	if (name != NULL) {
		place->any_format = false;
		if (!place_file(place, name, append, error))
			return NULL;
	} else if (program != NULL) {
		place->program = g_strdup(program);
		place_tee(place, program);
		place->file = memory_file(error);
		if (place->file == NULL)
			return NULL;
	}
	if (!place->any_format)
		output->place_format = (int)place->format;
	return AUTO_STEAL(place);
}

void output_place_free(struct output_place *place)
{
	if (place == NULL)
		return;
	if (place->file != NULL)
		fclose(place->file);
	g_free(place->name);
	g_free(place->program);
	g_free(place);
}

/* ---- results */

static bool run_program(struct output *output, FILE *file, const char *program, struct error *error)
{
	const char *argv[] = { "/bin/sh", "-c", program, NULL };
	int status;

	if (fflush(file) != 0 || ferror(file) || lseek(fileno(file), 0, SEEK_SET) < 0)
		return error_set(error, ERROR_FAILED, "cannot hand the result to '%s'", program);
	fflush(stdout);
	if (!child_run(output->session, argv, fileno(file), -1, &status, error))
		return false;
	/* 128 + SIGPIPE: `| head` has read enough. */
	if (status != 0 && status != 141)
		return error_set(error, ERROR_FAILED, "'%s' ended with status %d", program, status);
	return true;
}

static bool close_file(struct output_place *place, struct error *error)
{
	bool bad = ferror(place->file) != 0;

	errno = 0;
	if (fclose(place->file) != 0 || bad) {
		place->file = NULL;
		return error_set_errno(error, ERROR_FAILED, errno != 0 ? errno : EIO, "cannot write '%s'", place->name);
	}
	place->file = NULL;
	return true;
}

/* The program for results taller than the screen; NULL for none. */
static char *pager(const struct output *output)
{
	const char *program = settings_text(output->session->settings, "pager");

	if (!output->session->prompt || !output->out_terminal || output->dumb || strcmp(program, "off") == 0)
		return NULL;
	if (*program == '\0')
		program = g_getenv("PAGER");
	if (program == NULL || *program == '\0')
		return g_strdup("LESS=${LESS:-FRSX} less");
	return strcmp(program, "cat") == 0 ? NULL : g_strdup(program);
}

static bool is_tall(const struct result *result, const struct output_style *style)
{
	unsigned width, height;
	size_t lines = 2, rows = result_rows(result);
	const char *at;

	screen_size(&width, &height);
	for (at = result->text->str; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	lines += style->format == OUTPUT_LINE ? rows * (result->columns->len + 1) : rows + 1;
	return lines > height;
}

static bool to_terminal(struct output *output, const struct output_style *style, const struct result *result,
	struct error *error)
{
	AUTO(g_free) char *program = pager(output);
	AUTO(fclose) FILE *file = NULL;

	if (program != NULL && result != NULL && style->format <= OUTPUT_LINE && is_tall(result, style)) {
		file = memory_file(error);
		if (file == NULL)
			return false;
		output_write(file, style, result);
		return run_program(output, file, program, error);
	}
	output_write(stdout, style, result);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		clearerr(stdout);
		return error_set_errno(error, ERROR_FAILED, errno, "cannot write the result");
	}
	return true;
}

static bool is_empty(const struct result *result)
{
	return result == NULL || (result_rows(result) == 0 && result->text->len == 0 && result->summary->len == 0);
}

bool output_result(struct output *output, struct output_place *place, const char *command, const struct result *result,
	const struct error *failure, int64_t ms, struct error *error)
{
	struct output_style style = { .command = command, .failure = failure, .ms = ms };
	bool aside = place != NULL && place->file != NULL;

	output_progress(output, NULL);
	style.format = place == NULL || place->any_format ? output_format(output) : place->format;
	style.width = output->out_terminal && !aside ? output_width(output) : 0;
	style.bold = output_has_color(output) && !aside;
	if (result != NULL && (style.format == OUTPUT_CSV || (aside && place->name != NULL))) {
		/* What is said to people has no place in the file. */
		if (style.format == OUTPUT_CSV && result->text->len > 0)
			output_say(output, false, result->text->str);
		if (style.format != OUTPUT_TABLE && style.format != OUTPUT_LINE && result->summary->len > 0 &&
		    !output_lone_value(result))
			output_say(output, false, result->summary->str);
	}
	if (!aside)
		return to_terminal(output, &style, result, error);
	if (place->name != NULL && failure != NULL && style.format != OUTPUT_JSON && is_empty(result))
		return true;
	if (place->name != NULL && !place->append && ftruncate(fileno(place->file), 0) != 0 && errno != EINVAL)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot write '%s'", place->name);
	output_write(place->file, &style, result);
	return place->program != NULL ? run_program(output, place->file, place->program, error) :
		close_file(place, error);
}
