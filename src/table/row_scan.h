/* Values of JSON as they stand in a text, looked at where they are. */
#ifndef TABLE_ROW_SCAN_H
#define TABLE_ROW_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the number ends, if that is before end; else end. NULL if it is none, at *wrong. */
const char *row_number_end(const char *at, const char *end, bool *whole, const char **wrong);

/* Where the word ends, if it stands there whole; else NULL. */
const char *row_word_end(const char *at, const char *end, const char *word);

#define ROW_SMALL 18 /* characters of a whole number that certainly fits */
int64_t row_small_integer(const char *text, size_t length);

/* Where an array or object ends that stands compact in the text already: without blanks, all texts plain ASCII without escapes,
 * no deeper than depth. NULL if it is not so, or not all there. */
const char *row_compact_end(const char *at, const char *end, unsigned depth);

#endif
