/* The table of window functions. They are taken out of the expressions they stand in before these are checked
 * (bind_window.c) and run over all rows (run_window.c). */
#include "config.h"
#include "kql/window.h"

#include <string.h>

static bool check_misplaced(struct kql_scope *scope, struct kql_node *node)
{
	kql_node_fault(scope, node, "%s() cannot stand here", node->name);
	error_hint(scope->error, "it works in extend, project, serialize and where, over rows with an order: "
		"| sort by Timestamp asc | extend n = %s(...)", node->name);
	return false;
}

const struct kql_function kql_window_functions[] = {
	{ "row_number", "[start [, restart]]", "i?b", 'l', false, NULL, NULL, check_misplaced },
	{ "row_cumsum", "number [, restart]", "nb?", '1', false, NULL, NULL, check_misplaced },
	{ "row_rank_dense", "value [, restart]", "ob?", 'l', false, NULL, NULL, check_misplaced },
	{ "row_rank_min", "value [, restart]", "ob?", 'l', false, NULL, NULL, check_misplaced },
	{ "row_rank", "value [, restart]", "ob?", 'l', false, NULL, NULL, check_misplaced },
	{ "prev", "column [, offset [, default]]", "ai!?a!", '1', false, NULL, NULL, check_misplaced },
	{ "next", "column [, offset [, default]]", "ai!?a!", '1', false, NULL, NULL, check_misplaced },
	{ "row_window_session", "time, from_first, between [, restart]", "tppb?", 't', false, NULL, NULL, check_misplaced },
	{ .name = NULL },
};

const struct kql_window_kind *kql_window_find(const char *name)
{
	static const struct kql_window_kind kinds[KQL_WINDOW_KINDS] = {
		{ KQL_ROW_NUMBER, &kql_window_functions[0] }, { KQL_ROW_CUMSUM, &kql_window_functions[1] },
		{ KQL_ROW_RANK_DENSE, &kql_window_functions[2] }, { KQL_ROW_RANK_MIN, &kql_window_functions[3] },
		{ KQL_ROW_RANK_MIN, &kql_window_functions[4] }, { KQL_PREV, &kql_window_functions[5] },
		{ KQL_NEXT, &kql_window_functions[6] }, { KQL_ROW_SESSION, &kql_window_functions[7] },
	};

	for (size_t n = 0; n < KQL_WINDOW_KINDS; n++)
		if (strcmp(kinds[n].function->name, name) == 0)
			return &kinds[n];
	return NULL;
}
