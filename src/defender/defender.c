#include "config.h"
#include "defender/defender.h"

#include <string.h>

#include "defender/defender_internal.h"

/* API contract, section 12; the hunting ways of Defender XDR and Graph name no number an hour. */
static const struct { unsigned minute, hour; } limits[LIMIT_COUNT] = {
	[LIMIT_MACHINES] = { 100, 1500 },
	[LIMIT_MACHINE] = { 100, 1500 },
	[LIMIT_ACTIONS] = { 100, 1500 },
	[LIMIT_ACTION] = { 100, 1500 },
	[LIMIT_TAG] = { 100, 1500 },
	[LIMIT_CANCEL] = { 100, 1500 },
	[LIMIT_HUNT_GRAPH] = { 45, 0 },
	[LIMIT_HUNT_XDR] = { 45, 0 },
	[LIMIT_HUNT_MDE] = { 45, 1500 },
};

struct defender *defender_new(struct service *service, const struct defender_config *config)
{
	struct defender *defender = g_new0(struct defender, 1);

	defender->service = service;
	defender->api_url = g_strdup(config->api_url);
	defender->xdr_url = g_strdup(config->xdr_url != NULL ? config->xdr_url : config->api_url);
	defender->graph_url = g_strdup(config->graph_url);
	defender->api_audience = g_strdup(config->api_audience);
	defender->xdr_audience = g_strdup(config->xdr_audience);
	defender->graph_audience = g_strdup(config->graph_audience);
	defender->hunting = config->hunting;
	for (int i = 0; i < LIMIT_COUNT; i++)
		defender->limits[i] = limit_new(limits[i].minute, limits[i].hour, config->window_scale);
	defender->act_limits = g_ptr_array_new_with_free_func((GDestroyNotify)limit_free);
	for (const struct defender_action_kind *const *kind = defender_action_kinds(); *kind != NULL; kind++)
		g_ptr_array_add(defender->act_limits,
			limit_new((*kind)->per_minute, (*kind)->per_hour, config->window_scale));
	defender->reads = g_ptr_array_new();
	defender->hunts = g_ptr_array_new();
	return defender;
}

void defender_free(struct defender *defender)
{
	if (defender == NULL)
		return;
	while (defender->reads->len > 0)
		read_abandon(defender->reads->pdata[0]);
	while (defender->hunts->len > 0)
		hunt_abandon(defender->hunts->pdata[0]);
	g_ptr_array_unref(defender->reads);
	g_ptr_array_unref(defender->hunts);
	g_ptr_array_unref(defender->act_limits);
	for (int i = 0; i < LIMIT_COUNT; i++)
		limit_free(defender->limits[i]);
	g_free(defender->api_url);
	g_free(defender->xdr_url);
	g_free(defender->graph_url);
	g_free(defender->api_audience);
	g_free(defender->xdr_audience);
	g_free(defender->graph_audience);
	g_free(defender);
}

const char *defender_audience(const struct defender *defender, enum defender_hunting hunting)
{
	switch (hunting) {
	case DEFENDER_GRAPH:
		return defender->graph_audience;
	case DEFENDER_XDR:
		return defender->xdr_audience;
	default:
		return defender->api_audience;
	}
}

struct limit *defender_limit_act(struct defender *defender, const struct defender_action_kind *kind)
{
	const struct defender_action_kind *const *kinds = defender_action_kinds();

	for (guint i = 0; kinds[i] != NULL; i++)
		if (kinds[i] == kind)
			return defender->act_limits->pdata[i];
	g_error("an action that is not in the table");
}

struct limit *defender_limit_tag(struct defender *defender)
{
	return defender->limits[LIMIT_TAG];
}

struct limit *defender_limit_cancel(struct defender *defender)
{
	return defender->limits[LIMIT_CANCEL];
}

json_t *json_text(const char *text)
{
	AUTO(g_free) char *valid = g_utf8_make_valid(text, -1);

	return json_string(valid);
}

bool json_has_id(const json_t *json, struct error *error)
{
	const char *id = json_string_value(json_object_get(json, "id"));

	if (id != NULL && *id != '\0')
		return true;
	error_set(error, ERROR_FAILED, "the service's answer names no id");
	error_code(error, "UnreadableAnswer", NULL);
	return false;
}

struct service_call *defender_call(struct defender *defender, const char *method, const char *path, json_t *body,
	enum http_kind kind, struct limit *limit, const char *request_id,
	bool (*check)(const json_t *json, struct error *error), defender_done *done, void *data)
{
	AUTO(g_free) char *url = g_strconcat(defender->api_url, path, NULL);
	struct service_call_spec spec = {
		.method = method,
		.url = url,
		.audience = defender->api_audience,
		.limit = limit,
		.body = body,
		.kind = kind,
		.client_request_id = request_id,
		.on_json = check,
		.on_done = done,
		.data = data,
	};

	return service_start(defender->service, &spec);
}

void defender_call_cancel(struct defender *defender, struct service_call *call)
{
	service_cancel(defender->service, call);
}
