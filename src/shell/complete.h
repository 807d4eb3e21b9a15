/* TAB: what candidates.h finds, with the values that the session knows without asking anybody. */
#ifndef SHELL_COMPLETE_H
#define SHELL_COMPLETE_H

#include <stddef.h>

#include "app/session.h"
#include "shell/candidates.h"

struct candidates *complete_candidates(struct session *session, const char *line, size_t cursor);

/* Makes Readline complete for this session; NULL ends that. */
void complete_install(struct session *session);
/* Lines of the same command that were typed before the one being edited; NULL for none. Copied. */
void complete_before(const char *text);

#endif
