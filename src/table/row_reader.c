#include "config.h"
#include "table/row_reader.h"

#include <errno.h>
#include <string.h>

#include <yajl/yajl_parse.h>

#define SLICE (64 * 1024)
#define HOLD 4096 /* bytes of a piece without an event from which pieces are put together */
#define NUMBER_LIMIT 512 /* characters of a number */

/* Where the parser stands. Within a nested value the place is the one of the value as a whole. */
enum place { PLACE_START, PLACE_TOP, PLACE_ROWS, PLACE_ROW, PLACE_DONE };

struct row_reader {
	const char *const *arrays;
	const struct row_handler *handler;
	void *data;
	yajl_handle parser;
	enum place place;
	GString *name;         /* of the member being read */
	GString *nested;       /* compact text of the nested value being read */
	unsigned nested_depth; /* 0: not within one */
	bool comma;            /* the next item of the nested value needs one before it */
	GString *mended;       /* a string made valid */
	GString *held;         /* not parsed yet */
	bool rows_seen;
	bool failed;
	bool event;            /* a callback ran in this slice */
	size_t quiet;          /* bytes since one ran */
	unsigned long long total;
	struct error *error;   /* of the running call */
};

static bool reader_fail(struct row_reader *reader, const char *what)
{
	reader->failed = true;
	return error_set(reader->error, ERROR_FAILED, "unexpected JSON: %s", what);
}

static bool is_row_array(const struct row_reader *reader, const char *name)
{
	for (size_t i = 0; reader->arrays[i] != NULL; i++)
		if (strcmp(reader->arrays[i], name) == 0)
			return true;
	return false;
}

/* Hands a whole value to whoever wants it. */
static bool deliver(struct row_reader *reader, const struct row_value *value)
{
	bool (*take)(void *, const char *, const struct row_value *, struct error *);

	switch (reader->place) {
	case PLACE_START:
		return reader_fail(reader, "the answer is not an object");
	case PLACE_ROWS:
		return reader_fail(reader, "a row is not an object");
	case PLACE_TOP:
		if (is_row_array(reader, reader->name->str)) {
			reader->failed = true;
			return error_set(reader->error, ERROR_FAILED, "unexpected JSON: '%s' is not an array",
				reader->name->str);
		}
		take = reader->handler->top;
		break;
	default:
		take = reader->handler->member;
	}
	if (take != NULL && !take(reader->data, reader->name->str, value, reader->error)) {
		reader->failed = true;
		return false;
	}
	return true;
}

/* The nested value's text so far is bounded like any value. */
static bool nested_fits(struct row_reader *reader, size_t more)
{
	return reader->nested->len + more <= ROW_READER_VALUE_LIMIT || reader_fail(reader, "a value is too large");
}

static bool nested_item(struct row_reader *reader, const char *text, size_t length)
{
	if (!nested_fits(reader, length + 1))
		return false;
	if (reader->comma)
		g_string_append_c(reader->nested, ',');
	g_string_append_len(reader->nested, text, (gssize)length);
	reader->comma = true;
	return true;
}

static void append_json_string(GString *out, const char *text, size_t length)
{
	size_t plain = 0;

	g_string_append_c(out, '"');
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		g_string_append_len(out, text + plain, (gssize)(i - plain));
		plain = i + 1;
		switch (c) {
		case '"': g_string_append(out, "\\\""); break;
		case '\\': g_string_append(out, "\\\\"); break;
		case '\b': g_string_append(out, "\\b"); break;
		case '\f': g_string_append(out, "\\f"); break;
		case '\n': g_string_append(out, "\\n"); break;
		case '\r': g_string_append(out, "\\r"); break;
		case '\t': g_string_append(out, "\\t"); break;
		default: g_string_append_printf(out, "\\u%04x", c);
		}
	}
	g_string_append_len(out, text + plain, (gssize)(length - plain));
	g_string_append_c(out, '"');
}

static bool is_ascii(const char *text, size_t length)
{
	unsigned char all = 0;

	for (size_t i = 0; i < length; i++)
		all |= (unsigned char)text[i];
	return all < 0x80;
}

/* yajl looks at the form of raw UTF-8 only: overlong forms, surrogates and what lies beyond U+10FFFF pass, and an escaped
 * lone low surrogate comes as three bytes that no UTF-8 has. Each such byte becomes U+FFFD; a NUL stays. */
static void mend_text(struct row_reader *reader, const char **text, size_t *length)
{
	const char *at = *text, *end = at + *length, *stop;

	if (is_ascii(at, *length))
		return;
	g_string_truncate(reader->mended, 0);
	while (!g_utf8_validate_len(at, (gsize)(end - at), &stop)) {
		g_string_append_len(reader->mended, at, stop - at);
		if (*stop == '\0')
			g_string_append_c(reader->mended, '\0');
		else
			g_string_append(reader->mended, "\xef\xbf\xbd");
		at = stop + 1;
	}
	if (at == *text)
		return;
	g_string_append_len(reader->mended, at, end - at);
	*text = reader->mended->str;
	*length = reader->mended->len;
}

static int on_null(void *data)
{
	struct row_reader *reader = data;

	reader->event = true;
	if (reader->nested_depth != 0)
		return nested_item(reader, "null", 4);
	return deliver(reader, &(struct row_value){ .kind = ROW_NULL });
}

static int on_boolean(void *data, int truth)
{
	struct row_reader *reader = data;

	reader->event = true;
	if (reader->nested_depth != 0)
		return nested_item(reader, truth ? "true" : "false", truth ? 4 : 5);
	return deliver(reader, &(struct row_value){ .kind = ROW_BOOL, .boolean = truth != 0 });
}

static int on_number(void *data, const char *text, size_t length)
{
	struct row_reader *reader = data;
	struct row_value value = { .kind = ROW_REAL, .text = text, .length = length };
	char copy[NUMBER_LIMIT + 1];

	reader->event = true;
	if (length > NUMBER_LIMIT)
		return reader_fail(reader, "a number is too long");
	if (reader->nested_depth != 0)
		return nested_item(reader, text, length);
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (strpbrk(copy, ".eE") == NULL) {
		errno = 0;
		value.integer = g_ascii_strtoll(copy, NULL, 10);
		if (errno == 0)
			value.kind = ROW_INTEGER;
	}
	if (value.kind == ROW_REAL)
		value.integer = 0;
	value.real = g_ascii_strtod(copy, NULL);
	return deliver(reader, &value);
}

static int on_string(void *data, const unsigned char *bytes, size_t length)
{
	struct row_reader *reader = data;
	const char *text = (const char *)bytes;

	reader->event = true;
	if (length > ROW_READER_VALUE_LIMIT)
		return reader_fail(reader, "a value is too large");
	mend_text(reader, &text, &length);
	if (reader->nested_depth == 0)
		return deliver(reader, &(struct row_value){ .kind = ROW_STRING, .text = text, .length = length });
	if (!nested_item(reader, "", 0))
		return false;
	append_json_string(reader->nested, text, length);
	return nested_fits(reader, 0);
}

static int on_key(void *data, const unsigned char *bytes, size_t length)
{
	struct row_reader *reader = data;
	const char *text = (const char *)bytes;

	reader->event = true;
	if (length > ROW_READER_VALUE_LIMIT)
		return reader_fail(reader, "a name is too long");
	mend_text(reader, &text, &length);
	if (reader->nested_depth != 0) {
		if (!nested_item(reader, "", 0))
			return false;
		append_json_string(reader->nested, text, length);
		g_string_append_c(reader->nested, ':');
		reader->comma = false;
		return nested_fits(reader, 0);
	}
	if (memchr(text, '\0', length) != NULL)
		return reader_fail(reader, "a name holds a NUL");
	g_string_truncate(reader->name, 0);
	g_string_append_len(reader->name, text, (gssize)length);
	return true;
}

static int nested_open(struct row_reader *reader, const char *bracket)
{
	if (reader->nested_depth == 0) {
		g_string_truncate(reader->nested, 0);
		reader->comma = false;
	}
	/* Rows stand on the third level of the answer. */
	if (++reader->nested_depth + 3 > ROW_READER_DEPTH)
		return reader_fail(reader, "values are nested too deeply");
	if (!nested_item(reader, bracket, 1))
		return false;
	reader->comma = false;
	return true;
}

static int nested_close(struct row_reader *reader, char bracket)
{
	g_string_append_c(reader->nested, bracket);
	reader->comma = true;
	if (--reader->nested_depth != 0)
		return true;
	return deliver(reader, &(struct row_value){
		.kind = ROW_DYNAMIC, .text = reader->nested->str, .length = reader->nested->len });
}

static int on_map(void *data)
{
	struct row_reader *reader = data;

	reader->event = true;
	if (reader->nested_depth == 0 && reader->place == PLACE_START) {
		reader->place = PLACE_TOP;
		return true;
	}
	if (reader->nested_depth == 0 && reader->place == PLACE_ROWS) {
		reader->place = PLACE_ROW;
		reader->failed = reader->handler->begin != NULL && !reader->handler->begin(reader->data, reader->error);
		return !reader->failed;
	}
	return nested_open(reader, "{");
}

static int on_map_end(void *data)
{
	struct row_reader *reader = data;

	reader->event = true;
	if (reader->nested_depth != 0)
		return nested_close(reader, '}');
	if (reader->place == PLACE_TOP) {
		reader->place = PLACE_DONE;
		return false; /* parse() looks at what follows */
	}
	reader->place = PLACE_ROWS;
	reader->failed = reader->handler->end != NULL && !reader->handler->end(reader->data, reader->error);
	return !reader->failed;
}

static int on_array(void *data)
{
	struct row_reader *reader = data;

	reader->event = true;
	if (reader->nested_depth != 0 || reader->place != PLACE_TOP || !is_row_array(reader, reader->name->str)) {
		if (reader->nested_depth == 0 && reader->place != PLACE_TOP && reader->place != PLACE_ROW)
			return deliver(reader, NULL); /* no place for an array: says so */
		return nested_open(reader, "[");
	}
	if (reader->rows_seen)
		return reader_fail(reader, "it has rows twice");
	reader->rows_seen = true;
	reader->place = PLACE_ROWS;
	return true;
}

static int on_array_end(void *data)
{
	struct row_reader *reader = data;

	reader->event = true;
	if (reader->nested_depth != 0)
		return nested_close(reader, ']');
	reader->place = PLACE_TOP;
	return true;
}

struct row_reader *row_reader_new(const char *const *arrays, const struct row_handler *handler, void *data)
{
	static const yajl_callbacks callbacks = {
		.yajl_null = on_null,
		.yajl_boolean = on_boolean,
		.yajl_number = on_number,
		.yajl_string = on_string,
		.yajl_start_map = on_map,
		.yajl_map_key = on_key,
		.yajl_end_map = on_map_end,
		.yajl_start_array = on_array,
		.yajl_end_array = on_array_end,
	};
	struct row_reader *reader = g_new0(struct row_reader, 1);

	reader->arrays = arrays;
	reader->handler = handler;
	reader->data = data;
	reader->name = g_string_new(NULL);
	reader->nested = g_string_new(NULL);
	reader->mended = g_string_new(NULL);
	reader->held = g_string_new(NULL);
	reader->parser = yajl_alloc(&callbacks, NULL, reader);
	if (reader->parser == NULL)
		g_error("out of memory");
	return reader;
}

void row_reader_free(struct row_reader *reader)
{
	if (reader == NULL)
		return;
	yajl_free(reader->parser);
	g_string_free(reader->name, TRUE);
	g_string_free(reader->nested, TRUE);
	g_string_free(reader->mended, TRUE);
	g_string_free(reader->held, TRUE);
	g_free(reader);
}

/* offset is where in the answer the parser stopped. */
static bool parse_fail(struct row_reader *reader, unsigned long long offset)
{
	unsigned char *reason;

	if (reader->failed) /* a callback has said why */
		return false;
	reader->failed = true;
	reason = yajl_get_error(reader->parser, 0, NULL, 0);
	g_strchomp((char *)reason);
	error_set(reader->error, ERROR_FAILED, "the answer is not valid JSON at byte %llu: %s", offset, (char *)reason);
	yajl_free_error(reader->parser, reason);
	return false;
}

/* After the answer only blanks may follow. yajl would take an open string there for a fragment of more. */
static bool parse_rest(struct row_reader *reader, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] == '\0' || strchr(" \t\r\n", bytes[i]) == NULL) {
			reader->failed = true;
			return error_set(reader->error, ERROR_FAILED, "the answer is not valid JSON at byte %llu: text after its end",
				reader->total + i);
		}
	reader->total += length;
	return true;
}

static bool parse(struct row_reader *reader, const char *bytes, size_t length)
{
	while (length != 0) {
		size_t slice = MIN(length, MAX(reader->quiet, (size_t)SLICE));
		yajl_status status;

		if (reader->place == PLACE_DONE)
			return parse_rest(reader, bytes, length);
		reader->event = false;
		status = yajl_parse(reader->parser, (const unsigned char *)bytes, slice);
		if (reader->place == PLACE_DONE)
			slice = yajl_get_bytes_consumed(reader->parser); /* on_map_end has stopped it */
		else if (status != yajl_status_ok)
			return parse_fail(reader, reader->total + yajl_get_bytes_consumed(reader->parser));
		/* yajl keeps a string that has not ended, however long it is. */
		reader->quiet = reader->event ? 0 : reader->quiet + slice;
		if (reader->quiet > ROW_READER_VALUE_LIMIT + SLICE)
			return reader_fail(reader, "a value is too large");
		reader->total += slice;
		bytes += slice;
		length -= slice;
	}
	return true;
}

static bool parse_held(struct row_reader *reader)
{
	bool fine = parse(reader, reader->held->str, reader->held->len);

	g_string_truncate(reader->held, 0);
	return fine;
}

bool row_reader_feed(struct row_reader *reader, const char *bytes, size_t length, struct error *error)
{
	if (reader->failed)
		return error_set(error, ERROR_FAILED, "the answer could not be read");
	reader->error = error;
	/* yajl reads a string that has not ended from its start again with each piece: a long one gets pieces as long as
	 * itself, so that the time stays linear. */
	if (reader->held->len == 0 && (reader->quiet < HOLD || length >= reader->quiet))
		return parse(reader, bytes, length);
	g_string_append_len(reader->held, bytes, (gssize)length);
	return reader->held->len < reader->quiet || parse_held(reader);
}

bool row_reader_finish(struct row_reader *reader, struct error *error)
{
	if (reader->failed)
		return error_set(error, ERROR_FAILED, "the answer could not be read");
	reader->error = error;
	if (!parse_held(reader))
		return false;
	if (reader->place != PLACE_DONE && yajl_complete_parse(reader->parser) != yajl_status_ok) {
		reader->failed = true;
		return error_set(error, ERROR_FAILED, "the answer ended early, after %llu bytes", reader->total);
	}
	if (reader->place != PLACE_DONE)
		return reader_fail(reader, "the answer is empty");
	if (!reader->rows_seen)
		return reader_fail(reader, "it has no rows");
	return true;
}
