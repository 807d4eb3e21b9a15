#include "config.h"
#include "net/fault.h"

#include <glib.h>

#include "core/auto.h"
#include "core/isotime.h"
#include "net/sign_in.h"
#include "tests/tap.h"

static void check_fault(int status, const char *body, const char *text, const char *code, const char *target)
{
	struct error error = ERROR_INIT;

	fault_read(status, body, strlen(body), &error);
	tap_str(error.text, text, text);
	tap_str(error.code, code, "its code");
	tap_str(error.target, target, "its correlation id");
	tap_int(error.kind, status == 401 || status == 403 ? ERROR_SIGN_IN : ERROR_FAILED, "its kind");
}

static void check_faults(void)
{
	AUTO(g_string) GString *hostile = g_string_new("{\"error\":{\"code\":\"X\",\"message\":\"");

	check_fault(403, "{\"error\":{\"code\":\"Forbidden\",\"message\":\"Missing application roles. API required roles: "
		"Machine.Isolate, application roles: .\",\"target\":\"t4\"}}",
		"no permission: the app lacks the role Machine.Isolate", "Forbidden", "t4");
	check_fault(403, "{\"error\":{\"code\":\"DisabledFeature\",\"message\":\"Live response is off\"}}",
		"no permission: Live response is off", "DisabledFeature", "");
	check_fault(500, "{\"error\":{\"code\":\"UnknownError\",\"message\":\"\",\"innerError\":{\"request-id\":\"r8\"}}}",
		"the service answered HTTP 500 (UnknownError)", "UnknownError", "r8");
	check_fault(400, "{\"error\":\"text\"}", "the service answered HTTP 400: {\"error\":\"text\"}", "400", "");
	check_fault(401, "", "the service answered HTTP 401 and nothing else", "401", "");
	check_fault(502, "<HTML><Title>\n Bad\x1b[2J Gateway </title>", "the service answered HTTP 502: Bad\\x1b[2J Gateway",
		"502", "");
	for (int i = 0; i < 100000; i++)
		g_string_append_c(hostile, 'A');
	g_string_append(hostile, "\"}}");
	{
		struct error error = ERROR_INIT;

		fault_read(400, hostile->str, hostile->len, &error);
		tap_int((long long)strlen(error.text), 600, "a long message is cut");
	}
}

static void check_waits(void)
{
	tap_int(fault_wait_ms("You can send requests again in 8 seconds."), 8000, "seconds");
	tap_int(fault_wait_ms("Again in 1 minute"), 60000, "a minute");
	tap_int(fault_wait_ms("resources. You can run queries again in 00:05:30."), 330000, "a duration");
	tap_int(fault_wait_ms("maximum allowed 1500 per 01:00:00"), -1, "none");
	tap_int(fault_wait_ms("resources within 5 seconds"), -1, "another word");
	tap_int(fault_wait_ms("in 99999999999999999999999 seconds"), 1000000000, "bounded");
	tap_int(fault_wait_ms("in "), -1, "nothing after it");
	tap_int(fault_wait_ms("in 5:"), -1, "a torn duration");
	tap_int(fault_wait_ms("in 0:00:99999999999999999999"), -1, "more seconds than a minute has");
	tap_int(fault_wait_ms("in 99999999999999999999:00:01"), 3600000001000, "hours are bounded");
	tap_int(fault_wait_ms("in 0:-1:00 or in 2 seconds"), 2000, "no sign within a duration");
}

/* {"alg":"none"} . {"tid":"t","roles":["A"],"secret":"x"} . sig */
static void check_claims(void)
{
	json_t *claims = sign_in_claims("eyJhbGciOiJub25lIn0.eyJ0aWQiOiJ0Iiwicm9sZXMiOlsiQSJdLCJzZWNyZXQiOiJ4In0.sig");
	static const char *const odd[] = { "", "a", "..", "a.b.c", "a.!!!!.c", "a.eyJ.c.d", "a.W10.c" };

	tap_str(json_string_value(json_object_get(claims, "tid")), "t", "the tenant of a token");
	tap_int((long long)json_array_size(json_object_get(claims, "roles")), 1, "its roles");
	tap_ok(json_object_get(claims, "secret") == NULL, "no other claim");
	json_decref(claims);
	for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
		claims = sign_in_claims(odd[i]);
		tap_int((long long)json_object_size(claims), 0, "no JWT, no claims");
		json_decref(claims);
	}
}

static void check_clock(void)
{
	struct error error = ERROR_INIT;
	int64_t now = ISOTIME_UNIX_EPOCH + 1800000000 * ISOTIME_TICKS_PER_SECOND;

	tap_ok(sign_in_clock(0, now, &error), "no date, no verdict");
	tap_ok(sign_in_clock(now - 300 * ISOTIME_TICKS_PER_SECOND, now, &error), "five minutes are well");
	tap_ok(!sign_in_clock(now + 301 * ISOTIME_TICKS_PER_SECOND, now, &error), "more are not");
	tap_str(error.text, "cannot sign in: the clock of this computer is 5 min behind", "which way");
}

int main(void)
{
	check_faults();
	check_waits();
	check_claims();
	check_clock();
	return tap_done();
}
