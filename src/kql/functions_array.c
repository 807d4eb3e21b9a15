/* More of arrays and bags: what moves, pairs and packs them (dataexplorer-docs, array-*.md, bag-*.md, pack-all, zip). */
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

/* The elements of an array; free with g_array_unref. */
static GArray *elements(const struct kql_value *array)
{
	GArray *items = g_array_new(FALSE, FALSE, sizeof(struct kql_slice));
	struct kql_json_walk walk;

	for (walk = kql_json_walk(kql_slice_of(array)); kql_json_next(&walk);)
		g_array_append_val(items, walk.value);
	return items;
}

static void append_item(GString *out, const GArray *items, size_t index)
{
	const struct kql_slice *item = &g_array_index(items, struct kql_slice, index);

	comma(out);
	g_string_append_len(out, item->text, (gssize)item->length);
}

/* array_rotate_left(array, count) and _right; array_shift_left(array, count [, default]) and _right. */
CALL(call_move)
{
	bool shift = strstr(node->name, "shift") != NULL, right = strstr(node->name, "right") != NULL;
	AUTO(g_string) GString *out = g_string_new("[");
	int64_t length, count = args[1].integer;

	if (!kql_arg_is_array(&args[0]) || args[1].null)
		return;

	AUTO(g_array_unref) GArray *items = elements(&args[0]);

	length = items->len;
	if (shift)
		count = CLAMP(count, -length, length);
	else
		count = length != 0 ? count % length : 0;
	if (right)
		count = -count;
	for (int64_t n = 0; n < length; n++) {
		int64_t from = n + count;

		if (!shift) {
			from = (n + count + length) % length;
		} else if (from < 0 || from >= length) {
			comma(out);
			if (node->count > 2)
				kql_value_append_json(out, &args[2]);
			else
				g_string_append(out, "null");
			continue;
		}
		append_item(out, items, (size_t)from);
	}
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

/* array_split(array, index or indexes) */
CALL(call_array_split)
{
	AUTO(g_string) GString *out = g_string_new("[[");
	struct kql_json_walk walk;
	int64_t at = 0, length;

	(void)node;
	if (!kql_arg_is_array(&args[0]) || args[1].null)
		return;

	AUTO(g_array_unref) GArray *items = elements(&args[0]), *cuts = g_array_new(FALSE, FALSE, sizeof(int64_t));

	length = items->len;
	if (args[1].type != KQL_DYNAMIC)
		g_array_append_val(cuts, args[1].integer);
	for (walk = kql_json_walk(args[1].type == KQL_DYNAMIC ? kql_slice_of(&args[1]) : (struct kql_slice){ NULL, 0 });
		kql_json_next(&walk);) {
		struct kql_value item = kql_dynamic(walk.value), number = kql_value_number(&item);

		if (number.null || number.type != KQL_LONG)
			return;
		g_array_append_val(cuts, number.integer);
	}
	for (guint n = 0; n <= cuts->len; n++) {
		int64_t end = n < cuts->len ? g_array_index(cuts, int64_t, n) : length;
		bool first = true;

		end = CLAMP(end < 0 ? end + length : end, 0, length);
		if (n != 0)
			g_string_append(out, "],[");
		for (; at < end; at++, first = false) {
			const struct kql_slice *item = &g_array_index(items, struct kql_slice, at);

			if (!first)
				g_string_append_c(out, ',');
			g_string_append_len(out, item->text, (gssize)item->length);
		}
	}
	g_string_append(out, "]]");
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

static struct kql_slice branch_item(const struct kql_value *branch, const GArray *items, guint index, GString *scalar)
{
	if (items == NULL) {
		g_string_truncate(scalar, 0);
		kql_value_append_json(scalar, branch);
		return (struct kql_slice){ scalar->str, scalar->len };
	}
	if (index < items->len)
		return g_array_index(items, struct kql_slice, index);
	return (struct kql_slice){ "null", 4 };
}

/* array_iff(conditions, then, else): then and else are arrays or single values. */
CALL(call_array_iff)
{
	AUTO(g_string) GString *out = g_string_new("["), *scalar = g_string_new(NULL);
	AUTO(g_array_unref) GArray *then = NULL, *otherwise = NULL;
	struct kql_json_walk walk;
	guint index = 0;

	(void)node;
	if (!kql_arg_is_array(&args[0]))
		return;
	then = kql_arg_is_array(&args[1]) ? elements(&args[1]) : NULL;
	otherwise = kql_arg_is_array(&args[2]) ? elements(&args[2]) : NULL;
	for (walk = kql_json_walk(kql_slice_of(&args[0])); kql_json_next(&walk); index++) {
		enum kql_json_kind kind = kql_json_kind(walk.value);
		struct kql_value item = kql_dynamic(walk.value), number = kql_value_number(&item);
		struct kql_slice chosen = { "null", 4 };

		if (kind == KQL_JSON_BOOL || kind == KQL_JSON_LONG || kind == KQL_JSON_REAL) {
			bool truth = kind == KQL_JSON_BOOL ? walk.value.text[0] == 't' : number.type == KQL_REAL ? number.real != 0 :
				number.integer != 0;

			chosen = truth ? branch_item(&args[1], then, index, scalar) : branch_item(&args[2], otherwise, index, scalar);
		}
		comma(out);
		g_string_append_len(out, chosen.text, (gssize)chosen.length);
	}
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

/* zip(array, array, ...): the nth elements of all, side by side. */
CALL(call_zip)
{
	AUTO(g_string) GString *out = g_string_new("[");
	GArray *lists[KQL_ARGS_MAX];
	guint longest = 0;
	bool fine = true;

	for (size_t n = 0; n < node->count; n++)
		fine &= kql_arg_is_array(&args[n]);
	if (!fine)
		return;
	for (size_t n = 0; n < node->count; n++) {
		lists[n] = elements(&args[n]);
		longest = MAX(longest, lists[n]->len);
	}
	for (guint row = 0; row < longest && out->len <= KQL_VALUE_LIMIT; row++) {
		comma(out);
		for (size_t n = 0; n < node->count; n++) {
			struct kql_slice item = { "null", 4 };

			if (row < lists[n]->len)
				item = g_array_index(lists[n], struct kql_slice, row);
			g_string_append_c(out, n == 0 ? '[' : ',');
			g_string_append_len(out, item.text, (gssize)item.length);
		}
		g_string_append_c(out, ']');
	}
	g_string_append_c(out, ']');
	for (size_t n = 0; n < node->count; n++)
		g_array_unref(lists[n]);
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

/* bag_zip(keys, values): keys that are no texts are left out. */
CALL(call_bag_zip)
{
	AUTO(g_string) GString *out = g_string_new("{");
	struct kql_json_walk keys, values;

	(void)node;
	if (!kql_arg_is_array(&args[0]))
		return;
	values = kql_json_walk(kql_arg_is_array(&args[1]) ? kql_slice_of(&args[1]) : (struct kql_slice){ NULL, 0 });
	for (keys = kql_json_walk(kql_slice_of(&args[0])); kql_json_next(&keys);) {
		bool given = kql_json_next(&values);

		if (kql_json_kind(keys.value) != KQL_JSON_STRING)
			continue;
		comma(out);
		g_string_append_len(out, keys.value.text, (gssize)keys.value.length);
		g_string_append_c(out, ':');
		if (given)
			g_string_append_len(out, values.value.text, (gssize)values.value.length);
		else
			g_string_append(out, "null");
	}
	g_string_append_c(out, '}');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

static void set_key(GString *out, struct kql_slice bag, const char *path, const struct kql_value *value)
{
	size_t length = strcspn(path, ".");
	bool found = false, first = true;
	struct kql_json_walk walk = kql_json_walk(kql_json_kind(bag) == KQL_JSON_OBJECT ? bag : (struct kql_slice){ NULL, 0 });

	g_string_append_c(out, '{');
	while (bag.text != NULL && kql_json_next(&walk)) {
		bool here = kql_json_key_is(walk.key, path, length);

		if (!first)
			g_string_append_c(out, ',');
		first = false;
		g_string_append_len(out, walk.key.text, (gssize)walk.key.length);
		g_string_append_c(out, ':');
		found |= here;
		if (here && path[length] == '.')
			set_key(out, walk.value, path + length + 1, value);
		else if (here)
			kql_value_append_json(out, value);
		else
			g_string_append_len(out, walk.value.text, (gssize)walk.value.length);
	}
	if (!found) {
		if (!first)
			g_string_append_c(out, ',');
		kql_json_append_string(out, path, length);
		g_string_append_c(out, ':');
		if (path[length] == '.')
			set_key(out, (struct kql_slice){ NULL, 0 }, path + length + 1, value);
		else
			kql_value_append_json(out, value);
	}
	g_string_append_c(out, '}');
}

/* bag_set_key(bag, key or "$.a.b", value) */
CALL(call_bag_set_key)
{
	struct kql_slice key = kql_arg_text(context, &args[1]);
	AUTO(g_string) GString *out = g_string_new(NULL);
	const char *path = kql_arena_copy(&context->arena, key.text, key.length), *dots = path;
	unsigned depth = 0;

	(void)node;
	for (; *dots != '\0'; dots++)
		depth += *dots == '.' ? 1 : 0;
	if (!kql_arg_is_bag(&args[0]) || depth > KQL_JSON_DEPTH)
		return;
	if (g_str_has_prefix(path, "$.")) {
		set_key(out, kql_slice_of(&args[0]), path + 2, &args[2]);
	} else if (strchr(path, '.') == NULL) {
		set_key(out, kql_slice_of(&args[0]), path, &args[2]);
	} else {
		return;
	}
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

/* jaccard_index(set, set): how many elements of both sets are in both. */
CALL(call_jaccard_index)
{
	AUTO(g_hash_table_unref) GHashTable *left = g_hash_table_new(kql_slice_hash, kql_slice_equal);
	AUTO(g_hash_table_unref) GHashTable *right = g_hash_table_new(kql_slice_hash, kql_slice_equal);
	guint common = 0, all;

	(void)context;
	(void)node;
	if (!kql_arg_is_array(&args[0]) || !kql_arg_is_array(&args[1]))
		return;

	AUTO(g_array_unref) GArray *a = elements(&args[0]), *b = elements(&args[1]);

	for (guint n = 0; n < a->len; n++)
		g_hash_table_add(left, &g_array_index(a, struct kql_slice, n));
	for (guint n = 0; n < b->len; n++) {
		struct kql_slice *item = &g_array_index(b, struct kql_slice, n);

		if (g_hash_table_add(right, item) && g_hash_table_contains(left, item))
			common++;
	}
	all = g_hash_table_size(left) + g_hash_table_size(right) - common;
	*result = kql_real(all == 0 ? 0 : (double)common / all);
}

static bool is_void(const struct kql_value *value)
{
	return value->null || (kql_type_is_text(value->type) && value->length == 0);
}

/* The columns that the checker has put behind the arguments, by name; without empty ones if the first is true. */
static void compute_pack(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	AUTO(g_string) GString *out = g_string_new("{");
	bool skip = node->function->params[0] == 'b' && node->count > 0 && node->args[0]->type == KQL_BOOL &&
		node->args[0]->kind == KQL_NODE_LITERAL && kql_truth(&node->args[0]->value) == 1;
	size_t first = node->function->params[0] == 'b' && node->count > 0 && node->args[0]->kind == KQL_NODE_LITERAL ? 1 : 0;

	for (size_t n = first; n < node->count; n++) {
		struct kql_value value;

		kql_compute_node(context, node->args[n], &value);
		if (skip && is_void(&value))
			continue;
		comma(out);
		kql_json_append_string(out, node->args[n]->name, strlen(node->args[n]->name));
		g_string_append_c(out, ':');
		kql_value_append_json(out, &value);
	}
	g_string_append_c(out, '}');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

/* pack_all([ignore_empty]): every column. More arguments are columns that the language's own operators ask for. */
static bool check_pack_all(struct kql_scope *scope, struct kql_node *node)
{
	struct kql_node **args;

	node->depends = KQL_DEPENDS_MANY;
	if (node->count > 1 && node->length == 0)
		return true;
	if (node->count > 1)
		return kql_node_fault(scope, node, "pack_all() takes one argument at most");
	args = kql_arena_zero(scope->arena, (node->count + scope->field_count + 1) * sizeof *args);
	if (node->count != 0)
		args[0] = node->args[0];
	for (size_t n = 0; n < scope->field_count; n++) {
		struct kql_node *column;

		if (*scope->fields[n].name == KQL_HIDDEN)
			continue;
		column = kql_arena_zero(scope->arena, sizeof *column);
		*column = (struct kql_node){ .kind = KQL_NODE_NAME, .at = node->at, .name = scope->fields[n].name, .column = n,
			.type = scope->fields[n].type, .compute = kql_compute_column, .depends = KQL_DEPENDS_MANY };
		args[node->count++] = column;
	}
	node->args = args;
	return true;
}

static bool check_pack_columns(struct kql_scope *scope, struct kql_node *node)
{
	for (size_t n = 0; n < node->count; n++)
		if (node->args[n]->compute != kql_compute_column || node->args[n]->name == NULL)
			return kql_node_fault(scope, node->args[n], "the arguments of %s() are columns", node->name);
	return true;
}

static void append_paths(GString *out, GString *path, struct kql_slice json)
{
	struct kql_json_walk walk;
	enum kql_json_kind kind = kql_json_kind(json);
	size_t length = path->len, index = 0;

	if (length != 0) {
		comma(out);
		kql_json_append_string(out, path->str, path->len);
	}
	if ((kind != KQL_JSON_ARRAY && kind != KQL_JSON_OBJECT) || out->len > KQL_VALUE_LIMIT)
		return;
	for (walk = kql_json_walk(json); kql_json_next(&walk); index++) {
		enum kql_json_kind inner = kql_json_kind(walk.value);

		/* An array's elements are alike: the first that has members stands for all. */
		if (kind == KQL_JSON_ARRAY) {
			if (index != 0 && inner != KQL_JSON_OBJECT && inner != KQL_JSON_ARRAY)
				continue;
			g_string_append(path, "[0]");
			if (index != 0) {
				for (struct kql_json_walk members = kql_json_walk(walk.value); inner == KQL_JSON_OBJECT &&
					kql_json_next(&members);) {
					size_t before = path->len;

					g_string_append_printf(path, "['%.*s']", (int)members.key.length - 2, members.key.text + 1);
					append_paths(out, path, members.value);
					g_string_truncate(path, before);
				}
				g_string_truncate(path, length);
				continue;
			}
		} else {
			g_string_append_printf(path, "['%.*s']", (int)walk.key.length - 2, walk.key.text + 1);
		}
		append_paths(out, path, walk.value);
		g_string_truncate(path, length);
	}
}

CALL(call_treepath)
{
	AUTO(g_string) GString *out = g_string_new("["), *path = g_string_new(NULL);

	(void)node;
	if (args[0].null)
		return;
	append_paths(out, path, kql_slice_of(&args[0]));
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

const struct kql_function kql_array_functions[] = {
	{ "array_iff", "conditions, then, else", "daa", 'A', false, call_array_iff, NULL, NULL },
	{ "array_iif", "conditions, then, else", "daa", 'A', false, call_array_iff, NULL, NULL },
	{ "array_rotate_left", "array, count", "di", 'A', false, call_move, NULL, NULL },
	{ "array_rotate_right", "array, count", "di", 'A', false, call_move, NULL, NULL },
	{ "array_shift_left", "array, count [, default]", "dia?", 'A', false, call_move, NULL, NULL },
	{ "array_shift_right", "array, count [, default]", "dia?", 'A', false, call_move, NULL, NULL },
	{ "array_split", "array, index (or an array of them)", "dj", 'A', false, call_array_split, NULL, NULL },
	{ "bag_pack_columns", "column, ...", "a*", 'B', false, NULL, compute_pack, check_pack_columns },
	{ "bag_set_key", "bag, key, value", "ks!a", 'B', false, call_bag_set_key, NULL, NULL },
	{ "bag_zip", "keys, values", "dd", 'B', false, call_bag_zip, NULL, NULL },
	{ "jaccard_index", "array, array", "dd", 'r', false, call_jaccard_index, NULL, NULL },
	{ "pack_all", "[ignore_empty]", "b!?a*", 'B', false, NULL, compute_pack, check_pack_all },
	{ "treepath", "bag", "k", 'A', false, call_treepath, NULL, NULL },
	{ "zip", "array, array, ...", "dd*", 'A', false, call_zip, NULL, NULL },
	{ .name = NULL },
};
