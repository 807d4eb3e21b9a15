/* handover FILE.md: the case for the next shift. */
#include "config.h"
#include "commands/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app/arguments.h"
#include "app/check.h"
#include "app/result.h"
#include "app/tenant.h"
#include "commands/entries.h"
#include "core/file.h"

#define HEADING "# Handover"

/* ---- which jobs */

/* The case of another machine's job is the beginning of its comment. */
static bool is_of_case(const struct job *job, const char *case_id)
{
	size_t length = strlen(case_id);

	if (job->case_id != NULL)
		return strcmp(job->case_id, case_id) == 0;
	return job->rebuilt && job->comment != NULL && strncmp(job->comment, case_id, length) == 0 &&
		(job->comment[length] == ' ' || job->comment[length] == '\0');
}

static bool is_linked(const GPtrArray *jobs, const struct job *job)
{
	for (guint i = 0; i < jobs->len; i++) {
		const struct job *other = jobs->pdata[i];

		if (g_strcmp0(job->reverts, other->id) == 0 || g_strcmp0(other->reverts, job->id) == 0)
			return true;
	}
	return false;
}

static bool is_chosen(const struct handover *handover, const struct job *job, GHashTable *own)
{
	if (handover->all || g_hash_table_contains(own, job->id))
		return true;
	return handover->case_id != NULL && is_of_case(job, handover->case_id);
}

/* What undid a job, and what it undid, is a part of its story. */
static void add_linked(struct handover *handover, const GPtrArray *all)
{
	bool grew = true;

	while (grew) {
		grew = false;
		for (guint i = 0; i < all->len; i++) {
			struct job *job = all->pdata[i];

			if (g_ptr_array_find(handover->jobs, job, NULL) || !is_linked(handover->jobs, job))
				continue;
			g_ptr_array_add(handover->jobs, job);
			grew = true;
		}
	}
}

static gint by_start(gconstpointer a, gconstpointer b)
{
	const struct job *x = *(struct job *const *)a, *y = *(struct job *const *)b;
	int order = strcmp(x->started, y->started);

	return order != 0 ? order : strcmp(x->id, y->id);
}

static bool choose_jobs(struct handover *handover, const struct arguments *arguments, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *all = jobs_all(handover->session->tenant->jobs, error);
	AUTO(g_hash_table_unref) GHashTable *own = all != NULL ? handover_own_jobs(handover->session, error) : NULL;

	if (own == NULL)
		return false;
	handover->case_id = arguments_text(arguments, "case");
	handover->all = arguments_has(arguments, "all");
	if (handover->case_id == NULL && !handover->all)
		handover->case_id = handover->session->case_id;
	handover->fallback = handover->case_id == NULL && !handover->all && g_hash_table_size(own) == 0;
	handover->all |= handover->fallback;
	for (guint i = 0; i < all->len; i++)
		if (is_chosen(handover, all->pdata[i], own))
			g_ptr_array_add(handover->jobs, all->pdata[i]);
	add_linked(handover, all);
	g_ptr_array_sort(handover->jobs, by_start);
	for (guint i = 0; i < handover->jobs->len; i++) {
		struct job *job = handover->jobs->pdata[i];

		if (job->reverts != NULL)
			g_hash_table_insert(handover->undone_by, job->reverts, job);
	}
	return true;
}

/* ---- states */
static bool read_states(struct handover *handover, struct error *error)
{
	struct session *session = handover->session;

	handover->list = actions_read(&session->tenant->engine, 0, &handover->list_fault);
	if (handover->list == NULL)
		return handover->list_fault.kind != ERROR_INTERRUPTED || error_copy(error, &handover->list_fault);
	return jobs_take_list(session->tenant->jobs, handover->jobs, handover->list, error);
}

/* ---- the file */

/* A slip must not cost a file that is none of ours. */
static bool may_replace(const char *path, struct error *error)
{
	AUTO(close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char start[sizeof HEADING - 1];
	ssize_t length;

	if (fd < 0)
		return errno == ENOENT || error_set_errno(error, ERROR_FAILED, errno, "cannot write '%s'", path);
	length = read(fd, start, sizeof start);
	if (length == 0 || (length == (ssize_t)sizeof start && memcmp(start, HEADING, sizeof start) == 0))
		return true;
	error_set(error, ERROR_FAILED, "'%s' is there already, and is no handover", path);
	error_hint(error, "give another name; an earlier handover is replaced");
	return false;
}

static void account(struct handover *handover, const char *file, struct result *result)
{
	size_t devices = 0, open = 0;

	for (guint i = 0; i < handover->jobs->len; i++) {
		const struct job *job = handover->jobs->pdata[i];
		struct handover_count count;

		handover_count(handover, job, &count);
		open += count.open;
		devices += job->devices->len;
	}
	result_member(result, "file", json_string(file));
	result_member(result, "jobs", json_integer(handover->jobs->len));
	result_member(result, "pending", json_integer((json_int_t)open));
	result_summary(result, "%u job%s, %zu device%s, %zu pending: written to %s", handover->jobs->len,
		handover->jobs->len == 1 ? "" : "s", devices, devices == 1 ? "" : "s", open, file);
	if (handover->fallback)
		session_say(handover->session, "this session has no jobs: those of all logs here are handed over");
	if (handover->list == NULL) {
		session_warn(handover->session, "the states are those last known: %s", handover->list_fault.text);
		result_partial(result);
	}
}

static void handover_clear(struct handover *handover)
{
	g_ptr_array_unref(handover->jobs);
	g_ptr_array_unref(handover->notes);
	g_ptr_array_unref(handover->selections);
	g_hash_table_unref(handover->undone_by);
	g_string_free(handover->out, TRUE);
	action_list_free(handover->list);
}

static bool handover_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	const char *file = arguments_operand(arguments, 0);
	struct handover handover = { .session = session, .jobs = g_ptr_array_new(), .out = g_string_new(NULL),
		.notes = g_ptr_array_new_with_free_func(handover_line_free),
		.selections = g_ptr_array_new_with_free_func(handover_line_free),
		.undone_by = g_hash_table_new(g_str_hash, g_str_equal) };
	bool ok;

	if (session->journal != NULL && !journal_is_broken(session->journal))
		journal_commit(session->journal, NULL);
	ok = may_replace(file, error) && choose_jobs(&handover, arguments, error) && read_states(&handover, error) &&
		handover_read_lines(&handover, error);
	if (ok) {
		handover_write(&handover);
		ok = file_replace(file, handover.out->str, handover.out->len, error);
	}
	if (ok)
		account(&handover, file, result);
	handover_clear(&handover);
	return ok;
}

static bool handover_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	const char *file = arguments_operand(arguments, 0);

	(void)check;
	if (!g_str_has_suffix(file, ".md"))
		return error_set(error, ERROR_USAGE, "'%s' does not end in .md", file);
	if (arguments_has(arguments, "all") && arguments_has(arguments, "case"))
		return error_set(error, ERROR_USAGE, "'--all' and '--case' exclude each other");
	return true;
}

static const struct command_option handover_options[] = {
	{ "case", '\0', VALUE_TEXT, "ID", COMPLETE_NOTHING, NULL, "this case's jobs of all logs here, and this session's" },
	{ "all", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "all jobs of this tenant in the logs here" },
	{ .name = NULL },
};
static const char *const handover_help[] = {
	"Writes what was done, what is pending and until when, what was refused, what is unresolved, and the commands to type "
	"next, then each job device by device, as Markdown. States are read from the tenant first.",
	"Without an option: the jobs of the case in force (`case ID`) and of this session; if there are none, all in the logs "
	"here. What undid a job goes with it. A file that is there already is replaced only if it is an earlier handover.",
	NULL,
};
static const char *const handover_examples[] = { "handover night-shift.md", "handover inc-4711.md --case INC-4711", NULL };
const struct command command_handover = {
	.name = "handover", .group = GROUP_LOG, .summary = "write the case for the next shift", .help = handover_help,
	.options = handover_options, .examples = handover_examples,
	.operands = { { "FILE", VALUE_FILE, 1, 1, COMPLETE_FILES, NULL, "ends in .md" } },
	.flags = COMMAND_SIGN_IN, .check = handover_check, .run = handover_run,
};
