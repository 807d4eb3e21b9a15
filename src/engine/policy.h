/* What may be acted on (contract, section 6). Fails closed: what cannot be read or judged protects, and a policy that
 * cannot be read at all lets nothing disruptive act. */
#ifndef ENGINE_POLICY_H
#define ENGINE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "core/auto.h"
#include "core/error.h"
#include "core/file.h"
#include "engine/engine.h"
#include "table/bitset.h"

#define POLICY_MAX_DEVICES 500
#define POLICY_CONFIRM_ABOVE 10
#define POLICY_INVENTORY_MS (15 * 60 * 1000) /* protection is judged on an inventory not older than this */

/* The values of one [policy] or [policy PROFILE] section, or of the command line. Texts are copied. */
struct policy_rules {
	const char *protected;      /* KQL predicate, or NULL */
	const char *protected_file; /* where it stands, for errors; or NULL */
	unsigned protected_line;
	const char *protected_list; /* path of a device list file (the caller makes it absolute), or NULL */
	int64_t max_devices;        /* -1: not said */
	int64_t confirm_above;      /* -1: not said */
	bool restricted;
};
#define POLICY_RULES_INIT { .max_devices = -1, .confirm_above = -1 }

struct policy;

/* Of all rules the strictest: every predicate and every list protects, the smallest numbers hold, restricted if any says
 * so. Never NULL: a predicate that does not compile is kept as the policy's fault (policy_judge then fails) and also told
 * in error, with file and line. count may be 0. */
struct policy *policy_new(const struct policy_rules *rules, size_t count, struct error *error);
void policy_free(struct policy *policy);
AUTO_DEFINE(policy_free, struct policy *)

uint64_t policy_max_devices(const struct policy *policy);
uint64_t policy_confirm_above(const struct policy *policy);
bool policy_is_restricted(const struct policy *policy);
bool policy_has_protection(const struct policy *policy);

/* Which of the candidates (device numbers) are protected: added to is_protected; reasons (may be NULL; keys
 * GUINT_TO_POINTER(number), values g_malloc'ed texts for people) says why. Refreshes the inventory if it is older than 15
 * minutes (runs the loop). False, and nothing may be assumed unprotected, if the inventory cannot be had, the policy has
 * a fault, or a list cannot be read or resolved. */
bool policy_judge(const struct policy *policy, struct engine *engine, const struct bitset *candidates,
	struct bitset *is_protected, GHashTable *reasons, struct error *error);

/* SHA-256 over the rules in force and the bytes of their lists, for the log. */
void policy_sum(const struct policy *policy, char hex[SHA256_HEX_SIZE]);

#endif
