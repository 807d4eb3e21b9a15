#include "config.h"
#include "engine/actions.h"

#include <string.h>

#include "core/isotime.h"

#define PATIENCE_MS (60 * 1000) /* containment is not held up for longer by a list that it can do without */
#define PATIENCE_LEAST_MS 2000  /* however short a test makes the windows */
#define ACTIONS_LIMIT 2000000 /* rows; beyond this the list is not what it should be */

static void action_free(void *data)
{
	struct action *action = data;

	if (action == NULL)
		return;
	g_free(action->id);
	g_free(action->type);
	g_free(action->scope);
	g_free(action->requestor);
	g_free(action->comment);
	g_free(action->status);
	g_free(action->device);
	g_free(action->name);
	if (action->cancel != NULL) {
		g_free(action->cancel->requestor);
		g_free(action->cancel->comment);
		g_free(action->cancel);
	}
	g_free(action);
}

void action_list_free(struct action_list *list)
{
	if (list == NULL)
		return;
	g_clear_pointer(&list->by_device, g_hash_table_unref);
	g_clear_pointer(&list->by_id, g_hash_table_unref);
	g_ptr_array_unref(list->actions);
	g_free(list);
}

static struct action_list *action_list_new(void)
{
	struct action_list *list = g_new0(struct action_list, 1);

	list->actions = g_ptr_array_new_with_free_func(action_free);
	list->started_ms = clock_ms();
	return list;
}

/* ---- reading rows */
struct actions_reading {
	struct engine *engine;
	struct action_list *list;
	struct action *row;      /* the one now coming in, or NULL */
	guint page_start;        /* rows before the page now coming in */
	unsigned page;
	struct defender_read *read;
	void (*done)(void *data, struct action_list *list, const struct error *error);
	void *data;
	struct error fault;
};

static bool actions_begin(void *data, struct error *error)
{
	struct actions_reading *reading = data;

	if (reading->list->actions->len >= ACTIONS_LIMIT)
		return error_set(error, ERROR_FAILED, "the tenant's action list is longer than %d entries", ACTIONS_LIMIT);
	action_free(reading->row);
	reading->row = g_new0(struct action, 1);
	return true;
}

static void actions_text(char **place, const struct row_value *value)
{
	g_free(*place);
	*place = value->kind == ROW_STRING ? g_strndup(value->text, value->length) : g_strdup("");
}

static void actions_time(int64_t *place, const struct row_value *value)
{
	*place = 0;
	if (value->kind == ROW_STRING && !isotime_parse(value->text, value->length, place))
		*place = 0;
}

/* Few actions are cancelled: the others need no room for it. */
static void actions_cancel(struct action *row, const char *name, const struct row_value *value)
{
	if (value->kind != ROW_STRING || !g_str_has_prefix(name, "cancellation"))
		return;
	if (row->cancel == NULL)
		row->cancel = g_new0(struct action_cancel, 1);
	if (strcmp(name, "cancellationRequestor") == 0)
		actions_text(&row->cancel->requestor, value);
	else if (strcmp(name, "cancellationComment") == 0)
		actions_text(&row->cancel->comment, value);
	else if (strcmp(name, "cancellationDateTimeUtc") == 0)
		actions_time(&row->cancel->time, value);
}

static bool actions_member(void *data, const char *name, const struct row_value *value, struct error *error)
{
	struct action *row = ((struct actions_reading *)data)->row;
	const struct { const char *name; char **place; } texts[] = {
		{ "id", &row->id }, { "type", &row->type }, { "scope", &row->scope }, { "requestor", &row->requestor },
		{ "requestorComment", &row->comment }, { "status", &row->status }, { "machineId", &row->device },
		{ "computerDnsName", &row->name },
	};

	(void)error;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		if (strcmp(name, texts[i].name) == 0)
			actions_text(texts[i].place, value);
	if (strcmp(name, "creationDateTimeUtc") == 0)
		actions_time(&row->created, value);
	/* The list's examples print the second name (API contract, section 5.1). */
	if (strcmp(name, "lastUpdateDateTimeUtc") == 0 || (strcmp(name, "lastUpdateTimeUtc") == 0 && row->updated == 0))
		actions_time(&row->updated, value);
	actions_cancel(row, name, value);
	return true;
}

static void action_fill(char **place)
{
	if (*place == NULL)
		*place = g_strdup("");
}

static bool actions_end(void *data, struct error *error)
{
	struct actions_reading *reading = data;
	struct action *row = g_steal_pointer(&reading->row);

	(void)error;
	action_fill(&row->id);
	action_fill(&row->type);
	action_fill(&row->scope);
	action_fill(&row->requestor);
	action_fill(&row->comment);
	action_fill(&row->status);
	action_fill(&row->device);
	action_fill(&row->name);
	for (char *c = row->device; *c != '\0'; c++)
		*c = g_ascii_tolower(*c);
	if (row->id[0] == '\0')
		action_free(row);
	else
		g_ptr_array_add(reading->list->actions, row);
	return true;
}

static const struct row_handler actions_rows = {
	.begin = actions_begin, .member = actions_member, .end = actions_end,
};

static void actions_begin_page(void *data, unsigned page)
{
	struct actions_reading *reading = data;

	if (page == reading->page) /* it comes again, or it is the first */
		g_ptr_array_set_size(reading->list->actions, (gint)reading->page_start);
	reading->page = page;
	reading->page_start = reading->list->actions->len;
}

/* ---- the list */
static gint actions_newest_first(gconstpointer a, gconstpointer b)
{
	const struct action *x = *(struct action *const *)a, *y = *(struct action *const *)b;

	return x->created < y->created ? 1 : x->created > y->created ? -1 : 0;
}

/* True if the rows (each once) came by creation, in one direction: then rows that were added meanwhile only moved others
 * to where they were seen again. */
static bool action_list_is_ordered(const GPtrArray *actions)
{
	bool falls = true, rises = true;

	for (guint i = 1; i < actions->len; i++) {
		const struct action *before = actions->pdata[i - 1], *action = actions->pdata[i];

		falls &= action->created <= before->created;
		rises &= action->created >= before->created;
	}
	return falls || rises;
}

static void action_list_index(struct action_list *list)
{
	GHashTableIter iter;
	void *value;
	guint kept = 0;
	bool moved = false;

	list->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	list->by_device = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
	for (guint i = 0; i < list->actions->len; i++) {
		struct action *action = list->actions->pdata[i];
		GPtrArray *of_device;

		/* A list that moved while it was read shows an action twice. */
		if (g_hash_table_contains(list->by_id, action->id)) {
			moved = true;
			action_free(action);
			continue;
		}
		list->actions->pdata[kept++] = action;
		g_hash_table_insert(list->by_id, action->id, action);
		of_device = g_hash_table_lookup(list->by_device, action->device);
		if (of_device == NULL) {
			of_device = g_ptr_array_new();
			g_hash_table_insert(list->by_device, action->device, of_device);
		}
		g_ptr_array_add(of_device, action);
	}
	list->actions->len = kept;
	list->whole = !moved || action_list_is_ordered(list->actions);
	g_hash_table_iter_init(&iter, list->by_device);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		g_ptr_array_sort(value, actions_newest_first);
}

static void actions_reading_free(struct actions_reading *reading)
{
	action_free(reading->row);
	action_list_free(reading->list);
	g_free(reading);
}

static void actions_done(void *data, const struct service_answer *answer)
{
	struct actions_reading *reading = data;
	struct action_list *list = NULL;

	if (answer->fate == SERVICE_DONE) {
		list = g_steal_pointer(&reading->list);
		action_list_index(list);
	}
	if (reading->done != NULL)
		reading->done(reading->data, list, list == NULL ? &answer->error : NULL);
	else
		action_list_free(list);
	actions_reading_free(reading);
}

static void actions_wait(void *data, const char *why, int64_t ms)
{
	struct actions_reading *reading = data;
	AUTO(g_free) char *how_long = duration_text(ms);

	AUTO(g_free) char *text = g_strdup_printf("the tenant's action list: %s, going on in %s", why, how_long);

	if (reading->done != NULL)
		reading->engine->progress(reading->engine->data, text);
}

int64_t actions_patience(const struct engine *engine)
{
	return MAX((int64_t)(PATIENCE_MS * MIN(engine->window_scale, 1.0)), PATIENCE_LEAST_MS);
}

struct actions_reading *actions_start(struct engine *engine, int64_t since, int64_t patience_ms,
	void (*done)(void *data, struct action_list *list, const struct error *error), void *data)
{
	struct actions_reading *reading = g_new0(struct actions_reading, 1);
	struct defender_pages pages = {
		.rows = &actions_rows, .begin_page = actions_begin_page, .wait = actions_wait, .done = actions_done,
		.data = reading, .patience_ms = patience_ms,
	};

	reading->engine = engine;
	reading->list = action_list_new();
	reading->done = done;
	reading->data = data;
	reading->read = defender_actions(engine->defender, since, &pages);
	return reading;
}

void actions_abandon(struct actions_reading *reading)
{
	if (reading == NULL)
		return;
	reading->done = NULL;
	defender_read_cancel(reading->read); /* still ends in actions_done */
}

void actions_stop(struct actions_reading *reading)
{
	defender_read_cancel(reading->read);
}

struct actions_wait {
	bool over;
	struct action_list *list;
	struct error error;
};

static void actions_read_done(void *data, struct action_list *list, const struct error *error)
{
	struct actions_wait *wait = data;

	wait->over = true;
	wait->list = list;
	if (error != NULL)
		error_copy(&wait->error, error);
}

static bool actions_read_over(void *data)
{
	return ((struct actions_wait *)data)->over;
}

static struct action_list *actions_read_all(struct engine *engine, int64_t since, int64_t patience_ms,
	struct error *error)
{
	struct actions_wait wait = { .over = false };
	struct actions_reading *reading = actions_start(engine, since, patience_ms, actions_read_done, &wait);
	bool over = loop_run(engine->loop, actions_read_over, &wait, true) || wait.over;

	engine->progress(engine->data, NULL);
	if (!over) {
		actions_stop(reading);
		loop_run(engine->loop, actions_read_over, &wait, false);
		action_list_free(wait.list);
		error_set(error, ERROR_INTERRUPTED, "interrupted while reading the tenant's action list");
		return NULL;
	}
	if (wait.list == NULL) {
		error_copy(error, &wait.error);
		error_prefix(error, "cannot read the tenant's action list");
	}
	return wait.list;
}

struct action_list *actions_read(struct engine *engine, int64_t since, struct error *error)
{
	return actions_read_all(engine, since, 0, error);
}

struct action_list *actions_read_within(struct engine *engine, int64_t patience_ms, struct error *error)
{
	return actions_read_all(engine, 0, patience_ms, error);
}
