/* The prompt: the setting `prompt` with its signs replaced. States stand in words, never in colour alone. */
#ifndef SHELL_PROMPT_H
#define SHELL_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "app/session.h"

struct prompt_state {
	const char *tenant;  /* "": not connected. Hostile text is made safe */
	size_t devices;
	bool changed;        /* the working set differs from what was last saved */
	bool dry_run, read_only;
	const char *case_id; /* or NULL */
	size_t jobs;         /* that are sending */
};

/* %t tenant, %n devices ("42", "42*" if changed), %m modes (" (dry)", " (read-only)"), %c case, %j jobs that are sending,
 * %% a %; another sign stays as it is. The caller frees with g_free. */
char *prompt_format(const char *format, const struct prompt_state *state);

char *prompt_text(const struct session *session);
/* Asks for the next line of a command: as wide as the prompt, so that what is typed stands below. */
char *prompt_continued(const char *prompt);

#endif
