/* Checks parse, parse-where and parse-kv. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

struct kql_field *kql_fields_set(struct kql_binder *binder, struct kql_field *fields, size_t *count, const char *name,
	enum kql_type type, size_t *column)
{
	struct kql_field *copy = kql_arena_alloc(binder->arena, (*count + 1) * sizeof *copy);

	if (*count != 0)
		memcpy(copy, fields, *count * sizeof *copy);
	for (*column = 0; *column < *count; (*column)++)
		if (strcmp(copy[*column].name, name) == 0)
			break;
	if (*column == *count)
		copy[(*count)++] = (struct kql_field){ .name = name };
	copy[*column].type = type;
	copy[*column].shape = KQL_SHAPE_UNKNOWN;
	return copy;
}

/* Adds the columns of a pattern to those that are there; one of the same name is replaced. */
static bool add_columns(struct kql_binder *binder, struct kql_step *step, struct kql_parse_piece *pieces, size_t count)
{
	for (size_t n = 0; n < count; n++) {
		if (pieces[n].name == NULL)
			continue;
		for (size_t m = 0; m < n; m++)
			if (pieces[m].name != NULL && strcmp(pieces[m].name, pieces[n].name) == 0)
				return kql_bind_fault(binder, pieces[n].at, "there is already a column '%s'", pieces[n].name);
		step->fields = kql_fields_set(binder, step->fields, &step->field_count, pieces[n].name, pieces[n].type,
			&pieces[n].column);
	}
	return true;
}

/* What is parsed: any value, as text. */
static bool check_source(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	struct kql_scope scope;

	kql_bind_scope(binder, &scope, fields, count);
	if (!kql_check(&scope, &step->node))
		return false;
	return step->node->kind != KQL_NODE_TYPEOF || kql_node_fault(&scope, step->node, "a type is no value");
}

static const char *number_pattern(enum kql_type type)
{
	switch (type) {
	case KQL_INT:
	case KQL_LONG:
		return "(-?\\d+)";
	case KQL_REAL:
	case KQL_DECIMAL:
		return "(-?\\d+(?:\\.\\d*)?(?:[eE][-+]?\\d+)?)";
	case KQL_BOOL:
		return "(?i:(true|false))";
	default:
		return NULL;
	}
}

/* The pattern as one regular expression, each column a group of its own behind those of the texts before it. As in the
 * service a column is as long as it can be, unless the flag U turns that round. */
static void make_regex(const struct kql_parse *parse, GString *out)
{
	unsigned groups = 0;

	if (parse->flags != NULL && *parse->flags != '\0')
		g_string_append_printf(out, "(?%s)", parse->flags);
	g_string_append_c(out, '^');
	for (size_t n = 0; n < parse->count; n++) {
		struct kql_parse_piece *piece = &parse->pieces[n];

		if (piece->star) {
			g_string_append(out, n + 1 < parse->count ? ".*?" : ".*");
		} else if (piece->text.text != NULL) {
			g_string_append(out, "(?:");
			g_string_append_len(out, piece->text.text, (gssize)piece->text.length);
			g_string_append_c(out, ')');
			groups += piece->groups;
		} else {
			g_string_append(out, number_pattern(piece->type) != NULL ? number_pattern(piece->type) : "(.*)");
			piece->groups = ++groups;
		}
	}
	g_string_append_c(out, '$');
}

static bool compile(struct kql_binder *binder, struct kql_step *step)
{
	struct kql_parse *parse = step->parse;
	AUTO(g_string) GString *pattern = g_string_new(NULL);
	struct error error = ERROR_INIT;

	for (size_t n = 0; n < parse->count; n++) {
		struct kql_parse_piece *piece = &parse->pieces[n];
		struct kql_regex *part;

		if (piece->text.text == NULL)
			continue;
		/* Each text is looked at alone, so that its fault is shown at its place. */
		part = kql_regex_new(piece->text.text, piece->text.length, &error);
		if (part == NULL)
			return kql_bind_fault(binder, piece->at, "%s", error.text);
		piece->groups = kql_regex_groups(part);
		kql_regex_free(part);
	}
	make_regex(parse, pattern);
	parse->regex = kql_regex_new_wide(pattern->str, pattern->len, &error);
	if (parse->regex == NULL)
		return kql_bind_fault(binder, step->at, "%s", error.text);
	kql_resources_keep(binder->resources, parse->regex);
	return true;
}

bool kql_bind_parse(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	if (!check_source(binder, step, fields, count) ||
		!add_columns(binder, step, step->parse->pieces, step->parse->count))
		return false;
	return step->parse->kind != KQL_PARSE_REGEX || compile(binder, step);
}

bool kql_bind_parse_kv(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	struct kql_parse_kv *kv = step->parse_kv;
	struct error error = ERROR_INIT;

	if (!check_source(binder, step, fields, count) || !add_columns(binder, step, kv->columns, kv->count))
		return false;
	if (kv->pattern.text == NULL)
		return true;
	kv->regex = kql_regex_new(kv->pattern.text, kv->pattern.length, &error);
	if (kv->regex == NULL)
		return kql_bind_fault(binder, step->at, "%s", error.text);
	kql_resources_keep(binder->resources, kv->regex);
	return kql_regex_groups(kv->regex) == 2 ||
		kql_bind_fault(binder, step->at, "the pattern of parse-kv has two groups, for the key and the value");
}
