#include "config.h"
#include "commands/entries.h"

#include <string.h>

#include "app/arguments.h"
#include "app/result.h"
#include "app/session.h"
#include "app/tenant.h"
#include "core/text.h"

#define CASE_LIMIT 64 /* characters: it stands before every comment */

static bool note_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	AUTO(g_free) char *masked = session_mask(session, arguments_rest(arguments));
	AUTO(g_free) char *text = g_utf8_make_valid(masked, -1);

	(void)result;
	if (session_log(session, "note", json_pack("{s:s,s:o}", "text", text, "case",
	                session->case_id != NULL ? json_string(session->case_id) : json_null())))
		return true;
	return error_set(error, ERROR_FAILED, "the note was not written: the session log cannot be written");
}

const struct command command_note = {
	.name = "note", .group = GROUP_LOG, .summary = "write a remark into the session log",
	.operands = { { "TEXT", VALUE_REST, 1, 1, COMPLETE_NOTHING, NULL, "the rest of the line" } },
	.run = note_run,
};

/* ---- case */

/* It goes into the customer's audit trail and before each marker. */
static bool case_is_plain(const char *id)
{
	AUTO(g_free) char *safe = NULL;

	if (!g_utf8_validate(id, -1, NULL) || id[strspn(id, " ")] == '\0' || g_utf8_strlen(id, -1) > CASE_LIMIT)
		return false;
	safe = text_safe(id);
	return strcmp(safe, id) == 0 && strpbrk(id, "[]") == NULL;
}

static bool case_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	const char *id = arguments_operand(arguments, 0);

	if (arguments_has(arguments, "none")) {
		g_clear_pointer(&session->case_id, g_free);
	} else if (id != NULL) {
		if (!case_is_plain(id))
			return error_set(error, ERROR_USAGE, "a case id is 1 to %d characters without brackets and control characters",
				CASE_LIMIT);
		g_free(session->case_id);
		session->case_id = g_strdup(id);
	}
	if (session->tenant != NULL && session->tenant->signed_in)
		tenant_refresh_engine(session->tenant);
	if (session->case_id != NULL)
		result_summary(result, "case %s", session->case_id);
	else
		result_summary(result, "no case");
	return true;
}

static const struct command_option case_options[] = {
	{ "none", '\0', VALUE_NONE, NULL, COMPLETE_NOTHING, NULL, "no case any more" },
	{ .name = NULL },
};
const struct command command_case = {
	.name = "case", .group = GROUP_LOG, .summary = "put a case number before every comment and into the log",
	.options = case_options,
	.operands = { { "ID", VALUE_TEXT, 0, 1, COMPLETE_NOTHING, NULL, "the case's number" } },
	.run = case_run,
};
