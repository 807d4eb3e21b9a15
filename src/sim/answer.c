#include "config.h"
#include "sim/request.h"

#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "sim/jsonout.h"
#include "sim/rng.h"

void answer_clear(struct answer *answer)
{
	if (answer->body != NULL)
		g_string_free(answer->body, TRUE);
	g_free(answer->location);
	*answer = (struct answer){ .delay_ms = answer->delay_ms };
}

GString *answer_begin(struct request *request, unsigned status, const char *type)
{
	answer_clear(&request->answer);
	request->answer.status = status;
	request->answer.type = type;
	request->answer.body = g_string_new(NULL);
	return request->answer.body;
}

void answer_json(struct request *request, unsigned status, json_t *tree)
{
	jsonout_tree(answer_begin(request, status, JSON_TYPE), tree);
	json_decref(tree);
}

void request_guid(const struct request *request, char text[37])
{
	struct rng rng;

	rng_init(&rng, request->sim->options.seed, "request", request->number);
	rng_guid(&rng, text);
}

static json_t *graph_error(const struct request *request, const char *code, const char *message, const char *guid)
{
	char date[ISOTIME_SIZE];
	const char *client = json_string_value(json_object_get(request->headers, "client-request-id"));

	isotime_format_ms(sim_told_now(request->sim), date);
	date[19] = '\0';
	return json_pack("{s:{s:s, s:s, s:{s:s, s:s, s:s}}}", "error", "code", code, "message", message, "innerError",
		"date", date, "request-id", guid, "client-request-id", client != NULL ? client : guid);
}

void answer_error(struct request *request, unsigned status, const char *code, const char *format, ...)
{
	char guid[37];
	va_list args;
	json_t *tree;

	va_start(args, format);
	AUTO(g_free) char *message = g_strdup_vprintf(format, args);
	va_end(args);
	AUTO(g_free) char *valid = g_utf8_make_valid(message, -1);

	request_guid(request, guid);
	if (request->service == SERVICE_GRAPH)
		tree = graph_error(request, code, valid, guid);
	else
		tree = json_pack("{s:{s:s, s:s, s:s}}", "error", "code", code, "message", valid, "target", guid);
	answer_json(request, status, tree);
}

void answer_odata_error(struct request *request, const char *message)
{
	AUTO(g_free) char *whole = g_strdup_printf("The query specified in the URI is not valid. %s", message);
	AUTO(g_free) char *valid = g_utf8_make_valid(whole, -1);

	answer_json(request, 400, json_pack("{s:{s:s, s:s, s:[]}}", "error", "code", "", "message", valid, "details"));
}
