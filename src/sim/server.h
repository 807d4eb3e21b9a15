/* HTTP for the simulated tenant: one thread, one loop, requests in the order in which they arrive. */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include <stdbool.h>

#include "core/error.h"
#include "sim/sim.h"

struct server;

/* Listens on 127.0.0.1 only. */
struct server *server_start(struct sim *sim, struct error *error);
unsigned server_port(const struct server *server);
/* Serves until SIGINT, SIGTERM, SIGHUP, or with --until-eof the end of standard input. */
bool server_run(struct server *server, struct error *error);
void server_free(struct server *server);

#endif
