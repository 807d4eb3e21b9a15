/* cordon-sim: the simulated tenant as a program (contract, section 8). */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/file.h"
#include "sim/server.h"
#include "sim/sim.h"

static int fail(const struct error *error)
{
	fprintf(stderr, "cordon-sim: %s\n", error->text);
	if (error->hint[0] != '\0')
		fprintf(stderr, "cordon-sim: %s\n", error->hint);
	return error_status(error->kind);
}

static bool tell_port(const struct sim *sim, unsigned port, struct error *error)
{
	char text[16];

	if (!sim->options.quiet)
		fprintf(stderr, "cordon-sim: http://127.0.0.1:%u\n", port);
	if (sim->options.port_file == NULL)
		return true;
	g_snprintf(text, sizeof text, "%u\n", port);
	return file_replace(sim->options.port_file, text, strlen(text), error);
}

int main(int argc, char **argv)
{
	struct sim sim = { 0 };
	struct error error = ERROR_INIT;
	struct server *server = NULL;
	bool ok = sim_options_parse(&sim.options, argc, argv, &error) && sim_start(&sim, &error);

	if (ok) {
		server = server_start(&sim, &error);
		ok = server != NULL && tell_port(&sim, server_port(server), &error) && server_run(server, &error);
	}
	server_free(server);
	sim_stop(&sim);
	return ok ? 0 : fail(&error);
}
