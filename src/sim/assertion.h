/* The client assertion of a certificate sign-in (API contract, section 1.3). Its claims and header are checked; its
 * signature is not, for the simulated tenant knows no certificate. */
#ifndef SIM_ASSERTION_H
#define SIM_ASSERTION_H

#include <jansson.h>

#include "sim/sim.h"

/* NULL if the assertion is fine, else what is wrong with it. */
const char *assertion_fault(const struct sim *sim, const json_t *form, const struct sim_identity *who);

#endif
