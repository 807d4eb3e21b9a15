/* Strings of JSON as they stand in a text: found, decoded, made valid, written again. */
#ifndef TABLE_ROW_TEXT_H
#define TABLE_ROW_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

/* Goes from `at`, within a string behind its opening quote, to the closing quote; NULL if that is not before end. *at is then
 * where to go on when more is there, or at a control character, which *fault tells. *plain becomes false if the string holds
 * more than plain ASCII. */
const char *row_text_end(const char **at, const char *end, bool *plain, bool *fault);

/* Decodes what stands between the quotes into out, emptied first. NULL, or where it is not valid. Valid here is the form alone:
 * overlong UTF-8, surrogates and what lies beyond U+10FFFF become U+FFFD, one for each byte; a NUL stays. */
const char *row_text_decode(const char *at, const char *end, GString *out);

/* Appends a text as a JSON string. */
void row_text_append(GString *out, const char *text, size_t length);

#endif
