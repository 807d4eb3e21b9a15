/* The request log: one JSON line a request, written as it is answered, and lines with "event" for what the tenant does
 * by itself. Tokens and secrets are not in it. */
#ifndef SIM_LOG_H
#define SIM_LOG_H

#include <stdbool.h>

#include "core/error.h"
#include "sim/machine.h"
#include "sim/request.h"

struct log;

/* path NULL: nothing is logged. */
struct log *log_new(const char *path, struct error *error);
void log_free(struct log *log);

void log_request(struct request *request);
void log_event_machine(const struct sim *sim, const char *event, const struct machine *machine);

#endif
