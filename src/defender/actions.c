/* Machine actions: the list, one of them, starting and cancelling one (API contract, section 5). */
#include "config.h"
#include "defender/defender_internal.h"

#include "core/isotime.h"
#include "defender/url.h"

struct defender_read *defender_actions(struct defender *defender, int64_t since, const struct defender_pages *pages)
{
	AUTO(g_free) char *filter = NULL;
	char text[ISOTIME_SIZE];

	if (since > 0) {
		isotime_format_ms(since, text);
		filter = g_strdup_printf("creationDateTimeUtc ge %s", text);
	}
	return defender_read_start(defender, "/api/machineactions", filter, defender->limits[LIMIT_ACTIONS], false, pages);
}

struct service_call *defender_action(struct defender *defender, const char *action_id, defender_done *done, void *data)
{
	AUTO(g_string) GString *path = g_string_new("/api/machineactions/");

	url_append_escaped(path, action_id);
	return defender_call(defender, "GET", path->str, NULL, HTTP_SAFE, defender->limits[LIMIT_ACTION], NULL, json_has_id,
		done, data);
}

struct service_call *defender_act(struct defender *defender, const struct defender_action_kind *kind,
	const char *device_id, const char *comment, const char *value, const char *request_id, defender_done *done,
	void *data)
{
	AUTO(g_string) GString *path = g_string_new("/api/machines/");
	json_t *body = json_object();

	url_append_escaped(path, device_id);
	g_string_append_printf(path, "/%s", kind->path);
	json_object_set_new(body, "Comment", json_text(comment));
	if (kind->parameter != NULL) {
		g_assert(value != NULL);
		json_object_set_new(body, kind->parameter, json_text(value));
	}
	return defender_call(defender, "POST", path->str, body, HTTP_ONCE, defender_limit_act(defender, kind), request_id,
		json_has_id, done, data);
}

struct service_call *defender_cancel(struct defender *defender, const char *action_id, const char *comment,
	const char *request_id, defender_done *done, void *data)
{
	AUTO(g_string) GString *path = g_string_new("/api/machineactions/");
	json_t *body = json_object();

	url_append_escaped(path, action_id);
	g_string_append(path, "/cancel");
	json_object_set_new(body, "Comment", json_text(comment));
	return defender_call(defender, "POST", path->str, body, HTTP_ONCE, defender->limits[LIMIT_CANCEL], request_id,
		json_has_id, done, data);
}
