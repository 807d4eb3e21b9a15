/* The simulated tenant of --demo: cordon-sim as a child on loopback, ended with the session. */
#ifndef APP_DEMO_H
#define APP_DEMO_H

#include "app/profile.h"
#include "app/session.h"

struct demo;

/* Starts cordon-sim (from the program's own directory, ../libexec, or PATH) and waits until it serves. */
struct demo *demo_start(struct session *session, struct error *error);
/* The cache directory of this process below that of all; new. */
char *demo_cache_dir(const char *cache);
/* How to sign in to it; the caller frees. */
struct profile *demo_profile(const struct demo *demo);
/* Ends the simulator; NULL is fine. */
void demo_stop(struct demo *demo);

#endif
