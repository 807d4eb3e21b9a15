/* Shared by sender_tag.c and tag_check.c. */
#ifndef ENGINE_SENDER_TAG_H
#define ENGINE_SENDER_TAG_H

#include "engine/sender.h"

struct tag_batch { /* devices of one call to be sent */
	GPtrArray *devices;
	int64_t not_before;
};

struct tag_refused { /* a call that was refused whole */
	GPtrArray *devices;
	struct error error;
};

struct tag_reading; /* the machine list, coming in */

struct tag_sender {
	GQueue batches;         /* struct tag_batch: to be sent */
	GQueue held;            /* struct tag_batch: until the canary is over */
	GPtrArray *refused;     /* struct tag_refused: waiting for the machine list */
	struct tag_reading *reading;
	unsigned readings;      /* begun */
	GHashTable *present;    /* ids that the list had; NULL before, or if it could not be read */
	bool read;              /* the list was read, or given up */
	GQueue to_check;        /* struct job_device: to be read singly */
	GPtrArray *checks;      /* struct tag_check: being read */
};

void tag_refused_free(struct tag_refused *refused);
/* Puts a batch in the queue; devices is taken over. */
void tag_queue(struct job_run *run, GPtrArray *devices, int64_t not_before, bool first);
bool tag_is_wanted(const struct job *job, const json_t *machine);
void tag_accept(struct job_run *run, const GPtrArray *devices, json_t *extra);

/* tag_check.c */

/* A call was refused whole: the machines are read again once and what is gone is dropped; then it is split until only the
 * bad ids are left. */
void tag_look_into(struct job_run *run, struct sending *sending);
/* Takes what came in and starts what is to be read. */
void tag_look_turn(struct job_run *run);

#endif
