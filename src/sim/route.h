/* Every call that the simulated services know: path, roles, limits (API contract, sections 3 to 6, 11, 12). */
#ifndef SIM_ROUTE_H
#define SIM_ROUTE_H

#include "sim/request.h"

#define ROUTE_ROLES 4

struct route {
	const char *method;
	/* After "/api" and the optional version, or after "/v1.0" for Graph. {} is one segment; a segment that ends in (*
	 * is an OData function with its arguments. Compared without regard to case. */
	const char *pattern;
	enum service service;
	const char *roles[ROUTE_ROLES]; /* one of them is needed */
	unsigned per_minute, per_hour;  /* 0: no such limit */
	bool takes_json;
	void (*run)(struct request *request);
	const void *data; /* for run */
};

/* Fills segments' service, route, id. False after answering 404. */
bool route_find(struct request *request);

/* Each role of a service, NULL-terminated. */
const char *const *route_roles(enum service service);

#endif
