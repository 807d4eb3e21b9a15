/* From what a person wrote to devices (contract, section 2, rules 1, 2, 4, 6). */
#ifndef FLEET_RESOLVE_H
#define FLEET_RESOLVE_H

#include <stdbool.h>

#include <glib.h>

#include "fleet/device_list.h"
#include "fleet/names.h"

enum entry_kind { ENTRY_DEVICE_ID, ENTRY_AAD_ID, ENTRY_ADDRESS, ENTRY_PATTERN, ENTRY_NAME, ENTRY_INVALID };

/* What a text is. literal: a cell of a file, never a pattern. *text_out is the normal form (id in lower case, address,
 * name without DOMAIN\, trailing dot and $); the caller frees with g_free. *why (may be NULL) says what is wrong with an
 * invalid one (a loopback address ...); a literal, borrowed. */
enum entry_kind entry_classify(const char *text, bool literal, char **text_out, const char **why);

struct resolve_options {
	bool literal;
	bool newest, all_matches, unmanaged;
	bool removing;                 /* takes every candidate */
	const struct bitset *members;  /* for removing and keeping patterns: the set's own members are judged; else NULL */
};

enum resolve_outcome { RESOLVED, RESOLVED_CHOSEN, RESOLVED_AMBIGUOUS, RESOLVED_NONE };

struct resolution {
	enum resolve_outcome outcome;
	GArray *numbers;  /* uint32_t: what was taken; for RESOLVED_AMBIGUOUS the candidates (none is taken) */
	GArray *others;   /* uint32_t: for RESOLVED_CHOSEN those not taken; may be empty */
	char reason[512]; /* why chosen, ambiguous or none; for people */
};
struct resolution *resolution_new(void);
void resolution_free(struct resolution *resolution);
AUTO_DEFINE(resolution_free, struct resolution *)

void resolve_entry(struct names *names, const struct inventory *inventory, const char *text,
	const struct resolve_options *options, struct resolution *into);

/* A row of a device list: by its text, or its id and name; one with a fault is RESOLVED_NONE. */
void resolve_listed(struct names *names, const struct inventory *inventory, const struct device_entry *entry,
	const struct resolve_options *options, struct resolution *into);

/* A row of a file with an id and a name: the id wins; a name that is not that device's by the name rule is ambiguous,
 * unless it is no possible name (a sentence, a formula) and no device's. */
void resolve_pair(struct names *names, const struct inventory *inventory, const char *id, const char *name,
	const struct resolve_options *options, struct resolution *into);

#endif
