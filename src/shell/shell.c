#include "config.h"
#include "shell/shell.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <glib.h>

#include "app/offer.h"
#include "app/output.h"
#include "app/script.h"
#include "app/tenant.h"
#include "core/file.h"
#include "core/text.h"
#include "engine/job.h"
#include "shell/block.h"
#include "shell/complete.h"
#include "shell/input.h"
#include "shell/prompt.h"

struct shell {
	struct session *session;
	struct input *input;
	char *offered; /* id of the tenant whose left-over job was offered, or NULL */
};

void shell_run_rc(struct session *session)
{
	AUTO(g_free) char *dir = dir_config();
	AUTO(g_free) char *path = g_build_filename(dir, "cordonrc", NULL);
	AUTO(script_free) struct script *script = NULL;
	AUTO(g_ptr_array_unref) GPtrArray *scripts = g_ptr_array_new();
	struct error error = ERROR_INIT;
	struct stat info;

	if (session->options->no_rc || session->options->demo || stat(path, &info) != 0)
		return;
	if ((info.st_mode & 022) != 0) {
		session_warn(session, "'%s' is not run: others than you may write to it", path);
		return;
	}
	script = script_read(session->commands, path, SOURCE_RC, &error);
	if (script != NULL) {
		g_ptr_array_add(scripts, script);
		if (script_check(session, scripts, &error))
			script_run(session, script);
	}
	if (error.kind != ERROR_NONE)
		session_fault(session, &error);
}

static void shell_message(void *data, const char *line)
{
	input_notice(data, line);
}

static void shell_open_history(struct shell *shell)
{
	AUTO(g_free) char *path = g_build_filename(shell->session->state_dir, "history", NULL);
	struct error error = ERROR_INIT;

	if (!input_history_open(shell->input, path, &error))
		session_warn(shell->session, "no history: %s", error.text);
}

static void shell_greet(const struct shell *shell)
{
	struct session *session = shell->session;
	const char *tenant = session_tenant_name(session);

	session_say(session, PACKAGE_STRING "%s%s. Type \"help\".", tenant[0] != '\0' ? ", tenant " : "", tenant);
	if (session->journal != NULL)
		session_say(session, "Log: %s", journal_path(session->journal));
}

/* A query goes on over what was pasted behind it, also where the terminal does not say that it is a paste. */
static bool shell_wants_more(const struct shell *shell, const char *text)
{
	const struct command *const *table = shell->session->commands;

	if (script_wants_more(table, text))
		return true;
	return block_is_kql(table, text) && input_pending(shell->input);
}

/* Reads a whole command or pasted block. */
static enum input_result shell_read(struct shell *shell, char **text)
{
	struct session *session = shell->session;
	AUTO(g_free) char *prompt = prompt_text(session);
	AUTO(g_free) char *continued = prompt_continued(prompt);
	AUTO(g_string) GString *all = g_string_new(NULL);
	enum input_result result;
	char *line;

	output_redirect_messages(session->output, shell_message, shell->input);
	result = input_line(shell->input, prompt, &line);
	while (result == INPUT_LINE) {
		g_string_append_printf(all, "%s%s", all->len > 0 ? "\n" : "", line);
		g_free(line);
		if (!shell_wants_more(shell, all->str))
			break;
		g_string_append_c(all, '\n');
		complete_before(all->str);
		g_string_truncate(all, all->len - 1);
		result = input_line(shell->input, continued, &line);
		if (result == INPUT_EOF && !input_is_ended(shell->input) && loop_ending(session->loop) == 0) {
			input_notice(shell->input, "dropped: end it with a line that holds only ;");
			result = INPUT_INTERRUPT;
		}
	}
	complete_before(NULL);
	output_redirect_messages(session->output, NULL, NULL);
	if (result == INPUT_LINE)
		*text = g_string_free(AUTO_STEAL(all), FALSE);
	return result;
}

/* A job that an earlier session left is offered once a tenant: at the start if the profile names the tenant, else when it
 * is known. */
static void shell_offer_job(struct shell *shell)
{
	struct session *session = shell->session;
	AUTO(g_free) char *tenant = session->quit ? NULL : offer_tenant(session);
	AUTO(g_free) char *command = NULL;

	if (tenant == NULL || g_strcmp0(tenant, shell->offered) == 0)
		return;
	g_free(shell->offered);
	shell->offered = g_strdup(tenant);
	command = offer_left_over(session, tenant);
	if (command != NULL)
		session_run_line(session, command, SOURCE_TTY, NULL, 0);
}

static void shell_obey(struct shell *shell, const char *text)
{
	struct session *session = shell->session;
	AUTO(g_free) char *masked = session_mask(session, text); /* no secret reaches the history */
	unsigned asked = session->asked;
	struct error error = ERROR_INIT;

	/* Before it runs, so that it is there even if the program dies of it. */
	if (!input_history_add(shell->input, masked, &error))
		session_warn(session, "%s", error.text);
	block_run(session, text);
	shell_offer_job(shell);
	/* What was typed before a question answers it neither now nor as a command later. */
	if (session->asked != asked)
		input_discard(shell->input);
}

/* False at the end. */
static bool shell_turn(struct shell *shell)
{
	AUTO(g_free) char *text = NULL;
	enum input_result result = shell_read(shell, &text);
	unsigned asked;

	if (result == INPUT_LINE)
		shell_obey(shell, text);
	if (result != INPUT_EOF)
		return true;
	if (input_is_ended(shell->input) || loop_ending(shell->session->loop) != 0)
		return false;
	input_notice(shell->input, "quit");
	asked = shell->session->asked;
	session_run_line(shell->session, "quit", SOURCE_TTY, NULL, 0);
	if (shell->session->asked != asked)
		input_discard(shell->input);
	return true;
}

int shell_run(struct session *session)
{
	struct shell shell = { .session = session };
	struct error error = ERROR_INIT;
	int ending;

	shell.input = input_new(session->loop, &error);
	if (shell.input == NULL) {
		output_error(session->output, &error);
		return error_status(error.kind);
	}
	session->prompt = true;
	shell_open_history(&shell);
	complete_install(session);
	shell_greet(&shell);
	shell_offer_job(&shell);
	while (!session->quit && shell_turn(&shell))
		;
	complete_install(NULL);
	session->prompt = false;
	input_free(shell.input);
	g_free(shell.offered);
	ending = loop_ending(session->loop);
	return ending != 0 ? 128 + ending : 0;
}
