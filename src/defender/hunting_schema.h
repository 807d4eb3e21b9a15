/* The documented tables of advanced hunting (API contract, section 6). */
#ifndef DEFENDER_HUNTING_SCHEMA_H
#define DEFENDER_HUNTING_SCHEMA_H

#include "table/column.h"

/* A new table without rows, with the documented columns; NULL if the documents know none of that name. */
struct table *hunting_schema_table(const char *name);
/* The names of all, sorted; the caller frees with g_strfreev. */
char **hunting_schema_names(void);

#endif
