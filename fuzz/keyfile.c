/* The configuration file: what is taken holds nothing but what is allowed, each once; a fault has its line. */
#include "config.h"
#include "fuzz/fuzz.h"

#include "core/auto.h"
#include "core/keyfile.h"

static const struct keyfile_key allowed[] = {
	{ "profile", true, false, "tenant" },   { "profile", true, false, "auth" },
	{ "policy", true, true, "protected" },  { "policy", true, true, "max-devices" },
	{ "settings", false, true, "settle" },  { NULL, false, false, NULL },
};

static void check_section(const struct keyfile *keyfile, const char *kind, const char *name)
{
	fuzz_check(keyfile_has_section(keyfile, kind, name), "a name without a section");
	for (const struct keyfile_key *key = allowed; key->kind != NULL; key++) {
		unsigned line = 0;
		const char *value = strcmp(key->kind, kind) == 0 ? keyfile_get(keyfile, kind, name, key->key, &line) : NULL;

		if (value == NULL)
			continue;
		fuzz_check(name[0] != '\0' ? key->named : key->unnamed, "a key in a section that cannot have it");
		fuzz_check(line != 0 && strchr(value, '\n') == NULL && g_utf8_validate(value, -1, NULL), "a bad value");
	}
}

FUZZ_TARGET(keyfile)
{
	static const char *const kinds[] = { "profile", "policy", "settings" };
	struct error error = ERROR_INIT;
	struct keyfile *keyfile = keyfile_parse("config", (const char *)data, size, allowed, &error);

	fuzz_check((keyfile == NULL) == (error.kind == ERROR_USAGE), "an error without words, or words without an error");
	if (keyfile == NULL) {
		fuzz_check(error.line != 0 || strstr(error.text, "UTF-8") != NULL, "no line: %s", error.text);
		return 0;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		AUTO(g_strfreev) char **names = keyfile_names(keyfile, kinds[i]);

		for (size_t n = 0; names[n] != NULL; n++)
			check_section(keyfile, kinds[i], names[n]);
		if (keyfile_has_section(keyfile, kinds[i], NULL))
			check_section(keyfile, kinds[i], "");
	}
	keyfile_free(keyfile);
	return 0;
}
