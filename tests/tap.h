/* The Test Anything Protocol in a few lines: each check prints one line; tap_done() prints the plan and gives the exit
 * status. */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failures;

__attribute__((unused, format(printf, 2, 3)))
static bool tap_ok(bool pass, const char *format, ...)
{
	va_list args;

	printf("%sok %d - ", pass ? "" : "not ", ++tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	if (!pass)
		tap_failures++;
	fflush(stdout);
	return pass;
}

__attribute__((unused))
static bool tap_str(const char *got, const char *wanted, const char *name)
{
	bool same = got != NULL && wanted != NULL ? strcmp(got, wanted) == 0 : got == wanted;

	tap_ok(same, "%s", name);
	if (!same)
		printf("# got    '%s'\n# wanted '%s'\n", got != NULL ? got : "(null)", wanted != NULL ? wanted : "(null)");
	return same;
}

__attribute__((unused))
static bool tap_int(long long got, long long wanted, const char *name)
{
	tap_ok(got == wanted, "%s", name);
	if (got != wanted)
		printf("# got %lld, wanted %lld\n", got, wanted);
	return got == wanted;
}

__attribute__((unused))
static int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failures == 0 ? 0 : 1;
}

#endif
