#include "config.h"
#include "defender/defender.h"

#include "defender/url.h"
#include "tests/tap.h"

static void check(const char *name, const char *platform, const char *version, const char *wanted)
{
	const struct defender_action_kind *kind = defender_action_kind(name);

	tap_ok(g_strcmp0(kind->unsupported(platform, version), wanted) == 0, "%s on %s %s: %s", name,
		platform != NULL ? platform : "null", version != NULL ? version : "null", wanted != NULL ? wanted : "tried");
}

static void check_platforms(void)
{
	const struct defender_action_kind *isolate = defender_action_kind("isolate");

	check("isolate", "Windows10", "1607", "not supported before Windows 10 1703");
	check("isolate", "Windows10", "1703", NULL);
	check("isolate", "Windows10", "22H2", NULL);
	check("isolate", "Windows10", "Other", NULL);
	check("isolate", "Windows10", NULL, NULL);
	check("isolate", "WindowsServer2012R2", NULL, NULL);
	check("isolate", "Ubuntu", NULL, NULL);
	check("isolate", "iOS", NULL, "not supported on mobile devices");
	check("isolate", "Windows7", NULL, "not supported before Windows 10");
	check("isolate", "SomethingNew", NULL, NULL);
	check("isolate", NULL, NULL, NULL);
	check("scan", "Windows10", "1703", "not supported before Windows 10 1709");
	check("scan", "macOS", NULL, NULL);
	check("restrict", "Linux", NULL, "not supported on Linux");
	check("restrict", "WindowsServer2016", NULL, "not supported on Windows Server 2016");
	check("restrict", "WindowsServer2022", NULL, NULL);
	check("offboard", "macOS", NULL, "not supported on macOS");
	tap_str(isolate->unsupported_value("Selective", "Linux", NULL), "not supported on Linux", "selective on Linux");
	tap_ok(isolate->unsupported_value("Full", "Linux", NULL) == NULL, "full on Linux");
	tap_ok(isolate->unsupported_value("Selective", "Windows10", "1703") != NULL, "selective before 1709");
}

static void check_table(void)
{
	tap_ok(defender_action_kind("unisolate") == defender_action_kind("release"), "unisolate is release");
	tap_ok(defender_action_kind("reboot") == NULL, "no such action");
	for (const struct defender_action_kind *const *kind = defender_action_kinds(); *kind != NULL; kind++) {
		const struct defender_action_kind *inverse =
			(*kind)->inverse != NULL ? defender_action_kind((*kind)->inverse) : NULL;

		tap_ok((*kind)->inverse == NULL || (inverse != NULL && strcmp(inverse->inverse, (*kind)->name) == 0
			&& strcmp(inverse->type, (*kind)->opposite) == 0), "%s: its inverse leads back", (*kind)->name);
		tap_ok((*kind)->role != NULL && (*kind)->unsupported != NULL && (*kind)->per_minute + (*kind)->per_hour > 0,
			"%s: role, platforms, limit", (*kind)->name);
	}
}

int main(void)
{
	AUTO(g_string) GString *text = g_string_new(NULL);

	check_platforms();
	check_table();
	odata_append_literal(text, "O'Neill''s");
	tap_str(text->str, "'O''Neill''''s'", "an OData literal");
	g_string_truncate(text, 0);
	url_append_escaped(text, "a b/ü'&?#%");
	tap_str(text->str, "a%20b%2F%C3%BC%27%26%3F%23%25", "a URL segment");
	return tap_done();
}
