/* Device actions: one request a device, sent at most once, its answer judged by whose the action is. */
#include "config.h"
#include "engine/sender.h"

#include <string.h>

/* ---- whose */

/* What a cut leaves behind its place: blanks, dots, a character of which only a part was left. */
static size_t comment_length(const char *comment)
{
	static const char *const tails[] = { "\xEF\xBF\xBD", "\xE2\x80\xA6", "...", " ", NULL };
	size_t length = strlen(comment);
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; tails[i] != NULL && !again; i++) {
			size_t tail = strlen(tails[i]);

			again = length >= tail && memcmp(comment + length - tail, tails[i], tail) == 0;
			length -= again ? tail : 0;
		}
	}
	return length;
}

enum act_owner act_owner(const struct job_run *run, const char *comment, const char *requestor)
{
	size_t length;

	if (comment == NULL)
		return OWNER_UNKNOWN;
	if (action_marker_is(comment, run->marker)) /* quoted within another's comment it tells nothing */
		return OWNER_OURS;
	length = comment_length(comment);
	if (length == 0 || strncmp(comment, run->comment, length) != 0)
		return OWNER_OTHER;
	/* What we sent, but shorter: the tenant cut it. A person (API contract, section 5.1: a user has a UPN, and we are signed
	 * in as an application) may have typed the same words, or the first of them, in the portal. */
	if (requestor != NULL && strchr(requestor, '@') != NULL)
		return OWNER_OTHER;
	return OWNER_CUT;
}

json_t *act_cut(json_t *extra)
{
	json_object_set_new(extra, "cut", json_true());
	json_object_set_new(extra, "reason", json_string("its comment came back cut"));
	return extra;
}

void act_stop_cut(struct job_run *run)
{
	struct error error = ERROR_INIT;

	error_set(&error, ERROR_FAILED, "the tenant cut the comment short: which actions are this job's could not be told");
	error_hint(&error, "run it again with a shorter comment");
	run_stop(run, &error);
}

bool act_is_in_progress(const char *code, const char *message)
{
	AUTO(g_free) char *folded = message != NULL ? g_ascii_strdown(message, -1) : NULL;

	return (code != NULL && strcmp(code, "ActiveRequestAlreadyExists") == 0) ||
		(folded != NULL && strstr(folded, "already in progress") != NULL);
}

/* ---- answers */
static bool act_fits(const json_t *json, const char *name, const char *wanted)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text == NULL || g_ascii_strcasecmp(text, wanted) == 0;
}

static json_t *act_extra(const struct sending *sending, const char *reason)
{
	json_t *extra = run_extra(sending);
	const json_t *id = json_object_get(sending->json, "id"), *status = json_object_get(sending->json, "status");
	const json_t *created = json_object_get(sending->json, "creationDateTimeUtc");

	if (json_is_string(id))
		json_object_set(extra, "actionId", (json_t *)id);
	if (json_is_string(created))
		json_object_set(extra, "created", (json_t *)created);
	if (json_is_string(status))
		json_object_set(extra, "status", (json_t *)status);
	if (reason != NULL)
		json_object_set_new(extra, "reason", json_string(reason));
	return extra;
}

static char *act_whose_answer(const json_t *json)
{
	const char *requestor = json_string_value(json_object_get(json, "requestor"));
	const char *comment = json_string_value(json_object_get(json, "requestorComment"));
	const char *created = json_string_value(json_object_get(json, "creationDateTimeUtc"));
	struct action action = {
		.requestor = (char *)(requestor != NULL ? requestor : ""), .comment = (char *)(comment != NULL ? comment : ""),
	};
	AUTO(g_free) char *whose = NULL;

	if (created == NULL || !isotime_parse(created, strlen(created), &action.created))
		action.created = 0;
	whose = action_whose(&action);
	return g_strconcat("the same action is open ", whose, NULL);
}

static void act_take_done(struct job_run *run, struct sending *sending)
{
	struct job_device *device = sending->devices->pdata[0];
	const char *comment = json_string_value(json_object_get(sending->json, "requestorComment"));
	const char *requestor = json_string_value(json_object_get(sending->json, "requestor"));
	AUTO(g_free) char *whose = NULL;

	run->proven = true;
	run->equal = run->unsent = run->lost = 0;
	if (!act_fits(sending->json, "machineId", device->id) || !act_fits(sending->json, "type", run->job->kind->type)) {
		run_result_one(run, device, "unknown", json_pack("{s:i, s:s}", "http", sending->status,
			"reason", "the answer is of another device or action"));
		return;
	}
	switch (act_owner(run, comment, requestor)) {
	case OWNER_OURS:
		run_result_one(run, device, "accepted", act_extra(sending, NULL));
		break;
	case OWNER_OTHER:
		/* Whether it is of the same scope, only the list tells (API contract, section 10.9). */
		if (job_value(run->job, device) != NULL) {
			run_result_one(run, device, "unknown", act_extra(sending, "another's action is open"));
			break;
		}
		whose = act_whose_answer(sending->json);
		run_result_one(run, device, "already", act_extra(sending, whose));
		break;
	case OWNER_CUT:
		run_result_one(run, device, "unknown", act_cut(act_extra(sending, NULL)));
		act_stop_cut(run);
		break;
	case OWNER_UNKNOWN: /* the action list will tell */
		run_result_one(run, device, "unknown", act_extra(sending, "the answer does not tell its comment"));
		break;
	}
}

/* Refusals that say something about one device only. */
static bool act_is_about_device(const struct sending *sending)
{
	static const char *const codes[] = {
		"ResourceNotFound", "NotFound", "OsPlatformNotSupported", "ClientVersionNotSupported", NULL,
	};

	return sending->status == 404 || g_strv_contains(codes, sending->error.code);
}

/* One feature or operation that is not allowed says nothing of the others; any other 403 does. */
bool act_is_forbidden(const struct sending *sending)
{
	return sending->status == 403 && strcmp(sending->error.code, "DisallowedOperation") != 0 &&
		strcmp(sending->error.code, "DisabledFeature") != 0;
}

static void act_take_refused(struct job_run *run, struct sending *sending)
{
	struct job_device *device = sending->devices->pdata[0];

	run->unsent = run->lost = 0;
	if (sending->status != 403 && act_is_in_progress(sending->error.code, sending->error.text)) {
		run->equal = 0;
		run_result_one(run, device, "unknown", run_extra(sending)); /* whose it is, the action list tells */
	} else if (act_is_forbidden(sending)) {
		run_result_one(run, device, "unsent", run_untried(sending));
		run_stop(run, &sending->error);
	} else {
		run_result_one(run, device, "refused", run_extra(sending));
		if (act_is_about_device(sending))
			run->equal = 0;
		else
			run_breaker(run, sending);
	}
}

json_t *run_untried(const struct sending *sending)
{
	json_t *extra = run_extra(sending);

	json_object_set_new(extra, "notTried", json_true());
	return extra;
}

/* Nothing was performed; the limit is held by net/service until the service lets us again. */
void run_take_throttled(struct job_run *run, struct sending *sending)
{
	AUTO(g_free) char *wait = duration_text(MAX(sending->retry_after_ms, 0));
	int64_t until_ms = clock_ms() + MAX(sending->retry_after_ms, 0);
	json_t *extra = run_extra(sending);

	json_object_set_new(extra, "http", json_integer(429));
	if (sending->retry_after_ms > 0)
		json_object_set_new(extra, "notBefore", job_time_in(sending->retry_after_ms));
	run_result(run, sending->devices, "unsent", extra);
	if (sending->retry_after_ms > SENDER_PAUSE_MS) {
		run_pause(run, sending->retry_after_ms);
	} else if (llabs(until_ms - run->told_wait) >= SENDER_SAME_MS) { /* told once for all that were in flight */
		run->told_wait = until_ms;
		run->engine->notice(run->engine->data, "the service throttles job %s%s%s", run->job->id,
			sending->retry_after_ms > 0 ? ": going on in " : "", sending->retry_after_ms > 0 ? wait : "");
	}
}

void run_take_unsent(struct job_run *run, struct sending *sending)
{
	json_t *extra = run_untried(sending);

	if (sending->fate == SERVICE_SIGN_IN)
		json_object_set_new(extra, "http", json_integer(401));
	run_result(run, sending->devices, "unsent", extra);
	if (sending->fate == SERVICE_SIGN_IN)
		run_stop(run, &sending->error);
	else if (!run->stopping)
		run_breaker(run, sending);
}

void act_take(struct job_run *run, struct sending *sending)
{
	switch (sending->fate) {
	case SERVICE_DONE:
		act_take_done(run, sending);
		break;
	case SERVICE_REFUSED:
		act_take_refused(run, sending);
		break;
	case SERVICE_THROTTLED:
		run_take_throttled(run, sending);
		break;
	case SERVICE_LOST:
		run_result(run, sending->devices, "unknown", run_extra(sending));
		run_breaker(run, sending);
		break;
	case SERVICE_UNSENT:
	case SERVICE_SIGN_IN:
		run_take_unsent(run, sending);
		break;
	}
}

/* ---- sending */
static struct job_device *act_next(struct job_run *run)
{
	const GPtrArray *devices = run->job->devices;
	guint end = run->canary > 0 ? (guint)run->canary : devices->len;

	while (run->next < end) {
		struct job_device *device = devices->pdata[run->next];

		if (device->state == JOB_PLANNED)
			return device;
		run->next++;
	}
	return NULL;
}

bool act_canary_is_sent(const struct job_run *run)
{
	for (size_t i = 0; i < run->canary; i++)
		if (((const struct job_device *)run->job->devices->pdata[i])->state == JOB_PLANNED)
			return false;
	return true;
}

void act_top_up(struct job_run *run)
{
	guint most = run->proven ? SENDER_FLIGHT : SENDER_FIRST;
	struct job_device *device;

	while (run->flying->len + run->queued->len < most && (device = act_next(run)) != NULL &&
			run_take_ticket(run)) {
		GPtrArray *devices = g_ptr_array_new();

		g_ptr_array_add(devices, device);
		if (run_intend(run, devices) == NULL)
			return;
	}
}

void act_send(struct job_run *run, struct sending *sending)
{
	const struct job *job = run->job;
	const struct job_device *device = sending->devices->pdata[0];

	sending->call = defender_act(run->engine->defender, job->kind, device->id, run->comment,
		job_value(job, device),
		sending->request, run_answered, sending);
}
