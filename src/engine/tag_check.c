/* Looks into tag calls that were refused whole, and reads devices again whose answer did not show the tag as wanted. */
#include "config.h"
#include "engine/sender_tag.h"

#include <string.h>

#include "fleet/inventory.h"

#define CHECKS_IN_FLIGHT 8
#define READINGS 3 /* a list that moved while it was read is read again */

void tag_refused_free(struct tag_refused *refused)
{
	g_ptr_array_unref(refused->devices);
	g_free(refused);
}

/* ---- the machine list: which ids are there */
struct tag_reading {
	struct job_run *run; /* NULL once given up */
	struct defender_read *read;
	GHashTable *ids;
	GPtrArray *page;     /* ids of the page now coming in: it may come again */
	bool moved, over, failed;
};

static bool reading_member(void *data, const char *name, const struct row_value *value, struct error *error)
{
	struct tag_reading *reading = data;
	AUTO(g_free) char *id = NULL;

	(void)error;
	if (strcmp(name, "id") != 0 || value->kind != ROW_STRING)
		return true;
	id = g_strndup(value->text, value->length);
	g_ptr_array_add(reading->page, g_ascii_strdown(id, -1));
	return true;
}

static const struct row_handler reading_rows = { .member = reading_member };

static void reading_begin_page(void *data, unsigned page)
{
	(void)page;
	g_ptr_array_set_size(((struct tag_reading *)data)->page, 0);
}

static bool reading_end_page(void *data, size_t rows, struct error *error)
{
	struct tag_reading *reading = data;

	(void)rows;
	(void)error;
	for (guint i = 0; i < reading->page->len; i++)
		if (!g_hash_table_add(reading->ids, g_strdup(reading->page->pdata[i])))
			reading->moved = true;
	g_ptr_array_set_size(reading->page, 0);
	return true;
}

static void reading_free(struct tag_reading *reading)
{
	g_clear_pointer(&reading->ids, g_hash_table_unref);
	g_ptr_array_unref(reading->page);
	g_free(reading);
}

static void reading_done(void *data, const struct service_answer *answer)
{
	struct tag_reading *reading = data;

	reading->over = true;
	reading->failed = answer->fate != SERVICE_DONE;
	if (reading->run == NULL)
		reading_free(reading);
}

static void reading_start(struct job_run *run)
{
	struct tag_reading *reading = g_new0(struct tag_reading, 1);
	struct defender_pages pages = {
		.rows = &reading_rows, .begin_page = reading_begin_page, .end_page = reading_end_page, .done = reading_done,
		.data = reading,
	};

	reading->run = run;
	reading->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	reading->page = g_ptr_array_new_with_free_func(g_free);
	run->tags->reading = reading;
	run->tags->readings++;
	reading->read = defender_machines(run->engine->defender, NULL, &pages);
}

/* ---- refused calls */

/* The device that the refusal names, if it is one of the call. */
static struct job_device *refused_named(const struct job_run *run, const struct tag_refused *refused)
{
	AUTO(g_strfreev) char **words = g_strsplit_set(refused->error.text, " ,.;:'\"()[]", -1);

	for (char **word = words; *word != NULL; word++) {
		AUTO(g_free) char *id = g_ascii_strdown(*word, -1);
		struct job_device *device = strlen(id) >= 32 ? g_hash_table_lookup(run->job->by_id, id) : NULL;

		if (device != NULL && g_ptr_array_find(refused->devices, device, NULL))
			return device;
	}
	return NULL;
}

/* Drops the one device that is named, else halves the call. */
static void refused_split(struct job_run *run, const struct tag_refused *refused)
{
	struct job_device *named = refused_named(run, refused);
	GPtrArray *first = g_ptr_array_new(), *second = g_ptr_array_new();

	for (guint i = 0; i < refused->devices->len; i++)
		if (refused->devices->pdata[i] != named)
			g_ptr_array_add(named != NULL || i < refused->devices->len / 2 ? first : second, refused->devices->pdata[i]);
	if (named != NULL)
		run_result_one(run, named, "refused", json_pack("{s:o}", "error", run_error_json(&refused->error)));
	tag_queue(run, second, 0, true);
	tag_queue(run, first, 0, true);
}

static void refused_drop_gone(struct job_run *run, const GPtrArray *gone)
{
	struct error error = ERROR_INIT;

	error_set(&error, ERROR_FAILED, "gone from the tenant since the inventory was read");
	error_code(&error, "ResourceNotFound", "");
	run_result(run, gone, "refused", json_pack("{s:o}", "error", run_error_json(&error)));
	for (guint i = 0; i < gone->len; i++) {
		uint32_t number = inventory_find(run->engine->inventory, ((const struct job_device *)gone->pdata[i])->id);

		if (number != DEVICE_NONE)
			inventory_drop(run->engine->inventory, number);
	}
}

static void refused_go_on(struct job_run *run, struct tag_refused *refused)
{
	AUTO(g_ptr_array_unref) GPtrArray *gone = g_ptr_array_new();
	GPtrArray *left = g_ptr_array_new();

	for (guint i = 0; i < refused->devices->len; i++) {
		struct job_device *device = refused->devices->pdata[i];
		bool is_gone = run->tags->present != NULL && !g_hash_table_contains(run->tags->present, device->id);

		g_ptr_array_add(is_gone ? gone : left, device);
	}
	if (gone->len == 0) {
		g_ptr_array_unref(left);
		refused_split(run, refused);
		return;
	}
	refused_drop_gone(run, gone);
	tag_queue(run, left, 0, true);
}

void tag_look_into(struct job_run *run, struct sending *sending)
{
	struct tag_refused *refused = g_new0(struct tag_refused, 1);

	refused->devices = g_ptr_array_ref(sending->devices);
	refused->error = sending->error;
	g_ptr_array_add(run->tags->refused, refused);
	if (run->tags->readings == 0) {
		run->engine->notice(run->engine->data, "a tag call was refused (%s): reading the device list again",
			sending->error.code[0] != '\0' ? sending->error.code : "no code");
		reading_start(run);
	}
}

static void refused_turn(struct job_run *run)
{
	struct tag_sender *tags = run->tags;
	struct tag_reading *reading = tags->reading;
	AUTO(g_ptr_array_unref) GPtrArray *refused = NULL;

	if (reading != NULL && reading->over) {
		tags->reading = NULL;
		if (!reading->failed && reading->moved && tags->readings < READINGS)
			reading_start(run);
		else if (!reading->failed && !reading->moved)
			tags->present = g_steal_pointer(&reading->ids);
		reading_free(reading);
	}
	if (tags->reading != NULL || tags->refused->len == 0)
		return;
	refused = tags->refused;
	tags->refused = g_ptr_array_new();
	for (guint i = 0; i < refused->len; i++) {
		refused_go_on(run, refused->pdata[i]);
		tag_refused_free(refused->pdata[i]);
	}
}

/* ---- single devices, read again */
struct tag_check {
	struct job_run *run; /* NULL once given up */
	struct job_device *device;
	struct service_call *call;
	bool over;
	enum service_fate fate;
	int status;
	json_t *json;
	struct error error;
};

static void check_free(struct tag_check *check)
{
	json_decref(check->json);
	g_free(check);
}

static void check_done(void *data, const struct service_answer *answer)
{
	struct tag_check *check = data;

	if (check->run == NULL) {
		check_free(check);
		return;
	}
	check->over = true;
	check->call = NULL;
	check->fate = answer->fate;
	check->status = answer->status;
	check->json = json_incref((json_t *)answer->json);
	check->error = answer->error;
}

/* The tenant does not show it (yet): sent again, it cannot harm. */
static void check_again(struct job_run *run, struct job_device *device)
{
	GPtrArray *devices;

	if (device->tries >= JOB_TRIES)
		return;
	devices = g_ptr_array_new();
	g_ptr_array_add(devices, device);
	tag_queue(run, devices, clock_ms() + run->engine->settle_ms / 3, false);
}

static void check_take(struct job_run *run, struct tag_check *check)
{
	AUTO(g_ptr_array_unref) GPtrArray *devices = g_ptr_array_new();
	json_t *extra = json_pack("{s:i}", "http", check->status);

	g_ptr_array_add(devices, check->device);
	if (check->fate == SERVICE_DONE && tag_is_wanted(run->job, check->json)) {
		inventory_apply(run->engine->inventory, check->json, NULL);
		tag_accept(run, devices, extra);
		return;
	}
	if (check->fate == SERVICE_REFUSED && check->status == 404) {
		json_object_set_new(extra, "error", run_error_json(&check->error));
		run_result(run, devices, "refused", extra);
		return;
	}
	json_decref(extra);
	if (check->fate == SERVICE_SIGN_IN || (check->fate == SERVICE_REFUSED && check->status == 403))
		run_stop(run, &check->error);
	check_again(run, check->device);
}

static void check_turn(struct job_run *run)
{
	struct tag_sender *tags = run->tags;

	for (guint i = tags->checks->len; i-- > 0;) {
		struct tag_check *check = tags->checks->pdata[i];

		if (!check->over)
			continue;
		g_ptr_array_remove_index_fast(tags->checks, i);
		check_take(run, check);
		check_free(check);
	}
	while (!run->stopping && tags->checks->len < CHECKS_IN_FLIGHT && !g_queue_is_empty(&tags->to_check)) {
		struct tag_check *check = g_new0(struct tag_check, 1);

		check->run = run;
		check->device = g_queue_pop_head(&tags->to_check);
		g_ptr_array_add(tags->checks, check);
		check->call = defender_machine(run->engine->defender, check->device->id, check_done, check);
	}
}

void tag_look_turn(struct job_run *run)
{
	refused_turn(run);
	check_turn(run);
}

void tag_abandon(struct job_run *run)
{
	struct tag_sender *tags = run->tags;
	struct tag_reading *reading = g_steal_pointer(&tags->reading);

	if (reading != NULL && reading->over) {
		reading_free(reading);
	} else if (reading != NULL) {
		reading->run = NULL;
		defender_read_cancel(reading->read);
	}
	for (guint i = 0; i < tags->checks->len; i++) {
		struct tag_check *check = tags->checks->pdata[i];

		if (check->over) {
			check_free(check);
			continue;
		}
		check->run = NULL;
		defender_call_cancel(run->engine->defender, check->call);
	}
	g_ptr_array_set_size(tags->checks, 0);
	g_clear_pointer(&tags->present, g_hash_table_unref);
}
