#include "config.h"
#include "kql/aggregate.h"

#include <stdlib.h>
#include <string.h>

#include "kql/names.h"

#define AGGREGATE(name, usage, params, result, kind, prefix, condition) \
	{ { name, usage, params, result, false, NULL, NULL, NULL }, kind, prefix, condition, 0, false }
/* As they were once spelt, with a limit of their own. */
#define LEGACY(name, usage, params, kind, prefix) \
	{ { name, usage, params, 'd', false, NULL, NULL, NULL }, kind, prefix, -1, 128, false }
#define WEIGHED(name, usage, params, result, kind, prefix) \
	{ { name, usage, params, result, false, NULL, NULL, NULL }, kind, prefix, -1, 0, true }

static const struct kql_aggregate aggregates[] = {
	AGGREGATE("any", "value, ... or *", "a*", '1', KQL_AGG_ANY, "any", -1),
	AGGREGATE("anyif", "value, predicate", "ab", '1', KQL_AGG_ANY, "anyif", 1),
	AGGREGATE("arg_max", "value, column, ... or *", "Oa?*", '1', KQL_AGG_ARG_MAX, NULL, -1),
	AGGREGATE("arg_min", "value, column, ... or *", "Oa?*", '1', KQL_AGG_ARG_MIN, NULL, -1),
	AGGREGATE("argmax", "value, column, ... or *", "Oa?*", '1', KQL_AGG_ARG_MAX, "max", -1),
	AGGREGATE("argmin", "value, column, ... or *", "Oa?*", '1', KQL_AGG_ARG_MIN, "min", -1),
	AGGREGATE("avg", "value", "u", 0, KQL_AGG_AVG, "avg", -1),
	AGGREGATE("avgif", "value, predicate", "ub", 0, KQL_AGG_AVG, "avgif", 1),
	AGGREGATE("binary_all_and", "number", "i", 'l', KQL_AGG_AND, NULL, -1),
	AGGREGATE("binary_all_or", "number", "i", 'l', KQL_AGG_OR, NULL, -1),
	AGGREGATE("binary_all_xor", "number", "i", 'l', KQL_AGG_XOR, NULL, -1),
	AGGREGATE("count", "", "b?", 'l', KQL_AGG_COUNT, "count", 0),
	AGGREGATE("count_distinct", "value", "o", 'l', KQL_AGG_DCOUNT, "count_distinct", -1),
	AGGREGATE("count_distinctif", "value, predicate", "ob", 'l', KQL_AGG_DCOUNT, "count_distinctif", 1),
	AGGREGATE("countif", "predicate", "b", 'l', KQL_AGG_COUNT, "countif", 0),
	AGGREGATE("covariance", "number, number", "nn", 'r', KQL_AGG_COVARIANCE, "covariance", -1),
	AGGREGATE("covarianceif", "number, number, predicate", "nnb", 'r', KQL_AGG_COVARIANCE, "covarianceif", 2),
	AGGREGATE("covariancep", "number, number", "nn", 'r', KQL_AGG_COVARIANCEP, "covariancep", -1),
	AGGREGATE("covariancepif", "number, number, predicate", "nnb", 'r', KQL_AGG_COVARIANCEP, "covariancepif", 2),
	AGGREGATE("dcount", "value [, accuracy]", "ai?", 'l', KQL_AGG_DCOUNT, "dcount", -1),
	AGGREGATE("dcountif", "value, predicate [, accuracy]", "abi?", 'l', KQL_AGG_DCOUNT, "dcountif", 1),
	AGGREGATE("make_bag", "bag [, limit]", "ki?", 'B', KQL_AGG_BAG, "bag", -1),
	AGGREGATE("make_bag_if", "bag, predicate [, limit]", "kbi?", 'B', KQL_AGG_BAG, "bag", 1),
	LEGACY("make_dictionary", "bag [, limit]", "ki?", KQL_AGG_BAG, "dictionary"),
	AGGREGATE("make_list", "value [, limit]", "ai?", 'A', KQL_AGG_LIST, "list", -1),
	AGGREGATE("make_list_if", "value, predicate [, limit]", "abi?", 'A', KQL_AGG_LIST, "list", 1),
	AGGREGATE("make_list_with_nulls", "value", "a", 'A', KQL_AGG_LIST_NULLS, "list", -1),
	AGGREGATE("make_set", "value [, limit]", "ai?", 'A', KQL_AGG_SET, "set", -1),
	AGGREGATE("make_set_if", "value, predicate [, limit]", "abi?", 'A', KQL_AGG_SET, "set", 1),
	LEGACY("makelist", "value [, limit]", "ai?", KQL_AGG_LIST, "list"),
	LEGACY("makeset", "value [, limit]", "ai?", KQL_AGG_SET, "set"),
	AGGREGATE("max", "value", "O", '1', KQL_AGG_MAX, "max", -1),
	AGGREGATE("maxif", "value, predicate", "Ob", '1', KQL_AGG_MAX, "maxif", 1),
	AGGREGATE("min", "value", "O", '1', KQL_AGG_MIN, "min", -1),
	AGGREGATE("minif", "value, predicate", "Ob", '1', KQL_AGG_MIN, "minif", 1),
	AGGREGATE("percentile", "value, percent", "un!", '1', KQL_AGG_PERCENTILE, NULL, -1),
	AGGREGATE("percentiles", "value, percent, ...", "un!*", '1', KQL_AGG_PERCENTILE, NULL, -1),
	AGGREGATE("percentiles_array", "value, percent, ... (or an array)", "ua!*", 'A', KQL_AGG_PERCENTILES, "percentiles", -1),
	WEIGHED("percentilesw", "value, weight, percent, ...", "uin!*", '1', KQL_AGG_PERCENTILE, NULL),
	WEIGHED("percentilesw_array", "value, weight, percent, ... (or an array)", "uia!*", 'd', KQL_AGG_PERCENTILES,
		"percentiles"),
	WEIGHED("percentilew", "value, weight, percent", "uin!", '1', KQL_AGG_PERCENTILE, NULL),
	AGGREGATE("stdev", "number", "n", 'r', KQL_AGG_STDEV, "stdev", -1),
	AGGREGATE("stdevif", "number, predicate", "nb", 'r', KQL_AGG_STDEV, "stdevif", 1),
	AGGREGATE("stdevp", "number", "n", 'r', KQL_AGG_STDEVP, "stdevp", -1),
	AGGREGATE("sum", "value", "u", 0, KQL_AGG_SUM, "sum", -1),
	AGGREGATE("sumif", "value, predicate", "ub", 0, KQL_AGG_SUM, "sumif", 1),
	AGGREGATE("take_any", "column, ... or *", "a*", '1', KQL_AGG_TAKE_ANY, NULL, -1),
	AGGREGATE("take_anyif", "column, predicate", "ab", '1', KQL_AGG_TAKE_ANY, NULL, 1),
	AGGREGATE("variance", "number", "n", 'r', KQL_AGG_VARIANCE, "variance", -1),
	AGGREGATE("varianceif", "number, predicate", "nb", 'r', KQL_AGG_VARIANCE, "varianceif", 1),
	AGGREGATE("variancepif", "number, predicate", "nb", 'r', KQL_AGG_VARIANCEP, "variancepif", 1),
	AGGREGATE("variancep", "number", "n", 'r', KQL_AGG_VARIANCEP, "variancep", -1),
};

const struct kql_aggregate *kql_aggregate_find(const char *name)
{
	for (size_t n = 0; n < G_N_ELEMENTS(aggregates); n++)
		if (strcmp(aggregates[n].function.name, name) == 0)
			return &aggregates[n];
	return NULL;
}

const char **kql_aggregate_names(void)
{
	const char **names = g_new0(const char *, G_N_ELEMENTS(aggregates) + 1);

	for (size_t n = 0; n < G_N_ELEMENTS(aggregates); n++)
		names[n] = aggregates[n].function.name;
	return names;
}
