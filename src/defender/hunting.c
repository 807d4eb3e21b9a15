/* Advanced hunting by its three ways (API contract, section 6). */
#include "config.h"
#include "defender/defender_internal.h"

#include <string.h>

#include "defender/hunting_answer.h"

#define HUNT_TIMEOUT_MS 230000 /* the longest of the three computes 200 s */
#define HUNT_BYTES ((size_t)256 * 1024 * 1024) /* the service's own limit has been 50 and 124 MB */

static const struct {
	const char *path;
	enum defender_limit limit;
} ways[] = {
	[DEFENDER_GRAPH] = { "/v1.0/security/runHuntingQuery", LIMIT_HUNT_GRAPH },
	[DEFENDER_XDR] = { "/api/advancedhunting/run", LIMIT_HUNT_XDR },
	[DEFENDER_MDE] = { "/api/advancedqueries/run", LIMIT_HUNT_MDE },
};

struct hunt {
	struct defender *defender;
	struct defender_hunt spec;
	struct hunting_answer *answer;
	struct service_call *call;
};

static void hunt_free(struct hunt *hunt)
{
	g_ptr_array_remove(hunt->defender->hunts, hunt);
	hunting_answer_free(hunt->answer);
	g_free(hunt);
}

void hunt_abandon(struct hunt *hunt)
{
	service_abandon(hunt->defender->service, hunt->call);
	hunt_free(hunt);
}

static void hunt_reset(struct hunt *hunt)
{
	hunting_answer_free(hunt->answer);
	hunt->answer = hunting_answer_new(hunt->spec.rows, hunt->spec.schema, hunt->spec.data);
}

static void hunt_restart(void *data)
{
	struct hunt *hunt = data;

	hunt_reset(hunt);
	if (hunt->spec.restart != NULL)
		hunt->spec.restart(hunt->spec.data);
}

static bool hunt_body(void *data, const char *bytes, size_t length, struct error *error)
{
	struct hunt *hunt = data;

	return hunting_answer_feed(hunt->answer, bytes, length, error);
}

static bool hunt_end(void *data, struct error *error)
{
	struct hunt *hunt = data;

	return hunting_answer_finish(hunt->answer, error);
}

static void hunt_wait(void *data, const char *why, int64_t ms)
{
	struct hunt *hunt = data;

	if (hunt->spec.wait != NULL)
		hunt->spec.wait(hunt->spec.data, why, ms);
}

/* Section 6.7: what to do about the service's texts. */
static void fault_hint(struct error *error)
{
	static const struct {
		const char *part, *hint;
	} hints[] = {
		{ "result size", "ask for less: `| project` fewer columns, `| where` fewer rows, `| summarize` or `| take`" },
		{ "exceeded the timeout", "make the query cheaper: a shorter time first, `has` instead of `contains`" },
		{ "excessive resource", "make the query cheaper: a shorter time first, `has` instead of `contains`" },
		{ "processing resources", "the tenant's time for hunting is used up: try again later, with a cheaper query" },
		{ "quota exceeded", "the tenant's hunting calls are used up: try again later" },
		{ "failed to resolve table", "with `hunting = mde` only the tables of devices are there; names are in their exact case" },
	};
	AUTO(g_free) char *low = g_ascii_strdown(error->text, -1);

	for (size_t i = 0; i < G_N_ELEMENTS(hints); i++)
		if (strstr(low, hints[i].part) != NULL) {
			error_hint(error, "%s", hints[i].hint);
			return;
		}
}

static void hunt_done(void *data, const struct service_answer *given)
{
	struct hunt *hunt = data;
	struct service_answer answer = *given;
	struct defender_hunt spec = hunt->spec;

	if (answer.fate != SERVICE_DONE && answer.error.hint[0] == '\0')
		fault_hint(&answer.error);
	hunt_free(hunt);
	spec.done(spec.data, &answer);
}

static struct service_call *hunt_start(struct hunt *hunt, enum defender_hunting via)
{
	struct defender *defender = hunt->defender;
	json_t *body = json_object();
	const char *origin = via == DEFENDER_GRAPH ? defender->graph_url
		: via == DEFENDER_XDR ? defender->xdr_url : defender->api_url;
	AUTO(g_free) char *url = g_strconcat(origin, ways[via].path, NULL);
	struct service_call_spec spec = {
		.method = "POST",
		.url = url,
		.audience = defender_audience(defender, via),
		.limit = defender->limits[ways[via].limit],
		.body = body,
		.kind = HTTP_SAFE,
		.timeout_ms = HUNT_TIMEOUT_MS,
		.patience_ms = hunt->spec.patience_ms,
		.limit_bytes = HUNT_BYTES,
		.on_body = hunt_body,
		.on_end = hunt_end,
		.on_restart = hunt_restart,
		.on_wait = hunt_wait,
		.on_done = hunt_done,
		.data = hunt,
	};

	json_object_set_new(body, "Query", json_text(hunt->spec.kql));
	return service_start(defender->service, &spec);
}

struct service_call *defender_hunt(struct defender *defender, const struct defender_hunt *spec)
{
	struct hunt *hunt = g_new0(struct hunt, 1);

	hunt->defender = defender;
	hunt->spec = *spec;
	g_ptr_array_add(defender->hunts, hunt);
	hunt_reset(hunt);
	hunt->call = hunt_start(hunt, spec->via >= 0 ? (enum defender_hunting)spec->via : defender->hunting);
	return hunt->call;
}
