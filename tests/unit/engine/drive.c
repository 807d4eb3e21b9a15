/* A driver for tests/cli/engine_*.py: plans and runs jobs against a simulated tenant and prints one JSON line a command. By
 * itself it tests nothing.
 *
 *   drive URL DIRECTORY SCALE SETTLE_MS [OPTION]... COMMAND...
 *
 * Options: --devices N, --platform TEXT, --protected KQL, --protected-list FILE, --max N, --limit N, --canary N, --force,
 * --case ID, --comment TEXT. Commands: plan ACTION VALUE, act ACTION VALUE, resume REF, watch REF FOR_MS, job REF, jobs,
 * cancel REF, revert REF, isolated, verify, stale (the inventory is as old as can be), vanish-none. VALUE "-" is none. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/isotime.h"
#include "core/text.h"
#include "engine/actions.h"
#include "engine/job.h"
#include "engine/plan.h"
#include "engine/policy.h"
#include "engine/sync.h"
#include "fleet/inventory.h"
#include "fleet/names.h"

static const char tenant[] = "11111111-1111-4111-8111-111111111111";
static const char audience[] = "https://api.securitycenter.microsoft.com";

struct drive {
	struct engine engine;
	struct jobs *jobs;
	struct policy_rules rules;
	struct act act;
	size_t devices;
	const char *platform;
	struct bitset *set;
	size_t shown;
};

static void notice(void *data, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void notice(void *data, const char *format, ...)
{
	AUTO(g_free) char *text = NULL;
	AUTO(g_free) char *safe = NULL;
	va_list args;

	(void)data;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	safe = text_safe(text);
	fprintf(stderr, "%s\n", safe);
}

static void progress(void *data, const char *text)
{
	(void)data;
	(void)text;
}

static void on_progress(void *data, const struct job *job)
{
	(void)job;
	((struct drive *)data)->shown++;
}

static void print_json(json_t *json, const struct error *error)
{
	char *text;

	if (error != NULL && error->kind != ERROR_NONE)
		json_object_set_new(json, "error", json_pack("{s:i, s:s, s:s, s:s}", "kind", (int)error->kind,
			"text", error->text, "code", error->code, "hint", error->hint));
	text = json_dumps(json, JSON_COMPACT);
	puts(text);
	fflush(stdout);
	free(text);
	json_decref(json);
}

static bool take_set(struct drive *drive, struct error *error)
{
	AUTO(bitset_free) struct bitset *scope = NULL;
	size_t taken = 0;

	if (drive->set != NULL)
		return true;
	if (!inventory_refresh(&drive->engine, error))
		return false;
	drive->set = bitset_new();
	scope = inventory_scope(drive->engine.inventory, drive->platform != NULL && strcmp(drive->platform, "any") == 0);
	for (uint32_t n = bitset_next(scope, 0); n != BITSET_END && taken < drive->devices; n = bitset_next(scope, n + 1)) {
		const char *platform = inventory_text(drive->engine.inventory, n, DEVICE_OS_PLATFORM);

		if (inventory_text(drive->engine.inventory, n, DEVICE_MERGED_INTO)[0] != '\0' && drive->platform == NULL)
			continue;
		if (drive->platform != NULL && strcmp(drive->platform, "any") != 0 && strstr(platform, drive->platform) == NULL)
			continue;
		bitset_add(drive->set, n);
		taken++;
	}
	return true;
}

static void set_act(struct drive *drive, const char *name, const char *value)
{
	drive->act.value = strcmp(value, "-") != 0 ? value : NULL;
	drive->act.verb = strcmp(name, "tag-add") == 0 ? ACT_TAG_ADD : strcmp(name, "tag-remove") == 0 ? ACT_TAG_REMOVE :
		ACT_DEVICE;
	drive->act.kind = drive->act.verb == ACT_DEVICE ? defender_action_kind(name) : NULL;
}

static void do_run(struct drive *drive, struct job *job, json_t *out, struct error *error)
{
	const struct job_hooks hooks = { .progress = on_progress, .data = drive };

	job_run(drive->jobs, job, &hooks, error);
	job_to_json(job, out);
	json_object_set_new(out, "shown", json_integer((json_int_t)drive->shown));
}

static void do_act(struct drive *drive, bool dry, const char *name, const char *value)
{
	json_t *out = json_object(), *warnings = json_array();
	struct error error = ERROR_INIT;
	AUTO(plan_free) struct plan *plan = NULL;
	struct job *job;

	set_act(drive, name, value);
	if (take_set(drive, &error))
		plan = plan_new(&drive->engine, &drive->act, drive->set, &error);
	if (plan != NULL && dry && plan_is_allowed(plan, &drive->engine, &error))
		plan_to_json(plan, out);
	for (guint i = 0; plan != NULL && i < plan->warnings->len; i++)
		json_array_append_new(warnings, json_string(plan->warnings->pdata[i]));
	if (plan != NULL && !dry) {
		job = job_start(drive->jobs, plan, "-y", &error);
		if (job != NULL)
			do_run(drive, job, out, &error);
	}
	if (plan != NULL) {
		json_object_set_new(out, "calls", json_integer((json_int_t)plan->calls));
		json_object_set_new(out, "estimate", json_integer(plan->estimate_ms));
	}
	json_object_set_new(out, "warnings", warnings);
	print_json(out, &error);
}

static void do_resume(struct drive *drive, const char *ref)
{
	json_t *out = json_object();
	struct error error = ERROR_INIT;
	struct job *job = jobs_find(drive->jobs, strcmp(ref, "-") != 0 ? ref : NULL, JOBS_UNFINISHED, &error);
	AUTO(resume_plan_free) struct resume_plan *plan = NULL;

	if (job != NULL)
		plan = job_resume_plan(drive->jobs, job, &error);
	if (plan != NULL && job_resume(drive->jobs, job, plan, "-y", &error))
		do_run(drive, job, out, &error);
	if (plan != NULL) {
		json_object_set_new(out, "toSend", json_integer((json_int_t)plan->send));
		json_object_set_new(out, "unsettled", json_integer((json_int_t)plan->unknown));
		json_object_set(out, "takenOut", plan->skipped);
	}
	print_json(out, &error);
}

static void do_watch(struct drive *drive, const char *ref, const char *for_ms)
{
	json_t *out = json_object();
	struct error error = ERROR_INIT;
	struct job *job = jobs_find(drive->jobs, strcmp(ref, "-") != 0 ? ref : NULL, JOBS_LAST, &error);

	if (job != NULL) {
		job_watch(drive->jobs, job, g_ascii_strtoll(for_ms, NULL, 10), NULL, &error);
		job_to_json(job, out);
		json_object_set_new(out, "succeeded", json_boolean(job_is_succeeded(job)));
	}
	print_json(out, &error);
}

static void do_job(struct drive *drive, const char *ref)
{
	json_t *out = json_object();
	struct error error = ERROR_INIT;
	const struct job *job = jobs_find(drive->jobs, ref, JOBS_NAMED, &error);

	if (job != NULL)
		job_to_json(job, out);
	print_json(out, &error);
}

static void do_jobs(struct drive *drive)
{
	json_t *list = json_array();
	struct error error = ERROR_INIT;
	AUTO(g_ptr_array_unref) GPtrArray *all = jobs_all(drive->jobs, &error);

	for (guint i = 0; all != NULL && i < all->len; i++)
		json_array_append_new(list, job_listing(all->pdata[i]));
	print_json(json_pack("{s:o}", "jobs", list), &error);
}

static void do_cancel(struct drive *drive, const char *ref)
{
	json_t *out = json_object();
	struct error error = ERROR_INIT;
	struct job *job = jobs_find(drive->jobs, ref, JOBS_NAMED, &error);
	size_t cancelled = 0;

	if (job != NULL) {
		job_cancel(drive->jobs, job, NULL, &cancelled, &error);
		job_to_json(job, out);
		json_object_set_new(out, "cancelledActions", json_integer((json_int_t)cancelled));
	}
	print_json(out, &error);
}

static void do_revert(struct drive *drive, const char *ref)
{
	json_t *out = json_object();
	struct error error = ERROR_INIT;
	struct job *job = jobs_find(drive->jobs, ref, JOBS_NAMED, &error), *undo;
	AUTO(revert_free) struct revert *revert = job != NULL ?
		job_revert_plan(drive->jobs, job, drive->act.comment, &error) : NULL;
	AUTO(plan_free) struct plan *plan = revert != NULL ?
		plan_new(&drive->engine, &revert->act, revert->devices, &error) : NULL;

	undo = plan != NULL ? job_start(drive->jobs, plan, "-y", &error) : NULL;
	if (undo != NULL)
		do_run(drive, undo, out, &error);
	print_json(out, &error);
}

static void do_isolated(struct drive *drive)
{
	json_t *out = json_object();
	struct error error = ERROR_INIT;
	AUTO(action_list_free) struct action_list *list = actions_read(&drive->engine, 0, &error);

	if (list != NULL) {
		json_object_set_new(out, "isolated", actions_isolated(list));
		json_object_set_new(out, "jobs", actions_jobs(list));
		json_object_set_new(out, "actions", json_integer(list->actions->len));
	}
	print_json(out, &error);
}

static void on_fault(void *data, const char *file, unsigned line, const char *message)
{
	(void)file;
	json_array_append_new(data, json_sprintf("%u: %s", line, message));
}

static void do_verify(struct drive *drive)
{
	json_t *faults = json_array();
	size_t files;

	journal_verify_all(drive->engine.log_dir, &files, on_fault, faults);
	print_json(json_pack("{s:o, s:I}", "faults", faults, "files", (json_int_t)files), NULL);
}

static char **option(struct drive *drive, char **word)
{
	const char *name = *word++;

	if (strcmp(name, "--devices") == 0)
		drive->devices = (size_t)g_ascii_strtoull(*word++, NULL, 10);
	else if (strcmp(name, "--platform") == 0)
		drive->platform = *word++;
	else if (strcmp(name, "--protected") == 0)
		drive->rules.protected = *word++;
	else if (strcmp(name, "--protected-list") == 0)
		drive->rules.protected_list = *word++;
	else if (strcmp(name, "--max") == 0)
		drive->rules.max_devices = g_ascii_strtoll(*word++, NULL, 10);
	else if (strcmp(name, "--limit") == 0)
		drive->act.limit = (size_t)g_ascii_strtoull(*word++, NULL, 10);
	else if (strcmp(name, "--canary") == 0)
		drive->act.canary = (size_t)g_ascii_strtoull(*word++, NULL, 10);
	else if (strcmp(name, "--force") == 0)
		drive->act.force = true;
	else if (strcmp(name, "--case") == 0)
		drive->engine.case_id = *word++;
	else if (strcmp(name, "--comment") == 0)
		drive->act.comment = *word++;
	else
		g_error("unknown option %s", name);
	return word;
}

static char **command(struct drive *drive, char **word)
{
	const char *name = *word++;

	if (strcmp(name, "plan") == 0 || strcmp(name, "act") == 0) {
		do_act(drive, name[0] == 'p', word[0], word[1]);
		return word + 2;
	}
	if (strcmp(name, "watch") == 0) {
		do_watch(drive, word[0], word[1]);
		return word + 2;
	}
	if (strcmp(name, "resume") == 0)
		do_resume(drive, *word++);
	else if (strcmp(name, "job") == 0)
		do_job(drive, *word++);
	else if (strcmp(name, "cancel") == 0)
		do_cancel(drive, *word++);
	else if (strcmp(name, "revert") == 0)
		do_revert(drive, *word++);
	else if (strcmp(name, "jobs") == 0)
		do_jobs(drive);
	else if (strcmp(name, "isolated") == 0)
		do_isolated(drive);
	else if (strcmp(name, "verify") == 0)
		do_verify(drive);
	else if (strcmp(name, "policy") == 0)
		drive->engine.policy = policy_new(&drive->rules, 1, NULL);
	else
		g_error("unknown command %s", name);
	return word;
}

int main(int argc, char **argv)
{
	struct error error = ERROR_INIT;
	struct drive drive = { .devices = SIZE_MAX, .rules = POLICY_RULES_INIT, .act = { .comment = "incident 42" } };
	AUTO(loop_free) struct loop *loop = NULL;
	AUTO(http_free) struct http *http = NULL;
	AUTO(service_free) struct service *service = NULL;
	AUTO(defender_free) struct defender *defender = NULL;
	AUTO(policy_free) struct policy *policy = NULL;
	AUTO(g_free) char *log_dir = NULL;
	char **word = argv + 5;
	double scale;

	if (argc < 6) {
		puts("1..0 # SKIP driven by tests/cli/engine_*.py");
		return 0;
	}
	scale = g_ascii_strtod(argv[3], NULL);
	loop = loop_new(&error);
	http = http_new(loop, (const char *[]){ argv[1], NULL }, NULL, NULL, &error);
	service = service_new(loop, http, &(struct service_config){
		.tenant = tenant, .client = "22222222-2222-4222-8222-222222222222", .login_url = argv[1], .window_scale = scale,
		.secret = { .value = "sim~secret.1_+/=&%x" },
	});
	defender = defender_new(service, &(struct defender_config){
		.api_url = argv[1], .graph_url = argv[1], .api_audience = audience,
		.xdr_audience = "https://api.security.microsoft.com", .graph_audience = "https://graph.microsoft.com",
		.window_scale = scale,
	});
	while (*word != NULL && g_str_has_prefix(*word, "--"))
		word = option(&drive, word);
	policy = policy_new(&drive.rules, 1, NULL);
	log_dir = g_build_filename(argv[2], "log", NULL);
	drive.engine = (struct engine){
		.loop = loop, .defender = defender, .inventory = inventory_new(), .policy = policy, .tenant_id = tenant,
		.tenant_name = "sim", .user = "tester", .state_dir = argv[2], .cache_dir = argv[2], .log_dir = log_dir,
		.case_id = drive.engine.case_id, .window_scale = scale, .settle_ms = g_ascii_strtoll(argv[4], NULL, 10),
		.inventory_age_ms = 15 * 60 * 1000, .notice = notice, .progress = progress,
	};
	drive.engine.names = names_new(drive.engine.inventory);
	drive.engine.journal = journal_start(log_dir, json_pack("{s:s}", "user", "tester"), &error);
	if (drive.engine.journal == NULL)
		g_error("%s", error.text);
	drive.jobs = jobs_new(&drive.engine);
	while (*word != NULL)
		word = command(&drive, word);
	jobs_free(drive.jobs);
	journal_end(drive.engine.journal, 0);
	bitset_free(drive.set);
	names_free(drive.engine.names);
	inventory_free(drive.engine.inventory);
	return 0;
}
