#include "config.h"
#include "app/editor.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "app/child.h"
#include "core/auto.h"
#include "core/file.h"

static const char *editor_program(void)
{
	static const char *const variables[] = { "VISUAL", "EDITOR" };

	for (size_t i = 0; i < G_N_ELEMENTS(variables); i++) {
		const char *value = getenv(variables[i]);

		if (value != NULL && value[0] != '\0')
			return value;
	}
	return "vi";
}

/* Removes the directory with backups and swap files that an editor may leave. */
static void editor_remove(const char *dir)
{
	DIR *entries = opendir(dir);
	const struct dirent *entry;

	while (entries != NULL && (entry = readdir(entries)) != NULL) {
		AUTO(g_free) char *path = g_build_filename(dir, entry->d_name, NULL);

		unlink(path);
	}
	if (entries != NULL)
		closedir(entries);
	rmdir(dir);
}

static bool editor_edit(struct session *session, const char *path, char **text, struct error *error)
{
	/* As git does: the variable is a shell command that may hold options ("code --wait"). */
	AUTO(g_free) char *command = g_strconcat(editor_program(), " \"$@\"", NULL);
	const char *argv[] = { "/bin/sh", "-c", command, editor_program(), path, NULL };
	AUTO(g_free) char *bytes = NULL;
	size_t length;
	int status;

	if (!file_replace(path, *text, strlen(*text), error) || !child_run(session, argv, -1, -1, &status, error))
		return false;
	if (status != 0) {
		error_set(error, ERROR_FAILED, "the editor '%s' failed with status %d", editor_program(), status);
		error_hint(error, "set EDITOR to the editor you want");
		return false;
	}
	if (!file_read(path, EDITOR_LIMIT, &bytes, &length, error))
		return false;
	if (strlen(bytes) != length || !g_utf8_validate(bytes, (gssize)length, NULL))
		return error_set(error, ERROR_FAILED, "the edited text is not UTF-8");
	g_free(*text);
	*text = AUTO_STEAL(bytes);
	return true;
}

bool editor_run(struct session *session, char **text, struct error *error)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	AUTO(g_free) char *dir = NULL;
	AUTO(g_free) char *path = NULL;
	bool ok;

	if (session_is_restricted(session))
		return error_set(error, ERROR_FAILED, "the policy says 'restricted': no editor is started");
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return error_set(error, ERROR_USAGE, "an editor needs a terminal");
	dir = g_build_filename(runtime != NULL && access(runtime, W_OK) == 0 ? runtime : g_get_tmp_dir(),
		"cordon-XXXXXX", NULL);
	if (mkdtemp(dir) == NULL)
		return error_set_errno(error, ERROR_FAILED, errno, "cannot make directory '%s'", dir);
	path = g_build_filename(dir, "cordon.txt", NULL);
	ok = editor_edit(session, path, text, error);
	editor_remove(dir);
	return ok;
}
