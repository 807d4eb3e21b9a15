/* JSON written straight into a string: pages of thousands of machines are too large for trees. */
#ifndef SIM_JSONOUT_H
#define SIM_JSONOUT_H

#include <stdint.h>

#include <glib.h>
#include <jansson.h>

/* Appends a JSON string, or null for NULL. Bytes that are not UTF-8 become U+FFFD. */
void jsonout_text(GString *out, const char *text);
/* Appends `"name":` and the string or null, with a comma before it unless the object just began. */
void jsonout_member(GString *out, const char *name, const char *text);
/* A quoted time with 0 to 7 fraction digits, cut, not rounded. */
void jsonout_time(GString *out, int64_t ticks, unsigned digits);
/* The compact text of a tree; the reference is not taken. */
void jsonout_tree(GString *out, const json_t *tree);

#endif
