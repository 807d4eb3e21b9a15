/* Tells why the user waits for the service: at the prompt a progress line with a countdown, in batch a plain line now and
 * then (contract, section 2: a query that is slow, throttled or failing shows why). */
#ifndef ENGINE_WAITING_H
#define ENGINE_WAITING_H

#include <stdint.h>

#include "engine/engine.h"

struct waiting {
	struct engine *engine;
	const char *what;        /* "hunting" */
	int64_t started, end;    /* clock_ms; end: when it is given up, 0 if that is not known */
	int64_t until, told;     /* the service is asked again then, or 0; when a plain line was printed last */
	char *why;
	struct loop_timer *timer;
};

/* what is borrowed. patience_ms: after so long it is given up; 0: not known. */
void waiting_begin(struct waiting *waiting, struct engine *engine, const char *what, int64_t patience_ms);
/* The service is asked again in ms milliseconds, because of why. */
void waiting_tell(struct waiting *waiting, const char *why, int64_t ms);
/* What came so far, instead of the time: "12000 devices". */
void waiting_progress(struct waiting *waiting, const char *text);
void waiting_end(struct waiting *waiting);

#endif
