/* Reads an answer of advanced hunting as it arrives; the room's own, and the fuzzer's. */
#ifndef DEFENDER_HUNTING_ANSWER_H
#define DEFENDER_HUNTING_ANSWER_H

#include "table/row_reader.h"

#define HUNTING_COLUMNS_MOST 1000 /* of an answer; the widest table of the schema has about 100 */

struct hunting_answer;

/* Rows go to the handler, columns (name, KQL type name) to schema (may be NULL); both with data. */
struct hunting_answer *hunting_answer_new(const struct row_handler *rows,
	void (*schema)(void *data, const char *name, const char *kql_type), void *data);
void hunting_answer_free(struct hunting_answer *answer);

bool hunting_answer_feed(struct hunting_answer *answer, const char *bytes, size_t length, struct error *error);
/* After the last byte; false if the answer ended early or has no schema. */
bool hunting_answer_finish(struct hunting_answer *answer, struct error *error);

#endif
