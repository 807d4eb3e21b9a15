/* The commands of this version. */
#ifndef COMMANDS_TABLE_H
#define COMMANDS_TABLE_H

#include "app/command.h"

/* NULL-terminated, in the order of `help`. */
extern const struct command *const command_table[];

#endif
