/* What the session knows of each kind of value: names, tags, groups, jobs, ... Only from memory and local files. */
#ifndef SHELL_COMPLETE_VALUES_H
#define SHELL_COMPLETE_VALUES_H

#include "shell/candidates.h"

/* data is the struct session. */
void complete_values(void *data, enum completion kind, const char *prefix, size_t limit, GPtrArray *values);
/* KQL by position: tables and their columns as they are known here; asks nobody. */
void complete_kql(void *data, enum completion kind, const char *text, GPtrArray *texts, size_t *start);

#endif
