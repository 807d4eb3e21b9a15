/* parse, parse-where: takes texts apart by a pattern of texts and columns. */
#include "config.h"
#include "kql/relation.h"

#include <string.h>

#define STEPS_LIMIT 1000000 /* places tried for one text */

struct parsing {
	struct kql_runner *runner;
	const struct kql_parse *parse;
	struct column **columns;   /* by piece */
	struct kql_context context; /* arena and matcher */
	struct kql_slice text;
	struct kql_slice *found;   /* by piece: what a column holds */
	size_t *failed;            /* by piece: from this place on it did not fit */
	size_t steps;
};

static bool is_number(enum kql_type type)
{
	return kql_type_is_number(type);
}

/* The number at a place: its length. */
static size_t number_length(struct kql_slice text, size_t at, enum kql_type type)
{
	size_t end = at, digits;

	end += end < text.length && text.text[end] == '-' ? 1 : 0;
	for (digits = end; end < text.length && g_ascii_isdigit(text.text[end]);)
		end++;
	if (end == digits)
		return 0;
	if (type == KQL_REAL || type == KQL_DECIMAL) {
		if (end + 1 < text.length && text.text[end] == '.' && g_ascii_isdigit(text.text[end + 1]))
			for (end++; end < text.length && g_ascii_isdigit(text.text[end]);)
				end++;
		if (end + 1 < text.length && (text.text[end] == 'e' || text.text[end] == 'E')) {
			size_t exponent = end + 1;

			exponent += text.text[exponent] == '-' || text.text[exponent] == '+' ? 1 : 0;
			if (exponent < text.length && g_ascii_isdigit(text.text[exponent]))
				for (end = exponent; end < text.length && g_ascii_isdigit(text.text[end]);)
					end++;
		}
	}
	return end - at;
}

static struct kql_value value_of(struct parsing *parsing, const struct kql_parse_piece *piece, struct kql_slice text)
{
	struct kql_value value = kql_text(KQL_STRING, text.text, text.length);

	if (piece->type == KQL_DYNAMIC) {
		AUTO(g_string) GString *json = g_string_new(NULL);

		if (!kql_json_compact(text.text, text.length, json))
			kql_json_append_string(json, text.text, text.length);
		return kql_text(KQL_DYNAMIC, kql_arena_copy(&parsing->context.arena, json->str, json->len), json->len);
	}
	return kql_value_cast(&parsing->context.arena, &value, piece->type);
}

static bool fits(struct parsing *parsing, size_t piece, size_t at, size_t end)
{
	const struct kql_parse_piece *column = &parsing->parse->pieces[piece];

	parsing->found[piece] = (struct kql_slice){ parsing->text.text + at, end - at };
	if (column->type == KQL_STRING || parsing->parse->kind == KQL_PARSE_RELAXED)
		return true;
	return !value_of(parsing, column, parsing->found[piece]).null;
}

static bool match(struct parsing *parsing, size_t piece, size_t at);

/* A star, or a column whose end the text behind it shows: every place where that is. */
static bool match_up_to(struct parsing *parsing, size_t piece, size_t at)
{
	const struct kql_parse *parse = parsing->parse;
	struct kql_slice next = parse->pieces[piece + 1].text;
	bool last = piece + 2 == parse->count, star = parse->pieces[piece].star;
	size_t from = at;

	/* The pattern's last text stands at the end. */
	if (last && parsing->text.length >= next.length)
		from = MAX(at, parsing->text.length - next.length);
	for (;;) {
		const char *place = kql_find(parsing->text, from, next);
		size_t offset;

		if (place == NULL || ++parsing->steps > STEPS_LIMIT)
			return false;
		offset = (size_t)(place - parsing->text.text);
		if ((star || fits(parsing, piece, at, offset)) && match(parsing, piece + 2, offset + next.length))
			return true;
		from = offset + 1;
		if (from > parsing->text.length)
			return false;
	}
}

/* A column with a star behind it: a number, else the longest beginning that is a value. */
static bool match_open(struct parsing *parsing, size_t piece, size_t at)
{
	const struct kql_parse_piece *column = &parsing->parse->pieces[piece];
	size_t length = MIN(parsing->text.length - at, (size_t)64);

	if (is_number(column->type)) {
		length = number_length(parsing->text, at, column->type);
		if (length == 0 && parsing->parse->kind != KQL_PARSE_RELAXED)
			return false;
		return fits(parsing, piece, at, at + length) && match(parsing, piece + 1, at + length);
	}
	for (; length > 0; length--) {
		struct kql_slice text = { parsing->text.text + at, length };

		if (value_of(parsing, column, text).null)
			continue;
		parsing->found[piece] = text;
		return match(parsing, piece + 1, at + length);
	}
	parsing->found[piece] = (struct kql_slice){ parsing->text.text + at, 0 };
	return parsing->parse->kind == KQL_PARSE_RELAXED && match(parsing, piece + 1, at);
}

static bool match_column(struct parsing *parsing, size_t piece, size_t at)
{
	const struct kql_parse *parse = parsing->parse;
	const struct kql_parse_piece *column = &parse->pieces[piece];
	size_t length;

	if (piece + 1 == parse->count)
		return fits(parsing, piece, at, parsing->text.length);
	if (parse->pieces[piece + 1].star)
		return match_open(parsing, piece, at);
	if (is_number(column->type) && parse->kind == KQL_PARSE_SIMPLE) {
		length = number_length(parsing->text, at, column->type);
		return length != 0 && fits(parsing, piece, at, at + length) && match(parsing, piece + 1, at + length);
	}
	return match_up_to(parsing, piece, at);
}

static bool match(struct parsing *parsing, size_t piece, size_t at)
{
	const struct kql_parse *parse = parsing->parse;
	const struct kql_parse_piece *here = &parse->pieces[piece];
	bool fine;

	if (piece == parse->count)
		return at == parsing->text.length || parse->pieces[piece - 1].star;
	if (here->text.text != NULL)
		return parsing->text.length - at >= here->text.length &&
			memcmp(parsing->text.text + at, here->text.text, here->text.length) == 0 &&
			match(parsing, piece + 1, at + here->text.length);
	if (here->star && piece + 1 == parse->count)
		return true;
	/* What a star or a text column could not be followed by from here, it cannot be from further on. */
	if (at >= parsing->failed[piece])
		return false;
	fine = here->star ? match_up_to(parsing, piece, at) : match_column(parsing, piece, at);
	if (!fine && (here->star || here->type == KQL_STRING))
		parsing->failed[piece] = MIN(parsing->failed[piece], at);
	return fine;
}

static bool match_regex(struct parsing *parsing)
{
	const struct kql_parse *parse = parsing->parse;
	struct kql_matcher *matcher = kql_context_matcher(&parsing->context);

	if (!kql_context_search(&parsing->context, parse->regex, parsing->text, 0))
		return false;
	for (size_t n = 0; n < parse->count; n++) {
		size_t start = 0, end = 0;

		if (parse->pieces[n].name == NULL)
			continue;
		if (!kql_matcher_group(matcher, parse->pieces[n].groups, &start, &end))
			start = end = 0;
		if (!fits(parsing, n, start, end))
			return false;
	}
	return true;
}

static bool match_text(struct parsing *parsing)
{
	parsing->steps = 0;
	if (parsing->parse->kind == KQL_PARSE_REGEX)
		return match_regex(parsing);
	for (size_t n = 0; n < parsing->parse->count; n++)
		parsing->failed[n] = SIZE_MAX;
	if (match(parsing, 0, 0))
		return true;
	if (parsing->steps > STEPS_LIMIT)
		parsing->context.failure = "a pattern of parse takes too many steps";
	return false;
}

static bool store(struct parsing *parsing, bool matched)
{
	for (size_t n = 0; n < parsing->parse->count; n++) {
		const struct kql_parse_piece *piece = &parsing->parse->pieces[n];
		struct kql_value value;

		if (piece->name == NULL)
			continue;
		value = matched ? value_of(parsing, piece, parsing->found[n]) : kql_null(piece->type);
		kql_value_store(parsing->columns[n], &value);
		if (!kql_runner_charge(parsing->runner, 8 + (kql_type_is_text(piece->type) ? value.length : 0)))
			return false;
	}
	return true;
}

static bool parse_rows(struct parsing *parsing, const struct kql_vector *source, enum kql_type type, size_t rows,
	uint32_t *kept, size_t *count)
{
	for (size_t row = 0; row < rows; row++) {
		struct kql_value value;
		bool matched;

		kql_arena_reset(&parsing->context.arena);
		value = kql_vector_value(source, type, row, &parsing->context.arena);
		parsing->text = kql_value_text(&parsing->context.arena, &value);
		matched = match_text(parsing);
		if (parsing->context.failure != NULL)
			return error_set(parsing->runner->error, ERROR_FAILED, "the query cannot be computed: %s",
				parsing->context.failure);
		if (!kql_runner_turn(parsing->runner))
			return false;
		if (!matched && parsing->parse->where)
			continue;
		if (!store(parsing, matched))
			return false;
		kept[(*count)++] = (uint32_t)row;
	}
	return true;
}

struct kql_relation *kql_run_parse(struct kql_runner *runner, const struct kql_step *step, const struct kql_relation *from)
{
	const struct kql_parse *parse = step->parse;
	struct parsing parsing = { .runner = runner, .parse = parse, .context = { .now_ticks = runner->now_ticks } };
	struct kql_vector source = { NULL, NULL };
	uint32_t *kept = kql_runner_index(runner, from->rows);
	const struct kql_relation *picked;
	struct kql_relation *to;
	size_t count = 0;
	bool fine = kql_relation_compute(runner, from, step->node, step->node->type, "source", &source);

	parsing.found = kql_arena_zero(&runner->arena, (parse->count + 1) * sizeof *parsing.found);
	parsing.failed = kql_arena_zero(&runner->arena, (parse->count + 1) * sizeof *parsing.failed);
	parsing.columns = kql_arena_zero(&runner->arena, (parse->count + 1) * sizeof *parsing.columns);
	for (size_t n = 0; n < parse->count; n++)
		if (parse->pieces[n].name != NULL)
			parsing.columns[n] = kql_runner_column(runner, parse->pieces[n].name, parse->pieces[n].type);
	fine = fine && parse_rows(&parsing, &source, step->node->type, from->rows, kept, &count);
	kql_context_clear(&parsing.context);
	if (!fine)
		return NULL;
	picked = parse->where ? kql_relation_pick(runner, from, kept, count) : from;
	if (picked == NULL)
		return NULL;
	to = kql_relation_new(runner, step->fields, step->field_count, count);
	memcpy(to->vectors, picked->vectors, picked->count * sizeof *to->vectors);
	for (size_t n = 0; n < parse->count; n++)
		if (parse->pieces[n].name != NULL)
			to->vectors[parse->pieces[n].column] = (struct kql_vector){ parsing.columns[n], NULL };
	return to;
}
