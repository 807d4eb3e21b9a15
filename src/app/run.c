/* One command line from text to exit status: log, parse, dispatch, print. And texts of several. */
#include "config.h"
#include "app/session.h"

#include <string.h>

#include "app/check.h"
#include "app/dispatch.h"
#include "app/output.h"
#include "app/script.h"
#include "app/settings.h"
#include "core/isotime.h"
#include "core/text.h"
#include "journal/journal.h"

#define TIMING_ALWAYS_MS 60000 /* slower commands tell how long they took at the prompt */

static const char *const source_names[] = {
	[SOURCE_TTY] = "tty", [SOURCE_FILE] = "file", [SOURCE_OPTION] = "-c", [SOURCE_STDIN] = "stdin",
	[SOURCE_RC] = "rc", [SOURCE_REPLAY] = "replay",
};

/* A command under way. */
struct run {
	struct session *session;
	const char *text, *file;
	unsigned line;
	int64_t started;
	struct arguments *arguments;
	struct output_place *place;
	struct result *result;
	struct error error;
	bool ok;
};

static json_t *json_masked(const struct session *session, const char *text)
{
	AUTO(g_free) char *masked = session_mask(session, text);
	AUTO(g_free) char *valid = g_utf8_make_valid(masked, -1);

	return json_string(valid);
}

static void log_begin(struct run *run, enum command_source source)
{
	struct session *session = run->session;
	json_t *members = json_object();
	struct error error = ERROR_INIT;

	json_object_set_new(members, "text", json_masked(session, run->text));
	json_object_set_new(members, "source", json_string(source_names[source]));
	json_object_set_new(members, "file", run->file != NULL ? json_string(run->file) : json_null());
	json_object_set_new(members, "line", run->line > 0 ? json_integer(run->line) : json_null());
	json_object_set_new(members, "case", session->case_id != NULL ? json_string(session->case_id) : json_null());
	session->command_seq = 0;
	if (session->journal == NULL || journal_is_broken(session->journal)) {
		json_decref(members);
		return;
	}
	session->command_seq = journal_append(session->journal, "command", members, &error);
	if (session->command_seq == 0)
		session_warn(session, "the session log cannot be written: %s; looking goes on, acting is refused", error.text);
}

static void log_end(struct run *run, int64_t ms)
{
	json_t *members;

	if (run->session->command_seq == 0)
		return;
	members = json_object();
	json_object_set_new(members, "of", json_integer((json_int_t)run->session->command_seq));
	json_object_set_new(members, "ok", json_boolean(run->ok));
	json_object_set_new(members, "partial", json_boolean(run->result != NULL && result_is_partial(run->result)));
	json_object_set_new(members, "ms", json_integer(ms));
	json_object_set_new(members, "error", run->ok ? json_null() : json_masked(run->session, run->error.text));
	session_log(run->session, "command.end", members);
}

static void parse_and_run(struct run *run)
{
	struct session *session = run->session;
	const struct command *command;

	run->arguments = arguments_parse(session->commands, run->text, session->variables, &run->error);
	if (run->arguments == NULL) {
		/* A selecting command with a slip in it is one that failed: the set is not what was meant. */
		command = dispatch_command_of(session, run->text);
		if (command != NULL && (command->flags & COMMAND_CHANGES_SET))
			session_bar_add(session, run->text, command->name);
		return;
	}
	if (!dispatch_check(session, run->arguments, &run->error))
		return;
	run->place = output_place_open(session->output, run->arguments, &run->error);
	if (run->place == NULL)
		return;
	run->result = result_new();
	if ((arguments_command(run->arguments)->flags & COMMAND_LEAVES_LOGS) == 0)
		session_mend_logs(session);
	run->ok = dispatch_run(session, run->arguments, run->result, &run->error);
	if (!run->ok && run->error.kind == ERROR_NONE)
		error_set(&run->error, ERROR_FAILED, "'%s' failed", arguments_command(run->arguments)->name);
}

/* Columns of the command's text become places in its file. */
static void place_error(struct run *run)
{
	struct error *error = &run->error;

	if (run->ok || error->file[0] != '\0')
		return;
	if (run->file != NULL)
		error_at(error, run->file, error->line > 0 ? error->line + run->line - 1 : run->line, error->column);
}

/* What a failed command lacks: the members that scripts count on, and a hint at a slip that the service cannot know. */
static void explain(struct run *run, const struct command *command)
{
	const char *kql = run->arguments != NULL ? arguments_kql(run->arguments) : NULL;

	if (kql != NULL)
		check_hint_file(kql, &run->error);
	if (run->result == NULL)
		run->result = result_new();
	if (command != NULL)
		dispatch_fill(run->session, command, run->arguments, run->result);
}

static void print(struct run *run, int64_t ms)
{
	struct session *session = run->session;
	const struct command *command = run->arguments != NULL ? arguments_command(run->arguments) :
		dispatch_command_of(session, run->text);
	struct error fault = ERROR_INIT;
	bool in_text = run->error.file[0] == '\0';

	if (!run->ok)
		explain(run, command);
	place_error(run);
	if (!output_result(session->output, run->place, command != NULL ? command->name : "", run->result,
	                   run->ok ? NULL : &run->error, ms, &fault)) {
		if (run->file != NULL && fault.file[0] == '\0')
			error_at(&fault, run->file, run->line, 0);
		if (run->ok)
			run->error = fault;
		else
			output_error(session->output, &fault);
		run->ok = false;
	}
	if (!run->ok && in_text)
		output_error_in(session->output, &run->error, run->text, run->line > 0 ? run->line : 1);
	else if (!run->ok)
		output_error(session->output, &run->error);
	if (settings_bool(session->settings, "timing") || (session->prompt && ms >= TIMING_ALWAYS_MS)) {
		AUTO(g_free) char *text = ms < 60000 ? g_strdup_printf("%.1f s", (double)ms / 1000) : duration_text(ms);

		session_say(session, "took %s", text);
	}
}

static bool is_blank(const char *text)
{
	struct words words;
	struct word word;
	bool blank;

	words_init(&words, text, NULL);
	blank = words_next(&words, &word, NULL) && word.kind == WORD_END;
	word_clear(&word);
	return blank;
}

enum error_kind session_run_line(struct session *session, const char *text, enum command_source source, const char *file,
	unsigned line)
{
	struct run run = { .session = session, .text = text, .file = file, .line = line, .started = clock_ms() };
	const char *outer_text = session->command_text, *outer_file = session->command_file;
	unsigned outer_line = session->command_line;
	uint64_t outer_seq = session->command_seq;
	bool outer_prompt = session->prompt;
	enum error_kind kind;
	int64_t ms;

	if (is_blank(text))
		return ERROR_NONE;
	if (!session->batch && session->depth == 0)
		loop_interrupt_clear(session->loop);
	session->prompt = source == SOURCE_TTY;
	session->command_text = text;
	session->command_file = file;
	session->command_line = line;
	log_begin(&run, source);
	parse_and_run(&run);
	ms = clock_ms() - run.started;
	print(&run, ms);
	log_end(&run, ms);
	kind = run.ok ? run.result != NULL && result_is_partial(run.result) ? ERROR_PARTIAL : ERROR_NONE : run.error.kind;
	session->worst = error_worse(session->worst, kind);
	if (!run.ok)
		session->last_error = run.error;
	session->prompt = outer_prompt;
	session->command_text = outer_text;
	session->command_file = outer_file;
	session->command_line = outer_line;
	session->command_seq = outer_seq;
	arguments_free(run.arguments);
	output_place_free(run.place);
	result_free(run.result);
	return kind;
}

/* ---- several commands */

static void echo(struct session *session, const char *comments, const char *text)
{
	AUTO(g_string) GString *out = g_string_new(NULL);
	AUTO(g_strfreev) char **lines = g_strsplit(comments, "\n", -1);
	size_t i;

	if (comments[0] != '\0')
		g_string_append_c(out, '\n');
	for (i = 0; lines[i] != NULL; i++)
		if (lines[i][0] == '#' && lines[i][1] != '!')
			g_string_append_printf(out, "%s\n", lines[i] + 1 + strspn(lines[i] + 1, " "));
		else if (lines[i][0] == '\0' && i > 0 && lines[i + 1] != NULL)
			g_string_append_c(out, '\n');
	if (text != NULL)
		g_string_append_printf(out, "cordon> %s\n", text);
	if (out->len > 0)
		output_say(session->output, false, out->str);
}

bool session_stops_after(const struct session *session, enum error_kind kind)
{
	if (session->quit || kind == ERROR_INTERRUPTED || loop_ending(session->loop) != 0)
		return true;
	if (kind == ERROR_PARTIAL)
		return strcmp(settings_text(session->settings, "on-partial"), "stop") == 0;
	return kind != ERROR_NONE && !(session->batch && session->options->keep_going);
}

enum error_kind script_run(struct session *session, const struct script *script)
{
	enum error_kind worst = ERROR_NONE, kind = ERROR_NONE;
	guint i;

	for (i = 0; i < script->commands->len; i++) {
		const struct script_command *command = g_ptr_array_index(script->commands, i);

		if (i > 0 && loop_interrupted(session->loop)) {
			session->worst = error_worse(session->worst, ERROR_INTERRUPTED);
			return ERROR_INTERRUPTED;
		}
		if (script->source != SOURCE_OPTION && script->source != SOURCE_TTY &&
		    settings_bool(session->settings, "echo"))
			echo(session, command->comments, command->text);
		kind = session_run_line(session, command->text, script->source, script->file, command->line);
		worst = error_worse(worst, kind);
		if (session_stops_after(session, kind))
			return worst;
	}
	if (script->source != SOURCE_OPTION && settings_bool(session->settings, "echo"))
		echo(session, script->trailing, NULL);
	return worst;
}

enum error_kind session_run_text(struct session *session, const char *text, enum command_source source,
	const char *file)
{
	struct error error = ERROR_INIT;
	AUTO(script_free) struct script *script = script_split(session->commands, text, source, file, &error);
	AUTO(g_ptr_array_unref) GPtrArray *scripts = g_ptr_array_new();

	if (script != NULL && script->commands->len == 1 && source == SOURCE_TTY)
		return script_run(session, script);
	if (script != NULL) {
		g_ptr_array_add(scripts, script);
		if (script_check(session, scripts, &error))
			return script_run(session, script);
	}
	session_fault(session, &error);
	return error.kind;
}
