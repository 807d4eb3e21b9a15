#include "config.h"
#include "core/isotime.h"

#include <glib.h>

#include "tests/tap.h"

static void check(const char *text, const char *wanted)
{
	int64_t ticks = -1;
	char out[ISOTIME_SIZE] = "refused";

	if (isotime_parse(text, strlen(text), &ticks))
		isotime_format(ticks, out);
	tap_str(out, wanted, text);
}

int main(void)
{
	int64_t ms;
	char *text;

	check("2026-11-25T07:10:40.8785235Z", "2026-11-25T07:10:40.8785235Z");
	check("2026-11-25T07:01:02Z", "2026-11-25T07:01:02.0000000Z");
	check("2026-11-24T22:40:10.5523Z", "2026-11-24T22:40:10.5523000Z");
	check("2026-11-24T22:40:10.123456789Z", "2026-11-24T22:40:10.1234567Z");
	check("2024-02-29", "2024-02-29T00:00:00.0000000Z");
	check("2026-01-14 10:30", "2026-01-14T10:30:00.0000000Z");
	check("2026-01-14T10:30:00+02:00", "2026-01-14T08:30:00.0000000Z");
	check("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000Z");
	check("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z");
	check("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.0000000Z");
	check("2023-02-29", "refused");
	check("2100-02-29", "refused");
	check("2026-13-01", "refused");
	check("2026-11-25T24:00:00Z", "refused");
	check("2026-11-25T07:10:40.Z", "refused");
	check("2026-11-25T07:10:40Zx", "refused");
	check("0001-01-01T00:00:00+01:00", "refused");
	check("", "refused");
	tap_int(ISOTIME_UNIX_EPOCH / ISOTIME_TICKS_PER_DAY, 719162, "the Unix epoch in days");
	tap_ok(duration_parse("15m", &ms) && ms == 900000, "15m");
	tap_ok(duration_parse("30", &ms) && ms == 30000, "a bare number is seconds");
	text = duration_text(INT64_MAX);
	tap_str(text, "106751991167 d 7 h", "the longest duration");
	g_free(text);
	tap_ok(!duration_parse("m", &ms) && !duration_parse("1w", &ms) && !duration_parse("-1s", &ms), "refused durations");
	return tap_done();
}
