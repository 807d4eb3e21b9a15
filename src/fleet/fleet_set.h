/* The working set: a bitset of device numbers with a ring of earlier ones for undo and redo. */
#ifndef FLEET_FLEET_SET_H
#define FLEET_FLEET_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "table/bitset.h"

#define FLEET_SET_UNDO 100 /* steps kept */

struct fleet_set;

struct fleet_set *fleet_set_new(void);
void fleet_set_free(struct fleet_set *set);
AUTO_DEFINE(fleet_set_free, struct fleet_set *)

const struct bitset *fleet_set_members(const struct fleet_set *set);
size_t fleet_set_count(const struct fleet_set *set);
/* A new state; members is taken over, label is the command's text (copied). Clears what could be redone. */
void fleet_set_change(struct fleet_set *set, struct bitset *members, const char *label);
/* The label of what was undone or redone (borrowed), or NULL if there is nothing. */
const char *fleet_set_undo(struct fleet_set *set);
const char *fleet_set_redo(struct fleet_set *set);
/* How many steps can be undone. */
size_t fleet_set_undo_steps(const struct fleet_set *set);
/* Counts states: changes with every change, undo and redo; the same state has the same count again. */
unsigned fleet_set_state(const struct fleet_set *set);
void fleet_set_saved(struct fleet_set *set);
bool fleet_set_is_changed(const struct fleet_set *set); /* since last saved */

#endif
