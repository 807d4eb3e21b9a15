/* Characters, codes and bytes: what is between texts and arrays (dataexplorer-docs, base64-*.md, unicode-*.md). */
#include "config.h"
#include "kql/functions.h"

#include <string.h>

#define CALL(name) \
	static void name(struct kql_context *context, const struct kql_node *node, const struct kql_value *args, \
		struct kql_value *result)

/* Texts are UTF-8 once they are here. */
CALL(call_isutf8)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);

	(void)node;
	*result = kql_bool(g_utf8_validate(text.text, (gssize)text.length, NULL));
}

static bool append_code(GString *out, int64_t code)
{
	if (code < 1 || code > 0x10FFFF || !g_unichar_validate((gunichar)code))
		return false;
	g_string_append_unichar(out, (gunichar)code);
	return true;
}

/* make_string(code, ... or array, ...), unicode_codepoints_to_string() */
CALL(call_make_string)
{
	AUTO(g_string) GString *out = g_string_new(NULL);
	struct kql_json_walk walk;

	*result = kql_text(KQL_STRING, "", 0);
	for (size_t n = 0; n < node->count; n++) {
		if (args[n].null)
			continue;
		if (args[n].type != KQL_DYNAMIC) {
			if (!append_code(out, args[n].integer))
				return;
			continue;
		}
		for (walk = kql_json_walk(kql_slice_of(&args[n])); kql_json_next(&walk);) {
			struct kql_value item = kql_dynamic(walk.value), number = kql_value_number(&item);

			if (number.null || number.type != KQL_LONG || !append_code(out, number.integer))
				return;
		}
	}
	*result = kql_result_text(context, KQL_STRING, out);
}

static bool check_codes(struct kql_scope *scope, struct kql_node *node)
{
	for (size_t n = 0; n < node->count; n++) {
		enum kql_type type = node->args[n]->type;

		if (type != KQL_INT && type != KQL_LONG && type != KQL_DYNAMIC)
			return kql_node_fault(scope, node->args[n], "the arguments of %s() are whole numbers or arrays of them",
				node->name);
	}
	return true;
}

/* to_utf8(text): the codes of the characters, like unicode_codepoints_from_string(). */
CALL(call_codes)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	AUTO(g_string) GString *out = g_string_new("[");

	(void)node;
	for (const char *at = text.text; at < text.text + text.length;) {
		gunichar code = g_utf8_get_char_validated(at, text.text + text.length - at);

		g_string_append_printf(out, "%s%u", out->len > 1 ? "," : "", (gint)code < 0 ? 0xFFFD : code);
		at += (gint)code < 0 ? 1 : g_utf8_skip[(unsigned char)*at];
	}
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

static guchar *decode(struct kql_context *context, struct kql_slice text, gsize *length)
{
	char *copy = kql_arena_copy(&context->arena, text.text, text.length);

	if (text.length % 4 != 0 ||
		strspn(copy, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != text.length)
		return NULL;
	return g_base64_decode(copy, length);
}

CALL(call_decode_array)
{
	gsize length = 0;
	AUTO(g_free) guchar *bytes = decode(context, kql_arg_text(context, &args[0]), &length);
	AUTO(g_string) GString *out = g_string_new("[");

	(void)node;
	if (bytes == NULL)
		return;
	for (gsize n = 0; n < length; n++)
		g_string_append_printf(out, "%s%u", n != 0 ? "," : "", bytes[n]);
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

CALL(call_encode_array)
{
	AUTO(g_string) GString *bytes = g_string_new(NULL), *out = NULL;
	struct kql_json_walk walk;
	char *encoded;

	(void)node;
	if (!kql_arg_is_array(&args[0]))
		return;
	for (walk = kql_json_walk(kql_slice_of(&args[0])); kql_json_next(&walk);) {
		struct kql_value item = kql_dynamic(walk.value), number = kql_value_number(&item);

		if (number.null || number.type != KQL_LONG || number.integer < 0 || number.integer > 255)
			return;
		g_string_append_c(bytes, (char)number.integer);
	}
	encoded = g_base64_encode((const guchar *)bytes->str, bytes->len);
	out = g_string_new(encoded);
	g_free(encoded);
	*result = kql_result_text(context, KQL_STRING, out);
}

/* Where the bytes of a guid stand in its text: the first three groups turned round, as in Windows. */
static const unsigned char guid_order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

CALL(call_decode_guid)
{
	gsize length = 0;
	AUTO(g_free) guchar *bytes = decode(context, kql_arg_text(context, &args[0]), &length);
	AUTO(g_string) GString *out = g_string_new(NULL);

	(void)node;
	if (bytes == NULL || length != 16)
		return;
	for (size_t n = 0; n < 16; n++)
		g_string_append_printf(out, "%s%02x", n == 4 || n == 6 || n == 8 || n == 10 ? "-" : "", bytes[guid_order[n]]);
	*result = kql_result_text(context, KQL_GUID, out);
}

CALL(call_encode_guid)
{
	AUTO(g_string) GString *out = NULL;
	guchar bytes[16] = { 0 };
	size_t digit = 0;
	char *encoded;

	(void)node;
	if (args[0].null)
		return;
	for (size_t n = 0; n < args[0].length && digit < 32; n++) {
		int value = g_ascii_xdigit_value(args[0].text[n]);

		if (value < 0)
			continue;
		bytes[guid_order[digit / 2]] = (guchar)(bytes[guid_order[digit / 2]] << 4 | value);
		digit++;
	}
	encoded = g_base64_encode(bytes, sizeof bytes);
	out = g_string_new(encoded);
	g_free(encoded);
	*result = kql_result_text(context, KQL_STRING, out);
}

/* dynamic_to_json(value): with the names of bags in order. */
static void append_sorted(GString *out, struct kql_slice json);

static gint compare_members(gconstpointer a, gconstpointer b)
{
	const struct kql_json_walk *x = a, *y = b;
	int order = memcmp(x->key.text, y->key.text, MIN(x->key.length, y->key.length));

	return order != 0 ? order : (x->key.length > y->key.length) - (x->key.length < y->key.length);
}

static void append_sorted(GString *out, struct kql_slice json)
{
	enum kql_json_kind kind = kql_json_kind(json);
	GArray *members;
	struct kql_json_walk walk;

	if (kind != KQL_JSON_ARRAY && kind != KQL_JSON_OBJECT) {
		g_string_append_len(out, json.text, (gssize)json.length);
		return;
	}
	members = g_array_new(FALSE, FALSE, sizeof walk);
	for (walk = kql_json_walk(json); kql_json_next(&walk);)
		g_array_append_val(members, walk);
	if (kind == KQL_JSON_OBJECT)
		g_array_sort(members, compare_members);
	g_string_append_c(out, kind == KQL_JSON_ARRAY ? '[' : '{');
	for (guint n = 0; n < members->len; n++) {
		const struct kql_json_walk *member = &g_array_index(members, struct kql_json_walk, n);

		if (n != 0)
			g_string_append_c(out, ',');
		if (kind == KQL_JSON_OBJECT) {
			g_string_append_len(out, member->key.text, (gssize)member->key.length);
			g_string_append_c(out, ':');
		}
		append_sorted(out, member->value);
	}
	g_string_append_c(out, kind == KQL_JSON_ARRAY ? ']' : '}');
	g_array_unref(members);
}

CALL(call_dynamic_to_json)
{
	AUTO(g_string) GString *out = g_string_new(NULL);

	(void)node;
	if (args[0].null)
		return;
	if (args[0].type == KQL_DYNAMIC)
		append_sorted(out, kql_slice_of(&args[0]));
	else
		kql_value_append_json(out, &args[0]);
	*result = kql_result_text(context, KQL_STRING, out);
}

const struct kql_function kql_unicode_functions[] = {
	{ "isutf8", "text", "a", 'b', false, call_isutf8, NULL, NULL },
	{ "make_string", "code, ... (or arrays of them)", "a*", 's', false, call_make_string, NULL, check_codes },
	{ "unicode_codepoints_to_string", "code, ... (or arrays of them)", "a*", 's', false, call_make_string, NULL,
		check_codes },
	{ "to_utf8", "text", "s", 'A', false, call_codes, NULL, NULL },
	{ "unicode_codepoints_from_string", "text", "s", 'A', false, call_codes, NULL, NULL },
	{ "base64_decode_toarray", "text", "s", 'A', false, call_decode_array, NULL, NULL },
	{ "base64_encode_fromarray", "array", "d", 's', false, call_encode_array, NULL, NULL },
	{ "base64_decode_toguid", "text", "s", 'g', false, call_decode_guid, NULL, NULL },
	{ "base64_encode_fromguid", "guid", "g", 's', false, call_encode_guid, NULL, NULL },
	{ "dynamic_to_json", "value", "a", 's', false, call_dynamic_to_json, NULL, NULL },
	{ .name = NULL },
};
