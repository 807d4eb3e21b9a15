/* The configuration file and the environment: which tenant, as whom, where. And settings. */
#include "config.h"

#include <unistd.h>

#include "app/profile.h"
#include "core/file.h"
#include "tests/tap.h"

static const char *environment[2 * 8 + 1];

static const char *fake_environment(const char *name)
{
	size_t i;

	for (i = 0; environment[i] != NULL; i += 2)
		if (strcmp(environment[i], name) == 0)
			return environment[i + 1];
	return NULL;
}

#define ENVIRONMENT(...) do { \
		const char *list_[] = { __VA_ARGS__, NULL }; \
		memcpy(environment, list_, sizeof list_); \
	} while (0)

static struct config *config_of(const char *text, struct error *error)
{
	AUTO(g_free) char *path = g_strdup_printf("%s/cordon-config-%ld", g_get_tmp_dir(), (long)getpid());
	struct config *config;

	file_replace(path, text, strlen(text), NULL);
	config = config_read(path, error);
	unlink(path);
	return config;
}

/* part NULL: the file is good; else a part of the message, and the line. */
static void check_file(const char *text, unsigned line, const char *part)
{
	struct error error = ERROR_INIT;
	AUTO(config_free) struct config *config = config_of(text, &error);

	if (!tap_ok(part == NULL ? config != NULL : config == NULL && error.kind == ERROR_USAGE && error.line == line &&
	            strstr(error.text, part) != NULL, "a file: %s", part != NULL ? part : "good"))
		printf("# line %u: %s\n", error.line, error.text);
}

/* part NULL: wanted is "tenant client login api scale"; else a part of the error. */
static void check_profile(const char *text, const char *name, const char *wanted, const char *part)
{
	struct error error = ERROR_INIT;
	AUTO(config_free) struct config *config = config_of(text, NULL);
	AUTO(profile_free) struct profile *profile = config_profile(config, name, fake_environment, &error);
	AUTO(g_free) char *got = profile != NULL ? g_strdup_printf("%s %s %s %s %g", profile->tenant, profile->client,
		profile->login_url, profile->api_url, profile->window_scale) : g_strdup(error.text);

	if (part == NULL)
		tap_str(got, wanted, wanted);
	else if (!tap_ok(profile == NULL && strstr(error.text, part) != NULL, "%s", part))
		printf("# got %s\n", got);
}

static void check_files(void)
{
	check_file("", 0, NULL);
	check_file("[profile a]\ntenant = t\ncloud = gcc-high\nhunting = xdr\n[policy]\nmax-devices = 5\n", 0, NULL);
	check_file("[profile a]\nclout = gcc\n", 2, "unknown key 'clout'");
	check_file("[profile a]\ncloud = gov\n", 2, "'cloud' is one of");
	check_file("[profile a]\nsecret = x\n", 2, "unknown key 'secret'");
	check_file("[profile a]\nsecret-file = a\nsecret-command = b\n", 3, "exclude each other");
	check_file("[profile a]\napi-url = https://x\n", 2, "only with 'cloud = custom'");
	check_file("[profile a]\ncloud = custom\nlogin-url = https://x\n", 0, "also needs 'api-url'");
	check_file("[profile a]\ncloud = custom\nlogin-url = http://x\napi-url = https://x\ngraph-url = https://x\n"
		"audience = y\n", 3, "plain http");
	check_file("[policy]\nmax-devices = many\n", 2, "whole number");
	check_file("[policy]\nprotected = osPlatfrm == 'x'\n", 2, "osPlatfrm");
	check_file("[policy]\nrestricted = maybe\n", 2, "'yes' or 'no'");
	check_file("[settings]\nsettle = soon\n", 2, "duration");
	check_file("[settings]\nsettle = 30\nsettle = 40\n", 3, "twice");
}

static void check_profiles(void)
{
	const char *file = "[profile a]\ntenant = T\nclient = C\nsecret-file = /s\n[profile us]\ntenant = U\nclient = D\n"
		"cloud = gcc-high\nsecret-command = x\n";

	ENVIRONMENT("X", "");
	check_profile(file, "a", "T C https://login.microsoftonline.com https://api.security.microsoft.com 1", NULL);
	check_profile(file, "us", "U D https://login.microsoftonline.us https://api-gov.securitycenter.microsoft.us 1", NULL);
	check_profile(file, "b", NULL, "there is no profile 'b'");
	check_profile(file, NULL, NULL, "no tenant");
	ENVIRONMENT("AZURE_TENANT_ID", "t", "AZURE_CLIENT_ID", "C", "AZURE_CLIENT_SECRET", "s");
	check_profile(file, "a", "T C https://login.microsoftonline.com https://api.security.microsoft.com 1", NULL);
	check_profile(file, "us", NULL, "two tenants are named");
	check_profile(file, NULL, "t C https://login.microsoftonline.com https://api.security.microsoft.com 1", NULL);
	ENVIRONMENT("AZURE_TENANT_ID", "t", "AZURE_CLIENT_ID", "C");
	check_profile("", NULL, NULL, "no secret");
	ENVIRONMENT("AZURE_TENANT_ID", "t", "AZURE_CLIENT_ID", "other", "AZURE_CLIENT_SECRET", "s");
	check_profile("[profile a]\nclient = C\n", "a", NULL, "no secret");
	check_profile("[profile a]\nclient = C\nauth = certificate\n", "a", NULL, "not available in this version");
	ENVIRONMENT("AZURE_TENANT_ID", "t", "AZURE_CLIENT_ID", "C", "AZURE_CLIENT_SECRET", "s", "CORDON_API_URL",
		"http://example.com");
	check_profile("", NULL, NULL, "plain http");
	ENVIRONMENT("AZURE_TENANT_ID", "t", "AZURE_CLIENT_ID", "C", "AZURE_CLIENT_SECRET", "s", "CORDON_API_URL",
		"http://127.0.0.1:8080", "CORDON_WINDOW_SCALE", "0.05");
	check_profile("", NULL, NULL, "every address is loopback");
	ENVIRONMENT("AZURE_TENANT_ID", "t", "AZURE_CLIENT_ID", "C", "AZURE_CLIENT_SECRET", "s", "CORDON_API_URL",
		"http://127.0.0.1:1/", "CORDON_LOGIN_URL", "http://localhost:2", "CORDON_GRAPH_URL", "http://[::1]:3",
		"CORDON_WINDOW_SCALE", "0.05");
	check_profile("", NULL, "t C http://localhost:2 http://127.0.0.1:1 0.05", NULL);
}

static void check_origins(void)
{
	static const char *const bad[] = { "ftp://x", "https://", "https://a/b", "https://u@h", "https://h:", "http://127.0.0.1.x",
		"http://127.evil", "https://h?x", "http://localhost.evil", "https://a b", "h", "https://h:123456" };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(bad); i++) {
		AUTO(g_free) char *origin = origin_parse(bad[i], "x", NULL);

		tap_ok(origin == NULL, "no address: %s", bad[i]);
	}
	tap_ok(origin_is_loopback("http://127.0.0.1:80") && !origin_is_loopback("https://127.0.0.1.evil.com"), "loopback");
}

static void check_settings(void)
{
	AUTO(settings_free) struct settings *settings = settings_new();
	struct error error = ERROR_INIT;

	tap_int(settings_number(settings, "inventory-age"), 15 * 60 * 1000, "a default, in milliseconds");
	tap_ok(settings_set(settings, "settle", "2m", "here", NULL), "set");
	tap_int(settings_number(settings, "settle"), 120000, "what was set");
	tap_str(settings_where(settings, "settle"), "here", "where from");
	tap_ok(!settings_set(settings, "setle", "2m", "here", &error), "an unknown one");
	tap_str(error.hint, "did you mean 'settle'?", "with the nearest");
	tap_ok(!settings_set(settings, "timing", "perhaps", "here", NULL) && !settings_bool(settings, "timing"), "a bad value");
	tap_ok(settings_set(settings, "timing", "yes", "here", NULL) && settings_bool(settings, "timing"), "a good one");
	tap_ok(settings_reset(settings, "timing", NULL) && !settings_bool(settings, "timing"), "and back");
}

int main(void)
{
	check_files();
	check_profiles();
	check_origins();
	check_settings();
	return tap_done();
}
