/* What the files of the benchmark share. Results go to standard output, one `name value` a line, for run.py to put together. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <glib.h>

#include "core/error.h"
#include "fleet/inventory.h"

#define BENCH_PAGE 10000 /* records of a page, as the API's largest */

/* A body of the machine list with the records from first on. */
GString *bench_page(unsigned first, unsigned count);

/* Seconds of a clock that only goes on. */
double bench_seconds(void);
/* Prints a result; a time in milliseconds, to the microsecond. */
void bench_print(const char *name, double value);
void bench_fail(const struct error *error) __attribute__((noreturn));

/* Reads the pages of a directory, machines-00000.json and on, as they would come from the service. */
struct inventory *bench_read(const char *dir);

void bench_columns(const struct inventory *inventory);
void bench_names(const struct inventory *inventory);
void bench_journal(void);

#endif
