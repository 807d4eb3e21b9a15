#include "config.h"
#include "sim/hunt.h"

#include <stdlib.h>
#include <string.h>

#include "core/auto.h"

/* Until the KQL engine is there: `TABLE` and `TABLE | take N`, all else is refused. */
struct table *hunt_query(struct hunt *hunt, const char *text, int64_t since, struct error *error)
{
	size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	AUTO(g_free) char *name = g_strndup(text, length);
	AUTO(g_free) char *rest = g_strstrip(g_strdup(text + length));
	const struct table *table = hunt_table(hunt, name);
	unsigned long most = g_str_has_prefix(rest, "| take ") ? strtoul(rest + 7, NULL, 10) : ~0UL;
	struct table *copy;

	(void)since;
	if (table == NULL || (rest[0] != '\0' && most == ~0UL)) {
		error_set(error, ERROR_USAGE, "failed to resolve table or column expression named '%s'", table ? rest : name);
		return NULL;
	}
	copy = table_new(name);
	for (size_t i = 0; i < table_columns(table); i++) {
		const struct column *from = table_column(table, i);
		struct column *to = column_new(column_name(from), column_type(from));

		for (size_t row = 0; row < column_rows(from) && row < most; row++)
			column_append_from(to, from, row);
		table_add(copy, to);
	}
	return copy;
}
