#include "config.h"
#include "core/file.h"

#include "core/auto.h"
#include "tests/tap.h"

/* FIPS 180-4's example, and the same bytes in pieces of every size up to beyond what is gathered. */
static void check_sums(void)
{
	AUTO(g_free) char *bytes = g_malloc0(30000);
	char whole[SHA256_HEX_SIZE], pieces[SHA256_HEX_SIZE];
	struct sha256 *state = sha256_new();
	size_t at = 0, size = 0;

	sha256_hex("abc", 3, whole);
	tap_str(whole, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "the sum of abc");
	for (size_t n = 0; n < 30000; n++)
		bytes[n] = (char)(n * 7 + n / 251);
	sha256_hex(bytes, 30000, whole);
	while (at < 30000) {
		size_t length = MIN(size, 30000 - at);

		sha256_add(state, bytes + at, length);
		at += length;
		size = size * 3 + 1;
	}
	sha256_end(state, pieces);
	tap_str(pieces, whole, "in pieces it is the same");
}

int main(void)
{
	check_sums();
	return tap_done();
}
