/* The one device that a command names. */
#ifndef COMMANDS_DEVICE_FIND_H
#define COMMANDS_DEVICE_FIND_H

#include "app/arguments.h"
#include "app/session.h"

/* The device of the first operand, also one that is not onboarded; --newest takes the one last seen of several. False if
 * it is none, or several. */
bool device_find(struct session *session, const struct arguments *arguments, uint32_t *number, struct error *error);

#endif
