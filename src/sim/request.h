/* One request on its way through: read, fault drawn, signed in, limited, performed, answered. */
#ifndef SIM_REQUEST_H
#define SIM_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>
#include <jansson.h>

#include "sim/sim.h"
#include "sim/tenant.h"
#include "sim/token.h"

#define REQUEST_BODY_LIMIT (8 * 1024 * 1024) /* bytes */

enum service { SERVICE_LOGIN, SERVICE_MDE, SERVICE_XDR, SERVICE_GRAPH };

struct route;
struct fault;

/* What faults ask of a request; see faults.h for the kinds. */
struct request_fault {
	const struct fault *fault; /* NULL: none */
	bool drop;                 /* close the connection instead of answering */
	bool truncate;             /* announce the whole length, send half, close */
	bool short_page, repeat_page, answer_lacks, tag_ignored, same_action;
	const char *next_url;      /* nextLink goes there */
	unsigned cut_comment;      /* bytes of the comment that are stored; 0: all */
};

struct answer {
	unsigned status;  /* 0: none yet */
	const char *type; /* Content-Type */
	GString *body;
	unsigned retry_after;  /* seconds; 0: no header */
	char *location;
	bool authenticate; /* WWW-Authenticate: Bearer */
	unsigned delay_ms;
};

struct request {
	struct sim *sim;
	unsigned number;
	unsigned connection; /* number of the TCP connection, and of the request on it (from 1) */
	unsigned on_connection;
	int64_t received_ms; /* since the start */
	int64_t received;    /* ticks */
	char *method;
	char *uri;         /* as it came, with the query */
	char *path;        /* decoded */
	GPtrArray *segments; /* of char *, decoded, after the version */
	json_t *query;     /* name -> text, decoded */
	json_t *headers;   /* lower-case name -> text, as logged: no credentials */
	char *authorization;
	char *host;
	GString *body;
	bool too_large;
	json_t *json; /* the body, where the route takes JSON and it is a JSON object */
	json_t *logged_body; /* instead of body, secrets masked; may be NULL */

	enum service service;
	const struct route *route;
	const char *id; /* what stands for {} in the route's pattern; borrowed from segments */
	const struct token *token;
	struct tenant *tenant;
	char *limit_key;
	bool performed; /* the service did what was asked */
	struct request_fault fault;
	struct answer answer;
	bool handled, answered;
};

struct request *request_new(struct sim *sim, const char *uri);
void request_free(struct request *request);

/* The whole way; afterwards the answer stands, or fault.drop. */
void request_handle(struct request *request);

/* A query option such as "$filter"; NULL if absent. */
const char *request_query(const struct request *request, const char *name);

/* A GUID that belongs to this request: the correlation id. */
void request_guid(const struct request *request, char text[37]);

/* ---- answers */

/* Takes the tree over. */
void answer_json(struct request *request, unsigned status, json_t *tree);
/* A body in the making: append to what is returned. */
GString *answer_begin(struct request *request, unsigned status, const char *type);
/* The envelope of the service asked (API contract, sections 1.7, 9.1, 9.3). */
void answer_error(struct request *request, unsigned status, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* OData framework faults: empty code, no target (section 9.1). */
void answer_odata_error(struct request *request, const char *message);
void answer_clear(struct answer *answer);

#define JSON_TYPE "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8"

#endif
