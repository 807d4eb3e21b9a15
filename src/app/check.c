#include "config.h"
#include "app/check.h"

#include <string.h>

#include "app/ask.h"
#include "app/dispatch.h"
#include "app/local_tables.h"
#include "app/script.h"
#include "app/settings.h"
#include "app/shapes.h"
#include "app/tenant.h"
#include "core/isotime.h"
#include "engine/where.h"
#include "fleet/columns.h"
#include "kql/chart.h"
#include "kql/predicate.h"

void check_begin(struct check *check, struct session *session, bool whole)
{
	*check = (struct check){ .session = session, .whole = whole, .expected = session->expected };
	check->variables = variables_copy(session->variables);
	check->comment = *settings_text(session->settings, "comment") != '\0';
	check->files = g_ptr_array_new();
	check->loads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void check_end(struct check *check)
{
	variables_free(check->variables);
	g_ptr_array_unref(check->files);
	g_hash_table_unref(check->loads);
	table_free(check->results);
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

/* The columns of the rows that a command will find; NULL: there are none, or they are not known. */
static const struct table *rows_then(const struct check *check)
{
	const struct tenant *tenant = check->session->tenant;

	if (check->queried)
		return check->results;
	return tenant != NULL && tenant->rows != NULL ? tenant->rows->table : NULL;
}

/* After a query that has not run yet a name that no device column has may be a column of its rows. It is let pass unless it
 * looks like a slip for one that is known. */
static bool may_be_result(const struct check *check, const char *kql)
{
	AUTO(g_strfreev) char **names = kql_predicate_names(kql, isotime_now(), NULL);
	AUTO(g_free) struct kql_column *columns = NULL;
	struct kql_schema schema;
	bool other = false;

	if (!check->queried || names == NULL)
		return false;
	columns = where_schema(check->results, &schema);
	for (size_t n = 0; names[n] != NULL; n++) {
		if (device_column_find(names[n]) >= 0)
			continue;
		other = true;
		if (kql_schema_find(&schema, names[n]) == KQL_NO_COLUMN && kql_schema_nearest(&schema, names[n]) != NULL)
			return false;
	}
	return other;
}

static bool takes(const struct arguments *arguments, enum value_kind kind, enum completion completion)
{
	const struct command *command = arguments_command(arguments);
	const struct command_option *option;
	unsigned i;

	if (arguments_kql(arguments) == NULL)
		return false;
	for (i = 0; i < COMMAND_OPERANDS && command->operands[i].name != NULL; i++)
		if (command->operands[i].kind == kind && command->operands[i].completion == completion)
			return true;
	for (i = 0; (option = command_option_nth(command, i)) != NULL; i++)
		if (option->kind == kind && option->completion == completion && arguments_has(arguments, option->name))
			return true;
	return false;
}

static bool check_predicate(const struct check *check, const struct arguments *arguments, struct error *error)
{
	AUTO(kql_predicate_free) struct kql_predicate *predicate = NULL;
	struct error fault = ERROR_INIT;

	if (!takes(arguments, VALUE_PREDICATE, COMPLETE_PREDICATE))
		return true;
	predicate = where_compile(arguments_kql(arguments), rows_then(check), NULL, &fault);
	if (predicate != NULL || may_be_result(check, arguments_kql(arguments)))
		return true;
	check_hint_file(arguments_kql(arguments), &fault);
	arguments_kql_error(arguments, &fault);
	return error_copy(error, &fault);
}

/* What commands after this one will find. */
static void note_effects(struct check *check, const struct arguments *arguments)
{
	if (!takes(arguments, VALUE_QUERY, COMPLETE_QUERY))
		return;
	check->queried = true;
	table_free(check->results);
	check->results = shape_of_query(arguments_kql(arguments));
}

/* Results of a query that has not run, and tables that are not loaded yet, are not known. */
struct pending {
	const struct check *check;
	const struct kql_source *source;
	bool unknown;
};

static const struct table *pending_find(void *data, const char *name)
{
	struct pending *pending = data;
	const struct check *check = pending->check;
	bool results = strcmp(name, local_table_names[LOCAL_RESULTS]) == 0;

	if ((results && check->queried) || g_hash_table_contains(check->loads, name)) {
		pending->unknown = true;
		return results ? check->results : NULL;
	}
	return pending->source->find(pending->source->data, name);
}

static const char *pending_alias(void *data, const char *name, size_t column)
{
	const struct pending *pending = data;

	return pending->source->alias(pending->source->data, name, column);
}

bool check_pipeline(const struct check *check, const char *kql, struct error *error)
{
	AUTO(local_view_free) struct local_view *view = local_view_new(check->session);
	struct pending pending = { .check = check, .source = local_view_source(view) };
	struct kql_source source = { .find = pending_find, .names = pending.source->names, .data = &pending,
		.alias = pending_alias };
	struct error fault = ERROR_INIT;
	AUTO(kql_query_free) struct kql_query *query = kql_query_compile(kql, &source, NULL, isotime_now(), &fault);
	AUTO(kql_query_free) struct kql_query *parsed = NULL;
	struct kql_schema schema;

	if (query == NULL && pending.unknown)
		return (parsed = kql_query_parse(kql, isotime_now(), error)) != NULL;
	if (query == NULL) {
		local_view_explain(view, &fault);
		return error_copy(error, &fault);
	}
	kql_query_schema(query, &schema);
	return kql_query_render(query) == NULL || pending.unknown ||
		kql_chart_check(kql, kql_query_render(query), &schema, error);
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
	if (!check_restricted(session, arguments, error) || !check_predicate(check, arguments, error))
		return false;
	if ((command->flags & (COMMAND_ACTS | COMMAND_CONFIRMS)) && !check_acting(check, arguments, error))
		return false;
	if (command->check != NULL && !command->check(check, arguments, error))
		return false;
	if ((command->flags & COMMAND_CHANGES_SET) && !arguments_has(arguments, "show"))
		check->expected = false;
	note_effects(check, arguments);
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
