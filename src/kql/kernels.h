/* Loops over many rows of one column: the fast ways of judging. Each gives what the row-by-row kernel gives; the tests compare
 * them. Truths are bytes (enum kql_truth), so that a loop is done many rows at a time. */
#ifndef KQL_KERNELS_H
#define KQL_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kql/ast.h"
#include "table/column.h"

/* What no row's code has been judged to be. */
#define KERNEL_UNKNOWN 2

/* Rows of a batch: where each lies in the column, rising. NULL: first and those after it. */
struct kernel_rows {
	const uint32_t *rows;
	size_t first, count;
};

static inline size_t kernel_row(const struct kernel_rows *rows, size_t n)
{
	return rows->rows != NULL ? rows->rows[n] : rows->first + n;
}

/* The truth of each row's code in memo, where null stands at memo[texts] (of columns of one byte: at memo[255]). False if one is
 * unknown. */
bool kernel_codes(const struct column_view *view, const struct kernel_rows *rows, const int8_t *memo, int8_t *truth);

/* Whole numbers against a constant: < <= > >= == != ; a null is equal to nothing and in no order. */
void kernel_compare(const struct column_view *view, const struct kernel_rows *rows, enum kql_op op, int64_t with,
	int8_t *truth);

/* and, or: what is not decided yet takes over what the next part says. */
void kernel_and(int8_t *truth, const int8_t *part, size_t count);
void kernel_or(int8_t *truth, const int8_t *part, size_t count);

/* The places of the truths that are value, rising; how many. places has room for count + 1. */
size_t kernel_places(const int8_t *truth, size_t count, int8_t value, uint32_t *places);

/* Bits of 64 truths that are value. */
uint64_t kernel_word(const int8_t *truth, int8_t value);

#endif
