/* parse-kv: keys and values out of texts. */
#include "config.h"
#include "kql/relation.h"

#include <string.h>

struct pairs {
	struct kql_runner *runner;
	const struct kql_parse_kv *kv;
	struct kql_context context;
	struct kql_slice text;
	struct kql_slice *found; /* by column; no text: the key is not there */
};

static struct kql_slice strip(struct kql_slice text)
{
	while (text.length != 0 && g_ascii_isspace(text.text[0])) {
		text.text++;
		text.length--;
	}
	while (text.length != 0 && g_ascii_isspace(text.text[text.length - 1]))
		text.length--;
	return text;
}

/* The first value of a key counts. */
static void keep(struct pairs *pairs, struct kql_slice key, struct kql_slice value)
{
	key = strip(key);
	for (size_t n = 0; n < pairs->kv->count; n++)
		if (pairs->found[n].text == NULL && strlen(pairs->kv->columns[n].name) == key.length &&
			memcmp(pairs->kv->columns[n].name, key.text, key.length) == 0)
			pairs->found[n] = strip(value);
}

/* The quote that opens at a place, or NULL. */
static const char *quote_at(const struct pairs *pairs, size_t at)
{
	for (size_t n = 0; n < pairs->kv->quote_count && at < pairs->text.length; n++)
		if (pairs->kv->quotes[n][0] == pairs->text.text[at])
			return pairs->kv->quotes[n];
	return NULL;
}

/* A quoted text; *at moves behind it. False if the quote is not closed. */
static bool quoted(struct pairs *pairs, size_t *at, const char *quote, struct kql_slice *value)
{
	AUTO(g_string) GString *out = g_string_new(NULL);
	char close = quote[1] != '\0' ? quote[1] : quote[0];
	char escape = pairs->kv->escape.length != 0 ? pairs->kv->escape.text[0] : '\0';

	for (size_t n = *at + 1; n < pairs->text.length; n++) {
		char c = pairs->text.text[n];

		if (escape != '\0' && c == escape && n + 1 < pairs->text.length) {
			g_string_append_c(out, pairs->text.text[++n]);
		} else if (c == close) {
			*value = (struct kql_slice){ kql_arena_copy(&pairs->context.arena, out->str, out->len), out->len };
			*at = n + 1;
			return true;
		} else {
			g_string_append_c(out, c);
		}
	}
	return false;
}

static size_t find(const struct pairs *pairs, size_t from, struct kql_slice needle)
{
	const char *place = needle.length != 0 ? kql_find(pairs->text, from, needle) : NULL;

	return place != NULL ? (size_t)(place - pairs->text.text) : pairs->text.length;
}

/* Greedy: a value goes on to the pair delimiter behind which the next key stands. */
static size_t greedy_end(const struct pairs *pairs, size_t at)
{
	const struct kql_parse_kv *kv = pairs->kv;
	size_t next = find(pairs, at, kv->kv), end = pairs->text.length, from = at;

	if (next == pairs->text.length)
		return next;
	while (from < next) {
		size_t place = find(pairs, from, kv->pair);

		if (place >= next)
			break;
		end = place;
		from = place + kv->pair.length;
	}
	return end;
}

static void read_delimited(struct pairs *pairs)
{
	const struct kql_parse_kv *kv = pairs->kv;
	size_t at = 0;

	while (at < pairs->text.length) {
		struct kql_slice key, value;
		const char *quote;
		size_t end;

		while (at < pairs->text.length && g_ascii_isspace(pairs->text.text[at]))
			at++;
		quote = quote_at(pairs, at);
		if (quote == NULL || !quoted(pairs, &at, quote, &key)) {
			end = find(pairs, at, kv->kv);
			key = (struct kql_slice){ pairs->text.text + at, end - at };
			/* What is no pair is passed over. */
			if (find(pairs, at, kv->pair) < end) {
				at = find(pairs, at, kv->pair) + kv->pair.length;
				continue;
			}
			at = end;
		}
		at = find(pairs, at, kv->kv) + kv->kv.length;
		if (at > pairs->text.length)
			return;
		quote = quote_at(pairs, at);
		if (quote == NULL || !quoted(pairs, &at, quote, &value)) {
			end = kv->greedy ? greedy_end(pairs, at) : find(pairs, at, kv->pair);
			value = (struct kql_slice){ pairs->text.text + at, end - at };
			at = end;
		}
		keep(pairs, key, value);
		at = find(pairs, at, kv->pair) + kv->pair.length;
	}
}

static bool is_word(const struct pairs *pairs, size_t at)
{
	return g_ascii_isalnum(pairs->text.text[at]) || (unsigned char)pairs->text.text[at] >= 0x80;
}

/* Without delimiters: words, where what is not alphanumeric parts them; a wanted key's value is the word behind it. */
static void read_words(struct pairs *pairs)
{
	struct kql_slice before = { NULL, 0 };
	size_t at = 0;

	while (at < pairs->text.length) {
		const char *quote = quote_at(pairs, at);
		struct kql_slice word;
		size_t start = at;

		if (quote != NULL && quoted(pairs, &at, quote, &word)) {
			;
		} else if (!is_word(pairs, at)) {
			at++;
			continue;
		} else {
			while (at < pairs->text.length && is_word(pairs, at))
				at++;
			word = (struct kql_slice){ pairs->text.text + start, at - start };
		}
		if (before.text != NULL)
			keep(pairs, before, word);
		before = word;
	}
}

static void read_regex(struct pairs *pairs)
{
	size_t at = 0, start, end;

	while (at <= pairs->text.length && kql_context_search(&pairs->context, pairs->kv->regex, pairs->text, at)) {
		struct kql_matcher *matcher = kql_context_matcher(&pairs->context);
		struct kql_slice key = { "", 0 }, value = { "", 0 };

		if (kql_matcher_group(matcher, 1, &start, &end))
			key = (struct kql_slice){ pairs->text.text + start, end - start };
		if (kql_matcher_group(matcher, 2, &start, &end))
			value = (struct kql_slice){ pairs->text.text + start, end - start };
		keep(pairs, key, value);
		if (!kql_matcher_group(matcher, 0, &start, &end))
			return;
		at = end > at ? end : at + 1;
		while (at < pairs->text.length && ((unsigned char)pairs->text.text[at] & 0xC0) == 0x80)
			at++;
	}
}

static bool read_rows(struct pairs *pairs, const struct kql_vector *source, enum kql_type type, size_t rows,
	struct column *const *columns)
{
	const struct kql_parse_kv *kv = pairs->kv;

	for (size_t row = 0; row < rows; row++) {
		struct kql_value value;

		kql_arena_reset(&pairs->context.arena);
		value = kql_vector_value(source, type, row, &pairs->context.arena);
		pairs->text = kql_value_text(&pairs->context.arena, &value);
		memset(pairs->found, 0, kv->count * sizeof *pairs->found);
		if (kv->regex != NULL)
			read_regex(pairs);
		else if (kv->kv.length != 0 && kv->pair.length != 0)
			read_delimited(pairs);
		else
			read_words(pairs);
		if (pairs->context.failure != NULL)
			return error_set(pairs->runner->error, ERROR_FAILED, "the query cannot be computed: %s",
				pairs->context.failure);
		for (size_t n = 0; n < kv->count; n++) {
			struct kql_value text = kql_text(KQL_STRING, pairs->found[n].text, pairs->found[n].length), cast;

			cast = pairs->found[n].text == NULL ? kql_null(kv->columns[n].type) :
				kql_value_cast(&pairs->context.arena, &text, kv->columns[n].type);
			kql_value_store(columns[n], &cast);
			if (!kql_runner_charge(pairs->runner, 8 + (kql_type_is_text(cast.type) ? cast.length : 0)))
				return false;
		}
		if (!kql_runner_turn(pairs->runner))
			return false;
	}
	return true;
}

struct kql_relation *kql_run_parse_kv(struct kql_runner *runner, const struct kql_step *step,
	const struct kql_relation *from)
{
	const struct kql_parse_kv *kv = step->parse_kv;
	struct pairs pairs = { .runner = runner, .kv = kv, .context = { .now_ticks = runner->now_ticks } };
	struct column **columns = kql_arena_zero(&runner->arena, (kv->count + 1) * sizeof *columns);
	struct kql_vector source = { NULL, NULL };
	struct kql_relation *to;
	bool fine = kql_relation_compute(runner, from, step->node, step->node->type, "source", &source);

	pairs.found = kql_arena_zero(&runner->arena, (kv->count + 1) * sizeof *pairs.found);
	for (size_t n = 0; n < kv->count; n++)
		columns[n] = kql_runner_column(runner, kv->columns[n].name, kv->columns[n].type);
	fine = fine && read_rows(&pairs, &source, step->node->type, from->rows, columns);
	kql_context_clear(&pairs.context);
	if (!fine)
		return NULL;
	to = kql_relation_new(runner, step->fields, step->field_count, from->rows);
	memcpy(to->vectors, from->vectors, from->count * sizeof *to->vectors);
	for (size_t n = 0; n < kv->count; n++)
		to->vectors[kv->columns[n].column] = (struct kql_vector){ columns[n], NULL };
	return to;
}
