#include "config.h"
#include "sim/request.h"

#include <string.h>

#include "core/auto.h"
#include "sim/calls.h"
#include "sim/faults.h"
#include "sim/limits.h"
#include "sim/log.h"
#include "sim/route.h"

static char *decode(const char *text, size_t length)
{
	char *plain = g_uri_unescape_segment(text, text + length, NULL);

	if (plain == NULL)
		plain = g_strndup(text, length);
	if (!g_utf8_validate(plain, -1, NULL)) {
		char *valid = g_utf8_make_valid(plain, -1);

		g_free(plain);
		plain = valid;
	}
	return plain;
}

struct request *request_new(struct sim *sim, const char *uri)
{
	struct request *request = g_new0(struct request, 1);
	size_t length = strcspn(uri, "?");

	request->sim = sim;
	request->uri = g_utf8_make_valid(uri, -1);
	request->path = decode(uri, length);
	request->query = uri[length] == '?' ? form_parse(uri + length + 1, strlen(uri + length + 1)) : json_object();
	request->segments = g_ptr_array_new_with_free_func(g_free);
	for (const char *at = uri; at < uri + length; ) {
		size_t part = strcspn(at, "/?");

		if (part > 0)
			g_ptr_array_add(request->segments, decode(at, part));
		at += part + 1;
	}
	request->headers = json_object();
	request->body = g_string_new(NULL);
	return request;
}

void request_free(struct request *request)
{
	if (request == NULL)
		return;
	answer_clear(&request->answer);
	g_free(request->method);
	g_free(request->uri);
	g_free(request->path);
	g_ptr_array_unref(request->segments);
	json_decref(request->query);
	json_decref(request->headers);
	json_decref(request->json);
	json_decref(request->logged_body);
	g_free(request->authorization);
	g_free(request->host);
	g_free(request->limit_key);
	g_string_free(request->body, TRUE);
	g_free(request);
}

const char *request_query(const struct request *request, const char *name)
{
	return json_string_value(json_object_get(request->query, name));
}

static bool refuse_token(struct request *request)
{
	bool graph = request->service == SERVICE_GRAPH;
	const char *code = graph ? "InvalidAuthenticationToken" : "Unauthorized", *why;

	if (request->authorization == NULL)
		why = graph ? "Access token is empty." : "Unauthorized request - no access token was sent.";
	else if (request->token != NULL && (request->token->expired || !request->token->revoked))
		why = graph ? "Lifetime validation failed, the token is expired." :
			"Unauthorized request - reason of failure: token lifetime validation failed, the token is expired.";
	else
		why = graph ? "Access token validation failure." :
			"Unauthorized request - reason of failure: invalid token.";
	answer_error(request, 401, code, "%s", why);
	request->answer.authenticate = true;
	return false;
}

static bool check_audience(struct request *request)
{
	if (request->token->service == (int)request->service)
		return true;
	if (request->sim->options.wrong_audience == 401 || request->service == SERVICE_GRAPH) {
		answer_error(request, 401, request->service == SERVICE_GRAPH ? "InvalidAuthenticationToken" : "Unauthorized",
			"Access token validation failure. Invalid audience.");
		request->answer.authenticate = true;
	} else {
		answer_error(request, 403, "Forbidden", "The access token was issued for audience '%s', which this API does not "
			"accept.", request->token->audience);
	}
	return false;
}

static char *list_roles(const json_t *roles)
{
	GString *out = g_string_new(NULL);
	size_t i;
	json_t *role;

	json_array_foreach(roles, i, role)
		g_string_append_printf(out, "%s%s", i > 0 ? ", " : "", json_string_value(role));
	return g_string_free(out, FALSE);
}

static bool check_roles(struct request *request)
{
	const struct route *route = request->route;
	AUTO(g_free) char *held = list_roles(request->token->roles);
	AUTO(g_string) GString *needed = g_string_new(NULL);

	if (route->roles[0] == NULL)
		return true;
	for (size_t i = 0; i < ROUTE_ROLES && route->roles[i] != NULL; i++) {
		if (token_has_role(request->token, route->roles[i]))
			return true;
		g_string_append_printf(needed, "%s%s", i > 0 ? ", " : "", route->roles[i]);
	}
	answer_error(request, 403, "Forbidden", "Missing application roles. API required roles: %s, application roles: %s.",
		needed->str, held);
	return false;
}

static bool read_json(struct request *request)
{
	const char *type = json_string_value(json_object_get(request->headers, "content-type"));

	if (!request->route->takes_json)
		return true;
	request->json = json_loadb(request->body->str, request->body->len, JSON_REJECT_DUPLICATES, NULL);
	if (type == NULL || g_ascii_strncasecmp(type, "application/json", 16) != 0)
		answer_error(request, 415, "UnsupportedMediaType", "The media type '%s' is not supported for this resource.",
			type != NULL ? type : "");
	else if (!json_is_object(request->json))
		answer_error(request, 400, request->service == SERVICE_GRAPH ? "BadRequest" : "InvalidRequestBody",
			"Request body is incorrect");
	else
		return true;
	return false;
}

static void serve(struct request *request)
{
	bool good;

	if (request->too_large) {
		answer_error(request, 413, "BadRequest", "The request body is too large.");
		return;
	}
	if (token_is_path(request->segments)) {
		request->service = SERVICE_LOGIN;
		if (strcmp(request->method, "POST") != 0)
			answer_error(request, 405, "MethodNotAllowed", "POST is expected.");
		else if (!faults_before(request))
			token_request(request);
		return;
	}
	request->token = token_find(request->sim, request->authorization);
	good = route_find(request);
	if (faults_before(request) || !good)
		return;
	if (!token_is_good(request->sim, request->token)) {
		refuse_token(request);
		return;
	}
	request->tenant = request->sim->tenants[request->token->tenant];
	if (check_audience(request) && check_roles(request) && limits_take(request) && read_json(request))
		request->route->run(request);
}

void request_handle(struct request *request)
{
	request->handled = true;
	if (request->segments->len > 0 && strcmp(g_ptr_array_index(request->segments, 0), "sim") == 0) {
		control_request(request);
		return;
	}
	request->number = ++request->sim->requests;
	faults_draw(request);
	serve(request);
	faults_after(request);
	request->answer.delay_ms += request->sim->options.latency_ms;
}
