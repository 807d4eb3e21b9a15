/* What was entered at the prompt as one piece: a command, or a pasted block of several. */
#ifndef SHELL_BLOCK_H
#define SHELL_BLOCK_H

#include <stdbool.h>

#include "app/script.h"
#include "app/session.h"

/* Whether text is a command that ends in KQL, so that what follows belongs to it; not `query @FILE`, a bare `query`, nor
 * one whose KQL a |> has ended. */
bool block_is_kql(const struct command *const *table, const char *text);

/* Whether a block is one KQL text, not several commands: its first command takes KQL and one of the further lines begins
 * with no command's name. Then all of it belongs to the first (contract, section 2), and is an error rather than a query
 * cut short. */
bool block_is_one(const struct command *const *table, const struct script *script);

/* Runs a block. Several commands are checked together, run one after another up to the first that fails, and asked for
 * beforehand if one of them acts. */
void block_run(struct session *session, const char *text);

#endif
