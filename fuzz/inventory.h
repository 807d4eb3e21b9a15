/* A few devices of all sorts for the harnesses. */
#ifndef FUZZ_INVENTORY_H
#define FUZZ_INVENTORY_H

#include "fleet/inventory.h"

#define FUZZ_ID(end) "00a1b2c3d4e5f60000000000000000000000" end
#define FUZZ_ON "\"onboardingStatus\":\"Onboarded\",\"healthStatus\":"

static const char fuzz_machines[] = "{\"value\":["
	"{\"id\":\"" FUZZ_ID("0001") "\",\"computerDnsName\":\"ws-0001.corp.example\"," FUZZ_ON "\"Active\","
	"\"aadDeviceId\":\"00000000-0000-4000-8000-000000000001\",\"lastIpAddress\":\"192.0.2.1\","
	"\"ipAddresses\":[{\"ipAddress\":\"192.0.2.1\"},{\"ipAddress\":\"2001:db8::1\"}],\"machineTags\":[\"tier0\",\"a\\\"b\"],"
	"\"lastSeen\":\"2025-04-02T02:51:16.2059102Z\",\"osBuild\":19045,\"isAadJoined\":true,\"riskScore\":\"High\"},"
	"{\"id\":\"" FUZZ_ID("0002") "\",\"computerDnsName\":\"ws-0002\"," FUZZ_ON "\"Active\",\"machineTags\":[],"
	"\"lastSeen\":\"2025-04-01T00:00:00Z\"},"
	"{\"id\":\"" FUZZ_ID("0003") "\",\"computerDnsName\":\"ws-0002\"," FUZZ_ON "\"Inactive\",\"machineTags\":[\"b\"],"
	"\"lastSeen\":\"2025-03-01T00:00:00Z\"},"
	"{\"id\":\"" FUZZ_ID("0004") "\",\"computerDnsName\":\"twin.corp.example\"," FUZZ_ON "\"Active\"},"
	"{\"id\":\"" FUZZ_ID("0005") "\",\"computerDnsName\":\"twin.other.example\"," FUZZ_ON "\"Active\"},"
	"{\"id\":\"" FUZZ_ID("0006") "\",\"computerDnsName\":\"old.corp.example\",\"mergedIntoMachineId\":\"" FUZZ_ID("0001")
	"\"," FUZZ_ON "\"Inactive\"},"
	"{\"id\":\"" FUZZ_ID("0007") "\",\"computerDnsName\":\"loop\",\"mergedIntoMachineId\":\"" FUZZ_ID("0008") "\"},"
	"{\"id\":\"" FUZZ_ID("0008") "\",\"computerDnsName\":\"loop\",\"mergedIntoMachineId\":\"" FUZZ_ID("0007") "\"},"
	"{\"id\":\"" FUZZ_ID("0009") "\",\"computerDnsName\":\"gone\",\"mergedIntoMachineId\":\"" FUZZ_ID("ffff") "\"},"
	"{\"id\":\"" FUZZ_ID("000a") "\",\"computerDnsName\":\"b\\u00fcro-\\u00c5.example\",\"onboardingStatus\":\"CanBeOnboarded\"},"
	"{\"id\":\"" FUZZ_ID("000b") "\",\"computerDnsName\":\"\"," FUZZ_ON "\"Active\",\"lastIpAddress\":\"192.0.2.1\"},"
	"{\"id\":\"" FUZZ_ID("000c") "\",\"computerDnsName\":\"x\\u0000y\",\"vmMetadata\":{\"a\":[1,{\"b\":null}]},"
	"\"rbacGroupName\":\"=cmd\"," FUZZ_ON "\"Active\"}]}";

__attribute__((unused))
static struct inventory *sample_inventory(void)
{
	static const char *const arrays[] = { "value", NULL };
	struct inventory *inventory = inventory_new();
	struct inventory_builder *builder = inventory_builder_new(inventory);
	struct row_reader *reader = row_reader_new(arrays, &inventory_row_handler, builder);
	struct error error = ERROR_INIT;

	inventory_builder_page(builder, 0);
	fuzz_check(row_reader_feed(reader, fuzz_machines, sizeof fuzz_machines - 1, &error) &&
		row_reader_finish(reader, &error), "the inventory is not read: %s", error.text);
	row_reader_free(reader);
	inventory_replace(inventory, builder, 42);
	return inventory;
}

#endif
