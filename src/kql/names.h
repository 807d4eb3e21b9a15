/* The words of the language, for completion and hints. All lists are static, sorted and NULL-terminated. */
#ifndef KQL_NAMES_H
#define KQL_NAMES_H

extern const char *const kql_scalar_operators[];  /* has, !in~, matches regex, and, ... */
extern const char *const kql_tabular_operators[]; /* where, summarize, ... */

const char *const *kql_function_names(void);  /* scalar functions */
const char *const *kql_aggregate_names(void); /* count, dcount, ... */

/* "substring(text, start [, length])", or NULL if there is no such function. */
const char *kql_function_usage(const char *name);

#endif
