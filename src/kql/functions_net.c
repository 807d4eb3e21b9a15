/* IPv4 addresses (dataexplorer-docs, ipv4-*.md, has-ipv4*.md). What is no address gives null; has_... give false. */
#include "config.h"
#include "kql/functions.h"

#include <string.h>

#define CALL(name) \
	static void name(struct kql_context *context, const struct kql_node *node, const struct kql_value *args, \
		struct kql_value *result)

struct range {
	uint32_t address;
	unsigned prefix; /* 32 if the text has none */
};

static bool parse_octet(const char **at, const char *end, uint32_t *octet)
{
	const char *start = *at;

	for (*octet = 0; *at < end && g_ascii_isdigit(**at) && *at - start < 3; (*at)++)
		*octet = *octet * 10 + (uint32_t)(**at - '0');
	return *at > start && *octet <= 255;
}

static bool parse_address(const char **at, const char *end, uint32_t *address)
{
	uint32_t octet;

	*address = 0;
	for (int n = 0; n < 4; n++) {
		if (n > 0 && (*at >= end || *(*at)++ != '.'))
			return false;
		if (!parse_octet(at, end, &octet))
			return false;
		*address = *address << 8 | octet;
	}
	return true;
}

/* 10.1.2.3 or 10.1.2.3/24, blanks around it allowed. */
static bool parse_range(struct kql_slice text, struct range *range)
{
	const char *at = text.text, *end = text.text + text.length;
	uint32_t prefix;

	while (at < end && g_ascii_isspace(*at))
		at++;
	while (end > at && g_ascii_isspace(end[-1]))
		end--;
	range->prefix = 32;
	if (!parse_address(&at, end, &range->address))
		return false;
	if (at < end && *at == '/') {
		at++;
		if (!parse_octet(&at, end, &prefix) || prefix > 32)
			return false;
		range->prefix = prefix;
	}
	return at == end;
}

static bool arg_range(struct kql_context *context, const struct kql_value *arg, struct range *range)
{
	return parse_range(kql_arg_text(context, arg), range);
}

static uint32_t mask(unsigned prefix)
{
	return prefix == 0 ? 0 : UINT32_MAX << (32 - MIN(prefix, 32U));
}

static bool in_range(uint32_t address, const struct range *range)
{
	return (address & mask(range->prefix)) == (range->address & mask(range->prefix));
}

CALL(call_is_private)
{
	static const struct range ranges[] = { { 0x0A000000, 8 }, { 0xAC100000, 12 }, { 0xC0A80000, 16 } };
	struct range range;
	bool private = false;

	(void)node;
	if (!arg_range(context, &args[0], &range))
		return;
	for (size_t n = 0; n < G_N_ELEMENTS(ranges); n++)
		private |= in_range(range.address, &ranges[n]) && range.prefix >= ranges[n].prefix;
	*result = kql_bool(private);
}

CALL(call_is_in_range)
{
	struct range address, range;

	(void)node;
	if (arg_range(context, &args[0], &address) && arg_range(context, &args[1], &range))
		*result = kql_bool(in_range(address.address & mask(address.prefix), &range));
}

static bool any_range(struct kql_context *context, uint32_t address, const struct kql_value *item, bool *known)
{
	struct kql_json_walk walk;
	struct range range;
	bool found = false;

	if (kql_arg_is_array(item)) {
		for (walk = kql_json_walk(kql_slice_of(item)); kql_json_next(&walk) && !found;) {
			struct kql_value element = kql_dynamic(walk.value);

			found = any_range(context, address, &element, known);
		}
		return found;
	}
	if (!arg_range(context, item, &range))
		return false;
	*known = true;
	return in_range(address, &range);
}

/* ipv4_is_in_any_range(address, range, ...) or (address, array) */
CALL(call_is_in_any_range)
{
	struct range address;
	bool known = false, found = false;

	if (!arg_range(context, &args[0], &address))
		return;
	for (size_t n = 1; n < node->count && !found; n++)
		found = any_range(context, address.address, &args[n], &known);
	if (known)
		*result = kql_bool(found);
}

/* ipv4_compare(a, b [, prefix]): by the shortest of the prefixes given */
CALL(call_compare)
{
	bool match = strcmp(node->name, "ipv4_is_match") == 0;
	struct range a, b;
	unsigned prefix;
	uint32_t x, y;

	if (!arg_range(context, &args[0], &a) || !arg_range(context, &args[1], &b))
		return;
	prefix = MIN(a.prefix, b.prefix);
	if (node->count > 2) {
		if (args[2].null || args[2].integer < 0 || args[2].integer > 32)
			return;
		prefix = MIN(prefix, (unsigned)args[2].integer);
	}
	x = a.address & mask(prefix);
	y = b.address & mask(prefix);
	*result = match ? kql_bool(x == y) : kql_integer(KQL_LONG, (x > y) - (x < y));
}

CALL(call_netmask_suffix)
{
	struct range range;

	(void)node;
	if (arg_range(context, &args[0], &range))
		*result = kql_integer(KQL_LONG, range.prefix);
}

CALL(call_parse_ipv4)
{
	struct range range;

	if (!arg_range(context, &args[0], &range))
		return;
	if (node->count > 1) {
		if (args[1].null || args[1].integer < 0 || args[1].integer > 32)
			return;
		range.prefix = MIN(range.prefix, (unsigned)args[1].integer);
	}
	*result = kql_integer(KQL_LONG, range.address & mask(range.prefix));
}

/* format_ipv4(address [, prefix]), format_ipv4_mask(address, prefix) */
CALL(call_format_ipv4)
{
	bool with_mask = strcmp(node->name, "format_ipv4_mask") == 0;
	struct range range = { 0, 32 };
	AUTO(g_string) GString *out = g_string_new(NULL);
	uint32_t address;

	if (args[0].null)
		return;
	if (args[0].type == KQL_INT || args[0].type == KQL_LONG) {
		if (args[0].integer < 0 || args[0].integer > UINT32_MAX)
			return;
		range.address = (uint32_t)args[0].integer;
	} else if (!arg_range(context, &args[0], &range)) {
		return;
	}
	if (node->count > 1) {
		if (args[1].null || args[1].integer < 0 || args[1].integer > 32)
			return;
		range.prefix = MIN(range.prefix, (unsigned)args[1].integer);
	}
	address = range.address & mask(range.prefix);
	g_string_append_printf(out, "%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
	if (with_mask)
		g_string_append_printf(out, "/%u", range.prefix);
	*result = kql_result_text(context, KQL_STRING, out);
}

/* The needle must be whole: no letter, digit next to it, nor for a full address a dot with a digit. */
static bool text_has(struct kql_slice text, struct kql_slice needle, bool prefix)
{
	const char *found;

	for (size_t at = 0; (found = kql_find(text, at, needle)) != NULL; at++) {
		at = (size_t)(found - text.text);
		if (!kql_term_starts(text, at) || (at > 1 && text.text[at - 1] == '.' && g_ascii_isdigit(text.text[at - 2])))
			continue;
		const char *start = text.text + at, *end = text.text + text.length;
		uint32_t address;

		/* What stands there must be an address, ended by no letter or digit. */
		if (!parse_address(&start, end, &address) || !kql_term_ends(text, (size_t)(start - text.text)))
			continue;
		if (start + 1 < end && start[0] == '.' && g_ascii_isdigit(start[1]))
			continue;
		if (prefix || (size_t)(start - text.text) == at + needle.length)
			return true;
	}
	return false;
}

/* A full address, or for a prefix one to three octets with a dot at the end. */
static bool needle_is_valid(struct kql_slice needle, bool prefix)
{
	const char *at = needle.text, *end = needle.text + needle.length;
	uint32_t octet;

	if (parse_address(&at, end, &octet) && at == end)
		return true;
	at = needle.text;
	for (int n = 0; prefix && n < 3 && parse_octet(&at, end, &octet) && at < end && *at == '.'; n++)
		if (++at == end)
			return true;
	return false;
}

static bool has_any(struct kql_context *context, struct kql_slice text, const struct kql_value *item, bool prefix)
{
	struct kql_slice needle;
	struct kql_json_walk walk;
	bool found = false;

	if (kql_arg_is_array(item)) {
		for (walk = kql_json_walk(kql_slice_of(item)); !found && kql_json_next(&walk);) {
			struct kql_value element = kql_dynamic(walk.value);

			found = has_any(context, text, &element, prefix);
		}
		return found;
	}
	needle = kql_arg_text(context, item);
	return needle_is_valid(needle, prefix) && text_has(text, needle, prefix);
}

/* has_ipv4(text, address), has_any_ipv4(text, address, ...), and the same for prefixes */
CALL(call_has_ipv4)
{
	struct kql_slice text = kql_arg_text(context, &args[0]);
	bool prefix = strstr(node->name, "prefix") != NULL, found = false;

	for (size_t n = 1; n < node->count && !found; n++)
		found = has_any(context, text, &args[n], prefix);
	*result = kql_bool(found);
}

/* Addresses one by one, or one array of them. */
static bool check_any_ipv4(struct kql_scope *scope, struct kql_node *node)
{
	for (size_t n = 1; n < node->count && node->count > 2; n++)
		if (node->args[n]->shape == KQL_SHAPE_ARRAY || node->args[n]->shape == KQL_SHAPE_BAG)
			return kql_node_fault(scope, node->args[n], "an array of addresses is the only argument of %s() after the text",
				node->name);
	return true;
}

const struct kql_function kql_net_functions[] = {
	{ "ipv4_is_private", "address", "s", 'b', false, call_is_private, NULL, NULL },
	{ "ipv4_is_in_range", "address, range", "ss", 'b', false, call_is_in_range, NULL, NULL },
	{ "ipv4_is_in_any_range", "address, range, ... (or an array)", "Sv*", 'b', false, call_is_in_any_range, NULL, check_any_ipv4 },
	{ "ipv4_is_match", "address, address [, prefix]", "ssi?", 'b', false, call_compare, NULL, NULL },
	{ "ipv4_compare", "address, address [, prefix]", "ssi?", 'l', false, call_compare, NULL, NULL },
	{ "ipv4_netmask_suffix", "address", "s", 'l', false, call_netmask_suffix, NULL, NULL },
	{ "parse_ipv4", "address", "s", 'l', false, call_parse_ipv4, NULL, NULL },
	{ "parse_ipv4_mask", "address, prefix", "si", 'l', false, call_parse_ipv4, NULL, NULL },
	{ "format_ipv4", "address [, prefix]", "ai?", 's', false, call_format_ipv4, NULL, NULL },
	{ "format_ipv4_mask", "address, prefix", "ai?", 's', false, call_format_ipv4, NULL, NULL },
	{ "has_ipv4", "text, address", "Ss", 'b', false, call_has_ipv4, NULL, NULL },
	{ "has_ipv4_prefix", "text, prefix", "Ss", 'b', false, call_has_ipv4, NULL, NULL },
	{ "has_any_ipv4", "text, address, ... (or an array)", "Sv*", 'b', false, call_has_ipv4, NULL, check_any_ipv4 },
	{ "has_any_ipv4_prefix", "text, prefix, ... (or an array)", "Sv*", 'b', false, call_has_ipv4, NULL, check_any_ipv4 },
	{ .name = NULL },
};
