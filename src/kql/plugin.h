/* Plugins: what evaluate can call. */
#ifndef KQL_PLUGIN_H
#define KQL_PLUGIN_H

#include "kql/relation.h"

struct kql_plugin {
	const char *name;
	const char *usage; /* what stands in the brackets */
	/* Checks the arguments; false with error set. rows: what the plugin will get, where the result's columns depend on
	 * it (see needs_rows) and no schema is given. */
	bool (*bind)(struct kql_binder *binder, struct kql_step *step, const struct kql_relation *rows,
		const struct kql_field *fields, size_t count);
	struct kql_relation *(*run)(struct kql_runner *runner, const struct kql_step *step, const struct kql_relation *from);
	bool needs_rows;
};

/* NULL if there is none of the name. */
const struct kql_plugin *kql_plugin_find(const char *name);

extern const struct kql_plugin kql_plugin_bag_unpack, kql_plugin_pivot, kql_plugin_narrow;

/* For plugins. The column that an argument names. */
bool kql_plugin_column(struct kql_binder *binder, const struct kql_node *arg, const struct kql_field *fields, size_t count,
	size_t *column);
/* Makes the given schema the result's, with the input's columns (but for those in `taken`) before it where '*' asks. */
void kql_plugin_schema(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count,
	const bool *taken);

#endif
