/* GET /api/machines and /api/machines/{id} (API contract, section 3). */
#include "config.h"
#include "defender/defender_internal.h"

#include "defender/url.h"

struct defender_read *defender_machines(struct defender *defender, const char *filter,
	const struct defender_pages *pages)
{
	return defender_read_start(defender, "/api/machines", filter, defender->limits[LIMIT_MACHINES], true, pages);
}

struct service_call *defender_machine(struct defender *defender, const char *id, defender_done *done, void *data)
{
	AUTO(g_string) GString *path = g_string_new("/api/machines/");

	url_append_escaped(path, id);
	return defender_call(defender, "GET", path->str, NULL, HTTP_SAFE, defender->limits[LIMIT_MACHINE], NULL, json_has_id,
		done, data);
}
