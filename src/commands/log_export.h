/* The log as rows, one a device and job (contract, section 7). */
#ifndef COMMANDS_LOG_EXPORT_H
#define COMMANDS_LOG_EXPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "app/session.h"

struct log_export_choice {
	bool all;            /* jobs of all sessions; else those this session started or went on with */
	const char *job;     /* an id or an ending of one, of any session; or NULL */
	const char *case_id; /* of any session; or NULL */
};

/* The caller frees with g_free. */
char *log_directory(const struct session *session);

/* Writes FILE.csv or FILE.json, replaced whole. */
bool log_export_write(struct session *session, const struct log_export_choice *choice, const char *file, size_t *rows,
	struct error *error);

#endif
