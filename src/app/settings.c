#include "config.h"
#include "app/settings.h"

#include <string.h>

#include <glib.h>

#include "core/isotime.h"
#include "core/text.h"

static const char *const on_partial_words[] = { "continue", "stop", NULL };
static const char *const output_words[] = { "table", "line", "csv", "json", NULL };

const struct setting setting_table[] = {
	{ "settle", SETTING_DURATION, "30", NULL, "how long the tenant's action list may lag behind" },
	{ "inventory-age", SETTING_DURATION, "15m", NULL, "read the inventory anew when it is older" },
	{ "background", SETTING_BOOL, "off", NULL, "acts run in the background, as with &" },
	{ "on-partial", SETTING_WORD, "continue", on_partial_words, "what a batch does after a partial result" },
	{ "confirm-above", SETTING_NUMBER, "10", NULL, "above so many devices an act asks for their number" },
	{ "comment", SETTING_TEXT, "", NULL, "comment of acts that have no --comment" },
	{ "output", SETTING_WORD, "table", output_words, "format of results" },
	{ "pager", SETTING_TEXT, "", NULL, "program for long results; empty: $PAGER or less; off: none" },
	{ "timing", SETTING_BOOL, "off", NULL, "tell how long each command took" },
	{ "prompt", SETTING_TEXT, "cordon %t [%n]%m> ", NULL, "%t tenant, %n devices, %m modes, %c case, %% a %" },
	{ "echo", SETTING_BOOL, "off", NULL, "command files show their comments and commands as they run" },
	{ .name = NULL },
};

#define SETTINGS (G_N_ELEMENTS(setting_table) - 1)

struct settings {
	char *values[SETTINGS]; /* NULL: the default */
	char *where[SETTINGS];
};

struct settings *settings_new(void)
{
	return g_new0(struct settings, 1);
}

void settings_free(struct settings *settings)
{
	size_t i;

	if (settings == NULL)
		return;
	for (i = 0; i < SETTINGS; i++) {
		g_free(settings->values[i]);
		g_free(settings->where[i]);
	}
	g_free(settings);
}

static size_t setting_find(const char *name, struct error *error)
{
	const char *names[SETTINGS + 1];
	const char *near;
	size_t i;

	for (i = 0; i < SETTINGS; i++) {
		if (strcmp(setting_table[i].name, name) == 0)
			return i;
		names[i] = setting_table[i].name;
	}
	names[SETTINGS] = NULL;
	near = text_nearest(name, names);
	error_set(error, ERROR_USAGE, "there is no setting '%s'", name);
	if (near != NULL)
		error_hint(error, "did you mean '%s'?", near);
	else
		error_hint(error, "'set' lists them");
	return SETTINGS;
}

static int bool_value(const char *value)
{
	static const char *const yes[] = { "on", "yes", "true", "1", NULL };
	static const char *const no[] = { "off", "no", "false", "0", NULL };

	if (g_strv_contains(yes, value))
		return 1;
	return g_strv_contains(no, value) ? 0 : -1;
}

static bool number_value(const char *value, int64_t *number)
{
	char *end;

	*number = (int64_t)g_ascii_strtoull(value, &end, 10);
	return g_ascii_isdigit(*value) && *end == '\0' && *number >= 0 && *number < INT64_MAX;
}

static bool value_ok(const struct setting *setting, const char *value, struct error *error)
{
	int64_t number;

	switch (setting->kind) {
	case SETTING_NUMBER:
		return number_value(value, &number) ||
			error_set(error, ERROR_USAGE, "setting '%s' wants a whole number, not '%s'", setting->name, value);
	case SETTING_DURATION:
		return duration_parse(value, &number) ||
			error_set(error, ERROR_USAGE, "setting '%s' wants a duration such as 30s or 15m, not '%s'",
				setting->name, value);
	case SETTING_BOOL:
		return bool_value(value) >= 0 ||
			error_set(error, ERROR_USAGE, "setting '%s' is 'on' or 'off', not '%s'", setting->name, value);
	case SETTING_WORD:
		if (!g_strv_contains(setting->words, value)) {
			AUTO(g_free) char *all = g_strjoinv(", ", (char **)setting->words);

			return error_set(error, ERROR_USAGE, "setting '%s' is one of %s, not '%s'", setting->name, all, value);
		}
		return true;
	default:
		return true;
	}
}

bool settings_known(const char *name, struct error *error)
{
	return setting_find(name, error) < SETTINGS;
}

bool settings_check(const char *name, const char *value, struct error *error)
{
	size_t index = setting_find(name, error);

	return index < SETTINGS && value_ok(&setting_table[index], value, error);
}

bool settings_set(struct settings *settings, const char *name, const char *value, const char *where,
	struct error *error)
{
	size_t index = setting_find(name, error);

	if (index == SETTINGS || !value_ok(&setting_table[index], value, error))
		return false;
	g_free(settings->values[index]);
	g_free(settings->where[index]);
	settings->values[index] = g_strdup(value);
	settings->where[index] = g_strdup(where);
	return true;
}

bool settings_reset(struct settings *settings, const char *name, struct error *error)
{
	size_t index = setting_find(name, error);

	if (index == SETTINGS)
		return false;
	g_clear_pointer(&settings->values[index], g_free);
	g_clear_pointer(&settings->where[index], g_free);
	return true;
}

const char *settings_text(const struct settings *settings, const char *name)
{
	size_t index = setting_find(name, NULL);

	g_assert(index < SETTINGS);
	return settings->values[index] != NULL ? settings->values[index] : setting_table[index].fallback;
}

const char *settings_where(const struct settings *settings, const char *name)
{
	size_t index = setting_find(name, NULL);

	g_assert(index < SETTINGS);
	return settings->where[index] != NULL ? settings->where[index] : "default";
}

int64_t settings_number(const struct settings *settings, const char *name)
{
	size_t index = setting_find(name, NULL);
	const char *text = settings_text(settings, name);
	int64_t number = 0;

	if (setting_table[index].kind == SETTING_DURATION)
		duration_parse(text, &number);
	else
		number_value(text, &number);
	return number;
}

bool settings_bool(const struct settings *settings, const char *name)
{
	return bool_value(settings_text(settings, name)) == 1;
}
