/* Entries of this folder; table.c lists them. */
#ifndef COMMANDS_ENTRIES_H
#define COMMANDS_ENTRIES_H

#include "app/command.h"

extern const struct command command_connect, command_profile, command_set, command_let, command_param, command_source,
	command_expect, command_case, command_help, command_quit, command_shell;
extern const struct command command_list, command_device, command_history, command_show, command_load;
extern const struct command command_tag_add, command_tag_remove, command_scan, command_isolate, command_release;
extern const struct command command_jobs, command_job, command_wait, command_resume, command_cancel, command_revert,
	command_actions, command_isolated;
extern const struct command command_log, command_log_export, command_log_verify, command_note,
	command_handover;

#endif
