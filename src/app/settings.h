/* Settings: `[settings]` of the configuration file, and `set NAME VALUE` (contract, section 1). */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/auto.h"
#include "core/error.h"

enum setting_kind { SETTING_TEXT, SETTING_NUMBER, SETTING_DURATION, SETTING_BOOL, SETTING_WORD };

struct setting {
	const char *name;
	enum setting_kind kind;
	const char *fallback;      /* the default, as text */
	const char *const *words;  /* of SETTING_WORD; NULL-terminated */
	const char *help;          /* one line */
};

/* All settings, in the order of `set`; ends with a NULL name. */
extern const struct setting setting_table[];

struct settings;

struct settings *settings_new(void);
void settings_free(struct settings *settings);
AUTO_DEFINE(settings_free, struct settings *)

/* Whether there is a setting of that name. */
bool settings_known(const char *name, struct error *error);
/* Whether name and value would do, without setting. */
bool settings_check(const char *name, const char *value, struct error *error);
/* where is for people: "default", "config line 12", "set", "-o". Copied. */
bool settings_set(struct settings *settings, const char *name, const char *value, const char *where,
	struct error *error);
bool settings_reset(struct settings *settings, const char *name, struct error *error);

/* name must be in the table. */
const char *settings_text(const struct settings *settings, const char *name);
const char *settings_where(const struct settings *settings, const char *name);
int64_t settings_number(const struct settings *settings, const char *name); /* durations: milliseconds */
bool settings_bool(const struct settings *settings, const char *name);

#endif
