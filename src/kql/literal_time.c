/* Times and durations as text. Forms of datetime: dataexplorer-docs, scalar-data-types/datetime.md. */
#include "config.h"
#include "kql/literal.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/isotime.h"

struct scanner {
	const char *at, *end;
};

static void trim(const char **text, size_t *length)
{
	while (*length > 0 && g_ascii_isspace((*text)[0]))
		(*text)++, (*length)--;
	while (*length > 0 && g_ascii_isspace((*text)[*length - 1]))
		(*length)--;
}

static bool scan_char(struct scanner *scan, const char *set)
{
	if (scan->at == scan->end || *scan->at == '\0' || strchr(set, *scan->at) == NULL)
		return false;
	scan->at++;
	return true;
}

static void scan_blanks(struct scanner *scan)
{
	while (scan_char(scan, " \t"))
		;
}

/* Between least and most digits. */
static bool scan_number(struct scanner *scan, size_t least, size_t most, int *value, size_t *digits)
{
	size_t n = 0;

	*value = 0;
	for (; n < most && scan->at < scan->end && g_ascii_isdigit(*scan->at); n++)
		*value = *value * 10 + (*scan->at++ - '0');
	if (digits != NULL)
		*digits = n;
	return n >= least;
}

static bool scan_word(struct scanner *scan, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(scan->end - scan->at) < length || g_ascii_strncasecmp(scan->at, word, length) != 0)
		return false;
	if (scan->at + length < scan->end && g_ascii_isalpha(scan->at[length]))
		return false;
	scan->at += length;
	return true;
}

static bool scan_fraction(struct scanner *scan, int *ticks)
{
	int value = 0, n = 0;

	if (!scan_char(scan, "."))
		return true;
	for (; scan->at < scan->end && g_ascii_isdigit(*scan->at); scan->at++, n++)
		if (n < 7)
			value = value * 10 + (*scan->at - '0');
	if (n == 0)
		return false;
	for (; n < 7; n++)
		value *= 10;
	*ticks = value;
	return true;
}

/* hh:mm[:ss[.fff]] [AM|PM] */
static bool scan_clock(struct scanner *scan, struct isotime_parts *parts)
{
	if (!scan_number(scan, 1, 2, &parts->hour, NULL) || !scan_char(scan, ":") ||
		!scan_number(scan, 2, 2, &parts->minute, NULL))
		return false;
	if (scan_char(scan, ":") && (!scan_number(scan, 1, 2, &parts->second, NULL) ||
		!scan_fraction(scan, &parts->ticks)))
		return false;
	scan_blanks(scan);
	if (scan->end - scan->at >= 2 && (scan->at[1] == 'M' || scan->at[1] == 'm') && strchr("aApP", *scan->at) != NULL) {
		if (parts->hour < 1 || parts->hour > 12)
			return false;
		parts->hour = parts->hour % 12 + (g_ascii_tolower(*scan->at) == 'p' ? 12 : 0);
		scan->at += 2;
		scan_blanks(scan);
	}
	return true;
}

/* Z, GMT, UTC, +02:00, -0800; nothing is UTC. */
static bool scan_zone(struct scanner *scan, int64_t *minutes)
{
	int hours, rest = 0;
	bool minus;

	*minutes = 0;
	if (scan->at == scan->end || scan_char(scan, "zZ") || scan_word(scan, "GMT") || scan_word(scan, "UTC"))
		return true;
	minus = *scan->at == '-';
	if (!scan_char(scan, "+-") || !scan_number(scan, 1, 2, &hours, NULL))
		return false;
	if (scan_char(scan, ":") || scan->at < scan->end)
		if (!scan_number(scan, 2, 2, &rest, NULL))
			return false;
	if (hours > 14 || rest > 59)
		return false;
	*minutes = (hours * 60 + rest) * (minus ? -1 : 1);
	return true;
}

static bool scan_month(struct scanner *scan, int *month)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (int n = 0; n < 12; n++)
		if (scan->end - scan->at >= 3 && g_ascii_strncasecmp(scan->at, names + 3 * n, 3) == 0) {
			while (scan->at < scan->end && g_ascii_isalpha(*scan->at))
				scan->at++;
			*month = n + 1;
			return true;
		}
	return false;
}

static bool scan_year(struct scanner *scan, int *year)
{
	size_t digits;

	if (!scan_number(scan, 2, 4, year, &digits) || digits == 3)
		return false;
	if (digits == 2)
		*year += *year < 50 ? 2000 : 1900;
	return true;
}

/* 2026-01-14, 1-14-2026, 1/14/2026, 14 Jan 26, Wednesday, 14-Jan-26 */
static bool scan_date(struct scanner *scan, struct isotime_parts *parts)
{
	size_t digits;
	int first;

	if (scan->at < scan->end && g_ascii_isalpha(*scan->at)) {
		while (scan->at < scan->end && g_ascii_isalpha(*scan->at))
			scan->at++;
		if (!scan_char(scan, ","))
			return false;
		scan_blanks(scan);
	}
	if (!scan_number(scan, 1, 4, &first, &digits) || !scan_char(scan, "-/ "))
		return false;
	if (digits == 4) {
		parts->year = first;
		return scan_number(scan, 1, 2, &parts->month, NULL) && scan_char(scan, "-/") &&
			scan_number(scan, 1, 2, &parts->day, NULL);
	}
	if (scan_month(scan, &parts->month)) {
		parts->day = first;
		return scan_char(scan, "- ") && scan_year(scan, &parts->year);
	}
	parts->month = first;
	return digits <= 2 && scan_number(scan, 1, 2, &parts->day, NULL) && scan_char(scan, "-/") &&
		scan_number(scan, 4, 4, &parts->year, NULL);
}

bool kql_parse_datetime(const char *text, size_t length, int64_t *ticks)
{
	struct isotime_parts parts = { .year = 1, .month = 1, .day = 1 };
	struct scanner scan;
	int64_t value, minutes = 0;

	trim(&text, &length);
	if (isotime_parse(text, length, ticks))
		return true;
	scan = (struct scanner){ text, text + length };
	if (!scan_date(&scan, &parts))
		return false;
	if (scan.at < scan.end) {
		if (!scan_char(&scan, "tT ") && !g_ascii_isdigit(*scan.at))
			return false;
		scan_blanks(&scan);
		if (!scan_clock(&scan, &parts) || !scan_zone(&scan, &minutes) || scan.at != scan.end)
			return false;
	}
	if (!isotime_join(&parts, &value))
		return false;
	value -= minutes * 60 * ISOTIME_TICKS_PER_SECOND;
	if (value < 0 || value > ISOTIME_MAX)
		return false;
	*ticks = value;
	return true;
}

static const struct {
	const char *word; /* or a longer one that begins with it */
	double ticks;
} units[] = {
	{ "ms", 1e4 }, { "milli", 1e4 }, { "micro", 10 }, { "nano", 0.01 }, { "tick", 1 },
	{ "d", 864e9 }, { "h", 36e9 }, { "m", 6e8 }, { "s", 1e7 },
};

/* Unit words are checked by length, too: "m" is minutes, "min" as well, "month" none. */
static bool unit_ticks(const char *word, size_t length, double *ticks)
{
	static const char *const words[] = {
		"d", "day", "days", "h", "hr", "hrs", "hour", "hours", "m", "min", "minute", "minutes", "s", "sec", "second",
		"seconds", "ms", "milli", "millis", "millisec", "millisecond", "milliseconds", "micro", "micros", "microsec",
		"microsecond", "microseconds", "nano", "nanos", "nanosec", "nanosecond", "nanoseconds", "tick", "ticks",
	};
	bool known = false;

	for (size_t n = 0; n < G_N_ELEMENTS(words); n++)
		known |= strlen(words[n]) == length && memcmp(words[n], word, length) == 0;
	for (size_t n = 0; known && n < G_N_ELEMENTS(units); n++)
		if (length >= strlen(units[n].word) && memcmp(word, units[n].word, strlen(units[n].word)) == 0) {
			*ticks = units[n].ticks;
			return true;
		}
	return false;
}

/* d.hh:mm:ss.fffffff; days, seconds and fraction may be absent */
static bool parse_clock_span(const char *text, size_t length, int64_t *ticks)
{
	struct scanner scan = { text, text + length };
	int days = 0, hours, minutes, seconds = 0, fraction = 0;

	const char *dot = memchr(text, '.', length), *colon = memchr(text, ':', length);

	if (dot != NULL && dot < colon &&
		(!scan_number(&scan, 1, 8, &days, NULL) || !scan_char(&scan, ".")))
		return false;
	if (!scan_number(&scan, 1, 2, &hours, NULL) || !scan_char(&scan, ":") || !scan_number(&scan, 1, 2, &minutes, NULL))
		return false;
	if (scan_char(&scan, ":") && (!scan_number(&scan, 1, 2, &seconds, NULL) || !scan_fraction(&scan, &fraction)))
		return false;
	if (scan.at != scan.end || hours > 23 || minutes > 59 || seconds > 59 || days > 10675199)
		return false;
	*ticks = (((int64_t)days * 24 + hours) * 60 + minutes) * 60 + seconds;
	if (*ticks > INT64_MAX / ISOTIME_TICKS_PER_SECOND - 1)
		return false;
	*ticks = *ticks * ISOTIME_TICKS_PER_SECOND + fraction;
	return true;
}

bool kql_parse_timespan(const char *text, size_t length, int64_t *ticks)
{
	char number[64];
	size_t digits = 0, word;
	double unit = 864e9, value;
	bool minus;

	trim(&text, &length);
	minus = length > 0 && text[0] == '-';
	if (minus)
		text++, length--;
	if (memchr(text, ':', length) != NULL) {
		if (!parse_clock_span(text, length, ticks))
			return false;
		*ticks = minus ? -*ticks : *ticks;
		return true;
	}
	while (digits < length && (g_ascii_isdigit(text[digits]) || text[digits] == '.'))
		digits++;
	if (digits == 0 || digits >= sizeof number || !g_ascii_isdigit(text[0]))
		return false;
	memcpy(number, text, digits);
	number[digits] = '\0';
	for (word = digits; word < length && text[word] == ' ';)
		word++;
	if (word < length && !unit_ticks(text + word, length - word, &unit))
		return false;
	char *end;
	value = g_ascii_strtod(number, &end) * unit;
	if (*end != '\0' || !(value < 9.2e18))
		return false;
	*ticks = llround(minus ? -value : value);
	return true;
}

void kql_append_timespan(GString *out, int64_t ticks)
{
	uint64_t all = ticks < 0 ? -(uint64_t)ticks : (uint64_t)ticks;
	uint64_t seconds = all / ISOTIME_TICKS_PER_SECOND, days = seconds / 86400;

	if (ticks < 0)
		g_string_append_c(out, '-');
	if (days != 0)
		g_string_append_printf(out, "%" PRIu64 ".", days);
	g_string_append_printf(out, "%02u:%02u:%02u", (unsigned)(seconds / 3600 % 24), (unsigned)(seconds / 60 % 60),
		(unsigned)(seconds % 60));
	if (all % ISOTIME_TICKS_PER_SECOND != 0)
		g_string_append_printf(out, ".%07u", (unsigned)(all % ISOTIME_TICKS_PER_SECOND));
}
