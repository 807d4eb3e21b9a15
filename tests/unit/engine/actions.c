/* What is worked out from actions: markers, whose, states. */
#include "config.h"

#include "core/isotime.h"
#include "engine/actions.h"
#include "tests/tap.h"

#define MARK " [cordon 20261125-071903-a1f3 ana]"

/* Comments are anybody's text. */
static void test_odd_markers(void)
{
	static const char *const none[] = {
		"see" MARK " for more", "x" MARK "]", "x" MARK " [", "x [cordon 20261125-071903-A1F3 ana]",
		"x [cordon 20261125-071903-a1f3 ]", "x [cordon 20261125-071903-a1f3  ana]", "x [cordon 20261125-071903-a1f3 a b]",
		"x [cordon 20261125-071903-a1f3 a[b]", "x [cordon 20261125-071903-a1f3 a\033b]",
		"x [cordon 20261125-071903-a1f3 \303\244]", "x[cordon 20261125-071903-a1f3 ana]", "]", " ", " [cordon ]",
		"x [cordon 20261125-071903-a1f3\tana]", "x [CORDON 20261125-071903-a1f3 ana]",
	};
	AUTO(g_free) char *user_long = g_strnfill(300, 'u');
	AUTO(g_free) char *comment = g_strconcat("x [cordon 20261125-071903-a1f3 ", user_long, "]", NULL);
	char *job = NULL, *user = NULL, *bare;

	for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
		tap_ok(!action_marker(none[i], &job, &user), "no marker ends '%s'", none[i]);
	tap_ok(!action_marker(comment, &job, &user), "nor is one of a name that is too long");
	tap_ok(action_marker("x" MARK " \r\n", &job, &user), "blanks at the end may be a tenant's");
	tap_str(user, "ana", "the user is read all the same");
	g_free(job);
	g_free(user);
	tap_ok(action_marker_is("x" MARK "\n", MARK) && !action_marker_is("x" MARK ".", MARK) && !action_marker_is("", MARK),
		"a marker is a job's only where it ends the comment");
	bare = action_comment_bare("case 7" MARK);
	tap_str(bare, "case 7", "a comment without its marker");
	g_free(bare);
	bare = action_comment_bare("see" MARK " there");
	tap_str(bare, "see" MARK " there", "what is quoted stays");
	g_free(bare);
}

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
	test_odd_markers();
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
