/* The parts that users wait for, each the best of several runs in one process. Called by run.py.
 *
 *   bench pages DIR DEVICES       writes machine list pages
 *   bench read DIR CACHE TENANT   reads them, filters, counts and searches; keeps the inventory's cache for a session
 *   bench open CACHE TENANT       the same from the cache
 *   bench journal */
#include "config.h"
#include "bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/auto.h"
#include "core/file.h"
#include "core/isotime.h"
#include "table/row_reader.h"

#define CHUNK 16384 /* bytes, as curl hands them over */

double bench_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void bench_print(const char *name, double value)
{
	printf("%s %.3f\n", name, value);
	fflush(stdout);
}

void bench_fail(const struct error *error)
{
	fprintf(stderr, "bench: %s\n", error->text);
	exit(1);
}

static void write_pages(const char *dir, unsigned devices)
{
	struct error error = ERROR_INIT;

	if (!dir_make_private(dir, &error))
		bench_fail(&error);
	for (unsigned first = 0; first < devices; first += BENCH_PAGE) {
		AUTO(g_string) GString *page = bench_page(first, MIN(devices - first, BENCH_PAGE));
		AUTO(g_free) char *path = g_strdup_printf("%s/machines-%05u.json", dir, first / BENCH_PAGE);

		if (!file_replace(path, page->str, page->len, &error))
			bench_fail(&error);
	}
}

/* False if there is no such page. */
static bool read_page(const char *path, struct row_reader *reader, double *longest)
{
	AUTO(close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct error error = ERROR_INIT;
	char chunk[CHUNK];
	ssize_t got;

	if (fd < 0)
		return false;
	while ((got = read(fd, chunk, sizeof chunk)) > 0) {
		double start = bench_seconds();

		if (!row_reader_feed(reader, chunk, (size_t)got, &error))
			bench_fail(&error);
		*longest = MAX(*longest, bench_seconds() - start);
	}
	if (!row_reader_finish(reader, &error))
		bench_fail(&error);
	return true;
}

struct inventory *bench_read(const char *dir)
{
	static const char *const arrays[] = { "value", NULL };
	struct inventory *inventory = inventory_new();
	struct inventory_builder *builder = inventory_builder_new(inventory);
	double start = bench_seconds(), longest = 0;
	bool more = true;

	for (unsigned p = 0; more; p++) {
		AUTO(row_reader_free) struct row_reader *reader = row_reader_new(arrays, &inventory_row_handler, builder);
		AUTO(g_free) char *path = g_strdup_printf("%s/machines-%05u.json", dir, p);

		inventory_builder_page(builder, p);
		more = read_page(path, reader, &longest);
	}
	inventory_replace(inventory, builder, isotime_now());
	bench_print("read", (bench_seconds() - start) * 1e3);
	bench_print("longest-chunk", longest * 1e3);
	bench_print("devices", (double)inventory_rows(inventory));
	return inventory;
}

static void put(void *data, const void *bytes, size_t length)
{
	file_writer_put(data, bytes, length);
}

static void keep(struct inventory *inventory, const char *path, const char *tenant)
{
	struct error error = ERROR_INIT;
	AUTO(g_free) char *dir = g_path_get_dirname(path);
	double start = bench_seconds();
	struct file_writer *writer;

	if (!dir_make_private(dir, &error) || (writer = file_writer_new(path, &error)) == NULL ||
		!inventory_save(inventory, tenant, put, writer, &error) || !file_writer_end(writer, &error))
		bench_fail(&error);
	bench_print("keep", (bench_seconds() - start) * 1e3);
}

static void bench_open(const char *path, const char *tenant)
{
	AUTO(inventory_free) struct inventory *inventory = inventory_new();
	struct error error = ERROR_INIT;
	double start = bench_seconds();

	if (!inventory_open(inventory, tenant, path, &error))
		bench_fail(&error);
	bench_print("open", (bench_seconds() - start) * 1e3);
	bench_columns(inventory);
	bench_names(inventory);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "pages") == 0) {
		write_pages(argv[2], (unsigned)strtoul(argv[3], NULL, 10));
	} else if (argc == 5 && strcmp(argv[1], "read") == 0) {
		AUTO(inventory_free) struct inventory *inventory = bench_read(argv[2]);

		bench_columns(inventory);
		keep(inventory, argv[3], argv[4]);
	} else if (argc == 4 && strcmp(argv[1], "open") == 0) {
		bench_open(argv[2], argv[3]);
	} else if (argc == 2 && strcmp(argv[1], "journal") == 0) {
		bench_journal();
	} else {
		fputs("usage: bench pages DIR DEVICES | read DIR CACHE TENANT | open CACHE TENANT | journal\n", stderr);
		return 2;
	}
	return 0;
}
