/* Values as KQL text, and back. */
#ifndef KQL_LITERAL_H
#define KQL_LITERAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* Appends text as a KQL string literal in double quotes; quotes, backslashes and control characters are escaped, so that
 * hostile text stays inside. Bytes that are not UTF-8 become U+FFFD. */
void kql_append_string_literal(GString *out, const char *text);

/* Appends a column or table name: bare where KQL allows it, else ['...']. */
void kql_append_name(GString *out, const char *name);

/* Appends ticks as datetime(2026-01-15T12:00:00.0000000Z). */
void kql_append_datetime(GString *out, int64_t ticks);

/* Appends the value of a string literal, adjacent quotes and prefix included ("...", @'...', h"...", ```...```). False if
 * it is none; *fault (may be NULL) is then the byte offset of the fault. */
bool kql_unquote(const char *literal, size_t length, GString *out, size_t *fault);

/* What stands in datetime(...), and what todatetime() reads; false if it is no time. Whole text, blanks around it
 * allowed. */
bool kql_parse_datetime(const char *text, size_t length, int64_t *ticks);
/* What stands in timespan(...) or time(...), a literal like 1.5h, and what totimespan() reads: ticks of 100 ns. */
bool kql_parse_timespan(const char *text, size_t length, int64_t *ticks);

/* "1.02:03:04.0000005" as tostring() writes a timespan. */
void kql_append_timespan(GString *out, int64_t ticks);

#endif
