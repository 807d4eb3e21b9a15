/* What the files of this room share. */
#ifndef DEFENDER_INTERNAL_H
#define DEFENDER_INTERNAL_H

#include "defender/defender.h"

enum defender_limit {
	LIMIT_MACHINES, /* the list */
	LIMIT_MACHINE,
	LIMIT_ACTIONS,  /* the list */
	LIMIT_ACTION,
	LIMIT_TAG,
	LIMIT_CANCEL,
	LIMIT_HUNT_GRAPH,
	LIMIT_HUNT_XDR,
	LIMIT_HUNT_MDE,
	LIMIT_COUNT,
};

struct hunt;

struct defender {
	struct service *service;
	char *api_url, *xdr_url, *graph_url, *api_audience, *xdr_audience, *graph_audience;
	enum defender_hunting hunting;
	struct limit *limits[LIMIT_COUNT];
	GPtrArray *act_limits; /* struct limit, in the order of defender_action_kinds */
	GPtrArray *reads;      /* struct defender_read, open */
	GPtrArray *hunts;      /* struct hunt, open */
};

void read_abandon(struct defender_read *read);
void hunt_abandon(struct hunt *hunt);

#define DEFENDER_PAGES_MOST 1000 /* a list that goes on and on is none */

/* Reads the list at api_url + path in pages, to the first short one or (to_empty) to the first empty one. */
struct defender_read *defender_read_start(struct defender *defender, const char *path, const char *filter,
	struct limit *limit, bool to_empty, const struct defender_pages *pages);

/* A JSON string of any bytes: what is no UTF-8 is replaced. A new reference. */
json_t *json_text(const char *text);

/* A call of the device API: path below api_url, body may be NULL. */
struct service_call *defender_call(struct defender *defender, const char *method, const char *path, json_t *body,
	enum http_kind kind, struct limit *limit, const char *request_id,
	bool (*check)(const json_t *json, struct error *error), defender_done *done, void *data);

/* The answer is an object with a text "id". */
bool json_has_id(const json_t *json, struct error *error);

#endif
