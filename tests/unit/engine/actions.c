/* What is worked out from actions: markers, whose, states. */
#include "config.h"

#include "core/isotime.h"
#include "engine/actions.h"
#include "tests/tap.h"

static void test_marker(void)
{
	AUTO(g_free) char *plain = marker_text("20261125-071903-a1f3", "ana");
	AUTO(g_free) char *odd = marker_text("20261125-071903-a1f3", "a b]c\303\244\n[");
	AUTO(g_free) char *comment = g_strconcat("case 7 see [cordon 20250101-000000-ffff eve]", plain, NULL);
	char *job = NULL, *user = NULL;

	tap_str(plain, " [cordon 20261125-071903-a1f3 ana]", "the marker");
	tap_str(odd, " [cordon 20261125-071903-a1f3 a_b_c____]", "what cannot stand in a marker is '_'");
	tap_ok(action_marker(comment, &job, &user), "a marker is found");
	tap_str(job, "20261125-071903-a1f3", "the last one: that of the program");
	tap_str(user, "ana", "and its user");
	g_free(job);
	g_free(user);
	tap_ok(!action_marker("no marker [cordon]", &job, &user), "a bare word is none");
	tap_ok(!action_marker(" [cordon 20261125-071903-a1f3 ana", &job, &user), "nor is one that was cut");
	tap_ok(!action_marker(" [cordon 2026 ana]", &job, &user), "nor one with another id");
	tap_ok(!action_marker("", &job, &user), "nor nothing");
}

static void test_states(void)
{
	struct action action = { .status = (char *)"Pending", .requestor = (char *)"", .comment = (char *)"" };
	char *whose = action_whose(&action);

	tap_ok(action_is_open(&action) && !action_is_final(&action), "Pending is open");
	tap_str(whose, "by an unknown requestor", "whose, if nothing is told");
	g_free(whose);
	action.status = (char *)"Cancelled";
	tap_ok(!action_is_open(&action) && action_is_final(&action), "Cancelled is final");
	action.status = (char *)"Sleeping";
	tap_ok(!action_is_open(&action) && !action_is_final(&action), "a status not known is neither");
	action.requestor = (char *)"app\377";
	action.comment = (char *)"x [cordon 20261125-071903-a1f3 ana]";
	isotime_parse("2026-11-25T07:10:40.8785235Z", 28, &action.created);
	whose = action_whose(&action);
	tap_str(whose, "by app\357\277\275 (job 20261125-071903-a1f3 of ana) since 2026-11-25T07:10:40Z",
		"whose and since when, always UTF-8");
	g_free(whose);
}

int main(void)
{
	test_marker();
	test_states();
	return tap_done();
}
