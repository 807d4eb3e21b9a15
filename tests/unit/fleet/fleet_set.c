#include "config.h"
#include "fleet/fleet_set.h"

#include "tests/tap.h"

static void change(struct fleet_set *set, uint32_t number, const char *label)
{
	struct bitset *members = bitset_copy(fleet_set_members(set));

	bitset_add(members, number);
	fleet_set_change(set, members, label);
}

int main(void)
{
	AUTO(fleet_set_free) struct fleet_set *set = fleet_set_new();
	unsigned state;
	char label[32];

	tap_ok(fleet_set_count(set) == 0 && !fleet_set_is_changed(set), "a new set is empty");
	tap_ok(fleet_set_undo(set) == NULL && fleet_set_redo(set) == NULL, "nothing to undo or redo");
	change(set, 5, "add five");
	state = fleet_set_state(set);
	tap_ok(fleet_set_is_changed(set), "a change shows");
	change(set, 6, "add six");
	tap_int((long long)fleet_set_undo_steps(set), 2, "two steps to undo");
	tap_str(fleet_set_undo(set), "add six", "undo tells what it undid");
	tap_ok(fleet_set_count(set) == 1 && bitset_has(fleet_set_members(set), 5), "the members before it");
	tap_ok(fleet_set_state(set) == state, "the old state has its old count");
	tap_str(fleet_set_redo(set), "add six", "redo tells what it did again");
	tap_ok(fleet_set_count(set) == 2 && fleet_set_redo(set) == NULL, "and no more");
	fleet_set_saved(set);
	tap_ok(!fleet_set_is_changed(set), "saved");
	fleet_set_undo(set);
	tap_ok(fleet_set_is_changed(set), "undo makes it differ from what was saved");
	change(set, 6, "again");
	tap_ok(!fleet_set_is_changed(set) && fleet_set_redo(set) == NULL, "a change ends redo");
	tap_ok(fleet_set_state(set) > state + 1, "a state's count is not used again");
	for (uint32_t i = 0; i < 300; i++) {
		g_snprintf(label, sizeof label, "add %u", i);
		change(set, i + 100, label);
	}
	tap_int((long long)fleet_set_undo_steps(set), FLEET_SET_UNDO, "as many steps as promised");
	while (fleet_set_undo(set) != NULL)
		;
	tap_int((long long)fleet_set_count(set), 2 + 300 - FLEET_SET_UNDO, "lead back that far");
	return tap_done();
}
