#include "config.h"
#include "sim/calls.h"

#include <stdlib.h>
#include <string.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "sim/jsonout.h"

#define LIST_CONTEXT "{\"@odata.context\":\"https://api.securitycenter.microsoft.com/api/$metadata#Machines\"," \
	"\"value\":["

/* ---- the list */

struct page {
	struct request *request;
	GString *out;
	const struct odata_filter *filter; /* NULL: all */
	size_t skip, top;
	size_t matched; /* so far, skipped ones included */
	struct machine **rows;
	size_t count;
	bool more;
};

static void collect_rows(struct page *page)
{
	struct tenant *tenant = page->request->tenant;
	size_t i = 0;

	/* without filter and vanished devices the first row is where it says */
	if (page->filter == NULL && tenant->gone == 0)
		i = page->matched = MIN(page->skip, tenant->count);
	for (; i < tenant->count && !page->more; i++) {
		struct machine *m = &tenant->machines[i];

		if (m->gone || (page->filter != NULL && !odata_match(page->filter, machine_property, m)))
			continue;
		if (page->matched++ < page->skip)
			continue;
		if (page->count == page->top)
			page->more = true;
		else
			page->rows[page->count++] = m;
	}
}

static void mark_listed(struct page *page)
{
	struct tenant *tenant = page->request->tenant;

	for (size_t i = 0; i < page->count; i++) {
		tenant->listed += !page->rows[i]->listed;
		page->rows[i]->listed = true;
	}
	tenant_listed(tenant);
}

/* The list moved while it was read: see the faults of these names. */
static void disturb(struct page *page)
{
	const struct request_fault *fault = &page->request->fault;

	if (fault->short_page)
		page->count -= MIN(page->count, 3);
	if (fault->repeat_page && page->count > 1)
		page->rows[page->count - 1] = page->rows[0];
}

static void print_next(struct page *page)
{
	struct request *request = page->request;
	const char *filter = request_query(request, "$filter");

	g_string_append_c(page->out, ']');
	/* with $top there never is one */
	if (request->fault.next_url != NULL || (page->more && request_query(request, "$top") == NULL)) {
		AUTO(g_free) char *escaped = filter != NULL ? g_uri_escape_string(filter, NULL, FALSE) : NULL;
		AUTO(g_free) char *url = request->fault.next_url != NULL ? g_strdup(request->fault.next_url) :
			g_strdup_printf("http://%s/api/machines?%s%s%s$skip=%zu", request->host, filter != NULL ? "$filter=" : "",
			escaped != NULL ? escaped : "", filter != NULL ? "&" : "", page->skip + page->top);

		jsonout_member(page->out, "@odata.nextLink", url);
	}
	g_string_append_c(page->out, '}');
}

static void answer_page(struct page *page)
{
	page->rows = g_new(struct machine *, page->top);
	collect_rows(page);
	disturb(page);
	page->out = answer_begin(page->request, 200, JSON_TYPE);
	g_string_append(page->out, LIST_CONTEXT);
	for (size_t i = 0; i < page->count; i++) {
		if (i > 0)
			g_string_append_c(page->out, ',');
		machine_print(page->out, page->rows[i], false);
	}
	print_next(page);
	page->request->performed = true;
	if (page->filter == NULL)
		mark_listed(page);
	g_free(page->rows);
}

void call_machines(struct request *request)
{
	static const char *const known[] = { "$filter", NULL };
	struct page page = { .request = request };
	const char *text = request_query(request, "$filter");
	AUTO(odata_free) struct odata_filter *filter = NULL;
	AUTO(g_free) char *message = NULL;

	if (!call_page(request, known, &page.top, &page.skip))
		return;
	if (text != NULL) {
		filter = odata_parse(text, machine_properties, &message);
		if (filter == NULL) {
			answer_odata_error(request, message);
			return;
		}
	}
	page.filter = filter;
	if (page.top == 0)
		page.top = PAGE_SIZE;
	answer_page(&page);
}

/* ---- one machine */

static void answer_machine(struct request *request, const struct machine *machine)
{
	machine_print(answer_begin(request, 200, JSON_TYPE), machine, true);
	request->performed = true;
}

void call_machine(struct request *request)
{
	struct machine *machine = tenant_find(request->tenant, request->id);

	if (machine == NULL)
		answer_error(request, 404, "ResourceNotFound", "Machine %s was not found", request->id);
	else
		answer_machine(request, machine);
}

static void answer_matches(struct request *request, bool (*match)(const struct machine *, const void *),
	const void *data)
{
	GString *out = answer_begin(request, 200, JSON_TYPE);
	const char *comma = "";

	g_string_append(out, LIST_CONTEXT);
	for (size_t i = 0; i < request->tenant->count; i++) {
		const struct machine *m = &request->tenant->machines[i];

		if (m->gone || !match(m, data))
			continue;
		g_string_append(out, comma);
		machine_print(out, m, false);
		comma = ",";
	}
	g_string_append(out, "]}");
	request->performed = true;
}

static bool match_tag(const struct machine *machine, const void *tag)
{
	return machine_has_tag(machine, tag);
}

static bool match_tag_start(const struct machine *machine, const void *start)
{
	for (guint i = 0; machine->tags != NULL && i < machine->tags->len; i++)
		if (g_str_has_prefix(g_ptr_array_index(machine->tags, i), start))
			return true;
	return false;
}

void call_find_by_tag(struct request *request)
{
	const char *tag = request_query(request, "tag"), *start = request_query(request, "useStartsWithFilter");

	if (tag == NULL)
		answer_error(request, 400, "MissingRequiredParameter", "Parameter tag is missing.");
	else
		answer_matches(request, start != NULL && strcmp(start, "true") == 0 ? match_tag_start : match_tag, tag);
}

static bool match_ip(const struct machine *machine, const void *ip)
{
	return g_strcmp0(machine->last_ip, ip) == 0;
}

/* findbyip(ip='10.1.2.3',timestamp=2026-11-25T06:00:00Z) */
void call_find_by_ip(struct request *request)
{
	const char *ip = strstr(request->id, "ip='"), *time = strstr(request->id, "timestamp=");
	const char *close = ip != NULL ? strchr(ip + 4, '\'') : NULL;
	int64_t ticks = 0, age;

	if (close == NULL || time == NULL || !isotime_parse(time + 10, strcspn(time + 10, ",)"), &ticks)) {
		answer_error(request, 400, "InvalidInput", "Invalid input %s", request->id);
		return;
	}
	age = sim_now(request->sim) - ticks;
	if (age > 30 * ISOTIME_TICKS_PER_DAY || age < -ISOTIME_TICKS_PER_DAY) {
		answer_error(request, 400, "InvalidInput", "Invalid input timestamp: it must be within the last 30 days");
		return;
	}
	AUTO(g_free) char *address = g_strndup(ip + 4, (gsize)(close - ip - 4));

	answer_matches(request, match_ip, address);
}

static bool is_value(const char *text)
{
	return strcmp(text, "Normal") == 0 || strcmp(text, "Low") == 0 || strcmp(text, "High") == 0;
}

static bool set_value(struct request *request, struct machine *machine, const char *value)
{
	if (value == NULL)
		return false;
	if (!is_value(value)) {
		answer_error(request, 400, "InvalidRequestBody", "Request body is incorrect");
		return false;
	}
	machine->value = g_string_chunk_insert_const(request->tenant->texts, value);
	return true;
}

void call_set_value(struct request *request)
{
	static const char *const known[] = { "DeviceValue", NULL };
	struct machine *machine = call_target(request);

	if (machine == NULL || !call_members(request, known))
		return;
	if (set_value(request, machine, call_text(request, "DeviceValue")))
		answer_machine(request, machine);
}

static bool set_tags(struct request *request, struct machine *machine, const json_t *tags)
{
	size_t i;
	json_t *tag;

	json_array_foreach(tags, i, tag) {
		if (!json_is_string(tag)) {
			answer_error(request, 400, "InvalidRequestBody", "Request body is incorrect");
			return false;
		}
	}
	g_clear_pointer(&machine->tags, g_ptr_array_unref);
	json_array_foreach(tags, i, tag)
		machine_add_tag(machine, json_string_value(tag));
	return true;
}

void call_patch_machine(struct request *request)
{
	static const char *const known[] = { "machineTags", "deviceValue", NULL };
	struct machine *machine = call_target(request);
	const json_t *tags = json_object_get(request->json, "machineTags");

	if (machine == NULL || !call_members(request, known))
		return;
	if (tags != NULL && !set_tags(request, machine, tags))
		return;
	if (json_object_get(request->json, "deviceValue") == NULL ||
			set_value(request, machine, call_text(request, "deviceValue")))
		answer_machine(request, machine);
}
