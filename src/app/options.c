#include "config.h"
#include "app/options.h"

#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "app/output.h"

enum { OPT_SET = 256, OPT_CHECK, OPT_READ_ONLY, OPT_DEMO };

static const char short_options[] = "p:c:f:io:ynkqXVh";

static const struct option long_options[] = {
	{ "profile", required_argument, NULL, 'p' }, { "command", required_argument, NULL, 'c' },
	{ "file", required_argument, NULL, 'f' }, { "set", required_argument, NULL, OPT_SET },
	{ "interactive", no_argument, NULL, 'i' }, { "output", required_argument, NULL, 'o' },
	{ "yes", no_argument, NULL, 'y' }, { "dry-run", no_argument, NULL, 'n' },
	{ "keep-going", no_argument, NULL, 'k' }, { "quiet", no_argument, NULL, 'q' },
	{ "no-rc", no_argument, NULL, 'X' }, { "check", no_argument, NULL, OPT_CHECK },
	{ "read-only", no_argument, NULL, OPT_READ_ONLY }, { "demo", no_argument, NULL, OPT_DEMO },
	{ "version", no_argument, NULL, 'V' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
};

static const char help_text[] =
	"Usage: cordon [OPTION]...\n"
	"A shell for incident responders on Microsoft Defender.\n\n"
	"  -p, --profile NAME    profile of the configuration file\n"
	"  -c, --command TEXT    run TEXT and exit; repeatable, in order with -f\n"
	"  -f, --file FILE       run a command file and exit; - is standard input\n"
	"      --set NAME=VALUE  a variable, as 'let' sets it\n"
	"  -i, --interactive     stay at the prompt after -c and -f\n"
	"  -o, --output FORMAT   table, line, csv or json\n"
	"  -y, --yes             in batch: ask nothing\n"
	"  -n, --dry-run         plan and print every action, send none\n"
	"  -k, --keep-going      in batch: go on after a failed command\n"
	"  -q, --quiet           errors only on standard error\n"
	"  -X, --no-rc           do not run cordonrc\n"
	"      --check           check all commands, run none\n"
	"      --read-only       refuse everything that changes the tenant\n"
	"      --demo            start a simulated tenant and connect to it\n"
	"  -V, --version         version\n"
	"  -h, --help            this text\n\n"
	"Files: $XDG_CONFIG_HOME/cordon/config and cordonrc, $XDG_STATE_HOME/cordon/.\n"
	"'help' at the prompt tells more, and so does cordon(1).\n";

static bool take_format(struct options *options, const char *name, struct error *error)
{
	static const char *const names[] = { "table", "line", "csv", "json" };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(names[i], name) == 0) {
			options->session.format = (enum output_format)i;
			options->session.format_given = true;
			return true;
		}
	return error_set(error, ERROR_USAGE, "'-o %s' is none of table, line, csv, json", name);
}

static bool take_set(struct options *options, const char *text, struct error *error)
{
	const char *equals = strchr(text, '=');
	AUTO(g_free) char *name = g_strndup(text, equals != NULL ? (size_t)(equals - text) : 0);

	if (equals == NULL || !variables_name_ok(name))
		return error_set(error, ERROR_USAGE, "'--set %s' is not NAME=VALUE", text);
	g_array_append_val(options->sets, text);
	return true;
}

static void take_input(struct options *options, enum command_source source, const char *text)
{
	struct options_input input = { .source = source, .text = text };

	g_array_append_val(options->inputs, input);
}

static bool take_option(struct options *options, int option, struct error *error)
{
	struct session_options *session = &options->session;

	switch (option) {
	case 'p':
		session->profile = optarg;
		return true;
	case 'c':
		take_input(options, SOURCE_OPTION, optarg);
		return true;
	case 'f':
		take_input(options, strcmp(optarg, "-") == 0 ? SOURCE_STDIN : SOURCE_FILE, optarg);
		return true;
	case 'o':
		return take_format(options, optarg, error);
	case OPT_SET:
		return take_set(options, optarg, error);
	case 'i':
		return session->interactive = true;
	case 'y':
		return session->yes = true;
	case 'n':
		return session->dry_run = true;
	case 'k':
		return session->keep_going = true;
	case 'q':
		return session->quiet = true;
	case 'X':
		return session->no_rc = true;
	case OPT_CHECK:
		return session->check_only = true;
	case OPT_READ_ONLY:
		return session->read_only = true;
	default:
		return session->demo = true;
	}
}

/* What does not go together. */
static bool check(struct options *options, struct error *error)
{
	struct session_options *session = &options->session;
	unsigned stdins = 0;
	guint i;

	for (i = 0; i < options->inputs->len; i++)
		stdins += g_array_index(options->inputs, struct options_input, i).source == SOURCE_STDIN ? 1 : 0;
	if (stdins > 1)
		return error_set(error, ERROR_USAGE, "standard input can be read once");
	if (options->inputs->len == 0 && !isatty(STDIN_FILENO)) {
		take_input(options, SOURCE_STDIN, "-");
		stdins = 1;
	}
	options->shell = session->interactive || options->inputs->len == 0;
	if (session->interactive && !isatty(STDIN_FILENO))
		return error_set(error, ERROR_USAGE, "-i needs a terminal as standard input");
	if (session->demo && session->profile != NULL)
		return error_set(error, ERROR_USAGE, "--demo and -p exclude each other");
	if (session->yes && options->shell) {
		error_set(error, ERROR_USAGE, "-y is for batch mode; at the prompt the terminal asks");
		return false;
	}
	if (session->check_only && options->inputs->len == 0)
		return error_set(error, ERROR_USAGE, "--check needs commands: -c, -f or standard input");
	return true;
}

bool options_parse(struct options *options, int argc, char **argv, struct error *error)
{
	int option;

	*options = (struct options){ .session = { .program = argv[0], .argv = argv } };
	options->inputs = g_array_new(FALSE, FALSE, sizeof(struct options_input));
	options->sets = g_array_new(FALSE, FALSE, sizeof(const char *));
	opterr = 0;
	while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) >= 0) {
		if (option == 'h' || option == 'V') {
			options->print = option == 'h' ? help_text : PACKAGE_STRING "\n";
			return false;
		}
		if (option == '?') {
			error_set(error, ERROR_USAGE, "'%s' is unknown or lacks its value", argv[optind - 1]);
			error_hint(error, "cordon --help lists the options");
			return false;
		}
		if (!take_option(options, option, error))
			return false;
	}
	if (optind < argc) {
		error_set(error, ERROR_USAGE, "'%s' is more than was expected", argv[optind]);
		error_hint(error, "commands are given with -c");
		return false;
	}
	return check(options, error);
}

void options_clear(struct options *options)
{
	g_array_unref(options->inputs);
	g_array_unref(options->sets);
}

void options_set_variables(const struct options *options, struct variables *variables)
{
	guint i;

	for (i = 0; i < options->sets->len; i++) {
		const char *text = g_array_index(options->sets, const char *, i), *equals = strchr(text, '=');
		AUTO(g_free) char *name = g_strndup(text, (size_t)(equals - text));

		variables_set(variables, name, equals + 1);
	}
}

void options_refuse(const struct options *options, const struct error *error)
{
	output_refuse(options->session.format_given && options->session.format == OUTPUT_JSON, error);
}
