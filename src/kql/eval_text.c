/* Text operators and regular expressions on rows. */
#include "config.h"
#include "kql/eval.h"

#include <string.h>

/* The needle of a text operator: folded before if it is constant. */
static struct kql_slice needle_of(struct kql_context *context, const struct kql_node *node, const struct kql_value *right)
{
	struct kql_slice needle;

	if (node->needle_count != 0)
		return node->needles[0];
	needle = kql_value_text(&context->arena, right);
	return node->operator->folded ? kql_fold(&context->arena, needle) : needle;
}

/* A null matches nothing. */
static bool text_matches(struct kql_context *context, const struct kql_node *node, const struct kql_value *left,
	struct kql_slice needle)
{
	struct kql_slice text;

	if (left->null)
		return false;
	text = kql_value_text(&context->arena, left);
	if (node->operator->folded)
		return kql_matches_folded(&context->arena, node->operator->match, text, needle);
	return kql_matches(node->operator->match, text, needle);
}

void kql_compute_text(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	struct kql_value left, right = { .null = false };
	bool found;

	kql_compute_node(context, node->args[0], &left);
	if (node->needle_count == 0)
		kql_compute_node(context, node->args[1], &right);
	found = !right.null && text_matches(context, node, &left, needle_of(context, node, &right));
	*result = kql_bool(found != node->operator->negated);
}

struct kql_matcher *kql_context_matcher(struct kql_context *context)
{
	if (context->matcher == NULL)
		context->matcher = kql_matcher_new();
	return context->matcher;
}

static void regex_destroy(gpointer regex)
{
	kql_regex_free(regex);
}

const struct kql_regex *kql_context_regex(struct kql_context *context, const struct kql_node *node,
	struct kql_slice pattern)
{
	struct kql_regex *regex;
	char *key;

	if (node->regex != NULL)
		return node->regex;
	if (context->patterns == NULL)
		context->patterns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, regex_destroy);
	key = g_strndup(pattern.text, pattern.length);
	regex = g_hash_table_lookup(context->patterns, key);
	if (regex != NULL) {
		g_free(key);
		return regex;
	}
	regex = kql_regex_new(pattern.text, pattern.length, NULL);
	if (regex == NULL) {
		g_free(key);
		context->failure = "the regular expression is not valid";
		return NULL;
	}
	/* Patterns that come from rows must not pile up. */
	if (g_hash_table_size(context->patterns) >= 256)
		g_hash_table_remove_all(context->patterns);
	g_hash_table_insert(context->patterns, key, regex);
	return regex;
}

bool kql_context_work(struct kql_context *context, size_t amount)
{
	context->work += amount;
	if (context->work > KQL_WORK && !context->stopped) {
		context->work = 0;
		context->stopped = context->turn != NULL && !context->turn(context->turn_data);
	}
	if (context->stopped)
		context->failure = "interrupted";
	return !context->stopped;
}

bool kql_context_search(struct kql_context *context, const struct kql_regex *regex, struct kql_slice text, size_t start)
{
	if (!kql_context_work(context, KQL_SEARCH_WORK))
		return false;
	if (context->given_up >= KQL_GIVEN_UP_LIMIT) {
		context->failure = "a regular expression takes too many steps";
		return false;
	}
	switch (kql_regex_search(regex, kql_context_matcher(context), text.text, text.length, start)) {
	case KQL_FOUND:
		return true;
	case KQL_MATCH_FAILED:
		context->given_up++;
		context->failure = "a regular expression takes too many steps";
		return false;
	default:
		kql_context_work(context, text.length - MIN(start, text.length));
		return false;
	}
}

static bool regex_matches(struct kql_context *context, const struct kql_node *node, const struct kql_value *left,
	const struct kql_value *right)
{
	const struct kql_regex *regex;

	if (left->null || right->null)
		return false;
	regex = kql_context_regex(context, node, kql_value_text(&context->arena, right));
	return regex != NULL && kql_context_search(context, regex, kql_value_text(&context->arena, left), 0);
}

void kql_compute_regex(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	struct kql_value left, right;

	kql_compute_node(context, node->args[0], &left);
	kql_compute_node(context, node->args[1], &right);
	*result = kql_bool(regex_matches(context, node, &left, &right));
}

/* `* has "x"`: args[0] is the star with all columns that can match as its arguments. */
void kql_compute_star(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	const struct kql_node *star = node->args[0];
	struct kql_value left, right;
	bool found = false;

	kql_compute_node(context, node->args[1], &right);
	for (size_t n = 0; n < star->count && !found && context->failure == NULL; n++) {
		kql_compute_node(context, star->args[n], &left);
		if (left.null || right.null)
			continue;
		if (node->operator->op == KQL_OP_EQUAL)
			found = kql_value_equal(&context->arena, &left, &right);
		else if (node->operator->op == KQL_OP_REGEX)
			found = regex_matches(context, node, &left, &right);
		else
			found = text_matches(context, node, &left, needle_of(context, node, &right));
	}
	*result = kql_bool(found != node->operator->negated);
}

/* has_any and has_all. A list item that is an array stands for its elements. */
static bool has_item(struct kql_context *context, const struct kql_node *node, struct kql_slice text,
	const struct kql_value *item)
{
	bool all = node->operator->op == KQL_OP_HAS_ALL;
	struct kql_json_walk walk;

	if (item->null)
		return false;
	if (item->type == KQL_DYNAMIC && kql_json_kind(kql_slice_of(item)) == KQL_JSON_ARRAY) {
		walk = kql_json_walk(kql_slice_of(item));
		while (kql_json_next(&walk)) {
			struct kql_value element = kql_dynamic(walk.value);

			if (has_item(context, node, text, &element) != all)
				return !all;
		}
		return all;
	}
	return kql_matches(KQL_HAS, text, kql_fold(&context->arena, kql_value_text(&context->arena, item)));
}

void kql_compute_has_list(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	bool all = node->operator->op == KQL_OP_HAS_ALL, truth = all;
	struct kql_value left, item;
	struct kql_slice text;

	*result = kql_bool(false);
	kql_compute_node(context, node->args[0], &left);
	if (left.null)
		return;
	text = kql_fold(&context->arena, kql_value_text(&context->arena, &left));
	kql_context_work(context, node->needle_count * (8 + text.length / 16));
	for (size_t n = 0; n < node->needle_count && truth == all; n++)
		truth = kql_matches(KQL_HAS, text, node->needles[n]);
	for (size_t n = 1; node->needle_count == 0 && n < node->count && truth == all; n++) {
		kql_compute_node(context, node->args[n], &item);
		truth = has_item(context, node, text, &item);
	}
	*result = kql_bool(truth);
}

/* has_any (table), has_all (table) */
void kql_compute_has_table(struct kql_context *context, const struct kql_node *node, struct kql_value *result)
{
	const GArray *needles = context->scalars[node->column].needles;
	bool all = node->operator->op == KQL_OP_HAS_ALL, truth = all;
	struct kql_value left;
	struct kql_slice text;

	*result = kql_bool(false);
	kql_compute_node(context, node->args[0], &left);
	if (left.null)
		return;
	text = kql_fold(&context->arena, kql_value_text(&context->arena, &left));
	for (guint n = 0; n < needles->len && truth == all && kql_context_work(context, 8 + text.length / 16); n++)
		truth = kql_matches(KQL_HAS, text, g_array_index(needles, struct kql_slice, n));
	*result = kql_bool(truth);
}
