/* Functions on text. */
#include "config.h"
#include "kql/functions.h"

#include <string.h>

#include "kql/literal.h"

static void case_map(struct kql_context *context, const struct kql_value *args, struct kql_value *result,
	gunichar (*map)(gunichar))
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	const char *at = text.text, *end = text.text + text.length;
	AUTO(g_string) GString *out = g_string_sized_new(text.length + 1);

	while (at < end) {
		gunichar c = g_utf8_get_char_validated(at, end - at);

		if (c == (gunichar)-1 || c == (gunichar)-2) {
			g_string_append_c(out, *at++);
			continue;
		}
		g_string_append_unichar(out, map(c));
		at += g_utf8_skip[(unsigned char)*at];
	}
	*result = kql_result_text(context, KQL_STRING, out);
}

static void call_tolower(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	(void)node;
	case_map(context, args, result, g_unichar_tolower);
}

static void call_toupper(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	(void)node;
	case_map(context, args, result, g_unichar_toupper);
}

/* Code points; a byte that is not UTF-8 counts as one. */
static size_t text_length(struct kql_slice text)
{
	size_t count = 0;

	for (size_t n = 0; n < text.length; n++)
		count += ((unsigned char)text.text[n] & 0xC0) != 0x80;
	return count;
}

/* The byte offset of a code point; the end if there are fewer. */
static size_t text_offset(struct kql_slice text, size_t index)
{
	size_t at = 0;

	while (at < text.length && index > 0) {
		for (at++; at < text.length && ((unsigned char)text.text[at] & 0xC0) == 0x80;)
			at++;
		index--;
	}
	return at;
}

static void call_strlen(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	(void)node;
	*result = kql_integer(KQL_LONG, (int64_t)text_length(kql_arg_text(context, &args[0])));
}

static void call_string_size(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	(void)node;
	*result = kql_integer(KQL_LONG, (int64_t)kql_arg_text(context, &args[0]).length);
}

static void call_substring(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	int64_t length = (int64_t)text_length(text), start, count;
	size_t from, to;

	*result = kql_text(KQL_STRING, "", 0);
	if (args[1].null || (node->count > 2 && args[2].null))
		return;
	start = args[1].integer < 0 ? MAX(length + MAX(args[1].integer, -length), 0) : args[1].integer;
	count = node->count > 2 ? args[2].integer : length;
	if (start >= length || count <= 0)
		return;
	count = MIN(count, length - start);
	from = text_offset(text, (size_t)start);
	text.text += from;
	text.length -= from;
	to = text_offset(text, (size_t)count);
	*result = kql_text(KQL_STRING, text.text, to);
}

static void call_strcat(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	AUTO(g_string) GString *out = g_string_new(NULL);

	for (size_t n = 0; n < node->count; n++)
		kql_value_append_text(out, &args[n]);
	*result = kql_result_text(context, KQL_STRING, out);
}

static void call_strcat_delim(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	AUTO(g_string) GString *out = g_string_new(NULL);

	for (size_t n = 1; n < node->count; n++) {
		if (n > 1)
			kql_value_append_text(out, &args[0]);
		kql_value_append_text(out, &args[n]);
	}
	*result = kql_result_text(context, KQL_STRING, out);
}

static void call_strcat_array(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	AUTO(g_string) GString *out = g_string_new(NULL);
	struct kql_json_walk walk;
	bool first = true;

	(void)node;
	*result = kql_null(KQL_STRING);
	if (!kql_arg_is_array(&args[0]))
		return;
	for (walk = kql_json_walk(kql_slice_of(&args[0])); kql_json_next(&walk); first = false) {
		struct kql_value item = kql_dynamic(walk.value);

		if (!first)
			kql_value_append_text(out, &args[1]);
		kql_value_append_text(out, &item);
	}
	*result = kql_result_text(context, KQL_STRING, out);
}

static void call_strcmp(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice a = kql_arg_text(context, &args[0]), b = kql_arg_text(context, &args[1]);
	int order = memcmp(a.text, b.text, MIN(a.length, b.length));

	(void)node;
	if (order == 0)
		order = (a.length > b.length) - (a.length < b.length);
	*result = kql_integer(KQL_LONG, order < 0 ? -1 : order > 0 ? 1 : 0);
}

static void call_strrep(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	struct kql_slice delimiter = node->count > 2 ? kql_arg_text(context, &args[2]) : (struct kql_slice){ "", 0 };
	AUTO(g_string) GString *out = g_string_new(NULL);

	for (int64_t n = 0; !args[1].null && n < args[1].integer && out->len <= KQL_VALUE_LIMIT; n++) {
		if (n > 0)
			g_string_append_len(out, delimiter.text, (gssize)delimiter.length);
		g_string_append_len(out, text.text, (gssize)text.length);
		if (n > KQL_VALUE_LIMIT)
			break;
	}
	*result = kql_result_text(context, KQL_STRING, out);
}

/* indexof(text, find [, start [, length [, occurrence]]]), all in characters. */
static void call_indexof(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_arg_text(context, &args[0]), find = kql_arg_text(context, &args[1]), part;
	int64_t length = (int64_t)text_length(text), start = 0, count = -1, occurrence = 1;
	const char *found = NULL;
	size_t from;

	if (node->count > 2)
		start = args[2].integer;
	if (node->count > 3)
		count = args[3].integer;
	if (node->count > 4)
		occurrence = args[4].integer;
	*result = kql_integer(KQL_LONG, -1);
	if (start < 0)
		start = MAX(start + length, 0);
	if (count < -1 || occurrence < 1) {
		*result = kql_null(KQL_LONG);
		return;
	}
	if (start > length)
		return;
	from = text_offset(text, (size_t)start);
	/* For a further occurrence as many characters are looked at behind the one before (the documentation's example). */
	while (occurrence-- > 0) {
		part = (struct kql_slice){ text.text + from, text.length - from };
		if (count >= 0)
			part.length = text_offset(part, (size_t)count);
		if ((found = kql_find(part, 0, find)) == NULL)
			return;
		from = (size_t)(found - text.text) + 1;
		while (from < text.length && ((unsigned char)text.text[from] & 0xC0) == 0x80)
			from++;
		from = MIN(from, text.length);
	}
	*result = kql_integer(KQL_LONG, (int64_t)text_length((struct kql_slice){ text.text, (size_t)(found - text.text) }));
}

static void call_replace_string(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_arg_text(context, &args[0]), find = kql_arg_text(context, &args[1]);
	struct kql_slice with = kql_arg_text(context, &args[2]);
	AUTO(g_string) GString *out = g_string_new(NULL);
	size_t at = 0;
	const char *found;

	(void)node;
	while (find.length != 0 && (found = kql_find(text, at, find)) != NULL && out->len <= KQL_VALUE_LIMIT) {
		g_string_append_len(out, text.text + at, found - text.text - (gssize)at);
		g_string_append_len(out, with.text, (gssize)with.length);
		at = (size_t)(found - text.text) + find.length;
	}
	g_string_append_len(out, text.text + at, (gssize)(text.length - at));
	*result = kql_result_text(context, KQL_STRING, out);
}

struct replacement {
	size_t at, length;
	struct kql_slice with;
};

static gint compare_replacements(gconstpointer a, gconstpointer b)
{
	const struct replacement *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* Marks where a text is found and nothing was before. */
static void find_all(struct kql_slice text, struct kql_slice find, struct kql_slice with, char *taken, GArray *found)
{
	const char *place;

	for (size_t at = 0; (place = kql_find(text, at, find)) != NULL;) {
		struct replacement replacement = { (size_t)(place - text.text), find.length, with };

		at = replacement.at + 1;
		if (memchr(taken + replacement.at, 1, find.length) != NULL)
			continue;
		memset(taken + replacement.at, 1, find.length);
		g_array_append_val(found, replacement);
		at = replacement.at + find.length;
	}
}

/* replace_strings(text, [finds], [news]): what the first find has found is left alone by those behind it. Where the new one
 * is no text the old one stays. */
static void call_replace_strings(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	AUTO(g_string) GString *out = g_string_new(NULL);
	AUTO(g_array_unref) GArray *found = g_array_new(FALSE, FALSE, sizeof(struct replacement));
	AUTO(g_free) char *taken = g_malloc0(text.length + 1);
	struct kql_json_walk finds, news;
	size_t at = 0;

	(void)node;
	*result = kql_null(KQL_STRING);
	if (!kql_arg_is_array(&args[1]) || !kql_arg_is_array(&args[2]))
		return;
	finds = kql_json_walk(kql_slice_of(&args[1]));
	news = kql_json_walk(kql_slice_of(&args[2]));
	while (kql_json_next(&finds) && kql_json_next(&news)) {
		struct kql_slice find = kql_json_string(&context->arena, finds.value), with = { NULL, 0 };

		if (kql_json_kind(finds.value) != KQL_JSON_STRING || find.length == 0)
			continue;
		if (kql_json_kind(news.value) == KQL_JSON_STRING)
			with = kql_json_string(&context->arena, news.value);
		find_all(text, find, with, taken, found);
	}
	g_array_sort(found, compare_replacements);
	for (guint n = 0; n < found->len && out->len <= KQL_VALUE_LIMIT; n++) {
		const struct replacement *replacement = &g_array_index(found, struct replacement, n);

		g_string_append_len(out, text.text + at, (gssize)(replacement->at - at));
		at = replacement->at;
		if (replacement->with.text != NULL) {
			g_string_append_len(out, replacement->with.text, (gssize)replacement->with.length);
			at += replacement->length;
		}
	}
	g_string_append_len(out, text.text + at, (gssize)(text.length - at));
	*result = kql_result_text(context, KQL_STRING, out);
}

static void append_item(GString *out, const char *text, size_t length)
{
	if (out->len > 1)
		g_string_append_c(out, ',');
	kql_json_append_string(out, text, length);
}

/* split(text, delimiter [, index]); with an index the array holds that piece alone, null if there is none. */
static void call_split(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_arg_text(context, &args[0]), delimiter = kql_arg_text(context, &args[1]);
	AUTO(g_string) GString *out = g_string_new("[");
	int64_t wanted = node->count > 2 && !args[2].null ? args[2].integer : -1, index = 0;
	size_t at = 0;
	const char *found;

	for (;; index++) {
		found = delimiter.length != 0 ? kql_find(text, at, delimiter) : NULL;
		size_t end = found != NULL ? (size_t)(found - text.text) : text.length;

		if (node->count < 3 || index == wanted)
			append_item(out, text.text + at, end - at);
		if (found == NULL)
			break;
		at = end + delimiter.length;
	}
	g_string_append_c(out, ']');
	if (node->count > 2 && out->len == 2)
		*result = kql_null(KQL_DYNAMIC);
	else
		*result = kql_result_text(context, KQL_DYNAMIC, out);
}

static void call_reverse(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	char *out = kql_arena_alloc(&context->arena, text.length + 1);
	size_t at = 0, end;

	(void)node;
	while (at < text.length) {
		for (end = at + 1; end < text.length && ((unsigned char)text.text[end] & 0xC0) == 0x80;)
			end++;
		memcpy(out + text.length - end, text.text + at, end - at);
		at = end;
	}
	*result = kql_text(KQL_STRING, out, text.length);
}

/* translate(from, to, text): characters of `from` become those of `to`; the last of `to` serves for the rest. */
static void call_translate(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice from = kql_arg_text(context, &args[0]), to = kql_arg_text(context, &args[1]);
	struct kql_slice text = kql_arg_text(context, &args[2]);
	AUTO(g_string) GString *out = g_string_new(NULL);
	size_t places = text_length(to);

	(void)node;
	for (size_t at = 0; at < text.length;) {
		struct kql_slice rest = { text.text + at, text.length - at };
		struct kql_slice c = { rest.text, text_offset(rest, 1) };
		const char *found = kql_find(from, 0, c);

		if (found == NULL) {
			g_string_append_len(out, c.text, (gssize)c.length);
		} else if (places != 0) {
			size_t index = text_length((struct kql_slice){ from.text, (size_t)(found - from.text) });
			size_t place = text_offset(to, MIN(index, places - 1));
			struct kql_slice with = { to.text + place, to.length - place };

			g_string_append_len(out, with.text, (gssize)text_offset(with, 1));
		}
		at += c.length;
	}
	*result = kql_result_text(context, KQL_STRING, out);
}

static void call_isascii(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	bool ascii = true;

	(void)node;
	for (size_t n = 0; n < text.length; n++)
		ascii &= (unsigned char)text.text[n] < 0x80;
	*result = kql_bool(ascii);
}

/* The index of the first item that the text has as a term, -1 if none. */
static void call_has_any_index(struct kql_context *context, const struct kql_node *node, const struct kql_value *args,
	struct kql_value *result)
{
	struct kql_slice text = kql_fold(&context->arena, kql_arg_text(context, &args[0]));
	struct kql_json_walk walk;
	int64_t index = 0;

	(void)node;
	*result = kql_integer(KQL_LONG, -1);
	if (!kql_arg_is_array(&args[1]))
		return;
	for (walk = kql_json_walk(kql_slice_of(&args[1])); kql_json_next(&walk); index++) {
		struct kql_slice item = kql_fold(&context->arena, kql_json_string(&context->arena, walk.value));

		if (kql_matches(KQL_HAS, text, item)) {
			*result = kql_integer(KQL_LONG, index);
			return;
		}
	}
}

const struct kql_function kql_text_functions[] = {
	{ "tolower", "text", "a", 's', false, call_tolower, NULL, NULL },
	{ "toupper", "text", "a", 's', false, call_toupper, NULL, NULL },
	{ "strlen", "text", "S", 'l', true, call_strlen, NULL, NULL },
	{ "string_size", "text", "S", 'l', true, call_string_size, NULL, NULL },
	{ "substring", "text, start [, length]", "aii?", 's', false, call_substring, NULL, NULL },
	{ "strcat", "value, ...", "a*", 's', false, call_strcat, NULL, NULL },
	{ "strcat_delim", "delimiter, value, value, ...", "aaa*", 's', false, call_strcat_delim, NULL, NULL },
	{ "strcat_array", "array, delimiter", "da", 's', false, call_strcat_array, NULL, NULL },
	{ "array_strcat", "array, delimiter", "da", 's', false, call_strcat_array, NULL, NULL },
	{ "strcmp", "text, text", "aa", 'l', false, call_strcmp, NULL, NULL },
	{ "strrep", "value, times [, delimiter]", "aia?", 's', false, call_strrep, NULL, NULL },
	{ "indexof", "text, find [, start [, length [, occurrence]]]", "aai?ii!", 'l', true, call_indexof, NULL, NULL },
	{ "replace_string", "text, find, new", "sss", 's', false, call_replace_string, NULL, NULL },
	{ "replace_strings", "text, finds, news", "sdd", 's', false, call_replace_strings, NULL, NULL },
	{ "split", "text, delimiter [, index]", "asi?", 'A', false, call_split, NULL, NULL },
	{ "reverse", "text", "a", 's', false, call_reverse, NULL, NULL },
	{ "translate", "from, to, text", "sss", 's', false, call_translate, NULL, NULL },
	{ "isascii", "text", "a", 'b', false, call_isascii, NULL, NULL },
	{ "has_any_index", "text, array", "Sd", 'l', false, call_has_any_index, NULL, NULL },
	{ .name = NULL },
};
