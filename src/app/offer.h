/* Offers to go on with a job that an earlier session left (contract, section 4). */
#ifndef APP_OFFER_H
#define APP_OFFER_H

#include "app/session.h"

/* The id of the tenant that the session is signed in to, or that its profile names; new, NULL if that is not known. */
char *offer_tenant(const struct session *session);

/* Tells the newest job of this tenant that is unfinished and that no process runs, and asks whether to resume it; the
 * default is no. Needs no sign-in to look. Returns the command that was asked for, or NULL; the caller frees with g_free. */
char *offer_left_over(struct session *session, const char *tenant);

#endif
