/* Harnesses: each file defines one target by FUZZ_TARGET(name). Built alone with clang -fsanitize=fuzzer it is libFuzzer's
 * LLVMFuzzerTestOneInput; built with FUZZ_REPLAY all of them are linked into fuzz/replay, which runs the corpus. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#ifdef FUZZ_REPLAY
#define FUZZ_NAME(name) fuzz_##name
#else
#define FUZZ_NAME(name) LLVMFuzzerTestOneInput
#endif

#define FUZZ_TARGET(name) \
	int FUZZ_NAME(name)(const uint8_t *data, size_t size); \
	int FUZZ_NAME(name)(const uint8_t *data, size_t size)

/* A promise of the code under test; the process ends where one is broken. */
#define fuzz_check(holds, ...) \
	do { \
		if (!(holds)) \
			fuzz_broken(__FILE__, __LINE__, __VA_ARGS__); \
	} while (0)

__attribute__((unused, noreturn, format(printf, 3, 4)))
static void fuzz_broken(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

/* Takes one byte off the front; 0 at the end. */
__attribute__((unused))
static uint8_t fuzz_byte(const uint8_t **data, size_t *size)
{
	if (*size == 0)
		return 0;
	--*size;
	return *(*data)++;
}

/* Valid UTF-8, NULs allowed. */
__attribute__((unused))
static bool fuzz_is_utf8(const char *text, size_t length)
{
	const char *end = text + length, *stop;

	while (!g_utf8_validate(text, end - text, &stop)) {
		if (*stop != '\0')
			return false;
		text = stop + 1;
	}
	return true;
}

#endif
