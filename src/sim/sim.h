/* The simulated tenant as a whole: what the options say, the tenants with their devices and actions, and the clock.
 * Everything is deterministic by the seed and the order of the requests; times are relative to the start. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "core/error.h"

/* The known tenants. The second is small and foreign: nothing of it may ever turn up in a session of the first. */
#define SIM_TENANTS 2

struct sim_identity {
	const char *tenant_id;
	const char *domain; /* usable instead of the id in the token path */
	const char *name;
	const char *app_id;
	const char *app_name; /* the requestor of actions */
	const char *secret;
};

extern const struct sim_identity sim_identities[SIM_TENANTS];
#define SIM_EXPIRED_SECRET "expired"

struct sim_options {
	unsigned port;
	const char *port_file;
	unsigned devices;
	GPtrArray *machine_files; /* of char * */
	uint64_t seed;
	const char *roles; /* NULL: all */
	unsigned latency_ms;
	double window_scale;
	double list_lag;   /* seconds, before scaling */
	const char *log;   /* file name or NULL */
	GPtrArray *faults; /* of char * */
	GPtrArray *gone;   /* of char *: ids or names */
	unsigned vanish_after_list;
	bool merged_gone;
	double offline_percent;
	double fail_percent;
	double action_life;
	double clock_skew; /* seconds */
	const char *now;   /* NULL: the real time */
	unsigned token_life; /* seconds */
	bool same_action_existing; /* a second open action answers with the first instead of 400 */
	bool bulk_skip;            /* a bulk tag call skips unknown ids instead of refusing all */
	unsigned wrong_audience;   /* 403 or 401 */
	bool chunked;
	unsigned row_limit; /* of a hunting result */
	unsigned hunting_rows; /* of events, about */
	bool until_eof; /* stop when standard input ends */
	bool quiet;
};

struct tenant;
struct faults;
struct log;
struct tokens;

struct sim {
	struct sim_options options;
	struct tenant *tenants[SIM_TENANTS];
	struct tokens *tokens;
	struct faults *faults;
	struct log *log;
	int64_t clock_offset; /* ticks from the real clock to ours */
	int64_t started_ms;
	int64_t start; /* our clock then, in ticks; what the tenant is like is relative to it */
	unsigned requests; /* seen so far; numbers the correlation ids */
};

/* Our clock, in ticks; and what a skewed server tells about it (Date header, token times). */
int64_t sim_now(const struct sim *sim);
int64_t sim_told_now(const struct sim *sim);
/* Milliseconds since the start. */
int64_t sim_ms(const struct sim *sim);

/* Rate-limit windows take this factor (0: no limits). The action life cycle and the list lag do too, but at 0 they take
 * 1/30, as the client's settle time of 30 s becomes one second (contract, section 1). */
double sim_factor(const struct sim *sim);

bool sim_start(struct sim *sim, struct error *error);
void sim_stop(struct sim *sim);

/* The command line; exits the program for --help. False with a usage error. */
bool sim_options_parse(struct sim_options *options, int argc, char **argv, struct error *error);
void sim_options_clear(struct sim_options *options);

#endif
