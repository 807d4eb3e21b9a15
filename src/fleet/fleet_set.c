#include "config.h"
#include "fleet/fleet_set.h"

/* One state of the set, and the command that led to it. */
struct state {
	struct bitset *members;
	char *label; /* NULL for the start */
	unsigned number;
};

struct fleet_set {
	GPtrArray *states; /* struct state, oldest first; the first is where undo ends */
	guint present;     /* index of the present one */
	unsigned next_number;
	struct bitset *saved;
};

static void state_free(gpointer data)
{
	struct state *state = data;

	bitset_free(state->members);
	g_free(state->label);
	g_free(state);
}

static const struct state *state_at(const struct fleet_set *set, guint index)
{
	return g_ptr_array_index(set->states, index);
}

static void state_push(struct fleet_set *set, struct bitset *members, const char *label)
{
	struct state *state = g_new0(struct state, 1);

	state->members = members;
	state->label = g_strdup(label);
	state->number = set->next_number++;
	g_ptr_array_add(set->states, state);
	set->present = set->states->len - 1;
}

struct fleet_set *fleet_set_new(void)
{
	struct fleet_set *set = g_new0(struct fleet_set, 1);

	set->states = g_ptr_array_new_with_free_func(state_free);
	set->saved = bitset_new();
	state_push(set, bitset_new(), NULL);
	return set;
}

void fleet_set_free(struct fleet_set *set)
{
	if (set == NULL)
		return;
	g_ptr_array_unref(set->states);
	bitset_free(set->saved);
	g_free(set);
}

const struct bitset *fleet_set_members(const struct fleet_set *set)
{
	return state_at(set, set->present)->members;
}

size_t fleet_set_count(const struct fleet_set *set)
{
	return bitset_count(fleet_set_members(set));
}

void fleet_set_change(struct fleet_set *set, struct bitset *members, const char *label)
{
	g_ptr_array_set_size(set->states, (gint)set->present + 1);
	if (set->states->len > FLEET_SET_UNDO)
		g_ptr_array_remove_index(set->states, 0);
	state_push(set, members, label);
}

const char *fleet_set_undo(struct fleet_set *set)
{
	return set->present == 0 ? NULL : state_at(set, set->present--)->label;
}

const char *fleet_set_redo(struct fleet_set *set)
{
	return set->present + 1 == set->states->len ? NULL : state_at(set, ++set->present)->label;
}

size_t fleet_set_undo_steps(const struct fleet_set *set)
{
	return set->present;
}

unsigned fleet_set_state(const struct fleet_set *set)
{
	return state_at(set, set->present)->number;
}

void fleet_set_saved(struct fleet_set *set)
{
	bitset_free(set->saved);
	set->saved = bitset_copy(fleet_set_members(set));
}

bool fleet_set_is_changed(const struct fleet_set *set)
{
	return !bitset_equal(fleet_set_members(set), set->saved);
}
