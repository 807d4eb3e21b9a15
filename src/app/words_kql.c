/* The part of the lexer of words that looks into KQL: where it ends, and what is replaced in it. */
#include "config.h"
#include "app/words.h"

#include <string.h>

#include "kql/lexer.h"
#include "kql/literal.h"

size_t words_kql_end(const char *kql, size_t *program)
{
	struct kql_lexer lexer;
	struct kql_token token;
	size_t end = strlen(kql);

	*program = 0;
	kql_lexer_init(&lexer, kql, end);
	do {
		token = kql_lexer_next(&lexer);
		if (token.kind == KQL_TOKEN_OPERATOR && token.length == 1 && kql[token.start] == '|' &&
		    kql[token.start + 1] == '>') {
			*program = token.start + 2;
			while (kql[*program] == ' ' || kql[*program] == '\t')
				++*program;
			end = token.start;
			break;
		}
	} while (token.kind != KQL_TOKEN_END && token.kind != KQL_TOKEN_BAD);
	while (end > 0 && strchr(" \t\r\n", kql[end - 1]) != NULL)
		end--;
	return end;
}

char *words_kql_replace(const char *kql, const struct variables *variables, GArray *shifts)
{
	GString *out = g_string_new(NULL);
	struct kql_lexer lexer;
	struct kql_token token;
	size_t copied = 0, before;
	const char *value;

	kql_lexer_init(&lexer, kql, strlen(kql));
	do {
		AUTO(g_free) char *name = NULL;

		token = kql_lexer_next(&lexer);
		if (token.kind != KQL_TOKEN_NAME || token.length < 2 || kql[token.start] != '$' || variables == NULL)
			continue;
		name = g_strndup(kql + token.start + 1, token.length - 1);
		value = variables_get(variables, name);
		if (value == NULL)
			continue;
		g_string_append_len(out, kql + copied, (gssize)(token.start - copied));
		before = out->len;
		kql_append_string_literal(out, value);
		copied = token.start + token.length;
		if (shifts != NULL) {
			struct kql_shift inside = { .at = before, .minus = before, .plus = token.start };
			struct kql_shift after = { .at = out->len, .minus = out->len, .plus = copied };

			g_array_append_val(shifts, inside);
			g_array_append_val(shifts, after);
		}
	} while (token.kind != KQL_TOKEN_END && token.kind != KQL_TOKEN_BAD);
	g_string_append(out, kql + copied);
	return g_string_free(out, FALSE);
}
