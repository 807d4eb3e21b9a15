/* join, lookup, union. */
#include "config.h"
#include "kql/relation.h"

#include <string.h>

/* Rows of the right side by key: chains through next. */
struct join {
	struct kql_runner *runner;
	const struct kql_step *step;
	const struct kql_relation *left, *right;
	GHashTable *heads;   /* kql_slice -> first row + 1 */
	uint32_t *next;      /* by right row: the next with its key, KQL_NO_ROW at the end */
	bool *right_matched;
	GArray *left_rows, *right_rows;
	struct kql_arena scratch;
	enum kql_type *key_types;
};

/* The key of a row as text; false if a part is null: it joins with nothing. */
static bool row_key(struct join *join, const struct kql_relation *side, const size_t *columns, size_t row, GString *key)
{
	g_string_truncate(key, 0);
	for (size_t n = 0; n < join->step->key_count; n++) {
		const struct kql_field *field = &side->fields[columns[n]];
		struct kql_value value;
		struct kql_slice text;

		kql_arena_reset(&join->scratch);
		value = kql_vector_value(&side->vectors[columns[n]], field->type, row, &join->scratch);
		if (value.null)
			return false;
		text = kql_key_text(&join->scratch, &value, join->key_types[n]);
		g_string_append_printf(key, "%zu:", text.length);
		g_string_append_len(key, text.text, (gssize)text.length);
	}
	return true;
}

static bool index_right(struct join *join)
{
	AUTO(g_string) GString *key = g_string_new(NULL);

	join->heads = g_hash_table_new(kql_slice_hash, kql_slice_equal);
	join->next = kql_runner_index(join->runner, join->right->rows);
	/* From the end, so that chains are in the order of rows. */
	for (size_t row = join->right->rows; row-- > 0;) {
		struct kql_slice probe, *kept;
		gpointer old_key = NULL, head = NULL;

		if (!kql_runner_turn(join->runner))
			return false;
		join->next[row] = KQL_NO_ROW;
		if (!row_key(join, join->right, join->step->right, row, key))
			continue;
		probe = (struct kql_slice){ key->str, key->len };
		if (g_hash_table_lookup_extended(join->heads, &probe, &old_key, &head)) {
			join->next[row] = GPOINTER_TO_UINT(head) - 1;
			g_hash_table_insert(join->heads, old_key, GUINT_TO_POINTER((guint)row + 1));
			continue;
		}
		kept = kql_arena_alloc(&join->runner->arena, sizeof *kept);
		*kept = (struct kql_slice){ kql_arena_copy(&join->runner->arena, key->str, key->len), key->len };
		g_hash_table_insert(join->heads, kept, GUINT_TO_POINTER((guint)row + 1));
		if (!kql_runner_charge(join->runner, key->len + 64))
			return false;
	}
	return true;
}

static void emit(struct join *join, uint32_t left, uint32_t right)
{
	g_array_append_val(join->left_rows, left);
	g_array_append_val(join->right_rows, right);
}

/* One left row against its partners. */
static void match_row(struct join *join, uint32_t row, uint32_t head)
{
	enum kql_join_kind kind = join->step->join;
	bool keeps_left = kind == KQL_JOIN_LEFT_OUTER || kind == KQL_JOIN_FULL_OUTER;

	if (kind == KQL_JOIN_LEFT_ANTI || kind == KQL_JOIN_LEFT_SEMI) {
		if ((head != KQL_NO_ROW) == (kind == KQL_JOIN_LEFT_SEMI))
			emit(join, row, KQL_NO_ROW);
		return;
	}
	if (head == KQL_NO_ROW && keeps_left)
		emit(join, row, KQL_NO_ROW);
	for (uint32_t right = head; right != KQL_NO_ROW; right = join->next[right]) {
		join->right_matched[right] = true;
		if (kind != KQL_JOIN_RIGHT_ANTI && kind != KQL_JOIN_RIGHT_SEMI)
			emit(join, row, right);
		if (!kql_runner_rows(join->runner, join->left_rows->len) || !kql_runner_turn(join->runner))
			return;
	}
}

static bool match_rows(struct join *join)
{
	AUTO(g_string) GString *key = g_string_new(NULL);
	AUTO(g_hash_table_unref) GHashTable *used = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
		(GDestroyNotify)g_bytes_unref, NULL);
	enum kql_join_kind kind = join->step->join;

	for (size_t row = 0; row < join->left->rows; row++) {
		uint32_t head = KQL_NO_ROW;
		bool keyed = row_key(join, join->left, join->step->left, row, key);

		if (keyed) {
			struct kql_slice probe = { key->str, key->len };

			head = GPOINTER_TO_UINT(g_hash_table_lookup(join->heads, &probe)) - 1;
		}
		/* innerunique: one row of the left side for a key */
		if (kind == KQL_JOIN_INNER_UNIQUE && keyed && !g_hash_table_add(used, g_bytes_new(key->str, key->len)))
			continue;
		match_row(join, (uint32_t)row, head);
		if (!kql_runner_rows(join->runner, join->left_rows->len) || !kql_runner_turn(join->runner))
			return false;
	}
	for (size_t row = 0; row < join->right->rows; row++) {
		bool matched = join->right_matched[row];

		if (kind == KQL_JOIN_RIGHT_SEMI ? matched : !matched && (kind == KQL_JOIN_RIGHT_ANTI ||
			kind == KQL_JOIN_RIGHT_OUTER || kind == KQL_JOIN_FULL_OUTER))
			emit(join, KQL_NO_ROW, (uint32_t)row);
	}
	return kql_runner_rows(join->runner, join->left_rows->len);
}

static const struct kql_relation *pick_side(struct join *join, const struct kql_relation *side, GArray *rows)
{
	uint32_t *index = kql_runner_index(join->runner, rows->len);

	if (rows->len != 0)
		memcpy(index, rows->data, rows->len * sizeof *index);
	return kql_relation_pick(join->runner, side, index, rows->len);
}

static struct kql_relation *join_result(struct join *join)
{
	const struct kql_relation *left = pick_side(join, join->left, join->left_rows);
	const struct kql_relation *right = pick_side(join, join->right, join->right_rows);
	struct kql_relation *to = kql_relation_new(join->runner, join->step->fields, join->step->field_count,
		join->left_rows->len);

	if (left == NULL || right == NULL)
		return NULL;
	for (size_t n = 0; n < to->count; n++) {
		size_t column = join->step->columns[n];

		to->vectors[n] = column < left->count ? left->vectors[column] : right->vectors[column - left->count];
	}
	return to;
}

struct kql_relation *kql_run_join(struct kql_runner *runner, const struct kql_step *step, const struct kql_relation *left,
	const struct kql_relation *right)
{
	struct join join = { .runner = runner, .step = step, .left = left, .right = right };
	struct kql_relation *to = NULL;

	join.left_rows = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	join.right_rows = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	join.right_matched = g_new0(bool, right->rows + 1);
	join.key_types = kql_arena_alloc(&runner->arena, (step->key_count + 1) * sizeof *join.key_types);
	for (size_t n = 0; n < step->key_count; n++)
		join.key_types[n] = kql_key_type(left->fields[step->left[n]].type, right->fields[step->right[n]].type);
	if (index_right(&join) && match_rows(&join))
		to = join_result(&join);
	g_hash_table_unref(join.heads);
	g_array_unref(join.left_rows);
	g_array_unref(join.right_rows);
	g_free(join.right_matched);
	kql_arena_clear(&join.scratch);
	return to;
}
