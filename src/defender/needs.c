/* Roles that commands need (API contract, section 11). */
#include "config.h"
#include "defender/defender.h"

static const char *const machine_read[] = { "Machine.Read.All", "Machine.ReadWrite.All", NULL };
static const char *const machine_write[] = { "Machine.ReadWrite.All", NULL };
static const char *const machine_scan[] = { "Machine.Scan", NULL };
static const char *const machine_isolate[] = { "Machine.Isolate", NULL };
static const char *const hunting_graph[] = { "ThreatHunting.Read.All", NULL };
static const char *const hunting_xdr[] = { "AdvancedHunting.Read.All", NULL };
static const char *const hunting_mde[] = { "AdvancedQuery.Read.All", NULL };

static const struct defender_need needs[] = {
	{ "select", machine_read, DEFENDER_MDE, false },
	{ "add", machine_read, DEFENDER_MDE, false },
	{ "remove", machine_read, DEFENDER_MDE, false },
	{ "keep", machine_read, DEFENDER_MDE, false },
	{ "refresh", machine_read, DEFENDER_MDE, false },
	{ "device", machine_read, DEFENDER_MDE, false },
	{ "actions", machine_read, DEFENDER_MDE, false },
	{ "isolated", machine_read, DEFENDER_MDE, false },
	{ "wait", machine_read, DEFENDER_MDE, false },
	{ "query", hunting_graph, DEFENDER_GRAPH, true },
	{ "query", hunting_xdr, DEFENDER_XDR, true },
	{ "query", hunting_mde, DEFENDER_MDE, true },
	{ "tag add", machine_write, DEFENDER_MDE, false },
	{ "tag remove", machine_write, DEFENDER_MDE, false },
	{ "scan", machine_scan, DEFENDER_MDE, false },
	{ "isolate", machine_isolate, DEFENDER_MDE, false },
	{ "release", machine_isolate, DEFENDER_MDE, false },
	{ NULL, NULL, DEFENDER_MDE, false },
};

const struct defender_need *defender_needs(void)
{
	return needs;
}
