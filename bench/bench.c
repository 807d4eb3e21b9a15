/* `make bench`: how fast the parts are that users wait for. Every figure is the best of several runs of one process, and
 * where a peer does the same work (jansson's tree for JSON), both are measured in the same run and the ratio is printed.
 * Usage: bench [DEVICES], 200,000 by default. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>
#include <jansson.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "fleet/inventory.h"
#include "fleet/names.h"
#include "fleet/resolve.h"
#include "journal/journal.h"
#include "kql/predicate.h"
#include "table/row_reader.h"

#define RUNS 5
#define PAGE 10000
#define CHUNK 16384 /* bytes, as curl hands them over */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void append_machine(GString *page, unsigned i)
{
	static const char *const platforms[] = { "Windows10", "Windows11", "WindowsServer2022", "Linux", "macOS" };
	static const char *const risks[] = { "None", "Low", "Medium", "High" };

	g_string_append_printf(page,
		"{\"id\":\"%040x\",\"computerDnsName\":\"ws-%06u.corp.contoso.com\",\"firstSeen\":\"2025-03-02T09:15:44.1180312Z\","
		"\"lastSeen\":\"2026-11-24T22:40:10.5523Z\",\"osPlatform\":\"%s\",\"osVersion\":null,\"version\":\"23H2\","
		"\"lastIpAddress\":\"10.%u.%u.%u\",\"lastExternalIpAddress\":\"203.0.113.25\",\"osBuild\":22631,"
		"\"healthStatus\":\"%s\",\"deviceValue\":\"Normal\",\"rbacGroupId\":140,\"rbacGroupName\":\"Group %u\","
		"\"riskScore\":\"%s\",\"exposureLevel\":\"Medium\",\"isAadJoined\":true,"
		"\"aadDeviceId\":\"7d1c2f7e-4b67-4b57-9b2d-%012x\",\"machineTags\":[\"finance\",\"ring %u\"],"
		"\"onboardingStatus\":\"Onboarded\",\"osArchitecture\":\"64-bit\",\"ipAddresses\":[{\"ipAddress\":"
		"\"10.%u.%u.%u\",\"macAddress\":\"8CEC4B897E73\",\"type\":\"Ethernet\",\"operationalStatus\":\"Up\"}]}",
		i * 2654435761u, i, platforms[i % 5], i >> 16 & 255, i >> 8 & 255, i & 255, i % 9 == 0 ? "Inactive" : "Active",
		i % 23, risks[i * 7 % 4], i, i % 4, i >> 16 & 255, i >> 8 & 255, i & 255);
}

static GPtrArray *pages_make(unsigned devices)
{
	GPtrArray *pages = g_ptr_array_new();

	for (unsigned first = 0; first < devices; first += PAGE) {
		GString *page = g_string_new("{\"@odata.context\":\"x\",\"value\":[");

		for (unsigned i = first; i < devices && i < first + PAGE; i++) {
			g_string_append(page, i > first ? "," : "");
			append_machine(page, i);
		}
		g_string_append(page, "]}");
		g_ptr_array_add(pages, page);
	}
	return pages;
}

static void fail(const struct error *error)
{
	fprintf(stderr, "bench: %s\n", error->text);
	exit(1);
}

static void read_pages(struct inventory *inventory, const GPtrArray *pages, double *longest)
{
	static const char *const arrays[] = { "value", NULL };
	struct inventory_builder *builder = inventory_builder_new(inventory);
	struct error error = ERROR_INIT;

	for (guint p = 0; p < pages->len; p++) {
		const GString *page = g_ptr_array_index(pages, p);
		AUTO(row_reader_free) struct row_reader *reader =
			row_reader_new(arrays, &inventory_row_handler, builder);

		inventory_builder_page(builder, p);
		for (size_t at = 0; at < page->len; at += CHUNK) {
			double start = seconds();

			if (!row_reader_feed(reader, page->str + at, MIN(CHUNK, page->len - at), &error))
				fail(&error);
			*longest = MAX(*longest, seconds() - start);
		}
		if (!row_reader_finish(reader, &error))
			fail(&error);
	}
	inventory_replace(inventory, builder, isotime_now());
}

static void bench_reading(struct inventory *inventory, const GPtrArray *pages)
{
	double bytes = 0, ours = 1e9, tree = 1e9, longest = 0;

	for (guint p = 0; p < pages->len; p++)
		bytes += (double)((GString *)g_ptr_array_index(pages, p))->len;
	for (int run = 0; run < RUNS; run++) {
		double start = seconds();

		read_pages(inventory, pages, &longest);
		ours = MIN(ours, seconds() - start);
		start = seconds();
		for (guint p = 0; p < pages->len; p++) {
			const GString *page = g_ptr_array_index(pages, p);
			json_t *root = json_loadb(page->str, page->len, 0, NULL);

			json_decref(root);
		}
		tree = MIN(tree, seconds() - start);
	}
	printf("inventory: %zu devices, %.0f MB of JSON to columns in %.0f ms (%.0f MB/s), longest 16 KB chunk %.2f ms\n",
		inventory_rows(inventory), bytes / 1e6, ours * 1e3, bytes / 1e6 / ours, longest * 1e3);
	printf("           jansson's tree alone: %.0f ms; ours takes %.2f of it\n", tree * 1e3, ours / tree);
}

static void bench_filter(const struct inventory *inventory, const char *text)
{
	struct error error = ERROR_INIT;
	AUTO(bitset_free) struct bitset *is_true = bitset_new();
	AUTO(kql_predicate_free) struct kql_predicate *predicate =
		kql_predicate_compile(text, device_schema(), isotime_now(), &error);
	double best = 1e9, plain = 1e9;

	if (predicate == NULL)
		fail(&error);
	for (int run = 0; run < RUNS; run++) {
		double start = seconds();

		if (!kql_predicate_eval(predicate, inventory_table(inventory), NULL, is_true, NULL, NULL, &error))
			fail(&error);
		best = MIN(best, seconds() - start);
		start = seconds();
		if (!kql_predicate_eval_plain(predicate, inventory_table(inventory), NULL, is_true, NULL, NULL, &error))
			fail(&error);
		plain = MIN(plain, seconds() - start);
	}
	printf("filter:    %.2f ms a million rows (plain kernel %.0f): %s\n", best * 1e9 / (double)inventory_rows(inventory),
		plain * 1e9 / (double)inventory_rows(inventory), text);
}

static void bench_resolve(const struct inventory *inventory)
{
	AUTO(names_free) struct names *names = names_new(inventory);
	struct resolve_options options = { .literal = true };
	AUTO(g_array_unref) GArray *numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	double start = seconds(), index, many;

	names_prefix(names, "ws-00", 1, numbers);
	index = seconds() - start;
	start = seconds();
	for (unsigned i = 0; i < 5000; i++) {
		AUTO(resolution_free) struct resolution *resolution = resolution_new();
		AUTO(g_free) char *name = g_strdup_printf("WS-%06u", i * 3);

		resolve_entry(names, inventory, name, &options, resolution);
	}
	many = seconds() - start;
	start = seconds();
	for (unsigned i = 0; i < 1000; i++)
		names_prefix(names, "ws-01", 100, numbers);
	printf("names:     index made in %.0f ms; 5,000 names resolved in %.1f ms; 100 completions of a prefix in %.3f ms\n",
		index * 1e3, many * 1e3, (seconds() - start));
}

static void bench_journal(void)
{
	AUTO(g_free) char *dir = g_strdup("bench.XXXXXX");
	struct error error = ERROR_INIT;
	struct journal *journal;
	unsigned lines = 24 * 500;
	double start;

	if (g_mkdtemp(dir) == NULL)
		return;
	journal = journal_start(dir, json_object(), &error);
	if (journal == NULL)
		fail(&error);
	start = seconds();
	for (unsigned i = 0; i < lines; i++) {
		json_t *members = json_pack("{s:s,s:s,s:s,s:i,s:s}", "job", "20261125-071903-a1f3", "kind", "act", "device",
			"3f1c0a9d5be7421886d0c4aa17e2b95fd00c7712", "try", 1, "request",
			"7d1c2f7e-4b67-4b57-9b2d-4a4b2c0d9a10");

		if (journal_append(journal, "action.intent", members, &error) == 0 ||
		    ((i + 1) % 24 == 0 && !journal_commit(journal, &error)))
			fail(&error);
	}
	printf("journal:   %.0f lines a second, on disk every 24 lines\n", lines / (seconds() - start));
	unlink(journal_path(journal));
	journal_end(journal, 0);
	rmdir(dir);
}

int main(int argc, char **argv)
{
	unsigned devices = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 200000;
	AUTO(inventory_free) struct inventory *inventory = inventory_new();
	AUTO(g_ptr_array_unref) GPtrArray *pages = pages_make(devices);

	bench_reading(inventory, pages);
	bench_filter(inventory, "riskScore == \"High\"");
	bench_filter(inventory, "computerDnsName contains \"99\"");
	bench_filter(inventory, "riskScore in (\"High\", \"Medium\") and lastSeen > ago(30d) and machineTags has \"ring 1\"");
	bench_filter(inventory, "osBuild + 1 > 19045 and not(osPlatform startswith \"Windows\")");
	bench_resolve(inventory);
	bench_journal();
	return 0;
}
