#include "config.h"
#include "app/dispatch.h"

#include <string.h>

#include "app/act.h"
#include "app/check.h"
#include "app/output.h"
#include "app/tenant.h"
#include "core/text.h"

/* ---- help of one command */

/* Fills lines up to 79 columns from where the text stands; what follows is indented. */
static void append_wrapped(GString *out, const char *text, unsigned indent)
{
	const char *line = strrchr(out->str, '\n');
	size_t column = strlen(line != NULL ? line + 1 : out->str), length;

	if (column < indent) {
		g_string_append_printf(out, "%*s", (int)(indent - column), "");
		column = indent;
	}
	while (*text != '\0') {
		length = strcspn(text, " ");
		if (column > indent && column + 1 + length > 79) {
			g_string_append_printf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			g_string_append_c(out, ' ');
			column++;
		}
		g_string_append_len(out, text, (gssize)length);
		column += length;
		text += length;
		text += strspn(text, " ");
	}
	g_string_append_c(out, '\n');
}

static void append_option(GString *out, const struct command_option *option)
{
	AUTO(g_string) GString *left = g_string_new(NULL);

	if (option->letter != '\0')
		g_string_append_printf(left, "-%c, ", option->letter);
	g_string_append_printf(left, "--%s", option->name);
	if (option->kind != VALUE_NONE)
		g_string_append_printf(left, " %s", option->argument);
	g_string_append_printf(out, "  %s%s", left->str, left->len < 24 ? "" : "\n");
	append_wrapped(out, option->help, 26);
}

static void append_list(GString *out, const char *heading, const char *const *texts, unsigned indent)
{
	if (texts == NULL || *texts == NULL)
		return;
	g_string_append_printf(out, "\n%s", heading);
	for (; *texts != NULL; texts++) {
		if (*heading != '\0')
			g_string_append_printf(out, "%*s%s\n", (int)indent, "", *texts);
		else
			append_wrapped(out, *texts, 0);
	}
}

void dispatch_help(const struct command *command, GString *out)
{
	AUTO(g_free) char *usage = command_usage(command);
	const struct command_option *option;
	const char *const *alias;
	unsigned i;

	g_string_append_printf(out, "%s - %s\n\n", command->name, command->summary);
	append_wrapped(out, usage, 2);
	for (alias = command->aliases; alias != NULL && *alias != NULL; alias++)
		g_string_append_printf(out, "%s%s%s", alias == command->aliases ? "  also: " : ", ", *alias,
			alias[1] == NULL ? "\n" : "");
	append_list(out, "", command->help, 0);
	if (command->operands[0].name != NULL && command->operands[0].help != NULL)
		g_string_append_c(out, '\n');
	for (i = 0; i < COMMAND_OPERANDS && command->operands[i].name != NULL; i++)
		if (command->operands[i].help != NULL) {
			g_string_append_printf(out, "  %s", command->operands[i].name);
			append_wrapped(out, command->operands[i].help, 26);
		}
	if (command_option_nth(command, 0) != NULL)
		g_string_append(out, "\nOptions:\n");
	for (i = 0; (option = command_option_nth(command, i)) != NULL; i++)
		append_option(out, option);
	append_list(out, "Examples:\n", command->examples, 2);
}

const struct command *dispatch_command_of(const struct session *session, const char *text)
{
	struct words words;
	struct word first = { .kind = WORD_END }, second = { .kind = WORD_END };
	const struct command *command = NULL;
	unsigned count;

	words_init(&words, text, NULL);
	if (words_next(&words, &first, NULL) && first.kind == WORD_TEXT) {
		bool two = words_next(&words, &second, NULL) && second.kind == WORD_TEXT;

		command = command_find(session->commands, first.text, two ? second.text : NULL, &count);
	}
	word_clear(&first);
	word_clear(&second);
	return command;
}

/* ---- members of what failed early (contract, section 7) */

static void fill(struct result *result, const char *name, json_t *value)
{
	if (result_has_member(result, name))
		json_decref(value);
	else
		result_member(result, name, value);
}

static void fill_job(const struct command *command, struct result *result)
{
	static const char *const counts[] = { "total", "accepted", "already", "skipped", "refused", "unsent", "unknown" };

	fill(result, "job", json_null());
	fill(result, "action", command->flags & COMMAND_ACTS ? json_string(command->name) : json_null());
	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
		fill(result, counts[i], json_integer(0));
	fill(result, "statuses", json_object());
	fill(result, "results", json_array());
}

static void fill_selection(const struct session *session, struct result *result)
{
	fill(result, "count", json_integer((json_int_t)session_device_count(session)));
	fill(result, "added", json_integer(0));
	fill(result, "removed", json_integer(0));
	fill(result, "unresolved", json_array());
	fill(result, "ambiguous", json_array());
	fill(result, "chosen", json_array());
	fill(result, "truncated", json_false());
}

void dispatch_fill(const struct session *session, const struct command *command, const struct arguments *arguments,
	struct result *result)
{
	if ((command->flags & COMMAND_CHANGES_SET) && (arguments == NULL || !arguments_has(arguments, "show")))
		fill_selection(session, result);
	if (command->flags & (COMMAND_ACTS | COMMAND_TELLS_JOB))
		fill_job(command, result);
	if ((command->flags & COMMAND_SHOWS) || (arguments != NULL && arguments_has(arguments, "show"))) {
		fill(result, "schema", json_array());
		fill(result, "rows", json_array());
	}
}

/* ---- running */

/* A selecting command that only shows leaves the set alone. */
static bool is_selecting(const struct arguments *arguments)
{
	return (arguments_command(arguments)->flags & COMMAND_CHANGES_SET) && !arguments_has(arguments, "show");
}

static unsigned set_state(const struct session *session)
{
	return session->tenant != NULL ? fleet_set_state(session->tenant->set) : 0;
}

static void follow_set(struct session *session, const struct arguments *arguments, unsigned state_before, bool ok,
	const struct error *error)
{
	const struct command *command = arguments_command(arguments);

	if (set_state(session) != state_before)
		session->expected = false;
	if (!is_selecting(arguments))
		return;
	if (!ok)
		session_bar_add(session, session->command_text, error->kind == ERROR_USAGE ? command->name : NULL);
	else if (command->flags & COMMAND_REPLACES_SET)
		session_bar_lift(session, NULL, NULL);
	else
		session_bar_lift(session, session->command_text, command->name);
}

bool dispatch_check(struct session *session, const struct arguments *arguments, struct error *error)
{
	struct check check;
	bool ok;

	check_begin(&check, session, false);
	ok = check_command(&check, arguments, error);
	check_end(&check);
	if (!ok)
		follow_set(session, arguments, set_state(session), false, error);
	return ok;
}

static bool prepare(struct session *session, const struct arguments *arguments, struct error *error)
{
	const struct command *command = arguments_command(arguments);

	if ((command->flags & COMMAND_CHANGES_TENANT) && session->options->read_only) {
		error_set(error, ERROR_FAILED, "'%s' is refused: --read-only", command->name);
		return false;
	}
	if ((command->flags & (COMMAND_SIGN_IN | COMMAND_DEVICES)) && session_engine(session, error) == NULL)
		return false;
	if ((command->flags & COMMAND_DEVICES) && session_device_count(session) == 0) {
		error_set(error, ERROR_FAILED, "the working set is empty");
		error_hint(error, "'add', 'select' or 'query' devices first");
		return false;
	}
	return true;
}

bool dispatch_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	const struct command *command = arguments_command(arguments);
	unsigned before = set_state(session);
	bool ok;

	if (arguments_wants_help(arguments)) {
		dispatch_help(command, result_text(result));
		return true;
	}
	ok = prepare(session, arguments, error);
	if (ok && (command->flags & COMMAND_ACTS))
		ok = act_command(session, arguments, result, error);
	else if (ok)
		ok = command->run(session, arguments, result, error);
	follow_set(session, arguments, before, ok, error);
	return ok;
}
