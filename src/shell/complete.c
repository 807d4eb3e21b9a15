#include "config.h"
#include "shell/complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>
#include <readline/readline.h>

#include "core/auto.h"
#include "shell/complete_values.h"

#define COMPLETE_SHOWN 300 /* more are counted, not listed */

/* Readline's callbacks carry no data. */
static struct session *complete_session;
static char *complete_text_before;
static size_t complete_start; /* in the edited line, of the word last completed */

struct candidates *complete_candidates(struct session *session, const char *line, size_t cursor)
{
	return candidates_find(session->commands, line, cursor, complete_values, complete_kql, session);
}

/* Readline is to take the whole line as the word, because where a word begins is for our lexer to say. */
static char *complete_no_breaks(void)
{
	static char none[1];

	return none;
}

/* What all have in common, in the spelling of the first, but never less than was typed: completion does not erase. */
static char *complete_common(const struct candidates *found, const char *typed)
{
	const char *first = found->texts->pdata[0];
	size_t length = strlen(first);

	for (guint i = 1; i < found->texts->len; i++) {
		const char *text = found->texts->pdata[i];
		size_t k = 0;

		while (k < length && g_ascii_tolower(text[k]) == g_ascii_tolower(first[k]))
			k++;
		length = k;
	}
	while (length > 0 && (first[length] & 0xc0) == 0x80)
		length--;
	if (found->more || (found->texts->len > 1 && length < strlen(typed)))
		return g_strdup(typed);
	return g_strndup(first, length);
}

static char *complete_match(const char *before, size_t length, const char *text)
{
	AUTO(g_free) char *match = g_strdup_printf("%.*s%s", (int)length, before, text);

	return strdup(match);
}

static char **complete_attempted(const char *text, int start, int end)
{
	AUTO(g_free) char *line = g_strconcat(complete_text_before != NULL ? complete_text_before : "", text, NULL);
	AUTO(candidates_free) struct candidates *found = NULL;
	AUTO(g_free) char *common = NULL;
	size_t before = strlen(line) - strlen(text);
	char **matches;
	guint count;

	(void)start;
	(void)end;
	rl_attempted_completion_over = 1;
	found = complete_candidates(complete_session, line, strlen(line));
	count = found->texts->len;
	if (count == 0 || found->start < before)
		return NULL;
	complete_start = found->start - before;
	common = complete_common(found, text + complete_start);
	matches = calloc(count + 2, sizeof *matches);
	if (matches == NULL)
		return NULL;
	matches[0] = complete_match(text, complete_start, common);
	for (guint i = 0; count > 1 && i < count; i++)
		matches[i + 1] = complete_match(text, complete_start, found->texts->pdata[i]);
	rl_completion_append_character = found->open ? '\0' : ' ';
	return matches;
}

/* matches[1..count], of which only the words are shown. */
static void complete_display(char **matches, int count, int longest)
{
	AUTO(g_free) char **words = g_new0(char *, (gsize)count + 2);

	if (count > COMPLETE_SHOWN) {
		fprintf(rl_outstream, "\n%d possibilities\n", count);
	} else {
		for (int i = 0; i <= count; i++)
			words[i] = matches[i] + MIN(complete_start, strlen(matches[i]));
		rl_display_match_list(words, count, MAX(longest - (int)complete_start, 1));
	}
	rl_on_new_line();
	rl_forced_update_display();
}

void complete_install(struct session *session)
{
	complete_session = session;
	rl_attempted_completion_function = session != NULL ? complete_attempted : NULL;
	rl_completion_word_break_hook = complete_no_breaks;
	rl_completer_quote_characters = NULL;
	rl_completion_display_matches_hook = complete_display;
	/* Its pager would wait for keys outside the loop. */
	rl_variable_bind("page-completions", "off");
}

void complete_before(const char *text)
{
	g_free(complete_text_before);
	complete_text_before = g_strdup(text);
}
