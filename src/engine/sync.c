#include "config.h"
#include "engine/sync.h"

#include <unistd.h>

#include <glib.h>

#include "core/auto.h"
#include "core/file.h"
#include "core/isotime.h"
#include "engine/waiting.h"
#include "fleet/inventory.h"

#define READ_TRIES 3
#define PROMPT_PATIENCE_MS (2 * 60 * 1000) /* of a page of up to 10,000 devices, waits included */

static char *cache_path(const struct engine *engine)
{
	return g_build_filename(engine->cache_dir, "inventory", NULL);
}

void inventory_cache_load(struct engine *engine)
{
	AUTO(g_free) char *path = cache_path(engine);
	struct error error = ERROR_INIT;

	if (access(path, F_OK) == 0 && !inventory_open(engine->inventory, engine->tenant_id, path, &error))
		engine->notice(engine->data, "the inventory's cache is not used: %s", error.text);
}

static void put(void *data, const void *bytes, size_t length)
{
	file_writer_put(data, bytes, length);
}

static bool cache_write(struct engine *engine, const char *path, struct error *error)
{
	struct file_writer *writer;

	if (!dir_make_private(engine->cache_dir, error))
		return false;
	writer = file_writer_new(path, error);
	if (writer == NULL)
		return false;
	if (inventory_save(engine->inventory, engine->tenant_id, put, writer, error))
		return file_writer_end(writer, error);
	file_writer_free(writer);
	return false;
}

static void cache_store(struct engine *engine)
{
	AUTO(g_free) char *path = cache_path(engine);
	struct error error = ERROR_INIT;

	if (!cache_write(engine, path, &error))
		engine->notice(engine->data, "the inventory could not be kept: %s", error.text);
}

/* One reading of the whole list. */
struct reading {
	struct waiting waiting;
	struct inventory_builder *builder;
	unsigned page;      /* the page that is being read, from 0 */
	bool short_page;    /* a page before it was short */
	bool moved;
	bool done;
	struct error error;
};

static bool reading_begin(void *data, struct error *error)
{
	struct reading *reading = data;

	return inventory_row_handler.begin == NULL || inventory_row_handler.begin(reading->builder, error);
}

static bool reading_member(void *data, const char *name, const struct row_value *value, struct error *error)
{
	struct reading *reading = data;

	return inventory_row_handler.member(reading->builder, name, value, error);
}

static bool reading_end(void *data, struct error *error)
{
	struct reading *reading = data;

	return inventory_row_handler.end == NULL || inventory_row_handler.end(reading->builder, error);
}

static const struct row_handler reading_rows = {
	.begin = reading_begin, .member = reading_member, .end = reading_end,
};

static void reading_page_begins(void *data, unsigned page)
{
	struct reading *reading = data;

	inventory_builder_page(reading->builder, page);
	reading->page = page;
}

static bool reading_page_ends(void *data, size_t rows, struct error *error)
{
	struct reading *reading = data;
	AUTO(g_free) char *text = NULL;

	(void)error;
	if (reading->short_page && rows > 0)
		reading->moved = true;
	if (rows < DEFENDER_PAGE)
		reading->short_page = true;
	text = g_strdup_printf("%zu devices", inventory_builder_rows(reading->builder));
	waiting_progress(&reading->waiting, text);
	return true;
}

static void reading_waits(void *data, const char *why, int64_t ms)
{
	struct reading *reading = data;

	waiting_tell(&reading->waiting, why, ms);
}

static void reading_done(void *data, const struct service_answer *answer)
{
	struct reading *reading = data;

	reading->done = true;
	if (answer->fate != SERVICE_DONE && reading->error.kind == ERROR_NONE)
		reading->error = answer->error;
}

static bool reading_is_done(void *data)
{
	const struct reading *reading = data;

	return reading->done;
}

/* Reads the list once. False with error set if it could not be read; *moved if it changed meanwhile. */
static bool list_read(struct engine *engine, bool *moved, struct error *error)
{
	struct reading reading = { .builder = inventory_builder_new(engine->inventory) };
	struct defender_pages pages = {
		.rows = &reading_rows, .begin_page = reading_page_begins, .end_page = reading_page_ends,
		.wait = reading_waits, .done = reading_done, .data = &reading,
	};
	int64_t started = isotime_now();
	struct defender_read *read;
	bool interrupted = false;

	/* A person does not wait a quarter of an hour before the old inventory is used. */
	pages.patience_ms = engine->patience_ms > 0 ? engine->patience_ms :
		engine->interactive ? PROMPT_PATIENCE_MS : 0;
	waiting_begin(&reading.waiting, engine, "reading the inventory", 0);
	read = defender_machines(engine->defender, NULL, &pages);
	if (!loop_run(engine->loop, reading_is_done, &reading, true)) {
		interrupted = true;
		if (!reading.done)
			defender_read_cancel(read);
		loop_run(engine->loop, reading_is_done, &reading, false);
	}
	waiting_end(&reading.waiting);
	*moved = reading.moved || inventory_builder_moved(reading.builder);
	if (interrupted || reading.error.kind != ERROR_NONE || *moved) {
		inventory_builder_free(reading.builder);
		if (interrupted)
			return error_set(error, ERROR_INTERRUPTED, "interrupted while reading the inventory");
		if (reading.error.kind != ERROR_NONE) {
			error_copy(error, &reading.error);
			error_prefix(error, "cannot read the inventory");
			return false;
		}
		return true;
	}
	inventory_replace(engine->inventory, reading.builder, started);
	return true;
}

bool inventory_refresh(struct engine *engine, struct error *error)
{
	bool moved = true;

	for (int attempt = 0; attempt < READ_TRIES && moved; attempt++) {
		if (attempt > 0)
			engine->notice(engine->data, "the device list changed while it was read; reading it again");
		if (!list_read(engine, &moved, error))
			return false;
	}
	if (moved) {
		error_set(error, ERROR_FAILED, "cannot read the inventory: the device list changed during each of %d "
			"readings", READ_TRIES);
		error_hint(error, "a partly read list is never used; try `refresh` again");
		return false;
	}
	cache_store(engine);
	return true;
}

int64_t inventory_age(const struct engine *engine)
{
	int64_t read = inventory_time(engine->inventory);
	int64_t age = (isotime_now() - read) / ISOTIME_TICKS_PER_MS;

	/* A reading from the future (a clock set back) tells nothing of its age. */
	return read == 0 || age < 0 || inventory_is_damaged(engine->inventory) ? INT64_MAX : age;
}

bool inventory_check_found(struct engine *engine, const struct bitset *devices)
{
	uint32_t first = devices != NULL ? bitset_next(devices, 0) : BITSET_END;

	/* Their ids are needed next. */
	if (first != BITSET_END)
		inventory_id(engine->inventory, first);
	if (!inventory_is_damaged(engine->inventory))
		return false;
	engine->notice(engine->data, "the inventory's cache is damaged and not used");
	return true;
}

bool inventory_fresh(struct engine *engine, int64_t max_age_ms, struct error *error)
{
	return inventory_age(engine) <= max_age_ms || inventory_refresh(engine, error);
}
