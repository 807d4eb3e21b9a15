/* A handover's text. */
#include "config.h"
#include "commands/handover.h"

#include <string.h>
#include <unistd.h>

#include "app/tenant.h"
#include "commands/markdown.h"
#include "core/isotime.h"
#include "engine/source.h"

#define LISTED_MOST 200 /* notes, selections, unresolved entries, others' jobs: the newest */

static void item(GString *out, const char *name, const char *text)
{
	g_string_append_printf(out, "- %s: ", name);
	markdown_text(out, text, 0);
	g_string_append_c(out, '\n');
}

static void write_head(struct handover *handover)
{
	const struct session *session = handover->session;
	GString *out = handover->out;
	char host[256] = "", now[ISOTIME_SIZE];
	AUTO(g_free) char *who = NULL;

	gethostname(host, sizeof host - 1);
	who = g_strdup_printf("%s@%s, Cordon %s", session->user, host, PACKAGE_VERSION);
	isotime_format(isotime_now(), now);
	now[19] = 'Z';
	now[20] = '\0';
	g_string_append(out, "# Handover");
	if (handover->case_id != NULL) {
		g_string_append(out, ": case ");
		markdown_text(out, handover->case_id, 0);
	}
	g_string_append(out, "\n\n");
	item(out, "tenant", session_tenant_name(session));
	if (strcmp(session_tenant_name(session), session->tenant->id) != 0)
		item(out, "tenant id", session->tenant->id);
	item(out, "written", now);
	item(out, "by", who);
	item(out, "covers", handover->all && handover->fallback ? "all jobs in the logs here, for this session had none" :
		handover->all ? "all jobs in the logs here" : handover->case_id != NULL ?
		"the case's jobs in all logs here, and this session's" : "this session's jobs");
	if (session->journal != NULL) {
		item(out, "log", journal_path(session->journal));
		g_string_append_printf(out, "- head of the log: `%s`\n", journal_head(session->journal));
	}
	if (handover->list != NULL)
		g_string_append(out, "- states: as the tenant told when this was written\n");
	else
		item(out, "**states: those last known**; the tenant's action list could not be read", handover->list_fault.text);
}

/* ---- to do next */
static void command(GString *out, size_t *number, const char *verb, const char *id, const char *more, const char *why)
{
	AUTO(g_free) char *text = g_strconcat(verb, " ", id, more, NULL);

	g_string_append_printf(out, "%zu. ", ++*number);
	markdown_code(out, text);
	g_string_append_printf(out, " - %s\n", why);
}

static void job_next(struct handover *handover, const struct job *job, size_t *number)
{
	bool undone = g_hash_table_contains(handover->undone_by, job->id);
	AUTO(g_free) char *why = NULL;
	struct handover_count count;
	struct job_counts counts;

	handover_count(handover, job, &count);
	job_count(job, &counts);
	if (job_is_running(job)) {
		command(handover->out, number, "job", job->id, "", "it is still being sent");
	} else if (job_is_unfinished(job) && !undone) {
		why = g_strdup_printf("%zu not sent, %zu not known: sends the rest, and nothing twice", counts.unsent, counts.unknown);
		command(handover->out, number, "resume", job->id, "", why);
	}
	if (count.open > 0) {
		g_free(why);
		why = g_strdup_printf("%zu action%s pending: waits for the final states", count.open, count.open == 1 ? " is" : "s are");
		command(handover->out, number, "wait", job->id, "", why);
	}
	if (count.in_force > 0 || (undone && (count.open > 0 || counts.unknown > 0))) {
		g_free(why);
		why = g_strdup_printf("%s: on %zu device%s it is in force", undone ? "the revert is not complete, and may be given again" :
			"undoes it when that is wanted", count.in_force, count.in_force == 1 ? "" : "s");
		command(handover->out, number, "revert", job->id, " --comment TEXT", why);
	}
	if (counts.refused + count.ended_badly > 0) {
		g_free(why);
		why = g_strdup_printf("%zu refused, %zu failed or timed out: see below", counts.refused, count.ended_badly);
		command(handover->out, number, "job", job->id, "", why);
	}
}

static void write_next(struct handover *handover)
{
	const GPtrArray *unresolved = handover->session->tenant->unresolved;
	GString *out = handover->out;
	size_t number = 0;

	g_string_append(out, "\n## To do next\n\n");
	for (guint i = 0; i < handover->jobs->len; i++)
		job_next(handover, handover->jobs->pdata[i], &number);
	if (unresolved != NULL && unresolved->len > 0)
		g_string_append_printf(out, "%zu. %u entries of the last selection are unresolved: see below\n", ++number,
			unresolved->len);
	if (number == 0)
		g_string_append(out, "Nothing is left to do for these jobs.\n");
	g_string_append(out, "\nThe jobs are known on any machine by their ids, also without this log: `jobs --tenant` lists them, "
		"`job ID` tells each device. `isolated` lists what is isolated now.\n");
}

/* ---- notes, selections, entries */
static guint first_listed(GString *out, guint count)
{
	if (count <= LISTED_MOST)
		return 0;
	g_string_append_printf(out, "The last %d of %u.\n\n", LISTED_MOST, count);
	return count - LISTED_MOST;
}

static void write_lines(GString *out, const char *title, const GPtrArray *lines)
{
	if (lines->len == 0)
		return;
	g_string_append_printf(out, "\n## %s\n\n", title);
	for (guint i = first_listed(out, lines->len); i < lines->len; i++) {
		const struct handover_line *line = lines->pdata[i];

		g_string_append(out, "- ");
		markdown_text(out, line->time, 0);
		g_string_append(out, " ");
		if (line->case_id != NULL) {
			g_string_append(out, "(case ");
			markdown_text(out, line->case_id, 0);
			g_string_append(out, ") ");
		}
		markdown_text(out, line->text, 2000);
		if (line->came_to != NULL) {
			g_string_append(out, ": ");
			markdown_text(out, line->came_to, 0);
			g_string_append(out, " devices");
		}
		g_string_append_c(out, '\n');
	}
}

static void write_unresolved(struct handover *handover)
{
	static const char *const titles[] = { "entry", "file", "line", "why", NULL };
	const GPtrArray *unresolved = handover->session->tenant->unresolved;
	GString *out = handover->out;
	guint count = unresolved != NULL ? unresolved->len : 0;

	g_string_append_printf(out, "\n## Unresolved entries (%u)\n\n", count);
	if (count == 0) {
		g_string_append(out, "The last selection left none.\n");
		return;
	}
	if (count > LISTED_MOST)
		g_string_append_printf(out, "The first %d; `unresolved > FILE.csv` saves all.\n\n", LISTED_MOST);
	markdown_table(out, titles);
	for (guint i = 0; i < count && i < LISTED_MOST; i++) {
		const struct source_entry *entry = unresolved->pdata[i];

		markdown_cell(out, entry->text);
		markdown_cell(out, entry->file);
		markdown_cell_number(out, entry->line);
		markdown_cell(out, entry->reason);
		markdown_row_end(out);
	}
}

/* ---- others */
static bool is_included(const struct handover *handover, const char *id)
{
	for (guint i = 0; i < handover->jobs->len; i++)
		if (strcmp(((const struct job *)handover->jobs->pdata[i])->id, id) == 0)
			return true;
	return false;
}

static void write_others(struct handover *handover)
{
	static const char *const titles[] = { "job", "action", "who", "begun", "devices", "still open", NULL };
	AUTO(g_ptr_array_unref) GPtrArray *marked = handover->list != NULL ? actions_marked(handover->list, NULL) : NULL;
	GString *out = handover->out;
	guint shown = 0;

	for (guint i = 0; marked != NULL && i < marked->len && shown < LISTED_MOST; i++) {
		const struct marked_job *job = marked->pdata[i];
		char begun[ISOTIME_SIZE] = "";
		size_t open = 0;

		if (is_included(handover, job->id))
			continue;
		if (shown++ == 0) {
			g_string_append(out, "\n## Other jobs that the tenant's action list tells of\n\nNot accounted for here; `job ID` "
				"tells each device.\n\n");
			markdown_table(out, titles);
		}
		for (guint k = 0; k < job->actions->len; k++)
			open += action_is_open(job->actions->pdata[k]);
		if (job->first->created != 0)
			isotime_format(job->first->created, begun);
		markdown_cell_code(out, job->id);
		markdown_cell(out, job->first->type);
		markdown_cell(out, job->user);
		begun[19] = begun[0] != '\0' ? 'Z' : '\0';
		begun[20] = '\0';
		markdown_cell(out, begun);
		markdown_cell_number(out, job->actions->len);
		markdown_cell_number(out, open);
		markdown_row_end(out);
	}
}

void handover_write(struct handover *handover)
{
	write_head(handover);
	write_next(handover);
	handover_write_jobs(handover);
	handover_write_done(handover);
	handover_write_pending(handover);
	handover_write_faults(handover);
	write_unresolved(handover);
	handover_write_each(handover);
	write_lines(handover->out, "Notes", handover->notes);
	write_lines(handover->out, "Selections", handover->selections);
	write_others(handover);
}
