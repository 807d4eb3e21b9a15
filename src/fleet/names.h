/* The name index: device numbers sorted by folded name, by Entra id, by local address; each built when first asked for,
 * and again after names or addresses have changed, or taken from the inventory's file. A million names are sorted in about a tenth
 * of a second. */
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

/* The indexes of an inventory, for its file: rows sorted by folded name and by Entra id, each only of those that have one; and
 * for each row and local address a word, the address's hash above the row. New; the caller frees with g_free. */
uint32_t *names_rows_by_name(const struct inventory *inventory, size_t *count);
uint32_t *names_rows_by_entra(const struct inventory *inventory, size_t *count);
uint64_t *names_rows_by_address(const struct inventory *inventory, size_t *count);

#endif
