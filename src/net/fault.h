/* The error bodies of the services (API contract, section 9): MDE and XDR, Graph, OData's own, and what gateways send
 * instead (HTML, plain text, nothing). Pure. */
#ifndef NET_FAULT_H
#define NET_FAULT_H

#include <stddef.h>
#include <stdint.h>

#include "core/error.h"

/* Sets the error from an answer of any status but 2xx: the service's message (made safe), code and correlation id; kind
 * ERROR_SIGN_IN for 401 and 403. For 403 the text names the missing roles if the service does. If the body has no code,
 * the code is the status as a number. */
void fault_read(int status, const char *body, size_t length, struct error *error);

/* The wait that a message names: "in 8 seconds", "again in 00:05:00", "in 5 minutes"; -1 if it names none. */
int64_t fault_wait_ms(const char *message);

#endif
