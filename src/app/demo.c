#include "config.h"
#include "app/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/isotime.h"

#define DEMO_WAIT_MS 15000
#define DEMO_TURN_MS 20
#define DEMO_SCALE "0.05" /* a minute of the service's limits and actions takes three seconds */

/* The first tenant that `cordon-sim --help` names. */
#define DEMO_TENANT "11111111-1111-4111-8111-111111111111"
#define DEMO_CLIENT "22222222-2222-4222-8222-222222222222"
#define DEMO_SECRET "sim~secret.1_+/=&%x"

struct demo {
	pid_t pid;
	unsigned port;
	char *scale;
	char *port_file;
	char *cache_dir;
};

static char *find_program(void)
{
	static const char *const places[] = { "cordon-sim", "../libexec/cordon-sim", "../libexec/cordon/cordon-sim" };
	AUTO(g_free) char *self = g_file_read_link("/proc/self/exe", NULL);
	AUTO(g_free) char *directory = self != NULL ? g_path_get_dirname(self) : NULL;
	size_t i;

	for (i = 0; directory != NULL && i < G_N_ELEMENTS(places); i++) {
		char *path = g_build_filename(directory, places[i], NULL);

		if (access(path, X_OK) == 0)
			return path;
		g_free(path);
	}
	return g_find_program_in_path("cordon-sim");
}

static void become(const char *program, const struct demo *demo, pid_t parent)
{
	const char *const argv[] = { program, "--quiet", "--port-file", demo->port_file, "--window-scale", demo->scale, NULL };
	int null = open("/dev/null", O_RDWR);

	/* Not ours is Ctrl-C, but our end. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	signal(SIGPIPE, SIG_DFL);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	execv(program, (char *const *)argv);
	_exit(127);
}

/* The port once the file is there, 0 before. */
static unsigned read_port(const struct demo *demo)
{
	AUTO(g_free) char *bytes = NULL;
	size_t length;
	guint64 port;

	if (access(demo->port_file, R_OK) != 0 || !file_read(demo->port_file, 64, &bytes, &length, NULL))
		return 0;
	port = g_ascii_strtoull(bytes, NULL, 10);
	return port <= 65535 ? (unsigned)port : 0;
}

static bool wait_port(struct session *session, struct demo *demo, struct error *error)
{
	int64_t until = clock_ms() + DEMO_WAIT_MS;
	int status;

	while ((demo->port = read_port(demo)) == 0) {
		if (waitpid(demo->pid, &status, WNOHANG) == demo->pid) {
			demo->pid = 0;
			return error_set(error, ERROR_FAILED, "the simulated tenant ended at once (status %d)",
				WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
		}
		if (loop_interrupted(session->loop))
			return error_set(error, ERROR_INTERRUPTED, "interrupted");
		if (clock_ms() > until)
			return error_set(error, ERROR_FAILED, "the simulated tenant does not answer");
		loop_turn(session->loop, DEMO_TURN_MS);
	}
	return true;
}

/* Each simulated tenant is new: an inventory of another would be wrong. So each process has a cache of its own, gone at
 * its end; one that died is cleared by the next. */
char *demo_cache_dir(const char *cache)
{
	return g_strdup_printf("%s/demo/%ld", cache, (long)getpid());
}

static void cache_remove(const char *path)
{
	AUTO(g_free) char *of_tenant = g_build_filename(path, DEMO_TENANT, NULL);
	GDir *dir = g_dir_open(of_tenant, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		AUTO(g_free) char *file = g_build_filename(of_tenant, name, NULL);

		unlink(file);
	}
	if (dir != NULL)
		g_dir_close(dir);
	rmdir(of_tenant);
	rmdir(path);
}

static void cache_sweep(const char *own)
{
	AUTO(g_free) char *parent = g_path_get_dirname(own);
	GDir *dir = g_dir_open(parent, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		AUTO(g_free) char *path = g_build_filename(parent, name, NULL);
		guint64 pid = g_ascii_strtoull(name, NULL, 10);

		if (pid == 0 || pid > INT_MAX || (kill((pid_t)pid, 0) != 0 && errno == ESRCH))
			cache_remove(path);
	}
	if (dir != NULL)
		g_dir_close(dir);
}

struct demo *demo_start(struct session *session, struct error *error)
{
	AUTO(g_free) char *program = find_program();
	const char *scale = g_getenv("CORDON_WINDOW_SCALE");
	struct demo *demo;
	pid_t parent = getpid();

	if (program == NULL) {
		error_set(error, ERROR_FAILED, "the simulated tenant 'cordon-sim' is not installed");
		return NULL;
	}
	if (!dir_make_private(session->state_dir, error))
		return NULL;
	cache_sweep(session->cache_dir);
	cache_remove(session->cache_dir);
	demo = g_new0(struct demo, 1);
	demo->cache_dir = g_strdup(session->cache_dir);
	demo->scale = g_strdup(scale != NULL && *scale != '\0' ? scale : DEMO_SCALE);
	demo->port_file = g_strdup_printf("%s/port-%ld", session->state_dir, (long)parent);
	unlink(demo->port_file);
	demo->pid = fork();
	if (demo->pid == 0)
		become(program, demo, parent);
	if (demo->pid < 0) {
		demo->pid = 0;
		error_set_errno(error, ERROR_FAILED, errno, "cannot start '%s'", program);
	}
	if (demo->pid == 0 || !wait_port(session, demo, error)) {
		demo_stop(demo);
		return NULL;
	}
	return demo;
}

struct profile *demo_profile(const struct demo *demo)
{
	return profile_demo(demo->port, DEMO_TENANT, DEMO_CLIENT, DEMO_SECRET, g_ascii_strtod(demo->scale, NULL));
}

void demo_stop(struct demo *demo)
{
	if (demo == NULL)
		return;
	if (demo->pid > 0) {
		kill(demo->pid, SIGTERM);
		while (waitpid(demo->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	unlink(demo->port_file);
	cache_remove(demo->cache_dir);
	g_free(demo->cache_dir);
	g_free(demo->port_file);
	g_free(demo->scale);
	g_free(demo);
}
