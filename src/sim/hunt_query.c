#include "config.h"
#include "sim/hunt.h"

#include <stdlib.h>
#include <string.h>

#include "core/auto.h"
#include "kql/lexer.h"
#include "kql/predicate.h"

/* Until the pipeline of the KQL engine is there: TABLE, then where, project, distinct, take, count and
 * `summarize arg_max(Timestamp, *) by DeviceId`. All else is refused. */

static struct table *copy_rows(const struct table *table, const struct bitset *rows, char **columns, size_t most)
{
	struct table *copy = table_new(table_name(table));

	for (size_t i = 0; i < (columns != NULL ? g_strv_length(columns) : table_columns(table)); i++) {
		const struct column *from = columns != NULL ? table_find(table, columns[i]) : table_column(table, i);
		struct column *to = column_new(column_name(from), column_type(from));

		for (size_t row = 0; row < column_rows(from) && column_rows(to) < most; row++)
			if (rows == NULL || bitset_has(rows, (uint32_t)row))
				column_append_from(to, from, row);
		table_add(copy, to);
	}
	return copy;
}

static struct table *where(const struct table *table, const char *text, int64_t now, struct error *error)
{
	struct kql_schema schema;
	AUTO(g_free) struct kql_column *columns = kql_schema_of_table(table, &schema);
	AUTO(kql_predicate_free) struct kql_predicate *predicate = kql_predicate_compile(text, &schema, now, error);
	AUTO(bitset_free) struct bitset *rows = bitset_new();

	if (predicate == NULL || !kql_predicate_eval(predicate, table, NULL, rows, NULL, NULL, error))
		return NULL;
	return copy_rows(table, rows, NULL, SIZE_MAX);
}

static struct table *distinct(const struct table *table)
{
	AUTO(g_hash_table_unref) GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	AUTO(bitset_free) struct bitset *rows = bitset_new();

	for (size_t row = 0; row < table_rows(table); row++) {
		GString *key = g_string_new(NULL);

		for (size_t i = 0; i < table_columns(table); i++) {
			const struct column *column = table_column(table, i);

			if (column_type_is_text(column_type(column)))
				g_string_append(key, column_text(column, row, NULL));
			else
				g_string_append_printf(key, "%lld %g", (long long)column_int(column, row), column_real(column, row));
			g_string_append_c(key, '\1');
		}
		if (g_hash_table_add(seen, g_string_free(key, FALSE)))
			bitset_add(rows, (uint32_t)row);
	}
	return copy_rows(table, rows, NULL, SIZE_MAX);
}

static struct table *newest(const struct table *table)
{
	const struct column *id = table_find(table, "DeviceId"), *time = table_find(table, "Timestamp");
	AUTO(g_hash_table_unref) GHashTable *best = g_hash_table_new(g_str_hash, g_str_equal);
	AUTO(bitset_free) struct bitset *rows = bitset_new();

	for (size_t row = 0; row < table_rows(table); row++) {
		const char *key = column_text(id, row, NULL);
		size_t old = GPOINTER_TO_SIZE(g_hash_table_lookup(best, key));

		if (old != 0 && column_int(time, old - 1) >= column_int(time, row))
			continue;
		if (old != 0)
			bitset_remove(rows, (uint32_t)(old - 1));
		bitset_add(rows, (uint32_t)row);
		g_hash_table_insert(best, (char *)key, GSIZE_TO_POINTER(row + 1));
	}
	return copy_rows(table, rows, NULL, SIZE_MAX);
}

static struct table *count(const struct table *table)
{
	struct table *one = table_new("count");
	struct column *column = column_new("Count", COLUMN_LONG);

	column_append_int(column, (int64_t)table_rows(table));
	table_add(one, column);
	return one;
}

static struct table *pick_columns(const struct table *table, const char *text, struct error *error)
{
	AUTO(g_strfreev) char **names = g_strsplit(text, ",", -1);

	for (char **name = names; *name != NULL; name++) {
		g_strstrip(*name);
		if (table_find(table, *name) == NULL) {
			error_set(error, ERROR_USAGE, "failed to resolve scalar expression named '%s'", *name);
			return NULL;
		}
	}
	return copy_rows(table, NULL, names, SIZE_MAX);
}

static struct table *step(const struct table *table, const char *text, int64_t now, struct error *error)
{
	size_t length = strcspn(text, " \t\r\n");
	AUTO(g_free) char *word = g_strndup(text, length);
	AUTO(g_free) char *rest = g_strstrip(g_strdup(text + length));

	if (strcmp(word, "where") == 0)
		return where(table, rest, now, error);
	if (strcmp(word, "project") == 0)
		return pick_columns(table, rest, error);
	if (strcmp(word, "distinct") == 0) {
		AUTO(table_free) struct table *picked = pick_columns(table, rest, error);

		return picked != NULL ? distinct(picked) : NULL;
	}
	if (strcmp(word, "take") == 0 || strcmp(word, "limit") == 0)
		return copy_rows(table, NULL, NULL, strtoul(rest, NULL, 10));
	if (strcmp(text, "count") == 0)
		return count(table);
	if (strcmp(text, "summarize arg_max(Timestamp, *) by DeviceId") == 0)
		return newest(table);
	error_set(error, ERROR_USAGE, "'%s' operator: not supported here", word);
	return NULL;
}

/* The parts between the bars that stand in no string. */
static GPtrArray *split(const char *text)
{
	GPtrArray *parts = g_ptr_array_new_with_free_func(g_free);
	struct kql_lexer lexer;
	struct kql_token token;
	size_t start = 0;

	kql_lexer_init(&lexer, text, strlen(text));
	do {
		token = kql_lexer_next(&lexer);
		if (token.kind != KQL_TOKEN_END && token.kind != KQL_TOKEN_BAD && !kql_token_is(&lexer, &token, "|"))
			continue;
		g_ptr_array_add(parts, g_strstrip(g_strndup(text + start, token.start - start)));
		start = token.start + token.length;
	} while (token.kind != KQL_TOKEN_END && token.kind != KQL_TOKEN_BAD);
	return parts;
}

struct table *hunt_query(struct hunt *hunt, const char *text, int64_t since, struct error *error)
{
	AUTO(g_ptr_array_unref) GPtrArray *parts = split(text);
	const char *name = g_ptr_array_index(parts, 0);
	const struct table *table = hunt_table(hunt, name);
	AUTO(table_free) struct table *result = NULL;

	(void)since;
	if (table == NULL) {
		error_set(error, ERROR_USAGE, "failed to resolve table or column expression named '%s'", name);
		return NULL;
	}
	for (guint i = 1; i < parts->len; i++) {
		struct table *next = step(result != NULL ? result : table, g_ptr_array_index(parts, i), hunt_now(hunt), error);

		if (next == NULL)
			return NULL;
		table_free(result);
		result = next;
	}
	return result != NULL ? AUTO_STEAL(result) : copy_rows(table, NULL, NULL, SIZE_MAX);
}
