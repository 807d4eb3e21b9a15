#include "config.h"
#include "core/isotime.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <glib.h>

/* Days from 0001-01-01 to the first of March arithmetic; Howard Hinnant's civil-day formulas shifted to year 1. */
static int64_t days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 306;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

bool isotime_join(const struct isotime_parts *p, int64_t *ticks)
{
	if (p->year < 1 || p->year > 9999 || p->month < 1 || p->month > 12 || p->day < 1 ||
	    p->day > days_in_month(p->year, p->month) || p->hour < 0 || p->hour > 23 || p->minute < 0 ||
	    p->minute > 59 || p->second < 0 || p->second > 59 || p->ticks < 0 ||
	    p->ticks >= ISOTIME_TICKS_PER_SECOND)
		return false;
	*ticks = days_from_civil(p->year, p->month, p->day) * ISOTIME_TICKS_PER_DAY +
		(p->hour * 3600LL + p->minute * 60LL + p->second) * ISOTIME_TICKS_PER_SECOND + p->ticks;
	return true;
}

void isotime_split(int64_t ticks, struct isotime_parts *p)
{
	int64_t days, rest, z, era, doe, yoe, doy, mp;

	if (ticks < 0)
		ticks = 0;
	if (ticks > ISOTIME_MAX)
		ticks = ISOTIME_MAX;
	days = ticks / ISOTIME_TICKS_PER_DAY;
	rest = ticks % ISOTIME_TICKS_PER_DAY;
	z = days + 306;
	era = z / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	p->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	p->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	p->year = (int)(yoe + era * 400 + (p->month <= 2 ? 1 : 0));
	p->ticks = (int)(rest % ISOTIME_TICKS_PER_SECOND);
	rest /= ISOTIME_TICKS_PER_SECOND;
	p->second = (int)(rest % 60);
	p->minute = (int)(rest / 60 % 60);
	p->hour = (int)(rest / 3600);
}

struct cursor {
	const char *at, *end;
};

static bool take_digits(struct cursor *c, int min, int max, int *value)
{
	int count = 0, sum = 0;

	while (count < max && c->at < c->end && isdigit((unsigned char)*c->at)) {
		sum = sum * 10 + (*c->at++ - '0');
		count++;
	}
	*value = sum;
	return count >= min;
}

static bool take_char(struct cursor *c, char wanted)
{
	if (c->at >= c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

static bool take_fraction(struct cursor *c, int *ticks)
{
	int digits = 0, sum = 0;

	if (!take_char(c, '.'))
		return true;
	for (; c->at < c->end && isdigit((unsigned char)*c->at); c->at++)
		if (digits++ < 7)
			sum = sum * 10 + (*c->at - '0');
	if (digits == 0 || digits > 9)
		return false;
	for (; digits < 7; digits++)
		sum *= 10;
	*ticks = sum;
	return true;
}

static bool take_offset(struct cursor *c, int *minutes)
{
	int sign, h, m = 0;

	*minutes = 0;
	if (c->at == c->end || take_char(c, 'Z') || take_char(c, 'z'))
		return true;
	if (take_char(c, '+'))
		sign = 1;
	else if (take_char(c, '-'))
		sign = -1;
	else
		return false;
	if (!take_digits(c, 2, 2, &h))
		return false;
	if (c->at < c->end) {
		take_char(c, ':');
		if (!take_digits(c, 2, 2, &m))
			return false;
	}
	*minutes = sign * (h * 60 + m);
	return h <= 14 && m <= 59;
}

bool isotime_parse(const char *text, size_t length, int64_t *ticks)
{
	struct cursor c = { text, text + length };
	struct isotime_parts p = { .year = 0 };
	int offset = 0;
	int64_t result;

	if (!take_digits(&c, 4, 4, &p.year) || !take_char(&c, '-') || !take_digits(&c, 2, 2, &p.month) ||
	    !take_char(&c, '-') || !take_digits(&c, 2, 2, &p.day))
		return false;
	if (c.at < c.end && (take_char(&c, 'T') || take_char(&c, 't') || take_char(&c, ' '))) {
		if (!take_digits(&c, 2, 2, &p.hour) || !take_char(&c, ':') || !take_digits(&c, 2, 2, &p.minute))
			return false;
		if (take_char(&c, ':') && (!take_digits(&c, 2, 2, &p.second) || !take_fraction(&c, &p.ticks)))
			return false;
	}
	if (!take_offset(&c, &offset) || c.at != c.end || !isotime_join(&p, &result))
		return false;
	result -= offset * 60LL * ISOTIME_TICKS_PER_SECOND;
	if (result < 0 || result > ISOTIME_MAX)
		return false;
	*ticks = result;
	return true;
}

void isotime_format(int64_t ticks, char text[ISOTIME_SIZE])
{
	struct isotime_parts p;

	isotime_split(ticks, &p);
	snprintf(text, ISOTIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%07uZ", (unsigned)p.year % 10000,
		(unsigned)p.month % 100, (unsigned)p.day % 100, (unsigned)p.hour % 100, (unsigned)p.minute % 100,
		(unsigned)p.second % 100, (unsigned)p.ticks % 10000000);
}

void isotime_format_ms(int64_t ticks, char text[ISOTIME_SIZE])
{
	isotime_format(ticks, text);
	memcpy(text + 23, "Z", 2);
}

int64_t isotime_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return ISOTIME_UNIX_EPOCH + now.tv_sec * ISOTIME_TICKS_PER_SECOND + now.tv_nsec / 100;
}

int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

bool duration_parse(const char *text, int64_t *ms)
{
	static const struct { const char *name; int64_t ms; } units[] = {
		{ "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "min", 60000 },
		{ "h", 3600000 }, { "d", 86400000 },
	};
	size_t digits = strspn(text, "0123456789");
	int64_t number;

	if (digits == 0 || digits > 9)
		return false;
	number = g_ascii_strtoll(text, NULL, 10);
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (strcmp(text + digits, units[i].name) == 0) {
			*ms = number * units[i].ms;
			return true;
		}
	return false;
}

char *duration_text(int64_t ms)
{
	int64_t s = ms <= 0 ? 0 : ms / 1000 + (ms % 1000 != 0);

	if (s < 120)
		return g_strdup_printf("%" PRId64 " s", s);
	if (s < 7200)
		return g_strdup_printf("%" PRId64 " min", (s + 30) / 60);
	if (s < 2 * 86400)
		return g_strdup_printf("%" PRId64 " h %" PRId64 " min", s / 3600, s % 3600 / 60);
	return g_strdup_printf("%" PRId64 " d %" PRId64 " h", s / 86400, s % 86400 / 3600);
}
