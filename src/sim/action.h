/* Machine actions (API contract, section 5): what may be asked of which device, and the life of an action on the clock.
 * An action's state is worked out from the time whenever it is looked at; nothing runs in between. */
#ifndef SIM_ACTION_H
#define SIM_ACTION_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "sim/machine.h"
#include "sim/odata.h"
#include "sim/tenant.h"

/* A device action of the API: one path, one type. */
struct action_kind {
	const char *type;
	const char *role;         /* also needed for cancelling */
	const char *parameter;    /* further member of the body, or NULL */
	const char *const *values; /* what it may be, NULL-terminated; NULL: any text */
	unsigned status;          /* of success */
	unsigned pending_ms, running_ms; /* typical life at window scale 1 */
	/* NULL if the device can do it, else the error code. */
	const char *(*refuse)(const struct machine *machine, const char *value);
};

extern const struct action_kind action_isolate, action_unisolate, action_scan, action_restrict, action_unrestrict,
	action_collect, action_quarantine, action_offboard, action_live_response;

enum action_status { ACTION_PENDING, ACTION_IN_PROGRESS, ACTION_SUCCEEDED, ACTION_FAILED, ACTION_TIMED_OUT,
	ACTION_CANCELLED };

struct action {
	char id[37];
	const struct action_kind *kind;
	char *type;
	char *scope;     /* NULL: none */
	char *requestor, *comment;
	char *source;    /* requestSource */
	char *file_sha1; /* NULL: none */
	char *commands;  /* JSON text; NULL: none */
	struct machine *machine;
	int64_t created;  /* ticks */
	int64_t created_ms;
	double starts_ms, ends_ms; /* since the start; infinite: never */
	enum action_status outcome; /* once it ended */
	int64_t cancelled;  /* ticks; 0: not */
	char *cancel_requestor, *cancel_comment;
};

/* Enters an action into the tenant. */
struct action *action_new(struct tenant *tenant, const struct action_kind *kind, struct machine *machine,
	const char *value, const char *comment);
void action_free(struct action *action);

const struct action_kind *action_kind_find(const char *type);

enum action_status action_status(const struct tenant *tenant, const struct action *action);
const char *action_status_name(enum action_status status);
bool action_is_open(const struct tenant *tenant, const struct action *action);
/* The open action of this type on the device; NULL if none. */
struct action *action_open(const struct tenant *tenant, const struct machine *machine, const char *type);
/* Full, Selective or NULL: how the device is isolated, by the actions that succeeded. */
const char *action_isolated(const struct tenant *tenant, const struct machine *machine);
/* Sets the state for good: a control call, a cancellation. */
void action_finish(struct tenant *tenant, struct action *action, enum action_status status);

/* fresh: as a POST answers, with the scope not yet told. */
void action_print(GString *out, const struct tenant *tenant, const struct action *action, bool with_context, bool fresh);

/* What $filter may name; the object is a struct action_view. */
struct action_view {
	const struct tenant *tenant;
	const struct action *action;
};
extern const struct odata_property action_properties[];
void action_property(const void *view, size_t index, struct odata_value *value);

#endif
