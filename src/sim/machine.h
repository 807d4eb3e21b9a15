/* One record of the machine list (API contract, section 3.1). Texts are borrowed from the tenant's string store; NULL
 * is a JSON null. */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>
#include <jansson.h>

#include "sim/odata.h"

enum machine_story {
	STORY_VULNERABLE = 1,  /* has the old archiver */
	STORY_COMPROMISED = 2, /* opened the attachment */
	STORY_JUMP_HOST = 4,
};

struct machine {
	const char *id;
	const char *name; /* computerDnsName */
	int64_t first_seen, last_seen; /* ticks */
	const char *platform, *version, *processor, *agent, *architecture;
	const char *last_ip, *external_ip, *mac;
	const char *health, *value, *group, *risk, *exposure, *onboarding, *managed_by;
	const char *aad_id, *merged_into;
	const char *account; /* who works there; for hunting only */
	const char *extra;   /* further members as JSON text with a leading comma, or NULL */
	GPtrArray *tags;     /* of char *; NULL: none */
	GPtrArray *actions;  /* of struct action *, oldest first; NULL: none */
	json_t *source;      /* of --machines: printed as it was read, but for tags and value */
	int build;           /* 0: null */
	int group_id;
	signed char joined; /* isAadJoined: 0, 1, -1 null */
	unsigned char digits; /* fraction digits of its times */
	unsigned char story;  /* enum machine_story, or'ed */
	bool duplicate;       /* isPotentialDuplication */
	bool gone;            /* no longer in the tenant */
	bool listed;          /* served in an unfiltered list since the last vanishing */
	bool unreachable;     /* listed, but unknown to all calls by id */
};

void machine_print(GString *out, const struct machine *machine, bool with_context);

bool machine_has_tag(const struct machine *machine, const char *tag);
/* Return true if something changed. */
bool machine_add_tag(struct machine *machine, const char *tag);
bool machine_remove_tag(struct machine *machine, const char *tag);

bool machine_is_onboarded(const struct machine *machine);
bool machine_is_windows(const struct machine *machine);
bool machine_is_server(const struct machine *machine);
bool machine_is_linux(const struct machine *machine);
bool machine_is_mac(const struct machine *machine);

/* What $filter may name (API contract, section 3.2). */
extern const struct odata_property machine_properties[];
void machine_property(const void *machine, size_t index, struct odata_value *value);

#endif
