/* Checks union: patterns of table names, and whose columns meet. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

#define INPUTS_LIMIT 1000

struct inputs {
	struct kql_binder *binder;
	struct kql_step *step;
	GPtrArray *pipes;
};

static bool add_name(struct inputs *inputs, const struct kql_pipe *like, const char *name)
{
	struct kql_pipe *pipe = kql_arena_zero(inputs->binder->arena, sizeof *pipe);

	*pipe = (struct kql_pipe){ .source = KQL_FROM_NAME, .at = like->at, .slot = SIZE_MAX,
		.name = kql_arena_copy(inputs->binder->arena, name, strlen(name)) };
	g_ptr_array_add(inputs->pipes, pipe);
	return inputs->pipes->len <= INPUTS_LIMIT;
}

/* The tables whose names fit, and the functions that are views. */
static bool add_pattern(struct inputs *inputs, const struct kql_pipe *pattern)
{
	guint before = inputs->pipes->len;

	for (const struct kql_let *let = inputs->binder->lets; let != NULL; let = let->next)
		if (let->body != NULL && let->body->view && let->body->tabular && kql_names_match(pattern->name, let->name) &&
			kql_bind_find(inputs->binder, let->name) == let && !add_name(inputs, pattern, let->name))
			break;
	/* Names are chained from the last. */
	for (guint low = before, high = inputs->pipes->len; low + 1 < high; low++) {
		gpointer swap = inputs->pipes->pdata[--high];

		inputs->pipes->pdata[high] = inputs->pipes->pdata[low];
		inputs->pipes->pdata[low] = swap;
	}
	for (const char *const *name = inputs->binder->source->names; name != NULL && *name != NULL; name++)
		if (kql_names_match(pattern->name, *name) && kql_bind_find(inputs->binder, *name) == NULL &&
			!add_name(inputs, pattern, *name))
			break;
	if (inputs->pipes->len > INPUTS_LIMIT)
		return kql_bind_fault(inputs->binder, pattern->at, "a union of more than %d tables", INPUTS_LIMIT);
	return inputs->pipes->len != before || inputs->step->fuzzy ||
		kql_bind_fault(inputs->binder, pattern->at, "no table is called '%s'", pattern->name);
}

/* With isfuzzy=true a table that is not there is passed over. */
static bool gather_inputs(struct kql_binder *binder, struct kql_step *step, bool piped)
{
	struct inputs inputs = { binder, step, g_ptr_array_new() };
	bool fine = true;

	for (size_t n = 0; n < step->pipe_count && fine; n++) {
		struct kql_pipe *pipe = step->pipes[n];

		if (pipe->pattern)
			fine = add_pattern(&inputs, pipe);
		else if (!step->fuzzy || pipe->source != KQL_FROM_NAME || kql_bind_table_name(binder, pipe->name))
			g_ptr_array_add(inputs.pipes, pipe);
	}
	if (fine && inputs.pipes->len == 0 && !piped)
		fine = kql_bind_fault(binder, step->at, "none of the tables of the union is there");
	step->pipes = kql_arena_alloc(binder->arena, (inputs.pipes->len + 1) * sizeof *step->pipes);
	if (inputs.pipes->len != 0)
		memcpy(step->pipes, inputs.pipes->pdata, inputs.pipes->len * sizeof *step->pipes);
	step->pipe_count = inputs.pipes->len;
	g_ptr_array_unref(inputs.pipes);
	return fine;
}

/* A column of the result in the making. */
struct meeting {
	const char *name; /* as the inputs call it */
	enum kql_type type;
	bool clashes;     /* there is one of the same name and another type */
};

static void meet(GArray *meetings, GHashTable *by_name, size_t *source, const struct kql_field *fields, size_t count)
{
	for (size_t n = 0; n < count; n++) {
		/* by_name: the last of the name + 1; those before it are looked for only where types clash. */
		guint last = GPOINTER_TO_UINT(g_hash_table_lookup(by_name, fields[n].name)), found = last;

		while (found != 0) {
			struct meeting *known = &g_array_index(meetings, struct meeting, found - 1);

			if (strcmp(known->name, fields[n].name) == 0 && known->type == fields[n].type)
				break;
			if (strcmp(known->name, fields[n].name) == 0)
				known->clashes = true;
			found--;
		}
		if (found == 0) {
			struct meeting fresh = { fields[n].name, fields[n].type, last != 0 };

			g_array_append_val(meetings, fresh);
			found = meetings->len;
			g_hash_table_insert(by_name, (gpointer)fields[n].name, GUINT_TO_POINTER(found));
		}
		source[found - 1] = n;
	}
}

static bool is_taken(const GArray *meetings, GHashTable *made, const char *name)
{
	if (g_hash_table_contains(made, name))
		return true;
	for (guint n = 0; n < meetings->len; n++) {
		const struct meeting *other = &g_array_index(meetings, struct meeting, n);

		if (!other->clashes && strcmp(other->name, name) == 0)
			return true;
	}
	return false;
}

/* Names: columns of one name and several types are called name_type. */
static void name_fields(struct kql_binder *binder, struct kql_step *step, const GArray *meetings, size_t first)
{
	AUTO(g_hash_table_unref) GHashTable *made = g_hash_table_new(g_str_hash, g_str_equal);

	if (first != 0)
		g_hash_table_add(made, (gpointer)step->name);
	for (guint n = 0; n < meetings->len; n++) {
		const struct meeting *meeting = &g_array_index(meetings, struct meeting, n);
		char *name = meeting->clashes ? g_strdup_printf("%s_%s", meeting->name, kql_type_name(meeting->type)) :
			g_strdup(meeting->name), *base = g_strdup(name);

		for (unsigned number = 1; meeting->clashes ? is_taken(meetings, made, name) : g_hash_table_contains(made, name);
			number++) {
			g_free(name);
			name = g_strdup_printf("%s%u", base, number);
		}
		step->fields[first + n] = (struct kql_field){ .name = kql_arena_copy(binder->arena, name, strlen(name)),
			.type = meeting->type };
		g_hash_table_add(made, (gpointer)step->fields[first + n].name);
		g_free(name);
		g_free(base);
	}
}

/* kind=inner: only the columns that all have. */
static void keep_common(struct kql_step *step, GArray *meetings, size_t inputs, size_t most)
{
	for (guint m = meetings->len; m > 0; m--) {
		bool all = true;

		for (size_t n = 0; n < inputs; n++)
			all &= step->sources[n][m - 1] != SIZE_MAX;
		if (all)
			continue;
		g_array_remove_index(meetings, m - 1);
		for (size_t n = 0; n < inputs; n++)
			memmove(&step->sources[n][m - 1], &step->sources[n][m], (most - m) * sizeof **step->sources);
	}
	for (guint m = 0; m < meetings->len; m++)
		g_array_index(meetings, struct meeting, m).clashes = false;
}

/* search, find: what lacks the columns that are asked about is not read; if all lack one, that is told later. */
static void leave_out(const struct kql_binder *binder, struct kql_step *step)
{
	size_t kept = 0;

	if (step->terms == NULL)
		return;
	for (size_t n = 0; n < step->pipe_count; n++)
		kept += kql_search_fits(binder, step->terms, step->pipes[n]) ? 1 : 0;
	if (kept == 0)
		return;
	kept = 0;
	for (size_t n = 0; n < step->pipe_count; n++)
		if (kql_search_fits(binder, step->terms, step->pipes[n]))
			step->pipes[kept++] = step->pipes[n];
	step->pipe_count = kept;
}

static bool search_within(struct kql_binder *binder, struct kql_step *step)
{
	struct kql_pipe **within = kql_arena_alloc(binder->arena, (step->pipe_count + 1) * sizeof *within);

	for (size_t n = 0; n < step->pipe_count; n++)
		if ((within[n] = kql_search_within(binder, step, step->pipes[n])) == NULL)
			return false;
	step->pipes = within;
	return true;
}

bool kql_bind_union(struct kql_binder *binder, struct kql_step *step, const struct kql_field *fields, size_t count)
{
	AUTO(g_array_unref) GArray *meetings = g_array_new(FALSE, FALSE, sizeof(struct meeting));
	AUTO(g_hash_table_unref) GHashTable *by_name = g_hash_table_new(g_str_hash, g_str_equal);
	size_t piped = fields != NULL && count != 0 ? 1 : 0, inputs, most = count + 2, first = step->name != NULL ? 1 : 0;

	if (!gather_inputs(binder, step, piped != 0))
		return false;
	for (size_t n = 0; n < step->pipe_count; n++)
		if (!kql_bind_pipe(binder, step->pipes[n]))
			return false;
	leave_out(binder, step);
	if (step->terms != NULL && !search_within(binder, step))
		return false;
	inputs = step->pipe_count + piped;
	for (size_t n = 0; n < step->pipe_count; n++)
		most += step->pipes[n]->field_count;
	step->sources = kql_arena_alloc(binder->arena, (inputs + 1) * sizeof *step->sources);
	for (size_t n = 0; n < inputs; n++) {
		const struct kql_pipe *pipe = n < piped ? NULL : step->pipes[n - piped];
		size_t *source = kql_arena_alloc(binder->arena, (most + 1) * sizeof *source);

		for (size_t m = 0; m <= most; m++)
			source[m] = SIZE_MAX;
		/* The column of the tables' names stands before the others. */
		step->sources[n] = source + first;
		meet(meetings, by_name, step->sources[n], pipe != NULL ? pipe->fields : fields,
			pipe != NULL ? pipe->field_count : count);
	}
	if (step->inner)
		keep_common(step, meetings, inputs, most);
	for (size_t n = 0; n < inputs; n++)
		step->sources[n] -= first;
	step->fields = kql_arena_zero(binder->arena, (meetings->len + 2) * sizeof *step->fields);
	step->field_count = meetings->len + first;
	if (first != 0)
		step->fields[0] = (struct kql_field){ .name = step->name, .type = KQL_STRING };
	name_fields(binder, step, meetings, first);
	return true;
}
