/* The configuration file and the environment (contract, section 1): which tenant, as whom, where, under which policy.
 * (Not named config.h, which is Autoconf's.) */
#ifndef APP_PROFILE_H
#define APP_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/settings.h"
#include "core/auto.h"
#include "core/error.h"
#include "core/keyfile.h"
#include "defender/defender.h"
#include "engine/policy.h"

/* The keys of the file, for the reader and for completion; ends with kind NULL. */
extern const struct keyfile_key config_keys[];

struct config;

/* Reads the file; a missing one is empty. Everything in it is checked here. */
struct config *config_read(const char *path, struct error *error);
/* What --demo uses: no file, no environment. */
struct config *config_empty(void);
void config_free(struct config *config);
AUTO_DEFINE(config_free, struct config *)

const char *config_path(const struct config *config);
/* Names of the profiles, in file order; the caller frees with g_strfreev. */
char **config_profiles(const struct config *config);
/* The value of a profile's key as it stands in the file, or NULL. No key holds a secret itself. */
const char *config_value(const struct config *config, const char *profile, const char *key);
/* Puts [settings] into settings. */
bool config_settings(const struct config *config, struct settings *settings, struct error *error);

/* A tenant to sign in to. All texts are owned by it. */
struct profile {
	char *name;   /* "default", or the section's name */
	bool exists;  /* there is a section of that name */
	char *tenant, *client;
	char *secret_value, *secret_file, *secret_command; /* one of them, or none; value is wiped when freed */
	char *login_url, *api_url, *graph_url, *xdr_url;   /* origins without a slash at the end */
	char *api_audience, *xdr_audience, *graph_audience;
	char *proxy, *ca_bundle; /* or NULL */
	enum defender_hunting hunting;
	double window_scale;
};

/* The profile of that name (NULL: CORDON_PROFILE, else "default"), completed by the environment. Refuses two different
 * tenants (ERROR_USAGE); what is missing to sign in is ERROR_SIGN_IN. environment: as getenv; for tests. */
struct profile *config_profile(const struct config *config, const char *name,
	const char *(*environment)(const char *name), struct error *error);
/* The simulated tenant on a port of this machine. */
struct profile *profile_demo(unsigned port, const char *tenant, const char *client, const char *secret,
	double window_scale);
void profile_free(struct profile *profile);
AUTO_DEFINE(profile_free, struct profile *)

/* The policy in force for a profile: [policy], [policy NAME]. Never NULL; see policy_new. */
struct policy *config_policy(const struct config *config, const char *profile, struct error *error);

/* "https://host[:port]", or plain http to loopback. Removes slashes at the end; the caller frees with g_free. what is for
 * the message. NULL if it is anything else. */
char *origin_parse(const char *url, const char *what, struct error *error);
bool origin_is_loopback(const char *origin);

#endif
