/* Lists in pages by own $top and $skip: the service's nextLink is broken with a filter and missing with $top (API
 * contract, section 3.2). */
#include "config.h"
#include "defender/defender_internal.h"

#include <string.h>

#include "defender/url.h"

#define PAGE_TIMEOUT_MS (5 * 60000)
#define PAGE_BYTES ((size_t)256 * 1024 * 1024) /* 10,000 rows of 26 KB */

struct defender_read {
	struct defender *defender;
	char *path, *filter;
	struct limit *limit;
	struct defender_pages pages;
	struct row_reader *reader;
	struct service_call *call;
	unsigned page;
	size_t rows;
	bool to_empty; /* a short page does not end it */
	bool cancelled;
};

static void read_free(struct defender_read *read)
{
	g_ptr_array_remove(read->defender->reads, read);
	row_reader_free(read->reader);
	g_free(read->path);
	g_free(read->filter);
	g_free(read);
}

void read_abandon(struct defender_read *read)
{
	if (read->call != NULL)
		service_abandon(read->defender->service, read->call);
	read_free(read);
}

static void read_finish(struct defender_read *read, const struct service_answer *answer)
{
	read->pages.done(read->pages.data, answer);
	read_free(read);
}

/* Rows go on to the caller's handler and are counted. */

static bool page_begin(void *data, struct error *error)
{
	struct defender_read *read = data;

	/* A list that does not obey $top does not obey $skip either. */
	if (read->rows == DEFENDER_PAGE)
		return error_set(error, ERROR_FAILED, "a page of the list has more than the %d rows asked for", DEFENDER_PAGE);
	return read->pages.rows->begin == NULL || read->pages.rows->begin(read->pages.data, error);
}

static bool page_member(void *data, const char *name, const struct row_value *value, struct error *error)
{
	struct defender_read *read = data;

	return read->pages.rows->member == NULL || read->pages.rows->member(read->pages.data, name, value, error);
}

static bool page_end(void *data, struct error *error)
{
	struct defender_read *read = data;

	read->rows++;
	return read->pages.rows->end == NULL || read->pages.rows->end(read->pages.data, error);
}

static const struct row_handler page_rows = { .begin = page_begin, .member = page_member, .end = page_end };

/* A page begins, or begins again. */
static void page_reset(void *data)
{
	static const char *const arrays[] = { "value", NULL };
	struct defender_read *read = data;

	row_reader_free(read->reader);
	read->reader = row_reader_new(arrays, &page_rows, read);
	read->rows = 0;
	if (read->pages.begin_page != NULL)
		read->pages.begin_page(read->pages.data, read->page);
}

static bool page_body(void *data, const char *bytes, size_t length, struct error *error)
{
	struct defender_read *read = data;

	return row_reader_feed(read->reader, bytes, length, error);
}

static bool page_finish(void *data, struct error *error)
{
	struct defender_read *read = data;

	return row_reader_finish(read->reader, error);
}

static void page_wait(void *data, const char *why, int64_t ms)
{
	struct defender_read *read = data;

	if (read->pages.wait != NULL)
		read->pages.wait(read->pages.data, why, ms);
}

static void page_ask(struct defender_read *read);

/* The service says 404 for a list without machines (section 3.2). */
static bool answer_is_empty_list(const struct service_answer *answer)
{
	return answer->fate == SERVICE_REFUSED && answer->status == 404
		&& (strcmp(answer->error.code, "ResourceNotFound") == 0 || strcmp(answer->error.code, "NotFound") == 0);
}

static void page_done(void *data, const struct service_answer *given)
{
	struct defender_read *read = data;
	struct service_answer answer = *given;

	read->call = NULL;
	if (answer_is_empty_list(given)) {
		answer.fate = SERVICE_DONE;
		error_clear(&answer.error);
	}
	if (answer.fate == SERVICE_DONE && read->pages.end_page != NULL
	    && !read->pages.end_page(read->pages.data, read->rows, &answer.error)) {
		answer.fate = SERVICE_LOST;
		error_set(&answer.error, ERROR_FAILED, "the list was not taken");
	}
	if (answer.fate != SERVICE_DONE || read->rows == 0 || (!read->to_empty && read->rows < DEFENDER_PAGE)) {
		read_finish(read, &answer);
		return;
	}
	if (++read->page == DEFENDER_PAGES_MOST) {
		answer.fate = SERVICE_LOST;
		error_set(&answer.error, ERROR_FAILED, "the list does not end after %d pages", DEFENDER_PAGES_MOST);
		read_finish(read, &answer);
		return;
	}
	page_ask(read);
}

static void page_ask(struct defender_read *read)
{
	AUTO(g_string) GString *url = g_string_new(read->defender->api_url);
	struct service_call_spec spec = {
		.method = "GET",
		.audience = read->defender->api_audience,
		.limit = read->limit,
		.kind = HTTP_SAFE,
		.timeout_ms = PAGE_TIMEOUT_MS,
		.patience_ms = read->pages.patience_ms,
		.limit_bytes = PAGE_BYTES,
		.on_body = page_body,
		.on_end = page_finish,
		.on_restart = page_reset,
		.on_wait = page_wait,
		.on_done = page_done,
		.data = read,
	};

	g_string_append_printf(url, "%s?$top=%d&$skip=%llu", read->path, DEFENDER_PAGE,
		(unsigned long long)read->page * DEFENDER_PAGE);
	if (read->filter != NULL) {
		g_string_append(url, "&$filter=");
		url_append_escaped(url, read->filter);
	}
	spec.url = url->str;
	page_reset(read);
	read->call = service_start(read->defender->service, &spec);
}

struct defender_read *defender_read_start(struct defender *defender, const char *path, const char *filter,
	struct limit *limit, bool to_empty, const struct defender_pages *pages)
{
	struct defender_read *read = g_new0(struct defender_read, 1);

	read->defender = defender;
	read->path = g_strdup(path);
	read->filter = g_strdup(filter);
	read->limit = limit;
	read->to_empty = to_empty;
	read->pages = *pages;
	g_ptr_array_add(defender->reads, read);
	page_ask(read);
	return read;
}

void defender_read_cancel(struct defender_read *read)
{
	if (!read->cancelled && read->call != NULL)
		service_cancel(read->defender->service, read->call);
	read->cancelled = true;
}
