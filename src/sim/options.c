#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/isotime.h"
#include "sim/faults.h"
#include "sim/sim.h"

enum { OPT_PORT = 256, OPT_PORT_FILE, OPT_DEVICES, OPT_MACHINES, OPT_SEED, OPT_ROLES, OPT_LATENCY, OPT_WINDOW, OPT_LAG,
	OPT_LOG, OPT_FAULT, OPT_GONE, OPT_VANISH, OPT_MERGED, OPT_OFFLINE, OPT_FAIL, OPT_ACTION_LIFE, OPT_SKEW, OPT_NOW,
	OPT_LIFE, OPT_SAME,
	OPT_BULK, OPT_AUDIENCE, OPT_CHUNKED, OPT_ROWS, OPT_HUNTING, OPT_EOF, OPT_QUIET };

static const struct option longs[] = {
	{ "port", 1, NULL, OPT_PORT }, { "port-file", 1, NULL, OPT_PORT_FILE }, { "devices", 1, NULL, OPT_DEVICES },
	{ "machines", 1, NULL, OPT_MACHINES }, { "seed", 1, NULL, OPT_SEED }, { "roles", 1, NULL, OPT_ROLES },
	{ "latency-ms", 1, NULL, OPT_LATENCY }, { "window-scale", 1, NULL, OPT_WINDOW }, { "list-lag", 1, NULL, OPT_LAG },
	{ "log", 1, NULL, OPT_LOG }, { "fault", 1, NULL, OPT_FAULT }, { "gone", 1, NULL, OPT_GONE },
	{ "vanish-after-list", 1, NULL, OPT_VANISH }, { "merged-gone", 0, NULL, OPT_MERGED },
	{ "offline", 1, NULL, OPT_OFFLINE }, { "fail", 1, NULL, OPT_FAIL }, { "action-life", 1, NULL, OPT_ACTION_LIFE },
	{ "clock-skew", 1, NULL, OPT_SKEW },
	{ "now", 1, NULL, OPT_NOW }, { "token-life", 1, NULL, OPT_LIFE }, { "same-action", 1, NULL, OPT_SAME },
	{ "bulk-unknown", 1, NULL, OPT_BULK }, { "wrong-audience", 1, NULL, OPT_AUDIENCE },
	{ "chunked", 0, NULL, OPT_CHUNKED }, { "row-limit", 1, NULL, OPT_ROWS }, { "hunting-rows", 1, NULL, OPT_HUNTING }, { "until-eof", 0, NULL, OPT_EOF },
	{ "quiet", 0, NULL, OPT_QUIET },
	{ "version", 0, NULL, 'V' }, { "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 },
};

static const char usage[] =
	"usage: cordon-sim [OPTION]...\n"
	"A simulated tenant of Microsoft Defender: sign-in, device API and hunting on 127.0.0.1.\n\n"
	"  --port N                listen there (any free port)\n"
	"  --port-file FILE        write the port to FILE once requests are served\n"
	"  --devices N             so many device records (120)\n"
	"  --machines FILE         records from FILE, a body as of the machine list, or an array of them; repeatable\n"
	"  --seed S                another tenant, other faults (1)\n"
	"  --now TIME              the clock begins at TIME instead of now\n"
	"  --roles LIST            application roles held, separated by commas (all)\n"
	"  --latency-ms L          each answer takes so long\n"
	"  --window-scale X        rate-limit windows, life of actions and list lag take X times as long (1);\n"
	"                          0: no limits, and the life of actions within a second or so\n"
	"  --list-lag SECONDS      a new action shows in the action list only after so long (scaled)\n"
	"  --log FILE              append a JSON line for each request\n"
	"  --fault SPEC            PATH:KIND[@N|%P][:ARG], repeatable, see below\n"
	"  --gone DEVICE           listed, but unknown to each call by id; an id or a name; repeatable\n"
	"  --vanish-after-list N   N devices leave the tenant once the whole machine list was read\n"
	"  --merged-gone           merged records are unknown to calls by id\n"
	"  --offline P             P percent of the actions find their device off: they wait or time out\n"
	"  --fail P                P percent of the actions fail\n"
	"  --action-life X         actions take X times as long as they do (1); 0: they have ended when they are answered\n"
	"  --clock-skew SECONDS    the Date header and the times in tokens are wrong by that\n"
	"  --token-life SECONDS    of access tokens (3599)\n"
	"  --same-action WHAT      an action that is open already is answered by error 400 (`error`, the default) or by\n"
	"                          the open action (`existing`)\n"
	"  --bulk-unknown WHAT     an unknown id in a bulk tag call: `refuse` all (the default) or `skip` it\n"
	"  --wrong-audience N      a token for another service is answered by 403 (the default) or 401\n"
	"  --hunting-rows N        about so many rows of events for hunting, all tables together (100000)\n"
	"  --row-limit N           hunting results are cut after N rows (100000)\n"
	"  --chunked               answers without a length\n"
	"  --until-eof             stop when standard input ends\n"
	"  --quiet                 do not tell the address\n"
	"  --version, --help\n";

static void print_help(void)
{
	fputs(usage, stdout);
	printf("\nSign-in (fixed):\n");
	for (unsigned i = 0; i < SIM_TENANTS; i++)
		printf("  %s (%s)\n    tenant %s\n    app    %s (%s)\n    secret %s\n", sim_identities[i].name,
			sim_identities[i].domain, sim_identities[i].tenant_id, sim_identities[i].app_id, sim_identities[i].app_name,
			sim_identities[i].secret);
	printf("  The secret `%s` counts as expired.\n", SIM_EXPIRED_SECRET);
	printf("\nFaults. PATH is the last segment of a path (isolate, machines, run, token), or with a slash or wild cards\n"
		"the whole path (/api/machineactions/*); a method and a blank may stand before it. @N strikes the N-th\n"
		"matching request only, @N-M and @N+ several, %%P that percentage of them, drawn from the seed. Kinds:\n");
	faults_help(stdout);
	printf("\nThe story: about a fifth of the Finance laptops (fin-lt-004, -009, -014, ...) have rarlab winrar 6.22,\n"
		"with CVE-2023-38831; on some of them (fin-lt-014, -034, ...) an opened archive started PowerShell, and\n"
		"from there someone logged on to it-jump-01. Domain controllers bear the tag tier0.\n"
		"\nFor tests: GET /sim/state, POST /sim/vanish, /sim/fault, /sim/calm, /sim/revoke, /sim/action, \n/sim/machine, /sim/time.\n");
}

static bool read_number(const char *name, const char *text, double least, double most, double *number,
	struct error *error)
{
	char *end;

	*number = g_ascii_strtod(text, &end);
	if (end == text || *end != '\0' || !(*number >= least && *number <= most))
		return error_set(error, ERROR_USAGE, "--%s '%s' is not a number from %g to %g", name, text, least, most);
	return true;
}

static bool read_choice(const char *name, const char *text, const char *no, const char *yes, bool *chosen,
	struct error *error)
{
	*chosen = strcmp(text, yes) == 0;
	if (*chosen || strcmp(text, no) == 0)
		return true;
	return error_set(error, ERROR_USAGE, "--%s is '%s' or '%s', not '%s'", name, no, yes, text);
}

static bool read_numbered(struct sim_options *options, int option, const char *name, struct error *error)
{
	static const struct {
		int option;
		double most;
	} bounds[] = { { OPT_PORT, 65535 }, { OPT_DEVICES, 2000000 }, { OPT_SEED, 9e15 }, { OPT_LATENCY, 600000 },
		{ OPT_WINDOW, 100 }, { OPT_LAG, 1e6 }, { OPT_VANISH, 2000000 }, { OPT_OFFLINE, 100 }, { OPT_FAIL, 100 },
		{ OPT_ACTION_LIFE, 1000 }, { OPT_LIFE, 1e6 }, { OPT_ROWS, 100000 }, { OPT_HUNTING, 1e7 }, { OPT_AUDIENCE, 403 } };
	double number, most = 1e9;

	for (size_t i = 0; i < G_N_ELEMENTS(bounds); i++)
		if (bounds[i].option == option)
			most = bounds[i].most;
	if (!read_number(name, optarg, option == OPT_SKEW ? -1e9 : 0, most, &number, error))
		return false;
	switch (option) {
	case OPT_PORT:
		options->port = (unsigned)number;
		break;
	case OPT_DEVICES:
		options->devices = (unsigned)number;
		break;
	case OPT_SEED:
		options->seed = (uint64_t)number;
		break;
	case OPT_LATENCY:
		options->latency_ms = (unsigned)number;
		break;
	case OPT_WINDOW:
		options->window_scale = number;
		break;
	case OPT_LAG:
		options->list_lag = number;
		break;
	case OPT_VANISH:
		options->vanish_after_list = (unsigned)number;
		break;
	case OPT_OFFLINE:
		options->offline_percent = number;
		break;
	case OPT_FAIL:
		options->fail_percent = number;
		break;
	case OPT_ACTION_LIFE:
		options->action_life = number;
		break;
	case OPT_SKEW:
		options->clock_skew = number;
		break;
	case OPT_LIFE:
		options->token_life = (unsigned)number;
		break;
	case OPT_HUNTING:
		options->hunting_rows = (unsigned)number;
		break;
	case OPT_ROWS:
		options->row_limit = (unsigned)number;
		break;
	default:
		options->wrong_audience = (unsigned)number;
	}
	return true;
}

static bool read_option(struct sim_options *options, int option, const char *name, struct error *error)
{
	int64_t ticks;

	switch (option) {
	case OPT_PORT_FILE:
		options->port_file = optarg;
		return true;
	case OPT_MACHINES:
		g_ptr_array_add(options->machine_files, optarg);
		return true;
	case OPT_ROLES:
		options->roles = optarg;
		return true;
	case OPT_LOG:
		options->log = optarg;
		return true;
	case OPT_FAULT:
		g_ptr_array_add(options->faults, optarg);
		return true;
	case OPT_GONE:
		g_ptr_array_add(options->gone, optarg);
		return true;
	case OPT_MERGED:
		return options->merged_gone = true;
	case OPT_CHUNKED:
		return options->chunked = true;
	case OPT_EOF:
		return options->until_eof = true;
	case OPT_QUIET:
		return options->quiet = true;
	case OPT_SAME:
		return read_choice(name, optarg, "error", "existing", &options->same_action_existing, error);
	case OPT_BULK:
		return read_choice(name, optarg, "refuse", "skip", &options->bulk_skip, error);
	case OPT_NOW:
		options->now = optarg;
		return isotime_parse(optarg, strlen(optarg), &ticks) || error_set(error, ERROR_USAGE, "--now '%s' is no time",
			optarg);
	default:
		return read_numbered(options, option, name, error);
	}
}

bool sim_options_parse(struct sim_options *options, int argc, char **argv, struct error *error)
{
	int option, index = 0;

	*options = (struct sim_options){ .devices = 120, .seed = 1, .window_scale = 1, .action_life = 1, .token_life = 3599,
		.wrong_audience = 403, .row_limit = 100000, .hunting_rows = 100000 };
	options->machine_files = g_ptr_array_new();
	options->faults = g_ptr_array_new();
	options->gone = g_ptr_array_new();
	opterr = 0;
	while ((option = getopt_long(argc, argv, "hV", longs, &index)) >= 0) {
		if (option == 'h' || option == 'V') {
			if (option == 'h')
				print_help();
			else
				printf("cordon-sim %s\n", PACKAGE_VERSION);
			exit(fflush(stdout) == 0 ? 0 : 1);
		}
		if (option == '?')
			return error_set(error, ERROR_USAGE, "'%s' is no option, or its value is missing; try cordon-sim --help",
				argv[optind - 1]);
		if (!read_option(options, option, longs[index].name, error))
			return false;
	}
	if (optind < argc)
		return error_set(error, ERROR_USAGE, "'%s' is more than was expected; try cordon-sim --help", argv[optind]);
	return true;
}

void sim_options_clear(struct sim_options *options)
{
	g_ptr_array_unref(options->machine_files);
	g_ptr_array_unref(options->faults);
	g_ptr_array_unref(options->gone);
}
