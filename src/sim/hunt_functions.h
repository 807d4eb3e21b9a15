/* What the hunting service adds to the language: FileProfile, SeenBy, DeviceFromIP, AssignedIPAddresses. */
#ifndef SIM_HUNT_FUNCTIONS_H
#define SIM_HUNT_FUNCTIONS_H

#include "sim/hunt.h"

/* `let` statements of the language, one a function. */
extern const char *const hunt_functions;
/* The tables they read, as in hunt_schema. */
extern const char *const hunt_hidden_schema[];

void hunt_make_hidden(struct hunt_maker *maker);

#endif
