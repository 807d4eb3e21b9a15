#include "config.h"
#include "commands/table.h"

#include <stddef.h>

#include "commands/entries.h"
#include "commands/select.h"

const struct command *const command_table[] = {
	&command_add, &command_remove, &command_keep, &command_select, &command_query, &command_filter, &command_undo,
	&command_redo, &command_save, &command_sets, &command_drop, &command_pick, &command_unresolved, &command_refresh,
	&command_list, &command_device, &command_history, &command_show, &command_load, &command_count,
	&command_tag_add, &command_tag_remove, &command_scan, &command_isolate, &command_release,
	&command_jobs, &command_job, &command_wait, &command_resume, &command_cancel, &command_revert, &command_actions,
	&command_isolated,
	&command_log, &command_log_export, &command_log_verify, &command_note, &command_case, &command_handover,
	&command_connect, &command_profile, &command_set, &command_let, &command_param, &command_source, &command_expect,
	&command_help, &command_quit, &command_shell,
	NULL,
};
