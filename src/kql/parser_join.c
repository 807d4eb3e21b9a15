/* Operators that read other tables: join, lookup, union. */
#include "config.h"
#include "kql/pipe.h"

#include <string.h>

#include "core/text.h"

/* hint.*: they change no result; but one that is none is a typing error. */
static bool check_hint(struct kql_parser *parser, const char *name, const char *value)
{
	static const char *const hints[] = { "hint.strategy", "hint.shufflekey", "hint.num_partitions", "hint.remote",
		"hint.concurrency", "hint.spread", "hint.materialized", "hint.pass_filters", "hint.pass_filters_column", NULL };
	static const char *const strategies[] = { "auto", "broadcast", "centralized", "shuffle", "native", "legacy", NULL };

	if (!g_str_has_prefix(name, "hint."))
		return true;
	if (!g_strv_contains(hints, name))
		return kql_parser_fault(parser, parser->token.start, "unknown hint '%.60s'", name);
	return strcmp(name, "hint.strategy") != 0 || g_strv_contains(strategies, value) ||
		kql_parser_fault(parser, parser->token.start, "'%.40s' is no strategy", value);
}

/* name=value before an operator's arguments. hint.* are read over. *value is the word after '='. */
bool kql_parse_option(struct kql_parser *parser, const char **name, const char **value)
{
	GString *word;
	struct kql_token ahead = kql_parser_peek(parser);
	bool hint = kql_parser_at(parser, "hint") && kql_token_is(&parser->lexer, &ahead, ".");

	*name = NULL;
	if (parser->token.kind != KQL_TOKEN_NAME || (!hint && !kql_token_is(&parser->lexer, &ahead, "=")))
		return true;
	word = g_string_new(NULL);
	while (!kql_parser_at(parser, "=")) {
		g_string_append_len(word, parser->lexer.text + parser->token.start, (gssize)parser->token.length);
		if (parser->token.kind == KQL_TOKEN_END || !kql_parser_next(parser)) {
			g_string_free(word, TRUE);
			return kql_parser_unexpected(parser, "'='");
		}
	}
	*name = kql_arena_copy(parser->arena, word->str, word->len);
	g_string_free(word, TRUE);
	if (!kql_parser_next(parser))
		return false;
	if (parser->token.kind == KQL_TOKEN_END)
		return kql_parser_unexpected(parser, "a value");
	*value = kql_parser_word(parser, &parser->token);
	return check_hint(parser, *name, *value) && kql_parser_next(parser);
}

/* Device*, *: a pattern of table names */
static const char *parse_table_pattern(struct kql_parser *parser)
{
	size_t start = parser->token.start, end = start;

	while ((parser->token.kind == KQL_TOKEN_NAME || kql_parser_at(parser, "*")) && parser->token.start == end) {
		end = parser->token.start + parser->token.length;
		if (!kql_parser_next(parser))
			return NULL;
	}
	return kql_arena_copy(parser->arena, parser->lexer.text + start, end - start);
}

static bool at_pattern(const struct kql_parser *parser)
{
	struct kql_token ahead = kql_parser_peek(parser);

	return kql_parser_at(parser, "*") || (parser->token.kind == KQL_TOKEN_NAME &&
		kql_token_is(&parser->lexer, &ahead, "*") && ahead.start == parser->token.start + parser->token.length);
}

static struct kql_pipe *parse_table(struct kql_parser *parser, bool patterns)
{
	struct kql_token ahead = kql_parser_peek(parser);
	struct kql_pipe *pipe = kql_arena_zero(parser->arena, sizeof *pipe);

	if (kql_parser_at(parser, "(")) {
		if (!kql_parser_next(parser))
			return NULL;
		pipe = kql_parse_pipe(parser);
		return pipe != NULL && kql_parser_expect(parser, ")") ? pipe : NULL;
	}
	pipe->source = KQL_FROM_NAME;
	pipe->at = parser->token.start;
	pipe->slot = SIZE_MAX;
	if (patterns && at_pattern(parser)) {
		pipe->pattern = true;
		pipe->name = parse_table_pattern(parser);
		return pipe->name != NULL ? pipe : NULL;
	}
	if (kql_parser_at(parser, "datatable") || (kql_token_is(&parser->lexer, &ahead, "(") &&
		!kql_word_is_reserved(parser->lexer.text + parser->token.start, parser->token.length)))
		return kql_parse_source(parser, pipe) ? pipe : NULL;
	pipe->name = kql_parse_name(parser, "a table");
	return pipe->name != NULL ? pipe : NULL;
}

bool kql_parse_table(struct kql_parser *parser, struct kql_step *step, bool patterns)
{
	struct kql_pipe *pipe = parse_table(parser, patterns);

	if (pipe == NULL)
		return false;
	if ((step->pipe_count & (step->pipe_count - 1)) == 0) {
		struct kql_pipe **grown = kql_arena_alloc(parser->arena, MAX(step->pipe_count * 2, 1) * sizeof *grown);

		if (step->pipe_count != 0)
			memcpy(grown, step->pipes, step->pipe_count * sizeof *grown);
		step->pipes = grown;
	}
	step->pipes[step->pipe_count++] = pipe;
	return true;
}

static bool join_kind(const char *word, enum kql_join_kind *kind)
{
	static const struct {
		const char *word;
		enum kql_join_kind kind;
	} kinds[] = {
		{ "innerunique", KQL_JOIN_INNER_UNIQUE }, { "inner", KQL_JOIN_INNER }, { "leftouter", KQL_JOIN_LEFT_OUTER },
		{ "rightouter", KQL_JOIN_RIGHT_OUTER }, { "fullouter", KQL_JOIN_FULL_OUTER }, { "anti", KQL_JOIN_LEFT_ANTI },
		{ "leftanti", KQL_JOIN_LEFT_ANTI }, { "leftantisemi", KQL_JOIN_LEFT_ANTI },
		{ "rightanti", KQL_JOIN_RIGHT_ANTI }, { "rightantisemi", KQL_JOIN_RIGHT_ANTI },
		{ "leftsemi", KQL_JOIN_LEFT_SEMI }, { "rightsemi", KQL_JOIN_RIGHT_SEMI },
	};

	for (size_t n = 0; n < G_N_ELEMENTS(kinds); n++)
		if (strcmp(kinds[n].word, word) == 0) {
			*kind = kinds[n].kind;
			return true;
		}
	return false;
}

static bool unknown_kind(struct kql_parser *parser, size_t at, const char *word)
{
	static const char *const kinds[] = { "innerunique", "inner", "leftouter", "rightouter", "fullouter", "leftanti", "rightanti",
		"leftsemi", "rightsemi", NULL };
	const char *near = NULL;

	for (size_t n = 0; kinds[n] != NULL && near == NULL; n++)
		near = g_ascii_strcasecmp(kinds[n], word) == 0 ? kinds[n] : NULL;
	if (near == NULL)
		near = text_nearest(word, kinds);
	kql_parser_fault(parser, at, "unknown kind of join '%.40s'", word);
	if (near != NULL)
		error_hint(parser->error, "did you mean '%s'?", near);
	else
		error_hint(parser->error, "kinds are innerunique, inner, leftouter, rightouter, fullouter, leftanti, rightanti, "
			"leftsemi, rightsemi");
	return false;
}

/* join [kind=K] (pipe) on A, $left.B == $right.C; lookup likewise */
bool kql_parse_join(struct kql_parser *parser, struct kql_step *step)
{
	const char *name, *value = NULL;
	size_t at = parser->token.start;

	step->join = step->kind == KQL_STEP_LOOKUP ? KQL_JOIN_LEFT_OUTER : KQL_JOIN_INNER_UNIQUE;
	while (kql_parse_option(parser, &name, &value) && name != NULL) {
		if (strcmp(name, "kind") == 0 && !join_kind(value, &step->join))
			return unknown_kind(parser, at, value);
		if (strcmp(name, "kind") != 0 && strncmp(name, "hint.", 5) != 0)
			return kql_parser_fault(parser, at, "unknown option '%.40s' of join", name);
		at = parser->token.start;
	}
	if (step->kind == KQL_STEP_LOOKUP && step->join != KQL_JOIN_LEFT_OUTER && step->join != KQL_JOIN_INNER)
		return kql_parser_fault(parser, at, "a lookup is of kind leftouter or inner");
	if (!kql_parse_table(parser, step, false))
		return false;
	if (!kql_parser_at(parser, "on"))
		return kql_parser_unexpected(parser, "'on' and the columns to join by");
	return kql_parser_next(parser) && kql_parse_items(parser, &step->by);
}

/* union [kind=outer|inner] [withsource=X] [isfuzzy=true] table, (pipe), ... */
bool kql_parse_union(struct kql_parser *parser, struct kql_step *step)
{
	const char *name, *value = NULL;
	size_t at = parser->token.start;

	while (kql_parse_option(parser, &name, &value) && name != NULL) {
		if (strcmp(name, "kind") == 0 && (strcmp(value, "inner") == 0 || strcmp(value, "outer") == 0))
			step->inner = *value == 'i';
		else if (strcmp(name, "withsource") == 0 || strcmp(name, "with_source") == 0)
			step->name = value;
		else if (strcmp(name, "isfuzzy") == 0 && (g_ascii_strcasecmp(value, "true") == 0 ||
			g_ascii_strcasecmp(value, "false") == 0))
			step->fuzzy = g_ascii_strcasecmp(value, "true") == 0;
		else if (strncmp(name, "hint.", 5) != 0)
			return kql_parser_fault(parser, at, "unknown option '%.40s' of union", name);
		at = parser->token.start;
	}
	do {
		if (!kql_parse_table(parser, step, true))
			return false;
	} while (kql_parser_at(parser, ",") && kql_parser_next(parser));
	return true;
}
