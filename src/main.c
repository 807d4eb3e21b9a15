#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "app/options.h"
#include "app/output.h"
#include "app/script.h"
#include "commands/table.h"
#include "shell/shell.h"

/* Tokens must not end in a core dump, nor be read by another process of the same user. */
static void harden(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

/* Splits -c texts and files in their order; nothing has run yet. NULL with error set. */
static GPtrArray *read_scripts(const struct options *options, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *scripts = g_ptr_array_new_with_free_func((GDestroyNotify)script_free);
	unsigned texts = 0;
	guint i;

	for (i = 0; i < options->inputs->len; i++) {
		const struct options_input *input = &g_array_index(options->inputs, struct options_input, i);
		struct script *script;

		if (input->source == SOURCE_OPTION) {
			/* "-c", "-c 2", ...: so that an error says which. */
			AUTO(g_free) char *name = ++texts > 1 ? g_strdup_printf("-c %u", texts) : g_strdup("-c");

			script = script_split(command_table, input->text, SOURCE_OPTION, name, error);
		}
		else
			script = script_read(command_table, input->text, input->source, error);
		if (script == NULL)
			return NULL;
		g_ptr_array_add(scripts, script);
	}
	return AUTO_STEAL(scripts);
}

static void run_scripts(struct session *session, const GPtrArray *scripts)
{
	enum error_kind kind;
	guint i;

	for (i = 0; i < scripts->len; i++) {
		const struct script *script = g_ptr_array_index(scripts, i);
		size_t scope = variables_scope(session->variables);

		kind = script_run(session, script);
		/* A file's parameters are its own; what -c texts declare holds for what follows. */
		if (script->source != SOURCE_OPTION)
			variables_scope_end(session->variables, scope);
		if (session_stops_after(session, kind))
			return;
	}
}

static int run(struct session *session, const struct options *options)
{
	AUTO(g_ptr_array_unref) GPtrArray *scripts = NULL;
	struct error error = ERROR_INIT;

	scripts = read_scripts(options, &error);
	if (scripts == NULL || !script_check(session, scripts, &error)) {
		session_fault(session, &error);
		return error_status(error.kind);
	}
	if (session->options->check_only)
		return 0;
	if (options->shell) {
		session_mend_logs(session);
		shell_run_rc(session);
	}
	run_scripts(session, scripts);
	if (options->shell && !session->quit)
		return shell_run(session); /* what was tried at the prompt does not count */
	session_finish(session);
	return error_status(session->worst);
}

int main(int argc, char **argv)
{
	__attribute__((cleanup(options_clear))) struct options options;
	struct error error = ERROR_INIT;
	struct session *session;
	int status;

	harden();
	setlocale(LC_CTYPE, "");
	if (!options_parse(&options, argc, argv, &error)) {
		if (error.kind == ERROR_NONE)
			return fputs(options.print, stdout) >= 0 && fflush(stdout) == 0 ? 0 : 1;
		fprintf(stderr, "error: %s\n", error.text);
		if (error.hint[0] != '\0')
			fprintf(stderr, "  %s\n", error.hint);
		return error_status(error.kind);
	}
	session = session_new(&options.session, command_table, &error);
	if (session == NULL) {
		options_refuse(&options, &error);
		return error_status(error.kind);
	}
	options_set_variables(&options, session->variables);
	session->batch = !options.shell;
	status = run(session, &options);
	session_free(session, status);
	return status;
}
