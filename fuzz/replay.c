/* Runs the corpora through the harnesses, without a fuzzer: each file of fuzz/corpus/NAME whole, and cut short at some
 * places. A broken promise ends the program. With arguments: the harness NAME on each FILE. */
#include "config.h"
#include "fuzz/fuzz.h"

#include "core/auto.h"
#include "core/file.h"
#include "fuzz/targets.h"
#include "tests/tap.h"

#define CUTS 12

#define AS_DECLARATION(name) int fuzz_##name(const uint8_t *data, size_t size);
#define AS_TARGET(name) { #name, fuzz_##name },

FUZZ_TARGETS(AS_DECLARATION)

static const struct target {
	const char *name;
	int (*run)(const uint8_t *data, size_t size);
} targets[] = { FUZZ_TARGETS(AS_TARGET) };

static bool run_file(const struct target *target, const char *path, bool cuts)
{
	AUTO(g_free) char *bytes = NULL;
	struct error error = ERROR_INIT;
	size_t length;

	printf("# %s %s\n", target->name, path);
	fflush(stdout);
	if (!file_read(path, 1 << 24, &bytes, &length, &error)) {
		printf("# %s\n", error.text);
		return false;
	}
	for (size_t i = cuts ? 0 : CUTS; i <= CUTS; i++) {
		size_t size = length * i / CUTS;
		/* Of exactly its size, so that reading beyond it shows to a sanitizer. */
		AUTO(g_free) uint8_t *data = g_memdup2(bytes, size);

		target->run(data != NULL ? data : (const uint8_t *)"", size);
	}
	return true;
}

static void run_corpus(const struct target *target)
{
	AUTO(g_free) char *directory = g_build_filename(g_getenv("srcdir"), "fuzz/corpus", target->name, NULL);
	GDir *entries = g_dir_open(directory, 0, NULL);
	unsigned count = 0;
	bool fine = entries != NULL;
	const char *name;

	while (fine && (name = g_dir_read_name(entries)) != NULL) {
		AUTO(g_free) char *path = g_build_filename(directory, name, NULL);

		fine = run_file(target, path, true);
		count++;
	}
	if (entries != NULL)
		g_dir_close(entries);
	tap_ok(fine && count != 0, "%s: %u files", target->name, count);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
		if (argc < 2)
			run_corpus(&targets[i]);
		for (int file = 2; file < argc && strcmp(argv[1], targets[i].name) == 0; file++)
			if (!run_file(&targets[i], argv[file], false))
				return 1;
	}
	return argc < 2 ? tap_done() : 0;
}
