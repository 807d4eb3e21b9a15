#include "config.h"
#include "engine/source.h"

#include "engine/hunting_rows.h"
#include "engine/waiting.h"

struct hunt {
	struct waiting waiting;
	struct hunting_cells *cells;
	bool done;
	struct error error;
};

static bool hunt_row(void *data, struct error *error)
{
	struct hunt *hunt = data;

	return hunting_cells_handler.begin(hunt->cells, error);
}

static bool hunt_member(void *data, const char *name, const struct row_value *value, struct error *error)
{
	struct hunt *hunt = data;

	return hunting_cells_handler.member(hunt->cells, name, value, error);
}

static const struct row_handler hunt_rows = { .begin = hunt_row, .member = hunt_member };

static void hunt_schema(void *data, const char *name, const char *kql_type)
{
	struct hunt *hunt = data;

	hunting_cells_schema(hunt->cells, name, kql_type);
}

static void hunt_restart(void *data)
{
	struct hunt *hunt = data;

	hunting_cells_clear(hunt->cells);
}

static void hunt_waits(void *data, const char *why, int64_t ms)
{
	struct hunt *hunt = data;

	waiting_tell(&hunt->waiting, why, ms);
}

static void hunt_done(void *data, const struct service_answer *answer)
{
	struct hunt *hunt = data;

	hunt->done = true;
	if (answer->fate != SERVICE_DONE)
		hunt->error = answer->error;
}

static bool hunt_is_done(void *data)
{
	const struct hunt *hunt = data;

	return hunt->done;
}

void hunting_rows_free(struct hunting_rows *rows)
{
	if (rows == NULL)
		return;
	table_free(rows->table);
	g_free(rows);
}

struct hunting_rows *hunting_run(struct engine *engine, const char *kql, int via, int64_t patience_ms,
	struct error *error)
{
	AUTO(hunting_cells_free) struct hunting_cells *cells = hunting_cells_new();
	struct hunt hunt = { .cells = cells };
	struct defender_hunt ask = {
		.kql = kql, .via = via, .patience_ms = patience_ms, .rows = &hunt_rows, .restart = hunt_restart,
		.schema = hunt_schema, .wait = hunt_waits, .done = hunt_done, .data = &hunt,
	};
	struct service_call *call;
	struct hunting_rows *rows;
	bool finished;

	waiting_begin(&hunt.waiting, engine, "hunting", patience_ms);
	call = defender_hunt(engine->defender, &ask);
	finished = loop_run(engine->loop, hunt_is_done, &hunt, true);
	if (!finished && !hunt.done) {
		defender_call_cancel(engine->defender, call);
		loop_run(engine->loop, hunt_is_done, &hunt, false);
	}
	waiting_end(&hunt.waiting);
	if (!finished) {
		error_set(error, ERROR_INTERRUPTED, "interrupted while waiting for the hunting query");
		return NULL;
	}
	if (hunt.error.kind != ERROR_NONE) {
		error_copy(error, &hunt.error);
		return NULL;
	}
	rows = g_new0(struct hunting_rows, 1);
	rows->table = hunting_cells_table(cells);
	rows->truncated = hunting_cells_rows(cells) >= DEFENDER_HUNTING_ROWS;
	return rows;
}
