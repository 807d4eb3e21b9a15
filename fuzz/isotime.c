/* Times and durations: what is read is written so that it is read as the same again. */
#include "config.h"
#include "fuzz/fuzz.h"

#include "core/auto.h"
#include "core/isotime.h"

static void check_ticks(int64_t ticks)
{
	char text[ISOTIME_SIZE];
	struct isotime_parts parts;
	int64_t again;

	isotime_format(ticks, text);
	fuzz_check(isotime_parse(text, strlen(text), &again), "'%s' is not read", text);
	fuzz_check(again == CLAMP(ticks, 0, ISOTIME_MAX), "'%s' is another time", text);
	isotime_split(again, &parts);
	fuzz_check(isotime_join(&parts, &again) && again == CLAMP(ticks, 0, ISOTIME_MAX), "the parts are another time");
	isotime_format_ms(ticks, text);
	fuzz_check(isotime_parse(text, strlen(text), &again) && again <= CLAMP(ticks, 0, ISOTIME_MAX) &&
		CLAMP(ticks, 0, ISOTIME_MAX) - again < ISOTIME_TICKS_PER_MS, "'%s' is another time", text);
}

FUZZ_TARGET(isotime)
{
	AUTO(g_free) char *text = g_strndup((const char *)data, size);
	int64_t ticks = 42;

	if (isotime_parse((const char *)data, size, &ticks)) {
		fuzz_check(ticks >= 0 && ticks <= ISOTIME_MAX, "a time out of range");
		check_ticks(ticks);
	} else {
		fuzz_check(ticks == 42, "ticks touched");
	}
	if (size >= sizeof ticks) {
		memcpy(&ticks, data, sizeof ticks);
		check_ticks(ticks);
		g_free(duration_text(ticks));
	}
	if (duration_parse(text, &ticks)) {
		fuzz_check(ticks >= 0, "a negative duration");
		g_free(duration_text(ticks));
	}
	return 0;
}
