#include "config.h"
#include "app/session.h"

#include "core/auto.h"
#include "tests/tap.h"

#define TOKEN "eyJhbGciOiJub25lIn0.eyJ0aWQiOiJ0Iiwicm9sZXMiOlsiQSJdfQ.c2ln"

#ifdef __SANITIZE_ADDRESS__
#define LONG 3000 /* the sanitizer measures the rest of a text at each search */
#else
#define LONG 300000
#endif

static void check(const char *text, const char *wanted)
{
	AUTO(g_free) char *masked = session_mask(NULL, text);

	tap_str(masked, wanted, text);
}

static void check_long(void)
{
	AUTO(g_string) GString *text = g_string_new(NULL);
	AUTO(g_free) char *masked = NULL;

	for (int i = 0; i < LONG; i++)
		g_string_append(text, "secret=abcd eyJeyJ");
	masked = session_mask(NULL, text->str);
	tap_ok(strstr(masked, "abcd") == NULL, "a long text in time of its length");
}

int main(void)
{
	check("note nothing here", "note nothing here");
	check("! curl -d client_secret=hunter22&x=1", "! curl -d client_secret=***&x=1");
	check("! curl -d client_secret=\"hunter 22\" -x", "! curl -d client_secret=\"***\" -x");
	check("note \"PASSWORD='hunter 22' and more\"", "note \"PASSWORD='***' and more\"");
	check("note \"secret=\\\"hunter 22\\\" x\"", "note \"secret=\\\"***\" x\"");
	check("note password='hunter 22", "note password='***");
	check("note secret=abc", "note secret=abc");
	check("note a Bearer " TOKEN " b", "note a Bearer *** b");
	check("note x" TOKEN ", y", "note x***, y");
	check("note eyJeyJ not one", "note eyJeyJ not one");
	check("! curl -H 'Authorization: Basic dXNlcjpwYXNz' x", "! curl -H 'Authorization: Basic ***' x");
	check("secret=aaaa secret=bbbb", "secret=*** secret=***");
	check_long();
	return tap_done();
}
