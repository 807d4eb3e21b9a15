/* The configuration file: what may stand in it, and the settings and policy it holds. */
#include "config.h"
#include "app/config_internal.h"

#include <string.h>

#include <glib.h>

#include "core/file.h"
#include "core/text.h"

#define PROFILE_KEY(key) { "profile", true, false, key }
#define POLICY_KEY(key) { "policy", true, true, key }
#define SETTING_KEY(key) { "settings", false, true, key }

const struct keyfile_key config_keys[] = {
	PROFILE_KEY("tenant"), PROFILE_KEY("client"), PROFILE_KEY("auth"), PROFILE_KEY("secret-file"),
	PROFILE_KEY("secret-command"), PROFILE_KEY("certificate"), PROFILE_KEY("certificate-password-command"),
	PROFILE_KEY("token-command"), PROFILE_KEY("cloud"), PROFILE_KEY("login-url"), PROFILE_KEY("api-url"),
	PROFILE_KEY("graph-url"), PROFILE_KEY("audience"), PROFILE_KEY("hunting"), PROFILE_KEY("proxy"),
	PROFILE_KEY("ca-bundle"),
	POLICY_KEY("protected"), POLICY_KEY("protected-list"), POLICY_KEY("max-devices"), POLICY_KEY("confirm-above"),
	POLICY_KEY("restricted"),
	SETTING_KEY("settle"), SETTING_KEY("inventory-age"), SETTING_KEY("background"), SETTING_KEY("on-partial"),
	SETTING_KEY("confirm-above"), SETTING_KEY("comment"), SETTING_KEY("output"), SETTING_KEY("pager"),
	SETTING_KEY("timing"), SETTING_KEY("prompt"), SETTING_KEY("echo"),
	{ .kind = NULL },
};

bool config_fault(const struct config *config, unsigned line, struct error *error)
{
	error_at(error, config->path, line, 0);
	return false;
}

static bool policy_number(const struct config *config, const char *section, const char *key, int64_t *number,
	struct error *error)
{
	unsigned line;
	const char *value = keyfile_get(config->keyfile, "policy", section, key, &line);
	char *end;

	if (value == NULL)
		return true;
	*number = (int64_t)g_ascii_strtoull(value, &end, 10);
	if (g_ascii_isdigit(*value) && *end == '\0' && *number >= 0 && *number < INT64_MAX)
		return true;
	error_set(error, ERROR_USAGE, "'%s' wants a whole number, not '%s'", key, value);
	return config_fault(config, line, error);
}

/* A path of the file is taken from where the file is. The caller frees with g_free. */
char *config_relative(const struct config *config, const char *path)
{
	AUTO(g_free) char *directory = g_path_get_dirname(config->path);

	if (g_path_is_absolute(path))
		return g_strdup(path);
	if (strncmp(path, "~/", 2) == 0)
		return g_build_filename(g_get_home_dir(), path + 2, NULL);
	return g_build_filename(directory, path, NULL);
}

/* Puts one section's rules into rules; list receives a text the caller frees. */
static bool policy_section(const struct config *config, const char *section, struct policy_rules *rules, char **list,
	struct error *error)
{
	const char *value;
	unsigned line;

	*rules = (struct policy_rules)POLICY_RULES_INIT;
	rules->protected = keyfile_get(config->keyfile, "policy", section, "protected", &rules->protected_line);
	rules->protected_file = config->path;
	value = keyfile_get(config->keyfile, "policy", section, "protected-list", &line);
	if (value != NULL && *value == '\0') {
		error_set(error, ERROR_USAGE, "'protected-list' names no file");
		return config_fault(config, line, error);
	}
	if (value != NULL)
		*list = config_relative(config, value);
	rules->protected_list = *list;
	value = keyfile_get(config->keyfile, "policy", section, "restricted", &line);
	if (value != NULL && strcmp(value, "yes") != 0 && strcmp(value, "no") != 0) {
		error_set(error, ERROR_USAGE, "'restricted' is 'yes' or 'no', not '%s'", value);
		return config_fault(config, line, error);
	}
	rules->restricted = value != NULL && strcmp(value, "yes") == 0;
	return policy_number(config, section, "max-devices", &rules->max_devices, error) &&
		policy_number(config, section, "confirm-above", &rules->confirm_above, error);
}

static bool settings_section(const struct config *config, struct settings *settings, struct error *error)
{
	const struct setting *setting;
	const char *value;
	unsigned line;

	for (setting = setting_table; setting->name != NULL; setting++) {
		value = keyfile_get(config->keyfile, "settings", NULL, setting->name, &line);
		if (value == NULL)
			continue;
		AUTO(g_free) char *where = g_strdup_printf("config, line %u", line);
		if (!settings_set(settings, setting->name, value, where, error))
			return config_fault(config, line, error);
	}
	return true;
}

bool config_settings(const struct config *config, struct settings *settings, struct error *error)
{
	return settings_section(config, settings, error);
}

struct policy *config_policy(const struct config *config, const char *profile, struct error *error)
{
	struct policy_rules rules[3];
	AUTO(g_free) char *general = NULL, *own = NULL;
	const char *setting = keyfile_get(config->keyfile, "settings", NULL, "confirm-above", NULL);
	struct error fault = ERROR_INIT;
	struct policy *policy;

	if (!policy_section(config, NULL, &rules[0], &general, &fault) ||
	    !policy_section(config, profile, &rules[1], &own, &fault))
		error_copy(error, &fault); /* checked when the file was read: not reached */
	rules[2] = (struct policy_rules)POLICY_RULES_INIT;
	if (setting != NULL)
		rules[2].confirm_above = (int64_t)g_ascii_strtoull(setting, NULL, 10);
	policy = policy_new(rules, G_N_ELEMENTS(rules), error);
	return policy;
}

/* A policy for a profile that is not there is a slip that would loosen what was meant to be strict. */
static bool check_policy_profile(const struct config *config, const char *name, char *const *profiles,
	struct error *error)
{
	const char *near;

	if (strcmp(name, "default") == 0 || g_strv_contains((const char *const *)profiles, name))
		return true;
	error_set(error, ERROR_USAGE, "there is no profile '%s' for section '[policy %s]'", name, name);
	near = text_nearest(name, (const char *const *)profiles);
	if (near != NULL)
		error_hint(error, "did you mean '%s'?", near);
	return config_fault(config, keyfile_section_line(config->keyfile, "policy", name), error);
}

static bool check_policy(const struct config *config, const char *section, struct error *error)
{
	struct error fault = ERROR_INIT;
	struct policy_rules rules;
	AUTO(g_free) char *list = NULL;

	if (!policy_section(config, section, &rules, &list, error))
		return false;
	policy_free(policy_new(&rules, 1, &fault));
	return fault.kind == ERROR_NONE || error_copy(error, &fault);
}

/* Everything that can be wrong is found when the file is read, whichever profile is used. */
static bool config_check(const struct config *config, struct error *error)
{
	AUTO(g_strfreev) char **policies = keyfile_names(config->keyfile, "policy");
	AUTO(g_strfreev) char **profiles = config_profiles(config);
	AUTO(settings_free) struct settings *scratch = settings_new();
	size_t i;

	if (!check_policy(config, NULL, error))
		return false;
	for (i = 0; policies[i] != NULL; i++)
		if (!check_policy_profile(config, policies[i], profiles, error) || !check_policy(config, policies[i], error))
			return false;
	for (i = 0; profiles[i] != NULL; i++)
		if (!config_check_profile(config, profiles[i], error))
			return false;
	return settings_section(config, scratch, error);
}

struct config *config_empty(void)
{
	struct config *config = g_new0(struct config, 1);

	config->path = g_strdup("config");
	config->keyfile = keyfile_parse(config->path, "", 0, config_keys, NULL);
	return config;
}

struct config *config_read(const char *path, struct error *error)
{
	AUTO(config_free) struct config *config = g_new0(struct config, 1);
	struct error fault = ERROR_INIT;

	config->path = g_strdup(path);
	config->keyfile = keyfile_read(path, config_keys, &fault);
	if (config->keyfile == NULL || !config_check(config, &fault)) {
		error_copy(error, &fault);
		return NULL;
	}
	return AUTO_STEAL(config);
}

void config_free(struct config *config)
{
	if (config == NULL)
		return;
	g_free(config->path);
	keyfile_free(config->keyfile);
	g_free(config);
}

const char *config_path(const struct config *config)
{
	return config->path;
}

char **config_profiles(const struct config *config)
{
	return keyfile_names(config->keyfile, "profile");
}

const char *config_value(const struct config *config, const char *profile, const char *key)
{
	return keyfile_get(config->keyfile, "profile", profile, key, NULL);
}
