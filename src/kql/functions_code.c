/* Encodings and sums. */
#include "config.h"
#include "kql/functions.h"

#include <string.h>

#define CALL(name) \
	static void name(struct kql_context *context, const struct kql_node *node, const struct kql_value *args, \
		struct kql_value *result)

CALL(call_url_encode)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	AUTO(g_string) GString *out = g_string_new(NULL);
	bool component = strcmp(node->name, "url_encode_component") == 0;

	for (size_t n = 0; n < text.length; n++) {
		unsigned char c = (unsigned char)text.text[n];

		if (g_ascii_isalnum(c) || strchr("-_.~!*()", c) != NULL)
			g_string_append_c(out, (char)c);
		else if (c == ' ' && !component)
			g_string_append_c(out, '+');
		else
			g_string_append_printf(out, "%%%02x", c);
	}
	*result = kql_result_text(context, KQL_STRING, out);
}

CALL(call_url_decode)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	AUTO(g_string) GString *out = g_string_new(NULL);

	(void)node;
	for (size_t n = 0; n < text.length; n++) {
		if (text.text[n] == '%' && n + 2 < text.length && g_ascii_isxdigit(text.text[n + 1]) &&
			g_ascii_isxdigit(text.text[n + 2])) {
			int byte = g_ascii_xdigit_value(text.text[n + 1]) * 16 + g_ascii_xdigit_value(text.text[n + 2]);

			if (byte != 0)
				g_string_append_c(out, (char)byte);
			n += 2;
		} else {
			g_string_append_c(out, text.text[n] == '+' ? ' ' : text.text[n]);
		}
	}
	if (g_utf8_validate(out->str, (gssize)out->len, NULL))
		*result = kql_result_text(context, KQL_STRING, out);
}

CALL(call_base64_encode)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	char *encoded = g_base64_encode((const guchar *)text.text, text.length);
	size_t length = strlen(encoded);

	(void)node;
	*result = kql_text(KQL_STRING, kql_arena_copy(&context->arena, encoded, length), length);
	g_free(encoded);
}

/* Empty if it is no base64, or what comes out is no text. */
CALL(call_base64_decode)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	char *copy = kql_arena_copy(&context->arena, text.text, text.length);
	size_t length = 0, valid = strspn(copy, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
	guchar *decoded;

	(void)node;
	if (valid != text.length || text.length % 4 != 0)
		return;
	decoded = g_base64_decode(copy, &length);
	if (g_utf8_validate((const char *)decoded, (gssize)length, NULL))
		*result = kql_text(KQL_STRING, kql_arena_copy(&context->arena, (const char *)decoded, length), length);
	g_free(decoded);
}

CALL(call_hash)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	GChecksumType type = strcmp(node->name, "hash_md5") == 0 ? G_CHECKSUM_MD5 :
		strcmp(node->name, "hash_sha1") == 0 ? G_CHECKSUM_SHA1 : G_CHECKSUM_SHA256;
	char *sum = g_compute_checksum_for_data(type, (const guchar *)text.text, text.length);
	size_t length = strlen(sum);

	*result = kql_text(KQL_STRING, kql_arena_copy(&context->arena, sum, length), length);
	g_free(sum);
}

const struct kql_function kql_code_functions[] = {
	{ "url_encode", "text", "s", 's', false, call_url_encode, NULL, NULL },
	{ "url_encode_component", "text", "s", 's', false, call_url_encode, NULL, NULL },
	{ "url_decode", "text", "s", 's', false, call_url_decode, NULL, NULL },
	{ "base64_encode_tostring", "text", "s", 's', false, call_base64_encode, NULL, NULL },
	{ "base64_encodestring", "text", "s", 's', false, call_base64_encode, NULL, NULL },
	{ "base64_decode_tostring", "text", "s", 's', false, call_base64_decode, NULL, NULL },
	{ "base64_decodestring", "text", "s", 's', false, call_base64_decode, NULL, NULL },
	{ "hash_sha256", "value", "o", 's', false, call_hash, NULL, NULL },
	{ "hash_sha1", "value", "o", 's', false, call_hash, NULL, NULL },
	{ "hash_md5", "value", "o", 's', false, call_hash, NULL, NULL },
	{ .name = NULL },
};
