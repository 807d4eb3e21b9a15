/* The name index: device numbers sorted by folded name. Rebuilt when the inventory's generation changed. */
#ifndef FLEET_NAMES_H
#define FLEET_NAMES_H

#include <stdbool.h>

#include <glib.h>

#include "fleet/inventory.h"

struct names;

struct names *names_new(const struct inventory *inventory); /* borrowed; builds at first use */
void names_free(struct names *names);
AUTO_DEFINE(names_free, struct names *)

/* Appends the numbers (uint32_t) whose whole name folds to name's fold. */
void names_exact(struct names *names, const char *name, GArray *numbers);
/* Appends those whose first label (up to the first dot) is label. */
void names_label(struct names *names, const char *label, GArray *numbers);
/* Appends at most limit numbers whose name begins with prefix, sorted by name. */
void names_prefix(struct names *names, const char *prefix, size_t limit, GArray *numbers);

#endif
