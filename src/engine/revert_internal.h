/* Shared by revert.c and verdict.c. */
#ifndef ENGINE_REVERT_INTERNAL_H
#define ENGINE_REVERT_INTERNAL_H

#include "engine/jobs_internal.h"

enum verdict_kind {
	VERDICT_SEND,     /* the inverse is due */
	VERDICT_CANCEL,   /* only where nothing was cancelled yet: its action is open */
	VERDICT_BACK,     /* needs nothing */
	VERDICT_UNDERWAY, /* the inverse is open */
	VERDICT_OVERTAKEN, /* the inverse was done, and the job's action is still open: it may take effect later */
	VERDICT_LEFT,     /* left alone, and not as it was */
};

struct verdict {
	enum verdict_kind kind;
	char *reason;
	const struct action *open; /* of VERDICT_UNDERWAY, VERDICT_BACK: what may still change it; or NULL */
	const char *value;         /* of VERDICT_SEND: the parameter's value; NULL: not known, or there is none */
	const char *before;        /* of VERDICT_SEND: with which scope what is undone is in force; or NULL */
};

struct revert_view {
	const struct job *job;
	const struct defender_action_kind *inverse; /* NULL for tags */
	const struct action_list *list;             /* NULL for tags */
	const struct job *undo;                     /* the job that undid it just now, or NULL */
	bool dry;                                   /* nothing was cancelled yet */
};

/* The caller frees verdict->reason; what else it points to is the list's or the job's. */
void verdict_make(const struct revert_view *view, const struct job_device *device, struct verdict *verdict);
/* The job did something there, or may have done. */
bool verdict_is_touched(const struct job_device *device);

const struct defender_action_kind *revert_inverse(const struct job *job); /* NULL: tags, or there is none */

#endif
