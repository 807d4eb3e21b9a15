/* The calls themselves: each takes a signed-in request within its limits and answers it. */
#ifndef SIM_CALLS_H
#define SIM_CALLS_H

#include "sim/request.h"

/* machine_calls.c */
void call_machines(struct request *request);
void call_machine(struct request *request);
void call_find_by_tag(struct request *request);
void call_find_by_ip(struct request *request);
void call_set_value(struct request *request);
void call_patch_machine(struct request *request);

/* tag_calls.c */
void call_tag(struct request *request);
void call_tag_bulk(struct request *request);

/* action_calls.c; route->data is a struct action_kind */
void call_act(struct request *request);
void call_investigate(struct request *request);
void call_actions(struct request *request);
void call_action(struct request *request);
void call_cancel(struct request *request);
void call_package(struct request *request);

/* hunting.c */
void call_hunt(struct request *request);

/* control.c: everything below /sim/ */
void control_request(struct request *request);

/* The machine that the path names by id; NULL after answering 404. */
struct machine *call_target(struct request *request);
/* The page of a list: $top and $skip. *top is 0 if absent. False after answering 400. known: further options allowed. */
bool call_page(struct request *request, const char *const *known, size_t *top, size_t *skip);
/* The text member of the JSON body; NULL after answering 400. */
const char *call_text(struct request *request, const char *name);
/* True if the body has no members but these (exact case); else 400 InvalidRequestBody. */
bool call_members(struct request *request, const char *const *known);

#define PAGE_SIZE 10000

#endif
