#include "config.h"
#include "app/session.h"

#include <pwd.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "app/act.h"
#include "app/demo.h"
#include "app/local_tables.h"
#include "app/dispatch.h"
#include "app/output.h"
#include "app/settings.h"
#include "app/tenant.h"
#include "core/file.h"
#include "core/isotime.h"
#include "engine/policy.h"
#include "journal/journal.h"

#define LOG_SOON_MS 20

/* ---- start and end */

static char *user_name(void)
{
	const struct passwd *entry = getpwuid(getuid());

	return entry != NULL && *entry->pw_name != '\0' ? g_strdup(entry->pw_name) :
		g_strdup_printf("uid-%lu", (unsigned long)getuid());
}

static json_t *json_argv(const struct session *session)
{
	json_t *array = json_array();
	char **word;

	for (word = session->options->argv; word != NULL && *word != NULL; word++) {
		AUTO(g_free) char *masked = session_mask(session, *word);
		AUTO(g_free) char *valid = g_utf8_make_valid(masked, -1);

		json_array_append_new(array, json_string(valid));
	}
	return array;
}

static json_t *json_or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

static void told_torn(void *data, const char *file)
{
	session_warn(data, "the last line of log '%s' was torn; it was set aside as '%s.torn'", file, file);
}

void session_mend_logs(struct session *session)
{
	struct error error = ERROR_INIT;

	if (session->mended || session->journal == NULL)
		return;
	session->mended = true;
	if (!journal_mend(session->journal, told_torn, session, &error))
		session_warn(session, "the torn end of a log stays where it is: %s", error.text);
}

static void start_journal(struct session *session)
{
	const struct tenant *tenant = session->tenant;
	AUTO(g_free) char *dir = g_build_filename(session->state_dir, "log", NULL);
	struct error error = ERROR_INIT;
	char host[256] = "";
	json_t *members = json_object();

	gethostname(host, sizeof host - 1);
	json_object_set_new(members, "version", json_string(PACKAGE_VERSION));
	json_object_set_new(members, "user", json_string(session->user));
	json_object_set_new(members, "host", json_string(host));
	json_object_set_new(members, "pid", json_integer(getpid()));
	json_object_set_new(members, "profile", json_or_null(session->profile_name));
	json_object_set_new(members, "tenant", json_or_null(tenant != NULL ? tenant->id : NULL));
	json_object_set_new(members, "app", json_or_null(tenant != NULL ? tenant->profile->client : NULL));
	json_object_set_new(members, "argv", json_argv(session));
	session->journal = journal_start(dir, members, &error);
	if (session->journal == NULL) {
		session_warn(session, "no session log: %s", error.text);
		session_warn(session, "looking goes on, acting is refused");
	}
}

static bool start_directories(struct session *session, struct error *error)
{
	AUTO(g_free) char *state = dir_state(), *cache = dir_cache();

	session->state_dir = session->options->demo ? g_build_filename(state, "demo", NULL) : AUTO_STEAL(state);
	session->cache_dir = session->options->demo ? demo_cache_dir(cache) : AUTO_STEAL(cache);
	/* A state that cannot be made is told by the log, which then refuses acting. */
	(void)error;
	return true;
}

static bool start_settings(struct session *session, struct error *error)
{
	static const char *const formats[] = { "table", "line", "csv", "json" };

	session->settings = settings_new();
	if (!config_settings(session->config, session->settings, error))
		return false;
	if (session->options->format_given)
		settings_set(session->settings, "output", formats[session->options->format], "-o", NULL);
	/* A newcomer follows the playbook line by line. */
	if (session->options->demo)
		settings_set(session->settings, "echo", "on", "--demo", NULL);
	return true;
}

static bool start_config(struct session *session, struct error *error)
{
	AUTO(g_free) char *dir = dir_config();
	AUTO(g_free) char *path = g_build_filename(dir, "config", NULL);
	const char *profile = session->options->profile;

	session->config = session->options->demo ? config_empty() : config_read(path, error);
	if (session->config == NULL || !start_settings(session, error))
		return false;
	if (profile == NULL && !session->options->demo)
		profile = g_getenv("CORDON_PROFILE");
	session->profile_name = g_strdup(session->options->demo ? "demo" :
		profile != NULL && *profile != '\0' ? profile : "default");
	session->policy = config_policy(session->config, session->profile_name, NULL);
	return true;
}

/* Two tenants named at once, a profile that does not exist: known before anything runs. What is missing to sign in is told
 * only by the command that needs it. */
static bool check_profile(struct session *session, struct error *error)
{
	AUTO(profile_free) struct profile *profile = NULL;
	struct error fault = ERROR_INIT;

	if (session->options->demo)
		return true;
	profile = config_profile(session->config, session->options->profile, g_getenv, &fault);
	if (profile == NULL && fault.kind == ERROR_USAGE)
		return error_copy(error, &fault);
	return true;
}

static void bar_free(void *data)
{
	struct session_bar *bar = data;

	g_free(bar->text);
	g_free(bar);
}

struct session *session_new(const struct session_options *options, const struct command *const *commands,
	struct error *error)
{
	struct session *session = g_new0(struct session, 1);

	session->options = options;
	session->commands = commands;
	session->variables = variables_new();
	session->bars = g_ptr_array_new_with_free_func(bar_free);
	session->output = output_new(session);
	loaded_tables_clear(session);
	session->user = user_name();
	session->loop = loop_new(error);
	if (session->loop == NULL || !start_directories(session, error) || !start_config(session, error) ||
	    !check_profile(session, error)) {
		session_free(session, 0);
		return NULL;
	}
	if (!options->check_only)
		start_journal(session);
	return session;
}

void session_finish(struct session *session)
{
	struct error error = ERROR_INIT;
	GPtrArray *all;
	guint i;

	if (session->tenant == NULL || session->tenant->jobs == NULL || jobs_running(session->tenant->jobs) == 0)
		return;
	all = jobs_all(session->tenant->jobs, NULL);
	for (i = 0; all != NULL && i < all->len; i++)
		if (!job_is_running(g_ptr_array_index(all, i)))
			g_ptr_array_remove_index(all, i--);
	session_say(session, "waiting for %zu job%s that still send%s", session_jobs_running(session),
		session_jobs_running(session) == 1 ? "" : "s", session_jobs_running(session) == 1 ? "s" : "");
	if (!act_wait_all(session) && !jobs_wait(session->tenant->jobs, &error)) { /* Ctrl-C stops them here */
		output_error(session->output, &error); /* of no command: none has an object for it */
		session->worst = error_worse(session->worst, error.kind);
		session->last_error = error;
	}
	for (i = 0; all != NULL && i < all->len; i++) {
		const struct job *job = g_ptr_array_index(all, i);

		if (!job_is_clean(job))
			session->worst = error_worse(session->worst, ERROR_PARTIAL);
		if (job_stop_error(job)->kind != ERROR_NONE)
			session->worst = error_worse(session->worst, job_stop_error(job)->kind);
	}
	if (all != NULL)
		g_ptr_array_unref(all);
}

/* The journal ends with a commit of its own. */
static void close_journal(struct session *session, int status)
{
	loop_timer_cancel(session->loop, session->log_timer);
	session->log_timer = NULL;
	journal_end(session->journal, status);
	session->journal = NULL;
}

static void ignore_fault(void *data, const char *file, unsigned line, const char *message)
{
	(void)data;
	(void)file;
	(void)line;
	(void)message;
}

/* `quit` prints the last head: kept elsewhere, it shows later that the log is still as it was. */
static void end_journal(struct session *session, int status)
{
	AUTO(g_free) char *path = NULL;
	char head[SHA256_HEX_SIZE] = "";

	if (session->journal == NULL)
		return;
	path = g_strdup(journal_path(session->journal));
	close_journal(session, status);
	if (session->quit && journal_verify(path, NULL, head, ignore_fault, NULL))
		session_say(session, "log %s\nhead %s", path, head);
}

void session_free(struct session *session, int status)
{
	if (session == NULL)
		return;
	tenant_free(session->tenant);
	session->tenant = NULL;
	end_journal(session, status);
	demo_stop(session->demo);
	policy_free(session->policy);
	output_free(session->output);
	settings_free(session->settings);
	config_free(session->config);
	variables_free(session->variables);
	loop_free(session->loop);
	g_free(session->state_dir);
	g_free(session->cache_dir);
	g_free(session->profile_name);
	g_free(session->user);
	g_free(session->case_id);
	json_decref(session->dry_run_last);
	g_ptr_array_unref(session->bars);
	g_ptr_array_unref(session->tables);
	g_free(session);
}

/* ---- tenants */

static struct profile *profile_for(struct session *session, const char *name, struct error *error)
{
	if (!session->options->demo)
		return config_profile(session->config, name, g_getenv, error);
	if (name != NULL && strcmp(name, "demo") != 0) {
		error_set(error, ERROR_USAGE, "--demo knows the simulated tenant only");
		return NULL;
	}
	if (session->demo == NULL)
		session->demo = demo_start(session, error);
	return session->demo != NULL ? demo_profile(session->demo) : NULL;
}

/* The present tenant's log ends, and what is written from now on belongs to the new one. */
static void swap_journal(struct session *session)
{
	if (session->journal == NULL)
		return;
	if (session->command_seq != 0)
		session_log(session, "command.end", json_pack("{s:I,s:b,s:b,s:n,s:n}", "of",
			(json_int_t)session->command_seq, "ok", 1, "partial", 0, "ms", "error"));
	session->command_seq = 0;
	close_journal(session, error_status(session->worst));
	start_journal(session);
}

static void swap_tenant(struct session *session, struct tenant *tenant)
{
	struct tenant *before = session->tenant;

	session->tenant = tenant;
	g_free(session->profile_name);
	session->profile_name = g_strdup(tenant->profile->name);
	if (before != NULL) {
		policy_free(session->policy);
		session->policy = config_policy(session->config, tenant->profile->name, NULL);
		if (g_strcmp0(before->id, tenant->id) != 0)
			loaded_tables_clear(session);
		tenant_free(before);
		session_bar_lift(session, NULL, NULL);
		session->expected = false;
		swap_journal(session);
	}
	tenant_refresh_engine(tenant);
}

bool session_connect(struct session *session, const char *name, struct error *error)
{
	struct tenant *present = session->tenant;
	struct profile *profile;
	struct tenant *tenant;

	if (present != NULL && (name == NULL || strcmp(name, present->profile->name) == 0)) {
		if (!tenant_sign_in(present, error))
			return false;
		tenant_refresh_engine(present);
		return true;
	}
	if (present != NULL && session_jobs_running(session) > 0) {
		error_set(error, ERROR_FAILED, "jobs are running in '%s'", session_tenant_name(session));
		error_hint(error, "'wait' for them, or stop them with 'cancel'");
		return false;
	}
	profile = profile_for(session, name != NULL ? name : session->options->profile, error);
	if (profile == NULL)
		return false;
	if (present == NULL && strcmp(profile->name, session->profile_name) != 0) {
		policy_free(session->policy);
		session->policy = config_policy(session->config, profile->name, NULL);
	}
	tenant = tenant_new(session, profile, error);
	if (tenant == NULL)
		return false;
	if (!tenant_sign_in(tenant, error)) {
		tenant_free(tenant);
		return false;
	}
	swap_tenant(session, tenant);
	return true;
}

struct engine *session_engine(struct session *session, struct error *error)
{
	if (session->tenant == NULL || !session->tenant->signed_in) {
		if (!session_connect(session, NULL, error))
			return NULL;
	}
	tenant_refresh_engine(session->tenant);
	return &session->tenant->engine;
}

/* ---- log and messages */

static bool log_broken(struct session *session, const struct error *error)
{
	session_warn(session, "the session log cannot be written: %s", error->text);
	session_warn(session, "looking goes on, acting is refused");
	return false;
}

static void log_commit(void *data)
{
	struct session *session = data;
	struct error error = ERROR_INIT;

	session->log_timer = NULL;
	if (!journal_commit(session->journal, &error))
		log_broken(session, &error);
}

/* At the prompt nobody waits for the disk: what acts commits all that stands before it in the log. */
static bool log_commit_soon(struct session *session, struct error *error)
{
	if (!session->prompt)
		return journal_commit(session->journal, error);
	if (session->log_timer == NULL)
		session->log_timer = loop_timer_add(session->loop, clock_ms() + LOG_SOON_MS, log_commit, session);
	return true;
}

bool session_log(struct session *session, const char *type, json_t *members)
{
	struct error error = ERROR_INIT;

	if (session->journal == NULL || journal_is_broken(session->journal)) {
		json_decref(members);
		return false;
	}
	if (journal_append(session->journal, type, members, &error) != 0 && log_commit_soon(session, &error))
		return true;
	return log_broken(session, &error);
}

static void say(struct session *session, bool always, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

static void say(struct session *session, bool always, const char *format, va_list args)
{
	AUTO(g_free) char *text = g_strdup_vprintf(format, args);

	output_say(session->output, always, text);
}

void session_say(struct session *session, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(session, false, format, args);
	va_end(args);
}

void session_warn(struct session *session, const char *format, ...)
{
	AUTO(g_free) char *text = NULL, *line = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	line = g_strconcat("warning: ", text, NULL);
	output_say(session->output, false, line);
}

/* One object for the command at fault, with the members that it would have had. */
static void output_fault(struct session *session, const struct error *error)
{
	const struct command *command = session->fault_command;
	AUTO(result_free) struct result *result = result_new();

	if (command != NULL)
		dispatch_fill(session, command, NULL, result);
	output_result(session->output, NULL, command != NULL ? command->name : "", result, error, 0, NULL);
	session->fault_command = NULL;
}

void session_fault(struct session *session, const struct error *error)
{
	output_error(session->output, error);
	if (output_format(session->output) == OUTPUT_JSON)
		output_fault(session, error);
	session->worst = error_worse(session->worst, error->kind);
	session->last_error = *error;
}

/* ---- rule 7 */

void session_bar_add(struct session *session, const char *text, const char *slip)
{
	struct session_bar *bar = g_new0(struct session_bar, 1);

	session_bar_lift(session, text, NULL);
	bar->slip = slip;
	bar->text = g_strdup(text);
	bar->depth = session->tenant != NULL ? fleet_set_undo_steps(session->tenant->set) : 0;
	g_ptr_array_add(session->bars, bar);
}

void session_bar_lift(struct session *session, const char *text, const char *command)
{
	guint i;

	for (i = session->bars->len; i-- > 0;) {
		const struct session_bar *bar = g_ptr_array_index(session->bars, i);

		if (text == NULL || strcmp(bar->text, text) == 0 ||
		    (command != NULL && bar->slip != NULL && strcmp(bar->slip, command) == 0))
			g_ptr_array_remove_index(session->bars, i);
	}
}

void session_bar_undo(struct session *session, size_t undo_steps)
{
	guint i;

	for (i = session->bars->len; i-- > 0;) {
		const struct session_bar *bar = g_ptr_array_index(session->bars, i);

		if (undo_steps < bar->depth)
			g_ptr_array_remove_index(session->bars, i);
	}
}

const char *session_barred(const struct session *session)
{
	return session->bars->len > 0 ? ((struct session_bar *)g_ptr_array_index(session->bars, 0))->text : NULL;
}

/* ---- what others ask */

const char *session_tenant_name(const struct session *session)
{
	if (session->tenant != NULL && session->tenant->signed_in)
		return session->tenant->engine.tenant_name;
	return strcmp(session->profile_name, "default") == 0 ? "" : session->profile_name;
}

size_t session_device_count(const struct session *session)
{
	return session->tenant != NULL ? fleet_set_count(session->tenant->set) : 0;
}

size_t session_jobs_running(const struct session *session)
{
	return session->tenant != NULL && session->tenant->jobs != NULL ? jobs_running(session->tenant->jobs) : 0;
}

bool session_is_restricted(const struct session *session)
{
	return policy_is_restricted(session->policy);
}

uint64_t session_confirm_above(const struct session *session)
{
	/* The default is the policy's own, too: only what was set counts. */
	if (strcmp(settings_where(session->settings, "confirm-above"), "default") == 0)
		return policy_confirm_above(session->policy);
	return MIN(policy_confirm_above(session->policy),
		(uint64_t)settings_number(session->settings, "confirm-above"));
}
