/* Window functions: what a row gets depends on the rows around it, which must have an order. */
#ifndef KQL_WINDOW_H
#define KQL_WINDOW_H

#include "kql/functions.h"

enum kql_window_what {
	KQL_ROW_NUMBER, KQL_ROW_CUMSUM, KQL_ROW_RANK_DENSE, KQL_ROW_RANK_MIN, KQL_PREV, KQL_NEXT, KQL_ROW_SESSION,
};

/* Those of kql_window_functions, in that order. */
#define KQL_WINDOW_KINDS 8

struct kql_window_kind {
	enum kql_window_what what;
	const struct kql_function *function;
};

/* NULL if the function is none of them. */
const struct kql_window_kind *kql_window_find(const char *name);

#endif
