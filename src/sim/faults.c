#include "config.h"
#include "sim/faults.h"

#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "core/auto.h"
#include "core/file.h"
#include "sim/limits.h"
#include "sim/rng.h"
#include "sim/route.h"

struct fault {
	char *text;    /* as given */
	char *method;  /* NULL: any */
	char *pattern;
	const struct fault_kind *kind;
	char *arg;     /* NULL: none */
	unsigned from, to; /* of the matching requests, from 1; 0: no such bound */
	double percent;    /* negative: always */
	struct rng rng;
	unsigned seen;
	bool over;
};

struct faults {
	GPtrArray *list;
	uint64_t seed;
};

struct fault_kind {
	const char *name;
	void (*mark)(struct request *request, const char *arg);   /* as it is drawn */
	bool (*before)(struct request *request, const char *arg); /* true: the request is over */
	void (*after)(struct request *request, const char *arg);
	const char *help;
};

static unsigned number(const char *arg, unsigned otherwise)
{
	return arg != NULL ? (unsigned)strtoul(arg, NULL, 10) : otherwise;
}

/* ---- kinds */

static const char gateway_page[] = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n<body>\n"
	"<h1>502 Bad Gateway</h1>\n<p>proxy01: the upstream server did not answer.</p>\n</body></html>\n";

static void drop(struct request *request, const char *arg)
{
	(void)arg;
	request->fault.drop = true;
}

static bool drop_before(struct request *request, const char *arg)
{
	drop(request, arg);
	return true;
}

static void server_error(struct request *request, const char *arg)
{
	(void)arg;
	answer_error(request, 500, "InternalServerError", "An internal error occurred.");
}

static bool server_error_before(struct request *request, const char *arg)
{
	server_error(request, arg);
	return true;
}

static bool too_many(struct request *request, const char *arg)
{
	const struct route *route = request->route;

	limits_refuse(request, route != NULL && route->per_minute != 0 ? route->per_minute : 100, false, number(arg, 2));
	return true;
}

static void page(struct request *request, const char *arg)
{
	g_string_append(answer_begin(request, number(arg, 502), "text/html"), gateway_page);
}

static bool page_before(struct request *request, const char *arg)
{
	page(request, arg);
	return true;
}

static bool status_before(struct request *request, const char *arg)
{
	answer_error(request, number(arg, 503), "ServiceUnavailable", "The service is not available.");
	return true;
}

static bool redirect(struct request *request, const char *arg)
{
	answer_begin(request, 302, "text/plain");
	request->answer.location = g_strdup(arg != NULL ? arg : "https://login.example.com/");
	return true;
}

static bool revoke_token(struct request *request, const char *arg)
{
	(void)arg;
	if (request->token != NULL)
		token_revoke(request->sim, request->token, false);
	return false;
}

static bool expire(struct request *request, const char *arg)
{
	(void)arg;
	if (request->token != NULL)
		token_revoke(request->sim, request->token, true);
	return false;
}

static bool unauthorized(struct request *request, const char *arg)
{
	(void)arg;
	answer_error(request, 401, request->service == SERVICE_GRAPH ? "InvalidAuthenticationToken" : "Unauthorized",
		"Access token validation failure. Invalid audience.");
	request->answer.authenticate = true;
	return true;
}

static bool vanish(struct request *request, const char *arg)
{
	struct tenant *tenant = request->sim->tenants[request->token != NULL ? request->token->tenant : 0];
	struct machine *machine = NULL;

	for (guint i = 0; arg == NULL && machine == NULL && i < request->segments->len; i++)
		machine = tenant_machine(tenant, g_ptr_array_index(request->segments, i));
	if (arg != NULL)
		machine = tenant_find(tenant, arg);
	if (machine != NULL)
		tenant_vanish(tenant, machine);
	return false;
}

static void slow(struct request *request, const char *arg)
{
	request->answer.delay_ms += number(arg, 1000);
}

/* The process whose id stands in file ARG dies at this very request; its connection is closed without an answer. */
static void kill_client(struct request *request, const char *arg)
{
	AUTO(g_free) char *text = NULL;
	struct error error = ERROR_INIT;
	size_t length;
	long pid;

	request->fault.drop = true;
	if (arg == NULL || arg[0] != '/' || !file_read(arg, 32, &text, &length, &error))
		return;
	pid = strtol(text, NULL, 10);
	if (pid > 1)
		kill((pid_t)pid, SIGKILL);
}

static bool kill_before(struct request *request, const char *arg)
{
	kill_client(request, arg);
	return true;
}

static void truncated(struct request *request, const char *arg)
{
	(void)arg;
	request->fault.truncate = true;
}

static void garbage(struct request *request, const char *arg)
{
	unsigned status = request->answer.status;

	answer_begin(request, status, JSON_TYPE);
	g_string_append(request->answer.body, arg != NULL ? arg : "{\"id\":\"8af71966-4671-\x01 <<not JSON>>");
}

static void mark_short_page(struct request *request, const char *arg)
{
	(void)arg;
	request->fault.short_page = true;
}

static void mark_repeat_page(struct request *request, const char *arg)
{
	(void)arg;
	request->fault.repeat_page = true;
}

static void mark_next(struct request *request, const char *arg)
{
	request->fault.next_url = arg != NULL ? arg : "https://evil.example.com/api/machines?$skip=10000";
}

static void mark_cut_comment(struct request *request, const char *arg)
{
	request->fault.cut_comment = number(arg, 20);
}

static void mark_lacks(struct request *request, const char *arg)
{
	(void)arg;
	request->fault.answer_lacks = true;
}

static void mark_ignored(struct request *request, const char *arg)
{
	(void)arg;
	request->fault.tag_ignored = true;
}

static void mark_same_action(struct request *request, const char *arg)
{
	(void)arg;
	request->fault.same_action = true;
}

static const struct fault_kind kinds[] = {
	{ "drop-before", NULL, drop_before, NULL, "connection closed, nothing performed" },
	{ "drop-after", NULL, NULL, drop, "performed, connection closed without an answer" },
	{ "500-before", NULL, server_error_before, NULL, "500, nothing performed" },
	{ "500-after", NULL, NULL, server_error, "performed, answered 500" },
	{ "429", NULL, too_many, NULL, "429 with Retry-After ARG (2), nothing performed" },
	{ "status", NULL, status_before, NULL, "status ARG (503), nothing performed" },
	{ "slow", NULL, NULL, slow, "performed, answered after ARG ms (1000)" },
	{ "truncated", NULL, NULL, truncated, "performed, answer cut in the middle, connection closed" },
	{ "garbage", NULL, NULL, garbage, "performed, body that is no JSON (ARG), status as it would be" },
	{ "html", NULL, page_before, NULL, "status ARG (502) with a proxy's HTML page, nothing performed" },
	{ "html-after", NULL, NULL, page, "the same, but performed" },
	{ "redirect", NULL, redirect, NULL, "302 to ARG, nothing performed" },
	{ "revoke", NULL, revoke_token, NULL, "the token used is revoked: 401 until a new one is fetched" },
	{ "expired", NULL, expire, NULL, "the same, as if its time had run out" },
	{ "wrong-audience-401", NULL, unauthorized, NULL, "401 once, the token stays good" },
	{ "vanish", NULL, vanish, NULL, "device ARG (or the one in the path) leaves the tenant, then performed" },
	{ "short-page", mark_short_page, NULL, NULL, "a list page lacks its last three rows" },
	{ "repeat-page", mark_repeat_page, NULL, NULL, "a list page's last row is its first once more" },
	{ "foreign-next", mark_next, NULL, NULL, "nextLink leads to ARG" },
	{ "cut-comment", mark_cut_comment, NULL, NULL, "only ARG bytes (20) of the comment are stored" },
	{ "answer-lacks", mark_lacks, NULL, NULL, "a bulk tag answer does not return its first device" },
	{ "tag-ignored", mark_ignored, NULL, NULL, "a bulk tag call does not tag its first device" },
	{ "kill-before", NULL, kill_before, NULL, "the process whose id is in the file /ARG is killed, nothing performed" },
	{ "kill-after", NULL, NULL, kill_client, "performed, then that process is killed before it has an answer" },
	{ "same-action", mark_same_action, NULL, NULL, "an action is open: the other of the two documented answers" },
};

void faults_help(FILE *out)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		fprintf(out, "  %-19s %s\n", kinds[i].name, kinds[i].help);
}

const char *faults_name(const struct fault *fault)
{
	return fault != NULL ? fault->text : NULL;
}

/* ---- reading */

static void fault_free(struct fault *fault)
{
	g_free(fault->text);
	g_free(fault->method);
	g_free(fault->pattern);
	g_free(fault->arg);
	g_free(fault);
}

struct faults *faults_new(uint64_t seed)
{
	struct faults *faults = g_new0(struct faults, 1);

	faults->list = g_ptr_array_new_with_free_func((GDestroyNotify)fault_free);
	faults->seed = seed;
	return faults;
}

void faults_free(struct faults *faults)
{
	if (faults == NULL)
		return;
	g_ptr_array_unref(faults->list);
	g_free(faults);
}

/* "@3", "@3-5", "@3+" or "%5"; *at is moved behind it. */
static bool read_when(struct fault *fault, const char **at)
{
	char *end = (char *)*at;

	fault->percent = -1;
	if (**at == '%') {
		fault->percent = g_ascii_strtod(*at + 1, &end);
		if (end == *at + 1 || !(fault->percent >= 0 && fault->percent <= 100))
			return false;
	} else if (**at == '@') {
		fault->from = fault->to = (unsigned)strtoul(*at + 1, &end, 10);
		if (fault->from == 0)
			return false;
		if (*end == '+') {
			fault->to = 0;
			end++;
		} else if (*end == '-') {
			fault->to = (unsigned)strtoul(end + 1, &end, 10);
			if (fault->to < fault->from)
				return false;
		}
	}
	*at = end;
	return **at == '\0' || **at == ':';
}

static bool read_kind(struct fault *fault, const char *text)
{
	size_t length = strcspn(text, "@%:");

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strlen(kinds[i].name) == length && memcmp(kinds[i].name, text, length) == 0)
			fault->kind = &kinds[i];
	text += length;
	if (fault->kind == NULL || !read_when(fault, &text))
		return false;
	if (*text == ':')
		fault->arg = g_strdup(text + 1);
	return true;
}

bool faults_add(struct faults *faults, const char *text, struct error *error)
{
	struct fault *fault = g_new0(struct fault, 1);
	const char *colon = strchr(text, ':'), *start = text, *blank = strchr(text, ' ');

	fault->text = g_strdup(text);
	if (blank != NULL && colon != NULL && blank < colon) {
		fault->method = g_strndup(text, (gsize)(blank - text));
		start = blank + 1;
	}
	if (colon == NULL || colon == start || !read_kind(fault, colon + 1)) {
		fault_free(fault);
		error_set(error, ERROR_USAGE, "fault '%s' is not PATH:KIND[@N|%%P][:ARG]", text);
		error_hint(error, "cordon-sim --help lists the kinds");
		return false;
	}
	fault->pattern = g_strndup(start, (gsize)(colon - start));
	rng_init(&fault->rng, faults->seed, text, faults->list->len);
	g_ptr_array_add(faults->list, fault);
	return true;
}

void faults_end(struct faults *faults)
{
	/* not freed: an answer that is delayed may still name its fault */
	for (guint i = 0; i < faults->list->len; i++)
		((struct fault *)g_ptr_array_index(faults->list, i))->over = true;
}

/* ---- striking */

/* A pattern with wild cards or a leading slash is held against the whole path, a bare word against its last segment. */
static bool path_fits(const char *pattern, const struct request *request)
{
	const char *last = strrchr(request->path, '/');

	if (pattern[0] != '/' && strpbrk(pattern, "*?[/") == NULL)
		return g_ascii_strcasecmp(pattern, last != NULL ? last + 1 : request->path) == 0;
	return fnmatch(pattern, request->path, FNM_CASEFOLD) == 0;
}

static bool strikes(struct fault *fault, const struct request *request)
{
	if (fault->over)
		return false;
	if (fault->method != NULL && g_ascii_strcasecmp(fault->method, request->method) != 0)
		return false;
	if (!path_fits(fault->pattern, request))
		return false;
	fault->seen++;
	if (fault->percent >= 0)
		return rng_percent(&fault->rng, fault->percent);
	return fault->seen >= MAX(fault->from, 1) && (fault->to == 0 || fault->seen <= fault->to);
}

void faults_draw(struct request *request)
{
	const struct faults *faults = request->sim->faults;
	const struct fault *struck = NULL;

	for (guint i = 0; i < faults->list->len; i++) {
		struct fault *fault = g_ptr_array_index(faults->list, i);

		/* each draws, whether another has struck or not */
		if (strikes(fault, request) && struck == NULL)
			struck = fault;
	}
	request->fault.fault = struck;
	if (struck != NULL && struck->kind->mark != NULL)
		struck->kind->mark(request, struck->arg);
}

bool faults_before(struct request *request)
{
	const struct fault *fault = request->fault.fault;

	return fault != NULL && fault->kind->before != NULL && fault->kind->before(request, fault->arg);
}

void faults_after(struct request *request)
{
	const struct fault *fault = request->fault.fault;

	if (fault != NULL && fault->kind->after != NULL)
		fault->kind->after(request, fault->arg);
}
