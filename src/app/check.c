#include "config.h"
#include "app/check.h"

#include <string.h>

#include "app/ask.h"
#include "app/dispatch.h"
#include "app/script.h"
#include "app/settings.h"
#include "core/isotime.h"
#include "fleet/columns.h"
#include "kql/predicate.h"

void check_begin(struct check *check, struct session *session, bool whole)
{
	*check = (struct check){ .session = session, .whole = whole, .expected = session->expected };
	check->variables = variables_copy(session->variables);
	check->comment = *settings_text(session->settings, "comment") != '\0';
	check->files = g_ptr_array_new();
}

void check_end(struct check *check)
{
	variables_free(check->variables);
	g_ptr_array_unref(check->files);
}

/* Whether a text ends in ` > FILE` or ` >> FILE`, where FILE looks like one: has a dot or a slash. */
static bool ends_in_file(const char *kql)
{
	const char *at = strrchr(kql, '>'), *word, *c;

	if (at == NULL || at == kql || (at[-1] != ' ' && at[-1] != '>'))
		return false;
	word = at + 1 + strspn(at + 1, " ");
	for (c = word; *c != '\0' && strchr(" \t\n()\"'|,=", *c) == NULL; c++)
		;
	return c > word && c[strspn(c, " \t\n")] == '\0' && strpbrk(word, "./") != NULL && !g_ascii_isdigit(*word);
}

void check_hint_file(const char *kql, struct error *error)
{
	if (ends_in_file(kql))
		error_hint(error, "after KQL the rest of the line is KQL, too; '|> tee FILE' at its end writes a file");
}

static bool check_predicate(const struct arguments *arguments, struct error *error)
{
	const struct command *command = arguments_command(arguments);
	const struct command_option *option;
	bool is_predicate = false;
	unsigned i;

	if (arguments_kql(arguments) == NULL)
		return true;
	for (i = 0; i < COMMAND_OPERANDS && command->operands[i].name != NULL; i++)
		is_predicate = is_predicate || command->operands[i].kind == VALUE_PREDICATE;
	for (i = 0; (option = command_option_nth(command, i)) != NULL; i++)
		if (option->kind == VALUE_PREDICATE && arguments_has(arguments, option->name))
			is_predicate = true;
	if (!is_predicate)
		return true;
	AUTO(kql_predicate_free) struct kql_predicate *predicate =
		kql_predicate_compile(arguments_kql(arguments), device_schema(), isotime_now(), error);
	if (predicate != NULL)
		return true;
	check_hint_file(arguments_kql(arguments), error);
	arguments_kql_error(arguments, error);
	return false;
}

static bool check_restricted(const struct session *session, const struct arguments *arguments, struct error *error)
{
	const struct command *command = arguments_command(arguments);

	if (!session_is_restricted(session))
		return true;
	if ((command->flags & COMMAND_SHELL) || arguments_program(arguments) != NULL ||
	    arguments_file(arguments, NULL) != NULL)
		return error_set(error, ERROR_USAGE, "the policy turns off !, |, > and editors ('restricted = yes')");
	return true;
}

/* Whether this command, in batch, can get its confirmation. */
static bool check_confirmation(const struct check *check, const struct arguments *arguments, struct error *error)
{
	const struct session *session = check->session;
	const struct command *command = arguments_command(arguments);
	bool yes = session->options->yes || arguments_has(arguments, "yes");

	if (yes && command_is_disruptive(command) && !arguments_has(arguments, "expect") && !check->expected) {
		error_set(error, ERROR_USAGE, "'%s' without a question needs --expect, or 'expect' since the set last changed",
			command->name);
		error_hint(error, "%s --expect COUNT: how many devices the set must have", command->name);
		return false;
	}
	if (!yes && !ask_possible()) {
		error_set(error, ERROR_USAGE, "nobody can confirm '%s': there is no terminal", command->name);
		error_hint(error, "-y acts without a question");
		return false;
	}
	return true;
}

/* A number of 0 would read as no limit, and so as wider than meant. */
static bool check_numbers(const struct arguments *arguments, struct error *error)
{
	const char *order = arguments_text(arguments, "order");

	if (arguments_number(arguments, "limit", 1) == 0 || arguments_number(arguments, "canary", 1) == 0)
		return error_set(error, ERROR_USAGE, "'--limit' and '--canary' want at least 1");
	if (order != NULL && device_column_find_fold(order) < 0)
		return error_set(error, ERROR_USAGE, "there is no device column '%s' to order by", order);
	return true;
}

static bool check_acting(const struct check *check, const struct arguments *arguments, struct error *error)
{
	const struct session *session = check->session;
	const struct command *command = arguments_command(arguments);
	bool dry_run = session->options->dry_run || arguments_has(arguments, "dry-run");
	const char *comment = arguments_text(arguments, "comment");

	if ((command->flags & COMMAND_ACTS) && !check_numbers(arguments, error))
		return false;
	if (!session->batch) {
		if (arguments_has(arguments, "yes"))
			return error_set(error, ERROR_USAGE, "'--yes' is for batch mode; here the terminal asks");
		return true;
	}
	if (command_needs_comment(command) && !(arguments_has(arguments, "comment") ? comment[strspn(comment, " \t")] != '\0' :
			check->comment)) {
		error_set(error, ERROR_USAGE, "'%s' needs a comment", command->name);
		error_hint(error, "--comment TEXT, or 'set comment TEXT' before");
		return false;
	}
	if (arguments_has(arguments, "include-protected"))
		return error_set(error, ERROR_USAGE, "'--include-protected' is never possible in batch mode");
	return dry_run || check_confirmation(check, arguments, error);
}

bool check_command(struct check *check, const struct arguments *arguments, struct error *error)
{
	const struct session *session = check->session;
	const struct command *command = arguments_command(arguments);

	if (arguments_wants_help(arguments))
		return true;
	if ((command->flags & COMMAND_PROMPT_ONLY) && session->batch)
		return error_set(error, ERROR_USAGE, "'%s' needs a person at the prompt", command->name);
	if (arguments_background(arguments) && !(command->flags & COMMAND_ACTS) && strcmp(command->name, "resume") != 0)
		return error_set(error, ERROR_USAGE, "'%s' does not run in the background", command->name);
	if (!check_restricted(session, arguments, error) || !check_predicate(arguments, error))
		return false;
	if ((command->flags & (COMMAND_ACTS | COMMAND_CONFIRMS)) && !check_acting(check, arguments, error))
		return false;
	if (command->check != NULL && !command->check(check, arguments, error))
		return false;
	if ((command->flags & COMMAND_CHANGES_SET) && !arguments_has(arguments, "show"))
		check->expected = false;
	return true;
}

/* ---- whole files */

static bool check_one(struct check *check, const struct script *script, const struct script_command *command,
	struct error *error)
{
	struct error fault = ERROR_INIT;
	AUTO(arguments_free) struct arguments *arguments =
		arguments_parse(check->session->commands, command->text, check->variables, &fault);

	if (arguments != NULL && check_command(check, arguments, &fault))
		return true;
	/* Of a file that `source` names, the fault is that command's. */
	if (check->files->len == 0)
		check->session->fault_command = dispatch_command_of(check->session, command->text);
	if (fault.kind == ERROR_FAILED)
		fault.kind = ERROR_USAGE;
	if (fault.file[0] == '\0')
		error_at(&fault, script->file, fault.line > 0 ? fault.line + command->line - 1 : command->line,
			fault.line > 0 ? fault.column : 1);
	return error_copy(error, &fault);
}

static bool check_script(struct check *check, const struct script *script, struct error *error)
{
	guint i;

	for (i = 0; i < script->commands->len; i++)
		if (!check_one(check, script, g_ptr_array_index(script->commands, i), error))
			return false;
	return true;
}

bool check_file(struct check *check, const char *path, struct error *error)
{
	AUTO(script_free) struct script *script = NULL;
	guint i;
	bool ok;

	for (i = 0; i < check->files->len; i++)
		if (strcmp(g_ptr_array_index(check->files, i), path) == 0)
			return error_set(error, ERROR_USAGE, "'%s' sources itself", path);
	if (check->files->len + check->session->depth >= SCRIPT_DEPTH)
		return error_set(error, ERROR_USAGE, "files source files more than %d deep", SCRIPT_DEPTH);
	script = script_read(check->session->commands, path, SOURCE_FILE, error);
	if (script == NULL)
		return false;
	g_ptr_array_add(check->files, (void *)path);
	ok = check_script(check, script, error);
	g_ptr_array_set_size(check->files, (gint)check->files->len - 1);
	return ok;
}

bool script_check(struct session *session, const GPtrArray *scripts, struct error *error)
{
	struct check check;
	bool ok = true;
	guint i;

	check_begin(&check, session, true);
	for (i = 0; ok && i < scripts->len; i++) {
		const struct script *script = g_ptr_array_index(scripts, i);
		size_t scope = variables_scope(check.variables);

		ok = check_script(&check, script, error);
		if (script->source != SOURCE_OPTION) /* as main runs them: a file's parameters are its own */
			variables_scope_end(check.variables, scope);
	}
	check_end(&check);
	return ok;
}
