/* The name index: device numbers sorted by folded name, by Entra id, by local address; each built when first asked for,
 * and again after names or addresses have changed. A million names take about a second once. */
#ifndef FLEET_NAMES_H
#define FLEET_NAMES_H

#include <stdbool.h>

#include <glib.h>

#include "fleet/inventory.h"

struct names;

struct names *names_new(const struct inventory *inventory); /* borrowed; builds at first use */
void names_free(struct names *names);
AUTO_DEFINE(names_free, struct names *)

/* How a name is compared: case folded, composed (NFC), without a trailing dot. The caller frees with g_free. */
char *names_fold(const char *name);

/* Appends the numbers (uint32_t) whose whole name folds to name's fold. */
void names_exact(struct names *names, const char *name, GArray *numbers);
/* Appends those whose first label (up to the first dot) is label. */
void names_label(struct names *names, const char *label, GArray *numbers);
/* Appends at most limit numbers whose name begins with prefix, sorted by name. */
void names_prefix(struct names *names, const char *prefix, size_t limit, GArray *numbers);
/* Appends those that match a pattern of `*` and `?`: the whole name if the pattern has a dot, else the first label. */
void names_match(struct names *names, const char *pattern, GArray *numbers);
/* Appends those with this Entra device id (any case). */
void names_entra(struct names *names, const char *aad_id, GArray *numbers);
/* Appends those with this local address, v4 or v6 in any spelling. */
void names_address(struct names *names, const char *address, GArray *numbers);

#endif
