/* The words of the language, for completion and hints. All lists are sorted and NULL-terminated. */
#ifndef KQL_NAMES_H
#define KQL_NAMES_H

extern const char *const kql_scalar_operators[];  /* has, !in~, matches regex, and, ... */

/* New lists of static names; the caller frees each with g_free. */
const char **kql_tabular_names(void);   /* behind a bar: where, summarize, ... */
const char **kql_source_names(void);    /* what a query begins with: print, range, ... */
const char **kql_plugin_names(void);    /* of evaluate */
const char **kql_function_names(void);  /* scalar functions */
const char **kql_aggregate_names(void); /* count, dcount, ... */

/* What stands in the brackets: "text, start [, length]"; NULL if there is no such scalar function. */
const char *kql_function_usage(const char *name);

/* What follows an operator: "rows by expression"; NULL if there is no such one. */
const char *kql_tabular_usage(const char *name);
const char *kql_source_usage(const char *name);

#endif
