/* What columns are called that are given no name. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

#include "kql/aggregate.h"

/* Functions whose result is named after their first argument (Microsoft's binder: ResultNameKind.FirstArgument). */
static const char *const named_by_argument[] = {
	"split", "tostring", "tohex", "todynamic", "toobject", "tolong", "toint", "toreal", "todouble", "todatetime",
	"totimespan", "totime", "tobool", "toboolean", "todecimal", "toguid", "parse_csv", "parsejson", "parse_json",
	"format_datetime", "format_timespan", "startofday", "bin", "floor", "bin_at", "binary_and", "binary_or", "binary_xor",
	"binary_not", "binary_shift_right", "binary_shift_left", "bitset_count_ones", "round", "ceiling", "pow", "sqrt", "log",
	"log2", "log10", "exp", "exp2", "exp10", "cos", "sin", "tan", "acos", "asin", "atan", "atan2", "abs", "rand", "gamma",
	"loggamma", "erf", "erfc", "format_bytes", "binary_all_and", "binary_all_or", "binary_all_xor", "take_anyif",
};

/* Those that put a word before it (NameAndFirstArgument, PrefixAndFirstArgument). */
static const struct {
	const char *function, *prefix;
} named_with_prefix[] = {
	{ "strlen", "strlen" }, { "string_size", "string_size" }, { "gettype", "type" }, { "treepath", "tree" },
	{ "repeat", "repeat" },
};

static const char *join_names(struct kql_binder *binder, const char *first, const char *second)
{
	char *joined = g_strconcat(first, "_", second, NULL);
	const char *copy = kql_arena_copy(binder->arena, joined, strlen(joined));

	g_free(joined);
	return copy;
}

static const char *name_of_call(struct kql_binder *binder, const struct kql_node *node)
{
	const struct kql_aggregate *aggregate = kql_aggregate_find(node->name);
	const char *base = node->count != 0 ? kql_bind_name(binder, node->args[0]) : NULL;

	if (kql_bind_find(binder, node->name) != NULL)
		return NULL;
	if (aggregate != NULL && aggregate->prefix != NULL)
		return join_names(binder, aggregate->prefix, base != NULL ? base : "");
	for (size_t n = 0; n < G_N_ELEMENTS(named_by_argument); n++)
		if (strcmp(named_by_argument[n], node->name) == 0)
			return base;
	for (size_t n = 0; n < G_N_ELEMENTS(named_with_prefix) && base != NULL; n++)
		if (strcmp(named_with_prefix[n].function, node->name) == 0)
			return join_names(binder, named_with_prefix[n].prefix, base);
	if (strcmp(node->name, "ingestion_time") == 0)
		return "$IngestionTime";
	if (strncmp(node->name, "column", 6) == 0 && node->count == 2 && node->args[0]->kind == KQL_NODE_LITERAL &&
		node->args[0]->value.type == KQL_STRING)
		return node->args[0]->value.text;
	return NULL;
}

const char *kql_bind_name(struct kql_binder *binder, const struct kql_node *node)
{
	const char *base, *part;

	switch (node->kind) {
	case KQL_NODE_NAME:
		return *node->name != KQL_HIDDEN ? node->name : NULL;
	case KQL_NODE_CALL:
		return name_of_call(binder, node);
	case KQL_NODE_MEMBER:
		base = kql_bind_name(binder, node->args[0]);
		part = node->name;
		break;
	case KQL_NODE_INDEX:
		base = kql_bind_name(binder, node->args[0]);
		if (node->args[1]->kind != KQL_NODE_LITERAL)
			return NULL;
		part = kql_value_text(binder->arena, &node->args[1]->value).text;
		break;
	default:
		return NULL;
	}
	return base != NULL ? join_names(binder, base, part) : NULL;
}

static bool fields_have(const struct kql_field_list *list, const char *name)
{
	for (guint n = 0; n < list->fields->len; n++)
		if (strcmp(g_array_index(list->fields, struct kql_field, n).name, name) == 0)
			return true;
	return false;
}

bool kql_fields_add(struct kql_field_list *list, size_t at, const char *name, bool explicit_name, enum kql_type type,
	enum kql_shape shape)
{
	struct kql_field field = { .type = type, .shape = shape };
	char *made = NULL;

	if (name == NULL)
		made = g_strdup_printf("Column%u", ++list->unnamed);
	else
		made = g_strdup(name);
	if (fields_have(list, made) && explicit_name && name != NULL &&
		(list->derived == NULL || !g_hash_table_contains(list->derived, made))) {
		kql_bind_fault(list->binder, at, "there is already a column '%s'", made);
		g_free(made);
		return false;
	}
	for (unsigned number = 1; fields_have(list, made); number++) {
		g_free(made);
		made = g_strdup_printf("%s%u", name != NULL ? name : "Column", name != NULL ? number : ++list->unnamed);
	}
	field.name = kql_arena_copy(list->binder->arena, made, strlen(made));
	g_free(made);
	if (list->derived != NULL && !explicit_name)
		g_hash_table_add(list->derived, (gpointer)field.name);
	g_array_append_val(list->fields, field);
	return true;
}

struct kql_field *kql_fields_take(struct kql_field_list *list, size_t *count)
{
	struct kql_field *fields = kql_arena_alloc(list->binder->arena, (list->fields->len + 1) * sizeof *fields);

	*count = list->fields->len;
	if (*count != 0)
		memcpy(fields, list->fields->data, *count * sizeof *fields);
	g_array_unref(list->fields);
	g_clear_pointer(&list->derived, g_hash_table_unref);
	list->fields = NULL;
	return fields;
}

bool kql_names_match(const char *pattern, const char *name)
{
	return g_pattern_match_simple(pattern, name);
}
