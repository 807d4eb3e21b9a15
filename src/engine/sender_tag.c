/* Tags: calls of 500 devices. They are idempotent, so a lost one is sent again; one that is refused is looked into. */
#include "config.h"
#include "engine/sender_tag.h"

#include <string.h>

#include "fleet/inventory.h"

static void tag_batch_free(void *data)
{
	struct tag_batch *batch = data;

	if (batch == NULL)
		return;
	if (batch->devices != NULL)
		g_ptr_array_unref(batch->devices);
	g_free(batch);
}

void tag_queue(struct job_run *run, GPtrArray *devices, int64_t not_before, bool first)
{
	struct tag_batch *batch;

	if (devices->len == 0) {
		g_ptr_array_unref(devices);
		return;
	}
	batch = g_new0(struct tag_batch, 1);
	batch->devices = devices;
	batch->not_before = not_before;
	if (first)
		g_queue_push_head(&run->tags->batches, batch);
	else
		g_queue_push_tail(&run->tags->batches, batch);
}

/* The canary's batches go first; those queued meanwhile are held. */
static void tag_swap_held(struct job_run *run)
{
	GQueue batches = run->tags->batches;

	run->tags->batches = run->tags->held;
	run->tags->held = batches;
}

void tag_begin(struct job_run *run)
{
	GPtrArray *devices = g_ptr_array_new();

	run->tags = g_new0(struct tag_sender, 1);
	g_queue_init(&run->tags->batches);
	g_queue_init(&run->tags->held);
	g_queue_init(&run->tags->to_check);
	run->tags->checks = g_ptr_array_new();
	run->tags->refused = g_ptr_array_new();
	for (guint i = 0; i < run->job->devices->len; i++) {
		struct job_device *device = run->job->devices->pdata[i];

		if (device->state == JOB_UNKNOWN && device->tries >= JOB_TRIES)
			g_queue_push_tail(&run->tags->to_check, device);
		else if (device->state == JOB_PLANNED || device->state == JOB_UNKNOWN)
			g_ptr_array_add(devices, device);
		if (devices->len == DEFENDER_TAG_MAX || i + 1 == run->canary) {
			tag_queue(run, devices, 0, false);
			devices = g_ptr_array_new();
		}
		if (i + 1 == run->canary)
			tag_swap_held(run);
	}
	tag_queue(run, devices, 0, false);
	if (run->canary > 0)
		tag_swap_held(run);
}

void tag_end(struct job_run *run)
{
	struct tag_sender *tags = run->tags;

	if (tags == NULL)
		return;
	tag_abandon(run);
	g_queue_clear_full(&tags->batches, tag_batch_free);
	g_queue_clear_full(&tags->held, tag_batch_free);
	g_queue_clear(&tags->to_check);
	for (guint i = 0; i < tags->refused->len; i++)
		tag_refused_free(tags->refused->pdata[i]);
	g_ptr_array_unref(tags->refused);
	g_ptr_array_unref(tags->checks);
	g_free(tags);
	run->tags = NULL;
}

bool tag_is_busy(const struct job_run *run)
{
	const struct tag_sender *tags = run->tags;

	return !g_queue_is_empty((GQueue *)&tags->batches) || !g_queue_is_empty((GQueue *)&tags->to_check) ||
		tags->checks->len > 0 || tags->refused->len > 0 || tags->reading != NULL;
}

bool tag_is_wanted(const struct job *job, const json_t *machine)
{
	const json_t *tag;
	size_t i;
	bool has = false;

	json_array_foreach(json_object_get(machine, "machineTags"), i, tag)
		if (json_is_string(tag) && strcmp(json_string_value(tag), job->value) == 0)
			has = true;
	return has == (job->verb == ACT_TAG_ADD);
}

/* The tenant has it as wanted: the inventory has it, too, at once. */
void tag_accept(struct job_run *run, const GPtrArray *devices, json_t *extra)
{
	struct inventory *inventory = run->engine->inventory;

	run_result(run, devices, "accepted", extra);
	for (guint i = 0; i < devices->len; i++) {
		uint32_t number = inventory_find(inventory, ((const struct job_device *)devices->pdata[i])->id);

		if (number != DEVICE_NONE)
			inventory_tag(inventory, number, run->job->value, run->job->verb == ACT_TAG_ADD);
	}
}

/* ---- answers */

/* Ids that an answer shows with the tag as wanted. */
static GHashTable *tag_shown(const struct job *job, const json_t *answer)
{
	GHashTable *shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const json_t *machine;
	size_t i;

	json_array_foreach(json_object_get(answer, "value"), i, machine) {
		const char *id = json_string_value(json_object_get(machine, "id"));

		if (id != NULL && json_is_array(json_object_get(machine, "machineTags")) && tag_is_wanted(job, machine))
			g_hash_table_add(shown, g_ascii_strdown(id, -1));
	}
	return shown;
}

static void tag_take_done(struct job_run *run, struct sending *sending)
{
	AUTO(g_hash_table_unref) GHashTable *shown = tag_shown(run->job, sending->json);
	AUTO(g_ptr_array_unref) GPtrArray *accepted = g_ptr_array_new();
	AUTO(g_ptr_array_unref) GPtrArray *doubtful = g_ptr_array_new();

	run->equal = run->unsent = run->lost = 0;
	for (guint i = 0; i < sending->devices->len; i++) {
		struct job_device *device = sending->devices->pdata[i];
		bool is_shown = g_hash_table_contains(shown, device->id);

		g_ptr_array_add(is_shown ? accepted : doubtful, device);
		if (!is_shown)
			g_queue_push_tail(&run->tags->to_check, device);
	}
	tag_accept(run, accepted, run_extra(sending));
	run_result(run, doubtful, "unknown", json_pack("{s:i, s:s}", "http", sending->status,
		"reason", "the answer does not show it with the tag as wanted"));
}

static void tag_requeue(struct job_run *run, struct sending *sending, int64_t not_before)
{
	tag_queue(run, g_ptr_array_ref(sending->devices), not_before, true);
}

static void tag_take_lost(struct job_run *run, struct sending *sending)
{
	int64_t backoff = run->engine->settle_ms / 30 * sending->number;

	run_result(run, sending->devices, "unknown", run_extra(sending));
	run_breaker(run, sending);
	if (sending->number < JOB_TRIES) {
		tag_requeue(run, sending, clock_ms() + backoff);
		return;
	}
	for (guint i = 0; i < sending->devices->len; i++)
		g_queue_push_tail(&run->tags->to_check, sending->devices->pdata[i]);
}

/* Refusals that no smaller call would change. */
static bool tag_is_about_call(const struct sending *sending)
{
	static const char *const codes[] = {
		"InvalidRequestBody", "MissingRequiredParameter", "MaximumBatchSizeExceeded", "ODataError", NULL,
	};

	return g_strv_contains(codes, sending->error.code);
}

/* Of devices for which an earlier call may have been performed, the refusal of this one tells nothing: they are read. */
static void tag_refuse(struct job_run *run, struct sending *sending)
{
	AUTO(g_ptr_array_unref) GPtrArray *refused = g_ptr_array_new();
	AUTO(g_ptr_array_unref) GPtrArray *doubtful = g_ptr_array_new();

	for (guint i = 0; i < sending->devices->len; i++) {
		struct job_device *device = sending->devices->pdata[i];
		bool doubt = device->doubt && sending->status != 404;

		g_ptr_array_add(doubt ? doubtful : refused, device);
		if (doubt)
			g_queue_push_tail(&run->tags->to_check, device);
	}
	run_result(run, refused, "refused", run_extra(sending));
	run_result(run, doubtful, "unknown", run_extra(sending));
}

static void tag_take_refused(struct job_run *run, struct sending *sending)
{
	run->unsent = run->lost = 0;
	if (act_is_forbidden(sending)) {
		run_result(run, sending->devices, "unsent", run_untried(sending));
		run_stop(run, &sending->error);
	} else if (tag_is_about_call(sending) || sending->devices->len == 1) {
		tag_refuse(run, sending);
		if (sending->status == 404 || strcmp(sending->error.code, "ResourceNotFound") == 0)
			run->equal = 0;
		else
			run_breaker(run, sending);
	} else {
		/* The call was refused whole: nothing of it was done. */
		run_result(run, sending->devices, "unsent", run_untried(sending));
		tag_look_into(run, sending);
	}
}

void tag_take(struct job_run *run, struct sending *sending)
{
	switch (sending->fate) {
	case SERVICE_DONE:
		tag_take_done(run, sending);
		break;
	case SERVICE_REFUSED:
		tag_take_refused(run, sending);
		break;
	case SERVICE_THROTTLED:
		run_take_throttled(run, sending);
		tag_requeue(run, sending, 0);
		break;
	case SERVICE_LOST:
		tag_take_lost(run, sending);
		break;
	case SERVICE_UNSENT:
	case SERVICE_SIGN_IN:
		run_take_unsent(run, sending);
		tag_requeue(run, sending, 0);
		break;
	}
}

/* ---- sending */

/* The first batch whose time has come; NULL if none. */
static struct tag_batch *tag_next(struct job_run *run)
{
	GQueue *batches = &run->tags->batches;
	int64_t now = clock_ms();

	for (GList *link = batches->head; link != NULL; link = link->next) {
		struct tag_batch *batch = link->data;

		if (batch->not_before <= now) {
			g_queue_delete_link(batches, link);
			return batch;
		}
		run_wake(run, batch->not_before);
	}
	return NULL;
}

void tag_top_up(struct job_run *run)
{
	tag_look_turn(run);
	if (run->canary > 0)
		canary_check(run);
	while (run->canary == 0 && !g_queue_is_empty(&run->tags->held))
		g_queue_push_tail(&run->tags->batches, g_queue_pop_head(&run->tags->held));
	while (!run->stopping && run->flying->len + run->queued->len < SENDER_TAG_FLIGHT) {
		struct tag_batch *batch = tag_next(run);
		GPtrArray *devices;

		if (batch == NULL)
			return;
		devices = g_steal_pointer(&batch->devices);
		tag_batch_free(batch);
		if (!run_take_ticket(run)) {
			tag_queue(run, devices, 0, true);
			return;
		}
		if (run_intend(run, devices) == NULL)
			return;
	}
}

void tag_send(struct job_run *run, struct sending *sending)
{
	AUTO(g_free) const char **ids = g_new0(const char *, sending->devices->len);

	for (guint i = 0; i < sending->devices->len; i++)
		ids[i] = ((const struct job_device *)sending->devices->pdata[i])->id;
	sending->call = defender_tag(run->engine->defender, run->job->value, run->job->verb == ACT_TAG_ADD, ids,
		sending->devices->len, sending->request, run_answered, sending);
}
