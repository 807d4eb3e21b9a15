#include "config.h"
#include "kql/kernels.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "kql/plan.h"

/* The compiler makes several rows at a time of simple loops, if it is asked to. */
#if defined __GNUC__ && !defined __clang__
#define FAST_LOOPS __attribute__((optimize("O3")))
#else
#define FAST_LOOPS
#endif

static bool codes_of_bytes(const uint8_t *codes, const struct kernel_rows *rows, const int8_t *memo, int8_t *truth)
{
	int8_t any = 0;

	for (size_t n = 0; n < rows->count && rows->rows == NULL; n++)
		any |= truth[n] = memo[codes[rows->first + n]];
	for (size_t n = 0; n < rows->count && rows->rows != NULL; n++)
		any |= truth[n] = memo[codes[rows->rows[n]]];
	/* No truth but this has the bit, if it is not negative. */
	if ((any & KERNEL_UNKNOWN) == 0)
		return true;
	return memchr(truth, KERNEL_UNKNOWN, rows->count) == NULL;
}

bool kernel_codes(const struct column_view *view, const struct kernel_rows *rows, const int8_t *memo, int8_t *truth)
{
	bool known = true;

	if (view->width == 1)
		return codes_of_bytes(view->items, rows, memo, truth);
	for (size_t n = 0; n < rows->count; n++) {
		uint32_t code = column_view_code(view, kernel_row(rows, n));

		truth[n] = memo[code < view->texts->length ? code : view->texts->length];
		known &= truth[n] != KERNEL_UNKNOWN;
	}
	return known;
}

/* One loop for each width and operator, over rows in order or listed. */
#define COMPARE(a, sign, b) \
	do { \
		if (rows->rows == NULL) \
			for (size_t n = 0; n < count; n++) \
				truth[n] = items[rows->first + n] sign with; \
		else \
			for (size_t n = 0; n < count; n++) \
				truth[n] = items[rows->rows[n]] sign with; \
	} while (0)

#define COMPARE_ALL(name, type) \
	FAST_LOOPS static void name(const type *items, const struct kernel_rows *rows, enum kql_op op, type with, \
		int8_t *restrict truth) \
	{ \
		size_t count = rows->count; \
		\
		switch (op) { \
		case KQL_OP_LESS: COMPARE(a, <, b); break; \
		case KQL_OP_LESS_EQUAL: COMPARE(a, <=, b); break; \
		case KQL_OP_GREATER: COMPARE(a, >, b); break; \
		case KQL_OP_GREATER_EQUAL: COMPARE(a, >=, b); break; \
		case KQL_OP_EQUAL: COMPARE(a, ==, b); break; \
		default: COMPARE(a, !=, b); break; \
		} \
	}

COMPARE_ALL(compare_8, int8_t)
COMPARE_ALL(compare_16, int16_t)
COMPARE_ALL(compare_32, int32_t)
COMPARE_ALL(compare_64, int64_t)

/* A constant outside of what the width can hold is above or below each value: the truth that all of them have. */
static bool decided(enum kql_op op, int64_t with, int64_t least, int64_t most, int8_t *all)
{
	if (with >= least && with <= most)
		return false;
	if (op == KQL_OP_EQUAL || op == KQL_OP_NOT_EQUAL)
		*all = op == KQL_OP_NOT_EQUAL;
	else
		*all = (op == KQL_OP_LESS || op == KQL_OP_LESS_EQUAL) == (with > most);
	return true;
}

static void nulls_put(const struct column_view *view, const struct kernel_rows *rows, int8_t value, int8_t *truth)
{
	for (size_t n = 0; n < rows->count; n++) {
		size_t row = kernel_row(rows, n);

		/* Sixty-four rows without one at a time. */
		if (rows->rows == NULL && row % 64 == 0 && rows->count - n >= 64 && view->nulls[row / 64] == 0)
			n += 63;
		else if (column_view_is_null(view, row))
			truth[n] = value;
	}
}

void kernel_compare(const struct column_view *view, const struct kernel_rows *rows, enum kql_op op, int64_t with,
	int8_t *truth)
{
	int64_t most = view->width == 8 ? INT64_MAX : (INT64_C(1) << (view->width * 8 - 1)) - 1;
	int8_t all;

	if (decided(op, with, -most - 1, most, &all))
		memset(truth, all, rows->count);
	else if (view->width == 1)
		compare_8(view->items, rows, op, (int8_t)with, truth);
	else if (view->width == 2)
		compare_16(view->items, rows, op, (int16_t)with, truth);
	else if (view->width == 4)
		compare_32(view->items, rows, op, (int32_t)with, truth);
	else
		compare_64(view->items, rows, op, with, truth);
	if (view->nulls != NULL)
		nulls_put(view, rows, op == KQL_OP_EQUAL ? KQL_FALSE : op == KQL_OP_NOT_EQUAL ? KQL_TRUE : KQL_TRUTH_NULL, truth);
}

/* A truth that decides stays, and so does a failure; a part that is of no consequence (the other truth) leaves what is there. */
#define MERGE(name, decides, other) \
	FAST_LOOPS void name(int8_t *truth, const int8_t *part, size_t count) \
	{ \
		for (size_t n = 0; n < count; n++) { \
			int8_t stays = (int8_t)-(truth[n] == (decides) || truth[n] == KQL_TRUTH_FAILED || part[n] == (other)); \
			\
			truth[n] = (int8_t)((truth[n] & stays) | (part[n] & ~stays)); \
		} \
	}

MERGE(kernel_and, KQL_FALSE, KQL_TRUE)
MERGE(kernel_or, KQL_TRUE, KQL_FALSE)

uint64_t kernel_word(const int8_t *truth, int8_t value)
{
	uint64_t word = 0;

#ifdef __SSE2__
	__m128i wanted = _mm_set1_epi8(value);

	for (int n = 0; n < 4; n++) {
		__m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(truth + n * 16)), wanted);

		word |= (uint64_t)(uint32_t)_mm_movemask_epi8(same) << n * 16;
	}
#else
	for (int n = 0; n < 64; n++)
		word |= (uint64_t)(truth[n] == value) << n;
#endif
	return word;
}

size_t kernel_places(const int8_t *truth, size_t count, int8_t value, uint32_t *places)
{
	size_t found = 0, n = 0;

	for (; n + 64 <= count; n += 64) {
		uint64_t word = kernel_word(truth + n, value);

		for (; word != 0; word &= word - 1)
			places[found++] = (uint32_t)(n + (size_t)__builtin_ctzll(word));
	}
	for (; n < count; n++) {
		places[found] = (uint32_t)n;
		found += truth[n] == value;
	}
	return found;
}
