#include "config.h"
#include "commands/entries.h"

#include <string.h>

#include "app/check.h"
#include "app/profile.h"
#include "app/result.h"
#include "app/settings.h"
#include "app/tenant.h"
#include "engine/policy.h"

/* ---- set */

static bool set_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	const char *name = arguments_operand(arguments, 0), *value = arguments_operand(arguments, 1);

	if (name == NULL)
		return true;
	if (value == NULL)
		return settings_known(name, error);
	if (!settings_check(name, value, error))
		return false;
	if (strcmp(name, "comment") == 0)
		check->comment = *value != '\0';
	if (strcmp(name, "confirm-above") == 0 &&
	    (uint64_t)g_ascii_strtoull(value, NULL, 10) > policy_confirm_above(check->session->policy)) {
		error_set(error, ERROR_USAGE, "'confirm-above' can only be tightened: at most %llu",
			(unsigned long long)policy_confirm_above(check->session->policy));
		error_hint(error, "the configuration file's [policy] may allow more");
		return false;
	}
	return true;
}

static void set_row(const struct session *session, const struct setting *setting, struct result *result)
{
	result_cell(result, setting->name);
	result_cell(result, settings_text(session->settings, setting->name));
	result_cell(result, settings_where(session->settings, setting->name));
	result_cell(result, setting->help);
}

static bool set_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	const char *name = arguments_operand(arguments, 0), *value = arguments_operand(arguments, 1);
	const struct setting *setting;

	if (value != NULL) {
		if (!settings_set(session->settings, name, value, "set", error))
			return false;
		if (session->tenant != NULL && session->tenant->signed_in)
			tenant_refresh_engine(session->tenant);
		return true;
	}
	result_column(result, "SETTING", 0);
	result_column(result, "VALUE", RESULT_CUT);
	result_column(result, "FROM", 0);
	result_column(result, "MEANING", RESULT_CUT);
	for (setting = setting_table; setting->name != NULL; setting++)
		if (name == NULL || strcmp(name, setting->name) == 0)
			set_row(session, setting, result);
	return true;
}

static const char *const set_examples[] = { "set", "set comment 'INC-4711 containment'", "set on-partial stop", NULL };
const struct command command_set = {
	.name = "set", .group = GROUP_SESSION, .summary = "list settings, or change one", .examples = set_examples,
	.operands = { { "NAME", VALUE_TEXT, 0, 1, COMPLETE_SETTINGS, NULL, "the setting" },
		{ "VALUE", VALUE_TEXT, 0, 1, COMPLETE_NOTHING, NULL, "its new value" } },
	.check = set_check, .run = set_run,
};

/* ---- profile */

static bool profile_check(struct check *check, const struct arguments *arguments, struct error *error)
{
	const char *name = arguments_operand(arguments, 0);
	AUTO(g_strfreev) char **names = config_profiles(check->session->config);

	if (name == NULL || g_strv_contains((const char *const *)names, name))
		return true;
	return error_set(error, ERROR_USAGE, "there is no profile '%s' in '%s'", name,
		config_path(check->session->config));
}

static void profile_keys(const struct session *session, const char *name, struct result *result)
{
	const struct keyfile_key *key;

	result_column(result, "KEY", 0);
	result_column(result, "VALUE", RESULT_CUT);
	for (key = config_keys; key->kind != NULL; key++) {
		const char *value = strcmp(key->kind, "profile") == 0 ? config_value(session->config, name, key->key) : NULL;

		if (value == NULL)
			continue;
		result_cell(result, key->key);
		result_cell(result, value);
	}
}

static bool profile_run(struct session *session, const struct arguments *arguments, struct result *result,
	struct error *error)
{
	const char *name = arguments_operand(arguments, 0);
	AUTO(g_strfreev) char **names = config_profiles(session->config);
	size_t i;

	(void)error;
	if (name != NULL) {
		profile_keys(session, name, result);
		return true;
	}
	result_column(result, "PROFILE", 0);
	result_column(result, "TENANT", 0);
	result_column(result, "CLOUD", 0);
	result_column(result, "IN USE", 0);
	for (i = 0; names[i] != NULL; i++) {
		const char *cloud = config_value(session->config, names[i], "cloud");

		result_cell(result, names[i]);
		result_cell(result, config_value(session->config, names[i], "tenant"));
		result_cell(result, cloud != NULL ? cloud : "commercial");
		result_cell(result, strcmp(names[i], session->profile_name) == 0 ? "yes" : "");
	}
	result_summary(result, "%zu profile%s in %s", i, i == 1 ? "" : "s", config_path(session->config));
	return true;
}

static const char *const profile_help[] = {
	"The configuration file is changed with an editor; every key is described in cordon(1).", NULL,
};
const struct command command_profile = {
	.name = "profile", .group = GROUP_SESSION, .summary = "list the profiles of the configuration file, or show one",
	.help = profile_help,
	.operands = { { "NAME", VALUE_TEXT, 0, 1, COMPLETE_PROFILES, NULL, "the profile" } },
	.check = profile_check, .run = profile_run,
};
