/* Regular expressions of KQL's dialect (dataexplorer-docs, regex.md: RE2's family) by PCRE2. What PCRE2 has and KQL has
 * not (look-around, back references, ...) is refused, what KQL has and PCRE2 has not is refused too, never taken
 * otherwise than meant. */
#ifndef KQL_REGEX_H
#define KQL_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "core/auto.h"
#include "core/error.h"

#define KQL_REGEX_GROUPS 16          /* regex.md: at most 16 capture groups */
#define KQL_REGEX_GROUPS_WIDE 99
#define KQL_REGEX_LENGTH 8192        /* bytes of a pattern */
#define KQL_REGEX_MATCH_LIMIT 100000 /* steps of one match (libs.md: ends a bad pattern in 2 ms) */

struct kql_regex;
struct kql_matcher; /* working memory of matches; one for any number of patterns */

struct kql_regex *kql_regex_new(const char *pattern, size_t length, struct error *error);
/* The same for patterns put together here, with up to KQL_REGEX_GROUPS_WIDE groups. */
struct kql_regex *kql_regex_new_wide(const char *pattern, size_t length, struct error *error);
void kql_regex_free(struct kql_regex *regex);
AUTO_DEFINE(kql_regex_free, struct kql_regex *)
unsigned kql_regex_groups(const struct kql_regex *regex);
/* The number of a named group; 0 if there is none. */
unsigned kql_regex_group_named(const struct kql_regex *regex, const char *name);

struct kql_matcher *kql_matcher_new(void);
void kql_matcher_free(struct kql_matcher *matcher);
AUTO_DEFINE(kql_matcher_free, struct kql_matcher *)

enum kql_found { KQL_NOT_FOUND, KQL_FOUND, KQL_MATCH_FAILED /* the match limit, or no memory */ };

/* Searches from the byte offset start. */
enum kql_found kql_regex_search(const struct kql_regex *regex, struct kql_matcher *matcher, const char *text,
	size_t length, size_t start);
/* Of the last match: where a group lies; false if it took no part. Group 0 is the whole. */
bool kql_matcher_group(const struct kql_matcher *matcher, unsigned group, size_t *start, size_t *end);

#endif
