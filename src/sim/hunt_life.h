/* What happened on the devices: everyday life and the story, told event by event. Each table of events is made by
 * listening to the same tale, so that a process, a file or an account is the same in all of them. */
#ifndef SIM_HUNT_LIFE_H
#define SIM_HUNT_LIFE_H

#include <stdint.h>

#include "sim/hunt.h"

#define HUNT_CALL_HOME_IP "198.51.100.77"
#define HUNT_CALL_HOME_HOST "cdn-update.example.net"
#define HUNT_DROPPED_SHA1 "5d41402abc4b2a76b9719d911017c592ae2f9d31"
#define HUNT_JUMP_ACCOUNT "svc-deploy"
#define HUNT_LURE "invoice_4711.zip"

struct hunt_program {
	const char *file, *folder; /* the folder with a separator at its end */
	const char *company, *product, *version, *description;
	const char *signer;        /* NULL: not signed */
	int size;
};

/* NULL if the file is none of the known programs. Ends with a NULL file. */
extern const struct hunt_program hunt_programs[];
const struct hunt_program *hunt_program(const char *file);

/* The sums of a file of that name: the same everywhere. */
struct hunt_sums {
	char sha1[41], sha256[65], md5[33];
};

void hunt_sums(const char *file, struct hunt_sums *sums);

struct hunt_process {
	const struct hunt_program *program;
	const char *command;
	const struct hunt_process *parent; /* NULL: a first one */
	int64_t created, id;
	const char *account;
	bool system; /* the system's own account */
};

enum hunt_kind { HUNT_PROCESS, HUNT_CONNECTION, HUNT_FILE, HUNT_REGISTRY, HUNT_IMAGE, HUNT_LOGON, HUNT_OTHER };

struct hunt_event {
	enum hunt_kind kind;
	int64_t time;
	const char *action; /* ActionType */
	const struct machine *machine;
	const struct hunt_process *by;      /* NULL: a logon */
	const struct hunt_process *process; /* of HUNT_PROCESS */
	const char *name;    /* a file; a value of the registry; a host */
	const char *folder;  /* where it lies; a key; an address */
	const char *data;    /* where it came from; the value; more, as JSON */
	int port;
	const struct machine *peer; /* the other side of a connection or logon, if it is a device */
	const char *account, *logon_type;
};

typedef void hunt_listener(struct hunt_maker *maker, const struct hunt_event *event);

/* Tells all of it in the same order each time. */
void hunt_tell(struct hunt_maker *maker, hunt_listener *listener);
/* In hunt_story.c: what happened on a device of the story. */
void hunt_tell_story(struct hunt_maker *maker, hunt_listener *listener, const struct machine *machine);

/* When a second of the story was. */
int64_t hunt_story_time(const struct hunt_maker *maker, unsigned second);
const struct machine *hunt_jump_host(const struct tenant *tenant);
bool hunt_is_server_of(const struct machine *machine, const char *prefix);

/* {u} the account, {n} a number: the caller frees. */
char *hunt_text(const char *format, const char *account, unsigned number);

#endif
