/* Hashes by xxHash64 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md), and values by chance. Chance comes from the clock that
 * is passed in, the row and the place in the text: the language has no other source. */
#include "config.h"
#include "kql/functions.h"

#include <string.h>

#define CALL(name) \
	static void name(struct kql_context *context, const struct kql_node *node, const struct kql_value *args, \
		struct kql_value *result)

#define PRIME1 UINT64_C(11400714785074694791)
#define PRIME2 UINT64_C(14029467366897019727)
#define PRIME3 UINT64_C(1609587929392839161)
#define PRIME4 UINT64_C(9650029242287828579)
#define PRIME5 UINT64_C(2870177450012600261)

static uint64_t rotate(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

static uint64_t word_at(const unsigned char *at, size_t bytes)
{
	uint64_t word = 0;

	for (size_t n = bytes; n > 0; n--)
		word = word << 8 | at[n - 1];
	return word;
}

static uint64_t lane(uint64_t sum, uint64_t word)
{
	return rotate(sum + word * PRIME2, 31) * PRIME1;
}

static uint64_t stripes(const unsigned char **at, size_t *left)
{
	uint64_t lanes[4] = { PRIME1 + PRIME2, PRIME2, 0, -PRIME1 }, hash;

	for (; *left >= 32; *at += 32, *left -= 32)
		for (size_t n = 0; n < 4; n++)
			lanes[n] = lane(lanes[n], word_at(*at + 8 * n, 8));
	hash = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
	for (size_t n = 0; n < 4; n++)
		hash = (hash ^ lane(0, lanes[n])) * PRIME1 + PRIME4;
	return hash;
}

static uint64_t xxhash64(const unsigned char *at, size_t length)
{
	size_t left = length;
	uint64_t hash = length >= 32 ? stripes(&at, &left) : PRIME5;

	hash += length;
	for (; left >= 8; at += 8, left -= 8)
		hash = rotate(hash ^ lane(0, word_at(at, 8)), 27) * PRIME1 + PRIME4;
	if (left >= 4) {
		hash = rotate(hash ^ word_at(at, 4) * PRIME1, 23) * PRIME2 + PRIME3;
		at += 4;
		left -= 4;
	}
	for (; left > 0; at++, left--)
		hash = rotate(hash ^ *at * PRIME5, 11) * PRIME1;
	hash = (hash ^ hash >> 33) * PRIME2;
	hash = (hash ^ hash >> 29) * PRIME3;
	return hash ^ hash >> 32;
}

static uint64_t hash_of(struct kql_context *context, const struct kql_value *value)
{
	unsigned char bytes[8];
	uint64_t word;

	if (value->null)
		return 0;
	switch (value->type) {
	case KQL_GUID:
	case KQL_STRING:
	case KQL_DYNAMIC:
	case KQL_DECIMAL: {
		struct kql_slice text = kql_value_text(&context->arena, value);

		return xxhash64((const unsigned char *)text.text, text.length);
	}
	case KQL_REAL:
		memcpy(&word, &value->real, sizeof word);
		break;
	default:
		word = (uint64_t)value->integer;
	}
	for (size_t n = 0; n < sizeof bytes; n++)
		bytes[n] = (unsigned char)(word >> 8 * n);
	return xxhash64(bytes, value->type == KQL_INT ? 4 : value->type == KQL_BOOL ? 1 : 8);
}

/* hash(value [, modulus]): a number from 0 with a modulus. */
CALL(call_hash)
{
	int64_t hash = (int64_t)hash_of(context, &args[0]), modulus = node->count > 1 ? args[1].integer : 0;

	if (node->count > 1 && (args[1].null || modulus <= 0))
		return;
	if (modulus > 0) {
		hash %= modulus;
		hash += hash < 0 ? modulus : 0;
	}
	*result = kql_integer(KQL_LONG, hash);
}

/* hash_combine(hash, hash, ...), hash_many(value, value, ...): which way the service takes is not documented. */
CALL(call_hash_combine)
{
	bool many = strcmp(node->name, "hash_many") == 0;
	uint64_t hash = 0;

	for (size_t n = 0; n < node->count; n++) {
		uint64_t next = many ? hash_of(context, &args[n]) : (uint64_t)(args[n].null ? 0 : args[n].integer);

		hash ^= next + UINT64_C(0x9e3779b97f4a7c15) + (hash << 6) + (hash >> 2);
	}
	*result = kql_integer(KQL_LONG, (int64_t)hash);
}

static uint64_t chance(const struct kql_context *context, const struct kql_node *node, uint64_t number)
{
	uint64_t seed[4] = { (uint64_t)context->now_ticks, context->row, node->at, number };

	return xxhash64((const unsigned char *)seed, sizeof seed);
}

/* rand(): a real number from 0 to less than 1; rand(n): a whole one to less than n. */
CALL(call_rand)
{
	uint64_t number = chance(context, node, 0);

	if (node->count == 0)
		*result = kql_real((double)(number >> 11) * 0x1p-53);
	else if (!args[0].null && args[0].integer > 0)
		*result = kql_real((double)(number % (uint64_t)args[0].integer));
}

CALL(call_new_guid)
{
	uint64_t a = chance(context, node, 1), b = chance(context, node, 2);
	char text[40];

	(void)args;
	g_snprintf(text, sizeof text, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32), (unsigned)(a >> 16) & 0xffff,
		(unsigned)a & 0xfff, ((unsigned)(b >> 48) & 0x3fff) | 0x8000, (unsigned long long)(b & 0xffffffffffff));
	*result = kql_text(KQL_GUID, kql_arena_copy(&context->arena, text, strlen(text)), strlen(text));
}

/* Another value in every row. */
static bool check_chance(struct kql_scope *scope, struct kql_node *node)
{
	(void)scope;
	node->unstable = true;
	return true;
}

const struct kql_function kql_chance_functions[] = {
	{ "hash", "value [, modulus]", "oi?", 'l', false, call_hash, NULL, NULL },
	{ "hash_xxhash64", "value [, modulus]", "oi?", 'l', false, call_hash, NULL, NULL },
	{ "hash_combine", "hash, hash, ...", "ii*", 'l', false, call_hash_combine, NULL, NULL },
	{ "hash_many", "value, value, ...", "oo*", 'l', false, call_hash_combine, NULL, NULL },
	{ "rand", "[limit]", "i?", 'r', false, call_rand, NULL, check_chance },
	{ "new_guid", "", "", 'g', false, call_new_guid, NULL, check_chance },
	{ .name = NULL },
};
