#include "config.h"
#include "core/keyfile.h"

#include "core/auto.h"
#include "tests/tap.h"

AUTO_DEFINE(keyfile_free, struct keyfile *)

static const struct keyfile_key keys[] = {
	{ "profile", true, false, "tenant" },
	{ "profile", true, false, "secret-command" },
	{ "policy", true, true, "protected" },
	{ NULL, false, false, NULL },
};

static void check(const char *text, const char *wanted, unsigned line)
{
	struct error error = ERROR_INIT;
	AUTO(keyfile_free) struct keyfile *keyfile = keyfile_parse("config", text, strlen(text), keys, &error);

	tap_str(keyfile == NULL ? error.text : "ok", wanted, text);
	tap_int(error.line, line, "line");
}

static void check_files(void)
{
	AUTO(g_free) char *dir = g_dir_make_tmp("keyfile-XXXXXX", NULL);
	AUTO(g_free) char *path = g_build_filename(dir, "config", NULL);
	AUTO(g_free) char *below = g_build_filename(path, "config", NULL);
	struct error error = ERROR_INIT;
	struct keyfile *keyfile = keyfile_read(path, keys, &error);

	tap_ok(keyfile != NULL && !keyfile_has_section(keyfile, "policy", NULL), "no file is an empty file");
	keyfile_free(keyfile);
	tap_ok(symlink("gone", path) == 0 && keyfile_read(path, keys, &error) == NULL, "a link to nowhere is a fault");
	unlink(path);
	tap_ok(g_file_set_contents(path, "[policy]\n", -1, NULL) && keyfile_read(below, keys, NULL) == NULL,
		"so is a file where a directory should be");
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const char *text = "\xef\xbb\xbf# comment\n[profile contoso]\r\ntenant = a # b\nsecret-command = x = y\n"
		"[policy]\nprotected = machineTags has \"tier0\"\n[policy contoso]\n";
	AUTO(keyfile_free) struct keyfile *keyfile = keyfile_parse("config", text, strlen(text), keys, NULL);
	AUTO(g_strfreev) char **names = keyfile_names(keyfile, "profile");

	tap_str(keyfile_get(keyfile, "profile", "contoso", "tenant", NULL), "a # b", "a value is the rest of its line");
	tap_str(keyfile_get(keyfile, "profile", "contoso", "secret-command", NULL), "x = y", "further equals signs");
	tap_str(keyfile_get(keyfile, "policy", NULL, "protected", NULL), "machineTags has \"tier0\"", "unnamed section");
	tap_ok(keyfile_has_section(keyfile, "policy", "contoso"), "empty section");
	tap_str(names[0], "contoso", "names");
	check("", "ok", 0);
	check("[profile a]\n[profile a]\n", "section '[profile a]' appears twice", 2);
	check("[profile a]\ntenant = 1\ntenant = 2\n", "key 'tenant' appears twice", 3);
	check("[policy]\nprotcted = x\n", "unknown key 'protcted' in section '[policy]'", 2);
	check("[policys]\n", "unknown section '[policys]'", 1);
	check("[profile]\n", "unknown section '[profile]'", 1);
	check("tenant = 1\n", "a key stands before the first section", 1);
	check("[policy]\nprotected\n", "'protected' is neither 'key = value', a section nor a comment", 2);
	check("[policy\n", "a section line does not end with ']'", 1);
	check("[policy]\nprotected = \xff\n", "this is not UTF-8 text", 2);
	check_files();
	return tap_done();
}
