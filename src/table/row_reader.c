#include "config.h"
#include "table/row_reader.h"

#include <errno.h>
#include <string.h>

#include "table/row_scan.h"
#include "table/row_text.h"

#define NUMBER_LIMIT 512 /* characters of a number */
#define HELD_LIMIT (ROW_READER_VALUE_LIMIT + 65536) /* bytes of a token that has not ended */
#define KEYS 64      /* members of a row whose order is remembered */
#define KEY_WORDS 6 /* of eight bytes, that a name with its quotes and colon may take to be */

/* Where the parser stands. Within a nested value the place is the one of the value as a whole. */
enum place { PLACE_START, PLACE_TOP, PLACE_ROWS, PLACE_ROW, PLACE_DONE };

/* What may come next. */
enum expected { A_VALUE, A_VALUE_OR_END, A_NAME, A_NAME_OR_END, A_COLON, A_COMMA_OR_END };

/* A member's name as it came: rows of one list have the same in the same order, so that the next is mostly known. */
struct key {
	uint64_t raw[KEY_WORDS]; /* "name": and zeros */
	uint64_t last;           /* bits of the last word that count */
	unsigned words, length;  /* 0: none */
	char *name;
	unsigned number;         /* never given to two names */
};

struct row_reader {
	const char *const *arrays;
	const struct row_handler *handler;
	void *data;
	enum place place;
	enum expected expected;
	struct key keys[KEYS];
	size_t member;         /* of the row, from 0 */
	const char *member_name; /* of the member being read; in name or in keys */
	unsigned member_number; /* and its number, if it is in keys */
	unsigned numbers;       /* given so far */
	GString *name;
	GString *nested;       /* compact text of the nested value being read */
	unsigned nested_depth; /* 0: not within one */
	uint64_t objects;      /* by depth: whether it is an object */
	GString *text;         /* a string decoded */
	GString *held;         /* a token that has not ended */
	size_t scanned;        /* of a held string, looked at already */
	bool plain;            /* so far */
	bool rows_seen;
	bool failed;
	const char *at, *end;  /* of the piece being parsed */
	const char *start;
	unsigned long long total; /* bytes before the piece */
	struct error *error;   /* of the running call */
};

/* What reading a token came to. */
enum step { STEP_DONE, STEP_MORE, STEP_FAILED };

static bool reader_fail(struct row_reader *reader, const char *what)
{
	reader->failed = true;
	return error_set(reader->error, ERROR_FAILED, "unexpected JSON: %s", what);
}

static enum step json_fault(struct row_reader *reader, const char *at, const char *what)
{
	reader->failed = true;
	error_set(reader->error, ERROR_FAILED, "the answer is not valid JSON at byte %llu: %s",
		reader->total + (unsigned long long)(at - reader->start), what);
	return STEP_FAILED;
}

static enum step step_of(bool fine)
{
	return fine ? STEP_DONE : STEP_FAILED;
}

static bool is_row_array(const struct row_reader *reader, const char *name)
{
	for (size_t i = 0; reader->arrays[i] != NULL; i++)
		if (strcmp(reader->arrays[i], name) == 0)
			return true;
	return false;
}

/* ---- values as a whole */

/* Hands a whole value to whoever wants it. */
static bool deliver(struct row_reader *reader, struct row_value *value)
{
	bool (*take)(void *, const char *, const struct row_value *, struct error *);

	reader->expected = A_COMMA_OR_END;
	if (reader->place == PLACE_TOP) {
		if (is_row_array(reader, reader->member_name)) {
			reader->failed = true;
			return error_set(reader->error, ERROR_FAILED, "unexpected JSON: '%s' is not an array",
				reader->member_name);
		}
		take = reader->handler->top;
	} else {
		take = reader->handler->member;
	}
	value->known = reader->member_number;
	if (take != NULL && !take(reader->data, reader->member_name, value, reader->error)) {
		reader->failed = true;
		return false;
	}
	return true;
}

static bool is_object(const struct row_reader *reader)
{
	if (reader->nested_depth != 0)
		return (reader->objects >> reader->nested_depth & 1) != 0;
	return reader->place != PLACE_ROWS;
}

/* The nested value's text so far is bounded like any value. */
static bool nested_fits(struct row_reader *reader, size_t more)
{
	return reader->nested->len + more <= ROW_READER_VALUE_LIMIT || reader_fail(reader, "a value is too large");
}

static bool nested_item(struct row_reader *reader, const char *text, size_t length)
{
	reader->expected = A_COMMA_OR_END;
	if (!nested_fits(reader, length + 1))
		return false;
	g_string_append_len(reader->nested, text, (gssize)length);
	return true;
}

static bool nested_open(struct row_reader *reader, char bracket)
{
	if (reader->nested_depth == 0)
		g_string_truncate(reader->nested, 0);
	/* Rows stand on the third level of the answer. */
	if (++reader->nested_depth + 3 > ROW_READER_DEPTH)
		return reader_fail(reader, "values are nested too deeply");
	if (!nested_item(reader, &bracket, 1))
		return false;
	reader->objects &= ~(UINT64_C(1) << reader->nested_depth);
	reader->objects |= (uint64_t)(bracket == '{') << reader->nested_depth;
	reader->expected = bracket == '{' ? A_NAME_OR_END : A_VALUE_OR_END;
	return true;
}

static bool nested_close(struct row_reader *reader, char bracket)
{
	if (!nested_item(reader, &bracket, 1))
		return false;
	if (--reader->nested_depth != 0)
		return true;
	return deliver(reader, &(struct row_value){
		.kind = ROW_DYNAMIC, .text = reader->nested->str, .length = reader->nested->len });
}

/* ---- tokens */

static enum step read_string(struct row_reader *reader, const char **text, size_t *length)
{
	const char *open = reader->at + 1, *from = open + reader->scanned, *close;
	bool fault = false;

	close = row_text_end(&from, reader->end, &reader->plain, &fault);
	if (fault)
		return json_fault(reader, from, "a control character within a text");
	if (close == NULL) {
		reader->scanned = (size_t)(from - open);
		return STEP_MORE;
	}
	if (reader->plain) {
		*text = open;
		*length = (size_t)(close - open);
	} else {
		const char *wrong = row_text_decode(open, close, reader->text);

		if (wrong != NULL)
			return json_fault(reader, wrong, *wrong == '\\' ? "an escape that there is not" : "a text that is not UTF-8");
		*text = reader->text->str;
		*length = reader->text->len;
	}
	reader->at = close + 1;
	reader->scanned = 0;
	reader->plain = true;
	return STEP_DONE;
}

static bool take_number(struct row_reader *reader, const char *text, size_t length, bool whole)
{
	struct row_value value = { .kind = ROW_REAL, .text = text, .length = length };
	char copy[NUMBER_LIMIT + 1];

	if (reader->nested_depth != 0)
		return nested_item(reader, text, length);
	if (whole && length <= ROW_SMALL) {
		value.kind = ROW_INTEGER;
		value.integer = row_small_integer(text, length);
		value.real = (double)value.integer;
		return deliver(reader, &value);
	}
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (whole) {
		errno = 0;
		value.integer = g_ascii_strtoll(copy, NULL, 10);
		value.kind = errno == 0 ? ROW_INTEGER : ROW_REAL;
	}
	if (value.kind == ROW_REAL)
		value.integer = 0;
	value.real = g_ascii_strtod(copy, NULL);
	return deliver(reader, &value);
}

static enum step on_number(struct row_reader *reader)
{
	const char *text = reader->at, *wrong, *end;
	bool whole;

	end = row_number_end(text, reader->end, &whole, &wrong);
	if (end == NULL)
		return json_fault(reader, wrong, "a digit is expected");
	if (end - text > NUMBER_LIMIT)
		return step_of(reader_fail(reader, "a number is too long"));
	if (end == reader->end)
		return STEP_MORE;
	reader->at = end;
	return step_of(take_number(reader, text, (size_t)(end - text), whole));
}

static enum step on_word(struct row_reader *reader, const char *word, struct row_value *value)
{
	size_t length = strlen(word), there = (size_t)(reader->end - reader->at);

	if (memcmp(reader->at, word, MIN(length, there)) != 0)
		return json_fault(reader, reader->at, "a value is expected");
	if (there < length)
		return STEP_MORE;
	reader->at += length;
	return step_of(reader->nested_depth != 0 ? nested_item(reader, word, length) : deliver(reader, value));
}

static enum step on_string(struct row_reader *reader)
{
	const char *text;
	size_t length;
	enum step step = read_string(reader, &text, &length);

	if (step != STEP_DONE)
		return step;
	if (length > ROW_READER_VALUE_LIMIT)
		return step_of(reader_fail(reader, "a value is too large"));
	if (reader->nested_depth == 0)
		return step_of(deliver(reader, &(struct row_value){ .kind = ROW_STRING, .text = text, .length = length,
			.plain = text != reader->text->str }));
	reader->expected = A_COMMA_OR_END;
	row_text_append(reader->nested, text, length);
	return step_of(nested_fits(reader, 0));
}

static enum step on_open(struct row_reader *reader, char bracket)
{
	reader->at++;
	if (reader->nested_depth != 0 || reader->place == PLACE_ROW ||
		(reader->place == PLACE_TOP && (bracket == '{' || !is_row_array(reader, reader->member_name))))
		return step_of(nested_open(reader, bracket));
	if (reader->place == PLACE_TOP) {
		if (reader->rows_seen)
			return step_of(reader_fail(reader, "it has rows twice"));
		reader->rows_seen = true;
		reader->place = PLACE_ROWS;
		reader->expected = A_VALUE_OR_END;
		return STEP_DONE;
	}
	reader->expected = A_NAME_OR_END;
	if (reader->place == PLACE_START) {
		reader->place = PLACE_TOP;
		return STEP_DONE;
	}
	reader->place = PLACE_ROW;
	reader->member = 0;
	reader->failed = reader->handler->begin != NULL && !reader->handler->begin(reader->data, reader->error);
	return step_of(!reader->failed);
}

static enum step on_close(struct row_reader *reader, char bracket)
{
	if ((bracket == '}') != is_object(reader))
		return json_fault(reader, reader->at, "another bracket is open");
	reader->at++;
	if (reader->nested_depth != 0)
		return step_of(nested_close(reader, bracket));
	reader->expected = A_COMMA_OR_END;
	if (reader->place == PLACE_TOP) {
		reader->place = PLACE_DONE;
	} else if (reader->place == PLACE_ROWS) {
		reader->place = PLACE_TOP;
	} else {
		reader->place = PLACE_ROWS;
		reader->failed = reader->handler->end != NULL && !reader->handler->end(reader->data, reader->error);
	}
	return step_of(!reader->failed);
}

/* ---- names */

static void key_remember(struct row_reader *reader, const char *raw, size_t length)
{
	struct key *key;

	if (reader->place != PLACE_ROW || reader->member >= KEYS || length > sizeof key->raw)
		return;
	key = &reader->keys[reader->member];
	g_free(key->name);
	*key = (struct key){ .length = (unsigned)length, .words = (unsigned)(length + 7) / 8, .last = ~UINT64_C(0) };
	memcpy(key->raw, raw, length);
	if (length % 8 != 0)
		memset((char *)&key->last + length % 8, 0, 8 - length % 8);
	key->name = g_strdup(reader->name->str);
	key->number = ++reader->numbers;
}

static inline bool key_is_at(const struct key *key, const char *at, const char *end)
{
	uint64_t differs = 0, word;
	unsigned n = 0;

	if (key->words == 0 || (size_t)(end - at) < key->words * sizeof word)
		return false;
	for (; n + 1 < key->words; n++) {
		memcpy(&word, at + n * 8, sizeof word);
		differs |= word ^ key->raw[n];
	}
	memcpy(&word, at + n * 8, sizeof word);
	return (differs | ((word & key->last) ^ key->raw[n])) == 0;
}

/* The name that the row before had in this place, with its colon. */
static bool known_name(struct row_reader *reader)
{
	const struct key *key = reader->member < KEYS ? &reader->keys[reader->member] : NULL;

	if (key == NULL || !key_is_at(key, reader->at, reader->end))
		return false;
	reader->at += key->length;
	reader->scanned = 0;
	reader->plain = true;
	reader->member_name = key->name;
	reader->member_number = key->number;
	reader->member++;
	reader->expected = A_VALUE;
	return true;
}

static bool quick_integer(struct row_reader *reader)
{
	const char *at = reader->at, *end, *wrong;
	bool whole;

	if (at == reader->end || (*at != '-' && (*at < '0' || *at > '9')))
		return false;
	end = row_number_end(at, reader->end, &whole, &wrong);
	if (end == NULL || end == reader->end || !whole || end - at > ROW_SMALL)
		return false;
	reader->at = end;
	take_number(reader, at, (size_t)(end - at), true);
	return true;
}

/* A row's value that is whole and plain here, as most are. False if it needs a closer look. */
static bool quick_value(struct row_reader *reader)
{
	struct row_value value = { .kind = ROW_STRING };
	const char *at = reader->at, *end = NULL;
	bool plain = true, fault = false;

	switch (at < reader->end ? *at : '\0') {
	case '"':
		value.text = ++at;
		end = row_text_end(&at, reader->end, &plain, &fault);
		if (end == NULL || !plain || end - value.text > ROW_READER_VALUE_LIMIT)
			return false;
		value.length = (size_t)(end - value.text);
		value.plain = true;
		end++;
		break;
	case 'n':
		value.kind = ROW_NULL;
		end = row_word_end(at, reader->end, "null");
		break;
	case '[':
	case '{':
		value.kind = ROW_DYNAMIC;
		value.text = at;
		end = row_compact_end(at, reader->end, ROW_READER_DEPTH - 3);
		value.length = end != NULL ? (size_t)(end - at) : 0;
		break;
	case 't':
	case 'f':
		value.kind = ROW_BOOL;
		value.boolean = *at == 't';
		end = row_word_end(at, reader->end, value.boolean ? "true" : "false");
		break;
	default:
		return quick_integer(reader);
	}
	if (end == NULL || value.length > ROW_READER_VALUE_LIMIT)
		return false;
	reader->at = end;
	deliver(reader, &value);
	return true;
}

static enum step on_name(struct row_reader *reader)
{
	const char *raw = reader->at, *text;
	size_t length;
	bool plain;
	enum step step = read_string(reader, &text, &length);

	if (step != STEP_DONE)
		return step;
	if (length > ROW_READER_VALUE_LIMIT)
		return step_of(reader_fail(reader, "a name is too long"));
	reader->expected = A_COLON;
	if (reader->nested_depth != 0) {
		row_text_append(reader->nested, text, length);
		return step_of(nested_fits(reader, 0));
	}
	if (memchr(text, '\0', length) != NULL)
		return step_of(reader_fail(reader, "a name holds a NUL"));
	g_string_truncate(reader->name, 0);
	g_string_append_len(reader->name, text, (gssize)length);
	reader->member_name = reader->name->str;
	reader->member_number = 0;
	plain = text == raw + 1;
	if (plain && reader->at < reader->end && *reader->at == ':')
		key_remember(reader, raw, length + 3);
	reader->member += reader->place == PLACE_ROW;
	return STEP_DONE;
}

/* ---- grammar */

static enum step on_value(struct row_reader *reader)
{
	char c = *reader->at;

	if (strchr("{[\"-0123456789tfn", c) == NULL || c == '\0')
		return json_fault(reader, reader->at, "a value is expected");
	if (reader->place == PLACE_START && c != '{')
		return step_of(reader_fail(reader, "the answer is not an object"));
	if (reader->place == PLACE_ROWS && reader->nested_depth == 0 && c != '{')
		return step_of(reader_fail(reader, "a row is not an object"));
	switch (c) {
	case '{':
	case '[':
		return on_open(reader, c);
	case '"':
		return on_string(reader);
	case 't':
		return on_word(reader, "true", &(struct row_value){ .kind = ROW_BOOL, .boolean = true });
	case 'f':
		return on_word(reader, "false", &(struct row_value){ .kind = ROW_BOOL });
	case 'n':
		return on_word(reader, "null", &(struct row_value){ .kind = ROW_NULL });
	default:
		return on_number(reader);
	}
}

static enum step on_mark(struct row_reader *reader, char mark, enum expected next)
{
	reader->at++;
	reader->expected = next;
	if (reader->nested_depth == 0)
		return STEP_DONE;
	g_string_append_c(reader->nested, mark);
	return step_of(nested_fits(reader, 0));
}

/* After a known name: goes on with values and names as long as they are as expected. */
static enum step on_known(struct row_reader *reader)
{
	while (quick_value(reader)) {
		if (reader->failed)
			return STEP_FAILED;
		if (reader->end - reader->at < 2 || reader->at[0] != ',' || reader->at[1] != '"')
			return STEP_DONE;
		reader->at++;
		reader->expected = A_NAME;
		if (!known_name(reader))
			return STEP_DONE;
	}
	return STEP_DONE;
}

static enum step on_token(struct row_reader *reader)
{
	char c = *reader->at;

	switch (reader->expected) {
	case A_VALUE_OR_END:
		return c == ']' ? on_close(reader, c) : on_value(reader);
	case A_VALUE:
		return on_value(reader);
	case A_NAME_OR_END:
	case A_NAME:
		if (c == '}' && reader->expected == A_NAME_OR_END)
			return on_close(reader, c);
		if (c != '"')
			return json_fault(reader, reader->at, "a name is expected");
		return reader->place == PLACE_ROW && reader->nested_depth == 0 && known_name(reader) ? on_known(reader) :
			on_name(reader);
	case A_COLON:
		return c == ':' ? on_mark(reader, c, A_VALUE) : json_fault(reader, reader->at, "':' is expected");
	case A_COMMA_OR_END:
		break;
	}
	if (c == '}' || c == ']')
		return on_close(reader, c);
	if (c != ',')
		return json_fault(reader, reader->at, "',' or an end is expected");
	return on_mark(reader, c, is_object(reader) ? A_NAME : A_VALUE);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Reads whole tokens as far as the piece goes; what is left at `at` is the start of one. */
static bool parse(struct row_reader *reader, const char *bytes, size_t length)
{
	enum step step = STEP_DONE;

	reader->start = reader->at = bytes;
	reader->end = bytes + length;
	while (step == STEP_DONE) {
		while (reader->at < reader->end && is_blank(*reader->at))
			reader->at++;
		if (reader->at == reader->end)
			break;
		if (reader->place == PLACE_DONE)
			step = json_fault(reader, reader->at, "text after its end");
		else
			step = on_token(reader);
	}
	reader->total += (unsigned long long)(reader->at - bytes);
	return step != STEP_FAILED;
}

struct row_reader *row_reader_new(const char *const *arrays, const struct row_handler *handler, void *data)
{
	struct row_reader *reader = g_new0(struct row_reader, 1);

	reader->arrays = arrays;
	reader->handler = handler;
	reader->data = data;
	reader->plain = true;
	reader->name = g_string_new(NULL);
	reader->nested = g_string_new(NULL);
	reader->text = g_string_new(NULL);
	reader->held = g_string_new(NULL);
	return reader;
}

void row_reader_free(struct row_reader *reader)
{
	if (reader == NULL)
		return;
	for (size_t n = 0; n < KEYS; n++)
		g_free(reader->keys[n].name);
	g_string_free(reader->name, TRUE);
	g_string_free(reader->nested, TRUE);
	g_string_free(reader->text, TRUE);
	g_string_free(reader->held, TRUE);
	g_free(reader);
}

bool row_reader_feed(struct row_reader *reader, const char *bytes, size_t length, struct error *error)
{
	bool fine;

	if (reader->failed)
		return error_set(error, ERROR_FAILED, "the answer could not be read");
	reader->error = error;
	if (reader->held->len == 0) {
		fine = parse(reader, bytes, length);
		if (fine)
			g_string_append_len(reader->held, reader->at, reader->end - reader->at);
	} else {
		g_string_append_len(reader->held, bytes, (gssize)length);
		fine = parse(reader, reader->held->str, reader->held->len);
		if (fine)
			g_string_erase(reader->held, 0, reader->at - reader->start);
	}
	if (fine && reader->held->len > HELD_LIMIT)
		return reader_fail(reader, "a value is too large");
	return fine;
}

bool row_reader_finish(struct row_reader *reader, struct error *error)
{
	if (reader->failed)
		return error_set(error, ERROR_FAILED, "the answer could not be read");
	reader->error = error;
	if (reader->place != PLACE_DONE) {
		reader->failed = true;
		return error_set(error, ERROR_FAILED, "the answer ended early, after %llu bytes",
			reader->total + reader->held->len);
	}
	return reader->rows_seen || reader_fail(reader, "it has no rows");
}
