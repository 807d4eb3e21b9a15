/* Aggregates at work: from the rows of groups to one value a group. */
#ifndef KQL_FOLD_H
#define KQL_FOLD_H

#include "kql/aggregate.h"
#include "kql/relation.h"

struct kql_fold_input {
	struct kql_runner *runner;
	const struct kql_group_call *call;
	struct kql_vector *args; /* of the call, over the rows */
	size_t rows, groups;
	const uint32_t *ids;     /* the group of each row */
};

/* Makes the call's columns (returned_count of them), a row a group. */
bool kql_fold_rows(const struct kql_fold_input *input, const struct kql_field *fields, struct kql_vector *results);

#endif
