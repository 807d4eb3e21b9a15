/* The selecting commands. */
#ifndef COMMANDS_SELECT_H
#define COMMANDS_SELECT_H

#include "app/command.h"

extern const struct command command_add, command_remove, command_keep, command_select, command_query, command_filter;
extern const struct command command_undo, command_redo, command_save, command_sets, command_drop, command_count,
	command_unresolved, command_refresh, command_pick;

#endif
