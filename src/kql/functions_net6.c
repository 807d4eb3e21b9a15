/* IPv6 addresses, and IPv4 ones as part of them (dataexplorer-docs, ipv6-*.md, parse-ipv6*.md). */
#include "config.h"
#include "kql/functions.h"

#include <arpa/inet.h>
#include <string.h>

#define CALL(name) \
	static void name(struct kql_context *context, const struct kql_node *node, const struct kql_value *args, \
		struct kql_value *result)

struct range {
	unsigned char address[16];
	unsigned prefix; /* 128 if the text has none; of an IPv4 address counted with the 96 bits before it */
};

static bool parse_range(struct kql_slice text, struct range *range)
{
	char copy[64], *slash;
	struct in_addr four;
	bool is_four;
	guint64 prefix = 0;

	while (text.length != 0 && g_ascii_isspace(text.text[0])) {
		text.text++;
		text.length--;
	}
	while (text.length != 0 && g_ascii_isspace(text.text[text.length - 1]))
		text.length--;
	if (text.length == 0 || text.length >= sizeof copy || memchr(text.text, '\0', text.length) != NULL)
		return false;
	memcpy(copy, text.text, text.length);
	copy[text.length] = '\0';
	slash = strchr(copy, '/');
	if (slash != NULL)
		*slash++ = '\0';
	is_four = inet_pton(AF_INET, copy, &four) == 1;
	if (is_four) {
		memset(range->address, 0, 10);
		memset(range->address + 10, 0xff, 2);
		memcpy(range->address + 12, &four, 4);
	} else if (inet_pton(AF_INET6, copy, range->address) != 1) {
		return false;
	}
	/* ::1.2.3.4 is the address of old that maps an IPv4 one, too. */
	if (!is_four && strchr(copy, '.') != NULL && memcmp(range->address, (const unsigned char[12]){ 0 }, 12) == 0) {
		memset(range->address + 10, 0xff, 2);
		is_four = true;
	}
	range->prefix = 128;
	if (slash == NULL)
		return true;
	if (!g_ascii_string_to_unsigned(slash, 10, 0, is_four ? 32 : 128, &prefix, NULL))
		return false;
	range->prefix = (unsigned)prefix + (is_four ? 96 : 0);
	return true;
}

static void apply_mask(struct range *range, unsigned prefix)
{
	for (unsigned bit = prefix; bit < 128; bit = (bit / 8 + 1) * 8)
		range->address[bit / 8] &= (unsigned char)(0xff00 >> (bit % 8));
}

static bool arg_range(struct kql_context *context, const struct kql_value *arg, struct range *range)
{
	return parse_range(kql_arg_text(context, arg), range);
}

/* ipv6_compare(a, b [, prefix]): -1, 0, 1 under the shortest of the prefixes; ipv6_is_match: whether that is 0. */
CALL(call_compare)
{
	struct range a, b;
	unsigned prefix;
	int order;

	if (!arg_range(context, &args[0], &a) || !arg_range(context, &args[1], &b))
		return;
	prefix = MIN(a.prefix, b.prefix);
	if (node->count > 2 && (args[2].null || args[2].integer < 0 || args[2].integer > 128))
		return;
	if (node->count > 2)
		prefix = MIN(prefix, (unsigned)args[2].integer);
	apply_mask(&a, prefix);
	apply_mask(&b, prefix);
	order = memcmp(a.address, b.address, sizeof a.address);
	*result = node->type == KQL_BOOL ? kql_bool(order == 0) : kql_integer(KQL_LONG, (order > 0) - (order < 0));
}

static int in_range(struct range address, struct kql_slice text)
{
	struct range range;

	if (!parse_range(text, &range))
		return -1;
	apply_mask(&address, range.prefix);
	apply_mask(&range, range.prefix);
	return memcmp(address.address, range.address, sizeof range.address) == 0;
}

CALL(call_is_in_range)
{
	struct range address;
	int found;

	(void)node;
	if (!arg_range(context, &args[0], &address))
		return;
	found = in_range(address, kql_arg_text(context, &args[1]));
	if (found >= 0)
		*result = kql_bool(found != 0);
}

/* Ranges that are none do not count, unless all are such. */
CALL(call_is_in_any_range)
{
	struct range address;
	int best = -1;

	if (!arg_range(context, &args[0], &address))
		return;
	for (size_t n = 1; n < node->count; n++) {
		struct kql_json_walk walk;

		if (!kql_arg_is_array(&args[n])) {
			best = MAX(best, in_range(address, kql_arg_text(context, &args[n])));
			continue;
		}
		for (walk = kql_json_walk(kql_slice_of(&args[n])); kql_json_next(&walk);)
			best = MAX(best, in_range(address, kql_json_string(&context->arena, walk.value)));
	}
	if (best >= 0)
		*result = kql_bool(best != 0);
}

/* parse_ipv6(text), parse_ipv6_mask(text, prefix): all eight groups in full; "" for what is no address. */
CALL(call_parse_ipv6)
{
	AUTO(g_string) GString *out = g_string_new(NULL);
	struct range range;

	if (!arg_range(context, &args[0], &range))
		return;
	if (node->count > 1 && (args[1].null || args[1].integer < 0 || args[1].integer > 128))
		return;
	if (node->count > 1)
		range.prefix = MIN(range.prefix, (unsigned)args[1].integer);
	apply_mask(&range, range.prefix);
	for (size_t n = 0; n < 16; n += 2)
		g_string_append_printf(out, "%s%02x%02x", n != 0 ? ":" : "", range.address[n], range.address[n + 1]);
	*result = kql_result_text(context, KQL_STRING, out);
}

static void append_cidr(GString *out, uint32_t address, unsigned prefix)
{
	if (out->len > 1)
		g_string_append_c(out, ',');
	g_string_append_printf(out, "\"%u.%u.%u.%u/%u\"", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255,
		prefix);
}

/* ipv4_range_to_cidr_list(first, last): as few ranges as it takes. */
CALL(call_range_to_cidr)
{
	AUTO(g_string) GString *out = g_string_new("[");
	struct range a, b;
	uint64_t first = 0, last = 0;
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	(void)node;
	if (!arg_range(context, &args[0], &a) || !arg_range(context, &args[1], &b) ||
		memcmp(a.address, mapped, sizeof mapped) != 0 || memcmp(b.address, mapped, sizeof mapped) != 0)
		return;
	for (size_t n = 12; n < 16; n++) {
		first = first << 8 | a.address[n];
		last = last << 8 | b.address[n];
	}
	while (first <= last) {
		unsigned prefix = 32;

		while (prefix > 0 && (first & ((UINT64_C(1) << (33 - prefix)) - 1)) == 0 &&
			first + (UINT64_C(1) << (33 - prefix)) - 1 <= last)
			prefix--;
		append_cidr(out, (uint32_t)first, prefix);
		first += UINT64_C(1) << (32 - prefix);
	}
	g_string_append_c(out, ']');
	*result = kql_result_text(context, KQL_DYNAMIC, out);
}

const struct kql_function kql_net6_functions[] = {
	{ "ipv6_compare", "address, address [, prefix]", "ssi?", 'l', false, call_compare, NULL, NULL },
	{ "ipv6_is_match", "address, address [, prefix]", "ssi?", 'b', false, call_compare, NULL, NULL },
	{ "ipv6_is_in_range", "address, range", "ss", 'b', false, call_is_in_range, NULL, NULL },
	{ "ipv6_is_in_any_range", "address, range, ... (or an array)", "SS*", 'b', false, call_is_in_any_range, NULL, NULL },
	{ "parse_ipv6", "address", "s", 's', false, call_parse_ipv6, NULL, NULL },
	{ "parse_ipv6_mask", "address, prefix", "si", 's', false, call_parse_ipv6, NULL, NULL },
	{ "ipv4_range_to_cidr_list", "first, last", "ss", 'A', false, call_range_to_cidr, NULL, NULL },
	{ .name = NULL },
};
