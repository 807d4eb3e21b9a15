/* The Defender, Graph and XDR APIs: the only room that knows their URLs and JSON names (API contract, sections 2 to 6).
 * Every function starts a call and returns; done is called once from the loop. */
#ifndef DEFENDER_DEFENDER_H
#define DEFENDER_DEFENDER_H

#include "net/service.h"
#include "table/row_reader.h"

enum defender_hunting { DEFENDER_GRAPH, DEFENDER_XDR, DEFENDER_MDE };

struct defender_config {
	const char *api_url, *graph_url;           /* origins without a slash at the end */
	const char *xdr_url;                       /* NULL: as api_url; government clouds have their own */
	const char *api_audience, *xdr_audience, *graph_audience;
	enum defender_hunting hunting;
	double window_scale;
};

struct defender;

struct defender *defender_new(struct service *service, const struct defender_config *config);
/* Before service_free. What is open is dropped; its done is not called. Not from a callback. */
void defender_free(struct defender *defender);
AUTO_DEFINE(defender_free, struct defender *)

typedef void defender_done(void *data, const struct service_answer *answer);
typedef void defender_wait_fn(void *data, const char *why, int64_t ms);

#define DEFENDER_PAGE 10000 /* rows (API contract, section 3.2) */


/* Reads all machines in pages of 10,000 ($top/$skip, API contract 3.2: nextLink is not safe). Each page's rows go to the
 * handler; begin_page and end_page frame a page so that a repeated page can be dropped. Ends with an empty page: after a short
 * one, one more is asked for, since a short page that is not the last means that the list moved.
 * done's answer is SERVICE_DONE only if every page was read whole. filter: OData text or NULL. */
struct defender_pages {
	const struct row_handler *rows;
	void (*begin_page)(void *data, unsigned page);
	bool (*end_page)(void *data, size_t rows, struct error *error); /* false ends the reading with this error */
	int64_t patience_ms; /* of each page; 0: 15 min */
	defender_wait_fn *wait;
	defender_done *done;
	void *data;
};
struct defender_read;
struct defender_read *defender_machines(struct defender *defender, const char *filter,
	const struct defender_pages *pages);
/* The list of machine actions, the same way, but a short page ends it. since: ticks, only actions created at or after it; 0 for all. */
struct defender_read *defender_actions(struct defender *defender, int64_t since, const struct defender_pages *pages);
/* done is still called, soon, from the loop. */
void defender_read_cancel(struct defender_read *read);

struct service_call *defender_machine(struct defender *defender, const char *id, defender_done *done, void *data);
struct service_call *defender_action(struct defender *defender, const char *action_id, defender_done *done, void *data);

/* Adds or removes a tag on at most 500 machines. Idempotent, yet sent as ONCE, so that the journal has every sending.
 * A single id uses the same call. */
#define DEFENDER_TAG_MAX 500
struct service_call *defender_tag(struct defender *defender, const char *tag, bool add, const char *const *ids,
	size_t count, const char *request_id, defender_done *done, void *data);

/* The device actions of section 5.2 as a table. */
struct defender_action_kind {
	const char *name;        /* Cordon's word: "isolate" */
	const char *type;        /* the machineAction's type: "Isolate" */
	const char *path;        /* "isolate": POST /api/machines/{id}/PATH */
	const char *parameter;   /* body member beside Comment, or NULL: "IsolationType" */
	const char *const *values; /* NULL-terminated {"Full", "Selective", NULL} or NULL */
	const char *role;        /* application role it needs */
	const char *inverse;     /* name of the action that undoes it, or NULL */
	const char *opposite;    /* type of the action that ends the state: "Unisolate" for "Isolate" */
	bool disruptive;
	/* NULL if the action may be tried on a machine of this platform, else why not ("not supported on Linux"). What is
	 * not known is tried: the service decides. Either text may be NULL. */
	const char *(*unsupported)(const char *os_platform, const char *version);
	/* The same for a value of the parameter; NULL if no value differs. */
	const char *(*unsupported_value)(const char *value, const char *os_platform, const char *version);
	unsigned per_minute, per_hour; /* the service's limits (API contract, section 12); 0: none */
};
/* By Cordon's word; "unisolate" finds "release". NULL if there is none. */
const struct defender_action_kind *defender_action_kind(const char *name);
/* By the machineAction's type: "Isolate". NULL if there is none. */
const struct defender_action_kind *defender_action_kind_of_type(const char *type);
const struct defender_action_kind *const *defender_action_kinds(void); /* NULL-terminated */

/* One device action, ONCE. value is the parameter's value or NULL. */
struct service_call *defender_act(struct defender *defender, const struct defender_action_kind *kind,
	const char *device_id, const char *comment, const char *value, const char *request_id, defender_done *done,
	void *data);
struct service_call *defender_cancel(struct defender *defender, const char *action_id, const char *comment,
	const char *request_id, defender_done *done, void *data);

/* Advanced hunting. Rows go to the handler in the order of the answer; the schema (name, KQL type name) is given before
 * done. The service's row limit is 100,000: exactly that many rows means the result was cut (contract 2, rule 7). */
#define DEFENDER_HUNTING_ROWS 100000
struct defender_hunt {
	const char *kql;
	int via; /* enum defender_hunting, or -1 for the configured one */
	int64_t patience_ms;
	const struct row_handler *rows;
	void (*restart)(void *data); /* asked again: forget the rows so far */
	void (*schema)(void *data, const char *name, const char *kql_type);
	defender_wait_fn *wait;
	defender_done *done;
	void *data;
};
struct service_call *defender_hunt(struct defender *defender, const struct defender_hunt *hunt);

/* Gives up a call of any of these functions: its done is still called, as service_cancel says. */
void defender_call_cancel(struct defender *defender, struct service_call *call);

/* The limits that the engine times ONCE calls by. */
struct limit *defender_limit_act(struct defender *defender, const struct defender_action_kind *kind);
struct limit *defender_limit_tag(struct defender *defender);
struct limit *defender_limit_cancel(struct defender *defender);

/* Sign-in for an audience by use: "api", "graph", "xdr". */
const char *defender_audience(const struct defender *defender, enum defender_hunting hunting);

/* Which role a command or call needs, as a table for `connect`: any one of roles (NULL-terminated) is enough. Roles stand
 * in the token of the need's audience: defender_audience(defender, hunting). */
struct defender_need {
	const char *command;
	const char *const *roles;
	enum defender_hunting hunting; /* DEFENDER_MDE for all but hunting */
	bool only_hunting;             /* needed only if hunting goes this way */
};
const struct defender_need *defender_needs(void); /* ends with command NULL */

#endif
