#include "config.h"
#include "sim/route.h"

#include <string.h>

#include "sim/action.h"
#include "sim/calls.h"

#define READ { "Machine.Read.All", "Machine.ReadWrite.All" }
#define WRITE { "Machine.ReadWrite.All" }

#define ACT(suffix, kind, role) \
	{ "POST", "machines/{}/" suffix, SERVICE_MDE, { role }, 100, 1500, true, call_act, kind }

static const struct route routes[] = {
	{ "GET", "machines", SERVICE_MDE, READ, 100, 1500, false, call_machines, NULL },
	{ "GET", "machines/findbytag", SERVICE_MDE, READ, 100, 1500, false, call_find_by_tag, NULL },
	{ "GET", "machines/findbyip(*", SERVICE_MDE, READ, 100, 1500, false, call_find_by_ip, NULL },
	{ "GET", "machines/{}", SERVICE_MDE, READ, 100, 1500, false, call_machine, NULL },
	{ "PATCH", "machines/{}", SERVICE_MDE, WRITE, 100, 1500, true, call_patch_machine, NULL },
	{ "POST", "machines/{}/setDeviceValue", SERVICE_MDE, WRITE, 100, 1500, true, call_set_value, NULL },
	{ "POST", "machines/{}/tags", SERVICE_MDE, WRITE, 100, 1500, true, call_tag, NULL },
	{ "POST", "machines/AddOrRemoveTagForMultipleMachines", SERVICE_MDE, WRITE, 100, 1500, true, call_tag_bulk, NULL },
	ACT("isolate", &action_isolate, "Machine.Isolate"),
	ACT("unisolate", &action_unisolate, "Machine.Isolate"),
	ACT("runAntiVirusScan", &action_scan, "Machine.Scan"),
	ACT("restrictCodeExecution", &action_restrict, "Machine.RestrictExecution"),
	ACT("unrestrictCodeExecution", &action_unrestrict, "Machine.RestrictExecution"),
	ACT("collectInvestigationPackage", &action_collect, "Machine.CollectForensics"),
	ACT("StopAndQuarantineFile", &action_quarantine, "Machine.StopAndQuarantine"),
	ACT("offboard", &action_offboard, "Machine.Offboard"),
	{ "POST", "machines/{}/runliveresponse", SERVICE_MDE, { "Machine.LiveResponse" }, 10, 0, true, call_act,
		&action_live_response },
	{ "POST", "machines/{}/startInvestigation", SERVICE_MDE, { "Alert.ReadWrite.All" }, 0, 50, true, call_investigate,
		NULL },
	{ "GET", "machineactions", SERVICE_MDE, READ, 100, 1500, false, call_actions, NULL },
	{ "GET", "machineactions/{}", SERVICE_MDE, READ, 100, 1500, false, call_action, NULL },
	/* the role needed is that of the action's own type, and is checked there */
	{ "POST", "machineactions/{}/cancel", SERVICE_MDE, { NULL }, 100, 1500, true, call_cancel, NULL },
	{ "GET", "machineactions/{}/getPackageUri", SERVICE_MDE, READ, 2, 120, false, call_package, NULL },
	{ "POST", "advancedqueries/run", SERVICE_MDE, { "AdvancedQuery.Read.All" }, 45, 1500, true, call_hunt, NULL },
	{ "POST", "advancedhunting/run", SERVICE_XDR, { "AdvancedHunting.Read.All" }, 45, 1500, true, call_hunt, NULL },
	{ "POST", "security/runHuntingQuery", SERVICE_GRAPH, { "ThreatHunting.Read.All" }, 45, 1500, true, call_hunt, NULL },
};

const char *const *route_roles(enum service service)
{
	static const char *const mde[] = { "Machine.Read.All", "Machine.ReadWrite.All", "Machine.Isolate", "Machine.Scan",
		"Machine.RestrictExecution", "Machine.CollectForensics", "Machine.StopAndQuarantine", "Machine.Offboard",
		"Machine.LiveResponse", "Library.Manage", "AdvancedQuery.Read.All", "Alert.Read.All", "Alert.ReadWrite.All",
		"Ti.ReadWrite.All", "File.Read.All", "Ip.Read.All", "URL.Read.All", "User.Read.All", "Vulnerability.Read.All",
		"Software.Read.All", "SecurityRecommendation.Read.All", NULL };
	static const char *const xdr[] = { "AdvancedHunting.Read.All", "Incident.Read.All", "Incident.ReadWrite.All", NULL };
	static const char *const graph[] = { "ThreatHunting.Read.All", NULL };

	return service == SERVICE_GRAPH ? graph : service == SERVICE_XDR ? xdr : mde;
}

static bool segment_fits(const char *pattern, size_t length, const char *segment)
{
	if (length > 2 && memcmp(pattern + length - 2, "(*", 2) == 0)
		return g_ascii_strncasecmp(pattern, segment, length - 1) == 0;
	return strlen(segment) == length && g_ascii_strncasecmp(pattern, segment, length) == 0;
}

static bool fits(const struct route *route, GPtrArray *segments, guint first, const char **id)
{
	const char *at = route->pattern;

	*id = NULL;
	for (guint i = first; i < segments->len; i++) {
		const char *segment = g_ptr_array_index(segments, i);
		size_t length = strcspn(at, "/");

		if (length == 0)
			return false;
		if (length == 2 && memcmp(at, "{}", 2) == 0)
			*id = segment;
		else if (!segment_fits(at, length, segment))
			return false;
		else if (memchr(at, '(', length) != NULL)
			*id = segment;
		at += length + (at[length] == '/');
	}
	return *at == '\0';
}

static bool is_version(const char *segment)
{
	return g_ascii_strcasecmp(segment, "v1.0") == 0 || g_ascii_strcasecmp(segment, "v1") == 0;
}

/* Where the pattern begins; the service so far. */
static guint prefix(const struct request *request, bool *graph)
{
	GPtrArray *segments = request->segments;
	const char *first = segments->len > 0 ? g_ptr_array_index(segments, 0) : "";
	const char *second = segments->len > 1 ? g_ptr_array_index(segments, 1) : "";

	*graph = is_version(first) || strcmp(first, "beta") == 0;
	if (*graph)
		return 1;
	if (g_ascii_strcasecmp(first, "api") != 0)
		return segments->len;
	return is_version(second) ? 2 : 1;
}

bool route_find(struct request *request)
{
	bool graph, other_method = false;
	guint first = prefix(request, &graph);

	request->service = graph ? SERVICE_GRAPH : SERVICE_MDE;
	for (size_t i = 0; i < G_N_ELEMENTS(routes) && first < request->segments->len; i++) {
		const struct route *route = &routes[i];

		if ((route->service == SERVICE_GRAPH) != graph || !fits(route, request->segments, first, &request->id))
			continue;
		if (strcmp(route->method, request->method) != 0) {
			other_method = true;
			continue;
		}
		request->route = route;
		request->service = route->service;
		return true;
	}
	if (other_method)
		answer_error(request, 405, "MethodNotAllowed", "The requested resource does not support http method '%s'.",
			request->method);
	else
		answer_error(request, 404, graph ? "BadRequest" : "NotFound", "Resource not found for the segment '%s'.",
			first < request->segments->len ? (char *)g_ptr_array_index(request->segments, first) : "");
	return false;
}
