/* Rate limits in true sliding windows (API contract, sections 9.2 and 12): a call counts from its arrival until the
 * window has gone by, a refused one not at all. One window a call, tenant and application. */
#ifndef SIM_LIMITS_H
#define SIM_LIMITS_H

#include <stdbool.h>

#include "sim/request.h"

/* Counts the call; false after answering 429. */
bool limits_take(struct request *request);

/* The 429 of the services, whatever its cause. seconds: until the next try; per_minute or per_hour as limit. */
void limits_refuse(struct request *request, unsigned limit, bool hour, unsigned seconds);

#endif
