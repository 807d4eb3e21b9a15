/* Aggregate functions of summarize. */
#ifndef KQL_AGGREGATE_H
#define KQL_AGGREGATE_H

#include <stdbool.h>
#include <stddef.h>

#include "kql/functions.h"

#define KQL_LIST_LIMIT 1048576 /* values of make_list and make_set, the documented default */

enum kql_aggregate_kind {
	KQL_AGG_COUNT, KQL_AGG_DCOUNT, KQL_AGG_SUM, KQL_AGG_AVG, KQL_AGG_MIN, KQL_AGG_MAX, KQL_AGG_SET, KQL_AGG_LIST,
	KQL_AGG_LIST_NULLS, KQL_AGG_BAG, KQL_AGG_ANY, KQL_AGG_TAKE_ANY, KQL_AGG_ARG_MAX, KQL_AGG_ARG_MIN, KQL_AGG_STDEV,
	KQL_AGG_STDEVP, KQL_AGG_VARIANCE, KQL_AGG_VARIANCEP, KQL_AGG_PERCENTILE, KQL_AGG_PERCENTILES, KQL_AGG_AND,
	KQL_AGG_OR, KQL_AGG_XOR, KQL_AGG_COVARIANCE, KQL_AGG_COVARIANCEP,
};

struct kql_aggregate {
	struct kql_function function; /* name, usage, parameters and result; never called */
	enum kql_aggregate_kind kind;
	const char *prefix;           /* of the result's default name; NULL: another rule */
	int condition;                /* which argument is the predicate of an ...if; -1 if none */
	unsigned most;                /* how much make_...() takes if no limit is given; 0: KQL_LIST_LIMIT */
	bool weighed;                 /* percentilew and its kin: the second argument says how often a value counts */
};

const struct kql_aggregate *kql_aggregate_find(const char *name);

#endif
