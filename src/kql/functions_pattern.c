/* Functions with regular expressions. */
#include "config.h"
#include "kql/functions.h"

#include <limits.h>
#include <string.h>

/* The pattern is the first argument of all but countof and replace_regex. */
static bool check_first_pattern(struct kql_scope *scope, struct kql_node *node)
{
	return kql_check_regex(scope, node, node->args[0]);
}

static bool check_second_pattern(struct kql_scope *scope, struct kql_node *node)
{
	return kql_check_regex(scope, node, node->args[1]);
}

static struct kql_value group_text(struct kql_context *context, struct kql_slice text, unsigned group)
{
	size_t start, end;

	if (!kql_matcher_group(kql_context_matcher(context), group, &start, &end))
		return kql_text(KQL_STRING, "", 0);
	return kql_text(KQL_STRING, text.text + start, end - start);
}

/* extract(pattern, group, text [, typeof(T)]) */
static void call_extract(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_arg_text(context, &args[2]);
	const struct kql_regex *regex = kql_context_regex(context, node, kql_arg_text(context, &args[0]));
	struct kql_value found;

	*result = kql_null(node->type);
	if (regex == NULL || args[1].null || args[1].integer < 0 || args[1].integer > kql_regex_groups(regex) ||
		!kql_context_search(context, regex, text, 0))
		return;
	found = group_text(context, text, (unsigned)args[1].integer);
	*result = kql_value_cast(&context->arena, &found, node->type);
}

static bool check_extract(struct kql_scope *scope, struct kql_node *node)
{
	if (node->count > 3)
		node->type = node->args[3]->type;
	return check_first_pattern(scope, node);
}

/* Where to search on behind the match: past an empty one at least by a character. */
static size_t next_start(struct kql_slice text, size_t start, size_t end)
{
	if (end > start)
		return end;
	for (end++; end < text.length && ((unsigned char)text.text[end] & 0xC0) == 0x80;)
		end++;
	return end;
}

/* A group that is asked for: its number, or its name. UINT_MAX if there is none. */
static unsigned wanted_group(struct kql_context *context, const struct kql_regex *regex, struct kql_slice json)
{
	struct kql_value item = kql_dynamic(json), number = kql_value_number(&item);

	if (kql_json_kind(json) == KQL_JSON_STRING) {
		struct kql_slice name = kql_json_string(&context->arena, json);
		unsigned group = kql_regex_group_named(regex, kql_arena_copy(&context->arena, name.text, name.length));

		return group != 0 ? group : UINT_MAX;
	}
	if (number.null || number.type != KQL_LONG || number.integer < 0 || number.integer > kql_regex_groups(regex))
		return UINT_MAX;
	return (unsigned)number.integer;
}

static void append_match(struct kql_context *context, GString *out, struct kql_slice text,
	const struct kql_regex *regex, const struct kql_value *wanted)
{
	unsigned groups = kql_regex_groups(regex);
	struct kql_json_walk walk;
	bool list = groups > 1 || wanted != NULL, first = true;

	if (out->len > 1)
		g_string_append_c(out, ',');
	if (list)
		g_string_append_c(out, '[');
	if (wanted != NULL) {
		for (walk = kql_json_walk(kql_slice_of(wanted)); kql_json_next(&walk); first = false) {
			unsigned group = wanted_group(context, regex, walk.value);
			struct kql_value found = group != UINT_MAX ? group_text(context, text, group) : kql_text(KQL_STRING, "", 0);

			if (!first)
				g_string_append_c(out, ',');
			kql_json_append_string(out, found.text, found.length);
		}
	}
	for (unsigned group = 1; wanted == NULL && group <= groups; group++) {
		struct kql_value found = group_text(context, text, group);

		if (group > 1)
			g_string_append_c(out, ',');
		kql_json_append_string(out, found.text, found.length);
	}
	if (list)
		g_string_append_c(out, ']');
}

/* extract_all(pattern, [groups,] text): an array of texts for one group, of arrays for several; null if none match. */
static void call_extract_all(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_arg_text(context, &args[node->count - 1]);
	const struct kql_regex *regex = kql_context_regex(context, node, kql_arg_text(context, &args[0]));
	const struct kql_value *wanted = node->count > 2 ? &args[1] : NULL;
	AUTO(g_string) GString *out = g_string_new("[");
	size_t at = 0, start = 0, end = 0;

	*result = kql_null(KQL_DYNAMIC);
	if (regex == NULL || (wanted != NULL && !kql_arg_is_array(wanted)))
		return;
	while (at <= text.length && out->len <= KQL_VALUE_LIMIT && kql_context_search(context, regex, text, at) &&
		kql_matcher_group(kql_context_matcher(context), 0, &start, &end)) {
		append_match(context, out, text, regex, wanted);
		at = next_start(text, start, end);
	}
	if (out->len == 1)
		return;
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

static bool check_extract_all(struct kql_scope *scope, struct kql_node *node)
{
	if (node->count > 2 && node->args[1]->type != KQL_DYNAMIC)
		return kql_node_fault(scope, node->args[1], "the groups of %s() are an array: dynamic([1,2])", node->name);
	if (!kql_type_is_text(node->args[node->count - 1]->type) || node->args[node->count - 1]->shape != KQL_SHAPE_UNKNOWN)
		return kql_node_fault(scope, node->args[node->count - 1], "the last argument of %s() must be a text", node->name);
	if (!check_first_pattern(scope, node))
		return false;
	if (node->regex != NULL && kql_regex_groups(node->regex) == 0)
		return kql_node_fault(scope, node->args[0], "the regular expression of %s() needs a group in brackets",
			node->name);
	return true;
}

/* Plain: overlapping finds count, too. */
static int64_t count_plain(struct kql_slice text, struct kql_slice find)
{
	int64_t count = 0;
	const char *found;

	for (size_t at = 0; find.length != 0 && (found = kql_find(text, at, find)) != NULL; count++)
		at = (size_t)(found - text.text) + 1;
	return count;
}

/* countof(text, find [, "normal"|"regex"]) */
static void call_countof(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_arg_text(context, &args[0]), find = kql_arg_text(context, &args[1]);
	const struct kql_regex *regex;
	size_t start, end;
	int64_t count = 0;

	if (node->count < 3 || strcmp(args[2].text, "regex") != 0) {
		*result = kql_integer(KQL_LONG, count_plain(text, find));
		return;
	}
	*result = kql_null(KQL_LONG);
	regex = kql_context_regex(context, node, find);
	if (regex == NULL)
		return;
	for (size_t at = 0; at <= text.length && kql_context_search(context, regex, text, at) &&
		kql_matcher_group(kql_context_matcher(context), 0, &start, &end); count++)
		at = next_start(text, start, end);
	*result = kql_integer(KQL_LONG, count);
}

static bool check_countof(struct kql_scope *scope, struct kql_node *node)
{
	const char *kind;

	if (node->count < 3)
		return true;
	kind = kql_constant_text(scope, node, 2);
	if (kind == NULL)
		return false;
	if (strcmp(kind, "normal") != 0 && strcmp(kind, "regex") != 0)
		return kql_node_fault(scope, node->args[2], "the kind is \"normal\" or \"regex\", not \"%.40s\"", kind);
	return strcmp(kind, "normal") == 0 || check_second_pattern(scope, node);
}

/* Cuts all matches off the start, and off the end. */
static void trim(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result, bool at_start, bool at_end)
{
	struct kql_slice text = kql_arg_text(context, &args[1]);
	const struct kql_regex *regex = kql_context_regex(context, node, kql_arg_text(context, &args[0]));
	size_t start, end;

	*result = kql_text(KQL_STRING, text.text, text.length);
	if (regex == NULL)
		return;
	if (at_start && kql_context_search(context, regex, text, 0) &&
		kql_matcher_group(kql_context_matcher(context), 0, &start, &end) && start == 0) {
		text.text += end;
		text.length -= end;
	}
	/* The match that reaches the end, beginning as early as it can. */
	for (size_t at = 0; at_end && at <= text.length && kql_context_search(context, regex, text, at) &&
		kql_matcher_group(kql_context_matcher(context), 0, &start, &end);) {
		if (end == text.length) {
			text.length = start;
			break;
		}
		at = next_start(text, start, end);
	}
	*result = kql_text(KQL_STRING, text.text, text.length);
}

static void call_trim(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	trim(context, node, args, result, true, true);
}

static void call_trim_start(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	trim(context, node, args, result, true, false);
}

static void call_trim_end(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	trim(context, node, args, result, false, true);
}

/* \0 is the match, \1 a group; \\ a backslash. */
static void append_rewrite(struct kql_context *context, GString *out, struct kql_slice text, struct kql_slice rewrite)
{
	for (size_t at = 0; at < rewrite.length; at++) {
		if (rewrite.text[at] != '\\' || at + 1 == rewrite.length) {
			g_string_append_c(out, rewrite.text[at]);
			continue;
		}
		at++;
		if (g_ascii_isdigit(rewrite.text[at])) {
			struct kql_value group = group_text(context, text, (unsigned)(rewrite.text[at] - '0'));

			g_string_append_len(out, group.text, (gssize)group.length);
		} else {
			g_string_append_c(out, rewrite.text[at]);
		}
	}
}

/* replace_regex(text, pattern, new) */
static void call_replace_regex(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_arg_text(context, &args[0]), rewrite = kql_arg_text(context, &args[2]);
	const struct kql_regex *regex = kql_context_regex(context, node, kql_arg_text(context, &args[1]));
	AUTO(g_string) GString *out = g_string_new(NULL);
	size_t copied = 0, at = 0, start, end;

	if (regex == NULL)
		return;
	while (at <= text.length && out->len <= KQL_VALUE_LIMIT && kql_context_search(context, regex, text, at) &&
		kql_matcher_group(kql_context_matcher(context), 0, &start, &end)) {
		g_string_append_len(out, text.text + copied, (gssize)(start - copied));
		append_rewrite(context, out, text, rewrite);
		copied = end;
		at = next_start(text, start, end);
	}
	g_string_append_len(out, text.text + copied, (gssize)(text.length - copied));
	*result = kql_result_text(context, KQL_STRING, out);
}

static void call_regex_quote(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	AUTO(g_string) GString *out = g_string_new(NULL);

	(void)node;
	for (size_t n = 0; n < text.length; n++) {
		if (strchr("\\.+*?()|[]{}^$#&-~", text.text[n]) != NULL)
			g_string_append_c(out, '\\');
		g_string_append_c(out, text.text[n]);
	}
	*result = kql_result_text(context, KQL_STRING, out);
}

/* The byte offset of a character; the text's length if it has fewer. */
static size_t offset_of(struct kql_slice text, int64_t character)
{
	size_t at = 0;

	while (at < text.length && character > 0) {
		for (at++; at < text.length && ((unsigned char)text.text[at] & 0xC0) == 0x80;)
			at++;
		character--;
	}
	return at;
}

static int64_t character_at(struct kql_slice text, size_t offset)
{
	int64_t count = 0;

	for (size_t n = 0; n < offset; n++)
		count += ((unsigned char)text.text[n] & 0xC0) != 0x80 ? 1 : 0;
	return count;
}

/* indexof_regex(text, pattern [, start [, length [, occurrence]]]): -1 if there is no match, null for bounds that are none */
static void call_indexof_regex(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_arg_text(context, &args[0]), within;
	const struct kql_regex *regex = kql_context_regex(context, node, kql_arg_text(context, &args[1]));
	int64_t start = node->count > 2 ? args[2].integer : 0, length = node->count > 3 ? args[3].integer : -1;
	int64_t occurrence = node->count > 4 ? args[4].integer : 1;
	size_t at, from, to;

	if (regex == NULL || start < 0 || length < -1 || occurrence < 0)
		return;
	*result = kql_integer(KQL_LONG, -1);
	at = offset_of(text, start);
	within = text;
	if (length >= 0)
		within.length = at + offset_of((struct kql_slice){ text.text + at, text.length - at }, length);
	while (at <= within.length && kql_context_search(context, regex, within, at) &&
		kql_matcher_group(kql_context_matcher(context), 0, &from, &to)) {
		if (--occurrence <= 0) {
			*result = kql_integer(KQL_LONG, character_at(text, from));
			return;
		}
		at = next_start(within, from, to);
	}
}

const struct kql_function kql_pattern_functions[] = {
	{ "indexof_regex", "text, pattern [, start [, length [, occurrence]]]", "ss!i?ii", 'l', true, call_indexof_regex, NULL,
		check_second_pattern },
	{ "extract", "pattern, group, text [, typeof(type)]", "s!isT?", 's', false, call_extract, NULL, check_extract },
	{ "extract_all", "pattern, [groups,] text", "s!as?", 'A', false, call_extract_all, NULL, check_extract_all },
	{ "extractall", "pattern, [groups,] text", "s!as?", 'A', false, call_extract_all, NULL, check_extract_all },
	{ "countof", "text, find [, \"normal\" or \"regex\"]", "sss?", 'l', false, call_countof, NULL, check_countof },
	{ "trim", "pattern, text", "s!s", 's', false, call_trim, NULL, check_first_pattern },
	{ "trim_start", "pattern, text", "s!s", 's', false, call_trim_start, NULL, check_first_pattern },
	{ "trim_end", "pattern, text", "s!s", 's', false, call_trim_end, NULL, check_first_pattern },
	{ "replace_regex", "text, pattern, new", "ss!s!", 's', false, call_replace_regex, NULL, check_second_pattern },
	{ "regex_quote", "text", "a", 's', false, call_regex_quote, NULL, NULL },
	{ .name = NULL },
};
