/* Error bodies of the services: what is told of them is safe to show, and waits are sane. Two bytes are the status. */
#include "config.h"
#include "fuzz/fuzz.h"

#include "core/auto.h"
#include "core/text.h"
#include "net/fault.h"

static void check_shown(const char *text)
{
	AUTO(g_free) char *safe = text_safe(text);

	fuzz_check(strcmp(safe, text) == 0, "a text that is not safe: '%s'", safe);
}

FUZZ_TARGET(fault)
{
	int status = 300 + (fuzz_byte(&data, &size) * 256 + fuzz_byte(&data, &size)) % 300;
	AUTO(g_free) char *body = g_strndup((const char *)data, size);
	struct error error = ERROR_INIT;
	int64_t wait = fault_wait_ms(body);

	fuzz_check(wait >= -1 && wait < INT64_C(1) << 50, "a wait of %lld ms", (long long)wait);
	/* As from a body of the network: a NUL follows it. */
	fault_read(status, body, strlen(body), &error);
	fuzz_check(error.kind != ERROR_NONE && error.text[0] != '\0', "no words");
	fuzz_check(fault_wait_ms(error.text) >= -1, "a negative wait");
	check_shown(error.text);
	check_shown(error.hint);
	check_shown(error.code);
	check_shown(error.target);
	return 0;
}
