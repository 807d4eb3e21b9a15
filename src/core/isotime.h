/* Times as KQL and the services know them: 64-bit ticks of 100 ns since 0001-01-01T00:00:00Z, proleptic Gregorian,
 * always UTC. The services print 0 to 7 fraction digits (API contract, section 3.1). */
#ifndef CORE_ISOTIME_H
#define CORE_ISOTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ISOTIME_TICKS_PER_MS 10000LL
#define ISOTIME_TICKS_PER_SECOND 10000000LL
#define ISOTIME_TICKS_PER_DAY (86400LL * ISOTIME_TICKS_PER_SECOND)
#define ISOTIME_UNIX_EPOCH 621355968000000000LL  /* 1970-01-01 in ticks */
#define ISOTIME_MAX 3155378975999999999LL        /* 9999-12-31T23:59:59.9999999 */
#define ISOTIME_SIZE 32                          /* room for any text below */

struct isotime_parts {
	int year, month, day, hour, minute, second; /* month and day from 1 */
	int ticks;                                  /* within the second */
};

/* Reads the whole of text: date, optional time (T or a blank between), optional fraction (1-9 digits, cut after 7),
 * optional Z or offset (none means UTC). False if it is anything else or out of range; *ticks is then untouched. */
bool isotime_parse(const char *text, size_t length, int64_t *ticks);

/* "2026-11-25T07:19:03.1234567Z", always 7 digits. */
void isotime_format(int64_t ticks, char text[ISOTIME_SIZE]);

/* "2026-11-25T07:19:03.123Z", as the session log writes it. */
void isotime_format_ms(int64_t ticks, char text[ISOTIME_SIZE]);

void isotime_split(int64_t ticks, struct isotime_parts *parts);
/* False if a part is out of range. */
bool isotime_join(const struct isotime_parts *parts, int64_t *ticks);

/* The wall clock. */
int64_t isotime_now(void);

/* Milliseconds of a clock that never jumps and counts sleep (CLOCK_BOOTTIME); for intervals and timers. */
int64_t clock_ms(void);

/* Reads a duration such as 30, 30s, 15m, 2h, 1d, 500ms as milliseconds; a bare number counts in seconds. */
bool duration_parse(const char *text, int64_t *ms);

/* "45 s", "12 min", "3 h 5 min", "2 d 4 h": for people. The caller frees with g_free. */
char *duration_text(int64_t ms);

#endif
