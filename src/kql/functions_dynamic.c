/* Arrays and bags. */
#include "config.h"
#include "kql/functions.h"

#include <string.h>

#define CALL(name) \
	static void name(struct kql_context *context, const struct kql_node *node, const struct kql_value *args, \
		struct kql_value *result)

static void comma(GString *out)
{
	if (out->len > 1)
		g_string_append_c(out, ',');
}

static void append_slice(GString *out, struct kql_slice slice)
{
	comma(out);
	g_string_append_len(out, slice.text, (gssize)slice.length);
}

CALL(call_array_length)
{
	(void)context;
	(void)node;
	if (kql_arg_is_array(&args[0]))
		*result = kql_integer(KQL_LONG, (int64_t)kql_json_length(kql_slice_of(&args[0])));
}

/* array_index_of(array, value [, start [, length [, occurrence]]]): -1 if it is not there */
CALL(call_array_index_of)
{
	int64_t index = 0, start = node->count > 2 ? args[2].integer : 0, length = node->count > 3 ? args[3].integer : -1;
	int64_t occurrence = node->count > 4 ? args[4].integer : 1;
	struct kql_json_walk walk;

	if (!kql_arg_is_array(&args[0]) || length < -1 || occurrence < 0)
		return;
	if (start < 0)
		start += (int64_t)kql_json_length(kql_slice_of(&args[0]));
	*result = kql_integer(KQL_LONG, -1);
	for (walk = kql_json_walk(kql_slice_of(&args[0])); kql_json_next(&walk); index++) {
		struct kql_value item = kql_dynamic(walk.value);

		if (index < start || (length >= 0 && index >= start + length))
			continue;
		if (item.null ? args[1].null : !args[1].null && kql_value_equal(&context->arena, &item, &args[1])) {
			if (--occurrence > 0)
				continue;
			*result = kql_integer(KQL_LONG, index);
			return;
		}
	}
}

/* Exact and case-sensitive. */
CALL(call_set_has_element)
{
	struct kql_json_walk walk;

	(void)node;
	if (!kql_arg_is_array(&args[0]))
		return;
	*result = kql_bool(false);
	for (walk = kql_json_walk(kql_slice_of(&args[0])); kql_json_next(&walk);) {
		struct kql_value item = kql_dynamic(walk.value);

		if (!item.null && !args[1].null && kql_value_equal(&context->arena, &item, &args[1]))
			*result = kql_bool(true);
	}
}

/* $.a.b, $['a'][0]: the value at a path; no text if there is none. */
static struct kql_slice follow_path(struct kql_slice json, const char *path)
{
	if (*path == '$')
		path++;
	while (*path != '\0' && json.text != NULL) {
		size_t length;

		if (*path == '.') {
			path++;
			length = strcspn(path, ".[");
			json = kql_json_member(json, path, length);
			path += length;
		} else if (path[0] == '[' && (path[1] == '\'' || path[1] == '"')) {
			const char *end = strchr(path + 2, path[1]);

			if (end == NULL || end[1] != ']')
				return (struct kql_slice){ NULL, 0 };
			json = kql_json_member(json, path + 2, (size_t)(end - path - 2));
			path = end + 2;
		} else if (path[0] == '[') {
			char *end;
			gint64 index = g_ascii_strtoll(path + 1, &end, 10);

			if (end == path + 1 || *end != ']')
				return (struct kql_slice){ NULL, 0 };
			json = kql_json_element(json, index);
			path = end + 1;
		} else {
			return (struct kql_slice){ NULL, 0 };
		}
	}
	return json;
}

/* bag_has_key(bag, key): the key is a name, or a path that begins with "$". */
CALL(call_bag_has_key)
{
	struct kql_slice key = kql_arg_text(context, &args[1]), bag = kql_slice_of(&args[0]), found;

	(void)node;
	if (!kql_arg_is_bag(&args[0]))
		return;
	found = kql_json_member(bag, key.text, key.length);
	if (found.text == NULL && key.length > 1 && key.text[0] == '$')
		found = follow_path(bag, kql_arena_copy(&context->arena, key.text, key.length));
	*result = kql_bool(found.text != NULL);
}

CALL(call_bag_keys)
{
	AUTO(g_string) GString *out = g_string_new("[");
	struct kql_json_walk walk;

	(void)node;
	if (!kql_arg_is_bag(&args[0]))
		return;
	for (walk = kql_json_walk(kql_slice_of(&args[0])); kql_json_next(&walk);)
		append_slice(out, walk.key);
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

/* extract_json("$.a.b", text [, typeof(T)]) */
CALL(call_extract_json)
{
	struct kql_slice text = kql_arg_text(context, &args[1]), found;
	AUTO(g_string) GString *out = g_string_new(NULL);
	struct kql_value value;

	if (!kql_json_compact(text.text, text.length, out))
		return;
	text = (struct kql_slice){ kql_arena_copy(&context->arena, out->str, out->len), out->len };
	found = follow_path(text, kql_arg_text(context, &args[0]).text);
	value = kql_dynamic(found);
	*result = kql_value_cast(&context->arena, &value, node->type);
}

static bool check_extract_json(struct kql_scope *scope, struct kql_node *node)
{
	if (kql_constant_text(scope, node, 0) == NULL)
		return false;
	if (node->count > 2)
		node->type = node->args[2]->type;
	return true;
}

CALL(call_pack_array)
{
	AUTO(g_string) GString *out = g_string_new("[");

	for (size_t n = 0; n < node->count; n++) {
		comma(out);
		kql_value_append_json(out, &args[n]);
	}
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

/* bag_pack(key, value, ...) */
CALL(call_bag_pack)
{
	AUTO(g_string) GString *out = g_string_new("{");

	for (size_t n = 0; n + 1 < node->count; n += 2) {
		struct kql_slice key = kql_arg_text(context, &args[n]);

		comma(out);
		kql_json_append_string(out, key.text, key.length);
		g_string_append_c(out, ':');
		kql_value_append_json(out, &args[n + 1]);
	}
	g_string_append_c(out, '}');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

static bool check_bag_pack(struct kql_scope *scope, struct kql_node *node)
{
	if (node->count % 2 != 0)
		return kql_node_fault(scope, node, "%s() takes pairs of key and value", node->name);
	for (size_t n = 0; n < node->count; n += 2)
		if (!kql_type_is_text(node->args[n]->type) || node->args[n]->shape == KQL_SHAPE_ARRAY ||
			node->args[n]->shape == KQL_SHAPE_BAG)
			return kql_node_fault(scope, node->args[n], "a key of %s() must be a text, this is of type %s", node->name,
				kql_type_name(node->args[n]->type));
	return true;
}

/* A key keeps the value of the first bag that has it. */
CALL(call_bag_merge)
{
	AUTO(g_string) GString *out = g_string_new("{");

	for (size_t n = 0; n < node->count; n++) {
		struct kql_json_walk walk;

		if (!kql_arg_is_bag(&args[n]))
			continue;
		for (walk = kql_json_walk(kql_slice_of(&args[n])); kql_json_next(&walk);) {
			struct kql_slice key = kql_json_string(&context->arena, walk.key);
			bool seen = false;

			for (size_t m = 0; m < n && !seen; m++)
				seen = kql_arg_is_bag(&args[m]) &&
					kql_json_member(kql_slice_of(&args[m]), key.text, key.length).text != NULL;
			if (seen)
				continue;
			append_slice(out, walk.key);
			g_string_append_c(out, ':');
			g_string_append_len(out, walk.value.text, (gssize)walk.value.length);
		}
	}
	g_string_append_c(out, '}');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

/* Keys that are to go: at the first level by their names; below by what is left of their paths, "a.b" of "$.a.b". */
struct removal {
	GPtrArray *names, *paths; /* const char *, of the arena */
};

/* What of the paths lies below a member; true if one ends there. */
static bool path_leads(const struct removal *removal, struct kql_slice key, GPtrArray *below)
{
	bool ends = false;

	for (guint n = 0; n < removal->paths->len; n++) {
		const char *path = removal->paths->pdata[n];
		size_t length = strcspn(path, ".");

		if (!kql_json_key_is(key, path, length))
			continue;
		ends |= path[length] == '\0';
		if (path[length] == '.')
			g_ptr_array_add(below, (gpointer)(path + length + 1));
	}
	return ends;
}

static void remove_keys(struct kql_context *context, GString *out, struct kql_slice bag, const struct removal *removal)
{
	struct kql_json_walk walk;
	bool first = true;

	g_string_append_c(out, '{');
	for (walk = kql_json_walk(bag); kql_json_next(&walk);) {
		AUTO(g_ptr_array_unref) GPtrArray *below = g_ptr_array_new();
		struct removal inner = { NULL, below };
		bool drop = path_leads(removal, walk.key, below);

		for (guint n = 0; removal->names != NULL && n < removal->names->len && !drop; n++)
			drop = kql_json_key_is(walk.key, removal->names->pdata[n], strlen(removal->names->pdata[n]));
		if (drop || !kql_context_work(context, walk.value.length))
			continue;
		if (!first)
			g_string_append_c(out, ',');
		first = false;
		g_string_append_len(out, walk.key.text, (gssize)walk.key.length);
		g_string_append_c(out, ':');
		/* As deep as the longest path at most. */
		if (below->len != 0 && kql_json_kind(walk.value) == KQL_JSON_OBJECT)
			remove_keys(context, out, walk.value, &inner);
		else
			g_string_append_len(out, walk.value.text, (gssize)walk.value.length);
	}
	g_string_append_c(out, '}');
}

/* bag_remove_keys(bag, array of keys or "$.a.b") */
CALL(call_bag_remove_keys)
{
	AUTO(g_string) GString *out = g_string_new(NULL);
	AUTO(g_ptr_array_unref) GPtrArray *names = g_ptr_array_new(), *paths = g_ptr_array_new();
	const struct removal removal = { names, paths };
	struct kql_json_walk keys;

	(void)node;
	if (!kql_arg_is_bag(&args[0]))
		return;
	keys = kql_json_walk(kql_arg_is_array(&args[1]) ? kql_slice_of(&args[1]) : (struct kql_slice){ NULL, 0 });
	while (kql_json_next(&keys)) {
		struct kql_slice key = kql_json_string(&context->arena, keys.value);
		const char *text = kql_arena_copy(&context->arena, key.text, key.length);

		if (g_str_has_prefix(text, "$."))
			g_ptr_array_add(paths, (gpointer)(text + 2));
		else
			g_ptr_array_add(names, (gpointer)text);
	}
	remove_keys(context, out, kql_slice_of(&args[0]), &removal);
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

CALL(call_array_concat)
{
	AUTO(g_string) GString *out = g_string_new("[");

	for (size_t n = 0; n < node->count; n++) {
		struct kql_json_walk walk;

		if (!kql_arg_is_array(&args[n]))
			return;
		for (walk = kql_json_walk(kql_slice_of(&args[n])); kql_json_next(&walk);)
			append_slice(out, walk.value);
	}
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

/* array_slice(array, start, end): both ends count; negative ones from the end */
CALL(call_array_slice)
{
	AUTO(g_string) GString *out = g_string_new("[");
	int64_t length, start = args[1].integer, end = args[2].integer, index = 0;
	struct kql_json_walk walk;

	(void)node;
	if (!kql_arg_is_array(&args[0]))
		return;
	length = (int64_t)kql_json_length(kql_slice_of(&args[0]));
	start = start < 0 ? start + length : start;
	end = end < 0 ? end + length : end;
	for (walk = kql_json_walk(kql_slice_of(&args[0])); kql_json_next(&walk); index++)
		if (index >= start && index <= end)
			append_slice(out, walk.value);
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

CALL(call_array_reverse)
{
	GArray *items;
	AUTO(g_string) GString *out = g_string_new("[");
	struct kql_json_walk walk;

	(void)node;
	if (!kql_arg_is_array(&args[0]))
		return;
	items = g_array_new(FALSE, FALSE, sizeof(struct kql_slice));
	for (walk = kql_json_walk(kql_slice_of(&args[0])); kql_json_next(&walk);)
		g_array_append_val(items, walk.value);
	for (guint n = items->len; n > 0; n--)
		append_slice(out, g_array_index(items, struct kql_slice, n - 1));
	g_array_unref(items);
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

CALL(call_array_sum)
{
	struct kql_json_walk walk;
	double sum = 0;

	(void)node;
	if (!kql_arg_is_array(&args[0]))
		return;
	for (walk = kql_json_walk(kql_slice_of(&args[0])); kql_json_next(&walk);) {
		struct kql_value item = kql_dynamic(walk.value), number = kql_value_number(&item);

		if (number.null) /* sums up numbers only */
			return;
		sum += kql_value_cast(&context->arena, &number, KQL_REAL).real;
	}
	*result = kql_real(sum);
}

CALL(call_repeat)
{
	AUTO(g_string) GString *out = g_string_new("[");

	(void)node;
	for (int64_t n = 0; n < args[1].integer && out->len <= KQL_VALUE_LIMIT; n++) {
		comma(out);
		kql_value_append_json(out, &args[0]);
	}
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

/* range(start, stop [, step]) */
CALL(call_range)
{
	AUTO(g_string) GString *out = g_string_new("[");
	struct kql_value at = args[0], step, zero = kql_integer(KQL_LONG, 0);
	int sign;

	if (node->count > 2)
		step = args[2];
	else if (args[0].type == KQL_DATETIME || args[0].type == KQL_TIMESPAN)
		step = kql_integer(KQL_TIMESPAN, 36000000000);
	else
		step = kql_integer(KQL_LONG, 1);
	if (step.type == KQL_TIMESPAN)
		zero.type = KQL_TIMESPAN;
	sign = kql_value_compare(&context->arena, &step, &zero);
	if (sign != 1 && sign != -1)
		return;
	/* The service cuts, too; it is the one function that may give more than KQL_VALUE_LIMIT. */
	for (int n = 0; n < 1048576 && kql_context_work(context, 16); n++) {
		int order = kql_value_compare(&context->arena, &at, &args[1]);

		if (order == sign || order == 2)
			break;
		comma(out);
		kql_value_append_json(out, &at);
		at = kql_arithmetic(context, KQL_OP_ADD, &at, &step);
		if (at.null)
			break;
	}
	g_string_append_c(out, ']');
	if (kql_context_work(context, out->len))
		*result = kql_text(KQL_DYNAMIC, kql_arena_copy(&context->arena, out->str, out->len), out->len);
}

/* parse_csv(text): one record, quotes doubled inside quotes */
CALL(call_parse_csv)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	AUTO(g_string) GString *out = g_string_new("["), *cell = g_string_new(NULL);
	bool quoted = false;

	(void)node;
	for (size_t n = 0; n <= text.length; n++) {
		char c = n < text.length ? text.text[n] : '\n';

		if (quoted && c == '"' && n + 1 < text.length && text.text[n + 1] == '"') {
			g_string_append_c(cell, '"');
			n++;
		} else if (c == '"' && n < text.length && (quoted || cell->len == 0)) {
			quoted = !quoted;
		} else if (n == text.length || (!quoted && (c == ',' || c == '\n' || c == '\r'))) {
			comma(out);
			kql_json_append_string(out, cell->str, cell->len);
			g_string_truncate(cell, 0);
			if (c != ',')
				break;
		} else {
			g_string_append_c(cell, c);
		}
	}
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

const struct kql_function kql_dynamic_functions[] = {
	{ "array_length", "array", "d", 'l', false, call_array_length, NULL, NULL },
	{ "arraylength", "array", "d", 'l', false, call_array_length, NULL, NULL },
	{ "array_index_of", "array, value [, start [, length [, occurrence]]]", "dai?ii!", 'l', false, call_array_index_of, NULL, NULL },
	{ "set_has_element", "array, value", "da", 'b', false, call_set_has_element, NULL, NULL },
	{ "bag_has_key", "bag, key", "ks", 'b', false, call_bag_has_key, NULL, NULL },
	{ "bag_keys", "bag", "k", 'A', false, call_bag_keys, NULL, NULL },
	{ "extract_json", "path, text [, typeof(type)]", "s!sT?", 's', false, call_extract_json, NULL, check_extract_json },
	{ "extractjson", "path, text [, typeof(type)]", "s!sT?", 's', false, call_extract_json, NULL, check_extract_json },
	{ "pack_array", "value, ...", "a*", 'A', false, call_pack_array, NULL, NULL },
	{ "bag_pack", "key, value, ...", "aa*", 'B', false, call_bag_pack, NULL, check_bag_pack },
	{ "pack", "key, value, ...", "aa*", 'B', false, call_bag_pack, NULL, check_bag_pack },
	{ "pack_dictionary", "key, value, ...", "aa*", 'B', false, call_bag_pack, NULL, check_bag_pack },
	{ "bag_merge", "bag, bag, ...", "kk*", 'B', false, call_bag_merge, NULL, NULL },
	{ "bag_remove_keys", "bag, keys", "kd", 'B', false, call_bag_remove_keys, NULL, NULL },
	{ "array_concat", "array, ...", "d*", 'd', false, call_array_concat, NULL, NULL },
	{ "array_slice", "array, start, end", "dii", 'd', true, call_array_slice, NULL, NULL },
	{ "array_reverse", "array", "d", 'd', false, call_array_reverse, NULL, NULL },
	{ "array_sum", "array", "d", 'r', false, call_array_sum, NULL, NULL },
	{ "repeat", "value, count", "ai", 'A', false, call_repeat, NULL, NULL },
	{ "range", "start, stop [, step]", "uuu?", 'A', true, call_range, NULL, NULL },
	{ "parse_csv", "text", "S", 'A', false, call_parse_csv, NULL, NULL },
	{ .name = NULL },
};
