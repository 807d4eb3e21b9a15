/* The row reader against jansson: two bytes give the sizes of the chunks, the rest is the answer. What jansson takes as an
 * object with one array of objects is read with the same values, and the reverse, but for what is listed below. */
#include "config.h"
#include "fuzz/fuzz.h"

#include <jansson.h>

#include "table/row_reader.h"

static const char *const arrays[] = { "value", "results", NULL };

/* What was read, as trees. */
struct seen {
	json_t *top, *rows, *row;
	bool unlike; /* a value that jansson has no tree for: an infinity, a whole number beyond 64 bits, a NUL in a name */
};

static json_t *tree_of(struct seen *seen, const struct row_value *value)
{
	json_t *tree = NULL;

	fuzz_check(value->text == NULL || fuzz_is_utf8(value->text, value->length), "a text that is not UTF-8");
	switch (value->kind) {
	case ROW_NULL: return json_null();
	case ROW_BOOL: return json_boolean(value->boolean);
	case ROW_INTEGER: return json_integer(value->integer);
	case ROW_REAL: tree = json_real(value->real); break;
	case ROW_STRING: tree = json_stringn(value->text, value->length); break;
	case ROW_DYNAMIC: tree = json_loadb(value->text, value->length, JSON_ALLOW_NUL, NULL); break;
	}
	if (tree != NULL)
		return tree;
	seen->unlike = true;
	return json_null();
}

static bool on_begin(void *data, struct error *error)
{
	struct seen *seen = data;

	(void)error;
	fuzz_check(seen->row == NULL, "a row within a row");
	seen->row = json_object();
	return true;
}

static bool on_member(void *data, const char *name, const struct row_value *value, struct error *error)
{
	struct seen *seen = data;

	(void)error;
	fuzz_check(seen->row != NULL, "a member outside a row");
	fuzz_check(json_object_set_new(seen->row, name, tree_of(seen, value)) == 0, "a name that is not UTF-8");
	return true;
}

static bool on_end(void *data, struct error *error)
{
	struct seen *seen = data;

	(void)error;
	json_array_append_new(seen->rows, seen->row);
	seen->row = NULL;
	return true;
}

static bool on_top(void *data, const char *name, const struct row_value *value, struct error *error)
{
	struct seen *seen = data;

	(void)error;
	fuzz_check(json_object_set_new(seen->top, name, tree_of(seen, value)) == 0, "a name that is not UTF-8");
	return true;
}

static bool read_chunks(struct row_reader *reader, const char *text, size_t length, size_t one, size_t other,
	struct error *error)
{
	for (bool odd = false; length != 0; odd = !odd) {
		size_t chunk = MIN(length, odd ? other : one);

		/* A copy of its own, so that reading beyond a chunk shows. */
		AUTO(g_free) char *copy = g_memdup2(text, chunk);

		if (!row_reader_feed(reader, copy, chunk, error))
			return false;
		text += chunk;
		length -= chunk;
	}
	return row_reader_finish(reader, error);
}

static size_t depth_of(const json_t *json)
{
	size_t most = 0, index, depth;
	const char *name;
	json_t *item;

	if (!json_is_array(json) && !json_is_object(json))
		return 0;
	json_array_foreach(json, index, item) {
		depth = depth_of(item);
		most = MAX(most, depth);
	}
	json_object_foreach((json_t *)(uintptr_t)json, name, item) {
		depth = depth_of(item);
		most = MAX(most, depth);
	}
	return most + 1;
}

/* Whether an answer that jansson took is one of the documented form. */
static bool is_expected(const json_t *answer, const json_t **rows)
{
	size_t index;
	json_t *row;

	*rows = NULL;
	for (size_t i = 0; arrays[i] != NULL; i++) {
		const json_t *found = json_object_get(answer, arrays[i]);

		if (found != NULL && (*rows != NULL || !json_is_array(found)))
			return false;
		*rows = found != NULL ? found : *rows;
	}
	json_array_foreach(*rows, index, row)
		if (!json_is_object(row))
			return false;
	return *rows != NULL && depth_of(answer) <= ROW_READER_DEPTH - 5;
}

/* Texts that jansson refuses and the reader mends or passes on. */
static bool is_mended(const json_error_t *fault)
{
	switch (json_error_code(fault)) {
	case json_error_invalid_utf8: /* raw surrogates and the like become U+FFFD */
	case json_error_null_byte_in_key: /* within a nested value */
	case json_error_numeric_overflow: /* becomes real */
		return true;
	default:
		return strstr(fault->text, "invalid Unicode") != NULL; /* an escaped lone surrogate becomes U+FFFD */
	}
}

static void compare(struct seen *seen, const json_t *answer, bool fine, const struct error *error)
{
	const json_t *rows;
	bool expected = is_expected(answer, &rows);

	if (!fine) {
		fuzz_check(!expected || depth_of(answer) > ROW_READER_DEPTH - 5, "refused: %s", error->text);
		return;
	}
	fuzz_check(rows != NULL, "rows from nowhere");
	fuzz_check(json_equal(rows, seen->rows) == 1, "other rows than jansson's");
	for (size_t i = 0; arrays[i] != NULL; i++)
		json_object_del(seen->top, arrays[i]);
	for (size_t i = 0; arrays[i] != NULL; i++)
		json_object_del((json_t *)(uintptr_t)answer, arrays[i]);
	fuzz_check(json_equal(answer, seen->top) == 1, "other members than jansson's");
}

FUZZ_TARGET(row_reader)
{
	static const struct row_handler handler = { on_begin, on_member, on_end, on_top };
	size_t one = (size_t)fuzz_byte(&data, &size) + 1, other = (size_t)fuzz_byte(&data, &size) + 1;
	struct seen seen = { .top = json_object(), .rows = json_array() };
	struct row_reader *reader = row_reader_new(arrays, &handler, &seen);
	struct error error = ERROR_INIT;
	bool fine = read_chunks(reader, (const char *)data, size, one, other, &error);
	json_error_t fault;
	json_t *answer = json_loadb((const char *)data, size, JSON_ALLOW_NUL, &fault);
	json_t *strict = json_loadb((const char *)data, size, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);

	fuzz_check(fine == (error.kind == ERROR_NONE), "an error without words, or words without an error");
	fuzz_check(!fine || seen.row == NULL, "an open row at the end");
	/* jansson passes over a NUL that ends a number. */
	if (size != 0 && memchr(data, '\0', size) != NULL && !fine)
		json_decref(g_steal_pointer(&answer));
	if (answer == NULL && fine)
		fuzz_check(is_mended(&fault), "taken, but jansson says: %s", fault.text);
	else if (answer != NULL && (strict != NULL || fine)) /* doubled members at the top may be refused */
		compare(&seen, answer, fine, &error);
	json_decref(answer);
	json_decref(strict);
	json_decref(seen.top);
	json_decref(seen.rows);
	json_decref(seen.row);
	row_reader_free(reader);
	return 0;
}
