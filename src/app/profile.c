#include "config.h"
#include "app/config_internal.h"

#include <string.h>

#include <glib.h>

#include "core/text.h"

/* API contract, section 2. Login host, API host, XDR host, Graph host; audiences of API and XDR. */
static const struct cloud {
	const char *name, *login, *api, *xdr, *graph, *api_audience, *xdr_audience, *graph_audience;
} clouds[] = {
	{ "commercial", "https://login.microsoftonline.com", "https://api.security.microsoft.com",
		"https://api.security.microsoft.com", "https://graph.microsoft.com",
		"https://api.securitycenter.microsoft.com", "https://api.security.microsoft.com",
		"https://graph.microsoft.com" },
	{ "gcc", "https://login.microsoftonline.com", "https://api-gcc.securitycenter.microsoft.us",
		"https://api-gcc.security.microsoft.us", "https://graph.microsoft.com",
		"https://api-gcc.securitycenter.microsoft.us", "https://api-gcc.security.microsoft.us",
		"https://graph.microsoft.com" },
	{ "gcc-high", "https://login.microsoftonline.us", "https://api-gov.securitycenter.microsoft.us",
		"https://api-gov.security.microsoft.us", "https://graph.microsoft.us",
		"https://api-gov.securitycenter.microsoft.us", "https://api-gov.security.microsoft.us",
		"https://graph.microsoft.us" },
	{ "dod", "https://login.microsoftonline.us", "https://api-gov.securitycenter.microsoft.us",
		"https://api-gov.security.microsoft.us", "https://dod-graph.microsoft.us",
		"https://api-gov.securitycenter.microsoft.us", "https://api-gov.security.microsoft.us",
		"https://dod-graph.microsoft.us" },
};

static const char *const cloud_names[] = { "commercial", "gcc", "gcc-high", "dod", "custom", NULL };
static const char *const hunting_names[] = { "graph", "xdr", "mde", NULL };
static const char *const auth_names[] = { "secret", "certificate", "device-code", "managed-identity", "federated",
	"command", NULL };

static bool one_of(const struct config *config, const char *key, const char *value, const char *const *words,
	unsigned line, struct error *error)
{
	const char *near;

	if (value == NULL || g_strv_contains(words, value))
		return true;
	AUTO(g_free) char *all = g_strjoinv(", ", (char **)words);
	error_set(error, ERROR_USAGE, "'%s' is one of %s, not '%s'", key, all, value);
	near = text_nearest(value, words);
	if (near != NULL)
		error_hint(error, "did you mean '%s'?", near);
	return config_fault(config, line, error);
}

static bool check_origin(const struct config *config, const char *name, const char *key, bool custom,
	struct error *error)
{
	unsigned line;
	const char *value = keyfile_get(config->keyfile, "profile", name, key, &line);
	AUTO(g_free) char *origin = NULL;

	if (value == NULL)
		return !custom || error_set(error, ERROR_USAGE, "profile '%s': 'cloud = custom' also needs '%s'", name, key);
	if (!custom) {
		error_set(error, ERROR_USAGE, "'%s' holds only with 'cloud = custom'", key);
		return config_fault(config, line, error);
	}
	if (strcmp(key, "audience") == 0)
		return true;
	origin = origin_parse(value, key, error);
	return origin != NULL || config_fault(config, line, error);
}

bool config_check_profile(const struct config *config, const char *name, struct error *error)
{
	const struct keyfile *file = config->keyfile;
	unsigned line = 0;
	const char *cloud = keyfile_get(file, "profile", name, "cloud", &line);
	bool custom = cloud != NULL && strcmp(cloud, "custom") == 0;
	const char *value;

	if (!one_of(config, "cloud", cloud, cloud_names, line, error))
		return false;
	value = keyfile_get(file, "profile", name, "hunting", &line);
	if (!one_of(config, "hunting", value, hunting_names, line, error))
		return false;
	value = keyfile_get(file, "profile", name, "auth", &line);
	if (!one_of(config, "auth", value, auth_names, line, error))
		return false;
	if (keyfile_get(file, "profile", name, "secret-file", &line) != NULL &&
	    keyfile_get(file, "profile", name, "secret-command", &line) != NULL) {
		error_set(error, ERROR_USAGE, "'secret-file' and 'secret-command' exclude each other");
		return config_fault(config, line, error);
	}
	return check_origin(config, name, "login-url", custom, error) &&
		check_origin(config, name, "api-url", custom, error) &&
		check_origin(config, name, "graph-url", custom, error) &&
		check_origin(config, name, "audience", custom, error);
}

/* ---- resolving */

struct resolve {
	const struct config *config;
	struct profile *profile;
	const char *(*environment)(const char *name);
};

static const char *from_environment(const struct resolve *resolve, const char *name)
{
	const char *value = resolve->environment(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

static const char *from_file(const struct resolve *resolve, const char *key, unsigned *line)
{
	return keyfile_get(resolve->config->keyfile, "profile", resolve->profile->name, key, line);
}

static bool find_name(const struct resolve *resolve, const char *name, struct error *error)
{
	const char *wanted = name != NULL ? name : from_environment(resolve, "CORDON_PROFILE");
	const char *near;

	resolve->profile->name = g_strdup(wanted != NULL ? wanted : "default");
	resolve->profile->exists = keyfile_has_section(resolve->config->keyfile, "profile", resolve->profile->name);
	if (resolve->profile->exists || wanted == NULL || strcmp(wanted, "default") == 0)
		return true;
	AUTO(g_strfreev) char **names = config_profiles(resolve->config);
	near = text_nearest(wanted, (const char *const *)names);
	error_set(error, ERROR_USAGE, "there is no profile '%s' in '%s'", wanted, resolve->config->path);
	if (near != NULL)
		error_hint(error, "did you mean '%s'?", near);
	return false;
}

/* Two tenants named at once are refused: acting on the wrong one is what must not happen. */
static bool find_tenant(const struct resolve *resolve, struct error *error)
{
	struct profile *profile = resolve->profile;
	unsigned line = 0;
	const char *file = from_file(resolve, "tenant", &line);
	const char *environment = from_environment(resolve, "AZURE_TENANT_ID");

	if (file != NULL && environment != NULL && g_ascii_strcasecmp(file, environment) != 0) {
		error_set(error, ERROR_USAGE, "two tenants are named: '%s' by profile '%s' and '%s' by AZURE_TENANT_ID", file,
			profile->name, environment);
		error_hint(error, "unset AZURE_TENANT_ID, or choose the profile of that tenant with -p");
		return config_fault(resolve->config, line, error);
	}
	profile->tenant = g_strdup(file != NULL ? file : environment);
	file = from_file(resolve, "client", NULL);
	environment = from_environment(resolve, "AZURE_CLIENT_ID");
	profile->client = g_strdup(file != NULL ? file : environment);
	if (profile->tenant != NULL && profile->client != NULL)
		return true;
	error_set(error, ERROR_SIGN_IN, "no %s to sign in with", profile->tenant == NULL ? "tenant" : "app (client id)");
	error_hint(error, "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or write a [profile %s] into %s; "
		"'cordon --demo' needs neither", profile->name, resolve->config->path);
	return false;
}

static bool find_secret(const struct resolve *resolve, struct error *error)
{
	struct profile *profile = resolve->profile;
	const char *auth = from_file(resolve, "auth", NULL);
	const char *file = from_file(resolve, "secret-file", NULL);
	const char *client = from_environment(resolve, "AZURE_CLIENT_ID");
	const char *value = from_environment(resolve, "AZURE_CLIENT_SECRET");

	if (auth != NULL && strcmp(auth, "secret") != 0) {
		error_set(error, ERROR_SIGN_IN, "signing in with 'auth = %s' is not available in this version", auth);
		error_hint(error, "use 'auth = secret' with 'secret-file' or 'secret-command'");
		return false;
	}
	profile->secret_file = file != NULL ? config_relative(resolve->config, file) : NULL;
	profile->secret_command = g_strdup(from_file(resolve, "secret-command", NULL));
	if (profile->secret_file != NULL || profile->secret_command != NULL)
		return true;
	/* A secret of the environment belongs to the environment's app. */
	if (value != NULL && (client == NULL || g_ascii_strcasecmp(client, profile->client) == 0)) {
		profile->secret_value = g_strdup(value);
		return true;
	}
	error_set(error, ERROR_SIGN_IN, "no secret for app '%s'", profile->client);
	if (value != NULL)
		error_hint(error, "AZURE_CLIENT_SECRET belongs to the app AZURE_CLIENT_ID names, '%s'", client);
	else if (from_environment(resolve, "AZURE_CLIENT_CERTIFICATE_PATH") != NULL)
		error_hint(error, "signing in with a certificate is not available in this version");
	else
		error_hint(error, "set AZURE_CLIENT_SECRET, or 'secret-file' or 'secret-command' in the profile");
	return false;
}

static const struct cloud *cloud_find(const char *name)
{
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(clouds); i++)
		if (strcmp(clouds[i].name, name) == 0)
			return &clouds[i];
	return &clouds[0];
}

static bool override(const struct resolve *resolve, const char *variable, char **origin, struct error *error)
{
	const char *value = from_environment(resolve, variable);
	AUTO(g_free) char *whole = NULL;
	char *parsed;

	if (value == NULL)
		return true;
	/* Azure's tools also take a bare host. */
	whole = strstr(value, "://") != NULL ? g_strdup(value) : g_strconcat("https://", value, NULL);
	parsed = origin_parse(whole, variable, error);
	if (parsed == NULL)
		return false;
	g_free(*origin);
	*origin = parsed;
	return true;
}

static void take_cloud(struct profile *profile, const struct cloud *cloud)
{
	profile->login_url = g_strdup(cloud->login);
	profile->api_url = g_strdup(cloud->api);
	profile->xdr_url = g_strdup(cloud->xdr);
	profile->graph_url = g_strdup(cloud->graph);
	profile->api_audience = g_strdup(cloud->api_audience);
	profile->xdr_audience = g_strdup(cloud->xdr_audience);
	profile->graph_audience = g_strdup(cloud->graph_audience);
}

static void take_custom(const struct resolve *resolve)
{
	struct profile *profile = resolve->profile;

	profile->login_url = origin_parse(from_file(resolve, "login-url", NULL), "login-url", NULL);
	profile->api_url = origin_parse(from_file(resolve, "api-url", NULL), "api-url", NULL);
	profile->xdr_url = g_strdup(profile->api_url);
	profile->graph_url = origin_parse(from_file(resolve, "graph-url", NULL), "graph-url", NULL);
	profile->api_audience = g_strdup(from_file(resolve, "audience", NULL));
	profile->xdr_audience = g_strdup(profile->api_url);
	profile->graph_audience = g_strdup(profile->graph_url);
}

static bool find_endpoints(const struct resolve *resolve, struct error *error)
{
	struct profile *profile = resolve->profile;
	const char *cloud = from_file(resolve, "cloud", NULL);
	bool api_given = from_environment(resolve, "CORDON_API_URL") != NULL;

	if (cloud != NULL && strcmp(cloud, "custom") == 0)
		take_custom(resolve);
	else
		take_cloud(profile, cloud_find(cloud != NULL ? cloud : "commercial"));
	if (cloud == NULL && !override(resolve, "AZURE_AUTHORITY_HOST", &profile->login_url, error))
		return false;
	if (!override(resolve, "CORDON_LOGIN_URL", &profile->login_url, error) ||
	    !override(resolve, "CORDON_API_URL", &profile->api_url, error) ||
	    !override(resolve, "CORDON_GRAPH_URL", &profile->graph_url, error))
		return false;
	if (api_given) {
		g_free(profile->xdr_url);
		profile->xdr_url = g_strdup(profile->api_url);
	}
	return true;
}

static bool find_window_scale(const struct resolve *resolve, struct error *error)
{
	struct profile *profile = resolve->profile;
	const char *value = from_environment(resolve, "CORDON_WINDOW_SCALE");
	char *end;

	profile->window_scale = 1;
	if (value == NULL)
		return true;
	if (!origin_is_loopback(profile->login_url) || !origin_is_loopback(profile->api_url) ||
	    !origin_is_loopback(profile->graph_url) || !origin_is_loopback(profile->xdr_url)) {
		error_set(error, ERROR_USAGE, "CORDON_WINDOW_SCALE is for tests: it holds only while every address is loopback");
		error_hint(error, "unset CORDON_WINDOW_SCALE");
		return false;
	}
	profile->window_scale = g_ascii_strtod(value, &end);
	if (end == value || *end != '\0' || !(profile->window_scale >= 0 && profile->window_scale <= 100))
		return error_set(error, ERROR_USAGE, "CORDON_WINDOW_SCALE '%s' is not a number from 0 to 100", value);
	return true;
}

static void find_rest(const struct resolve *resolve)
{
	struct profile *profile = resolve->profile;
	const char *hunting = from_file(resolve, "hunting", NULL);
	const char *ca_bundle = from_file(resolve, "ca-bundle", NULL);

	profile->hunting = DEFENDER_GRAPH;
	if (hunting != NULL && strcmp(hunting, "xdr") == 0)
		profile->hunting = DEFENDER_XDR;
	if (hunting != NULL && strcmp(hunting, "mde") == 0)
		profile->hunting = DEFENDER_MDE;
	profile->proxy = g_strdup(from_file(resolve, "proxy", NULL));
	profile->ca_bundle = ca_bundle != NULL ? config_relative(resolve->config, ca_bundle) : NULL;
}

struct profile *config_profile(const struct config *config, const char *name,
	const char *(*environment)(const char *name), struct error *error)
{
	AUTO(profile_free) struct profile *profile = g_new0(struct profile, 1);
	struct resolve resolve = { .config = config, .profile = profile, .environment = environment };

	if (!find_name(&resolve, name, error) || !find_tenant(&resolve, error) || !find_secret(&resolve, error) ||
	    !find_endpoints(&resolve, error) || !find_window_scale(&resolve, error))
		return NULL;
	find_rest(&resolve);
	return AUTO_STEAL(profile);
}

struct profile *profile_demo(unsigned port, const char *tenant, const char *client, const char *secret,
	double window_scale)
{
	struct profile *profile = g_new0(struct profile, 1);

	profile->name = g_strdup("demo");
	profile->tenant = g_strdup(tenant);
	profile->client = g_strdup(client);
	profile->secret_value = g_strdup(secret);
	take_cloud(profile, &clouds[0]);
	g_free(profile->login_url);
	g_free(profile->api_url);
	g_free(profile->xdr_url);
	g_free(profile->graph_url);
	profile->login_url = g_strdup_printf("http://127.0.0.1:%u", port);
	profile->api_url = g_strdup(profile->login_url);
	profile->xdr_url = g_strdup(profile->login_url);
	profile->graph_url = g_strdup(profile->login_url);
	profile->hunting = DEFENDER_GRAPH;
	profile->window_scale = window_scale;
	return profile;
}

void profile_free(struct profile *profile)
{
	if (profile == NULL)
		return;
	if (profile->secret_value != NULL)
		explicit_bzero(profile->secret_value, strlen(profile->secret_value));
	g_free(profile->name);
	g_free(profile->tenant);
	g_free(profile->client);
	g_free(profile->secret_value);
	g_free(profile->secret_file);
	g_free(profile->secret_command);
	g_free(profile->login_url);
	g_free(profile->api_url);
	g_free(profile->graph_url);
	g_free(profile->xdr_url);
	g_free(profile->api_audience);
	g_free(profile->xdr_audience);
	g_free(profile->graph_audience);
	g_free(profile->proxy);
	g_free(profile->ca_bundle);
	g_free(profile);
}
