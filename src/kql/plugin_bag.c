/* bag_unpack: the members of bags as columns. */
#include "config.h"
#include "kql/functions.h"
#include "kql/plugin.h"

#include <string.h>

#define COLUMNS_LIMIT 1000

enum conflict { CONFLICT_ERROR, CONFLICT_REPLACE, CONFLICT_KEEP };

struct unpack {
	struct kql_binder *binder;
	struct kql_step *step;
	struct kql_value prefix, conflict, ignored; /* of no text: not given */
	enum conflict how;
	GPtrArray *slots;   /* struct slot, sorted in the end */
	GHashTable *by_name;
};

struct slot {
	char *name;         /* in the bag */
	enum kql_type type;
	bool known;         /* some value was not null */
};

static enum kql_type slot_type(struct kql_slice json)
{
	switch (kql_json_kind(json)) {
	case KQL_JSON_BOOL:
		return KQL_BOOL;
	case KQL_JSON_LONG:
		return KQL_LONG;
	case KQL_JSON_REAL:
		return KQL_REAL;
	case KQL_JSON_STRING:
		return KQL_STRING;
	default:
		return KQL_DYNAMIC;
	}
}

/* The constants behind the column, by place or by name. */
static bool read_arguments(struct unpack *unpack)
{
	static const char *const names[] = { "OutputColumnPrefix", "columnsConflict", "ignoredProperties" };
	struct kql_value *const values[] = { &unpack->prefix, &unpack->conflict, &unpack->ignored };
	struct kql_node *call = unpack->step->evaluate->call;
	struct kql_scope scope;

	kql_bind_scope(unpack->binder, &scope, NULL, 0);
	for (size_t n = 1; n < call->count; n++) {
		struct kql_node *arg = call->args[n];
		size_t place = n - 1;

		if (arg->kind == KQL_NODE_NAMED) {
			for (place = 0; place < G_N_ELEMENTS(names); place++)
				if (g_ascii_strcasecmp(names[place], arg->name) == 0)
					break;
			if (place == G_N_ELEMENTS(names))
				return kql_bind_fault(unpack->binder, arg->at, "bag_unpack() has no parameter '%s'", arg->name);
			arg = arg->args[0];
		}
		if (place >= G_N_ELEMENTS(names))
			return kql_bind_fault(unpack->binder, arg->at, "bag_unpack() has too many arguments");
		if (!kql_check(&scope, &arg))
			return false;
		if (!kql_node_is_constant(arg) || (place < 2 ? arg->type != KQL_STRING : arg->type != KQL_DYNAMIC))
			return kql_bind_fault(unpack->binder, arg->at, "the argument '%s' of bag_unpack() is a constant %s",
				names[place], place < 2 ? "text" : "array");
		*values[place] = arg->value;
	}
	return true;
}

static bool read_conflict(struct unpack *unpack)
{
	static const char *const words[] = { "error", "replace_source", "keep_source" };

	if (unpack->conflict.text == NULL)
		return true;
	for (size_t n = 0; n < G_N_ELEMENTS(words); n++)
		if (strcmp(unpack->conflict.text, words[n]) == 0) {
			unpack->how = (enum conflict)n;
			return true;
		}
	return kql_bind_fault(unpack->binder, unpack->step->at, "columnsConflict is error, replace_source or keep_source");
}

static bool is_ignored(const struct unpack *unpack, struct kql_arena *arena, struct kql_slice key)
{
	struct kql_json_walk walk;

	if (unpack->ignored.text == NULL || unpack->ignored.null)
		return false;
	for (walk = kql_json_walk(kql_slice_of(&unpack->ignored)); kql_json_next(&walk);) {
		struct kql_slice name = kql_json_string(arena, walk.value);

		if (kql_json_key_is(key, name.text, name.length))
			return true;
	}
	return false;
}

/* A slot is of its values' type, or dynamic if they differ. Null tells nothing. */
static bool add_slot(struct unpack *unpack, struct kql_slice name, struct kql_slice value)
{
	struct kql_arena *arena = unpack->binder->arena;
	AUTO(g_free) char *key = g_strndup(name.text, name.length);
	struct slot *slot = g_hash_table_lookup(unpack->by_name, key);
	enum kql_type type = slot_type(value);

	if (slot == NULL) {
		slot = kql_arena_zero(arena, sizeof *slot);
		slot->name = kql_arena_copy(arena, name.text, name.length);
		slot->type = KQL_DYNAMIC;
		g_hash_table_insert(unpack->by_name, slot->name, slot);
		g_ptr_array_add(unpack->slots, slot);
		if (unpack->slots->len > COLUMNS_LIMIT)
			return kql_bind_fault(unpack->binder, unpack->step->at, "bag_unpack() would make more than %d columns",
				COLUMNS_LIMIT);
	}
	if (kql_json_kind(value) == KQL_JSON_NULL)
		return true;
	slot->type = !slot->known || slot->type == type ? type : KQL_DYNAMIC;
	slot->known = true;
	return true;
}

/* Which slots the bags have, and of which types. */
static bool gather(struct unpack *unpack, const struct kql_relation *rows)
{
	struct kql_arena scratch = { 0 };
	bool fine = true;

	for (size_t row = 0; row < rows->rows && fine; row++) {
		struct kql_value bag;
		struct kql_json_walk walk;

		kql_arena_reset(&scratch);
		bag = kql_vector_value(&rows->vectors[unpack->step->evaluate->column], KQL_DYNAMIC, row, &scratch);
		if (!kql_arg_is_bag(&bag))
			continue;
		for (walk = kql_json_walk(kql_slice_of(&bag)); fine && kql_json_next(&walk);)
			if (!is_ignored(unpack, &scratch, walk.key))
				fine = add_slot(unpack, kql_json_string(&scratch, walk.key), walk.value);
	}
	kql_arena_clear(&scratch);
	return fine;
}

static int compare_slots(gconstpointer a, gconstpointer b)
{
	return strcmp((*(const struct slot *const *)a)->name, (*(const struct slot *const *)b)->name);
}

/* The input's columns that no slot meets, then the slots by name. */
static bool make_fields(struct unpack *unpack, const struct kql_field *fields, size_t count)
{
	struct kql_step *step = unpack->step;
	struct kql_evaluate *evaluate = step->evaluate;
	size_t most = count + unpack->slots->len + 1;
	bool *met = kql_arena_zero(unpack->binder->arena, count + 1);

	g_ptr_array_sort(unpack->slots, compare_slots);
	step->fields = kql_arena_zero(unpack->binder->arena, most * sizeof *step->fields);
	step->columns = kql_arena_zero(unpack->binder->arena, most * sizeof *step->columns);
	evaluate->names = kql_arena_zero(unpack->binder->arena, most * sizeof *evaluate->names);
	met[evaluate->column] = true;
	for (int slots = 0; slots < 2; slots++) {
		for (guint n = 0; n < unpack->slots->len; n++) {
			const struct slot *slot = unpack->slots->pdata[n];
			char *name = g_strconcat(evaluate->prefix, slot->name, NULL);
			size_t input = 0;

			while (input < count && (input == evaluate->column || strcmp(fields[input].name, name) != 0))
				input++;
			if (input < count && unpack->how == CONFLICT_ERROR) {
				kql_bind_fault(unpack->binder, step->at, "bag_unpack() would make a second column '%s'", name);
				error_hint(unpack->binder->error, "give a prefix, or columnsConflict='replace_source'");
				g_free(name);
				return false;
			}
			if (input < count)
				met[input] = true;
			if (slots == 1) {
				bool keep = input < count && unpack->how == CONFLICT_KEEP;

				step->columns[step->field_count] = keep ? input : SIZE_MAX;
				evaluate->names[step->field_count] = keep ? NULL : slot->name;
				step->fields[step->field_count++] = (struct kql_field){
					.name = kql_arena_copy(unpack->binder->arena, name, strlen(name)),
					.type = keep ? fields[input].type : slot->type };
			}
			g_free(name);
		}
		for (size_t n = 0; n < count && slots == 0; n++) {
			if (met[n])
				continue;
			step->columns[step->field_count] = n;
			step->fields[step->field_count++] = fields[n];
		}
	}
	return true;
}

static bool bind_bag(struct kql_binder *binder, struct kql_step *step, const struct kql_relation *rows,
	const struct kql_field *fields, size_t count)
{
	struct unpack unpack = { .binder = binder, .step = step, .slots = g_ptr_array_new(),
		.by_name = g_hash_table_new(g_str_hash, g_str_equal) };
	struct kql_evaluate *evaluate = step->evaluate;
	bool *taken = kql_arena_zero(binder->arena, count + 1), fine;

	step->field_count = 0;
	fine = evaluate->call->count != 0 ? kql_plugin_column(binder, evaluate->call->args[0], fields, count,
		&evaluate->column) : kql_bind_fault(binder, evaluate->call->at, "write bag_unpack(column)");
	if (fine && fields[evaluate->column].type != KQL_DYNAMIC)
		fine = kql_bind_fault(binder, evaluate->call->args[0]->at, "bag_unpack() needs a dynamic column, '%s' is of type %s",
			fields[evaluate->column].name, kql_type_name(fields[evaluate->column].type));
	fine = fine && read_arguments(&unpack) && read_conflict(&unpack);
	evaluate->prefix = unpack.prefix.text != NULL ? unpack.prefix.text : "";
	if (fine && evaluate->has_schema) {
		taken[evaluate->column] = true;
		kql_plugin_schema(binder, step, fields, count, taken);
	} else {
		fine = fine && gather(&unpack, rows) && make_fields(&unpack, fields, count);
	}
	g_ptr_array_unref(unpack.slots);
	g_hash_table_unref(unpack.by_name);
	return fine && (step->field_count != 0 || kql_bind_fault(binder, step->at, "the result would have no columns"));
}

/* The members of the rows' bags under one name. */
static bool run_slot(struct kql_runner *runner, const struct kql_evaluate *evaluate, const struct kql_relation *from,
	const char *name, struct column *out, enum kql_type type)
{
	struct kql_arena scratch = { 0 };
	size_t prefix = strlen(evaluate->prefix);
	bool fine = true;

	/* A column of a given schema is called with the prefix. */
	if (evaluate->has_schema && strncmp(name, evaluate->prefix, prefix) == 0)
		name += prefix;
	for (size_t row = 0; row < from->rows && fine; row++) {
		struct kql_value bag, value = kql_null(KQL_DYNAMIC);

		kql_arena_reset(&scratch);
		bag = kql_vector_value(&from->vectors[evaluate->column], KQL_DYNAMIC, row, &scratch);
		if (kql_arg_is_bag(&bag))
			value = kql_dynamic(kql_json_member(kql_slice_of(&bag), name, strlen(name)));
		value = kql_value_cast(&scratch, &value, type);
		kql_value_store(out, &value);
		fine = kql_runner_turn(runner) &&
			kql_runner_charge(runner, 8 + (column_type_is_text(column_type(out)) ? value.length : 0));
	}
	kql_arena_clear(&scratch);
	return fine;
}

static struct kql_relation *run_bag(struct kql_runner *runner, const struct kql_step *step, const struct kql_relation *from)
{
	const struct kql_evaluate *evaluate = step->evaluate;
	struct kql_relation *to = kql_relation_new(runner, step->fields, step->field_count, from->rows);

	for (size_t n = 0; n < step->field_count; n++) {
		struct column *column;

		if (evaluate->names[n] == NULL || (step->columns[n] != SIZE_MAX && from->fields[step->columns[n]].type ==
			step->fields[n].type && evaluate->has_schema)) {
			to->vectors[n] = from->vectors[step->columns[n]];
			continue;
		}
		column = kql_runner_column(runner, step->fields[n].name, step->fields[n].type);
		if (!run_slot(runner, evaluate, from, evaluate->names[n], column, step->fields[n].type))
			return NULL;
		to->vectors[n].column = column;
	}
	return to;
}

const struct kql_plugin kql_plugin_bag_unpack = { "bag_unpack",
	"column [, prefix [, columnsConflict [, ignoredProperties]]]", bind_bag, run_bag, true };
